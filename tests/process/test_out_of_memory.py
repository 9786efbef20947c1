"""Where the system has no memory left: MemoryError, and everything as it was."""

from __future__ import annotations

import sys

import pytest

from tests.support import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

LIMITED = """
import resource, sys
import numpy as np, tallystick as ts
ts.set_threads(1)

def limit(more):
    with open("/proc/self/status") as status:
        size = next(int(l.split()[1]) for l in status if l.startswith("VmSize")) * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))

def free():
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

{prepare}
try:
    {call}
except MemoryError:
    print("MemoryError")
free()
{after}
"""


def limited(prepare: str, call: str, after: str = "") -> str:
    done = run_python(LIMITED.format(prepare=prepare, call=call, after=after))
    assert done.returncode == 0, done.stderr
    return done.stdout


GROWN = (
    "leaves = np.zeros((1 << 20, 32), np.uint8); tree = ts.MerkleTree(leaves)\n"
    "head = tree.head; ts.set_arena(0); limit(20 << 20)"
)


def test_a_leaf_needs_no_room_for_as_many_again() -> None:
    after = "print(len(tree), tree.head_at(1 << 20) == head)"
    assert limited(GROWN, "tree.append(b'x')", after) == "1048577 True\n"


def test_growing_fails_and_changes_nothing() -> None:
    after = "print(tree.head == head, tree.extend(leaves), tree.head_at(1 << 20) == head)"
    assert limited(GROWN, "tree.extend(leaves)", after) == "MemoryError\nTrue range(1048576, 2097152) True\n"


def test_a_list_that_cannot_be_held() -> None:
    assert limited("rows = [b'x'] * (1 << 20); limit(1 << 20)", "ts.head_of(rows)") == "MemoryError\n"


def test_what_is_kept_serves_a_tree_that_it_does_not_fit() -> None:
    prepare = (
        "leaves = np.zeros((5 << 20, 1), np.uint8); del_me = ts.MerkleTree(leaves[: (4 << 20) - 1])\n"
        "del del_me; limit(120 << 20)"
    )
    assert limited(prepare, "print(len(ts.MerkleTree(leaves)))") == "5242880\n"
