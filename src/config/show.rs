//! `llmux config show`, and what is set without effect.

use std::fmt::Write as _;

use super::Loaded;
use super::mask;
use super::source::{Layer, Node, Origin, Value, dotted};

impl Loaded {
    /// The merged configuration as TOML. With `origin` each value is followed by the place
    /// that it comes from; without it the text loads again to the same settings. Text that
    /// looks like a key is masked.
    pub fn show(&self, origin: bool) -> String {
        let mut text = String::new();
        self.write_table(&mut text, &mut Vec::new(), &self.root, origin);
        text
    }

    /// Where the value of a key comes from; `path` are the names from the top:
    /// `["gate", "fail_on"]`. None where the key is not set.
    pub fn origin(&self, path: &[&str]) -> Option<Origin> {
        self.root.find(path).and_then(|node| self.origin_of(node))
    }

    /// One sentence for each key that is set and has no effect in this version.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        let mut notice = |path: &[&str], node: &Node| {
            let origin = self.origin_of(node);
            let origin = origin.map(|origin| format!(" ({origin})"));
            notices.push(format!(
                "`{}`{} is not in force in this version",
                dotted(path),
                origin.unwrap_or_default(),
            ));
        };
        for (name, role) in self.entries("roles") {
            if let Some(node) = role.get("combine")
                && node.text() == Some("synthesize")
            {
                notice(&["roles", name, "combine"], node);
            }
        }
        notices
    }

    fn entries(&self, section: &str) -> &[(String, Node)] {
        self.root.get(section).map_or(&[], Node::entries)
    }

    fn origin_of(&self, node: &Node) -> Option<Origin> {
        let source = self.sources.get(node.key.source)?;
        Some(source.origin(node.key.start))
    }

    fn write_table(&self, text: &mut String, path: &mut Vec<String>, table: &Node, origin: bool) {
        let is_table = |node: &Node| matches!(node.value, Value::Table(_));
        let (tables, values): (Vec<_>, Vec<_>) =
            table.entries().iter().partition(|(_, node)| is_table(node));
        if !path.is_empty() && (!values.is_empty() || tables.is_empty()) {
            if !text.is_empty() {
                text.push('\n');
            }
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(text, "[{}]", dotted(path));
        }
        for (name, node) in values {
            let _ = write!(text, "{} = {}", mask::key(name), inline(node));
            if origin && let Some(origin) = self.origin_of(node) {
                let _ = write!(text, "  # {origin}");
            }
            text.push('\n');
        }
        for (name, node) in tables {
            path.push(name.clone());
            self.write_table(text, path, node, origin);
            path.pop();
        }
    }
}

/// A value on one line.
fn inline(node: &Node) -> String {
    match &node.value {
        Value::Flag(flag) => flag.to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => format!("{number:?}"),
        Value::Text(text) => mask::string(&mask::value(text)),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        // No key takes a table within a list, and what is broken does not load.
        Value::Table(_) | Value::Bad => String::new(),
    }
}

impl Loaded {
    /// Files that values come from, lowest layer first; the built-in one is not among them.
    pub fn files(&self) -> impl Iterator<Item = (Layer, &str)> {
        self.sources
            .iter()
            .filter(|source| source.layer.has_lines() && source.layer != Layer::Default)
            .map(|source| (source.layer, source.name.as_str()))
    }
}
