//! What is told of configuration to editors and people, from the two places that decide it: the
//! table of keys, which checks, and `default.toml`, which explains and has the defaults.

mod reference;
mod schema;

pub use reference::{plain as markdown_text, reference};
pub use schema::schema;

use super::DEFAULTS;
use super::keys::{Key, Kind, ROOT};
use super::parse;
use super::source::{Layer, Node, Source};

/// A name of the user's in a path: `[backends.NAME]`.
const ANY_NAME: &str = "NAME";

/// A key with all that is known of it.
struct Entry {
    /// The names from the top, [`ANY_NAME`] for those of the user's.
    path: Vec<String>,
    kind: &'static Kind,
    /// What `default.toml` says of it, as one paragraph; empty where it says nothing.
    text: String,
    /// The value there: its default, or an example where it has none.
    value: Option<Node>,
    has_default: bool,
    /// Keys of a table; of the user's names the one [`ANY_NAME`].
    children: Vec<Entry>,
}

impl Entry {
    /// The whole configuration.
    fn root() -> Self {
        let manual = Manual::read();
        manual.entry(Vec::new(), &ROOT, Some(&manual.document))
    }

    fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    fn is_table(&self) -> bool {
        matches!(self.kind, Kind::Table(_) | Kind::Named(_))
    }
}

/// `default.toml` with its commented keys as if they were not.
struct Manual {
    source: Source,
    document: Node,
}

impl Manual {
    fn read() -> Self {
        // A blank in place of each `#` keeps every place.
        let plain: Vec<_> = DEFAULTS
            .split('\n')
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if is_key(rest) => format!(" {rest}"),
                _ => line.to_owned(),
            })
            .collect();
        let (document, _) = parse::document(0, &plain.join("\n"), &mut Vec::new());
        let source = Source::new(
            Layer::Default,
            "default.toml".to_owned(),
            DEFAULTS.to_owned(),
        );
        Self { source, document }
    }

    fn entry(&self, path: Vec<String>, kind: &'static Kind, node: Option<&Node>) -> Entry {
        let below = |name: &str| {
            let mut path = path.clone();
            path.push(name.to_owned());
            path
        };
        let mut children = match kind {
            Kind::Table(keys) => keys
                .iter()
                .map(|Key { name, kind }| {
                    self.entry(below(name), kind, node.and_then(|node| node.get(name)))
                })
                .collect(),
            Kind::Named(inner) => {
                let examples = node.map_or(&[][..], Node::entries).iter();
                let mut examples = examples.map(|(_, node)| node);
                let example = examples.find(|node| !self.is_in_force(node));
                vec![self.entry(below(ANY_NAME), inner, example)]
            }
            _ => Vec::new(),
        };
        let text = node.map(|node| self.text(node)).unwrap_or_default();
        // `[budget.per_backend.claude]` and `bug = { threshold = 1 }` are one line for two keys.
        let said_above = |child: &mut Entry| {
            if child.text == text {
                child.text.clear();
            }
        };
        children.iter_mut().for_each(said_above);
        Entry {
            text,
            has_default: node.is_some_and(|node| self.is_in_force(node)),
            value: node.cloned(),
            children,
            path,
            kind,
        }
    }

    /// Whether a key is not commented out.
    fn is_in_force(&self, node: &Node) -> bool {
        let line = self.source.line(node.key.start);
        !self.source.line_text(line).1.starts_with('#')
    }

    /// The comment above a key and the one after it; those of the key above where it has none.
    fn text(&self, node: &Node) -> String {
        let mut first = self.source.line(node.key.start);
        let last = if matches!(node.value, super::Value::Table(_)) {
            first
        } else {
            self.source.line(node.at.end)
        };
        let mut text = self.around(first, last);
        while text.is_empty() && first > 1 && is_assignment(self.line(first - 1)) {
            first -= 1;
            text = self.around(first, first);
        }
        text
    }

    fn around(&self, first: usize, last: usize) -> String {
        let mut parts = Vec::from_iter(self.above(first));
        parts.extend(comment_after(self.line(first)).map(str::to_owned));
        if last > first {
            parts.extend(comment_after(self.line(last)).map(str::to_owned));
        }
        let further = (last + 1..).map(|line| self.line(line));
        let further =
            further.map_while(|line| line.trim_start().strip_prefix("# ").zip(Some(line)));
        let indented = further.take_while(|(_, line)| line.starts_with(' '));
        parts.extend(indented.map(|(comment, _)| comment.trim().to_owned()));
        parts.join(" ")
    }

    /// The comment that ends above a line, without a last sentence that only leads over to what
    /// stands below.
    fn above(&self, line: usize) -> Option<String> {
        let lines = (1..line).rev().map(|line| self.line(line));
        let mut comment: Vec<_> = lines.map_while(|line| line.strip_prefix("# ")).collect();
        comment.reverse();
        let text = comment.join(" ");
        let kept = match text.strip_suffix(':') {
            Some(_) => text.rfind(". ").map_or("", |end| &text[..=end]),
            None => text.as_str(),
        };
        (!kept.is_empty()).then(|| kept.to_owned())
    }

    /// Empty after the end.
    fn line(&self, number: usize) -> &str {
        self.source.line_text(number).1
    }
}

/// Whether what follows a `#` is a key or a table and no sentence.
fn is_key(rest: &str) -> bool {
    rest.starts_with(|c: char| c == '[' || c.is_ascii_lowercase())
}

fn is_assignment(line: &str) -> bool {
    let line = line.strip_prefix('#').unwrap_or(line);
    line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ")
}

/// The comment at the end of a line of TOML.
fn comment_after(line: &str) -> Option<&str> {
    let line = line.strip_prefix('#').unwrap_or(line);
    let mut quote = None;
    let at = line.find(|c: char| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        quote.is_none() && c == '#'
    })?;
    let comment = line[at + 1..].trim();
    (!comment.is_empty()).then_some(comment)
}
