"""Snapshots against the twin: every statement and every receipt, byte for byte."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import tallystick as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tallystick import liabilities
from tallystick.liabilities import Receipt, Snapshot, Statement

from tests.reference import codec
from tests.reference.liabilities import Asset, Holding, commit, customer_key, digest, receipt
from tests.reference.liabilities_objects import NOT_STATED
from tests.reference.liabilities_objects import Statement as TwinStatement
from tests.reference.schemes import NATIVE_SUM, Scheme

SECRET = bytes(range(32))
ORIGIN = "exchange.example"
DAY = "2026-01-01"
ASSETS = {"ADA": 6, "BTC": 8, "USD": 2}

amounts = st.integers(0, 9) | st.integers(0, 2**64) | st.integers(0, 2**122)
ids = st.binary(min_size=1, max_size=40)
balances = st.dictionaries(
    ids, st.fixed_dictionaries(dict.fromkeys(ASSETS, amounts)), min_size=1, max_size=24
)
Balances = dict[bytes, dict[str, int]]


def wide(held: Balances) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {"user": list(held)}
    return columns | {code: [row[code] for row in held.values()] for code in ASSETS}


def long(held: Balances) -> dict[str, list[object]]:
    rows = [
        (user, code, amount)
        for code in reversed(ASSETS)
        for user, row in held.items()
        for amount in [row[code]]
    ]
    user, code, amount = zip(*rows, strict=True) if rows else ((), (), ())
    return {"user": list(user), "asset": list(code), "amount": list(amount)}


def built(held: Balances, **options: object) -> Snapshot:
    table = {
        "id": "user",
        "assets": ASSETS,
        "origin": ORIGIN,
        "snapshot_id": DAY,
        "time": 7,
        "secret": SECRET,
    }
    return liabilities.commit(wide(held), **(table | options))  # type: ignore[arg-type]


def twin_of(
    holdings: list[Holding], hash_name: str = "blake3", **changed: object
) -> tuple[TwinStatement, list[bytes]]:
    """The statement, and the receipt of each customer, in their order."""
    users = list(dict.fromkeys(holding.user_id for holding in holdings))
    keys = {user: customer_key(SECRET, DAY, user) for user in users}
    draft = TwinStatement(ORIGIN, 0, DAY, 7, bytes(32), Scheme(NATIVE_SUM, hash_name), ())
    decimals: dict[Asset, int] = {(code, ""): value for code, value in ASSETS.items()}
    snapshot = commit(holdings, keys, decimals, draft, **changed)  # type: ignore[arg-type]
    return snapshot.statement, [codec.encode(receipt(snapshot, user)) for user in users]


def whole(held: Balances) -> list[Holding]:
    return [
        Holding(user, code, "", (amount,))
        for user, row in held.items()
        for code, amount in row.items()
        if amount
    ]


@settings(max_examples=60, deadline=None)
@given(balances)
def test_snapshots_are_the_twins(held: Balances) -> None:
    statement, receipts = twin_of(whole(held))
    snapshot = built(held)
    assert snapshot.statement.to_bytes() == codec.encode(statement)
    assert snapshot.statement.digest == digest(statement)
    assert [each.to_bytes() for _, each in snapshot.receipts()] == receipts
    made = [chunk[place] for chunk in snapshot.encoded_receipts(chunk=3) for place in range(len(chunk))]
    assert made == receipts
    for user, row in held.items():
        expected = {code: amount for code, amount in row.items() if amount}
        if not expected:
            with pytest.raises(KeyError):
                snapshot.receipt(user)
            continue
        assert snapshot.statement.verify(snapshot.receipt(user), user, expected) == expected


@settings(max_examples=20, deadline=None)
@given(held=balances)
def test_wide_and_long_tables_give_one_statement(held: Balances) -> None:
    options = {
        "id": "user",
        "assets": ASSETS,
        "origin": ORIGIN,
        "snapshot_id": DAY,
        "time": 7,
        "secret": SECRET,
    }
    other = liabilities.commit(long(held), asset="asset", amount="amount", **options)  # type: ignore[arg-type]
    assert other.statement == built(held).statement


@settings(max_examples=30, deadline=None)
@given(held=balances, parts=st.integers(1, 70), leaves=st.integers(0, 60))
def test_split_snapshots_are_rebuilt_from_their_receipts(held: Balances, parts: int, leaves: int) -> None:
    """How an amount is split is up to the operator: the twin is told by the receipts, and makes all else."""
    total = {code: sum(row[code] for row in held.values()) for code in ASSETS}
    least = {code: leaves for code in ASSETS if total[code] >= leaves}
    snapshot = built(held, parts=parts, leaves=least)
    found = defaultdict(dict)
    for user, each in snapshot.receipts():
        for asset in each.assets:
            found[user][asset.code] = tuple(part.amount for part in asset.parts)
    holdings = [Holding(user, code, "", found[user][code]) for user in found for code in found[user]]
    statement, receipts = twin_of(holdings)
    assert snapshot.statement.to_bytes() == codec.encode(statement)
    assert [each.to_bytes() for _, each in snapshot.receipts()] == receipts
    for code, head in snapshot.statement.assets.items():
        assert head.leaves >= (least.get(code, 0) if total[code] else 0)
        assert head.holders == sum(row[code] > 0 for row in held.values())
    for holding in holdings:
        assert sum(holding.parts) == held[holding.user_id][holding.code]
        assert len(holding.parts) <= max(parts, leaves)


HELD: Balances = {
    b"user-%d" % number: {"ADA": number % 3 * 10**20, "BTC": number, "USD": number % 7}
    for number in range(300)
}


@pytest.mark.parametrize("name", [name for name in ts.schemes.names() if ts.schemes.get(name).kind == "sum"])
def test_every_scheme(name: str) -> None:
    statement, receipts = twin_of(whole(HELD), name.removeprefix("native_sum/"), state_holders=False)
    snapshot = built(HELD, scheme=ts.schemes.get(name), state_holders=False)
    assert snapshot.statement.to_bytes() == codec.encode(statement)
    assert statement.assets[0].holders == NOT_STATED
    assert snapshot.statement.assets["BTC"].holders is None
    assert [each.to_bytes() for _, each in snapshot.receipts()] == receipts


def test_memory_and_files_and_threads_are_no_difference(tmp_path: Path) -> None:
    held = {b"%d" % number: {"ADA": 0, "BTC": number, "USD": number % 2} for number in range(20_000)}
    snapshot = built(held, parts=3)
    folders = [tmp_path / "built", tmp_path / "saved"]
    built(held, parts=3, path=folders[0])
    snapshot.save(folders[1])
    ts.set_threads(1)
    try:
        alone = built(held, parts=3)
    finally:
        ts.set_threads(None)
    assert alone.statement == snapshot.statement
    names = sorted(path.relative_to(folders[0]) for path in folders[0].rglob("*") if path.is_file())
    assert len(names) == 4 + 2 * len(ASSETS)
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    opened = liabilities.open(folders[0])
    assert opened.statement == snapshot.statement
    for number in (1, 77, 19_999):
        assert opened.receipt(b"%d" % number) == snapshot.receipt(str(number))
    everyone = [
        one for chunk in opened.encoded_receipts() for one in zip(chunk.ids, range(len(chunk)), strict=True)
    ]
    assert len(everyone) == 19_999


def test_a_chain_of_days() -> None:
    days = [built(HELD)]
    for day in range(1, 4):
        days.append(built(HELD, snapshot_id=f"2026-01-{day + 1:02}", previous=days[-1].statement))
    statements: list[Statement] = [day.statement for day in days]
    assert [statement.sequence for statement in statements] == [0, 1, 2, 3]
    liabilities.verify_chain(statements)
    roots = {statement.assets["BTC"].root for statement in statements}
    assert len(roots) == 4
    salts = {each.assets[0].parts[0].salt for each in (day.receipt("user-1") for day in days)}
    assert len(salts) == 4


def test_a_receipt_is_its_bytes() -> None:
    snapshot = built(HELD)
    one = snapshot.receipt("user-5")
    assert Receipt.from_bytes(one.to_bytes()) == one
