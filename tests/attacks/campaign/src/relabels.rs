//! Honest proofs presented for another index and size.
//!
//! An RFC 6962 root does not commit to the size, so a verifier that took the size from the proof would accept every
//! relabel of the same shape: that count is noted, and compared with the shapes by definition. What must be 0:
//!
//! - accepted by a verifier whose head has a fixed size, in every scheme;
//! - accepted with the size taken from the proof, in schemes that bind it.
//!
//! Where only the size is relabelled, a fixed size leaves the honest claim: there is nothing to accept or refuse.

use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::tree::Wanted;

use crate::numbers::sides;
use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::{Subject, alone, by_size, subjects};
use crate::tally::{Fault, Tally, spread};

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let subjects = subjects(options, options.max_size, |_| 2)?;
    let tasks = by_size(&subjects, options.max_size);
    let shapes: Vec<Vec<_>> =
        (0..=options.max_size).map(|size| (0..size).map(|index| sides(index, size)).collect()).collect();
    let mut tally =
        spread(&tasks, options, |(subject, size), tally| one_size(subject, *size, &shapes, options, tally))?;
    tally.most("schemes", subjects.len() as u64);
    Ok(tally)
}

fn one_size(
    subject: &Subject,
    size: u64,
    shapes: &[Vec<Option<Vec<bool>>>],
    options: &Options,
    tally: &mut Tally,
) -> Result<(), Fault> {
    // A sample is taken of the proofs, and of the places that each is presented for.
    let (mut rows, mut rng, half) =
        (Rng::new(!options.seed, size), Rng::new(options.seed, size), options.sample.sqrt());
    let binds = subject.scheme.binds_size();
    let head = subject.tree.head_at(size)?;
    let batch = subject.tree.prove_each(Wanted::All, Some(&head), alone())?;
    let name = subject.scheme.name();
    for (other_size, row) in shapes.iter().enumerate().skip(1) {
        let relabelled = subject.relabelled(&head, other_size as u64)?;
        for index in (0..size).filter(|_| rows.chance(half)) {
            let path = batch.path(index as usize).ok_or("a batch has a proof a leaf")?;
            let (leaf, shape) = (subject.leaf(index), &shapes[size as usize][index as usize]);
            for (other, other_shape) in row.iter().enumerate() {
                let other = other as u64;
                if (other, other_size as u64) == (index, size) || !rng.chance(half) {
                    continue;
                }
                let what = || format!("{name} {index}/{size} as {other}/{other_size}");
                let believed = verify_inclusion(&relabelled, other, leaf, path).is_ok();
                let same_shape = shape == other_shape;
                tally.note("same shape", same_shape.into());
                if same_shape && !binds {
                    tally.note("accepted if the size is believed (rfc6962)", believed.into());
                    tally.honest(believed, what); // by definition
                } else {
                    tally.forged(believed, what);
                }
                if same_shape && other == index {
                    tally.note("same index: void if the size is fixed", 1);
                } else if same_shape || other_size == size as usize {
                    tally.note(if same_shape { "same shape, fixed size, tried" } else { "fixed size, tried" }, 1);
                    tally.forged(verify_inclusion(&head, other, leaf, path).is_ok(), what);
                }
            }
        }
    }
    Ok(())
}
