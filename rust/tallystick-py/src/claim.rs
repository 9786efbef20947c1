//! Claims about several leaves as verifiers take them: false ones are refused as proofs are, not as misuse.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyRange;
use tallystick_tree::leaves::Leaves;

use crate::errors::invalid;
use crate::indices::extract_indices;
use crate::rows::{RowsInput, extract_rows};

/// Indices and leaves of a claim about a tree of `size` leaves, as many of the ones as of the others.
pub(crate) fn extract_claim(
    indices: &Bound<'_, PyAny>,
    leaves: &Bound<'_, PyAny>,
    size: u64,
) -> PyResult<(Vec<u64>, RowsInput)> {
    let py = indices.py();
    let leaves = claimed_rows(leaves)?;
    if let Some(length) = other_range(indices, leaves.len()) {
        return Err(unequal(py, &length, leaves.len()));
    }
    let indices = extract_indices(indices)?;
    if indices.values.len() != leaves.len() {
        return Err(unequal(py, &indices.values.len().to_string(), leaves.len()));
    }
    match indices.outside.first() {
        Some((_, text)) => Err(outside(py, text, size)),
        None => Ok((indices.values, leaves)),
    }
}

fn unequal(py: Python<'_>, indices: &str, leaves: usize) -> PyErr {
    invalid(py, "LENGTH_MISMATCH", format!("{indices} indices and {leaves} leaves"))
}

/// The refusal of an index that no tree can have.
pub(crate) fn outside(py: Python<'_>, text: &str, size: u64) -> PyErr {
    invalid(py, "INDEX_OUT_OF_RANGE", format!("index {text} is not below the size, {size}"))
}

/// The length of a range of another length than the leaves: it costs nothing to claim, so it is not written out to be
/// counted.
pub(crate) fn other_range(indices: &Bound<'_, PyAny>, leaves: usize) -> Option<String> {
    let range = indices.cast_exact::<PyRange>().ok()?;
    let length = range.len().map_or_else(|_| "more than 2^63".to_owned(), |length| length.to_string());
    (length != leaves.to_string()).then_some(length)
}

/// Claimed leaves: what is wrong with their values makes a false claim, not a misuse.
pub(crate) fn claimed_rows(leaves: &Bound<'_, PyAny>) -> PyResult<RowsInput> {
    let py = leaves.py();
    extract_rows(leaves, "leaves").map_err(|error| {
        if error.is_instance_of::<PyValueError>(py) {
            invalid(py, "MALFORMED_LEAF", error.value(py).to_string())
        } else {
            error
        }
    })
}
