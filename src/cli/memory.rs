//! What a review is told of earlier ones: the baseline, a revision in its place, the run before.

use std::io::{self, Read as _};
use std::path::Path;

use super::args::Review;
use super::error::Error;
use super::rule_files;
use super::screen::Screen;
use super::settings::Place;
use crate::change::{self, Change, RepoPath};
use crate::config::Settings;
use crate::engine::Run;
use crate::findings::remember::{Baseline, Previous, Record, Revision, read_report};
use crate::findings::{Memory, Taxonomy};

/// Reads everything before the first call, so that a wrong file costs nothing.
pub(super) fn recall(
    here: &Place,
    change: &Change,
    review: &Review,
    settings: &Settings,
    screen: &Screen,
) -> Result<Memory, Error> {
    let name = &settings.baseline.file;
    let baseline = match (&review.judging.baseline, &review.judging.baseline_rev) {
        // A relative one lies in what the change is free to edit.
        (Some(file), _) if here.project.commit().is_some() && file.is_relative() => {
            let name = file.display().to_string();
            let shown = here.project.named(&name);
            let bytes = here.project.read(&name);
            let bytes = bytes.map_err(|error| unreadable(&shown, &error))?;
            Some((name, parse(&bytes, &shown)?))
        }
        (Some(file), _) => Some((file.display().to_string(), baseline_file(file)?)),
        (None, Some(rev)) => at(here, rev, rev, name)?,
        (None, None) => base(here, change, name, screen)?,
    };
    let mut memory = Memory {
        taxonomy: Taxonomy::with(&settings.taxonomy),
        allow_new: settings.suppress.allow_new,
        baseline,
        ..Memory::default()
    };
    if let Some(rev) = &review.judging.baseline_rev {
        memory.revision = Some(revision(here, change, rev, settings)?);
    }
    if let Some(file) = &review.judging.previous {
        let text = read(file)?;
        let report = read_report(&text)
            .map_err(|problem| Error::Usage(format!("{}:{problem}", file.display())))?;
        memory.previous = Some(Previous::from(report));
    }
    let paths = memory.paths();
    if !paths.is_empty() {
        memory.gone = change::gone(&here.dir, change, &paths)?;
    }
    Ok(memory)
}

/// What an earlier run was told.
pub(super) fn as_kept(kept: &Memory, settings: &Settings) -> Memory {
    Memory {
        taxonomy: Taxonomy::with(&settings.taxonomy),
        ..kept.clone()
    }
}

/// What is said where nothing is read.
pub(super) fn of_nothing(memory: &Memory, run: &mut Run) {
    let nobody = |_: &RepoPath| crate::findings::remember::Witness::default();
    let scope = crate::findings::Scope::Diff;
    run.remembered = memory.conclude(&[], &[], scope, &nobody);
}

/// The project's baseline as it was before the change: whoever wrote the change must not
/// excuse it. Without a commit before the change, that of the work tree.
fn base(
    here: &Place,
    change: &Change,
    name: &str,
    screen: &Screen,
) -> Result<Option<(String, Baseline)>, Error> {
    let Some(base) = &change.base else {
        return match here.project.read(name) {
            Ok(bytes) => Ok(Some((name.to_owned(), parse(&bytes, name)?))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&here.project.named(name), &error)),
        };
    };
    let path = RepoPath::new(name);
    let is_touched = change.files.iter().any(|file| file.path == path)
        || change.left_out.iter().any(|file| file.path == path);
    if is_touched {
        let sentence = format!(
            "{name} is part of the change: it counts from the next one on; --baseline {name} takes it now"
        );
        screen.note("note", &sentence);
    }
    at(here, base, base.get(..12).unwrap_or(base), name)
}

/// The baseline that a revision has; `shown` is what people read of the revision.
fn at(
    here: &Place,
    rev: &str,
    shown: &str,
    name: &str,
) -> Result<Option<(String, Baseline)>, Error> {
    let source = format!("{name} at {shown}");
    let bytes = change::file_at(&here.dir, rev, &RepoPath::new(name))?;
    let file = bytes.map(|bytes| parse(&bytes, &source)).transpose()?;
    Ok(file.map(|file| (source, file)))
}

/// The files of a change as they were at a revision, and what the rules find there. No model
/// is asked.
fn revision(
    here: &Place,
    change: &Change,
    rev: &str,
    settings: &Settings,
) -> Result<Revision, Error> {
    let (commit, files) = change::since(&here.dir, rev, change)?;
    let rules = rule_files::load(here, settings)?;
    let then: Vec<_> = files.iter().map(|file| file.then.clone()).collect();
    let records = rules.scan(&then).into_iter().filter_map(|hit| {
        let file = then.iter().find(|file| file.path == hit.path)?;
        let record = Record {
            fingerprint: String::new(),
            path: String::new(),
            rule: hit.rule.rule.clone(),
            category: hit.rule.category.clone(),
            severity: hit.rule.severity,
            title: hit.rule.title.clone(),
            message: hit.rule.message.clone(),
            voters: Vec::new(),
            marks: crate::findings::Marks::default(),
        };
        Some(record.at(file, hit.line, hit.end_line))
    });
    Ok(Revision {
        name: format!("{rev} ({})", commit.get(..12).unwrap_or(&commit)),
        records: records.collect(),
        files: files.into_iter().map(|file| file.since).collect(),
    })
}

/// A baseline from a file that somebody named.
pub(super) fn baseline_file(file: &Path) -> Result<Baseline, Error> {
    let bytes =
        std::fs::read(file).map_err(|error| unreadable(&file.display().to_string(), &error))?;
    parse(&bytes, &file.display().to_string())
}

fn parse(bytes: &[u8], source: &str) -> Result<Baseline, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(source, bytes, error))?;
    Baseline::parse(text).map_err(|problem| Error::Usage(format!("{source}:{problem}")))
}

/// A text file; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let name = if file == Path::new("-") {
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| Error::Io("standard input cannot be read", error))?;
        "standard input".to_owned()
    } else {
        bytes =
            std::fs::read(file).map_err(|error| unreadable(&file.display().to_string(), &error))?;
        file.display().to_string()
    };
    String::from_utf8(bytes).map_err(|error| not_utf8(&name, error.as_bytes(), error.utf8_error()))
}

fn unreadable(file: &str, error: &io::Error) -> Error {
    Error::Usage(format!(
        "{file} cannot be read: {error}; name a file that is there"
    ))
}

fn not_utf8(source: &str, bytes: &[u8], error: std::str::Utf8Error) -> Error {
    let before = &bytes[..error.valid_up_to()];
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before
        .iter()
        .rev()
        .take_while(|byte| **byte != b'\n')
        .count()
        + 1;
    Error::Usage(format!("{source}:{line}:{column}: this is not UTF-8"))
}
