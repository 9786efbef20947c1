"""tree_files.json: whole small files, the SHA-256 of larger ones, and damaged files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tests.reference import tree_file
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, Json, case, document, scheme_json
from tests.reference.samples import LEAF_RULE, leaves
from tests.reference.schemes import Scheme, le
from tests.reference.trees import leaf_digests

NOTES = {
    "WholeFile": "the bytes of the file",
    "ManyPages": "a larger file, by length and SHA-256",
    "Empty": "no leaves, so no data and no pages",
    "ShardFile": "the leaves do not begin at 0: no root",
    "LowestLevel": "whole blocks keep the rows from this level up only",
    "Damaged": "a byte differs, is missing or is added",
    "Inconsistent": "all sums are right, but header or root are not what the leaves require",
}
WHOLE = ((0, 0), (0, 1), (0, 2), (0, 3), (0, 7), (5, 5), (3, 11), (4094, 4099))
LARGER = ((0, 33), (0, 255), (0, 256), (0, 257), (0, 1000))
BLOCKS = (
    *((0, end) for end in (4095, 4096, 4097, 8191, 8192, 8193, 12_289)),
    *((4096, end) for end in (4097, 8192, 9000)),
    *((begin, 12_289) for begin in (1, 4095, 4097, 8192)),
)
LOWEST = ((0, 8193), (1, 8193), (4096, 8192))
SCHEMES = (Scheme("native", "blake3"), Scheme("native", "sha256", b"day 1"), Scheme("rfc6962", "sha256"))
VICTIM = 3


def header_fields(raw: bytes) -> int:
    """The length of the header without the zeros behind it."""
    scheme = tree_file.read(raw).shape.scheme
    return 4 + 4 + 3 * 8 + 4 + len(encode(scheme)) + scheme.digest_size + 8 + 2 * tree_file.SUM_SIZE


def resealed(raw: bytes, position: int, replacement: bytes) -> bytes:
    """Overwrite header bytes and make the header hash right again."""
    changed = raw[:position] + replacement + raw[position + len(replacement) :]
    length = header_fields(raw)
    body = changed[: length - tree_file.SUM_SIZE]
    return body + tree_file.blake3(body) + changed[length:]


def damages(scheme: Scheme) -> Iterator[tuple[str, str, bytes]]:
    digests = leaf_digests(scheme, leaves(VICTIM))
    raw = tree_file.write(scheme, digests)
    shape = tree_file.Shape(scheme, 0, VICTIM)
    header, data_offset = header_fields(raw), shape.header_length()
    sums_offset = data_offset + tree_file.data_length(shape)
    root = 36 + len(encode(scheme))
    for name, position in (
        ("magic", 0),
        ("version", 4),
        ("lowest-level", 5),
        ("reserved", 6),
        ("file-length", 8),
        ("begin", 16),
        ("end", 24),
        ("scheme", 50),
        ("root", root),
        ("sums-offset", root + 32),
        ("sums-hash", root + 40),
        ("header-hash", header - 1),
        ("gap-after-header", data_offset - 1),
        ("leaf-digest", data_offset),
        ("page-sum", sums_offset),
        ("last-byte", len(raw) - 1),
    ):
        yield name, "Damaged", raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
    for name, shortened in (("empty-file", b""), ("cut-by-1", raw[:-1]), ("header-only", raw[:header])):
        yield name, "Damaged", shortened
    yield "byte-appended", "Damaged", raw + b"\x00"
    for name, position, replacement in (
        ("version-2", 4, b"\x02"),
        ("lowest-level-13", 5, b"\x0d"),
        ("reserved-1", 6, b"\x01\x00"),
        ("file-length-plus-1", 8, le(len(raw) + 1, 8)),
        ("begin-1", 16, le(1, 8)),
        ("begin-behind-end", 16, le(4, 8)),
        ("end-2", 24, le(2, 8)),
        ("end-4", 24, le(4, 8)),
        ("end-largest", 24, le(2**64 - 1, 8)),
        ("scheme-longer", 32, le(len(encode(scheme)) + 1, 4)),
        ("sums-offset-0", root + 32, le(0, 8)),
        ("sums-offset-minus-32", root + 32, le(sums_offset - 32, 8)),
        ("root-zero", root, bytes(32)),
    ):
        yield name, "Inconsistent", resealed(raw, position, replacement)
    nodes = tree_file.all_nodes(shape, digests)
    honest = tree_file.root_of_peaks(shape, nodes)
    yield "peak-changed", "Inconsistent", tree_file.assemble(shape, {**nodes, (1, 0): nodes[0, 0]}, honest)
    yield (
        "last-leaf-changed",
        "Inconsistent",
        tree_file.assemble(shape, {**nodes, (0, 2): nodes[0, 1]}, honest),
    )
    shard = tree_file.Shape(scheme, 1, VICTIM)
    yield "shard-with-root", "Inconsistent", tree_file.assemble(shard, nodes, honest)


def _group(scheme: Scheme) -> Json:
    tests = []
    shapes = [(*span, 0) for span in (*WHOLE, *LARGER)]
    if scheme is SCHEMES[0]:
        shapes += [(*span, 0) for span in BLOCKS] + [(*s, k) for k in range(1, 13) for s in LOWEST]
    digests = leaf_digests(scheme, leaves(max(end for _, end, _ in shapes)))
    for begin, end, lowest in shapes:
        raw = tree_file.write(scheme, digests[begin:end], begin, lowest)
        whole = (begin, end) in WHOLE
        flags = ["WholeFile" if whole else "ManyPages"]
        flags += [
            flag
            for flag, there in (
                ("Empty", begin == end),
                ("ShardFile", begin > 0),
                ("LowestLevel", lowest > 0),
            )
            if there
        ]
        fields: Json = {"file": raw.hex()} if whole else {}
        digest = hashlib.sha256(raw).hexdigest()
        name = f"{scheme.name}/{scheme.context.hex() or 'no-context'}/{begin}-{end}/{lowest}"
        where: Json = {"begin": str(begin), "end": str(end), "lowest": lowest}
        tests.append(case(name, "", flags, **where, length=str(len(raw)), sha256=digest, **fields))
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
