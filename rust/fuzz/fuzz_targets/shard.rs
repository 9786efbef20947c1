//! Shards of arbitrary ranges: made, joined, encoded.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::{LEAVES, known};
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::shard::Shard;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any { tree: u8, cuts: [u64; 4], digests: &'a [u8] },
    Cut { tree: u8, base: u64, cuts: Vec<u8>, order: Vec<u8> },
}

fn survives(shard: &Shard) {
    assert_eq!(Shard::decode(&shard.encode(), &builtin).as_ref().ok(), Some(shard));
    assert_eq!(Shard::from_json(&shard.to_json(), &builtin).as_ref().ok(), Some(shard));
    assert_eq!(Shard::from_protobuf(&shard.to_protobuf(), &builtin).as_ref().ok(), Some(shard));
}

/// How many nodes cover a range: each the largest that its first leaf and the rest allow.
fn cover(mut begin: u64, end: u64) -> usize {
    let mut count = 0;
    while begin < end {
        let aligned = if begin == 0 { 1 << 63 } else { begin & begin.wrapping_neg() };
        let mut width = aligned;
        while width > end - begin {
            width /= 2;
        }
        begin += width;
        count += 1;
    }
    count
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Any { tree, mut cuts, digests } => {
        let scheme = known(tree).scheme.clone();
        let _ = Shard::of_digests(scheme.clone(), cuts[0]..cuts[1], digests);
        cuts.sort_unstable();
        let part = |begin: u64, end: u64| {
            Shard::of_digests(scheme.clone(), begin..end, &vec![begin as u8; 32 * cover(begin, end)])
        };
        let parts: Vec<Shard> = cuts.windows(2).map(|cut| part(cut[0], cut[1]).expect("a shard")).collect();
        parts.iter().for_each(survives);
        let [first, second, third] = &parts[..] else { return };
        let join = |left: &Shard, right: &Shard| left.clone().join(right.clone()).expect("they follow");
        let left = join(&join(first, second), third);
        let right = join(first, &join(second, third));
        assert_eq!(left, right);
        survives(&left);
        assert_eq!(left.head().is_ok(), cuts[0] == 0);
        assert_eq!(third.clone().join(first.clone()).is_ok(), cuts[3] == cuts[0]);
    }
    Input::Cut { tree, base, mut cuts, order } => {
        let known = known(tree);
        let rows: Vec<&[u8]> = known.leaves.iter().map(Vec::as_slice).collect();
        cuts.iter_mut().for_each(|cut| *cut %= LEAVES as u8 + 1);
        cuts.extend([0, LEAVES as u8]);
        cuts.sort_unstable();
        let made: Result<Vec<Shard>, _> = cuts
            .windows(2)
            .map(|cut| {
                let rows = RaggedRows(&rows[usize::from(cut[0])..usize::from(cut[1])]);
                Shard::of_leaves(known.work(), base.saturating_add(u64::from(cut[0])), &rows)
            })
            .collect();
        let fits = base.checked_add(LEAVES as u64).is_some();
        assert!(made.is_ok() || !fits);
        let (Ok(mut shards), true) = (made, fits) else { return };
        for place in order.into_iter().chain(std::iter::repeat(0)) {
            if shards.len() == 1 {
                break;
            }
            let place = usize::from(place) % (shards.len() - 1);
            let (left, right) = (shards.remove(place), shards.remove(place));
            shards.insert(place, left.join(right).expect("they follow"));
        }
        let whole = Shard::of_leaves(known.work(), base, &RaggedRows(&rows)).expect("a shard");
        assert_eq!(shards.pop().as_ref(), Some(&whole));
        survives(&whole);
        if base == 0 {
            assert_eq!(whole.head().expect("a head"), known.head(LEAVES as u64));
        }
    }
});
