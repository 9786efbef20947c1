"""`interop.tendermint`: its JSON there and back, and all that is not of the form or not of the head."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import tendermint

from tests.support import rows

LEAVES = rows(7)
TREE = ts.MerkleTree(LEAVES, scheme=ts.schemes.TENDERMINT)
HEAD = TREE.head
OTHER = ts.head_of(LEAVES, scheme=ts.schemes.RFC6962)


def theirs(**changes: Any) -> dict[str, Any]:
    return tendermint.to_proof(HEAD, 2, LEAVES[2], TREE.prove(2)) | changes


def test_there_and_back() -> None:
    for index, leaf in enumerate(LEAVES):
        document = tendermint.to_proof(HEAD, index, leaf, TREE.prove(index))
        for form in (document, json.dumps(document), document | {"total": 7, "index": index}):
            claim = tendermint.from_proof(form, HEAD, leaf)
            assert (claim.index, claim.proof) == (index, TREE.prove(index))
            assert claim.leaf_hash == tendermint.leaf_hash(HEAD, leaf)
            HEAD.verify_inclusion(claim.index, leaf, claim.proof)


def test_no_aunts_may_be_null() -> None:
    head = ts.head_of([b"a"], scheme=ts.schemes.TENDERMINT)
    document = tendermint.to_proof(head, 0, b"a", ts.InclusionProof([], digest_size=32))
    assert document["aunts"] == []
    assert len(tendermint.from_proof(document | {"aunts": None}, head).proof) == 0


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in theirs().items() if name != key}


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{",
        7,
        json.dumps(theirs())[:-1] + ', "index": "2"}',
        without("aunts"),
        theirs(more=1),
        theirs(total="-7"),
        theirs(total="07"),
        theirs(total=7.0),
        theirs(index=True),
        theirs(index=None),
        theirs(index=-1),
        theirs(leaf_hash=""),
        theirs(leaf_hash="AAAA"),
        theirs(leaf_hash=theirs()["leaf_hash"][:-1]),
        theirs(leaf_hash=theirs()["leaf_hash"][:-2] + "B="),
        theirs(leaf_hash=theirs()["leaf_hash"].replace("=", "\n=")),
        theirs(leaf_hash=7),
        theirs(aunts="AAAA"),
        theirs(aunts=[7]),
        theirs(aunts=["é" * 44]),
        theirs(aunts=theirs()["aunts"][:1] * 101),
    ],
    ids=str,
)
def test_what_is_no_proof(document: Any) -> None:
    with pytest.raises(ts.DecodeError):
        tendermint.from_proof(document, HEAD)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (theirs(total="8"), ts.Reason.WRONG_PLACE),
        (theirs(index="7"), ts.Reason.INDEX_OUT_OF_RANGE),
        (theirs(leaf_hash="A" * 43 + "="), ts.Reason.LEAF_MISMATCH),
    ],
)
def test_proofs_of_other_claims(document: dict[str, Any], reason: ts.Reason) -> None:
    with pytest.raises(ts.InvalidProof) as refused:
        tendermint.from_proof(document, HEAD, LEAVES[2])
    assert refused.value.reason is reason


def test_the_head_verifies_what_was_read() -> None:
    other_place = tendermint.from_proof(theirs(index="3"), HEAD, LEAVES[2])
    with pytest.raises(ts.RootMismatch):
        HEAD.verify_inclusion(other_place.index, LEAVES[2], other_place.proof)
    short = tendermint.from_proof(theirs(aunts=theirs()["aunts"][:-1]), HEAD, LEAVES[2])
    with pytest.raises(ts.InvalidProof) as refused:
        HEAD.verify_inclusion(short.index, LEAVES[2], short.proof)
    assert refused.value.reason is ts.Reason.DIGEST_COUNT


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="leaf must be bytes"):
        tendermint.leaf_hash(HEAD, 7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="TreeHead"):
        tendermint.leaf_hash(TREE, b"a")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="tendermint"):
        tendermint.from_proof(theirs(), OTHER)
    with pytest.raises(ValueError, match="digests"):
        tendermint.to_proof(HEAD, 6, LEAVES[6], TREE.prove(2))
    with pytest.raises(IndexError, match="no leaf 7"):
        tendermint.to_proof(HEAD, 7, LEAVES[2], TREE.prove(2))
    with pytest.raises(TypeError, match="InclusionProof"):
        tendermint.to_proof(HEAD, 2, LEAVES[2], TREE.prove_many([2]))  # type: ignore[arg-type]
