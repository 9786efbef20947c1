"""Peak memory of a cell: its tree built once more in a fresh process, which does nothing else.

On Linux the child reads the mark of its own memory, ``VmHWM``, which ``/proc/self/clear_refs`` sets back
before the build: what ``getrusage`` says begins with the size of the parent. Elsewhere it is ``getrusage``.
"""

from __future__ import annotations

import json
import subprocess
import sys

from tallystick._core import Scheme
from tallystick.research.results import Cell

CHILD = "tallystick.research._child"
TIMEOUT = 600
# The package that is imported here, wherever it lies, is the one that the child measures.
_START = """
import json, runpy, sys
sys.path[:] = json.loads(sys.argv[1])
runpy.run_module(sys.argv[2], run_name="__main__")
"""


class MemoryUnknown(Exception):
    """The child could not build the tree, or said nothing that can be understood."""


def peak_memory(scheme: Scheme, cell: Cell, seed: int) -> tuple[int, int]:
    """Return the peak of a process that builds the cell's tree, and how much of it the build added.

    Raises :class:`MemoryUnknown` if it cannot: a hash that lives in this process is in no other.
    """
    order = {
        "scheme": scheme.to_bytes().hex(),
        "hash": scheme.hash.name,
        "size": cell.size,
        "threads": cell.threads,
        "leaf_bytes": cell.leaf_bytes,
        "seed": seed,
    }
    answer = json.loads(_ask(order))
    return int(answer["peak"]), int(answer["grown"])


def memory_method() -> str:
    """Return how a child finds its peak on this machine."""
    return str(json.loads(_ask({}))["method"])


def _ask(order: dict[str, object]) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _START, json.dumps(sys.path), CHILD],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MemoryUnknown(f"no process to build in: {error}") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise MemoryUnknown(f"the process that builds once more failed: {lines[-1]}")
    return done.stdout
