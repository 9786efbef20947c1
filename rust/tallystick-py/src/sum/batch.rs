//! `SumProofBatch`: many single proofs of a sum tree.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::{Summed, Wire};
use tallystick_proof::proof::ProofBatch;

use super::PySumInclusionProof;
use super::proof::{records, sums_of};
use crate::arrays::{array_of, bytes_2d};
use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::proof::{one_of, stated_offsets};
use crate::rows::sequence::sequence_iterator;

/// Many single proofs of a sum tree, without a Python object a proof.
///
/// Proof j owns rows ``offsets[j]`` to ``offsets[j + 1]`` of ``digests`` and of ``sums``. Trees make batches:
/// :meth:`SumTree.prove_each`, :meth:`SumTree.proofs`; heads verify them: :meth:`SumHead.verify_each`. The constructor
/// takes them from elsewhere and raises ``ValueError`` when they do not fit each other.
///
/// >>> import tallystick as ts
/// >>> batch = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9]).prove_each([2, 0])
/// >>> len(batch), batch.offsets.tolist(), batch.sums
/// (2, [0, 1, 3], (12, 7, 9))
/// >>> batch[0]
/// <SumInclusionProof: 1 digests of 32 bytes, with sums>
#[pyclass(frozen, module = "tallystick", name = "SumProofBatch")]
pub(crate) struct PySumProofBatch(pub(crate) Arc<Summed<ProofBatch>>);

#[pymethods]
impl PySumProofBatch {
    #[new]
    #[pyo3(signature = (digests, sums, offsets, *, digest_size=None))]
    fn new(
        digests: &Bound<'_, PyAny>,
        sums: &Bound<'_, PyAny>,
        offsets: &Bound<'_, PyAny>,
        digest_size: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (record, records) = records(digests, sums, digest_size)?;
        let offsets = stated_offsets(offsets, records.len() / record.width())?;
        let batch = ProofBatch::new(record, records, offsets).map_err(proof_error)?;
        Ok(Self(Arc::new(Summed(batch))))
    }

    /// The siblings of all proofs, as a read-only ``(total, digest_size)`` array of uint8: a copy at each access.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let batch = &self.0.0;
        bytes_2d(py, py.detach(|| batch.record().digests(batch.digests())), batch.digest_size())
    }

    /// The sums of the same nodes: a tuple of integers, made at each access.
    #[getter]
    fn sums<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        sums_of(py, self.0.0.record(), self.0.0.digests())
    }

    /// Where proofs begin in ``digests`` and ``sums``, and at last where they end: a read-only ``(k + 1,)`` array of uint64.
    #[getter]
    fn offsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array_of(py, self.0.clone(), |batch| batch.0.offsets(), None)
    }

    /// Bytes of a digest.
    #[getter]
    fn digest_size(&self) -> usize {
        self.0.0.digest_size()
    }

    /// Number of proofs.
    fn __len__(&self) -> usize {
        self.0.0.len()
    }

    /// One proof, as an object of its own; negative places count from the end.
    fn __getitem__(&self, place: &Bound<'_, PyAny>) -> PyResult<PySumInclusionProof> {
        one_of(&self.0.0, place).map(|proof| PySumInclusionProof(Summed(proof)))
    }

    /// The proofs in order, each as an object of its own.
    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        sequence_iterator(slf.as_any())
    }

    fn __repr__(&self) -> String {
        format!("<SumProofBatch: {} proofs, digests of {} bytes>", self.0.0.len(), self.0.0.digest_size())
    }
}

impl Encoded for PySumProofBatch {
    type Inner = Summed<ProofBatch>;

    fn inner(&self) -> &Summed<ProofBatch> {
        &self.0
    }

    fn of(inner: Summed<ProofBatch>) -> Self {
        Self(Arc::new(inner))
    }

    fn weight(&self) -> usize {
        self.0.0.digests().len() + self.0.0.len()
    }
}

wire_methods!(PySumProofBatch, "ts.SumTree([b'a', b'b'], [5, 7]).prove_each()");
