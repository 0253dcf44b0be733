//! From groups of claims to findings: who said it, and whether that is enough.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::FileChange;
use crate::units::Threshold;

use super::refute::{Ballot, Word, backend_of};
use super::{Claim, Finding, Location, Marks, Standing, Taxonomy, Vote, fingerprint};

mod choice;

use choice::clearness;

/// Differences in weight that are rounding.
const EPSILON: f64 = 1e-9;

/// A backend that was asked about a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Voter {
    /// Its name.
    pub name: String,
    /// What its vote counts; above 0.
    pub weight: f64,
    /// Whether its claims need no quorum.
    pub authoritative: bool,
    /// Whether it gave no answer that could be read: it was asked, so it counts among those
    /// of whom a share is needed. One that made a claim of the group is not silent about it.
    pub silent: bool,
}

/// Makes a finding of each group of claims that [`merge`](super::merge) gave.
///
/// A backend votes once, however many claims of the group are its own. `asked` gives the
/// backends that were asked about a place, those that made the group's claims among them; one
/// that made a claim counts with weight 1 where it is missing there. Authoritative backends do
/// not raise what is needed, and what one of them said is confirmed. The others stay in the
/// quorum also where they were silent: those that are left must not be all that there is.
///
/// What is needed, of the weight of the others that were asked:
/// - [`Threshold::Auto`]: half, rounded up to a whole vote where all weights are 1;
/// - [`Threshold::Share`]: that share;
/// - [`Threshold::Weight`]: that weight, whoever was asked.
///
/// A finding that lacks no more than the silent ones could have given is open: see
/// [`Vote::is_open`].
///
/// `threshold` is asked with the group's claims, which carry their roles.
///
/// - Severity: the highest that more than half of the voters reach (for an even number
///   the lower of the two in the middle), a voter being counted with its own highest,
///   within the bounds of the rule.
/// - Rule: the one with most votes' weight; of equal ones a specific one before an
///   `…-other`, then that of the clearest claim. The category is the rule's.
/// - Place: the claim's that lies inside the places of most backends, of these the
///   smallest, then the first.
/// - Words: of the clearest claim with that rule: the one that names most of the quoted
///   names, then the longest message.
/// - Suggestion: of the clearest claim at exactly that place that has one.
///
/// `taxonomy` bounds severities, `files` serve the fingerprints. The result is in report order: confirmed first, then
/// by severity from the highest, path, line, rule and fingerprint.
pub fn vote(
    groups: Vec<Vec<Claim>>,
    threshold: &dyn Fn(&[Claim]) -> Threshold,
    asked: &dyn Fn(&Location, &[Claim]) -> Vec<Voter>,
    files: &[Arc<FileChange>],
    taxonomy: &Taxonomy,
) -> Vec<Finding> {
    let mut findings: Vec<_> = groups
        .into_iter()
        .filter(|claims| !claims.is_empty())
        .map(|claims| finding(claims, threshold, asked, taxonomy))
        .collect();
    name(&mut findings, files);
    sort(&mut findings);
    findings
}

/// The vote of a finding after critics were asked about it: who confirms it votes for it.
/// `asked` and `threshold` are those of its first count; critics do not raise what is needed.
pub fn recount(
    finding: &Finding,
    asked: Vec<Voter>,
    threshold: Threshold,
    ballots: &[Ballot],
) -> Vote {
    let claims = &finding.claims;
    count(claims, &voters(claims, asked), threshold, ballots)
}

/// Brings findings into report order.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|left, right| report_order(left).cmp(&report_order(right)));
}

fn report_order(finding: &Finding) -> impl Ord + '_ {
    (
        finding.vote.standing != Standing::Confirmed,
        Reverse(finding.severity),
        &finding.location,
        &finding.rule,
        &finding.fingerprint,
    )
}

/// A total order of claims, so that the order in which backends answered is forgotten.
pub(super) fn claim_order(left: &Claim, right: &Claim) -> Ordering {
    fn key(claim: &Claim) -> impl Ord + '_ {
        (
            (&claim.backend, &claim.location, &claim.role, &claim.rule),
            (
                &claim.title,
                &claim.message,
                claim.severity,
                &claim.category,
            ),
            (&claim.suggestion, &claim.quote),
        )
    }
    let confidence = |claim: &Claim| claim.confidence.unwrap_or(-1.0);
    key(left)
        .cmp(&key(right))
        .then_with(|| confidence(left).total_cmp(&confidence(right)))
}

fn finding(
    mut claims: Vec<Claim>,
    threshold: &dyn Fn(&[Claim]) -> Threshold,
    asked: &dyn Fn(&Location, &[Claim]) -> Vec<Voter>,
    taxonomy: &Taxonomy,
) -> Finding {
    claims.sort_by(claim_order);
    let at = choice::place(&claims);
    let location = claims[at].location.clone();
    let quote = claims[at].quote.clone();
    let voters = voters(&claims, asked(&location, &claims));
    let rule = choice::rule(&claims, &voters, taxonomy);
    let clearest = claims
        .iter()
        .filter(|claim| claim.rule == rule.slug)
        .max_by_key(|claim| clearness(claim))
        .unwrap_or(&claims[at]);
    let suggestion = claims
        .iter()
        .filter(|claim| claim.location == location && claim.suggestion.is_some())
        .max_by_key(|claim| clearness(claim))
        .and_then(|claim| claim.suggestion.clone());
    Finding {
        fingerprint: String::new(),
        marks: Marks::default(),
        suppression: None,
        history: None,
        severity: rule.bound(Some(choice::severity(&claims))),
        category: rule.category.clone(),
        rule: rule.slug.clone(),
        title: clearest.title.clone(),
        message: clearest.message.clone(),
        vote: count(&claims, &voters, threshold(&claims), &[]),
        ballots: Vec::new(),
        location,
        quote,
        suggestion,
        claims,
    }
}

/// Those that were asked, sorted by name, each once, with those that made a claim.
fn voters(claims: &[Claim], asked: Vec<Voter>) -> BTreeMap<String, Voter> {
    let mut voters: BTreeMap<_, _> = asked
        .into_iter()
        .map(|voter| (voter.name.clone(), voter))
        .collect();
    for claim in claims {
        voters
            .entry(claim.backend.clone())
            .or_insert_with(|| Voter {
                name: claim.backend.clone(),
                weight: 1.0,
                authoritative: false,
                silent: false,
            })
            .silent = false;
    }
    voters
}

fn count(
    claims: &[Claim],
    asked: &BTreeMap<String, Voter>,
    threshold: Threshold,
    ballots: &[Ballot],
) -> Vote {
    let critics = Word::of(claims, ballots);
    let voted = |voter: &&Voter| {
        claims.iter().any(|claim| claim.backend == voter.name)
            && !critics.is_withdrawn_by(&voter.name)
    };
    let weight_of = |which: &dyn Fn(&&Voter) -> bool| -> f64 {
        let voters = asked.values().filter(which);
        voters.map(|voter| voter.weight).sum()
    };
    let counts = |voter: &&Voter| !voter.authoritative;
    let full = weight_of(&counts);
    let needed = match threshold {
        Threshold::Weight(weight) => weight,
        Threshold::Share(percent) => full * percent / 100.0,
        Threshold::Auto => {
            let is_whole = |voter: &Voter| (voter.weight - 1.0).abs() < EPSILON;
            if asked.values().filter(counts).all(is_whole) {
                (full / 2.0).ceil()
            } else {
                full / 2.0
            }
        }
    };
    let weight = weight_of(&voted) + critics.confirming_weight();
    let is_silent = |voter: &&Voter| counts(voter) && voter.silent && !critics.heard(&voter.name);
    let silent_weight = weight_of(&is_silent) + critics.silent_weight();
    let has_authority = critics.has_authority()
        || asked
            .values()
            .filter(voted)
            .any(|voter| voter.authoritative);
    let is_confirmed = has_authority || is_enough(weight, needed);
    let names = |which: &dyn Fn(&&Voter) -> bool, more: Vec<&str>| -> Vec<String> {
        let voters = asked.values().filter(which);
        let mut names: Vec<String> = voters.map(|voter| voter.name.clone()).collect();
        for critic in more {
            if !names.iter().any(|name| backend_of(name) == critic) {
                names.push(critic.to_owned());
            }
        }
        names.sort();
        names
    };
    let answered = |voter: &&Voter| {
        !voter.silent && !critics.is_silent(&voter.name) && (counts(voter) || voted(voter))
    };
    Vote {
        voters: names(&voted, critics.confirming()),
        answered: names(&answered, critics.answered()),
        silent: names(&is_silent, critics.silent()),
        weight,
        threshold: needed,
        is_open: !is_confirmed && silent_weight > 0.0 && is_enough(weight + silent_weight, needed),
        standing: if is_confirmed {
            Standing::Confirmed
        } else {
            Standing::Unconfirmed
        },
    }
}

/// Whether votes of that weight confirm what needs so much; no vote confirms nothing.
pub fn is_enough(weight: f64, needed: f64) -> bool {
    weight > 0.0 && weight + EPSILON >= needed
}

/// Gives each finding its fingerprint.
fn name(findings: &mut [Finding], files: &[Arc<FileChange>]) {
    findings.sort_by(|left, right| {
        (&left.location, &left.rule)
            .cmp(&(&right.location, &right.rule))
            .then_with(|| {
                left.claims
                    .iter()
                    .zip(&right.claims)
                    .map(|(one, other)| claim_order(one, other))
                    .find(|order| order.is_ne())
                    .unwrap_or_else(|| left.claims.len().cmp(&right.claims.len()))
            })
    });
    fingerprint::assign(findings, files);
}
