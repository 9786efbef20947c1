"""A signal handler that calls the very tree whose call it interrupts."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts

ROWS = np.random.default_rng(5).integers(0, 256, (3_000_000, 32), dtype=np.uint8)


def interrupted(call: Callable[[], object], handler: Callable[[], object]) -> list[object]:
    """Run ``call``, have ``handler`` run in its middle by a signal, and return what the handler did."""
    done: list[object] = []

    def handle(*_: object) -> None:
        try:
            done.append(handler())
        except RuntimeError as error:
            done.append(error)

    before = signal.signal(signal.SIGUSR1, handle)
    killer = threading.Thread(
        target=lambda: (
            time.sleep(0.03),
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1),
        )
    )
    try:
        killer.start()
        call()
    finally:
        killer.join()
        signal.signal(signal.SIGUSR1, before)
    return done


@pytest.mark.parametrize("name", ["extend", "prove_each", "save"])
def test_a_handler_reads_but_does_not_write(name: str, tmp_path: Path) -> None:
    tree = ts.MerkleTree(ROWS)
    calls: dict[str, Callable[[], object]] = {
        "extend": lambda: tree.extend(ROWS),
        "prove_each": lambda: tree.prove_each(range(1_000_000)),
        "save": lambda: tree.save(tmp_path / "tree"),
    }
    (size,) = interrupted(calls[name], lambda: tree.head.size)
    assert size in {3_000_000, 6_000_000}
    size = len(tree)
    (error,) = interrupted(
        calls[name] if name != "save" else lambda: tree.save(tmp_path / "other"), lambda: tree.append(b"x")
    )
    # A signal that came too late found no call to come out of.
    assert isinstance(error, RuntimeError) or error == len(tree) - 1
    tree.append(b"later")
