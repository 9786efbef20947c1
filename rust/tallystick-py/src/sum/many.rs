//! Cutting proofs out of a `SumMultiProof`, and joining two.

use std::sync::Arc;

use pyo3::prelude::*;
use tallystick_proof::codec::Summed;

use super::rows::extract_sum_claim;
use super::{PySumHead, PySumInclusionProof, PySumMultiProof, PySumProofBatch};
use crate::checks::Many;

#[pymethods]
impl PySumMultiProof {
    /// The proof of the leaf at ``index`` alone, cut out of this one.
    ///
    /// ``indices``, ``leaves`` and ``amounts`` are the claim that this proof is for, with ``index`` among them; all are first
    /// verified against ``head``. Raises :class:`InvalidProof` as :meth:`SumHead.verify_many`, and ``ValueError`` for an
    /// index that is not claimed. Costs what verifying costs; for many leaves use :meth:`extract_each`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c", b"d"], [5, 7, 9, 1])
    /// >>> proof = tree.prove_many([0, 2])
    /// >>> proof.extract([0, 2], [b"a", b"c"], [5, 9], 2, tree.head) == tree.prove(2)
    /// True
    #[pyo3(signature = (indices, leaves, amounts, index, head))]
    fn extract(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
        index: &Bound<'_, PyAny>,
        head: &Bound<'_, PySumHead>,
    ) -> PyResult<PySumInclusionProof> {
        let head = head.get().head();
        let (indices, leaves) = extract_sum_claim(indices, leaves, amounts, head)?;
        let own = Many { indices: &indices, leaves: &leaves, proof: &self.0.0 };
        own.extract(py, head, index).map(|proof| PySumInclusionProof(Summed(proof)))
    }

    /// The single proofs of all leaves of the claim, as a batch in the order of ``indices``: one for each of many readers.
    ///
    /// The claim is verified once, as in :meth:`extract`, and raises as there. Costs that and copying the digests.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c", b"d"], [5, 7, 9, 1])
    /// >>> proof = tree.prove_many([0, 2])
    /// >>> proof.extract_each([2, 0], [b"c", b"a"], [9, 5], tree.head) == tree.prove_each([2, 0])
    /// True
    #[pyo3(signature = (indices, leaves, amounts, head))]
    fn extract_each(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
        head: &Bound<'_, PySumHead>,
    ) -> PyResult<PySumProofBatch> {
        let head = head.get().head();
        let (indices, leaves) = extract_sum_claim(indices, leaves, amounts, head)?;
        let batch = Many { indices: &indices, leaves: &leaves, proof: &self.0.0 }.extract_each(py, head)?;
        Ok(PySumProofBatch(Arc::new(Summed(batch))))
    }

    /// One proof of the leaves of two claims: of this proof and of ``other``.
    ///
    /// Each proof is first verified for its own claim against ``head``; leaves claimed by both are proven once. Raises
    /// :class:`InvalidProof` as :meth:`SumHead.verify_many`. Costs what verifying both costs.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c", b"d"], [5, 7, 9, 1])
    /// >>> left, right = tree.prove_many([0]), tree.prove_many([1])
    /// >>> left.merge([0], [b"a"], [5], right, [1], [b"b"], [7], tree.head) == tree.prove_many([0, 1])
    /// True
    #[pyo3(signature = (indices, leaves, amounts, other, other_indices, other_leaves, other_amounts, head))]
    #[allow(clippy::too_many_arguments)] // two claims, two proofs, one head
    fn merge(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
        other: &Bound<'_, Self>,
        other_indices: &Bound<'_, PyAny>,
        other_leaves: &Bound<'_, PyAny>,
        other_amounts: &Bound<'_, PyAny>,
        head: &Bound<'_, PySumHead>,
    ) -> PyResult<Self> {
        let head = head.get().head();
        let (indices, leaves) = extract_sum_claim(indices, leaves, amounts, head)?;
        let (other_indices, other_leaves) = extract_sum_claim(other_indices, other_leaves, other_amounts, head)?;
        let own = Many { indices: &indices, leaves: &leaves, proof: &self.0.0 };
        let other = Many { indices: &other_indices, leaves: &other_leaves, proof: &other.get().0.0 };
        own.merge(py, head, other).map(|proof| Self(Summed(proof)))
    }
}
