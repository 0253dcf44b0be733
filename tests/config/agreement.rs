//! The table of keys and the stages' serde structs say the same.

use std::collections::BTreeSet;

use llmux::config::keys::{Kind, ROOT};
use llmux::config::{DEFAULTS, Settings};
use regex::Regex;

/// Sets a value in the defaults and says what serde thinks of that.
fn put(path: &[&str], value: toml::Value) -> Result<(), String> {
    let mut root: toml::Table = DEFAULTS.parse().unwrap();
    let (last, parents) = path.split_last().unwrap();
    let mut table = &mut root;
    for name in parents {
        table = table
            .entry(*name)
            .or_insert_with(|| {
                // `price` has keys that must be there.
                let rest: toml::Table = if *name == "price" {
                    "input = 1\noutput = 1".parse().unwrap()
                } else {
                    toml::Table::new()
                };
                rest.into()
            })
            .as_table_mut()
            .unwrap();
    }
    table.insert((*last).to_owned(), value);
    root.try_into::<Settings>()
        .map(drop)
        .map_err(|error| error.message().to_owned())
}

/// The names that serde lists in "expected one of …".
fn listed(message: &str) -> BTreeSet<String> {
    let (_, list) = message
        .split_once("expected")
        .unwrap_or_else(|| panic!("no list in: {message}"));
    let name = Regex::new("`([^`]+)`").unwrap();
    name.captures_iter(list)
        .map(|found| found[1].to_owned())
        .collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// A value that fits.
fn sample(kind: &Kind) -> toml::Value {
    match kind {
        Kind::Flag => true.into(),
        Kind::Whole(least, _) => (*least).into(),
        Kind::Number(_, most) => (*most).into(),
        Kind::Word(words) => words[0].into(),
        Kind::Duration => "5m".into(),
        Kind::Size => "2MB".into(),
        Kind::StoreUrl => "postgres://me@host/base".into(),
        Kind::Threshold => "50%".into(),
        Kind::List(item) => vec![sample(item)].into(),
        Kind::Table(_) | Kind::Named(_) => toml::Table::new().into(),
        _ => "text".into(),
    }
}

/// A value that does not.
fn misfit(kind: &Kind) -> toml::Value {
    match kind {
        Kind::Flag | Kind::List(_) => "x".into(),
        Kind::Whole(..) => (-1).into(),
        _ => true.into(),
    }
}

fn walk(path: &mut Vec<&'static str>, kind: &'static Kind, seen: &mut usize) {
    let at = path.join(".");
    match kind {
        Kind::Table(keys) => {
            path.push("no_such_key");
            let message = put(path, 1.into()).expect_err(&at);
            path.pop();
            assert_eq!(
                listed(&message),
                set(keys.iter().map(|key| key.name)),
                "{at}"
            );
            for key in *keys {
                path.push(key.name);
                walk(path, &key.kind, seen);
                path.pop();
            }
        }
        Kind::Named(inner) => {
            path.push("a-name");
            walk(path, inner, seen);
            path.pop();
        }
        leaf => {
            *seen += 1;
            put(path, sample(leaf)).unwrap_or_else(|error| panic!("{at}: {error}"));
            put(path, misfit(leaf)).expect_err(&at);
            if let Kind::Word(words) = leaf {
                let message = put(path, "no-such-word".into()).expect_err(&at);
                assert_eq!(listed(&message), set(words.iter().copied()), "{at}");
            }
            if let Kind::Whole(_, most) = leaf {
                put(path, (*most).into()).unwrap_or_else(|error| panic!("{at}: {error}"));
            }
        }
    }
}

#[test]
fn the_table_of_keys_and_serde_agree() {
    let mut seen = 0;
    walk(&mut Vec::new(), &ROOT, &mut seen);
    assert!(seen > 50, "only {seen} keys were compared");
}
