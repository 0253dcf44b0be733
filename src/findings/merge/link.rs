//! Average linkage: two groups are joined while the mean likeness of their pairs is
//! high enough, the likest first. A claim that resembles one member alone stays out.

use std::collections::{BTreeMap, BTreeSet};

/// Groups `count` things by the likeness of their pairs (lower index first, above 0);
/// pairs that are absent count 0. Gives groups of indices, all ascending.
pub(super) fn link(
    count: usize,
    pairs: &BTreeMap<(usize, usize), f64>,
    threshold: f64,
) -> Vec<Vec<usize>> {
    let mut linkage = Linkage {
        groups: (0..count).map(|at| vec![at]).collect(),
        sums: BTreeMap::new(),
        neighbours: vec![BTreeSet::new(); count],
        queue: BTreeSet::new(),
    };
    for (&(left, right), &likeness) in pairs {
        linkage.set(left, right, likeness);
    }
    while let Some(&(rank, left, right)) = linkage.queue.last() {
        if f64::from_bits(rank) < threshold {
            break;
        }
        linkage.join(left, right);
    }
    let mut groups = linkage.groups;
    groups.retain(|group| !group.is_empty());
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort();
    groups
}

/// Groups go by the index of their first member; a joined one is empty.
struct Linkage {
    groups: Vec<Vec<usize>>,
    /// Sum of likeness over the pairs between two groups.
    sums: BTreeMap<(usize, usize), f64>,
    /// Groups with any likeness.
    neighbours: Vec<BTreeSet<usize>>,
    /// Mean likeness of two groups, by its bits: those of positive numbers are in order.
    queue: BTreeSet<(u64, usize, usize)>,
}

impl Linkage {
    /// Takes a pair out; gives its sum.
    fn take(&mut self, one: usize, other: usize) -> f64 {
        let (left, right) = (one.min(other), one.max(other));
        let Some(sum) = self.sums.remove(&(left, right)) else {
            return 0.0;
        };
        let rank = self.rank(left, right, sum);
        self.queue.remove(&(rank, left, right));
        self.neighbours[left].remove(&right);
        self.neighbours[right].remove(&left);
        sum
    }

    fn set(&mut self, one: usize, other: usize, sum: f64) {
        let (left, right) = (one.min(other), one.max(other));
        self.sums.insert((left, right), sum);
        self.queue
            .insert((self.rank(left, right, sum), left, right));
        self.neighbours[left].insert(right);
        self.neighbours[right].insert(left);
    }

    #[expect(clippy::cast_precision_loss, reason = "groups are small")]
    fn rank(&self, left: usize, right: usize, sum: f64) -> u64 {
        let pairs = self.groups[left].len() * self.groups[right].len();
        (sum.max(0.0) / pairs.max(1) as f64).to_bits()
    }

    /// Joins the group at `right` to that at `left`.
    fn join(&mut self, left: usize, right: usize) {
        self.take(left, right);
        let others: BTreeSet<usize> = self.neighbours[left]
            .union(&self.neighbours[right])
            .copied()
            .collect();
        // Means change with the size: all are taken out before it does.
        let sums: Vec<_> = others
            .into_iter()
            .map(|other| (other, self.take(left, other) + self.take(right, other)))
            .collect();
        let joined = std::mem::take(&mut self.groups[right]);
        self.groups[left].extend(joined);
        for (other, sum) in sums {
            self.set(left, other, sum);
        }
    }
}
