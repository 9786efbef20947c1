//! Claims about several leaves as verifiers take them: false ones are refused as proofs are, not as misuse.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tallystick_proof::head::TreeHead;
use tallystick_proof::verify::Refusal;
use tallystick_tree::leaves::Leaves;

use crate::errors::{invalid, refused};
use crate::indices::{claimed_length, extract_indices};
use crate::rows::{RowsInput, extract_rows};

/// Indices and leaves of a claim about the tree of `head`, as many of the ones as of the others.
pub(crate) fn extract_claim(
    indices: &Bound<'_, PyAny>,
    leaves: &Bound<'_, PyAny>,
    head: &TreeHead,
) -> PyResult<(Vec<u64>, RowsInput)> {
    let (py, size) = (indices.py(), head.size());
    let leaves = claimed_rows(leaves)?;
    if !head.scheme().binds_index() {
        extract_indices(indices)?;
        return Err(refused(py, Refusal::IndexNotBound(head.scheme().name())));
    }
    if let Some(length) = other_length(indices, leaves.len())? {
        return Err(unequal(py, &length, leaves.len()));
    }
    let indices = extract_indices(indices)?;
    if indices.values.len() != leaves.len() {
        return Err(unequal(py, &indices.values.len().to_string(), leaves.len()));
    }
    match &indices.outside {
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

/// The length of indices that are not as many as the leaves, where it is known before they are written out.
pub(crate) fn other_length(indices: &Bound<'_, PyAny>, leaves: usize) -> PyResult<Option<String>> {
    Ok(claimed_length(indices, "indices")?.filter(|length| *length != leaves.to_string()))
}

/// Claimed leaves: what is wrong with their values makes a false claim, not a misuse. An error that comes out of the
/// caller's own code, which has a traceback, stays what it is.
pub(crate) fn claimed_rows(leaves: &Bound<'_, PyAny>) -> PyResult<RowsInput> {
    let py = leaves.py();
    extract_rows(leaves, "leaves").map_err(|error| {
        if error.is_instance_of::<PyValueError>(py) && error.traceback(py).is_none() {
            invalid(py, "MALFORMED_LEAF", error.value(py).to_string())
        } else {
            error
        }
    })
}
