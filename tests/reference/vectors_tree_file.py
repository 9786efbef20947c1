"""tree_files.json: whole small files, the SHA-256 of larger ones, and damaged files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tests.reference import tree_file
from tests.reference.envelope import INVALID, Json, case, document, scheme_json
from tests.reference.objects import Head
from tests.reference.samples import LEAF_RULE, leaves
from tests.reference.schemes import Scheme, le
from tests.reference.trees import head_of_digests, leaf_digests, levels

NOTES = {
    "WholeFile": "the bytes of the file",
    "ManyPages": "a larger file, by length and SHA-256",
    "Empty": "a tree without leaves: no sections, no pages",
    "Damaged": "a byte differs, is missing or is added",
    "Inconsistent": "all sums are right, but header, gaps or root are not what the head requires",
}
WHOLE = (0, 1, 2, 3, 7)
LARGER = (33, 255, 256, 257, 1000)
SCHEMES = (Scheme("native", "blake3"), Scheme("native", "sha256", b"day 1"), Scheme("rfc6962", "sha256"))
VICTIM = 3


def resealed(raw: bytes, position: int, replacement: bytes) -> bytes:
    """Overwrite header bytes and make the header hash right again."""
    changed = raw[:position] + replacement + raw[position + len(replacement) :]
    length = _header_length(raw)
    body = changed[: length - tree_file.SUM_SIZE]
    return body + tree_file.blake3(body) + changed[length:]


def _header_length(raw: bytes) -> int:
    head = tree_file.read(raw).head
    sections, data_offset, sums_offset = tree_file.layout(head)
    return len(tree_file.header_bytes(head, sections, data_offset, sums_offset, raw[sums_offset:]))


def damages(scheme: Scheme) -> Iterator[tuple[str, str, bytes]]:
    digests = leaf_digests(scheme, leaves(VICTIM))
    raw = tree_file.write(scheme, digests)
    head = head_of_digests(scheme, digests)
    sections, data_offset, sums_offset = tree_file.layout(head)
    header = _header_length(raw)
    for name, position in (
        ("magic", 0),
        ("version", 4),
        ("lowest-level", 5),
        ("reserved", 6),
        ("file-length", 8),
        ("begin", 16),
        ("head", 40),
        ("header-hash", header - 1),
        ("gap-after-header", data_offset - 1),
        ("leaf-digest", sections[0].offset),
        ("gap-between-sections", sections[1].offset - 1),
        ("page-sum", sums_offset),
        ("last-byte", len(raw) - 1),
    ):
        yield name, "Damaged", raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
    for name, shortened in (("empty-file", b""), ("cut-by-1", raw[:-1]), ("header-only", raw[:header])):
        yield name, "Damaged", shortened
    yield "byte-appended", "Damaged", raw + b"\x00"
    for name, position, replacement in (
        ("version-2", 4, b"\x02"),
        ("lowest-level-1", 5, b"\x01"),
        ("reserved-1", 6, b"\x01\x00"),
        ("file-length-plus-1", 8, le(len(raw) + 1, 8)),
        ("begin-1", 16, le(1, 8)),
    ):
        yield name, "Inconsistent", resealed(raw, position, replacement)
    table = header - tree_file.SUM_SIZE - len(sections) * tree_file.SECTION_ENTRY
    for name, position, replacement in (
        ("section-count-1", table - 1, b"\x01"),
        ("section-what-2", table, b"\x02"),
        ("section-level-1-first", table + 1, b"\x01"),
        ("section-offset-plus-64", table + 2, le(sections[0].offset + 64, 8)),
        ("section-beyond-end", table + 2, le(2**64 - 32, 8)),
        ("section-length-minus-32", table + 10, le(sections[0].length - 32, 8)),
        ("data-offset-0", table - 49, le(0, 8)),
        ("sums-offset-minus-32", table - 41, le(sums_offset - 32, 8)),
    ):
        yield name, "Inconsistent", resealed(raw, position, replacement)
    rows = [b"".join(row[: VICTIM >> level]) for level, row in enumerate(levels(scheme, digests))][:2]
    other = Head(scheme, VICTIM, bytes(scheme.digest_size))
    yield "root-zero", "Inconsistent", tree_file.assemble(other, rows)
    swapped = rows[0][32:64] + rows[0][:32] + rows[0][64:]
    wrong_peak = rows[1][::-1]
    yield "peak-changed", "Inconsistent", tree_file.assemble(head, [rows[0], wrong_peak])
    last = rows[0][:64] + swapped[:32]
    yield "last-leaf-changed", "Inconsistent", tree_file.assemble(head, [last, rows[1]])


def _group(scheme: Scheme) -> Json:
    tests = []
    digests = leaf_digests(scheme, leaves(max(LARGER)))
    for size in (*WHOLE, *LARGER):
        raw = tree_file.write(scheme, digests[:size])
        whole = size in WHOLE
        flags = ["WholeFile" if whole else "ManyPages"] + ["Empty"] * (size == 0)
        fields = {"file": raw.hex()} if whole else {}
        digest = hashlib.sha256(raw).hexdigest()
        name = f"{scheme.name}/{scheme.context.hex() or 'no-context'}/{size}"
        tests.append(case(name, "", flags, size=str(size), length=str(len(raw)), sha256=digest, **fields))
    return {"scheme": scheme_json(scheme), "tests": tests}


def build() -> Json:
    groups = [_group(scheme) for scheme in SCHEMES]
    victim = SCHEMES[0]
    damaged = [
        case(f"damaged/{name}", "", [flag], INVALID, length=str(len(raw)), file=raw.hex())
        for name, flag, raw in damages(victim)
    ]
    groups.append({"scheme": scheme_json(victim), "tests": damaged})
    return document("tree_files", NOTES, groups, leaf_rule=LEAF_RULE)
