//! Claims about keys of sparse trees with proofs that are honest, edited or invented: what is accepted is true.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::sparse::{key, map};
use tallystick_fuzz::{Edit, edit};
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_proof::sparse::{SparseMultiProof, SparseProof};
use tallystick_proof::verify::{KeyClaims, verify_key, verify_key_absent, verify_keys};

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    map: u8,
    /// Whose proof is edited.
    proven: (u8, Vec<u8>),
    /// What is claimed: keys by number, and their values, or that they have none.
    claimed: Vec<(u8, Option<u8>)>,
    edits: Vec<Edit<'a>>,
}

fuzz_target!(|input: Input<'_>| {
    let map = map(input.map);
    let is_true = |number: u8, value: Option<u8>| value == map.has(number).then_some(number);

    let mut bytes = map.prove(input.proven.0).encode();
    edit(&mut bytes, &input.edits);
    if let Ok(proof) = SparseProof::decode(&bytes, &builtin) {
        for (number, value) in &input.claimed {
            let accepted = match value {
                Some(value) => verify_key(&map.head, &key(*number), &[*value], &proof),
                None => verify_key_absent(&map.head, &key(*number), &proof),
            };
            assert_eq!(accepted.is_ok(), is_true(*number, *value) && proof == map.prove(*number));
        }
    }

    let mut proven = [&[input.proven.0], &input.proven.1[..]].concat();
    proven.sort_unstable();
    proven.dedup();
    let mut bytes = map.prove_many(&proven).encode();
    edit(&mut bytes, &input.edits);
    let Ok(proof) = SparseMultiProof::decode(&bytes, &builtin) else { return };
    let keys: Vec<_> = input.claimed.iter().map(|(number, _)| key(*number)).collect();
    let values: Vec<[u8; 1]> = input.claimed.iter().map(|(_, value)| [value.unwrap_or_default()]).collect();
    let (mut present, mut shown, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for (place, (_, value)) in input.claimed.iter().enumerate() {
        if value.is_some() {
            present.push(&keys[place][..]);
            shown.push(&values[place][..]);
        } else {
            absent.push(&keys[place][..]);
        }
    }
    let claims = KeyClaims { present: &present, values: &shown, prehashed: false, absent: &absent };
    let accepted = verify_keys(&map.head, claims, &proof).is_ok();
    let once: BTreeMap<_, _> = keys.iter().zip(&input.claimed).collect();
    let is_set = !once.is_empty() && once.len() == keys.len();
    let numbers: Vec<u8> = input.claimed.iter().map(|(number, _)| *number).collect();
    let all_true = is_set && input.claimed.iter().all(|(number, value)| is_true(*number, *value));
    assert_eq!(accepted, all_true && proof == map.prove_many(&numbers));
});
