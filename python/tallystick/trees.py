"""Trees over leaves in a row, files and shards of them."""

from tallystick._core import MerkleTree, Shard, build_file, head_of

__all__ = ["MerkleTree", "Shard", "build_file", "head_of"]
