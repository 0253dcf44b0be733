//! Where text comes from, and the tree that it becomes: every value knows its place.

use std::fmt;
use std::ops::Range;

use super::mask;

/// Which layer a value comes from, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Built in: `default.toml`.
    Default,
    /// The user's file.
    User,
    /// The project's file.
    Project,
    /// The file of `--config`, in place of the project's.
    File,
    /// An environment variable.
    Environment,
    /// A flag of the command line.
    Flag,
}

impl Layer {
    /// The word that `config show --origin` prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::User => "user",
            Self::Project => "project",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }

    /// Whether its places have lines.
    pub(super) fn has_lines(self) -> bool {
        !matches!(self, Self::Environment | Self::Flag)
    }
}

/// The place that a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// A file's path, a variable's name, or a flag.
    pub name: String,
    /// From 1; 1 where the layer has no lines, 0 for a file that could not be read.
    pub line: usize,
    /// In characters, from 1; as `line` otherwise.
    pub column: usize,
}

/// `project .llmux/config.toml:3:1`, `environment LLMUX_GATE_FAIL_ON`, `flag --fail-on`, `default`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.layer.as_str())?;
        if self.layer != Layer::Default {
            write!(f, " {}", mask::printable(&self.name))?;
        }
        if matches!(self.layer, Layer::User | Layer::Project | Layer::File) && self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}

/// A text that values come from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) layer: Layer,
    /// As in [`Origin::name`].
    pub(super) name: String,
    /// As it was read; [`mask::source`] comes before anybody sees it.
    pub(super) text: String,
    /// Byte offset of each line's start.
    lines: Vec<usize>,
}

impl Source {
    pub(super) fn new(layer: Layer, name: String, text: String) -> Self {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            layer,
            name,
            text,
            lines,
        }
    }

    /// Number of the line that holds the byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    /// The line of that number with its start, without its line end.
    pub(super) fn line_text(&self, number: usize) -> (usize, &str) {
        let start = self
            .lines
            .get(number.saturating_sub(1))
            .copied()
            .unwrap_or(self.text.len());
        let end = self.lines.get(number).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or("");
        (start, text.trim_end_matches(['\n', '\r']))
    }

    pub(super) fn origin(&self, at: usize) -> Origin {
        let line = self.line(at);
        let (start, text) = self.line_text(line);
        let before = text.get(..at.saturating_sub(start)).unwrap_or(text);
        Origin {
            layer: self.layer,
            name: self.name.clone(),
            line,
            column: before.chars().count() + 1,
        }
    }
}

/// Bytes of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Index among the sources.
    pub(super) source: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Place {
    pub(super) fn new(source: usize, span: Range<usize>) -> Self {
        Self {
            source,
            start: span.start,
            end: span.end,
        }
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Of the key; of the value in a list.
    pub(super) key: Place,
    /// Of the value.
    pub(super) at: Place,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    /// In the order of writing.
    Table(Vec<(String, Node)>),
    /// Already complained about: there, and not known.
    Bad,
}

impl Value {
    /// The word for a value of this kind.
    pub(super) fn kind_name(&self) -> &'static str {
        match self {
            Self::Flag(_) => "a boolean",
            Self::Whole(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Bad => "a broken value",
        }
    }
}

impl Node {
    pub(super) fn table(at: Place) -> Self {
        Self {
            key: at,
            at,
            value: Value::Table(Vec::new()),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, node)| node)
    }

    /// Empty where this is no table.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// Empty where this is no list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The node under a path of names.
    pub(super) fn find<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |node, name| node.get(name.as_ref()))
    }

    /// Puts `over` on top: tables merge by key, everything else is replaced.
    pub(super) fn merge(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Table(below), Value::Table(above)) => {
                for (name, node) in above {
                    match below.iter_mut().find(|(key, _)| *key == name) {
                        Some((_, old)) => old.merge(node),
                        None => below.push((name, node)),
                    }
                }
                self.key = over.key;
                self.at = over.at;
            }
            (_, value) => {
                *self = Self {
                    key: over.key,
                    at: over.at,
                    value,
                }
            }
        }
    }

    /// The value without its places; what is broken is left out.
    pub(super) fn to_toml(&self) -> Option<toml::Value> {
        Some(match &self.value {
            Value::Flag(flag) => toml::Value::Boolean(*flag),
            Value::Whole(number) => toml::Value::Integer(*number),
            Value::Number(number) => toml::Value::Float(*number),
            Value::Text(text) => toml::Value::String(text.clone()),
            Value::List(items) => {
                toml::Value::Array(items.iter().filter_map(Self::to_toml).collect())
            }
            Value::Table(entries) => toml::Value::Table(
                entries
                    .iter()
                    .filter_map(|(name, node)| Some((name.clone(), node.to_toml()?)))
                    .collect(),
            ),
            Value::Bad => return None,
        })
    }
}

/// A path of names as TOML writes a key.
pub(super) fn dotted<S: AsRef<str>>(path: &[S]) -> String {
    path.iter()
        .map(|name| mask::key(name.as_ref()))
        .collect::<Vec<_>>()
        .join(".")
}
