//! Cutting proofs out of a `MultiProof`, and joining two.

use std::sync::Arc;

use pyo3::prelude::*;

use super::{PyInclusionProof, PyMultiProof, PyProofBatch};
use crate::checks::Many;
use crate::claim::extract_claim;
use crate::head::PyTreeHead;

#[pymethods]
impl PyMultiProof {
    /// The proof of the leaf at ``index`` alone, cut out of this one.
    ///
    /// ``indices`` and ``leaves`` are the claim that this proof is for, with ``index`` among them; both are first verified
    /// against ``head``. Raises :class:`InvalidProof` as :meth:`TreeHead.verify_many`, and ``ValueError`` for an index that
    /// is not claimed. Costs what verifying costs, and memory of several digests a leaf of the claim; for many leaves use
    /// :meth:`extract_each`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c", b"d"])
    /// >>> proof = tree.prove_many([0, 2])
    /// >>> proof.extract([0, 2], [b"a", b"c"], 2, tree.head) == tree.prove(2)
    /// True
    #[pyo3(signature = (indices, leaves, index, head))]
    fn extract(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        index: &Bound<'_, PyAny>,
        head: &Bound<'_, PyTreeHead>,
    ) -> PyResult<PyInclusionProof> {
        let head = &head.get().0;
        let (indices, leaves) = extract_claim(indices, leaves, head)?;
        Many { indices: &indices, leaves: &leaves, proof: &self.0 }.extract(py, head, index).map(PyInclusionProof)
    }

    /// The single proofs of all leaves of the claim, as a batch in the order of ``indices``: one for each of many readers.
    ///
    /// The claim is verified once, as in :meth:`extract`, and raises as there. Costs that and copying the digests.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c", b"d"])
    /// >>> proof = tree.prove_many([0, 2])
    /// >>> proof.extract_each([2, 0], [b"c", b"a"], tree.head) == tree.prove_each([2, 0])
    /// True
    #[pyo3(signature = (indices, leaves, head))]
    fn extract_each(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        head: &Bound<'_, PyTreeHead>,
    ) -> PyResult<PyProofBatch> {
        let head = &head.get().0;
        let (indices, leaves) = extract_claim(indices, leaves, head)?;
        let batch = Many { indices: &indices, leaves: &leaves, proof: &self.0 }.extract_each(py, head)?;
        Ok(PyProofBatch(Arc::new(batch)))
    }

    /// One proof of the leaves of two claims: of this proof and of ``other``.
    ///
    /// Each proof is first verified for its own claim against ``head``; leaves claimed by both are proven once. Raises
    /// :class:`InvalidProof` as :meth:`TreeHead.verify_many`. Costs what verifying both costs, and memory of several digests a
    /// leaf of both claims.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c", b"d"])
    /// >>> left, right = tree.prove_many([0]), tree.prove_many([1])
    /// >>> left.merge([0], [b"a"], right, [1], [b"b"], tree.head) == tree.prove_many([0, 1])
    /// True
    #[pyo3(signature = (indices, leaves, other, other_indices, other_leaves, head))]
    #[allow(clippy::too_many_arguments)] // two claims, two proofs, one head
    fn merge(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        other: &Bound<'_, Self>,
        other_indices: &Bound<'_, PyAny>,
        other_leaves: &Bound<'_, PyAny>,
        head: &Bound<'_, PyTreeHead>,
    ) -> PyResult<Self> {
        let (head, other) = (&head.get().0, &other.get().0);
        let (indices, leaves) = extract_claim(indices, leaves, head)?;
        let (other_indices, other_leaves) = extract_claim(other_indices, other_leaves, head)?;
        let own = Many { indices: &indices, leaves: &leaves, proof: &self.0 };
        own.merge(py, head, Many { indices: &other_indices, leaves: &other_leaves, proof: other }).map(Self)
    }
}
