"""Trees: built, appended to, changed, asked for heads. Earlier heads are in test_stale_heads."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.reference import trees
from tests.reference.schemes import Scheme
from tests.support import array, built, each_scheme, head_of, proof_of, rows, scheme_of, state

LEAVES = rows(33)


@each_scheme
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 33])
def test_a_tree_is_the_twins(twin: Scheme, size: int) -> None:
    tree = built(LEAVES[:size], scheme=scheme_of(twin))
    assert (
        tree.head == head_of(trees.head(twin, LEAVES[:size])) == ts.head_of(LEAVES[:size], scheme=tree.scheme)
    )
    assert (len(tree), tree.head.size, tree.root, tree.scheme) == (
        size,
        size,
        tree.head.root,
        scheme_of(twin),
    )
    assert repr(tree) == f"<MerkleTree {twin.name}: {size} leaves>"
    for index in range(size):
        assert tree.prove(index) == proof_of(trees.prove(twin, LEAVES[:size], index))


@each_scheme
def test_a_tree_without_leaves(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    tree = ts.MerkleTree(scheme=scheme)
    assert tree.root == twin.root(0, twin.empty())
    forms: tuple[Any, ...] = ((), [], np.empty((0, 5), np.uint8))
    for form in forms:
        assert ts.MerkleTree(form, scheme=scheme).head == tree.head == ts.head_of(form, scheme=scheme)
    with pytest.raises(IndexError, match="0"):
        tree.prove(0)
    assert len(tree.prove_each()) == len(tree.prove_each([])) == 0
    assert list(tree.proofs()) == []
    assert tree.head_at(0) == tree.head
    assert tree.extend([]) == range(0)
    assert tree.append(b"") == 0
    tree.head.verify_inclusion(0, b"", tree.prove(0))


def test_a_query_that_found_nothing_is_no_empty_tree() -> None:
    with pytest.raises(TypeError, match="None"):
        ts.MerkleTree(None)  # type: ignore[arg-type]


def test_an_empty_leaf_is_a_leaf() -> None:
    roots = {built([b""] * count).root for count in range(9)}
    assert len(roots) == 9


@pytest.mark.parametrize("begin", [0, 1, 7, 8, 32])
def test_append_adds_one_leaf(begin: int) -> None:
    tree = built(LEAVES[:begin])
    for index in range(begin, 33):
        assert tree.append(LEAVES[index]) == index
        assert tree.head == ts.head_of(LEAVES[: index + 1])


@pytest.mark.parametrize("begin", [0, 1, 2, 5, 8, 31])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 8, 33])
def test_extend_adds_all_leaves(begin: int, count: int) -> None:
    tree = built(LEAVES[:begin])
    more = rows(count, seed=1)
    assert tree.extend(more) == range(begin, begin + count)
    assert state(tree) == state(built(LEAVES[:begin] + more))
    for index in range(begin + count):
        tree.head.verify_inclusion(index, (LEAVES[:begin] + more)[index], tree.prove(index))


def test_extend_takes_every_width_after_another() -> None:
    tree = ts.MerkleTree(array(10, 32))
    tree.extend(array(5, 100))
    tree.extend(LEAVES)
    everything = [row.tobytes() for block in (array(10, 32), array(5, 100)) for row in block] + LEAVES
    assert tree.head == ts.head_of(everything)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33])
def test_update_replaces_leaves(size: int) -> None:
    random = np.random.default_rng(size)
    leaves = LEAVES[:size]
    tree = built(leaves)
    for count in range(size + 1):
        indices = random.permutation(size)[:count]
        fresh = rows(count, seed=count)
        assert tree.update(indices, fresh) is None  # type: ignore[func-returns-value]
        for index, leaf in zip(indices, fresh, strict=True):
            leaves[index] = leaf
        assert state(tree) == state(built(leaves))


def test_update_of_a_larger_tree_is_a_rebuild() -> None:
    leaves = array(100_000).copy()
    tree = ts.MerkleTree(leaves)
    indices = np.random.default_rng(1).permutation(100_000)[:30_000]
    fresh = array(30_000, seed=1)
    tree.update(indices, fresh)
    leaves[indices] = fresh
    assert tree.head == ts.head_of(leaves)


def test_head_at_is_the_head_of_the_first_leaves_as_they_are() -> None:
    tree = built(LEAVES)
    tree.update([3], [b"new"])
    now = [*LEAVES[:3], b"new", *LEAVES[4:]]
    for size in range(34):
        assert tree.head_at(size) == ts.head_of(now[:size])
    assert tree.head_at(size=np.uint8(33)) == tree.head


@pytest.mark.parametrize(
    ("size", "error"),
    [(34, ValueError), (2**64 - 1, ValueError), (-1, ValueError), (2**64, OverflowError), (True, TypeError)],
)
def test_no_head_of_another_size(size: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=str(size).replace("True", "bool")):
        built(LEAVES).head_at(size)


def test_one_batch_of_all_proofs() -> None:
    tree = built(LEAVES)
    batch = tree.prove_each()
    assert [batch[index] for index in range(33)] == [tree.prove(index) for index in range(33)]
    tree.head.verify_each(range(33), LEAVES, batch)
    assert tree.prove_each(None) == tree.prove_each(range(33)) == tree.prove_each(np.arange(33)) == batch


def test_a_batch_in_any_order_and_with_repeats() -> None:
    tree = built(LEAVES)
    chosen = [32, 0, 5, 5, 31, 0]
    batch = tree.prove_each(indices=chosen)
    assert [batch[place] for place in range(6)] == [tree.prove(index) for index in chosen]


@pytest.mark.parametrize("chunk", [1, 2, 32, 33, 34, 2**63])
@pytest.mark.parametrize("indices", [None, [32, 0, 5, 5, 31, 0], []], ids=["all", "some", "none"])
def test_chunks_join_to_the_batch(chunk: int, indices: list[int] | None) -> None:
    tree = built(LEAVES)
    chunks = list(tree.proofs(indices, chunk=chunk))
    total = 33 if indices is None else len(indices)
    assert [len(batch) for batch in chunks] == [min(chunk, total - at) for at in range(0, total, chunk)]
    found = [proof for batch in chunks for proof in batch]
    assert found == list(tree.prove_each(indices))


def test_chunks_are_4096_proofs_unless_told() -> None:
    tree = ts.MerkleTree(array(10_000))
    assert [len(batch) for batch in tree.proofs()] == [4096, 4096, 1808]


def test_kept_chunks_are_never_written_over() -> None:
    tree = ts.MerkleTree(array(1000))
    chunks = tree.proofs(chunk=100)
    kept, copies, arrays = [], [], []
    for number, batch in enumerate(chunks):
        if number % 3 == 0:
            kept.append(batch)
            copies.append(batch.to_bytes())
        if number % 3 == 1:  # only the array lives on, not its batch
            arrays.append((batch.digests, batch.digests.copy()))
    assert [batch.to_bytes() for batch in kept] == copies
    assert all(np.array_equal(array, copy) for array, copy in arrays)


def test_an_iterator_of_chunks_ends_once_and_for_all() -> None:
    chunks = built(LEAVES).proofs(chunk=20)
    assert iter(chunks) is chunks
    assert [len(batch) for batch in chunks] == [20, 13]
    assert list(chunks) == []


def test_leaf_data_may_change_after_the_call() -> None:
    data = array(1000).copy()
    tree = ts.MerkleTree(data)
    root = tree.root
    data[:] = 0
    assert tree.root == tree.head_at(1000).root == root


def test_a_tree_is_no_value() -> None:
    one, other = built(LEAVES), built(LEAVES)
    assert one != other
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(one)
