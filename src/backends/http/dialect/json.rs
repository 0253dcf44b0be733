//! Members of an answer that are of another type than promised cost themselves and not the
//! answer. Nothing is built from what is not wanted: a hostile body of many small values
//! would fill the memory.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::backends::Usage;

/// More US dollars than this for one call are no cost.
const MAX_AMOUNT: f64 = 1e6;
/// Entries of a list.
const MAX_ENTRIES: usize = 4096;

/// A value without values in it.
enum Leaf {
    Text(String),
    Whole(u64),
    Number(f64),
    Flag(bool),
    Other,
}

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(LeafVisitor)
    }
}

struct LeafVisitor;

impl<'de> Visitor<'de> for LeafVisitor {
    type Value = Leaf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_str<E>(self, text: &str) -> Result<Leaf, E> {
        Ok(Leaf::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Leaf, E> {
        Ok(Leaf::Text(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Leaf, E> {
        Ok(Leaf::Whole(number))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Leaf, E> {
        Ok(Leaf::Other)
    }
    fn visit_f64<E>(self, number: f64) -> Result<Leaf, E> {
        Ok(Leaf::Number(number))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Leaf, E> {
        Ok(Leaf::Flag(flag))
    }
    fn visit_unit<E>(self) -> Result<Leaf, E> {
        Ok(Leaf::Other)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Leaf, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Leaf::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Leaf, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Leaf::Other)
    }
}

/// A text.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Leaf::deserialize(from)? {
        Leaf::Text(text) => Some(text),
        _ => None,
    })
}

/// A text, or a whole number as one: codes are both.
pub(super) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Leaf::deserialize(from)? {
        Leaf::Text(text) => Some(text),
        Leaf::Whole(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A text that is a name: what is longer than a name is none.
pub(super) fn name<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let name = text(from)?.filter(|name| !name.is_empty() && name.len() <= 200);
    Ok(name)
}

/// A count of tokens.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "within the bounds that are checked"
    )]
    Ok(match Leaf::deserialize(from)? {
        Leaf::Whole(number) if number <= Usage::MOST => Some(number),
        Leaf::Number(number) if (0.0..=Usage::MOST as f64).contains(&number) => Some(number as u64),
        _ => None,
    })
}

/// An amount of US dollars.
pub(super) fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let number = match Leaf::deserialize(from)? {
        #[expect(clippy::cast_precision_loss, reason = "dollars are few")]
        Leaf::Whole(number) => number as f64,
        Leaf::Number(number) => number,
        _ => return Ok(None),
    };
    Ok((0.0..=MAX_AMOUNT).contains(&number).then_some(number))
}

/// A flag; false where it is something else.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(matches!(Leaf::deserialize(from)?, Leaf::Flag(true)))
}

/// An object; none where it is something else.
pub(super) fn object<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    described(from, |_| None)
}

/// An object, or a text that stands for one; none where it is something else.
pub(super) fn described<'de, D, T>(
    from: D,
    of_text: fn(String) -> Option<T>,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Described<T>(fn(String) -> Option<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Described<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(Some)
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok((self.0)(text.to_owned()))
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    }
    from.deserialize_any(Described(of_text))
}

/// A list, or null for an empty one.
pub(super) fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if list.len() == MAX_ENTRIES {
                    return Err(A::Error::custom(format!("more than {MAX_ENTRIES} entries")));
                }
                list.push(entry);
            }
            Ok(list)
        }
    }
    from.deserialize_any(List(PhantomData))
}

/// Reads one object and nothing after it. (What serde derives would take a list for one.)
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let mut from = serde_json::Deserializer::from_str(text);
    let value = object(&mut from)?;
    from.end()?;
    value.ok_or_else(|| Error::custom("it is no object"))
}
