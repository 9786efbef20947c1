"""The bytes that the command defines itself: table context, proof file, manifest, key index."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts
from tallystick.cli.context import MAGIC, Column, TableContext
from tallystick.cli.directory import Manifest
from tallystick.cli.keyindex import KeyIndex, digests
from tallystick.cli.prooffile import MAX_BYTES, ProofFile
from tallystick.errors import DecodeError

CONTEXT = TableContext(
    True, (Column("id", "text"), Column("når", "timestamp:us:UTC"), Column("", "decimal:76"))
)


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def test_the_context_is_the_bytes_of_the_specification() -> None:
    expected = MAGIC + b"\x01" + b"\x03\0\0\0"
    for column in CONTEXT.columns:
        expected += lp(column.name.encode()) + lp(column.type.encode())
    assert CONTEXT.to_bytes() == expected
    assert TableContext.from_bytes(expected) == CONTEXT


def context(salted: int, *columns: tuple[bytes, bytes], count: int | None = None, rest: bytes = b"") -> bytes:
    number = len(columns) if count is None else count
    cells = b"".join(lp(name) + lp(kind) for name, kind in columns)
    return MAGIC + bytes([salted]) + number.to_bytes(4, "little") + cells + rest


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"day 1",
        MAGIC,
        b"tallystick/table/v2" + context(0, (b"a", b"text"))[len(MAGIC) :],
        context(2, (b"a", b"text")),
        context(0),
        context(0, (b"a", b"text"), count=2),
        context(0, (b"a", b"text"), count=2**32 - 1),
        context(0, (b"a", b"text"), count=0),
        context(0, (b"a", b"text"), rest=b"\0"),
        context(0, (b"a", b"text"), (b"a", b"text")),
        context(0, (b"\xff", b"text")),
        context(0, (b"a", b"\xff")),
        *(
            context(0, (b"a", kind))
            for kind in (
                b"",
                b"null",
                b"Text",
                b"text ",
                b"decimal",
                b"decimal:",
                b"decimal:02",
                b"decimal:77",
            )
        ),
        *(
            context(0, (b"a", kind))
            for kind in (b"decimal:-1", b"timestamp:s", b"timestamp:m:", b"integer:8")
        ),
    ],
)
def test_no_context(data: bytes) -> None:
    with pytest.raises(DecodeError):
        TableContext.from_bytes(data)


def test_every_cut_of_a_context_is_refused() -> None:
    data = CONTEXT.to_bytes()
    for end in range(len(data)):
        with pytest.raises(DecodeError):
            TableContext.from_bytes(data[:end])


@pytest.fixture(scope="module")
def proof() -> ProofFile:
    tree = ts.MerkleTree([b"a", b"b", b"c"])
    return ProofFile(2**64 - 1, bytes(range(16)), tree.prove(1))


def test_a_proof_file_comes_back(proof: ProofFile, tmp_path: Path) -> None:
    assert ProofFile.from_json(proof.to_json().encode()) == proof
    members = json.loads(proof.to_json())
    assert list(members) == ["format", "version", "index", "salt", "proof"]
    assert members["index"] == "18446744073709551615"
    Path(tmp_path / "p.json").write_text(json.dumps(members, indent=4, sort_keys=True))
    assert ProofFile.read(tmp_path / "p.json") == proof


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tallystick"},
        {"format": None},
        {"version": 2},
        {"version": "1"},
        {"version": 1.0},
        {"version": True},
        {"index": 5},
        {"index": "05"},
        {"index": "+5"},
        {"index": "-1"},
        {"index": " 5"},
        {"index": "5\n"},
        {"index": "\N{ARABIC-INDIC DIGIT SEVEN}"},
        {"index": ""},
        {"index": None},
        {"index": "18446744073709551616"},
        {"index": "1" * 5000},
        {"salt": ""},
        {"salt": "00" * 15},
        {"salt": "00" * 17},
        {"salt": "AA" * 16},
        {"salt": "zz" * 16},
        {"salt": 0},
        {"proof": ""},
        {"proof": None},
        {"proof": "00"},
        {"proof": []},
        {"more": None},
    ],
)
def test_no_proof_file(proof: ProofFile, change: dict[str, object]) -> None:
    with pytest.raises(DecodeError):
        ProofFile.from_json(json.dumps(json.loads(proof.to_json()) | change).encode())


def test_no_proof_file_at_all(proof: ProofFile) -> None:
    text = proof.to_json()
    members = json.loads(text)
    cases = [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * MAX_BYTES,
        text.encode() + b" " * MAX_BYTES,
        text.encode("utf-16"),
        b"\xff",
    ]
    cases += [
        text.replace('"index"', '"index": "1", "index"').encode(),
        text.replace(": 1,", ": NaN,").encode(),
    ]
    cases += [json.dumps({k: v for k, v in members.items() if k != name}).encode() for name in members]
    for data in cases:
        with pytest.raises(DecodeError):
            ProofFile.from_json(data)


def test_a_manifest_comes_back_as_written_only() -> None:
    manifest = Manifest("t.csv", 2**60, "id", True, "blake3", "00" * 32)
    data = manifest.to_json().encode()
    assert Manifest.from_json(data) == manifest
    others = [b"{}", b"[]", b"", b"\xff", b"[" * 100_000, data + b" ", data.replace(b": 1,", b": 2,")]
    others += [data.replace(b'"table"', b'"tables"'), data.replace(b'"1152921504606846976"', b'"many"')]
    for other in others:
        with pytest.raises(DecodeError):
            Manifest.from_json(other)


def test_key_index_against_a_dictionary() -> None:
    keys = [f"key {number * 7919 % 5000}".encode() for number in range(5000)]
    halves = digests(keys)
    index = KeyIndex.build([halves[:1000], halves[1000:1000], halves[1000:]])
    assert index.repeated() is None
    wanted = [*keys[::7], b"absent", b"key 5000"]
    places = {key: place for place, key in enumerate(keys)}
    assert index.find(digests(wanted)).tolist() == [places.get(key, -1) for key in wanted]
    assert KeyIndex.build([]).find(halves[:3]).tolist() == [-1, -1, -1]
    stored = index.array.tobytes()
    assert stored[:16] == min(ts.hashes.BLAKE3.digest(key)[:16] for key in keys)


def test_key_index_finds_equal_halves_apart() -> None:
    halves = np.array([[5, 2], [5, 1], [4, 9], [5, 3]], ">u8")
    index = KeyIndex.build([halves])
    assert index.repeated() is None
    assert index.find(halves).tolist() == [0, 1, 2, 3]
    assert index.find(np.array([[5, 0], [5, 4], [4, 1], [9, 9], [0, 0]], ">u8")).tolist() == [-1] * 5


def test_key_index_names_the_first_repetition() -> None:
    halves = np.array([[3, 3], [1, 1], [2, 2], [2, 2], [1, 1], [1, 1]], ">u8")
    assert KeyIndex.build([halves]).repeated() == (3, 2, 3)


def test_no_key_index(tmp_path: Path) -> None:
    path = tmp_path / "keys.npy"
    np.save(path, np.zeros(3))
    with pytest.raises(DecodeError):
        KeyIndex.open(path)
    np.savez(tmp_path / "keys.npz", a=np.zeros(3))
    (tmp_path / "keys.npz").rename(path)
    with pytest.raises(DecodeError):
        KeyIndex.open(path)
