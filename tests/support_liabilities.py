"""The twin's statements and receipts as the library's. No tests, no assertions."""

from __future__ import annotations

import tallystick as ts
from tallystick.liabilities import AssetHead, Receipt, ReceiptAsset, ReceiptPart, Statement

from tests.reference import liabilities_objects as twins
from tests.reference.objects import SumInclusionProof
from tests.support import scheme_of


def statement_of(twin: twins.Statement) -> Statement:
    return Statement(
        origin=twin.origin,
        sequence=twin.sequence,
        snapshot_id=twin.snapshot_id,
        time=twin.time,
        previous=twin.previous,
        scheme=scheme_of(twin.scheme),
        assets={(row.code, row.group): head_of(row) for row in twin.assets},
    )


def head_of(row: twins.StatementAsset) -> AssetHead:
    holders = None if row.holders == twins.NOT_STATED else row.holders
    return AssetHead(row.decimals, row.leaves, holders, row.total, row.root)


def receipt_of(twin: twins.Receipt) -> Receipt:
    return Receipt(
        twin.statement,
        [ReceiptAsset(asset.code, asset.group, map(part_of, asset.parts)) for asset in twin.assets],
    )


def part_of(twin: twins.ReceiptPart) -> ReceiptPart:
    return ReceiptPart(twin.index, twin.amount, twin.salt, proof_of(twin.proof))


def proof_of(twin: SumInclusionProof) -> ts.SumInclusionProof:
    return ts.SumInclusionProof(list(twin.digests), list(twin.sums), digest_size=twin.digest_size)
