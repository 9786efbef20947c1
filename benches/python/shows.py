"""What the project promises about speed, memory and manners, measured in one run.

    python benches/python/shows.py [--json FILE] [--check] [--rounds N]

Prints one table. Every figure is the median of several rounds, and where two things are compared, their
rounds alternate. With --check the exit code is 1 if a promise is not kept. Takes less than a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tallystick as ts

HERE = Path(__file__).resolve().parent
SIZE = 1 << 20
WIDTH = 32
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Figure:
    """A promise and what was measured. `values` has one entry a round."""

    name: str
    asked: str
    unit: str
    values: list[float]
    kept: bool

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def at_most(name: str, limit: float, unit: str, values: Sequence[float]) -> Figure:
    return Figure(name, f"≤ {limit:g}", unit, list(values), statistics.median(values) <= limit)


def at_least(name: str, limit: float, unit: str, values: Sequence[float]) -> Figure:
    return Figure(name, f"≥ {limit:g}", unit, list(values), statistics.median(values) >= limit)


def seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def plain_python_tree(rows: Sequence[bytes]) -> list[list[bytes]]:
    """RFC 6962 with hashlib, written for speed: one list comprehension a level. Keeps all levels."""
    sha256 = hashlib.sha256
    levels = [[sha256(b"\0" + row).digest() for row in rows]]
    while len(level := levels[-1]) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\1" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        levels.append(above)
    return levels


def builds(rounds: int) -> Iterator[Figure]:
    array = np.random.default_rng(1).integers(0, 256, (SIZE, WIDTH), dtype=np.uint8)
    rows = [row.tobytes() for row in array]
    scheme = ts.schemes.RFC6962
    before = ts.get_threads()
    ts.set_threads(1)
    try:
        if plain_python_tree(rows)[-1][0] != ts.MerkleTree(array, scheme=scheme).root:
            raise SystemExit("the two trees differ")
        times = [
            (
                seconds(lambda: ts.MerkleTree(array, scheme=scheme)),
                seconds(lambda: ts.MerkleTree(rows, scheme=scheme)),
                seconds(lambda: plain_python_tree(rows)),
            )
            for _ in range(rounds)
        ]
    finally:
        ts.set_threads(before)
    ratios = [python / native for native, _, python in times]
    yield at_least("RFC 6962 build, times plain Python, 1 thread", 5, "times", ratios)
    yield Figure("… seconds, array", "", "s", [native for native, _, _ in times], True)
    yield Figure("… seconds, plain Python and hashlib", "", "s", [python for _, _, python in times], True)
    factors = [listed / native for native, listed, _ in times]
    yield at_most("list[bytes] against the array, 1 thread", 2, "times", factors)
    threads = [seconds(lambda: ts.MerkleTree(array)) for _ in range(rounds)]
    yield Figure(f"native BLAKE3 build, array, {ts.get_threads()} threads", "", "s", threads, True)


def proofs(rounds: int) -> Iterator[Figure]:
    array = np.random.default_rng(2).integers(0, 256, (SIZE, WIDTH), dtype=np.uint8)
    tree = ts.MerkleTree(array)

    def hand_out() -> None:
        made = sum(len(batch) for batch in tree.proofs(chunk=4096))
        if made != SIZE:
            raise SystemExit(f"{made} proofs of {SIZE}")

    each = [seconds(hand_out) / SIZE * 1e9 for _ in range(rounds)]
    yield at_most("one proof by proofs(), chunks of 4,096", 100, "ns", each)


ACCOUNTS = 1_000_000

SUMS = """
import json, sys, time
import numpy as np
import tallystick as ts

def peak():
    return next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmHWM"))

size, width = int(sys.argv[1]), int(sys.argv[2])
ts.SumTree(np.zeros((1, width), np.uint8), [1])
leaves = np.random.default_rng(4).integers(0, 256, (size, width), dtype=np.uint8)
amounts = np.random.default_rng(5).integers(0, 10**12, size)
before, begin = peak(), time.perf_counter()
tree = ts.SumTree(leaves, amounts)
took = time.perf_counter() - begin
assert tree.total == int(amounts.sum())
print(json.dumps([took, peak() - before]))
"""


def sums(rounds: int) -> Iterator[Figure]:
    """The first sum tree of a process, from arrays: nothing is warm, and no memory is used again."""
    found = [run(SUMS, ACCOUNTS, WIDTH) for _ in range(rounds)]
    yield at_most("sum tree of 1,000,000 accounts", 0.2, "s", [took for took, _ in found])
    if Path("/proc/self/status").exists():
        over = [peak / 1e6 for _, peak in found]
        yield at_most("… peak above leaves and amounts", 150, "MB", over)


MEMORY = """
import json, sys
import numpy as np
import tallystick as ts

def peak():
    return next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmHWM"))

size, width = int(sys.argv[1]), int(sys.argv[2])
ts.MerkleTree(np.zeros((1, width), np.uint8))
before = peak()
leaves = np.random.default_rng(3).integers(0, 256, (size, width), dtype=np.uint8)
tree = ts.MerkleTree(leaves)
print(json.dumps(peak() - before))
"""


def memory(rounds: int) -> Iterator[Figure]:
    if not Path("/proc/self/status").exists():
        return
    nodes = (2 * SIZE - 1) * 32
    over = [(run(MEMORY, SIZE, WIDTH) - SIZE * WIDTH - nodes) / MIB for _ in range(rounds)]
    yield at_most("peak of a build of 2^20 leaves, beyond leaves and nodes", 32, "MiB", over)


def imports(rounds: int) -> Iterator[Figure]:
    script = (HERE / "import_cost.py").read_text(encoding="utf-8")
    costs = [run(script) for _ in range(rounds)]
    yield at_most("import, beyond NumPy's own", 150, "ms", [cost["tallystick_ms"] for cost in costs])
    yield at_most("threads started by the import", 0, "", [cost["threads"] for cost in costs])


INTERRUPT = """
import json, os, signal, sys, threading, time
import numpy as np
import tallystick as ts

size, width, delay = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
leaves = np.zeros((size, width), np.uint8)
earlier = ts.MerkleTree([b"a", b"b"])
sent = []

def interrupt():
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)

threading.Timer(delay, interrupt).start()
try:
    ts.MerkleTree(leaves)
except KeyboardInterrupt:
    latency = time.perf_counter() - sent[0]
else:
    sys.exit("the build was done before it was interrupted")
earlier.head.verify_inclusion(1, b"b", earlier.prove(1))
assert len(ts.MerkleTree(leaves[:100_000])) == 100_000
print(json.dumps(latency * 1e3))
"""


def interrupts(rounds: int) -> Iterator[Figure]:
    delays = [0.05 + 0.1 * number / rounds for number in range(rounds)]
    latencies = [run(INTERRUPT, 10_000_000, WIDTH, delay) for delay in delays]
    yield at_most("Ctrl-C in a build of 10,000,000 leaves", 200, "ms", latencies)


def run(script: str, *arguments: object) -> Any:
    """Run a script in a fresh interpreter and return the JSON that it prints."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"a measurement failed:\n{done.stderr}")
    return json.loads(done.stdout)


PARTS = (builds, proofs, sums, memory, imports, interrupts)


def table(figures: Sequence[Figure]) -> str:
    lines = [f"{'':58} {'asked':>8} {'median':>10} {'min':>10} {'max':>10}  unit"]
    for figure in figures:
        low, middle, high = min(figure.values), figure.median, max(figure.values)
        verdict = "" if figure.kept else "   NOT KEPT"
        numbers = f"{middle:>10.4g} {low:>10.4g} {high:>10.4g}"
        lines.append(f"{figure.name:58} {figure.asked:>8} {numbers}  {figure.unit}{verdict}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what the project promises.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a promise is not kept")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
        "processors": os.cpu_count(),
        "threads": ts.get_threads(),
    }
    figures = [figure for part in PARTS for figure in part(arguments.rounds)]
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print(table(figures))
    if arguments.json is not None:
        found = [{**asdict(figure), "median": figure.median} for figure in figures]
        arguments.json.write_text(json.dumps({"machine": machine, "figures": found}, indent=1) + "\n")
    return int(arguments.check and not all(figure.kept for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
