//! Average linkage: two groups are joined while the mean probability of their pairs is
//! high enough, the likest first. A claim that resembles one member alone stays out.

use std::collections::{BTreeMap, BTreeSet};

use super::likeness::Pair;

/// Groups `count` things by their pairs (lower index first, each once); pairs that are
/// absent count 0. Gives groups of indices, all ascending.
pub(super) fn link(count: usize, pairs: &[Pair], threshold: f64) -> Vec<Vec<usize>> {
    let mut linkage = Linkage {
        groups: (0..count).map(|at| vec![at]).collect(),
        near: vec![BTreeMap::new(); count],
        queue: BTreeSet::new(),
    };
    // A mean is no higher than the highest: what no such pair joins can never become one.
    let islands = islands(count, pairs, threshold);
    for pair in pairs {
        if islands[pair.left] == islands[pair.right] {
            linkage.set(pair.left, pair.right, pair.probability);
        }
    }
    while let Some(&(rank, left, right)) = linkage.queue.last() {
        if f64::from_bits(rank) < threshold || rank == 0 {
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

/// For each thing, the lowest index that pairs from `threshold` up lead to.
fn islands(count: usize, pairs: &[Pair], threshold: f64) -> Vec<usize> {
    let mut above: Vec<usize> = (0..count).collect();
    for pair in pairs.iter().filter(|pair| pair.probability >= threshold) {
        let (one, other) = (top(&mut above, pair.left), top(&mut above, pair.right));
        above[one.max(other)] = one.min(other);
    }
    (0..count).map(|at| top(&mut above, at)).collect()
}

/// The end of the chain from `at`, which is shortened on the way.
fn top(above: &mut [usize], mut at: usize) -> usize {
    while above[at] != at {
        above[at] = above[above[at]];
        at = above[at];
    }
    at
}

/// Groups go by the index of their first member; a joined one is empty.
struct Linkage {
    groups: Vec<Vec<usize>>,
    /// Group → groups with any likeness, and its sum over the pairs between the two.
    near: Vec<BTreeMap<usize, f64>>,
    /// Mean likeness of two groups, by its bits: those of positive numbers are in order.
    queue: BTreeSet<(u64, usize, usize)>,
}

impl Linkage {
    fn set(&mut self, one: usize, other: usize, sum: f64) {
        let (left, right) = (one.min(other), one.max(other));
        self.queue
            .insert((self.rank(left, right, sum), left, right));
        self.near[left].insert(right, sum);
        self.near[right].insert(left, sum);
    }

    #[expect(clippy::cast_precision_loss, reason = "groups are small")]
    fn rank(&self, left: usize, right: usize, sum: f64) -> u64 {
        let pairs = self.groups[left].len() * self.groups[right].len();
        (sum.max(0.0) / pairs.max(1) as f64).to_bits()
    }

    /// Takes all pairs of a group out of the queue.
    fn withdraw(&mut self, group: usize) -> BTreeMap<usize, f64> {
        let near = std::mem::take(&mut self.near[group]);
        for (&other, &sum) in &near {
            let (left, right) = (group.min(other), group.max(other));
            let rank = self.rank(left, right, sum);
            self.queue.remove(&(rank, left, right));
            self.near[other].remove(&group);
        }
        near
    }

    /// Joins the group at `right` to that at `left`.
    fn join(&mut self, left: usize, right: usize) {
        // Means change with the size: all are taken out before it does.
        let mut sums = self.withdraw(left);
        for (other, sum) in self.withdraw(right) {
            *sums.entry(other).or_default() += sum;
        }
        sums.remove(&left);
        sums.remove(&right);
        let joined = std::mem::take(&mut self.groups[right]);
        self.groups[left].extend(joined);
        for (other, sum) in sums {
            self.set(left, other, sum);
        }
    }
}
