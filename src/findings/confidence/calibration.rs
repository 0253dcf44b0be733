//! How far probabilities can be believed.

/// Bins of the expected calibration error.
const BINS: usize = 10;

/// How far probabilities can be believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// How many were judged.
    pub examples: usize,
    /// Mean squared difference to the truth: 0 is best; who always says the mean of the
    /// truth has [`Calibration::uninformed`].
    pub brier: f64,
    /// Brier score of one who knows the share of what is real and nothing else.
    pub uninformed: f64,
    /// Mean difference between what was said and what was true, over ten bins of equal
    /// width, by their size: 0 is best.
    pub error: f64,
}

/// Judges probabilities by what turned out to be real; `None` where there are none.
pub fn calibration(judged: &[(f64, bool)]) -> Option<Calibration> {
    if judged.is_empty() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let all = judged.len() as f64;
    let truth = |real: bool| f64::from(u8::from(real));
    let mean = judged.iter().map(|(_, real)| truth(*real)).sum::<f64>() / all;
    let squares = |said: &dyn Fn(f64) -> f64| {
        let sum: f64 = judged
            .iter()
            .map(|(p, real)| (said(*p) - truth(*real)).powi(2))
            .sum();
        sum / all
    };
    let mut bins = [0.0_f64; BINS];
    for (p, real) in judged {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a probability times ten"
        )]
        let bin = ((p * BINS as f64) as usize).min(BINS - 1);
        bins[bin] += p - truth(*real);
    }
    Some(Calibration {
        examples: judged.len(),
        brier: squares(&|p| p),
        uninformed: squares(&|_| mean),
        error: bins.iter().map(|difference| difference.abs()).sum::<f64>() / all,
    })
}
