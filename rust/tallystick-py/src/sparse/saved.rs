//! `SparseTree`: one version in a file, and the tree that is made of it again.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use tallystick_tree::file::Target;
use tallystick_tree::sparse::SparseTree;

use super::PySparseTree;
use super::store::extract_store;
use super::tree::newest_unless;
use crate::argument::Argument;
use crate::hash::resolve;
use crate::run::run_on;

#[pymethods]
impl PySparseTree {
    /// Writes this version to one checksummed file: a backup, for :meth:`load`.
    ///
    /// The file is written beside its place and renamed, so it is whole or not there. Raises ``FileExistsError`` unless
    /// ``overwrite``, ``OSError`` as the system does. 64 bytes a key; see the specification, *Files of sparse trees*.
    ///
    /// >>> import tallystick as ts, pathlib, tempfile
    /// >>> path = pathlib.Path(tempfile.mkdtemp()) / "backup.tally"
    /// >>> tree = ts.SparseTree({ts.key(b"alice"): b"5"})
    /// >>> tree.save(path)
    /// >>> ts.SparseTree.load(path).head == tree.head
    /// True
    #[pyo3(signature = (path, *, overwrite=false))]
    fn save(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        let (target, at) = (Target { path: path.clone(), overwrite }, self.at());
        run_on(py, &path, |run| self.tree.save(target, at, run))
    }

    /// Makes the tree again that :meth:`save` wrote, and compares it with the head in the file.
    ///
    /// Every check and the root are compared before there is a tree, so this validates a backup. With a store, which must hold
    /// no tree, it is put into that as its version 1; else it keeps its version. ``keep`` is as in the constructor. Raises
    /// :class:`DecodeError` for a file that is damaged or none, ``OSError`` as the system does, :class:`StoreError` for a store that
    /// holds a tree; a store that fails may be left with the empty tree, version 0: restore into another one then.
    /// Costs a hash or two a key and one for each node above.
    ///
    /// >>> import pathlib, tempfile, tallystick as ts
    /// >>> from tallystick import stores
    /// >>> path = pathlib.Path(tempfile.mkdtemp()) / "backup.tally"
    /// >>> ts.SparseTree({ts.key(b"alice"): b"5"}).save(path)
    /// >>> ts.SparseTree.load(path, store=stores.MemoryStore())
    /// <SparseTree native_sparse/blake3: 1 keys, version 1>
    #[staticmethod]
    #[pyo3(
        signature = (path, *, store=None, keep=Argument::Default),
        text_signature = "(path, *, store=None, keep=1)"
    )]
    fn load(py: Python<'_>, path: PathBuf, store: Option<&Bound<'_, PyAny>>, keep: Argument<'_>) -> PyResult<Self> {
        let keep = newest_unless(keep)?;
        let store = store.map(extract_store).transpose()?;
        let tree = run_on(py, &path, |run| SparseTree::load(&path, keep, store, &resolve, run))?;
        Ok(Self { tree: Arc::new(tree), version: None })
    }
}
