"""The customers and statements from which vectors and tests of liabilities are made."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.reference.liabilities import Asset, Holding, Snapshot, commit, customer_key, digest
from tests.reference.liabilities_objects import Statement
from tests.reference.samples import pattern
from tests.reference.schemes import NATIVE_SUM, Scheme

SECRET = pattern(32)
ORIGIN = "exchange.example/liabilities"
SEED = pattern(64)[32:]
KEY_NAME = "exchange.example"
BLAKE3 = Scheme(NATIVE_SUM, "blake3")
SHA256 = Scheme(NATIVE_SUM, "sha256")

DECIMALS: dict[Asset, int] = {
    ("BTC", ""): 8,
    ("ETH", ""): 18,
    ("EUR", "Z\u00fcrich west"): 2,
    ("USD", ""): 2,
    ("USD", "EU"): 2,
    ("X-1.A", ""): 0,
}
HOLDINGS = (
    Holding(b"customer-1", "BTC", "", (150_000_000,)),
    Holding(b"customer-1", "ETH", "", (2 * 10**18,)),
    Holding(b"customer-1", "USD", "EU", (12_345,)),
    Holding(b"customer-2", "BTC", "", (1,)),
    Holding(b"customer-3", "BTC", "", (5, 7, 11)),
    Holding(b"customer-3", "USD", "", (100,)),
    Holding(b"customer-3", "USD", "EU", (40, 2)),
    Holding(b"customer-4", "ETH", "", (10**30,)),
    Holding(b"customer-5", "BTC", "", (2**64, 2**63)),
    Holding("kundin-\u00e4".encode(), "BTC", "", (3,)),
    Holding(b"\x00\xff", "ETH", "", (1,)),
    Holding(b"customer-6", "EUR", "Z\u00fcrich west", (2**127,)),
)
IDS = tuple(dict.fromkeys(holding.user_id for holding in HOLDINGS))
MINUS_4 = tuple(holding for holding in HOLDINGS if holding.user_id != b"customer-4")


def keys(snapshot_id: str, secret: bytes = SECRET) -> dict[bytes, bytes]:
    return {user_id: customer_key(secret, snapshot_id, user_id) for user_id in IDS}


@cache
def snapshot(
    sequence: int = 0,
    scheme: Scheme = BLAKE3,
    *,
    origin: str = ORIGIN,
    holdings: tuple[Holding, ...] = HOLDINGS,
    state_holders: bool = True,
    secret: bytes = SECRET,
) -> Snapshot:
    """The snapshot of one day, behind those of the days before."""
    snapshot_id = f"2026-01-{sequence + 1:02}"
    before = snapshot(sequence - 1, scheme, origin=origin, secret=secret) if sequence else None
    previous = digest(before.statement) if before else bytes(32)
    time = 1_767_225_600 + 86_400 * sequence
    draft = Statement(origin, sequence, snapshot_id, time, previous, scheme, ())
    return commit(holdings, keys(snapshot_id, secret), DECIMALS, draft, state_holders)


def statement(sequence: int = 0) -> Statement:
    return snapshot(sequence).statement


def other_of(sequence: int) -> Statement:
    """A second statement in the place of one: a customer less."""
    return snapshot(sequence, holdings=MINUS_4).statement


def without_assets(sequence: int = 0) -> Statement:
    return replace(statement(sequence), assets=())
