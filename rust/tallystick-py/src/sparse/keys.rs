//! Keys as Python hands them over.

use std::collections::HashSet;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyMapping};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::error::TreeError;
use tallystick_tree::leaves::{Block, Leaves};

use crate::errors::tree_error;
use crate::rows::{RowsInput, extract_bytes, extract_rows};

/// One key: `ValueError` for another length than the scheme's.
pub(super) fn extract_key(key: &Bound<'_, PyAny>, scheme: &Scheme) -> PyResult<Vec<u8>> {
    let (key, size) = (extract_bytes(key, "a key")?.to_vec(), scheme.key_size());
    if key.len() == size {
        return Ok(key);
    }
    let (found, name) = (key.len(), scheme.name());
    Err(PyValueError::new_err(format!("a key of {found} bytes; {name} has keys of {size}: tallystick.key makes one")))
}

/// Keys, one behind the other.
pub(super) fn extract_keys(keys: &Bound<'_, PyAny>, scheme: &Scheme) -> PyResult<Vec<u8>> {
    let (rows, size) = (extract_rows(keys, "keys")?, scheme.key_size());
    match rows.block(0..rows.len()) {
        Block::Fixed { data, width } if width == size => Ok(data.into_owned()),
        block => {
            let rows = block.rows();
            let mut keys = Vec::with_capacity(rows.len() * size);
            for (place, row) in rows.into_iter().enumerate() {
                if row.len() != size {
                    let (found, name) = (row.len(), scheme.name());
                    return Err(PyValueError::new_err(format!(
                        "keys[{place}] has {found} bytes; {name} has keys of {size}: tallystick.key makes one"
                    )));
                }
                keys.extend_from_slice(row);
            }
            Ok(keys)
        }
    }
}

/// Refuses keys of which one is there twice: `ValueError`.
pub(super) fn check_distinct(keys: &[u8], scheme: &Scheme) -> PyResult<()> {
    let mut seen = HashSet::new();
    let twice = keys.chunks_exact(scheme.key_size().max(1)).find(|key| !seen.insert(*key));
    twice.map_or(Ok(()), |key| Err(tree_error(TreeError::KeyTwice(key.to_vec()))))
}

/// The keys and values of a mapping, or of pairs.
pub(super) fn extract_items(items: &Bound<'_, PyAny>, scheme: &Scheme) -> PyResult<(Vec<u8>, RowsInput)> {
    let py = items.py();
    let pairs = match items.cast::<PyMapping>() {
        Ok(mapping) => mapping.items()?.into_any(),
        Err(_) => items.clone(),
    };
    let (keys, values) = (PyList::empty(py), PyList::empty(py));
    let not_pairs = || PyTypeError::new_err("items must be a mapping of keys to values, or pairs of them");
    if pairs.is_instance_of::<PyBytes>() {
        return Err(not_pairs());
    }
    for pair in pairs.try_iter().map_err(|_| not_pairs())? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract().map_err(|_| not_pairs())?;
        keys.append(key)?;
        values.append(value)?;
    }
    Ok((extract_keys(&keys, scheme)?, extract_rows(&values, "values")?))
}
