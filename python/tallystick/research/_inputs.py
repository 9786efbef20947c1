"""Leaves, amounts, namespaces and indices from a seed: the same for the same seed, on every machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NAMESPACE_SIZE = 29
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Leaves as an array; for trees of sums with an amount for each, for namespaced ones with a namespace."""

    leaves: Bytes
    amounts: Numbers | None = None
    namespaces: Bytes | None = None

    def __len__(self) -> int:
        return len(self.leaves)

    def take(self, places: Numbers | slice) -> Inputs:
        """Return the leaves at ``places``."""
        amounts, namespaces = self.amounts, self.namespaces
        return Inputs(
            self.leaves[places],
            None if amounts is None else amounts[places],
            None if namespaces is None else namespaces[places],
        )


def inputs(kind: str, count: int, width: int, seed: int, part: int = 0) -> Inputs:
    """Return ``count`` random leaves of ``width`` bytes for trees of ``kind``; another ``part`` has others.

    The namespaces of part 1 are above those of part 0, so that its leaves can follow them.
    """
    random = _random(seed, 1, part, count, width)
    leaves = np.frombuffer(random.bytes(count * width), np.uint8).reshape(count, width)
    if kind == "sum":
        return Inputs(leaves, amounts=random.randint(0, 2**40, count, dtype=np.int64))
    if kind == "namespaced":
        return Inputs(leaves, namespaces=_namespaces(random, count, part))
    return Inputs(leaves)


def _namespaces(random: np.random.RandomState, count: int, part: int) -> Bytes:
    """Return ascending namespaces, about ten leaves to each."""
    namespaces = np.zeros((count, NAMESPACE_SIZE), np.uint8)
    order = part * 2**40 + np.sort(random.randint(0, max(count // 10, 1), count, dtype=np.int64))
    namespaces[:, -8:] = order.astype(">u8").view(np.uint8).reshape(count, 8)
    return namespaces


def chosen(size: int, count: int, seed: int, part: int = 0) -> Numbers:
    """Return ``count`` different indices below ``size``, in random order, at most ``size`` of them."""
    random = _random(seed, 2, part, size, count)
    # A permutation of everything would cost more than what is measured.
    if count * 4 >= size:
        return random.permutation(size)[:count].astype(np.int64)
    found = np.unique(random.randint(0, size, count * 2, dtype=np.int64))
    while len(found) < count:
        found = np.unique(np.concatenate([found, random.randint(0, size, count, dtype=np.int64)]))
    return random.permutation(found)[:count].astype(np.int64)


def _random(*numbers: int) -> np.random.RandomState:
    """Return NumPy's legacy generator: the only one whose numbers will never change."""
    return np.random.RandomState([number & 0xFFFF_FFFF for number in numbers])
