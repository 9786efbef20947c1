//! A known namespaced tree.

use std::sync::LazyLock;

use tallystick_proof::codec::Namespaced;
use tallystick_proof::hash::builtin;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::tree::{DenseTree, OfNamespace};

use crate::{Form, LEAVES, encode, run};

/// Bytes of a namespace of the known tree.
pub const NAMESPACE: usize = 2;

/// The namespace of a leaf: ascending, every third number is missing, and the last leaves have the highest.
pub fn namespace(index: usize) -> [u8; NAMESPACE] {
    if index + 5 >= LEAVES {
        [255; NAMESPACE]
    } else {
        (index / 4 * 3 / 2).to_be_bytes().last_chunk().copied().expect("2 of 8")
    }
}

/// The data of a leaf.
pub fn data(index: usize) -> Vec<u8> {
    format!("leaf {index}").into_bytes()
}

/// The tree.
pub static TREE: LazyLock<DenseTree> = LazyLock::new(|| {
    let scheme = Scheme::of_family("namespaced(2)", builtin("sha256").expect("a hash")).expect("a scheme");
    let rows: Vec<Vec<u8>> = (0..LEAVES).map(|index| [&namespace(index)[..], &data(index)].concat()).collect();
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    DenseTree::new(scheme, &RaggedRows(&rows), LeafRule::Hashed, run()).expect("a tree")
});

/// An honest encoding of an object of a namespaced tree.
pub(crate) fn example(form: Form, object: u8, number: u8) -> Vec<u8> {
    let size = 1 + u64::from(number) % LEAVES as u64;
    let head = TREE.head_at(size).expect("a size of the tree");
    let asked = |wanted: fn(&OfNamespace) -> bool| {
        let names = (0..40_u16).map(|name| (name + u16::from(number)) % 40);
        let proofs = names.map(|name| TREE.prove_namespace(&name.to_be_bytes(), Some(&head)).expect("a proof"));
        proofs.into_iter().find(wanted).expect("a namespace with leaves and one without")
    };
    match object {
        15 => encode(form, &Namespaced(head)),
        16 => encode(form, &Namespaced(TREE.prove(size - 1, Some(&head)).expect("a proof"))),
        17 => match asked(|proof| matches!(proof, OfNamespace::Whole(_))) {
            OfNamespace::Whole(proof) => encode(form, &proof),
            OfNamespace::Absent(proof) => encode(form, &proof),
        },
        _ => match asked(|proof| matches!(proof, OfNamespace::Absent(_))) {
            OfNamespace::Whole(proof) => encode(form, &proof),
            OfNamespace::Absent(proof) => encode(form, &proof),
        },
    }
}
