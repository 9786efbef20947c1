"""Vector instructions: one root for every level, forced by the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import tallystick as ts

LEVELS = ("portable", "sse", "avx2", "avx512")

# Prints the level and, for every hash and family, what each kind of call gives; no count fills all lanes.
CHILD = """
import json, numpy as np, tallystick as ts
rows = np.random.default_rng(7).integers(0, 256, (5003, 32), dtype=np.uint8)
ragged = [bytes(rows[place])[: place % 33] * 5 for place in range(1009)]
found = {}
for name in ts.hashes.names():
    hash = ts.hashes.get(name)
    found[name] = [hash.digest_many(data).tobytes().hex()[-64:] for data in (rows, ragged)]
    if not hash.cryptographic:
        continue
    for scheme in (ts.schemes.native(hash), ts.schemes.rfc6962(hash)):
        tree = ts.MerkleTree(rows, scheme=scheme)
        tree.extend(ragged)
        tree.update(range(0, 5000, 3), rows[: len(range(0, 5000, 3))])
        some = list(range(5003, 6000, 7))
        claimed = [ragged[place - 5003] for place in some]
        tree.head.verify_each(some, claimed, tree.prove_each(some))
        tree.head.verify_many(some, claimed, tree.prove_many(some))
        found[scheme.name] = tree.root.hex()
print(json.dumps([ts.get_simd(), found]))
"""


def run(level: str | None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "TALLYSTICK_SIMD"}
    if level is not None:
        environment["TALLYSTICK_SIMD"] = level
    return subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, check=False
    )


def test_one_root_for_every_level() -> None:
    results = {}
    for level in (*LEVELS, None):
        done = run(level)
        assert done.returncode == 0, done.stderr
        results[level] = json.loads(done.stdout)
    best = results[None][0]
    for level in LEVELS:
        # A level above the processor's is that of the processor.
        assert results[level][0] == min(level, best, key=LEVELS.index)
    assert all(found == results[None][1] for _, found in results.values())


@pytest.mark.parametrize("level", ["AVX2", "sse4", "none"])
def test_a_level_that_does_not_exist(level: str) -> None:
    done = run(level)
    assert done.returncode == 1
    assert "ValueError: TALLYSTICK_SIMD must be portable, sse, avx2 or avx512" in done.stderr


def test_an_empty_variable_is_no_limit() -> None:
    assert run("").stdout == run(None).stdout


def test_this_process() -> None:
    assert ts.get_simd() in LEVELS
