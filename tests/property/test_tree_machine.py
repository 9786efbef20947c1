"""A tree and a list of leaves go through the same calls and stay one thing."""

from __future__ import annotations

import io
import itertools
import tempfile
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

from tests.property.strategies import leaf, leaves
from tests.reference import trees
from tests.reference.schemes import ALL_SCHEMES, Scheme
from tests.support import head_of, scheme_of

twins = st.sampled_from((ALL_SCHEMES[0], *(s for s in ALL_SCHEMES if s.name == "rfc6962/sha256")))


class TreeMachine(RuleBasedStateMachine):
    """``heads`` remembers heads with the leaves they commit to; which are stale follows from the model."""

    heads = Bundle("heads")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.names = itertools.count()

    def teardown(self) -> None:
        self.folder.cleanup()

    @initialize(twin=twins, data=leaves, target=heads)
    def build(self, twin: Scheme, data: list[bytes]) -> tuple[ts.TreeHead, list[bytes]]:
        self.twin, self.model, self.tree = twin, list(data), ts.MerkleTree(data, scheme=scheme_of(twin))
        return self.tree.head, list(data)

    @rule(data=leaf)
    def append(self, data: bytes) -> None:
        assert self.tree.append(data) == len(self.model)
        self.model.append(data)

    @rule(data=leaves)
    def extend(self, data: list[bytes]) -> None:
        assert self.tree.extend(data) == range(len(self.model), len(self.model) + len(data))
        self.model += data

    @precondition(lambda self: self.model)
    @rule(draw=st.data())
    def update(self, draw: st.DataObject) -> None:
        last = len(self.model) - 1
        changes = draw.draw(st.dictionaries(st.integers(0, last), leaf, max_size=5))
        self.tree.update(list(changes), list(changes.values()))
        for index, data in changes.items():
            self.model[index] = data

    @rule(data=leaves, draw=st.data())
    def refused_update(self, data: list[bytes], draw: st.DataObject) -> None:
        outside = draw.draw(st.one_of(st.integers(len(self.model), 2**64), st.integers(-3, -1)))
        with pytest.raises(IndexError, match=str(outside)):
            self.tree.update([outside], [b"x"])
        with pytest.raises(TypeError):
            self.tree.extend([*data, None])  # type: ignore[list-item]

    @rule(draw=st.data(), target=heads)
    def earlier_head(self, draw: st.DataObject) -> tuple[ts.TreeHead, list[bytes]]:
        size = draw.draw(st.integers(0, len(self.model)))
        head = self.tree.head_at(size)
        assert head == head_of(trees.head(self.twin, self.model[:size]))
        return head, self.model[:size]

    @rule(remembered=heads, draw=st.data())
    def prove(self, remembered: tuple[ts.TreeHead, list[bytes]], draw: st.DataObject) -> None:
        head, data = remembered
        if self.model[: head.size] != data:
            with pytest.raises(ts.StaleHead):
                self.tree.prove_each(head=head)
            return
        batch = self.tree.prove_each(head=head)
        assert len(batch) == len(data)
        if data:
            head.verify_each(range(len(data)), data, batch)
            index = draw.draw(st.integers(0, len(data) - 1))
            assert self.tree.prove(index, head=head) == batch[index]
            assert [proof for part in self.tree.proofs(head=head, chunk=7) for proof in part] == list(batch)

    @rule(target=heads, overwrite=st.booleans())
    def save_and_open(self, overwrite: bool) -> object:
        path = Path(self.folder.name) / str(next(self.names))
        self.tree.save(path, overwrite=overwrite)
        opened = ts.MerkleTree.open(path, check=True)
        assert opened.head == self.tree.head
        assert opened.prove_each() == self.tree.prove_each()
        with pytest.raises(io.UnsupportedOperation):
            opened.append(b"x")
        return multiple()

    @invariant()
    def the_head_is_the_models(self) -> None:
        if hasattr(self, "tree"):
            assert len(self.tree) == len(self.model)
            assert self.tree.head == ts.head_of(self.model, scheme=self.tree.scheme)


TestTreeMachine = TreeMachine.TestCase
