//! File names as diffs write them: quoted, prefixed, with a time behind them.

use bstr::{BString, ByteSlice as _};

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
        (Some(old), Some(new)) if old == new => (Some(old), Some(new)),
        (Some(old), Some(new)) => {
            let tail = |name: &BString| {
                name.find_byte(b'/')
                    .map(|at| BString::from(&name[at + 1..]))
            };
            match (tail(&old), tail(&new)) {
                (Some(one), Some(other)) if one == other => (Some(one), Some(other)),
                _ if old.strip_suffix(b".orig") == Some(new.as_slice()) => {
                    (Some(new.clone()), Some(new))
                }
                _ => (Some(without_letter(old)), Some(without_letter(new))),
            }
        }
        (old, new) => (old.map(without_letter), new.map(without_letter)),
    }
}

/// git's prefixes: `a/ b/`, and `c/ i/ o/ w/` with `diff.mnemonicPrefix`.
fn without_letter(name: BString) -> BString {
    match name.as_slice() {
        [b'a' | b'b' | b'c' | b'i' | b'o' | b'w', b'/', rest @ ..] if !rest.is_empty() => {
            rest.into()
        }
        _ => name,
    }
}

/// Both names of `diff --git`, where they are the same but for the prefix: a
/// change that moves a file has them in lines of their own.
pub(super) fn of_git_line(text: &[u8]) -> Option<BString> {
    let same = |old: BString, new: BString| {
        let (old, new) = without_prefixes(Some(old), Some(new));
        old.filter(|old| Some(old) == new.as_ref())
    };
    if text.starts_with(b"\"") {
        let (old, rest) = quoted(text)?;
        return same(old, whole(rest.strip_prefix(b" ")?)?);
    }
    // A space can be part of a name: the right one has equal names around it.
    text.find_iter(" ").find_map(|at| {
        let new = whole(&text[at + 1..])?;
        same(text[..at].into(), new)
    })
}

/// A name that ends with the line.
fn whole(text: &[u8]) -> Option<BString> {
    if text.starts_with(b"\"") {
        let (name, rest) = quoted(text)?;
        return rest.is_empty().then_some(name);
    }
    Some(text.into())
}
