"""What the programs in Python share, tallystick's own included.

They read the input, wait for the name of an operation on each line of standard input, run it once, and answer
with one line of JSON. `benches/peers/run.py` is at the other end.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

TIMED = ("build", "prove", "verify", "multi", "verify_multi", "append")


class Missing(Exception):
    """The library does not have the operation: says why, for the table."""


class Work:
    """The input, the same for everyone."""

    def __init__(self, folder: Path) -> None:
        def leaves(name: str) -> npt.NDArray[np.uint8]:
            return np.fromfile(folder / name, np.uint8).reshape(-1, 32)

        self.leaves, self.more = leaves("leaves"), leaves("more")
        #: Of which leaves there are single proofs.
        self.indices = np.fromfile(folder / "indices", "<u8")
        #: Of which leaves there is one proof: ascending, distinct.
        self.chosen = np.fromfile(folder / "chosen", "<u8")


def rows(array: npt.NDArray[np.uint8]) -> list[bytes]:
    return [row.tobytes() for row in array]


class Peer:
    """One library. Making it is not timed; the operations named in TIMED are."""

    def clear(self) -> None:
        """Forget tree and proofs."""
        raise NotImplementedError

    def build(self) -> None:
        raise NotImplementedError

    def root(self) -> bytes:
        raise NotImplementedError

    def prove(self) -> None:
        """Make single proofs and keep them."""
        raise NotImplementedError

    def verify(self) -> None:
        raise NotImplementedError

    def multi(self) -> None:
        raise Missing("has no proof of many leaves")

    def verify_multi(self) -> None:
        raise Missing("has no proof of many leaves")

    def append(self) -> None:
        """Append leaves, and know the root."""
        raise NotImplementedError


def must(condition: bool) -> None:
    if not condition:
        raise RuntimeError("a proof is wrong")


def peak() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def timed(peer: Peer, operation: str) -> dict[str, object]:
    if operation == "build":
        peer.clear()
    call = getattr(peer, operation)
    wall, begin = time.perf_counter(), time.process_time()
    try:
        call()
    except Missing as missing:
        return {"missing": str(missing)}
    except Exception as error:
        return {"error": repr(error)}
    return {"cpu": time.process_time() - begin, "wall": time.perf_counter() - wall}


def serve(make: Callable[[Work], Peer]) -> None:
    def say(answer: dict[str, object]) -> None:
        print(json.dumps(answer), flush=True)

    peer = make(Work(Path(sys.argv[1])))
    say({"ready": True})
    for line in sys.stdin:
        operation = line.strip()
        if operation == "root":
            say({"root": peer.root().hex()})
        elif operation == "peak":
            say({"peak": peak()})
        elif operation in TIMED:
            say(timed(peer, operation))
        else:
            say({"error": "there is no such operation"})
