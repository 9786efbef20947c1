"""Heads and proofs of sparse trees: what they are made of, what they refuse, and that types are types."""

from __future__ import annotations

import types
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tallystick as ts

from tests.reference import hashes
from tests.reference.samples import items, key
from tests.support_sparse import SPARSE_BUILT_IN, Twin, lone_key

SCHEMES = [SPARSE_BUILT_IN[0].with_context(b"day 1"), *SPARSE_BUILT_IN[1:]]
ITEMS = items(20)
TREE = Twin(SCHEMES[0], ITEMS)
HEAD = TREE.head
PRESENT, ABSENT = key(3), key(1000)
MANY = TREE.prove_many([*ITEMS, ABSENT])
each_scheme = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)


def reason(check: Callable[..., None], *claim: Any) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as info:
        check(*claim)
    return info.value.reason


@each_scheme
def test_keys_one_by_one_and_together(scheme: ts.Scheme) -> None:
    tree = Twin(scheme, ITEMS)
    for one in (key(0), key(7)):
        tree.head.verify_present(one, ITEMS[one], tree.prove(one))
        assert reason(tree.head.verify_absent, one, tree.prove(one)) is ts.Reason.OTHER_END
        assert reason(tree.head.verify_present, one, b"other", tree.prove(one)) is ts.Reason.ROOT_MISMATCH
    tree.head.verify_absent(ABSENT, tree.prove(ABSENT))
    assert reason(tree.head.verify_present, ABSENT, b"", tree.prove(ABSENT)) is ts.Reason.OTHER_END
    some = dict(list(ITEMS.items())[::3])
    tree.head.verify_many(some, [ABSENT], tree.prove_many([*some, ABSENT]))


def test_a_mismatch_shows_both_roots() -> None:
    with pytest.raises(ts.RootMismatch) as info:
        HEAD.verify_present(PRESENT, b"other", TREE.prove(PRESENT))
    assert info.value.expected == HEAD.root != info.value.computed


def test_a_head_is_of_a_sparse_scheme() -> None:
    assert (HEAD.size, HEAD.scheme) == (20, SCHEMES[0])
    for scheme in (ts.schemes.NATIVE, ts.schemes.NATIVE_SUM, ts.schemes.CELESTIA):
        with pytest.raises(TypeError, match="sparse"):
            ts.SparseHead(scheme, 1, bytes(32))
    with pytest.raises(TypeError, match="sparse"):
        ts.TreeHead(SCHEMES[0], 1, bytes(32))
    with pytest.raises(TypeError, match="sparse"):
        ts.MerkleTree(scheme=SCHEMES[0])
    with pytest.raises(ValueError, match="31 bytes"):
        ts.SparseHead(SCHEMES[0], 1, bytes(31))
    with pytest.raises(ValueError, match="negative"):
        ts.SparseHead(SCHEMES[0], -1, bytes(32))
    with pytest.raises(OverflowError):
        ts.SparseHead(SCHEMES[0], 2**64, bytes(32))
    with pytest.raises(TypeError):
        ts.SparseHead(SCHEMES[0], 1.0, bytes(32))  # type: ignore[arg-type]


def test_a_head_shows_itself() -> None:
    assert repr(HEAD) == f"<SparseHead native_sparse/blake3: size 20, root {HEAD.root.hex()}>"


@each_scheme
def test_a_proof_is_its_parts(scheme: ts.Scheme) -> None:
    tree = Twin(scheme, ITEMS)
    for one in (PRESENT, ABSENT, key(1001), key(1002)):
        proof = tree.prove(one)
        parts = (proof.end, proof.depth, proof.bitmap, proof.digests, proof.witness)
        assert ts.SparseProof(*parts) == proof
        assert len(proof) == len(proof.digests) == int.from_bytes(proof.bitmap, "big").bit_count()
        assert (proof.witness is None) == (proof.end != "other")
        assert not proof.digests.flags.writeable
    many = tree.prove_many([*ITEMS, ABSENT])
    assert ts.SparseMultiProof(many.shape, many.witnesses, many.digests) == many
    assert many.witnesses.shape == (len(many.witnesses), 64)
    assert len(many) == len(many.digests)


def test_proofs_show_themselves() -> None:
    proof, many = TREE.prove(PRESENT), MANY
    assert (
        repr(proof) == f"<SparseProof: ends present at depth {proof.depth}, {len(proof)} digests of 32 bytes>"
    )
    shape, witnesses = len(many.shape), len(many.witnesses)
    assert repr(many).startswith(f"<SparseMultiProof: {shape} bytes of shape, {witnesses} witnesses, ")


PARTS: dict[str, tuple[type[Exception], str, tuple[Any, ...]]] = {
    "end": (ValueError, "there is no end", ("gone", 0, b"", [])),
    "end as a number": (TypeError, "str", (0, 0, b"", [])),
    "negative depth": (ValueError, "negative", ("empty", -1, b"", [])),
    "depth": (ValueError, "at most 256", ("empty", 257, bytes(33), [])),
    "great depth": (ValueError, "at most 256", ("empty", 2**32, bytes(33), [])),
    "depth of a witness": (ValueError, "at most 255", ("other", 256, bytes(32), [], (bytes(32), bytes(32)))),
    "fraction": (TypeError, "depth", ("empty", 1.0, b"\x00", [])),
    "bitmap": (ValueError, "bitmap of 1 bytes", ("empty", 9, b"\x00", [])),
    "bitmap as a text": (TypeError, "bytes-like", ("empty", 1, "0", [])),
    "spare bit": (ValueError, "behind its last level", ("empty", 1, b"\x40", [bytes(32)])),
    "digest": (ValueError, "digest size of 31", ("empty", 1, b"\x80", [bytes(31)])),
    "digests": (ValueError, "2 digests", ("empty", 1, b"\x80", [bytes(32)] * 2)),
    "digests as bytes": (TypeError, "one leaf", ("empty", 1, b"\x80", bytes(32))),
    "no witness": (ValueError, "0 bytes of witnesses", ("other", 0, b"", [])),
    "a witness": (ValueError, "64 bytes of witnesses", ("empty", 0, b"", [], (bytes(32), bytes(32)))),
    "witness": (ValueError, "63 bytes of witnesses", ("other", 0, b"", [], (bytes(31), bytes(32)))),
    "witness as bytes": (TypeError, "witness must be", ("other", 0, b"", [], bytes(64))),
    "witness of texts": (TypeError, "bytes-like", ("other", 0, b"", [], ("a", "b"))),
}


@pytest.mark.parametrize("name", PARTS)
def test_what_makes_no_proof(name: str) -> None:
    error, message, parts = PARTS[name]
    with pytest.raises(error, match=message):
        ts.SparseProof(*parts)


def test_what_makes_no_multi_proof() -> None:
    with pytest.raises(ValueError, match=r"witnesses\[1\] has 63 bytes, not 64"):
        ts.SparseMultiProof(b"", [bytes(64), bytes(63)], [])
    with pytest.raises(ValueError, match="not 80"):
        ts.SparseMultiProof(b"", [bytes(64)], [], digest_size=48)
    with pytest.raises(ValueError, match="digest size of 16"):
        ts.SparseMultiProof(b"", [], [], digest_size=16)
    for parts in (("", [], []), (b"", bytes(64), []), (b"", [], bytes(32)), (b"", None, [])):
        with pytest.raises(TypeError):
            ts.SparseMultiProof(*parts)  # type: ignore[arg-type]


LENGTHS = (b"", bytes(31), bytes(33), PRESENT + b"\x00", PRESENT[:-1])


@pytest.mark.parametrize("wrong", LENGTHS, ids=len)
def test_a_key_of_another_length_is_a_false_claim(wrong: bytes) -> None:
    assert reason(HEAD.verify_present, wrong, b"", TREE.prove(PRESENT)) is ts.Reason.KEY_SIZE
    assert reason(HEAD.verify_absent, wrong, TREE.prove(ABSENT)) is ts.Reason.KEY_SIZE
    assert reason(HEAD.verify_many, {wrong: b""}, [], MANY) is ts.Reason.KEY_SIZE
    assert reason(HEAD.verify_many, {}, [PRESENT, wrong], MANY) is ts.Reason.KEY_SIZE


def test_keys_that_are_claimed_twice_or_not_at_all() -> None:
    assert reason(HEAD.verify_many, {}, [], MANY) is ts.Reason.EMPTY_CLAIM
    assert reason(HEAD.verify_many, {}, [ABSENT, ABSENT], MANY) is ts.Reason.DUPLICATE_KEY
    assert reason(HEAD.verify_many, ITEMS, [PRESENT], MANY) is ts.Reason.DUPLICATE_KEY


def test_rows_that_are_no_keys_are_a_false_claim() -> None:
    narrow = np.zeros((3, 0), np.uint8)
    with_null = pa.array([ABSENT, None], pa.binary())
    for absent in (narrow, with_null, np.zeros((2, 31), np.uint8), [b"a", b"b"]):
        assert reason(HEAD.verify_many, ITEMS, absent, MANY) is ts.Reason.KEY_SIZE


FORMS: dict[str, Callable[[Iterable[bytes]], Any]] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "generator": lambda keys: (one for one in keys),
    "keys of a mapping": dict.fromkeys,
    "view of keys": lambda keys: dict.fromkeys(keys).keys(),
    "array": lambda keys: np.array([list(one) for one in keys], np.uint8),
    "column": lambda keys: pa.array(list(keys), pa.binary(32)),
    "bytearrays": lambda keys: [bytearray(one) for one in keys],
    "memoryviews": lambda keys: [memoryview(one) for one in keys],
}


@pytest.mark.parametrize("form", FORMS)
def test_absent_keys_in_every_form(form: str) -> None:
    absent = [key(place) for place in range(1000, 1010)]
    HEAD.verify_many({}, FORMS[form](absent), TREE.prove_many(absent))
    other = [*absent[:-1], PRESENT]
    assert reason(HEAD.verify_many, {}, FORMS[form](other), TREE.prove_many(other))


def test_present_keys_in_every_mapping() -> None:
    proof = TREE.prove_many(list(ITEMS))
    for mapping in (ITEMS, OrderedDict(ITEMS), types.MappingProxyType(ITEMS)):
        HEAD.verify_many(mapping, [], proof)
    HEAD.verify_many({one: bytearray(value) for one, value in ITEMS.items()}, (), proof)
    HEAD.verify_many({memoryview(one): value for one, value in ITEMS.items()}, (), proof)


PROOF = TREE.prove(PRESENT)
WRONG_TYPES: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "key": (HEAD.verify_present, ("key", b"", PROOF)),
    "no key": (HEAD.verify_present, (None, b"", PROOF)),
    "value": (HEAD.verify_present, (PRESENT, 5, PROOF)),
    "proof": (HEAD.verify_present, (PRESENT, b"", MANY)),
    "absent key": (HEAD.verify_absent, (3, PROOF)),
    "absent proof": (HEAD.verify_absent, (PRESENT, None)),
    "encoded proof": (HEAD.verify_absent, (PRESENT, PROOF.to_bytes())),
    "pairs": (HEAD.verify_many, (list(ITEMS.items()), [], MANY)),
    "nothing present": (HEAD.verify_many, (None, [], MANY)),
    "nothing absent": (HEAD.verify_many, (ITEMS, None, MANY)),
    "one absent key": (HEAD.verify_many, (ITEMS, ABSENT, MANY)),
    "a text": (HEAD.verify_many, (ITEMS, "absent", MANY)),
    "texts": (HEAD.verify_many, (ITEMS, ["absent"], MANY)),
    "texts to iterate over": (HEAD.verify_many, (ITEMS, {"absent"}, MANY)),
    "keys that are texts": (HEAD.verify_many, ({"a": b""}, [], MANY)),
    "values that are texts": (HEAD.verify_many, ({PRESENT: ""}, [], MANY)),
    "values that are not there": (HEAD.verify_many, ({PRESENT: None}, [], MANY)),
    "one proof": (HEAD.verify_many, (ITEMS, [], PROOF)),
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_wrong_type_is_no_claim(name: str) -> None:
    check, claim = WRONG_TYPES[name]
    with pytest.raises(TypeError):
        check(*claim)


def test_what_the_callers_own_code_raises_comes_through() -> None:
    def keys() -> Iterable[bytes]:
        yield ABSENT
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        HEAD.verify_many({}, keys(), MANY)


def test_a_proof_belongs_to_one_tree() -> None:
    other = ts.SparseHead(ts.schemes.NATIVE_SPARSE.with_context(b"day 2"), HEAD.size, HEAD.root)
    assert reason(other.verify_present, PRESENT, ITEMS[PRESENT], PROOF) is ts.Reason.ROOT_MISMATCH
    larger = ts.SparseHead(HEAD.scheme, HEAD.size + 1, HEAD.root)
    assert reason(larger.verify_present, PRESENT, ITEMS[PRESENT], PROOF) is ts.Reason.ROOT_MISMATCH
    empty = ts.SparseHead(HEAD.scheme, 0, HEAD.root)
    assert reason(empty.verify_present, PRESENT, ITEMS[PRESENT], PROOF) is ts.Reason.SHAPE
    wide = ts.SparseProof("present", 1, b"\x80", [bytes(64)])
    assert reason(HEAD.verify_present, PRESENT, ITEMS[PRESENT], wide) is ts.Reason.DIGEST_SIZE


def test_verdicts_do_not_depend_on_threads() -> None:
    some = items(3000)
    tree = Twin(ts.schemes.ICS23_SMT, some)
    absent = [key(place) for place in range(10_000, 10_500)]
    proof, head = tree.prove_many([*some, *absent]), tree.head
    try:
        for threads in (1, 2, 8):
            ts.set_threads(threads)
            head.verify_many(some, absent, proof)
            assert reason(head.verify_many, some | {key(5): b"x"}, absent, proof) is ts.Reason.ROOT_MISMATCH
    finally:
        ts.set_threads(None)


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_absent_keys_beside_a_single_one_take_bits_alone(count: int) -> None:
    head, present, absent, proof = lone_key(count)
    head.verify_many(present, absent, proof)
    longer = ts.SparseMultiProof(proof.shape + b"\x00", [], [])
    assert reason(head.verify_many, present, absent, longer) is ts.Reason.SHAPE
    shorter = ts.SparseMultiProof(proof.shape[:-1], [], [])
    assert reason(head.verify_many, present, absent, shorter) is ts.Reason.SHAPE


def test_a_key_is_a_hash_in_a_domain_of_its_own() -> None:
    blake3 = hashes.HASHES["blake3"]
    for data in (b"", b"alice", bytes(100_000)):
        assert ts.key(data) == blake3.tag("tallystick/v1/key", data)
        assert ts.key(bytearray(data)) == ts.key(memoryview(data)) == ts.key(data)
    for wrong in ("alice", 5, None, [b"alice"]):
        with pytest.raises(TypeError):
            ts.key(wrong)  # type: ignore[arg-type]


@each_scheme
def test_values_that_are_digests_already(scheme: ts.Scheme) -> None:
    items = {key(place): b"value %d" % place for place in range(12)}
    tree, other = ts.SparseTree(items, scheme=scheme), ts.SparseTree(scheme=scheme)
    digests = {one: tree.digest(one) or b"" for one in items}
    other.update(list(digests), list(digests.values()), prehashed=True)
    assert other.head == tree.head
    head, proof = tree.head, tree.prove_many([*items, key(99)])
    for one, digest in digests.items():
        head.verify_present(one, digest, tree.prove(one), prehashed=True)
        assert reason(head.verify_present, one, digest, tree.prove(one)) is ts.Reason.ROOT_MISMATCH
    head.verify_many(digests, [key(99)], proof, prehashed=True)

    def many(present: dict[bytes, bytes]) -> ts.Reason:
        return reason(lambda: head.verify_many(present, [key(99)], proof, prehashed=True))

    assert many(items) is ts.Reason.DIGEST_SIZE
    assert many(digests | {key(0): digests[key(1)]}) is ts.Reason.ROOT_MISMATCH
    # Where a leaf is its value's digest, zeros would be no leaf.
    bare = scheme.name.startswith(("nervos_smt", "sparse_256"))
    found = many(digests | {key(0): bytes(32)})
    assert found is (ts.Reason.EMPTY_SIBLING if bare else ts.Reason.ROOT_MISMATCH)
    if bare:
        with pytest.raises(ValueError, match="would be absent"):
            other.update([key(50), key(51)], [digests[key(0)], bytes(32)], prehashed=True)
        assert other.head == tree.head
    with pytest.raises(ValueError, match="33 bytes"):
        other.update([key(50)], [bytes(33)], prehashed=True)
