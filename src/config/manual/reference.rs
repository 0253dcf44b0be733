//! `llmux config reference`: every key in Markdown, for people.

use std::fmt::Write as _;

use super::super::keys::Kind;
use super::super::source::{Node, dotted};
use super::{ANY_NAME, DEFAULTS, Entry};

const HEAD: &str = "\
<!-- Written by `llmux config reference`; a test compares. -->
# Configuration

Every key, what it means, what may stand there and its default. The first layer, `default.toml`, says the \
same in TOML: `llmux config show` prints what is in force, `llmux config show --origin` where it comes from, \
`llmux config schema` a JSON Schema for editors.

";

/// The reference of all keys.
pub fn reference() -> String {
    let root = Entry::root();
    let mut text = HEAD.to_owned();
    text.push_str("```text\n");
    for line in preface() {
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("```\n\nSections: ");
    let sections = root.children.iter();
    let sections: Vec<_> = sections
        .map(|section| format!("[`{0}`](#{0})", section.name()))
        .collect();
    text.push_str(&sections.join(", "));
    text.push_str(".\n");
    for section in &root.children {
        write_table(&mut text, section);
    }
    text
}

/// What `default.toml` says of layers and of writing, in its own lines.
fn preface() -> impl Iterator<Item = &'static str> {
    let head = DEFAULTS.lines().skip(2);
    head.map_while(|line| line.strip_prefix('#'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
}

/// A table's text and keys; tables below come after its values.
fn write_table(text: &mut String, table: &Entry) {
    let name = dotted(&table.path);
    let _ = match table.path.len() {
        1 => write!(text, "\n## {name}\n"),
        _ => write!(text, "\n### `[{name}]`\n"),
    };
    write_paragraph(text, &table.text);
    let (tables, values): (Vec<_>, Vec<_>) =
        table.children.iter().partition(|child| child.is_table());
    for value in values {
        write_value(text, value);
    }
    // Those of which the same is said are told once: the thresholds of categories and severities.
    for alike in tables.chunk_by(|one, other| !one.text.is_empty() && one.text == other.text) {
        match alike {
            [one] => write_table(text, one),
            several => write_alike(text, several),
        }
    }
}

fn write_alike(text: &mut String, tables: &[&Entry]) {
    let names = tables.iter().map(|table| dotted(&table.path));
    let names: Vec<_> = names.map(|name| format!("`[{name}]`")).collect();
    let _ = write!(text, "\n### {}\n", names.join(", "));
    write_paragraph(text, &tables[0].text);
    for value in tables.iter().flat_map(|table| &table.children) {
        write_value(text, value);
    }
}

fn write_value(text: &mut String, entry: &Entry) {
    let _ = write!(text, "\n### `{}`\n", dotted(&entry.path));
    write_paragraph(text, &entry.text);
    let _ = write!(text, "\n- value: {}\n", plain(&entry.kind.expected()));
    let _ = match entry.value.as_ref().and_then(Node::to_toml) {
        Some(value) if entry.has_default => writeln!(text, "- default: `{value}`"),
        Some(value) => writeln!(text, "- no default; for example `{value}`"),
        None => writeln!(text, "- no default"),
    };
    if let Some(variable) = variable(entry) {
        let _ = writeln!(text, "- variable: `{variable}`");
    }
}

/// The variable that sets a key; none for lists, and none where a name of the user's is in it.
fn variable(entry: &Entry) -> Option<String> {
    let is_list = matches!(entry.kind, Kind::List(_));
    let is_fixed = entry.path.iter().all(|name| name != ANY_NAME);
    (!is_list && is_fixed).then(|| {
        let name = entry.path.join("_").replace('-', "_");
        format!("LLMUX_{}", name.to_uppercase())
    })
}

fn write_paragraph(text: &mut String, paragraph: &str) {
    if !paragraph.is_empty() {
        let _ = write!(text, "\n{}\n", plain(paragraph));
    }
}

/// Text for Markdown: what would be read as a tag or as emphasis is escaped; code stays.
pub fn plain(text: &str) -> String {
    let mut code = false;
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        code ^= character == '`';
        if !code && matches!(character, '<' | '*') {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}
