//! File names as diffs write them: quoted, prefixed, with a time behind them.

use std::borrow::Cow;

use bstr::{BString, ByteSlice as _};

/// Bytes of both names in `diff --git` with their prefixes, none longer than a path on
/// disk can be: in a longer line every space would have to be tried as their border.
const MAX_NAMES: usize = 2 * (4096 + 16);

/// A name from the start of `text`: in quotes with C escapes, or up to a tab
/// (what follows it is a time). None where a quote is not closed.
pub(super) fn name(text: &[u8]) -> Option<BString> {
    if text.starts_with(b"\"") {
        return quoted(text).map(|(name, _)| name);
    }
    let end = text.find_byte(b'\t').unwrap_or(text.len());
    Some(text[..end].into())
}

/// A quoted name, and what follows it.
pub(super) fn quoted(text: &[u8]) -> Option<(BString, &[u8])> {
    let mut bytes = text.strip_prefix(b"\"")?;
    let mut name = BString::default();
    loop {
        let (first, rest) = bytes.split_first()?;
        bytes = rest;
        match first {
            b'"' => return Some((name, bytes)),
            b'\\' => {
                let (byte, rest) = escape(bytes)?;
                name.push(byte);
                bytes = rest;
            }
            byte => name.push(*byte),
        }
    }
}

/// The byte that stands behind a backslash.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (first, rest) = text.split_first()?;
    let byte = match first {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'"' | b'\\' => *first,
        b'0'..=b'3' => {
            let digits = text.get(..3)?.to_str().ok()?;
            return Some((u8::from_str_radix(digits, 8).ok()?, &text[3..]));
        }
        _ => return None,
    };
    Some((byte, rest))
}

/// The names of both sides without the prefixes of `diff`: `a/` and `b/`, git's
/// other letters, or the two folders that were compared.
pub(super) fn without_prefixes(
    old: Option<BString>,
    new: Option<BString>,
) -> (Option<BString>, Option<BString>) {
    match (old, new) {
        (Some(old), Some(new)) => {
            let (old, new) = bare(&old, &new);
            (Some(old.into()), Some(new.into()))
        }
        (old, new) => {
            let bare = |name: BString| without_letter(&name).into();
            (old.map(bare), new.map(bare))
        }
    }
}

fn bare<'n>(old: &'n [u8], new: &'n [u8]) -> (&'n [u8], &'n [u8]) {
    if old == new {
        return (old, new);
    }
    let tail = |name: &'n [u8]| name.find_byte(b'/').map(|at| &name[at + 1..]);
    match (tail(old), tail(new)) {
        (Some(one), Some(other)) if one == other => (one, other),
        _ if old.strip_suffix(b".orig") == Some(new) => (new, new),
        _ => (without_letter(old), without_letter(new)),
    }
}

/// git's prefixes: `a/ b/`, and `c/ i/ o/ w/` with `diff.mnemonicPrefix`.
fn without_letter(name: &[u8]) -> &[u8] {
    match name {
        [b'a' | b'b' | b'c' | b'i' | b'o' | b'w', b'/', rest @ ..] if !rest.is_empty() => rest,
        _ => name,
    }
}

/// Both names of `diff --git`, where they are the same but for the prefix: a
/// change that moves a file has them in lines of their own.
pub(super) fn of_git_line(text: &[u8]) -> Option<BString> {
    let same = |old: &[u8], new: &[u8]| {
        let (old, new) = bare(old, new);
        (old == new).then(|| old.into())
    };
    if text.starts_with(b"\"") {
        let (old, rest) = quoted(text)?;
        return same(&old, &whole(rest.strip_prefix(b" ")?)?);
    }
    if text.len() > MAX_NAMES {
        return None;
    }
    // A space can be part of a name: the right one has equal names around it.
    text.find_iter(" ")
        .find_map(|at| same(&text[..at], &whole(&text[at + 1..])?))
}

/// A name that ends with the line.
fn whole(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if text.starts_with(b"\"") {
        let (name, rest) = quoted(text)?;
        return rest.is_empty().then_some(Cow::Owned(name.into()));
    }
    Some(Cow::Borrowed(text))
}
