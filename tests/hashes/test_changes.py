"""Changes: the rows that differ, against a loop over both tables."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tallystick as ts
from hypothesis import given
from hypothesis import strategies as st
from tallystick import changes

from tests.reference.samples import pattern


def by_hand(old: list[bytes], new: list[bytes]) -> list[int]:
    both = range(max(len(old), len(new)))
    return [at for at in both if old[at : at + 1] != new[at : at + 1]]


def table(size: int) -> list[bytes]:
    return [pattern(row % 50) + row.to_bytes(4, "big") for row in range(size)]


@given(
    st.sampled_from([0, 1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 4097]),
    st.sampled_from([0, 1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 4097]),
    st.lists(st.integers(0, 4096), max_size=20),
)
def test_differences_are_those_of_a_loop(old_size: int, new_size: int, places: list[int]) -> None:
    old, new = table(old_size), table(new_size)
    for place in places:
        if place < new_size:
            new[place] += b"!"
    found = changes.differences(old, new)
    assert found.dtype == np.uint64
    assert found.tolist() == by_hand(old, new)
    assert changes.differences(new, old).tolist() == found.tolist()


def test_one_bit_anywhere_in_a_large_table() -> None:
    rows: npt.NDArray[np.uint8] = np.zeros((1 << 18, 40), np.uint8)
    before = changes.Fingerprint(rows)
    random = np.random.default_rng(5)
    for place, column, bit in zip(
        random.integers(0, 1 << 18, 30), random.integers(0, 40, 30), random.integers(0, 8, 30), strict=True
    ):
        rows[place, column] ^= 1 << bit
        after = changes.Fingerprint(rows)
        assert after.differences(before).tolist() == [place]
        assert after.digest != before.digest
        rows[place, column] ^= 1 << bit
    assert changes.Fingerprint(rows).digest == before.digest


def test_what_a_fingerprint_says() -> None:
    rows = [b"a", b"bc", b""]
    made = changes.Fingerprint(rows)
    assert len(made) == 3
    assert made.hash == ts.hashes.XXH3_128
    assert made.digests.tobytes() == b"".join(map(ts.hashes.XXH3_128.digest, rows))
    assert made.digest == ts.hashes.XXH3_128.digest(made.digests.tobytes())
    assert changes.Fingerprint([]).digest == b""
    assert repr(made) == "<Fingerprint of 3 rows by xxh3_128>"


def test_any_hash_will_do_and_two_do_not_mix() -> None:
    short = ts.hashes.from_callable(
        "crc", lambda row: hashlib.md5(row).digest()[:8], digest_size=8, cryptographic=False
    )
    assert changes.differences([b"a", b"b"], [b"a", b"c"], hash=short).tolist() == [1]
    assert changes.differences([b"a", b"b"], [b"a", b"c"], hash=ts.hashes.BLAKE3).tolist() == [1]
    with pytest.raises(ValueError, match="different hashes"):
        changes.Fingerprint([b"a"]).differences(changes.Fingerprint([b"a"], hash=ts.hashes.BLAKE3))


@pytest.mark.parametrize("rows", [None, 5, [1], ["a"], np.zeros((2, 2), np.int64)])
def test_what_is_no_table(rows: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        changes.Fingerprint(rows)


def test_its_hash_makes_no_scheme() -> None:
    with pytest.raises(ValueError, match="cryptographic"):
        ts.schemes.native(changes.Fingerprint([b"a"]).hash)
