"""Trees over leaves in a row."""

from tallystick._core import MerkleTree, head_of

__all__ = ["MerkleTree", "head_of"]
