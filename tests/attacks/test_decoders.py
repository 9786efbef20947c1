"""A9, A26, A27, A28, A29, A44: binary forms from a stranger, at every decoder of this library."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest
import tallystick as ts
from tallystick.liabilities import Equivocation, Receipt, Statement

from tests.reference.liabilities import receipt
from tests.reference.liabilities_samples import snapshot, statement
from tests.reference.samples import items, key
from tests.support import all_flips, built, flipped, rows, run_python
from tests.support_liabilities import receipt_of, statement_of
from tests.support_sparse import Twin

TREE = built(rows(7))
STATEMENT = statement_of(statement())
NAMESPACED = ts.NamespacedTree(rows(7), [bytes([1 + place // 2]) * 29 for place in range(7)])
SPARSE = Twin(ts.schemes.NATIVE_SPARSE.with_context(b"day 1"), items(7))
PATRICIA = ts.PatriciaTree({b"%d" % place: row for place, row in enumerate(rows(7)) if row}, secure=True)
HONEST: dict[str, tuple[type, bytes]] = {
    "scheme": (ts.Scheme, ts.schemes.NATIVE.with_context(b"day 1").to_bytes()),
    "head": (ts.TreeHead, TREE.head.to_bytes()),
    "inclusion": (ts.InclusionProof, TREE.prove(3).to_bytes()),
    "multi": (ts.MultiProof, TREE.prove_many([1, 5]).to_bytes()),
    "consistency": (ts.ConsistencyProof, TREE.prove_extends(5).to_bytes()),
    "batch": (ts.ProofBatch, TREE.prove_each().to_bytes()),
    "shard": (ts.Shard, ts.Shard.from_leaves(3, rows(6)).to_bytes()),
    "namespaced head": (ts.NamespacedHead, NAMESPACED.head.to_bytes()),
    "namespaced inclusion": (ts.NamespacedInclusionProof, NAMESPACED.prove(3).to_bytes()),
    "namespace": (ts.NamespaceProof, NAMESPACED.prove_namespace(b"\x02" * 29).to_bytes()),
    "absence": (ts.AbsenceProof, NAMESPACED.prove_namespace(bytes([2, 3]) + bytes(27)).to_bytes()),
    "patricia head": (ts.PatriciaHead, PATRICIA.head.to_bytes()),
    "patricia proof": (ts.PatriciaProof, PATRICIA.prove(b"3").to_bytes()),
    "sparse head": (ts.SparseHead, SPARSE.head.to_bytes()),
    "sparse proof": (ts.SparseProof, SPARSE.prove(key(3)).to_bytes()),
    "sparse proof with a witness": (ts.SparseProof, SPARSE.prove(key(10)).to_bytes()),
    "sparse multi-proof": (
        ts.SparseMultiProof,
        SPARSE.prove_many([key(place) for place in (0, 3, 9, 10)]).to_bytes(),
    ),
    "statement": (Statement, STATEMENT.to_bytes()),
    "receipt": (Receipt, receipt_of(receipt(snapshot(), b"customer-2")).to_bytes()),
    "equivocation": (Equivocation, Equivocation(b"a note", STATEMENT.to_note().encode()).to_bytes()),
}
LISTS = (
    ts.InclusionProof,
    ts.MultiProof,
    ts.ConsistencyProof,
    ts.NamespacedInclusionProof,
    ts.NamespaceProof,
    ts.AbsenceProof,
    ts.PatriciaProof,
    ts.SparseMultiProof,
)
each_object = pytest.mark.parametrize(("kind", "raw"), HONEST.values(), ids=HONEST)


def refused_or_canonical(kind: type, raw: bytes) -> None:
    try:
        value = kind.from_bytes(raw)  # type: ignore[attr-defined]
    except ts.DecodeError:
        return
    assert value.to_bytes() == raw


@each_object
def test_a9_no_two_encodings_are_one_value(kind: type, raw: bytes) -> None:
    honest = kind.from_bytes(raw)  # type: ignore[attr-defined]
    for changed in all_flips(raw):
        refused_or_canonical(kind, changed)
        try:
            assert kind.from_bytes(changed) != honest  # type: ignore[attr-defined]
        except ts.DecodeError:
            continue


@each_object
def test_a44_every_cut_is_refused_or_a_shorter_value(kind: type, raw: bytes) -> None:
    for length in range(len(raw)):
        refused_or_canonical(kind, raw[:length])
        if kind not in LISTS:  # their digests are what remains
            with pytest.raises(ts.DecodeError):
                kind.from_bytes(raw[:length])  # type: ignore[attr-defined]


@each_object
def test_a44_bytes_behind_are_refused_or_another_value(kind: type, raw: bytes) -> None:
    for extra in (b"\x00", b"\xff", raw, bytes(31), raw[:5]):
        with pytest.raises(ts.DecodeError):
            kind.from_bytes(raw + extra)  # type: ignore[attr-defined]


@each_object
def test_every_field_with_every_extreme(kind: type, raw: bytes) -> None:
    """1, 4 and 8 bytes at every place become 0, 1, the largest, and what overflows when one is added."""
    for width in (1, 4, 8):
        top = 256**width
        for value in (0, 1, top // 2 - 1, top // 2, top - 8, top - 1):
            field = value.to_bytes(width, "little")
            for place in range(5, len(raw) - width + 1):
                refused_or_canonical(kind, raw[:place] + field + raw[place + width :])


def bombs() -> dict[str, tuple[type, bytes]]:
    """Few bytes that declare many."""
    scheme = HONEST["scheme"][1]
    made: dict[str, tuple[type, bytes]] = {}
    for length in (2**20, 2**31 - 1, 2**31, 2**32 - 1):
        field = struct.pack("<I", length)
        made[f"family of {length}"] = (ts.Scheme, b"tlys\x01\x01" + field + b"native")
        made[f"context of {length}"] = (ts.Scheme, scheme[:-9] + field + scheme[-5:])
        made[f"scheme of {length}"] = (ts.TreeHead, b"tlyh\x01" + field + scheme)
        made[f"shape of {length}"] = (ts.SparseMultiProof, b"tlyy\x01\x20" + field + bytes(64))
        made[f"{length} witnesses"] = (ts.SparseMultiProof, b"tlyy\x01\x20" + bytes(4) + field + bytes(64))
        made[f"{length} wide witnesses"] = (ts.SparseMultiProof, b"tlyy\x01\xff" + bytes(4) + field)
    for count in (2**20, 2**31, 2**32, 2**61, 2**62, 2**63, 2**64 - 1):
        field = struct.pack("<Q", count)
        made[f"batch of {count}"] = (ts.ProofBatch, b"tlyb\x01\x20" + field + bytes(64))
        shard = HONEST["shard"][1][:43] + bytes(8) + field + bytes(96)
        made[f"shard of {count}"] = (ts.Shard, shard)
        made[f"batch of {count}, wide"] = (ts.ProofBatch, b"tlyb\x01\x40" + field + b"\xff" * 4000)
    for byte in (b"\x00", b"\xff"):
        made[f"4 KiB of {byte!r}"] = (ts.ProofBatch, b"tlyb\x01\x20" + struct.pack("<Q", 4082) + byte * 4082)
    return made


BOMBS = bombs()


@pytest.mark.parametrize(("kind", "raw"), BOMBS.values(), ids=BOMBS)
def test_a26_a_declared_length_costs_nothing(kind: type, raw: bytes) -> None:
    assert len(raw) <= 4096
    began = time.perf_counter()
    refused_or_canonical(kind, raw)
    assert time.perf_counter() - began < 0.1


MEASURE = """
import sys, tallystick as ts
kinds = vars(ts)
claims = [line.split() for line in sys.stdin]
ts.ProofBatch.from_bytes(ts.MerkleTree([b"a"]).prove_each().to_bytes())
def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
before = peak()
for kind, raw in claims:
    try:
        kinds[kind].from_bytes(bytes.fromhex(raw))
    except ts.DecodeError:
        pass
print(peak() - before)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_a26_no_bomb_takes_memory() -> None:
    lines = "\n".join(f"{kind.__name__} {raw.hex()}" for kind, raw in BOMBS.values())
    done = run_python(MEASURE, input=lines)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 2048, f"{done.stdout} KiB"


@pytest.mark.parametrize("begin", [0, 5, 4096])
@pytest.mark.parametrize("lowest", [0, 7, 12])
def test_a26_a_file_that_declares_a_huge_tree(begin: int, lowest: int, tmp_path: Path) -> None:
    path, scheme = tmp_path / "tree", ts.schemes.NATIVE.to_bytes()
    for end in (2**20, 2**40, 2**59, 2**63, 2**64 - 1):
        fields = struct.pack("<QQQI", 4096, begin, end, len(scheme)) + scheme
        raw = b"tlyf\x01" + bytes([lowest, 0, 0]) + fields
        path.write_bytes(raw.ljust(4096, b"\x00"))
        began = time.perf_counter()
        with pytest.raises(ts.DecodeError):
            ts.MerkleTree.open(path)
        assert time.perf_counter() - began < 0.1


def resealed(raw: bytes, length: int, place: int, field: bytes) -> bytes:
    """A tree file with another header field, and the header's own hash put right."""
    header = raw[:place] + field + raw[place + len(field) : length]
    return header + ts.hashes.get("blake3").digest(header) + raw[length + 32 :]


def test_a26_a_tree_file_states_nothing_that_its_reader_relies_on(tmp_path: Path) -> None:
    """Every field of the header, each another, under a header hash that is right."""
    path, scheme = tmp_path / "tree", ts.schemes.NATIVE.to_bytes()
    ts.build_file(path, [[b"%d" % leaf for leaf in range(5000)]], lowest=3)
    raw, root = path.read_bytes(), 36 + len(scheme)
    fields = {
        5: [bytes([level]) for level in (0, 2, 4, 12, 13, 255)],
        6: [b"\x01\x00", b"\x00\x01"],
        8: [struct.pack("<Q", length) for length in (0, len(raw) - 1, len(raw) + 1, 2**64 - 1)],
        16: [struct.pack("<Q", begin) for begin in (1, 4096, 5000, 5001, 2**63, 2**64 - 1)],
        24: [struct.pack("<Q", end) for end in (0, 4095, 4999, 5001, 2**32, 2**63, 2**64 - 1)],
        32: [struct.pack("<I", length) for length in (0, len(scheme) - 1, len(scheme) + 1, 2**32 - 1)],
        root: [bytes(32), b"\xff" * 32],
        root + 32: [struct.pack("<Q", offset) for offset in (0, 64, len(raw), 2**64 - 1)],
    }
    assert resealed(raw, root + 72, 5, b"\x03") == raw
    for place, values in fields.items():
        for value in values:
            path.write_bytes(resealed(raw, root + 72, place, value))
            with pytest.raises(ts.DecodeError):
                ts.MerkleTree.open(path)


def test_a27_a_refusal_is_an_ordinary_exception() -> None:
    """A panic would reach Python as a BaseException that ``except Exception`` misses."""
    for kind, raw in HONEST.values():
        for bit in range(8 * len(raw)):
            for cut in (len(raw), len(raw) // 2):
                raised: type[BaseException] = ts.DecodeError
                try:
                    kind.from_bytes(flipped(raw, bit)[:cut])  # type: ignore[attr-defined]
                except BaseException as error:
                    raised = type(error)
                assert raised is ts.DecodeError


def test_a29_a_head_in_a_head_is_refused_at_any_depth() -> None:
    nested = TREE.head.to_bytes()
    assert ts.TreeHead.from_bytes(nested) == TREE.head
    for _ in range(2000):
        nested = b"tlyh\x01" + struct.pack("<I", len(nested)) + nested + bytes(40)
        with pytest.raises(ts.DecodeError):
            ts.TreeHead.from_bytes(nested)
