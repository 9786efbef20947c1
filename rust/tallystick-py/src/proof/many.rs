//! Cutting a proof out of a `MultiProof`, and joining two.

use pyo3::prelude::*;
use tallystick_proof::proof::MultiProof;
use tallystick_proof::verify::{Claim, Refusal, extract, merge};

use super::{PyInclusionProof, PyMultiProof};
use crate::claim::extract_claim;
use crate::errors::refused;
use crate::head::PyTreeHead;
use crate::indices::{Index, extract_index};
use crate::rows::views;

#[pymethods]
impl PyMultiProof {
    /// The proof of the leaf at ``index`` alone, cut out of this one.
    ///
    /// ``indices`` and ``leaves`` are the claim that this proof is for, with ``index`` among them; both are first verified
    /// against ``head``. Raises :class:`InvalidProof` as :meth:`TreeHead.verify_many`, and ``ValueError`` for an index that
    /// is not claimed. Costs what verifying costs.
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
        let (indices, leaves) = extract_claim(indices, leaves, head.size())?;
        // An index that no tree has is not among the claimed ones either; u64::MAX is never below a size.
        let index = match extract_index(index)? {
            Index::In(index) => index,
            Index::Outside(_) => u64::MAX,
        };
        let proof =
            py.detach(|| extract(head, Claim { indices: &indices, leaves: &views(&leaves) }, self.0.digests(), index));
        proof.map(PyInclusionProof).map_err(|refusal| refused(py, refusal))
    }

    /// One proof of the leaves of two claims: of this proof and of ``other``.
    ///
    /// Each proof is first verified for its own claim against ``head``; leaves claimed by both are proven once. Raises
    /// :class:`InvalidProof` as :meth:`TreeHead.verify_many`. Costs what verifying both costs.
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
        let (indices, leaves) = extract_claim(indices, leaves, head.size())?;
        let (other_indices, other_leaves) = extract_claim(other_indices, other_leaves, head.size())?;
        let merged: Result<MultiProof, Refusal> = py.detach(|| {
            let own = Claim { indices: &indices, leaves: &views(&leaves) };
            let others = Claim { indices: &other_indices, leaves: &views(&other_leaves) };
            merge(head, (own, self.0.digests()), (others, other.digests()))
        });
        merged.map(Self).map_err(|refusal| refused(py, refusal))
    }
}
