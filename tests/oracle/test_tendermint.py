"""Tendermint's simple tree: roots by its crate, proofs by two others, its JSON by `interop.tendermint`."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import tendermint

from tests.oracle.counterparts import Ask
from tests.support import digests_of, rows

SIZES = (*range(41), 1000, 4097)


def places(size: int) -> list[int]:
    return list(range(size)) if size <= 41 else sorted(random.Random(size).sample(range(size), 10))


def tree(size: int) -> ts.MerkleTree:
    return ts.MerkleTree(rows(size), scheme=ts.schemes.TENDERMINT)


def from_left(size: int, index: int, digests: list[str]) -> list[str]:
    """Our digests from left to right: those on the left from the top down, the others from the leaf up."""
    nodes = ts.schemes.TENDERMINT.plan(size, [index]).nodes.tolist()
    on_left = [index >> level > place for level, place in nodes]
    left = [digest for digest, is_left in zip(digests, on_left, strict=True) if is_left]
    right = [digest for digest, is_left in zip(digests, on_left, strict=True) if not is_left]
    return left[::-1] + right


def test_roots_and_proofs_are_the_same(crates: Ask) -> None:
    leaves = {size: [leaf.hex() for leaf in rows(size)] for size in SIZES}
    calls = ("tendermint", "ct_merkle")
    asked = [
        {"call": call, "leaves": leaves[size], "indices": places(size)} for size in SIZES for call in calls
    ]
    answers = iter(crates(asked))
    for size in SIZES:
        ours = tree(size)
        theirs, others = next(answers), next(answers)
        assert {theirs["root"], theirs["other_root"], others["root"]} == {ours.root.hex()}, size
        for place, index in enumerate(places(size)):
            made = ts.InclusionProof([bytes.fromhex(d) for d in others["proofs"][place]], digest_size=32)
            assert made == ours.prove(index), (size, index)
            ours.head.verify_inclusion(index, rows(size)[index], made)
            digests = [digest.hex() for digest in digests_of(ours.prove(index))]
            assert theirs["proofs"][place] == from_left(size, index, digests), (size, index)


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_there(crates: Ask, honest: bool) -> None:
    claims: list[dict[str, Any]] = []
    for size in SIZES:
        ours = tree(size)
        for index in places(size):
            digests = [digest.hex() for digest in digests_of(ours.prove(index))]
            claim = {"root": ours.root.hex(), "index": index, "leaf": rows(size)[index].hex()}
            if not honest:
                claim["leaf"] += "00"
            claims += [
                {"call": "tendermint_verify", "siblings": from_left(size, index, digests), **claim},
                {"call": "ct_merkle_verify", "size": size, "proof": digests, **claim},
            ]
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def test_our_json_is_theirs(crates: Ask) -> None:
    documents = [
        (ours.head, index, tendermint.to_proof(ours.head, index, rows(size)[index], ours.prove(index)))
        for size in (1, 2, 3, 7, 40)
        for ours in [tree(size)]
        for index in range(size)
    ]
    answers = crates([{"call": "tendermint_proof", "json": document} for _, _, document in documents])
    for (head, index, document), theirs in zip(documents, answers, strict=True):
        assert theirs["json"] == document
        assert (theirs["total"], theirs["index"]) == (head.size, index)
        claim = tendermint.from_proof(json.dumps(theirs["json"]), head, rows(head.size)[index])
        assert claim.index == index
        assert claim.leaf_hash.hex() == theirs["leaf_hash"]
        assert [digest.hex() for digest in digests_of(claim.proof)] == theirs["aunts"]
        head.verify_inclusion(index, rows(head.size)[index], claim.proof)
