"""OKX's second format: the whole tree as text, the root first, and a JSON file a customer.

Nodes are those of the first format.
"""

from __future__ import annotations

import json
from decimal import Decimal

from tests.reference.published.chains import OKX, Node, sha

Amounts = tuple[Decimal, ...]


def balances(amounts: Amounts) -> str:
    return json.dumps(OKX.named(amounts), separators=(",", ":"))


def user_hash(nonce: str, total: Amounts) -> str:
    return sha(nonce + balances(total))


def leaf(user: str, amounts: Amounts) -> Node:
    return Node(sha(user + "".join(OKX.texts(amounts))), amounts, 1)


def text(levels: list[list[Node]]) -> str:
    rows = [node for level in reversed(levels) for node in level]
    return "".join(f"{node.hash},{node.height},{balances(node.sums)}\n" for node in rows)


def user_file(nonce: str, parts: list[Amounts]) -> dict[str, object]:
    total = tuple(sum(column, Decimal(0)) for column in zip(*parts, strict=True))
    user = user_hash(nonce, total)
    nodes = [{"hash": leaf(user, part).hash, "balances": OKX.named(part)} for part in parts]
    return {"hash": user, "nonce": nonce, "totalBalances": OKX.named(total), "nodes": nodes}


def accepts(content: str, user: dict, total: Amounts) -> bool:
    """The publisher's own rule: the customer's leaves are there, and leaves add up. No node is computed."""
    lines = [line.split(",", 2) for line in content.splitlines()]
    leaves = [(digest, json.loads(amounts)) for digest, height, amounts in lines if height == "1"]
    summed = tuple(sum((Decimal(amounts[coin]) for _, amounts in leaves), Decimal(0)) for coin in OKX.coins)
    return summed == total and all((node["hash"], node["balances"]) in leaves for node in user["nodes"])
