"""A sparse tree in a store: keys loaded in batches, each published and synced, then batches replaced.

The native store beside SQLite, in one run. Prints keys a second, bytes of the file a key, and the batch that
took longest. The native file only grows: it is compacted when it is three times as long as after the last
time, and that is part of the time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import tallystick as ts
from tallystick import stores

STORES = {"native": stores.FileStore, "sqlite": stores.SQLiteStore}


def batch(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.integers(0, 256, (count, 32), dtype=np.uint8)


def bytes_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def measure(kind: str, keys: int, size: int, changes: int) -> None:
    """Load ``keys`` in batches of ``size``, then replace values of ``changes`` batches."""
    rng = np.random.default_rng(1)
    values = np.arange(size * 32, dtype=np.uint8).reshape(size, 32)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        store = STORES[kind](folder / "tree")
        tree = ts.SparseTree(store=store)
        known, took, compacted, whole = [], [], 0.0, 64 << 20
        for place in range(keys // size):
            fresh = batch(rng, size)
            if place < changes:
                known.append(fresh)
            begun = time.perf_counter()
            tree.update(fresh, values)
            took.append(time.perf_counter() - begun)
            if kind == "native" and bytes_of(folder) > 3 * whole:
                begun = time.perf_counter()
                store.compact()
                compacted += time.perf_counter() - begun
                whole = bytes_of(folder)
        loaded = sum(took) + compacted
        last = took[-10:]
        print(
            f"{kind:<8} load {keys:>10,} in batches of {size:,}: {keys / loaded:>9,.0f} keys/s "
            f"({compacted:.1f} s of {loaded:.1f} s compacting), the last {len(last)} at "
            f"{len(last) * size / sum(last):>9,.0f} keys/s, slowest {max(took):.2f} s, "
            f"{bytes_of(folder) / keys:,.0f} bytes a key on disk, {tree.nbytes / keys:,.0f} in memory"
        )
        if kind == "native":
            begun = time.perf_counter()
            store.compact()
            print(
                f"{kind:<8} compact: {time.perf_counter() - begun:.1f} s, then "
                f"{bytes_of(folder) / keys:,.0f} bytes a key"
            )
        begun = time.perf_counter()
        for some in known:
            tree.update(some, values[::-1].copy())
        replaced = time.perf_counter() - begun
        print(f"{kind:<8} replace {changes} batches: {changes * size / replaced:>9,.0f} keys/s")
        begun = time.perf_counter()
        again = ts.SparseTree.open(store, keep=1)
        again.prove(known[0][0].tobytes())
        print(f"{kind:<8} open and prove one key: {(time.perf_counter() - begun) * 1e3:.1f} ms")
        assert again.root == tree.root
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=5)
    parser.add_argument("--only", choices=STORES, action="append")
    given = parser.parse_args()
    ts.set_threads(1)
    for kind in given.only or STORES:
        measure(kind, given.keys, given.batch, given.changes)


if __name__ == "__main__":
    main()
