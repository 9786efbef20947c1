"""Namespaced trees, their proofs and encodings against their vector files."""

from __future__ import annotations

from typing import Any

import tallystick as ts

from tests.reference.samples import namespaced_leaves
from tests.vectors.files import Json, cases, reason_of, scheme_of, unhex
from tests.vectors.forms import check_encodings, check_refused

CLASSES: dict[str, Any] = {
    "scheme": ts.Scheme,
    "namespaced-head": ts.NamespacedHead,
    "namespaced-inclusion-proof": ts.NamespacedInclusionProof,
    "namespace-proof": ts.NamespaceProof,
    "absence-proof": ts.AbsenceProof,
}
PROOFS: dict[str, Any] = {
    "included": ts.NamespacedInclusionProof,
    "whole": ts.NamespaceProof,
    "absent": ts.AbsenceProof,
}


def refused(check: Any, *claim: Any) -> ts.InvalidProof | None:
    try:
        check(*claim)
    except ts.InvalidProof as error:
        return error
    return None


def tree_of(scheme: ts.Scheme, size: int, parity: int) -> ts.NamespacedTree:
    leaves = namespaced_leaves(size)
    names = [one.namespace for one in leaves[: size - parity]] + [b"\xff" * 29] * parity
    return ts.NamespacedTree([one.data for one in leaves], names, scheme=scheme)


@cases("namespaced")
def test_namespaced(group: Json, case: Json) -> None:
    if "claim" not in case:
        tree = tree_of(scheme_of(group["scheme"]), int(case["size"]), int(case["parity"]))
        assert tree.root.hex() == case["root"]
        return
    head = ts.NamespacedHead.from_bytes(bytes.fromhex(case["head"]))
    proof = PROOFS[case["claim"]].from_bytes(bytes.fromhex(case["proof"]))
    namespace = bytes.fromhex(case["namespace"])
    match case["claim"]:
        case "included":
            leaf = bytes.fromhex(case["leaf"])
            error = refused(head.verify_inclusion, int(case["index"]), namespace, leaf, proof)
        case "whole":
            error = refused(head.verify_namespace, namespace, unhex(case["leaves"]), proof)
        case _:
            error = refused(head.verify_absent, namespace, proof)
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")


@cases("namespaced", "valid")
def test_the_tree_makes_the_same_proofs(group: Json, case: Json) -> None:
    if "claim" not in case:
        return
    # The name is …/honest/size/parity/what.
    size, parity, what = case["id"].split("/")[-3:]
    tree = tree_of(scheme_of(group["scheme"]), int(size), int(parity))
    made = (
        tree.prove(int(what))
        if case["claim"] == "included"
        else tree.prove_namespace(bytes.fromhex(case["namespace"]))
    )
    assert made.to_bytes().hex() == case["proof"]
    assert tree.head.to_bytes().hex() == case["head"]


@cases("namespaced_encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("namespaced_encodings", "invalid")
def test_other_encodings_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)
