//! Leaves cut into shards at random and joined in random association; shards that must not join.

use tallystick_proof::codec::Wire;
use tallystick_proof::scheme::{Kind, Scheme};
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::pool::{Run, never};
use tallystick_tree::shard::Shard;
use tallystick_tree::tree::DenseTree;

use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::{SERIAL, alone, schemes};
use crate::tally::{Fault, Tally, spread};

/// Cuts in all, over all schemes.
const CUTS: u64 = 10_000;
const TASKS: u64 = 100;
/// Most leaves of an array; some are longer than a block.
const LEAVES: u64 = 6000;
/// Most pieces.
const PIECES: u64 = 40;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let schemes = schemes(options, Kind::Dense)?;
    let tasks: Vec<u64> = (0..TASKS).collect();
    spread(&tasks, options, |task, tally| {
        let mut rng = Rng::new(options.seed, *task);
        for _ in 0..options.share(CUTS / TASKS) {
            one_cut(&schemes, &mut rng, tally)?;
        }
        Ok(())
    })
}

fn one_cut(schemes: &[Scheme], rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
    let scheme = &schemes[rng.place(schemes.len())];
    let size = rng.log_uniform(LEAVES + 1) - 1;
    let leaves: Vec<Vec<u8>> = (0..size)
        .map(|_| {
            let length = rng.place(50);
            rng.bytes(length)
        })
        .collect();
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let whole = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, alone())?.head()?;
    let work = Work::new(scheme, Run { pool: &SERIAL, interrupt: &never });

    let mut cuts: Vec<u64> = (0..rng.below(PIECES)).map(|_| rng.below(size + 1)).collect();
    cuts.extend([0, size]);
    cuts.sort_unstable();
    let mut shards = Vec::new();
    for (begin, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        let rows = RaggedRows(&rows[*begin as usize..*end as usize]);
        let shard = Shard::of_leaves(work, *begin, &rows)?;
        shards.push(Shard::decode(&shard.encode(), &accelerated)?);
    }
    tally.note("cuts", 1);
    tally.note("shards", shards.len() as u64);
    let what = || format!("{} {size} leaves cut at {cuts:?}", scheme.name());
    mismatches(scheme, &shards, rng, tally)?;
    while shards.len() > 1 {
        let place = rng.place(shards.len() - 1);
        let (left, right) = (shards.remove(place), shards.remove(place));
        shards.insert(place, left.join(right)?);
    }
    let joined = shards.pop().ok_or("there is a shard")?;
    tally.honest(joined == Shard::of_leaves(work, 0, &RaggedRows(&rows))?, what);
    tally.honest(joined.head()? == whole, what);
    Ok(())
}

/// Gaps, overlaps, wrong orders and other schemes do not join; a shard from the middle has no head.
fn mismatches(scheme: &Scheme, shards: &[Shard], rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
    let (left, right) = (&shards[rng.place(shards.len())], &shards[rng.place(shards.len())]);
    let what = || format!("{} {:?} and {:?}", scheme.name(), left.range(), right.range());
    if left.range().end != right.range().start {
        tally.forged(left.clone().join(right.clone()).is_ok(), what);
    }
    if right.range().start != 0 {
        tally.forged(right.head().is_ok(), what);
    }
    let end = left.range().end;
    let mut strangers = vec![Scheme::of_family("rfc6962", accelerated("blake2b_256").ok_or("a hash")?)?];
    if scheme.binds_size() {
        strangers.push(scheme.with_context(vec![7])?);
    }
    for stranger in strangers.iter().filter(|stranger| *stranger != scheme) {
        tally.forged(left.clone().join(Shard::empty(stranger.clone(), end)?).is_ok(), what);
    }
    let digests = right.digests();
    for wrong in
        [digests.get(32..), digests.get(1..), Some(&[&digests[..], &[0; 32]].concat()[..])].into_iter().flatten()
    {
        tally.forged(Shard::of_digests(scheme.clone(), right.range(), wrong).is_some(), what);
    }
    Ok(())
}
