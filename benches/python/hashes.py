"""One tree by one hash in three ways: a Python function, the same on whole arrays, a native plug-in.

    python benches/python/hashes.py [--log2 N] [--rounds N] [--plot FILE.svg]

The hash is SM3. The function is OpenSSL's, in `hashlib`; on arrays it is NumPy's operations, all rows of a
block side by side; the plug-in is `examples/plugin-cpp`, which has to be installed. The built-in SHA-256 is
beside them, and what calling the function in a loop costs. All roots of SM3 are compared. --plot needs
matplotlib.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tallystick as ts
from aims import beside

Words = npt.NDArray[np.uint32]

INITIAL = np.array(
    [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E],
    np.uint32,
)


def rotated(word: Words, by: int) -> Words:
    by %= 32
    return (word << np.uint32(by)) | (word >> np.uint32(32 - by)) if by else word


def compress(state: list[Words], block: Words) -> list[Words]:
    """One step of SM3, GB/T 32905-2016 §5.3, for all rows: eight words of state, sixteen of each block."""
    words = list(block)
    for at in range(16, 68):
        mixed = words[at - 16] ^ words[at - 9] ^ rotated(words[at - 3], 15)
        mixed = mixed ^ rotated(mixed, 15) ^ rotated(mixed, 23)
        words.append(mixed ^ rotated(words[at - 13], 7) ^ words[at - 6])
    a, b, c, d, e, f, g, h = state
    for at in range(64):
        constant = 0x79CC4519 if at < 16 else 0x7A879D8A
        turned = np.uint32((constant << at % 32 | constant >> (32 - at % 32)) & 0xFFFFFFFF)
        twelve = rotated(a, 12)
        first = rotated(twelve + e + turned, 7)
        if at < 16:
            choice, majority = a ^ b ^ c, e ^ f ^ g
        else:
            choice, majority = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
        one = choice + d + (first ^ twelve) + (words[at] ^ words[at + 4])
        two = majority + h + first + words[at]
        a, b, c, d = one, a, rotated(b, 9), c
        e, f, g, h = two ^ rotated(two, 9) ^ rotated(two, 17), e, rotated(f, 19), g
    return [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def sm3_rows(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The SM3 digests of an ``(n, width)`` array's rows."""
    count, width = rows.shape
    padded = np.zeros((count, (width + 9 + 63) // 64 * 64), np.uint8)
    padded[:, :width], padded[:, width] = rows, 0x80
    padded[:, -8:] = np.frombuffer((8 * width).to_bytes(8, "big"), np.uint8)
    # Words first, so that each is a row of its own.
    words = np.ascontiguousarray(padded.view(">u4").astype(np.uint32).T)
    state = [np.full(count, word, np.uint32) for word in INITIAL]
    for block in range(0, len(words), 16):
        state = compress(state, words[block : block + 16])
    return np.stack(state, axis=1).astype(">u4").view(np.uint8)


def sm3(message: bytes) -> bytes:
    return hashlib.new("sm3", message).digest()


def timed(call: Callable[[], object]) -> Callable[[], float]:
    def once() -> float:
        begin = time.perf_counter()
        call()
        return time.perf_counter() - begin

    return once


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log2", type=int, default=16, help="leaves, as a power of two")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    leaves = np.random.default_rng(1).integers(0, 256, (1 << options.log2, 32), dtype=np.uint8)
    messages = [b"\0" + row.tobytes() for row in leaves]
    messages += [b"\1" + bytes(64)] * (len(leaves) - 1)
    ways = {
        "a Python function": ts.hashes.from_callable("sm3", sm3, digest_size=32),
        "the same on arrays, many=": ts.hashes.from_callable("sm3", sm3, digest_size=32, many=sm3_rows),
        "a native plug-in": ts.hashes.get("sm3"),
        "built in: SHA-256": ts.hashes.SHA256,
    }
    schemes = {name: ts.schemes.rfc6962(own) for name, own in ways.items()}
    roots = {ts.MerkleTree(leaves, scheme=one).root for one in list(schemes.values())[:3]}
    if len(roots) != 1:
        raise SystemExit("the three ways give different roots")

    def loop() -> None:
        for message in messages:
            sm3(message)

    calls = [timed(loop)]
    calls += [timed(lambda one=one: ts.MerkleTree(leaves, scheme=one)) for one in schemes.values()]
    times = beside(options.rounds, *calls)
    # Hashes of a tree: one a leaf, one a node.
    middle = [statistics.median(each) / len(messages) * 1e9 for each in times]
    names = ["the function in a loop", *schemes]
    threads, rounds = ts.get_threads(), options.rounds
    print(f"2^{options.log2} leaves of 32 bytes, {threads} threads, medians of {rounds} rounds\n")
    print("| way | ns a hash | of the loop |\n|---|---:|---:|")
    for name, each in zip(names, middle, strict=True):
        print(f"| {name} | {each:,.0f} | {each / middle[0]:.3f} |")
    if options.plot:
        draw(names, middle, options.plot)


def draw(names: list[str], middle: list[float], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "tallystick", "svg.fonttype": "none", "font.size": 9})
    figure, axis = plt.subplots(figsize=(7.2, 2.4), layout="constrained")
    bars = axis.barh(names, middle, color=["#b0b0b0", *["#1f6f8b"] * (len(names) - 1)])
    axis.bar_label(bars, [f"{each:,.0f}" for each in middle], padding=3)
    axis.set_xscale("log")
    axis.set_xlabel("nanoseconds a hash of a tree, all threads (logarithmic)")
    axis.invert_yaxis()
    axis.margins(x=0.15)
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
