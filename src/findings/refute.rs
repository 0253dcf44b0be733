//! What critics say of a finding that has too few votes, and what follows from it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parse::RawOpinion;
use super::{Claim, Standing, Vote, backend_of, find_quote};
use crate::change::FileChange;

/// Differences in weight that are rounding.
const EPSILON: f64 = 1e-9;

/// What a critic holds of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Opinion {
    /// The code that it quotes shows that it is real.
    Confirm,
    /// The code that it quotes shows that it is not.
    Refute,
    /// Neither; also where its quote is not in the code.
    Unsure,
    /// It gave no answer that could be read: neither for nor against.
    Silent,
}

/// One critic's word on one finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Ballot {
    /// The backend.
    pub critic: String,
    /// What its vote counts; above 0.
    pub weight: f64,
    /// Whether its claims need no quorum.
    pub authoritative: bool,
    /// What it holds of the finding.
    pub opinion: Opinion,
    /// The text of the file that decides, exactly; none where none was found.
    pub quote: Option<String>,
    /// Why, in the critic's words; of a silent one in llmux's.
    pub reason: String,
}

/// What a critic holds of a claim, the code that decides as it stands in the file, and why.
pub type Checked = (Opinion, Option<String>, String);

/// What stands in the place of an opinion that cannot count.
const NO_QUOTE: &str = "its quote is not in the files that it was shown";
const TWICE: &str = "it gave several verdicts that contradict each other";
const MISSING: &str = "it said nothing of this claim";

/// One opinion for each claim of a question, from number 1 on: what was not said, was said
/// in two ways, or quotes what is not in `files` counts as unsure. Numbers that no claim
/// has are nothing.
pub fn check_opinions(
    raw: &[RawOpinion],
    claims: usize,
    files: &[Arc<FileChange>],
) -> Vec<Checked> {
    let unsure = |reason: &str| (Opinion::Unsure, None, reason.to_owned());
    let check = |number: usize| {
        let mut own = raw.iter().filter(|one| one.id == number as u64);
        let Some(first) = own.next() else {
            return unsure(MISSING);
        };
        if own.any(|other| other.opinion != first.opinion) {
            return unsure(TWICE);
        }
        let reason = first.reason.trim().to_owned();
        match (first.opinion, find_quote(&first.quote, files)) {
            (Opinion::Unsure | Opinion::Silent, quote) => (Opinion::Unsure, quote, reason),
            (opinion, Some(quote)) => (opinion, Some(quote), reason),
            (_, None) => unsure(NO_QUOTE),
        }
    };
    (1..=claims).map(check).collect()
}

/// Whether critics did away with a finding: it is not confirmed, nobody's silence leaves that
/// open, and at least as much weight refutes it as reported and confirmed it. Where it is as
/// much and no more, every critic that was asked must have refuted it: one against one with
/// a third in doubt is undecided.
pub fn is_refuted(vote: &Vote, ballots: &[Ballot]) -> bool {
    let refutes = |ballot: &&Ballot| ballot.opinion == Opinion::Refute;
    let against: f64 = ballots.iter().filter(refutes).map(|it| it.weight).sum();
    let all = ballots.iter().all(|ballot| refutes(&ballot));
    vote.standing == Standing::Unconfirmed
        && !vote.is_open
        && against > 0.0
        && (against > vote.weight + EPSILON || (all && against + EPSILON >= vote.weight))
}

/// What critics add to a vote. Who made a claim of the finding does not vote twice: as a
/// critic it can only take its vote back.
pub(super) struct Word<'b> {
    ballots: &'b [Ballot],
    authors: Vec<&'b str>,
}

impl<'b> Word<'b> {
    pub(super) fn of(claims: &'b [Claim], ballots: &'b [Ballot]) -> Self {
        let authors = claims.iter().map(|claim| backend_of(&claim.backend));
        Self {
            ballots,
            authors: authors.collect(),
        }
    }

    /// What those say that made no claim of the finding.
    pub(super) fn others(&self) -> impl Iterator<Item = &'b Ballot> + '_ {
        let is_author = |critic: &str| self.authors.contains(&critic);
        let ballots = self.ballots.iter();
        ballots.filter(move |ballot| !is_author(&ballot.critic))
    }

    /// Whether a voter was asked as a critic and answered: that goes before its silence as a
    /// reviewer.
    pub(super) fn answered(&self, voter: &str) -> bool {
        let mut ballots = self.ballots.iter();
        ballots
            .any(|ballot| ballot.critic == backend_of(voter) && ballot.opinion != Opinion::Silent)
    }

    /// Whether a voter refutes what it reported.
    pub(super) fn is_withdrawn_by(&self, voter: &str) -> bool {
        let mut ballots = self.ballots.iter();
        ballots
            .any(|ballot| ballot.opinion == Opinion::Refute && ballot.critic == backend_of(voter))
    }
}
