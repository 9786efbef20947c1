"""Hash calls by formula are those of trees that were built with every preimage written down."""

from __future__ import annotations

import random

import pytest
import tallystick as ts
from tallystick.research import HashCalls

from tests.reference import consistency
from tests.reference.objects import Head
from tests.reference.schemes import Scheme as Twin
from tests.reference.trees import head as twin_head
from tests.research.counting import Model
from tests.research.models import models

MODELS = models()
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.scheme.name)
SIZES = range(41)


def leaves(size: int, seed: int = 0) -> list[bytes]:
    source = random.Random(1000 * seed + size)
    return [source.randbytes(32) for _ in range(size)]


def grown(size: int) -> list[bytes]:
    """Leaves that begin with those of every smaller size."""
    source = random.Random(7)
    return [source.randbytes(32) for _ in range(size)]


@each_model
def test_a_model_is_the_scheme_and_a_build_costs_what_it_hashed(model: Model) -> None:
    calls, seen = HashCalls(model.scheme), 0
    for size in filter(model.sizes, SIZES):
        tree = model.build(leaves(size))
        assert ts.MerkleTree(leaves(size), scheme=model.scheme).root == tree.root, size
        assert calls.build(size) == len(tree.preimages), size
        seen += 1
    assert seen > 0


@each_model
def test_growing_costs_what_was_not_hashed_before(model: Model) -> None:
    calls = HashCalls(model.scheme)
    if not model.grows:
        assert not model.scheme.appendable
        with pytest.raises(ValueError, match="does not grow"):
            calls.append(8)
        return
    for size in range(1, 33):
        before = set(model.build(grown(size)).preimages)
        for count in (1, 2, 3, 8):
            after = model.build(grown(size + count)).preimages
            assert calls.extend(size, count) == sum(one not in before for one in after), (size, count)
        assert calls.append(size) == calls.extend(size, 1)
    assert calls.extend(5, 0) == 0


@each_model
def test_an_update_and_a_verifier_cost_what_lies_above_the_leaves(model: Model) -> None:
    calls = HashCalls(model.scheme)
    if model.edge == "queue":
        with pytest.raises(ValueError, match="does not say where"):
            calls.verify(8, 0)
        return
    source = random.Random(3)
    for size in filter(model.sizes, range(1, 41)):
        old = leaves(size)
        before = set(model.build(old).preimages)
        for chosen in [
            [0],
            [size - 1],
            list(range(size)),
            source.sample(range(size), source.randint(1, size)),
        ]:
            new = list(old)
            for index in chosen:
                new[index] = source.randbytes(32)
            hashed = sum(one not in before for one in model.build(new).preimages)
            assert calls.update(size, chosen) == hashed + model.constant, (size, chosen)
            assert calls.verify_many(size, chosen) == calls.update(size, chosen)
        assert calls.verify(size, size - 1) == calls.verify_many(size, [size - 1])
    assert calls.verify_many(21 if not model.sizes(8) else 8, []) == 0


@each_model
def test_a_proof_says_what_its_verifier_hashes_where_each_node_has_one_sibling(model: Model) -> None:
    calls = HashCalls(model.scheme)
    for size in filter(model.sizes, range(1, 41)):
        tree = ts.MerkleTree(leaves(size), scheme=model.scheme)
        for index in range(size):
            digests = len(tree.prove(index))
            try:
                found = calls.verify_proof(digests)
            except ValueError:
                assert model.arity != 2 or model.edge in ("zeros", "duplicate", "bag")
                continue
            if model.edge != "queue":
                assert found == calls.verify(size, index)
            else:
                # Siblings up to the root of a binary tree, and the leaf itself.
                assert found == digests + (2 if "standard" in model.scheme.name else 0)


@pytest.mark.parametrize("name", ["native/sha256", "rfc6962/sha256"])
def test_a_proof_of_growth_costs_what_the_twin_hashes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    twin, calls = Twin(*name.split("/")), HashCalls(ts.schemes.get(name))
    made: list[int] = []
    node, root = Twin.node, Twin.root
    of_root = 2 if twin.family == "native" else 0

    def counted_node(self: Twin, left: bytes, right: bytes) -> bytes:
        made.append(1)
        return node(self, left, right)

    def counted_root(self: Twin, size: int, top: bytes, total: int = 0) -> bytes:
        made.append(of_root)
        return root(self, size, top, total)

    for size in range(1, 41):
        heads: list[Head] = [twin_head(twin, grown(older)) for older in range(size + 1)]
        proofs = [consistency.prove_extends(twin, grown(size), older) for older in range(1, size + 1)]
        for older, proof in enumerate(proofs, 1):
            with monkeypatch.context() as patched:
                patched.setattr(Twin, "node", counted_node)
                patched.setattr(Twin, "root", counted_root)
                made.clear()
                consistency.verify_extends(heads[size], heads[older], proof)
            assert calls.verify_extends(older, size) == sum(made), (older, size)


def test_sum_trees_cost_what_native_trees_do() -> None:
    sums, dense = HashCalls(ts.schemes.NATIVE_SUM), HashCalls(ts.schemes.NATIVE)
    assert [sums.build(size) for size in SIZES] == [dense.build(size) for size in SIZES]


def test_namespaced_trees_cost_what_they_hash() -> None:
    """One call a leaf and one a node, in the shape of RFC 6962; a record is put together, not hashed."""
    own, dense = HashCalls(ts.schemes.CELESTIA), HashCalls(ts.schemes.RFC6962)
    for size in SIZES:
        assert own.build(size) == dense.build(size)
        assert [own.verify(size, at) for at in range(size)] == [dense.verify(size, at) for at in range(size)]


def test_every_family_has_a_model_or_a_test_of_its_own() -> None:
    families = {
        name.partition("/")[0] for name in ts.schemes.names() if ts.schemes.get(name).kind != "sparse"
    }
    modelled = {model.scheme.name.partition("/")[0] for model in MODELS}
    assert families - modelled == {"native_sum", "celestia"}


def test_every_family_is_known() -> None:
    for name in ts.schemes.names():
        assert HashCalls(ts.schemes.get(name)).scheme == ts.schemes.get(name)


def test_what_cannot_be_counted_is_said() -> None:
    calls = HashCalls(ts.schemes.RFC6962)
    with pytest.raises(ValueError, match="negative"):
        calls.build(-1)
    with pytest.raises(ValueError, match="below 4"):
        calls.verify(4, 4)
    with pytest.raises(ValueError, match="no tree of 3 leaves extends one of 4"):
        calls.verify_extends(4, 3)
    with pytest.raises(ValueError, match="no tree"):
        calls.verify_extends(0, 3)
    with pytest.raises(TypeError):
        calls.build(1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="sparse"):
        HashCalls(ts.schemes.NATIVE_SPARSE).build(3)
    with pytest.raises(ValueError, match="power of 8"):
        HashCalls(ts.schemes.filecoin(8)).build(9)
    with pytest.raises(ValueError, match="do not fit"):
        HashCalls(ts.schemes.fixed_depth(3)).build(9)
    with pytest.raises(ValueError, match="no empty tree"):
        HashCalls(ts.schemes.OPENZEPPELIN_SIMPLE).build(0)
    with pytest.raises(ValueError, match="no proofs"):
        HashCalls(ts.schemes.BITCOIN).verify_extends(1, 2)
