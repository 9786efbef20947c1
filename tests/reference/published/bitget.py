"""Bitget: hashes of 16 hex digits, levels down to 1 at the root, roles 0 empty 1 left 2 right 3 root."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal

Amounts = dict[str, Decimal]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def named(amounts: Amounts) -> dict[str, str]:
    return {coin: f"{amount.normalize():f}" if amount else "0" for coin, amount in amounts.items()}


def packed(amounts: Amounts) -> str:
    return json.dumps(named(amounts), separators=(",", ":"))


@dataclass(frozen=True)
class Node:
    hash: str
    amounts: Amounts


def leaf(uid: str, nonce: str, amounts: Amounts) -> Node:
    return Node(sha(f"{uid},{nonce},{packed(amounts)}"), amounts)


def empty(sibling: Node) -> Node:
    return Node(sibling.hash, dict.fromkeys(sibling.amounts, Decimal(0)))


def parent(left: Node, right: Node, level: int, sums: Amounts | None = None) -> Node:
    sums = sums or {coin: left.amounts[coin] + right.amounts[coin] for coin in left.amounts}
    return Node(sha(f"{left.hash}{right.hash},{packed(sums)},{level}"), sums)


def levels(leaves: list[Node]) -> list[list[Node]]:
    """All levels, the leaves first."""
    depth = (len(leaves) - 1).bit_length() + 1
    found = [leaves]
    for level in range(depth - 1, 0, -1):
        row = found[-1]
        pairs = [
            (row[at], row[at + 1] if at + 1 < len(row) else empty(row[at])) for at in range(0, len(row), 2)
        ]
        found.append([parent(left, right, level) for left, right in pairs])
    return found


def part(node: Node, level: int, role: int) -> dict[str, object]:
    return {
        "auditId": "A1",
        "balances": named(node.amounts),
        "level": level,
        "merkelLeaf": node.hash,
        "role": role,
    }


def file(tree: list[list[Node]], index: int, uid: str, nonce: str) -> dict[str, object]:
    depth = len(tree)
    own = {**part(tree[0][index], depth, 1 + index % 2), "encryptUid": uid, "nonce": nonce}
    path = []
    for place, row in enumerate(tree[:-1]):
        there = index ^ 1 < len(row)
        sibling = row[index ^ 1] if there else empty(row[index])
        path.append(part(sibling, depth - place, 1 + (index ^ 1) % 2 if there else 0))
        index //= 2
    return {"self": own, "path": [*path, part(tree[-1][0], 1, 3)]}


def accepts(document: dict) -> bool:
    """The publisher's own rule: it believes the root in the file, and any sign."""

    def read(found: dict) -> Node:
        amounts = {coin: Decimal(amount) for coin, amount in found["balances"].items()}
        return Node(found["merkelLeaf"], amounts)

    own, path = document["self"], document["path"]
    node, level = read(own), own["level"]
    for sibling in path[:-1]:
        other = read(sibling)
        level -= 1
        node = parent(other, node, level) if sibling["role"] == 1 else parent(node, other, level)
    return node == read(path[-1]) and level == path[-1]["level"]
