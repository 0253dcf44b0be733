//! TOML text to a tree with places.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::errors::Draft;
use super::source::{Node, Place, Value, dotted};

/// Reads a whole file. The tree holds what could be read; with it come the offsets of what
/// is not TOML.
pub(super) fn document(source: usize, text: &str, drafts: &mut Vec<Draft>) -> (Node, Vec<usize>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut broken = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        broken.push(span.start);
        let message = format!("not valid TOML: {}", error.message());
        drafts.push(Draft::new("", Place::new(source, span), message));
    }
    let mut parser = Parser {
        source,
        path: Vec::new(),
        drafts,
    };
    let at = Place::new(source, 0..0);
    let value = parser.table(table.get_ref());
    (Node { key: at, at, value }, broken)
}

struct Parser<'a> {
    source: usize,
    path: Vec<String>,
    drafts: &'a mut Vec<Draft>,
}

impl Parser<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Value {
        let mut keys: Vec<_> = table.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::with_capacity(keys.len());
        for (key, value) in keys {
            self.path.push(key.get_ref().to_string());
            let node = self.node(Place::new(self.source, key.span()), value);
            self.path.pop();
            entries.push((key.get_ref().to_string(), node));
        }
        Value::Table(entries)
    }

    fn node(&mut self, key: Place, value: &Spanned<DeValue<'_>>) -> Node {
        let at = Place::new(self.source, value.span());
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::Whole(number),
                    Err(_) => self.bad(at, "the number is too large"),
                }
            }
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Number(number),
                _ => self.bad(at, "the number is not finite"),
            },
            DeValue::Datetime(_) => self.bad(at, "no key takes a date or time"),
            DeValue::Array(items) => Value::List(
                items
                    .iter()
                    .map(|item| self.node(Place::new(self.source, item.span()), item))
                    .collect(),
            ),
            DeValue::Table(table) => self.table(table),
        };
        Node { key, at, value }
    }

    fn bad(&mut self, at: Place, message: &str) -> Value {
        let key = dotted(&self.path);
        let message = format!("`{key}`: {message}");
        self.drafts.push(Draft::new(key, at, message));
        Value::Bad
    }
}
