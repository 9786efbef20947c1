"""The twin where recursion over digests is slow: all sizes of one long row of leaves, from its full nodes.

A full node of a row of leaves is the same in every longer row, so each is hashed once and serves every size.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.objects import Head, InclusionProof
from tests.reference.schemes import Scheme
from tests.reference.trees import leaf_digests, split


class Prefixes:
    """Heads and proofs of the first ``size`` leaves, for every ``size``."""

    def __init__(self, scheme: Scheme, leaves: Sequence[bytes]) -> None:
        self.scheme = scheme
        self.rows = [leaf_digests(scheme, leaves)]
        while len(self.rows[-1]) > 1:
            row = self.rows[-1]
            self.rows.append([scheme.node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])

    def head(self, size: int) -> Head:
        top = self._top(0, size) if size else self.scheme.empty()
        return Head(self.scheme, size, self.scheme.root(size, top))

    def prove(self, size: int, index: int) -> InclusionProof:
        return InclusionProof(self.scheme.digest_size, tuple(self._path(0, size, index)))

    def _top(self, begin: int, end: int) -> bytes:
        size = end - begin
        level = size.bit_length() - 1
        if size == 1 << level:
            return self.rows[level][begin >> level]
        middle = begin + split(size)
        return self.scheme.node(self._top(begin, middle), self._top(middle, end))

    def _path(self, begin: int, end: int, index: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + split(end - begin)
        if index < middle:
            return [*self._path(begin, middle, index), self._top(middle, end)]
        return [*self._path(middle, end, index), self._top(begin, middle)]
