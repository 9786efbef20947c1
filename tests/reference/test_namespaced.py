"""Namespaced trees of the twin: definition, honest proofs, every range that a prover could lie about."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.reference.namespaced import (
    NamespaceOrder,
    RangeNode,
    around,
    find,
    head,
    ignored,
    leaf,
    leaf_nodes,
    node,
    prove,
    prove_namespace,
    sizes,
    top,
    wholes,
)
from tests.reference.namespaced_verify import verify, verify_absent, verify_namespace
from tests.reference.objects import AbsenceProof, Leaf, NamespacedHead, NamespaceProof
from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    EMPTY_CLAIM,
    IGNORED_NAMESPACE,
    INDEX_OUT_OF_RANGE,
    NAMESPACE_ORDER,
    NAMESPACE_SIZE,
    NEIGHBOUR_NAMESPACE,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.schemes import CELESTIA, NAMESPACED_SCHEMES, Scheme

SCHEME = Scheme(CELESTIA, "sha256")
PARITY = ignored(SCHEME)
LAST = PARITY[:-1] + b"\xfe"


def name(number: int) -> bytes:
    return number.to_bytes(29, "big")


NAMES = (name(0), name(1), name(2), name(7), LAST, PARITY)


def leaves_of(names: Sequence[bytes]) -> list[Leaf]:
    return [Leaf(one, b"share %d" % place) for place, one in enumerate(names)]


def refusal(check: Callable[..., object], *arguments: object) -> str | None:
    try:
        check(*arguments)
    except Refused as refused:
        return refused.reason
    return None


def multisets(most: int) -> Iterator[list[Leaf]]:
    for size in range(most + 1):
        for names in itertools.combinations_with_replacement(NAMES, size):
            yield leaves_of(names)


def test_preimages_of_the_page() -> None:
    a, b = leaf(SCHEME, Leaf(name(1), b"a")), leaf(SCHEME, Leaf(PARITY, b"b"))
    first, second = sha256(b"\x00" + name(1) + b"a").digest(), sha256(b"\x00" + PARITY + b"b").digest()
    assert a.whole == name(1) * 2 + first
    assert b.whole == PARITY * 2 + second
    joined = name(1) + name(1) + first + PARITY + PARITY + second
    assert head(SCHEME, [Leaf(name(1), b"a"), Leaf(PARITY, b"b")]) == NamespacedHead(
        SCHEME, 2, name(1) + name(1) + sha256(b"\x01" + joined).digest()
    )
    assert head(SCHEME, []) == NamespacedHead(SCHEME, 0, bytes(58) + sha256(b"").digest())
    assert len(a.whole) == SCHEME.root_size == 90


def test_ranges_leave_the_highest_namespace_out_where_they_can() -> None:
    parity = [leaf(SCHEME, Leaf(PARITY, bytes([i]))) for i in range(4)]
    assert top(SCHEME, parity)[:2] == (PARITY, PARITY)
    assert top(SCHEME, [leaf(SCHEME, Leaf(name(5), b"")), *parity])[:2] == (name(5), name(5))
    mixed = leaf_nodes(SCHEME, leaves_of([name(1), name(5), name(5), PARITY, PARITY, PARITY]))
    assert top(SCHEME, mixed)[:2] == (name(1), name(5))


@pytest.mark.parametrize("scheme", NAMESPACED_SCHEMES, ids=lambda scheme: scheme.name)
def test_every_leaf_and_namespace_of_some_trees(scheme: Scheme) -> None:
    for size in range(20):
        leaves = leaves_of([NAMES[i // 4] for i in range(size)])
        trusted = head(scheme, leaves)
        for index, one in enumerate(leaves):
            verify(trusted, index, *one, prove(scheme, leaves, index))
        for namespace in NAMES[:-1]:
            data = [one.data for one in leaves if one.namespace == namespace]
            proof = prove_namespace(scheme, leaves, namespace)
            if isinstance(proof, NamespaceProof):
                verify_namespace(trusted, namespace, data, proof)
            else:
                assert not data
                verify_absent(trusted, namespace, proof)


def range_proofs(leaves: list[Leaf]) -> Iterator[tuple[range, NamespaceProof]]:
    """What a prover who lies about where a namespace stands can send."""
    nodes = leaf_nodes(SCHEME, leaves)
    for begin, end in itertools.combinations(range(len(leaves) + 1), 2):
        yield (
            range(begin, end),
            NamespaceProof(*sizes(SCHEME), wholes(around(SCHEME, nodes, begin, end)), begin),
        )


def gap_proofs(leaves: list[Leaf]) -> Iterator[AbsenceProof]:
    nodes = leaf_nodes(SCHEME, leaves)
    yield AbsenceProof(*sizes(SCHEME), (), 0)
    for index, one in enumerate(nodes):
        siblings = around(SCHEME, nodes, index, index + 1)
        yield AbsenceProof(*sizes(SCHEME), wholes([one, *siblings]), index)


def test_no_other_range_and_no_other_gap() -> None:
    """Exactly one claim about a namespace has a proof, and it has one."""
    for leaves in multisets(5):
        trusted = head(SCHEME, leaves)
        for namespace in (*NAMES, name(5)):
            place = find(leaves, namespace)
            for run, proof in range_proofs(leaves):
                data = [leaves[i].data for i in run]
                accepted = refusal(verify_namespace, trusted, namespace, data, proof) is None
                assert accepted == (run == place and bool(place) and namespace != PARITY)
            gaps = [refusal(verify_absent, trusted, namespace, proof) for proof in gap_proofs(leaves)]
            assert gaps.count(None) == (not place and namespace != PARITY)


def test_reasons() -> None:
    leaves = leaves_of([name(1), name(2), name(2), name(2), name(7), PARITY])
    trusted = head(SCHEME, leaves)
    proof = prove_namespace(SCHEME, leaves, name(2))
    assert isinstance(proof, NamespaceProof)
    data = [one.data for one in leaves[1:4]]

    def of(**changes: object) -> str | None:
        return refusal(verify_namespace, trusted, name(2), data, replace(proof, **changes))  # type: ignore[arg-type]

    assert of() is None
    assert refusal(verify_namespace, trusted, name(2), [], proof) == EMPTY_CLAIM
    assert refusal(verify_namespace, trusted, name(2)[:-1], data, proof) == NAMESPACE_SIZE
    assert refusal(verify_namespace, trusted, PARITY, data, proof) == IGNORED_NAMESPACE
    assert of(start=4) == of(start=2**64 - 1) == INDEX_OUT_OF_RANGE
    assert of(digest_size=33) == DIGEST_SIZE
    assert of(namespace_size=28) == NAMESPACE_SIZE
    assert of(nodes=proof.nodes[1:]) == of(nodes=(*proof.nodes, proof.nodes[0])) == DIGEST_COUNT
    assert of(start=2) == NEIGHBOUR_NAMESPACE
    assert refusal(verify_namespace, trusted, name(2), data[:2], proof) == DIGEST_COUNT
    assert refusal(verify_namespace, trusted, name(7), data, proof) == NEIGHBOUR_NAMESPACE
    assert refusal(verify_namespace, trusted, name(1), data, proof) == NEIGHBOUR_NAMESPACE
    assert refusal(verify_namespace, trusted, name(3), data, proof) == ROOT_MISMATCH
    upside_down = name(1) + name(0) + proof.nodes[0][58:]
    assert of(nodes=(upside_down, *proof.nodes[1:])) == NAMESPACE_ORDER
    assert of(nodes=proof.nodes[::-1]) == NEIGHBOUR_NAMESPACE
    assert refusal(verify_namespace, trusted, name(2), data[::-1], proof) == ROOT_MISMATCH

    gap = prove_namespace(SCHEME, leaves, name(5))
    assert isinstance(gap, AbsenceProof)
    verify_absent(trusted, name(5), gap)
    assert gap.start == 4
    assert refusal(verify_absent, trusted, name(7), gap) == NEIGHBOUR_NAMESPACE
    assert refusal(verify_absent, trusted, name(2), gap) == NEIGHBOUR_NAMESPACE
    assert refusal(verify_absent, trusted, name(0), gap) == DIGEST_COUNT
    assert refusal(verify_absent, trusted, name(5), replace(gap, start=6)) == INDEX_OUT_OF_RANGE
    assert refusal(verify_absent, trusted, name(5), AbsenceProof(29, 32, (), 0)) == DIGEST_COUNT
    wide = name(7) + LAST + gap.nodes[0][58:]
    assert (
        refusal(verify_absent, trusted, name(5), replace(gap, nodes=(wide, *gap.nodes[1:])))
        == NAMESPACE_ORDER
    )
    assert refusal(verify_absent, trusted, PARITY, gap) == IGNORED_NAMESPACE
    other = NamespacedHead(SCHEME, 0, trusted.root)
    assert refusal(verify_absent, other, name(5), AbsenceProof(29, 32, (), 0)) == ROOT_MISMATCH
    assert refusal(verify, trusted, 0, name(1), b"other", prove(SCHEME, leaves, 0)) == ROOT_MISMATCH
    assert refusal(verify, trusted, 0, name(2), b"share 0", prove(SCHEME, leaves, 0)) == ROOT_MISMATCH
    assert refusal(verify, trusted, 0, name(3), b"share 0", prove(SCHEME, leaves, 0)) == NAMESPACE_ORDER


def test_a_namespace_hidden_by_who_built_the_tree() -> None:
    """Nodes that state a narrower range than what is below them: then nobody can show what is hidden."""
    nodes = leaf_nodes(SCHEME, leaves_of([name(1), name(5), name(7), name(7)]))
    left = node(SCHEME, *nodes[:2])._replace(max=name(1))
    apex = node(SCHEME, left, node(SCHEME, *nodes[2:]))
    trusted = NamespacedHead(SCHEME, 4, apex.whole)
    gap = AbsenceProof(29, 32, wholes([nodes[2], nodes[3], left]), 2)
    verify_absent(trusted, name(5), gap)
    shown = NamespaceProof(29, 32, wholes([nodes[0], node(SCHEME, *nodes[2:])]), 1)
    assert refusal(verify_namespace, trusted, name(5), [b"share 1"], shown) == ROOT_MISMATCH


def test_leaves_behind_the_ignored_namespace_are_refused_at_build() -> None:
    """No node shows that they are out of order: the range of the first two ends at 1."""
    out_of_order = leaves_of([name(1), PARITY, name(7)])
    nodes = [leaf(SCHEME, one) for one in out_of_order]
    assert top(SCHEME, nodes)[:2] == (name(1), name(7))
    with pytest.raises(NamespaceOrder):
        head(SCHEME, out_of_order)
    with pytest.raises(NamespaceOrder):
        node(SCHEME, *[leaf(SCHEME, one) for one in leaves_of([name(2), name(1)])])
    for namespace in (b"", name(1)[1:], name(1) + b"\x00"):
        with pytest.raises(ValueError, match="a namespace of"):
            leaf(SCHEME, Leaf(namespace, b""))


def test_large_trees_at_random() -> None:
    source = random.Random(6)
    for _ in range(20):
        names = sorted(name(source.randrange(12)) for _ in range(source.randrange(1, 70)))
        leaves = leaves_of([*names, *[PARITY] * source.randrange(3)])
        trusted = head(SCHEME, leaves)
        for number in range(13):
            proof = prove_namespace(SCHEME, leaves, name(number))
            if isinstance(proof, NamespaceProof):
                data = [one.data for one in leaves if one.namespace == name(number)]
                verify_namespace(trusted, name(number), data, proof)
            else:
                verify_absent(trusted, name(number), proof)


def test_a_range_node_comes_apart() -> None:
    one = leaf(SCHEME, Leaf(name(3), b"x"))
    assert RangeNode(*one).whole == one.whole


def test_namespaces_of_other_sizes() -> None:
    for size in (1, 8, 255):
        scheme = Scheme(f"namespaced({size})", "sha256")
        leaves = [Leaf(bytes([number]) * size, b"") for number in (1, 2, 2, 255)]
        trusted = head(scheme, leaves)
        assert (scheme.namespace_size, len(trusted.root)) == (size, 2 * size + 32)
        proof = prove_namespace(scheme, leaves, b"\x02" * size)
        assert isinstance(proof, NamespaceProof)
        verify_namespace(trusted, b"\x02" * size, [b"", b""], proof)
    for other in ("namespaced", "namespaced(0)", "namespaced(256)", "namespaced(08)", "namespaced()"):
        with pytest.raises(ValueError, match=r"unknown family|takes"):
            Scheme(other, "sha256")
