"""What a call from Python costs by itself: trees of one leaf, and forms of rows that fit in the cache."""

from collections.abc import Callable

import numpy as np
import pytest
import tallystick as ts

LEAF = np.zeros((1, 32), np.uint8)
FIRST = np.zeros(1, np.uint64)
TREE = ts.MerkleTree(LEAF)
HEAD, PROOF, MANY, DATA = TREE.head, TREE.prove(0), TREE.prove_many(FIRST), LEAF[0].tobytes()

CALLS: dict[str, Callable[[], object]] = {
    "build": lambda: ts.MerkleTree(LEAF),
    "head": lambda: TREE.head,
    "prove": lambda: TREE.prove(0),
    "prove_many": lambda: TREE.prove_many(FIRST),
    "update": lambda: TREE.update(FIRST, LEAF),
    "verify_inclusion": lambda: HEAD.verify_inclusion(0, DATA, PROOF),
    "verify_many": lambda: HEAD.verify_many(FIRST, LEAF, MANY),
}


@pytest.mark.parametrize("name", CALLS)
def test_call(benchmark, name: str) -> None:
    benchmark(CALLS[name])


@pytest.mark.parametrize("form", ["array", "list"])
def test_small_rows(benchmark, leaves, form: str) -> None:
    rows = leaves[:1024] if form == "array" else [row.tobytes() for row in leaves[:1024]]
    benchmark(ts.MerkleTree, rows)


def test_proofs_as_lists_of_bytes(benchmark, tree) -> None:
    """What `proofs()` saves: every digest as an object of its own."""

    def lists() -> int:
        made = 0
        for batch in tree.proofs(range(0, len(tree), 16), chunk=4096):
            made += sum(len([digest.tobytes() for digest in proof.digests]) for proof in batch)
        return made

    benchmark(lists)
