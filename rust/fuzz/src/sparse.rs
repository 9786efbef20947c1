//! Known sparse trees.

use std::sync::LazyLock;

use tallystick_proof::hash::builtin;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::sparse::{KEY_SIZE, Sparse, SparseMultiProof, SparseProof};
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::sparse::{At, SparseTree};

use crate::{Form, encode, run};

/// Families, each with a tree of every size.
const FAMILIES: [(&str, &str); 5] =
    [("native_sparse", "blake3"), ("ics23_smt", "sha256"), ("jellyfish", "sha256"), ("nervos_smt", "blake2b_256"), ("sparse_256", "blake3")];
/// Sizes of the trees.
const SIZES: [u8; 5] = [0, 1, 2, 9, 40];

/// A tree whose keys are those of the first numbers.
pub struct Map {
    pub head: TreeHead,
    size: u8,
    tree: SparseTree,
}

/// Numbers near each other have keys that part at the top, in the middle or at the last bits.
pub fn key(number: u8) -> [u8; KEY_SIZE] {
    let mut key = [0; KEY_SIZE];
    key[0] = number << 4;
    key[7] = number >> 2 & 4;
    key[31] = number >> 5;
    key
}

impl Map {
    fn new(family: &str, hash: &str, size: u8) -> Self {
        let scheme = Scheme::of_family(family, builtin(hash).expect("a hash")).expect("a scheme");
        let tree = SparseTree::new(scheme, Some(1), 0).expect("a tree");
        if size > 0 {
            let keys: Vec<u8> = (0..size).flat_map(key).collect();
            let values: Vec<Vec<u8>> = (0..size).map(|number| vec![number]).collect();
            let rows: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
            tree.update(&keys, &RaggedRows(&rows), 0, run()).expect("a batch");
        }
        let head = tree.info(At::Newest).expect("a version").head;
        Self { head, size, tree }
    }

    /// Whether the key of this number is present, with its number as the value.
    pub fn has(&self, number: u8) -> bool {
        number < self.size
    }

    pub fn prove(&self, number: u8) -> SparseProof {
        self.tree.prove(&key(number), At::Newest, run()).expect("a proof")
    }

    /// The proof of keys that are all different.
    pub fn prove_many(&self, numbers: &[u8]) -> SparseMultiProof {
        let keys: Vec<u8> = numbers.iter().flat_map(|number| key(*number)).collect();
        self.tree.prove_many(&keys, At::Newest, run()).expect("a proof")
    }
}

static MAPS: LazyLock<Vec<Map>> = LazyLock::new(|| {
    let sized = |(family, hash)| SIZES.map(|size| Map::new(family, hash, size));
    FAMILIES.into_iter().flat_map(sized).collect()
});

/// The known tree of this number.
pub fn map(number: u8) -> &'static Map {
    &MAPS[usize::from(number) % MAPS.len()]
}

/// An honest encoding of an object of a sparse tree.
pub(crate) fn example(form: Form, object: u8, number: u8) -> Vec<u8> {
    let map = map(number);
    match object {
        19 => encode(form, &Sparse(map.head.clone())),
        20 => encode(form, &map.prove(number)),
        _ => encode(form, &map.prove_many(&[0, 80, 160].map(|first| first + number % 80))),
    }
}
