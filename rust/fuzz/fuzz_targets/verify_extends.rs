//! Proofs of growth: between arbitrary heads, and edited ones of known trees.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::{Edit, LEAVES, edit, known};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::ConsistencyProof;
use tallystick_proof::verify::verify_extends;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any { trees: [u8; 2], sizes: [u64; 2], roots: [[u8; 32]; 2], digests: &'a [u8] },
    Edited { tree: u8, sizes: [u8; 2], proof_of: [u8; 2], root: Option<u8>, edits: Vec<Edit<'a>> },
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Any { trees, sizes, roots, digests } => {
        let head = |place: usize| {
            TreeHead::new(known(trees[place]).scheme.clone(), sizes[place], roots[place].to_vec()).expect("a head")
        };
        let Ok(proof) = ConsistencyProof::new(32, digests[..digests.len() / 32 * 32].to_vec()) else { return };
        let (newer, older) = (head(0), head(1));
        let accepted = verify_extends(&newer, &older, proof.digests()).is_ok();
        assert!(!accepted || newer == older, "growth out of nothing");
    }
    Input::Edited { tree, sizes, proof_of, root, edits } => {
        let known = known(tree);
        let size = |size: u8| u64::from(size) % (LEAVES as u64 + 1);
        let (newer, older) = (known.head(size(sizes[0])), known.head(size(sizes[1])));
        let (newer_proof, older_proof) = (size(proof_of[0]), size(proof_of[1]));
        let Ok(honest) = known.tree.prove_extends(older_proof, Some(&known.head(newer_proof))) else { return };
        let mut bytes = honest.digests().bytes().to_vec();
        edit(&mut bytes, &edits);
        let Ok(proof) = ConsistencyProof::new(32, bytes) else { return };
        let mut claimed = older.root().to_vec();
        if let Some(bit) = root {
            claimed[usize::from(bit) / 8] ^= 1 << (bit % 8);
        }
        let claimed = TreeHead::new(known.scheme.clone(), older.size(), claimed).expect("a head");
        let theirs = known.tree.prove_extends(older.size(), Some(&newer));
        let expected = theirs.is_ok_and(|theirs| theirs == proof) && root.is_none();
        assert_eq!(verify_extends(&newer, &claimed, proof.digests()).is_ok(), expected);
    }
});
