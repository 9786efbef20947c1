//! Sorting many places by eight bytes each, in tasks.

use std::ops::Range;

use crate::pool::{Interrupted, Run};

/// Fewer than these are sorted in one piece.
const SMALL: usize = 1 << 12;
/// Pieces that many are sorted in, by their first byte.
const BUCKETS: usize = 256;

/// The places of `prefixes` in ascending order, which costs 24 bytes a place meanwhile; there are at most 2^32. `settle`
/// orders places whose prefixes are equal, by all that they are sorted by; they come ascending.
pub fn sorted<E: From<Interrupted> + Send>(
    prefixes: &[u64],
    run: Run<'_>,
    mut settle: impl FnMut(&mut [u32]) -> Result<(), E>,
) -> Result<Vec<u32>, E> {
    let mut pairs: Vec<(u64, u32)> = vec![(0, 0); prefixes.len()];
    let mut ends = [0; BUCKETS];
    if prefixes.len() < SMALL {
        for (pair, (place, prefix)) in pairs.iter_mut().zip(prefixes.iter().enumerate()) {
            *pair = (*prefix, place as u32);
        }
        pairs.sort_unstable();
    } else {
        let bucket = |prefix: u64| (prefix >> 56) as usize;
        for prefix in prefixes {
            ends[bucket(*prefix)] += 1;
        }
        let mut next = 0;
        for end in &mut ends {
            (*end, next) = (next, next + *end);
        }
        for (place, prefix) in prefixes.iter().enumerate() {
            let next = &mut ends[bucket(*prefix)];
            pairs[*next] = (*prefix, place as u32);
            *next += 1;
        }
        let mut rest = &mut pairs[..];
        let mut begin = 0;
        let tasks = ends.iter().map(|end| {
            let own;
            (own, rest) = std::mem::take(&mut rest).split_at_mut(end - begin);
            begin = *end;
            own
        });
        run.each(tasks, |own: &mut [(u64, u32)]| {
            sort_bucket(own);
            Ok::<_, E>(())
        })?;
    }
    let mut places: Vec<u32> = pairs.iter().map(|pair| pair.1).collect();
    for equal in equal_runs(&pairs) {
        settle(&mut places[equal])?;
    }
    Ok(places)
}

/// Sorts pairs whose prefixes have one first byte: by the second byte in one sweep, and then few at a time.
fn sort_bucket(pairs: &mut [(u64, u32)]) {
    if pairs.len() < BUCKETS {
        pairs.sort_unstable();
        return;
    }
    let bucket = |prefix: u64| (prefix >> 48) as usize % BUCKETS;
    let mut ends = [0; BUCKETS];
    for pair in &*pairs {
        ends[bucket(pair.0)] += 1;
    }
    let mut next = 0;
    for end in &mut ends {
        (*end, next) = (next, next + *end);
    }
    let given = pairs.to_vec();
    for pair in given {
        let next = &mut ends[bucket(pair.0)];
        pairs[*next] = pair;
        *next += 1;
    }
    let mut begin = 0;
    for end in ends {
        pairs[begin..end].sort_unstable();
        begin = end;
    }
}

/// Where prefixes are equal.
fn equal_runs(pairs: &[(u64, u32)]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for place in 1..pairs.len() {
        if pairs[place].0 != pairs[place - 1].0 {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == place => last.end = place + 1,
            _ => runs.push(place - 1..place + 1),
        }
    }
    runs
}
