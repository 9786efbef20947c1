"""Trees over leaves in a row, with amounts, with namespaces, or without; files and shards of them."""

from tallystick._core import MerkleTree, NamespacedTree, Shard, SumShard, SumTree, build_file, head_of

__all__ = ["MerkleTree", "NamespacedTree", "Shard", "SumShard", "SumTree", "build_file", "head_of"]
