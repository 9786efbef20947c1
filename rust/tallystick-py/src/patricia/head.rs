//! `PatriciaHead`: what a verifier of Patricia tries trusts, and the verifiers.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::HashError;
use tallystick_proof::patricia::{DIGEST, KeyClaim, PatriciaHead, PatriciaProof, verify_by};
use tallystick_tree::check::settled;
use tallystick_tree::digest::digest_many;
use tallystick_tree::error::TreeError;
use tallystick_tree::leaves::RaggedRows;

use super::claim::Claims;
use super::{PyPatriciaProof, keccak, ready};
use crate::codec::{Encoded, wire_methods};
use crate::errors::refused;
use crate::head::hex;
use crate::liabilities::claim::extract_array;
use crate::rows::extract_bytes;
use crate::run::run;

/// Proofs up to so many bytes are verified without releasing the GIL.
const SHORT: usize = 8192;

/// A commitment to all keys and values of a Merkle Patricia trie: its root, and whether keys are hashed.
///
/// The root is 32 bytes: a block's ``stateRoot`` with ``secure=True``, an account's ``storageHash`` with ``secure=True``, a
/// block's ``transactionsRoot`` or ``receiptsRoot`` with ``secure=False``. It binds neither the number of keys nor ``secure``,
/// so the head must come from where you trust it. Raises ``ValueError`` for a root of another length.
///
/// >>> import tallystick as ts
/// >>> tree = ts.PatriciaTree({b"dog": b"puppy", b"doge": b"coin"})
/// >>> head = ts.PatriciaHead(tree.root)
/// >>> head == tree.head == ts.PatriciaHead.from_bytes(head.to_bytes())
/// True
/// >>> head.verify_present(b"dog", b"puppy", tree.prove(b"dog"))
/// >>> head.verify_absent(b"cat", tree.prove(b"cat"))
/// >>> head.verify_absent(b"dog", tree.prove(b"dog"))
/// Traceback (most recent call last):
/// tallystick.errors.InvalidProof: the proof shows that a key claimed absent is present
#[pyclass(frozen, module = "tallystick", name = "PatriciaHead")]
pub(crate) struct PyPatriciaHead(pub(crate) PatriciaHead);

#[pymethods]
impl PyPatriciaHead {
    #[new]
    #[pyo3(signature = (root, *, secure=false))]
    fn new(root: &Bound<'_, PyAny>, secure: bool) -> PyResult<Self> {
        Ok(Self(PatriciaHead::new(extract_array(root, "the root")?, secure)))
    }

    /// The root.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.root())
    }

    /// Whether keys are hashed with Keccak-256 before they become paths, as in Ethereum's state.
    #[getter]
    fn secure(&self) -> bool {
        self.0.secure()
    }

    /// Checks that ``key`` has exactly this value; returns nothing if so.
    ///
    /// Proves nothing about who made the head, or about other keys. Raises :class:`InvalidProof` for any claim that is not
    /// proven, whatever its values, and for a proof that has one node too many, in another order, or in another encoding than
    /// its own; ``TypeError`` for arguments of the wrong type. Each node is hashed once.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy"}, secure=True)
    /// >>> tree.head.verify_present(b"dog", b"puppy", tree.prove(b"dog"))
    /// >>> tree.head.verify_present(b"dog", b"kitten", tree.prove(b"dog"))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: the proof shows that a key has another value than the claimed one
    #[pyo3(signature = (key, value, proof))]
    fn verify_present(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyPatriciaProof>,
    ) -> PyResult<()> {
        let (key, value) = (extract_bytes(key, "a key")?, extract_bytes(value, "a value")?);
        self.verify(py, || vec![KeyClaim { key: &key, value: Some(&value) }], &proof.get().0)
    }

    /// Checks that ``key`` has no value; returns nothing if so.
    ///
    /// A key is absent only where a node says so that the root commits to: a proof that ends early or has a malformed node is
    /// refused. Raises as :meth:`verify_present`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy"})
    /// >>> tree.head.verify_absent(b"cat", tree.prove(b"cat"))
    /// >>> tree.head.verify_absent(b"cat", ts.PatriciaProof([]))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: the proof has 0 nodes, and the way to a claimed key leads to another one
    #[pyo3(signature = (key, proof))]
    fn verify_absent(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyPatriciaProof>,
    ) -> PyResult<()> {
        let key = extract_bytes(key, "a key")?;
        self.verify(py, || vec![KeyClaim { key: &key, value: None }], &proof.get().0)
    }

    /// Checks that the keys of ``present`` have these values, and those of ``absent`` none; returns nothing if so.
    ///
    /// ``present`` is a mapping of keys to values, ``absent`` any iterable of keys; at least one key, and none twice. The proof
    /// is that of exactly these keys, of :meth:`PatriciaTree.prove_many`. Raises as :meth:`verify_present`. Nodes are hashed by
    /// all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.PatriciaTree({b"dog": b"puppy", b"doge": b"coin", b"horse": b"stallion"})
    /// >>> proof = tree.prove_many([b"dog", b"doge", b"cat"])
    /// >>> tree.head.verify_many({b"dog": b"puppy", b"doge": b"coin"}, [b"cat"], proof)
    #[pyo3(signature = (present, absent, proof))]
    fn verify_many(
        &self,
        py: Python<'_>,
        present: &Bound<'_, PyAny>,
        absent: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyPatriciaProof>,
    ) -> PyResult<()> {
        let claims = Claims::extract(present, absent)?;
        self.verify(py, || claims.each(), &proof.get().0)
    }

    fn __repr__(&self) -> String {
        let kind = if self.0.secure() { " secure" } else { "" };
        format!("<PatriciaHead{kind}: root {}>", hex(self.0.root()))
    }
}

impl PyPatriciaHead {
    fn verify<'a>(
        &self,
        py: Python<'_>,
        claims: impl FnOnce() -> Vec<KeyClaim<'a>> + Send,
        proof: &PatriciaProof,
    ) -> PyResult<()> {
        if proof.nodes().size() <= SHORT {
            let keccak = ready()?;
            let digests = |rows: &[&[u8]]| {
                let mut out = vec![0; rows.len() * DIGEST];
                keccak.ragged(rows, &mut out).map(|()| out)
            };
            return verify_by(&digests, &self.0, &claims(), proof).map_err(|refusal| refused(py, refusal));
        }
        let hash = keccak()?;
        let verdict = run(py, |run| {
            let digests = |rows: &[&[u8]]| match digest_many(&hash, &RaggedRows(rows), run) {
                Ok(digests) => Ok(digests),
                Err(TreeError::Hash(error)) => Err(error),
                Err(TreeError::Interrupted(_)) => Err(HashError::Interrupted),
                Err(_) => Err(HashError::Count { rows: rows.len(), out: 0 }),
            };
            settled(verify_by(&digests, &self.0, &claims(), proof))
        })?;
        verdict.map_err(|refusal| refused(py, refusal))
    }
}

impl Encoded for PyPatriciaHead {
    type Inner = PatriciaHead;

    fn inner(&self) -> &PatriciaHead {
        &self.0
    }

    fn of(inner: PatriciaHead) -> Self {
        Self(inner)
    }
}

wire_methods!(PyPatriciaHead, "ts.PatriciaTree({b'dog': b'puppy'}).head");
