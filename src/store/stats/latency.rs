//! How long calls took.

/// Times of calls, in milliseconds. Percentiles are by nearest rank: the smallest time that is as
/// long as that share of all times or longer; always one that was measured, never between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// How many times.
    pub count: u64,
    /// Their sum.
    pub sum_ms: u64,
    /// Half of them are as short or shorter.
    pub median_ms: u64,
    /// 95 of 100 are as short or shorter.
    pub p95_ms: u64,
}

impl Latency {
    pub(super) fn of(mut times: Vec<u64>) -> Option<Self> {
        times.sort_unstable();
        Some(Self {
            count: u64::try_from(times.len()).unwrap_or(u64::MAX),
            sum_ms: times.iter().fold(0, |sum, time| sum.saturating_add(*time)),
            median_ms: nearest_rank(&times, 50)?,
            p95_ms: nearest_rank(&times, 95)?,
        })
    }
}

/// The value of rank ⌈percent/100 · n⌉ among `n` sorted values; none of none.
pub fn nearest_rank(sorted: &[u64], percent: u8) -> Option<u64> {
    let rank = (sorted.len() * usize::from(percent.min(100))).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}
