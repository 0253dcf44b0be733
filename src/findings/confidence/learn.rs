//! Learning a [`Model`] from findings with answers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fit::Scored;
use super::{Evidence, Line, Model, Record, backend_of};

/// How strongly a backend's record is pulled towards that of all together, counted in
/// observations: tried in turn. With little data, differences of backends are chance.
const PULLS: [f64; 4] = [10.0, 40.0, 160.0, 640.0];
/// How many wrong claims there could be for each one that was made: tried in turn.
const POOLS: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 8.0, 12.0];
/// Pull of a category's shares towards each other, in observations.
const CATEGORY_PULL: f64 = 20.0;
/// Parts that the pull requests are divided into; each is scored by records of the others.
const FOLDS: u64 = 5;
/// Largest panel whose answers are imagined from those of a larger one.
const MAX_PANEL: usize = 5;
/// Panels of one size that are imagined.
const PANELS: usize = 40;

/// Something that was said of a change, or could have been, and whether it is real.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// What was reviewed: examples of one pull request are learned from together or not at all.
    pub pr: String,
    /// Voters that reported it; none for a known issue that nobody found.
    pub reporters: Vec<String>,
    /// Voters that answered for its place, reporters among them or not.
    pub answered: Vec<String>,
    /// Its category, where it is known.
    pub category: Option<String>,
    /// The answer.
    pub real: bool,
}

impl Example {
    /// What a vote knows of it.
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence {
            reporters: &self.reporters,
            answered: &self.answered,
            category: self.category.as_deref(),
        }
    }
}

impl Model {
    /// Learns a model. `None` where there is nothing real or nothing wrong among what was
    /// reported: from one kind alone no difference can be learned.
    ///
    /// Each backend's record is counted, pulled towards that of all. How strongly, how many
    /// wrong claims nobody made, where the scale begins and how much reports and silence count are fitted
    /// to examples whose pull requests the records in use have not seen, for panels of all
    /// sizes up to five. The order of examples does not matter.
    pub fn learn(examples: &[Example], records: Records) -> Option<Self> {
        let reported = |real: bool| {
            examples
                .iter()
                .any(|example| example.real == real && !example.reporters.is_empty())
        };
        if !reported(true) || !reported(false) {
            return None;
        }
        let imagined = imagined(examples);
        let pulls = match records {
            Records::Each => PULLS.map(Some).to_vec(),
            Records::Common => vec![None],
        };
        let trusts = pulls
            .into_iter()
            .flat_map(|pull| POOLS.map(|pool| Trust { pull, pool }));
        let mut best: Option<(f64, Trust, Line)> = None;
        for trust in trusts {
            let scored = out_of_fold(examples, &imagined, trust);
            let line = Line::fit(&scored);
            let loss = line.loss(&scored);
            if best.is_none_or(|(least, ..)| loss < least) {
                best = Some((loss, trust, line));
            }
        }
        let (_, trust, line) = best?;
        let mut model = counted(examples.iter(), trust);
        model.intercept = line.intercept;
        model.temper = line.temper;
        model.silence = line.silence;
        Some(model)
    }
}

/// Whose records are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// Each backend's own.
    Each,
    /// One for all backends: what is known of those that the examples do not name.
    Common,
}

/// How records are counted.
#[derive(Clone, Copy)]
struct Trust {
    /// Of [`PULLS`]; none where no backend has a record of its own.
    pull: Option<f64>,
    /// Of [`POOLS`].
    pool: f64,
}

/// Which part a pull request is in: a hash of its name, so that no order matters.
fn fold(pr: &str) -> u64 {
    // FNV-1a, 64 bits.
    let hash = pr.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32) % FOLDS
}

/// How often someone said something, of how many chances.
#[derive(Clone, Copy, Default)]
struct Count {
    said: f64,
    chances: f64,
}

impl Count {
    /// Share, pulled towards `towards` by `pull` observations.
    fn share(self, towards: f64, pull: f64) -> f64 {
        (self.said + towards * pull) / (self.chances + pull)
    }
}

/// Records by counting; intercept and tempers are those of plain naive Bayes.
fn counted<'e>(examples: impl Iterator<Item = &'e Example>, trust: Trust) -> Model {
    // Each with what is real first.
    let mut all = [Count::default(); 2];
    let mut backends: BTreeMap<&str, [Count; 2]> = BTreeMap::new();
    let mut categories: BTreeMap<&str, [Count; 2]> = BTreeMap::new();
    let mut kinds = [0.0_f64; 2];
    for example in examples {
        let kind = usize::from(!example.real);
        // A wrong claim that was made stands for those that nobody made.
        let weight = if example.real { 1.0 } else { trust.pool };
        for (name, (said, silent)) in counts(example) {
            let chances = (said + silent) * weight;
            for count in [&mut all[kind], &mut backends.entry(name).or_default()[kind]] {
                count.said += said;
                count.chances += chances;
            }
        }
        kinds[kind] += weight;
        if let Some(category) = &example.category {
            // Shares of what has a category at all.
            let entry = categories.entry(category).or_default();
            entry[kind].said += 1.0;
        }
    }
    // Laplace: one report and one silence more than were seen.
    let default = record(all.map(|count| count.share(0.5, 2.0)));
    let known: [f64; 2] =
        std::array::from_fn(|kind| categories.values().map(|counts| counts[kind].said).sum());
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let kinds_of_category = categories.len().max(2) as f64;
    let own = |[real, unreal]: [Count; 2], pull: f64| {
        record([
            real.share(default.real, pull),
            unreal.share(default.unreal, pull * trust.pool),
        ])
    };
    let named = trust.pull.into_iter().flat_map(|pull| {
        let records = backends.iter();
        records.map(move |(name, counts)| ((*name).to_owned(), own(*counts, pull)))
    });
    Model {
        intercept: (kinds[0].max(1.0) / kinds[1].max(1.0)).ln(),
        temper: 1.0,
        silence: 1.0,
        default,
        backends: named.collect(),
        categories: categories
            .into_iter()
            .map(|(name, counts)| {
                let shares = std::array::from_fn(|kind| {
                    let of_all = Count {
                        said: counts[kind].said,
                        chances: known[kind],
                    };
                    // Towards the share that it has of both together.
                    let both = (counts[0].said + counts[1].said + 1.0)
                        / (known[0] + known[1] + kinds_of_category);
                    of_all.share(both, CATEGORY_PULL)
                });
                (name.to_owned(), record(shares))
            })
            .collect(),
    }
}

fn record([real, unreal]: [f64; 2]) -> Record {
    // Within what four decimals can write.
    let bound = |share: f64| share.clamp(0.0005, 0.9995);
    Record {
        real: bound(real),
        unreal: bound(unreal),
    }
}

/// What one panel would have said of an example.
struct Imagined<'e> {
    /// The example's part.
    fold: u64,
    /// Of each backend of the panel: how many of its voters reported it, how many kept silent.
    said: Vec<(&'e str, f64, f64)>,
    category: Option<&'e str>,
    real: bool,
    /// All panels of one size weigh as much as one example.
    weight: f64,
}

/// What panels of all sizes would have reported of the examples.
fn imagined(examples: &[Example]) -> Vec<Imagined<'_>> {
    let mut panels_of: BTreeMap<Vec<&str>, Vec<Panel<'_>>> = BTreeMap::new();
    let mut out = Vec::new();
    for example in examples {
        let counts = counts(example);
        let crew: Vec<&str> = counts.keys().copied().collect();
        let panels = panels_of
            .entry(crew)
            .or_insert_with_key(|crew| panels(crew));
        for (panel, weight) in panels.iter() {
            let said: Vec<_> = panel
                .iter()
                .filter_map(|name| {
                    counts
                        .get(name)
                        .map(|(said, silent)| (*name, *said, *silent))
                })
                .collect();
            // What nobody of the panel reports is no finding of it.
            if said.iter().any(|(_, said, _)| *said > 0.0) {
                out.push(Imagined {
                    fold: fold(&example.pr),
                    said,
                    category: example.category.as_deref(),
                    real: example.real,
                    weight: *weight,
                });
            }
        }
    }
    out
}

/// Backend → how many of its voters reported an example, and how many kept silent.
fn counts(example: &Example) -> BTreeMap<&str, (f64, f64)> {
    let voters: BTreeSet<&String> = example.answered.iter().chain(&example.reporters).collect();
    let mut counts: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for voter in voters {
        let (said, silent) = counts.entry(backend_of(voter)).or_default();
        *if example.reporters.contains(voter) {
            said
        } else {
            silent
        } += 1.0;
    }
    counts
}

/// Names, and what the panel weighs.
type Panel<'e> = (Vec<&'e str>, f64);

fn panels<'e>(crew: &[&'e str]) -> Vec<Panel<'e>> {
    let mut panels = Vec::new();
    // Seeded: equal examples give equal models.
    let mut random = fastrand::Rng::with_seed(7);
    for size in 1..=MAX_PANEL.min(crew.len()) {
        let mut chosen: BTreeSet<Vec<&str>> = BTreeSet::new();
        // Of few panels some are drawn again and again, and that is no harm.
        for _ in 0..PANELS {
            let mut panel = crew.to_vec();
            random.shuffle(&mut panel);
            panel.truncate(size);
            panel.sort_unstable();
            chosen.insert(panel);
        }
        #[expect(clippy::cast_precision_loss, reason = "at most PANELS")]
        let weight = 1.0 / chosen.len() as f64;
        panels.extend(chosen.into_iter().map(|panel| (panel, weight)));
    }
    panels
}

/// Scores what each panel would have reported by records of other pull requests.
fn out_of_fold(examples: &[Example], imagined: &[Imagined<'_>], trust: Trust) -> Vec<Scored> {
    let models: Vec<Model> = (0..FOLDS)
        .map(|own| {
            let others = examples.iter().filter(|example| fold(&example.pr) != own);
            counted(others, trust)
        })
        .collect();
    let mut scored: Vec<Scored> = imagined
        .iter()
        .filter_map(|one| {
            let model = models.get(usize::try_from(one.fold).ok()?)?;
            Some(Scored {
                sums: model.sums_of(one.said.iter().copied(), one.category),
                real: f64::from(u8::from(one.real)),
                weight: one.weight,
            })
        })
        .collect();
    // Sums of floating-point numbers must not depend on the examples' order.
    scored.sort_by(|left, right| {
        let (one, other) = (left.sums, right.sums);
        one.said
            .total_cmp(&other.said)
            .then(one.silent.total_cmp(&other.silent))
            .then(left.real.total_cmp(&right.real))
            .then(left.weight.total_cmp(&right.weight))
    });
    scored
}
