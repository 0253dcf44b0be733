//! Which file a claim names.

use std::sync::Arc;

use crate::change::FileChange;

use super::quote::Quote;
use super::search;

/// Word characters of a quote that can tell a file by itself.
const MIN_QUOTE: usize = 8;

/// The file of that name: equal; without `a/`, `b/`, `./`; by the unique end of its path;
/// or, where no file has that name, the only one that holds the quote to the letter.
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
