//! `TreeHead`: the only thing that a verifier trusts, and so the place of the verifiers.

use std::fmt::Write;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyRange, PyTuple};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::InclusionProof;
use tallystick_proof::verify::{Refusal, verify_inclusion, verify_leaf_digest};
use tallystick_tree::check::check_each;
use tallystick_tree::leaves::Leaves;

use crate::arrays::bool_1d;
use crate::errors::{decode_error, head_error, invalid, invalid_at, refused};
use crate::hash::{python_hash, resolve};
use crate::indices::{Index, Indices, extract_index, extract_indices, extract_size};
use crate::proof::{PyInclusionProof, PyProofBatch};
use crate::rows::{RowsInput, extract_leaf, extract_rows};
use crate::run::run;
use crate::scheme::PyScheme;

/// Leaves up to this size are verified without releasing the GIL.
const SHORT: usize = 2048;

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
        let (size, root) = (extract_size(size, "size")?, extract_leaf(root)?.to_vec());
        TreeHead::new(scheme.get().0.clone(), size, root).map(Self).map_err(head_error)
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
        let index = index.map(extract_index).transpose()?;
        let (leaf, proof) = (extract_leaf(leaf)?, &proof.get().0);
        self.verify(py, index, &leaf, proof, verify_inclusion)
    }

    /// Checks k claims with k proofs: that leaf j has index ``indices[j]``, for every j; returns nothing if so.
    ///
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
        if let Some(message) = unequal_range(indices, leaves.len(), proofs.len()) {
            return Err(invalid(py, "LENGTH_MISMATCH", message));
        }
        let indices = extract_indices(indices)?;
        if let Some(message) = unequal(&indices, &leaves, proofs.len()) {
            return Err(invalid(py, "LENGTH_MISMATCH", message));
        }
        if proofs.is_empty() {
            return Err(invalid(py, "EMPTY_CLAIM", "nothing is claimed: no indices, leaves and proofs".to_owned()));
        }
        let verdicts = run(py, |run| check_each(&self.0, &indices.values, &leaves, proofs, run))?;
        let failed: Vec<_> = (0..verdicts.len()).filter(|place| !verdicts[*place]).collect();
        let Some(&first) = failed.first() else { return Ok(()) };
        let why = match (indices.outside.iter().find(|(place, _)| *place == first), proofs.path(first)) {
            (Some((_, text)), _) => format!("index {text} is not below the size, {}", self.0.size()),
            (None, Some(path)) => match verify_inclusion(&self.0, indices.values[first], leaves.row(first), path) {
                Err(refusal) => refusal.to_string(),
                Ok(()) => String::new(),
            },
            (None, None) => String::new(),
        };
        let message = format!("{} of {} proofs refused, first at place {first}: {why}", failed.len(), verdicts.len());
        Err(invalid_at(py, "SOME_FAILED", message, &failed))
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
        if let Some(message) = unequal_range(indices, leaves.len(), proofs.len()) {
            return Err(PyValueError::new_err(message));
        }
        let indices = extract_indices(indices)?;
        if let Some(message) = unequal(&indices, &leaves, proofs.len()) {
            return Err(PyValueError::new_err(message));
        }
        let verdicts = run(py, |run| check_each(&self.0, &indices.values, &leaves, proofs, run))?;
        bool_1d(py, verdicts)
    }

    /// The canonical encoding: see the specification, *Binary encodings*.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.encode())
    }

    /// Reads :meth:`to_bytes`. Raises :class:`DecodeError` for anything else.
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        TreeHead::decode(&extract_leaf(data)?, &resolve).map(Self).map_err(decode_error)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        python_hash(&self.0.encode())
    }

    fn __repr__(&self) -> String {
        let mut text = format!("<TreeHead {}: size {}, root ", self.0.scheme().name(), self.0.size());
        for byte in self.0.root() {
            let _ = write!(text, "{byte:02x}"); // writing to a string does not fail
        }
        text + ">"
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((from_bytes, PyTuple::new(py, [self.to_bytes(py)])?))
    }
}

type Verifier = fn(&TreeHead, u64, &[u8], tallystick_proof::proof::Path<'_>) -> Result<(), Refusal>;

impl PyTreeHead {
    fn verify(
        &self,
        py: Python<'_>,
        index: Option<Index>,
        leaf: &[u8],
        proof: &InclusionProof,
        verifier: Verifier,
    ) -> PyResult<()> {
        let index = match index {
            Some(Index::In(index)) => index,
            Some(Index::Outside(text)) => {
                let message = format!("index {text} is not below the size, {}", self.0.size());
                return Err(invalid(py, "INDEX_OUT_OF_RANGE", message));
            }
            None => {
                let message = format!("{} binds the index, so the claim must state one", self.0.scheme().name());
                return Err(invalid(py, "INDEX_REQUIRED", message));
            }
        };
        let verify = || verifier(&self.0, index, leaf, proof.path());
        let verdict = if leaf.len() <= SHORT { verify() } else { py.detach(verify) };
        verdict.map_err(|refusal| refused(py, refusal))
    }
}

/// A range of another length than the leaves: it costs nothing to claim, so it is not written out to be counted.
fn unequal_range(indices: &Bound<'_, PyAny>, leaves: usize, proofs: usize) -> Option<String> {
    let range = indices.cast_exact::<PyRange>().ok()?;
    let length = range.len().map_or_else(|_| "more than 2^63".to_owned(), |length| length.to_string());
    (length != leaves.to_string()).then(|| format!("{length} indices, {leaves} leaves and {proofs} proofs"))
}

/// Claimed leaves: what is wrong with their values makes a false claim, not a misuse.
fn claimed_rows(leaves: &Bound<'_, PyAny>) -> PyResult<RowsInput> {
    let py = leaves.py();
    extract_rows(leaves, "leaves").map_err(|error| {
        if error.is_instance_of::<PyValueError>(py) {
            invalid(py, "MALFORMED_LEAF", error.value(py).to_string())
        } else {
            error
        }
    })
}

fn unequal(indices: &Indices, leaves: &RowsInput, proofs: usize) -> Option<String> {
    let (indices, leaves) = (indices.values.len(), leaves.len());
    (indices != leaves || leaves != proofs).then(|| format!("{indices} indices, {leaves} leaves and {proofs} proofs"))
}

/// Checks that the leaf at ``index`` has this *digest*. Hazardous.
///
/// :meth:`TreeHead.verify_inclusion` hashes the leaf's data, so that a node's digest can never pass for a leaf's. This call
/// does not: whoever chooses ``digest`` may pass off any digest of the leaf's level. Use it only with a digest that you
/// made from data yourself.
///
/// Raises as :meth:`TreeHead.verify_inclusion`.
///
/// >>> import tallystick as ts
/// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
/// >>> digest = ts.hazmat.leaf_digests(tree)[1]
/// >>> ts.hazmat.verify_inclusion(tree.head, 1, digest, tree.prove(1))
#[pyfunction]
#[pyo3(signature = (head, index, digest, proof))]
pub(crate) fn hazmat_verify_inclusion(
    py: Python<'_>,
    head: &Bound<'_, PyTreeHead>,
    index: Option<&Bound<'_, PyAny>>,
    digest: &Bound<'_, PyAny>,
    proof: &Bound<'_, PyInclusionProof>,
) -> PyResult<()> {
    let index = index.map(extract_index).transpose()?;
    let (digest, proof) = (extract_leaf(digest)?, &proof.get().0);
    head.get().verify(py, index, &digest, proof, verify_leaf_digest)
}
