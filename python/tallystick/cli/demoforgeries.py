"""Forgeries that the demonstration tries: what a dishonest operator, or customer, might show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import tallystick as ts
from tallystick.cli.demoreport import Refusal
from tallystick.cli.failures import Failure
from tallystick.errors import InvalidProof
from tallystick.liabilities import (
    AssetHead,
    Ed25519Verifier,
    Receipt,
    ReceiptAsset,
    ReceiptPart,
    Statement,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a customer has: the key, two statements, the newer one's receipt, the id, what is expected."""

    verifier: Ed25519Verifier
    older: Statement
    newer: Statement
    old_receipt: Receipt
    receipt: Receipt
    user_id: str
    expected: dict[str, int]


def try_forgeries(seen: Seen) -> list[Refusal]:
    """Return why each forgery was refused; ``Failure`` if one passes."""
    refused = []
    for name, attempt in _forgeries(seen):
        try:
            attempt()
        except InvalidProof as refusal:
            refused.append(Refusal(name, refusal.reason.name, str(refusal)))
        else:
            raise Failure(f"a forgery passed: {name}")
    return refused


def _forgeries(seen: Seen) -> Iterator[tuple[str, Callable[[], object]]]:
    receipt, statement = seen.receipt, seen.newer

    def shown(forged: Receipt, user_id: str = seen.user_id) -> Callable[[], object]:
        return lambda: statement.verify(forged, user_id, seen.expected)

    yield "a sum beside the path is one less", shown(_with_part(receipt, _smaller_sum))
    yield "the amount is one minor unit more", shown(_with_part(receipt, _larger_amount))
    yield "the receipt is shown to somebody else", shown(receipt, "customer-000002")
    yield "an asset is left out", shown(Receipt(receipt.statement, receipt.assets[1:]))
    yield "the receipt is of the day before", shown(seen.old_receipt)
    yield (
        "a total is changed after signing",
        lambda: _smaller_total(statement).verify_signature(seen.verifier),
    )
    yield "the day before is shown as the next", lambda: seen.older.follows(statement)


def _with_part(receipt: Receipt, change: Callable[[ReceiptPart], ReceiptPart]) -> Receipt:
    """Return ``receipt`` with its very first part changed."""
    first, *others = receipt.assets
    part, *parts = first.parts
    forged = ReceiptAsset(first.code, first.group, [change(part), *parts])
    return Receipt(receipt.statement, [forged, *others])


def _smaller_sum(part: ReceiptPart) -> ReceiptPart:
    sums = list(part.proof.sums)
    # The sums near the top are the largest.
    sums[-1] -= 1
    return ReceiptPart(part.index, part.amount, part.salt, ts.SumInclusionProof(part.proof.digests, sums))


def _larger_amount(part: ReceiptPart) -> ReceiptPart:
    return ReceiptPart(part.index, part.amount + 1, part.salt, part.proof)


def _smaller_total(statement: Statement) -> Statement:
    """Return a note with the signatures of ``statement`` in which BTC has a smaller total."""
    (code, head), *others = statement.assets.items()
    smaller = AssetHead(head.decimals, head.leaves, head.holders, head.total - 1, head.root)
    forged = Statement(
        origin=statement.origin,
        sequence=statement.sequence,
        snapshot_id=statement.snapshot_id,
        time=statement.time,
        previous=statement.previous,
        scheme=statement.scheme,
        assets={code: smaller, **dict(others)},
    )
    lines = "".join(f"{line.to_line()}\n" for line in statement.signatures)
    return Statement.from_note(forged.to_note() + lines)
