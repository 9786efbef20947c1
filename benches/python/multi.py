"""One proof of 1,000 random leaves of 1,000,000: its size, and its speed beside rs_merkle in one run.

    python benches/python/multi.py [--check] [--rounds N]

Needs cargo, and the network or cargo's cache for the crate `rs_merkle`. Both sides use SHA-256, one thread,
the same leaves and the same indices; their rounds alternate. Ours goes through Python and hashes the claimed
leaves. rs_merkle takes leaf digests: it is timed with and without hashing them. With --check the exit code is
1 if a promise is not kept.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import tallystick as ts
from shows import Figure, at_least, at_most, table

PEER = Path(__file__).resolve().parents[1] / "peers" / "rs_merkle"
SIZE, WIDTH, CHOSEN = 1_000_000, 32, 1000
REPEATS = 20
HEADER = 16


def mean_seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    for _ in range(REPEATS):
        call()
    return (time.perf_counter() - begin) / REPEATS


@contextmanager
def peer(leaves: np.ndarray, indices: np.ndarray) -> Iterator[Callable[[], list[float]]]:
    """The other program, with its tree built: each call runs one round and returns its three times."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("leaves", "indices")]
        leaves.tofile(paths[0])
        indices.astype("<u8").tofile(paths[1])
        command = [
            "cargo",
            "run",
            "--release",
            "--quiet",
            "--",
            *map(str, (paths[0], WIDTH, paths[1], REPEATS)),
        ]
        with subprocess.Popen(
            command, cwd=PEER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii"
        ) as running:
            asked, answered = stream(running.stdin), stream(running.stdout)
            build, size = answered.readline().split() or sys.exit("rs_merkle did not start")
            print(f"rs_merkle: built in {float(build):.2f} s, its proof has {size} bytes")

            def one_round() -> list[float]:
                asked.write("\n")
                asked.flush()
                return [float(word) for word in answered.readline().split()]

            yield one_round
            asked.close()


def stream(found: IO[str] | None) -> IO[str]:
    if found is None:
        raise RuntimeError("no pipe")
    return found


def figures(rounds: int) -> Iterator[Figure]:
    random = np.random.default_rng(1)
    leaves = random.integers(0, 256, (SIZE, WIDTH), dtype=np.uint8)
    indices = np.sort(random.choice(SIZE, CHOSEN, replace=False))
    claimed = leaves[indices]
    tree = ts.MerkleTree(leaves, scheme=ts.schemes.RFC6962)
    head, proof = tree.head, tree.prove_many(indices)
    head.verify_many(indices, claimed, proof)
    minimal = len(tree.scheme.plan(SIZE, indices)) * 32
    print(f"tallystick: its proof has {len(proof.to_bytes())} bytes, {minimal // 32} digests")
    beyond = len(proof.to_bytes()) - minimal
    yield at_most("multi-proof, bytes beyond the minimal digests", HEADER, "bytes", [beyond])
    with peer(leaves, indices) as other:
        other()
        ours, theirs = [], []
        for _ in range(rounds):
            made = mean_seconds(lambda: tree.prove_many(indices))
            ours.append((made, mean_seconds(lambda: head.verify_many(indices, claimed, proof))))
            theirs.append(other())
    pairs = list(zip(ours, theirs, strict=True))
    yield at_least("made, times rs_merkle", 1.5, "times", [b[0] / a[0] for a, b in pairs])
    yield at_least("verified from leaf data, times rs_merkle", 1.5, "times", [b[1] / a[1] for a, b in pairs])
    yield Figure(
        "… against rs_merkle without leaf hashes", "", "times", [b[2] / a[1] for a, b in pairs], True
    )
    for name, place in (("made", 0), ("verified", 1)):
        yield Figure(f"… {name}, here", "", "ms", [a[place] * 1e3 for a in ours], True)
        yield Figure(f"… {name}, rs_merkle", "", "ms", [b[place] * 1e3 for b in theirs], True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Proofs of many leaves, beside rs_merkle.")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a promise is not kept")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    before = ts.get_threads()
    ts.set_threads(1)
    try:
        found = list(figures(arguments.rounds))
    finally:
        ts.set_threads(before)
    print(table(found))
    return int(arguments.check and not all(figure.kept for figure in found))


if __name__ == "__main__":
    sys.exit(main())
