//! The count: what votes weigh together, and what is needed.

use std::collections::BTreeMap;

use super::Voter;
use crate::findings::confidence::{Evidence, Model, backend_of};
use crate::findings::{Measure, Standing, Vote};
use crate::units::{Threshold, rounded};

/// Differences in weight that are rounding.
const EPSILON: f64 = 1e-9;

/// Who was asked about a finding, and which of them reported it.
pub struct Ballot<'b> {
    /// Each voter once, with whether it reported the finding.
    asked: Vec<(&'b Voter, bool)>,
    /// The finding's.
    category: &'b str,
}

/// The result by one threshold.
#[derive(Clone, Copy)]
struct Tried {
    measure: Measure,
    needed: f64,
    is_confirmed: bool,
    is_open: bool,
}

impl<'b> Ballot<'b> {
    /// `asked` are those that were asked, each once, and whether they reported it.
    pub fn new(asked: impl IntoIterator<Item = (&'b Voter, bool)>, category: &'b str) -> Self {
        let mut asked: Vec<_> = asked.into_iter().collect();
        asked.sort_by(|left, right| left.0.name.cmp(&right.0.name));
        Self { asked, category }
    }

    /// Whether a finding that all of `readers` report would be confirmed: where it would not,
    /// to report nothing means nothing.
    pub fn can_confirm(readers: &[Voter], category: &str, thresholds: &[Threshold]) -> bool {
        let ballot = Ballot::new(readers.iter().map(|voter| (voter, true)), category);
        thresholds
            .iter()
            .any(|threshold| ballot.against(*threshold).is_confirmed)
    }

    /// The probability that the finding is real. Who declared a backend authoritative takes its
    /// word for certain.
    pub(super) fn confidence(&self) -> f64 {
        if self.has_authority() {
            return 1.0;
        }
        self.probability(&|_, voted| voted)
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
            needed: f64::INFINITY,
            is_confirmed: false,
            is_open: false,
        });
        let is_confirmed = told.is_confirmed || self.has_authority();
        let names = |which: &dyn Fn(&Voter, bool) -> bool| -> Vec<String> {
            let voters = self
                .asked
                .iter()
                .filter(|(voter, voted)| which(voter, *voted));
            voters.map(|(voter, _)| voter.name.clone()).collect()
        };
        Vote {
            voters: names(&|_, voted| voted),
            answered: names(&|voter, voted| !voter.silent && (!voter.authoritative || voted)),
            silent: names(&|voter, voted| !voted && voter.silent && !voter.authoritative),
            weight: self.weight(&|_, voted| voted),
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
        let is_missed = |voter: &Voter| voter.silent && !voter.authoritative;
        let is_confirmed = self.reaches(threshold, needed, &|_, voted| voted);
        let could = |voter: &Voter, voted: bool| voted || is_missed(voter);
        let mut asked = self.asked.iter();
        Tried {
            measure: match threshold {
                Threshold::Probability(_) => Measure::Probability,
                Threshold::Weight(_) | Threshold::Share(_) | Threshold::Auto => Measure::Weight,
            },
            needed,
            is_confirmed,
            is_open: !is_confirmed
                && asked.any(|(voter, voted)| !voted && is_missed(voter))
                && self.reaches(threshold, needed, &could),
        }
    }

    /// Whether it would be enough, had `which` reported it.
    fn reaches(&self, threshold: Threshold, needed: f64, which: &Which<'_>) -> bool {
        let has_vote = |(voter, voted): &(&Voter, bool)| which(voter, *voted) && voter.weight > 0.0;
        let reached = match threshold {
            Threshold::Probability(_) => self.probability(which),
            Threshold::Weight(_) | Threshold::Share(_) | Threshold::Auto => self.weight(which),
        };
        self.asked.iter().any(has_vote) && is_enough(reached, needed)
    }

    fn needed(&self, threshold: Threshold) -> f64 {
        let full = || self.weight(&|voter, _| !voter.authoritative);
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
        let groups = self.groups(&|voter, _| !voter.authoritative);
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
            .any(|(voter, voted)| *voted && voter.authoritative)
    }

    /// What some of them weigh together.
    fn weight(&self, which: &Which<'_>) -> f64 {
        self.groups(which).values().map(Group::weight).sum()
    }

    fn groups(&self, which: &Which<'_>) -> BTreeMap<&str, Group> {
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for (voter, _) in self
            .asked
            .iter()
            .filter(|(voter, voted)| which(voter, *voted))
        {
            let group = groups.entry(backend_of(&voter.name)).or_default();
            group.sum += voter.weight;
            group.voters += 1;
        }
        groups
    }

    /// That it is real, had `which` reported it and the others, that answered, not.
    fn probability(&self, which: &Which<'_>) -> f64 {
        let mut reporters = Vec::new();
        let mut answered = Vec::new();
        for (voter, voted) in &self.asked {
            if which(voter, *voted) {
                reporters.push(voter.name.clone());
            } else if !voter.silent && !voter.authoritative {
                // What a scanner has no rule for it does not deny.
                answered.push(voter.name.clone());
            }
        }
        let probability = Model::builtin().probability(&Evidence {
            reporters: &reporters,
            answered: &answered,
            category: Some(self.category),
        });
        // What is shown is what is compared, and more digits would tell machines apart.
        rounded(probability)
    }
}

/// Chooses among voters, by whether they reported the finding.
type Which<'w> = dyn Fn(&Voter, bool) -> bool + 'w;

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

/// What voters weigh together; samples of one backend as [`Voter::weight`] says.
pub fn joint_weight<'v>(voters: impl IntoIterator<Item = &'v Voter>) -> f64 {
    Ballot::new(voters.into_iter().map(|voter| (voter, true)), "").weight(&|_, _| true)
}
