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


def queue_path(scheme: Scheme, digests: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings on the way from leaf ``index`` to the last node."""
    nodes, place = queue(scheme, digests), order(digests).index(index)
    found = []
    while place < len(nodes) - 1:
        found.append(nodes[place ^ 1])
        place = len(digests) + place // 2
    return found


def queue_lengths(size: int) -> set[int]:
    """The lengths of paths in a queue over ``size`` leaves, which stand on its lowest two levels."""
    return {size.bit_length() - 1, (2 * size - 1).bit_length() - 1} if size else set()
