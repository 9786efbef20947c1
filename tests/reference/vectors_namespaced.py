"""namespaced.json and namespaced_encodings.json: trees, proofs and attacks on them, and their forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.reference import faults_namespaced, vectors_encodings
from tests.reference.attacks_namespaced import FLAGS, Absent, Attack, Included, Whole, attacks
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, VALID, Json, case, document, scheme_json
from tests.reference.layouts import MAX_DIGESTS
from tests.reference.layouts_namespaced import NAMESPACED_LAYOUTS
from tests.reference.namespaced import head, ignored, prove, prove_namespace
from tests.reference.objects import (
    Leaf,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
)
from tests.reference.samples import (
    LEAF_RULE,
    NAMESPACE_RULE,
    filler,
    leaf,
    namespace,
    namespaced_leaves,
)
from tests.reference.schemes import NAMESPACED_SCHEMES, Scheme
from tests.reference.vectors_encodings import BINARY, CONVENTIONS, END, JSON, PROTOBUF, Faults
from tests.reference.wire_samples import NAMESPACED_SAMPLE, SAMPLES

SIZES = (*range(10), 33, 64, 100)
NOTES = {
    "Root": "the root of the tree over the first `size` leaves",
    "Empty": "a tree without leaves",
    "Parity": "the tree's last `parity` leaves have the highest namespace instead",
    "Honest": "a proof as the tree makes it",
    **FLAGS,
}
# What dense objects alone can be wrong in.
DENSE_ONLY = ("RulesNotEmpty", "Reversed", "Counts")
ENCODING_NOTES = {name: note for name, note in vectors_encodings.NOTES.items() if name not in DENSE_ONLY} | {
    "Kind": "a namespaced head with the scheme of another kind",
    "NamespaceSize": "namespaces of no bytes",
    "RangeOrder": "a root whose range ends before it begins",
    "StartWithoutNodes": "a proof of absence without nodes that states a place",
    "TooMany": "more than 255 nodes",
    "DigestSize": "a digest size outside 32 to 64, or a node of another size",
}
FAULTS: Faults = {
    BINARY: faults_namespaced.binary,
    JSON: faults_namespaced.json,
    PROTOBUF: faults_namespaced.protobuf,
}


def with_parity(size: int, parity: int) -> list[Leaf]:
    """The first leaves of the rule, the last of which have the highest namespace instead."""
    highest = ignored(NAMESPACED_SAMPLE)
    return [
        one._replace(namespace=highest) if i >= size - parity else one
        for i, one in enumerate(namespaced_leaves(size))
    ]


def _claim(
    name: str, flags: Sequence[str], claim: Included | Whole | Absent, reason: str | None = None
) -> Json:
    fields: Json = {"claim": type(claim).__name__.lower(), "head": encode(claim.head).hex()}
    if isinstance(claim, Included):
        fields |= {"index": str(claim.index), "namespace": claim.namespace.hex(), "leaf": claim.leaf.hex()}
    elif isinstance(claim, Whole):
        fields |= {"namespace": claim.namespace.hex(), "leaves": [data.hex() for data in claim.leaves]}
    else:
        fields |= {"namespace": claim.namespace.hex()}
    proof = encode(claim.proof).hex()
    return case(name, "", list(flags), INVALID if reason else VALID, **fields, proof=proof, reason=reason)


def _group(scheme: Scheme) -> Json:
    tests = []
    attacked = scheme == NAMESPACED_SAMPLE
    for size in SIZES if attacked else (0, 1, 7):
        for parity in sorted({0, size // 2, size}) if attacked else (0,):
            flags = ["Root"] + ["Empty"] * (size == 0) + ["Parity"] * (parity > 0)
            root = head(scheme, with_parity(size, parity)).root.hex()
            tests.append(
                case(
                    f"{scheme.name}/{size}/{parity}", "", flags, size=str(size), parity=str(parity), root=root
                )
            )
    for size, parity in ((1, 0), (7, 0), (11, 3), (33, 1), (64, 32)) if attacked else ((7, 0),):
        tests += _honest(scheme, size, parity)
    for attack in attacks(scheme) if attacked else ():
        tests.append(_attack(scheme, attack))
    return {"scheme": scheme_json(scheme), "tests": tests}


def _attack(scheme: Scheme, attack: Attack) -> Json:
    return _claim(f"{scheme.name}/attack/{attack.name}", attack.flags, attack.claim, attack.reason)


def _honest(scheme: Scheme, size: int, parity: int) -> Iterator[Json]:
    leaves = with_parity(size, parity)
    trusted, prefix = head(scheme, leaves), f"{scheme.name}/honest/{size}/{parity}"
    for index in sorted({0, size // 2, size - 1}):
        proof = prove(scheme, leaves, index)
        yield _claim(f"{prefix}/{index}", ["Honest"], Included(trusted, index, *leaves[index], proof))
    for number in range(0, 2 * (size // 3) + 4) if size < 12 else (0, 3, 4, 9, 10, 21, 42, 43, 44):
        name = namespace(number)
        made = prove_namespace(scheme, leaves, name)
        data = tuple(one.data for one in leaves if one.namespace == name)
        claim = (
            Whole(trusted, name, data, made)
            if isinstance(made, NamespaceProof)
            else Absent(trusted, name, made)
        )
        yield _claim(f"{prefix}/namespace-{number}", ["Honest"], claim)


def build() -> Json:
    return document(
        "namespaced",
        NOTES,
        [_group(scheme) for scheme in NAMESPACED_SCHEMES],
        leaf_rule=LEAF_RULE,
        namespace_rule=NAMESPACE_RULE,
        first_leaves=[leaf(i).hex() for i in range(4)],
        claims="a claim is of kind included (one leaf), whole (all leaves of a namespace) or absent; "
        "head and proof are in their binary form",
    )


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is NamespacedHead:
        for scheme in NAMESPACED_SCHEMES:
            yield scheme.name, head(scheme, namespaced_leaves(7))
        yield "empty-tree", head(NAMESPACED_SAMPLE, [])
        yield "parity", head(NAMESPACED_SAMPLE, with_parity(7, 7))
        yield (
            "size-2-to-64-minus-1",
            NamespacedHead(NAMESPACED_SAMPLE, END, bytes(29) + filler("root", 2, 61)),
        )
        yield "root-zero", NamespacedHead(NAMESPACED_SAMPLE, 1, bytes(90))
        return
    if wanted not in NAMESPACED_LAYOUTS:
        return
    yield "honest", SAMPLES[wanted]()
    for namespace_size, digest_size in ((1, 32), (8, 32), (29, 64), (32, 48), (255, 33)):
        nodes = tuple(filler("n", i, 2 * namespace_size + digest_size) for i in range(2))
        sized = _list(wanted, namespace_size, digest_size, nodes, 4)
        yield f"sizes-{namespace_size}-{digest_size}", sized
    yield "no-nodes", _list(wanted, 29, 32, (), 0)
    yield "zero-node", _list(wanted, 29, 32, (bytes(90),), 0)
    if wanted is NamespacedInclusionProof:
        yield "255-nodes", _list(wanted, 1, 32, (bytes(34),) * MAX_DIGESTS, 0)
    else:
        yield "start-2-to-64-minus-1", _list(wanted, 1, 32, (bytes(34),), END)


def _list(
    wanted: type, namespace_size: int, digest_size: int, nodes: tuple[bytes, ...], start: int
) -> object:
    sizes = namespace_size, digest_size, nodes
    return wanted(*sizes) if wanted is NamespacedInclusionProof else wanted(*sizes, start)


def build_encodings() -> Json:
    return document(
        "namespaced_encodings",
        ENCODING_NOTES,
        [
            vectors_encodings.group(Scheme, ((one.name, one) for one in NAMESPACED_SCHEMES), {}),
            *(vectors_encodings.group(wanted, values(wanted), FAULTS) for wanted in NAMESPACED_LAYOUTS),
        ],
        **CONVENTIONS,
    )
