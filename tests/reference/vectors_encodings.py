"""encodings.json: every object in its three forms, and inputs that are no encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.reference import codec, faults_binary, faults_json, faults_protobuf, json_form, protobuf_form
from tests.reference.envelope import INVALID, Json, case, document
from tests.reference.formats import FORMATS
from tests.reference.layouts import LAYOUTS
from tests.reference.objects import (
    Batch,
    ConsistencyProof,
    DigestList,
    Head,
    InclusionProof,
    MultiProof,
    Shard,
)
from tests.reference.samples import filler, leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, Scheme
from tests.reference.shards import cover, of_leaves
from tests.reference.trees import head, prove
from tests.reference.wire_samples import SAMPLE, SAMPLES

BINARY, JSON, PROTOBUF = "binary", "json", "protobuf"
END = 2**64 - 1

NOTES = {
    "Canonical": "each form decodes to one value, which encodes to these three forms",
    "Truncated": "the input ends too early, or a declared length is beyond the end",
    "Trailing": "something is left over",
    "Magic": "wrong magic, also that of another object",
    "Format": "wrong JSON format, also that of another object",
    "Version": "a version other than 1, or none",
    "UnknownName": "an unknown kind, family or hash, also by letter case, or a hash that no scheme takes",
    "RulesNotEmpty": "rules are empty in version 1",
    "ContextRefused": "rfc6962 binds no context",
    "DigestSize": "a digest size outside 32 to 64, or a digest of another size",
    "NotDigests": "what remains is not a multiple of the digest size",
    "TooMany": "more than 255 digests in a proof that is a path",
    "Counts": "the number of digests is not the one that the fields before require",
    "Reversed": "a range that ends before it begins",
    "HugeLength": "a declared length or count that must not be allocated before it is checked",
    "WhiteSpace": "JSON with white space",
    "NotCanonical": "JSON of another form, or no JSON",
    "Escape": "JSON with an escape: the same string by another text",
    "KeyOrder": "JSON keys in another order",
    "MissingKey": "a JSON key is missing",
    "RepeatedKey": "a JSON key twice; readers differ in which they take",
    "UnknownKey": "a JSON key that is not in the list",
    "NumberForm": "a number with sign, leading zero, point or exponent, or of another type",
    "NumberRange": "a number that does not fit, also when cut to its bits",
    "Hex": "not lower-case hexadecimal digits, two a byte",
    "Deep": "nested 100,000 deep: a reader that recurses overflows its stack",
    "MissingField": "a Protobuf field is missing that no value leaves out",
    "NonMinimal": "a Protobuf varint longer than it must be",
    "Varint": "a Protobuf varint of more than 64 bits, or without an end",
    "FieldOrder": "Protobuf fields in another order",
    "RepeatedField": "a Protobuf field twice; readers take the last, or merge",
    "UnknownField": "a Protobuf field that is not in the schema; readers skip it",
    "ExplicitZero": "a Protobuf field that is there although zero or empty",
    "WireType": "a Protobuf field of another wire type",
}
CONVENTIONS = {
    "forms": "invalid binary and protobuf inputs are `encoding`, in hex; invalid json is `text`",
    "pieces": "a long input is given as pieces, texts or hex, each with the number of its repetitions",
}
# A form's faults of a type: their names, flags and inputs.
Faults = Mapping[str, Callable[[type], Iterable[tuple[str, str, Any]]]]
FAULTS: Faults = {
    BINARY: faults_binary.faults,
    JSON: faults_json.faults,
    PROTOBUF: faults_protobuf.faults,
}
CONTEXTS = (b"day 1", b"\x00", bytes(range(256)) + b"tlys")
SCHEMES = (
    *ALL_SCHEMES,
    Scheme(NATIVE, "sha256", CONTEXTS[0]),
    Scheme(NATIVE, "blake3", CONTEXTS[1]),
    Scheme(NATIVE, "sha3_256", CONTEXTS[2]),
)


def _fill(label: str, count: int, size: int) -> tuple[bytes, ...]:
    return tuple(filler(label, i, size) for i in range(count))


def schemes() -> Iterator[tuple[str, Scheme]]:
    for scheme in SCHEMES:
        yield f"{scheme.name}/{scheme.context[:8].hex() or 'no-context'}", scheme


def heads() -> Iterator[tuple[str, Head]]:
    for name, scheme in schemes():
        yield f"{name}/7", head(scheme, leaves(7))
    yield "empty-tree", head(SAMPLE, [])
    yield "size-128", Head(SAMPLE, 128, filler("root", 4, 32))
    yield "size-2-to-53-plus-1", Head(SAMPLE, 2**53 + 1, filler("root", 1, 32))
    yield "size-2-to-64-minus-1", Head(SAMPLE, END, filler("root", 2, 32))
    yield "empty-tree-any-root", Head(SAMPLE, 0, filler("root", 3, 32))
    yield "root-zero", Head(SAMPLE, 1, bytes(32))


def digest_lists(wanted: type[DigestList]) -> Iterator[tuple[str, DigestList]]:
    honest = SAMPLES[wanted]()
    assert isinstance(honest, DigestList)
    yield "honest", honest
    for size in (32, 33, 48, 64):
        yield f"digest-size-{size}", wanted(size, _fill("d", 2, size))
    yield "no-digests", wanted(32, ())
    yield "digest-size-64-no-digests", wanted(64, ())
    yield "zero-digest", wanted(32, (bytes(32),))
    if wanted is InclusionProof:
        yield "255-digests", wanted(32, (bytes(32),) * 255)
    if wanted is MultiProof:
        yield "256-digests", wanted(32, (bytes(32),) * 256)


def batches() -> Iterator[tuple[str, Batch]]:
    yield "no-proofs", Batch(32, ())
    yield "no-proofs-64", Batch(64, ())
    yield "one-without-digests", Batch(32, ((),))
    yield "three-without-digests", Batch(32, ((), (), ()))
    seven = leaves(7)
    yield "all-of-7", Batch(32, tuple(prove(SAMPLE, seven, i).digests for i in range(7)))
    yield "same-twice", Batch(32, (prove(SAMPLE, seven, 3).digests,) * 2)
    yield "digest-size-48", Batch(48, tuple(_fill("b", n, 48) for n in (0, 2, 0, 0, 1)))
    yield "130-digests-in-one", Batch(32, ((bytes(32),) * 130, ()))


def shards() -> Iterator[tuple[str, Shard]]:
    for begin, end in ((0, 0), (0, 1), (0, 7), (3, 9), (5, 5)):
        yield f"{begin}/{end}", of_leaves(SAMPLE, begin, leaves(9)[begin:end])
    for begin, end in ((END, END), (END - 1, END), (2**53 + 1, 2**53 + 4), (2**63 - 1, 2**63 + 1)):
        yield f"{begin}/{end}", Shard(SAMPLE, begin, end, _fill("s", len(cover(begin, end)), 32))
    yield "rfc6962/3/9", of_leaves(Scheme("rfc6962", "sha256"), 3, leaves(9)[3:])


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is Scheme:
        yield from schemes()
    elif wanted is Head:
        yield from heads()
    elif wanted is Batch:
        yield from batches()
    elif wanted is Shard:
        yield from shards()
    elif issubclass(wanted, InclusionProof | MultiProof | ConsistencyProof):
        yield from digest_lists(wanted)


def _invalid(wanted: type, faults: Faults) -> Iterator[Json]:
    kind = FORMATS[wanted].name

    def made(form: str, name: str, flag: str, given: str | bytes | Sequence[tuple[str | bytes, int]]) -> Json:
        key = "text" if form == JSON else "encoding"
        fields = {key: _text(given)} if isinstance(given, str | bytes) else {"pieces": _pieces(given)}
        return case(f"{kind}/{form}/{name}", "", [flag], INVALID, form=form, **fields)

    for form, faults_of in faults.items():
        for name, flag, given in faults_of(wanted):
            yield made(form, name, flag, given)


def _text(given: str | bytes) -> str:
    return given if isinstance(given, str) else given.hex()


def _pieces(given: Sequence[tuple[str | bytes, int]]) -> list[list[str]]:
    return [[_text(piece), str(count)] for piece, count in given]


def group(wanted: type, objects: Iterable[tuple[str, object]], faults: Faults) -> Json:
    """The tests of one type: these objects, and everything that is none."""
    kind = FORMATS[wanted].name
    tests = [
        case(
            f"{kind}/valid/{name}",
            "",
            ["Canonical"],
            binary=codec.encode(value).hex(),
            json=json_form.encode(value),
            protobuf=protobuf_form.encode(value).hex(),
        )
        for name, value in objects
    ]
    return {"object": kind, "tests": [*tests, *_invalid(wanted, faults)]}


def build() -> Json:
    return document(
        "encodings",
        NOTES,
        [group(wanted, values(wanted), FAULTS) for wanted in LAYOUTS],
        **CONVENTIONS,
    )
