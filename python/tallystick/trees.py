"""Trees over leaves in a row, and shards of them."""

from tallystick._core import MerkleTree, Shard, head_of

__all__ = ["MerkleTree", "Shard", "head_of"]
