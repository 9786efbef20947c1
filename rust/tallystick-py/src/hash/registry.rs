//! Names of hash functions, and what they stand for in this process.

use std::collections::BTreeMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tallystick_proof::hash::{Hash, builtin_names};
use tallystick_tree::foreign::check_builtin;
use tallystick_tree::kernels::accelerated;

use crate::errors::foreign_error;

/// Hashes that were registered. The lock is held for a look alone, never while Python runs.
static REGISTERED: Mutex<BTreeMap<String, Hash>> = Mutex::new(BTreeMap::new());

fn registered() -> MutexGuard<'static, BTreeMap<String, Hash>> {
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The hash of this name, for decoders: a registered one before a built-in one.
pub(crate) fn resolve(name: &str) -> Option<Hash> {
    let found = registered().get(name).cloned();
    found.or_else(|| accelerated(name))
}

/// Names of built-in hashes, then of others that were registered.
pub(super) fn known_names() -> Vec<String> {
    let mut names: Vec<String> = builtin_names().map(str::to_owned).collect();
    let others: Vec<String> = registered().keys().filter(|name| !names.contains(name)).cloned().collect();
    names.extend(others);
    names
}

/// Lets a name stand for a hash.
pub(super) fn register(hash: &Hash) -> PyResult<()> {
    let name = hash.info().name.to_string();
    if accelerated(&name).is_some_and(|builtin| builtin == *hash) {
        return Ok(());
    }
    check_builtin(hash).map_err(foreign_error)?;
    let mut known = registered();
    match known.get(&name) {
        Some(other) if other == hash => Ok(()),
        Some(_) => Err(PyValueError::new_err(format!("another hash is registered as {name}"))),
        None => {
            known.insert(name, hash.clone());
            Ok(())
        }
    }
}
