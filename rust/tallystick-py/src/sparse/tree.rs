//! `SparseTree`: one version of it read and proven, and its changes. Older versions are in `history`, files in `saved`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_proof::sparse::Sparse;
use tallystick_tree::error::TreeError;
use tallystick_tree::sparse::{At, SparseTree};

use super::items::PySparseItems;
use super::keys::{check_distinct, extract_items, extract_key, extract_keys};
use super::store::extract_store;
use super::{PySparseHead, PySparseMultiProof, PySparseProof};
use crate::argument::Argument;
use crate::errors::tree_error;
use crate::hash::resolve;
use crate::indices::extract_size;
use crate::rows::{extract_bytes, extract_rows};
use crate::run::run;
use crate::scheme::{PyScheme, sparse_or_native};

/// A tree whose leaves stand where their keys lead: insert, replace, remove, prove that a key is present or absent.
///
/// Keys have ``scheme.key_size`` bytes, 32; :func:`key` makes one of any name, and must where outsiders choose names. The
/// tree keeps each key and the digest of its value, 170 bytes a key; values stay with you. ``items`` is a mapping or pairs of
/// keys and values; for many, :meth:`update` takes arrays. ``scheme`` is of kind ``"sparse"``.
///
/// With ``store``, one of :mod:`tallystick.stores` or your own, which must hold nothing yet, every version is there before the
/// call returns; :meth:`open` goes on with it. It stays yours to close. ``time`` is that of the first version, now if left out.
///
/// Every change is a *version*. The newest ``keep`` of them are kept, all for ``None``: kept versions share what is the same in
/// them, can be read by :meth:`at`, compared by :meth:`diff`, and their heads proven against. The root does not depend on the
/// order in which keys came.
///
/// Raises ``ValueError`` for a key of another length, a key given twice, or ``keep`` below 1, :class:`StoreError` for a store
/// that holds something; what the store itself raises comes back unchanged, and may leave the empty tree, version 0, in it.
/// Changing uses all threads and can be interrupted; a call that fails changes nothing, but see :meth:`update` for a store that
/// fails. Many threads may read a tree while one writes.
///
/// >>> import tallystick as ts
/// >>> tree = ts.SparseTree({ts.key(b"alice"): b"5", ts.key(b"bob"): b"7"})
/// >>> tree.head.verify_present(ts.key(b"bob"), b"7", tree.prove(ts.key(b"bob")))
/// >>> tree.head.verify_absent(ts.key(b"carol"), tree.prove(ts.key(b"carol")))
/// >>> tree.update([ts.key(b"bob")], [b"6"])
/// >>> len(tree), tree.version
/// (2, 2)
#[pyclass(frozen, module = "tallystick", name = "SparseTree", weakref)]
pub(crate) struct PySparseTree {
    pub(super) tree: Arc<SparseTree>,
    /// The version of a tree that only reads.
    pub(super) version: Option<u64>,
}

/// Now, in seconds, unless a time is given.
fn seconds(time: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    match time {
        Some(time) => extract_size(time, "time"),
        None => Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())),
    }
}

/// How many versions are kept; `None`: all.
fn extract_keep(keep: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let Some(keep) = keep.filter(|keep| !keep.is_none()) else { return Ok(None) };
    match extract_size(keep, "keep")? {
        0 => Err(PyValueError::new_err("keep must be at least 1: the newest version is always kept")),
        keep => Ok(Some(usize::try_from(keep).unwrap_or(usize::MAX))),
    }
}

/// The same for a tree that is made: the newest one if it is not said.
pub(super) fn newest_unless(keep: Argument<'_>) -> PyResult<Option<usize>> {
    match keep {
        Argument::Default => Ok(Some(1)),
        Argument::Given(keep) => extract_keep(Some(&keep)),
    }
}

impl PySparseTree {
    pub(super) fn at(&self) -> At<'_> {
        self.version.map_or(At::Newest, At::Version)
    }

    /// Which version a proof is for.
    fn proven<'a>(&'a self, head: Option<&'a Bound<'_, PySparseHead>>) -> At<'a> {
        head.map_or_else(|| self.at(), |head| At::Head(&head.get().0.0))
    }

    pub(super) fn writer(&self) -> PyResult<&SparseTree> {
        if self.version.is_some() { Err(tree_error(TreeError::OldVersion)) } else { Ok(&self.tree) }
    }
}

#[pymethods]
impl PySparseTree {
    #[new]
    #[pyo3(
        signature = (items=None, *, scheme=None, store=None, keep=Argument::Default, time=None),
        text_signature = "(items=None, *, scheme=None, store=None, keep=1, time=None)"
    )]
    fn new(
        py: Python<'_>,
        items: Option<&Bound<'_, PyAny>>,
        scheme: Option<&Bound<'_, PyScheme>>,
        store: Option<&Bound<'_, PyAny>>,
        keep: Argument<'_>,
        time: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (scheme, time) = (sparse_or_native(scheme)?, seconds(time)?);
        let keep = newest_unless(keep)?;
        // Before anything is written to a store.
        let items = items.map(|items| extract_items(items, &scheme)).transpose()?;
        if let (Some((keys, _)), true) = (&items, store.is_some()) {
            check_distinct(keys, &scheme)?;
        }
        let store = store.map(extract_store).transpose()?;
        let tree = run(py, |run| {
            let tree = match store {
                None => SparseTree::new(scheme, keep, time)?,
                Some(store) => SparseTree::create(scheme, keep, time, store)?,
            };
            if let Some((keys, values)) = &items {
                tree.update(keys, values, time, run)?;
            }
            Ok(tree)
        })?;
        Ok(Self { tree: Arc::new(tree), version: None })
    }

    /// The tree in a store, with all versions that it has; changing it goes on from the newest.
    ///
    /// Reads the records of versions; nodes are read, and checked, when a call needs them. What another process writes later is
    /// not seen, and what it lets go of can no longer be read: open the tree anew. ``keep`` is as in the constructor,
    /// all if left out. Raises :class:`NotFound` if the store holds no tree, :class:`StoreError` for one whose tiles are damaged
    /// or missing; what the store itself raises comes back unchanged.
    ///
    /// >>> import tallystick as ts
    /// >>> from tallystick import stores
    /// >>> store = stores.MemoryStore()
    /// >>> tree = ts.SparseTree({ts.key(b"alice"): b"5"}, store=store)
    /// >>> ts.SparseTree.open(store).root == tree.root
    /// True
    #[staticmethod]
    #[pyo3(signature = (store, *, keep=None))]
    fn open(py: Python<'_>, store: &Bound<'_, PyAny>, keep: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let (store, keep) = (extract_store(store)?, extract_keep(keep)?);
        let tree = run(py, |_| SparseTree::open(store, keep, &resolve))?;
        Ok(Self { tree: Arc::new(tree), version: None })
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.tree.scheme().clone())
    }

    /// The head: scheme, number of keys, root.
    #[getter]
    fn head(&self, py: Python<'_>) -> PyResult<PySparseHead> {
        let info = py.detach(|| self.tree.info(self.at())).map_err(tree_error)?;
        Ok(PySparseHead(Sparse(info.head)))
    }

    /// The root: ``head.root``.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let info = py.detach(|| self.tree.info(self.at())).map_err(tree_error)?;
        Ok(PyBytes::new(py, info.head.root()))
    }

    /// The number of this version: 0 for a tree that was made empty, and one more with every change.
    #[getter]
    fn version(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.tree.info(self.at())).map(|info| info.number).map_err(tree_error)
    }

    /// When this version was made, in seconds since 1970, or as the change was told.
    #[getter]
    fn time(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.tree.info(self.at())).map(|info| info.time).map_err(tree_error)
    }

    /// Number of keys.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        let info = py.detach(|| self.tree.info(self.at())).map_err(tree_error)?;
        Ok(usize::try_from(info.head.size())?)
    }

    /// Whether the tree has this key. ``ValueError`` for a key of another length.
    fn __contains__(&self, py: Python<'_>, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        let key = extract_key(key, self.tree.scheme())?;
        run(py, |run| self.tree.value(&key, self.at(), run)).map(|value| value.is_some())
    }

    /// The digest of a key's value, ``None`` for an absent key.
    ///
    /// Raises ``ValueError`` for a key of another length.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree({ts.key(b"alice"): b"5"}, scheme=ts.schemes.ICS23_SMT)
    /// >>> tree.digest(ts.key(b"alice")) == ts.hashes.SHA256.digest(b"5")
    /// True
    #[pyo3(signature = (key, /))]
    fn digest<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let key = extract_key(key, self.tree.scheme())?;
        let value = run(py, |run| self.tree.value(&key, self.at(), run))?;
        Ok(value.map(|value| PyBytes::new(py, &value)))
    }

    /// Inserts keys, or replaces their values, all at once: one new version.
    ///
    /// ``keys`` and ``values`` take any form of rows and are as many; keys come in any order. With ``prehashed`` the values are
    /// digests already, as :meth:`digest` gives them. ``time`` in seconds is now if left out. No keys make no version. Raises
    /// ``ValueError`` for a key of another length, a key given twice, unequal numbers, and for a digest of another size or one
    /// that would make the key absent; ``io.UnsupportedOperation`` for an old version. Costs three hashes a key and one for each node above; many keys
    /// at once share these.
    ///
    /// In a store, raises :class:`StoreError` if another writer has changed the tree since it was opened, and what the store raises.
    /// Then open the tree anew: it has the whole batch or nothing of it. Tiles of versions that are let go of are deleted last,
    /// so where only that failed the batch is there.
    ///
    /// >>> import numpy as np, tallystick as ts
    /// >>> tree = ts.SparseTree()
    /// >>> rng = np.random.default_rng(1)
    /// >>> keys, values = rng.bytes(32_000), np.arange(1000, dtype=np.uint64)
    /// >>> tree.update(np.frombuffer(keys, np.uint8).reshape(1000, 32), values.view(np.uint8).reshape(1000, 8))
    /// >>> len(tree)
    /// 1000
    #[pyo3(signature = (keys, values, /, *, prehashed=false, time=None))]
    fn update(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        values: &Bound<'_, PyAny>,
        prehashed: bool,
        time: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (tree, time) = (self.writer()?, seconds(time)?);
        let (keys, values) = (extract_keys(keys, tree.scheme())?, extract_rows(values, "values")?);
        run(py, |run| {
            if prehashed {
                tree.update_digests(&keys, &values, time, run)
            } else {
                tree.update(&keys, &values, time, run)
            }
        })?;
        Ok(())
    }

    /// Removes keys, all at once: one new version.
    ///
    /// Raises ``KeyError`` if one is absent, and then removes none; otherwise as :meth:`update`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree({ts.key(b"alice"): b"5"})
    /// >>> tree.remove([ts.key(b"alice")])
    /// >>> tree.root == ts.SparseTree().root
    /// True
    #[pyo3(signature = (keys, /, *, time=None))]
    fn remove(&self, py: Python<'_>, keys: &Bound<'_, PyAny>, time: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let (tree, time) = (self.writer()?, seconds(time)?);
        let keys = extract_keys(keys, tree.scheme())?;
        run(py, |run| tree.remove(&keys, time, run))?;
        Ok(())
    }

    /// The proof that ``key`` is present with its value, or absent, for ``head``.
    ///
    /// ``head`` is that of any kept version; ``None`` is this one. Raises ``ValueError`` for a key of another length,
    /// :class:`StaleHead` for a head that no kept version has. Copies siblings.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree({ts.key(b"alice"): b"5"}, keep=2)
    /// >>> yesterday = tree.head
    /// >>> tree.update([ts.key(b"bob")], [b"7"])
    /// >>> yesterday.verify_absent(ts.key(b"bob"), tree.prove(ts.key(b"bob"), head=yesterday))
    #[pyo3(signature = (key, *, head=None))]
    fn prove(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PySparseHead>>,
    ) -> PyResult<PySparseProof> {
        let key = extract_key(key, self.tree.scheme())?;
        let at = self.proven(head);
        run(py, |run| self.tree.prove(&key, at, run)).map(PySparseProof)
    }

    /// One proof of many keys together, each present or absent, for ``head``.
    ///
    /// ``keys`` takes any form of rows, in any order. The proof holds what a verifier cannot compute and nothing twice. Raises
    /// ``ValueError`` for no keys, a key given twice or of another length; :class:`StaleHead` as :meth:`prove`.
    ///
    /// >>> import tallystick as ts
    /// >>> alice, bob, carol = map(ts.key, (b"alice", b"bob", b"carol"))
    /// >>> tree = ts.SparseTree({alice: b"5", bob: b"7"})
    /// >>> tree.head.verify_many({bob: b"7"}, [carol], tree.prove_many([bob, carol]))
    #[pyo3(signature = (keys, *, head=None))]
    fn prove_many(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PySparseHead>>,
    ) -> PyResult<PySparseMultiProof> {
        let keys = extract_keys(keys, self.tree.scheme())?;
        let at = self.proven(head);
        run(py, |run| self.tree.prove_many(&keys, at, run)).map(PySparseMultiProof)
    }

    /// Iterates over keys with the digests of their values, in ascending order of the keys.
    ///
    /// ``prefix`` are bytes that keys begin with. The iterator stays with the version that it began with, and raises
    /// :class:`NotFound` if that is let go meanwhile. Raises ``ValueError`` for a prefix longer than a key.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SparseTree({bytes([first]) * 32: b"value" for first in (7, 5, 6)})
    /// >>> [key[0] for key, digest in tree.items()]
    /// [5, 6, 7]
    /// >>> len(list(tree.items(b"\x06\x06")))
    /// 1
    #[pyo3(signature = (prefix=None), text_signature = "($self, prefix=b'')")]
    fn items(&self, py: Python<'_>, prefix: Option<&Bound<'_, PyAny>>) -> PyResult<PySparseItems> {
        let prefix = prefix
            .map_or_else(|| Ok(Vec::new()), |prefix| Ok::<_, PyErr>(extract_bytes(prefix, "a prefix")?.to_vec()))?;
        let expected = self.tree.scheme().key_size();
        if prefix.len() > expected {
            let found = prefix.len();
            return Err(PyValueError::new_err(format!("a prefix of {found} bytes; keys have {expected}")));
        }
        let version = self.version(py)?;
        Ok(PySparseItems::new(self.tree.clone(), version, prefix))
    }

    /// Bytes that the nodes and leaves of all kept versions take.
    #[getter]
    fn nbytes(&self, py: Python<'_>) -> usize {
        py.detach(|| self.tree.bytes())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let info = py.detach(|| self.tree.info(self.at())).map_err(tree_error)?;
        let (name, size) = (info.head.scheme().name(), info.head.size());
        Ok(format!("<SparseTree {name}: {size} keys, version {}>", info.number))
    }
}
