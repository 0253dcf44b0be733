//! How far probabilities can be believed.

/// Bins of the expected calibration error.
const BINS: usize = 10;

/// What was said with about the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// How many.
    pub examples: usize,
    /// Mean of the probabilities.
    pub said: f64,
    /// Share of what is real.
    pub real: f64,
}

/// How far probabilities can be believed.
#[derive(Clone, Debug, PartialEq)]
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
    /// The bins that hold something, the lowest first.
    pub bins: Vec<Bin>,
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
    // Sums first, means later.
    let mut bins = [Bin::default(); BINS];
    for (p, real) in judged {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a probability times ten"
        )]
        let bin = ((p * BINS as f64) as usize).min(BINS - 1);
        let bin = &mut bins[bin];
        bin.examples += 1;
        bin.said += p;
        bin.real += truth(*real);
    }
    let error: f64 = bins.iter().map(|bin| (bin.said - bin.real).abs()).sum();
    let means = bins.into_iter().filter(|bin| bin.examples > 0).map(|bin| {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let count = bin.examples as f64;
        Bin {
            said: bin.said / count,
            real: bin.real / count,
            ..bin
        }
    });
    Some(Calibration {
        examples: judged.len(),
        brier: squares(&|p| p),
        uninformed: squares(&|_| mean),
        error: error / all,
        bins: means.collect(),
    })
}
