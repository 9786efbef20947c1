"""Patricia tries, their proofs and encodings against their vector files."""

from __future__ import annotations

import random
from typing import Any

import tallystick as ts

from tests.vectors.files import Json, cases, reason_of
from tests.vectors.forms import check_encodings, check_refused

CLASSES: dict[str, Any] = {"patricia-head": ts.PatriciaHead, "patricia-proof": ts.PatriciaProof}


def pairs(found: list[list[str]]) -> list[tuple[bytes, bytes]]:
    return [(bytes.fromhex(key), bytes.fromhex(value)) for key, value in found]


def refused(head: ts.PatriciaHead, case: Json, proof: ts.PatriciaProof) -> ts.InvalidProof | None:
    present = dict(pairs(case["present"]))
    absent = [bytes.fromhex(key) for key in case["absent"]]
    errors: list[ts.InvalidProof | None] = []
    try:
        head.verify_many(present, absent, proof)
        errors.append(None)
    except ts.InvalidProof as error:
        errors.append(error)
    if len(present) + len(absent) == 1:
        try:
            for key, value in present.items():
                head.verify_present(key, value, proof)
            for key in absent:
                head.verify_absent(key, proof)
            errors.append(None)
        except ts.InvalidProof as error:
            errors.append(error)
    assert len({reason_of(error) for error in errors}) == 1
    return errors[0]


@cases("patricia")
def test_patricia(group: Json, case: Json) -> None:
    if "root" in case:
        items = pairs(case["items"])
        random.Random(len(items)).shuffle(items)
        assert ts.PatriciaTree(items, secure=group["secure"]).root.hex() == case["root"]
        return
    head = ts.PatriciaHead.from_bytes(bytes.fromhex(case["head"]))
    proof = ts.PatriciaProof.from_bytes(bytes.fromhex(case["proof"]))
    error = refused(head, case, proof)
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")


@cases("patricia", "valid")
def test_the_tree_makes_the_same_proofs(group: Json, case: Json) -> None:
    if "root" in case:
        return
    root = next(one for one in group["tests"] if "root" in one)
    tree = ts.PatriciaTree(pairs(root["items"]), secure=group["secure"])
    asked = [key for key, _ in pairs(case["present"])] + [bytes.fromhex(key) for key in case["absent"]]
    assert tree.prove_many(asked).to_bytes().hex() == case["proof"]
    if len(asked) == 1:
        assert tree.prove(asked[0]).to_bytes().hex() == case["proof"]
    assert tree.head.to_bytes().hex() == case["head"]


@cases("patricia_encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("patricia_encodings", "invalid")
def test_other_encodings_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)
