//! Fitting what sums of log-odds are worth: logistic regression with bounds.

use super::{Line, Sums};

/// Pull of each temper towards 1, that of naive Bayes, in examples.
const RIDGE: f64 = 2.0;

/// Sums of log-odds, whether what they say is real, and what that weighs.
pub(super) struct Scored {
    pub(super) sums: Sums,
    pub(super) real: f64,
    pub(super) weight: f64,
}

impl Line {
    /// The likeliest line, its tempers pulled towards 1 and never below 0: whatever was
    /// measured, a report never lowers and silence never raises.
    pub(super) fn fit(scored: &[Scored]) -> Self {
        let mut line = Self {
            intercept: 0.0,
            temper: 1.0,
            silence: 1.0,
        };
        for _ in 0..50 {
            let (slope, curve) = line.slope_and_curve(scored);
            let held = [
                false,
                line.temper <= 0.0 && slope[1] > 0.0,
                line.silence <= 0.0 && slope[2] > 0.0,
            ];
            let Some(step) = newton(slope, curve, held) else {
                break;
            };
            let moved = |temper: f64, step: f64| (temper - step.clamp(-0.5, 0.5)).clamp(0.0, 10.0);
            let before = line.loss(scored);
            // Where sums are large, whole steps from a first guess far away make it worse.
            let shorter = (0..20).map(|halvings| 0.5_f64.powi(halvings));
            let better = shorter
                .map(|share| Self {
                    intercept: line.intercept - share * step[0].clamp(-2.0, 2.0),
                    temper: moved(line.temper, share * step[1]),
                    silence: moved(line.silence, share * step[2]),
                })
                .find(|next| next.loss(scored) <= before);
            let Some(better) = better else {
                break;
            };
            line = better;
            if step.iter().all(|step| step.abs() < 1e-9) {
                break;
            }
        }
        line
    }

    /// First and second derivatives of the loss.
    fn slope_and_curve(self, scored: &[Scored]) -> ([f64; 3], [[f64; 3]; 3]) {
        let pull = |temper: f64| RIDGE * (temper - 1.0);
        let mut slope = [0.0, pull(self.temper), pull(self.silence)];
        // A little on the diagonal: where all sums are equal the fit stays defined.
        let mut curve = [[1e-6, 0.0, 0.0], [0.0, RIDGE, 0.0], [0.0, 0.0, RIDGE]];
        for one in scored {
            let p = self.probability(one.sums);
            let off = one.weight * (p - one.real);
            let spread = one.weight * p * (1.0 - p);
            let features = [1.0, one.sums.said, -one.sums.silent];
            for (at, feature) in features.into_iter().enumerate() {
                slope[at] += off * feature;
                for (other, value) in features.into_iter().enumerate() {
                    curve[at][other] += spread * feature * value;
                }
            }
        }
        (slope, curve)
    }

    fn probability(self, sums: Sums) -> f64 {
        1.0 / (1.0 + (-self.odds(sums)).exp())
    }

    /// Logarithmic loss and the pull's share of it.
    pub(super) fn loss(self, scored: &[Scored]) -> f64 {
        let of_examples: f64 = scored
            .iter()
            .map(|one| {
                let p = self.probability(one.sums).clamp(1e-9, 1.0 - 1e-9);
                -one.weight * (one.real * p.ln() + (1.0 - one.real) * (1.0 - p).ln())
            })
            .sum();
        let off = (self.temper - 1.0).powi(2) + (self.silence - 1.0).powi(2);
        of_examples + RIDGE / 2.0 * off
    }
}

/// The step of Newton's method among what is not held at its bound: Gauss' elimination of
/// a symmetric, positive matrix. `None` where rounding leaves none.
fn newton(mut slope: [f64; 3], mut curve: [[f64; 3]; 3], held: [bool; 3]) -> Option<[f64; 3]> {
    for at in (0..3).filter(|at| held[*at]) {
        slope[at] = 0.0;
        curve[at] = [0.0; 3];
        for row in &mut curve {
            row[at] = 0.0;
        }
        curve[at][at] = 1.0;
    }
    for at in 0..3 {
        if curve[at][at] <= 0.0 {
            return None;
        }
        let row = curve[at];
        for below in at + 1..3 {
            let factor = curve[below][at] / row[at];
            for (value, above) in curve[below].iter_mut().zip(row) {
                *value -= factor * above;
            }
            slope[below] -= factor * slope[at];
        }
    }
    let mut step = [0.0; 3];
    for at in (0..3).rev() {
        let known: f64 = (at + 1..3)
            .map(|other| curve[at][other] * step[other])
            .sum();
        step[at] = (slope[at] - known) / curve[at][at];
    }
    Some(step)
}
