"""What crosses a wire of sparse trees (docs/spec/sparse.md). There is no proof whose parts don't fit."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.schemes import Scheme
from tests.reference.sparse_rules import DEPTH, KEY_SIZE, bit

PRESENT, EMPTY_END, OTHER_LEAF, RUN = 0, 1, 2, 3  # ends
WITH_WITNESS = (OTHER_LEAF, RUN)
MIN_DIGEST_SIZE, MAX_DIGEST_SIZE = 32, 64


@dataclass(frozen=True)
class SparseHead:
    """The head of a sparse tree. The size is the word of who made it."""

    scheme: Scheme
    size: int
    root: bytes


@dataclass(frozen=True)
class SparseProof:
    """Where the path of one key ends, and the siblings that are not empty, deepest first."""

    digest_size: int
    end: int
    depth: int
    bitmap: bytes
    digests: tuple[bytes, ...]
    witness: bytes = b""

    def __post_init__(self) -> None:
        check_sizes(self.digest_size, self.digests)
        if self.end > RUN:
            raise ValueError(f"end {self.end}")
        if self.depth > {OTHER_LEAF: DEPTH - 1, RUN: DEPTH - 2}.get(self.end, DEPTH):
            raise ValueError(f"depth {self.depth}")
        check_spare(self.bitmap, self.depth)
        if len(self.digests) != ones(self.bitmap):
            raise ValueError(f"{len(self.digests)} digests, {ones(self.bitmap)} siblings")
        if len(self.witness) != (KEY_SIZE + self.digest_size) * (self.end in WITH_WITNESS):
            raise ValueError(f"a witness of {len(self.witness)} bytes")

    def is_sent(self, depth: int) -> bool:
        """Whether the sibling at this depth is not empty."""
        return bit(self.bitmap, depth - 1) == 1


@dataclass(frozen=True)
class SparseMultiProof:
    """The shape of the paths of many keys, the leaves of other keys that they end at, and siblings."""

    digest_size: int
    shape: bytes
    witnesses: tuple[bytes, ...]
    digests: tuple[bytes, ...]

    def __post_init__(self) -> None:
        check_sizes(self.digest_size, self.digests)
        if any(len(witness) != KEY_SIZE + self.digest_size for witness in self.witnesses):
            raise ValueError("a witness of another length")


def ones(bitmap: bytes) -> int:
    return int.from_bytes(bitmap, "big").bit_count()


def check_sizes(digest_size: int, digests: tuple[bytes, ...]) -> None:
    if not MIN_DIGEST_SIZE <= digest_size <= MAX_DIGEST_SIZE:
        raise ValueError(f"digest size {digest_size}")
    if any(len(digest) != digest_size for digest in digests):
        raise ValueError("a digest of another size")


def check_spare(bitmap: bytes, bits: int) -> None:
    """As many bytes as the bits need, and no other bit set."""
    if len(bitmap) != -(-bits // 8):
        raise ValueError(f"{len(bitmap)} bytes for {bits} bits")
    if any(bit(bitmap, place) for place in range(bits, 8 * len(bitmap))):
        raise ValueError("a spare bit")
