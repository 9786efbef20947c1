"""The schema of docs/spec, compiled by protoc, and Google's library on the other side of ours."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts

from tests.interop.test_languages import examples, trees
from tests.reference.samples import leaves
from tests.vectors.files import Json

protoc = pytest.importorskip("grpc_tools.protoc", reason="grpcio-tools is not installed")

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
MESSAGES = {
    "scheme": "Scheme",
    "head": "TreeHead",
    "inclusion-proof": "InclusionProof",
    "multi-proof": "MultiProof",
    "consistency-proof": "ConsistencyProof",
    "proof-batch": "ProofBatch",
    "shard": "Shard",
}
EXAMPLES = examples()


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module that protoc makes."""
    folder = tmp_path_factory.mktemp("protobuf")
    code = protoc.main(["protoc", f"--proto_path={SPEC}", f"--python_out={folder}", "tallystick.proto"])
    assert code == 0
    spec = importlib.util.spec_from_file_location("tallystick_pb2", folder / "tallystick_pb2.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tallystick_pb2"] = module
    spec.loader.exec_module(module)
    return module


def plain(message: Any) -> Any:
    """A message as the JSON form of encodings.md says it."""
    found: Json = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.type == field.TYPE_MESSAGE:
            found[field.name] = plain(value)
        elif field.type == field.TYPE_UINT64:
            found[field.name] = str(value)
        elif field.type == field.TYPE_BYTES:
            found[field.name] = [item.hex() for item in value] if field.is_repeated else value.hex()
        else:
            found[field.name] = list(value) if field.is_repeated else value
    return found


def without_formats(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: without_formats(item) for key, item in value.items() if key != "format"}


@pytest.mark.parametrize("object", MESSAGES)
def test_the_library_reads_ours_and_writes_the_same(messages: Any, object: str) -> None:  # noqa: A002
    chosen = [example for example in EXAMPLES if example["object"] == object]
    assert len(chosen) > 2
    for example in chosen:
        raw = bytes.fromhex(example["protobuf"])
        message = getattr(messages, MESSAGES[object]).FromString(raw)
        assert message.SerializeToString() == raw
        assert plain(message) == without_formats(json.loads(example["json"]))


def test_messages_made_by_the_library_are_read(messages: Any) -> None:
    for tree in trees():
        scheme = messages.Scheme(
            version=1,
            kind=1,
            family=tree.scheme.name.split("/")[0],
            hash="sha256",
            context=tree.scheme.context,
        )
        head = messages.TreeHead(version=1, scheme=scheme, size=len(tree), root=tree.root)
        assert ts.TreeHead.from_protobuf(head.SerializeToString()) == tree.head
        proof = tree.prove_many([0, len(tree) - 1][: len(tree)])
        digests = [row.tobytes() for row in proof.digests]
        message = messages.MultiProof(version=1, digest_size=32, digests=digests)
        assert ts.MultiProof.from_protobuf(message.SerializeToString()) == proof


def test_what_the_library_forgives_is_refused(messages: Any) -> None:
    """It skips unknown fields, takes the last of repeated ones, and reads longer varints."""
    head = trees()[3].head
    raw = head.to_protobuf()
    expected = messages.TreeHead.FromString(raw)
    for lenient in (raw + b"\x78\x01", b"\x08\x01" + raw, b"\x88\x80\x00\x01" + raw[2:], raw[2:] + raw[:2]):
        read = messages.TreeHead.FromString(lenient)
        read.DiscardUnknownFields()
        assert read == expected
        with pytest.raises(ts.DecodeError):
            ts.TreeHead.from_protobuf(lenient)


def test_a_root_from_the_message_and_the_page(messages: Any) -> None:
    """docs/spec/schemes.md with hashlib, for seven leaves of `native/sha256` under a context."""
    tree = next(tree for tree in trees() if len(tree) == 7 and tree.scheme.context)
    head = messages.TreeHead.FromString(tree.head.to_protobuf())

    def tag(label: str, message: bytes) -> bytes:
        prefix = hashlib.sha256(f"tallystick/v1/{label}".encode()).digest()
        return hashlib.sha256(2 * prefix + message).digest()

    row = [tag("leaf", leaf) for leaf in leaves(head.size)]
    while len(row) > 1:
        row = [
            tag("node", b"".join(row[i : i + 2])) if i + 1 < len(row) else row[i]
            for i in range(0, len(row), 2)
        ]
    context = len(head.scheme.context).to_bytes(4, "little") + head.scheme.context
    fields = (
        b"\x01\x01"
        + b"\x40\x00"
        + b"\x20\x00"
        + bytes(4)
        + context
        + head.size.to_bytes(8, "little")
        + bytes(16)
    )
    assert tag("head", tag("params", fields) + row[0]) == head.root == tree.root
