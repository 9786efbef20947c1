//! Corruptions of proofs of one leaf.

use tallystick_proof::frame::Places;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::tree::Wanted;

use super::digests::corruptions;
use crate::numbers::{sides, wrong_numbers};
use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::{Subject, alone};
use crate::tally::{Fault, Tally};

pub(crate) fn run(subject: &Subject, size: u64, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, size);
    let head = subject.tree.head_at(size)?;
    let batch = subject.tree.prove_each(Wanted::All, Some(&head), alone())?;
    for index in 0..size {
        if !rng.chance(options.sample) {
            continue;
        }
        let proof = batch.proof(index as usize).ok_or("a batch has a proof a leaf")?;
        let what = || format!("{} {index}/{size}", subject.scheme.name());
        let verdict = verify_inclusion(&head, index, subject.leaf(index), proof.digests());
        tally.honest(verdict.is_ok(), what);
        one(subject, &head, index, &proof, &mut rng, tally)?;
    }
    Ok(())
}

fn one(
    subject: &Subject,
    head: &TreeHead,
    index: u64,
    proof: &InclusionProof,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let (size, leaf, width) = (head.size(), subject.leaf(index), proof.digests().digest_size());
    let what = |how: &str| format!("{} {index}/{size}: {how}", subject.scheme.name());
    let mut own = vec![0; width];
    subject.scheme.leaves(Places::From(0), &[leaf], &mut own)?;
    for (how, bytes) in corruptions(proof.digests().bytes(), width, &[&own, head.root()], rng) {
        let forged = InclusionProof::new(width, bytes);
        let accepted = forged.is_ok_and(|forged| verify_inclusion(head, index, leaf, forged.digests()).is_ok());
        tally.forged(accepted, || what(&how));
    }
    // Digests of another size, of as many bytes.
    for other in [33, 48, 64] {
        let forged = InclusionProof::new(other, proof.digests().bytes().to_vec());
        let accepted = forged.is_ok_and(|forged| verify_inclusion(head, index, leaf, forged.digests()).is_ok());
        tally.forged(accepted && !proof.digests().bytes().is_empty(), || what("digests of another size"));
    }
    // Other data: a node's children in the place of a leaf among them.
    let children = [&own[..], proof.digests().bytes().get(..width).unwrap_or(&own)].concat();
    let doubled = leaf.repeat(2);
    for other in [&[][..], &leaf[1..], &doubled, &own, &children, &[&[0], leaf].concat(), &[leaf, &[0]].concat()] {
        tally.forged(verify_inclusion(head, index, other, proof.digests()).is_ok(), || what("another leaf"));
        // The proof of the level above, which is one shorter.
        let shorter = InclusionProof::new(width, proof.digests().bytes().get(width..).unwrap_or_default().to_vec())?;
        let accepted = verify_inclusion(head, index / 2, other, shorter.digests()).is_ok();
        tally.forged(accepted, || what("an inner node as a leaf"));
    }
    let height = proof.digests().count() as u32;
    let shape = sides(index, size);
    let mut indices = wrong_numbers(index, height);
    for other in &indices {
        tally.forged(verify_inclusion(head, *other, leaf, proof.digests()).is_ok(), || what(&format!("as {other}")));
    }
    indices.push(index);
    for other_size in wrong_numbers(size, height) {
        let relabelled = subject.relabelled(head, other_size)?;
        for other in &indices {
            let accepted = verify_inclusion(&relabelled, *other, leaf, proof.digests()).is_ok();
            if !subject.scheme.binds_size() && shape == sides(*other, other_size) {
                tally.note("relabels of one shape (rfc6962, by definition)", 1);
                tally.honest(accepted, || what(&format!("as {other}/{other_size}")));
            } else {
                tally.forged(accepted, || what(&format!("as {other}/{other_size}")));
            }
        }
    }
    Ok(())
}
