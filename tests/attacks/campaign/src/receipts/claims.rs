//! Changes of what the customer brings along: the id, and what is expected.

use tallystick_proof::liabilities::MAX_ID;

use super::world::ASSETS;
use super::{Attempt, Target};
use crate::rng::Rng;

pub(super) fn change(target: &Target<'_>, attempt: &mut Attempt, rng: &mut Rng) -> Option<&'static str> {
    if rng.below(2) == 0 { Some(id(target, attempt, rng)) } else { expectations(target, attempt, rng) }
}

fn id(target: &Target<'_>, attempt: &mut Attempt, rng: &mut Rng) -> &'static str {
    let id = &mut attempt.id;
    let place = rng.place(id.len());
    match rng.below(9) {
        0 => {
            id.clone_from(&target.other(rng).id);
            "another customer's id"
        }
        1 => {
            id[place] ^= 1 << rng.below(8);
            "a bit of the id"
        }
        2 => {
            id.clear();
            "no id"
        }
        3 => {
            id.truncate(place);
            "the beginning of the id"
        }
        4 => {
            id.push([0, b' ', b'\n', b'0'][rng.place(4)]);
            "a byte behind the id"
        }
        5 => {
            id.insert(0, [0, b' ', b'u'][rng.place(3)]);
            "a byte before the id"
        }
        6 => {
            id.make_ascii_uppercase();
            "the id in capitals"
        }
        7 => {
            // As if the numbers of the part began the id.
            id.splice(0..0, [0, 0, 1, 0]);
            "more of the leaf in the id"
        }
        _ => {
            id.resize(MAX_ID + rng.place(2), 0);
            "a long id"
        }
    }
}

fn expectations(target: &Target<'_>, attempt: &mut Attempt, rng: &mut Rng) -> Option<&'static str> {
    let mut expected = target.customer.expected();
    let proven: Vec<String> = expected.keys().cloned().collect();
    let code = proven[rng.place(proven.len())].clone();
    let own = expected.get(&code).copied().flatten().unwrap_or(0);
    let unknown = ASSETS[rng.place(ASSETS.len())].0;
    let how = match rng.below(7) {
        0 => {
            expected.insert(code, Some(own.wrapping_add(1)));
            "more expected"
        }
        1 => {
            expected.insert(code, own.checked_sub(1));
            "less expected"
        }
        2 => {
            expected.insert(code, None);
            "what no amount can be"
        }
        3 => {
            expected.insert(code, Some(0));
            "nothing expected"
        }
        4 => {
            expected.remove(&code);
            "not expected"
        }
        5 if !expected.contains_key(unknown) => {
            expected.insert(unknown.into(), Some(1));
            "one more asset expected"
        }
        6 => {
            expected.insert(format!("{code} "), Some(own));
            "expected under another name too"
        }
        _ => return None,
    };
    attempt.expected = Some(expected);
    Some(how)
}
