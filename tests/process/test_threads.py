"""Threads: one root whatever their number, and readers that never see half of a write."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import tallystick as ts

from tests.support import array, rows, run_python

MANY = array(200_000)
RAGGED = rows(20_000)


@pytest.fixture(autouse=True)
def default_threads() -> Iterator[None]:
    yield
    ts.set_threads(None)


def everything(scheme: ts.Scheme) -> list[object]:
    """A result of every call that shares out its work."""
    tree = ts.MerkleTree(MANY[:150_000], scheme=scheme)
    tree.extend(MANY[150_000:])
    tree.extend(RAGGED)
    tree.update(np.arange(0, 200_000, 7), MANY[::-7][: len(range(0, 200_000, 7))].copy())
    some = np.arange(0, 220_000, 11)
    batch = tree.prove_each(some)
    verdicts = tree.head.check_each(some[:1000], MANY[some[:1000]], tree.prove_each(some[:1000]))
    digests = ts.hashes.SHA256.digest_many(MANY)
    return [tree.head, ts.head_of(RAGGED, scheme=scheme), batch, verdicts.tolist(), digests.tobytes()]


@pytest.mark.parametrize("scheme", [ts.schemes.NATIVE, ts.schemes.RFC6962], ids=repr)
def test_results_do_not_depend_on_the_number(scheme: ts.Scheme) -> None:
    found = []
    for threads in (1, 2, 3, 8):
        ts.set_threads(threads)
        assert ts.get_threads() == threads
        found.append(everything(scheme))
    assert all(result == found[0] for result in found)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Runs ``work`` in so many threads at once and raises what any of them raised."""
    failed: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if failed:
        raise failed[0]


def test_readers_see_whole_heads_while_one_appends() -> None:
    """Every proof verifies against exactly the head it was made for."""
    leaves = array(30_000)
    tree = ts.MerkleTree(leaves[:1000])
    done = threading.Event()
    checked = [0] * 4

    def work(number: int) -> None:
        if number == 3:
            try:
                for begin in range(1000, 30_000, 500):
                    tree.extend(leaves[begin : begin + 499])
                    tree.append(leaves[begin + 499])
            finally:
                done.set()
            return
        chooser = np.random.default_rng(number)
        while not done.is_set() or not checked[number]:
            head = tree.head
            assert head == tree.head_at(head.size)
            index = int(chooser.integers(head.size))
            head.verify_inclusion(index, leaves[index], tree.prove(index, head=head))
            some = chooser.integers(0, head.size, 50)
            head.verify_each(some, leaves[some], tree.prove_each(some, head=head))
            checked[number] += 1

    in_threads(4, work)
    assert all(checked[:3])
    assert tree.head == ts.head_of(leaves)


def test_readers_see_whole_heads_while_one_replaces() -> None:
    """All leaves change at once; a batch, made without naming a head, is of one state, never a mixture."""
    states = [array(5000, seed=seed) for seed in range(4)]
    heads = {ts.head_of(leaves): leaves for leaves in states}
    tree = ts.MerkleTree(states[0])
    done = threading.Event()
    seen: list[ts.TreeHead] = []

    def work(number: int) -> None:
        if number == 3:
            try:
                for turn in range(120):
                    tree.update(range(5000), states[turn % 4])
                    time.sleep(0.001)
            finally:
                done.set()
            return
        chooser = np.random.default_rng(number)
        while not done.is_set():
            some = chooser.integers(0, 5000, 20)
            batch = tree.prove_each(some)
            fitting = [
                head for head, leaves in heads.items() if head.check_each(some, leaves[some], batch).all()
            ]
            assert len(fitting) == 1
            seen.append(fitting[0])
            head = tree.head
            assert head in heads
            try:
                proof = tree.prove(17, head=head)
            except ts.StaleHead:
                continue
            head.verify_inclusion(17, heads[head][17], proof)

    in_threads(4, work)
    assert len(set(seen)) > 1


def test_writers_wait_for_each_other() -> None:
    tree = ts.MerkleTree()
    places: list[range] = []

    def work(number: int) -> None:
        for turn in range(50):
            leaves = [b"%d/%d/%d" % (number, turn, k) for k in range(turn % 3 + 1)]
            place = tree.extend(leaves)
            places.append(place)
            for index, leaf in zip(place, leaves, strict=True):
                assert tree.head_at(index + 1).check_each(
                    [index], [leaf], tree.prove_each([index])
                ).shape == (1,)

    in_threads(4, work)
    covered = sorted(index for place in places for index in place)
    assert covered == list(range(len(tree)))


def test_the_number_may_change_while_others_work() -> None:
    expected = ts.head_of(MANY)

    def work(number: int) -> None:
        for turn in range(20):
            if number == 0:
                ts.set_threads(turn % 4 + 1)
            else:
                assert ts.head_of(MANY[:]) == expected

    in_threads(3, work)


@pytest.mark.parametrize("threads", [0, -1, 4097, 2**63, 2**64])
def test_numbers_that_are_refused(threads: int) -> None:
    ts.set_threads(3)
    with pytest.raises((ValueError, OverflowError), match=str(threads)):
        ts.set_threads(threads)
    assert ts.get_threads() == 3


def test_none_is_the_machine() -> None:
    ts.set_threads(1)
    ts.set_threads(None)
    assert ts.get_threads() == len(os.sched_getaffinity(0))


PRINT = """
import tallystick as ts
print(ts.get_threads(), len(ts.MerkleTree([b"a", b"b"])))
"""


@pytest.mark.parametrize("threads", ["1", "2", "17", "4096"])
def test_the_environment_sets_the_number(threads: str) -> None:
    done = run_python("import tallystick as ts; print(ts.get_threads())", env={"TALLYSTICK_THREADS": threads})
    assert (done.stdout, done.stderr) == (f"{threads}\n", "")


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.0", "4097", "99999999999999999999", " 2"])
def test_another_environment_is_refused_at_the_first_use(text: str) -> None:
    done = run_python(PRINT, env={"TALLYSTICK_THREADS": text})
    assert done.returncode == 1
    assert f"ValueError: TALLYSTICK_THREADS must be a number from 1 to 4096, not {text}" in done.stderr


def test_an_empty_variable_is_none() -> None:
    code = "import tallystick as ts; print(ts.get_threads())"
    assert run_python(code, env={"TALLYSTICK_THREADS": ""}).stdout == run_python(code).stdout


def test_set_threads_wins_over_the_environment() -> None:
    code = "import tallystick as ts; ts.set_threads(2)" + PRINT
    assert run_python(code, env={"TALLYSTICK_THREADS": "no number"}).stdout == "2 2\n"


def test_one_thread_starts_none() -> None:
    code = """
import os, numpy as np, tallystick as ts
before = len(os.listdir("/proc/self/task"))
ts.set_threads(1)
ts.MerkleTree(np.zeros((500_000, 32), np.uint8))
print(len(os.listdir("/proc/self/task")) - before)
"""
    assert run_python(code).stdout == "0\n"
