//! `TreeHead`: the only thing that a verifier trusts, and so the place of the verifiers.

use std::fmt::Write;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySequence, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Kind;
use tallystick_proof::verify::{Refusal, verify_extends};
use tallystick_tree::leaves::Leaves;

use crate::arrays::bool_1d;
use crate::checks::{Each, Many, OF_DATA, claimed_index, verify_one};
use crate::claim::{claimed_rows, extract_claim, other_length};
use crate::codec::{Encoded, wire_methods};
use crate::errors::{head_error, invalid, refused};
use crate::indices::{Indices, extract_indices, extract_size};
use crate::proof::{PyConsistencyProof, PyInclusionProof, PyMultiProof, PyProofBatch};
use crate::rows::{RowsInput, extract_bytes, extract_leaf, extract_rows};
use crate::scheme::{PyScheme, of_kind};

/// A commitment to all leaves of a tree: scheme, number of leaves and root.
///
/// It is the only thing a verifier trusts, so it must come from where you trust it: never from the message that brings the
/// proof. Raises ``ValueError`` for a root of another length than the scheme's digests or a negative size,
/// ``OverflowError`` for a size of 2**64 and above.
///
/// >>> import tallystick as ts
/// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
/// >>> head = ts.TreeHead(tree.scheme, 3, tree.root)
/// >>> head == tree.head == ts.TreeHead.from_bytes(head.to_bytes())
/// True
/// >>> head.verify_inclusion(1, b"b", tree.prove(1))
/// >>> head.verify_inclusion(1, b"x", tree.prove(1))
/// Traceback (most recent call last):
/// tallystick.errors.RootMismatch: the computed root is not the head's
#[pyclass(frozen, module = "tallystick", name = "TreeHead")]
pub(crate) struct PyTreeHead(pub(crate) TreeHead);

#[pymethods]
impl PyTreeHead {
    #[new]
    #[pyo3(signature = (scheme, size, root))]
    fn new(scheme: &Bound<'_, PyScheme>, size: &Bound<'_, PyAny>, root: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (size, root) = (extract_size(size, "size")?, extract_bytes(root, "the root")?.to_vec());
        let scheme = of_kind(scheme, Kind::Dense)?;
        TreeHead::new(scheme, size, root).map(Self).map_err(head_error)
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.0.scheme().clone())
    }

    /// Number of leaves.
    #[getter]
    fn size(&self) -> u64 {
        self.0.size()
    }

    /// The root.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.root())
    }

    /// Checks that the leaf at ``index`` has exactly this data; returns nothing if so.
    ///
    /// Proves membership and place in the tree that this head commits to. Proves nothing about who made the head, other
    /// leaves, or whether the same data stands elsewhere too.
    ///
    /// Raises :class:`InvalidProof` for any claim that is not proven, whatever its values, :class:`RootMismatch` among
    /// them; ``TypeError`` for arguments of the wrong type. Costs one leaf hash and one node hash a digest.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_inclusion(2, b"c", tree.prove(2))
    /// >>> tree.head.verify_inclusion(3, b"c", tree.prove(2))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: index 3 is not below the size, 3
    #[pyo3(signature = (index, leaf, proof))]
    fn verify_inclusion(
        &self,
        py: Python<'_>,
        index: Option<&Bound<'_, PyAny>>,
        leaf: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyInclusionProof>,
    ) -> PyResult<()> {
        let leaf = extract_leaf(leaf)?;
        let index = claimed_index(&self.0, index, py)?;
        verify_one(py, &self.0, (index, &leaf), &proof.get().0, OF_DATA)
    }

    /// Checks k claims with k proofs: that leaf j has index ``indices[j]``, for every j; returns nothing if so.
    ///
    /// Where proofs show no place, ``indices`` is ``None``.
    /// Raises :class:`InvalidProof` if any is refused, its ``failed`` holding their places; if there are none; if
    /// ``indices``, ``leaves`` and ``proofs`` differ in number. ``TypeError`` for wrong types. Uses all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_each([0, 2], [b"a", b"c"], tree.prove_each([0, 2]))
    /// >>> tree.head.verify_each([0, 2], [b"a", b"x"], tree.prove_each([0, 2]))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: 1 of 2 proofs refused, first at place 1: the computed root is not the head's
    #[pyo3(signature = (indices, leaves, proofs))]
    fn verify_each(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        proofs: &Bound<'_, PyProofBatch>,
    ) -> PyResult<()> {
        let (leaves, proofs) = (claimed_rows(leaves)?, &proofs.get().0);
        let mismatch = |message| invalid(py, "LENGTH_MISMATCH", message);
        let indices = claimed_indices(&self.0, indices, &leaves, proofs.len(), mismatch)?;
        if indices.is_some() && !self.0.scheme().binds_index() {
            return Err(refused(py, Refusal::IndexNotBound(self.0.scheme().name())));
        }
        Each { head: &self.0, indices, leaves: &leaves, proofs }.verify(py, |_| None)
    }

    /// The verdict on each of k claims, as a read-only ``(k,)`` array of bool: the one call that returns verdicts.
    ///
    /// As :meth:`verify_each`, for when single failures are to be sorted out. Raises ``ValueError`` when ``indices``,
    /// ``leaves`` and ``proofs`` differ in number, ``TypeError`` for wrong types. An array of verdicts is never true or
    /// false as a whole: use ``.all()`` and think of the empty one.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.check_each([0, 2], [b"a", b"x"], tree.prove_each([0, 2])).tolist()
    /// [True, False]
    #[pyo3(signature = (indices, leaves, proofs))]
    fn check_each<'py>(
        &self,
        py: Python<'py>,
        indices: &Bound<'py, PyAny>,
        leaves: &Bound<'py, PyAny>,
        proofs: &Bound<'py, PyProofBatch>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (leaves, proofs) = (extract_rows(leaves, "leaves")?, &proofs.get().0);
        let indices = claimed_indices(&self.0, indices, &leaves, proofs.len(), PyValueError::new_err)?;
        if indices.is_some() && !self.0.scheme().binds_index() {
            return Err(PyValueError::new_err(Refusal::IndexNotBound(self.0.scheme().name()).to_string()));
        }
        bool_1d(py, Each { head: &self.0, indices, leaves: &leaves, proofs }.verdicts(py)?)
    }

    /// Checks that leaf ``leaves[j]`` has index ``indices[j]``, for every j, with one proof; returns nothing if so.
    ///
    /// The claim may come in any order. Proves for each leaf what :meth:`verify_inclusion` proves. Raises
    /// :class:`InvalidProof` for any claim that is not proven: also for none, an index claimed twice (even with the same
    /// data), or unequal numbers; ``TypeError`` for wrong types. Each leaf and each node above is hashed
    /// once, by all threads; memory of a few digests a leaf.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_many([2, 0], [b"c", b"a"], tree.prove_many([0, 2]))
    #[pyo3(signature = (indices, leaves, proof))]
    fn verify_many(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyMultiProof>,
    ) -> PyResult<()> {
        let (indices, leaves) = extract_claim(indices, leaves, &self.0)?;
        Many { indices: &indices, leaves: &leaves, proof: &proof.get().0 }.verify(py, &self.0)
    }

    /// Checks that this head's tree is the tree of ``older`` with leaves appended; returns nothing if so.
    ///
    /// Both heads must be trusted for what they are, the proof links them. Between heads of one size it proves that they
    /// are equal. Raises :class:`InvalidProof` for anything that is not proven: also for an empty older tree, a larger one,
    /// or one of another scheme or context; ``TypeError`` for wrong types. At most 128 hashes. A
    /// :class:`RootMismatch` says of which head.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_extends(tree.head_at(2), tree.prove_extends(2))
    #[pyo3(signature = (older, proof))]
    fn verify_extends(
        &self,
        py: Python<'_>,
        older: &Bound<'_, Self>,
        proof: &Bound<'_, PyConsistencyProof>,
    ) -> PyResult<()> {
        let verdict = verify_extends(&self.0, &older.get().0, proof.get().0.digests());
        verdict.map_err(|refusal| refused(py, refusal))
    }

    fn __repr__(&self) -> String {
        format!("<TreeHead {}: size {}, root {}>", self.0.scheme().name(), self.0.size(), hex(self.0.root()))
    }
}

/// The indices of k claims, if there are as many as leaves and proofs. Where proofs show no place, claims state none: `None`,
/// or as many of it.
fn claimed_indices(
    head: &TreeHead,
    indices: &Bound<'_, PyAny>,
    leaves: &RowsInput,
    proofs: usize,
    mismatch: impl Fn(String) -> PyErr,
) -> PyResult<Option<Indices>> {
    let places = head.scheme().binds_index();
    let nones = indices.try_iter().ok().filter(|_| !places && indices.cast::<PySequence>().is_ok());
    let nones = nones.map(|items| items.map(|item| Ok(item?.is_none())).collect::<PyResult<Vec<bool>>>());
    let stated = match nones.transpose()? {
        Some(nones) if !nones.is_empty() && nones.iter().all(|none| *none) => Some(nones.len().to_string()),
        _ => (!places && indices.is_none()).then(|| leaves.len().to_string()),
    };
    if let Some(stated) = stated {
        let equal = stated == leaves.len().to_string() && leaves.len() == proofs;
        return if equal { Ok(None) } else { Err(mismatch(unequal(&stated, leaves, proofs))) };
    }
    if let Some(length) = other_length(indices, leaves.len())? {
        return Err(mismatch(unequal(&length, leaves, proofs)));
    }
    let indices = extract_indices(indices)?;
    count(&indices, leaves, proofs).map_err(mismatch)?;
    Ok(Some(indices))
}

impl Encoded for PyTreeHead {
    type Inner = TreeHead;

    fn inner(&self) -> &TreeHead {
        &self.0
    }

    fn of(inner: TreeHead) -> Self {
        Self(inner)
    }
}

wire_methods!(PyTreeHead, "ts.MerkleTree([b'a', b'b']).head");

/// Bytes as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}"); // writing to a string does not fail
    }
    text
}

fn unequal(indices: &str, leaves: &RowsInput, proofs: usize) -> String {
    format!("{indices} indices, {} leaves and {proofs} proofs", leaves.len())
}

/// Says by how much claims and proofs differ in number, if they do.
fn count(indices: &Indices, leaves: &RowsInput, proofs: usize) -> Result<(), String> {
    let length = indices.values.len();
    let equal = length == leaves.len() && length == proofs;
    if equal { Ok(()) } else { Err(unequal(&length.to_string(), leaves, proofs)) }
}
