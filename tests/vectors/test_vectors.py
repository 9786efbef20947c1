"""The Python package against every vector file, as another implementation would use them."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.reference.samples import leaves

FILES = Path(__file__).parent / "v1"
CLASSES: dict[str, Any] = {
    "scheme": ts.Scheme,
    "head": ts.TreeHead,
    "inclusion": ts.InclusionProof,
    "batch": ts.ProofBatch,
}
SAMPLES = leaves(1000)

Json = dict[str, Any]


def groups(name: str) -> list[Json]:
    document = json.loads((FILES / f"{name}.json").read_text(encoding="ascii"))
    found: list[Json] = document["groups"]
    assert sum(len(group["tests"]) for group in found) == document["number_of_tests"]
    return found


def cases(name: str, result: str | None = None) -> pytest.MarkDecorator:
    """A test for each case; it takes the case's group and the case."""
    chosen = [
        pytest.param(group, case, id=case["id"])
        for group in groups(name)
        for case in group["tests"]
        if result in (None, case["result"])
    ]
    return pytest.mark.parametrize(("group", "case"), chosen)


def scheme_of(value: Json) -> ts.Scheme:
    return ts.Scheme.from_bytes(bytes.fromhex(value["encoding"]))


def rows_of(digests: str, size: int) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(digests), np.uint8).reshape(-1, size)


@cases("hashes")
def test_hashes(group: Json, case: Json) -> None:
    hash = ts.hashes.get(group["hash"])  # noqa: A001
    assert (hash.digest_size, hash.block_size) == (group["digest_size"], group["block_size"])
    assert hash.cryptographic == (group["mode"] != "none")
    message, digest = bytes.fromhex(case["message"]), bytes.fromhex(case["digest"])
    if "label" not in case:
        assert hash.digest(message) == digest
        assert hash.digest_many([message]).tobytes() == digest
        return
    assert hash.digest(case["label"].encode("ascii")).hex() == case["t"]
    if group["mode"] == "block":
        assert hash.digest(bytes.fromhex(case["prefix"]) + message) == digest
    scheme = ts.schemes.native(hash)
    if case["label"] == "tallystick/v1/leaf":
        tree = ts.MerkleTree([message], scheme=scheme)
        assert ts.hazmat.leaf_digests(tree).tobytes() == digest
    if case["label"] == "tallystick/v1/node" and len(message) == 64:
        two_and_another = [message[:32], message[32:], bytes(32)]
        tree = ts.hazmat.tree(two_and_another, scheme=scheme)
        assert tree.prove(2).digests.tobytes() == digest


@cases("roots")
def test_roots(group: Json, case: Json) -> None:
    scheme, size = scheme_of(group["scheme"]), int(case["size"])
    tree = ts.MerkleTree(SAMPLES[:size], scheme=scheme)
    assert tree.root.hex() == case["root"]
    assert ts.head_of(SAMPLES[:size], scheme=scheme) == tree.head
    if scheme == ts.schemes.get(group["scheme"]["name"]) and not scheme.binds_size:
        assert tree.root.hex() == case["top"]


@pytest.mark.parametrize("group", groups("roots"), ids=lambda group: group["tests"][0]["id"][:-2])
def test_all_roots_folded(group: Json) -> None:
    scheme = scheme_of(group["scheme"])
    tree = ts.MerkleTree(SAMPLES[:130], scheme=scheme)
    roots = b"".join(tree.head_at(size).root for size in range(131))
    assert hashlib.sha256(roots).hexdigest() == group["folded"]


@cases("plans")
def test_plans(group: Json, case: Json) -> None:
    indices = [int(index) for index in case["indices"]]
    plan = ts.schemes.NATIVE.plan(int(case["size"]), indices)
    assert plan.nodes.tolist() == [[level, int(index)] for level, index in case["plan"]]
    assert plan.indices.tolist() == indices


def refusal(head: ts.TreeHead, index: int, leaf: bytes, proof: ts.InclusionProof) -> ts.InvalidProof | None:
    try:
        head.verify_inclusion(index, leaf, proof)
    except ts.InvalidProof as error:
        return error
    return None


def verdict(head: ts.TreeHead, index: int, leaf: bytes, proof: ts.InclusionProof) -> str | None:
    """The reason of the refusal; all three verifiers agree, or this fails."""
    batch = ts.ProofBatch(proof.digests, [0, len(proof)], digest_size=proof.digest_size)
    accepted = head.check_each([index], [leaf], batch).tolist()
    error = refusal(head, index, leaf, proof)
    assert accepted == [error is None]
    if error is None:
        head.verify_each([index], [leaf], batch)
        return None
    with pytest.raises(ts.InvalidProof) as each:
        head.verify_each([index], [leaf], batch)
    assert each.value.failed == (0,)
    assert isinstance(error, ts.RootMismatch) == (error.reason is ts.Reason.ROOT_MISMATCH)
    return error.reason.name


@cases("inclusion")
def test_inclusion(group: Json, case: Json) -> None:
    head = ts.TreeHead(scheme_of(group["scheme"]), int(case["size"]), bytes.fromhex(case["root"]))
    size = case["digest_size"]
    if "Unencodable" in case["flags"]:
        with pytest.raises(ValueError, match=f"{size}"):
            ts.InclusionProof(rows_of(case["proof"], size))
        raw = b"tlyi\x01" + bytes([size]) + bytes.fromhex(case["proof"])
        with pytest.raises(ts.DecodeError):
            ts.InclusionProof.from_bytes(raw)
        return
    proof = ts.InclusionProof(rows_of(case["proof"], size) if case["proof"] else [], digest_size=size)
    reason = verdict(head, int(case["index"]), bytes.fromhex(case["leaf"]), proof)
    assert reason == case.get("reason")
    assert (reason is None) == (case["result"] == "valid")


def value_of(kind: str, value: Json) -> object:
    if kind == "scheme":
        scheme = ts.schemes.get(value["name"])
        context = bytes.fromhex(value["context"])
        return scheme.with_context(context) if context else scheme
    if kind == "head":
        return ts.TreeHead(scheme_of(value["scheme"]), int(value["size"]), bytes.fromhex(value["root"]))
    size = value["digest_size"]
    if kind == "inclusion":
        return ts.InclusionProof([bytes.fromhex(digest) for digest in value["digests"]], digest_size=size)
    digests = [bytes.fromhex(digest) for proof in value["proofs"] for digest in proof]
    offsets = np.cumsum([0, *map(len, value["proofs"])])
    return ts.ProofBatch(digests, offsets, digest_size=size)


@cases("encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    kind, raw = group["object"], bytes.fromhex(case["encoding"])
    made: Any = value_of(kind, case["value"])
    assert made.to_bytes() == raw
    read = CLASSES[kind].from_bytes(raw)
    assert read == made
    assert read.to_bytes() == raw
    assert pickle.loads(pickle.dumps(read)) == made


@cases("encodings", "invalid")
def test_other_bytes_are_refused(group: Json, case: Json) -> None:
    raw = bytes.fromhex(case["encoding"])
    for kind, decoder in CLASSES.items():
        if kind == group["object"] or "Magic" not in case["flags"]:
            with pytest.raises(ts.DecodeError, match=r"."):
                decoder.from_bytes(raw)


@cases("tree_files", "valid")
def test_tree_files(group: Json, case: Json, tmp_path: Path) -> None:
    path, size = tmp_path / "tree", int(case["size"])
    tree = ts.MerkleTree(SAMPLES[:size], scheme=scheme_of(group["scheme"]))
    tree.save(path)
    raw = path.read_bytes()
    assert len(raw) == int(case["length"])
    assert hashlib.sha256(raw).hexdigest() == case["sha256"]
    if "file" in case:
        assert raw.hex() == case["file"]
    assert ts.MerkleTree.open(path, check=True).head == tree.head


@cases("tree_files", "invalid")
def test_damaged_tree_files_are_refused(group: Json, case: Json, tmp_path: Path) -> None:
    path = tmp_path / "tree"
    path.write_bytes(bytes.fromhex(case["file"]))
    for check in (False, True):  # one page: its peaks are in it, so opening reads it
        with pytest.raises(ts.DecodeError, match=r"."):
            ts.MerkleTree.open(path, check=check)
