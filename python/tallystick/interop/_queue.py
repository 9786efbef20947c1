"""OpenZeppelin's layout: a queue of leaves, sorted; what leaves its front in pairs comes back as nodes.

Place ``n + k`` is the node over places ``2k`` and ``2k + 1``; the root is at ``2n - 2``. A dump has it in
reverse.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallystick.hashes import Hash

Rows = npt.NDArray[np.uint8]


def order(digests: Rows) -> npt.NDArray[np.int64]:
    """Return the leaves ascending by digest; equal ones as they are given."""
    return np.lexsort(digests.T[::-1])


def nodes_above(leaves: Rows, hash: Hash) -> Rows:  # noqa: A002 - the field's word
    """Return all nodes, the leaves first. A batch is hashed for every level."""
    size, width = leaves.shape
    nodes = np.empty((2 * size - 1, width), np.uint8)
    nodes[:size] = leaves
    ready = size
    while ready < len(nodes):
        begin, end = ready - size, min(ready // 2, size - 1)
        pairs = nodes[2 * begin : 2 * end].reshape(end - begin, 2, width)
        swapped = np.where(_descends(pairs)[:, None, None], pairs[:, ::-1], pairs)
        nodes[ready : size + end] = hash.digest_many(np.ascontiguousarray(swapped).reshape(-1, 2 * width))
        ready = size + end
    return nodes


def _descends(pairs: Rows) -> npt.NDArray[np.bool_]:
    """For each pair, whether its first is greater."""
    differs = pairs[:, 0] != pairs[:, 1]
    first = differs.argmax(axis=1)[:, None]
    left, right = (np.take_along_axis(pairs[:, side], first, axis=1)[:, 0] for side in (0, 1))
    return np.asarray(left > right)
