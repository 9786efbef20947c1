//! Changes of lists: assets and parts left out, listed twice, in another order, under another name, of somebody else.

use tallystick_proof::liabilities::ReceiptAsset;

use super::world::ASSETS;
use super::{Attempt, Target};
use crate::rng::Rng;

pub(super) fn change(target: &Target<'_>, attempt: &mut Attempt, rng: &mut Rng) -> &'static str {
    let assets = &mut attempt.assets;
    let (place, other) = (rng.place(assets.len()), rng.place(assets.len()));
    let theirs = target.other(rng).receipt.assets();
    let stranger = &theirs[rng.place(theirs.len())];
    match rng.below(12) {
        0 => {
            assets.remove(place);
            // Without expectations, what is left out is merely unproven; but something must be proven.
            if !assets.is_empty() {
                attempt.expected = Some(target.customer.expected());
            }
            "an asset left out"
        }
        1 => {
            assets.insert(other, assets[place].clone());
            "an asset twice"
        }
        2 => {
            assets.swap(place, other);
            "assets in another order"
        }
        3 => {
            assets.clear();
            "no assets"
        }
        4 => {
            let taken = std::mem::take(&mut assets[place].parts);
            assets[place].parts = std::mem::replace(&mut assets[other].parts, taken);
            "the parts of another asset"
        }
        5 => {
            add(assets, stranger.clone());
            "somebody else's asset more"
        }
        6 => {
            assets[place] = stranger.clone();
            "somebody else's asset"
        }
        _ => {
            let parts = &mut assets[place].parts;
            let (one, two) = (rng.place(parts.len()), rng.place(parts.len()));
            match rng.below(6) {
                0 => {
                    parts.remove(one);
                    "a part left out"
                }
                1 => {
                    parts.insert(two, parts[one].clone());
                    "a part twice"
                }
                2 => {
                    parts.swap(one, two);
                    "parts in another order"
                }
                3 => {
                    let more = parts[one].amount;
                    parts.remove(one);
                    let Some(first) = parts.first_mut() else { return "no parts" };
                    first.amount = first.amount.wrapping_add(more);
                    "two parts in one"
                }
                4 => {
                    parts.insert(two, stranger.parts[0].clone());
                    "somebody else's part more"
                }
                _ => {
                    let mut half = parts[one].clone();
                    half.amount /= 2;
                    parts[one].amount -= half.amount;
                    parts.insert(one, half);
                    "one part in two"
                }
            }
        }
    }
}

/// Puts an asset where it belongs, or in the place of that of the same name.
fn add(assets: &mut Vec<ReceiptAsset>, asset: ReceiptAsset) {
    match assets.binary_search_by(|own| own.key().cmp(&asset.key())) {
        Ok(place) => assets[place] = asset,
        Err(place) => assets.insert(place, asset),
    }
}

/// Another code or group, with the order of the list kept or not.
pub(super) fn rename(attempt: &mut Attempt, rng: &mut Rng) -> &'static str {
    let place = rng.place(attempt.assets.len());
    let asset = &mut attempt.assets[place];
    let how = match rng.below(4) {
        0 => {
            let (code, group, _) = ASSETS[rng.place(ASSETS.len())];
            (asset.code, asset.group) = (code.into(), group.into());
            "the name of another asset"
        }
        1 => {
            let codes = ["", "btc", "BTC ", "BTC\0", "BT", "ETH2", "USD-T", "ZZZ", "WAY.TOO.LONG.A.CODE"];
            asset.code = codes[rng.place(codes.len())].into();
            "an unknown code"
        }
        2 => {
            let groups = ["", "eu", "us", "EU", "eu ", "all\n", "\"", "nobody's"];
            asset.group = groups[rng.place(groups.len())].into();
            "another group"
        }
        _ => {
            std::mem::swap(&mut asset.code, &mut asset.group);
            "code and group swapped"
        }
    };
    if rng.below(2) == 0 {
        attempt.assets.sort_by(|left, right| left.key().cmp(&right.key()));
    }
    how
}
