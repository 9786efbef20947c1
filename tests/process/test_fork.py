"""Forked children: a parent's threads are not theirs, and they need none of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import tallystick as ts

from tests.support import array

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

LEAVES = array(1_000_000)
SECONDS = 5.0


def in_child(work: Callable[[], object]) -> float:
    """Forks, runs ``work`` in the child, and gives the seconds it took; fails after five of them."""
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: what is tested here
        child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    while time.monotonic() - began < SECONDS:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            return time.monotonic() - began
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail(f"the child was not done in {SECONDS} s")


def threads_of_the_pool() -> int:
    return len(os.listdir("/proc/self/task"))


def test_a_child_builds_after_the_parent_built() -> None:
    ts.set_threads(2)
    try:
        tree = ts.MerkleTree(LEAVES)
        assert threads_of_the_pool() > 1
        seconds = in_child(lambda: ts.MerkleTree(LEAVES).head == tree.head)
        print(f"child done in {seconds:.2f} s")
        assert ts.MerkleTree(LEAVES).head == tree.head  # the parent's pool is as it was
    finally:
        ts.set_threads(None)


def test_a_child_uses_and_changes_the_parents_tree() -> None:
    tree = ts.MerkleTree(LEAVES)
    head = tree.head

    def work() -> bool:
        tree.head.verify_each(np.arange(5000), LEAVES[:5000], tree.prove_each(np.arange(5000)))
        tree.extend(LEAVES[:100_000])
        tree.update([0], [b"in the child"])
        return len(tree) == 1_100_000 and tree.head != head

    in_child(work)
    assert tree.head == head
    tree.head.verify_inclusion(0, LEAVES[0], tree.prove(0))


def test_a_child_inherits_the_number_of_threads_and_may_set_it() -> None:
    ts.set_threads(3)
    try:
        assert ts.head_of(LEAVES[:10_000]).size == 10_000

        def work() -> bool:
            inherited = ts.get_threads()
            ts.set_threads(2)
            return inherited == 3 and ts.get_threads() == 2 and ts.head_of(LEAVES).size == len(LEAVES)

        in_child(work)
        assert ts.get_threads() == 3
    finally:
        ts.set_threads(None)


def test_children_of_children() -> None:
    expected = ts.head_of(LEAVES)

    def grandchild() -> bool:
        return ts.head_of(LEAVES) == expected

    def child() -> bool:
        return ts.head_of(LEAVES) == expected and in_child(grandchild) > 0

    in_child(child)


def test_a_fork_while_another_thread_builds() -> None:
    """The child may hold copies of locks that were taken in the moment of the fork."""
    import threading

    done = threading.Event()

    def build() -> None:
        while not done.is_set():
            ts.head_of(LEAVES)

    builder = threading.Thread(target=build)
    builder.start()
    try:
        for turn in range(10):
            time.sleep(0.003 * turn)
            in_child(lambda: len(ts.MerkleTree(LEAVES[:100_000])) == 100_000)
    finally:
        done.set()
        builder.join()


def root_of(part: int) -> bytes:
    return ts.MerkleTree(LEAVES[part * 1000 : (part + 200) * 1000]).root


def test_a_pool_of_forked_processes() -> None:
    expected = [root_of(part) for part in range(8)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map_async(root_of, range(8)).get(timeout=30) == expected
