"""Memory of dropped trees: kept up to the limit, given back, and never seen in a result."""

from __future__ import annotations

import pytest
import tallystick as ts

from tests.support import array, run_python

RESIDENT = """
import numpy as np, tallystick as ts
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) >> 10
leaves = np.zeros((1 << 20, 32), np.uint8)
ts.MerkleTree(leaves[:1000])
before = resident()
ts.MerkleTree(leaves)
kept = resident() - before
ts.set_arena(0)
print(kept, resident() - before)
"""


def test_what_is_kept_is_given_back() -> None:
    done = run_python(RESIDENT)
    assert done.returncode == 0, done.stderr
    kept, left = map(int, done.stdout.split())
    assert kept >= 48, "a tree of 2^20 leaves leaves 64 MiB"
    assert left <= 8


def test_memory_that_is_used_again_shows_in_no_result() -> None:
    leaves = array(150_000)
    expected = ts.MerkleTree(leaves).head
    other = ts.MerkleTree(leaves[::-1].copy()).head
    for _ in range(3):
        tree = ts.MerkleTree(leaves)
        tree.extend(leaves[:70_000])
        assert tree.head_at(150_000) == expected
        del tree
        assert ts.MerkleTree(leaves[::-1].copy()).head == other
    ts.set_arena(0)
    assert ts.MerkleTree(leaves).head == expected
    ts.set_arena(None)


def test_limits() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        ts.set_arena(-1)
    with pytest.raises(OverflowError):
        ts.set_arena(2**64)
    with pytest.raises(TypeError):
        ts.set_arena(1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ts.set_arena(True)
