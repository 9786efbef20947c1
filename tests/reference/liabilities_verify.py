"""What customers check (docs/spec/liabilities.md): receipts, chains of statements, equivocation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from tests.reference.liabilities import MAX_ID, MAX_PARTS, asset_head, digest, leaf_data
from tests.reference.liabilities_objects import Receipt, ReceiptAsset, Statement, StatementAsset
from tests.reference.refusals import (
    AMOUNT_OUT_OF_RANGE,
    ASSET_ORDER,
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    MALFORMED_LEAF,
    OTHER_STATEMENT,
    SUM_OVERFLOW,
    UNEXPECTED_BALANCE,
    UNKNOWN_ASSET,
    Refused,
)
from tests.reference.sum_verify import verify as verify_sum
from tests.reference.sums import MAX_AMOUNT

OTHER_ORIGIN = "OTHER_ORIGIN"
NOT_NEXT = "NOT_NEXT"
OTHER_PREVIOUS = "OTHER_PREVIOUS"
SAME_SNAPSHOT = "SAME_SNAPSHOT"
EARLIER = "EARLIER"
ASSET_GONE = "ASSET_GONE"
OTHER_DECIMALS = "OTHER_DECIMALS"

SEQUENCE = "sequence"
SNAPSHOT_ID = "snapshot_id"
PREVIOUS = "previous"


def verify(
    statement: Statement, receipt: Receipt, user_id: bytes, expected: Mapping[str, int] | None = None
) -> dict[str, int]:
    """What is proven, by code, in minor units; or raise :class:`Refused`."""
    if receipt.statement != digest(statement):
        raise Refused(OTHER_STATEMENT)
    if not receipt.assets:
        raise Refused(EMPTY_CLAIM)
    if any((a.code, a.group) >= (b.code, b.group) for a, b in pairwise(receipt.assets)):
        raise Refused(ASSET_ORDER)
    if not 1 <= len(user_id) <= MAX_ID:
        raise Refused(MALFORMED_LEAF)
    rows = {(row.code, row.group): row for row in statement.assets}
    proven: Counter[str] = Counter()
    for asset in receipt.assets:
        row = rows.get((asset.code, asset.group))
        if row is None:
            raise Refused(UNKNOWN_ASSET)
        proven[asset.code] += _verify_asset(statement, row, asset, user_id)
        if proven[asset.code] > MAX_AMOUNT:
            raise Refused(SUM_OVERFLOW)
    if expected is not None and {code: owed for code, owed in expected.items() if owed} != proven:
        raise Refused(UNEXPECTED_BALANCE)
    return dict(proven)


def _verify_asset(statement: Statement, row: StatementAsset, asset: ReceiptAsset, user_id: bytes) -> int:
    """What the parts add to. Their leaves differ, so it is at most the total."""
    count = len(asset.parts)
    if count == 0:
        raise Refused(EMPTY_CLAIM)
    if count > MAX_PARTS:
        raise Refused(MALFORMED_LEAF)
    if len({part.index for part in asset.parts}) != count:
        raise Refused(DUPLICATE_INDEX)
    if any(part.amount == 0 for part in asset.parts):
        raise Refused(AMOUNT_OUT_OF_RANGE)
    trusted = asset_head(statement, row)
    for number, part in enumerate(asset.parts):
        data = leaf_data(part.salt, number, count, user_id)
        verify_sum(trusted, part.index, data, part.amount, part.proof)
    return sum(part.amount for part in asset.parts)


def follows(newer: Statement, older: Statement) -> str | None:
    """Why one statement is not the next after another; None if it is."""
    listed = {(row.code, row.group) for row in newer.assets}
    decimals = {row.code: row.decimals for row in newer.assets}
    checks = (
        (OTHER_ORIGIN, newer.origin == older.origin),
        (NOT_NEXT, newer.sequence == older.sequence + 1),
        (OTHER_PREVIOUS, newer.previous == digest(older)),
        (SAME_SNAPSHOT, newer.snapshot_id != older.snapshot_id),
        (EARLIER, newer.time >= older.time),
        (ASSET_GONE, all((row.code, row.group) in listed for row in older.assets)),
        (
            OTHER_DECIMALS,
            all(decimals[row.code] == row.decimals for row in older.assets if row.code in decimals),
        ),
    )
    return next((reason for reason, right in checks if not right), None)


def verify_chain(statements: Sequence[Statement]) -> None:
    """Each follows the one before it, and no snapshot id stands twice; or raise :class:`Refused`."""
    if not statements:
        raise Refused(EMPTY_CLAIM)
    for older, newer in pairwise(statements):
        reason = follows(newer, older)
        if reason is not None:
            raise Refused(reason)
    if any(a.snapshot_id == b.snapshot_id for a, b in combinations(statements, 2)):
        raise Refused(SAME_SNAPSHOT)


def equivocation(a: Statement, b: Statement) -> str | None:
    """In what two different statements of one origin clash; None if they do not."""
    if digest(a) == digest(b) or a.origin != b.origin:
        return None
    clashes = (
        (SEQUENCE, a.sequence == b.sequence),
        (SNAPSHOT_ID, a.snapshot_id == b.snapshot_id),
        (PREVIOUS, a.previous == b.previous and a.sequence > 0),
    )
    return next((name for name, there in clashes if there), None)
