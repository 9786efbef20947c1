//! Ethereum's Merkle Patricia trie.

mod claim;
mod head;
mod items;
mod proof;
mod tree;

pub(crate) use head::PyPatriciaHead;
pub(crate) use items::PyPatriciaItems;
pub(crate) use proof::PyPatriciaProof;
pub(crate) use tree::PyPatriciaTree;

use pyo3::prelude::*;
use tallystick_proof::hash::Hash;
use tallystick_proof::patricia::keccak256;
use tallystick_tree::kernels::accelerated;

use crate::errors::hash_error;

/// Keccak-256, as fast as this processor has it.
fn keccak() -> PyResult<Hash> {
    accelerated("keccak256").map_or_else(|| keccak256().map_err(hash_error), Ok)
}
