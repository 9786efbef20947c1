"""Texts of transparency logs: values, what their makers refuse, and what their readers refuse."""

from __future__ import annotations

import copy
import dataclasses
import enum
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import tallystick as ts
from tallystick.tlog import Checkpoint, LogProof, Signature

from tests.support import built, rows

LEAVES = rows(11)
TREE = built(LEAVES, scheme=ts.schemes.RFC6962)
SIGNATURE = Signature("log.example/2026", b"\x00\x01\x02\x03", b"signature")
CHECKPOINT = Checkpoint("log.example/2026", TREE.head, ("time 1", "— x"), (SIGNATURE, SIGNATURE))
PROOF = LogProof(4, TREE.prove(4), CHECKPOINT, extra=b"note")
VALUES = (SIGNATURE, CHECKPOINT, PROOF)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values(value: Any) -> None:
    assert copy.copy(value) == pickle.loads(pickle.dumps(value)) == value
    assert hash(copy.deepcopy(value)) == hash(value)
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, None)
    assert len({*VALUES, value}) == 3


def test_text_and_back() -> None:
    assert Signature.from_line(SIGNATURE.to_line()) == SIGNATURE
    assert Checkpoint.from_text(CHECKPOINT.to_text()) == CHECKPOINT
    read = LogProof.from_text(PROOF.to_text())
    assert read == PROOF
    read.checkpoint.head.verify_inclusion(read.index, LEAVES[4], read.proof)


def test_every_proof_of_every_small_tree() -> None:
    for size in range(1, 12):
        head = TREE.head_at(size)
        for index in range(size):
            text = LogProof(index, TREE.prove(index, head=head), Checkpoint("log", head)).to_text()
            read = LogProof.from_text(text)
            read.checkpoint.head.verify_inclusion(read.index, LEAVES[index], read.proof)
            assert read.to_text() == text


def test_signatures_are_over_the_body() -> None:
    body, gap, signatures = CHECKPOINT.to_text().partition("\n\n")
    assert CHECKPOINT.body == (body + "\n").encode()
    assert signatures.count("\n") == 2
    assert gap


OTHER_HEADS = {
    "another family": built(LEAVES).head,
    "another hash": built(LEAVES, scheme=ts.schemes.rfc6962(ts.hashes.BLAKE3)).head,
}


@pytest.mark.parametrize("head", OTHER_HEADS.values(), ids=OTHER_HEADS)
def test_a_checkpoint_is_of_rfc_6962_with_sha_256(head: ts.TreeHead) -> None:
    with pytest.raises(ValueError, match="rfc6962/sha256"):
        Checkpoint("log", head)


BAD_LINES = ("", "two\nlines", "tab\there", "nul\0", "\x1f", "\ud800", "carriage\r")


@pytest.mark.parametrize("line", BAD_LINES)
def test_lines_are_text_of_one_line(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Checkpoint(line, TREE.head)
    with pytest.raises(ValueError, match=r"."):
        Checkpoint("log", TREE.head, ("fine", line))
    with pytest.raises(ValueError, match=r"."):
        Signature(line, bytes(4), b"x")


@pytest.mark.parametrize("name", ["a b", "a+b", "a\u00a0b", "a\u2003b", " ", "+"])
def test_names_of_keys_have_no_space_and_no_plus(name: str) -> None:
    with pytest.raises(ValueError, match="plus"):
        Signature(name, bytes(4), b"x")


@pytest.mark.parametrize(
    ("key_id", "signature"), [(b"", b"x"), (bytes(3), b"x"), (bytes(5), b"x"), (bytes(4), b"")]
)
def test_key_ids_have_4_bytes_and_signatures_some(key_id: bytes, signature: bytes) -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        Signature("k", key_id, signature)


@pytest.mark.parametrize("index", [-1, 2**64, 2**70])
def test_an_index_has_64_bits(index: int) -> None:
    with pytest.raises(ValueError, match=str(index)):
        LogProof(index, TREE.prove(4), CHECKPOINT)


def test_what_a_log_proof_refuses() -> None:
    with pytest.raises(ValueError, match="extra"):
        LogProof(4, TREE.prove(4), CHECKPOINT, extra=b"")
    with pytest.raises(ValueError, match="64"):
        LogProof(4, ts.InclusionProof([], digest_size=64), CHECKPOINT)


def accepted(text: str, kind: Any) -> bool:
    try:
        value = kind.from_text(text)
    except ts.DecodeError:
        return False
    assert value.to_text() == text
    return True


@pytest.mark.parametrize("value", [CHECKPOINT, PROOF], ids=["checkpoint", "proof"])
def test_a_changed_text_is_refused_or_another_value(value: Any) -> None:
    text = value.to_text()
    for place in range(len(text) + 1):
        for insert in ("", "\n", " ", "0", "=", "A", "\r", "\t", "\ud800", "é"):
            for cut in (0, 1):
                changed = text[:place] + insert + text[place + cut :]
                if changed != text and accepted(changed, type(value)):
                    assert type(value).from_text(changed) != value


@pytest.mark.parametrize("value", [CHECKPOINT, PROOF], ids=["checkpoint", "proof"])
@pytest.mark.parametrize("wrong", [None, 5, b"text", ["text"]])
def test_a_text_is_text(value: Any, wrong: object) -> None:
    with pytest.raises(TypeError):
        type(value).from_text(wrong)


def test_a_log_proof_of_too_many_digests() -> None:
    text = LogProof(0, ts.InclusionProof([bytes(32)] * 64), CHECKPOINT).to_text()
    assert accepted(text, LogProof)
    line = "A" * 43 + "=\n"
    assert not accepted(text.replace(line, 2 * line, 1), LogProof)


def test_a_text_of_many_lines_costs_no_more_than_its_length() -> None:
    long = Checkpoint("log", TREE.head, ("x",) * 100_000, (SIGNATURE,) * 100)
    assert Checkpoint.from_text(long.to_text()) == long
    for wrong in ("\n" * 100_000, "a\n" * 100_000, "c2sp.org/tlog-proof@v1\n" * 10_000):
        assert not accepted(wrong, Checkpoint)
        assert not accepted(wrong, LogProof)


@pytest.mark.parametrize("index", [True, 1.0, "1"])
def test_an_index_is_an_int(index: object) -> None:
    tree = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.RFC6962)
    with pytest.raises(TypeError, match="index"):
        LogProof(index, tree.prove(1), Checkpoint("log", tree.head))  # type: ignore[arg-type]


def test_what_cannot_be_read_back_cannot_be_made() -> None:
    tree = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.RFC6962)
    checkpoint = Checkpoint("log", tree.head)
    with pytest.raises(TypeError, match="InclusionProof"):
        LogProof(0, tree.prove_many([0]), checkpoint)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="65"):
        LogProof(0, ts.InclusionProof([bytes(32)] * 65), checkpoint)
    for extensions in (["x"], "xy"):
        with pytest.raises(TypeError, match="tuple"):
            Checkpoint("log", tree.head, extensions)  # type: ignore[arg-type]


WRONG_TYPES: dict[str, tuple[Callable[[], object], str]] = {
    "name": (lambda: Signature(b"k", bytes(4), b"x"), "a key's name is of type str, not bytes"),
    "key id": (lambda: Signature("k", "abcd", b"x"), "a key id is of type bytes, not str"),
    "key id that can change": (lambda: Signature("k", bytearray(4), b"x"), "not bytearray"),
    "signature": (lambda: Signature("k", bytes(4), "x"), "a signature is of type bytes, not str"),
    "line": (lambda: Signature.from_line(b"x"), "a signature line is of type str, not bytes"),
    "origin": (lambda: Checkpoint(None, TREE.head), "the origin is of type str, not NoneType"),
    "head": (lambda: Checkpoint("log", None), "the head is of type TreeHead, not NoneType"),
    "root": (lambda: Checkpoint("log", TREE.root), "the head is of type TreeHead, not bytes"),
    "extension": (lambda: Checkpoint("log", TREE.head, ("x", b"y")), r"extensions\[1\] is of type str"),
    "extensions in a list": (lambda: Checkpoint("log", TREE.head, ["x"]), r"write tuple\(extensions\)"),
    "one extension": (lambda: Checkpoint("log", TREE.head, "xy"), "extensions is a tuple, not str"),
    "no extensions": (lambda: Checkpoint("log", TREE.head, None), "extensions is a tuple, not NoneType"),
    "signatures in a list": (
        lambda: Checkpoint("log", TREE.head, (), [SIGNATURE]),
        r"write tuple\(signatures\)",
    ),
    "one signature": (lambda: Checkpoint("log", TREE.head, (), SIGNATURE), "signatures is a tuple"),
    "signature as text": (
        lambda: Checkpoint("log", TREE.head, signatures=("x",)),
        r"signatures\[0\] is of type Signature, not str; .*Signature.from_line",
    ),
    "checkpoint": (lambda: LogProof(4, TREE.prove(4), TREE.head), "the checkpoint is of type Checkpoint"),
    "extra": (lambda: LogProof(4, TREE.prove(4), CHECKPOINT, "x"), "extra data is of type bytes, not str"),
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_wrong_types_are_refused_where_they_are_given(name: str) -> None:
    call, message = WRONG_TYPES[name]
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("value", [CHECKPOINT, PROOF], ids=["checkpoint", "proof"])
def test_other_ends_of_lines_are_named(value: Any) -> None:
    text, read = value.to_text(), type(value).from_text
    for changed, message in (
        (text.replace("\n", "\r\n"), "CRLF"),
        (text.replace("\n", "\r"), "a carriage return"),
        (text[:-1], "does not end in a newline"),
        ("", "does not end in a newline"),
        (text[:-1] + "\r\n", "CRLF"),
    ):
        with pytest.raises(ts.DecodeError, match=message):
            read(changed)


def test_a_signature_line_is_without_its_newline() -> None:
    for end in ("\n", "\r\n", "\r"):
        with pytest.raises(ts.DecodeError, match="without the newline"):
            Signature.from_line(SIGNATURE.to_line() + end)


def test_a_log_proof_without_its_checkpoint() -> None:
    with pytest.raises(ts.DecodeError, match="has a checkpoint"):
        LogProof.from_text("c2sp.org/tlog-proof@v1\nindex 0\n\n")


def test_signing_adds_to_the_text_and_changes_no_body() -> None:
    unsigned = Checkpoint("log.example/2026", TREE.head)
    signed = dataclasses.replace(unsigned, signatures=(Signature("k", bytes(4), unsigned.body[:8]),))
    assert signed.body == unsigned.body
    assert signed.to_text().startswith(unsigned.to_text())
    (line,) = Checkpoint.from_text(signed.to_text()).signatures
    assert line.signature == unsigned.body[:8]


class Lying(str):
    def __str__(self) -> str:
        return "another\nline"

    def __format__(self, _: str) -> str:
        return "another\nline"


class Number(int, enum.Enum):
    ZERO = 0


class Name(str, enum.Enum):  # noqa: UP042 - StrEnum is written out as its value
    LOG = "log.example"


def test_subclasses_count_by_their_value() -> None:
    tree = ts.MerkleTree([b"a"], scheme=ts.schemes.RFC6962)
    signature = Signature(Lying("key"), bytes(4), b"x")
    assert signature.to_line() == Signature("key", bytes(4), b"x").to_line()
    plain = Checkpoint("log.example", tree.head, ("more",))
    for origin in (Lying("log.example"), Name.LOG):
        checkpoint = Checkpoint(origin, tree.head, (Lying("more"),))
        assert checkpoint == plain
        assert checkpoint.to_text() == plain.to_text()
        assert type(checkpoint.origin) is str
    proof = LogProof(Number.ZERO, tree.prove(0), plain)
    assert LogProof.from_text(proof.to_text()) == proof
    assert type(proof.index) is int


def test_texts_have_an_end() -> None:
    tree = ts.MerkleTree([b"a"], scheme=ts.schemes.RFC6962)
    line = Signature("key", bytes(4), b"x")
    hundred = Checkpoint("log.example", tree.head, (), (line,) * 100)
    assert Checkpoint.from_text(hundred.to_text()) == hundred
    with pytest.raises(ValueError, match="at most 100"):
        Checkpoint("log.example", tree.head, (), (line,) * 101)
    with pytest.raises(ts.DecodeError, match="at most 100 signatures"):
        Checkpoint.from_text(hundred.to_text() + line.to_line() + "\n")
    with pytest.raises(ValueError, match="at most 1000000"):
        Checkpoint("log.example", tree.head, ("x" * 1000,) * 1000)
    with pytest.raises(ValueError, match="at most 1000000"):
        LogProof(0, tree.prove(0), hundred, extra=bytes(800_000))
    with pytest.raises(ts.DecodeError, match="at most 1000000"):
        Checkpoint.from_text("log.example\n0\n" + "ab\n" * 400_000 + "\n")
    with pytest.raises(ts.DecodeError, match="at most 64 digests"):
        LogProof.from_text("c2sp.org/tlog-proof@v1\nindex 0\n" + "ab\n" * 10_000 + "\nx\n")
