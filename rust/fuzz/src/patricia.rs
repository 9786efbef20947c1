//! A known Patricia trie of each kind.

use std::sync::LazyLock;

use tallystick_proof::hash::builtin;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::patricia::PatriciaTree;

use crate::{Form, encode, run};

/// A key by number: short ones, of which some are prefixes of others.
pub fn key(number: u8) -> Vec<u8> {
    vec![number % 3 * 16; usize::from(number % 7)].into_iter().chain((number > 20).then_some(number)).collect()
}

/// The value of every key with an even number; keys that are equal have the value of the lowest.
pub fn value(key: &[u8]) -> Option<Vec<u8>> {
    let number = (0..64).step_by(2).find(|number| self::key(*number) == key)?;
    Some(vec![number | 1; 1 + usize::from(number)])
}

fn tree(secure: bool) -> PatriciaTree {
    let mut keys: Vec<Vec<u8>> = (0..64).map(key).filter(|key| value(key).is_some()).collect();
    keys.sort_unstable();
    keys.dedup();
    let values: Vec<Vec<u8>> = keys.iter().filter_map(|key| value(key)).collect();
    let rows = |rows: &'_ [Vec<u8>]| rows.iter().map(|row| row.clone().leak() as &[u8]).collect::<Vec<_>>();
    let tree = PatriciaTree::new(secure, builtin("keccak256").expect("a hash")).expect("a trie");
    tree.update(&RaggedRows(&rows(&keys)), &RaggedRows(&rows(&values)), run()).expect("a batch");
    tree
}

/// The tries: keys as they are, and hashed.
pub static TREES: LazyLock<[PatriciaTree; 2]> = LazyLock::new(|| [tree(false), tree(true)]);

/// An honest encoding of a head or a proof.
pub(crate) fn example(form: Form, object: u8, number: u8) -> Vec<u8> {
    let tree = &TREES[usize::from(number & 1)];
    match object {
        22 => encode(form, &tree.head()),
        _ => encode(form, &tree.prove(&key(number / 2), None).expect("a proof")),
    }
}
