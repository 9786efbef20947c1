"""What a snapshot of an exchange costs, each figure from a process of its own.

    python benches/python/liabilities.py [--users N] [--folder DIR] [--large] [--json FILE]

Seconds are those of the clock on the wall, memory is what the process had at most beyond what it had with the
table in hand. Beside the snapshot, in the same run: a sum tree in plain Python with hashlib, and the way of
the BitMEX generator in plain Python, both written for this program, with no more than they need. With --large
also 10^7 customers by 20 assets from a Parquet file, which takes some minutes and 10 GB of disk.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import secrets
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tallystick as ts
from tallystick import liabilities

ASSETS = {f"A{number:02}": 8 for number in range(20)}
ABOUT: dict[str, Any] = {
    "id": "user",
    "origin": "exchange.example",
    "snapshot_id": "bench",
    "secret": bytes(32),
}
Figures = dict[str, float]


def memory(what: str) -> int:
    """A line of the process's status, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what + ":"))


def measured(call: Callable[[], object]) -> tuple[Any, Figures]:
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # The peak counts from here.
    begin = time.perf_counter()
    result = call()
    took = time.perf_counter() - begin
    return result, {"seconds": took, "megabytes": (memory("VmHWM") - before) / 1e6}


def ids(first: int, users: int) -> pa.Array:
    return pa.array([f"user-{number:09}" for number in range(first, first + users)])


def one_asset(users: int) -> pa.Table:
    amounts = np.random.default_rng(1).integers(1, 10**12, users)
    return pa.table({"user": ids(0, users), "BTC": amounts})


def wide(first: int, users: int) -> pa.Table:
    """Twenty assets, of which each customer has three on average."""
    chance = np.random.default_rng([2, first])
    columns: dict[str, pa.Array] = {"user": ids(first, users)}
    for code in ASSETS:
        held = chance.random(users) < 3 / len(ASSETS)
        columns[code] = pa.array(np.where(held, chance.integers(1, 10**12, users), 0))
    return pa.table(columns)


def single(users: int, _: Path) -> Figures:
    table = one_asset(users)
    return measured(lambda: liabilities.commit(table, assets={"BTC": 8}, **ABOUT))[1]


def sum_tree(users: int, _: Path) -> Figures:
    """The tree alone: rows of 32 bytes with amounts, from arrays."""
    chance = np.random.default_rng(1)
    leaves = chance.integers(0, 256, (users, 32), dtype=np.uint8)
    amounts = chance.integers(1, 10**12, users)
    return measured(lambda: ts.SumTree(leaves, amounts).head)[1]


def many(users: int, _: Path) -> Figures:
    table = wide(0, users)
    return measured(lambda: liabilities.commit(table, assets=ASSETS, **ABOUT))[1]


def many_in_files(users: int, folder: Path) -> Figures:
    table = wide(0, users)
    return measured(lambda: liabilities.commit(table, assets=ASSETS, path=folder / "snapshot", **ABOUT))[1]


def receipts(users: int, _: Path) -> Figures:
    """Encoded in chunks, of customers with three holdings each."""
    chance = np.random.default_rng(3)
    columns = {code: chance.integers(1, 10**12, users) for code in ("A", "B", "C")}
    table = pa.table({"user": ids(0, users), **columns})
    snapshot = liabilities.commit(table, assets=dict.fromkeys("ABC", 8), **ABOUT)
    count, figures = measured(lambda: sum(len(chunk) for chunk in snapshot.encoded_receipts()))
    return figures | {"a second": count / figures["seconds"]}


def written(path: Path, size: int) -> float:
    """Seconds for so many bytes in one file, synced."""
    block = np.random.default_rng(4).bytes(8 << 20)
    begin = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    took = time.perf_counter() - begin
    path.unlink()
    return took


def export(users: int, folder: Path) -> Figures:
    """All receipts into files, and as many bytes written to one, before and after."""
    snapshot = liabilities.commit(wide(0, users), assets=ASSETS, **ABOUT)
    size = sum(chunk.data.nbytes for chunk in snapshot.encoded_receipts())
    plain = written(folder / "plain", size)
    _, figures = measured(lambda: snapshot.export(folder / "receipts"))
    plain = (plain + written(folder / "plain", size)) / 2
    return figures | {"gigabytes": size / 1e9, "of a plain write": plain / figures["seconds"]}


def verify(users: int, _: Path) -> Figures:
    """A receipt of three assets."""
    columns = {code: np.arange(1, users + 1) for code in ("A", "B", "C")}
    table = pa.table({"user": ids(0, users), **columns})
    snapshot = liabilities.commit(table, assets=dict.fromkeys("ABC", 8), **ABOUT)
    statement, user = snapshot.statement, f"user-{users // 2:09}"
    receipt = snapshot.receipt(user)
    expected = statement.verify(receipt, user)
    calls = 5000
    _, figures = measured(lambda: [statement.verify(receipt, user, expected) for _ in range(calls)])
    return {"microseconds": figures["seconds"] / calls * 1e6, "bytes": float(len(receipt.to_bytes()))}


def plain_tree(users: int, _: Path) -> Figures:
    """A sum tree of one asset in plain Python: each node binds both sums."""
    table = one_asset(users)
    names, amounts = table["user"].to_pylist(), table["BTC"].to_pylist()
    pack = struct.Struct("<Q").pack

    def build() -> bytes:
        sha256 = hashlib.sha256
        level = [
            (sha256(secrets.token_bytes(16) + pack(amount) + name.encode()).digest(), amount)
            for name, amount in zip(names, amounts, strict=True)
        ]
        while len(level) > 1:
            odd = [level[-1]] if len(level) % 2 else []
            level = [
                (sha256(left + pack(left_sum) + right + pack(right_sum)).digest(), left_sum + right_sum)
                for (left, left_sum), (right, right_sum) in zip(level[::2], level[1::2], strict=False)
            ] + odd
        return level[0][0]

    return measured(build)[1]


def plain_bitmex(users: int, folder: Path) -> Figures:
    """The BitMEX generator: split, shuffle, pad, HMAC each leaf, and print the whole tree."""
    table = one_asset(users)
    amounts = table["BTC"].to_pylist()

    def build() -> None:
        chance = secrets.SystemRandom()
        nonces = [secrets.token_bytes(32) for _ in amounts]
        leaves = []
        for account, amount in enumerate(amounts):
            part = chance.randrange(amount + 1)
            leaves += [(account, part), (account, amount - part)]
        chance.shuffle(leaves)
        width = 1 << (len(leaves) - 1).bit_length()
        leaves += [(-1, 0)] * (width - len(leaves))
        level = []
        for index, (account, amount) in enumerate(leaves):
            nonce = nonces[account] if account >= 0 else bytes(32)
            key = hashlib.sha256(nonce + struct.pack("<QQ", 1, max(account, 0))).digest()
            level.append((hmac.digest(key, struct.pack("<QQ", amount, index), "sha256"), amount))
        levels = [level]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [
                (hashlib.sha256(a + struct.pack("<Q", x) + b + struct.pack("<Q", y)).digest(), x + y)
                for (a, x), (b, y) in pairs
            ]
            levels.append(level)
        with (folder / "liabilities.txt").open("w") as file:
            file.write("block_height:1\n")
            for row in reversed(levels):
                file.writelines(f"{digest.hex()},{amount}\n" for digest, amount in row)

    return measured(build)[1]


def large(_: int, folder: Path) -> Figures:
    """10^7 customers by 20 assets, read from Parquet batch by batch into the files of a snapshot."""
    path, batch = folder / "holdings.parquet", 500_000
    if not path.exists():
        first = wide(0, batch)
        with pq.ParquetWriter(path, first.schema) as writer:
            for begin in range(0, 10**7, batch):
                writer.write_table(wide(begin, batch))
    file = pq.ParquetFile(path)
    reader = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(65_536))
    snapshot, figures = measured(
        lambda: liabilities.commit(reader, assets=ASSETS, path=folder / "snapshot", **ABOUT)
    )
    statement, user = snapshot.statement, "user-005000000"
    receipt = snapshot.receipt(user)
    statement.verify(receipt, user)
    leaves = sum(asset.leaves for asset in statement.assets.values())
    return figures | {"holdings": float(leaves)}


MEASURES = (single, sum_tree, many, many_in_files, receipts, export, verify, plain_tree, plain_bitmex)


def in_own_process(name: str, users: int, folder: Path) -> Figures:
    command = [sys.executable, __file__, "--one", name, "--users", str(users), "--folder", str(folder)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: Figures = json.loads(found)
    print(f"{name:14}", "  ".join(f"{value:,.3f} {unit}" for unit, value in figures.items()), flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="What a snapshot of an exchange costs.")
    parser.add_argument("--users", type=int, default=10**6)
    parser.add_argument("--folder", type=Path, help="where files go (default: a temporary one)")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        if arguments.one:
            print(json.dumps(globals()[arguments.one](arguments.users, folder)))
            return
        shutil.rmtree(folder / "snapshot", ignore_errors=True)
        print(f"{arguments.users:,} customers, {ts.get_threads()} threads, {ts.get_simd()}")
        measures = (*MEASURES, large) if arguments.large else MEASURES
        found = {one.__name__: in_own_process(one.__name__, arguments.users, folder) for one in measures}
        for plain in ("plain_tree", "plain_bitmex"):
            for ours, what in (("single", "the snapshot of one asset"), ("sum_tree", "its tree alone")):
                ratio = found[plain]["seconds"] / found[ours]["seconds"]
                print(f"{plain} takes {ratio:.1f} times as long as {what}")
        if arguments.json:
            arguments.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
