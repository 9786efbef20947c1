//! Sums of trees against numbers that do not overflow: totals and node sums are right, and a total of 2^128 or more is
//! refused, exactly then, by whatever adds.

mod draw;
mod wide;

use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::record::Record;
use tallystick_proof::scheme::{Kind, Scheme};
use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::error::TreeError;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::{Leaves, RaggedRows, WithAmounts};
use tallystick_tree::shard::{Shard, SumShard};
use tallystick_tree::tree::{DenseTree, Wanted};

use crate::numbers::sibling_ranges;
use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::{alone, schemes};
use crate::tally::{Fault, Tally, spread};
use draw::{amounts, near_edge};
use wide::Wide;

/// Sums compared, over all trees.
const SUMS: u64 = 10_000_000;
const TASKS: u64 = 200;
/// Most leaves of a tree.
const LEAVES: u64 = 2048;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let schemes = schemes(options, Kind::Sum)?;
    let tasks: Vec<u64> = (0..TASKS).collect();
    spread(&tasks, options, |task, tally| {
        let mut rng = Rng::new(options.seed, *task);
        let (mut compared, wanted) = (0, options.share(SUMS / TASKS));
        while compared < wanted {
            let scheme = &schemes[rng.place(schemes.len())];
            // A sample that is smaller than a tree has smaller trees.
            let size = rng.log_uniform(LEAVES.min(wanted.max(8))) as usize;
            compared += one_tree(scheme, amounts(size, &mut rng), &mut rng, tally)?;
        }
        tally.note("sums", compared);
        Ok(())
    })
}

/// The amounts of a tree, and what the first of them add to: as many sums as there are leaves, and one of nothing.
struct Known {
    amounts: Vec<u128>,
    before: Vec<Wide>,
}

impl Known {
    fn new(amounts: Vec<u128>) -> Self {
        let mut before = vec![Wide::default()];
        for amount in &amounts {
            before.push(before[before.len() - 1].plus(Wide::of(*amount)));
        }
        Self { amounts, before }
    }

    /// What leaves `begin` to `end` add to; `None` if it is no amount.
    fn sum(&self, begin: u64, end: u64) -> Option<u128> {
        self.before[end as usize].minus(self.before[begin as usize]).amount()
    }

    fn total(&self) -> Wide {
        self.before[self.before.len() - 1]
    }
}

fn leaf(index: usize) -> Vec<u8> {
    format!("leaf {index}").into_bytes()
}

/// Calls `then` with leaves `begin` and on, which have these amounts.
fn with<T>(
    begin: usize,
    amounts: &[u128],
    then: impl FnOnce(&dyn Leaves) -> Result<T, TreeError>,
) -> Result<T, TreeError> {
    let rows: Vec<Vec<u8>> = (begin..begin + amounts.len()).map(leaf).collect();
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    then(&WithAmounts::new(&RaggedRows(&rows), amounts).ok_or(TreeError::Defect("as many amounts as leaves"))?)
}

/// Whether something was made, where nothing but an overflow can stand in the way.
fn made<T>(outcome: Result<T, TreeError>) -> Result<Option<T>, Fault> {
    match outcome {
        Ok(made) => Ok(Some(made)),
        Err(TreeError::SumOverflow) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Compares all sums of one tree, and says how many there were.
fn one_tree(scheme: &Scheme, amounts: Vec<u128>, rng: &mut Rng, tally: &mut Tally) -> Result<u64, Fault> {
    let known = Known::new(amounts);
    let size = known.amounts.len() as u64;
    let what = |how: &str| format!("{} of {size}: {how}", scheme.name());
    let tree =
        made(with(0, &known.amounts, |leaves| DenseTree::new(scheme.clone(), leaves, LeafRule::Hashed, alone())))?;
    shards(scheme, &known, rng, tally)?;
    tally.note("trees", 1);
    let Some(total) = known.total().amount() else {
        tally.note("overflows", 1);
        tally.forged(tree.is_some(), || what("2^128 or more"));
        return Ok(1);
    };
    tally.honest(tree.is_some(), || what("below 2^128"));
    let Some(tree) = tree else { return Ok(1) };
    let head = tree.head()?;
    tally.honest(head.total() == total, || what("total"));
    let mut compared = 1;
    for _ in 0..4 {
        let earlier = rng.below(size + 1);
        tally.honest(Some(tree.head_at(earlier)?.total()) == known.sum(0, earlier), || what("an earlier total"));
        compared += 1;
    }
    let batch = tree.prove_each(Wanted::All, None, alone())?;
    for index in 0..size {
        let sums = batch.path(index as usize).map(|path| path.record().sums(path.bytes())).unwrap_or_default();
        let ranges = sibling_ranges(index, size);
        tally.honest(sums.len() == ranges.len(), || what("a sum for each sibling"));
        for (sum, range) in sums.iter().zip(ranges) {
            tally.honest(Some(*sum) == known.sum(range.start, range.end), || what("a node's sum"));
        }
    }
    // Every node but the topmost is somebody's sibling, the upper ones of many.
    compared += 2 * size - 2;
    let index = rng.below(size);
    wrapped(&head, &known, index, &tree.prove(index, None)?, rng, tally)?;
    compared += writes(&tree, known, rng, tally)?;
    Ok(compared)
}

/// A proof whose sums add to the total modulo 2^128, and to it no other way.
fn wrapped(
    head: &TreeHead,
    known: &Known,
    index: u64,
    proof: &InclusionProof,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let record = proof.digests().record();
    let data = |amount: u128| [&amount.to_le_bytes(), &leaf(index as usize)[..]].concat();
    let own = known.amounts[index as usize];
    let verdict = verify_inclusion(head, index, &data(own), proof.digests());
    tally.honest(verdict.is_ok(), || format!("{index}/{}", head.size()));
    let (digests, sums) = (record.digests(proof.digests().bytes()), record.sums(proof.digests().bytes()));
    let mut shown = [&[own], &sums[..]].concat();
    if shown.len() < 2 {
        return Ok(());
    }
    let (from, to) = (rng.place(shown.len()), rng.place(shown.len()));
    let moved = near_edge(rng).max(1);
    if from == to {
        return Ok(());
    }
    shown[from] = shown[from].wrapping_sub(moved);
    shown[to] = shown[to].wrapping_add(moved);
    let records = Record::summed(record.digest_size()).join(&digests, &shown[1..]).ok_or("as many sums")?;
    let forged = InclusionProof::new(record, records)?;
    let verdict = verify_inclusion(head, index, &data(shown[0]), forged.digests());
    tally.forged(verdict.is_ok(), || format!("{index}/{}: {moved} from {from} to {to}", head.size()));
    Ok(())
}

/// Appends and replaces, to just below 2^128 and to it. Says how many sums were compared.
fn writes(tree: &DenseTree, known: Known, rng: &mut Rng, tally: &mut Tally) -> Result<u64, Fault> {
    let size = known.amounts.len();
    let head = tree.head()?;
    let left = Wide::power(128).minus(known.total());
    let what = |how: &str| format!("{} of {size}: {how}", tree.scheme().name());
    // Behind the last leaf: what adds to 2^128 in every order, and in half of the trees the most that fits.
    let most = left.minus(Wide::of(1)).amount().ok_or("a total below 2^128")?;
    for amounts in [Some([most, 1]), Some([1, most]), most.checked_add(1).map(|more| [more, 0])].into_iter().flatten() {
        let outcome = made(with(size, &amounts, |leaves| tree.extend(leaves, alone())))?;
        tally.note("overflows", 1);
        tally.forged(outcome.is_some(), || what("extend to 2^128"));
        tally.honest(tree.head()? == head, || what("a refused extend changes nothing"));
    }
    let mut amounts = known.amounts;
    if rng.below(2) == 0 {
        let outcome = made(with(size, &[most], |leaves| tree.extend(leaves, alone())))?;
        tally.honest(outcome.is_some() && tree.head()?.total() == u128::MAX, || what("extend to 2^128 - 1"));
        amounts.push(most);
    }
    // In the place of a leaf: the most that fits with it gone, one more, and anything.
    let mut compared = 1;
    for draw in 0..4 {
        let place = rng.place(amounts.len());
        let before = Known::new(amounts.clone());
        let without = before.total().minus(Wide::of(amounts[place]));
        let most = Wide::power(128).minus(without).minus(Wide::of(1)).amount();
        let new = match draw {
            0 => most.unwrap_or(u128::MAX).saturating_add(1),
            1 => most.unwrap_or(u128::MAX),
            2 => amounts[place],
            _ => near_edge(rng),
        };
        let expected = without.plus(Wide::of(new)).amount();
        let row = leaf(place);
        let rows = [row.as_slice()];
        let rows = RaggedRows(&rows);
        let given = [new];
        let leaves = WithAmounts::new(&rows, &given).ok_or("an amount")?;
        let (earlier, outcome) = (tree.head()?, made(tree.update(&[place as u64], &leaves, alone()))?);
        if expected.is_some() {
            tally.honest(outcome.is_some(), || what("an update that fits"));
            amounts[place] = new;
        } else {
            tally.note("overflows", 1);
            tally.forged(outcome.is_some(), || what("an update to 2^128"));
            tally.honest(tree.head()? == earlier, || what("a refused update changes nothing"));
        }
        tally.honest(Some(tree.head()?.total()) == Known::new(amounts.clone()).total().amount(), || what("updated"));
        compared += 1;
    }
    Ok(compared)
}

/// The leaves in three shards, joined in both associations. The sum of each is right, and their join is refused exactly if
/// it is too large.
fn shards(scheme: &Scheme, known: &Known, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
    let size = known.amounts.len() as u64;
    let work = Work::new(scheme, alone());
    let mut cuts = [0, rng.below(size + 1), rng.below(size + 1), size];
    cuts.sort_unstable();
    let mut parts = Vec::new();
    for (begin, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        let amounts = &known.amounts[*begin as usize..*end as usize];
        let part = made(with(*begin as usize, amounts, |leaves| Shard::of_leaves(work, *begin, leaves)))?;
        let expected = known.sum(*begin, *end);
        let what = || format!("{} {begin} to {end} of {size}", scheme.name());
        match (part, expected) {
            (Some(part), Some(expected)) => {
                tally.honest(part.total() == Some(expected), what);
                let coded = SumShard(part);
                tally.honest(SumShard::decode(&coded.encode(), &accelerated)? == coded, what);
                parts.push(coded.0);
            }
            (None, None) => tally.note("overflows", 1),
            (Some(_), None) => tally.forged(true, what),
            (None, Some(_)) => tally.honest(false, what),
        }
    }
    let [first, second, third] = &parts[..] else { return Ok(()) };
    let left = first.clone().join(second.clone()).and_then(|joined| joined.join(third.clone()));
    let right = second.clone().join(third.clone()).and_then(|joined| first.clone().join(joined));
    for joined in [left, right] {
        let joined = made(joined)?;
        let what = || format!("{} joined at {cuts:?}", scheme.name());
        if let Some(total) = known.total().amount() {
            tally.honest(joined.is_some_and(|joined| joined.total() == Some(total)), what);
        } else {
            tally.note("overflows", 1);
            tally.forged(joined.is_some(), what);
        }
    }
    Ok(())
}
