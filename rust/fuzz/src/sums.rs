//! Known sum trees.

use std::sync::LazyLock;

use tallystick_proof::codec::Summed;
use tallystick_proof::hash::builtin;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::leaves::{RaggedRows, WithAmounts};
use tallystick_tree::shard::{Shard, SumShard};
use tallystick_tree::tree::{DenseTree, Wanted};

use crate::{Form, LEAVES, encode, run};

/// A tree of sums, its leaves' data and amounts.
pub struct KnownSums {
    pub scheme: Scheme,
    pub leaves: Vec<Vec<u8>>,
    pub amounts: Vec<u128>,
    pub tree: DenseTree,
}

impl KnownSums {
    fn new(scheme: Scheme, amount: impl Fn(usize) -> u128) -> Self {
        let leaves: Vec<Vec<u8>> = (0..LEAVES).map(|index| format!("leaf {index}").into_bytes()).collect();
        let amounts: Vec<u128> = (0..LEAVES).map(amount).collect();
        let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
        let rows = RaggedRows(&rows);
        let summed = WithAmounts::new(&rows, &amounts).expect("an amount a leaf");
        let tree = DenseTree::new(scheme.clone(), &summed, LeafRule::Hashed, run()).expect("a tree");
        Self { scheme, leaves, amounts, tree }
    }

    pub fn head(&self, size: u64) -> TreeHead {
        self.tree.head_at(size).expect("a size of the tree")
    }

    /// A leaf as it is hashed: behind its amount.
    pub fn row(&self, index: usize) -> Vec<u8> {
        row(self.amounts[index], &self.leaves[index])
    }
}

/// The data of a leaf behind its amount.
pub fn row(amount: u128, leaf: &[u8]) -> Vec<u8> {
    [&amount.to_le_bytes(), leaf].concat()
}

/// One with small amounts, and one whose total is just below 2^128.
pub static SUMS: LazyLock<Vec<KnownSums>> = LazyLock::new(|| {
    let scheme = |hash| Scheme::of_family("native_sum", builtin(hash).expect("a hash")).expect("a scheme");
    let most = |index| match index {
        0 => 1 << 127,
        7 => (1 << 127) - 1 - (1..LEAVES as u128).sum::<u128>() + 7,
        other => other as u128,
    };
    vec![
        KnownSums::new(scheme("sha256"), |index| (index * index) as u128),
        KnownSums::new(scheme("blake3").with_context(b"day 1".to_vec()).expect("a context"), most),
    ]
});

/// The known sum tree of this number.
pub fn known(number: u8) -> &'static KnownSums {
    &SUMS[usize::from(number) % SUMS.len()]
}

/// An honest encoding of an object of a sum tree.
pub(crate) fn example(form: Form, object: u8, number: u8) -> Vec<u8> {
    let known = known(number);
    let size = 1 + u64::from(number) % LEAVES as u64;
    let (tree, head) = (&known.tree, known.head(size));
    match object {
        7 => encode(form, &Summed(head)),
        8 => encode(form, &Summed(tree.prove(size - 1, Some(&head)).expect("a proof"))),
        9 => encode(form, &Summed(tree.prove_many(vec![size - 1], None).expect("a proof"))),
        10 => {
            let head = known.head(size % 5);
            encode(form, &Summed(tree.prove_each(Wanted::All, Some(&head), run()).expect("a batch")))
        }
        _ => {
            let (begin, end) = (size as usize / 2, size as usize);
            let rows: Vec<&[u8]> = known.leaves[begin..end].iter().map(Vec::as_slice).collect();
            let rows = RaggedRows(&rows);
            let summed = WithAmounts::new(&rows, &known.amounts[begin..end]).expect("an amount a leaf");
            let work = Work::new(&known.scheme, run());
            encode(form, &SumShard(Shard::of_leaves(work, begin as u64, &summed).expect("a shard")))
        }
    }
}
