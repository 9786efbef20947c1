//! Proofs of one leaf: of arbitrary heads, and edited ones of known trees.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::{Edit, LEAVES, edit, known};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::verify::{verify_inclusion, verify_leaf_digest};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Any {
        tree: u8,
        size: u64,
        index: u64,
        root: [u8; 32],
        leaf: &'a [u8],
        digests: &'a [u8],
    },
    Edited {
        tree: u8,
        size: u8,
        index: u8,
        claimed: u64,
        leaf: Option<&'a [u8]>,
        digest_size: u8,
        edits: Vec<Edit<'a>>,
    },
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Any { tree, size, index, root, leaf, digests } => {
        let head = TreeHead::new(known(tree).scheme.clone(), size, root.to_vec()).expect("a head");
        let whole = &digests[..digests.len() / 32 * 32];
        let Ok(proof) = InclusionProof::new(32, whole.to_vec()) else { return };
        assert!(verify_inclusion(&head, index, leaf, proof.digests()).is_err(), "a root out of nothing");
        // A tree of one leaf has its digest for a root, where nothing is bound to it.
        let own = !head.scheme().binds_size() && leaf == root;
        assert!(verify_leaf_digest(&head, index, leaf, proof.digests()).is_err() || own);
    }
    Input::Edited { tree, size, index, claimed, leaf, digest_size, edits } => {
        let known = known(tree);
        let size = 1 + u64::from(size) % LEAVES as u64;
        let index = u64::from(index) % size;
        let head = known.head(size);
        let honest = known.tree.prove(index, Some(&head)).expect("a proof");
        let mut bytes = honest.digests().bytes().to_vec();
        edit(&mut bytes, &edits);
        let claimed = if claimed > 1 << 60 { index } else { claimed };
        let digest_size = if digest_size > 128 { usize::from(digest_size) } else { 32 };
        let leaf = leaf.unwrap_or(&known.leaves[index as usize]);
        let Ok(proof) = InclusionProof::new(digest_size, bytes) else { return };
        let accepted = verify_inclusion(&head, claimed, leaf, proof.digests()).is_ok();
        let genuine = known.leaves.get(claimed as usize).is_some_and(|own| own == leaf) && claimed < size;
        let theirs = genuine.then(|| known.tree.prove(claimed, Some(&head)).expect("a proof"));
        assert_eq!(accepted, theirs.is_some_and(|theirs| theirs == proof));
    }
});
