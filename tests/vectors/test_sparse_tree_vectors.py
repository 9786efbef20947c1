"""Sparse trees as built by the library against their vector file: roots, and every honest proof."""

from __future__ import annotations

import random
from typing import Any

import tallystick as ts

from tests.vectors.files import Json, cases, groups, scheme_of, unhex


def items_of(pairs: list[list[str]]) -> dict[bytes, bytes]:
    return {bytes.fromhex(key): bytes.fromhex(value) for key, value in pairs}


def trees() -> dict[tuple[str, str], ts.SparseTree]:
    """The trees of the file, by scheme and name; keys come one by one, in any order."""
    found = {}
    for group in groups("sparse"):
        for case in group["tests"]:
            if "root" in case:
                tree = ts.SparseTree(scheme=scheme_of(group["scheme"]))
                order = list(items_of(case["items"]).items())
                random.Random(case["id"]).shuffle(order)
                for key, value in order:
                    tree.update([key], [value])
                found[group["scheme"]["name"], case["id"].split("/")[-1]] = tree
    return found


TREES = trees()


@cases("sparse", "valid")
def test_roots_and_proofs(group: Json, case: Json) -> None:
    if "root" in case:
        tree = ts.SparseTree(items_of(case["items"]), scheme=scheme_of(group["scheme"]))
        assert tree.root.hex() == case["root"]
        assert TREES[group["scheme"]["name"], case["id"].split("/")[-1]].head == tree.head
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
