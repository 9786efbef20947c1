//! `ProofBatch`: many single proofs in two arrays.

use std::sync::Arc;

use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyRange, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::proof::{InclusionProof, ProofBatch, ProofError};

use super::{PyInclusionProof, joined, stated};
use crate::arrays::array_of;
use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::indices::{Index, extract_index, extract_indices};
use crate::rows::extract_rows;
use crate::rows::sequence::sequence_iterator;

/// The offsets that cut `count` digests into proofs, before they are checked.
pub(crate) fn stated_offsets(offsets: &Bound<'_, PyAny>, count: usize) -> PyResult<Vec<u64>> {
    // A range never repeats itself, so it has no more offsets than there are digests and one.
    if offsets.cast_exact::<PyRange>().is_ok() && offsets.len().ok().is_none_or(|length| length > count + 1) {
        return Err(proof_error(ProofError::Offsets(count)));
    }
    // An offset outside of 64 bits stands as u64::MAX, which no number of digests reaches.
    Ok(extract_indices(offsets)?.values)
}

/// One proof of a batch; negative places count from the end.
pub(crate) fn one_of(batch: &ProofBatch, place: &Bound<'_, PyAny>) -> PyResult<InclusionProof> {
    let length = batch.len();
    let place = match extract_index(place)? {
        Index::In(place) => usize::try_from(place).ok(),
        Index::Outside(text) => text.parse().ok().and_then(|place: isize| length.checked_add_signed(place)),
    };
    let proof = place.filter(|place| *place < length).and_then(|place| batch.proof(place));
    proof.ok_or_else(|| PyIndexError::new_err(format!("a batch of {length} proofs has no such place")))
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
        let (size, digests) = joined(&extract_rows(digests, "digests")?, stated(digest_size)?)?;
        let offsets = stated_offsets(offsets, digests.len() / size)?;
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
        one_of(&self.0, place).map(PyInclusionProof)
    }

    /// The proofs in order, each as an object of its own.
    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        sequence_iterator(slf.as_any())
    }

    fn __repr__(&self) -> String {
        format!("<ProofBatch: {} proofs, digests of {} bytes>", self.0.len(), self.0.digest_size())
    }
}

impl Encoded for PyProofBatch {
    type Inner = ProofBatch;

    fn inner(&self) -> &ProofBatch {
        &self.0
    }

    fn of(inner: ProofBatch) -> Self {
        Self(Arc::new(inner))
    }

    fn weight(&self) -> usize {
        self.0.digests().len() + self.0.len()
    }
}

wire_methods!(PyProofBatch, "ts.MerkleTree([b'a', b'b']).prove_each()");
