"""Trees of sorted pairs in a queue (docs/spec/variants.md, "Queue"): OpenZeppelin's array, read from its end.

``digests`` are leaf digests as they were given.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.schemes import Scheme


def order(digests: Sequence[bytes]) -> list[int]:
    """Which leaf stands at each place: ascending, equal ones as they were given."""
    return sorted(range(len(digests)), key=lambda i: digests[i])


def queue(scheme: Scheme, digests: Sequence[bytes]) -> list[bytes]:
    """All nodes by their places: leaves, and then each two that come next make one at the end."""
    nodes = [digests[i] for i in order(digests)]
    for k in range(len(digests) - 1):
        nodes.append(scheme.node(nodes[2 * k], nodes[2 * k + 1]))
    return nodes


def queue_way(size: int, place: int) -> list[int]:
    """The places of the siblings on the way from a place to the last node."""
    found = []
    while place < 2 * size - 2:
        found.append(place ^ 1)
        place = size + place // 2
    return found


def queue_path(scheme: Scheme, digests: Sequence[bytes], index: int) -> list[bytes]:
    """The digests of those of leaf ``index``."""
    nodes = queue(scheme, digests)
    return [nodes[place] for place in queue_way(len(digests), order(digests).index(index))]


def queue_lengths(size: int) -> set[int]:
    """The lengths of paths in a queue over ``size`` leaves, which stand on its lowest two levels."""
    return {size.bit_length() - 1, (2 * size - 1).bit_length() - 1} if size else set()
