"""Proofs for a head the caller names: earlier sizes while their leaves stand, else StaleHead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tallystick as ts

from tests.support import built, rows, state

LEAVES = rows(21)

Prove = Callable[[ts.MerkleTree, ts.TreeHead], object]

CALLS: dict[str, Prove] = {
    "prove": lambda tree, head: tree.prove(0, head=head),
    "prove_each": lambda tree, head: tree.prove_each([0], head=head),
    "prove_each of all": lambda tree, head: tree.prove_each(head=head),
    "prove_many": lambda tree, head: tree.prove_many([0], head=head),
    "prove_extends": lambda tree, head: tree.prove_extends(1, head=head),
    "proofs": lambda tree, head: tree.proofs(head=head),
    "proofs of some": lambda tree, head: tree.proofs([0], head=head),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def test_every_earlier_head_stays_provable() -> None:
    tree = built([])
    heads = [tree.head]
    for leaf in LEAVES:
        tree.append(leaf)
        heads.append(tree.head)
    for head in heads[1:]:
        size = head.size
        for index in range(size):
            head.verify_inclusion(index, LEAVES[index], tree.prove(index, head=head))
        head.verify_each(range(size), LEAVES[:size], tree.prove_each(head=head))
        chosen = range(0, size, 3)
        head.verify_many(chosen, LEAVES[:size:3], tree.prove_many(chosen, head=head))
        for older in heads[1 : size + 1]:
            head.verify_extends(older, tree.prove_extends(older.size, head=head))
        for batch in tree.proofs(chunk=size, head=head):
            head.verify_each(range(size), LEAVES[:size], batch)


def test_a_proof_for_an_earlier_head_is_for_no_other() -> None:
    tree = built(LEAVES)
    older = tree.head_at(10)
    proof = tree.prove(3, head=older)
    assert proof == built(LEAVES[:10]).prove(3)
    with pytest.raises(ts.InvalidProof):
        tree.head.verify_inclusion(3, LEAVES[3], proof)


@pytest.mark.parametrize("index", [10, 20, 21, -1, 2**64])
def test_a_leaf_behind_the_head_is_not_in_it(index: int) -> None:
    tree = built(LEAVES)
    older = tree.head_at(10)
    with pytest.raises(IndexError, match=str(index)):
        tree.prove(index, head=older)
    with pytest.raises(IndexError, match=str(index)):
        tree.prove_each([0, index], head=older)
    with pytest.raises(IndexError, match=str(index)):
        tree.prove_many([0, index], head=older)
    with pytest.raises(IndexError, match=str(index)):
        tree.proofs([0, index], head=older)


@each_call
@pytest.mark.parametrize("size", [1, 10, 20, 21])
def test_replacing_a_leaf_makes_heads_stale(call: Prove, size: int) -> None:
    tree = built(LEAVES)
    head = tree.head_at(size)
    call(tree, head)
    tree.update([size - 1], [b"new"])
    with pytest.raises(ts.StaleHead, match=f"{size}"):
        call(tree, head)
    tree.update([size - 1], [LEAVES[size - 1]])
    call(tree, head)  # the leaves stand again


@each_call
def test_replacing_a_leaf_behind_a_head_leaves_it(call: Prove) -> None:
    tree = built(LEAVES)
    head = tree.head_at(10)
    tree.update([10, 20], [b"x", b"y"])
    call(tree, head)
    head.verify_inclusion(9, LEAVES[9], tree.prove(9, head=head))


OTHERS = {
    "a larger tree": built([*LEAVES, b"more"]).head,
    "other leaves": built(rows(21, seed=1)).head,
    "other leaves, shorter": built(rows(20, seed=1)).head,
    "another root": ts.TreeHead(ts.schemes.NATIVE, 21, bytes(32)),
    "another root of size 0": ts.TreeHead(ts.schemes.NATIVE, 0, bytes(32)),
    "another size": ts.TreeHead(ts.schemes.NATIVE, 20, built(LEAVES).root),
    "another context": built(LEAVES, scheme=ts.schemes.NATIVE.with_context(b"x")).head,
    "another family": built(LEAVES, scheme=ts.schemes.rfc6962(ts.hashes.BLAKE3)).head,
    "another hash": built(LEAVES, scheme=ts.schemes.native(ts.hashes.SHA256)).head,
    "the last size": ts.TreeHead(ts.schemes.NATIVE, 2**64 - 1, bytes(32)),
}


@each_call
@pytest.mark.parametrize("head", OTHERS.values(), ids=OTHERS)
def test_a_head_of_another_tree_is_stale(call: Prove, head: ts.TreeHead) -> None:
    tree = built(LEAVES)
    before = state(tree)
    with pytest.raises(ts.StaleHead, match=rf"21 leaves.*size {head.size}: ") as caught:
        call(tree, head)
    assert isinstance(caught.value, ValueError)
    assert not isinstance(caught.value, ts.InvalidProof)
    assert state(tree) == before


@each_call
@pytest.mark.parametrize(
    "head", [b"", 21, "head", built(LEAVES).root, ts.schemes.NATIVE, built(LEAVES)], ids=type
)
def test_a_head_is_a_head(call: Prove, head: object) -> None:
    with pytest.raises(TypeError):
        call(built(LEAVES), head)  # type: ignore[arg-type]


def test_chunks_belong_to_the_head_of_their_call() -> None:
    tree = built(LEAVES)
    head = tree.head
    chunks = tree.proofs(chunk=4)
    seen: list[ts.InclusionProof] = []
    for batch in chunks:
        tree.append(b"behind")
        begin = len(seen)
        head.verify_each(range(begin, begin + len(batch)), LEAVES[begin : begin + len(batch)], batch)
        seen.extend(batch)
    assert len(seen) == 21
    assert len(tree) == 27


def test_chunks_end_with_stale_head_when_a_leaf_is_replaced() -> None:
    tree = built(LEAVES)
    chunks = tree.proofs(chunk=4)
    next(chunks)
    tree.append(b"behind")
    tree.update([21], [b"behind the head"])
    next(chunks)
    tree.update([0], [b"in the head"])
    with pytest.raises(ts.StaleHead, match="21"):
        next(chunks)
