"""The dense schemes of docs/spec/variants.md against their vector files: roots, proofs, rules."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np
import pytest
import tallystick as ts

from tests.vectors.files import (
    SAMPLES,
    Json,
    cases,
    folded,
    numbers,
    proof_of,
    reason_of,
    scheme_of,
    unhex,
)

BARE = [hashlib.sha256(leaf).digest() for leaf in SAMPLES]
OBJECTS = {"scheme": ts.Scheme, "head": ts.TreeHead, "shard": ts.Shard}


def leaves_of(group: Json, size: int) -> list[bytes]:
    return (BARE if group["bare"] else SAMPLES)[:size]


def head_of(group: Json, case: Json) -> ts.TreeHead:
    return ts.TreeHead(scheme_of(group["scheme"]), int(case["size"]), bytes.fromhex(case["root"]))


@cases("variants", "valid")
def test_roots(group: Json, case: Json) -> None:
    scheme, size = scheme_of(group["scheme"]), int(case["size"])
    assert scheme.name == group["scheme"]["name"]
    data = leaves_of(group, size)
    tree = ts.MerkleTree(data, scheme=scheme)
    assert tree.root.hex() == case["root"]
    assert ts.head_of(data, scheme=scheme) == tree.head
    # In every form of rows.
    if group["bare"] and size:
        rows = np.frombuffer(b"".join(data), np.uint8).reshape(size, -1)
        assert ts.MerkleTree(rows, scheme=scheme).head == tree.head


@cases("variants", "invalid")
def test_trees_that_are_none(group: Json, case: Json) -> None:
    scheme, size = scheme_of(group["scheme"]), int(case["size"])
    given = unhex(case["leaves"]) if "leaves" in case else [b"%032d" % i for i in range(size)]
    with pytest.raises(ValueError):
        ts.MerkleTree(given, scheme=scheme)
    with pytest.raises(ValueError):
        ts.head_of(given, scheme=scheme)
    if "leaves" not in case:
        with pytest.raises(ValueError):
            ts.TreeHead(scheme, size, bytes(scheme.hash.digest_size))


@folded("variants")
def test_all_roots(group: Json) -> None:
    scheme = scheme_of(group["scheme"])
    for name, value in group["properties"].items():
        if name != "proves_growth":
            assert getattr(scheme, name) == value, name
    joined = b""
    for size in range(41):
        try:
            joined += ts.MerkleTree(leaves_of(group, size), scheme=scheme).root
        except ValueError:
            with pytest.raises(ValueError):
                ts.TreeHead(scheme, size, bytes(scheme.hash.digest_size))
    assert hashlib.sha256(joined).hexdigest() == group["folded"]


@folded("variants")
def test_growth_is_proven_or_not(group: Json) -> None:
    scheme = scheme_of(group["scheme"])
    if not scheme.appendable:
        return
    sizes = [size for size in (1, 2, 3, 7) if _takes(scheme, size)]
    trees = [ts.MerkleTree(leaves_of(group, size), scheme=scheme) for size in sizes]
    older, newer = trees[0], trees[-1]
    if group["properties"]["proves_growth"]:
        newer.head.verify_extends(older.head, newer.prove_extends(len(older)))
        return
    with pytest.raises(TypeError):
        newer.prove_extends(len(older))
    with pytest.raises(ts.InvalidProof) as caught:
        newer.head.verify_extends(older.head, ts.ConsistencyProof([]))
    assert caught.value.reason is ts.Reason.NO_GROWTH


def _takes(scheme: ts.Scheme, size: int) -> bool:
    try:
        ts.TreeHead(scheme, size, bytes(scheme.hash.digest_size))
    except ValueError:
        return False
    return True


@cases("variants_inclusion")
def test_inclusion(group: Json, case: Json) -> None:
    if "Unencodable" in case["flags"]:
        with pytest.raises(ValueError, match=f"{case['digest_size']}"):
            proof_of(ts.InclusionProof, case)
        return
    head, proof = head_of(group, case), proof_of(ts.InclusionProof, case)
    index = None if case["index"] is None else int(case["index"])
    error = None
    try:
        head.verify_inclusion(index, bytes.fromhex(case["leaf"]), proof)
    except ts.InvalidProof as found:
        error = found
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")
    if "Honest" in case["flags"] and index is not None:
        tree = ts.MerkleTree(leaves_of(group, head.size), scheme=head.scheme)
        assert tree.prove(index) == proof


@cases("variants_multi")
def test_multi(group: Json, case: Json) -> None:
    head, proof = head_of(group, case), proof_of(ts.MultiProof, case)
    indices, leaves = numbers(case["indices"]), unhex(case["leaves"])
    error = None
    try:
        head.verify_many(indices, leaves, proof)
    except ts.InvalidProof as found:
        error = found
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")
    if "Honest" in case["flags"]:
        tree = ts.MerkleTree(leaves_of(group, head.size), scheme=head.scheme)
        assert tree.prove_many(indices) == proof


@folded("variants_multi")
def test_all_small_multi_proofs(group: Json) -> None:
    scheme, joined = scheme_of(group["scheme"]), b""
    for size in range(1, 7):
        if not _takes(scheme, size):
            continue
        tree = ts.MerkleTree(leaves_of(group, size), scheme=scheme)
        for count in range(1, size + 1):
            for indices in combinations(range(size), count):
                joined += tree.prove_many(indices).digests.tobytes()
    assert hashlib.sha256(joined).hexdigest() == group["folded"]


@cases("variants_rules")
def test_rules(group: Json, case: Json) -> None:
    kind = OBJECTS[group["object"]]
    if case["result"] == "invalid":
        with pytest.raises(ts.DecodeError):
            kind.from_bytes(bytes.fromhex(case["encoding"]))
        return
    value = kind.from_bytes(bytes.fromhex(case["binary"]))
    assert kind.from_json(case["json"]) == value
    assert kind.from_protobuf(bytes.fromhex(case["protobuf"])) == value
    assert value.to_bytes().hex() == case["binary"]
    assert value.to_json() == case["json"]
    assert value.to_protobuf().hex() == case["protobuf"]
