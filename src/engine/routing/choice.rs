//! Which of some voters read a packet: pure.

use std::cmp::Reverse;

/// Crews up to this size are searched for their cheapest part; in larger ones the cheapest
/// voters are taken one by one.
const SEARCHED: usize = 10;

/// A voter that may be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// What its vote counts.
    pub weight: f64,
    /// Highest cost of its calls about the packet, in billionths of a dollar; none where no
    /// price is known, which counts as dearer than any price.
    pub cost: Option<u64>,
    /// Whether a soft policy speaks against it.
    pub is_avoided: bool,
}

/// How many are wanted, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// All.
    Whole,
    /// The cheapest, so many at least.
    Cheapest(usize),
    /// The strongest by weight, then by cost, so many at least.
    Strongest(usize),
}

/// Who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Indices of candidates, ascending.
    pub members: Vec<usize>,
    /// Whether they make a quorum; where not, they are all candidates.
    pub reaches: bool,
}

/// Whether some candidates, by index and ascending, make a quorum together.
pub type Reaches<'r> = dyn Fn(&[usize]) -> bool + 'r;

/// Chooses among `candidates`, which are in the order of their crew. Those that a policy speaks
/// against are taken only where the others make no quorum.
pub fn choose(candidates: &[Candidate], size: Size, reaches: &Reaches<'_>) -> Choice {
    let all: Vec<usize> = (0..candidates.len()).collect();
    let welcome: Vec<usize> = all
        .iter()
        .copied()
        .filter(|at| !candidates[*at].is_avoided)
        .collect();
    let pool = Pool {
        candidates,
        reaches,
    };
    if welcome.len() < all.len() && reaches(&welcome) {
        let members = pool.pick(&welcome, size).unwrap_or(welcome);
        return Choice {
            members,
            reaches: true,
        };
    }
    if !reaches(&all) {
        return Choice {
            members: all,
            reaches: false,
        };
    }
    let members = if welcome.len() < all.len() {
        pool.with_few_avoided(&welcome, size)
    } else {
        pool.pick(&all, size)
    };
    Choice {
        members: members.unwrap_or(all),
        reaches: true,
    }
}

struct Pool<'p> {
    candidates: &'p [Candidate],
    reaches: &'p Reaches<'p>,
}

/// What a set costs: unknown prices, then the sum of the known ones.
type Cost = (usize, u64);

impl Pool<'_> {
    /// From `pool`, which makes a quorum.
    fn pick(&self, pool: &[usize], size: Size) -> Option<Vec<usize>> {
        match size {
            Size::Whole => Some(pool.to_vec()),
            Size::Strongest(least) => self.first(&self.by_strength(pool), least),
            Size::Cheapest(least) => self.cheapest(pool, least),
        }
    }

    /// The welcome ones, and of the others as few as make a quorum with them, cheap ones first.
    fn with_few_avoided(&self, welcome: &[usize], size: Size) -> Option<Vec<usize>> {
        let others = (0..self.candidates.len()).filter(|at| self.candidates[*at].is_avoided);
        let others: Vec<usize> = others.collect();
        let order = match size {
            Size::Strongest(_) | Size::Whole => self.by_strength(&others),
            Size::Cheapest(_) => self.by_cost(&others),
        };
        let order: Vec<usize> = welcome.iter().copied().chain(order).collect();
        self.first(&order, welcome.len() + 1)
    }

    /// The first so many of an order, and as many more as make a quorum.
    fn first(&self, order: &[usize], least: usize) -> Option<Vec<usize>> {
        (least.clamp(1, order.len().max(1))..=order.len())
            .map(|count| sorted(order[..count].to_vec()))
            .find(|members| (self.reaches)(members))
    }

    /// The cheapest set of at least so many that makes a quorum.
    fn cheapest(&self, pool: &[usize], least: usize) -> Option<Vec<usize>> {
        let least = least.clamp(1, pool.len().max(1));
        let order = self.by_cost(pool);
        let first = sorted(order[..least.min(order.len())].to_vec());
        // No other set of that size or more is cheaper.
        if (self.reaches)(&first) {
            return Some(first);
        }
        if pool.len() > SEARCHED {
            return self.first(&order, least);
        }
        let mut sets: Vec<(Cost, usize, Vec<usize>)> = (1_usize..1 << pool.len())
            .filter(|mask| mask.count_ones() as usize >= least)
            .map(|mask| {
                let members = (0..pool.len()).filter(|bit| mask >> bit & 1 == 1);
                let members: Vec<usize> = members.map(|bit| pool[bit]).collect();
                (self.cost(&members), members.len(), members)
            })
            .collect();
        sets.sort();
        let mut sets = sets.into_iter().map(|(.., members)| members);
        sets.find(|members| (self.reaches)(members))
    }

    fn cost(&self, members: &[usize]) -> Cost {
        let costs = members.iter().map(|at| self.candidates[*at].cost);
        let unknown = costs.clone().filter(Option::is_none).count();
        (unknown, costs.flatten().fold(0, u64::saturating_add))
    }

    fn by_cost(&self, pool: &[usize]) -> Vec<usize> {
        let mut order = pool.to_vec();
        order.sort_by_key(|at| (self.cost(&[*at]), *at));
        order
    }

    fn by_strength(&self, pool: &[usize]) -> Vec<usize> {
        let mut order = pool.to_vec();
        order.sort_by(|left, right| {
            let (one, other) = (&self.candidates[*left], &self.candidates[*right]);
            let key = |at: usize, it: &Candidate| (Reverse(it.cost), at);
            other
                .weight
                .total_cmp(&one.weight)
                .then_with(|| key(*left, one).cmp(&key(*right, other)))
        });
        order
    }
}

fn sorted(mut members: Vec<usize>) -> Vec<usize> {
    members.sort_unstable();
    members
}

/// Which packets keep their first crew where so much may be spent, in billionths of a dollar:
/// `costs` has what each takes with its first crew, and with a cheaper one where it has one.
/// The last packets give in first.
pub fn fit(costs: &[(u64, Option<u64>)], remaining: u64) -> Vec<bool> {
    let mut keeps = vec![true; costs.len()];
    let mut sum = costs
        .iter()
        .map(|(first, _)| u128::from(*first))
        .sum::<u128>();
    for (at, (first, cheaper)) in costs.iter().enumerate().rev() {
        if sum <= u128::from(remaining) {
            break;
        }
        if let Some(cheaper) = cheaper.filter(|cheaper| cheaper < first) {
            keeps[at] = false;
            sum -= u128::from(first - cheaper);
        }
    }
    keeps
}
