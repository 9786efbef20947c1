"""The function itself: what it gives, what it takes, and how tallystick finds it."""

import pytest
import tallystick as ts
from tallystick_poseidon2 import POSEIDON2_BN254

from .field import MODULUS, elements, encode


def test_the_hash_of_noirs_own_tests(poseidon2):
    # hash_smoke_test of Noir's bn254_blackbox_solver.
    digest = "130bf204a32cac1f0ace56c78b731aa3809f06df2731ebcf6b3464a15788b1b9"
    assert poseidon2.digest(encode(1, 2, 3, 4)).hex() == digest


def test_the_hash_of_barretenbergs_own_tests(poseidon2):
    # HashConsistencyCheck of poseidon2.test.cpp, which reduces the number.
    number = 0x9A807B615C4D3E2FA0B1C2D3E4F56789FEDCBA9876543210ABCDEF0123456789 % MODULUS
    digest = "2f43a0f83b51a6f5fc839dea0ecec74947637802a579fa9841930a25a0bcec11"
    assert poseidon2.digest(encode(*[number] * 4)).hex() == digest


def test_a_javascript_library_agrees(poseidon2, vectors):
    assert len(vectors["digests"]) == 35
    for vector in vectors["digests"]:
        assert poseidon2.digest(bytes.fromhex("".join(vector["message"]))).hex() == vector["digest"]


def test_all_lengths_of_zeros_differ(poseidon2):
    digests = {poseidon2.digest(bytes(32 * count)) for count in range(1, 100)}
    assert len(digests) == 99


@pytest.mark.parametrize("message", [b"", bytes(1), bytes(31), bytes(33), bytes(65), b"leaf"])
def test_what_is_no_row_of_elements_is_refused(poseidon2, message):
    with pytest.raises(ts.RefusedMessage, match="poseidon2_bn254"):
        poseidon2.digest(message)


@pytest.mark.parametrize("number", [MODULUS, MODULUS + 1, 2 * MODULUS, 2**256 - 1])
@pytest.mark.parametrize("place", range(5))
def test_a_number_that_is_not_below_the_modulus_is_refused(poseidon2, number, place):
    numbers = [7, 8, 9, 10, 11]
    numbers[place] = number
    with pytest.raises(ts.RefusedMessage, match="poseidon2_bn254"):
        poseidon2.digest(encode(*numbers))


def test_the_highest_number_is_taken(poseidon2):
    assert len(poseidon2.digest(encode(MODULUS - 1))) == 32


def test_digests_are_elements_themselves(poseidon2):
    for element in elements(200):
        assert int.from_bytes(poseidon2.digest(element), "big") < MODULUS


def test_it_is_found_by_its_name(poseidon2):
    assert "poseidon2_bn254" in ts.hashes.names()
    found = ts.hashes.get("poseidon2_bn254")
    assert (found.name, found.digest_size) == ("poseidon2_bn254", 32)
    assert found.digest(encode(1, 2)) == poseidon2.digest(encode(1, 2))


def test_a_table_that_lasts_is_handed_over_again_and_again():
    made = [ts.hashes.from_plugin(POSEIDON2_BN254) for _ in range(3)]
    digest = made[0].digest(encode(5))
    del made[0]
    assert {hash_.digest(encode(5)) for hash_ in made} == {digest}
