"""Bitcoin's tree: roots and proofs by merkletreejs, partial trees by a full node's rules in plain Python."""

from __future__ import annotations

import itertools
import json
import random

import pytest
import tallystick as ts
from tallystick.interop import bitcoin
from tallystick.interop.bitcoin import PartialTree

from tests.oracle.javascript import asked
from tests.reference import merkleblock
from tests.support import array, digests_of

SIZES = (*range(1, 41), 1000)
OPTIONS = {"hash": "sha256", "options": {"isBitcoinTree": True}}


def leaves(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


def shown(digest: bytes) -> str:
    """As merkletreejs has it, and everybody who shows ids: in reverse."""
    return "0x" + bitcoin.to_txid(digest)


def test_roots_and_proofs() -> None:
    answers = asked(
        [{"ask": "merkletreejs", "leaves": list(map(shown, leaves(size))), **OPTIONS} for size in SIZES]
    )
    verified = []
    for size, theirs in zip(SIZES, answers, strict=True):
        rows = leaves(size)
        tree = ts.MerkleTree(rows, scheme=ts.schemes.BITCOIN)
        assert shown(tree.root) == theirs["root"]
        for index in range(0, size, 1 + size // 40):
            # Theirs has the node itself where it is hashed with itself; a verifier knows it.
            parts, node = json.loads(theirs["proofs"][index]), rows[index]
            own = list(digests_of(tree.prove(index)))
            there = []
            for level in range((size - 1).bit_length()):
                place = index >> level
                sibling = own.pop(0) if place ^ 1 < -(-size >> level) else node
                pair = (sibling, node) if place & 1 else (node, sibling)
                there.append({"position": "left" if place & 1 else "right", "data": shown(sibling)})
                node = ts.hashes.SHA256.digest(ts.hashes.SHA256.digest(b"".join(pair)))
            assert there == parts
            tree.head.verify_inclusion(index, rows[index], tree.prove(index))
            verified.append(
                {
                    "ask": "merkletreejsVerify",
                    "root": shown(tree.root),
                    "leaf": shown(rows[index]),
                    "proof": json.dumps(there),
                    **OPTIONS,
                }
            )
    assert asked(verified) == [True] * len(verified)


def test_the_first_block_with_several_transactions() -> None:
    """Block 170 of the main chain: the first payment. Its ids and root are public record."""
    ids = (
        "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082",
        "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    )
    tree = ts.MerkleTree([bitcoin.from_txid(text) for text in ids], scheme=ts.schemes.BITCOIN)
    assert bitcoin.to_txid(tree.root) == "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"


def matched(size: int) -> list[list[int]]:
    if size <= 6:
        return [list(c) for k in range(size + 1) for c in itertools.combinations(range(size), k)]
    draw = random.Random(size)
    return [draw.sample(range(size), draw.randint(0, size)) for _ in range(8)]


def test_partial_trees() -> None:
    for size in SIZES:
        rows = leaves(size)
        tree = ts.MerkleTree(rows, scheme=ts.schemes.BITCOIN)
        for indices in matched(size):
            partial = bitcoin.partial_tree(tree, indices)
            expected = tuple((index, rows[index]) for index in sorted(indices))
            data = partial.to_bytes()
            assert data == merkleblock.build(rows, set(indices))
            assert merkleblock.extract(data) == (tree.root, list(expected))
            read = PartialTree.from_bytes(data)
            assert read == partial
            assert bitcoin.verify(tree.head, read) == expected


def test_a_full_block() -> None:
    rows = leaves(bitcoin.MOST_TRANSACTIONS)
    tree = ts.MerkleTree(rows, scheme=ts.schemes.BITCOIN)
    everything = bitcoin.partial_tree(tree, range(len(rows)))
    assert bitcoin.verify(tree.head, PartialTree.from_bytes(everything.to_bytes()))[-1] == (16_665, rows[-1])
    tree.append(bytes(32))
    with pytest.raises(ValueError, match="1 to 16666 transactions"):
        bitcoin.partial_tree(tree, [0])


def test_a_list_that_others_take_for_a_shorter_one_is_refused() -> None:
    """A1: the last two leaves twice have the same root there."""
    rows = leaves(6)
    answers = asked(
        [
            {"ask": "merkletreejs", "leaves": list(map(shown, [*rows, *extra])), **OPTIONS}
            for extra in ([], rows[4:])
        ]
    )
    assert answers[0]["root"] == answers[1]["root"] == shown(ts.head_of(rows, scheme=ts.schemes.BITCOIN).root)
    with pytest.raises(ValueError, match="two siblings are equal"):
        ts.MerkleTree([*rows, *rows[4:]], scheme=ts.schemes.BITCOIN)
    data = merkleblock.build([*rows, *rows[4:]], {7})
    head = ts.TreeHead(ts.schemes.BITCOIN, 8, bytes.fromhex(answers[0]["root"][2:])[::-1])
    with pytest.raises(ts.InvalidProof) as refused:
        bitcoin.verify(head, PartialTree.from_bytes(data))
    assert refused.value.reason is ts.Reason.EQUAL_SIBLINGS
    with pytest.raises(merkleblock.Bad):
        merkleblock.extract(data)
