//! Proofs of many leaves of a sum tree: verified, cut and joined.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::sums::{known, row};
use tallystick_fuzz::{Edit, LEAVES, edit};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::MultiProof;
use tallystick_proof::record::Record;
use tallystick_proof::verify::{Claim, extract, merge, verify_many};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any {
        tree: u8,
        size: u64,
        root: [u8; 32],
        total: u128,
        indices: Vec<u64>,
        leaf: &'a [u8],
        records: &'a [u8],
    },
    Edited {
        tree: u8,
        size: u8,
        indices: &'a [u8],
        changes: Vec<Change<'a>>,
        sums: Vec<(u8, u128)>,
        edits: Vec<Edit<'a>>,
        asked: u8,
        other: &'a [u8],
    },
}

/// A change of a claim.
#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Index {
        at: u8,
        to: u64,
    },
    Amount {
        at: u8,
        to: u128,
    },
    /// What one leaf has less, another has more.
    Move {
        from: u8,
        to: u8,
        amount: u64,
    },
    Leaf {
        at: u8,
        to: &'a [u8],
    },
    Raw {
        at: u8,
        to: &'a [u8],
    },
    Add {
        index: u8,
    },
    Drop {
        at: u8,
    },
    SwapLeaves {
        at: u8,
        with: u8,
    },
    SwapPairs {
        at: u8,
        with: u8,
    },
}

fn amount_of(row: &[u8]) -> u128 {
    row.first_chunk().map_or(0, |amount| u128::from_le_bytes(*amount))
}

fn set_amount(leaf: &mut [u8], amount: u128) {
    if let Some(place) = leaf.first_chunk_mut() {
        *place = amount.to_le_bytes();
    }
}

fn change(change: &Change<'_>, tree: u8, indices: &mut Vec<u64>, leaves: &mut Vec<Vec<u8>>) {
    let count = indices.len();
    let place = |at: u8| usize::from(at) % count.max(1);
    match change {
        Change::Add { index } => {
            indices.push(u64::from(*index));
            leaves.push(known(tree).row(usize::from(*index) % LEAVES));
        }
        _ if count == 0 => {}
        Change::Index { at, to } => indices[place(*at)] = *to,
        Change::Amount { at, to } => set_amount(&mut leaves[place(*at)], *to),
        Change::Move { from, to, amount } => {
            for (at, sign) in [(*from, u128::wrapping_sub as fn(u128, u128) -> u128), (*to, u128::wrapping_add)] {
                let at = place(at);
                let new = sign(amount_of(&leaves[at]), u128::from(*amount));
                set_amount(&mut leaves[at], new);
            }
        }
        Change::Leaf { at, to } => {
            let at = place(*at);
            leaves[at] = row(amount_of(&leaves[at]), to);
        }
        Change::Raw { at, to } => leaves[place(*at)] = to.to_vec(),
        Change::Drop { at } => {
            indices.remove(place(*at));
            leaves.remove(place(*at));
        }
        Change::SwapLeaves { at, with } => leaves.swap(place(*at), place(*with)),
        Change::SwapPairs { at, with } => {
            indices.swap(place(*at), place(*with));
            leaves.swap(place(*at), place(*with));
        }
    }
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Any { tree, size, root, total, indices, leaf, records } => {
        let scheme = known(tree).scheme.clone();
        let head = TreeHead::with_total(scheme, size, root.to_vec(), total).expect("a head");
        let leaves = vec![leaf; indices.len()];
        let whole = records[..records.len() / 48 * 48].to_vec();
        let proof = MultiProof::new(Record::summed(32), whole).expect("whole records");
        let claim = Claim { indices: &indices, leaves: &leaves };
        assert!(verify_many(&head, claim, proof.digests()).is_err(), "a root out of nothing");
        assert!(extract(&head, claim, proof.digests(), 0).is_err());
    }
    Input::Edited { tree, size, indices, changes, sums, edits, asked, other } => {
        let known = known(tree);
        let size = 1 + u64::from(size) % LEAVES as u64;
        let head = known.head(size);
        let distinct = |indices: &[u8]| {
            let mut distinct: Vec<u64> = Vec::new();
            for index in indices.iter().map(|index| u64::from(*index) % size) {
                if !distinct.contains(&index) {
                    distinct.push(index);
                }
            }
            distinct
        };
        let mut indices = distinct(indices);
        let Ok(honest) = known.tree.prove_many(indices.clone(), Some(&head)) else { return };
        let mut leaves: Vec<Vec<u8>> = indices.iter().map(|index| known.row(*index as usize)).collect();
        for one in &changes {
            change(one, tree, &mut indices, &mut leaves);
        }
        let mut bytes = honest.digests().bytes().to_vec();
        for (at, sum) in sums {
            let count = bytes.len() / 48;
            if count > 0 {
                let begin = usize::from(at) % count * 48 + 32;
                bytes[begin..begin + 16].copy_from_slice(&sum.to_le_bytes());
            }
        }
        edit(&mut bytes, &edits);
        let Ok(proof) = MultiProof::new(Record::summed(32), bytes) else { return };
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let claim = Claim { indices: &indices, leaves: &rows };
        let genuine =
            indices.iter().zip(&leaves).all(|(index, leaf)| *index < size && known.row(*index as usize) == *leaf);
        let theirs = genuine.then(|| known.tree.prove_many(indices.clone(), Some(&head)).ok()).flatten();
        let expected = theirs.is_some_and(|theirs| theirs == proof);
        assert_eq!(verify_many(&head, claim, proof.digests()).is_ok(), expected);

        let asked = indices.get(usize::from(asked)).copied().unwrap_or(u64::from(asked));
        let cut = extract(&head, claim, proof.digests(), asked);
        assert_eq!(cut.is_ok(), expected && indices.contains(&asked));
        if let Ok(cut) = cut {
            assert_eq!(cut, known.tree.prove(asked, Some(&head)).expect("a proof"));
        }

        let mut all = distinct(other);
        let Ok(second) = known.tree.prove_many(all.clone(), Some(&head)) else { return };
        let their_rows: Vec<Vec<u8>> = all.iter().map(|index| known.row(*index as usize)).collect();
        let their_rows: Vec<&[u8]> = their_rows.iter().map(Vec::as_slice).collect();
        let others = all.clone();
        let theirs = Claim { indices: &others, leaves: &their_rows };
        let joined = merge(&head, (claim, proof.digests()), (theirs, second.digests()));
        assert_eq!(joined.is_ok(), expected);
        if let Ok(joined) = joined {
            all.extend(indices.iter().filter(|index| !others.contains(index)));
            assert_eq!(joined, known.tree.prove_many(all, Some(&head)).expect("a proof"));
        }
    }
});
