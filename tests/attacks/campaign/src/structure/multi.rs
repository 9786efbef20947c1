//! Corruptions of proofs of many leaves.

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::MultiProof;
use tallystick_proof::verify::{Claim, extract, merge, verify_many};

use super::digests::corruptions;
use crate::numbers::{sides, wrong_numbers};
use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::Subject;
use crate::tally::{Fault, Tally};

/// Random sets of leaves for each size.
const SETS: u64 = 6;

pub(crate) fn run(subject: &Subject, size: u64, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, size << 8);
    let head = subject.tree.head_at(size)?;
    for _ in 0..SETS {
        let count = rng.log_uniform(size);
        let mut indices: Vec<u64> = (0..size).collect();
        rng.shuffle(&mut indices);
        indices.truncate(count as usize);
        if !rng.chance(options.sample) {
            continue;
        }
        let proof = subject.tree.prove_many(indices.clone(), Some(&head))?;
        let leaves = subject.rows(&indices);
        let claim = Claim { indices: &indices, leaves: &leaves };
        let target = Target { subject, head: &head, claim, proof: &proof };
        tally.honest(verify_many(&head, claim, proof.digests()).is_ok(), || target.what("unsorted"));
        target.proofs(&mut rng, tally);
        target.claims(&mut rng, tally);
        target.relabels(tally)?;
    }
    Ok(())
}

struct Target<'a> {
    subject: &'a Subject,
    head: &'a TreeHead,
    claim: Claim<'a>,
    proof: &'a MultiProof,
}

impl Target<'_> {
    fn what(&self, how: &str) -> String {
        format!("{} {:?}/{}: {how}", self.subject.scheme.name(), self.claim.indices, self.head.size())
    }

    /// Whether any of the three calls that take a proof of many leaves lets it pass.
    fn accepts(&self, head: &TreeHead, claim: Claim<'_>, proof: &MultiProof) -> bool {
        let digests = proof.digests();
        let honest = (self.claim, self.proof.digests());
        let asked = claim.indices.first().copied().unwrap_or(0);
        verify_many(head, claim, digests).is_ok()
            || extract(head, claim, digests, asked).is_ok()
            || merge(head, (claim, digests), honest).is_ok()
            || merge(head, honest, (claim, digests)).is_ok()
    }

    fn proofs(&self, rng: &mut Rng, tally: &mut Tally) {
        let width = self.subject.scheme.digest_size();
        for (how, bytes) in corruptions(self.proof.digests().bytes(), width, &[self.head.root()], rng) {
            let forged = MultiProof::new(width, bytes);
            let accepted = forged.is_ok_and(|forged| self.accepts(self.head, self.claim, &forged));
            tally.forged(accepted, || self.what(&how));
        }
    }

    fn claims(&self, rng: &mut Rng, tally: &mut Tally) {
        let Claim { indices, leaves } = self.claim;
        let mut refuse = |indices: &[u64], leaves: &[&[u8]], how: &str| {
            let accepted = self.accepts(self.head, Claim { indices, leaves }, self.proof);
            tally.forged(accepted, || self.what(how));
        };
        let fake: &[u8] = b"forged";
        refuse(&[], &[], "nothing claimed");
        refuse(indices, &[], "no leaves");
        refuse(&[], leaves, "no indices");
        for place in 0..indices.len() {
            let (index, leaf) = (indices[place], leaves[place]);
            let without = (
                [&indices[..place], &indices[place + 1..]].concat(),
                [&leaves[..place], &leaves[place + 1..]].concat(),
            );
            refuse(&without.0, &without.1, "a leaf less");
            refuse(&without.0, leaves, "an index less");
            refuse(indices, &without.1, "a row less");
            // A6: a repeated index, of which one leaf would enter no hash; also the genuine pair itself.
            for twin in [leaf, fake] {
                refuse(&[indices, &[index]].concat(), &[leaves, &[twin]].concat(), "an index behind, again");
                refuse(&[&[index], indices].concat(), &[&[twin], leaves].concat(), "an index in front, again");
            }
            let mut forged = leaves.to_vec();
            forged[place] = fake;
            refuse(indices, &forged, "another leaf");
            for wrong in wrong_numbers(index, self.head.size().ilog2() + 1) {
                let mut forged = indices.to_vec();
                forged[place] = wrong;
                refuse(&forged, leaves, "another index");
            }
            let other = rng.place(indices.len());
            if other != place {
                let mut swapped = leaves.to_vec();
                swapped.swap(place, other);
                refuse(indices, &swapped, "leaves swapped");
            }
        }
        for added in [0, self.head.size() - 1, self.head.size(), self.head.size() + 1, 1 << 63, u64::MAX] {
            refuse(&[indices, &[added]].concat(), &[leaves, &[fake]].concat(), "a forged leaf more");
            refuse(&[&[added], indices].concat(), &[&[fake], leaves].concat(), "a forged leaf more in front");
        }
    }

    fn relabels(&self, tally: &mut Tally) -> Result<(), Fault> {
        let size = self.head.size();
        for other_size in wrong_numbers(size, size.ilog2() + 1) {
            let head = self.subject.relabelled(self.head, other_size)?;
            let accepted = verify_many(&head, self.claim, self.proof.digests()).is_ok();
            let one_shape = self.claim.indices.iter().all(|index| sides(*index, size) == sides(*index, other_size));
            if !self.subject.scheme.binds_size() && one_shape {
                tally.note("relabels of one shape (rfc6962, by definition)", 1);
            } else {
                tally.forged(accepted, || self.what(&format!("of {other_size}")));
            }
        }
        Ok(())
    }
}
