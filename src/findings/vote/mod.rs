//! From groups of claims to findings: who said it, and whether that is enough.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::FileChange;
use crate::units::Threshold;

use super::confidence::Model;
use super::refute::{Ballot, Word};
use super::{Claim, Finding, Location, Marks, Severity, Standing, Taxonomy, Vote, fingerprint};

mod choice;
mod count;
mod settings;

use choice::clearness;

pub use count::{Turnout, is_enough, joint_weight};
pub use settings::VoteSettings;

/// A backend that was asked about a place, or one of its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Voter {
    /// Its name; of a sample `NAME#K`.
    pub name: String,
    /// What its vote counts; above 0. Samples err together: k of one backend, each of weight w,
    /// weigh w·√k.
    pub weight: f64,
    /// What feedback made of it: [`Voter::weight`] times this is what its vote counts where a share
    /// of all that were asked is needed. Where a number of votes is named they count as configured.
    /// 1 where nothing was learned; above 0.
    pub factor: f64,
    /// Whether its claims need no quorum.
    pub authoritative: bool,
    /// Whether it gave no answer that could be read: it was asked, so it counts among those
    /// of whom a share is needed. One that made a claim of the group is not silent about it.
    pub silent: bool,
}

/// Makes a finding of each group of claims that [`merge`](super::merge) gave.
///
/// A voter votes once, however many claims of the group are its own. `asked` gives the
/// voters that were asked about a place, those that made the group's claims among them; one
/// that made a claim counts with weight 1 where it is missing there. Authoritative backends do
/// not raise what is needed, and what one of them said is confirmed. The others stay in the
/// quorum also where they were silent: those that are left must not be all that there is.
/// Samples of a backend weigh together as [`Voter::weight`] says. Shares are of weights with what
/// feedback taught of them ([`Voter::factor`]).
///
/// What is needed, of the weight of the others that were asked:
/// - [`Threshold::Auto`]: half, rounded up to a whole vote where all weights are 1 and nobody
///   was asked twice. Where one backend's samples outweigh all others together, at least what
///   half of their number, rounded up, weigh;
/// - [`Threshold::Share`]: that share;
/// - [`Threshold::Weight`]: that weight, whoever was asked;
/// - [`Threshold::Probability`]: no weight, but that [`Finding::confidence`].
///
/// A finding that lacks no more than the silent ones could have given is open: see
/// [`Vote::is_open`].
///
/// `thresholds` are asked with the group's claims, which carry their roles, and with the finding's
/// category and severity; any one of what they give is enough.
///
/// - Severity: the highest that more than half of the voters reach (for an even number
///   the lower of the two in the middle), a voter being counted with its own highest,
///   within the bounds of the rule.
/// - Rule: the one with most votes' weight; of equal ones a specific one before an
///   `…-other`, then that of the clearest claim. The category is the rule's.
/// - Place: the claim's that lies inside the places of most voters, of these the
///   smallest, then the first.
/// - Words: of the clearest claim with that rule: the one that names most of the quoted
///   names, then the longest message.
/// - Suggestion: of the clearest claim at exactly that place that has one.
///
/// `taxonomy` bounds severities, `model` gives the probabilities, `files` serve the fingerprints. The
/// result is in report order: confirmed first, then by severity from the highest, path, line, rule
/// and fingerprint.
pub fn vote(
    groups: Vec<Vec<Claim>>,
    thresholds: &Thresholds<'_>,
    asked: &dyn Fn(&Location, &[Claim]) -> Vec<Voter>,
    files: &[Arc<FileChange>],
    taxonomy: &Taxonomy,
    model: &Model,
) -> Vec<Finding> {
    let mut findings: Vec<_> = groups
        .into_iter()
        .filter(|claims| !claims.is_empty())
        .map(|claims| finding(claims, thresholds, asked, taxonomy, model))
        .collect();
    name(&mut findings, files);
    sort(&mut findings);
    findings
}

/// The vote of a finding after critics were asked about it, and its confidence: who confirms
/// it votes for it. `asked` and `thresholds` are those of its first count; critics do not
/// raise what is needed.
pub fn recount(
    finding: &Finding,
    asked: Vec<Voter>,
    thresholds: &[Threshold],
    ballots: &[Ballot],
    model: &Model,
) -> (Vote, f64) {
    let voters = voters(&finding.claims, asked);
    let words = Word::of(&finding.claims, ballots);
    let turnout = turnout(&finding.claims, &voters, &finding.category, model).with_critics(&words);
    (turnout.count(thresholds), turnout.confidence())
}

/// Brings findings into report order.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|left, right| report_order(left).cmp(&report_order(right)));
}

/// What confirms a finding, by its claims, category and severity.
pub type Thresholds<'t> = dyn Fn(&[Claim], &str, Severity) -> Vec<Threshold> + 't;

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
    thresholds: &Thresholds<'_>,
    asked: &dyn Fn(&Location, &[Claim]) -> Vec<Voter>,
    taxonomy: &Taxonomy,
    model: &Model,
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
    let severity = rule.bound(Some(choice::severity(&claims)));
    let turnout = turnout(&claims, &voters, &rule.category, model);
    Finding {
        fingerprint: String::new(),
        marks: Marks::default(),
        suppression: None,
        history: None,
        severity,
        category: rule.category.clone(),
        rule: rule.slug.clone(),
        title: clearest.title.clone(),
        message: clearest.message.clone(),
        confidence: turnout.confidence(),
        vote: turnout.count(&thresholds(&claims, &rule.category, severity)),
        ballots: Vec::new(),
        location,
        quote,
        suggestion,
        claims,
    }
}

fn turnout<'m>(
    claims: &[Claim],
    voters: &BTreeMap<String, Voter>,
    category: &str,
    model: &'m Model,
) -> Turnout<'m> {
    let voted = |voter: &Voter| claims.iter().any(|claim| claim.backend == voter.name);
    let asked = voters.values().map(|voter| (voter, voted(voter)));
    Turnout::new(asked, category, model)
}

/// Those that were asked, by name, with those that made a claim.
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
                factor: 1.0,
                authoritative: false,
                silent: false,
            })
            .silent = false;
    }
    voters
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
