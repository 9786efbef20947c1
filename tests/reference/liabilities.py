"""What the operator makes (docs/spec/liabilities.md): keys, leaves, trees, statements and receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.reference import sums
from tests.reference.codec import encode
from tests.reference.hashes import HASHES, LABEL_LIABILITY, LABEL_STATEMENT
from tests.reference.liabilities_objects import (
    NOT_STATED,
    Receipt,
    ReceiptAsset,
    ReceiptPart,
    Statement,
    StatementAsset,
)
from tests.reference.objects import SumHead
from tests.reference.schemes import Scheme, le, lp
from tests.reference.sums import SumNode

KEY_SIZE = 32
MAX_ID = 2**16 - 1
MAX_PARTS = 2**16 - 1

Asset = tuple[str, str]  # code and group


class Holding(NamedTuple):
    """What one customer has of one asset, split over leaves."""

    user_id: bytes
    code: str
    group: str
    parts: tuple[int, ...]


class Leaf(NamedTuple):
    """One leaf with all that the operator knows of it."""

    user_id: bytes
    part: int
    amount: int
    salt: bytes
    order: bytes
    node: SumNode


@dataclass(frozen=True)
class Snapshot:
    """A statement and the leaves of its trees, in their order."""

    statement: Statement
    leaves: Mapping[Asset, tuple[Leaf, ...]]


def customer_key(secret: bytes, snapshot_id: str, user_id: bytes) -> bytes:
    """A customer's key of one snapshot, where keys come from a secret."""
    if len(secret) != KEY_SIZE:
        raise ValueError("a secret has 32 bytes")
    keyed = HASHES["blake3"].keyed
    assert keyed is not None
    return keyed(secret, lp(snapshot_id.encode("utf-8")) + user_id)


def derive(scheme: Scheme, key: bytes, part: int, group: str, code: str) -> tuple[bytes, bytes]:
    """The salt and the order key of one leaf."""
    if len(key) != KEY_SIZE:
        raise ValueError("a key has 32 bytes")
    message = key + le(part, 2) + lp(group.encode("utf-8")) + lp(code.encode("ascii"))
    d = scheme.hash.tag(LABEL_LIABILITY, message)
    return d[:16], d[16:32]


def leaf_data(salt: bytes, part: int, parts: int, user_id: bytes) -> bytes:
    if not 1 <= len(user_id) <= MAX_ID or not 0 <= part < parts <= MAX_PARTS:
        raise ValueError("an id of 1 to 65,535 bytes, a part of at most 65,535")
    return salt + le(part, 2) + le(parts, 2) + user_id


def context(origin: str, snapshot_id: str, asset: Asset, decimals: int) -> bytes:
    """What a tree is about: its roots fit no other operator, snapshot, asset, group or unit."""
    code, group = asset
    texts = (origin, snapshot_id, code, group)
    return b"".join(lp(text.encode("utf-8")) for text in texts) + le(decimals, 1)


def asset_head(statement: Statement, row: StatementAsset) -> SumHead:
    """The head of one asset, rebuilt from the statement alone."""
    about = context(statement.origin, statement.snapshot_id, (row.code, row.group), row.decimals)
    return SumHead(statement.scheme.with_context(about), row.leaves, row.root, row.total)


def digest(statement: Statement) -> bytes:
    return statement.scheme.hash.tag(LABEL_STATEMENT, encode(statement))


def commit(
    holdings: Sequence[Holding],
    keys: Mapping[bytes, bytes],
    decimals: Mapping[Asset, int],
    draft: Statement,
    state_holders: bool = True,
) -> Snapshot:
    """The snapshot of these holdings. ``decimals`` lists the assets; ``draft`` has no assets yet."""
    if len({(one.user_id, one.code, one.group) for one in holdings}) != len(holdings):
        raise ValueError("a customer twice in one asset")
    if any(amount < 1 for one in holdings for amount in one.parts):
        raise ValueError("a part of at least 1")
    leaves = {asset: _leaves(draft.scheme, asset, holdings, keys) for asset in sorted(decimals)}
    rows = []
    for asset, placed in leaves.items():
        about = draft.scheme.with_context(context(draft.origin, draft.snapshot_id, asset, decimals[asset]))
        trusted = sums.head_of_nodes(about, [leaf.node for leaf in placed])
        holders = len({leaf.user_id for leaf in placed}) if state_holders else NOT_STATED
        row = (*asset, decimals[asset], trusted.size, holders, trusted.total, trusted.root)
        rows.append(StatementAsset(*row))
    made = Statement(
        draft.origin,
        draft.sequence,
        draft.snapshot_id,
        draft.time,
        draft.previous,
        draft.scheme,
        tuple(rows),
    )
    return Snapshot(made, leaves)


def _leaves(
    scheme: Scheme, asset: Asset, holdings: Sequence[Holding], keys: Mapping[bytes, bytes]
) -> tuple[Leaf, ...]:
    """The leaves of one asset, in the order of their order keys and digests."""
    made = []
    for holding in holdings:
        if (holding.code, holding.group) != asset:
            continue
        for part, amount in enumerate(holding.parts):
            salt, order = derive(scheme, keys[holding.user_id], part, holding.group, holding.code)
            data = leaf_data(salt, part, len(holding.parts), holding.user_id)
            node = sums.leaf(scheme, data, amount)
            made.append(Leaf(holding.user_id, part, amount, salt, order, node))
    return tuple(sorted(made, key=lambda leaf: (leaf.order, leaf.node.digest)))


def receipt(snapshot: Snapshot, user_id: bytes) -> Receipt:
    """All that one customer has, with its proofs."""
    assets = []
    for (code, group), leaves in snapshot.leaves.items():
        nodes = [leaf.node for leaf in leaves]
        own = sorted((leaf.part, index) for index, leaf in enumerate(leaves) if leaf.user_id == user_id)
        parts = tuple(
            ReceiptPart(
                index,
                leaves[index].amount,
                leaves[index].salt,
                sums.prove(snapshot.statement.scheme, nodes, index),
            )
            for _, index in own
        )
        if parts:
            assets.append(ReceiptAsset(code, group, parts))
    if not assets:
        raise KeyError("no holding")
    return Receipt(digest(snapshot.statement), tuple(assets))
