//! `InclusionProof` and `ProofBatch`: digests, and nothing that a verifier would have to believe.

use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_proof::proof::{InclusionProof, ProofBatch};
use tallystick_tree::leaves::Leaves;

use crate::arrays::{array_of, bytes_2d};
use crate::errors::{decode_error, proof_error};
use crate::hash::python_hash;
use crate::indices::{Index, extract_index, extract_indices, extract_size};
use crate::rows::sequence::sequence_iterator;
use crate::rows::{RowsInput, extract_leaf, extract_rows};

/// Digests given as rows of one width, joined; and the width, which no digests leave open.
fn joined(rows: &RowsInput, digest_size: Option<&Bound<'_, PyAny>>) -> PyResult<(usize, Vec<u8>)> {
    let stated = digest_size.map(|size| extract_size(size, "digest_size")).transpose()?;
    let stated = stated.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
    let size = match (stated, rows.is_empty()) {
        (Some(size), _) => size,
        (None, true) => 32,
        (None, false) => rows.row(0).len(),
    };
    let mut digests = Vec::with_capacity(rows.len().saturating_mul(size.min(64)));
    for place in 0..rows.len() {
        let row = rows.row(place);
        if row.len() != size {
            return Err(PyValueError::new_err(format!("digests[{place}] has {} bytes, not {size}", row.len())));
        }
        digests.extend_from_slice(row);
    }
    Ok((size, digests))
}

/// A proof that one leaf has its place in a tree: the siblings on its way to the top, from the leaf up.
///
/// Trees make proofs; heads verify them: :meth:`TreeHead.verify_inclusion`. The constructor takes digests from elsewhere:
/// rows of one width, or none. ``digest_size`` says the width when there are none (32 if it is left out). Raises
/// ``ValueError`` for other than 32 to 64 bytes, or more than 255 digests.
///
/// >>> import tallystick as ts
/// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
/// >>> proof = tree.prove(0)
/// >>> proof
/// <InclusionProof: 2 digests of 32 bytes>
/// >>> proof == ts.InclusionProof(proof.digests) == ts.InclusionProof.from_bytes(proof.to_bytes())
/// True
#[pyclass(frozen, module = "tallystick", name = "InclusionProof")]
pub(crate) struct PyInclusionProof(pub(crate) InclusionProof);

#[pymethods]
impl PyInclusionProof {
    #[new]
    #[pyo3(signature = (digests, *, digest_size=None))]
    fn new(digests: &Bound<'_, PyAny>, digest_size: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let (size, digests) = joined(&extract_rows(digests, "digests")?, digest_size)?;
        InclusionProof::new(size, digests).map(Self).map_err(proof_error)
    }

    /// The siblings, as a read-only ``(k, digest_size)`` array of uint8.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bytes_2d(py, self.0.path().digests().to_vec(), self.0.path().digest_size())
    }

    /// Bytes of a digest.
    #[getter]
    fn digest_size(&self) -> usize {
        self.0.path().digest_size()
    }

    /// Number of digests.
    fn __len__(&self) -> usize {
        self.0.path().count()
    }

    /// The canonical encoding: see the specification, *Binary encodings*.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.encode())
    }

    /// Reads :meth:`to_bytes`. Raises :class:`DecodeError` for anything else.
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        InclusionProof::decode(&extract_leaf(data)?).map(Self).map_err(decode_error)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        python_hash(self.0.path().digests())
    }

    fn __repr__(&self) -> String {
        format!("<InclusionProof: {} digests of {} bytes>", self.__len__(), self.digest_size())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((from_bytes, PyTuple::new(py, [self.to_bytes(py)])?))
    }
}

/// Many single proofs in two arrays, without a Python object a proof.
///
/// Proof j owns rows ``offsets[j]`` to ``offsets[j + 1]`` of ``digests``. Trees make batches:
/// :meth:`MerkleTree.prove_each`, :meth:`MerkleTree.proofs`; heads verify them: :meth:`TreeHead.verify_each`. The
/// constructor takes arrays from elsewhere and raises ``ValueError`` when they do not fit each other.
///
/// >>> import tallystick as ts
/// >>> batch = ts.MerkleTree([b"a", b"b", b"c"]).prove_each([2, 0])
/// >>> len(batch), batch.offsets.tolist(), batch.digests.shape
/// (2, [0, 1, 3], (3, 32))
/// >>> batch[0]
/// <InclusionProof: 1 digests of 32 bytes>
#[pyclass(frozen, module = "tallystick", name = "ProofBatch")]
pub(crate) struct PyProofBatch(pub(crate) Arc<ProofBatch>);

#[pymethods]
impl PyProofBatch {
    #[new]
    #[pyo3(signature = (digests, offsets, *, digest_size=None))]
    fn new(
        digests: &Bound<'_, PyAny>,
        offsets: &Bound<'_, PyAny>,
        digest_size: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (size, digests) = joined(&extract_rows(digests, "digests")?, digest_size)?;
        // An offset outside of 64 bits stands as u64::MAX, which no number of digests reaches.
        let offsets = extract_indices(offsets)?.values;
        ProofBatch::new(size, digests, offsets).map(|batch| Self(Arc::new(batch))).map_err(proof_error)
    }

    /// The siblings of all proofs, as a read-only ``(total, digest_size)`` array of uint8. Not copied.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array_of(py, self.0.clone(), ProofBatch::digests, Some(self.0.digest_size()))
    }

    /// Where proofs begin in ``digests``, and at last where they end: a read-only ``(k + 1,)`` array of uint64.
    #[getter]
    fn offsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array_of(py, self.0.clone(), ProofBatch::offsets, None)
    }

    /// Bytes of a digest.
    #[getter]
    fn digest_size(&self) -> usize {
        self.0.digest_size()
    }

    /// Number of proofs.
    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// One proof, as an object of its own; negative places count from the end.
    fn __getitem__(&self, place: &Bound<'_, PyAny>) -> PyResult<PyInclusionProof> {
        let length = self.0.len();
        let place = match extract_index(place)? {
            Index::In(place) => usize::try_from(place).ok(),
            Index::Outside(text) => text.parse().ok().and_then(|place: isize| length.checked_add_signed(place)),
        };
        let path = place.filter(|place| *place < length).and_then(|place| self.0.path(place));
        path.map(|path| PyInclusionProof(path.to_proof()))
            .ok_or_else(|| PyIndexError::new_err(format!("a batch of {length} proofs has no such place")))
    }

    /// The proofs in order, each as an object of its own.
    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        sequence_iterator(slf.as_any())
    }

    /// The canonical encoding: see the specification, *Binary encodings*.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.encode())
    }

    /// Reads :meth:`to_bytes`. Raises :class:`DecodeError` for anything else.
    #[staticmethod]
    #[pyo3(signature = (data, /))]
    fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        ProofBatch::decode(&extract_leaf(data)?).map(|batch| Self(Arc::new(batch))).map_err(decode_error)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        python_hash(self.0.digests())
    }

    fn __repr__(&self) -> String {
        format!("<ProofBatch: {} proofs, digests of {} bytes>", self.0.len(), self.0.digest_size())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((from_bytes, PyTuple::new(py, [self.to_bytes(py)])?))
    }
}
