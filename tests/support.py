"""The twin's objects as the library's, and the leaves that tests share. No tests, no assertions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import tallystick as ts

from tests.reference.objects import Head, InclusionProof
from tests.reference.schemes import ALL_SCHEMES, Scheme

each_scheme = pytest.mark.parametrize("twin", ALL_SCHEMES, ids=lambda scheme: scheme.name)
"""A test for every hash, of `native` and `rfc6962`; it takes the twin's scheme as ``twin``."""


DENSE = tuple(scheme.name for scheme in ALL_SCHEMES)
"""The names of the schemes of dense trees that hash leaves of any length and grow."""


def scheme_of(twin: Scheme) -> ts.Scheme:
    scheme = ts.schemes.get(twin.name)
    return scheme.with_context(twin.context) if twin.context else scheme


def head_of(twin: Head) -> ts.TreeHead:
    return ts.TreeHead(scheme_of(twin.scheme), twin.size, twin.root)


def proof_of(twin: InclusionProof) -> ts.InclusionProof:
    return ts.InclusionProof(list(twin.digests), digest_size=twin.digest_size)


HasDigests = (
    ts.InclusionProof
    | ts.MultiProof
    | ts.ConsistencyProof
    | ts.Shard
    | ts.SumInclusionProof
    | ts.SumMultiProof
    | ts.SumShard
)


def digests_of(value: HasDigests) -> tuple[bytes, ...]:
    return tuple(row.tobytes() for row in value.digests)


def array(count: int, width: int = 32, *, seed: int = 0) -> np.ndarray:
    """Random leaves of one width."""
    return np.random.default_rng([seed, count, width]).integers(0, 256, (count, width), dtype=np.uint8)


def rows(count: int, *, seed: int = 0) -> list[bytes]:
    """Random leaves of 0 to 99 bytes."""
    random = np.random.default_rng([seed, count])
    return [random.bytes(int(length)) for length in random.integers(0, 100, count)]


def flipped(data: bytes, bit: int) -> bytes:
    """``data`` with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def all_flips(data: bytes) -> Iterator[bytes]:
    return (flipped(data, bit) for bit in range(8 * len(data)))


def run_python(
    code: str,
    *arguments: object,
    env: dict[str, str] | None = None,
    input: str = "",  # noqa: A002 - as subprocess has it
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a fresh interpreter; warnings are errors there too."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        env={**os.environ, **(env or {})},
        input=input,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def state(tree: ts.MerkleTree) -> tuple[ts.TreeHead, int, bytes]:
    """What a refused call must not change."""
    return tree.head, len(tree), ts.hazmat.leaf_digests(tree).tobytes()


def built(leaves: Sequence[bytes], **options: ts.Scheme) -> ts.MerkleTree:
    return ts.MerkleTree(list(leaves), **options)
