"""Heads and proofs: what a verifier trusts, and what it is given.

A verifier trusts a :class:`TreeHead` alone. Index and leaf are the claim, and a proof holds digests only. Of a sum
tree it is a :class:`SumHead`, an amount is part of the claim, and a proof holds sums beside its digests.
"""

from tallystick._core import (
    ConsistencyProof,
    InclusionProof,
    MultiProof,
    ProofBatch,
    SumHead,
    SumInclusionProof,
    SumMultiProof,
    SumProofBatch,
    TreeHead,
)

__all__ = [
    "ConsistencyProof",
    "InclusionProof",
    "MultiProof",
    "ProofBatch",
    "SumHead",
    "SumInclusionProof",
    "SumMultiProof",
    "SumProofBatch",
    "TreeHead",
]
