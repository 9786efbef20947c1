"""Ethereum's own library of tries, py-trie, beside the twin and the tree: roots, proofs, removal."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest
import tallystick as ts

from tests.reference import rlp
from tests.reference.patricia import PatriciaProof, head, keccak256, prove
from tests.reference.patricia_verify import verify_absent, verify_present

trie = pytest.importorskip("trie")


def theirs(items: Mapping[bytes, bytes]) -> object:
    made = trie.HexaryTrie({})
    for key, value in items.items():
        made[key] = value
    return made


def nodes_of(made: object, key: bytes) -> tuple[bytes, ...]:
    """Their proof as nodes of `eth_getProof`: they list nodes that stand in others too."""
    encoded = [rlp.encode(plain(node)) for node in made.get_proof(key)]  # type: ignore[attr-defined]
    return tuple(node for place, node in enumerate(encoded) if place == 0 or len(node) >= 32)


def plain(node: object) -> rlp.Item:
    return node if isinstance(node, bytes) else [plain(one) for one in node]  # type: ignore[attr-defined]


def read_by_them(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """What they find under the key; nothing is an empty value."""
    found: bytes = trie.HexaryTrie.get_from_proof(root, key, [rlp.decode(node) for node in nodes])
    return found


def samples(seed: int, count: int) -> list[dict[bytes, bytes]]:
    generator = random.Random(seed)
    made = []
    for number in range(count):
        longest = (1, 2, 3, 5)[number % 4]
        keys = [
            generator.randbytes(generator.randrange(longest + 1)) for _ in range(generator.randrange(1, 60))
        ]
        if number % 5 == 0:
            keys = [keccak256(key) for key in keys]
        made.append({key: generator.randbytes(generator.choice((1, 2, 20, 31, 32, 33, 70))) for key in keys})
    return made


def test_roots_and_proofs_of_the_twin() -> None:
    generator = random.Random(11)
    for items in samples(1, 60):
        made, trusted = theirs(items), head(items)
        assert made.root_hash == trusted.root  # type: ignore[attr-defined]
        others = [generator.randbytes(generator.randrange(4)) for _ in range(8)]
        for key in [*list(items)[:8], *others]:
            nodes = prove(items, [key]).nodes
            assert nodes_of(made, key) == nodes
            assert read_by_them(trusted.root, key, nodes) == items.get(key, b"")
            if key in items:
                verify_present(trusted, key, items[key], PatriciaProof(nodes_of(made, key)))
            else:
                verify_absent(trusted, key, PatriciaProof(nodes_of(made, key)))


def test_removal_leaves_the_trie_of_the_rest() -> None:
    for items in samples(2, 40):
        made = theirs(items)
        rest = dict(items)
        for key in list(items)[::2]:
            del made[key]  # type: ignore[attr-defined]
            del rest[key]
            assert made.root_hash == head(rest).root  # type: ignore[attr-defined]


def agree(tree: ts.PatriciaTree, made: object, items: Mapping[bytes, bytes], keys: Sequence[bytes]) -> None:
    """One root; each side's proof of each key, present or absent, is the other's and is taken by it."""
    root: bytes = made.root_hash  # type: ignore[attr-defined]
    assert tree.root == root
    for key in keys:
        nodes = tree.prove(key).nodes
        assert nodes == nodes_of(made, key)
        assert read_by_them(root, key, nodes) == items.get(key, b"")
        proof = ts.PatriciaProof(nodes_of(made, key))
        if key in items:
            tree.head.verify_present(key, items[key], proof)
        else:
            tree.head.verify_absent(key, proof)


def test_roots_and_proofs_of_the_tree() -> None:
    generator = random.Random(12)
    for items in samples(3, 60):
        others = [generator.randbytes(generator.randrange(4)) for _ in range(8)]
        agree(ts.PatriciaTree(items), theirs(items), items, [*items, *others])


def test_a_tree_that_changes() -> None:
    generator = random.Random(13)
    for items in samples(4, 20):
        tree, made, now = ts.PatriciaTree(items), theirs(items), dict(items)
        for _ in range(6):
            new = {generator.randbytes(generator.randrange(5)): generator.randbytes(40) for _ in range(9)}
            new |= {key: generator.randbytes(3) for key in list(now)[::3]}
            gone = [key for key in now if key not in new and generator.random() < 0.4]
            tree.update(list(new), list(new.values()))
            tree.remove(gone)
            for key, value in new.items():
                made[key] = value  # type: ignore[index]
            for key in gone:
                del made[key]  # type: ignore[attr-defined]
                del now[key]
            now |= new
            agree(tree, made, now, [*gone, *list(now)[:6]])
