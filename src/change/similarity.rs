//! How much of one file is in another, as git counts it: bytes in equal lines
//! (or pieces of 64 bytes of longer ones) over the size of the larger file.

/// The score of equal files.
pub(super) const BEST: u32 = 60_000;

/// git's number of buckets for line hashes. A prime; equal lines of different
/// buckets do not exist, different lines in one bucket are taken for equal.
const BUCKETS: u32 = 107_927;
/// Bytes of a piece at most.
const PIECE: u32 = 64;
/// A NUL among the first bytes makes a file binary: its CR LF counts as it stands.
const SNIFFED: usize = 8000;

/// A file as the bytes in each bucket.
pub(super) struct Spans {
    size: u64,
    /// (bucket, bytes), in order of buckets, each bucket once.
    buckets: Vec<(u32, u32)>,
}

impl Spans {
    pub(super) fn of(content: &[u8]) -> Self {
        let text = !content[..content.len().min(SNIFFED)].contains(&0);
        let mut pieces = Vec::with_capacity(content.len() / 24 + 1);
        let (mut low, mut high, mut length) = (0_u32, 0_u32, 0_u32);
        let bucket = |low: u32, high: u32| low.wrapping_add(high.wrapping_mul(0x61)) % BUCKETS;
        for (at, byte) in content.iter().enumerate() {
            if text && *byte == b'\r' && content.get(at + 1) == Some(&b'\n') {
                continue;
            }
            let before = low;
            low = (low << 7) ^ (high >> 25);
            high = (high << 7) ^ (before >> 25);
            low = low.wrapping_add(u32::from(*byte));
            length += 1;
            if length == PIECE || *byte == b'\n' {
                pieces.push((bucket(low, high), length));
                (low, high, length) = (0, 0, 0);
            }
        }
        if length > 0 {
            pieces.push((bucket(low, high), length));
        }
        pieces.sort_unstable();
        let mut buckets: Vec<(u32, u32)> = Vec::with_capacity(pieces.len());
        for (bucket, bytes) in pieces {
            match buckets.last_mut() {
                Some(last) if last.0 == bucket => last.1 += bytes,
                _ => buckets.push((bucket, bytes)),
            }
        }
        Self {
            size: content.len() as u64,
            buckets,
        }
    }
}

/// Similarity of two files; 0 where their sizes alone say that it is below `least`.
pub(super) fn score(old: &Spans, new: &Spans, least: u32) -> u32 {
    let mut new_buckets = new.buckets.iter().peekable();
    let mut shared = 0_u64;
    for (bucket, bytes) in &old.buckets {
        while new_buckets.next_if(|it| it.0 < *bucket).is_some() {}
        if let Some((_, other)) = new_buckets.next_if(|it| it.0 == *bucket) {
            shared += u64::from(*bytes.min(other));
        }
    }
    of_shared(shared, old.size, new.size, least)
}

fn of_shared(shared: u64, old: u64, new: u64, least: u32) -> u32 {
    let (best, least) = (u64::from(BEST), u64::from(least));
    let (larger, smaller) = (old.max(new), old.min(new));
    if larger == 0 || larger * (best - least) < (larger - smaller) * best {
        return 0;
    }
    u32::try_from(shared * best / larger).unwrap_or(BEST)
}

/// Many old files, ready to be compared with one new file after the other: the
/// cost of a comparison is what they share, not what they are.
pub(super) struct Index<'a> {
    files: &'a [Option<&'a Spans>],
    /// For each bucket, where its entries begin.
    starts: Vec<usize>,
    /// (file, bytes), by bucket.
    entries: Vec<(u32, u32)>,
}

impl<'a> Index<'a> {
    pub(super) fn new(files: &'a [Option<&'a Spans>]) -> Self {
        let mut starts = vec![0_usize; BUCKETS as usize + 1];
        let each = || {
            let known = (0_u32..)
                .zip(files)
                .filter_map(|(at, it)| Some((at, (*it)?)));
            known.flat_map(|(at, spans)| spans.buckets.iter().map(move |it| (at, it.0, it.1)))
        };
        for (_, bucket, _) in each() {
            starts[bucket as usize + 1] += 1;
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0); total];
        for (file, bucket, bytes) in each() {
            entries[next[bucket as usize]] = (file, bytes);
            next[bucket as usize] += 1;
        }
        Self {
            files,
            starts,
            entries,
        }
    }

    /// Similarity of `new` to each of the old files, in their order.
    pub(super) fn scores(&self, new: &Spans, least: u32) -> Vec<u32> {
        let mut shared = vec![0_u64; self.files.len()];
        for (bucket, bytes) in &new.buckets {
            let bucket = *bucket as usize;
            for (file, other) in &self.entries[self.starts[bucket]..self.starts[bucket + 1]] {
                shared[*file as usize] += u64::from(*bytes.min(other));
            }
        }
        let scored = shared
            .into_iter()
            .zip(self.files)
            .map(|(shared, old)| old.map_or(0, |old| of_shared(shared, old.size, new.size, least)));
        scored.collect()
    }
}
