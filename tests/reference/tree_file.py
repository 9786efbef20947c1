"""The tree file (docs/spec/tree-file.md): written and read whole, in memory."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.codec import DecodeError, Reader, decode, encode
from tests.reference.hashes import HASHES
from tests.reference.objects import Head
from tests.reference.schemes import Scheme, le, lp
from tests.reference.trees import head_of_digests, levels

MAGIC = b"tlyf"
VERSION = 1
LOWEST_LEVEL = 0
RESERVED = 0
BEGIN = 0
ALIGNMENT = 64
PAGE_SIZE = 16_384
DIGESTS = 1
SUM_SIZE = 32

# Of all header fields but the head and the section table.
FIXED_HEADER = 4 + 1 + 1 + 2 + 8 + 8 + 8 + 8 + SUM_SIZE + 1 + SUM_SIZE
SECTION_ENTRY = 1 + 1 + 8 + 8

blake3 = HASHES["blake3"].digest


@dataclass(frozen=True)
class Section:
    """Where the full nodes of one level are, in bytes from the start of the file."""

    level: int
    offset: int
    length: int


def align(offset: int) -> int:
    """The first multiple of 64 at or after ``offset``."""
    return -(-offset // ALIGNMENT) * ALIGNMENT


def layout(head: Head) -> tuple[list[Section], int, int]:
    """Sections, data offset and page sums offset: all follow from the head."""
    count = head.size.bit_length()
    header = FIXED_HEADER + len(lp(encode(head))) + count * SECTION_ENTRY
    data_offset = align(header)
    sections = []
    end = data_offset
    for level in range(count):
        offset = align(end)
        length = (head.size >> level) * head.scheme.digest_size
        sections.append(Section(level, offset, length))
        end = offset + length
    return sections, data_offset, end


def page_sums(data: bytes) -> bytes:
    return b"".join(blake3(data[i : i + PAGE_SIZE]) for i in range(0, len(data), PAGE_SIZE))


def write(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """The file of the tree over these leaf digests."""
    rows = levels(scheme, digests)
    # A row of `levels` ends with the node that moved up, where there is one: it is not full.
    full = [b"".join(rows[level][: len(digests) >> level]) for level in range(len(digests).bit_length())]
    return assemble(head_of_digests(scheme, digests), full)


def assemble(head: Head, full: Sequence[bytes]) -> bytes:
    """The file of these rows of full nodes, right or wrong."""
    sections, data_offset, sums_offset = layout(head)
    data = bytearray()
    for section, row in zip(sections, full, strict=True):
        data += bytes(section.offset - data_offset - len(data)) + row
    sums = page_sums(bytes(data))
    header = header_bytes(head, sections, data_offset, sums_offset, sums)
    return header + bytes(data_offset - len(header)) + bytes(data) + sums


def header_bytes(
    head: Head, sections: Sequence[Section], data_offset: int, sums_offset: int, sums: bytes
) -> bytes:
    fields = (
        MAGIC
        + le(VERSION, 1)
        + le(LOWEST_LEVEL, 1)
        + le(RESERVED, 2)
        + le(sums_offset + len(sums), 8)
        + le(BEGIN, 8)
        + lp(encode(head))
        + le(data_offset, 8)
        + le(sums_offset, 8)
        + blake3(sums)
        + le(len(sections), 1)
    )
    for section in sections:
        fields += le(DIGESTS, 1) + le(section.level, 1) + le(section.offset, 8) + le(section.length, 8)
    return fields + blake3(fields)


@dataclass(frozen=True)
class TreeFile:
    """What a file holds: the head, and the full nodes of each level."""

    head: Head
    rows: tuple[tuple[bytes, ...], ...]


def read(raw: bytes) -> TreeFile:
    """Check everything, in the page's order, then the pages."""
    reader = Reader(raw)
    reader.expect(MAGIC + le(VERSION, 1), "magic and version")
    reader.expect(le(LOWEST_LEVEL, 1), "lowest level")
    reader.expect(le(RESERVED, 2), "reserved")
    reader.expect(le(len(raw), 8), "file length")
    reader.expect(le(BEGIN, 8), "begin")
    head = decode(Head, reader.lp())
    sections, data_offset, sums_offset = layout(head)
    if sums_offset > len(raw):
        raise DecodeError("the file is shorter than its head requires")
    data, sums = raw[data_offset:sums_offset], raw[sums_offset:]
    header = header_bytes(head, sections, data_offset, sums_offset, sums)
    if raw[: len(header)] != header:
        raise DecodeError("the header is not the one of this head and these page sums")
    if any(raw[len(header) : data_offset]):
        raise DecodeError("the gap after the header is not zero")
    if page_sums(data) != sums:
        raise DecodeError("a page differs from its sum")
    end = data_offset
    for section in sections:
        if any(raw[end : section.offset]):
            raise DecodeError(f"the gap before level {section.level} is not zero")
        end = section.offset + section.length
    rows = tuple(_digests(raw, section, head.scheme.digest_size) for section in sections)
    if not hmac.compare_digest(root_of_peaks(head, rows), head.root):
        raise DecodeError("the stored peaks lead to another root")
    return TreeFile(head, rows)


def _digests(raw: bytes, section: Section, size: int) -> tuple[bytes, ...]:
    stop = section.offset + section.length
    return tuple(raw[i : i + size] for i in range(section.offset, stop, size))


def root_of_peaks(head: Head, rows: Sequence[Sequence[bytes]]) -> bytes:
    """The peaks are the last full nodes at the levels of the ones in ``size``; the lowest two join first."""
    scheme = head.scheme
    peaks = [row[-1] for level, row in enumerate(rows) if head.size >> level & 1]
    if not peaks:
        return scheme.root(head.size, scheme.empty())
    top, *rest = peaks
    for left in rest:
        top = scheme.node(left, top)
    return scheme.root(head.size, top)
