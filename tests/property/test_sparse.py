"""A sparse tree and a dict go through the same batches; kept versions stay provable, and nothing else is."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
import tallystick as ts
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.reference import codec
from tests.reference.schemes import SPARSE_SCHEMES, Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_rules import Lone
from tests.support import scheme_of

LONE = [scheme for scheme in SPARSE_SCHEMES if scheme.sparse.lone is not Lone.FULL]
# Few keys, so that they meet; they part at the top, in the middle and at the end.
keys = st.builds(
    lambda first, middle, last: bytes([first << 6, *bytes(14), middle, *bytes(15), last]),
    *[st.integers(0, 3)] * 3,
)
values = st.binary(max_size=3)
batches = st.dictionaries(keys, values, min_size=1, max_size=12)


class SparseMachine(RuleBasedStateMachine):
    """``seen`` remembers each kept version's head and items."""

    @initialize(twin=st.sampled_from(LONE), keep=st.sampled_from((1, 3, None)))
    def build(self, twin: Scheme, keep: int | None) -> None:
        self.twin, self.keep, self.model = twin, keep, dict[bytes, bytes]()
        self.tree = ts.SparseTree(scheme=scheme_of(twin), keep=keep)
        self.seen: dict[int, tuple[ts.SparseHead, dict[bytes, bytes]]] = {}

    @rule(batch=batches)
    def update(self, batch: dict[bytes, bytes]) -> None:
        self.tree.update(list(batch), list(batch.values()))
        self.model |= batch

    @rule(batch=batches)
    def nothing_is_half_done(self, batch: dict[bytes, bytes]) -> None:
        before = self.tree.head
        with pytest.raises(ValueError, match=r"."):
            self.tree.update([*batch, next(iter(batch))], [*batch.values(), b"twice"])
        missing = [key for key in batch if key not in self.model]
        if missing:
            with pytest.raises(KeyError):
                self.tree.remove([*list(self.model)[:2], missing[0]])
        assert self.tree.head == before

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = data.draw(st.lists(st.sampled_from(sorted(self.model)), min_size=1, max_size=8, unique=True))
        self.tree.remove(gone)
        for key in gone:
            del self.model[key]

    @rule(asked=st.lists(keys, min_size=1, max_size=8, unique=True), data=st.data())
    def prove_some_version(self, asked: list[bytes], data: st.DataObject) -> None:
        head, items = self.seen[data.draw(st.sampled_from(sorted(self.seen)))]
        present = {key: items[key] for key in asked if key in items}
        absent = [key for key in asked if key not in items]
        proof = self.tree.prove_many(asked, head=head)
        assert proof.to_bytes() == codec.encode(SparseTree(self.twin, items).prove_many(asked))
        for other, _ in self.seen.values():
            try:
                other.verify_many(present, absent, proof)
            except ts.InvalidProof:
                assert other != head
            else:
                assert other == head
        for key in asked[:2]:
            single = self.tree.prove(key, head=head)
            if key in items:
                head.verify_present(key, items[key], single)
            else:
                head.verify_absent(key, single)

    @invariant()
    def is_the_model(self) -> None:
        head = self.tree.head
        assert head.to_bytes() == codec.encode(SparseTree(self.twin, self.model).head)
        assert len(self.tree) == len(self.model)
        assert [key for key, _ in self.tree.items()] == sorted(self.model)
        self.seen[self.tree.version] = (head, dict(self.model))
        self.seen = {number: was for number, was in self.seen.items() if number in self.tree.versions}
        for number, (was, items) in self.seen.items():
            assert self.tree.at(number).head == was
            assert len(self.tree.at(number)) == len(items)


TestSparseMachine = SparseMachine.TestCase
TestSparseMachine.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@given(
    st.sampled_from(SPARSE_SCHEMES),
    st.dictionaries(keys, values, max_size=6),
    st.sets(keys, min_size=1, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_any_set_of_keys_is_proven_as_the_twin_does(
    twin: Scheme, items: dict[bytes, bytes], asked: set[bytes]
) -> None:
    tree, model = ts.SparseTree(items, scheme=scheme_of(twin)), SparseTree(twin, items)
    order = list(asked)
    proof = tree.prove_many(order)
    assert proof.to_bytes() == codec.encode(model.prove_many(order))
    present = {key: items[key] for key in order if key in items}
    absent = asked - items.keys()
    tree.head.verify_many(present, absent, proof)
    for key in order:
        # The opposite of one claim among many.
        others = {other: value for other, value in present.items() if other != key}
        denied = (others, absent | {key}) if key in items else (present | {key: b""}, absent - {key})
        with pytest.raises(ts.InvalidProof):
            tree.head.verify_many(*denied, proof)
