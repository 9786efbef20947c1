"""Every dense scheme of the specification, and own rules: heads, proofs and encodings equal the twin's."""

from __future__ import annotations

import random

import pytest
import tallystick as ts
from tallystick import _core

from tests.reference import multi, rules_encoding, trees
from tests.reference.objects import Head, InclusionProof
from tests.reference.samples import leaves
from tests.reference.schemes import Scheme
from tests.reference.variants import VARIANTS

SIZES = (*range(41), 64, 81, 125, 343, 500, 512, 513, 1000)
MANY = 600


def scheme_of(twin: Scheme) -> ts.Scheme:
    if twin.custom is None:
        return ts.schemes.get(twin.name)
    rules = rules_encoding.encode(twin.custom)
    return _core.scheme_of_rules(twin.family, ts.hashes.get(twin.hash_name), rules)


def head_of(twin: Head) -> ts.TreeHead:
    return ts.TreeHead(scheme_of(twin.scheme), twin.size, twin.root)


def proof_of(twin: InclusionProof) -> ts.InclusionProof:
    return ts.InclusionProof(list(twin.digests), digest_size=twin.digest_size)


def takes(twin: Scheme, size: int) -> bool:
    """Whether the tree can be; an index in one byte is below 256."""
    return twin.takes(size) and (twin.family != "short" or size <= 256)


def data_of(scheme: ts.Scheme, size: int) -> list[bytes]:
    data = leaves(size)
    return [scheme.hash.digest(leaf) for leaf in data] if scheme.bare_leaves else data


each_variant = pytest.mark.parametrize("twin", VARIANTS, ids=lambda twin: twin.name[:40])


@each_variant
def test_a_variant_says_what_it_is(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    assert scheme.name == twin.name
    for name in ("binds_size", "binds_scheme", "binds_index", "separates_leaves", "appendable"):
        assert getattr(scheme, name) == getattr(twin, name), name
    assert ts.Scheme.from_bytes(scheme.to_bytes()) == scheme
    assert scheme.bare_leaves == (twin.rules.leaf is None)


@each_variant
def test_heads_and_proofs_are_the_twins(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    found = 0
    for size in SIZES:
        data = data_of(scheme, size)
        if not takes(twin, size):
            with pytest.raises(ValueError, match="a tree of"):
                ts.MerkleTree(data, scheme=scheme)
            continue
        found += 1
        tree = ts.MerkleTree(data, scheme=scheme)
        assert tree.head == ts.head_of(data, scheme=scheme) == head_of(trees.head(twin, data)), size
        chooser = random.Random(size)
        indices = range(size) if size <= 33 else sorted(chooser.sample(range(size), 8))
        expected = [proof_of(trees.prove(twin, data, index)) for index in indices]
        assert [tree.prove(index) for index in indices] == expected
        if size:
            claimed = list(indices) if scheme.binds_index else None
            tree.head.verify_each(claimed, [data[index] for index in indices], tree.prove_each(list(indices)))
    assert found


@each_variant
def test_proofs_of_many_leaves_are_the_twins(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    for size in (1, 2, 3, 5, 8, 13, 16, 27, 33, 64, 343, 512):
        if not takes(twin, size):
            continue
        data = data_of(scheme, size)
        tree = ts.MerkleTree(data, scheme=scheme)
        chooser = random.Random(size)
        indices = sorted(chooser.sample(range(size), chooser.randint(1, min(size, 9))))
        claim = [data[index] for index in indices]
        if not scheme.binds_index:
            with pytest.raises(TypeError, match="membership"):
                tree.prove_many(indices)
            with pytest.raises(ts.InvalidProof) as refused:
                tree.head.verify_many(indices, claim, ts.MultiProof([]))
            assert refused.value.reason is ts.Reason.INDEX_NOT_BOUND
            continue
        proof = tree.prove_many(indices)
        expected = multi.prove_many(twin, data, indices)
        assert proof == ts.MultiProof(list(expected.digests), digest_size=expected.digest_size)
        tree.head.verify_many(indices, claim, proof)
        for index in indices:
            assert proof.extract(indices, claim, index, tree.head) == tree.prove(index)


@each_variant
def test_a_tree_that_grows_and_changes_is_the_tree_of_its_leaves(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    size = max(size for size in range(MANY) if takes(twin, size))
    data = data_of(scheme, size)
    tree = ts.MerkleTree(data if not scheme.appendable else data[: size // 3], scheme=scheme)
    if not scheme.appendable:
        changes = (
            lambda: tree.append(data[0]),
            lambda: tree.extend(data),
            lambda: tree.update([0], data[:1]),
        )
        for change in (*changes, lambda: tree.head_at(size)):
            with pytest.raises(TypeError, match="all their leaves at once"):
                change()
        with pytest.raises(TypeError):
            ts.Shard.from_leaves(0, data, scheme=scheme)
        return
    tree.extend(data[size // 3 : size // 2])
    for leaf in data[size // 2 : size // 2 + 3]:
        tree.append(leaf)
    tree.extend(data[len(tree) :])
    assert tree.head == ts.MerkleTree(data, scheme=scheme).head
    assert tree.head_at(size // 2) == ts.head_of(data[: size // 2], scheme=scheme)
    shard = ts.Shard.from_leaves(size // 3, data[size // 3 :], scheme=scheme)
    assert (ts.Shard.from_leaves(0, data[: size // 3], scheme=scheme) + shard).head() == tree.head
    if size:
        indices = sorted({0, size // 2, size - 1})
        replaced = data_of(scheme, size + 5)[-len(indices) :]
        tree.update(indices, replaced)
        for index, leaf in zip(indices, replaced, strict=True):
            data[index] = leaf
        assert tree.head == ts.MerkleTree(data, scheme=scheme).head
