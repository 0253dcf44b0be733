//! From readings to findings: merge and vote over what the whole crew said, and what critics
//! said of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read::Answer;
use super::refute::Heard;
use super::session::{Reading, Session};
use super::{Confirmation, Dropped, Plan};
use crate::change::RepoPath;
use crate::context::Symbols;
use crate::findings::confidence::{Model, backend_of};
use crate::findings::{self, Ballot, Claim, Finding, Judgements, Location, Severity, Vote, Voter};
use crate::units::Threshold;

/// What all that was said so far comes to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// In report order.
    pub(super) findings: Vec<Finding>,
    /// Those that critics did away with, in report order.
    pub(super) refuted: Vec<Finding>,
}

/// Merges and votes on every claim so far, as the arbiter has it where it was asked; counts what
/// critics said.
pub(super) fn tally(
    session: &Session,
    readings: &[Arc<Reading>],
    heard: &[Heard],
    judgements: &Judgements,
) -> Tally {
    let mut findings = vote(session, readings, judgements);
    if heard.is_empty() {
        let refuted = Vec::new();
        return Tally { findings, refuted };
    }
    let polls = Polls::new(session, readings);
    for finding in &mut findings {
        let own = heard.iter().filter(|heard| heard.is_of(finding));
        finding.ballots = own.map(|heard| heard.ballot.clone()).collect();
        if !finding.ballots.is_empty() {
            let poll = polls.of(finding);
            (finding.vote, finding.confidence) = poll.recount(finding, &finding.ballots);
        }
    }
    findings::sort(&mut findings);
    let is_refuted = |finding: &Finding| findings::is_refuted(&finding.vote, &finding.ballots);
    let (refuted, findings) = findings.into_iter().partition(is_refuted);
    Tally { findings, refuted }
}

/// What a finding is voted by: kept, to count its votes again with those of critics.
#[derive(Clone, Debug)]
pub(super) struct Poll {
    asked: Vec<Voter>,
    thresholds: Vec<Threshold>,
    priors: Arc<Model>,
}

impl Poll {
    /// The finding's vote with these ballots, and its confidence.
    pub(super) fn recount(&self, finding: &Finding, ballots: &[Ballot]) -> (Vote, f64) {
        let Self {
            asked,
            thresholds,
            priors,
        } = self;
        findings::recount(finding, asked.clone(), thresholds, ballots, priors)
    }
}

/// The polls of all findings.
pub(super) struct Polls<'a> {
    asked: Asked<'a>,
    roles: Roles<'a>,
}

impl<'a> Polls<'a> {
    pub(super) fn new(session: &'a Session, readings: &'a [Arc<Reading>]) -> Self {
        Self {
            asked: Asked::new(session, readings),
            roles: Roles::new(&session.plan),
        }
    }

    pub(super) fn of(&self, finding: &Finding) -> Poll {
        let (claims, category) = (&finding.claims, &finding.category);
        Poll {
            asked: self.asked.at(&finding.location, claims),
            thresholds: self.roles.thresholds(claims, category, finding.severity),
            priors: Arc::clone(&self.roles.plan.priors),
        }
    }

    /// The packet that shows the finding's place best; none where nothing shows its file.
    pub(super) fn packet_of(&self, finding: &Finding) -> Option<usize> {
        self.asked.packets_of(&finding.location).into_iter().min()
    }
}

/// Pairs of claims so far of which it is open whether they are one, and about which nobody was
/// asked; the most doubtful first.
pub(super) fn doubts(session: &Session) -> Vec<(Claim, Claim)> {
    let claims = claims(&session.readings());
    let symbols = symbols(session, &claims);
    let judgements = session.results().judgements.clone();
    let symbol = |place: &Location| symbol_at(&symbols, place);
    findings::doubts(&claims, &session.plan.merge, &symbol, &judgements)
}

fn claims(readings: &[Arc<Reading>]) -> Vec<Claim> {
    let claims = readings.iter().flat_map(|reading| match &reading.answer {
        Answer::Read(claims, _) | Answer::Partial(claims, ..) => claims.clone(),
        Answer::Abstained(_) | Answer::Failed(_) => Vec::new(),
    });
    claims.collect()
}

fn vote(session: &Session, readings: &[Arc<Reading>], judgements: &Judgements) -> Vec<Finding> {
    let claims = claims(readings);
    let symbols = symbols(session, &claims);
    let symbol = |place: &Location| symbol_at(&symbols, place);
    let groups = findings::merge_judged(claims, &session.plan.merge, &symbol, judgements);
    let asked = Asked::new(session, readings);
    let roles = Roles::new(&session.plan);
    let mut findings = findings::vote(
        groups,
        &|claims, category, severity| roles.thresholds(claims, category, severity),
        &|place, claims| asked.at(place, claims),
        &session.plan.change.files,
        &session.plan.taxonomy,
        &session.plan.priors,
    );
    let plan = &session.plan;
    plan.memory.recall(&mut findings, &plan.change.files);
    findings
}

/// The structure of the files that claims stand in.
fn symbols<'s>(session: &'s Session, claims: &[Claim]) -> BTreeMap<&'s RepoPath, Symbols<'s>> {
    let named: BTreeSet<&RepoPath> = claims.iter().map(|claim| &claim.location.path).collect();
    let files = session.plan.change.files.iter();
    let files = files.filter(|file| named.contains(&file.path));
    files.map(|file| (&file.path, Symbols::new(file))).collect()
}

fn symbol_at(symbols: &BTreeMap<&RepoPath, Symbols<'_>>, place: &Location) -> Option<String> {
    let symbol = symbols.get(&place.path)?.at(place.start_line);
    symbol.map(str::to_owned)
}

/// What was dropped on the way.
pub(super) fn dropped(readings: &[Arc<Reading>]) -> Dropped {
    let mut sum = Dropped::default();
    for reading in readings {
        if let Answer::Read(_, dropped) | Answer::Partial(_, dropped, _) = &reading.answer {
            sum.quote_not_found += dropped.quote_not_found;
            sum.outside_change += dropped.outside_change;
            sum.unknown_file += dropped.unknown_file;
        }
    }
    sum
}

/// What confirms findings, by the roles that made their claims.
struct Roles<'a> {
    plan: &'a Plan,
    /// Role → what confirms in each of its steps.
    steps: BTreeMap<&'a str, Vec<Confirmation>>,
}

impl<'a> Roles<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut steps: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, step) in plan.workflow.steps.iter().enumerate() {
            let own = steps.entry(step.role.as_str()).or_default();
            own.push(plan.confirmation_of(index));
        }
        Self { plan, steps }
    }

    /// Those of all roles that made the claims: a role that confirms alone does so also where
    /// another one joins in.
    fn thresholds(&self, claims: &[Claim], category: &str, severity: Severity) -> Vec<Threshold> {
        let roles: BTreeSet<&str> = claims.iter().map(|claim| claim.role.as_str()).collect();
        let steps = roles.into_iter().filter_map(|role| self.steps.get(role));
        let mut thresholds = Vec::new();
        for confirmation in steps.flatten() {
            for threshold in confirmation.thresholds(category, severity) {
                if !thresholds.contains(&threshold) {
                    thresholds.push(threshold);
                }
            }
        }
        if thresholds.is_empty() {
            thresholds = self.plan.vote.thresholds(category, severity);
        }
        thresholds
    }
}

/// Who was asked about which place.
struct Asked<'a> {
    session: &'a Session,
    /// File → the packets that hold a part of it.
    packets: BTreeMap<&'a RepoPath, Vec<usize>>,
    /// Packet → the voters that were asked, and whether each gave no answer.
    readers: BTreeMap<usize, BTreeMap<&'a str, Silence>>,
}

/// Whether a voter that was asked gave no answer.
type Silence = bool;

impl<'a> Asked<'a> {
    fn new(session: &'a Session, readings: &'a [Arc<Reading>]) -> Self {
        let mut packets: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, packet) in session.plan.packets.iter().enumerate() {
            for slice in &packet.slices {
                packets.entry(&slice.file.path).or_default().push(index);
            }
        }
        let mut readers: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for reading in readings.iter().filter(|reading| !reading.is_spare) {
            let silent = readers
                .entry(reading.packet)
                .or_default()
                .entry(reading.voter.as_str())
                .or_insert(true);
            *silent &= !matches!(reading.answer, Answer::Read(..));
        }
        Self {
            session,
            packets,
            readers,
        }
    }

    /// Packets that show the place; where none shows it (a quote from elsewhere in the file),
    /// those that show any part of the file.
    fn packets_of(&self, place: &Location) -> Vec<usize> {
        let packets = self.packets.get(&place.path).map_or(&[][..], Vec::as_slice);
        let shows = |index: &&usize| {
            self.session.plan.packets[**index]
                .slices
                .iter()
                .any(|slice| {
                    slice.file.path == place.path
                        && slice
                            .shown
                            .iter()
                            .any(|lines| lines.contains(&place.start_line))
                })
        };
        let showing: Vec<usize> = packets.iter().filter(shows).copied().collect();
        if showing.is_empty() {
            packets.to_vec()
        } else {
            showing
        }
    }

    /// Voters that were asked about a packet that shows the place. Beside them whoever made
    /// one of the claims, though the rest of its answer was lost.
    fn at(&self, place: &Location, claims: &[Claim]) -> Vec<Voter> {
        let mut names: BTreeMap<&str, Silence> = BTreeMap::new();
        for (name, silent) in self
            .packets_of(place)
            .into_iter()
            .filter_map(|index| self.readers.get(&index))
            .flatten()
        {
            *names.entry(name).or_insert(true) &= silent;
        }
        for claim in claims {
            names.insert(&claim.backend, false);
        }
        names
            .into_iter()
            .filter_map(|(name, silent)| {
                let seat = &self.session.members.get(backend_of(name))?.seat;
                Some(Voter {
                    name: name.to_owned(),
                    weight: seat.weight,
                    factor: seat.factor,
                    authoritative: seat.authoritative,
                    silent,
                })
            })
            .collect()
    }
}
