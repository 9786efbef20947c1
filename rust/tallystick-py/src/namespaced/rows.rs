//! Leaves with namespaces, for makers.

use std::ops::Range;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::leaves::{Block, Leaves, with_namespaces};

use crate::rows::{RowsInput, extract_bytes, extract_rows};

/// Rows and as many namespaces, which ascend.
pub(super) struct NamespacedRows {
    rows: RowsInput,
    namespaces: Vec<u8>,
    size: usize,
}

impl Leaves for NamespacedRows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        with_namespaces(&self.rows, &self.namespaces, self.size, range)
    }
}

fn size_of(scheme: &Scheme) -> usize {
    scheme.record().namespace_size().unwrap_or(0)
}

/// A namespace of the scheme: `ValueError` for one of another length.
pub(super) fn extract_namespace(namespace: &Bound<'_, PyAny>, scheme: &Scheme) -> PyResult<Vec<u8>> {
    let (namespace, size) = (extract_bytes(namespace, "a namespace")?.to_vec(), size_of(scheme));
    if namespace.len() == size {
        return Ok(namespace);
    }
    let (found, name) = (namespace.len(), scheme.name());
    Err(PyValueError::new_err(format!("a namespace of {found} bytes; {name} has namespaces of {size}")))
}

/// The leaves and namespaces that something is made of: `ValueError` where they are not as many, one has another length than
/// the scheme's, or is below the one before it.
pub(super) fn extract_namespaced_rows(
    leaves: &Bound<'_, PyAny>,
    namespaces: &Bound<'_, PyAny>,
    scheme: &Scheme,
) -> PyResult<NamespacedRows> {
    let (rows, names) = (extract_rows(leaves, "leaves")?, extract_rows(namespaces, "namespaces")?);
    if rows.len() != names.len() {
        return Err(PyValueError::new_err(format!("{} leaves and {} namespaces", rows.len(), names.len())));
    }
    let size = size_of(scheme);
    let mut joined: Vec<u8> = Vec::with_capacity(names.len().saturating_mul(size));
    for place in 0..names.len() {
        let name = names.row(place);
        if name.len() != size {
            let found = name.len();
            let wanted = scheme.name();
            let message = format!("namespaces[{place}] has {found} bytes; {wanted} has namespaces of {size}");
            return Err(PyValueError::new_err(message));
        }
        if joined.len() >= size && *name < joined[joined.len() - size..] {
            let message = format!("namespaces[{place}] is below the one before it: leaves stand in ascending order");
            return Err(PyValueError::new_err(message));
        }
        joined.extend_from_slice(name);
    }
    Ok(NamespacedRows { rows, namespaces: joined, size })
}
