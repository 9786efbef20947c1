"""Heads and proofs: what a verifier trusts, and what it is given.

A verifier trusts a :class:`TreeHead` alone. Index and leaf are the claim, and a proof holds digests only. Of
a sum tree it is a :class:`SumHead`, the amount is part of the claim, and proofs hold sums beside digests. Of
a namespaced tree it is a :class:`NamespacedHead`, and proofs hold ranges of namespaces beside digests. Of
Ethereum's trie it is a :class:`PatriciaHead`, keys and values are the claim, and proofs hold whole nodes.
"""

from tallystick._core import (
    AbsenceProof,
    ConsistencyProof,
    InclusionProof,
    MultiProof,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
    PatriciaHead,
    PatriciaProof,
    ProofBatch,
    SumHead,
    SumInclusionProof,
    SumMultiProof,
    SumProofBatch,
    TreeHead,
)

__all__ = [
    "AbsenceProof",
    "ConsistencyProof",
    "InclusionProof",
    "MultiProof",
    "NamespaceProof",
    "NamespacedHead",
    "NamespacedInclusionProof",
    "PatriciaHead",
    "PatriciaProof",
    "ProofBatch",
    "SumHead",
    "SumInclusionProof",
    "SumMultiProof",
    "SumProofBatch",
    "TreeHead",
]
