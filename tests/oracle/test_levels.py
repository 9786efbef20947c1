"""Each level of vector instructions gives the twin's roots: all schemes and hashes, many sizes and widths."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from tests.oracle.prefixes import Prefixes
from tests.reference.schemes import ALL_SCHEMES
from tests.support import run_python

LEVELS = ("portable", "sse", "avx2", "avx512")

# Around the groups of all kernels, whose rows are up to 32 at once, alone and with rows left over.
SIZES = (0, 1, 2, 3, 5, 8, 11, 16, 21, 32, 47, 64, 131, 300)
# Around the blocks of all hashes, with what is put before a leaf and with what a hash puts behind it.
WIDTHS = (1, 31, 32, 33, 54, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 135, 136, 137, 200, 1024, 1025)
RAGGED = 0
"""In place of a width: leaves of 0 to 100 bytes."""

# What a process of one level runs. Its `rows` are those below.
CHILD = """
import json, sys
import numpy as np, tallystick as ts
schemes, widths, sizes = json.loads(sys.stdin.read())
def rows(width, count):
    if width == 0:
        return [bytes(range(index * 37 % 101)) for index in range(count)]
    return (np.arange(count * width) * 31 % 251).astype(np.uint8).reshape(count, width)
roots = {}
for name in schemes:
    scheme = ts.schemes.get(name)
    for width in widths:
        data = rows(width, sizes[-1])
        roots[f"{name} {width}"] = [ts.MerkleTree(data[:size], scheme=scheme).root.hex() for size in sizes]
print(json.dumps([ts.get_simd(), roots]))
"""


def rows(width: int) -> list[bytes]:
    if width == RAGGED:
        return [bytes(range(index * 37 % 101)) for index in range(SIZES[-1])]
    data = (np.arange(SIZES[-1] * width) * 31 % 251).astype(np.uint8).reshape(-1, width)
    return [row.tobytes() for row in data]


@cache
def expected() -> dict[str, list[str]]:
    roots = {}
    for width in (RAGGED, *WIDTHS):
        data = rows(width)
        for scheme in ALL_SCHEMES:
            twin = Prefixes(scheme, data)
            roots[f"{scheme.name} {width}"] = [twin.head(size).root.hex() for size in SIZES]
    return roots


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_the_twins_roots(level: str) -> None:
    told = json.dumps([[scheme.name for scheme in ALL_SCHEMES], [RAGGED, *WIDTHS], SIZES])
    done = run_python(CHILD, input=told, env={"TALLYSTICK_SIMD": level})
    assert done.returncode == 0, done.stderr
    used, roots = json.loads(done.stdout)
    if used != level:
        pytest.skip(f"this machine has no {level}")
    assert roots == expected()
