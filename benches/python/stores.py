"""Batches of 100,000 tiles into a store on disk, synced, and read back: FileStore beside SQLiteStore.

    python benches/python/stores.py [--tiles N] [--batches N] [--folder PATH]

Tiles have 300 to 5,000 random bytes. A batch is written and its head published. Then the store is opened
anew, and random tiles are read, 1,000 a call, from the system's cache. Of a plain file, the same bytes are
written and synced, as the bound. The stores' rounds alternate.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tallystick import protocols, stores

Make = Callable[[Path], "stores.FileStore | stores.SQLiteStore"]
MAKE: dict[str, Make] = {"FileStore": stores.FileStore, "SQLiteStore": stores.SQLiteStore}
PLAIN = "plain file"


def batch(number: int, tiles: int) -> list[tuple[str, bytes]]:
    chosen = random.Random(number)
    source = chosen.randbytes(1 << 20)
    made = []
    for tile in range(tiles):
        length, begin = chosen.randrange(300, 5001), chosen.randrange((1 << 20) - 5000)
        made.append((f"nodes/{number}/{tile:07x}", source[begin : begin + length]))
    return made


def seconds(call: Callable[..., object], *arguments: object) -> float:
    begin = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - begin


def write(store: protocols.Store, tiles: list[tuple[str, bytes]], number: int) -> None:
    store.write_tiles(tiles)
    expected = str(number - 1).encode() if number else None
    if not store.publish_head(str(number).encode(), expected=expected):
        raise SystemExit("another head")


def plain(path: Path, tiles: list[tuple[str, bytes]]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(tile for _, tile in tiles))
        file.flush()
        os.fdatasync(file.fileno())


def read(store: protocols.Store, calls: list[list[str]]) -> None:
    for names in calls:
        if None in store.read_tiles(names):
            raise SystemExit("a tile is not there")


def reopened(make: Make, path: Path, calls: list[list[str]]) -> str:
    """How long opening takes, and reading."""
    begin = time.perf_counter()
    with make(path) as store:
        opening = time.perf_counter() - begin
        each = seconds(read, store, calls) / sum(map(len, calls))
    return f", opened in {opening * 1e3:.0f} ms, read in {each * 1e6:.1f} µs a tile"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tiles", type=int, default=100_000)
    parser.add_argument("--batches", type=int, default=4)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    chosen, every = random.Random(1), asked.tiles * asked.batches
    calls = []
    for _ in range(50):
        places = chosen.sample(range(every), min(1000, every))
        calls.append([f"nodes/{place // asked.tiles}/{place % asked.tiles:07x}" for place in places])
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        paths = {name: Path(folder, name) for name in (*MAKE, PLAIN)}
        opened = {name: make(paths[name]) for name, make in MAKE.items()}
        times: dict[str, list[float]] = {name: [] for name in paths}
        for number in range(asked.batches):
            tiles = batch(number, asked.tiles)
            for name, store in opened.items():
                times[name].append(seconds(write, store, tiles, number))
            times[PLAIN].append(seconds(plain, paths[PLAIN], tiles))
        for store in opened.values():
            store.close()
        print(f"{asked.batches} batches of {asked.tiles:,} tiles, medians")
        for name, path in paths.items():
            line = f"{name:12} {statistics.median(times[name]):7.2f} s a batch, {path.stat().st_size:,} bytes"
            print(line + (reopened(MAKE[name], path, calls) if name in MAKE else ""))


if __name__ == "__main__":
    main()
