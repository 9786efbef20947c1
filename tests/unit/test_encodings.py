"""Three encodings of every value: there and back, from what types, and equal to the twin's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tallystick as ts
from tallystick.liabilities import Equivocation

from tests.reference import codec, json_form, protobuf_form
from tests.reference import consistency as twin_growth
from tests.reference import multi as twin_multi
from tests.reference import shards as twin_shards
from tests.reference import trees as twin_trees
from tests.reference.liabilities import receipt
from tests.reference.liabilities_samples import snapshot, statement
from tests.reference.objects import Batch
from tests.reference.schemes import ALL_SCHEMES
from tests.support import built, rows, scheme_of
from tests.support_liabilities import receipt_of, statement_of

LEAVES = rows(11)
TREE = built(LEAVES)
# JSON shows a text as it is; these are ASCII.
STATEMENT = statement_of(
    replace(statement(), assets=tuple(row for row in statement().assets if row.group.isascii()))
)
SHARD = ts.Shard.from_leaves(3, LEAVES[3:])

SPARSE = ts.SparseTree({ts.key(bytes([place])): b"value" for place in range(11)})
ABSENT = ts.key(b"absent")

VALUES: dict[str, Any] = {
    "scheme": ts.schemes.NATIVE.with_context(b"day 1"),
    "head": TREE.head,
    "largest head": ts.TreeHead(ts.schemes.RFC6962, 2**64 - 1, bytes(32)),
    "inclusion proof": TREE.prove(3),
    "inclusion proof of 255": ts.InclusionProof([bytes(64)] * 255),
    "multi-proof": TREE.prove_many([1, 5]),
    "multi-proof of 1,000": ts.MultiProof(np.zeros((1000, 32), np.uint8)),
    "consistency proof": TREE.prove_extends(6),
    "batch": TREE.prove_each(),
    "batch of nothing": ts.ProofBatch([], [0], digest_size=64),
    "batch of none": ts.ProofBatch([], [0, 0, 0]),
    "shard": SHARD,
    "empty shard": ts.Shard.from_leaves(2**64 - 1, []),
    "sparse head": SPARSE.head,
    "sparse proof": SPARSE.prove(ts.key(b"\x03")),
    "sparse proof of absence": SPARSE.prove(ABSENT),
    "sparse proof without siblings": ts.SparseProof("empty", 0, b"", [], digest_size=64),
    "sparse multi-proof": SPARSE.prove_many([ABSENT, ts.key(b"\x03")]),
    "statement": STATEMENT,
    "receipt": receipt_of(receipt(snapshot(), b"customer-3")),
    "equivocation": Equivocation(b"a note", STATEMENT.to_note().encode()),
}
each_value = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
each_kind = pytest.mark.parametrize(
    "kind", sorted({type(value) for value in VALUES.values()}, key=lambda kind: kind.__name__)
)


def test_the_values_are_of_every_kind() -> None:
    assert len({type(value) for value in VALUES.values()}) == 13


@each_value
def test_there_and_back(value: Any) -> None:
    kind = type(value)
    assert kind.from_json(value.to_json()) == value
    for form in (bytes, bytearray, memoryview, lambda raw: np.frombuffer(raw, np.uint8)):
        assert kind.from_bytes(form(value.to_bytes())) == value
        assert kind.from_protobuf(form(value.to_protobuf())) == value


@each_value
def test_json_is_text_that_any_reader_reads(value: Any) -> None:
    text = value.to_json()
    assert isinstance(text, str)
    assert text.isascii()
    read = json.loads(text)
    assert json.dumps(read, separators=(",", ":")) == text
    assert list(read)[:2] == ["format", "version"]
    assert read["version"] == 1


@each_kind
@pytest.mark.parametrize("wrong", ["{}", 5, None, [1], 1.0, np.zeros((4, 4), np.uint8)[:, ::2], {}])
def test_only_bytes_are_decoded(kind: Any, wrong: object) -> None:
    for decoder in (kind.from_bytes, kind.from_protobuf):
        with pytest.raises(TypeError):
            decoder(wrong)


@each_kind
@pytest.mark.parametrize("wrong", [b"{}", bytearray(b"{}"), 5, None, {}, [], np.str_, memoryview(b"{}")])
def test_only_text_is_json(kind: Any, wrong: object) -> None:
    with pytest.raises(TypeError):
        kind.from_json(wrong)


@each_value
def test_text_with_lone_surrogates_is_no_json(value: Any) -> None:
    text = value.to_json()
    for surrogate in ("\ud800", "\udfff"):
        for changed in (surrogate, surrogate + text, text + surrogate, text.replace("1", surrogate, 1)):
            with pytest.raises(ts.DecodeError, match=r"."):
                type(value).from_json(changed)


@each_value
def test_no_character_outside_of_ascii(value: Any) -> None:
    text = value.to_json()
    for changed in (
        text + "\u00a0",
        "\ufeff" + text,
        text.replace("1", "\u0661", 1),
        text + "\0",
        text + "\n",
    ):
        with pytest.raises(ts.DecodeError):
            type(value).from_json(changed)


@each_kind
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_kind_is_read_as_another(kind: Any, value: Any) -> None:
    """But for the Protobuf messages of three proofs, which have the same fields: the caller says which."""
    if kind is type(value):
        return
    with pytest.raises(ts.DecodeError):
        kind.from_bytes(value.to_bytes())
    with pytest.raises(ts.DecodeError):
        kind.from_json(value.to_json())
    lists = (ts.InclusionProof, ts.MultiProof, ts.ConsistencyProof)
    empty = isinstance(value, (*lists, ts.ProofBatch)) and len(value.digests) == 0
    few = isinstance(value, lists) and kind in lists and len(value) <= 255
    if not few and not empty:
        with pytest.raises(ts.DecodeError):
            kind.from_protobuf(value.to_protobuf())


def test_refusals_say_where() -> None:
    for decode, wrong in (
        (SHARD.from_json, "{"),
        (SHARD.from_bytes, b"tlyr"),
        (SHARD.from_protobuf, b"\x08"),
    ):
        with pytest.raises(ts.DecodeError, match=r"\w+") as caught:
            decode(wrong)  # type: ignore[arg-type]
        assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("twin", ALL_SCHEMES, ids=lambda scheme: scheme.name)
def test_the_twin_writes_the_same(twin: Any) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    pairs: list[tuple[Any, Any]] = [
        (tree.scheme, twin),
        (tree.head, twin_trees.head(twin, LEAVES)),
        (tree.prove(4), twin_trees.prove(twin, LEAVES, 4)),
        (tree.prove_many([9, 0, 3]), twin_multi.prove_many(twin, LEAVES, [0, 3, 9])),
        (tree.prove_extends(6), twin_growth.prove_extends(twin, LEAVES, 6)),
        (
            tree.prove_each([4, 10]),
            Batch(32, tuple(twin_trees.prove(twin, LEAVES, index).digests for index in (4, 10))),
        ),
        (
            ts.Shard.from_leaves(3, LEAVES, scheme=tree.scheme),
            twin_shards.of_leaves(twin, 3, LEAVES),
        ),
    ]
    for ours, theirs in pairs:
        assert ours.to_bytes() == codec.encode(theirs)
        assert ours.to_json() == json_form.encode(theirs)
        assert ours.to_protobuf() == protobuf_form.encode(theirs)
