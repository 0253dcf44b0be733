//! Which file a claim names.

use std::sync::Arc;

use crate::change::FileChange;

use super::quote::Quote;
use super::search;

/// Word characters of a quote that can tell a file by itself.
const MIN_QUOTE: usize = 8;

/// The file of that name: equal; without `a/`, `b/`, `./`; by what is left of both when
/// they are written in an answer; by the unique end of its path; or, where no file has
/// that name, the only one that holds the quote to the letter. Of several names that an
/// answer cannot tell apart that of the file with the quote is meant.
pub(super) fn find<'f>(
    name: &str,
    quote: &Quote,
    files: &'f [Arc<FileChange>],
) -> Option<&'f FileChange> {
    let has = |file: &FileChange, name: &str| {
        file.path.as_bstr() == name
            || file
                .old_path
                .as_ref()
                .is_some_and(|path| path.as_bstr() == name)
    };
    let name = name.trim();
    let slashes = name.replace('\\', "/");
    let plain = slashes.trim_start_matches("./").trim_start_matches('/');
    let side = plain
        .strip_prefix("a/")
        .or_else(|| plain.strip_prefix("b/"))
        .unwrap_or(plain);
    let left = left_of(name);
    let same = |file: &&Arc<FileChange>| {
        // Most paths have nothing that an answer could lose.
        let bytes = file.path.as_bstr();
        if bytes.iter().all(|byte| is_usual(*byte)) {
            return bytes == left.as_str();
        }
        let path = file.path.to_string();
        left_of(&path) == left || left_of(&escaped(&path)) == left
    };
    let same: Vec<_> = files.iter().filter(same).collect();
    let holds = |file: &&&Arc<FileChange>| !search::exact(&file.new, quote).is_empty();
    if let [_, _, ..] = same.as_slice()
        && let [only] = same.iter().filter(holds).collect::<Vec<_>>().as_slice()
    {
        return Some(only);
    }
    for name in [name, plain, side] {
        // The new path of one file goes before the old path of another.
        let equal = files
            .iter()
            .find(|file| file.path.as_bstr() == name)
            .or_else(|| files.iter().find(|file| has(file, name)));
        if let Some(file) = equal {
            return Some(file);
        }
    }
    if let [only] = same.as_slice() {
        return Some(only);
    }
    let alike: Vec<_> = files
        .iter()
        .filter(|file| {
            let path = file.path.to_string();
            !side.is_empty() && (is_end(&path, side) || is_end(side, &path))
        })
        .collect();
    match alike.as_slice() {
        [only] => Some(only),
        [] => only_with(quote, files.iter()),
        _ => only_with(quote, alike.into_iter()),
    }
}

/// Whether [`left_of`] and [`escaped`] leave the byte of a path as it is.
fn is_usual(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'.')
}

/// What can be told of a file's name in an answer, where white space and quotation marks
/// around it mean nothing, `:12` behind it is a line and `\` a separator.
fn left_of(name: &str) -> String {
    let around = |ch: char| matches!(ch, '`' | '"' | '\'') || ch.is_whitespace();
    let name = name.trim_matches(around);
    let is_line = |(at, mark): &(usize, &str)| {
        let behind = &name[at + mark.len()..];
        *at > 0 && behind.starts_with(|ch: char| ch.is_ascii_digit() || ch == 'L')
    };
    let colon = name.match_indices(':').find(is_line);
    let end = colon
        .or_else(|| name.match_indices("#L").next())
        .map_or(name.len(), |(at, _)| at);
    let name = name[..end].trim_matches(around).replace('\\', "/");
    let name = name.trim_start_matches("./").trim_start_matches('/');
    name.to_owned()
}

/// A name as a packet's heading shows it.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for ch in name.chars() {
        if ch.is_control() {
            text.extend(ch.escape_default());
        } else {
            text.push(ch);
        }
    }
    text
}

/// Whether `end` is the last folders and name of `path`.
fn is_end(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// The only file that holds the quote.
fn only_with<'f>(
    quote: &Quote,
    files: impl Iterator<Item = &'f Arc<FileChange>>,
) -> Option<&'f FileChange> {
    let long = quote
        .texts
        .first()
        .is_some_and(|text| text.chars().filter(|ch| ch.is_alphanumeric()).count() >= MIN_QUOTE);
    if !long {
        return None;
    }
    let mut holding = files.filter(|file| !search::exact(&file.new, quote).is_empty());
    let only = holding.next()?;
    holding.next().is_none().then_some(only.as_ref())
}
