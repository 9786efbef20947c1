"""``tallystick commit`` of a Parquet file: what takes how long, beside the same leaves from an array.

Run: ``python benches/python/commit.py [--log2-rows 24] [--runs 3] [--directory .]``.

The command runs as a process of its own and reports its seconds: reading the table, encoding its rows, the
tree (leaf hashing, nodes and the tree file), the key index, the other files. All rows have one length here,
so that the same leaves also make an array; ``build_file`` gets it in chunks as large as the command's.
Leaf hashing, nodes and writing are told apart by leaving out one after another. Writing is most of the
tree and depends on what else the disk has to do; a directory on tmpfs leaves the disk out.
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
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tallystick as ts
from tallystick.cli.tables import CHUNK_ROWS

GROUP = 1 << 20


def table_of(rows: int) -> pa.Table:
    """Ids of nine digits and balances of twelve, so that all rows are encoded in as many bytes."""
    balances = np.random.default_rng(4).integers(10**11, 10**12, rows)
    return pa.table({"id": np.arange(10**8, 10**8 + rows), "balance": balances})


def leaves_of(path: Path) -> np.ndarray:
    parts = []
    for batch in pq.ParquetFile(path).iter_batches(GROUP):
        encoded = ts.encode_rows(batch)
        data = pa.array(encoded).buffers()[2]
        parts.append(np.frombuffer(data, np.uint8).reshape(len(encoded), -1))
    return np.concatenate(parts)


def command(path: Path, folder: Path) -> dict[str, float]:
    words = [sys.executable, "-m", "tallystick.cli", "commit", str(path), "-o", str(folder / "commitment")]
    words += ["--key-column", "id", "--json"]
    begin = time.perf_counter()
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    seconds: dict[str, float] = json.loads(done.stdout)["seconds"]
    return {
        "the command": time.perf_counter() - begin,
        **{f"… {what}": taken for what, taken in seconds.items()},
    }


def timed(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def hash_leaves(leaves: np.ndarray) -> None:
    # In pieces whose digests need no fresh memory.
    for begin in range(0, len(leaves), 1 << 16):
        ts.hashes.BLAKE3.digest_many(leaves[begin : begin + (1 << 16)])


def array_build(leaves: np.ndarray, folder: Path) -> dict[str, float]:
    path = folder / "array.tally"
    chunks = (leaves[begin : begin + CHUNK_ROWS] for begin in range(0, len(leaves), CHUNK_ROWS))
    whole = timed(lambda: ts.build_file(path, chunks))
    memory = timed(lambda: ts.MerkleTree(leaves))
    hashing = timed(lambda: hash_leaves(leaves))
    return {
        "build_file of the array": whole,
        "… leaf hashing": hashing,
        "… nodes": memory - hashing,
        "… writing": whole - memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log2-rows", type=int, default=24)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--directory", type=Path, default=Path())
    options = parser.parse_args()
    runs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        folder = Path(name)
        path = folder / "table.parquet"
        pq.write_table(table_of(1 << options.log2_rows), path, row_group_size=GROUP)
        leaves = leaves_of(path)
        # The tree in memory is to cost its hashing: the memory of the first one serves the others.
        ts.set_arena(4 * 32 * len(leaves))
        ts.MerkleTree(leaves)
        # Writing costs less in memory that a file has just left: each side begins behind one, the first one
        # behind this, and they take turns at going first.
        into = folder / "written"
        into.mkdir()
        array_build(leaves, into)
        sides = [lambda: command(path, into), lambda: array_build(leaves, into)]
        for number in range(options.runs):
            run: dict[str, float] = {}
            for side in sides if number % 2 == 0 else reversed(sides):
                shutil.rmtree(into)
                into.mkdir()
                run |= side()
            run["tree, to the array's build_file"] = run["… tree"] / run["build_file of the array"]
            runs.append(run)
    width, threads = leaves.shape[1], ts.get_threads()
    print(f"2^{options.log2_rows} rows of {width} bytes encoded, {threads} threads, {len(runs)} runs")
    # The command runs first in the first run, which gives the lines their order.
    for what in runs[0]:
        values = [run[what] for run in runs]
        unit = "times" if what.startswith("tree,") else "s"
        median = statistics.median(values)
        print(f"{what:34} {median:8.3f} {unit:5} ({min(values):.3f} to {max(values):.3f})")


if __name__ == "__main__":
    main()
