"""The tree file (docs/spec/tree-file.md): written and read whole, in memory."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.reference.codec import DecodeError, Reader, decode, encode
from tests.reference.hashes import HASHES
from tests.reference.schemes import KIND_DENSE, Scheme, le, lp
from tests.reference.trees import Node

MAGIC = b"tlyf"
VERSION = 1
RESERVED = 0
ALIGNMENT = 64
PAGE_SIZE = 16_384
SUM_SIZE = 32
BLOCK_LEVEL = 12
BLOCK = 1 << BLOCK_LEVEL
TOP = 64

blake3 = HASHES["blake3"].digest


@dataclass(frozen=True)
class Shape:
    """Scheme, leaves ``[begin, end)``, lowest level kept of whole blocks: every place follows."""

    scheme: Scheme
    begin: int
    end: int
    lowest: int = 0

    def header_length(self) -> int:
        fields = 4 + 1 + 1 + 2 + 8 + 8 + 8 + len(lp(encode(self.scheme))) + self.scheme.digest_size + 8
        return -(-(fields + SUM_SIZE + SUM_SIZE) // ALIGNMENT) * ALIGNMENT


def full_nodes(begin: int, end: int, level: int) -> list[Node]:
    """The nodes of a level whose leaves all lie in ``[begin, end)``."""
    return [(level, index) for index in range(-(-begin >> level), end >> level)]


def blocks(begin: int, end: int) -> list[tuple[int, int]]:
    """The range, cut at multiples of 4,096."""
    borders = [begin, *range((begin // BLOCK + 1) * BLOCK, end, BLOCK), end]
    return list(pairwise(borders)) if begin < end else []


def places(shape: Shape) -> list[Node | None]:
    """What the data is: one node behind the other, ``None`` where a digest's bytes are zero."""
    found: list[Node | None] = []
    for start, stop in blocks(shape.begin, shape.end):
        whole = stop - start == BLOCK
        for level in range(shape.lowest if whole else 0, BLOCK_LEVEL):
            found += full_nodes(start, stop, level)
        if whole and shape.lowest < BLOCK_LEVEL:
            found += [None, None]
    for level in range(BLOCK_LEVEL, TOP):
        found += full_nodes(shape.begin, shape.end, level)
    return found


def data_length(shape: Shape) -> int:
    """The same count without making it, for sizes that no file has."""
    whole = max(0, shape.end // BLOCK - -(-shape.begin // BLOCK))
    partial = [part for part in _ends(shape) if part[1] - part[0] < BLOCK]
    slots = whole * (2 * (BLOCK >> shape.lowest) if shape.lowest < BLOCK_LEVEL else 0)
    slots += sum(len(full_nodes(*part, level)) for part in partial for level in range(BLOCK_LEVEL))
    for level in range(BLOCK_LEVEL, TOP):
        slots += max(0, (shape.end >> level) - -(-shape.begin >> level))
    return slots * shape.scheme.digest_size


def _ends(shape: Shape) -> set[tuple[int, int]]:
    first = (shape.begin, min(shape.end, (shape.begin // BLOCK + 1) * BLOCK))
    last = (max(shape.begin, shape.end // BLOCK * BLOCK), shape.end)
    return {part for part in (first, last) if part[0] < part[1]}


def page_sums(data: bytes) -> bytes:
    return b"".join(blake3(data[i : i + PAGE_SIZE]) for i in range(0, len(data), PAGE_SIZE))


def all_nodes(shape: Shape, digests: Sequence[bytes]) -> dict[Node, bytes]:
    """Every full node over the leaves with these digests, the first of which has the index ``begin``."""
    found = {(0, shape.begin + place): digest for place, digest in enumerate(digests)}
    for level in range(1, TOP):
        for _, index in full_nodes(shape.begin, shape.end, level):
            left, right = found[level - 1, 2 * index], found[level - 1, 2 * index + 1]
            found[level, index] = shape.scheme.node(left, right)
    return found


def write(scheme: Scheme, digests: Sequence[bytes], begin: int = 0, lowest: int = 0) -> bytes:
    """The file over these leaf digests."""
    shape = Shape(scheme, begin, begin + len(digests), lowest)
    nodes = all_nodes(shape, digests)
    return assemble(shape, nodes, root_of_peaks(shape, nodes))


def assemble(shape: Shape, nodes: Mapping[Node, bytes], root: bytes) -> bytes:
    """The file of these nodes and this root, right or wrong."""
    zero = bytes(shape.scheme.digest_size)
    data = b"".join(zero if node is None else nodes[node] for node in places(shape))
    sums = page_sums(data)
    return header_bytes(shape, root, sums) + data + sums


def header_bytes(shape: Shape, root: bytes, sums: bytes) -> bytes:
    sums_offset = shape.header_length() + data_length(shape)
    fields = (
        MAGIC
        + le(VERSION, 1)
        + le(shape.lowest, 1)
        + le(RESERVED, 2)
        + le(sums_offset + len(sums), 8)
        + le(shape.begin, 8)
        + le(shape.end, 8)
        + lp(encode(shape.scheme))
        + root
        + le(sums_offset, 8)
        + blake3(sums)
    )
    header = fields + blake3(fields)
    return header + bytes(shape.header_length() - len(header))


@dataclass(frozen=True)
class TreeFile:
    """What a file holds: its shape, its root (zero for a shard file) and the digests it keeps."""

    shape: Shape
    root: bytes
    nodes: Mapping[Node, bytes]


def read(raw: bytes) -> TreeFile:
    """Check everything, in the page's order, then the pages."""
    reader = Reader(raw)
    reader.expect(MAGIC + le(VERSION, 1), "magic and version")
    lowest = reader.uint(1)
    if lowest > BLOCK_LEVEL:
        raise DecodeError(f"lowest level {lowest}")
    reader.expect(le(RESERVED, 2), "reserved")
    reader.expect(le(len(raw), 8), "file length")
    begin, end = reader.uint(8), reader.uint(8)
    if begin > end:
        raise DecodeError(f"from {begin} to {end}")
    scheme = decode(Scheme, reader.lp())
    if scheme.kind != KIND_DENSE:
        raise DecodeError(f"a scheme of kind {scheme.kind}")
    root = reader.take(scheme.digest_size)
    shape = Shape(scheme, begin, end, lowest)
    data_offset = shape.header_length()
    sums_offset = data_offset + data_length(shape)
    if sums_offset > len(raw):
        raise DecodeError("the file is shorter than its leaves require")
    data, sums = raw[data_offset:sums_offset], raw[sums_offset:]
    if raw[:data_offset] != header_bytes(shape, root, sums):
        raise DecodeError("the header is not the one of these leaves, root and page sums")
    if page_sums(data) != sums:
        raise DecodeError("a page differs from its sum")
    nodes = _nodes(shape, data)
    if not hmac.compare_digest(root_of_peaks(shape, nodes), root):
        raise DecodeError("the stored peaks lead to another root")
    return TreeFile(shape, root, nodes)


def _nodes(shape: Shape, data: bytes) -> dict[Node, bytes]:
    size = shape.scheme.digest_size
    found = {}
    for place, node in enumerate(places(shape)):
        digest = data[place * size : (place + 1) * size]
        if node is not None:
            found[node] = digest
        elif any(digest):
            raise DecodeError("a digest behind a block is not zero")
    return found


def root_of_peaks(shape: Shape, nodes: Mapping[Node, bytes]) -> bytes:
    """The peaks are the last full nodes at the levels of the ones in ``end``; the lowest two join first."""
    scheme, size = shape.scheme, shape.end
    if shape.begin:
        return bytes(scheme.digest_size)
    peaks = [nodes[level, (size >> level) - 1] for level in range(TOP) if size >> level & 1]
    if not peaks:
        return scheme.root(size, scheme.empty())
    top, *rest = peaks
    for left in rest:
        top = scheme.node(left, top)
    return scheme.root(size, top)
