"""Known answers: Bitcoin's blocks, a contract, mountain ranges; and remerkleable's SSZ."""

from __future__ import annotations

import hashlib

import pytest
from remerkleable.basic import uint256
from remerkleable.byte_arrays import Bytes32
from remerkleable.complex import Container, List, Vector
from remerkleable.tree import gindex_bit_iter

from tests.reference.samples import leaves_for
from tests.reference.schemes import Scheme
from tests.reference.trees import head, leaf_digests, path

# Block 100,000 of Bitcoin: its transactions and its root, as explorers write them.
BLOCK_100000 = (
    "8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87",
    "fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
    "6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4",
    "e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d",
)
ROOT_100000 = "f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766"
# The root of Ethereum's deposit contract before its first deposit.
NO_DEPOSITS = "d70a234731285c6804c2a4f56711ddb8c82c99740f207854891028af34e27e5e"
# merkle-mountain-range's test over 11 leaves, the BLAKE2b hashes of 0 to 10 as 32 bits, little-endian.
NERVOS_11 = "f6794677f37a57df6a5ec36ce61036e43a36c1a009d05c81c9aa685dde1fd6e3"


def test_a_block_of_bitcoin() -> None:
    leaves = [bytes.fromhex(txid)[::-1] for txid in BLOCK_100000]
    assert head(Scheme("bitcoin", "sha256"), leaves).root[::-1].hex() == ROOT_100000


def test_the_empty_deposit_contract() -> None:
    assert head(Scheme("ssz_list(4294967296)", "sha256"), []).root.hex() == NO_DEPOSITS


def test_a_mountain_range_of_nervos() -> None:
    leaves = [hashlib.blake2b(i.to_bytes(4, "little"), digest_size=32).digest() for i in range(11)]
    assert head(Scheme("nervos_mmr", "blake2b_256"), leaves).root.hex() == NERVOS_11


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 33, 1024, 2**40])
def test_ssz_lists_equal_remerkleable(limit: int) -> None:
    scheme = Scheme(f"ssz_list({limit})", "sha256")
    for size in range(min(limit, 40) + 1):
        leaves = leaves_for(scheme, size)
        theirs = List[Bytes32, limit](*map(Bytes32, leaves))
        assert head(scheme, leaves).root == bytes(theirs.hash_tree_root()), size


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 33, 64])
def test_ssz_vectors_and_their_branches_equal_remerkleable(length: int) -> None:
    scheme = Scheme(f"ssz_vector({length})", "sha256")
    leaves = leaves_for(scheme, length)
    theirs = Vector[Bytes32, length](*map(Bytes32, leaves))
    assert head(scheme, leaves).root == bytes(theirs.hash_tree_root())
    # Their branches have the zeros too, which our proofs leave out.
    height = (length - 1).bit_length()
    digests = leaf_digests(scheme, leaves)
    for index in range(length):
        node, branch = theirs.get_backing(), []
        for goes_right in gindex_bit_iter((1 << height) + index)[0]:
            left, right = node.get_left(), node.get_right()
            sibling, node = (left, right) if goes_right else (right, left)
            branch.append(bytes(sibling.merkle_root()))
        begins = [((index >> level) ^ 1) << level for level in range(height)]
        there = [sibling for begin, sibling in zip(begins, branch[::-1], strict=True) if begin < length]
        assert there == path(scheme, digests, index)


def test_ssz_lists_of_composite_elements_equal_remerkleable() -> None:
    # Its fields are types, which annotations of this module are not.
    fields = {"__annotations__": {"first": uint256, "second": Bytes32}}
    Pair = type("Pair", (Container,), fields)  # noqa: N806
    pairs = [Pair(first=i, second=bytes([i]) * 32) for i in range(7)]
    leaves = [bytes(pair.hash_tree_root()) for pair in pairs]
    theirs = List[Pair, 100](*pairs)
    assert head(Scheme("ssz_list(100)", "sha256"), leaves).root == bytes(theirs.hash_tree_root())
