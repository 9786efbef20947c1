"""Encodings: a value has one in each form, every other input is refused or is another value's."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import tallystick as ts
from hypothesis import example, given
from hypothesis import strategies as st
from tallystick import liabilities

from tests.property.strategies import amount, digest, leaf, sum_twins, twins
from tests.reference import codec, json_form, liabilities_note, protobuf_form
from tests.reference.formats import FORMATS
from tests.reference.liabilities_objects import Equivocation, Receipt, Statement
from tests.reference.objects import (
    AbsenceProof,
    Batch,
    ConsistencyProof,
    Head,
    InclusionProof,
    MultiProof,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
    Shard,
    SumBatch,
    SumHead,
    SumInclusionProof,
    SumMultiProof,
    SumShard,
)
from tests.reference.patricia import PatriciaHead, PatriciaProof
from tests.reference.reader import DecodeError
from tests.reference.schemes import Scheme
from tests.reference.sparse_objects import SparseHead, SparseMultiProof, SparseProof
from tests.reference.sparse_rules import packed
from tests.support import head_of, scheme_of

TWINS: dict[type, type] = {
    ts.Scheme: Scheme,
    ts.TreeHead: Head,
    ts.InclusionProof: InclusionProof,
    ts.MultiProof: MultiProof,
    ts.ConsistencyProof: ConsistencyProof,
    ts.ProofBatch: Batch,
    ts.Shard: Shard,
    ts.SumHead: SumHead,
    ts.SumInclusionProof: SumInclusionProof,
    ts.SumMultiProof: SumMultiProof,
    ts.SumProofBatch: SumBatch,
    ts.SumShard: SumShard,
    ts.NamespacedHead: NamespacedHead,
    ts.NamespacedInclusionProof: NamespacedInclusionProof,
    ts.NamespaceProof: NamespaceProof,
    ts.AbsenceProof: AbsenceProof,
    ts.PatriciaHead: PatriciaHead,
    ts.PatriciaProof: PatriciaProof,
    ts.SparseHead: SparseHead,
    ts.SparseProof: SparseProof,
    ts.SparseMultiProof: SparseMultiProof,
    liabilities.Statement: Statement,
    liabilities.Receipt: Receipt,
    liabilities.Equivocation: Equivocation,
}
SUM_SCHEMES = [ts.schemes.get(name) for name in ts.schemes.names() if ts.schemes.get(name).kind == "sum"]
SPARSE_SCHEMES = [
    ts.schemes.NATIVE_SPARSE.with_context(b"day 1"),
    *(ts.schemes.get(name) for name in ts.schemes.names() if ts.schemes.get(name).kind == "sparse"),
]
SUM_LISTS = (ts.SumInclusionProof, ts.SumMultiProof)
LISTS = (ts.InclusionProof, ts.MultiProof, ts.ConsistencyProof)
NODE_LISTS = (ts.NamespacedInclusionProof, ts.NamespaceProof, ts.AbsenceProof)

sizes = st.integers(32, 64)


@st.composite
def proofs(draw: st.DrawFn) -> Any:
    size = draw(sizes)
    digests = draw(st.lists(st.binary(min_size=size, max_size=size), max_size=8))
    if draw(st.booleans()):
        return draw(st.sampled_from(LISTS))(digests, digest_size=size)
    sums = draw(st.lists(amount, min_size=len(digests), max_size=len(digests)))
    return draw(st.sampled_from(SUM_LISTS))(digests, sums, digest_size=size)


@st.composite
def batches(draw: st.DrawFn) -> Any:
    size = draw(sizes)
    counts = draw(st.lists(st.integers(0, 4), max_size=6))
    digests = [draw(st.binary(min_size=size, max_size=size)) for _ in range(sum(counts))]
    offsets = [0, *itertools.accumulate(counts)]
    if draw(st.booleans()):
        return ts.ProofBatch(digests, offsets, digest_size=size)
    sums = draw(st.lists(amount, min_size=len(digests), max_size=len(digests)))
    return ts.SumProofBatch(digests, sums, offsets, digest_size=size)


@st.composite
def namespaced_objects(draw: st.DrawFn) -> Any:
    namespace_size, size = draw(st.integers(1, 255)), draw(sizes)
    width = 2 * namespace_size + size
    nodes = draw(st.lists(st.binary(min_size=width, max_size=width), max_size=5))
    start = draw(st.integers(0, 2**64 - 1)) if nodes else 0
    kind = draw(st.sampled_from([ts.NamespaceProof, ts.AbsenceProof, ts.NamespacedInclusionProof, None]))
    if kind is ts.NamespacedInclusionProof:
        return kind(nodes, namespace_size=namespace_size, digest_size=size)
    if kind is not None:
        return kind(start, nodes, namespace_size=namespace_size, digest_size=size)
    low, high = sorted(
        draw(st.tuples(st.binary(min_size=29, max_size=29), st.binary(min_size=29, max_size=29)))
    )
    return ts.NamespacedHead(ts.schemes.CELESTIA, start, low + high + draw(digest))


@st.composite
def sparse_objects(draw: st.DrawFn) -> Any:
    if draw(st.booleans()):
        size = draw(st.integers(0, 2**64 - 1))
        return ts.SparseHead(draw(st.sampled_from(SPARSE_SCHEMES)), size, draw(digest))
    size = draw(sizes)
    one, witnesses = st.binary(min_size=size, max_size=size), st.tuples(digest, st.just(bytes(size)))
    if draw(st.booleans()):
        rows = st.lists(st.binary(min_size=32 + size, max_size=32 + size), max_size=3)
        digests = draw(st.lists(one, max_size=3))
        return ts.SparseMultiProof(draw(st.binary(max_size=9)), draw(rows), digests, digest_size=size)
    end = draw(st.sampled_from(["present", "empty", "other", "run"]))
    sent = draw(st.lists(st.booleans(), max_size=20))
    bitmap = packed([int(bit) for bit in sent])
    digests = draw(st.lists(one, min_size=sum(sent), max_size=sum(sent)))
    witness = draw(witnesses) if end in ("other", "run") else None
    return ts.SparseProof(end, len(sent), bitmap, digests, witness, digest_size=size)


schemes = twins.map(scheme_of)
patricia_objects = st.one_of(
    st.builds(lambda root, secure: ts.PatriciaHead(root, secure=secure), digest, st.booleans()),
    st.builds(ts.PatriciaProof, st.lists(st.binary(max_size=300), max_size=6)),
)
heads = st.builds(ts.TreeHead, schemes, st.integers(0, 2**64 - 1), digest)
shards = st.builds(
    lambda begin, leaves, scheme: ts.Shard.from_leaves(begin, leaves, scheme=scheme),
    st.integers(0, 2**64 - 10),
    st.lists(leaf, max_size=9),
    schemes,
)
sum_schemes = sum_twins.map(scheme_of)
sum_heads = st.builds(ts.SumHead, sum_schemes, st.integers(0, 2**64 - 1), digest, amount)
sum_shards = st.builds(
    lambda begin, pairs, scheme: ts.SumShard.from_leaves(
        begin, [leaf for leaf, _ in pairs], [amount for _, amount in pairs], scheme=scheme
    ),
    st.integers(0, 2**64 - 10),
    st.lists(st.tuples(leaf, st.integers(0, 2**124)), max_size=9),
    sum_schemes,
)
text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), min_size=1, max_size=60
)
code = st.text("ABCXYZ019.-", min_size=1, max_size=16)
group = st.one_of(st.just(""), text)
number = st.integers(0, 2**64 - 1)


@st.composite
def asset_heads(draw: st.DrawFn, decimals: int) -> liabilities.AssetHead:
    leaves = draw(st.one_of(st.just(0), st.integers(1, 2**64 - 1)))
    holders = draw(st.one_of(st.none(), st.integers(1, min(leaves, 2**64 - 2)) if leaves else st.just(0)))
    total = draw(st.integers(leaves, 2**128 - 1)) if leaves else 0
    return liabilities.AssetHead(decimals, leaves, holders, total, draw(digest))


@st.composite
def statements(draw: st.DrawFn) -> liabilities.Statement:
    names = draw(st.lists(st.tuples(code, group), max_size=5, unique=True))
    decimals = {code: draw(st.integers(0, 255)) for code in dict.fromkeys(code for code, _ in names)}
    sequence = draw(number)
    return liabilities.Statement(
        origin=draw(text),
        sequence=sequence,
        snapshot_id=draw(text),
        time=draw(number),
        previous=draw(digest.filter(any)) if sequence else None,
        assets={name: draw(asset_heads(decimals[name[0]])) for name in names},
        scheme=draw(st.sampled_from(SUM_SCHEMES)),
    )


parts = st.builds(
    lambda index, amount, salt, pairs: liabilities.ReceiptPart(
        index, amount, salt, ts.SumInclusionProof([one for one, _ in pairs], [sum_ for _, sum_ in pairs])
    ),
    number,
    amount,
    st.binary(min_size=16, max_size=16),
    st.lists(st.tuples(digest, amount), max_size=3),
)
receipt_assets = st.builds(liabilities.ReceiptAsset, code, group, st.lists(parts, max_size=3))
receipts = st.builds(liabilities.Receipt, digest, st.lists(receipt_assets, max_size=3))
notes = st.one_of(st.binary(max_size=60), statements().map(lambda made: made.to_note().encode()))
equivocations = st.builds(liabilities.Equivocation, notes, notes)
values: st.SearchStrategy[Any] = st.one_of(
    schemes,
    heads,
    proofs(),
    batches(),
    shards,
    namespaced_objects(),
    patricia_objects,
    sparse_objects(),
    sum_schemes,
    sum_heads,
    sum_shards,
    statements(),
    receipts,
    equivocations,
)


def agreed(ours: Callable[[Any], Any], theirs: Callable[..., object], kind: type, data: Any) -> Any:
    """The value, or None where both decoders refuse; they always agree."""
    try:
        theirs(TWINS[kind], data)
    except DecodeError:
        expected = False
    else:
        expected = True
    try:
        value = ours(data)
    except ts.DecodeError:
        assert not expected
        return None
    assert expected
    return value


def of_bytes(kind: Any, raw: bytes) -> Any:
    value = agreed(kind.from_bytes, codec.decode, kind, raw)
    assert value is None or value.to_bytes() == raw
    return value


def of_json(kind: Any, text: str) -> Any:
    value = agreed(kind.from_json, json_form.decode, kind, text)
    assert value is None or value.to_json() == text
    return value


def of_protobuf(kind: Any, raw: bytes) -> Any:
    value = agreed(kind.from_protobuf, protobuf_form.decode, kind, raw)
    assert value is None or value.to_protobuf() == raw
    return value


def changed(raw: Any, draw: st.DataObject, piece: st.SearchStrategy[Any]) -> Any:
    """One to three short pieces replaced."""
    for _ in range(draw.draw(st.integers(1, 3))):
        place = draw.draw(st.integers(0, len(raw)))
        cut = draw.draw(st.integers(0, 2))
        raw = raw[:place] + draw.draw(piece) + raw[place + cut :]
    return raw


@given(values)
def test_encode_and_back(value: Any) -> None:
    kind = type(value)
    for read in (
        of_bytes(kind, value.to_bytes()),
        of_json(kind, value.to_json()),
        of_protobuf(kind, value.to_protobuf()),
    ):
        assert read == value
        assert hash(read) == hash(value)


@given(twins, st.integers(0, 2**64 - 1), digest)
def test_the_twin_writes_the_same_head(twin: Scheme, size: int, root: bytes) -> None:
    head = Head(twin, size, root)
    ours = head_of(head)
    assert ours.to_bytes() == codec.encode(head)
    assert ours.to_json() == json_form.encode(head)
    assert ours.to_protobuf() == protobuf_form.encode(head)


@given(values, st.data())
def test_every_cut_is_refused_or_another_value(value: Any, draw: st.DataObject) -> None:
    raw, text, message = value.to_bytes(), value.to_json(), value.to_protobuf()
    length = draw.draw(st.integers(0, len(raw) - 1))
    read = of_bytes(type(value), raw[:length])
    assert read is None or (isinstance(value, (*LISTS, *NODE_LISTS, ts.PatriciaProof)) and read != value)
    assert read is None or (isinstance(value, (*LISTS, *NODE_LISTS, ts.SparseMultiProof)) and read != value)
    assert of_json(type(value), text[: draw.draw(st.integers(0, len(text) - 1))]) is None
    assert of_protobuf(type(value), message[: draw.draw(st.integers(0, len(message) - 1))]) != value


@given(values, st.data())
def test_changed_bytes_are_refused_or_another_value(value: Any, draw: st.DataObject) -> None:
    raw = changed(value.to_bytes(), draw, st.binary(max_size=3))
    for kind in TWINS:
        of_bytes(kind, raw)


SYNTAX = st.text(st.sampled_from('{}[]",:0123456789abcdefABCDEF\\u -+.e\n\u0661'), max_size=3)


@given(values, st.data())
def test_changed_text_is_refused_or_another_value(value: Any, draw: st.DataObject) -> None:
    text = changed(value.to_json(), draw, SYNTAX)
    for kind in TWINS:
        of_json(kind, text)


@given(values, st.data())
def test_changed_messages_are_refused_or_another_value(value: Any, draw: st.DataObject) -> None:
    raw = changed(value.to_protobuf(), draw, st.binary(max_size=3))
    for kind in TWINS:
        of_protobuf(kind, raw)


MAGICS = [*(layout.magic for layout in FORMATS.values()), b""]


@given(st.sampled_from(MAGICS), st.binary(max_size=100))
@example(b"tlyb", b"\x01\x20" + b"\xff" * 8)
@example(b"tlyb", b"\x01\x20" + (2**63).to_bytes(8, "little") + bytes(64))
@example(b"tlyh", b"\x01" + b"\xff" * 4)
def test_any_bytes(magic: bytes, rest: bytes) -> None:
    for kind in TWINS:
        of_bytes(kind, magic + rest)
        of_protobuf(kind, magic + rest)


RECORD = st.builds(
    lambda field, wire, value: protobuf_form.varint(field << 3 | wire) + value,
    st.integers(0, 6),
    st.sampled_from([0, 2, 2, 2, 1, 5]),
    st.one_of(
        st.integers(0, 300).map(protobuf_form.varint),
        st.binary(max_size=40).map(lambda raw: protobuf_form.varint(len(raw)) + raw),
        st.just(b"\x20" + bytes(32)),
    ),
)


@given(st.lists(RECORD, max_size=8).map(b"".join), st.booleans())
def test_any_records(records: bytes, versioned: bool) -> None:
    for kind in TWINS:
        of_protobuf(kind, b"\x08\x01" * versioned + records)


@given(st.text(max_size=50))
def test_any_text(text: str) -> None:
    for kind in TWINS:
        of_json(kind, text)


@given(statements())
def test_a_note_and_back(statement: liabilities.Statement) -> None:
    note = statement.to_note()
    assert liabilities.Statement.from_note(note) == statement
    assert liabilities_note.decode_note(note.encode()).statement == codec.decode(
        Statement, statement.to_bytes()
    )
    assert statement.body + b"\n" == note.encode()


def agreed_note(raw: bytes) -> None:
    """Both readers refuse, or both read a statement that has this note."""
    try:
        theirs = liabilities_note.decode_note(raw)
    except DecodeError:
        theirs = None
    try:
        ours = liabilities.Statement.from_note(raw)
    except ts.DecodeError:
        assert theirs is None
        return
    assert theirs is not None
    assert ours.to_bytes() == codec.encode(theirs.statement)
    assert len(ours.signatures) == len(theirs.signatures)
    assert ours.to_note().encode() == raw


LINES = st.one_of(
    st.binary(max_size=3),
    st.sampled_from(["\n", "\n\n", " ", "\u2014 k AAAAAAE=\n", "+", "=", "0", "-", "\u00a0", "\x85"]).map(
        str.encode
    ),
)


@given(
    statements(), st.lists(st.sampled_from(["\u2014 k AAAAAAE=", "\u2014 l AAAAAAI=", "\u2014"])), st.data()
)
def test_changed_notes_are_refused_or_another_statement(
    statement: liabilities.Statement, signatures: list[str], draw: st.DataObject
) -> None:
    note = statement.to_note() + "".join(f"{line}\n" for line in signatures)
    agreed_note(note.encode())
    agreed_note(changed(note.encode(), draw, LINES))


@given(st.text(max_size=200))
def test_any_note(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    agreed_note(raw)
    agreed_note(b"o\ntallystick/v1/statement\n" + raw + b"\n\n")
