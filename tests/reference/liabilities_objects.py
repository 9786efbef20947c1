"""Statements, receipts and equivocations as values (docs/spec/liabilities.md)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.objects import SumInclusionProof
from tests.reference.schemes import Scheme

NOT_STATED = 2**64 - 1  # holders


@dataclass(frozen=True)
class StatementAsset:
    """The tree of one asset, or of one group of it."""

    code: str
    group: str
    decimals: int
    leaves: int
    holders: int
    total: int
    root: bytes


@dataclass(frozen=True)
class Statement:
    """What an operator owes at one time, asset by asset."""

    origin: str
    sequence: int
    snapshot_id: str
    time: int
    previous: bytes
    scheme: Scheme
    assets: tuple[StatementAsset, ...]


@dataclass(frozen=True)
class ReceiptPart:
    """One leaf of a customer. Its part number is its place in the list."""

    index: int
    amount: int
    salt: bytes
    proof: SumInclusionProof


@dataclass(frozen=True)
class ReceiptAsset:
    """All leaves of a customer in one tree."""

    code: str
    group: str
    parts: tuple[ReceiptPart, ...]


@dataclass(frozen=True)
class Receipt:
    """What one customer is handed: it proves against a statement, for whoever knows the id."""

    statement: bytes
    assets: tuple[ReceiptAsset, ...]


@dataclass(frozen=True)
class Equivocation:
    """Two signed notes that one operator should not both have signed."""

    first: bytes
    second: bytes
