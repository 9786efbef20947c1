"""The three forms: round trips, vectors, mutations, and Google's Protobuf as the other side."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.reference import (
    codec,
    json_form,
    protobuf_form,
    vectors_encodings,
    vectors_liability_receipt,
    vectors_liability_statement,
    vectors_namespaced,
    vectors_patricia,
    vectors_sparse,
    vectors_sum_encodings,
)
from tests.reference.formats import FORMATS, TYPES, layout_of
from tests.reference.layouts import Kind
from tests.reference.layouts_liabilities import ITEMS
from tests.reference.reader import DecodeError
from tests.reference.schemes import Scheme
from tests.reference.test_reference import vectors
from tests.reference.wire_samples import SAMPLES

each_object = pytest.mark.parametrize("wanted", FORMATS, ids=lambda wanted: FORMATS[wanted].name)

PROTO = Path(__file__).resolve().parents[2] / "docs" / "spec" / "tallystick.proto"
MESSAGES = {
    "scheme": "Scheme",
    "head": "TreeHead",
    "inclusion-proof": "InclusionProof",
    "multi-proof": "MultiProof",
    "consistency-proof": "ConsistencyProof",
    "proof-batch": "ProofBatch",
    "shard": "Shard",
    "sum-head": "SumHead",
    "sum-inclusion-proof": "SumInclusionProof",
    "sum-multi-proof": "SumMultiProof",
    "sum-proof-batch": "SumProofBatch",
    "sum-shard": "SumShard",
    "statement": "Statement",
    "receipt": "Receipt",
    "equivocation": "Equivocation",
    "namespaced-head": "NamespacedHead",
    "namespaced-inclusion-proof": "NamespacedInclusionProof",
    "namespace-proof": "NamespaceProof",
    "absence-proof": "AbsenceProof",
    "sparse-head": "SparseHead",
    "sparse-proof": "SparseProof",
    "sparse-multi-proof": "SparseMultiProof",
    "patricia-head": "PatriciaHead",
    "patricia-proof": "PatriciaProof",
}


def objects(wanted: type) -> list[tuple[str, Any]]:
    sources = (
        vectors_encodings,
        vectors_sum_encodings,
        vectors_liability_statement,
        vectors_liability_receipt,
        vectors_namespaced,
        vectors_patricia,
        vectors_sparse,
    )
    return [one for source in sources for one in source.values(wanted)]


def decoded(decode: Callable[..., Any], wanted: type, given: Any) -> Any:
    try:
        return decode(wanted, given)
    except DecodeError:
        return None


@each_object
def test_round_trips(wanted: type) -> None:
    for name, value in objects(wanted):
        assert codec.decode(wanted, codec.encode(value)) == value, name
        assert json_form.decode(wanted, json_form.encode(value)) == value, name
        assert protobuf_form.decode(wanted, protobuf_form.encode(value)) == value, name
        assert list(json.loads(json_form.encode(value)))[:2] == ["format", "version"]


def given_of(test: dict[str, Any]) -> str | bytes:
    pieces = test.get("pieces", [[test.get("text", test.get("encoding")), "1"]])
    text = "".join(piece * int(count) for piece, count in pieces)
    return text if test["form"] == "json" else bytes.fromhex(text)


DECODERS: dict[str, Callable[..., Any]] = {
    "binary": codec.decode,
    "json": json_form.decode,
    "protobuf": protobuf_form.decode,
}


FILES = (
    "encodings.json",
    "sum_encodings.json",
    "liability_statement.json",
    "liability_receipt.json",
    "namespaced_encodings.json",
    "sparse_encodings.json",
    "patricia_encodings.json",
)


@pytest.mark.parametrize("name", FILES)
def test_vectors(name: str) -> None:
    for group in vectors(name)["groups"]:
        if group.get("what", "encodings") != "encodings":
            continue
        wanted = TYPES[group["object"]]
        given: set[str | bytes] = set()
        for test in group["tests"]:
            if test["result"] == "valid":
                value: object = codec.decode(wanted, bytes.fromhex(test["binary"]))
                forms = (
                    codec.encode(value).hex(),
                    json_form.encode(value),
                    protobuf_form.encode(value).hex(),
                )
                assert forms == (test["binary"], test["json"], test["protobuf"]), test["id"]
                continue
            one = given_of(test)
            assert one not in given or not one, f"{test['id']} stands there already"
            given.add(one)
            with pytest.raises(DecodeError):
                DECODERS[test["form"]](wanted, one)


@each_object
def test_whatever_decodes_is_canonical(wanted: type) -> None:
    chosen = random.Random(FORMATS[wanted].name)
    values = [value for _, value in objects(wanted)]
    accepted = 0
    for _ in range(1500):
        value = chosen.choice(values[-8:])
        raw = bytearray(chosen.choice((codec.encode, protobuf_form.encode))(value))
        for _ in range(chosen.randint(1, 2)):
            mutate(raw, chosen)
        for decode, encode in ((codec.decode, codec.encode), (protobuf_form.decode, protobuf_form.encode)):
            found = decoded(decode, wanted, bytes(raw))
            accepted += found is not None
            assert found is None or encode(found) == raw
        text = bytearray(json_form.encode(value).encode("utf-8"))
        mutate(text, chosen)
        found = decoded(json_form.decode, wanted, text.decode("utf-8", "surrogateescape"))
        assert found is None or json_form.encode(found).encode("utf-8") == text
    assert accepted > 0


def mutate(raw: bytearray, chosen: random.Random) -> None:
    at = chosen.randrange(min(len(raw), 120))
    match chosen.randrange(5):
        case 0:
            raw[at] ^= 1 << chosen.randrange(8)
        case 1:
            raw[at] = chosen.randrange(256)
        case 2:
            del raw[at]
        case 3:
            raw.insert(at, chosen.choice((0, 1, 32, 128, 255)))
        case 4:
            raw += raw[at:]


@each_object
def test_every_cut_is_refused_or_another_value(wanted: type) -> None:
    value = SAMPLES[wanted]()
    text = json_form.encode(value)
    for cut in range(len(text)):
        assert decoded(json_form.decode, wanted, text[:cut]) is None
    for decode, encode in ((codec.decode, codec.encode), (protobuf_form.decode, protobuf_form.encode)):
        raw = encode(value)
        for cut in range(len(raw)):
            found = decoded(decode, wanted, raw[:cut])
            assert found is None or (found != value and encode(found) == raw[:cut])


@pytest.fixture(scope="session")
def messages(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The messages of tallystick.proto, compiled for this session."""
    protoc = pytest.importorskip("grpc_tools.protoc")
    out = tmp_path_factory.mktemp("protobuf")
    assert protoc.main(["protoc", f"--proto_path={PROTO.parent}", f"--python_out={out}", PROTO.name]) == 0
    spec = importlib.util.spec_from_file_location("tallystick_pb2", out / "tallystick_pb2.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def message_of(messages: ModuleType, value: object) -> Any:
    """The message of an object, filled by Google's library."""
    layout = layout_of(value)
    message = getattr(messages, MESSAGES.get(layout.name) or type(value).__name__)()
    if layout.name:
        message.version = 1
    values = layout.take_apart(value)
    for name, kind in layout.fields:
        if kind in (Kind.SCHEME, Kind.OBJECT):
            getattr(message, name).CopyFrom(message_of(messages, values[name]))
        elif kind is Kind.ITEMS:
            getattr(message, name).extend(message_of(messages, item) for item in values[name])
        elif kind in (Kind.DIGESTS, Kind.COUNTS, Kind.SIBLINGS, Kind.WITNESSES, Kind.STRINGS):
            getattr(message, name).extend(values[name])
        elif kind is Kind.AMOUNTS:
            getattr(message, name).extend(map(codec.minimal, values[name]))
        elif kind in (Kind.AMOUNT, Kind.TOTAL):
            setattr(message, name, codec.minimal(values[name]))
        else:
            setattr(message, name, values[name])
    return message


@each_object
def test_google_protobuf_writes_and_reads_the_same(wanted: type, messages: ModuleType) -> None:
    for name, value in objects(wanted):
        raw = protobuf_form.encode(value)
        message = message_of(messages, value)
        assert message.SerializeToString(deterministic=True) == raw, name
        assert type(message).FromString(raw) == message, name


def test_schema_numbers_the_fields_of_the_list(messages: ModuleType) -> None:
    for layout in FORMATS.values():
        fields = getattr(messages, MESSAGES[layout.name]).DESCRIPTOR.fields
        assert [(field.number, field.name) for field in fields] == list(
            enumerate(("version", *(name for name, _ in layout.fields)), 1)
        )
    for item, layout in ITEMS.items():
        fields = getattr(messages, item.__name__).DESCRIPTOR.fields
        assert [field.name for field in fields] == [name for name, _ in layout.fields]


def test_example_of_the_encodings_page() -> None:
    scheme = Scheme("native", "sha256", b"day 1")
    binary = "746c7973010106000000" + "6e61746976650600000073686132353600000000050000006461792031"
    assert codec.encode(scheme).hex() == binary
    assert protobuf_form.encode(scheme).hex() == "080110011a066e6174697665220673686132353632056461792031"
    assert json_form.encode(scheme) == (
        '{"format":"tallystick-scheme","version":1,"kind":1,"family":"native","hash":"sha256","rules":"",'
        '"context":"6461792031"}'
    )
