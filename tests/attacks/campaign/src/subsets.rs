//! Honest proofs of many leaves: all subsets of small trees, random subsets of larger ones, cut and joined.

use std::collections::BTreeSet;

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::MultiProof;
use tallystick_proof::verify::{Claim, extract, merge, verify_many};

use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::{Subject, subjects};
use crate::tally::{Fault, Tally, spread};

/// All subsets are tried up to this size.
const SMALL: u64 = 12;
/// Random subsets are of trees up to this size.
const LARGE: u64 = 4096;
/// Random subsets for each scheme, in so many tasks.
const RANDOM: u64 = 10_000;
const TASKS: u64 = 50;
/// Larger subsets have as many of their single proofs compared, chosen at random.
const EXTRACTS: usize = 12;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let subjects = subjects(options, LARGE, |rng| 2 + rng.place(30))?;
    let mut tasks: Vec<(&Subject, Option<u64>)> = Vec::new();
    for subject in &subjects {
        tasks.push((subject, None));
        tasks.extend((0..TASKS).map(|task| (subject, Some(task))));
    }
    let mut tally = spread(&tasks, options, |(subject, task), tally| match task {
        None => all_subsets(subject, options, tally),
        Some(task) => random_subsets(subject, *task, options, tally),
    })?;
    tally.most("schemes", subjects.len() as u64);
    Ok(tally)
}

fn all_subsets(subject: &Subject, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, 1);
    for size in 1..=SMALL {
        let head = subject.tree.head_at(size)?;
        for subset in 1..1_u64 << size {
            if !rng.chance(options.sample) {
                continue;
            }
            let members = |subset: u64| (0..size).filter(|bit| subset >> bit & 1 == 1).collect::<Vec<u64>>();
            tally.note("subsets", 1);
            let indices = members(subset);
            let proof = one(subject, &head, &indices, &indices, tally)?;
            let other = members(1 + rng.below((1 << size) - 1));
            joined(subject, &head, (&indices, &proof), &other, tally)?;
        }
    }
    Ok(())
}

fn random_subsets(subject: &Subject, task: u64, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, 2 + task);
    for _ in 0..options.share(RANDOM / TASKS) {
        let size = 1 + rng.below(LARGE);
        let head = subject.tree.head_at(size)?;
        let subset = |rng: &mut Rng| {
            let count = rng.log_uniform(size);
            let mut indices: Vec<u64> =
                (0..count).map(|_| rng.below(size)).collect::<BTreeSet<_>>().into_iter().collect();
            rng.shuffle(&mut indices);
            indices
        };
        let indices = subset(&mut rng);
        tally.note("subsets", 1);
        let asked: Vec<u64> = if indices.len() <= EXTRACTS {
            indices.clone()
        } else {
            (0..EXTRACTS).map(|_| indices[rng.place(indices.len())]).collect()
        };
        let proof = one(subject, &head, &indices, &asked, tally)?;
        joined(subject, &head, (&indices, &proof), &subset(&mut rng), tally)?;
    }
    Ok(())
}

/// The proof of some leaves verifies, and the single proofs cut out of it are those that the tree makes.
fn one(
    subject: &Subject,
    head: &TreeHead,
    indices: &[u64],
    asked: &[u64],
    tally: &mut Tally,
) -> Result<MultiProof, Fault> {
    let what = || format!("{} {indices:?}/{}", subject.scheme.name(), head.size());
    let proof = subject.tree.prove_many(indices.to_vec(), Some(head))?;
    let leaves = subject.rows(indices);
    let claim = Claim { indices, leaves: &leaves };
    tally.honest(verify_many(head, claim, proof.digests()).is_ok(), what);
    for index in asked {
        let single = subject.tree.prove(*index, Some(head))?;
        let cut = extract(head, claim, proof.digests(), *index);
        tally.note("extracts", 1);
        tally.honest(cut.is_ok_and(|cut| cut == single), || format!("{}: extract {index}", what()));
    }
    Ok(proof)
}

/// Two proofs of one head join into the proof of all their leaves.
fn joined(
    subject: &Subject,
    head: &TreeHead,
    (indices, proof): (&[u64], &MultiProof),
    others: &[u64],
    tally: &mut Tally,
) -> Result<(), Fault> {
    let what = || format!("{} {indices:?} and {others:?}/{}", subject.scheme.name(), head.size());
    let other = subject.tree.prove_many(others.to_vec(), Some(head))?;
    let (leaves, other_leaves) = (subject.rows(indices), subject.rows(others));
    let left = (Claim { indices, leaves: &leaves }, proof.digests());
    let right = (Claim { indices: others, leaves: &other_leaves }, other.digests());
    let all: BTreeSet<u64> = indices.iter().chain(others).copied().collect();
    let whole = subject.tree.prove_many(all.into_iter().collect(), Some(head))?;
    tally.note("merges", 1);
    tally.honest(merge(head, left, right).is_ok_and(|joined| joined == whole), what);
    Ok(())
}
