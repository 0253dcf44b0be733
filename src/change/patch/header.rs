//! What stands above the hunks of a file.

use bstr::{BString, ByteSlice as _};

use super::lines::Lines;
use super::{Kind, Mode, Problem, RepoPath, hunk, names, repo_path};

/// A file's header.
#[derive(Debug)]
pub(super) struct Header {
    /// The path before; none for an added file.
    pub old: Option<RepoPath>,
    /// The path after; none for a deleted file.
    pub new: Option<RepoPath>,
    /// The path of the side that is there.
    path: RepoPath,
    pub kind: Kind,
    pub old_mode: Option<Mode>,
    pub new_mode: Option<Mode>,
    /// Said to be binary.
    pub binary: bool,
    /// Whether the patch's own lines end with CR LF.
    pub crlf: bool,
    /// Whether it is of no use without a hunk.
    pub needs_hunks: bool,
}

impl Header {
    /// After the change; before it for a deleted file.
    pub(super) fn path(&self) -> &RepoPath {
        &self.path
    }
}

/// What git's extended header lines say.
#[derive(Default)]
struct Extended {
    old_mode: Option<Mode>,
    new_mode: Option<Mode>,
    added: bool,
    deleted: bool,
    from: Option<BString>,
    to: Option<BString>,
    copied: bool,
    similarity: u8,
    binary: bool,
}

/// `diff --git` and all up to the first hunk.
pub(super) fn git(lines: &mut Lines<'_>) -> Result<Header, Problem> {
    let at = lines.number();
    let first = lines.next().unwrap_or_default();
    let crlf = first.ends_with(b"\r");
    let named = names::of_git_line(trimmed(&first["diff --git ".len()..]));
    let mut extended = Extended::default();
    while let Some(line) = lines.peek() {
        if !extended.take(trimmed(line), lines.number())? {
            break;
        }
        lines.next();
    }
    let (mut old, mut new) = (named.clone(), named.clone());
    let mut needs_hunks = false;
    if is_plain(lines) {
        let written = both(lines)?;
        // Where a side is /dev/null only git's own line tells a prefix from a folder.
        (old, new) = match (written, named) {
            ((None, Some(_)), Some(named)) => (None, Some(named)),
            ((Some(_), None), Some(named)) => (Some(named), None),
            (written, _) => written,
        };
        needs_hunks = true;
    } else if lines
        .peek()
        .is_some_and(|line| line.starts_with(b"GIT binary patch"))
    {
        extended.binary = true;
        skip_binary(lines);
    } else if lines.peek().is_some_and(is_binary) {
        extended.binary = true;
        lines.next();
    }
    if let (Some(from), Some(to)) = (&extended.from, &extended.to) {
        (old, new) = (Some(from.clone()), Some(to.clone()));
    }
    if extended.added {
        old = None;
    }
    if extended.deleted {
        new = None;
    }
    let kind = match (&old, &new) {
        (None, None) => {
            let what = "cannot tell the file's name from `diff --git`";
            return Err((at, what.to_owned()));
        }
        _ if extended.from.is_some() && extended.copied => Kind::Copied(extended.similarity),
        _ if extended.from.is_some() => Kind::Renamed(extended.similarity),
        (None, Some(_)) => Kind::Added,
        (Some(_), None) => Kind::Deleted,
        _ => Kind::Modified,
    };
    let mut header = header(old, new, kind, at)?;
    // Without a mode line the mode is the usual one; `new mode` alone is never written.
    let usual = extended
        .new_mode
        .or(extended.old_mode)
        .unwrap_or(Mode::Regular);
    header.old_mode = header
        .old
        .as_ref()
        .map(|_| extended.old_mode.unwrap_or(usual));
    header.new_mode = header
        .new
        .as_ref()
        .map(|_| extended.new_mode.unwrap_or(usual));
    header.binary = extended.binary;
    header.crlf = crlf;
    header.needs_hunks = needs_hunks;
    Ok(header)
}

impl Extended {
    /// Reads one line; false where it is none of git's.
    fn take(&mut self, line: &[u8], at: usize) -> Result<bool, Problem> {
        let value = |beginning: &str| line.strip_prefix(beginning.as_bytes());
        let name = |text: &[u8]| {
            let what = || (at, "a quoted name does not end".to_owned());
            names::name(text).ok_or_else(what).map(Some)
        };
        if let Some(mode) = value("old mode ") {
            self.old_mode = mode_of(mode, at)?;
        } else if let Some(mode) = value("new mode ") {
            self.new_mode = mode_of(mode, at)?;
        } else if let Some(mode) = value("deleted file mode ") {
            self.deleted = true;
            self.old_mode = mode_of(mode, at)?;
        } else if let Some(mode) = value("new file mode ") {
            self.added = true;
            self.new_mode = mode_of(mode, at)?;
        } else if let Some(path) = value("rename from ") {
            self.from = name(path)?;
        } else if let Some(path) = value("rename to ") {
            self.to = name(path)?;
        } else if let Some(path) = value("copy from ") {
            self.from = name(path)?;
            self.copied = true;
        } else if let Some(path) = value("copy to ") {
            self.to = name(path)?;
            self.copied = true;
        } else if let Some(percent) = value("similarity index ") {
            self.similarity = percent_of(percent, at)?;
        } else if let Some(ids) = value("index ") {
            // `index OLD..NEW MODE`, where the mode did not change.
            if let Some((_, mode)) = ids.split_once_str(" ") {
                self.old_mode = mode_of(mode, at)?;
                self.new_mode = self.old_mode;
            }
        } else {
            return Ok(value("dissimilarity index ").is_some());
        }
        Ok(true)
    }
}

fn mode_of(text: &[u8], at: usize) -> Result<Option<Mode>, Problem> {
    match text.trim_ascii() {
        b"100755" => Ok(Some(Mode::Executable)),
        b"120000" => Ok(Some(Mode::Symlink)),
        b"160000" => Ok(Some(Mode::Submodule)),
        mode if mode.starts_with(b"100") && mode.len() == 6 => Ok(Some(Mode::Regular)),
        mode => Err((
            at,
            format!(
                "`{}` is no file mode; expected one like 100644",
                mode.as_bstr()
            ),
        )),
    }
}

fn percent_of(text: &[u8], at: usize) -> Result<u8, Problem> {
    let percent = text.strip_suffix(b"%").unwrap_or(text).to_str().ok();
    match percent.and_then(|it| it.parse().ok()) {
        Some(percent @ 0..=100) => Ok(percent),
        _ => Err((at, format!("`{}` is no percentage", text.as_bstr()))),
    }
}

/// Whether `--- OLD` and `+++ NEW` come next.
pub(super) fn is_plain(lines: &Lines<'_>) -> bool {
    lines.peek().is_some_and(|line| line.starts_with(b"--- "))
        && lines
            .peek_second()
            .is_some_and(|line| line.starts_with(b"+++ "))
}

/// `--- OLD` and `+++ NEW` without a line of git's.
pub(super) fn plain(lines: &mut Lines<'_>) -> Result<Header, Problem> {
    let at = lines.number();
    let crlf = lines.peek().is_some_and(|line| line.ends_with(b"\r"));
    let (mut old, mut new) = both(lines)?;
    // `diff -N` names a file that is not there; its hunk says so.
    match lines.peek().and_then(hunk::counts_from_zero) {
        Some((true, false)) => old = None,
        Some((false, true)) => new = None,
        _ => {}
    }
    let kind = match (&old, &new) {
        (None, _) => Kind::Added,
        (_, None) => Kind::Deleted,
        (Some(old), Some(new)) if old != new => Kind::Renamed(0),
        _ => Kind::Modified,
    };
    let mut header = header(old, new, kind, at)?;
    header.old_mode = header.old.as_ref().map(|_| Mode::Regular);
    header.new_mode = header.new.as_ref().map(|_| Mode::Regular);
    header.crlf = crlf;
    header.needs_hunks = true;
    Ok(header)
}

/// The names in `--- OLD` and `+++ NEW`; none for `/dev/null`.
fn both(lines: &mut Lines<'_>) -> Result<(Option<BString>, Option<BString>), Problem> {
    let mut one = |beginning: &str| -> Result<Option<BString>, Problem> {
        let at = lines.number();
        let text = lines.take_after(beginning).unwrap_or_default();
        let name = names::name(trimmed(text))
            .filter(|name| !name.is_empty())
            .ok_or_else(|| (at, format!("expected a file name after `{beginning}`")))?;
        Ok((name != "/dev/null").then_some(name))
    };
    let (old, new) = (one("--- ")?, one("+++ ")?);
    Ok(names::without_prefixes(old, new))
}

/// `Binary files OLD and NEW differ`, which `diff -r` writes alone.
pub(super) fn binary(line: &[u8]) -> Option<Header> {
    let text = trimmed(line);
    let both = text
        .strip_prefix(b"Binary files ")?
        .strip_suffix(b" differ")?;
    let (old, new) = both.split_once_str(" and ")?;
    let side = |name: &[u8]| (name != b"/dev/null").then(|| BString::from(name));
    let (old, new) = names::without_prefixes(side(old), side(new));
    let mut header = header(old, new, Kind::Modified, 0).ok()?;
    header.old_mode = Some(Mode::Regular);
    header.binary = true;
    Some(header)
}

fn is_binary(line: &[u8]) -> bool {
    line.starts_with(b"Binary files ") && trimmed(line).ends_with(b" differ")
}

/// `GIT binary patch`: two blocks of data, each ended by an empty line.
fn skip_binary(lines: &mut Lines<'_>) {
    lines.next();
    while let Some(line) = lines.peek() {
        if line.starts_with(b"diff ") || line.starts_with(b"-- ") || is_plain(lines) {
            return;
        }
        lines.next();
    }
}

fn header(
    old: Option<BString>,
    new: Option<BString>,
    kind: Kind,
    at: usize,
) -> Result<Header, Problem> {
    let side = |name: Option<BString>| name.map(|name| repo_path(&name, at)).transpose();
    let (old, new) = (side(old)?, side(new)?);
    let path = new.clone().or_else(|| old.clone());
    Ok(Header {
        path: path.ok_or_else(|| (at, "both sides are /dev/null".to_owned()))?,
        old,
        new,
        kind,
        old_mode: None,
        new_mode: None,
        binary: false,
        crlf: false,
        needs_hunks: false,
    })
}

/// Header lines of a patch with CR LF.
fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
