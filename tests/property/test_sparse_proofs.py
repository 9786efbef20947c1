"""Each key has one claim that is accepted and one proof of it, whatever the keys; verdicts are the twin's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tallystick as ts
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.test_codecs import changed
from tests.reference import sparse_verify
from tests.reference.codec import decode, encode
from tests.reference.reader import DecodeError
from tests.reference.refusals import Refused
from tests.reference.sparse_objects import SparseHead, SparseMultiProof, SparseProof
from tests.support_sparse import SPARSE_BUILT_IN, Twin

SCHEMES = [SPARSE_BUILT_IN[0].with_context(b"day 1"), *SPARSE_BUILT_IN[1:]]
BASE = bytes(range(7, 39))
#: Bits in which keys differ: near the top, at the borders of bytes and words, and at the bottom.
PLACES = (0, 1, 2, 3, 4, 7, 8, 63, 64, 65, 128, 253, 254, 255)


def flipped(places: frozenset[int]) -> bytes:
    number = int.from_bytes(BASE, "big")
    for place in places:
        number ^= 1 << 255 - place
    return number.to_bytes(32, "big")


keys = st.frozensets(st.sampled_from(PLACES), max_size=4).map(flipped)
values = st.binary(max_size=3)
maps = st.dictionaries(keys, values, max_size=12)
few = st.lists(keys, max_size=8, unique=True)
scheme = st.sampled_from(SCHEMES)
Claim = tuple[dict[bytes, bytes], list[bytes]]


def reason(check: Callable[..., None], *claim: Any) -> str | None:
    try:
        check(*claim)
    except ts.InvalidProof as error:
        return error.reason.name
    except Refused as refused:
        return refused.reason
    return None


def split(items: dict[bytes, bytes], asked: list[bytes]) -> Claim:
    return {key: items[key] for key in asked if key in items}, [key for key in asked if key not in items]


@given(scheme, maps, keys, values)
def test_present_or_absent_and_never_both(
    scheme: ts.Scheme, items: dict[bytes, bytes], asked: bytes, other: bytes
) -> None:
    tree = Twin(scheme, items)
    head, proof = tree.head, tree.prove(asked)
    for value in {other, items.get(asked, other)}:
        accepted = reason(head.verify_present, asked, value, proof) is None
        assert accepted == (items.get(asked) == value)
    assert (reason(head.verify_absent, asked, proof) is None) == (asked not in items)


@given(scheme, maps, few, st.data())
def test_many_keys_are_what_they_are_one_by_one(
    scheme: ts.Scheme, items: dict[bytes, bytes], asked: list[bytes], draw: st.DataObject
) -> None:
    tree = Twin(scheme, items)
    if not asked:
        return
    (present, absent), proof = split(items, asked), tree.prove_many(asked)
    tree.head.verify_many(present, absent, proof)
    # Another claim about the same keys.
    one = draw.draw(st.sampled_from(asked))
    if one in present:
        lacking = {key: value for key, value in present.items() if key != one}
        assert reason(tree.head.verify_many, lacking, [*absent, one], proof)
        assert reason(tree.head.verify_many, present | {one: present[one] + b"!"}, absent, proof)
        assert reason(tree.head.verify_many, lacking, absent, proof)
    else:
        without = [key for key in absent if key != one]
        assert reason(tree.head.verify_many, present | {one: b""}, without, proof)
        # An absent key may end where others do, so that the proof of fewer is the same.
        kept = [*present, *without]
        same = bool(kept) and tree.prove_many(kept) == proof
        assert (reason(tree.head.verify_many, present, without, proof) is None) == same


@settings(max_examples=300)
@given(scheme, maps, few, few, st.data())
def test_any_proof_of_any_claim_is_judged_as_the_twin_does(
    scheme: ts.Scheme,
    items: dict[bytes, bytes],
    proven: list[bytes],
    asked: list[bytes],
    draw: st.DataObject,
) -> None:
    tree = Twin(scheme, items)
    honest = tree.tree.prove_many(proven or [BASE])
    raw = encode(honest)
    if draw.draw(st.booleans()):
        raw = changed(raw, draw, st.binary(max_size=2))
    shape = draw.draw(st.one_of(st.none(), st.binary(max_size=4)))
    try:
        proof = decode(SparseMultiProof, raw)
    except DecodeError:
        proof = honest
    if shape is not None:
        proof = SparseMultiProof(proof.digest_size, shape, proof.witnesses, proof.digests)
    head = tree.tree.head
    if draw.draw(st.booleans()):
        head = SparseHead(head.scheme, draw.draw(st.integers(0, 3)), head.root)
    claim = split(items, asked if draw.draw(st.booleans()) else proven)
    theirs = reason(sparse_verify.verify_many, head, *claim, proof)
    ours = reason(
        ts.SparseHead.from_bytes(encode(head)).verify_many,
        *claim,
        ts.SparseMultiProof.from_bytes(encode(proof)),
    )
    assert ours == theirs
    if ours is None:
        assert proof == tree.tree.prove_many([*claim[0], *claim[1]])


@settings(max_examples=300)
@given(scheme, maps, keys, keys, st.data())
def test_any_path_of_any_key_is_judged_as_the_twin_does(
    scheme: ts.Scheme, items: dict[bytes, bytes], proven: bytes, asked: bytes, draw: st.DataObject
) -> None:
    tree = Twin(scheme, items)
    honest = tree.tree.prove(proven)
    try:
        proof = decode(SparseProof, changed(encode(honest), draw, st.binary(max_size=2)))
    except DecodeError:
        proof = honest
    head = tree.tree.head
    if draw.draw(st.booleans()):
        head = SparseHead(head.scheme, draw.draw(st.integers(0, 3)), head.root)
    key = draw.draw(st.sampled_from([proven, asked]))
    own, path = ts.SparseHead.from_bytes(encode(head)), ts.SparseProof.from_bytes(encode(proof))
    value = items.get(key, b"")
    present = reason(own.verify_present, key, value, path)
    absent = reason(own.verify_absent, key, path)
    assert present == reason(sparse_verify.verify_present, head, key, value, proof)
    assert absent == reason(sparse_verify.verify_absent, head, key, proof)
    if None in (present, absent):
        assert proof == tree.tree.prove(key)
        assert (present is None) == (key in items)
