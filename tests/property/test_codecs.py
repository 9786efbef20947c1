"""Encodings: every value has one, every other byte string is refused or is another value's."""

from __future__ import annotations

import itertools

import tallystick as ts
from hypothesis import example, given
from hypothesis import strategies as st

from tests.property.strategies import digest, twins
from tests.reference import codec
from tests.reference.objects import Head
from tests.reference.schemes import Scheme
from tests.support import head_of, scheme_of

Value = ts.Scheme | ts.TreeHead | ts.InclusionProof | ts.ProofBatch

DECODERS = {
    ts.Scheme: codec.decode_scheme,
    ts.TreeHead: codec.decode_head,
    ts.InclusionProof: codec.decode_inclusion,
    ts.ProofBatch: codec.decode_batch,
}

sizes = st.integers(32, 64)


@st.composite
def proofs(draw: st.DrawFn) -> ts.InclusionProof:
    size = draw(sizes)
    digests = draw(st.lists(st.binary(min_size=size, max_size=size), max_size=8))
    return ts.InclusionProof(digests, digest_size=size)


@st.composite
def batches(draw: st.DrawFn) -> ts.ProofBatch:
    size = draw(sizes)
    counts = draw(st.lists(st.integers(0, 4), max_size=6))
    digests = [draw(st.binary(min_size=size, max_size=size)) for _ in range(sum(counts))]
    return ts.ProofBatch(digests, [0, *itertools.accumulate(counts)], digest_size=size)


schemes = twins.map(scheme_of)
heads = st.builds(ts.TreeHead, schemes, st.integers(0, 2**64 - 1), digest)
values: st.SearchStrategy[Value] = st.one_of(schemes, heads, proofs(), batches())


def decoded(kind: type[Value], raw: bytes) -> Value | None:
    """The value, or None where both decoders refuse; they always agree."""
    try:
        DECODERS[kind](raw)
    except codec.DecodeError:
        expected = False
    else:
        expected = True
    try:
        value = kind.from_bytes(raw)
    except ts.DecodeError:
        assert not expected
        return None
    assert expected
    return value


@given(values)
def test_encode_and_back(value: Value) -> None:
    raw = value.to_bytes()
    read = decoded(type(value), raw)
    assert read == value
    assert hash(read) == hash(value)
    assert read is not None
    assert read.to_bytes() == raw


@given(twins, st.integers(0, 2**64 - 1), digest)
def test_the_twin_writes_the_same_head(twin: Scheme, size: int, root: bytes) -> None:
    head = Head(twin, size, root)
    assert head_of(head).to_bytes() == codec.encode_head(head)


@given(values, st.data())
def test_every_cut_is_refused_or_another_value(value: Value, draw: st.DataObject) -> None:
    raw = value.to_bytes()
    length = draw.draw(st.integers(0, len(raw) - 1))
    read = decoded(type(value), raw[:length])
    assert read is None or (isinstance(value, ts.InclusionProof) and read != value)


@given(values, st.data())
def test_changed_bytes_are_refused_or_another_value(value: Value, draw: st.DataObject) -> None:
    raw = bytearray(value.to_bytes())
    for _ in range(draw.draw(st.integers(1, 3))):
        place = draw.draw(st.integers(0, len(raw)))
        cut = draw.draw(st.integers(0, 2))
        raw[place : place + cut] = draw.draw(st.binary(max_size=3))
    for kind in DECODERS:
        read = decoded(kind, bytes(raw))
        assert read is None or read.to_bytes() == raw


@given(st.sampled_from([b"tlys", b"tlyh", b"tlyi", b"tlyb", b""]), st.binary(max_size=100))
@example(b"tlyb", b"\x01\x20" + b"\xff" * 8)
@example(b"tlyb", b"\x01\x20" + (2**63).to_bytes(8, "little") + bytes(64))
@example(b"tlyh", b"\x01" + b"\xff" * 4)
def test_any_bytes(magic: bytes, rest: bytes) -> None:
    for kind in DECODERS:
        read = decoded(kind, magic + rest)
        assert read is None or read.to_bytes() == magic + rest
