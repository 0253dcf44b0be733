//! `llmux config schema`: the table of keys as JSON Schema, for editors.
//!
//! Draft 7, which the TOML extensions of editors read. What depends on other keys, and whether a
//! glob is one, only `llmux` itself checks.

use serde_json::{Map, Value, json};

use super::super::keys::{FORMATS, Kind};
use super::Entry;

/// A number of a threshold, a size or a duration.
const NUMBER: &str = r"([0-9]+\.?[0-9]*|\.[0-9]+)";
const VARIABLE: &str = "[A-Za-z_][A-Za-z0-9_]*";
/// What no part of a path may be, and how none may start.
const INSIDE: &str = r"(?![/\\])(?![\x00-\x7f]:)(?!([\s\S]*[/\\])?\.\.([/\\]|$))[\s\S]+";

/// The schema of a configuration file, as pretty JSON with a line end.
pub fn schema() -> String {
    let mut root = Map::new();
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!("Configuration of llmux"));
    root.insert(
        "description".to_owned(),
        json!(
            "For .llmux/config.toml and the user's config.toml; written by `llmux config schema`"
        ),
    );
    root.extend(of_entry(&Entry::root()));
    format!("{:#}\n", Value::Object(root))
}

fn of_entry(entry: &Entry) -> Map<String, Value> {
    let mut schema = Map::new();
    if !entry.text.is_empty() {
        schema.insert("description".to_owned(), json!(entry.text));
    }
    schema.extend(of_kind(entry));
    if !entry.is_table()
        && let Some(value) = entry.value.as_ref().and_then(super::Node::to_toml)
    {
        let value = serde_json::to_value(value).unwrap_or_default();
        if entry.has_default {
            schema.insert("default".to_owned(), value);
        } else {
            schema.insert("examples".to_owned(), json!([value]));
        }
    }
    schema
}

fn of_kind(entry: &Entry) -> Map<String, Value> {
    let schema = match entry.kind {
        Kind::Table(_) => {
            let children = entry.children.iter();
            let properties: Map<_, _> = children
                .map(|child| (child.name().to_owned(), of_entry(child).into()))
                .collect();
            json!({"type": "object", "properties": properties, "additionalProperties": false})
        }
        Kind::Named(_) => json!({
            "type": "object",
            "propertyNames": {"pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"},
            "additionalProperties": entry.children.first().map(of_entry),
        }),
        leaf => of_value(leaf),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn of_value(kind: &Kind) -> Value {
    match kind {
        // Tables are of entries, not of values.
        Kind::Table(_) | Kind::Named(_) => json!({"type": "object"}),
        Kind::List(item) => json!({"type": "array", "items": of_value(item)}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Whole(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Number(least, most) => json!({"type": "number", "minimum": least, "maximum": most}),
        Kind::Text | Kind::Glob => json!({"type": "string"}),
        Kind::Word(words) => json!({"enum": words}),
        Kind::Duration => number_or(&json!({"type": "integer", "minimum": 1}), &duration()),
        Kind::Size => number_or(&json!({"type": "integer", "minimum": 1}), &size()),
        Kind::Threshold => number_or(
            &json!({"type": "number", "exclusiveMinimum": 0}),
            &threshold(),
        ),
        Kind::ProjectPath => text(INSIDE),
        Kind::Url => text("[Hh][Tt][Tt][Pp][Ss]?://[^/:?#@][^/?#@]*([/?#][\\s\\S]*)?"),
        Kind::Variable => text(VARIABLE),
        Kind::KeyReference => text(&reference()),
        Kind::StoreUrl => text(&format!(
            r"({}|postgres(ql)?://(?![^/?]*:[^/?]*@)(?![\s\S]*password=)[\s\S]*)",
            reference()
        )),
        Kind::Output => text(&format!("({})(={INSIDE})?", FORMATS.join("|"))),
    }
}

/// `${NAME}`
fn reference() -> String {
    format!(r"\$\{{{VARIABLE}\}}")
}

/// `1h 30m`, with the units that `humantime` reads.
fn duration() -> String {
    let units = "nanos|nsec|ns|usec|us|µs|micros|millis|msec|ms|seconds|second|secs|sec|s\
                 |minutes|minute|mins|min|m|hours|hour|hrs|hr|h|days|day|d|weeks|week|wks|wk|w\
                 |months|month|M|years|year|yrs|yr|y";
    // Blanks may stand anywhere but within a unit; zero is no limit.
    format!(r"(?=[\s\S]*[1-9])\s*([0-9][0-9\s]*(\.[0-9\s]*[0-9][0-9\s]*)?({units})\s*)+")
}

/// `512MB`, with the units that `bytesize` reads.
fn size() -> String {
    let units = "[Bb]|[KkMmGgTtPpEe]([Ii]?[Bb]?)";
    format!(r"(?=[\s\S]*[1-9]){NUMBER}\s*({units})|\+?0*[1-9][0-9]*")
}

/// `50%`, `auto`, `2`, `p>=0.5`
fn threshold() -> String {
    let number = format!(r"\+?{NUMBER}([Ee][+-]?[0-9]+)?");
    format!(r"(auto|\s*{number}\s*%|{number}|\s*p\s*>=\s*[0-9]+\.?[0-9]*([Ee][+-]?[0-9]+)?\s*)")
}

fn text(pattern: &str) -> Value {
    json!({"type": "string", "pattern": format!("^{pattern}$")})
}

fn number_or(number: &Value, pattern: &str) -> Value {
    json!({"anyOf": [number, text(&format!("({pattern})"))]})
}
