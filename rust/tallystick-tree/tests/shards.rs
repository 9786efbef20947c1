//! Shards against the definition, at every cut of small ranges and at the edge of 64 bits.

use std::error::Error;

use tallystick_proof::codec::{DecodeError, Wire};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::Hash;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::error::TreeError;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::{FixedRows, RaggedRows};
use tallystick_tree::pool::Run;
use tallystick_tree::pool::{Pool, never};
use tallystick_tree::shard::Shard;
use tallystick_tree::tree::DenseTree;

type Outcome = Result<(), Box<dyn Error>>;

fn scheme(family: &str) -> Result<Scheme, Box<dyn Error>> {
    Ok(Scheme::of_family(family, accelerated("sha256").ok_or("a hash")?)?)
}

fn leaves(size: usize) -> Vec<Vec<u8>> {
    (0..size).map(|index| format!("leaf {index}").into_bytes()).collect()
}

fn shard(scheme: &Scheme, leaves: &[Vec<u8>], begin: u64) -> Result<Shard, TreeError> {
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let pool = Pool::serial();
    Shard::of_leaves(Work::new(scheme, Run { pool: &pool, interrupt: &never }), begin, &RaggedRows(&rows))
}

/// The digest of leaves that fill a node.
fn full(scheme: &Scheme, leaves: &[Vec<u8>]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut digest = vec![0; 32];
    if let [leaf] = leaves {
        scheme.leaves(Places::From(0), &[leaf], &mut digest)?;
    } else {
        let (left, right) = leaves.split_at(leaves.len() / 2);
        scheme.nodes(1, Places::From(0), &[full(scheme, left)?, full(scheme, right)?].concat(), &mut digest)?;
    }
    Ok(digest)
}

/// The largest nodes that cover a range, found by trying.
fn cover(begin: usize, end: usize) -> Vec<(usize, usize)> {
    let mut nodes = Vec::new();
    let mut next = begin;
    while next < end {
        let width = (0..20)
            .map(|level| 1_usize << level)
            .take_while(|width| next.is_multiple_of(*width) && next + width <= end)
            .last();
        let width = width.unwrap_or(1);
        nodes.push((next, next + width));
        next += width;
    }
    nodes
}

#[test]
fn covers_are_the_largest_nodes() -> Outcome {
    for scheme in [scheme("native")?, scheme("rfc6962")?] {
        let leaves = leaves(20);
        for (begin, end) in (0..=20).flat_map(|end| (0..=end).map(move |begin| (begin, end))) {
            let made = shard(&scheme, &leaves[begin..end], begin as u64)?;
            assert_eq!((made.range(), made.scheme()), (begin as u64..end as u64, &scheme));
            let expected: Vec<Vec<u8>> = cover(begin, end)
                .into_iter()
                .map(|(begin, end)| full(&scheme, &leaves[begin..end]))
                .collect::<Result<_, _>>()?;
            assert_eq!(made.digests(), expected.concat(), "{begin} {end}");
            let again = |digests: &[u8]| Shard::of_digests(scheme.clone(), made.range(), digests);
            assert_eq!(again(&made.digests()), Some(made.clone()));
            assert_eq!(again(&[made.digests(), vec![0]].concat()), None);
            assert_eq!(again(&[made.digests(), vec![0; 32]].concat()), None);
            if begin < end {
                assert_eq!(again(&made.digests()[1..]), None);
                assert_eq!(again(&made.digests()[32..]), None);
                assert_eq!(Shard::of_digests(scheme.clone(), end as u64..begin as u64, &made.digests()), None);
                assert_eq!(Shard::of_digests(scheme.clone(), end as u64..begin as u64, &[]), None);
            } else {
                assert_eq!(made, Shard::empty(scheme.clone(), begin as u64)?);
            }
        }
    }
    Ok(())
}

#[test]
fn every_cut_joins() -> Outcome {
    let (scheme, leaves) = (scheme("rfc6962")?, leaves(20));
    let part = |begin: usize, end: usize| shard(&scheme, &leaves[begin..end], begin as u64);
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let pool = Pool::serial();
    let run = Run { pool: &pool, interrupt: &never };
    let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, run)?;
    for end in 0..=20 {
        assert_eq!(part(0, end)?.head()?, tree.head_at(end as u64)?);
        for (begin, middle) in (0..=end).flat_map(|middle| (0..=middle).map(move |begin| (begin, middle))) {
            let (left, right) = (part(begin, middle)?, part(middle, end)?);
            assert_eq!(left.clone().join(right.clone())?, part(begin, end)?, "{begin} {middle} {end}");
            if begin != end {
                let wrong = right.join(left);
                let ranges = (middle as u64..end as u64, begin as u64..middle as u64);
                assert!(
                    matches!(wrong, Err(TreeError::NotAdjacent { left, right }) if (left.clone(), right.clone()) == ranges)
                );
            }
        }
        if end > 0 {
            assert!(matches!(part(end, 20)?.head(), Err(TreeError::NotFromZero(begin)) if begin == end as u64));
        }
    }
    Ok(())
}

#[test]
fn blocks_do_not_show() -> Outcome {
    let scheme = scheme("native")?;
    let data: Vec<u8> = (0..9000_u32).flat_map(u32::to_le_bytes).collect();
    for (begin, count) in [(0, 9000), (1, 9000), (4095, 4098), (4096, 4096), (4097, 1), (8191, 2), (0, 4096), (0, 0)] {
        let rows = FixedRows::new(&data[..4 * count], 4).ok_or("rows")?;
        let pool = Pool::new(2)?;
        let work = Work::new(&scheme, Run { pool: &pool, interrupt: &never });
        let whole = Shard::of_leaves(work, begin, &rows)?;
        let mut joined = Shard::empty(scheme.clone(), begin)?;
        for (place, chunk) in data[..4 * count].chunks(4 * 777).enumerate() {
            let rows = FixedRows::new(chunk, 4).ok_or("rows")?;
            joined = joined.join(Shard::of_leaves(work, begin + 777 * place as u64, &rows)?)?;
        }
        assert_eq!(joined, whole);
        assert_eq!(whole.range(), begin..begin + count as u64);
    }
    Ok(())
}

#[test]
fn the_last_leaves_that_fit() -> Outcome {
    let (scheme, leaves) = (scheme("native")?, leaves(9));
    for begin in [u64::MAX - 9, (1 << 63) - 4, (1 << 32) - 5] {
        let whole = shard(&scheme, &leaves, begin)?;
        assert_eq!(whole.range(), begin..begin + 9);
        for cut in 0..=9 {
            let left = shard(&scheme, &leaves[..cut], begin)?;
            assert_eq!(left.join(shard(&scheme, &leaves[cut..], begin + cut as u64)?)?, whole);
        }
    }
    assert!(matches!(shard(&scheme, &leaves, u64::MAX - 8), Err(TreeError::TooManyLeaves)));
    // As many nodes as there can be.
    for (range, count) in [(0..u64::MAX, 64), (1..u64::MAX, 126), (1..1 << 63, 63), (u64::MAX..u64::MAX, 0)] {
        for digests in 0..130 {
            let made = Shard::of_digests(scheme.clone(), range.clone(), &vec![3; 32 * digests]);
            assert_eq!(made.is_some(), digests == count, "{range:?} {digests}");
        }
    }
    let half =
        |range: std::ops::Range<u64>, count: usize| Shard::of_digests(scheme.clone(), range, &vec![3; 32 * count]);
    let (left, right) = (half(0..1 << 63, 1).ok_or("left")?, half(1 << 63..u64::MAX, 63).ok_or("right")?);
    assert_eq!(left.join(right)?.digests().len(), 32 * 64);
    Ok(())
}

#[test]
fn schemes_do_not_mix() -> Outcome {
    let native = scheme("native")?;
    let others = [scheme("rfc6962")?, native.with_context(vec![1])?];
    for other in others {
        let joined = Shard::empty(native.clone(), 3)?.join(Shard::empty(other, 3)?);
        assert!(matches!(joined, Err(TreeError::OtherScheme)));
    }
    Ok(())
}

#[test]
fn written_down() -> Outcome {
    let scheme = scheme("native")?;
    let resolve: &dyn Fn(&str) -> Option<Hash> = &accelerated;
    for (begin, end) in [(0, 0), (3, 9), (0, 8), (7, 7)] {
        let made = shard(&scheme, &leaves(20)[begin..end], begin as u64)?;
        let (inner, digests) = (scheme.encode(), made.digests());
        let binary = [
            b"tlyr\x01",
            &(inner.len() as u32).to_le_bytes()[..],
            &inner,
            &(begin as u64).to_le_bytes(),
            &(end as u64).to_le_bytes(),
            &digests,
        ]
        .concat();
        assert_eq!(made.encode(), binary);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let listed: Vec<String> = digests.chunks(32).map(|digest| format!("\"{}\"", hex(digest))).collect();
        let json = format!(
            "{{\"format\":\"tallystick-shard\",\"version\":1,\"scheme\":{},\"begin\":\"{begin}\",\"end\":\"{end}\",\
             \"digests\":[{}]}}",
            scheme.to_json(),
            listed.join(",")
        );
        assert_eq!(made.to_json(), json);
        let inner = scheme.to_protobuf();
        let mut protobuf = [&[8, 1, 0x12, inner.len() as u8], &inner[..]].concat();
        for (tag, number) in [(0x18, begin), (0x20, end)] {
            if number > 0 {
                protobuf.extend([tag, number as u8]);
            }
        }
        digests.chunks(32).for_each(|digest| protobuf.extend([&[0x2a, 32], digest].concat()));
        assert_eq!(made.to_protobuf(), protobuf);
        assert_eq!(Shard::decode(&binary, resolve)?, made);
        assert_eq!(Shard::from_json(&json, resolve)?, made);
        assert_eq!(Shard::from_protobuf(&protobuf, resolve)?, made);
        let longer = [&binary[..], &[0; 32]].concat();
        let count = digests.len() / 32 + 1;
        assert!(matches!(
            Shard::decode(&longer, resolve),
            Err(DecodeError::Shard { begin: b, end: e, digests }) if (b, e, digests) == (begin as u64, end as u64, count)
        ));
        assert!(Shard::decode(&[&binary[..], b"x"].concat(), resolve).is_err());
    }
    Ok(())
}
