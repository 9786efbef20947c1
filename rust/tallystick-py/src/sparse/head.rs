//! `SparseHead`: what a verifier of sparse trees trusts, and the verifiers.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Kind;
use tallystick_proof::sparse::Sparse;
use tallystick_proof::verify::{KeyClaims, verify_key, verify_key_absent, verify_key_digest, verify_keys_by};
use tallystick_tree::check::settled;
use tallystick_tree::leaves::Leaves;

use super::claim::{extract_absent, extract_present};
use super::{PySparseMultiProof, PySparseProof};
use crate::codec::{Encoded, wire_methods};
use crate::errors::{head_error, refused};
use crate::head::hex;
use crate::indices::extract_size;
use crate::rows::{extract_bytes, extract_leaf};
use crate::run::run;
use crate::scheme::{PyScheme, of_kind};

/// A commitment to all keys and values of a sparse tree: scheme, number of keys and root.
///
/// The root of :data:`schemes.NATIVE_SPARSE <tallystick.schemes.NATIVE_SPARSE>` binds scheme, context and size; those of other
/// sparse schemes bind nothing but keys and values. In either, the size is the word of whoever made the head: proofs only tell 0,
/// 1 and more apart. Raises ``TypeError`` for a scheme of another kind, ``ValueError`` for a root of another length, a negative
/// size, ``OverflowError`` for a size of 2**64 and above.
///
/// >>> import tallystick as ts
/// >>> key, digest = ts.key(b"alice"), ts.hashes.SHA256.digest(b"5")
/// >>> root = ts.hashes.SHA256.digest(bytes(1) + key + digest)  # of a tree that has no other key
/// >>> head = ts.SparseHead(ts.schemes.ICS23_SMT, 1, root)
/// >>> head == ts.SparseHead.from_bytes(head.to_bytes())
/// True
/// >>> head.verify_present(key, b"5", ts.SparseProof("present", 0, b"", []))
/// >>> head.verify_absent(ts.key(b"bob"), ts.SparseProof("other", 0, b"", [], (key, digest)))
/// >>> head.verify_present(key, b"6", ts.SparseProof("present", 0, b"", []))
/// Traceback (most recent call last):
/// tallystick.errors.RootMismatch: the computed root is not the head's
#[pyclass(frozen, module = "tallystick", name = "SparseHead")]
pub(crate) struct PySparseHead(pub(crate) Sparse<TreeHead>);

impl PySparseHead {
    /// The head.
    pub(crate) fn head(&self) -> &TreeHead {
        &self.0.0
    }
}

#[pymethods]
impl PySparseHead {
    #[new]
    #[pyo3(signature = (scheme, size, root))]
    fn new(scheme: &Bound<'_, PyScheme>, size: &Bound<'_, PyAny>, root: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (size, root) = (extract_size(size, "size")?, extract_bytes(root, "the root")?.to_vec());
        let scheme = of_kind(scheme, Kind::Sparse)?;
        TreeHead::new(scheme, size, root).map(|head| Self(Sparse(head))).map_err(head_error)
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.head().scheme().clone())
    }

    /// Number of keys, as whoever made the head states it.
    #[getter]
    fn size(&self) -> u64 {
        self.head().size()
    }

    /// The root.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.head().root())
    }

    /// Checks that ``key`` has exactly this value; returns nothing if so.
    ///
    /// Proves nothing about who made the head, or about other keys. Raises :class:`InvalidProof` for any claim that is not
    /// proven, whatever its values, also for a key of another length than 32 bytes; ``TypeError`` for arguments of the wrong
    /// type. Costs two hashes and one for each level that the proof is deep. With ``prehashed``, ``value`` is the digest of the
    /// value: whoever has the value must compare it.
    ///
    /// >>> import tallystick as ts
    /// >>> alice, bob = ts.key(b"alice"), ts.key(b"bob")
    /// >>> tree = ts.SparseTree({alice: b"5", bob: b"7"})
    /// >>> tree.head.verify_present(alice, b"5", tree.prove(alice))
    /// >>> tree.head.verify_present(b"alice", b"5", tree.prove(alice))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: a key of 5 bytes; the scheme has keys of 32
    #[pyo3(signature = (key, value, proof, *, prehashed=false))]
    fn verify_present(
        &self,
        py: Python<'_>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        proof: &Bound<'_, PySparseProof>,
        prehashed: bool,
    ) -> PyResult<()> {
        let (key, value, proof) = (extract_bytes(key, "a key")?, extract_leaf(value)?, &proof.get().0);
        let verdict = py.detach(|| {
            let verify = if prehashed { verify_key_digest } else { verify_key };
            verify(self.head(), &key, &value, proof)
        });
        verdict.map_err(|refusal| refused(py, refusal))
    }

    /// Checks that ``key`` has no value; returns nothing if so.
    ///
    /// Raises as :meth:`verify_present`. Costs at most one hash, and one for each level that the proof is deep.
    ///
    /// >>> import tallystick as ts
    /// >>> alice, bob, carol = ts.key(b"alice"), ts.key(b"bob"), ts.key(b"carol")
    /// >>> tree = ts.SparseTree({alice: b"5", bob: b"7"})
    /// >>> tree.head.verify_absent(carol, tree.prove(carol))
    /// >>> tree.head.verify_absent(alice, tree.prove(alice))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: the proof's path ends at the key's leaf, and a key that is claimed absent has no such end
    #[pyo3(signature = (key, proof))]
    fn verify_absent(&self, py: Python<'_>, key: &Bound<'_, PyAny>, proof: &Bound<'_, PySparseProof>) -> PyResult<()> {
        let (key, proof) = (extract_bytes(key, "a key")?, &proof.get().0);
        let verdict = py.detach(|| verify_key_absent(self.head(), &key, proof));
        verdict.map_err(|refusal| refused(py, refusal))
    }

    /// Checks that the keys of ``present`` have exactly these values, and those of ``absent`` none; returns nothing if so.
    ///
    /// ``present`` is a mapping, ``absent`` rows or anything to iterate over; at least one key, each once. Raises as
    /// :meth:`verify_present`. Each leaf and each node above is hashed once, by all threads. Memory of a few digests a key, and a
    /// byte a node.
    ///
    /// >>> import tallystick as ts
    /// >>> alice, bob, carol = ts.key(b"alice"), ts.key(b"bob"), ts.key(b"carol")
    /// >>> tree = ts.SparseTree({alice: b"5", bob: b"7"})
    /// >>> proof = tree.prove_many([alice, carol])
    /// >>> tree.head.verify_many({alice: b"5"}, [carol], proof)
    /// >>> tree.head.verify_many({alice: b"5"}, [alice], proof)
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: a key is claimed twice
    #[pyo3(signature = (present, absent, proof, *, prehashed=false))]
    fn verify_many(
        &self,
        py: Python<'_>,
        present: &Bound<'_, PyAny>,
        absent: &Bound<'_, PyAny>,
        proof: &Bound<'_, PySparseMultiProof>,
        prehashed: bool,
    ) -> PyResult<()> {
        let ((keys, values), absent) = (extract_present(present)?, extract_absent(absent)?);
        let proof = &proof.get().0;
        let verdict = run(py, |run| {
            let blocks = [&keys, &values, &absent].map(|rows| rows.block(0..rows.len()));
            let [present, values, absent] = blocks.each_ref().map(|block| block.rows());
            let claims = KeyClaims { present: &present, values: &values, prehashed, absent: &absent };
            settled(verify_keys_by(&run, self.head(), claims, proof))
        })?;
        verdict.map_err(|refusal| refused(py, refusal))
    }

    fn __repr__(&self) -> String {
        let head = self.head();
        format!("<SparseHead {}: size {}, root {}>", head.scheme().name(), head.size(), hex(head.root()))
    }
}

impl Encoded for PySparseHead {
    type Inner = Sparse<TreeHead>;

    fn inner(&self) -> &Sparse<TreeHead> {
        &self.0
    }

    fn of(inner: Sparse<TreeHead>) -> Self {
        Self(inner)
    }
}

wire_methods!(PySparseHead, "ts.SparseHead(ts.schemes.NATIVE_SPARSE, 0, bytes(32))");
