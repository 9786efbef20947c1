"""Sparse trees: keys of 32 bytes, a value for each, and proofs that a key has a value or that it has none.

A :class:`SparseTree` holds them, in versions. A verifier trusts a :class:`SparseHead` alone. The claim
is a key with its value, or that a key has none.
"""

from tallystick._core import SparseHead, SparseMultiProof, SparseProof, SparseTree, key

__all__ = ["SparseHead", "SparseMultiProof", "SparseProof", "SparseTree", "key"]
