"""A sum tree and a list of leaves with amounts go through the same calls and stay one thing."""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import tallystick as ts
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from tests.property.strategies import amount, leaf
from tests.reference import sum_shards, sums
from tests.reference.objects import SumHead
from tests.reference.schemes import SUM_SCHEMES, Scheme
from tests.support import digests_of, scheme_of

TOO_MUCH = 2**128
Pair = tuple[bytes, int]
Remembered = tuple[ts.SumHead, list[Pair]]

twins = st.sampled_from([s for s in SUM_SCHEMES if s.name in ("native_sum/blake3", "native_sum/sha256")])
# Most are small, or the first large one would leave room for nothing else.
pair = st.tuples(leaf, st.one_of(st.integers(0, 2**64), st.integers(0, 2**64), st.integers(0, 3), amount))
pairs = st.lists(pair, max_size=12)


def parted(data: Sequence[Pair]) -> tuple[list[bytes], list[int]]:
    return [leaf for leaf, _ in data], [amount for _, amount in data]


def total(data: Sequence[Pair]) -> int:
    return sum(amount for _, amount in data)


def head_of(twin: SumHead) -> ts.SumHead:
    return ts.SumHead(scheme_of(twin.scheme), twin.size, twin.root, twin.total)


class SumTreeMachine(RuleBasedStateMachine):
    """``heads`` remembers heads with the leaves they commit to; which are stale follows from the model."""

    heads = Bundle("heads")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.names = itertools.count()

    def teardown(self) -> None:
        self.folder.cleanup()

    @initialize(twin=twins, data=pairs, target=heads)
    def build(self, twin: Scheme, data: list[Pair]) -> Remembered:
        if total(data) >= TOO_MUCH:
            with pytest.raises(OverflowError, match=r"2\^128"):
                ts.SumTree(*parted(data), scheme=scheme_of(twin))
            data = []
        self.twin, self.model = twin, list(data)
        self.tree = ts.SumTree(*parted(data), scheme=scheme_of(twin))
        return self.tree.head, list(data)

    def fits(self, data: Sequence[Pair]) -> bool:
        """Whether these are the tree's new leaves: it takes them exactly if their total can be."""
        if total(data) >= TOO_MUCH:
            return False
        self.model = list(data)
        return True

    @rule(data=pair)
    def append(self, data: Pair) -> None:
        size = len(self.model)
        if self.fits([*self.model, data]):
            assert self.tree.append(*data) == size
        else:
            with pytest.raises(OverflowError, match=r"2\^128"):
                self.tree.append(*data)

    @rule(data=pairs)
    def extend(self, data: list[Pair]) -> None:
        size = len(self.model)
        if self.fits([*self.model, *data]):
            assert self.tree.extend(*parted(data)) == range(size, size + len(data))
        else:
            with pytest.raises(OverflowError, match=r"2\^128"):
                self.tree.extend(*parted(data))

    @rule(data=leaf, over=st.integers(-1, 1))
    def extend_to_the_edge(self, data: bytes, over: int) -> None:
        """To one less than 2^128, to it, and beyond; then back to where anything fits."""
        room = TOO_MUCH - 1 - total(self.model)
        more = [(data, max(room, 0)), (b"", over)] if over > 0 else [(data, max(room + over, 0))]
        self.extend(more)
        if total(self.model) > TOO_MUCH // 2:
            self.change({len(self.model) - 1: (data, 0)})

    def change(self, changes: dict[int, Pair]) -> None:
        after = list((dict(enumerate(self.model)) | changes).values())
        if self.fits(after):
            self.tree.update(list(changes), *parted(list(changes.values())))
        else:
            with pytest.raises(OverflowError, match=r"2\^128"):
                self.tree.update(list(changes), *parted(list(changes.values())))

    @precondition(lambda self: self.model)
    @rule(draw=st.data())
    def update(self, draw: st.DataObject) -> None:
        last = len(self.model) - 1
        self.change(draw.draw(st.dictionaries(st.integers(0, last), pair, max_size=5)))

    @precondition(lambda self: self.model)
    @rule(data=pair, below=st.integers(-(2**130), -1), above=st.integers(TOO_MUCH, 2**130), draw=st.data())
    def refused_writes(self, data: Pair, below: int, above: int, draw: st.DataObject) -> None:
        """What is wrong stands last, behind a right change; the invariant sees that none was made."""
        good, row, owed = [0], [data[0]], [0]
        outside = draw.draw(st.one_of(st.integers(len(self.model), 2**64), st.integers(-3, -1)))
        with pytest.raises(IndexError, match=str(outside)):
            self.tree.update([*good, outside], row * 2, owed * 2)
        with pytest.raises(ValueError, match=r"twice|repeat|duplicate"):
            self.tree.update(good * 2, row * 2, owed * 2)
        with pytest.raises(ValueError, match="negative"):
            self.tree.update(good, row, [below])
        with pytest.raises(ValueError, match="negative"):
            self.tree.extend(row * 2, [*owed, below])
        with pytest.raises(OverflowError):
            self.tree.update(good, row, [above])
        with pytest.raises(OverflowError):
            self.tree.extend(row * 2, [*owed, above])
        with pytest.raises(ValueError):
            self.tree.extend(row * 2, owed)
        with pytest.raises(TypeError):
            self.tree.extend([*row, None], owed * 2)  # type: ignore[list-item]
        with pytest.raises(TypeError):
            self.tree.update(good, row, [0.5])  # type: ignore[list-item]

    @rule(draw=st.data(), target=heads)
    def earlier_head(self, draw: st.DataObject) -> Remembered:
        size = draw.draw(st.integers(0, len(self.model)))
        head = self.tree.head_at(size)
        assert head == head_of(sums.head(self.twin, *parted(self.model[:size])))
        assert head.total == total(self.model[:size])
        return head, self.model[:size]

    @rule(remembered=heads, draw=st.data())
    def prove(self, remembered: Remembered, draw: st.DataObject) -> None:
        head, data = remembered
        if self.model[: head.size] != data:
            for stale in (self.tree.prove_each, self.tree.proofs):
                with pytest.raises(ts.StaleHead):
                    stale(head=head)
            return
        batch = self.tree.prove_each(head=head)
        assert len(batch) == len(data)
        if not data:
            return
        leaves, amounts = parted(data)
        nodes = sums.leaf_nodes(self.twin, leaves, amounts)
        head.verify_each(range(len(data)), leaves, amounts, batch)
        index = draw.draw(st.integers(0, len(data) - 1))
        single, expected = self.tree.prove(index, head=head), sums.prove(self.twin, nodes, index)
        assert single == batch[index]
        assert (single.sums, digests_of(single)) == (expected.sums, expected.digests)
        head.verify_inclusion(index, *data[index], single)
        with pytest.raises(ts.InvalidProof):
            head.verify_inclusion(index, data[index][0], data[index][1] + 1, single)
        assert [proof for part in self.tree.proofs(head=head, chunk=7) for proof in part] == list(batch)
        indices = draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, unique=True))
        many, wanted = self.tree.prove_many(indices, head=head), sums.prove_many(self.twin, nodes, indices)
        assert (many.sums, digests_of(many)) == (wanted.sums, wanted.digests)
        head.verify_many(indices, *parted([data[index] for index in indices]), many)

    @rule(cuts=st.lists(st.integers(0, 100), max_size=3), draw=st.data())
    def shards(self, cuts: list[int], draw: st.DataObject) -> None:
        size = len(self.model)
        ends = sorted(min(cut, size) for cut in cuts)
        pieces = list(itertools.pairwise([0, *ends, size]))
        made = []
        for begin, end in pieces:
            part = parted(self.model[begin:end])
            shard = ts.SumShard.from_leaves(begin, *part, scheme=self.tree.scheme)
            expected = sum_shards.of_leaves(self.twin, begin, *part)
            assert (shard.sums, digests_of(shard)) == (expected.sums, expected.digests)
            assert shard.total == total(self.model[begin:end])
            made.append(ts.SumShard.from_bytes(shard.to_bytes()))
        while len(made) > 1:
            place = draw.draw(st.integers(0, len(made) - 2))
            made[place : place + 2] = [made[place] + made[place + 1]]
        assert made[0].head() == self.tree.head

    @rule(cut=st.integers(0, 100), overwrite=st.booleans(), target=heads)
    def save_and_open(self, cut: int, overwrite: bool) -> object:
        path = Path(self.folder.name) / str(next(self.names))
        self.tree.save(path, overwrite=overwrite)
        opened = ts.SumTree.open(path, check=True)
        assert (opened.head, opened.total) == (self.tree.head, self.tree.total)
        assert opened.prove_each() == self.tree.prove_each()
        with pytest.raises(io.UnsupportedOperation):
            opened.append(b"x", 1)
        # The same leaves as they come, in two chunks, make the same bytes.
        built, cut = path.with_suffix(".built"), min(cut, len(self.model))
        chunks = [parted(self.model[:cut]), parted(self.model[cut:])]
        ts.build_file(built, chunks, scheme=self.tree.scheme)
        assert built.read_bytes() == path.read_bytes()
        return multiple()

    @invariant()
    def the_head_is_the_models(self) -> None:
        if hasattr(self, "tree"):
            assert (len(self.tree), self.tree.total) == (len(self.model), total(self.model))
            assert self.tree.head == head_of(sums.head(self.twin, *parted(self.model)))


TestSumTreeMachine = SumTreeMachine.TestCase
