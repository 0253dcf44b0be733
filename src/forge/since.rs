//! What changed since the last push: new, still there, fixed, or only not looked at.

use std::collections::BTreeSet;

use super::marker::{Mark, State};
use crate::findings::Finding;
use crate::gate::{Outcome, Verdict};

/// Lines that a comment may be away from a finding of the same rule and be about it.
const NEAR: u32 = 3;

/// A comment of llmux' own that an earlier run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What it is about.
    pub mark: Mark,
    /// The file.
    pub path: String,
    /// Where it stands now; none where the diff has the line no more.
    pub line: Option<u32>,
    /// Whether somebody has marked it as resolved.
    pub resolved: bool,
}

/// What became of a finding that is not among those that count any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Enough backends read the place, and nobody reported it.
    Fixed,
    /// It is known and does not count: too few votes, refuted, or suppressed.
    Withdrawn,
    /// Not enough backends read the place.
    NotSeen,
}

/// How a run compares with what stands on the pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// The commit that was reviewed before; none at the first review.
    pub commit: Option<String>,
    /// Fingerprints of this run that have a comment already.
    pub told: BTreeSet<String>,
    /// Findings that were not there before.
    pub new: usize,
    /// Findings that were.
    pub still: usize,
    /// What became of the others, once for each.
    pub gone: Vec<Fate>,
    /// Fingerprints of what was not looked at again: a later run may find it fixed.
    pub unseen: Vec<String>,
    /// Comments on what is fixed or withdrawn that do not say so yet, by their index, ascending.
    pub over: Vec<(usize, Fate)>,
}

/// Compares an outcome with the comments and the summary of the run before.
pub fn compare(outcome: &Outcome, earlier: &[Earlier], state: Option<&State>) -> Since {
    let confirmed: Vec<&Finding> = outcome.confirmed().collect();
    let matched = matched(&confirmed, earlier);
    let known: BTreeSet<&str> = state
        .map(|state| state.findings.iter().map(String::as_str).collect())
        .unwrap_or_default();
    let mut since = Since {
        commit: state.map(|state| state.commit.clone()),
        ..Since::default()
    };
    // Fingerprints, of then and of now, of what is still there.
    let mut there = BTreeSet::new();
    for (finding, comment) in confirmed.iter().zip(&matched) {
        there.insert(finding.fingerprint.as_str());
        if let Some(index) = comment {
            there.insert(&earlier[*index].mark.fingerprint);
            since.told.insert(finding.fingerprint.clone());
        }
        if comment.is_some() || known.contains(finding.fingerprint.as_str()) {
            since.still += 1;
        } else {
            since.new += 1;
        }
    }
    let mut counted = BTreeSet::new();
    for (index, comment) in earlier.iter().enumerate() {
        let fingerprint = comment.mark.fingerprint.as_str();
        if there.contains(fingerprint) || comment.mark.over || matched.contains(&Some(index)) {
            continue;
        }
        let fate = fate(outcome, fingerprint, Some(&comment.path));
        // What people resolved they know about; it is counted where the last run still had it.
        if (!comment.resolved || known.contains(fingerprint)) && counted.insert(fingerprint) {
            since.lost(fingerprint, fate);
        }
        if !comment.resolved && fate != Fate::NotSeen {
            since.over.push((index, fate));
        }
    }
    for fingerprint in known {
        if !there.contains(fingerprint) && counted.insert(fingerprint) {
            since.lost(fingerprint, fate(outcome, fingerprint, None));
        }
    }
    since.gone.sort_unstable();
    since
}

/// For each finding the comment that is about it: by its fingerprint, else by its rule and place,
/// since another model quotes other lines. Each comment once.
fn matched(findings: &[&Finding], earlier: &[Earlier]) -> Vec<Option<usize>> {
    let mut free: BTreeSet<usize> = (0..earlier.len())
        .filter(|index| !earlier[*index].mark.over)
        .collect();
    let mut matched: Vec<Option<usize>> = findings
        .iter()
        .map(|finding| {
            let same = |index: &&usize| earlier[**index].mark.fingerprint == finding.fingerprint;
            // One that is still open goes before one that somebody closed.
            let found = free
                .iter()
                .filter(same)
                .min_by_key(|it| earlier[**it].resolved);
            let found = found.copied()?;
            free.remove(&found);
            Some(found)
        })
        .collect();
    for (finding, found) in findings.iter().zip(&mut matched) {
        if found.is_none() {
            *found = free
                .iter()
                .copied()
                .find(|it| is_near(finding, &earlier[*it]));
            found.inspect(|index| {
                free.remove(index);
            });
        }
    }
    matched
}

fn is_near(finding: &Finding, comment: &Earlier) -> bool {
    let place = &finding.location;
    let lines = place.start_line.saturating_sub(NEAR)..=place.end_line.saturating_add(NEAR);
    comment.mark.rule == Mark::of(finding).rule
        && comment.path == place.path.to_string()
        && comment.line.is_some_and(|line| lines.contains(&line))
}

/// A failure is no fix: only what enough backends read again can be gone.
fn fate(outcome: &Outcome, fingerprint: &str, path: Option<&str>) -> Fate {
    let run = &outcome.run;
    let is_known = |finding: &&Finding| finding.fingerprint == fingerprint;
    if run
        .findings
        .iter()
        .chain(&run.refuted)
        .any(|it| is_known(&it))
    {
        return Fate::Withdrawn;
    }
    let covered = match path {
        Some(path) => match run
            .coverage
            .files
            .iter()
            .find(|it| it.path.to_string() == path)
        {
            Some(file) => file.covered,
            // What the change has no more has no finding either.
            None => !run
                .change
                .left_out
                .iter()
                .any(|it| it.path.to_string() == path),
        },
        None => {
            run.coverage.files.iter().all(|file| file.covered) && run.change.left_out.is_empty()
        }
    };
    let is_whole = !matches!(outcome.verdict, Verdict::Incomplete(_));
    if covered && (is_whole || path.is_some()) {
        Fate::Fixed
    } else {
        Fate::NotSeen
    }
}

impl Since {
    fn lost(&mut self, fingerprint: &str, fate: Fate) {
        self.gone.push(fate);
        if fate == Fate::NotSeen {
            self.unseen.push(fingerprint.to_owned());
        }
    }

    /// What the next run compares with.
    pub fn state(&self, outcome: &Outcome, commit: &str) -> State {
        let counted = outcome.confirmed().map(|it| it.fingerprint.clone());
        State {
            commit: commit.to_owned(),
            findings: counted.chain(self.unseen.iter().cloned()).collect(),
        }
    }

    /// `2 new, 1 still there, 3 fixed since abc1234`; none at the first review.
    pub fn sentence(&self) -> Option<String> {
        let commit = self.commit.as_ref()?;
        let count = |fate| self.gone.iter().filter(|it| **it == fate).count();
        let mut parts = vec![
            format!("{} new", self.new),
            format!("{} still there", self.still),
            format!("{} fixed", count(Fate::Fixed)),
        ];
        let more = [
            (Fate::Withdrawn, "no longer confirmed"),
            (Fate::NotSeen, "not looked at again"),
        ];
        for (fate, words) in more {
            match count(fate) {
                0 => {}
                number => parts.push(format!("{number} {words}")),
            }
        }
        let commit = commit.get(..7).unwrap_or(commit);
        Some(format!("Since `{commit}`: {}", parts.join(", ")))
    }
}
