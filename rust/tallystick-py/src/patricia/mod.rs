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

use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;
use tallystick_proof::hash::{Hash, Seeded};
use tallystick_proof::patricia::keccak256;
use tallystick_tree::kernels::accelerated;

use crate::errors::hash_error;

/// The same, ready to hash: made once in a process.
fn ready() -> PyResult<&'static dyn Seeded> {
    static READY: OnceLock<Arc<dyn Seeded>> = OnceLock::new();
    if let Some(ready) = READY.get() {
        return Ok(&**ready);
    }
    let made = keccak()?.unseeded().map_err(hash_error)?;
    Ok(&**READY.get_or_init(|| made))
}

/// Keccak-256, as fast as this processor has it.
fn keccak() -> PyResult<Hash> {
    accelerated("keccak256").map_or_else(|| keccak256().map_err(hash_error), Ok)
}
