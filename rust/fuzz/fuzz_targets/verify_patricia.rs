//! Claims about keys of a Patricia trie with nodes that are honest, edited or invented: what is accepted is true.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::patricia::{TREES, key, value};
use tallystick_fuzz::{Edit, edit};
use tallystick_proof::codec::Strings;
use tallystick_proof::patricia::{KeyClaim, PatriciaHead, PatriciaProof, keccak256, verify};

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    secure: bool,
    /// Whose proof is edited, and about which key it is claimed.
    proven: u8,
    claimed: u8,
    /// Whether the key is claimed to have its own value, or this one, or none.
    own: bool,
    other: Option<&'a [u8]>,
    edits: Vec<(u8, Vec<Edit<'a>>)>,
    more: Vec<&'a [u8]>,
    /// Whether the root is the first node's, whatever it is.
    rooted: bool,
}

fuzz_target!(|input: Input<'_>| {
    let tree = &TREES[usize::from(input.secure)];
    let honest = tree.prove(&key(input.proven), None).expect("a proof");
    let mut nodes: Vec<Vec<u8>> = honest.nodes().iter().map(<[u8]>::to_vec).collect();
    for (place, edits) in &input.edits {
        let count = nodes.len();
        if let Some(node) = nodes.get_mut(usize::from(*place) % count.max(1)) {
            edit(node, edits);
        }
    }
    nodes.extend(input.more.iter().map(|node| node.to_vec()));
    let strings: Strings = nodes.iter().map(Vec::as_slice).collect();
    let proof = PatriciaProof::new(strings).expect("short nodes");
    let (claimed, true_value) = (key(input.claimed), value(&key(input.claimed)));
    let own = true_value.as_deref().filter(|_| input.own);
    let claim = KeyClaim { key: &claimed, value: own.or(input.other) };
    if let (true, Some(first)) = (input.rooted, nodes.first()) {
        // A root that somebody made: whatever it shows, it shows one thing.
        let root = keccak256().and_then(|hash| hash.digest(first)).expect("a digest");
        let head = PatriciaHead::new(root.try_into().expect("32 bytes"), input.secure);
        let shown = |value| verify(&head, &[KeyClaim { key: &claimed, value }], &proof).is_ok();
        assert!(!(shown(claim.value) && claim.value.is_some() && shown(None)));
        return;
    }
    let accepted = verify(&tree.head(), &[claim], &proof).is_ok();
    let is_true = claim.value == true_value.as_deref();
    assert_eq!(accepted, is_true && proof == tree.prove(&claimed, None).expect("a proof"));
});
