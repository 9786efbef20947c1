//! Proofs of many leaves: verified, cut and joined.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::{Edit, LEAVES, edit, known};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::MultiProof;
use tallystick_proof::verify::{Claim, extract, merge, verify_many};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any {
        tree: u8,
        size: u64,
        root: [u8; 32],
        indices: Vec<u64>,
        leaf: &'a [u8],
        fewer: bool,
        digests: &'a [u8],
    },
    Edited {
        tree: u8,
        size: u8,
        indices: &'a [u8],
        changes: Vec<Change<'a>>,
        edits: Vec<Edit<'a>>,
        asked: u8,
        other: &'a [u8],
    },
}

/// A change of a claim.
#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Index { at: u8, to: u64 },
    Leaf { at: u8, to: &'a [u8] },
    Add { index: u8, leaf: Option<&'a [u8]> },
    Drop { at: u8 },
    SwapLeaves { at: u8, with: u8 },
    SwapPairs { at: u8, with: u8 },
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Any { tree, size, root, indices, leaf, fewer, digests } => {
        let head = TreeHead::new(known(tree).scheme.clone(), size, root.to_vec()).expect("a head");
        let leaves = vec![leaf; indices.len().saturating_sub(usize::from(fewer))];
        let proof = MultiProof::new(32, digests[..digests.len() / 32 * 32].to_vec()).expect("whole digests");
        let claim = Claim { indices: &indices, leaves: &leaves };
        assert!(verify_many(&head, claim, proof.digests()).is_err(), "a root out of nothing");
        assert!(extract(&head, claim, proof.digests(), 0).is_err());
    }
    Input::Edited { tree, size, indices, changes, edits, asked, other } => {
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
        let mut leaves: Vec<&[u8]> = indices.iter().map(|index| &known.leaves[*index as usize][..]).collect();
        for change in &changes {
            let place = |at: u8| usize::from(at) % indices.len().max(1);
            match change {
                _ if indices.is_empty() => {}
                Change::Index { at, to } => {
                    let at = place(*at);
                    indices[at] = *to;
                }
                Change::Leaf { at, to } => leaves[place(*at)] = to,
                Change::Add { index, leaf } => {
                    let index = u64::from(*index);
                    indices.push(index);
                    leaves.push(leaf.unwrap_or(&known.leaves[index as usize % LEAVES]));
                }
                Change::Drop { at } => {
                    let at = place(*at);
                    indices.remove(at);
                    leaves.remove(at);
                }
                Change::SwapLeaves { at, with } => leaves.swap(place(*at), place(*with)),
                Change::SwapPairs { at, with } => {
                    let (at, with) = (place(*at), place(*with));
                    indices.swap(at, with);
                    leaves.swap(at, with);
                }
            }
        }
        let mut bytes = honest.digests().bytes().to_vec();
        edit(&mut bytes, &edits);
        let Ok(proof) = MultiProof::new(32, bytes) else { return };
        let claim = Claim { indices: &indices, leaves: &leaves };
        let genuine =
            indices.iter().zip(&leaves).all(|(index, leaf)| *index < size && known.leaves[*index as usize] == *leaf);
        let theirs = genuine.then(|| known.tree.prove_many(indices.clone(), Some(&head)).ok()).flatten();
        let expected = theirs.is_some_and(|theirs| theirs == proof);
        assert_eq!(verify_many(&head, claim, proof.digests()).is_ok(), expected);

        let asked = indices.get(usize::from(asked)).copied().unwrap_or(u64::from(asked));
        let cut = extract(&head, claim, proof.digests(), asked);
        let single = (expected && indices.contains(&asked)).then(|| known.tree.prove(asked, None).is_ok());
        assert_eq!(cut.is_ok(), single.is_some());
        if let Ok(cut) = cut {
            assert_eq!(cut, known.tree.prove(asked, Some(&head)).expect("a proof"));
        }

        let mut all = distinct(other);
        let Ok(second) = known.tree.prove_many(all.clone(), Some(&head)) else { return };
        let rows: Vec<&[u8]> = all.iter().map(|index| &known.leaves[*index as usize][..]).collect();
        let others = all.clone();
        let joined =
            merge(&head, (claim, proof.digests()), (Claim { indices: &others, leaves: &rows }, second.digests()));
        assert_eq!(joined.is_ok(), expected);
        if let Ok(joined) = joined {
            all.extend(indices.iter().filter(|index| !others.contains(index)));
            assert_eq!(joined, known.tree.prove_many(all, Some(&head)).expect("a proof"));
        }
    }
});
