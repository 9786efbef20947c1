"""Sharp tools: trees and verifiers that take bare digests.

Everything else in this library hashes leaf *data* in a domain of its own, and that is what stops a node's
digest from being shown as a leaf. These calls leave that out; each says what it no longer guards. You
are probably looking for :class:`tallystick.MerkleTree` and :meth:`tallystick.TreeHead.verify_inclusion`.
"""

from tallystick._core import hazmat_leaf_digests as leaf_digests
from tallystick._core import hazmat_tree as tree
from tallystick._core import hazmat_verify_inclusion as verify_inclusion

__all__ = ["leaf_digests", "tree", "verify_inclusion"]
