//! Corruptions of a list of digests.

use crate::rng::Rng;

/// Swaps of all pairs are tried up to this many digests; beyond, of neighbours and of each with some other.
const ALL_PAIRS: usize = 16;

/// Other lists of digests, with what was done. `strangers` are digests that a forger knows: leaves, nodes, the root.
pub(crate) fn corruptions(digests: &[u8], width: usize, strangers: &[&[u8]], rng: &mut Rng) -> Vec<(String, Vec<u8>)> {
    let list: Vec<&[u8]> = digests.chunks(width).collect();
    let (zero, ones) = (vec![0; width], vec![255; width]);
    let mut corrupted: Vec<(String, Vec<u8>)> = Vec::new();
    let mut put = |what: String, list: &[&[u8]]| corrupted.push((what, list.concat()));
    put("nothing left".into(), &[]);
    put("twice".into(), &[&list[..], &list[..]].concat());
    put("reversed".into(), &list.iter().rev().copied().collect::<Vec<_>>());
    for place in 0..list.len() {
        put(format!("drop {place}"), &[&list[..place], &list[place + 1..]].concat());
        put(format!("first {place}"), &list[..place]);
        put(format!("repeat {place}"), &[&list[..=place], &list[place..]].concat());
    }
    for (name, stranger) in [("zeros", &zero[..]), ("ones", &ones)]
        .into_iter()
        .chain(strangers.iter().map(|stranger| ("a stranger", *stranger)))
        .chain(list.first().map(|first| ("the first", *first)))
    {
        for place in 0..=list.len() {
            put(format!("insert {name} at {place}"), &[&list[..place], &[stranger], &list[place..]].concat());
        }
        for place in 0..list.len() {
            put(format!("{name} in place of {place}"), &[&list[..place], &[stranger], &list[place + 1..]].concat());
        }
    }
    for left in 0..list.len() {
        let others: Vec<usize> = if list.len() <= ALL_PAIRS {
            (left + 1..list.len()).collect()
        } else {
            vec![(left + 1) % list.len(), rng.place(list.len())]
        };
        for right in others {
            let mut swapped = list.clone();
            swapped.swap(left, right);
            put(format!("swap {left} and {right}"), &swapped);
        }
    }
    let bit = |place: usize, rng: &mut Rng| (place * width + rng.place(width), 1_u8 << rng.below(8));
    for place in 0..list.len() {
        let (at, bit) = bit(place, rng);
        let mut flipped = digests.to_vec();
        flipped[at] ^= bit;
        corrupted.push((format!("a bit of {place}"), flipped));
    }
    corrupted.push(("a byte more".into(), [digests, &[0]].concat()));
    corrupted.push(("half a digest more".into(), [digests, &zero[..width / 2]].concat()));
    if let Some((_, shorter)) = digests.split_last() {
        corrupted.push(("a byte less".into(), shorter.to_vec()));
    }
    corrupted.retain(|(_, bytes)| bytes != digests);
    corrupted
}
