"""Patricia tries beside a dict and the twin: root, proofs and items are theirs, whatever changes."""

from __future__ import annotations

import random

import pytest
import tallystick as ts
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.patricia import head, keccak256, prove

# Few bytes, so that keys are prefixes of each other and paths part everywhere.
KEYS = st.binary(max_size=3) | st.lists(st.sampled_from(b"\x00\x01\x10\x11"), max_size=4).map(bytes)
VALUES = st.binary(min_size=1, max_size=3) | st.binary(min_size=28, max_size=70)
BATCHES = st.lists(
    st.tuples(st.dictionaries(KEYS, VALUES, max_size=12), st.lists(KEYS, max_size=12)), max_size=5
)


def check(tree: ts.PatriciaTree, model: dict[bytes, bytes], asked: list[bytes]) -> None:
    trusted = head(model, secure=tree.secure)
    assert (tree.root, tree.head) == (trusted.root, ts.PatriciaHead(trusted.root, secure=tree.secure))
    assert len(tree) == len(model)
    shown = {keccak256(key): value for key, value in model.items()} if tree.secure else model
    assert list(tree.items()) == sorted(shown.items())
    for key in asked:
        proof = tree.prove(key)
        assert proof.nodes == prove(model, [key], secure=tree.secure).nodes
        assert (key in tree, tree.find(key)) == (key in model, model.get(key))
        if key in model:
            tree.head.verify_present(key, model[key], proof)
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_absent(key, proof)
        else:
            tree.head.verify_absent(key, proof)
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_present(key, b"v", proof)
    if asked:
        proof = tree.prove_many(asked)
        assert proof.nodes == prove(model, asked, secure=tree.secure).nodes
        present = {key: model[key] for key in asked if key in model}
        tree.head.verify_many(present, (key for key in asked if key not in model), proof)


@given(BATCHES, st.lists(KEYS, unique=True, max_size=8), st.booleans())
@settings(max_examples=150, deadline=None)
def test_against_a_dict_and_the_twin(
    batches: list[tuple[dict[bytes, bytes], list[bytes]]], asked: list[bytes], secure: bool
) -> None:
    tree, model = ts.PatriciaTree(secure=secure), dict[bytes, bytes]()
    for added, gone in batches:
        tree.update(list(added), list(added.values()))
        model |= added
        removed = [key for key in dict.fromkeys(gone) if key in model]
        tree.remove(removed)
        model = {key: value for key, value in model.items() if key not in removed}
        check(tree, model, asked)


@given(st.dictionaries(KEYS, VALUES, max_size=20), KEYS)
@settings(max_examples=100, deadline=None)
def test_items_that_begin_with_a_prefix(items: dict[bytes, bytes], prefix: bytes) -> None:
    tree = ts.PatriciaTree(items)
    assert list(tree.items(prefix)) == sorted(item for item in items.items() if item[0].startswith(prefix))


@pytest.mark.parametrize("secure", [False, True])
def test_the_root_does_not_depend_on_order_or_batches(secure: bool) -> None:
    generator = random.Random(9)
    keys = list({generator.randbytes(generator.choice((1, 4, 32))) for _ in range(3000)})
    items = {key: generator.randbytes(generator.choice((1, 20, 32, 70, 300))) for key in keys}
    whole = ts.PatriciaTree(items, secure=secure)
    assert whole.root == head(items, secure=secure).root
    for size in (1, 7, 1000):
        generator.shuffle(keys)
        tree = ts.PatriciaTree(secure=secure)
        for begin in range(0, len(keys), size):
            batch = keys[begin : begin + size]
            tree.update(batch, [items[key] for key in batch])
        assert tree.root == whole.root
        half = keys[::2]
        tree.remove(half)
        assert tree.root == ts.PatriciaTree({key: items[key] for key in keys[1::2]}, secure=secure).root
        tree.remove(keys[1::2])
        assert tree.root == ts.PatriciaTree(secure=secure).root
