"""Trees over leaves in a row, with or without amounts; files and shards of them."""

from tallystick._core import MerkleTree, Shard, SumShard, SumTree, build_file, head_of

__all__ = ["MerkleTree", "Shard", "SumShard", "SumTree", "build_file", "head_of"]
