//! The count: what votes weigh together, and what is needed.

use std::collections::BTreeMap;

use super::Voter;
use crate::findings::Opinion;
use crate::findings::confidence::{Evidence, Model, backend_of};
use crate::findings::refute::Word;
use crate::findings::{Measure, Standing, Vote};
use crate::units::{Threshold, rounded};

/// Differences in weight that are rounding.
const EPSILON: f64 = 1e-9;

/// Who was asked about a finding, and which of them reported it.
#[derive(Debug)]
pub struct Turnout<'m> {
    /// Each voter once, by name.
    asked: Vec<Entry>,
    /// The finding's.
    category: String,
    /// What the probability is reckoned by.
    model: &'m Model,
}

/// One voter.
#[derive(Clone, Debug)]
struct Entry {
    voter: Voter,
    /// Whether it reported the finding, or confirmed it as a critic.
    voted: bool,
    /// Whether it was asked as a critic alone: it does not raise what is needed.
    is_extra: bool,
    /// Whether it says neither that the finding is real nor that it is not.
    is_unsure: bool,
}

impl Entry {
    fn is_missed(&self) -> bool {
        self.voter.silent && !self.voter.authoritative
    }
}

/// What a vote counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// As configured: who names a number of votes means those, whatever feedback teaches.
    Configured,
    /// With what feedback taught: where votes are compared with those of all that were asked.
    Learned,
}

impl Scale {
    fn of(threshold: Threshold) -> Self {
        match threshold {
            Threshold::Share(_) | Threshold::Auto => Self::Learned,
            Threshold::Weight(_) | Threshold::Probability(_) => Self::Configured,
        }
    }

    fn weight(self, voter: &Voter) -> f64 {
        match self {
            Self::Configured => voter.weight,
            Self::Learned => voter.weight * voter.factor,
        }
    }
}

/// The result by one threshold.
#[derive(Clone, Copy)]
struct Tried {
    measure: Measure,
    scale: Scale,
    needed: f64,
    is_confirmed: bool,
    is_open: bool,
}

impl<'m> Turnout<'m> {
    /// `asked` are those that were asked, each once, and whether they reported it.
    pub fn new<'v>(
        asked: impl IntoIterator<Item = (&'v Voter, bool)>,
        category: &str,
        model: &'m Model,
    ) -> Self {
        let entry = |(voter, voted): (&Voter, bool)| Entry {
            voter: voter.clone(),
            voted,
            is_extra: false,
            is_unsure: false,
        };
        Self {
            asked: asked.into_iter().map(entry).collect(),
            category: category.to_owned(),
            model,
        }
        .in_order()
    }

    fn in_order(mut self) -> Self {
        let name = |entry: &Entry| entry.voter.name.clone();
        self.asked.sort_by_cached_key(name);
        self
    }

    /// The same after critics spoke. Who made a claim does not vote twice: as a critic it can
    /// only take its vote back.
    pub(super) fn with_critics(mut self, words: &Word<'_>) -> Self {
        for entry in &mut self.asked {
            let name = &entry.voter.name;
            entry.voted &= !words.is_withdrawn_by(name);
            entry.voter.silent &= !words.answered(name);
        }
        for ballot in words.others() {
            let known = self.asked.iter_mut();
            let known = known
                .into_iter()
                .find(|entry| entry.voter.name == ballot.critic);
            let voted = ballot.opinion == Opinion::Confirm;
            let silent = ballot.opinion == Opinion::Silent;
            if let Some(entry) = known {
                entry.voted |= voted;
                entry.voter.silent |= silent;
            } else {
                self.asked.push(Entry {
                    voter: Voter {
                        name: ballot.critic.clone(),
                        weight: ballot.weight,
                        // How often its reports are real says nothing of how it judges others'.
                        factor: 1.0,
                        authoritative: ballot.authoritative,
                        silent,
                    },
                    voted,
                    is_extra: true,
                    is_unsure: ballot.opinion == Opinion::Unsure,
                });
            }
        }
        self.in_order()
    }

    /// Whether a finding that all of `readers` report would be confirmed: where it would not,
    /// to report nothing means nothing.
    pub fn can_confirm(
        readers: &[Voter],
        category: &str,
        thresholds: &[Threshold],
        model: &'m Model,
    ) -> bool {
        let turnout = Self::new(readers.iter().map(|voter| (voter, true)), category, model);
        thresholds
            .iter()
            .any(|threshold| turnout.against(*threshold).is_confirmed)
    }

    /// The probability that the finding is real. Who declared a backend authoritative takes its
    /// word for certain.
    pub(super) fn confidence(&self) -> f64 {
        if self.has_authority() {
            return 1.0;
        }
        self.probability(&|entry| entry.voted)
    }

    /// Any one of `thresholds` confirms. Told is the one that did, else the lowest weight, else
    /// the lowest probability.
    pub(super) fn count(&self, thresholds: &[Threshold]) -> Vote {
        let mut results: Vec<_> = thresholds.iter().map(|one| self.against(*one)).collect();
        results.sort_by(|left, right| {
            let key = |result: &Tried| (!result.is_confirmed, result.measure);
            key(left)
                .cmp(&key(right))
                .then_with(|| left.needed.total_cmp(&right.needed))
        });
        let told = results.first().copied().unwrap_or(Tried {
            measure: Measure::Weight,
            scale: Scale::Configured,
            needed: f64::INFINITY,
            is_confirmed: false,
            is_open: false,
        });
        let is_confirmed = told.is_confirmed || self.has_authority();
        let names = |which: &Which<'_>| -> Vec<String> {
            let entries = self.asked.iter().filter(|entry| which(entry));
            entries.map(|entry| entry.voter.name.clone()).collect()
        };
        let has_answered =
            |entry: &Entry| !entry.voter.silent && (!entry.voter.authoritative || entry.voted);
        Vote {
            voters: names(&|entry| entry.voted),
            answered: names(&has_answered),
            silent: names(&|entry| !entry.voted && entry.is_missed()),
            weight: self.weight(told.scale, &|entry| entry.voted),
            threshold: told.needed,
            measure: told.measure,
            is_open: !is_confirmed && results.iter().any(|result| result.is_open),
            standing: if is_confirmed {
                Standing::Confirmed
            } else {
                Standing::Unconfirmed
            },
        }
    }

    fn against(&self, threshold: Threshold) -> Tried {
        let needed = self.needed(threshold);
        let is_confirmed = self.reaches(threshold, needed, &|entry| entry.voted);
        let could = |entry: &Entry| entry.voted || entry.is_missed();
        let mut asked = self.asked.iter();
        Tried {
            measure: match threshold {
                Threshold::Probability(_) => Measure::Probability,
                Threshold::Weight(_) | Threshold::Share(_) | Threshold::Auto => Measure::Weight,
            },
            scale: Scale::of(threshold),
            needed,
            is_confirmed,
            is_open: !is_confirmed
                && asked.any(|entry| !entry.voted && entry.is_missed())
                && self.reaches(threshold, needed, &could),
        }
    }

    /// Whether it would be enough, had `which` reported it.
    fn reaches(&self, threshold: Threshold, needed: f64, which: &Which<'_>) -> bool {
        let has_vote = |entry: &Entry| which(entry) && entry.voter.weight > 0.0;
        let reached = match threshold {
            Threshold::Probability(_) => self.probability(which),
            Threshold::Weight(_) | Threshold::Share(_) | Threshold::Auto => {
                self.weight(Scale::of(threshold), which)
            }
        };
        self.asked.iter().any(has_vote) && is_enough(reached, needed)
    }

    fn needed(&self, threshold: Threshold) -> f64 {
        let full = || self.weight(Scale::Learned, &has_share);
        match threshold {
            Threshold::Weight(weight) => weight,
            Threshold::Share(percent) => full() * percent / 100.0,
            Threshold::Auto => self.half(),
            Threshold::Probability(least) => least,
        }
    }

    /// Half of those that were asked: rounded up to a whole vote where all weigh 1 and nobody
    /// was asked twice. Where one backend's samples outweigh all others together, so that
    /// they could confirm alone, half of their number rounded up at least.
    fn half(&self) -> f64 {
        let groups = self.groups(Scale::Learned, &has_share);
        let full: f64 = groups.values().map(Group::weight).sum();
        let is_plain = |group: &Group| group.voters < 2 && (group.sum - 1.0).abs() < EPSILON;
        if groups.values().all(is_plain) {
            return (full / 2.0).ceil();
        }
        let sampled = groups.values().filter(|group| group.voters > 1);
        sampled
            .filter(|group| group.weight() > full / 2.0)
            .map(Group::majority)
            .fold(full / 2.0, f64::max)
    }

    fn has_authority(&self) -> bool {
        self.asked
            .iter()
            .any(|entry| entry.voted && entry.voter.authoritative)
    }

    /// What some of them weigh together.
    fn weight(&self, scale: Scale, which: &Which<'_>) -> f64 {
        self.groups(scale, which).values().map(Group::weight).sum()
    }

    fn groups(&self, scale: Scale, which: &Which<'_>) -> BTreeMap<&str, Group> {
        let entries = self.asked.iter().filter(|entry| which(entry));
        groups(scale, entries.map(|entry| &entry.voter))
    }

    /// That it is real, had `which` reported it and the others, that answered, not.
    fn probability(&self, which: &Which<'_>) -> f64 {
        let mut reporters = Vec::new();
        let mut answered = Vec::new();
        for entry in &self.asked {
            let Entry { voter, .. } = entry;
            if which(entry) {
                reporters.push(voter.name.clone());
            } else if !voter.silent && !voter.authoritative && !entry.is_unsure {
                // What a scanner has no rule for it does not deny.
                answered.push(voter.name.clone());
            }
        }
        let probability = self.model.probability(&Evidence {
            reporters: &reporters,
            answered: &answered,
            category: Some(&self.category),
        });
        // What is shown is what is compared, and more digits would tell machines apart.
        rounded(probability)
    }
}

/// Chooses among voters.
type Which<'w> = dyn Fn(&Entry) -> bool + 'w;

/// Whether a voter is one of those of whom a share is needed.
fn has_share(entry: &Entry) -> bool {
    !entry.voter.authoritative && !entry.is_extra
}

/// One backend's voters: itself, or its samples.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    sum: f64,
    voters: u32,
}

impl Group {
    /// They err together: k samples of weight w weigh w·√k.
    fn weight(&self) -> f64 {
        self.sum / f64::from(self.voters).sqrt()
    }

    /// What half of them, rounded up, weigh.
    fn majority(&self) -> f64 {
        let each = self.sum / f64::from(self.voters);
        each * f64::from(self.voters.div_ceil(2)).sqrt()
    }
}

/// Whether votes of that weight, or a probability, confirm what needs so much; no vote confirms
/// nothing, also where nothing is needed.
pub fn is_enough(reached: f64, needed: f64) -> bool {
    reached > 0.0 && reached + EPSILON >= needed
}

/// What voters weigh together, as configured; samples of one backend as [`Voter::weight`] says.
pub fn joint_weight<'v>(voters: impl IntoIterator<Item = &'v Voter>) -> f64 {
    groups(Scale::Configured, voters)
        .values()
        .map(Group::weight)
        .sum()
}

/// By backend.
fn groups<'v>(
    scale: Scale,
    voters: impl IntoIterator<Item = &'v Voter>,
) -> BTreeMap<&'v str, Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for voter in voters {
        let group = groups.entry(backend_of(&voter.name)).or_default();
        group.sum += scale.weight(voter);
        group.voters += 1;
    }
    groups
}
