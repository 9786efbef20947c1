"""sparse.json and sparse_encodings.json: trees, proofs and attacks on them, and their forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tests.reference import attacks_sparse, attacks_sparse_multi, faults_sparse, vectors_encodings
from tests.reference.attacks_sparse import Absent, Present, attacks, nearby
from tests.reference.attacks_sparse_multi import Many, many_attacks
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, VALID, Json, case, document, scheme_json
from tests.reference.layouts_sparse import SPARSE_LAYOUTS
from tests.reference.samples import KEY_RULE, LEAF_RULE, filler, items, key, leaf
from tests.reference.schemes import SPARSE_SCHEMES, Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_objects import (
    EMPTY_END,
    OTHER_LEAF,
    PRESENT,
    RUN,
    SparseHead,
    SparseMultiProof,
    SparseProof,
)
from tests.reference.sparse_rules import DEPTH, SPARSE_FAMILIES, Lone
from tests.reference.vectors_encodings import BINARY, CONVENTIONS, END, JSON, PROTOBUF, Faults
from tests.reference.wire_samples import SAMPLES, SPARSE_SAMPLE

NOTES = {
    "Root": "the root of the tree over these items",
    "Empty": "a tree without keys",
    "Deep": "keys that differ in their last bits alone",
    "Honest": "a proof as the tree makes it",
    **attacks_sparse.FLAGS,
    **attacks_sparse_multi.FLAGS,
}
# What other objects alone can be wrong in.
OTHERS_ONLY = ("Reversed", "Counts", "TooMany")
ENCODING_NOTES = {name: note for name, note in vectors_encodings.NOTES.items() if name not in OTHERS_ONLY} | {
    "Kind": "a sparse head with the scheme of another kind",
    "End": "an end above 3",
    "Depth": "a depth above 256, with end 2 above 255, with end 3 above 254",
    "Bitmap": "a bitmap of more or fewer bytes than the depth needs",
    "SpareBit": "a bit behind the last one of the bitmap",
    "Siblings": "another number of digests than the bitmap has ones",
    "Witness": "a witness with an end that has none, none with one that has, or one of another length",
}
FAULTS: Faults = {
    BINARY: faults_sparse.binary,
    JSON: faults_sparse.json,
    PROTOBUF: faults_sparse.protobuf,
}
ATTACKED = tuple(
    Scheme(family, hash_name, b"day 1" if family == "native_sparse" else b"")
    for family, (_, hash_name) in SPARSE_FAMILIES.items()
)
NAMES = {scheme.name for scheme in ATTACKED}
SCHEMES = (*ATTACKED, *(scheme for scheme in SPARSE_SCHEMES if scheme.name not in NAMES))
DEEP = {
    "last-bit": (key(0), nearby(key(0), 255)),
    "last-bits": (key(0), nearby(key(0), 255), nearby(key(0), 254), nearby(key(0), 250), key(1)),
    "first-bit": (key(0), nearby(key(0), 0)),
    "zeros-and-ones": (bytes(32), b"\xff" * 32, b"\x00" * 31 + b"\x01", b"\x7f" + b"\xff" * 31),
    "byte-borders": tuple(nearby(key(0), place) for place in (6, 7, 8, 9, 15, 16)),
}


def deep_items(name: str) -> dict[bytes, bytes]:
    return {one: leaf(i) for i, one in enumerate(DEEP[name])}


def pairs(values: Mapping[bytes, bytes] | Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
    both = values.items() if isinstance(values, Mapping) else values
    return [[one.hex(), value.hex()] for one, value in both]


def _claim(
    name: str, flags: Iterable[str], claim: Present | Absent | Many, reason: str | None = None
) -> Json:
    fields: Json = {"claim": type(claim).__name__.lower(), "head": encode(claim.head).hex()}
    match claim:
        case Present():
            fields |= {"key": claim.key.hex(), "value": claim.value.hex()}
        case Absent():
            fields |= {"key": claim.key.hex()}
        case Many():
            fields |= {"present": pairs(claim.present), "absent": [one.hex() for one in claim.absent]}
    proof = encode(claim.proof).hex()
    return case(name, "", list(flags), INVALID if reason else VALID, **fields, proof=proof, reason=reason)


def _group(scheme: Scheme) -> Json:
    attacked, tests = scheme in ATTACKED, []
    for size in (0, 1, 2, 3, 7, 33) if attacked else (0, 7):
        flags = ["Root"] + ["Empty"] * (size == 0)
        tests.append(_root(scheme, str(size), flags, items(size)))
        tests += _honest(scheme, str(size), items(size), 6 if attacked else 2)
    for name in DEEP if attacked else ("last-bits",):
        tests.append(_root(scheme, name, ["Root", "Deep"], deep_items(name)))
        tests += _honest(scheme, name, deep_items(name), 4 if attacked else 1)
    if attacked:
        for attack in attacks(scheme):
            tests.append(
                _claim(f"{scheme.name}/attack/{attack.name}", attack.flags, attack.claim, attack.reason)
            )
        for many in many_attacks(scheme):
            tests.append(_claim(f"{scheme.name}/many/{many.name}", many.flags, many.claim, many.reason))
    return {"scheme": scheme_json(scheme), "tests": tests}


def _root(scheme: Scheme, name: str, flags: list[str], values: dict[bytes, bytes]) -> Json:
    root = SparseTree(scheme, values).head.root.hex()
    return case(f"{scheme.name}/root/{name}", "", flags, items=pairs(values), root=root)


def _honest(scheme: Scheme, name: str, values: dict[bytes, bytes], most: int) -> Iterator[Json]:
    """Present and absent keys, alone and together."""
    tree, prefix = SparseTree(scheme, values), f"{scheme.name}/honest/{name}"
    present = list(values)[:most]
    beside = [nearby(one, place) for one in present[:2] for place in (0, 5, 128, 255)]
    absent = [one for one in [*beside, key(1000), key(1001)] if one not in values][:most]
    flags = ["Honest"] + ["Deep"] * (name in DEEP)
    for i, one in enumerate(present):
        yield _claim(f"{prefix}/present-{i}", flags, Present(tree.head, one, values[one], tree.prove(one)))
    for i, one in enumerate(absent):
        yield _claim(f"{prefix}/absent-{i}", flags, Absent(tree.head, one, tree.prove(one)))
    sets = {
        "one": (present[:1], [] if present else absent[:1]),
        "present": (present, []),
        "absent": ([], absent),
        "both": (present, absent),
        "backwards": (present[::-1], absent[::-1]),
        "every-other": (list(values)[::2], absent[::2]),
    }
    for what, (there, missing) in sets.items():
        if there or missing:
            proof = tree.prove_many([*there, *missing])
            claim = Many(tree.head, tuple((one, values[one]) for one in there), tuple(missing), proof)
            yield _claim(f"{prefix}/many-{what}", flags, claim)


def build() -> Json:
    return document(
        "sparse",
        NOTES,
        [_group(scheme) for scheme in SCHEMES],
        leaf_rule=LEAF_RULE,
        key_rule=KEY_RULE,
        first_keys=[key(i).hex() for i in range(4)],
        claims="a claim is of kind present (a key and its value), absent (a key) or many (pairs of keys and "
        "values, and keys; in any order); items are pairs; head and proof are in their binary form",
    )


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is SparseHead:
        for scheme in SCHEMES:
            small = items(7 if scheme.sparse.lone is not Lone.FULL else 2)
            yield f"{scheme.name}/{len(small)}", SparseTree(scheme, small).head
        yield "empty-tree", SparseTree(SPARSE_SAMPLE).head
        yield "size-2-to-64-minus-1", SparseHead(SPARSE_SAMPLE, END, filler("root", 2, 32))
        yield "empty-tree-any-root", SparseHead(SPARSE_SAMPLE, 0, filler("root", 3, 32))
        yield "root-zero", SparseHead(SPARSE_SAMPLE, 1, bytes(32))
    elif wanted is SparseProof:
        yield from _proofs()
    elif wanted is SparseMultiProof:
        yield from _multi_proofs()


def _fill(label: str, count: int, size: int) -> tuple[bytes, ...]:
    return tuple(filler(label, i, size) for i in range(count))


def _proofs() -> Iterator[tuple[str, SparseProof]]:
    yield "honest", SAMPLES[SparseProof]()  # type: ignore[misc]
    tree = SparseTree(SPARSE_SAMPLE, items(7))
    for i in (0, 3, 9, 10):
        yield f"key-{i}", tree.prove(key(i))
    yield "no-depth-empty", SparseProof(32, EMPTY_END, 0, b"", ())
    yield "no-depth-present", SparseProof(64, PRESENT, 0, b"", ())
    yield "no-depth-witness", SparseProof(32, OTHER_LEAF, 0, b"", (), bytes(64))
    for size in (33, 48, 64):
        witness = filler("witness", 0, 32 + size)
        yield (
            f"digest-size-{size}",
            SparseProof(size, OTHER_LEAF, 9, b"\x01\x80", _fill("d", 2, size), witness),
        )
    for depth in (1, 7, 8, 9, 255):
        bitmap = (1 << 8 * -(-depth // 8) - depth).to_bytes(-(-depth // 8), "big")
        yield f"depth-{depth}", SparseProof(32, EMPTY_END, depth, bitmap, (filler("d", 0, 32),))
    yield "depth-256-all", SparseProof(32, PRESENT, DEPTH, b"\xff" * 32, _fill("d", 256, 32))
    yield "depth-256-none", SparseProof(32, EMPTY_END, DEPTH, bytes(32), ())
    yield (
        "depth-255-witness",
        SparseProof(32, OTHER_LEAF, 255, bytes(31) + b"\x02", _fill("d", 1, 32), bytes(64)),
    )
    for depth in (0, 1, 254):
        bitmap = bytes(-(-depth // 8))
        yield f"run-at-{depth}", SparseProof(32, RUN, depth, bitmap, (), filler("witness", 1, 64))
    yield "run-64", SparseProof(64, RUN, 0, b"", (), filler("witness", 2, 96))
    yield "zero-digest", SparseProof(32, PRESENT, 1, b"\x80", (bytes(32),))


def _multi_proofs() -> Iterator[tuple[str, SparseMultiProof]]:
    yield "honest", SAMPLES[SparseMultiProof]()  # type: ignore[misc]
    tree = SparseTree(SPARSE_SAMPLE, items(20))
    yield "all", tree.prove_many([key(i) for i in range(20)])
    yield "many", tree.prove_many([key(i) for i in range(0, 40, 3)])
    yield "nothing", SparseMultiProof(32, b"", (), ())
    yield "nothing-64", SparseMultiProof(64, b"", (), ())
    yield "shape-of-zeros", SparseMultiProof(32, bytes(300), (), ())
    for size in (33, 48, 64):
        parts = _fill("w", 3, 32 + size), _fill("d", 2, size)
        yield f"digest-size-{size}", SparseMultiProof(size, b"\x01", *parts)
    yield "300-digests", SparseMultiProof(32, b"\xff", (), (bytes(32),) * 300)
    yield "witnesses-alone", SparseMultiProof(32, b"", (bytes(64),) * 130, ())


def build_encodings() -> Json:
    return document(
        "sparse_encodings",
        ENCODING_NOTES,
        [
            vectors_encodings.group(Scheme, ((one.name, one) for one in SCHEMES), {}),
            *(vectors_encodings.group(wanted, values(wanted), FAULTS) for wanted in SPARSE_LAYOUTS),
        ],
        **CONVENTIONS,
    )
