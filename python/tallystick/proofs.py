"""Heads and proofs: what a verifier trusts, and what it is given.

A verifier trusts a :class:`TreeHead` alone. Index and leaf are the claim, and a proof holds digests only.
"""

from tallystick._core import InclusionProof, ProofBatch, TreeHead

__all__ = ["InclusionProof", "ProofBatch", "TreeHead"]
