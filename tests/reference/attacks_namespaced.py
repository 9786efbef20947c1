"""Claims about namespaced trees that are false, and proofs made for them by somebody who has the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference.namespaced import (
    around,
    head,
    ignored,
    leaf_nodes,
    prove,
    prove_namespace,
    sizes,
    top,
    wholes,
)
from tests.reference.objects import (
    AbsenceProof,
    Leaf,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
)
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
)
from tests.reference.samples import namespace, namespaced_leaves
from tests.reference.schemes import Scheme

FLAGS = {
    "LeafChanged": "a leaf that is not in the tree",
    "LeafOmitted": "not all leaves of the namespace, with a proof of those that are claimed",
    "LeafAdded": "also leaves of another namespace",
    "LeavesReordered": "the leaves in another order",
    "NothingClaimed": "no leaves: absence has a proof of its own",
    "OtherNamespace": "another namespace, for which the proof was not made",
    "NamespaceLength": "a namespace of another length",
    "HighestNamespace": "of the highest namespace ranges say nothing",
    "PresentAsAbsent": "a namespace that has leaves is claimed to have none",
    "OtherPlace": "the proof states another place, or the claim another index",
    "NodeDropped": "a node is missing",
    "NodeAdded": "a node too many",
    "NodesReordered": "nodes in another order",
    "NodeChanged": "another node, or one bit of it",
    "RangeChanged": "the range of a node is another than what is below it",
    "OtherSizes": "a proof of nodes of other sizes",
    "SizeRelabelled": "the head states another size",
    "RootChanged": "the root of another tree",
    "NodeAsLeaf": "an inner node in the place of the leaf behind the gap",
}


@dataclass(frozen=True)
class Included:
    """That the leaf at an index has this namespace and data."""

    head: NamespacedHead
    index: int
    namespace: bytes
    leaf: bytes
    proof: NamespacedInclusionProof


@dataclass(frozen=True)
class Whole:
    """That the leaves of a namespace are these."""

    head: NamespacedHead
    namespace: bytes
    leaves: tuple[bytes, ...]
    proof: NamespaceProof


@dataclass(frozen=True)
class Absent:
    """That no leaf has the namespace."""

    head: NamespacedHead
    namespace: bytes
    proof: AbsenceProof


@dataclass(frozen=True)
class Attack:
    """A claim that must be refused, and why."""

    name: str
    flags: tuple[str, ...]
    claim: Included | Whole | Absent
    reason: str


def attacks(scheme: Scheme) -> Iterator[Attack]:
    leaves = namespaced_leaves(11)
    yield from _included(scheme, leaves)
    yield from _whole(scheme, leaves)
    yield from _absent(scheme, leaves)
    yield from _highest(scheme)


def flipped(whole: bytes, bit: int) -> bytes:
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _included(scheme: Scheme, leaves: list[Leaf]) -> Iterator[Attack]:
    honest = Included(head(scheme, leaves), 4, *leaves[4], prove(scheme, leaves, 4))
    nodes, trusted = honest.proof.nodes, honest.head

    def attack(name: str, flag: str, reason: str, **changes: object) -> Attack:
        return Attack(f"included/{name}", (flag,), replace(honest, **changes), reason)  # type: ignore[arg-type]

    def of(changed: tuple[bytes, ...]) -> NamespacedInclusionProof:
        return replace(honest.proof, nodes=changed)

    yield attack("leaf", "LeafChanged", ROOT_MISMATCH, leaf=b"other")
    yield attack("neighbours-leaf", "LeafChanged", ROOT_MISMATCH, leaf=leaves[5].data)
    yield attack("namespace-0", "OtherNamespace", NAMESPACE_ORDER, namespace=namespace(4))
    yield attack("namespace-1", "OtherNamespace", NAMESPACE_ORDER, namespace=namespace(2))
    for length in (0, 28, 30):
        yield attack(f"namespace-{length}-bytes", "NamespaceLength", NAMESPACE_SIZE, namespace=bytes(length))
    yield attack("index-5", "OtherPlace", ROOT_MISMATCH, index=5)
    yield attack("index-11", "OtherPlace", INDEX_OUT_OF_RANGE, index=11)
    yield attack("index-10", "OtherPlace", DIGEST_COUNT, index=10)
    for place in range(len(nodes)):
        yield attack(
            f"drop-{place}", "NodeDropped", DIGEST_COUNT, proof=of(nodes[:place] + nodes[place + 1 :])
        )
        changed = (*nodes[:place], flipped(nodes[place], 8 * 89), *nodes[place + 1 :])
        yield attack(f"flip-{place}", "NodeChanged", ROOT_MISMATCH, proof=of(changed))
    yield attack("add", "NodeAdded", DIGEST_COUNT, proof=of((*nodes, nodes[0])))
    yield attack("reversed", "NodesReordered", NAMESPACE_ORDER, proof=of(nodes[::-1]))
    wide = (namespace(3) + namespace(5) + nodes[0][58:], *nodes[1:])
    yield attack("range-wider", "RangeChanged", ROOT_MISMATCH, proof=of(wide))
    upside_down = (namespace(5) + namespace(3) + nodes[0][58:], *nodes[1:])
    yield attack("range-upside-down", "RangeChanged", NAMESPACE_ORDER, proof=of(upside_down))
    yield attack("sizes", "OtherSizes", DIGEST_SIZE, proof=NamespacedInclusionProof(28, 34, nodes))
    shorter = NamespacedInclusionProof(28, 32, tuple(node[2:] for node in nodes))
    yield attack("namespace-size", "OtherSizes", NAMESPACE_SIZE, proof=shorter)
    yield attack(
        "size-12",
        "SizeRelabelled",
        ROOT_MISMATCH,
        head=replace(trusted, size=12, root=flipped(trusted.root, 719)),
    )
    yield attack("size-8", "SizeRelabelled", DIGEST_COUNT, head=replace(trusted, size=8))
    yield attack("size-0", "SizeRelabelled", INDEX_OUT_OF_RANGE, head=replace(trusted, size=0))
    yield attack("other-root", "RootChanged", ROOT_MISMATCH, head=replace(head(scheme, leaves[:10]), size=11))


def _whole(scheme: Scheme, leaves: list[Leaf]) -> Iterator[Attack]:
    trusted, name = head(scheme, leaves), namespace(3)
    proof, tree = prove_namespace(scheme, leaves, name), leaf_nodes(scheme, leaves)
    assert isinstance(proof, NamespaceProof)
    data = tuple(one.data for one in leaves[3:6])
    honest, nodes = Whole(trusted, name, data, proof), proof.nodes

    def attack(place: str, flag: str, reason: str, **changes: object) -> Attack:
        return Attack(f"whole/{place}", (flag,), replace(honest, **changes), reason)  # type: ignore[arg-type]

    def run(begin: int, end: int) -> dict[str, object]:
        made = NamespaceProof(*sizes(scheme), wholes(around(scheme, tree, begin, end)), begin)
        return {"leaves": tuple(one.data for one in leaves[begin:end]), "proof": made}

    def of(changed: tuple[bytes, ...]) -> NamespaceProof:
        return replace(proof, nodes=changed)

    for begin, end in ((3, 5), (4, 6), (3, 4), (5, 6), (4, 5)):
        yield attack(f"omitted-{begin}-{end}", "LeafOmitted", NEIGHBOUR_NAMESPACE, **run(begin, end))
    yield attack("omitted-same-proof", "LeafOmitted", DIGEST_COUNT, leaves=data[:2])
    for begin, end in ((2, 6), (3, 7), (0, 11)):
        yield attack(f"added-{begin}-{end}", "LeafAdded", ROOT_MISMATCH, **run(begin, end))
    yield attack("nothing", "NothingClaimed", EMPTY_CLAIM, leaves=())
    yield attack("leaf", "LeafChanged", ROOT_MISMATCH, leaves=(data[0], b"other", data[2]))
    yield attack("reordered", "LeavesReordered", ROOT_MISMATCH, leaves=data[::-1])
    yield attack("namespace-2", "OtherNamespace", ROOT_MISMATCH, namespace=namespace(2))
    yield attack("namespace-1", "OtherNamespace", NEIGHBOUR_NAMESPACE, namespace=namespace(1))
    yield attack("namespace-5", "OtherNamespace", NEIGHBOUR_NAMESPACE, namespace=namespace(5))
    for length in (0, 28, 30):
        yield attack(f"namespace-{length}-bytes", "NamespaceLength", NAMESPACE_SIZE, namespace=bytes(length))
    highest = ignored(scheme)
    yield attack("highest", "HighestNamespace", IGNORED_NAMESPACE, namespace=highest)
    for start, reason in (
        (0, DIGEST_COUNT),
        (2, NEIGHBOUR_NAMESPACE),
        (4, DIGEST_COUNT),
        (9, INDEX_OUT_OF_RANGE),
    ):
        yield attack(f"start-{start}", "OtherPlace", reason, proof=replace(proof, start=start))
    for start in (2**63, 2**64 - 3, 2**64 - 1):
        yield attack(f"start-{start}", "OtherPlace", INDEX_OUT_OF_RANGE, proof=replace(proof, start=start))
    for place in range(len(nodes)):
        yield attack(
            f"drop-{place}", "NodeDropped", DIGEST_COUNT, proof=of(nodes[:place] + nodes[place + 1 :])
        )
    yield attack("no-nodes", "NodeDropped", DIGEST_COUNT, proof=of(()))
    yield attack("add", "NodeAdded", DIGEST_COUNT, proof=of((*nodes, nodes[-1])))
    yield attack("reversed", "NodesReordered", NEIGHBOUR_NAMESPACE, proof=of(nodes[::-1]))
    narrow = of((namespace(1) + namespace(2) + nodes[0][58:], *nodes[1:]))
    yield attack("range-changed", "RangeChanged", ROOT_MISMATCH, proof=narrow)
    hidden = run(4, 6)
    made = hidden["proof"]
    assert isinstance(made, NamespaceProof)
    lied = tuple(namespace(1) + namespace(2) + one[58:] if one[29:58] == name else one for one in made.nodes)
    yield attack(
        "omitted-and-hidden", "RangeChanged", ROOT_MISMATCH, **hidden | {"proof": replace(made, nodes=lied)}
    )
    yield attack("sizes", "OtherSizes", DIGEST_SIZE, proof=NamespaceProof(28, 34, nodes, 3))
    yield attack("size-8", "SizeRelabelled", DIGEST_COUNT, head=replace(trusted, size=8))
    yield attack("other-root", "RootChanged", ROOT_MISMATCH, head=replace(head(scheme, leaves[:10]), size=11))


def _absent(scheme: Scheme, leaves: list[Leaf]) -> Iterator[Attack]:
    trusted, name = head(scheme, leaves), namespace(4)
    proof, tree = prove_namespace(scheme, leaves, name), leaf_nodes(scheme, leaves)
    assert isinstance(proof, AbsenceProof)
    honest, nodes = Absent(trusted, name, proof), proof.nodes
    nothing = AbsenceProof(*sizes(scheme), (), 0)

    def attack(place: str, flag: str, reason: str, **changes: object) -> Attack:
        return Attack(f"absent/{place}", (flag,), replace(honest, **changes), reason)  # type: ignore[arg-type]

    def gap(index: int) -> AbsenceProof:
        return AbsenceProof(
            *sizes(scheme), wholes([tree[index], *around(scheme, tree, index, index + 1)]), index
        )

    for index, reason in ((2, NEIGHBOUR_NAMESPACE), (3, NEIGHBOUR_NAMESPACE), (5, NEIGHBOUR_NAMESPACE)):
        present = {"namespace": namespace(3), "proof": gap(index)}
        yield attack(f"present-before-{index}", "PresentAsAbsent", reason, **present)
    yield attack(
        "present-behind", "PresentAsAbsent", NEIGHBOUR_NAMESPACE, namespace=namespace(3), proof=gap(6)
    )
    yield attack("present-nothing", "PresentAsAbsent", DIGEST_COUNT, namespace=namespace(3), proof=nothing)
    yield attack("present-first", "PresentAsAbsent", DIGEST_COUNT, namespace=namespace(1), proof=nothing)
    yield attack("present-last", "PresentAsAbsent", DIGEST_COUNT, namespace=namespace(7), proof=nothing)
    yield attack("not-the-first-behind", "OtherPlace", NEIGHBOUR_NAMESPACE, proof=gap(7))
    yield attack("before-the-gap", "OtherPlace", NEIGHBOUR_NAMESPACE, proof=gap(5))
    yield attack("empty-in-a-gap", "NodeDropped", DIGEST_COUNT, proof=nothing)
    yield attack("nodes-outside", "NodeAdded", DIGEST_COUNT, namespace=namespace(0))
    yield attack("nodes-above", "NodeAdded", DIGEST_COUNT, namespace=namespace(8))
    for length in (0, 28, 30):
        yield attack(f"namespace-{length}-bytes", "NamespaceLength", NAMESPACE_SIZE, namespace=bytes(length))
    yield attack("highest", "HighestNamespace", IGNORED_NAMESPACE, namespace=ignored(scheme), proof=nothing)
    for start, reason in ((7, NEIGHBOUR_NAMESPACE), (8, DIGEST_COUNT), (11, INDEX_OUT_OF_RANGE)):
        yield attack(f"start-{start}", "OtherPlace", reason, proof=replace(proof, start=start))
    yield attack("start-end", "OtherPlace", INDEX_OUT_OF_RANGE, proof=replace(proof, start=2**64 - 1))
    for place in range(len(nodes)):
        dropped = replace(proof, nodes=nodes[:place] + nodes[place + 1 :])
        yield attack(f"drop-{place}", "NodeDropped", DIGEST_COUNT, proof=dropped)
    added = replace(proof, nodes=(*nodes, nodes[-1]))
    yield attack("add", "NodeAdded", DIGEST_COUNT, proof=added)
    changed = replace(proof, nodes=(flipped(nodes[0], 8 * 60), *nodes[1:]))
    yield attack("flip", "NodeChanged", ROOT_MISMATCH, proof=changed)
    pair = top(scheme, tree[6:8])
    above = (pair.whole, *nodes[2:])
    yield attack("inner-node", "NodeAsLeaf", DIGEST_COUNT, proof=replace(proof, nodes=above, start=6))
    wide = replace(proof, nodes=(namespace(5) + namespace(7) + nodes[0][58:], *nodes[1:]))
    yield attack("wide-leaf", "NodeAsLeaf", NAMESPACE_ORDER, proof=wide)
    yield attack("sizes", "OtherSizes", DIGEST_SIZE, proof=AbsenceProof(28, 34, nodes, 6))
    empty = {"head": replace(trusted, size=0), "proof": nothing}
    yield attack("size-0", "SizeRelabelled", ROOT_MISMATCH, **empty)
    yield attack("other-root", "RootChanged", ROOT_MISMATCH, head=replace(head(scheme, leaves[:10]), size=11))


def _highest(scheme: Scheme) -> Iterator[Attack]:
    """What Celestia's verifier accepts: part of the highest namespace as all of it, or that it is absent."""
    highest = ignored(scheme)
    leaves = [Leaf(namespace(1), b"a"), *(Leaf(highest, bytes([i])) for i in range(3))]
    trusted, tree = head(scheme, leaves), leaf_nodes(scheme, leaves)
    for begin in (1, 2):
        made = NamespaceProof(*sizes(scheme), wholes(around(scheme, tree, begin, 4)), begin)
        data = tuple(one.data for one in leaves[begin:])
        claim = Whole(trusted, highest, data, made)
        yield Attack(f"highest/from-{begin}", ("HighestNamespace",), claim, IGNORED_NAMESPACE)
    nothing = AbsenceProof(*sizes(scheme), (), 0)
    yield Attack(
        "highest/absent", ("HighestNamespace",), Absent(trusted, highest, nothing), IGNORED_NAMESPACE
    )
