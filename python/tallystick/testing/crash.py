"""Kills: a process that writes to a store is ended by SIGKILL, anywhere, and what is left is looked at."""

from __future__ import annotations

import importlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tallystick._core import SparseTree
from tallystick.protocols import Store

_KEYS = 400
_BATCH = 60


@dataclass(frozen=True)
class Workload:
    """Updates that are the same each time: what a tree has at a version follows from its number.

    ``opener`` names a function, ``module:function``, that opens a store at a place, a path or an address. A
    new process imports it, in the folder of this one, as ``python -c`` would.
    """

    opener: str
    place: str
    seed: int = 0

    def open(self) -> Store:
        """Open the store."""
        module, _, name = self.opener.partition(":")
        store: Store = getattr(importlib.import_module(module), name)(self.place)
        return store

    def batch(self, version: int) -> tuple[list[bytes], list[bytes]]:
        """Return the keys and values that make this version, which is at least 1."""
        rng = random.Random(self.seed * 1_000_003 + version)
        places = rng.sample(range(_KEYS), _BATCH)
        keys = [place.to_bytes(2, "big") * 16 for place in places]
        return keys, [rng.randbytes(5) for _ in keys]

    def values(self, version: int) -> dict[bytes, bytes]:
        """Return what a tree has at this version."""
        values: dict[bytes, bytes] = {}
        for number in range(1, version + 1):
            values.update(zip(*self.batch(number), strict=True))
        return values

    def run(self) -> Iterator[int]:
        """Go on for ever, and give the number of each version once it is published."""
        store = self.open()
        tree = SparseTree(store=store) if store.read_head() is None else SparseTree.open(store, keep=1)
        while True:
            version = tree.version + 1
            tree.update(*self.batch(version))
            yield tree.version


def main(opener: str, place: str, seed: str) -> None:
    """Write until somebody ends it."""
    for version in Workload(opener, place, int(seed)).run():
        print(version, flush=True)


def check_kills(workload: Workload, *, kills: int, seed: int = 0, longest: float = 0.2) -> int:
    """Kill a writer at random moments, look at the store each time, and return the tree's last version.

    After each of ``kills`` the tree is the last one that the writer spoke of, or the next; all of it is
    there, and the writer's successor goes on from it. Raises ``AssertionError`` otherwise. ``longest`` are
    the seconds that a writer lives at most. Starts a process of Python for each kill.
    """
    rng = random.Random(seed)
    last = 0
    for _ in range(kills):
        spoken = _killed(workload, rng.uniform(0, longest))
        store = workload.open()
        if store.read_head() is None:
            assert spoken == 0 and last == 0, "a tree is gone"  # noqa: PT018 - one thing
            continue
        tree = SparseTree.open(store, keep=1)
        assert tree.version in (max(spoken, last), max(spoken, last) + 1), (
            f"version {tree.version} after version {spoken} was published"
        )
        values = workload.values(tree.version)
        assert tree.root == SparseTree(values).root, f"version {tree.version} has another root"
        assert [key for key, _ in tree.items()] == sorted(values), f"keys of version {tree.version} are lost"
        last = tree.version
        close = getattr(store, "close", None)
        if close is not None:
            close()
    return last


def _killed(workload: Workload, seconds: float) -> int:
    """Start a writer, kill it, and return the last version that it spoke of; 0 if none."""
    code = "import sys; from tallystick.testing.crash import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", code, workload.opener, workload.place, str(workload.seed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TALLYSTICK_THREADS": "1"})
    assert child.stdout is not None
    # Every other one dies before its first word.
    first = child.stdout.readline() if seconds % 0.02 < 0.01 else b""
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    words = (first + child.stdout.read()).split(b"\n")
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL, (
        f"the writer ended by itself, with {child.returncode}; what it said is on standard error"
    )
    whole = [int(word) for word in words[:-1] if word]
    return whole[-1] if whole else 0
