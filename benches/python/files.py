"""Builds a tree file from leaves that are never all in memory, beside a plain write of as many bytes.

Run: ``python benches/python/files.py [--log2-leaves 24] [--chunk 1048576] [--lowest 0]``.

Prints seconds, bytes a second, the ratio of the two within this run, and the largest anonymous memory of
the process. Leaves are made on the way, so their cost is shown apart.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tallystick as ts

WIDTH = 32


def leaves_of(begin: int, end: int) -> np.ndarray:
    """Leaves that differ: 32 bytes, of which the first eight are the index."""
    rows = np.full((end - begin, WIDTH // 8), 7, dtype="<u8")
    rows[:, 0] = np.arange(begin, end)
    return rows.view(np.uint8)


class Chunks:
    """The leaves in chunks, and how long making them took."""

    def __init__(self, count: int, chunk: int) -> None:
        self.count, self.chunk, self.seconds = count, chunk, 0.0

    def __iter__(self) -> Iterator[np.ndarray]:
        for begin in range(0, self.count, self.chunk):
            start = time.perf_counter()
            rows = leaves_of(begin, min(self.count, begin + self.chunk))
            self.seconds += time.perf_counter() - start
            yield rows


class Memory(threading.Thread):
    """The largest RssAnon, looked at every ten milliseconds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.over = 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.01):
            self.peak = max(self.peak, anonymous())


def anonymous() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) * 1024


def plain_write(path: Path, length: int) -> float:
    """Seconds for as many bytes, sequentially, then fsync."""
    block = os.urandom(8 << 20)
    start = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        written = 0
        while written < length:
            written += file.write(block[: length - written])
        os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    path.unlink()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log2-leaves", type=int, default=24)
    parser.add_argument("--chunk", type=int, default=1 << 20)
    parser.add_argument("--lowest", type=int, default=0)
    parser.add_argument("--directory", type=Path, default=Path())
    options = parser.parse_args()
    count = 1 << options.log2_leaves
    with tempfile.TemporaryDirectory(dir=options.directory) as folder:
        path, chunks, memory = Path(folder) / "leaves.tally", Chunks(count, options.chunk), Memory()
        before = anonymous()
        memory.start()
        start = time.perf_counter()
        tree = ts.build_file(path, chunks, lowest=options.lowest)
        seconds = time.perf_counter() - start
        memory.over.set()
        length = path.stat().st_size
        plain = min(plain_write(Path(folder) / "plain", length) for _ in range(2))
        print(
            f"leaves           2^{options.log2_leaves} of {WIDTH} bytes, rows from level {options.lowest} up"
        )
        print(f"file             {length:,} bytes")
        print(f"build_file       {seconds:.2f} s, of which {chunks.seconds:.2f} s making leaves")
        print(f"                 {length / seconds / 1e6:,.0f} MB/s of file")
        print(f"plain write      {plain:.2f} s, {length / plain / 1e6:,.0f} MB/s, the better of two")
        print(f"rate             {plain / seconds:.0%} of a plain write and fsync")
        print(f"peak RssAnon     {memory.peak / 1e6:,.0f} MB, {before / 1e6:,.0f} MB before")
        if options.lowest:
            tree = ts.MerkleTree.open(path, leaves=leaves_of(0, count))
        indices = np.random.default_rng(1).choice(count, 1000, replace=False)
        indices.sort()
        claimed = np.concatenate([leaves_of(int(index), int(index) + 1) for index in indices])
        start = time.perf_counter()
        proofs = tree.prove_each(indices)
        proving = time.perf_counter() - start
        tree.head.verify_each(indices, claimed, proofs)
        print(f"proofs           1,000 made in {proving * 1e3:.1f} ms and verified")


if __name__ == "__main__":
    main()
