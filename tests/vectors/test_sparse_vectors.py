"""Sparse trees, their proofs and encodings against their vector files."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pytest
import tallystick as ts

from tests.vectors.files import Json, cases, groups, reason_of, scheme_of, unhex
from tests.vectors.test_encoding_vectors import bad_input, decoded, forms

CLASSES: dict[str, Any] = {
    "scheme": ts.Scheme,
    "sparse-head": ts.SparseHead,
    "sparse-proof": ts.SparseProof,
    "sparse-multi-proof": ts.SparseMultiProof,
}


def items_of(pairs: list[list[str]]) -> dict[bytes, bytes]:
    return {bytes.fromhex(key): bytes.fromhex(value) for key, value in pairs}


def refused(check: Any, *claim: Any) -> ts.InvalidProof | None:
    try:
        check(*claim)
    except ts.InvalidProof as error:
        return error
    return None


def verdict(case: Json) -> ts.InvalidProof | None:
    head = ts.SparseHead.from_bytes(bytes.fromhex(case["head"]))
    kind = ts.SparseMultiProof if case["claim"] == "many" else ts.SparseProof
    proof: Any = kind.from_bytes(bytes.fromhex(case["proof"]))
    match case["claim"]:
        case "present":
            key, value = unhex([case["key"], case["value"]])
            return refused(head.verify_present, key, value, proof)
        case "absent":
            return refused(head.verify_absent, bytes.fromhex(case["key"]), proof)
    return refused(head.verify_many, items_of(case["present"]), unhex(case["absent"]), proof)


@cases("sparse")
def test_sparse(group: Json, case: Json) -> None:
    if "root" in case:
        values = items_of(case["items"])
        scheme = scheme_of(group["scheme"])
        assert ts.SparseTree(values, scheme=scheme).root.hex() == case["root"]
        order = list(values.items())
        random.Random(case["id"]).shuffle(order)
        tree = ts.SparseTree(scheme=scheme)
        for key, value in order:
            tree.update([key], [value])
        assert tree.root.hex() == case["root"]
        return
    if case["claim"] == "many" and len(items_of(case["present"])) < len(case["present"]):
        # A key in two pairs: no mapping holds that.
        assert case["reason"] == "DUPLICATE_KEY"
        return
    error = verdict(case)
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")


def trees() -> dict[tuple[str, str], ts.SparseTree]:
    """The trees of the file, by scheme and name."""
    found = {}
    for group in groups("sparse"):
        scheme = scheme_of(group["scheme"])
        for case in group["tests"]:
            if "root" in case:
                name = (group["scheme"]["name"], case["id"].split("/")[-1])
                found[name] = ts.SparseTree(items_of(case["items"]), scheme=scheme)
    return found


TREES = trees()


@cases("sparse", "valid")
def test_the_tree_makes_the_same_proofs(group: Json, case: Json) -> None:
    if "root" in case:
        return
    # The name is …/honest/tree/what.
    tree = TREES[group["scheme"]["name"], case["id"].split("/")[-2]]
    made: Any
    if case["claim"] == "many":
        made = tree.prove_many([*items_of(case["present"]), *unhex(case["absent"])])
    else:
        made = tree.prove(bytes.fromhex(case["key"]))
    assert made.to_bytes().hex() == case["proof"]
    assert tree.head.to_bytes().hex() == case["head"]


@cases("sparse_encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    kind = CLASSES[group["object"]]
    expected = {"json": case["json"]} | {form: bytes.fromhex(case[form]) for form in ("binary", "protobuf")}
    values = [decoded(kind, form, data) for form, data in expected.items()]
    for value in values:
        assert forms(value) == expected
        assert value == values[0]
        assert hash(value) == hash(values[0])
        assert pickle.loads(pickle.dumps(value)) == value


@cases("sparse_encodings", "invalid")
def test_other_encodings_are_refused(group: Json, case: Json) -> None:
    form, data = bad_input(case)
    with pytest.raises(ts.DecodeError, match=r"."):
        decoded(CLASSES[group["object"]], form, data)
