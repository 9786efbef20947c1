"""OKX's first format and Bybit's, against the twin: sizes, places, and every field changed."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
import tallystick as ts
from tallystick.liabilities import published

from tests.reference.published import chains as twin
from tests.unit.published import Place, check_mutations, decimals, reason

BYBIT = twin.Format(("MNT", "BTC", "DOGE", "ETH"), (8, 8, 8, 8))
USER = "0123456789abcdef" * 4
SIZES = (1, 2, 3, 4, 5, 7, 8, 11, 16, 21, 33)


def beside_padding(document: dict, at: Place) -> bool:
    """Whether it is a side of padding, or of a leaf beside it: both have one hash, so either side is."""
    place = at[1] if at[0:1] == ("path",) and len(at) == 3 else 0
    return at[-1:] == ("type",) and document["path"][place]["type"] == 4


def okx_amounts(rng: random.Random) -> tuple[Decimal, ...]:
    return tuple(Decimal(rng.choice([0, 1, 10, 123456789, rng.randrange(10**15)])) / 10**8 for _ in range(3))


def okx_tree(size: int) -> list[list[twin.Node]]:
    rng = random.Random(size)
    return twin.OKX.levels([twin.okx_leaf(f"n{at}", okx_amounts(rng)) for at in range(size)])


def okx_root(levels: list[list[twin.Node]]) -> dict[str, object]:
    return {"root": levels[-1][0].hash, "totals": twin.OKX.named(levels[-1][0].sums)}


def bybit_tree(size: int) -> list[list[twin.Node]]:
    rng = random.Random(size)
    leaves = []
    for _ in range(size):
        amounts = tuple(Decimal(rng.choice([0, rng.randrange(10**14)])) / 10**8 for _ in range(4))
        leaves.append(twin.bybit_leaf(BYBIT, USER, amounts))
    return BYBIT.levels(leaves)


def bybit_root(levels: list[list[twin.Node]]) -> dict[str, object]:
    totals = dict(zip(BYBIT.coins, levels[-1][0].sums, strict=True))
    coins = dict.fromkeys(BYBIT.coins, 8)
    return {"root": levels[-1][0].hash, "totals": totals, "coins": coins, "user_hash": USER}


@pytest.mark.parametrize("size", SIZES)
def test_okx_every_customer_is_verified(size: int) -> None:
    levels = okx_tree(size)
    offset = len(levels[0]) - size
    for place in range(size):
        document = twin.okx_file(levels, place + offset, f"n{place}")
        own = levels[0][place + offset]
        assert twin.accepts(twin.OKX, document, "balances")
        held = twin.OKX.named(own.sums)
        result = published.okx_v1.verify(json.dumps(document), **okx_root(levels), expected=held)
        assert tuple(result.balances.values()) == own.sums
        assert result.totals == dict(zip(twin.OKX.coins, levels[-1][0].sums, strict=True))
        assert result.root.hex() == levels[-1][0].hash
        assert not result.sound
        assert result.weaknesses[0].number == 1


@pytest.mark.parametrize("size", SIZES)
def test_bybit_every_customer_is_verified(size: int) -> None:
    levels = bybit_tree(size)
    offset = len(levels[0]) - size
    for place in range(size):
        document = twin.bybit_file(BYBIT, levels, place + offset, USER)
        assert twin.accepts(BYBIT, document, "balance")
        result = published.bybit.verify(json.dumps(document).encode(), **bybit_root(levels))
        assert tuple(result.balances.values()) == levels[0][place + offset].sums
        assert not result.sound


@pytest.mark.parametrize(("size", "place"), [(2, 0), (3, 1), (3, 3), (6, 2)])
def test_okx_every_change_is_refused(size: int, place: int) -> None:
    levels = okx_tree(size)
    place = min(place, len(levels[0]) - 1)
    nonce = f"n{place - (len(levels[0]) - size)}"
    document = twin.okx_file(levels, place, nonce)
    trusted = okx_root(levels)
    published.okx_v1.verify(json.dumps(document), **trusted)

    def free(at: Place, _: object) -> bool:
        return beside_padding(document, at)

    assert check_mutations(document, lambda text: published.okx_v1.verify(text, **trusted), free) > 300


@pytest.mark.parametrize(("size", "place"), [(2, 1), (5, 3)])
def test_bybit_every_change_is_refused(size: int, place: int) -> None:
    levels = bybit_tree(size)
    document = twin.bybit_file(BYBIT, levels, place, USER)
    trusted = bybit_root(levels)

    def free(at: Place, what: object) -> bool:
        # No hash has what the file calls them.
        unhashed = ("auditId", "nonce")
        named = bool(at) and at[-1] in unhashed
        return named or what in [("without", key) for key in unhashed] or beside_padding(document, at)

    verify = lambda text: published.bybit.verify(text, **trusted)  # noqa: E731
    assert check_mutations(document, verify, free) > 300


def test_negative_amounts_are_refused_although_the_format_takes_them() -> None:
    alice = twin.okx_leaf("a", decimals("100", "0", "0"))
    nobody = twin.okx_leaf("b", decimals("-90", "0", "0"))
    levels = twin.OKX.levels([alice, nobody])
    document = twin.okx_file(levels, 0, "a")
    assert twin.accepts(twin.OKX, document, "balances")
    assert levels[-1][0].sums[0] == 10
    refusal = reason(lambda: published.okx_v1.verify(json.dumps(document), **okx_root(levels)))
    assert refusal is ts.Reason.AMOUNT_OUT_OF_RANGE
    document["path"][0]["balances"]["BTC"] = "-0"
    with pytest.raises(ts.DecodeError, match="negative zero"):
        published.okx_v1.verify(json.dumps(document), **okx_root(levels))


def test_reasons() -> None:
    levels = okx_tree(5)
    document = json.dumps(twin.okx_file(levels, 2, "n1"))
    trusted = okx_root(levels)
    verify = published.okx_v1.verify
    with pytest.raises(ts.RootMismatch) as caught:
        verify(document, root=bytes(32), totals=trusted["totals"])
    assert (caught.value.expected, caught.value.computed.hex()) == (bytes(32), levels[-1][0].hash)
    more = {**trusted["totals"], "BTC": 10**9}
    assert reason(lambda: verify(document, root=trusted["root"], totals=more)) is ts.Reason.TOTAL_MISMATCH
    less = {"BTC": trusted["totals"]["BTC"]}
    assert reason(lambda: verify(document, root=trusted["root"], totals=less)) is ts.Reason.TOTAL_MISMATCH
    other = {"BTC": "123"}
    assert reason(lambda: verify(document, **trusted, expected=other)) is ts.Reason.UNEXPECTED_BALANCE
    bybit = bybit_tree(2)
    text = json.dumps(twin.bybit_file(BYBIT, bybit, 0, USER))
    stranger = {**bybit_root(bybit), "user_hash": "f" * 64}
    assert reason(lambda: published.bybit.verify(text, **stranger)) is ts.Reason.LEAF_MISMATCH
    # Another order of coins is another file: the order is not believed to be the file's.
    turned = {**bybit_root(bybit), "coins": dict.fromkeys(reversed(BYBIT.coins), 8)}
    assert reason(lambda: published.bybit.verify(text, **turned)) is ts.Reason.LEAF_MISMATCH


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "1",
        "{}",
        "nul",
        "\ufeff{}",
        "[" * 100_000,
        '{"self":1,"self":1,"path":[]}',
        '{"self":NaN}',
        b"\xff",
    ],
)
def test_what_is_no_file_is_told(document: str | bytes) -> None:
    for verify, more in (
        (published.okx_v1.verify, {}),
        (published.bybit.verify, {"coins": {"BTC": 8}, "user_hash": USER}),
        (published.bitget.verify, {"encrypt_uid": "1"}),
        (published.mexc.verify, {"proof_id": "1", "account_id": "1"}),
    ):
        digits = {"bitget": 16, "mexc": 32}.get(verify.__module__.rpartition(".")[2], 64)
        with pytest.raises(ts.DecodeError):
            verify(document, root="0" * digits, totals={}, **more)


def test_misuse() -> None:
    levels = okx_tree(2)
    document = json.dumps(twin.okx_file(levels, 0, "n0"))
    trusted = okx_root(levels)
    verify = published.okx_v1.verify
    with pytest.raises(TypeError, match="root"):
        verify(document, root=None, totals={})
    with pytest.raises(ValueError, match="64 lower-case"):
        verify(document, root="0" * 63, totals={})
    with pytest.raises(TypeError, match="float"):
        verify(document, root=trusted["root"], totals={"BTC": 0.5})
    with pytest.raises(TypeError, match="bool"):
        verify(document, root=trusted["root"], totals={"BTC": True})
    for amount in (
        -1,
        "-1",
        "1e3",
        " 1",
        "\u0661",
        Decimal("NaN"),
        Decimal("1e900"),
        Decimal("0.000000001"),
        10**99,
    ):
        with pytest.raises(ValueError, match="totals"):
            verify(document, root=trusted["root"], totals={"BTC": amount})
    with pytest.raises(TypeError, match="the file"):
        verify(json.loads(document), **trusted)
    for coins in ({"BTC": 8.0}, {1: 8}):
        with pytest.raises(TypeError):
            published.bybit.verify(document, root=trusted["root"], totals={}, coins=coins, user_hash=USER)
    for coins in ({}, {"BTC": 19}, {"B T": 8}):
        with pytest.raises(ValueError, match="coin"):
            published.bybit.verify(document, root=trusted["root"], totals={}, coins=coins, user_hash=USER)
