//! What became of a finding that is not there any more: fixed, or only not looked at.

use serde::Serialize;

use crate::change::RepoPath;

use super::super::{Scope, anchor};
use super::marks::Sheets;
use super::record::Record;

/// Who read a file in this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// Whether enough of them did for a verdict.
    pub covered: bool,
    /// Backends that read all of it.
    pub read: Vec<String>,
    /// Backends that were to read it and gave no answer for a part of it, or were not asked.
    pub silent: Vec<String>,
}

/// What became of a finding that this run has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its file was read again, and its code is not there any more.
    Gone,
    /// Its code was read again by those who reported it, and nobody reported it.
    NotReported,
    /// Its file is not in this change, or its line is not in this run's scope.
    OutOfScope,
    /// Its file was not read by enough backends, or one of them gave no answer.
    NotRead,
    /// None of those who reported it was asked.
    NotAsked,
}

impl Fate {
    /// Whether it can be said to be fixed.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Gone | Self::NotReported)
    }
}

/// A sample of a backend (`NAME#2`) is that backend's.
fn backend(voter: &str) -> &str {
    voter.split_once('#').map_or(voter, |(name, _)| name)
}

pub(super) fn of(
    record: &Record,
    sheets: &Sheets<'_>,
    scope: Scope,
    witness: &dyn Fn(&RepoPath) -> Witness,
) -> Fate {
    let Some(sheet) = sheets.now_of(&record.path) else {
        return Fate::OutOfScope;
    };
    let place = sheet.find(&record.marks);
    let still = place.filter(|(_, is_exact)| *is_exact);
    if let Some((line, _)) = still
        && scope == Scope::Diff
        && !anchor::touches(sheet.file, line, line)
    {
        return Fate::OutOfScope;
    }
    let seen = witness(&sheet.file.path);
    if !seen.covered || !seen.silent.is_empty() {
        return Fate::NotRead;
    }
    let names = |voter: &String| {
        let name = backend(voter);
        seen.read.iter().any(|reader| backend(reader) == name)
    };
    match (record.voters.iter().any(names), still) {
        (false, _) => Fate::NotAsked,
        (true, None) => Fate::Gone,
        (true, Some(_)) => Fate::NotReported,
    }
}
