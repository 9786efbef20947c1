//! Claims about a namespace with proofs that are honest, edited or invented: what is accepted is true.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tallystick_fuzz::namespaced::{NAMESPACE, TREE, data, namespace};
use tallystick_fuzz::{Edit, LEAVES, edit};
use tallystick_proof::proof::{AbsenceProof, NamespaceProof};
use tallystick_proof::verify::{verify_absent, verify_namespace};
use tallystick_tree::tree::OfNamespace;

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    size: u8,
    /// Whose proof is edited, and about what it is claimed.
    proven: [u8; NAMESPACE],
    claimed: [u8; NAMESPACE],
    /// The claimed leaves: from here, so many.
    leaves: (u8, u8),
    start: Option<u64>,
    edits: Vec<Edit<'a>>,
}

fuzz_target!(|input: Input<'_>| {
    let head = TREE.head_at(1 + u64::from(input.size) % LEAVES as u64).expect("a size of the tree");
    let size = head.size() as usize;
    let Ok(honest) = TREE.prove_namespace(&input.proven, Some(&head)) else { return };
    let (start, nodes) = match &honest {
        OfNamespace::Whole(proof) => (proof.start(), proof.nodes()),
        OfNamespace::Absent(proof) => (proof.start(), proof.nodes()),
    };
    let (record, mut nodes) = (nodes.record(), nodes.bytes().to_vec());
    edit(&mut nodes, &input.edits);
    nodes.truncate(nodes.len() / record.width() * record.width());
    let start = input.start.unwrap_or(start);
    let own: Vec<usize> = (0..size).filter(|index| namespace(*index) == input.claimed).collect();
    let theirs = TREE.prove_namespace(&input.claimed, Some(&head)).ok();
    let first = usize::from(input.leaves.0) % size;
    let claimed: Vec<usize> = (first..size).take(usize::from(input.leaves.1)).collect();
    if let Ok(proof) = NamespaceProof::new(record, start, nodes.clone()) {
        let rows: Vec<Vec<u8>> = claimed.iter().map(|index| data(*index)).collect();
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        let accepted = verify_namespace(&head, &input.claimed, &rows, &proof).is_ok();
        assert_eq!(accepted, claimed == own && theirs == Some(OfNamespace::Whole(proof)));
    }
    if let Ok(proof) = AbsenceProof::new(record, start, nodes) {
        let accepted = verify_absent(&head, &input.claimed, &proof).is_ok();
        assert_eq!(accepted, own.is_empty() && theirs == Some(OfNamespace::Absent(proof)));
    }
});
