//! Changes of one part: its place, amount, salt, and the digests and sums of its proof.

use tallystick_proof::codec::Summed;
use tallystick_proof::liabilities::ReceiptPart;
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::record::Record;

use super::{Attempt, Target};
use crate::numbers::wrong_numbers;
use crate::rng::Rng;
use crate::tally::Fault;

pub(super) fn change(target: &Target<'_>, attempt: &mut Attempt, rng: &mut Rng) -> Result<Option<&'static str>, Fault> {
    let all: Vec<&ReceiptPart> = target.snapshot.leaves.iter().flatten().map(|held| &held.part).collect();
    let stranger = all[rng.place(all.len())];
    let parts: usize = attempt.assets.iter().map(|asset| asset.parts.len()).sum();
    let chosen = rng.place(parts);
    let mut list = attempt.assets.iter_mut().flat_map(|asset| &mut asset.parts);
    let Some(part) = list.nth(chosen) else { return Ok(None) };
    Ok(match rng.below(10) {
        0 => {
            let wrong = wrong_numbers(part.index, part.proof.0.digests().count() as u32);
            part.index = wrong[rng.place(wrong.len())];
            Some("another index")
        }
        1 => {
            part.amount = amount(part.amount, rng);
            Some("another amount")
        }
        2 => {
            part.salt[rng.place(16)] ^= 1 << rng.below(8);
            Some("a bit of the salt")
        }
        3 => {
            match rng.below(5) {
                0 => part.salt = stranger.salt,
                1 => part.index = stranger.index,
                2 => part.amount = stranger.amount,
                3 => part.proof = stranger.proof.clone(),
                _ => *part = stranger.clone(),
            }
            Some("of another leaf")
        }
        4..=6 => digests(part, stranger, rng)?,
        _ => sums(part, rng)?,
    })
}

/// Another amount, but for those that nothing tells apart.
fn amount(own: u128, rng: &mut Rng) -> u128 {
    let edge = 1_u128 << [63, 64, 127][rng.place(3)];
    let wrong = [
        0,
        1,
        own.wrapping_add(1),
        own.wrapping_sub(1),
        own.wrapping_mul(2),
        own / 2,
        own.wrapping_neg(),
        own ^ 1 << rng.below(128),
        own.swap_bytes(),
        own.wrapping_add(edge),
        own.wrapping_sub(edge),
        edge,
        edge - 1,
        u128::MAX,
        u128::MAX - own,
    ];
    wrong[rng.place(wrong.len())]
}

/// Puts records together again, one of a kind of proof that a receipt can carry.
fn put(part: &mut ReceiptPart, record: Record, bytes: Vec<u8>) -> Result<(), Fault> {
    part.proof = Summed(InclusionProof::new(record, bytes)?);
    Ok(())
}

/// Digests with their sums: dropped, repeated, swapped, cut short, flipped, taken from elsewhere.
fn digests(part: &mut ReceiptPart, stranger: &ReceiptPart, rng: &mut Rng) -> Result<Option<&'static str>, Fault> {
    let own = part.proof.0.digests();
    let (record, width) = (own.record(), own.record().width());
    let mut bytes = own.bytes().to_vec();
    let theirs = stranger.proof.0.digests().bytes();
    let count = own.count();
    let place = rng.place(count + 1);
    let (at, end) = (place * width, (place + 1) * width);
    let how = match rng.below(11) {
        0 if place < count => {
            bytes[at + rng.place(record.digest_size())] ^= 1 << rng.below(8);
            "a bit of a sibling"
        }
        1 if place < count => {
            bytes.drain(at..end);
            "a sibling left out"
        }
        2 if place < count => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
            "a sibling twice"
        }
        3 if count > 1 => {
            let other = rng.place(count);
            let mut list: Vec<&[u8]> = own.bytes().chunks(width).collect();
            list.swap(place.min(count - 1), other);
            bytes = list.concat();
            "siblings swapped"
        }
        4 if !theirs.is_empty() => {
            let begin = rng.place(theirs.len() / width) * width;
            let end = end.min(bytes.len());
            bytes.splice(at..end, theirs[begin..begin + width].iter().copied());
            "another's sibling"
        }
        5 => {
            bytes.splice(at..at, vec![[0, 255][rng.place(2)]; width]);
            "a made-up sibling more"
        }
        6 if place < count => {
            bytes[at..at + record.digest_size()].fill(0);
            "zeros for a sibling"
        }
        7 => {
            bytes.truncate(at);
            "fewer siblings"
        }
        8 if count > 0 => {
            // Each digest cut short, or made longer, to what schemes can have, and its sum behind it.
            let size = [32, 33, 40, 48, 64][rng.place(5)];
            let mut cut = Vec::new();
            for one in own.bytes().chunks(width) {
                let (digest, sum) = record.split(one);
                cut.extend(digest.iter().copied().chain([0; 32]).take(size));
                cut.extend(sum.to_le_bytes());
            }
            put(part, Record::summed(size), cut)?;
            return Ok(Some("digests of another size"));
        }
        9 if count > 0 => {
            // The same bytes, as digests without sums.
            put(part, Record::digest(width), bytes)?;
            return Ok(Some("no sums"));
        }
        10 => {
            bytes = theirs.to_vec();
            "another's siblings"
        }
        _ => return Ok(None),
    };
    put(part, record, bytes)?;
    Ok(Some(how))
}

/// Sums: others, and such as add to the same total.
fn sums(part: &mut ReceiptPart, rng: &mut Rng) -> Result<Option<&'static str>, Fault> {
    let proof = part.proof.0.digests();
    let record = proof.record();
    let (digests, mut sums) = (record.digests(proof.bytes()), record.sums(proof.bytes()));
    if sums.is_empty() {
        return Ok(None);
    }
    let (place, other) = (rng.place(sums.len()), rng.place(sums.len()));
    let below = sums[..place].iter().fold(part.amount, |sum, more| sum.wrapping_add(*more));
    let how = match rng.below(7) {
        0 | 1 => {
            sums[place] = amount(sums[place], rng);
            "another sum"
        }
        2 => {
            // As a parent that binds only the larger of two: what is left when one's own is taken off.
            sums[place] = below.max(sums[place]) - below;
            "the larger instead of the sum"
        }
        3 => {
            sums.swap(place, other);
            "sums swapped"
        }
        4 => {
            let moved = [1, sums[place], amount(sums[place], rng)][rng.place(3)];
            sums[place] = sums[place].wrapping_sub(moved);
            sums[other] = sums[other].wrapping_add(moved);
            "moved from sum to sum"
        }
        5 => {
            let moved = [1, sums[place], amount(sums[place], rng)][rng.place(3)];
            sums[place] = sums[place].wrapping_sub(moved);
            part.amount = part.amount.wrapping_add(moved);
            "moved from a sum to the amount"
        }
        _ => {
            sums[place] = 0;
            "a sum of 0"
        }
    };
    put(part, record, record.join(&digests, &sums).ok_or("as many sums as digests")?)?;
    Ok(Some(how))
}
