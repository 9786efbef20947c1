"""Sum trees from end to end: what they prove, what overflows, which kinds mix, files and shards."""

from __future__ import annotations

import functools
import io
import itertools
import operator
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.reference import sums
from tests.reference.samples import amounts, leaves
from tests.reference.schemes import SUM_SCHEMES, Scheme
from tests.support import scheme_of

LEAVES, AMOUNTS = leaves(70), amounts(70)
TREE = ts.SumTree(LEAVES, AMOUNTS)
DENSE = ts.MerkleTree(LEAVES)
MAX = 2**128 - 1


@pytest.mark.parametrize("twin", SUM_SCHEMES, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("context", [b"", b"day 1"])
def test_every_size_is_the_twins(twin: Scheme, context: bytes) -> None:
    twin = twin.with_context(context)
    for size in (0, 1, 2, 3, 7, 8, 33):
        tree = ts.SumTree(LEAVES[:size], AMOUNTS[:size], scheme=scheme_of(twin))
        head = sums.head(twin, LEAVES[:size], AMOUNTS[:size])
        assert (tree.root, tree.total, len(tree)) == (head.root, head.total, size)
        assert tree.head == ts.SumHead(tree.scheme, size, head.root, head.total)


def test_large_trees_of_one_width_are_those_of_lists() -> None:
    count = 10_000
    rows = np.random.default_rng(1).integers(0, 256, (count, 24), dtype=np.uint8)
    owed = np.random.default_rng(2).integers(0, 2**62, count)
    tree = ts.SumTree(rows, owed)
    assert tree.total == sum(owed.tolist())
    assert tree.head == ts.SumTree([row.tobytes() for row in rows], owed.tolist()).head
    tree.head.verify_each(range(count), rows, owed, tree.prove_each())


def test_overflow_refuses_and_changes_nothing() -> None:
    for owed in ([MAX, 1], [1, MAX], [MAX, 0, 1], [2**127, 0, 0, 0, 2**127]):
        with pytest.raises(OverflowError, match=r"2\^128"):
            ts.SumTree(LEAVES[: len(owed)], owed)
    tree = ts.SumTree([b"a", b"b", b"c"], [5, MAX - 10, 0])
    before = tree.head
    for call in (
        lambda: tree.append(b"d", 6),
        lambda: tree.extend([b"d", b"e"], [3, 3]),
        lambda: tree.update([0], [b"A"], [11]),
        lambda: tree.update([2, 0], [b"C", b"A"], [6, 5]),
        lambda: tree.update([0, 0], [b"A", b"A"], [1, 2]),
        lambda: tree.update([0, 3], [b"A", b"D"], [1, 2]),
        lambda: tree.update([0], [b"A"], [1, 2]),
    ):
        with pytest.raises((OverflowError, ValueError, IndexError)):
            call()
        assert (tree.head, len(tree)) == (before, 3)
    tree.append(b"d", 5)
    assert tree.total == MAX
    tree.update([1, 3], [b"b", b"d"], [0, 0])
    assert tree.total == 5


def test_one_overflow_among_good_proofs_refuses_one() -> None:
    batch = TREE.prove_each()
    for bad in (0, 31, 69):
        shown = list(batch.sums)
        shown[int(batch.offsets[bad])] = MAX
        forged = ts.SumProofBatch(batch.digests, shown, batch.offsets)
        verdicts = TREE.head.check_each(range(70), LEAVES, AMOUNTS, forged)
        # Where the leaf owes nothing the sums add, and the total differs.
        assert np.flatnonzero(~verdicts).tolist() == [bad]
        with pytest.raises(ts.InvalidProof, match="1 of 70") as caught:
            TREE.head.verify_each(range(70), LEAVES, AMOUNTS, forged)
        assert caught.value.failed == (bad,)


WRONG_KIND: list[Callable[[], Any]] = [
    lambda: ts.MerkleTree(LEAVES, scheme=ts.schemes.NATIVE_SUM),
    lambda: ts.head_of(LEAVES, scheme=ts.schemes.NATIVE_SUM),
    lambda: ts.Shard.from_leaves(0, LEAVES, scheme=ts.schemes.NATIVE_SUM),
    lambda: ts.TreeHead(ts.schemes.NATIVE_SUM, 3, bytes(32)),
    lambda: ts.hazmat.tree([bytes(32)], scheme=ts.schemes.NATIVE_SUM),
    lambda: ts.SumTree(LEAVES, AMOUNTS, scheme=ts.schemes.NATIVE),
    lambda: ts.SumTree(scheme=ts.schemes.RFC6962),
    lambda: ts.SumHead(ts.schemes.NATIVE, 3, bytes(32), 5),
    lambda: ts.SumShard.from_leaves(0, LEAVES, AMOUNTS, scheme=ts.schemes.NATIVE),
    lambda: TREE.head.verify_inclusion(0, LEAVES[0], AMOUNTS[0], DENSE.prove(0)),  # type: ignore[arg-type]
    lambda: DENSE.head.verify_inclusion(0, LEAVES[0], TREE.prove(0)),  # type: ignore[arg-type]
    lambda: DENSE.prove(0, head=TREE.head),  # type: ignore[arg-type]
    lambda: TREE.prove(0, head=DENSE.head),  # type: ignore[arg-type]
    lambda: TREE.scheme.plan(3, [0]).proof([bytes(32), bytes(32)]),
]


@pytest.mark.parametrize("call", WRONG_KIND)
def test_kinds_do_not_mix(call: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        call()


@pytest.mark.parametrize("index", [-1, 70, 2**64, 2**70, None])
def test_indices_that_no_tree_has(index: int | None) -> None:
    reason = "INDEX_REQUIRED" if index is None else "INDEX_OUT_OF_RANGE"
    for amount in (0, -1, 2**128):
        with pytest.raises(ts.InvalidProof) as caught:
            TREE.head.verify_inclusion(index, LEAVES[0], amount, TREE.prove(0))
        assert caught.value.reason is ts.Reason[reason]


def test_parts_of_a_claim_that_differ_in_number() -> None:
    head, many, each = TREE.head, TREE.prove_many([0, 1]), TREE.prove_each([0, 1])
    claims: list[tuple[Any, Any, Any]] = [
        ([0], LEAVES[:2], AMOUNTS[:2]),
        ([0, 1], LEAVES[:1], AMOUNTS[:2]),
        ([0, 1], LEAVES[:2], AMOUNTS[:1]),
        (range(2**63), LEAVES[:2], AMOUNTS[:2]),
        ([0, 1], LEAVES[:2], range(2**62)),
        ([0, 1, 2], LEAVES[:3], AMOUNTS[:3]),
    ]
    for claim in claims:
        with pytest.raises(ValueError, match="proofs"):
            head.check_each(*claim, each)
        with pytest.raises(ts.InvalidProof) as caught:
            head.verify_each(*claim, each)
        assert caught.value.reason is ts.Reason.LENGTH_MISMATCH
    for claim in claims[:-1]:
        with pytest.raises(ts.InvalidProof) as caught:
            head.verify_many(*claim, many)
        assert caught.value.reason is ts.Reason.LENGTH_MISMATCH
    for check, proof in ((head.verify_many, many), (head.verify_each, TREE.prove_each([]))):
        with pytest.raises(ts.InvalidProof) as caught:
            check([], [], [], proof)  # type: ignore[operator]
        assert caught.value.reason is ts.Reason.EMPTY_CLAIM


def test_files_serve_what_the_tree_serves(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    TREE.save(path)
    written = path.read_bytes()
    opened = ts.SumTree.open(path, check=True)
    assert opened.head == TREE.head
    assert opened.prove_each() == TREE.prove_each()
    for call in (lambda: opened.append(b"", 0), lambda: opened.update([0], [b""], [0])):
        with pytest.raises(io.UnsupportedOperation):
            call()
    chunks = ((LEAVES[at : at + 9], AMOUNTS[at : at + 9]) for at in range(0, 70, 9))
    built = ts.build_file(path, chunks, scheme=ts.schemes.NATIVE_SUM, overwrite=True)
    assert isinstance(built, ts.SumTree)
    assert path.read_bytes() == written
    DENSE.save(tmp_path / "dense")
    with pytest.raises(ts.DecodeError, match=r"open it by SumTree\.open"):
        ts.MerkleTree.open(path)
    with pytest.raises(ts.DecodeError, match=r"open it by MerkleTree\.open"):
        ts.SumTree.open(tmp_path / "dense")
    with pytest.raises(TypeError, match="together"):
        ts.SumTree.open(path, leaves=LEAVES)
    with pytest.raises(FileExistsError):
        TREE.save(path)


def test_files_without_their_lower_rows(tmp_path: Path) -> None:
    count = 5000
    rows = np.random.default_rng(1).integers(0, 256, (count, 24), dtype=np.uint8)
    owed = np.random.default_rng(2).integers(0, 2**62, count)
    whole = ts.SumTree(rows, owed)
    path = tmp_path / "accounts"
    ts.build_file(path, [(rows, owed)], scheme=ts.schemes.NATIVE_SUM, lowest=8)
    with pytest.raises(io.UnsupportedOperation):
        ts.SumTree.open(path).prove(3)
    opened = ts.SumTree.open(path, leaves=rows, amounts=owed)
    assert opened.prove_each() == whole.prove_each()
    other = owed.copy()
    other[3] += 1
    with pytest.raises(ValueError, match="not those of the file"):
        ts.SumTree.open(path, leaves=rows, amounts=other).prove(3)


def test_shard_files_are_one_tree(tmp_path: Path) -> None:
    scheme = ts.schemes.NATIVE_SUM
    first, second = tmp_path / "0", tmp_path / "1"
    ts.build_file(first, [(LEAVES[:40], AMOUNTS[:40])], scheme=scheme)
    assert ts.build_file(second, [(LEAVES[40:], AMOUNTS[40:])], scheme=scheme, begin=40) is None
    assert ts.SumTree.open([first, second], check=True).head == TREE.head
    ts.build_file(first, [([b"a"] * 40, [0] * 39 + [MAX])], scheme=scheme, overwrite=True)
    with pytest.raises(OverflowError):
        ts.SumTree.open([first, second])


@pytest.mark.parametrize(
    ("chunks", "error"),
    [
        ([LEAVES], TypeError),
        ([(LEAVES,)], TypeError),
        ([[LEAVES, AMOUNTS]], TypeError),
        ([(LEAVES, AMOUNTS), (LEAVES, AMOUNTS[:3])], ValueError),
        ([(LEAVES, AMOUNTS), ([b"a"], [-1])], ValueError),
        ([([b"a"], [MAX]), ([b"a"], [1])], OverflowError),
        ([([b"a"], [1.0])], TypeError),
    ],
)
def test_chunks_that_are_refused_leave_nothing(chunks: Any, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        ts.build_file(tmp_path / "accounts", chunks, scheme=ts.schemes.NATIVE_SUM)
    assert list(tmp_path.iterdir()) == []


def test_shards_join_in_any_cut() -> None:
    cuts = [0, 3, 3, 40, 70]
    parts = [
        ts.SumShard.from_leaves(begin, LEAVES[begin:end], AMOUNTS[begin:end])
        for begin, end in itertools.pairwise(cuts)
    ]
    whole = functools.reduce(operator.add, parts)
    assert whole.head() == TREE.head
    assert whole.total == TREE.total
    assert (whole.begin, whole.end, len(whole.sums)) == (0, 70, len(whole.digests))
    assert pickle.loads(pickle.dumps(whole)) == whole
    with pytest.raises(ValueError, match="follow"):
        parts[3] + parts[0]
    with pytest.raises(ValueError, match="leaf 3"):
        parts[2].head()
    left, right = ts.SumShard.from_leaves(1, [b"a"], [MAX]), ts.SumShard.from_leaves(2, [b"b"], [1])
    with pytest.raises(OverflowError):
        left + right
    with pytest.raises(OverflowError):
        ts.SumShard.from_leaves(1, [b"a", b"b"], [MAX, 1])


def test_proofs_in_chunks_and_for_earlier_heads() -> None:
    tree = ts.SumTree(LEAVES, AMOUNTS)
    earlier = tree.head_at(40)
    batches = list(tree.proofs(chunk=9, head=earlier))
    assert [len(batch) for batch in batches] == [9, 9, 9, 9, 4]
    for at, batch in zip(range(0, 40, 9), batches, strict=True):
        end = min(at + 9, 40)
        earlier.verify_each(range(at, end), LEAVES[at:end], AMOUNTS[at:end], batch)
    assert tree.proofs(head=earlier).head == earlier
    tree.update([3], [LEAVES[3]], [AMOUNTS[3] + 1])
    with pytest.raises(ts.StaleHead):
        tree.prove(0, head=earlier)


def test_proofs_hold_together() -> None:
    proof = TREE.prove(5)
    with pytest.raises(ValueError, match="2 sums of 7 digests"):
        ts.SumInclusionProof(proof.digests, proof.sums[:2])
    with pytest.raises(ValueError, match=r"sums\[0\] must not be negative"):
        ts.SumInclusionProof(proof.digests, [-1, *proof.sums[1:]])
    with pytest.raises(OverflowError, match=r"sums\[0\]"):
        ts.SumMultiProof(proof.digests, [2**128, *proof.sums[1:]])
    batch = TREE.prove_each([5, 6])
    assert batch[0] == proof
    assert list(batch) == [TREE.prove(5), TREE.prove(6)]
    assert batch[-1] == TREE.prove(6)
    assert not proof.digests.flags.writeable
    assert repr(batch) == "<SumProofBatch: 2 proofs, digests of 32 bytes>"
    assert repr(TREE.head_at(2)).startswith("<SumHead native_sum/blake3: size 2, total 255, root ")
    assert repr(TREE) == f"<SumTree native_sum/blake3: 70 leaves, total {TREE.total}>"
