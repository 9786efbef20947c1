//! `PatriciaTree`.

use std::sync::Mutex;

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_tree::error::TreeError;
use tallystick_tree::patricia::PatriciaTree;

use super::claim::{Pairs, extract_items, extract_pairs};
use super::{PyPatriciaHead, PyPatriciaItems, PyPatriciaProof, keccak};
use crate::argument::Argument;
use crate::errors::tree_error;
use crate::rows::{extract_bytes, extract_rows};
use crate::run::run;

/// Ethereum's Merkle Patricia trie: keys of any length with their values, and proofs that a key has its value or none.
///
/// ``items`` are a mapping, or pairs of key and value; for many, :meth:`update` takes arrays. ``secure`` hashes keys with
/// Keccak-256, as Ethereum's state and storage do. The root depends on keys and values alone, not on the order in which they
/// came. The tree keeps keys and values, and some 300 bytes a key beside them; a secure tree keeps no keys but their
/// digests.
///
/// Raises ``ValueError`` for a key given twice and for an empty value, which in Ethereum means that there is none. Building
/// uses all threads and can be interrupted. Many threads may read a tree while one writes; a call that fails changes nothing.
///
/// >>> import tallystick as ts
/// >>> tree = ts.PatriciaTree({b"do": b"verb", b"dog": b"puppy", b"doge": b"coin", b"horse": b"stallion"})
/// >>> tree.root.hex()
/// '5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84'
/// >>> tree.head.verify_present(b"dog", b"puppy", tree.prove(b"dog"))
/// >>> tree.head.verify_absent(b"cat", tree.prove(b"cat"))
#[pyclass(frozen, module = "tallystick", name = "PatriciaTree", weakref)]
pub(crate) struct PyPatriciaTree(PatriciaTree);

#[pymethods]
impl PyPatriciaTree {
    #[new]
    #[pyo3(signature = (items=None, *, secure=false))]
    fn new(py: Python<'_>, items: Option<&Bound<'_, PyAny>>, secure: bool) -> PyResult<Self> {
        let tree = PatriciaTree::new(secure, keccak()?).map_err(tree_error)?;
        if let Some(items) = items {
            let Pairs { keys, values } = extract_items(items)?;
            run(py, |run| tree.update(&keys, &values, run))?;
        }
        Ok(Self(tree))
    }

    /// Whether keys are hashed.
    #[getter]
    fn secure(&self) -> bool {
        self.0.secure()
    }

    /// The head of all keys and values.
    #[getter]
    fn head(&self) -> PyPatriciaHead {
        PyPatriciaHead(self.0.head())
    }

    /// The root of all keys and values: ``head.root``.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.head().root())
    }

    /// Number of keys.
    fn __len__(&self) -> PyResult<usize> {
        Ok(usize::try_from(self.0.count())?)
    }

    /// Whether a key has a value.
    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.0.contains(&extract_bytes(key, "a key")?).map_err(tree_error)
    }

    /// The value of ``key``, or ``None``.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.PatriciaTree({b"dog": b"puppy"}).find(b"dog")
    /// b'puppy'
    #[pyo3(signature = (key, /))]
    fn find<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let value = self.0.find(&extract_bytes(key, "a key")?).map_err(tree_error)?;
        Ok(value.map(|value| PyBytes::new(py, &value)))
    }

    /// Sets the value of each key, whether it had one or not: all or none.
    ///
    /// Keys and values take any form of rows, and are as many. Raises ``ValueError`` for a key given twice, an empty value
    /// (:meth:`remove` takes keys away), a key or value above 2**30 bytes, and unequal numbers. Hashes the changed nodes and
    /// those above them, level by level, by all threads; can be interrupted.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy"})
    /// >>> tree.update([b"dog", b"cat"], [b"hound", b"kitten"])
    /// >>> list(tree.items())
    /// [(b'cat', b'kitten'), (b'dog', b'hound')]
    #[pyo3(signature = (keys, values, /))]
    fn update(&self, py: Python<'_>, keys: &Bound<'_, PyAny>, values: &Bound<'_, PyAny>) -> PyResult<()> {
        let Pairs { keys, values } = extract_pairs(keys, values)?;
        run(py, |run| self.0.update(&keys, &values, run))
    }

    /// Takes keys and their values away: all or none.
    ///
    /// Raises ``KeyError`` with a key that the tree does not have, ``ValueError`` for one given twice. Otherwise as
    /// :meth:`update`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy", b"cat": b"kitten"})
    /// >>> tree.remove([b"cat"])
    /// >>> tree.root == ts.PatriciaTree({b"dog": b"puppy"}).root
    /// True
    /// >>> tree.remove([b"dog", b"cow"])
    /// Traceback (most recent call last):
    /// KeyError: b'cow'
    /// >>> len(tree)
    /// 1
    #[pyo3(signature = (keys, /))]
    fn remove(&self, py: Python<'_>, keys: &Bound<'_, PyAny>) -> PyResult<()> {
        let keys = extract_rows(keys, "keys")?;
        let removed = run(py, |run| match self.0.remove(&keys, run) {
            Err(TreeError::KeyNotFound(place)) => Ok(Err(place)),
            done => done.map(Ok),
        })?;
        removed.map_err(|place| PyKeyError::new_err(PyBytes::new(py, keys.row(place)).unbind()))
    }

    /// The keys that begin with ``prefix`` and their values, in ascending order: an iterator over the tree as it is now.
    ///
    /// In a secure tree the keys are digests, since it has no others, and ``prefix`` is that of a digest.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"do": b"verb", b"dog": b"puppy", b"horse": b"stallion"})
    /// >>> list(tree.items(b"do"))
    /// [(b'do', b'verb'), (b'dog', b'puppy')]
    #[pyo3(signature = (prefix=Argument::Default), text_signature = "($self, prefix=b'')")]
    fn items(&self, prefix: Argument<'_>) -> PyResult<PyPatriciaItems> {
        let items = match prefix {
            Argument::Given(prefix) => self.0.items(&extract_bytes(&prefix, "a prefix")?),
            Argument::Default => self.0.items(&[]),
        };
        Ok(PyPatriciaItems(Mutex::new(items)))
    }

    /// The proof that ``key`` has its value, or that it has none, for ``head``.
    ///
    /// ``head`` is the tree's head or ``None``; with an earlier one :class:`StaleHead` is raised, since a tree keeps no earlier
    /// nodes. Copies and encodes the nodes on the way; hashes nothing but the key of a secure tree.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy"})
    /// >>> tree.head.verify_present(b"dog", b"puppy", tree.prove(b"dog"))
    #[pyo3(signature = (key, *, head=None))]
    fn prove(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PyPatriciaHead>>,
    ) -> PyResult<PyPatriciaProof> {
        let (key, head) = (extract_bytes(key, "a key")?, head.map(|head| &head.get().0));
        py.detach(|| self.0.prove(&key, head)).map(PyPatriciaProof).map_err(tree_error)
    }

    /// One proof of many keys together, present or absent, for ``head``: each node once.
    ///
    /// Keys take any form of rows, in any order; none or one given twice raises ``ValueError``. Otherwise as :meth:`prove`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy", b"doge": b"coin"})
    /// >>> tree.head.verify_many({b"dog": b"puppy"}, [b"cat"], tree.prove_many([b"dog", b"cat"]))
    #[pyo3(signature = (keys, *, head=None))]
    fn prove_many(
        &self,
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PyPatriciaHead>>,
    ) -> PyResult<PyPatriciaProof> {
        let (keys, head) = (extract_rows(keys, "keys")?, head.map(|head| &head.get().0));
        run(py, |run| self.0.prove_many(&keys, head, run)).map(PyPatriciaProof)
    }

    fn __repr__(&self) -> String {
        let kind = if self.0.secure() { " secure" } else { "" };
        format!("<PatriciaTree{kind}: {} keys>", self.0.count())
    }
}
