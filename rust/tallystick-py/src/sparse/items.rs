//! `SparseItems`: what a tree holds, in the order of keys.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_tree::sparse::{At, SparseTree};

use crate::run::run;

/// Entries that an iterator takes out of a tree at once.
const AT_ONCE: usize = 1024;

/// Keys with the digests of their values, ascending.
#[pyclass(module = "tallystick", name = "SparseItems")]
pub(crate) struct PySparseItems {
    tree: Arc<SparseTree>,
    version: u64,
    prefix: Vec<u8>,
    after: Option<Vec<u8>>,
    /// The next ones, the last first.
    ready: Vec<(Vec<u8>, Vec<u8>)>,
}

impl PySparseItems {
    /// All entries of a version whose keys begin so.
    pub(super) fn new(tree: Arc<SparseTree>, version: u64, prefix: Vec<u8>) -> Self {
        Self { tree, version, prefix, after: None, ready: Vec::new() }
    }
}

#[pymethods]
impl PySparseItems {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        if self.ready.is_empty() {
            let (tree, prefix, after) = (&self.tree, &self.prefix, self.after.as_deref());
            let at = At::Version(self.version);
            let ready = run(py, |run| tree.entries(prefix, after, AT_ONCE, at, run))?;
            self.ready = ready;
            self.ready.reverse();
            self.after = self.ready.first().map(|entry| entry.0.clone()).or(self.after.take());
        }
        let next = self.ready.pop();
        next.map(|(key, digest)| (PyBytes::new(py, &key), PyBytes::new(py, &digest)).into_pyobject(py)).transpose()
    }
}
