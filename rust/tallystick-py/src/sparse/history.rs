//! `SparseTree`: its versions, found, compared and let go of.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use tallystick_tree::error::TreeError;
use tallystick_tree::sparse::At;

use super::PySparseTree;
use crate::errors::tree_error;
use crate::indices::extract_size;
use crate::run::run;

impl PySparseTree {
    fn of_version(&self, version: u64) -> Self {
        Self { tree: self.tree.clone(), version: Some(version) }
    }
}

#[pymethods]
impl PySparseTree {
    /// The numbers of the versions that are kept.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree(keep=2)
    /// >>> for name in (b"alice", b"bob", b"carol"):
    /// ...     tree.update([ts.key(name)], [b"1"])
    /// >>> tree.versions
    /// range(2, 4)
    #[getter]
    fn versions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let versions = py.detach(|| self.tree.versions());
        let first = versions.first().map_or(0, |version| version.number);
        let end = versions.last().map_or(0, |version| version.number + 1);
        py.import("builtins")?.getattr("range")?.call1((first, end))
    }

    /// The tree as it was at a version, to be read only.
    ///
    /// Raises :class:`NotFound` for a version that there is not, or that is no longer kept; so does the returned tree once its
    /// version is let go.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree(keep=None)
    /// >>> tree.update([ts.key(b"alice")], [b"5"])
    /// >>> len(tree.at(0)), len(tree.at(1))
    /// (0, 1)
    #[pyo3(name = "at", signature = (version, /))]
    fn at_number(&self, py: Python<'_>, version: &Bound<'_, PyAny>) -> PyResult<Self> {
        let version = extract_size(version, "version")?;
        py.detach(|| self.tree.info(At::Version(version))).map_err(tree_error)?;
        Ok(self.of_version(version))
    }

    /// The newest version that was made at ``time`` or before, to be read only: the tree as it was then.
    ///
    /// ``time`` is in seconds, as :attr:`time`. Raises :class:`NotFound` if no kept version is that old.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree(keep=None, time=0)
    /// >>> tree.update([ts.key(b"alice")], [b"5"], time=1000)
    /// >>> tree.update([ts.key(b"bob")], [b"7"], time=2000)
    /// >>> len(tree.at_time(1999))
    /// 1
    #[pyo3(signature = (time, /))]
    fn at_time(&self, py: Python<'_>, time: &Bound<'_, PyAny>) -> PyResult<Self> {
        let time = extract_size(time, "time")?;
        let versions = py.detach(|| self.tree.versions());
        let found = versions.iter().rev().find(|version| version.time <= time);
        let found = found.ok_or_else(|| tree_error(TreeError::NoVersionAt(time)))?;
        Ok(self.of_version(found.number))
    }

    /// What differs between two versions: a list of (key, digest before, digest after), ascending; ``None`` where the key is
    /// absent.
    ///
    /// Raises :class:`NotFound` for a version that is not kept. Costs what differs.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree(keep=None)
    /// >>> tree.update([ts.key(b"alice")], [b"5"])
    /// >>> [(key == ts.key(b"alice"), before) for key, before, after in tree.diff(0, 1)]
    /// [(True, None)]
    #[pyo3(signature = (old, new, /))]
    fn diff<'py>(
        &self,
        py: Python<'py>,
        old: &Bound<'py, PyAny>,
        new: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let (old, new) = (extract_size(old, "a version")?, extract_size(new, "a version")?);
        let differences = run(py, |run| self.tree.differences(old, new, run))?;
        let bytes = |bytes: Vec<u8>| PyBytes::new(py, &bytes);
        let rows = differences.into_iter().map(|(key, old, new)| (bytes(key), old.map(bytes), new.map(bytes)));
        let rows: Vec<_> = rows.map(|row| row.into_pyobject(py)).collect::<PyResult<_>>()?;
        PyList::new(py, rows)
    }

    /// Lets go of all versions before this one.
    ///
    /// Raises :class:`NotFound` for a version that is not kept, ``io.UnsupportedOperation`` for an old version; in a store also as
    /// :meth:`update`. Costs what only the versions before had: nodes that are let go of, tiles that are deleted.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree(keep=None)
    /// >>> for name in (b"alice", b"bob"):
    /// ...     tree.update([ts.key(name)], [b"1"])
    /// >>> tree.prune(1)
    /// >>> tree.versions
    /// range(1, 3)
    #[pyo3(signature = (before, /))]
    fn prune(&self, py: Python<'_>, before: &Bound<'_, PyAny>) -> PyResult<()> {
        let (tree, before) = (self.writer()?, extract_size(before, "a version")?);
        run(py, |run| tree.prune(before, run))
    }
}
