"""Multi-proofs, consistency proofs and shards against their vector files."""

from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
import tallystick as ts

from tests.vectors.files import (
    SAMPLES,
    Json,
    cases,
    check_json,
    folded,
    numbers,
    proof_of,
    reason_of,
    rows_of,
    scheme_of,
    unhex,
)


def unencodable(kind: type[ts.MultiProof] | type[ts.ConsistencyProof], magic: bytes, case: Json) -> bool:
    """Whether no such proof exists; then constructor and decoder refuse it."""
    if "Unencodable" not in case["flags"]:
        return False
    with pytest.raises(ValueError, match=f"{case['digest_size']}"):
        proof_of(kind, case)
    with pytest.raises(ts.DecodeError):
        kind.from_bytes(magic + b"\x01" + bytes([case["digest_size"]]) + bytes.fromhex(case["proof"]))
    return True


def many_refused(head: ts.TreeHead, case: Json, proof: ts.MultiProof) -> ts.InvalidProof | None:
    try:
        head.verify_many(numbers(case["indices"]), unhex(case["leaves"]), proof)
    except ts.InvalidProof as error:
        return error
    return None


@cases("multi")
def test_multi(group: Json, case: Json) -> None:
    if unencodable(ts.MultiProof, b"tlym", case):
        return
    head = ts.TreeHead(scheme_of(group["scheme"]), int(case["size"]), bytes.fromhex(case["root"]))
    indices, leaves = numbers(case["indices"]), unhex(case["leaves"])
    proof = proof_of(ts.MultiProof, case)
    check_json(case, head, proof)
    error = many_refused(head, case, proof)
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")
    assert isinstance(error, ts.RootMismatch) == (case.get("reason") == "ROOT_MISMATCH")
    if error is not None:
        for index in indices:
            with pytest.raises(ts.InvalidProof) as caught:
                proof.extract(indices, leaves, index, head)
            assert caught.value.reason is error.reason
        return
    for index, digests in zip(indices, case.get("extracted", ()), strict="extracted" in case):
        cut = proof.extract(indices, leaves, index, head)
        assert cut.digests.tobytes().hex() == digests
        head.verify_inclusion(index, leaves[indices.index(index)], cut)
    if "merged" in case:
        check_merged(head, case, proof)


def check_merged(head: ts.TreeHead, case: Json, proof: ts.MultiProof) -> None:
    other = case["other"]
    mine = numbers(case["indices"]), unhex(case["leaves"])
    theirs = numbers(other["indices"]), unhex(other["leaves"])
    other_proof = proof_of(ts.MultiProof, other)
    merged = proof.merge(*mine, other_proof, *theirs, head)
    assert merged.digests.tobytes().hex() == case["merged"]
    assert other_proof.merge(*theirs, proof, *mine, head) == merged


@folded("multi")
def test_all_multi_proofs_folded(group: Json) -> None:
    whole = hashlib.sha256()
    for size in range(1, 9):
        tree = ts.MerkleTree(SAMPLES[:size], scheme=scheme_of(group["scheme"]))
        for length in range(1, size + 1):
            for indices in combinations(range(size), length):
                whole.update(tree.prove_many(indices).digests.tobytes())
    assert whole.hexdigest() == group["folded"]


def growth_refused(newer: ts.TreeHead, older: ts.TreeHead, proof: object) -> ts.InvalidProof | None:
    try:
        newer.verify_extends(older, proof)  # type: ignore[arg-type]
    except ts.InvalidProof as error:
        return error
    return None


@cases("consistency")
def test_consistency(group: Json, case: Json) -> None:
    if unencodable(ts.ConsistencyProof, b"tlyc", case):
        return
    scheme = scheme_of(group["scheme"])
    older_scheme = scheme_of(case["older_scheme"]) if "older_scheme" in case else scheme
    newer = ts.TreeHead(scheme, int(case["newer_size"]), bytes.fromhex(case["newer_root"]))
    older = ts.TreeHead(older_scheme, int(case["older_size"]), bytes.fromhex(case["older_root"]))
    error = growth_refused(newer, older, proof_of(ts.ConsistencyProof, case))
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")


@folded("consistency")
def test_all_growth_folded(group: Json) -> None:
    whole = hashlib.sha256()
    for newer in range(1, 21):
        tree = ts.MerkleTree(SAMPLES[:newer], scheme=scheme_of(group["scheme"]))
        for older in range(1, newer + 1):
            whole.update(tree.prove_extends(older).digests.tobytes())
    assert whole.hexdigest() == group["folded"]


def made(scheme: ts.Scheme, shard: Json) -> ts.Shard:
    """A shard of these digests, wherever it lies, by its JSON form."""
    digests = ",".join(f'"{digest}"' for digest in shard["digests"])
    begin = (
        f'{{"format":"tallystick-shard","version":1,"scheme":{scheme.to_json()},"begin":"{shard["begin"]}"'
    )
    return ts.Shard.from_json(f'{begin},"end":"{shard["end"]}","digests":[{digests}]}}')


@cases("shards", what="cover")
def test_covers(group: Json, case: Json) -> None:
    """The number of nodes is what the decoder requires; their places show in what joins make of them."""
    scheme, nodes = ts.schemes.NATIVE, case["nodes"]
    shard = {**case, "digests": ["00" * 32] * len(nodes)}
    assert len(made(scheme, shard).digests) == len(nodes)
    for other in (len(nodes) - 1, len(nodes) + 1):
        if other >= 0:
            with pytest.raises(ts.DecodeError):
                made(scheme, {**case, "digests": ["00" * 32] * other})
    parts = [(int(index) << level, int(index) + 1 << level) for level, index in nodes]
    joined = made(scheme, {"begin": case["begin"], "end": case["begin"], "digests": []})
    for place, (begin, end) in enumerate(parts):
        joined += made(scheme, {"begin": begin, "end": end, "digests": [f"{place:064x}"]})
    assert (joined.begin, joined.end) == (int(case["begin"]), int(case["end"]))
    assert joined.digests.tobytes().hex() == "".join(f"{place:064x}" for place in range(len(nodes)))


@cases("shards", "valid", what="shards")
def test_shards(group: Json, case: Json) -> None:
    scheme = scheme_of(group["scheme"])
    if "joined" in case:
        joined = made(scheme, case["left"]) + made(scheme, case["right"])
        assert joined == made(scheme, case["joined"])
        return
    begin, end = int(case["shard"]["begin"]), int(case["shard"]["end"])
    shard = ts.Shard.from_leaves(begin, SAMPLES[begin:end], scheme=scheme)
    assert shard == made(scheme, case["shard"])
    assert (shard.scheme, shard.begin, shard.end) == (scheme, begin, end)
    assert shard.digests.tobytes() == rows_of("".join(case["shard"]["digests"]), 32).tobytes()
    if "root" in case["shard"]:
        assert shard.head() == ts.TreeHead(scheme, end, bytes.fromhex(case["shard"]["root"]))


@cases("shards", "invalid", what="refused")
def test_shards_that_do_not_join(group: Json, case: Json) -> None:
    if "shard" in case:
        with pytest.raises(ValueError, match="0"):
            ts.Shard.from_bytes(bytes.fromhex(case["shard"])).head()
        return
    left, right = (ts.Shard.from_bytes(bytes.fromhex(case[side])) for side in ("left", "right"))
    with pytest.raises(ValueError, match=r"."):
        left + right
