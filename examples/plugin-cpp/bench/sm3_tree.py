"""A tree of 2^20 leaves by the SM3 plug-in, beside bare C++ loops over the same kernel: two threads each.

    cmake -S . -B build/bench -DBENCH=ON && cmake --build build/bench
    python bench/sm3_tree.py [--log2 N] [--rounds N] [--check]

The rounds alternate; the median of the ratios counts. With --check the exit code is 1 above 1.10.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tallystick as ts

LOOP = Path(__file__).resolve().parents[1] / "build" / "bench" / "sm3_loop"
ALLOWED = 1.10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log2", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    leaves = np.random.default_rng(1).integers(0, 256, (1 << options.log2, 32), dtype=np.uint8)
    scheme = ts.schemes.rfc6962(ts.hashes.get("sm3"))
    ts.set_threads(2)
    with tempfile.NamedTemporaryFile() as file:
        leaves.tofile(file.name)
        running = subprocess.Popen(
            [LOOP, file.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert running.stdin is not None
        assert running.stdout is not None
        bare, tree = [], []
        # The first round warms both up.
        for _ in range(options.rounds + 1):
            running.stdin.write("\n")
            running.stdin.flush()
            seconds, root = running.stdout.readline().split()
            bare.append(float(seconds))
            begin = time.perf_counter()
            built = ts.MerkleTree(leaves, scheme=scheme)
            tree.append(time.perf_counter() - begin)
            if built.root.hex() != root:
                sys.exit("the roots differ")
            del built
        running.stdin.close()
        running.wait()
    ratios = [ours / theirs for ours, theirs in zip(tree[1:], bare[1:], strict=True)]
    ratio = statistics.median(ratios)
    hashes = 2 * len(leaves) - 1
    for name, times in (("bare loop", bare), ("tree", tree)):
        middle = statistics.median(times[1:])
        print(f"{name}: {middle * 1000:.1f} ms, {middle / hashes * 1e9:.1f} ns a hash")
    print(f"ratio {ratio:.3f}, from {min(ratios):.3f} to {max(ratios):.3f}; at most {ALLOWED} is asked")
    sys.exit(options.check and ratio > ALLOWED)


if __name__ == "__main__":
    main()
