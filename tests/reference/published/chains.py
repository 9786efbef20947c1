"""OKX's first format and Bybit's: sums as text behind both hashes, heights from 1.

Types: 1 left, 2 right, 3 root, 4 padding.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from decimal import Decimal


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Node:
    hash: str
    sums: tuple[Decimal, ...]
    height: int
    pad: bool = False


@dataclass(frozen=True)
class Format:
    """How amounts are printed: ``places`` for as many decimals always, ``None`` for none at the end."""

    coins: tuple[str, ...]
    places: tuple[int, ...] | None

    def texts(self, sums: tuple[Decimal, ...]) -> list[str]:
        if self.places is not None:
            return [f"{amount:.{places}f}" for amount, places in zip(sums, self.places, strict=True)]
        return [f"{amount.normalize():f}" if amount else "0" for amount in sums]

    def named(self, sums: tuple[Decimal, ...]) -> dict[str, str]:
        return dict(zip(self.coins, self.texts(sums), strict=True))

    def parent(self, left: Node, right: Node, sums: tuple[Decimal, ...] | None = None) -> Node:
        """``sums`` other than the sum of the children's are what a cheat commits to."""
        if sums is None:
            sums = tuple(a + b for a, b in zip(left.sums, right.sums, strict=True))
        height = left.height + 1
        return Node(sha(left.hash + right.hash + "".join(self.texts(sums)) + str(height)), sums, height)

    def levels(self, leaves: list[Node]) -> list[list[Node]]:
        """All levels, leaves first; a level of odd length is padded on the left, apart from the root's."""
        found = [leaves]
        while True:
            level = found[-1]
            if len(level) % 2 and (len(level) > 1 or len(found) == 1):
                zero = tuple(Decimal(0) for _ in self.coins)
                level.insert(0, replace(level[0], sums=zero, pad=True))
            if len(level) == 1:
                return found
            # Padding has no parent of its own: it is a sibling.
            found.append([self.parent(level[at], level[at + 1]) for at in range(0, len(level), 2)])

    def path(self, levels: list[list[Node]], index: int) -> tuple[int, list[tuple[Node, int]]]:
        """The leaf's type, then siblings with their types, then the root with 3."""
        path = []
        own = 1 + index % 2
        for level in levels[:-1]:
            sibling = level[index ^ 1]
            path.append((sibling, 4 if sibling.pad else 1 + (index ^ 1) % 2))
            index //= 2
            # Padding of the next level shifts what stands there.
            index += len(levels[level[0].height]) != len(level) // 2
        return own, [*path, (levels[-1][0], 3)]


OKX = Format(("BTC", "ETH", "USDT"), None)


def okx_leaf(nonce: str, amounts: tuple[Decimal, ...]) -> Node:
    return Node(sha(nonce + json.dumps(OKX.named(amounts), separators=(",", ":"))), amounts, 1)


def okx_file(levels: list[list[Node]], index: int, nonce: str) -> dict[str, object]:
    own, path = OKX.path(levels, index)
    return okx_document(nonce, levels[0][index], own, path)


def okx_document(nonce: str, leaf: Node, own: int, path: list[tuple[Node, int]]) -> dict[str, object]:
    def part(node: Node, kind: int) -> dict[str, object]:
        return {"hash": node.hash, "balances": OKX.named(node.sums), "type": kind, "height": node.height}

    return {"self": {"nonce": nonce, **part(leaf, own)}, "path": [part(node, kind) for node, kind in path]}


def bybit_leaf(order: Format, user: str, amounts: tuple[Decimal, ...]) -> Node:
    return Node(sha(user + "".join(order.texts(amounts))), amounts, 1)


def bybit_file(order: Format, levels: list[list[Node]], index: int, user: str) -> dict[str, object]:
    own, path = order.path(levels, index)

    def part(node: Node, kind: int) -> dict[str, object]:
        named = order.named(node.sums)
        return {"auditId": "1", "hash": node.hash, "balance": named, "type": kind, "height": node.height}

    leaf = {"userHash": user, "nonce": "n-1", **part(levels[0][index], own)}
    return {"self": leaf, "path": [part(node, kind) for node, kind in path]}


def accepts(order: Format, document: dict, balances: str) -> bool:
    """The publisher's own rule for a path: it believes the root in the file, and any sign."""
    own, path = document["self"], document["path"]

    def sums(part: dict) -> tuple[Decimal, ...]:
        return tuple(Decimal(part[balances][coin]) for coin in order.coins)

    node = Node(own["hash"], sums(own), 1)
    on_left = own["type"] == 1
    for place, sibling in enumerate(path[:-1]):
        if place:
            on_left = sibling["type"] != 1
        other = Node(sibling["hash"], sums(sibling), place + 1)
        node = order.parent(node, other) if on_left else order.parent(other, node)
    return node == Node(path[-1]["hash"], sums(path[-1]), path[-1]["height"])
