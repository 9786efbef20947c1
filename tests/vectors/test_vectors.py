"""Hashes, roots, plans, single proofs and tree files, as another implementation would use the vectors."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest
import tallystick as ts

from tests.reference.samples import leaves as sample_leaves
from tests.vectors.files import (
    SAMPLES,
    Json,
    cases,
    check_json,
    folded,
    groups,
    numbers,
    proof_of,
    reason_of,
    rows_of,
    scheme_of,
)


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


@folded("roots")
def test_all_roots_folded(group: Json) -> None:
    tree = ts.MerkleTree(SAMPLES[:130], scheme=scheme_of(group["scheme"]))
    roots = b"".join(tree.head_at(size).root for size in range(131))
    assert hashlib.sha256(roots).hexdigest() == group["folded"]


@cases("plans")
def test_plans(group: Json, case: Json) -> None:
    indices = numbers(case["indices"])
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
    """The reason of the refusal; all verifiers agree, or this fails."""
    batch = ts.ProofBatch(proof.digests, [0, len(proof)], digest_size=proof.digest_size)
    accepted = head.check_each([index], [leaf], batch).tolist()
    error = refusal(head, index, leaf, proof)
    assert accepted == [error is None]
    many = ts.MultiProof(proof.digests, digest_size=proof.digest_size)
    if error is None:
        head.verify_each([index], [leaf], batch)
        head.verify_many([index], [leaf], many)
        return None
    with pytest.raises(ts.InvalidProof) as each:
        head.verify_each([index], [leaf], batch)
    assert each.value.failed == (0,)
    with pytest.raises(ts.InvalidProof) as together:
        head.verify_many([index], [leaf], many)
    assert together.value.reason is error.reason
    assert isinstance(error, ts.RootMismatch) == (error.reason is ts.Reason.ROOT_MISMATCH)
    return reason_of(error)


@cases("inclusion")
def test_inclusion(group: Json, case: Json) -> None:
    head = ts.TreeHead(scheme_of(group["scheme"]), int(case["size"]), bytes.fromhex(case["root"]))
    if "Unencodable" in case["flags"]:
        with pytest.raises(ValueError, match=f"{case['digest_size']}"):
            ts.InclusionProof(rows_of(case["proof"], case["digest_size"]))
        raw = b"tlyi\x01" + bytes([case["digest_size"]]) + bytes.fromhex(case["proof"])
        with pytest.raises(ts.DecodeError):
            ts.InclusionProof.from_bytes(raw)
        return
    proof = proof_of(ts.InclusionProof, case)
    check_json(case, head, proof)
    reason = verdict(head, int(case["index"]), bytes.fromhex(case["leaf"]), proof)
    assert reason == case.get("reason")
    assert (reason is None) == (case["result"] == "valid")


@pytest.mark.parametrize("name", ["inclusion", "multi"])
def test_some_tests_have_head_and_proof_in_json(name: str) -> None:
    having = [case for group in groups(name) for case in group["tests"] if "head_json" in case]
    assert {case["result"] for case in having} == {"valid", "invalid"}
    assert len(having) > 20


@cases("tree_files", "valid")
def test_tree_files(group: Json, case: Json, tmp_path: Path) -> None:
    path, begin, end = tmp_path / "tree", int(case["begin"]), int(case["end"])
    leaves, options = tree_file_leaves()[begin:end], {"begin": begin, "lowest": case["lowest"]}
    tree = ts.build_file(path, [leaves], scheme=scheme_of(group["scheme"]), **options)
    raw = path.read_bytes()
    assert len(raw) == int(case["length"])
    assert hashlib.sha256(raw).hexdigest() == case["sha256"]
    if "file" in case:
        assert raw.hex() == case["file"]
    if begin:
        assert tree is None
        with pytest.raises(ValueError, match="begins at leaf"):
            ts.MerkleTree.open(path)
        return
    memory = ts.MerkleTree(leaves, scheme=scheme_of(group["scheme"]))
    assert ts.MerkleTree.open(path, check=True).head == tree.head == memory.head
    if not case["lowest"]:
        memory.save(path, overwrite=True)
        assert path.read_bytes() == raw


@cache
def tree_file_leaves() -> list[bytes]:
    return sample_leaves(12_289)


@cases("tree_files", "invalid")
def test_damaged_tree_files_are_refused(group: Json, case: Json, tmp_path: Path) -> None:
    path = tmp_path / "tree"
    path.write_bytes(bytes.fromhex(case["file"]))
    for check in (False, True):  # one page: its peaks are in it, so opening reads it
        with pytest.raises(ts.DecodeError, match=r"."):
            ts.MerkleTree.open(path, check=check)
