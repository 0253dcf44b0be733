//! A unified diff from a file or from standard input, with git's extended headers.

mod header;
mod hunk;
mod lines;
mod names;

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use bstr::{BString, ByteSlice as _};

use super::scope::Scope;
use super::{
    Change, Error, FileChange, Fragment, Hunk, Kind, LeftOut, LineKind, Mode, Reason, RepoPath,
    Settings, Text, git,
};
use header::Header;
use lines::Lines;

/// What is wrong with a patch: the line, from 1, and a sentence.
type Problem = (usize, String);

/// A file's part of a patch.
#[derive(Debug)]
struct Section {
    header: Header,
    hunks: Vec<Hunk>,
    /// Where it begins in the patch, from 1.
    line: usize,
}

/// Reads the patch at `path`, relative to `dir`; `-` is standard input.
pub(super) fn read(dir: &Path, path: &Path, settings: &Settings) -> Result<Change, Error> {
    let (name, content) = if path == Path::new("-") {
        let mut content = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut content);
        ("standard input".to_owned(), read.map(|_| content))
    } else {
        (path.display().to_string(), std::fs::read(dir.join(path)))
    };
    let content = content.map_err(|source| Error::Unreadable {
        path: name.clone().into(),
        source,
    })?;
    let mut change = parse(&name, &content, settings)?;
    change.root = git::work_root(dir);
    Ok(change)
}

/// Reads a unified diff; `name` is what messages and the title call it.
///
/// # Errors
/// [`Error::Patch`] with the line where the text is no diff.
pub fn parse(name: &str, content: &[u8], settings: &Settings) -> Result<Change, Error> {
    let wrong = |(line, problem)| Error::Patch {
        name: name.to_owned(),
        line,
        problem,
    };
    let scope = Scope::new(settings)?;
    let sections = joined(sections(content).map_err(wrong)?).map_err(wrong)?;
    let mut change = Change {
        title: name.to_owned(),
        ..Change::default()
    };
    for section in sections {
        match sort(section, &scope) {
            Ok(file) => change.files.push(Arc::new(file)),
            Err(left_out) => change.left_out.push(left_out),
        }
    }
    change.files.sort_by(|one, other| one.path.cmp(&other.path));
    change
        .left_out
        .sort_by(|one, other| one.path.cmp(&other.path));
    Ok(change)
}

/// Cuts the text into sections. What stands before, between and after them (a
/// mail, `diff -r` lines, a signature) is skipped.
fn sections(content: &[u8]) -> Result<Vec<Section>, Problem> {
    let mut lines = Lines::new(content);
    let mut sections: Vec<Section> = Vec::new();
    while let Some(line) = lines.peek() {
        let at = lines.number();
        let header = if line.starts_with(b"diff --git ") {
            header::git(&mut lines)?
        } else if line.starts_with(b"diff --cc ") || line.starts_with(b"diff --combined ") {
            let what = "a combined diff of a merge; give the diff to one parent instead \
                        (`git diff A...B`, or `git show -m`)";
            return Err((at, what.to_owned()));
        } else if header::is_plain(&lines) {
            header::plain(&mut lines)?
        } else if let Some(header) = header::binary(line) {
            lines.next();
            header
        } else if hunk::is_header(line) {
            let what = "a hunk without a file; expected `--- OLD` and `+++ NEW` before it";
            return Err((at, what.to_owned()));
        } else {
            lines.next();
            continue;
        };
        let hunks = hunk::all(&mut lines, header.crlf)?;
        if hunks.is_empty() && header.needs_hunks {
            let what = format!("expected a hunk (`@@ -1,2 +1,2 @@`) for {}", header.path());
            return Err((lines.number(), what));
        }
        sections.push(Section {
            header,
            hunks,
            line: at,
        });
    }
    if sections.is_empty() && !content.trim_ascii().is_empty() {
        let what = "no diff: expected `diff --git a/FILE b/FILE` or `--- FILE` and `+++ FILE`";
        return Err((1, what.to_owned()));
    }
    Ok(sections)
}

/// Joins the two sections that git makes of a type change; any other path must
/// stand alone, since line numbers of a later patch are not those of the first.
fn joined(sections: Vec<Section>) -> Result<Vec<Section>, Problem> {
    let mut all: Vec<Section> = Vec::with_capacity(sections.len());
    let mut places: HashMap<BString, usize> = HashMap::new();
    for section in sections {
        let path = section.header.path().as_bstr().to_owned();
        let Some(place) = places.get(&path).copied() else {
            places.insert(path, all.len());
            all.push(section);
            continue;
        };
        let first = &mut all[place];
        let is_file = |mode: Option<Mode>| mode.map(Mode::is_file);
        if first.header.new.is_some()
            || section.header.old.is_some()
            || (
                is_file(first.header.old_mode),
                is_file(section.header.new_mode),
            ) == (Some(true), Some(true))
        {
            let what = format!(
                "{path} is changed a second time (first at line {}): this looks like a series of \
                 patches; give one diff of the whole (`git diff A...B`)",
                first.line
            );
            return Err((section.line, what));
        }
        first.header.kind = Kind::TypeChanged;
        first.header.new = section.header.new;
        first.header.new_mode = section.header.new_mode;
        first.header.binary |= section.header.binary;
        // The link's side is no text.
        if !first.header.old_mode.is_some_and(Mode::is_file) {
            first.hunks.clear();
        }
        if section.header.new_mode.is_some_and(Mode::is_file) {
            first.hunks.extend(section.hunks);
        }
    }
    Ok(all)
}

/// A section as a file to review, or the reason why not.
fn sort(section: Section, scope: &Scope) -> Result<FileChange, LeftOut> {
    let Section { header, hunks, .. } = section;
    let path = header.path().clone();
    match reason(&header, &hunks, scope) {
        Some(reason) => Err(LeftOut { path, reason }),
        None => Ok(FileChange {
            old_path: header.old.filter(|old| *old != path),
            path,
            kind: header.kind,
            old_mode: header.old_mode,
            new_mode: header.new_mode,
            new: Text::from_fragments(
                hunks
                    .iter()
                    .map(|hunk| {
                        let first = hunk.new_start.max(1);
                        Fragment::new(first, &text(std::slice::from_ref(hunk), LineKind::Added))
                    })
                    .collect(),
            ),
            hunks,
        }),
    }
}

fn reason(header: &Header, hunks: &[Hunk], scope: &Scope) -> Option<Reason> {
    let path = header.path().as_bstr();
    if let Some(reason) = scope.by_path(path) {
        return Some(reason);
    }
    let modes = [header.new_mode, header.old_mode];
    if !modes.iter().flatten().any(|mode| mode.is_file()) {
        let submodule = modes.contains(&Some(Mode::Submodule));
        return Some(if submodule {
            Reason::Submodule
        } else {
            Reason::Symlink
        });
    }
    if header.binary {
        return Some(Reason::Binary);
    }
    if hunks.is_empty() {
        return Some(Reason::NoTextChange);
    }
    let (old, new) = (text(hunks, LineKind::Removed), text(hunks, LineKind::Added));
    // A head is known only where a hunk shows it.
    let first = &hunks[0];
    let head = if first.old_count > 0 && first.old_start == 1 {
        old.as_slice()
    } else if header.old.is_none() {
        new.as_slice()
    } else {
        &[]
    };
    let new = header.new.as_ref().map(|_| new.as_slice());
    let old_side = header.old.as_ref().map(|_| old.as_slice());
    let known = old.len().max(new.map_or(0, <[u8]>::len));
    scope
        .by_size(known as u64)
        .or_else(|| scope.by_content(old_side, new))
        .or_else(|| scope.by_head(path, head))
}

/// The lines of one side of some hunks.
fn text(hunks: &[Hunk], side: LineKind) -> Vec<u8> {
    let mut text = Vec::new();
    for line in hunks.iter().flat_map(|hunk| &hunk.lines) {
        if line.kind == side || line.kind == LineKind::Context {
            text.extend_from_slice(&line.text);
            if !line.no_newline {
                text.push(b'\n');
            }
        }
    }
    text
}

/// Refuses names that lead out of the repository.
fn repo_path(path: &[u8], at: usize) -> Result<RepoPath, Problem> {
    let outside = path.is_empty()
        || path
            .split_str("/")
            .any(|part| matches!(part, b"" | b"." | b".."))
        || path.contains(&0);
    if outside {
        let what = format!("`{}` is no path inside a repository", path.as_bstr());
        return Err((at, what));
    }
    Ok(RepoPath::new(path))
}
