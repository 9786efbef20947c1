"""Trees over leaves in a row, with amounts, with namespaces, or without; files, shards. Ethereum's trie."""

from tallystick._core import (
    MerkleTree,
    NamespacedTree,
    PatriciaTree,
    Shard,
    SumShard,
    SumTree,
    build_file,
    head_of,
)

__all__ = [
    "MerkleTree",
    "NamespacedTree",
    "PatriciaTree",
    "Shard",
    "SumShard",
    "SumTree",
    "build_file",
    "head_of",
]
