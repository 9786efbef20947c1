"""BitMEX and River: a whole tree of hashes and satoshis as text, breadth first from the root."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


def le64(number: int) -> bytes:
    return number.to_bytes(8, "little")


@dataclass(frozen=True)
class Node:
    hash: bytes
    amount: int

    def line(self) -> str:
        return f"{self.hash.hex()},{self.amount}"


def leaf(account: int, nonce: bytes, height: int, amount: int, index: int) -> Node:
    key = hashlib.sha256(nonce + le64(height) + le64(account)).digest()
    return Node(hmac.new(key, le64(amount) + le64(index), hashlib.sha256).digest(), amount)


def parent(left: Node, right: Node) -> Node:
    preimage = left.hash + le64(left.amount) + right.hash + le64(right.amount)
    return Node(hashlib.sha256(preimage).digest(), left.amount + right.amount)


def levels(leaves: list[Node]) -> list[list[Node]]:
    """All levels, the root's first."""
    found = [leaves]
    while len(found[0]) > 1:
        below = found[0]
        found.insert(0, [parent(below[at], below[at + 1]) for at in range(0, len(below), 2)])
    return found


def text(height: int, tree: list[list[Node]]) -> str:
    return "\n".join([f"block_height:{height}", *(node.line() for level in tree for node in level)]) + "\n"


def path_line(height: int, tree: list[list[Node]], index: int) -> str:
    """One leaf's path: index, height, amount, then hash and amount of each sibling, the lowest first."""
    parts = [str(index), str(height), str(tree[-1][index].amount)]
    for level in reversed(tree[1:]):
        parts.append(level[index ^ 1].line())
        index //= 2
    return ",".join(parts)


def verify(content: str) -> tuple[int, list[list[Node]]]:
    """Reads a file and checks every node."""
    head, *lines = content.split("\n")
    height = int(head.removeprefix("block_height:"))
    nodes = [Node(bytes.fromhex(line.split(",")[0]), int(line.split(",")[1])) for line in lines if line]
    tree = []
    while nodes:
        size = 2 ** len(tree)
        tree.append(nodes[:size])
        nodes = nodes[size:]
    assert all(len(level) == 2**number for number, level in enumerate(tree))
    assert levels(tree[-1]) == tree
    return height, tree


def balance(height: int, tree: list[list[Node]], account: int, nonce: bytes) -> dict[int, int]:
    """An account's leaves, by index."""
    return {
        index: node.amount
        for index, node in enumerate(tree[-1])
        if leaf(account, nonce, height, node.amount, index) == node
    }


def river_nonce(key: bytes, email: str, account: int) -> bytes:
    return hashlib.sha256(key + email.encode() + le64(account)).digest()
