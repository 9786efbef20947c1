//! Every single-bit flip of every sibling, of the leaf and of the root, for every index of every size.
//!
//! A path of p siblings and a leaf of b bytes make 8 · (32 · (p + 1) + b) flips; siblings and root do not depend on the
//! leaf's length.

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::tree::Wanted;

use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::{Subject, alone, by_size, subjects};
use crate::tally::{Fault, Tally, spread};

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let subjects = subjects(options, options.max_size, |_| options.leaf_bytes)?;
    let tasks = by_size(&subjects, options.max_size);
    let mut tally = spread(&tasks, options, |(subject, size), tally| one_size(subject, *size, options, tally))?;
    tally.most("schemes", subjects.len() as u64);
    Ok(tally)
}

fn one_size(subject: &Subject, size: u64, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, size);
    let head = subject.tree.head_at(size)?;
    let batch = subject.tree.prove_each(Wanted::All, Some(&head), alone())?;
    let name = subject.scheme.name();
    for index in 0..size {
        let leaf = subject.leaf(index);
        let proof = batch.proof(index as usize).ok_or("a batch has a proof a leaf")?;
        tally
            .honest(verify_inclusion(&head, index, leaf, proof.digests()).is_ok(), || format!("{name} {index}/{size}"));

        let (width, siblings) = (proof.digests().digest_size(), proof.digests().bytes());
        for (bit, flipped) in flips(siblings, options, &mut rng) {
            let forged = InclusionProof::new(width, flipped)?;
            let accepted = verify_inclusion(&head, index, leaf, forged.digests()).is_ok();
            tally.forged(accepted, || format!("{name} {index}/{size}: bit {bit} of the siblings"));
        }
        for (bit, flipped) in flips(leaf, options, &mut rng) {
            let accepted = verify_inclusion(&head, index, &flipped, proof.digests()).is_ok();
            tally.forged(accepted, || format!("{name} {index}/{size}: bit {bit} of the leaf"));
        }
        for (bit, flipped) in flips(head.root(), options, &mut rng) {
            let head = TreeHead::new(subject.scheme.clone(), size, flipped)?;
            let accepted = verify_inclusion(&head, index, leaf, proof.digests()).is_ok();
            tally.forged(accepted, || format!("{name} {index}/{size}: bit {bit} of the root"));
        }
    }
    Ok(())
}

/// The bytes with one bit flipped, for each bit or a sample of them.
fn flips<'a>(bytes: &'a [u8], options: &Options, rng: &'a mut Rng) -> impl Iterator<Item = (usize, Vec<u8>)> + 'a {
    let sample = options.sample;
    (0..bytes.len() * 8).filter(move |_| rng.chance(sample)).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}
