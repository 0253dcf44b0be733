//! Bytes of paths and lines in JSON: as text where they are UTF-8, else as numbers.

use bstr::{BString, ByteSlice as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written<'b> {
    Text(std::borrow::Cow<'b, str>),
    Bytes(Vec<u8>),
}

pub(super) fn serialize<S: Serializer>(value: &BString, output: S) -> Result<S::Ok, S::Error> {
    match value.to_str() {
        Ok(text) => Written::Text(text.into()).serialize(output),
        Err(_) => Written::Bytes(value.to_vec()).serialize(output),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<BString, D::Error> {
    Ok(match Written::deserialize(input)? {
        Written::Text(text) => text.into_owned().into(),
        Written::Bytes(bytes) => bytes.into(),
    })
}
