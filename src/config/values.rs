//! Single values against their kind.

use std::time::Duration;

use globset::Glob;
use serde::Deserialize as _;

use super::keys::{FORMATS, Kind};
use super::mask;
use super::near::did_you_mean;
use super::source::Value;
use crate::units::Threshold;

/// What is wrong with a value.
pub(super) enum Complaint {
    /// The value is of another kind.
    Kind,
    /// The value is of the right kind and wrong.
    Value {
        message: String,
        help: Option<String>,
    },
}

fn wrong(message: impl Into<String>) -> Complaint {
    Complaint::Value {
        message: message.into(),
        help: None,
    }
}

/// Checks a single value.
pub(super) fn scalar(value: &Value, kind: &Kind) -> Result<(), Complaint> {
    match (kind, value) {
        (Kind::Flag, Value::Flag(_)) | (Kind::Text, Value::Text(_)) => Ok(()),
        (Kind::Whole(least, most), Value::Whole(number)) => {
            if (least..=most).contains(&number) {
                Ok(())
            } else if *number > *most {
                Err(wrong(format!("{number} is over the limit of {most}")))
            } else {
                Err(wrong(format!("{number} is too small")))
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "the bounds are small")]
        (Kind::Number(..), Value::Whole(number)) => scalar(&Value::Number(*number as f64), kind),
        (Kind::Number(least, most), Value::Number(number)) => {
            if (least..=most).contains(&number) {
                Ok(())
            } else {
                Err(wrong(format!("{number} is out of range")))
            }
        }
        (Kind::Threshold, Value::Whole(_) | Value::Number(_) | Value::Text(_)) => threshold(value),
        (Kind::Duration, Value::Whole(_)) => duration(value),
        (Kind::Size, Value::Whole(_)) => size(value),
        (_, Value::Text(text)) => written(text, kind, value),
        _ => Err(Complaint::Kind),
    }
}

/// Checks text that has a form.
fn written(text: &str, kind: &Kind, value: &Value) -> Result<(), Complaint> {
    let sound = |sound: bool, complaint: &dyn Fn() -> Complaint| {
        if sound { Ok(()) } else { Err(complaint()) }
    };
    match kind {
        Kind::Duration => duration(value),
        Kind::Size => size(value),
        Kind::StoreUrl => store_url(text),
        Kind::KeyReference => key_reference(text),
        Kind::Url => url(text),
        Kind::Output => output(text),
        Kind::Word(words) => sound(words.contains(&text), &|| Complaint::Value {
            message: format!("unknown word {}", mask::quoted(text)),
            help: did_you_mean(text, words.iter().copied()),
        }),
        Kind::Glob => Glob::new(text).map(drop).map_err(|error| {
            wrong(format!(
                "{} is no glob: {}",
                mask::quoted(text),
                error.kind()
            ))
        }),
        Kind::ProjectPath => sound(inside_project(text), &|| {
            wrong(mask::quoted(text) + " is not inside the project")
        }),
        // What is no name may be `NAME=value` with a key in it.
        Kind::Variable => sound(is_variable(text), &|| Complaint::Value {
            message: "this is not the name of a variable (the value is not shown)".to_owned(),
            help: Some("write the name alone; the program gets its value".to_owned()),
        }),
        _ => Err(Complaint::Kind),
    }
}

fn threshold(value: &Value) -> Result<(), Complaint> {
    let (value, shown) = plain(value).ok_or(Complaint::Kind)?;
    Threshold::deserialize(value).map(drop).map_err(|_| {
        let is_probability = shown.trim_start().starts_with(['p', 'P']);
        Complaint::Value {
            message: mask::quoted(&shown) + " is no threshold",
            help: is_probability.then(|| {
                "a probability is written \"p>=0.5\", with a number above 0 and up to 1".to_owned()
            }),
        }
    })
}

fn duration(value: &Value) -> Result<(), Complaint> {
    let (value, shown) = plain(value).ok_or(Complaint::Kind)?;
    match crate::units::duration::deserialize(value) {
        Ok(Duration::ZERO) => Err(wrong("zero is no limit")),
        Ok(_) => Ok(()),
        Err(_) => Err(wrong(mask::quoted(&shown) + " is no duration")),
    }
}

fn size(value: &Value) -> Result<(), Complaint> {
    let (value, shown) = plain(value).ok_or(Complaint::Kind)?;
    match crate::units::size::deserialize(value) {
        Ok(0) => Err(wrong("zero holds nothing")),
        Ok(_) => Ok(()),
        Err(_) => Err(wrong(mask::quoted(&shown) + " is no size")),
    }
}

/// A password would stand in a file that others read.
fn store_url(text: &str) -> Result<(), Complaint> {
    let rest = text
        .strip_prefix("postgres://")
        .or_else(|| text.strip_prefix("postgresql://"));
    let Some(rest) = rest else {
        return key_reference(text);
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    if user.is_some_and(|user| user.contains(':')) || rest.contains("password=") {
        return Err(Complaint::Value {
            message: "this URL holds a password (the value is not shown)".to_owned(),
            help: Some("put the URL into a variable and write \"${NAME}\"".to_owned()),
        });
    }
    Ok(())
}

/// The value for serde, and as a message shows it.
fn plain(value: &Value) -> Option<(toml::Value, String)> {
    match value {
        Value::Whole(number) => Some(((*number).into(), number.to_string())),
        Value::Number(number) => Some(((*number).into(), number.to_string())),
        Value::Text(text) => Some((text.as_str().into(), text.clone())),
        _ => None,
    }
}

/// The variable's name in `${NAME}`.
pub(super) fn referenced(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    is_variable(name).then_some(name)
}

fn is_variable(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn key_reference(text: &str) -> Result<(), Complaint> {
    if referenced(text).is_some() {
        return Ok(());
    }
    Err(Complaint::Value {
        message: "a key does not belong in configuration (it is not shown)".to_owned(),
        help: Some(
            "put the key into an environment variable and name that: api_key = \"${NAME}\"; \
             if this was a key, replace it at its provider"
                .to_owned(),
        ),
    })
}

/// Whether text is meant as a URL.
pub(super) fn is_url(text: &str) -> bool {
    let head = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    head.starts_with("http://") || head.starts_with("https://")
}

/// Whether a URL holds a name or password.
pub(super) fn has_login(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        host.contains('@')
    })
}

fn url(text: &str) -> Result<(), Complaint> {
    if has_login(text) {
        return Err(Complaint::Value {
            message: "a login does not belong in a URL (it is not shown)".to_owned(),
            help: Some("name the variable that holds the key: api_key = \"${NAME}\"".to_owned()),
        });
    }
    let host = text.split_once("://").map_or("", |(_, rest)| rest);
    if is_url(text) && !host.is_empty() && !host.starts_with(['/', ':', '?', '#']) {
        Ok(())
    } else {
        Err(wrong(mask::quoted(text) + " is no such URL"))
    }
}

/// Whether a path stays in the project's folder, by its letters.
fn inside_project(text: &str) -> bool {
    let drive = text.as_bytes().get(1) == Some(&b':');
    let rooted = text.starts_with(['/', '\\']) || drive;
    !text.is_empty() && !rooted && text.split(['/', '\\']).all(|part| part != "..")
}

fn output(text: &str) -> Result<(), Complaint> {
    let (format, path) = match text.split_once('=') {
        Some((format, path)) => (format, Some(path)),
        None => (text, None),
    };
    if !FORMATS.contains(&format) {
        return Err(Complaint::Value {
            message: format!("{} is no report format", mask::quoted(format)),
            help: did_you_mean(format, FORMATS.iter().copied()),
        });
    }
    if path.is_none_or(inside_project) {
        Ok(())
    } else {
        Err(wrong("the path leaves the project"))
    }
}
