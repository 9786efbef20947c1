"""Hashes as values: what they are called, what they say of themselves, one digest and many."""

from __future__ import annotations

import numpy as np
import pytest
import tallystick as ts

from tests.reference.hashes import HASHES, NO_TAG
from tests.reference.samples import pattern
from tests.support import array, rows

each_hash = pytest.mark.parametrize("name", sorted(HASHES))

CONSTANTS = {
    "blake3": ts.hashes.BLAKE3,
    "sha256": ts.hashes.SHA256,
    "sha512_256": ts.hashes.SHA512_256,
    "sha3_256": ts.hashes.SHA3_256,
    "keccak256": ts.hashes.KECCAK256,
    "blake2b_256": ts.hashes.BLAKE2B_256,
    "blake2s_256": ts.hashes.BLAKE2S_256,
    "xxh3_128": ts.hashes.XXH3_128,
}


def test_the_names_are_those_of_the_twin() -> None:
    names = ts.hashes.names()
    # What other tests registered comes behind the built-in ones.
    assert set(names[: len(HASHES)]) == set(HASHES) == set(CONSTANTS)
    assert len(set(names)) == len(names)


@each_hash
def test_a_hash_says_what_it_is(name: str) -> None:
    hash, twin = ts.hashes.get(name), HASHES[name]  # noqa: A001
    assert hash == CONSTANTS[name]
    assert (hash.name, hash.digest_size, hash.block_size) == (name, twin.digest_size, twin.block_size)
    assert hash.cryptographic == (twin.mode != NO_TAG)
    assert repr(hash).startswith(f"<Hash {name}: {twin.digest_size} bytes")
    assert ("not cryptographic" in repr(hash)) == (not hash.cryptographic)


@pytest.mark.parametrize("name", ["", "SHA256", "sha-256", "sha256 ", "sha256\0", "md5", "blake3é"])
def test_no_other_name_is_taken(name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no hash .*blake3, sha256"):
        ts.hashes.get(name)


@each_hash
def test_one_digest_of_any_length_is_the_twins(name: str) -> None:
    block = HASHES[name].block_size
    edges = {0, 1, 2047, 2048, 2049, 5000, 100_001, *(k * block + d for k in (1, 2, 16) for d in (-1, 0, 1))}
    for length in sorted(edges):
        data = pattern(length)
        assert CONSTANTS[name].digest(data) == HASHES[name].digest(data), length


@each_hash
@pytest.mark.parametrize("width", [1, 31, 32, 64, 65, 136, 300])
def test_many_digests_of_an_array_are_single_ones(name: str, width: int) -> None:
    data = array(100, width)
    digests = CONSTANTS[name].digest_many(data)
    assert digests.shape == (100, CONSTANTS[name].digest_size)
    assert digests.dtype == np.uint8
    assert [row.tobytes() for row in digests] == [CONSTANTS[name].digest(row.tobytes()) for row in data]


@each_hash
def test_many_digests_of_ragged_rows_are_single_ones(name: str) -> None:
    data = [*rows(100), b"", b"", bytes(5000)]
    digests = CONSTANTS[name].digest_many(data)
    assert [row.tobytes() for row in digests] == [HASHES[name].digest(row) for row in data]


@each_hash
def test_many_digests_of_nothing_are_none(name: str) -> None:
    size = CONSTANTS[name].digest_size
    assert CONSTANTS[name].digest_many([]).shape == (0, size)
    assert CONSTANTS[name].digest_many(np.empty((0, 7), np.uint8)).shape == (0, size)


@pytest.mark.parametrize("wrong", ["abc", 3, None, 1.5, ["abc"], [b"a"], np.uint8(3)])
def test_only_bytes_have_a_digest(wrong: object) -> None:
    with pytest.raises(TypeError, match="data"):
        ts.hashes.SHA256.digest(wrong)  # type: ignore[arg-type]
