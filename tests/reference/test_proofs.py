"""Proofs of many leaves, growth: the twin against definitions, published proofs, and its vectors."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reference import attacks_consistency, attacks_multi, codec, consistency, json_form, multi, shards
from tests.reference.multi import Claim
from tests.reference.objects import ConsistencyProof, Head, MultiProof
from tests.reference.refusals import Refused
from tests.reference.samples import leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, RFC6962, Scheme
from tests.reference.test_reference import CT_LEAVES, vectors
from tests.reference.trees import head, leaf_digests, levels, plan, prove, split, top
from tests.reference.vectors_consistency import folded as folded_growth
from tests.reference.vectors_multi import folded as folded_many

CT = Scheme(RFC6962, "sha256")
PAGES = Path(__file__).resolve().parents[2] / "docs" / "spec"
BOUND = Scheme(NATIVE, "sha256", b"day 1")

each_scheme = pytest.mark.parametrize("scheme", ALL_SCHEMES, ids=lambda scheme: scheme.name)

# Growth of trees of the first leaves of CT_LEAVES, as Certificate Transparency implementations share it.
CT_GROWTH: dict[tuple[int, int], tuple[str, ...]] = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


def refusal(check: Callable[..., None], *arguments: object) -> str | None:
    try:
        check(*arguments)
    except Refused as refused:
        return refused.reason
    return None


def claim_of(data: list[bytes], indices: tuple[int, ...]) -> Claim:
    return Claim(indices, tuple(data[i] for i in indices))


@pytest.mark.parametrize("scheme", [CT, BOUND], ids=["rfc6962", "native"])
def test_all_sets_of_leaves(scheme: Scheme) -> None:
    for size in range(1, 11):
        data = leaves(size)
        trusted = head(scheme, data)
        singles = [prove(scheme, data, i) for i in range(size)]
        for count in range(1, size + 1):
            for indices in itertools.combinations(range(size), count):
                claim, proof = claim_of(data, indices), multi.prove_many(scheme, data, indices)
                seen = multi.verified_nodes(trusted, claim, proof)
                for index in indices if size <= 8 else indices[:1]:
                    assert multi.extract(trusted, claim, proof, index) == singles[index]
                assert len(seen) < 2 * size
                shuffled = indices[::-1]
                multi.verify_many(trusted, claim_of(data, shuffled), proof)


def test_all_merges() -> None:
    for size in range(1, 7):
        data = leaves(size)
        trusted = head(BOUND, data)
        sets = [chosen for k in range(1, size + 1) for chosen in itertools.combinations(range(size), k)]
        made = {chosen: (claim_of(data, chosen), multi.prove_many(BOUND, data, chosen)) for chosen in sets}
        for left, right in itertools.product(sets, sets):
            both = tuple(sorted({*left, *right}))
            assert multi.merge(trusted, made[left], made[right]) == made[both][1]


def test_extract_and_merge_verify_the_whole_first() -> None:
    data = leaves(7)
    trusted = head(BOUND, data)
    claim, proof = claim_of(data, (0, 1, 6)), multi.prove_many(BOUND, data, (0, 1, 6))
    forged = Claim(claim.indices, (*claim.leaves[:2], b"forged"))
    with pytest.raises(Refused, match="ROOT_MISMATCH"):
        multi.extract(trusted, forged, proof, 0)
    with pytest.raises(Refused, match="ROOT_MISMATCH"):
        multi.merge(trusted, (claim, proof), (forged, proof))
    with pytest.raises(ValueError, match="not claimed"):
        multi.extract(trusted, claim, proof, 2)


def test_many_leaves_of_large_trees() -> None:
    chosen = random.Random(3)
    data = leaves(1025)
    trusted = head(CT, data)
    rows = levels(CT, leaf_digests(CT, data))
    for _ in range(20):
        indices = tuple(sorted(chosen.sample(range(1025), chosen.randint(1, 40))))
        digests = tuple(rows[level][i] for level, i in plan(1025, indices))
        multi.verify_many(trusted, claim_of(data, indices), MultiProof(32, digests))


def rfc_9162(older: Head, newer: Head, proof: ConsistencyProof) -> bool:
    """RFC 9162 section 2.1.4.2: another verifier of RFC 6962 proofs, step by step, for 0 < older < newer."""
    path = list(proof.digests)
    if older.size & (older.size - 1) == 0:
        path.insert(0, older.root)
    fn, sn = older.size - 1, newer.size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not path:
        return False
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = CT.node(c, fr), CT.node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = CT.node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr, sn) == (older.root, newer.root, 0)


def proof_of_rfc_6962(m: int, digests: list[bytes]) -> list[bytes]:
    """``PROOF(m, D[n]) = SUBPROOF(m, D[n], true)``, written out once more."""

    def subproof(m: int, d: list[bytes], b: bool) -> list[bytes]:
        if m == len(d):
            return [] if b else [top(CT, d)]
        k = split(len(d))
        if m <= k:
            return [*subproof(m, d[:k], b), top(CT, d[k:])]
        return [*subproof(m - k, d[k:], False), top(CT, d[:k])]

    return subproof(m, digests, True)


def test_all_growth_within_40_leaves() -> None:
    for newer in range(1, 41):
        data = leaves(newer)
        digests = leaf_digests(CT, data)
        grown = head(CT, data)
        for older in range(1, newer + 1):
            before, proof = head(CT, data[:older]), consistency.prove_extends(CT, data, older)
            assert list(proof.digests) == proof_of_rfc_6962(older, digests)
            consistency.verify_extends(grown, before, proof)
            assert older == newer or rfc_9162(before, grown, proof)
            native = consistency.prove_extends(BOUND, data, older)
            consistency.verify_extends(head(BOUND, data), head(BOUND, data[:older]), native)
            sent = older < newer and older & (older - 1) == 0
            assert len(native.digests) == len(proof.digests) + sent


def test_certificate_transparency_growth() -> None:
    for (older, newer), published in CT_GROWTH.items():
        proof = consistency.prove_extends(CT, CT_LEAVES[:newer], older)
        assert tuple(digest.hex() for digest in proof.digests) == published
        consistency.verify_extends(head(CT, CT_LEAVES[:newer]), head(CT, CT_LEAVES[:older]), proof)


@each_scheme
def test_attacks_are_refused_for_their_reason(scheme: Scheme) -> None:
    for many in attacks_multi.attacks(scheme):
        case = many.case
        assert refusal(multi.verify_many, case.head, case.claim, case.proof) == many.reason, many.name
    for growth in attacks_consistency.attacks(scheme):
        pair = growth.case
        reason = refusal(consistency.verify_extends, pair.newer, pair.older, pair.proof)
        assert reason == growth.reason, growth.name


def cut(joined: str, size: int) -> tuple[bytes, ...]:
    raw = bytes.fromhex(joined)
    return tuple(raw[at : at + size] for at in range(0, len(raw), size))


def scheme_of(group: dict[str, Any]) -> Scheme:
    return codec.decode(Scheme, bytes.fromhex(group["encoding"]))


def many_of(part: dict[str, Any]) -> tuple[Claim, MultiProof]:
    claim = Claim(tuple(map(int, part["indices"])), tuple(map(bytes.fromhex, part["leaves"])))
    return claim, MultiProof(part["digest_size"], cut(part["proof"], part["digest_size"]))


def test_multi_vectors_verify_as_stated() -> None:
    for group in vectors("multi.json")["groups"]:
        scheme = scheme_of(group["scheme"])
        assert folded_many(scheme) == group["folded"]
        for test in group["tests"]:
            trusted = Head(scheme, int(test["size"]), bytes.fromhex(test["root"]))
            claim, proof = many_of(test)
            if "head_json" in test:
                assert json_form.decode(Head, test["head_json"]) == trusted
                assert json_form.decode(MultiProof, test["proof_json"]) == proof
            reason = refusal(multi.verify_many, trusted, claim, proof)
            assert reason == test.get("reason"), test["id"]
            assert (reason is None) == (test["result"] == "valid"), test["id"]
            for index, single in zip(claim.indices, test.get("extracted", ()), strict=False):
                made = multi.extract(trusted, claim, proof, index)
                assert b"".join(made.digests).hex() == single
            if "other" in test:
                merged = multi.merge(trusted, (claim, proof), many_of(test["other"]))
                assert b"".join(merged.digests).hex() == test["merged"]


def test_consistency_vectors_verify_as_stated() -> None:
    for group in vectors("consistency.json")["groups"]:
        scheme = scheme_of(group["scheme"])
        assert folded_growth(scheme) == group["folded"]
        for test in group["tests"]:
            other = scheme_of(test["older_scheme"]) if "older_scheme" in test else scheme
            older = Head(other, int(test["older_size"]), bytes.fromhex(test["older_root"]))
            newer = Head(scheme, int(test["newer_size"]), bytes.fromhex(test["newer_root"]))
            proof = ConsistencyProof(test["digest_size"], cut(test["proof"], test["digest_size"]))
            reason = refusal(consistency.verify_extends, newer, older, proof)
            assert reason == test.get("reason"), test["id"]
            assert (reason is None) == (test["result"] == "valid"), test["id"]


def test_examples_of_the_proofs_page() -> None:
    assert plan(7, [0, 1, 6]) == [(1, 1), (1, 2)]
    assert consistency.start(6) == (1, 2)
    assert consistency.sides(6, 7) == [False, True]
    assert shards.cover(3, 9) == [(0, 3), (2, 1), (0, 8)]
    scheme = Scheme(NATIVE, "sha256")
    letters = [bytes([letter]) for letter in b"abcdefghi"]
    many, shard = multi.prove_many(scheme, letters[:7], (0, 1, 6)), shards.of_leaves(scheme, 3, letters[3:])
    for page, digests in (("proofs", many.digests), ("shards", shard.digests)):
        text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
        assert all(f"{d[:8].hex(' ')} \u2026 {d[-8:].hex(' ')}" in text for d in digests)
