//! Sparse trees: heads, proofs, and the keys that names become.

mod claim;
mod head;
mod history;
mod items;
mod keys;
mod proof;
mod saved;
mod store;
mod tree;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_proof::sparse::hashed_key;

use crate::errors::hash_error;
use crate::rows::extract_bytes;

pub(crate) use head::PySparseHead;
pub(crate) use items::PySparseItems;
pub(crate) use proof::{PySparseMultiProof, PySparseProof};
pub(crate) use tree::PySparseTree;

/// Longest data that are hashed without letting go of the GIL.
const SHORT: usize = 16_384;

/// The key of 32 bytes for any data: names, addresses, numbers of any length.
///
/// Sparse trees take keys as they are, and keys that begin alike make long paths. So hash every name that somebody else may
/// choose: nobody can then choose where it stands. The key is BLAKE3 of ``data`` in a domain of its own, whatever the tree's
/// hash. It hides nothing: who guesses the data finds the key.
///
/// >>> import tallystick as ts
/// >>> ts.key(b"alice").hex()[:16]
/// '224846689d846e00'
/// >>> len(ts.key(b""))
/// 32
#[pyfunction]
#[pyo3(signature = (data, /))]
pub(crate) fn key<'py>(py: Python<'py>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let data = extract_bytes(data, "data")?;
    let key = if data.len() <= SHORT { hashed_key(&data) } else { py.detach(|| hashed_key(&data)) };
    Ok(PyBytes::new(py, &key.map_err(hash_error)?))
}
