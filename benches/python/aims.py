"""What calling from Python may cost, asked against measured, three runs one after the other.

    python benches/python/aims.py [--json FILE] [--check] [--runs N] [--rounds N]

An aim is a ratio or a difference of things that were timed in turn within one run; a figure of the table is
the median over the runs, with the least and the most of them. The build in Rust is that of the program
`builds` of `benches/rust`, which cargo makes; it and what is compared with it are timed by the clock on the
wall, and so are calls on several threads; everything else by the time of the thread on a processor. Without
cargo a line says what was not measured. With --check the exit code is 1 if an aim is not reached.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
import tallystick as ts
from shows import SIZE, WIDTH, Figure, at_least, at_most, seconds, table

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = ("native/blake3", "rfc6962/sha256")
CALLS = 2000
#: What a row of the table becomes: a name, whether the limit is an upper one, the limit (0: none), the unit.
Aim = tuple[str, str, float, str]


def beside(rounds: int, *calls: Callable[[], float]) -> list[list[float]]:
    """The seconds that each call says it took, in rounds, each round begun by another call."""
    times: list[list[float]] = [[] for _ in calls]
    for number in range(rounds):
        for place in range(len(calls)):
            which = (place + number) % len(calls)
            times[which].append(calls[which]())
    return times


def on_processor(call: Callable[[], object]) -> float:
    begin = time.thread_time()
    call()
    return time.thread_time() - begin


def pipe(found: IO[str] | None) -> IO[str]:
    if found is None:
        raise RuntimeError("no pipe")
    return found


@contextmanager
def in_rust(scheme: str, leaves: np.ndarray, root: bytes) -> Iterator[Callable[[], float]]:
    """The same build in a process without Python: each call does one and returns its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "leaves")
        leaves.tofile(path)
        command = [str(ROOT / "target" / "release" / "builds"), scheme, str(path)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii"
        ) as running:

            def one() -> float:
                pipe(running.stdin).write("\n")
                pipe(running.stdin).flush()
                took, found = pipe(running.stdout).readline().split()
                if found != root.hex():
                    raise SystemExit("the two trees differ")
                return float(took)

            yield one
            pipe(running.stdin).close()


def builds(rounds: int) -> Iterator[tuple[Aim, float]]:
    array = np.random.default_rng(1).integers(0, 256, (SIZE, WIDTH), dtype=np.uint8)
    rows = [row.tobytes() for row in array]
    with_cargo = shutil.which("cargo") is not None
    for name in SCHEMES:
        scheme = ts.schemes.get(name)

        def ours(scheme: ts.Scheme = scheme) -> float:
            return seconds(lambda: ts.MerkleTree(array, scheme=scheme))

        def arrays(scheme: ts.Scheme = scheme) -> float:
            return on_processor(lambda: ts.MerkleTree(array, scheme=scheme))

        def lists(scheme: ts.Scheme = scheme) -> float:
            return on_processor(lambda: ts.MerkleTree(rows, scheme=scheme))

        if with_cargo:
            with in_rust(name, array, ts.MerkleTree(array, scheme=scheme).root) as native:
                beside(2, ours, native)
                here, there = beside(rounds, ours, native)
            ratios = [a / b for a, b in zip(here, there, strict=True)]
            yield (f"{name} build of the array, against Rust", "at most", 1.02, "times"), middle(ratios)
            yield ("… in Rust", "", 0, "ms"), middle(there) * 1e3
        here, longer = beside(rounds, arrays, lists)
        added = [(b - a) / SIZE * 1e9 for a, b in zip(here, longer, strict=True)]
        yield (f"{name} build, list[bytes] adds a leaf", "at most", 15, "ns"), middle(added)
        yield ("… the array", "", 0, "ms"), middle(here) * 1e3


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def calls(rounds: int) -> Iterator[tuple[Aim, float]]:
    """A tree of one leaf: what is left is what a call costs."""
    leaf = np.zeros((1, WIDTH), np.uint8)
    data, first = leaf[0].tobytes(), np.zeros(1, np.uint64)
    tree = ts.MerkleTree(leaf)
    head, proof, many = tree.head, tree.prove(0), tree.prove_many(first)
    named: dict[str, Callable[[], object]] = {
        "MerkleTree(array)": lambda: ts.MerkleTree(leaf),
        "tree.head": lambda: tree.head,
        "tree.prove(0)": lambda: tree.prove(0),
        "tree.prove_many(array)": lambda: tree.prove_many(first),
        "tree.update(array, array)": lambda: tree.update(first, leaf),
        "head.verify_inclusion": lambda: head.verify_inclusion(0, data, proof),
        "head.verify_many": lambda: head.verify_many(first, leaf, many),
    }

    def repeated(call: Callable[[], object], clock: Callable[[], float]) -> Callable[[], float]:
        def all_of_them() -> float:
            begin = clock()
            for _ in range(CALLS):
                call()
            return (clock() - begin) / CALLS

        return all_of_them

    # With more threads than one, what a call waits for counts: the clock on the wall.
    for threads, clock in ((1, time.thread_time), (None, time.perf_counter)):
        ts.set_threads(threads)
        try:
            timed = [repeated(call, clock) for call in (lambda: None, *named.values())]
            empty, *times = beside(rounds, *timed)
            count = f"{ts.get_threads()} thread{'s' * (ts.get_threads() > 1)}"
        finally:
            ts.set_threads(1)
        for name, each in zip(named, times, strict=True):
            cost = [(a - b) * 1e6 for a, b in zip(each, empty, strict=True)]
            yield (f"fixed cost of {name}, {count}", "at most", 2, "µs"), middle(cost)


def proofs(rounds: int) -> Iterator[tuple[Aim, float]]:
    tree = ts.MerkleTree(np.random.default_rng(2).integers(0, 256, (SIZE, WIDTH), dtype=np.uint8))
    part = range(0, SIZE, 16)

    def in_chunks() -> float:
        begin = time.thread_time()
        made = sum(len(batch) for batch in tree.proofs(chunk=4096))
        took = time.thread_time() - begin
        if made != SIZE:
            raise SystemExit(f"{made} proofs of {SIZE}")
        return took / SIZE * 1e9

    def in_objects() -> float:
        """A list of bytes objects for every proof, cut from the array, for every 16th leaf."""
        begin = time.thread_time()
        for batch in tree.proofs(part, chunk=4096):
            digests, size = batch.digests.tobytes(), batch.digest_size
            bounds = (batch.offsets * size).tolist()
            for start, end in pairwise(bounds):
                [digests[place : place + size] for place in range(start, end, size)]
        return (time.thread_time() - begin) / len(part) * 1e9

    chunks, objects = beside(rounds, in_chunks, in_objects)
    ratios = [b / a for a, b in zip(chunks, objects, strict=True)]
    yield ("a proof by proofs(), chunks of 4,096, depth 20", "at most", 20, "ns"), middle(chunks)
    yield ("… against a list of bytes objects", "at least", 40, "times"), middle(ratios)
    yield ("… that list", "", 0, "ns"), middle(objects)


PARTS = (builds, calls, proofs)


def figures(runs: int, rounds: int) -> list[Figure]:
    found: dict[Aim, list[float]] = {}
    for number in range(runs):
        for part in PARTS:
            print(f"run {number + 1} of {runs}: {part.__name__}", file=sys.stderr)
            seen: dict[str, int] = {}
            for (name, kind, limit, unit), value in part(rounds):
                # Names that begin with dots belong to the line before, and recur: spaces tell them apart.
                seen[name] = seen.get(name, -1) + 1
                found.setdefault((name + " " * seen[name], kind, limit, unit), []).append(value)
    return [finished(aim, values) for aim, values in found.items()]


def finished(aim: Aim, values: list[float]) -> Figure:
    name, kind, limit, unit = aim
    if kind == "at most":
        return at_most(name, limit, unit, values)
    if kind == "at least":
        return at_least(name, limit, unit, values)
    return Figure(name, "", unit, values, True)


def main() -> int:
    parser = argparse.ArgumentParser(description="What calling from Python may cost.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--check", action="store_true", help="exit with 1 if an aim is not reached")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=11)
    arguments = parser.parse_args()
    if shutil.which("cargo") is None:
        print("cargo is not there: the build in Rust is not measured")
    else:
        build = [
            "cargo",
            "build",
            "--release",
            "--locked",
            "--quiet",
            "-p",
            "tallystick-bench",
            "--bin",
            "builds",
        ]
        subprocess.run(build, cwd=ROOT, check=True)
    before = ts.get_threads()
    ts.set_threads(1)
    try:
        found = figures(arguments.runs, arguments.rounds)
    finally:
        ts.set_threads(before)
    print(f"one thread where no number is given, {arguments.runs} runs of {arguments.rounds} rounds")
    print(table(found))
    if arguments.json is not None:
        listed = [{**asdict(figure), "median": figure.median} for figure in found]
        arguments.json.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    return int(arguments.check and not all(figure.kept for figure in found))


if __name__ == "__main__":
    sys.exit(main())
