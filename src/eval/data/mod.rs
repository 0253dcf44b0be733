//! Recorded findings with answers: what several tools said about pull requests, and
//! what of it is real. The format is described in docs/eval.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::findings::confidence::backend_of;
use crate::findings::taxonomy::canonical_category;

mod error;
mod read;

pub use error::{Error, Flaw};
pub use read::case_folders;
pub(super) use read::{read_array, read_lines};

/// Whether a finding is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// It is (`tp`).
    Real,
    /// It is not (`fp`).
    Wrong,
}

/// One finding as one voter reported it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Record {
    /// The pull request.
    pub pr: String,
    /// The voter: a backend, or a sample of one, `NAME#K`.
    pub tool: String,
    /// Its number in the data; need not be unique.
    pub idx: u64,
    /// The file, where it is known.
    pub path: Option<String>,
    /// First line, from 1, where it is known.
    pub line: Option<u32>,
    /// Last line, not before the first.
    pub end_line: Option<u32>,
    /// As written, or empty.
    pub category: String,
    /// As written, or empty.
    pub rule: String,
    /// The code that it is about, or empty.
    pub quote: String,
    /// The symbol that encloses the place, where it is known.
    pub symbol: Option<String>,
    /// What was said.
    pub text: String,
    /// The answer, where there is one.
    pub label: Option<Label>,
    /// Number of the known issue that it matches.
    pub golden: Option<i64>,
}

impl Record {
    /// The taxonomy's category, where one of its words is known: "Security Vulnerability" is
    /// security.
    pub fn known_category(&self) -> Option<&'static str> {
        std::iter::once(&*self.category)
            .chain(self.category.split_whitespace())
            .find_map(canonical_category)
    }

    /// The backend whose voter said it.
    pub fn backend(&self) -> &str {
        backend_of(&self.tool)
    }
}

/// One pull request: what was said about it, by whom, and what is known to be wrong in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    /// Name of the set's file.
    pub set: String,
    /// Its name.
    pub pr: String,
    /// Indices into [`Data::records`], ascending.
    pub records: Vec<usize>,
    /// Voters that answered, whether they reported anything or not.
    pub answered: BTreeSet<String>,
    /// Numbers of the known issues.
    pub goldens: BTreeSet<i64>,
}

/// Whether a voter answered for a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The pull request.
    pub pr: String,
    /// The voter.
    pub tool: String,
    /// Whether it did.
    pub answered: bool,
}

/// What one set of tools said about the same pull requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// Name of its file; may be empty.
    pub name: String,
    /// What they reported.
    pub records: Vec<Record>,
    /// Where it is known beside that whether they answered.
    pub answers: Vec<Answer>,
}

/// Everything that is evaluated together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// All records, in the order of the input.
    pub records: Vec<Record>,
    /// All pull requests, in the order of the input.
    pub units: Vec<Unit>,
    /// Whether the known issues come from a list, and not from the records alone.
    pub has_goldens: bool,
    /// What a reader must know of the data, one sentence each.
    pub notes: Vec<String>,
}

impl Data {
    /// Reads a file of records, or all `*.jsonl` of a folder but `*.goldens.jsonl`. Each
    /// file is a data set of its own: its tools are taken to have answered for each of its
    /// pull requests, unless it says otherwise.
    ///
    /// # Errors
    /// Files that cannot be read or hold what is no record; data without a record.
    pub fn read(path: &Path) -> Result<Self, Error> {
        read::data(path)
    }

    /// Makes data of sets. A tool of a set answered where nothing else is said.
    pub fn of(sets: Vec<Set>) -> Self {
        let mut data = Self::default();
        for set in sets {
            data.add(set);
        }
        data
    }

    fn add(&mut self, set: Set) {
        let mut tools: BTreeSet<&String> = set.records.iter().map(|record| &record.tool).collect();
        let mut prs: Vec<&String> = set.records.iter().map(|record| &record.pr).collect();
        for answer in &set.answers {
            prs.push(&answer.pr);
            if answer.answered {
                tools.insert(&answer.tool);
            }
        }
        let mut at: BTreeMap<String, usize> = BTreeMap::new();
        let mut units: Vec<Unit> = Vec::new();
        for pr in prs {
            at.entry(pr.clone()).or_insert_with(|| {
                units.push(Unit {
                    set: set.name.clone(),
                    pr: pr.clone(),
                    answered: tools.iter().map(|tool| (*tool).clone()).collect(),
                    ..Unit::default()
                });
                units.len() - 1
            });
        }
        for answer in set.answers.iter().filter(|answer| !answer.answered) {
            units[at[&answer.pr]].answered.remove(&answer.tool);
        }
        for record in set.records {
            let unit = &mut units[at[&record.pr]];
            unit.records.push(self.records.len());
            // Who reported something answered.
            unit.answered.insert(record.tool.clone());
            if record.label == Some(Label::Real) {
                unit.goldens.extend(record.golden);
            }
            self.records.push(record);
        }
        self.units.extend(units);
    }

    /// Takes the known issues from a list; pull requests that no record is about count too,
    /// since nobody found their issues. `NAME.goldens.jsonl` belongs to the sets whose file's
    /// name begins with `NAME.`, and to all where there is none.
    ///
    /// # Errors
    /// The file cannot be read, holds what is no known issue, or lacks one that a record
    /// names.
    pub fn add_goldens(&mut self, path: &Path) -> Result<(), Error> {
        let mut by_pr: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
        for (pr, golden) in read::goldens(path)? {
            by_pr.entry(pr).or_default().insert(golden);
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let begin = file.strip_suffix("goldens.jsonl").unwrap_or(&file);
        let has_own = self.units.iter().any(|unit| unit.set.starts_with(begin));
        let is_meant = |unit: &Unit| !has_own || unit.set.starts_with(begin);
        let mut strange = 0;
        for (pr, numbers) in by_pr {
            let mut is_known = false;
            for unit in &mut self.units {
                if unit.pr != pr || !is_meant(unit) {
                    continue;
                }
                is_known = true;
                if let Some(golden) = unit.goldens.difference(&numbers).next() {
                    return Err(Error::NoSuchGolden {
                        path: path.to_owned(),
                        pr,
                        golden: *golden,
                    });
                }
                unit.goldens.clone_from(&numbers);
            }
            if !is_known {
                strange += numbers.len();
                let meant = self.units.iter().filter(|unit| is_meant(unit));
                let answered = meant.flat_map(|unit| unit.answered.iter().cloned());
                self.units.push(Unit {
                    set: begin.to_owned(),
                    pr,
                    answered: answered.collect(),
                    goldens: numbers,
                    ..Unit::default()
                });
            }
        }
        if strange > 0 {
            self.notes.push(format!(
                "{strange} known issues of {} are of pull requests without a record; they count \
                 as not found",
                path.display()
            ));
        }
        self.has_goldens = true;
        Ok(())
    }

    /// All voters, sorted.
    fn voters(&self) -> BTreeSet<String> {
        self.units
            .iter()
            .flat_map(|unit| unit.answered.iter().cloned())
            .collect()
    }

    /// All backends, sorted.
    pub fn backends(&self) -> BTreeSet<String> {
        self.voters()
            .iter()
            .map(|voter| backend_of(voter).to_owned())
            .collect()
    }

    /// Keeps what these backends said.
    ///
    /// # Errors
    /// A name that none has.
    pub fn restrict(&mut self, backends: &[String]) -> Result<(), Error> {
        let known = self.backends();
        if let Some(unknown) = backends.iter().find(|name| !known.contains(*name)) {
            return Err(Error::NoSuchTool {
                name: unknown.clone(),
                known: known.into_iter().collect(),
            });
        }
        let is_kept = |voter: &str| backends.iter().any(|name| name == backend_of(voter));
        let mut to = Vec::with_capacity(self.records.len());
        let mut kept = Vec::new();
        for record in std::mem::take(&mut self.records) {
            let stays = is_kept(&record.tool);
            to.push(stays.then_some(kept.len()));
            if stays {
                kept.push(record);
            }
        }
        self.records = kept;
        for unit in &mut self.units {
            unit.records = unit.records.iter().filter_map(|at| to[*at]).collect();
            unit.answered.retain(|voter| is_kept(voter));
        }
        Ok(())
    }

    /// How many records have an answer.
    pub fn labelled(&self) -> usize {
        let labels = self.records.iter().filter(|record| record.label.is_some());
        labels.count()
    }
}
