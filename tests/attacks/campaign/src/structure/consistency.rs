//! Corruptions of proofs of growth.

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::ConsistencyProof;
use tallystick_proof::verify::verify_extends;

use super::digests::corruptions;
use crate::numbers::{growth_sides, wrong_numbers};
use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::Subject;
use crate::tally::{Fault, Tally};

pub(crate) fn run(subject: &Subject, size: u64, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, size << 16);
    let newer = subject.tree.head_at(size)?;
    let empty = ConsistencyProof::new(subject.scheme.digest_size(), Vec::new())?;
    for older_size in 0..=size {
        if !rng.chance(options.sample) {
            continue;
        }
        let older = subject.tree.head_at(older_size)?;
        let what = |how: &str| format!("{} {older_size} to {size}: {how}", subject.scheme.name());
        if older_size == 0 {
            // A14: every tree extends the empty one, so there is nothing that a proof could show.
            tally.forged(verify_extends(&newer, &older, empty.digests()).is_ok(), || what("from nothing"));
            continue;
        }
        let proof = subject.tree.prove_extends(older_size, Some(&newer))?;
        tally.honest(verify_extends(&newer, &older, proof.digests()).is_ok(), || what("as it is"));
        one(subject, &older, &newer, &proof, &mut rng, tally)?;
    }
    Ok(())
}

fn one(
    subject: &Subject,
    older: &TreeHead,
    newer: &TreeHead,
    proof: &ConsistencyProof,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let (old, new, width) = (older.size(), newer.size(), subject.scheme.digest_size());
    let what = |how: &str| format!("{} {old} to {new}: {how}", subject.scheme.name());
    for (how, bytes) in corruptions(proof.digests().bytes(), width, &[older.root(), newer.root()], rng) {
        let forged = ConsistencyProof::new(width, bytes);
        let accepted = forged.is_ok_and(|forged| verify_extends(newer, older, forged.digests()).is_ok());
        tally.forged(accepted, || what(&how));
    }
    if old != new {
        tally.forged(verify_extends(older, newer, proof.digests()).is_ok(), || what("the other way round"));
    }
    for (how, root) in [("zeros", vec![0; width]), ("flipped", flipped(older.root(), rng)), ("nothing", Vec::new())] {
        let Ok(head) = TreeHead::new(subject.scheme.clone(), old, root.clone()) else {
            tally.forged(false, || what(how));
            continue;
        };
        tally.forged(verify_extends(newer, &head, proof.digests()).is_ok(), || what(&format!("older root {how}")));
        let head = TreeHead::new(subject.scheme.clone(), new, root)?;
        tally.forged(verify_extends(&head, older, proof.digests()).is_ok(), || what(&format!("newer root {how}")));
    }
    if subject.scheme.binds_size() {
        let scheme = subject.scheme.with_context(vec![1])?;
        let other = TreeHead::new(scheme, old, older.root().to_vec())?;
        tally.forged(verify_extends(newer, &other, proof.digests()).is_ok(), || what("another context"));
    }
    relabels(subject, older, newer, proof, tally)
}

fn flipped(root: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut root = root.to_vec();
    let place = rng.place(root.len());
    root[place] ^= 1 << rng.below(8);
    root
}

fn relabels(
    subject: &Subject,
    older: &TreeHead,
    newer: &TreeHead,
    proof: &ConsistencyProof,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let (old, new) = (older.size(), newer.size());
    let height = new.ilog2() + 1;
    let (mut olds, mut news) = (wrong_numbers(old, height), wrong_numbers(new, height));
    olds.push(old);
    news.push(new);
    let olds: Vec<_> = olds.into_iter().map(|size| subject.relabelled(older, size)).collect::<Result<_, _>>()?;
    let news: Vec<_> = news.into_iter().map(|size| subject.relabelled(newer, size)).collect::<Result<_, _>>()?;
    for other_new in &news {
        for other_old in &olds {
            let sizes = (other_old.size(), other_new.size());
            if sizes == (old, new) {
                continue;
            }
            let what = || format!("{} {old} to {new} as {sizes:?}", subject.scheme.name());
            let accepted = verify_extends(other_new, other_old, proof.digests()).is_ok();
            // Equal heads of any size extend each other, and equal shapes hide a size that nothing binds.
            let one_shape = growth_sides(old, new) == growth_sides(sizes.0, sizes.1);
            if !subject.scheme.binds_size() && one_shape {
                tally.note("relabels of one shape (rfc6962, by definition)", 1);
            } else if old == new && sizes.0 == sizes.1 && sizes.0 > 0 {
                // Two heads alike, of whatever size: what is trusted is one and the same.
                tally.note("equal heads of another size", 1);
            } else {
                tally.forged(accepted, what);
            }
        }
    }
    Ok(())
}
