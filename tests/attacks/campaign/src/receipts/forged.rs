//! Statements made to fit one customer: what another holds is stated smaller, and only the other can see it.

use tallystick_proof::codec::Summed;
use tallystick_proof::frame::Places;
use tallystick_proof::head::TreeHead;
use tallystick_proof::liabilities::{Draft, Expected, Receipt, ReceiptAsset, ReceiptPart, Statement, verify};
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::record::Record;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::Refusal;

use super::Target;
use super::world::Held;
use crate::numbers::{sibling_ranges, sides};
use crate::rng::Rng;
use crate::tally::{Fault, Tally};

impl Target<'_> {
    /// Takes an amount off the other side of a node, and off the total. The one side accepts; the other must not.
    pub(super) fn two_truths(&self, rng: &mut Rng, tally: &mut Tally) -> Result<bool, Fault> {
        let place = rng.place(self.snapshot.leaves.len());
        let leaves = &self.snapshot.leaves[place];
        let asset = &self.snapshot.statement.assets[place];
        let Some(alice) = pick(leaves, 0..leaves.len(), rng) else { return Ok(false) };
        let ranges = sibling_ranges(alice.part.index, asset.leaves);
        if ranges.is_empty() {
            return Ok(false);
        }
        let level = rng.place(ranges.len());
        let range = ranges[level].start as usize..ranges[level].end as usize;
        let Some(bob) = pick(leaves, range, rng) else { return Ok(false) };
        let sums = sums(&alice.part);
        let own = sums[..level].iter().fold(alice.part.amount, |sum, more| sum + more);
        // Down to the larger of the two sides, down to nothing, or anything between.
        let off = [1, own.min(sums[level]), sums[level], 1 + u128::from(rng.next()) % sums[level]][rng.place(4)];
        let lie = lowered(&alice.part, level, off)?;
        let scheme = self.snapshot.statement.head(asset)?.scheme().clone();
        let top = top(&scheme, &self.row(alice)?, &lie, asset.leaves)?;
        let head = TreeHead::of_top(scheme, asset.leaves, Some(&top))?;
        let mut draft: Draft = (*self.snapshot.statement).clone();
        (draft.assets[place].total, draft.assets[place].root) = (head.total(), head.root().try_into()?);
        let Ok(statement) = Statement::new(draft) else { return Ok(false) };

        let receipt = |part: ReceiptPart| {
            let (code, group) = (asset.code.clone(), asset.group.clone());
            Receipt::new(*statement.digest(), vec![ReceiptAsset { code, group, parts: vec![part] }])
        };
        let id = |held: &Held| self.snapshot.customers[held.customer].id.as_slice();
        let expected: Expected = [(asset.code.clone(), Some(alice.part.amount))].into();
        let verdict = verify(&statement, &receipt(lie)?, id(alice), Some(&expected));
        tally.honest(verdict.is_ok(), || format!("a statement for {:?}: {verdict:?}", id(alice)));

        // Where the two meet, the other is shown the one's side; or anything else of the path is smaller, or the claim.
        let meets = sibling_ranges(bob.part.index, asset.leaves);
        let meets = meets.iter().position(|range| range.contains(&alice.part.index)).ok_or("they meet")?;
        let path = self::sums(&bob.part);
        let mut shown = vec![bob.part.clone()];
        for level in (0..path.len()).filter(|level| path[*level] >= off) {
            if level == meets || rng.below(2) == 0 {
                shown.push(lowered(&bob.part, level, off)?);
            }
        }
        if bob.part.amount > off {
            shown.push(ReceiptPart { amount: bob.part.amount - off, ..bob.part.clone() });
        }
        let part = shown.swap_remove(rng.place(shown.len()));
        let verdict = verify(&statement, &receipt(part)?, id(bob), None);
        tally.note(verdict.as_ref().err().map_or("accepted", Refusal::reason), 1);
        tally.note("statements made to fit one customer", 1);
        tally.forged(verdict.is_ok(), || format!("a statement for {:?} fits {:?} too", id(alice), id(bob)));
        Ok(true)
    }

    /// The leaf as it is hashed.
    fn row(&self, held: &Held) -> Result<Vec<u8>, Fault> {
        let id = &self.snapshot.customers[held.customer].id;
        let data = tallystick_proof::liabilities::leaf_data(&held.part.salt, held.number, held.parts, id)?;
        Ok([&held.part.amount.to_le_bytes(), &data[..]].concat())
    }
}

/// A leaf in this range whose holder has no other in the tree.
fn pick<'a>(leaves: &'a [Held], range: std::ops::Range<usize>, rng: &mut Rng) -> Option<&'a Held> {
    let alone: Vec<&Held> = leaves.get(range)?.iter().filter(|held| held.parts == 1).collect();
    (!alone.is_empty()).then(|| alone[rng.place(alone.len())])
}

fn sums(part: &ReceiptPart) -> Vec<u128> {
    part.proof.0.digests().record().sums(part.proof.0.digests().bytes())
}

/// The part with a sum of its proof smaller by so much.
fn lowered(part: &ReceiptPart, level: usize, off: u128) -> Result<ReceiptPart, Fault> {
    let record = part.proof.0.digests().record();
    let mut sums = sums(part);
    sums[level] -= off;
    let digests = record.digests(part.proof.0.digests().bytes());
    let records = Record::summed(record.digest_size()).join(&digests, &sums).ok_or("as many sums")?;
    Ok(ReceiptPart { proof: Summed(InclusionProof::new(record, records)?), ..part.clone() })
}

/// The topmost record over a leaf and its siblings.
fn top(scheme: &Scheme, row: &[u8], part: &ReceiptPart, size: u64) -> Result<Vec<u8>, Fault> {
    let mut own = vec![0; scheme.width()];
    scheme.leaves(Places::From(0), &[row], &mut own)?;
    let sides = sides(part.index, size).ok_or("an index of the tree")?;
    let siblings = part.proof.0.digests().bytes().chunks(scheme.width());
    for (goes_right, sibling) in sides.into_iter().rev().zip(siblings) {
        let pair = if goes_right { [sibling, &own] } else { [&own, sibling] }.concat();
        scheme.nodes(1, Places::From(0), &pair, &mut own)?;
    }
    Ok(own)
}
