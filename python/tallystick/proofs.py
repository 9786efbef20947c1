"""Heads and proofs: what a verifier trusts, and what it is given.

A verifier trusts a :class:`TreeHead` alone. Index and leaf are the claim, and a proof holds digests only.
"""

from tallystick._core import ConsistencyProof, InclusionProof, MultiProof, ProofBatch, TreeHead

__all__ = ["ConsistencyProof", "InclusionProof", "MultiProof", "ProofBatch", "TreeHead"]
