"""Sparse trees against the twin: batches at random, then roots and proofs byte for byte."""

from __future__ import annotations

import random

import pytest
import tallystick as ts

from tests.reference import codec
from tests.reference.attacks_sparse import nearby
from tests.reference.schemes import NATIVE_SPARSE, SPARSE_SCHEMES, Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_rules import Lone

SCHEMES = (*SPARSE_SCHEMES, Scheme(NATIVE_SPARSE, "blake3", b"day 1"))


def batches(source: random.Random, most: int) -> list[tuple[dict[bytes, bytes], list[bytes]]]:
    """What is put and what is then removed: new keys, old ones, and neighbours of old ones."""
    found, held = [], dict[bytes, bytes]()
    for _ in range(8):
        put = {
            source.randbytes(32): source.randbytes(source.randrange(50))
            for _ in range(source.randrange(most))
        }
        for one in source.sample(sorted(held), min(len(held), most // 4)):
            put[source.choice((one, nearby(one, source.randrange(256))))] = source.randbytes(5)
        held |= put
        gone = source.sample(sorted(held), len(held) // source.choice((2, 5, 100)))
        for one in gone:
            del held[one]
        found.append((put, gone))
    return [*found, ({}, sorted(held))]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name}{scheme.context.decode()}")
def test_batches_at_random(scheme: Scheme) -> None:
    source = random.Random(scheme.name)
    most = 4 if scheme.sparse.lone is Lone.FULL else 40
    tree = ts.SparseTree(scheme=ts.Scheme.from_bytes(codec.encode(scheme)))
    twin = SparseTree(scheme)
    for put, gone in batches(source, most):
        if put:
            tree.update(list(put), list(put.values()))
            twin.update(put)
        if gone:
            tree.remove(gone)
            twin.remove(gone)
        assert len(tree) == len(twin.digests)
        assert tree.head.to_bytes() == codec.encode(twin.head)
        present = source.sample(sorted(twin.digests), min(len(twin.digests), 6))
        beside = [nearby(one, source.randrange(256)) for one in present]
        keys = list(dict.fromkeys([*present, *beside, *gone[:4], source.randbytes(32)]))
        for one in keys:
            assert tree.prove(one).to_bytes() == codec.encode(twin.prove(one))
            assert (one in tree) == (one in twin.digests)
        source.shuffle(keys)
        assert tree.prove_many(keys).to_bytes() == codec.encode(twin.prove_many(keys))
    assert len(tree) == 0
