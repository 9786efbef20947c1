"""SwissBorg: a tree a currency, hashed with both children's amounts; one commitment over all roots."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from decimal import Decimal

AUDIT = "SB PoL - Audit nonce derivation"
CURRENCY = "SB PoL - Currency Merkle tree nonce derivation"
LEAF = "SB PoL - Leaf nonce derivation"
COMMITMENT = "SB PoL - Audit commitment hash"


def sha(*parts: str) -> str:
    return hashlib.sha256(",".join(parts).encode()).hexdigest()


def kdf(key: str, *context: str) -> str:
    return hmac.new(key.encode(), ",".join(context).encode(), hashlib.sha256).hexdigest()


def text(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


@dataclass(frozen=True)
class Node:
    hash: str
    amount: Decimal

    def part(self) -> dict[str, str]:
        return {"digest": self.hash, "liability": text(self.amount)}


def leaf(credential: str, audit: str, currency: str, index: int, *, user: str, amount: Decimal) -> Node:
    nonce = kdf(kdf(kdf(credential, AUDIT, audit), CURRENCY, currency), LEAF, str(index))
    return Node(sha("leaf", nonce, user, text(amount)), amount)


def parent(left: Node, right: Node) -> Node:
    digest = sha("inner", text(left.amount), text(right.amount), left.hash, right.hash)
    return Node(digest, left.amount + right.amount)


def levels(leaves: list[Node]) -> list[list[Node]]:
    """All levels of a power of two of leaves, these first."""
    found = [leaves]
    while len(found[-1]) > 1:
        row = found[-1]
        found.append([parent(row[at], row[at + 1]) for at in range(0, len(row), 2)])
    return found


def commitment(roots: dict[str, tuple[str, Node]]) -> str:
    """Over currency and root of each partition."""
    parts = [COMMITMENT]
    for name, (_, root) in sorted(roots.items(), key=lambda item: item[1][0].upper()):
        parts += [name, text(root.amount), root.hash]
    return sha(*parts)


def roots_file(audit: str, roots: dict[str, tuple[str, Node]]) -> dict[str, object]:
    partitions = [
        {"id": name, "currency": currency, "commitment": root.part()}
        for name, (currency, root) in roots.items()
    ]
    digest = {"digest": commitment(roots)}
    return {
        "audit": {"id": audit, "time": "2022-12-07T13:36:40Z", "commitment": digest, "partitions": partitions}
    }


def liability(partition: str, tree: list[list[Node]], index: int) -> dict[str, object]:
    own = tree[0][index]
    witnesses = []
    place = index
    for row in tree[:-1]:
        witnesses.append(row[place ^ 1].part())
        place //= 2
    proof = {"leaf_index": index, "nonce": own.hash, "witnesses": witnesses}
    return {"audit_partition_id": partition, "liability": text(own.amount), "proof": proof}


def user_file(audit: str, user: str, liabilities: list[dict[str, object]]) -> dict[str, object]:
    return {"audit_id": audit, "user_id": user, "liabilities": liabilities}


def accepts(roots: dict, document: dict, credential: str) -> dict[str, Decimal] | None:
    """The publisher's own rule: it believes the commitment in the file, and adds up whatever is listed."""
    partitions = {part["id"]: part for part in roots["audit"]["partitions"]}

    def read(part: dict) -> Node:
        return Node(part["digest"], Decimal(part["liability"]))

    named = {name: (part["currency"], read(part["commitment"])) for name, part in partitions.items()}
    if commitment(named) != roots["audit"]["commitment"]["digest"]:
        return None
    held: dict[str, Decimal] = {}
    for entry in document["liabilities"]:
        currency, root = named[entry["audit_partition_id"]]
        index, amount = entry["proof"]["leaf_index"], Decimal(entry["liability"])
        node = leaf(
            credential, document["audit_id"], currency, index, user=document["user_id"], amount=amount
        )
        for witness in entry["proof"]["witnesses"]:
            other = read(witness)
            node = parent(node, other) if index % 2 == 0 else parent(other, node)
            index //= 2
        if node != root:
            return None
        held[currency] = held.get(currency, Decimal(0)) + amount
    return held
