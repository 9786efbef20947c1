"""Sum trees, their proofs, shards and encodings against their vector files."""

from __future__ import annotations

from typing import Any

import pytest
import tallystick as ts

from tests.reference.samples import amounts, leaf, leaves
from tests.vectors.files import Json, cases, numbers, reason_of, scheme_of, unhex
from tests.vectors.forms import check_encodings, check_refused

CLASSES: dict[str, Any] = {
    "scheme": ts.Scheme,
    "sum-head": ts.SumHead,
    "sum-inclusion-proof": ts.SumInclusionProof,
    "sum-multi-proof": ts.SumMultiProof,
    "sum-proof-batch": ts.SumProofBatch,
    "sum-shard": ts.SumShard,
}
ListOfRecords = ts.SumInclusionProof | ts.SumMultiProof


def digests_in(case: Json) -> list[bytes]:
    raw, size = bytes.fromhex(case["proof"]), case.get("digest_size", 32)
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def proof_of(kind: Any, case: Json) -> Any:
    return kind(digests_in(case), numbers(case["sums"]), digest_size=case.get("digest_size", 32))


def head_in(group: Json, case: Json) -> ts.SumHead:
    scheme, root = scheme_of(group["scheme"]), bytes.fromhex(case["root"])
    return ts.SumHead(scheme, int(case["size"]), root, int(case["total"]))


def unencodable(kind: Any, case: Json) -> bool:
    """Whether no such proof exists; then the constructor refuses it."""
    if "Unencodable" not in case["flags"]:
        return False
    with pytest.raises((ValueError, OverflowError), match="sums"):
        proof_of(kind, case)
    return True


def check_json(case: Json, head: ts.SumHead, proof: ListOfRecords) -> None:
    if "head_json" in case:
        assert ts.SumHead.from_json(case["head_json"]) == head
        assert type(proof).from_json(case["proof_json"]) == proof
        assert (head.to_json(), proof.to_json()) == (case["head_json"], case["proof_json"])


@cases("sums")
def test_sums(group: Json, case: Json) -> None:
    scheme = scheme_of(group["scheme"])
    if "index" in case:
        index, amount = int(case["index"]), int(case["amount"])
        two = ts.SumTree([leaf(index), b""], [amount, 0], scheme=scheme)
        assert two.prove(1).digests.tobytes().hex() == case["digest"]
        assert two.prove(1).sums == (amount,)
        return
    size = int(case["size"])
    owed = numbers(case["amounts"]) if "amounts" in case else amounts(size)
    if case["result"] == "invalid":
        with pytest.raises(OverflowError):
            ts.SumTree(leaves(size), owed, scheme=scheme)
        return
    tree = ts.SumTree(leaves(size), owed, scheme=scheme)
    assert (tree.root.hex(), tree.total) == (case["root"], int(case["total"]))
    assert ts.SumShard.from_leaves(0, leaves(size), owed, scheme=scheme).head() == tree.head


def refused(check: Any, *claim: Any) -> ts.InvalidProof | None:
    try:
        check(*claim)
    except ts.InvalidProof as error:
        return error
    return None


@cases("sum_inclusion")
def test_sum_inclusion(group: Json, case: Json) -> None:
    if unencodable(ts.SumInclusionProof, case):
        return
    head, proof = head_in(group, case), proof_of(ts.SumInclusionProof, case)
    check_json(case, head, proof)
    index, data, amount = int(case["index"]), bytes.fromhex(case["leaf"]), int(case["amount"])
    error = refused(head.verify_inclusion, index, data, amount, proof)
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")
    size = case["digest_size"]
    batch = ts.SumProofBatch(digests_in(case), numbers(case["sums"]), [0, len(proof)], digest_size=size)
    assert head.check_each([index], [data], [amount], batch).tolist() == [error is None]


@cases("sum_multi")
def test_sum_multi(group: Json, case: Json) -> None:
    if unencodable(ts.SumMultiProof, case):
        return
    head, proof = head_in(group, case), proof_of(ts.SumMultiProof, case)
    check_json(case, head, proof)
    claim = numbers(case["indices"]), unhex(case["leaves"]), numbers(case["amounts"])
    error = refused(head.verify_many, *claim, proof)
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")
    if error is not None:
        assert reason_of(refused(proof.extract_each, *claim, head)) == case["reason"]
        return
    for index, expected in zip(claim[0], case.get("extracted", ()), strict="extracted" in case):
        cut = proof.extract(*claim, index, head)
        assert cut.digests.tobytes().hex() == expected["proof"]
        assert cut.sums == tuple(numbers(expected["sums"]))
    if "merged" in case:
        other = case["other"]
        theirs = numbers(other["indices"]), unhex(other["leaves"]), numbers(other["amounts"])
        merged = proof.merge(*claim, proof_of(ts.SumMultiProof, other), *theirs, head)
        assert merged.digests.tobytes().hex() == case["merged"]["proof"]
        assert merged.sums == tuple(numbers(case["merged"]["sums"]))


def shard_in(scheme: ts.Scheme, shard: Json) -> ts.SumShard:
    """A shard of these nodes, wherever it lies, by its JSON form."""
    digests = ",".join(f'"{digest}"' for digest in shard["digests"])
    shown = ",".join(f'"{total}"' for total in shard["sums"])
    return ts.SumShard.from_json(
        f'{{"format":"tallystick-sum-shard","version":1,"scheme":{scheme.to_json()},'
        f'"begin":"{shard["begin"]}","end":"{shard["end"]}","sums":[{shown}],"digests":[{digests}]}}'
    )


@cases("sum_shards", "valid")
def test_sum_shards(group: Json, case: Json) -> None:
    scheme = scheme_of(group["scheme"])
    if "shard" not in case:
        joined = shard_in(scheme, case["left"]) + shard_in(scheme, case["right"])
        assert joined == shard_in(scheme, case["joined"])
        return
    own = case["shard"]
    begin, end = int(own["begin"]), int(own["end"])
    made = ts.SumShard.from_leaves(begin, leaves(end)[begin:], amounts(end)[begin:], scheme=scheme)
    assert made == shard_in(scheme, own)
    assert (made.sums, made.total) == (tuple(numbers(own["sums"])), sum(amounts(end)[begin:]))
    if "root" in own:
        assert (made.head().root.hex(), made.head().total) == (own["root"], int(own["total"]))


@cases("sum_shards", "invalid")
def test_shards_that_are_refused(group: Json, case: Json) -> None:
    read = {
        name: ts.SumShard.from_bytes(bytes.fromhex(case[name]))
        for name in ("left", "right", "shard")
        if name in case
    }
    expected = OverflowError if "Overflow" in case["flags"] else ValueError
    with pytest.raises(expected):
        read["shard"].head() if "shard" in read else read["left"] + read["right"]


@cases("sum_encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("sum_encodings", "invalid")
def test_other_encodings_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)
