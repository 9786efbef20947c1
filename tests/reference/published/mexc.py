"""MEXC: hashes of 32 hex digits, levels from 0 up, coins sorted; a missing right sibling hashes as empty."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal

Amounts = dict[str, Decimal]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def named(amounts: Amounts) -> dict[str, str]:
    return {coin: f"{amounts[coin].normalize():f}" if amounts[coin] else "0" for coin in sorted(amounts)}


def listed(amounts: Amounts) -> str:
    return ",".join(f"{coin}:{amount}" for coin, amount in named(amounts).items())


@dataclass(frozen=True)
class Node:
    hash: str
    amounts: Amounts


def leaf(proof: str, account: str, amounts: Amounts) -> Node:
    return Node(sha(f"{proof},{account},{listed(amounts)}"), amounts)


def parent(left: Node, right: Node | None, sums: Amounts | None = None) -> Node:
    if right is None:
        return Node(sha(f"{left.hash},,{listed(left.amounts)}"), left.amounts)
    if sums is None:
        coins = {*left.amounts, *right.amounts, "BTC", "ETH", "USDC", "USDT"}
        zero = Decimal(0)
        sums = {coin: left.amounts.get(coin, zero) + right.amounts.get(coin, zero) for coin in coins}
    return Node(sha(f"{left.hash},{right.hash},{listed(sums)}"), sums)


def levels(leaves: list[Node]) -> list[list[Node]]:
    found = [leaves]
    while len(found[-1]) > 1:
        row = found[-1]
        right = [*row[1::2], None]
        found.append([parent(left, right[place]) for place, left in enumerate(row[::2])])
    return found


def part(node: Node, level: int, kind: int) -> dict[str, object]:
    return {"level": level, "type": kind, "hash": node.hash, "balances": named(node.amounts)}


def file(tree: list[list[Node]], index: int, proof: str, account: str, *, empty: bool) -> dict[str, object]:
    """``empty``: a missing sibling is stated, with an empty hash, instead of left out."""
    own = {**part(tree[0][index], 0, 1 + index % 2), "proofId": proof, "accountId": account}
    path = []
    for level, row in enumerate(tree[:-1]):
        if index ^ 1 < len(row):
            path.append(part(row[index ^ 1], level, 1 + (index ^ 1) % 2))
        elif empty:
            path.append(part(Node("", {"BTC": Decimal(0)}), level, 2))
        index //= 2
    return {"self": own, "pathList": [*path, part(tree[-1][0], len(tree) - 1, 3)]}


def accepts(document: dict) -> bool:
    """The publisher's own rule: it believes the root's hash in the file, and any sign."""

    def read(found: dict) -> Node:
        return Node(found["hash"], {coin: Decimal(amount) for coin, amount in found["balances"].items()})

    node = read(document["self"])
    siblings = {sibling["level"]: sibling for sibling in document["pathList"]}
    root = document["pathList"][-1]
    for level in range(root["level"]):
        sibling = siblings.get(level)
        if sibling is None or not sibling["hash"]:
            node = parent(node, None)
        else:
            node = parent(read(sibling), node) if sibling["type"] == 1 else parent(node, read(sibling))
    return node.hash == root["hash"]
