//! Receipts against another statement than their own, or against their own one changed.

use tallystick_proof::liabilities::{Draft, HASH, Statement};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::kernels::accelerated;

use super::{Attempt, Target};
use crate::rng::Rng;
use crate::tally::Fault;

/// Another snapshot, another operator: their statement, their receipt, or their receipt under this statement's digest.
pub(super) fn elsewhere(target: &Target<'_>, attempt: &mut Attempt, rng: &mut Rng) -> &'static str {
    let (statement, theirs) = target.elsewhere(rng);
    match rng.below(4) {
        0 => {
            attempt.statement = Some(statement.clone());
            "another statement"
        }
        1 => {
            attempt.statement = Some(statement.clone());
            attempt.digest = *statement.digest();
            "another statement, and its digest"
        }
        2 => {
            attempt.digest = *statement.digest();
            attempt.assets = theirs.receipt.assets().to_vec();
            "a receipt of another statement"
        }
        _ => {
            attempt.assets = theirs.receipt.assets().to_vec();
            match rng.below(3) {
                0 => attempt.digest[rng.place(HASH)] ^= 1 << rng.below(8),
                1 => attempt.digest = [0; HASH],
                _ => {}
            }
            "a receipt of another statement under this one's digest"
        }
    }
}

/// The statement with one thing changed, signed as it may be. In half of the attempts the receipt names it; then what is
/// changed is something that the asset's root binds.
pub(super) fn redrafted(
    target: &Target<'_>,
    attempt: &mut Attempt,
    rng: &mut Rng,
) -> Result<Option<&'static str>, Fault> {
    let mut draft: Draft = (*target.snapshot.statement).clone();
    let follows = rng.below(2) == 0;
    let place = rng.place(attempt.assets.len());
    let (code, group) = (attempt.assets[place].code.clone(), attempt.assets[place].group.clone());
    let Some(asset) = draft.assets.iter_mut().find(|asset| asset.key() == (&code, &group)) else { return Ok(None) };
    let how = match rng.below(if follows { 8 } else { 11 }) {
        0 => {
            asset.total = asset.total.wrapping_add(1_u128 << rng.below(128));
            "another total"
        }
        1 => {
            asset.root[rng.place(HASH)] ^= 1 << rng.below(8);
            "another root"
        }
        2 => {
            asset.leaves = [asset.leaves + 1, asset.leaves - 1, asset.leaves * 2][rng.place(3)];
            asset.holders = None;
            "another number of leaves"
        }
        3 => {
            for asset in draft.assets.iter_mut().filter(|asset| asset.code == code) {
                asset.decimals += 1;
            }
            "other decimals"
        }
        4 => {
            draft.origin = draft.origin.to_uppercase();
            "another origin"
        }
        5 => {
            draft.snapshot_id.push('2');
            "another snapshot id"
        }
        6 => {
            let names = ["blake3", "sha256", "sha3_256", "blake2s_256"];
            let hash = accelerated(names[rng.place(names.len())]).ok_or("a hash")?;
            draft.scheme = Scheme::of_family("native_sum", hash)?;
            "another hash"
        }
        7 => {
            asset.group.push('2');
            attempt.assets[place].group.push('2');
            "another group, in both"
        }
        8 => {
            draft.time ^= 1 << rng.below(63);
            "another time"
        }
        9 => {
            asset.holders = None;
            "holders not stated"
        }
        _ => {
            draft.previous[rng.place(HASH)] ^= 1 << rng.below(8);
            draft.sequence = draft.sequence.max(1);
            "another statement before it"
        }
    };
    // No statement can have these numbers, or this order.
    let Ok(statement) = Statement::new(draft) else { return Ok(None) };
    if statement == target.snapshot.statement {
        return Ok(None);
    }
    if follows {
        attempt.digest = *statement.digest();
    }
    attempt.statement = Some(statement);
    Ok(Some(how))
}
