//! Learning a [`Model`] from findings with answers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Model, Record, backend_of};

/// What a record of its own is pulled towards, counted in observations: that of all
/// backends together.
const PULL: f64 = 10.0;
/// How many wrong claims there could be for each one that was made: tried in turn.
const POOLS: [f64; 8] = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0];
/// Pull of the temper towards 1, that of naive Bayes, in examples.
const RIDGE: f64 = 2.0;
/// Parts that the pull requests are divided into; each is scored by records of the others.
const FOLDS: u64 = 5;
/// Largest panel whose answers are imagined from those of a larger one.
const MAX_PANEL: usize = 5;
/// Panels of one size that are imagined.
const PANELS: usize = 40;

/// Something that was said of a change, or could have been, and whether it is real.
#[derive(Clone, Debug, PartialEq)]
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
    /// Each backend's record is counted, pulled towards that of all. How many wrong claims
    /// nobody made, where the scale begins and how much a sum counts are fitted to examples
    /// whose pull requests the records in use have not seen, for panels of all sizes up to
    /// five. The order of examples does not matter.
    pub fn learn(examples: &[Example]) -> Option<Self> {
        let reported = |real: bool| {
            examples
                .iter()
                .any(|example| example.real == real && !example.reporters.is_empty())
        };
        if !reported(true) || !reported(false) {
            return None;
        }
        let fold_of: Vec<u64> = examples.iter().map(|example| fold(&example.pr)).collect();
        let panels = imagined(examples);
        let mut best: Option<(f64, f64, Line)> = None;
        for pool in POOLS {
            let scored = out_of_fold(examples, &fold_of, &panels, pool);
            let line = Line::fit(&scored);
            let loss = line.loss(&scored);
            if best.is_none_or(|(least, ..)| loss < least) {
                best = Some((loss, pool, line));
            }
        }
        let (_, pool, line) = best?;
        let mut model = counted(examples.iter(), pool);
        model.intercept = line.intercept;
        model.temper = line.temper;
        Some(model)
    }
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
    fn add(&mut self, said: bool, weight: f64) {
        self.said += f64::from(u8::from(said));
        self.chances += weight;
    }

    /// Share, pulled towards `towards` by `pull` observations.
    fn share(self, towards: f64, pull: f64) -> f64 {
        (self.said + towards * pull) / (self.chances + pull)
    }
}

/// Records by counting; intercept and temper are those of plain naive Bayes.
fn counted<'e>(examples: impl Iterator<Item = &'e Example>, pool: f64) -> Model {
    // Each with what is real first.
    let mut all = [Count::default(); 2];
    let mut backends: BTreeMap<&str, [Count; 2]> = BTreeMap::new();
    let mut categories: BTreeMap<&str, [Count; 2]> = BTreeMap::new();
    let mut kinds = [0.0_f64; 2];
    for example in examples {
        let kind = usize::from(!example.real);
        // A wrong claim that was made stands for those that nobody made.
        let weight = if example.real { 1.0 } else { pool };
        let voters: BTreeSet<&String> = example.answered.iter().chain(&example.reporters).collect();
        for voter in voters {
            let said = example.reporters.contains(voter);
            all[kind].add(said, weight);
            backends.entry(backend_of(voter)).or_default()[kind].add(said, weight);
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
    Model {
        intercept: (kinds[0].max(1.0) / kinds[1].max(1.0)).ln(),
        temper: 1.0,
        default,
        backends: backends
            .into_iter()
            .map(|(name, [real, unreal])| {
                let shares = [
                    real.share(default.real, PULL),
                    unreal.share(default.unreal, PULL * pool),
                ];
                (name.to_owned(), record(shares))
            })
            .collect(),
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
                    of_all.share(both, 2.0 * PULL)
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

/// What smaller panels would have said of an example: names of those in the panel and what
/// it weighs. All panels of one size weigh as much as one example.
type Imagined<'e> = BTreeMap<Vec<&'e str>, Vec<(BTreeSet<&'e str>, f64)>>;

/// The panels of each crew that answered.
fn imagined(examples: &[Example]) -> Imagined<'_> {
    let crews: BTreeSet<Vec<&str>> = examples.iter().map(crew).collect();
    crews
        .into_iter()
        .map(|crew| {
            let panels = panels(&crew);
            (crew, panels)
        })
        .collect()
}

/// The backends that answered, sorted.
fn crew(example: &Example) -> Vec<&str> {
    let names: BTreeSet<&str> = example
        .answered
        .iter()
        .chain(&example.reporters)
        .map(|voter| backend_of(voter))
        .collect();
    names.into_iter().collect()
}

fn panels<'e>(crew: &[&'e str]) -> Vec<(BTreeSet<&'e str>, f64)> {
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
        panels.extend(
            chosen
                .into_iter()
                .map(|panel| (panel.into_iter().collect(), weight)),
        );
    }
    panels
}

/// A sum of log-odds, whether it was right, and what it weighs.
struct Scored {
    sum: f64,
    real: f64,
    weight: f64,
}

/// Scores what each imagined panel would have reported by records of other pull requests.
fn out_of_fold(
    examples: &[Example],
    fold_of: &[u64],
    panels: &Imagined<'_>,
    pool: f64,
) -> Vec<Scored> {
    let mut scored = Vec::new();
    for fold in 0..FOLDS {
        let others = examples.iter().zip(fold_of);
        let model = counted(
            others
                .filter(|(_, own)| **own != fold)
                .map(|(example, _)| example),
            pool,
        );
        let held_out = examples
            .iter()
            .zip(fold_of)
            .filter(|(_, own)| **own == fold);
        for (example, _) in held_out {
            for (panel, weight) in panels.get(&crew(example)).into_iter().flatten() {
                let within = |voters: &[String]| -> Vec<String> {
                    let in_panel = voters
                        .iter()
                        .filter(|voter| panel.contains(backend_of(voter)));
                    in_panel.cloned().collect()
                };
                let reporters = within(&example.reporters);
                if reporters.is_empty() {
                    continue;
                }
                scored.push(Scored {
                    sum: model.sum(&Evidence {
                        reporters: &reporters,
                        answered: &within(&example.answered),
                        category: example.category.as_deref(),
                    }),
                    real: f64::from(u8::from(example.real)),
                    weight: *weight,
                });
            }
        }
    }
    // Sums of floating-point numbers must not depend on the examples' order.
    scored.sort_by(|left, right| {
        left.sum
            .total_cmp(&right.sum)
            .then(left.real.total_cmp(&right.real))
            .then(left.weight.total_cmp(&right.weight))
    });
    scored
}

/// Log-odds = intercept + temper · sum.
#[derive(Clone, Copy)]
struct Line {
    intercept: f64,
    temper: f64,
}

impl Line {
    /// The likeliest line, its temper pulled towards 1 and never below 0.
    fn fit(scored: &[Scored]) -> Self {
        let mut line = Self {
            intercept: 0.0,
            temper: 1.0,
        };
        for _ in 0..50 {
            let mut slope = [0.0, RIDGE * (line.temper - 1.0)];
            // A little on the diagonal: where all sums are equal the fit stays defined.
            let mut curve = [1e-6, 0.0, RIDGE];
            for one in scored {
                let p = line.probability(one.sum);
                let off = one.weight * (p - one.real);
                let spread = one.weight * p * (1.0 - p);
                slope[0] += off;
                slope[1] += off * one.sum;
                curve[0] += spread;
                curve[1] += spread * one.sum;
                curve[2] += spread * one.sum * one.sum;
            }
            let determinant = curve[0] * curve[2] - curve[1] * curve[1];
            if determinant <= 0.0 {
                break;
            }
            let step = [
                (curve[2] * slope[0] - curve[1] * slope[1]) / determinant,
                (curve[0] * slope[1] - curve[1] * slope[0]) / determinant,
            ];
            // Newton's steps are bounded, so that a first guess far away does not overshoot.
            line.intercept -= step[0].clamp(-2.0, 2.0);
            line.temper = (line.temper - step[1].clamp(-0.5, 0.5)).clamp(0.0, 10.0);
            if step.iter().all(|step| step.abs() < 1e-9) {
                break;
            }
        }
        line
    }

    fn probability(self, sum: f64) -> f64 {
        1.0 / (1.0 + (-(self.intercept + self.temper * sum)).exp())
    }

    /// Logarithmic loss and the pull's share of it.
    fn loss(self, scored: &[Scored]) -> f64 {
        let of_examples: f64 = scored
            .iter()
            .map(|one| {
                let p = self.probability(one.sum).clamp(1e-9, 1.0 - 1e-9);
                -one.weight * (one.real * p.ln() + (1.0 - one.real) * (1.0 - p).ln())
            })
            .sum();
        of_examples + RIDGE / 2.0 * (self.temper - 1.0).powi(2)
    }
}
