"""Schemes as values, what they say of themselves, and plans."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tallystick as ts

from tests.reference import trees
from tests.reference.schemes import ALL_SCHEMES, SUM_SCHEMES, Scheme
from tests.reference.verify import steps
from tests.support import each_scheme, scheme_of

CONTEXTS = (b"", b"day 1", b"\x00", bytes(range(256)) * 300)


def test_the_names_are_those_of_the_twin() -> None:
    assert {scheme.name for scheme in ALL_SCHEMES + SUM_SCHEMES} <= set(ts.schemes.names())


@each_scheme
def test_a_scheme_says_what_it_is(twin: Scheme) -> None:
    scheme = ts.schemes.get(twin.name)
    assert (scheme.name, scheme.hash, scheme.context) == (twin.name, ts.hashes.get(twin.hash_name), b"")
    assert scheme.kind == "dense"
    native = twin.family == "native"
    assert (scheme.binds_size, scheme.binds_scheme) == (native, native)
    assert (scheme.binds_index, scheme.separates_leaves, scheme.appendable) == (True, True, True)


@pytest.mark.parametrize("twin", SUM_SCHEMES, ids=lambda scheme: scheme.name)
def test_a_sum_scheme_says_what_it_is(twin: Scheme) -> None:
    scheme = ts.schemes.get(twin.name)
    assert scheme == ts.schemes.native_sum(ts.hashes.get(twin.hash_name))
    assert (scheme.name, scheme.kind, scheme.context) == (twin.name, "sum", b"")
    assert (scheme.binds_size, scheme.binds_scheme, scheme.binds_index) == (True, True, True)
    assert (scheme.separates_leaves, scheme.appendable) == (True, True)
    assert repr(scheme) == f"<Scheme {twin.name}>"
    assert ts.Scheme.from_bytes(scheme.to_bytes()) == scheme


@each_scheme
def test_makers_and_names_give_one_value(twin: Scheme) -> None:
    maker = ts.schemes.native if twin.family == "native" else ts.schemes.rfc6962
    assert maker(ts.hashes.get(twin.hash_name)) == ts.schemes.get(twin.name)
    assert maker(hash=ts.hashes.get(twin.hash_name)) == ts.schemes.get(twin.name)


def test_the_constants() -> None:
    assert ts.schemes.NATIVE == ts.schemes.native() == ts.schemes.get("native/blake3")
    assert ts.schemes.RFC6962 == ts.schemes.rfc6962() == ts.schemes.get("rfc6962/sha256")
    assert ts.MerkleTree().scheme == ts.schemes.NATIVE
    assert ts.schemes.NATIVE_SUM == ts.schemes.native_sum() == ts.schemes.get("native_sum/blake3")
    assert ts.SumTree().scheme == ts.schemes.NATIVE_SUM


@pytest.mark.parametrize("maker", [ts.schemes.native, ts.schemes.native_sum, ts.schemes.rfc6962])
def test_no_scheme_takes_a_hash_that_is_not_cryptographic(maker: object) -> None:
    with pytest.raises(ValueError, match="xxh3_128"):
        maker(ts.hashes.XXH3_128)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "such as native/blake3"),
        ("native", "such as native/blake3"),
        ("/sha256", "such as native/blake3"),
        ("native/", "one of blake3, sha256"),
        ("NATIVE/BLAKE3", "one of blake3, sha256"),
        ("native/xxh3_128", "not a cryptographic hash"),
    ],
)
def test_no_other_name_is_taken(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"there is no scheme '{name}': .*{why}"):
        ts.schemes.get(name)


def test_repr_shows_what_is_not_bound() -> None:
    assert repr(ts.schemes.NATIVE) == "<Scheme native/blake3>"
    assert "binds_size=False" in repr(ts.schemes.RFC6962)
    assert "5 bytes" in repr(ts.schemes.NATIVE.with_context(b"day 1"))


@pytest.mark.parametrize("context", CONTEXTS, ids=len)
def test_a_context_is_kept_and_replaced(context: bytes) -> None:
    scheme = ts.schemes.NATIVE.with_context(b"before").with_context(context)
    assert scheme.context == context
    assert scheme == ts.schemes.NATIVE.with_context(bytearray(context))
    assert (scheme == ts.schemes.NATIVE) == (context == b"")
    assert scheme.name == "native/blake3"


def test_every_context_has_a_root_of_its_own() -> None:
    roots = {ts.MerkleTree([b"a"], scheme=ts.schemes.NATIVE.with_context(c)).root for c in CONTEXTS}
    assert len(roots) == len(CONTEXTS)


@pytest.mark.parametrize("context", [b"x", b"\x00"])
def test_rfc6962_binds_no_context(context: bytes) -> None:
    with pytest.raises(TypeError, match="context"):
        ts.schemes.RFC6962.with_context(context)


def subsets(most: int) -> list[tuple[int, tuple[int, ...]]]:
    return [
        (size, chosen)
        for size in range(1, most + 1)
        for count in range(1, size + 1)
        for chosen in itertools.combinations(range(size), count)
    ]


def test_plans_of_every_subset_are_the_twins() -> None:
    for size, chosen in subsets(9):
        plan = ts.schemes.NATIVE.plan(size, chosen)
        assert [tuple(node) for node in plan.nodes.tolist()] == trees.plan(size, chosen), (size, chosen)
        assert len(plan) == len(plan.nodes)


@pytest.mark.exhaustive
def test_plans_of_every_subset_up_to_thirteen_leaves() -> None:
    for size, chosen in subsets(13):
        plan = ts.schemes.NATIVE.plan(size, chosen)
        assert [tuple(node) for node in plan.nodes.tolist()] == trees.cover(size, chosen), (size, chosen)


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 2**32 + 1, 2**63, 2**63 + 1, 2**64 - 1])
def test_a_plan_of_one_leaf_has_a_node_a_step(size: int) -> None:
    for index in {0, size // 2, size - 1}:
        assert len(ts.schemes.NATIVE.plan(size, [index])) == len(steps(index, size))


def test_a_plan_takes_indices_in_any_order_and_type() -> None:
    expected = ts.schemes.NATIVE.plan(13, [0, 5, 12])
    for indices in ([12, 0, 5], (5, 0, 12), np.array([12, 5, 0], np.int8), np.array([5, 12, 0], np.uint64)):
        plan = ts.schemes.NATIVE.plan(13, indices)
        assert (plan.nodes.tolist(), plan.indices.tolist()) == (expected.nodes.tolist(), [0, 5, 12])
    assert (plan.size, plan.nodes.shape) == (13, (len(plan), 2))
    assert plan.nodes.dtype == plan.indices.dtype == np.uint64


@each_scheme
def test_a_plan_is_the_same_in_every_scheme(twin: Scheme) -> None:
    nodes = scheme_of(twin).plan(1000, [3, 700]).nodes
    assert nodes.tolist() == ts.schemes.NATIVE.plan(1000, [3, 700]).nodes.tolist()


def test_the_digests_of_a_plan_are_the_proof() -> None:
    leaves = [bytes([i]) for i in range(11)]
    twin = ALL_SCHEMES[0]
    levels = trees.levels(twin, trees.leaf_digests(twin, leaves))
    tree = ts.MerkleTree(leaves, scheme=scheme_of(twin))
    for index in range(11):
        nodes = ts.schemes.NATIVE.plan(11, [index]).nodes.tolist()
        assert [row.tobytes() for row in tree.prove(index).digests] == [levels[lv][i] for lv, i in nodes]


@pytest.mark.parametrize(
    ("size", "indices", "error", "match"),
    [
        (0, [], ValueError, "at least one"),
        (5, [], ValueError, "at least one"),
        (0, [0], IndexError, "0"),
        (5, [5], IndexError, "5"),
        (5, [0, -1], IndexError, "-1"),
        (5, [2**64], IndexError, str(2**64)),
        (5, [1, 4, 1], ValueError, "1 is given twice"),
        (-1, [0], ValueError, "-1"),
        (2**64, [0], OverflowError, str(2**64)),
        (5, [True], TypeError, "bool"),
        (True, [0], TypeError, "bool"),
        (5, 3, TypeError, "int"),
        (5.0, [0], TypeError, "float"),
        (5, {0}, TypeError, "set"),
        (5, "0", TypeError, "str"),
        (5, np.array([0.0]), TypeError, "float"),
    ],
)
def test_no_plan_of_anything_else(size: object, indices: object, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        ts.schemes.NATIVE.plan(size, indices)  # type: ignore[arg-type]
