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
    /// (voter, (likeness, twin) of the likest, then of the next); in no order.
    best: Vec<Vec<(usize, [(f64, usize); 2])>>,
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
        let entry = known.iter().position(|(of, _)| *of == voter);
        let entry = entry.unwrap_or_else(|| {
            known.push((voter, [NONE; 2]));
            known.len() - 1
        });
        let [first, second] = &mut known[entry].1;
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
            let best = known.find(|(voter, _)| *voter == voters[other]);
            let rival =
                best.and_then(|(_, best)| best.iter().find(|(_, twin)| *twin != twins[other]));
            rival.map_or(0.0, |(words, _)| *words)
        };
        beside(left, right).max(beside(right, left))
    }
}
