//! What else the voter of each statement said that is like another one.

/// For each statement, the first one that it repeats; itself where it repeats none.
pub(super) fn twins(
    count: usize,
    likes: &[(usize, usize, f64)],
    repeats: &dyn Fn(usize, usize, f64) -> bool,
) -> Vec<usize> {
    let mut twins: Vec<usize> = (0..count).collect();
    for &(left, right, words) in likes {
        // Lower indices come first, so that the twin of the left one is known.
        if repeats(left, right, words) {
            twins[right] = twins[right].min(twins[left]);
        }
    }
    twins
}

/// Of each statement, the two likest of every voter that said something like it.
pub(super) struct Rivals {
    /// In no order of voters.
    best: Vec<Vec<Best>>,
}

/// What one voter said that is most like something.
#[derive(Clone)]
struct Best {
    voter: usize,
    /// (likeness, twin) of the likest, then of the next.
    two: [(f64, usize); 2],
}

impl Rivals {
    pub(super) fn new(twins: &[usize], voters: &[usize], likes: &[(usize, usize, f64)]) -> Self {
        let mut rivals = Self {
            best: vec![Vec::new(); twins.len()],
        };
        for &(left, right, words) in likes {
            rivals.see(left, twins[right], voters[right], words);
            rivals.see(right, twins[left], voters[left], words);
        }
        rivals
    }

    /// What says the same twice is no rival of itself.
    fn see(&mut self, at: usize, twin: usize, voter: usize, words: f64) {
        const NONE: (f64, usize) = (0.0, usize::MAX);
        let known = &mut self.best[at];
        let entry = known.iter().position(|best| best.voter == voter);
        let entry = entry.unwrap_or_else(|| {
            let two = [NONE; 2];
            known.push(Best { voter, two });
            known.len() - 1
        });
        let [first, second] = &mut known[entry].two;
        if first.1 == twin {
            first.0 = first.0.max(words);
        } else if words > first.0 {
            (*first, *second) = ((words, twin), *first);
        } else if words > second.0 {
            *second = (words, twin);
        }
    }

    /// Likeness of the best pair that one of the two makes with something else that the
    /// other's voter said; 0 where there is none.
    pub(super) fn best(
        &self,
        (left, right): (usize, usize),
        twins: &[usize],
        voters: &[usize],
    ) -> f64 {
        let beside = |at: usize, other: usize| {
            let mut known = self.best[at].iter();
            let best = known.find(|best| best.voter == voters[other])?;
            let rival = best.two.iter().find(|(_, twin)| *twin != twins[other]);
            rival.map(|(words, _)| *words)
        };
        let best = [beside(left, right), beside(right, left)];
        best.into_iter().flatten().fold(0.0, f64::max)
    }
}
