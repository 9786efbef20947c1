"""The file of BitMEX and River: written and every node verified, beside the same algorithm in plain Python.

    python benches/python/published.py [--accounts N] [--plain N] [--rounds N] [--folder DIR]

The library writes and verifies a file of N accounts, each balance in two leaves at least. Plain Python,
with hashlib and hmac alone, does the same for a smaller number, within the same run; its seconds are scaled
by the number of leaves. Every figure is the median of the rounds. Writing includes bringing the file to the
disk; how long that takes alone is a line of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import os
import random
import resource
import statistics
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tallystick as ts
from tallystick.liabilities.published import bitmex

HEIGHT = 800_000


def seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def plain_leaves(amounts: list[int], leaves: int) -> list[tuple[int, int]]:
    """Owner and amount of each leaf: every balance in two, then more by chance, in an order by chance."""
    chance = random.SystemRandom()
    parts = [[amount] for amount in amounts]
    open_leaves = leaves - len(parts)
    order = [place for place in range(len(parts)) if amounts[place] > 1]
    while open_leaves:
        place = order[(leaves - open_leaves) % len(order)]
        largest = max(parts[place])
        if largest > 1:
            parts[place].remove(largest)
            first = chance.randrange(1, largest)
            parts[place] += [first, largest - first]
        open_leaves -= 1
    found = [(place, amount) for place, own in enumerate(parts) for amount in own]
    chance.shuffle(found)
    return found


def plain_write(path: Path, accounts: list[int], amounts: list[int]) -> int:
    """Writes a file; how many leaves it has."""
    nonces = [os.urandom(32) for _ in accounts]
    leaves = 1 << (2 * len(accounts) - 1).bit_length()
    row = []
    for index, (place, amount) in enumerate(plain_leaves(amounts, leaves)):
        key = hashlib.sha256(nonces[place] + struct.pack("<QQ", HEIGHT, accounts[place])).digest()
        row.append((hmac.digest(key, struct.pack("<QQ", amount, index), "sha256"), amount))
    rows = [row]
    while len(row) > 1:
        row = [plain_parent(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        rows.append(row)
    with path.open("w") as file:
        file.write(f"block_height:{HEIGHT}\n")
        for level in reversed(rows):
            file.writelines(f"{digest.hex()},{amount}\n" for digest, amount in level)
        file.flush()
        os.fsync(file.fileno())
    return leaves


def plain_parent(left: tuple[bytes, int], right: tuple[bytes, int]) -> tuple[bytes, int]:
    (left_hash, left_amount), (right_hash, right_amount) = left, right
    preimage = b"".join(
        (left_hash, struct.pack("<Q", left_amount), right_hash, struct.pack("<Q", right_amount))
    )
    return hashlib.sha256(preimage).digest(), left_amount + right_amount


def plain_verify(path: Path) -> int:
    """Verifies every node; how many there are."""
    with path.open() as file:
        assert file.readline().startswith("block_height:")
        nodes = []
        for line in file:
            digest, amount = line.split(",")
            nodes.append((bytes.fromhex(digest), int(amount)))
    for at in range(len(nodes) // 2):
        assert nodes[at] == plain_parent(nodes[2 * at + 1], nodes[2 * at + 2])
    return len(nodes)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--plain", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    accounts = np.arange(options.accounts, dtype=np.uint64)
    amounts = rng.integers(1, 10**9, options.accounts).astype(np.uint64)
    few = accounts[: options.plain].tolist(), amounts[: options.plain].tolist()
    times: dict[str, list[float]] = {
        name: [] for name in ("write", "sync", "verify", "account", "plain write", "plain verify")
    }
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path, small = Path(folder) / "file.txt", Path(folder) / "plain.txt"
        leaves = plain = 0
        for _ in range(options.rounds):
            begin = time.perf_counter()
            written = bitmex.write(path, accounts, amounts, block_height=HEIGHT, overwrite=True)
            times["write"].append(time.perf_counter() - begin)
            leaves = written.leaves
            root, total = written.root, written.total
            times["verify"].append(
                seconds(lambda root=root, total=total: bitmex.verify(path, root=root, total=total))
            )
            who = {"root": root, "total": total, "account": 5, "nonce": bytes(written.nonces[5])}
            times["account"].append(seconds(lambda who=who: bitmex.verify_account(path, **who)))
            content = path.read_bytes()
            times["sync"].append(seconds(lambda content=content: plain_copy(Path(folder) / "copy", content)))
            del content, written
            begin = time.perf_counter()
            plain = plain_write(small, *few)
            times["plain write"].append(time.perf_counter() - begin)
            times["plain verify"].append(seconds(lambda: plain_verify(small)))
        size = path.stat().st_size
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    scale = leaves / plain
    median = {name: statistics.median(values) for name, values in times.items()}
    print(f"{options.accounts} accounts, {leaves} leaves, {size / 1e6:.0f} MB, {ts.get_threads()} threads")
    print(f"peak memory of this process, the copy below among it: {peak} MiB")
    for name, what in (
        ("write", "written, synced"),
        ("sync", "  the same bytes, written and synced alone"),
        ("verify", "every node verified"),
        ("account", "every node verified, an account's leaves added up"),
    ):
        spread = f"{min(times[name]):.2f} to {max(times[name]):.2f}"
        print(f"{what:52} {median[name]:8.2f} s   ({spread})")
    print(f"plain Python: {options.plain} accounts, {plain} leaves; times {scale:.0f} for the file above")
    for name, ours in (("plain write", "write"), ("plain verify", "verify")):
        scaled = median[name] * scale
        print(f"{name:52} {median[name]:8.2f} s -> {scaled:7.2f} s, {scaled / median[ours]:6.1f} times ours")


def plain_copy(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


if __name__ == "__main__":
    main()
