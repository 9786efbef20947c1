//! The iterator over keys and values.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_tree::patricia::Items;

use crate::errors::tree_error;

/// The iterator of :meth:`PatriciaTree.items`.
#[pyclass(frozen, module = "tallystick._core", name = "PatriciaItems")]
pub(crate) struct PyPatriciaItems(pub(crate) Mutex<Items>);

#[pymethods]
impl PyPatriciaItems {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[allow(clippy::type_complexity)]
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>> {
        // Held for one item, by threads that have the GIL.
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next_item().map_err(tree_error)?;
        Ok(next.map(|(key, value)| (PyBytes::new(py, &key), PyBytes::new(py, &value))))
    }
}
