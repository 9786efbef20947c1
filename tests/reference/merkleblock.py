"""Bitcoin's partial trees (BIP 37), as a full node makes and reads them: recursive, with all of its checks.

Source: BIP 37, and the checks that Bitcoin Core's `CPartialMerkleTree::ExtractMatches` makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 4_000_000 // 240


class Bad(Exception):
    """The node refuses the partial tree."""


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(left + right).digest()).digest()


def width(size: int, level: int) -> int:
    return (size + (1 << level) - 1) >> level


def height(size: int) -> int:
    level = 0
    while width(size, level) > 1:
        level += 1
    return level


def node(txids: Sequence[bytes], level: int, index: int) -> bytes:
    if level == 0:
        return txids[index]
    left = node(txids, level - 1, 2 * index)
    if 2 * index + 1 >= width(len(txids), level - 1):
        return node_hash(left, left)
    return node_hash(left, node(txids, level - 1, 2 * index + 1))


def compact(count: int) -> bytes:
    return bytes([count]) if count < 253 else b"\xfd" + count.to_bytes(2, "little")


def build(txids: Sequence[bytes], matched: set[int]) -> bytes:
    """The partial tree that proves the matched transactions, serialised."""
    bits: list[bool] = []
    digests: list[bytes] = []

    def walk(level: int, index: int) -> None:
        below = any(place in matched for place in range(index << level, (index + 1) << level))
        bits.append(below)
        if level == 0 or not below:
            digests.append(node(txids, level, index))
            return
        walk(level - 1, 2 * index)
        if 2 * index + 1 < width(len(txids), level - 1):
            walk(level - 1, 2 * index + 1)

    walk(height(len(txids)), 0)
    flags = sum(bit << place for place, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")
    return b"".join(
        (len(txids).to_bytes(4, "little"), compact(len(digests)), *digests, compact(len(flags)), flags)
    )


@dataclass
class Reader:
    data: bytes
    at: int = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise Bad("the end of the data was passed")
        self.at += count
        return self.data[self.at - count : self.at]

    def compact(self) -> int:
        first = self.take(1)[0]
        if first < 253:
            return first
        wide = 2 << (first - 253)
        found = int.from_bytes(self.take(wide), "little")
        if found < {2: 253, 4: 1 << 16, 8: 1 << 32}[wide]:
            raise Bad("a number is not in its shortest form")
        return found


@dataclass
class Extraction:
    size: int
    digests: list[bytes]
    bits: list[bool]
    bits_used: int = 0
    digests_used: int = 0
    matches: list[tuple[int, bytes]] = field(default_factory=list)

    def walk(self, level: int, index: int) -> bytes:
        if self.bits_used >= len(self.bits):
            raise Bad("more bits are needed")
        below = self.bits[self.bits_used]
        self.bits_used += 1
        if level == 0 or not below:
            if self.digests_used >= len(self.digests):
                raise Bad("more digests are needed")
            digest = self.digests[self.digests_used]
            self.digests_used += 1
            if level == 0 and below:
                self.matches.append((index, digest))
            return digest
        left = self.walk(level - 1, 2 * index)
        if 2 * index + 1 >= width(self.size, level - 1):
            return node_hash(left, left)
        right = self.walk(level - 1, 2 * index + 1)
        if left == right:
            raise Bad("two siblings are equal")
        return node_hash(left, right)


def extract(data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The root that a partial tree leads to, and what it matches."""
    reader = Reader(data)
    size = int.from_bytes(reader.take(4), "little")
    digests = [reader.take(32) for _ in range(reader.compact())]
    flags = reader.take(reader.compact())
    bits = [bool(flags[place // 8] >> place % 8 & 1) for place in range(8 * len(flags))]
    if size == 0:
        raise Bad("no transactions")
    if size > MOST:
        raise Bad("more transactions than a block has")
    if len(digests) > size:
        raise Bad("more digests than transactions")
    if len(bits) < len(digests):
        raise Bad("fewer bits than digests")
    extraction = Extraction(size, digests, bits)
    root = extraction.walk(height(size), 0)
    if (extraction.bits_used + 7) // 8 != (len(bits) + 7) // 8:
        raise Bad("bits are left")
    if extraction.digests_used != len(digests):
        raise Bad("digests are left")
    return root, extraction.matches
