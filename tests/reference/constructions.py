"""Each shape once more, as those who invented it write it: the topmost node from leaf digests.

Nothing here knows the definition in ``trees.py``. Sizes are those that the shape takes, and at least 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tests.reference.rules import Bag, Duplicate, Exact, Promote, Queue, Zeros
from tests.reference.schemes import Scheme
from tests.reference.trees import split


def top_again(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    match scheme.rules.edge:
        case Promote():
            return rfc_6962(scheme, digests, 0)
        case Bag():
            return mountains(scheme, digests)
        case Duplicate():
            return bitcoin(scheme, digests)
        case Zeros():
            return filled_subtrees(scheme, digests)
        case Exact():
            return folded(scheme, digests)
        case Queue():
            return heap(scheme, digests)


def rfc_6962(scheme: Scheme, digests: Sequence[bytes], begin: int) -> bytes:
    """RFC 6962 section 2.1, ``MTH(D[n])``: the split at the largest power of two below n."""
    n = len(digests)
    if n == 1:
        return digests[0]
    k = split(n)
    level = (n - 1).bit_length()
    left, right = rfc_6962(scheme, digests[:k], begin), rfc_6962(scheme, digests[k:], begin + k)
    return scheme.node(left, right, place=(level, begin >> level))


def mountains(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """Append leaf by leaf, joining mountains of one height; then bag the peaks from the right."""
    peaks: list[tuple[int, bytes]] = []
    for i, digest in enumerate(digests):
        height, right = 0, digest
        while peaks and peaks[-1][0] == height:
            _, left = peaks.pop()
            height += 1
            right = scheme.node(left, right, place=(height, i >> height))
        peaks.append((height, right))
    bag = scheme.rules.edge
    assert isinstance(bag, Bag)
    _, bagged = peaks.pop()
    while peaks:
        _, peak = peaks.pop()
        pair = bagged + peak if bag.swap else peak + bagged
        bagged = scheme.framed(bag.frame, pair, size=len(digests))
    return bagged


def bitcoin(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """Bitcoin's loop: an odd row's last entry is put behind itself."""
    row = list(digests)
    while len(row) > 1:
        if len(row) % 2 == 1:
            row.append(row[-1])
        row = [scheme.node(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def filled_subtrees(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """A contract's tree: the last left siblings of each level are kept, and each leaf makes a root."""
    edge, arity = scheme.rules.edge, scheme.rules.arity
    assert isinstance(edge, Zeros)
    zeros = [edge.zero]
    for level in range(1, edge.height + 1):
        zeros.append(scheme.node(*[zeros[-1]] * arity, place=(level, 0)))
    filled = [[zero] * arity for zero in zeros]
    root = zeros[-1]
    for index, digest in enumerate(digests):
        node, i = digest, index
        for level in range(edge.height):
            own = i % arity
            filled[level][own] = node
            filled[level][own + 1 :] = [zeros[level]] * (arity - own - 1)
            i //= arity
            node = scheme.node(*filled[level], place=(level + 1, i))
        root = node
    return root


def folded(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """Row after row, each a whole number of nodes."""
    row, arity, level = list(digests), scheme.rules.arity, 0
    while len(row) > 1:
        level += 1
        groups = [row[i : i + arity] for i in range(0, len(row), arity)]
        row = [scheme.node(*group, place=(level, i)) for i, group in enumerate(groups)]
    return row[0]


def heap(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """OpenZeppelin's array: the children of i at 2i + 1 and 2i + 2, and the leaves backwards at its end."""
    leaves = deque(sorted(digests))
    tree = [b""] * (2 * len(digests) - 1)
    for i in range(len(leaves)):
        tree[len(tree) - 1 - i] = leaves.popleft()
    for i in range(len(tree) - 1 - len(digests), -1, -1):
        tree[i] = scheme.node(tree[2 * i + 1], tree[2 * i + 2])
    return tree[0]
