//! Environment variables and flags as layers.

use std::collections::BTreeMap;

use super::errors::Draft;
use super::keys::{Kind, ROOT};
use super::mask;
use super::near::did_you_mean;
use super::source::{Layer, Node, Place, Source, Value, dotted};
use super::{Flag, values};

/// What llmux's own variables start with.
const PREFIX: &str = "LLMUX_";

/// Variables with this prefix that name no key: they are read elsewhere.
pub const RESERVED: &[&str] = &[
    "LLMUX_CACHE_DIR",
    "LLMUX_CONFIG",
    "LLMUX_FORGE_PAUSE_MS",
    "LLMUX_LOG",
];

/// Keys by the name of their variable. More than one under a name: the name is ambiguous.
type Variables = BTreeMap<String, Vec<(Vec<String>, &'static Kind)>>;

/// One layer for each variable, sorted by name. `files` are the layers below, merged: they say
/// which names stand under `backends`, `roles` and `teams`. Where a file could not be read
/// whole, `complete` is false, and a name that nobody knows is no error.
pub(super) fn environment(
    vars: &[(String, String)],
    files: &Node,
    complete: bool,
    sources: &mut Vec<Source>,
    drafts: &mut Vec<Draft>,
) -> Vec<Node> {
    let mut set: Vec<_> = vars
        .iter()
        .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty())
        .filter(|(name, _)| !RESERVED.contains(&name.as_str()))
        .collect();
    if set.is_empty() {
        return Vec::new();
    }
    set.sort();
    let mut known = Variables::new();
    collect(Some(files), &ROOT, &mut Vec::new(), &mut known);
    let passed = passed_on(files);
    let mut layers = Vec::new();
    for (name, value) in set {
        let at = Place::new(sources.len(), name.len() + 1..name.len() + 1 + value.len());
        let whole = Place::new(sources.len(), 0..name.len());
        let keys = known.get(name).map(Vec::as_slice);
        // Nobody knows what a variable without a key holds: its value is not shown.
        let shown = keys.map_or_else(String::new, |_| format!("={value}"));
        let text = format!("{name}{shown}");
        sources.push(Source::new(Layer::Environment, name.clone(), text));
        match keys {
            Some([(path, Kind::List(_))]) => {
                let message = format!("`{}` is a list", dotted(path));
                let draft = Draft::new(dotted(path), whole, message);
                drafts.push(draft.help("set it in a file".to_owned()));
            }
            Some([(path, kind)]) => layers.push(nested(path, from_text(value, kind), whole, at)),
            Some([(first, _), (second, _), ..]) => {
                let message = format!("this could be `{}` or `{}`", dotted(first), dotted(second));
                let draft = Draft::new(dotted(first), whole, message);
                drafts.push(draft.help("set it in a file, or give them other names".to_owned()));
            }
            _ if !complete || passed.contains(&name.as_str()) => {}
            _ => {
                let names = known.keys().map(String::as_str);
                let names = names.chain(RESERVED.iter().copied());
                let message = format!("no key has the variable {}", mask::quoted(name));
                let help = did_you_mean(name, names).unwrap_or_else(|| {
                    "write LLMUX_ and the key in capitals, LLMUX_GATE_FAIL_ON for `gate.fail_on`; \
                     a name under backends, roles or teams must stand in a file"
                        .to_owned()
                });
                drafts.push(Draft::new("", whole, message).help(help));
            }
        }
    }
    layers
}

/// One layer for each flag, in the order given.
pub(super) fn flags(flags: &[Flag], sources: &mut Vec<Source>) -> Vec<Node> {
    flags
        .iter()
        .map(|flag| {
            let shown = match &flag.value {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let text = format!("{} {shown}", flag.name);
            let at = Place::new(sources.len(), flag.name.len() + 1..text.len());
            sources.push(Source::new(Layer::Flag, flag.name.clone(), text));
            let path: Vec<_> = flag.key.split('.').map(str::to_owned).collect();
            nested(&path, from_toml(&flag.value, at), at, at)
        })
        .collect()
}

/// Every key with one value or a list, under the name of its variable.
fn collect(
    node: Option<&Node>,
    kind: &'static Kind,
    path: &mut Vec<String>,
    known: &mut Variables,
) {
    let mut descend = |name: &str, child, kind| {
        path.push(name.to_owned());
        collect(child, kind, path, known);
        path.pop();
    };
    match kind {
        Kind::Table(keys) => {
            for key in *keys {
                let child = node.and_then(|node| node.get(key.name));
                descend(key.name, child, &key.kind);
            }
        }
        Kind::Named(kind) => {
            for (name, child) in node.map_or(&[][..], Node::entries) {
                descend(name, Some(child), kind);
            }
        }
        _ => known
            .entry(variable(path))
            .or_default()
            .push((path.clone(), kind)),
    }
}

/// The variable of a key.
fn variable(path: &[String]) -> String {
    let word = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    PREFIX
        .chars()
        .chain(path.join(".").chars().map(word))
        .collect()
}

/// Variables that the files name themselves: keys and what programs may see.
fn passed_on(files: &Node) -> Vec<&str> {
    let backends = files.get("backends").map_or(&[][..], Node::entries);
    let mut names = Vec::new();
    for (_, backend) in backends {
        let key = backend.get("api_key").and_then(Node::text);
        names.extend(key.and_then(values::referenced));
        let env = backend.get("env").map_or(&[][..], Node::items);
        names.extend(env.iter().filter_map(Node::text));
    }
    names
}

/// A variable's text as the key wants it; what does not fit stays text and is complained about.
fn from_text(text: &str, kind: &Kind) -> Value {
    let whole = || text.parse().ok().map(Value::Whole);
    let value = match kind {
        Kind::Flag => text.parse().ok().map(Value::Flag),
        Kind::Whole(..) | Kind::Duration => whole(),
        Kind::Number(..) => text
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Value::Number),
        _ => None,
    };
    value.unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn from_toml(value: &toml::Value, at: Place) -> Value {
    let node = |value| Node {
        key: at,
        at,
        value: from_toml(value, at),
    };
    match value {
        toml::Value::Boolean(flag) => Value::Flag(*flag),
        toml::Value::Integer(number) => Value::Whole(*number),
        toml::Value::Float(number) => Value::Number(*number),
        toml::Value::String(text) => Value::Text(text.clone()),
        toml::Value::Datetime(time) => Value::Text(time.to_string()),
        toml::Value::Array(items) => Value::List(items.iter().map(node).collect()),
        toml::Value::Table(table) => Value::Table(
            table
                .iter()
                .map(|(name, value)| (name.clone(), node(value)))
                .collect(),
        ),
    }
}

/// A tree with one value.
fn nested(path: &[String], value: Value, key: Place, at: Place) -> Node {
    path.iter()
        .rev()
        .fold(Node { key, at, value }, |inner, name| Node {
            key,
            at,
            value: Value::Table(vec![(name.clone(), inner)]),
        })
}
