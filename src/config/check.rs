//! A layer against the table of keys: unknown keys, wrong kinds, values out of bounds.

use super::errors::Draft;
use super::keys::{Key, Kind, ROOT};
use super::mask;
use super::near::{did_you_mean, nearest};
use super::source::{Node, Value, dotted};
use super::values::{Complaint, scalar};

/// Checks a layer. What is wrong is complained about once and marked bad; unknown keys go.
pub(super) fn layer(root: &mut Node, drafts: &mut Vec<Draft>) {
    Checker {
        path: Vec::new(),
        drafts,
    }
    .node(root, &ROOT);
}

struct Checker<'a> {
    path: Vec<String>,
    drafts: &'a mut Vec<Draft>,
}

impl Checker<'_> {
    fn node(&mut self, node: &mut Node, kind: &'static Kind) {
        match (&mut node.value, kind) {
            (Value::Bad, _) => {}
            (Value::Table(entries), Kind::Table(_) | Kind::Named(_)) => {
                entries.retain_mut(|(name, child)| self.entry(name, child, kind));
                // A misspelt key may stand beside the right one, which must be found first.
                entries.sort_by_key(|(_, child)| matches!(child.value, Value::Bad));
            }
            (Value::List(items), Kind::List(item_kind)) => {
                for item in items {
                    self.node(item, item_kind);
                }
            }
            (value, kind) => {
                if let Err(complaint) = scalar(value, kind) {
                    self.complain(node, kind, complaint);
                    node.value = Value::Bad;
                }
            }
        }
    }

    /// Whether the entry may stay. A misspelt one stays under the name that was meant, so that
    /// nobody complains that it is missing.
    fn entry(&mut self, name: &mut String, child: &mut Node, kind: &'static Kind) -> bool {
        self.path.push(name.clone());
        let known = match kind.child(name) {
            Some(_) if name.is_empty() || name.chars().any(char::is_control) => {
                let message = format!("{} cannot be a name", mask::string(name));
                let draft = Draft::new(dotted(&self.path), child.key, message);
                self.drafts
                    .push(draft.expected("a name without control characters"));
                false
            }
            Some(kind) => {
                self.node(child, kind);
                true
            }
            None => {
                self.unknown(name, child, kind);
                let meant = kind.names().and_then(|names| nearest(name, names));
                if let Some(meant) = meant {
                    meant.clone_into(name);
                    child.value = Value::Bad;
                }
                meant.is_some()
            }
        };
        self.path.pop();
        known
    }

    fn unknown(&mut self, name: &str, child: &Node, kind: &'static Kind) {
        let Kind::Table(keys) = kind else { return };
        let parent = &self.path[..self.path.len() - 1];
        let (what, place) = match (parent.is_empty(), &child.value) {
            (true, Value::Table(_)) => ("table", String::new()),
            (true, _) => ("key", String::new()),
            (false, _) => ("key", format!(" in `[{}]`", dotted(parent))),
        };
        let help = did_you_mean(name, keys.iter().map(|key| key.name))
            .or_else(|| elsewhere(name))
            .or_else(|| misplaced(name, parent));
        let names: Vec<_> = keys.iter().map(|key| key.name).collect();
        let draft = Draft::new(
            dotted(&self.path),
            child.key,
            format!("unknown {what} {}{place}", mask::quoted(name)),
        );
        self.drafts.push(draft.expected(one_of(&names)).help(help));
    }

    fn complain(&mut self, node: &Node, kind: &'static Kind, complaint: Complaint) {
        let key = dotted(&self.path);
        let draft = match complaint {
            Complaint::Kind => Draft::new(
                &key,
                node.at,
                format!("`{key}` is {}", node.value.kind_name()),
            )
            .expected(kind.expected()),
            Complaint::Value { message, help } => {
                Draft::new(&key, node.at, format!("`{key}`: {message}"))
                    .expected(kind.expected())
                    .help(help)
            }
        };
        self.drafts.push(draft);
    }
}

/// "one of a, b, c", or "a".
fn one_of(names: &[&str]) -> String {
    match names {
        [one] => format!("`{one}`"),
        many => format!("one of {}", many.join(", ")),
    }
}

/// The section of the top level that knows the key, if exactly one does.
fn elsewhere(name: &str) -> Option<String> {
    let Kind::Table(sections) = ROOT else {
        return None;
    };
    let mut found = sections.iter().filter_map(|section| match &section.kind {
        Kind::Table(keys) => {
            let names = keys.iter().map(|key: &Key| key.name);
            nearest(name, names).map(|key| (section.name, key))
        }
        _ => None,
    });
    match (found.next(), found.next()) {
        (Some((section, key)), None) => Some(format!("did you mean `{section}.{key}`?")),
        _ => None,
    }
}

/// What people write at the top who mean a backend, a role or a team.
fn misplaced(name: &str, parent: &[String]) -> Option<String> {
    let Kind::Table(sections) = ROOT else {
        return None;
    };
    let of_named = |section: &Key| match &section.kind {
        Kind::Named(kind) => kind.child(name).is_some(),
        _ => false,
    };
    let section = sections.iter().find(|section| of_named(section))?;
    parent
        .is_empty()
        .then(|| format!("it stands under a name: `[{}.NAME]`", section.name))
}
