"""Bitget's format and MEXC's, against their twins: sizes, places, and every field changed."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
import tallystick as ts
from tallystick.liabilities import published

from tests.reference.published import bitget, mexc
from tests.unit.published import Place, check_mutations, reason

SIZES = (2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 21)
COINS = ("BTC", "ETH", "USDT", "USDC")


def amounts(rng: random.Random, coins: tuple[str, ...] = COINS) -> dict[str, Decimal]:
    return {coin: Decimal(rng.choice([0, 1, rng.randrange(10**14)])) / 10**8 for coin in coins}


def bitget_tree(size: int) -> list[list[bitget.Node]]:
    rng = random.Random(size)
    return bitget.levels([bitget.leaf(f"uid{at}", f"{at}", amounts(rng)) for at in range(size)])


def mexc_tree(size: int) -> list[list[mexc.Node]]:
    rng = random.Random(size)
    leaves = []
    for at in range(size):
        coins = tuple(rng.sample([*COINS, "MX", "DOGE"], rng.randrange(1, 4)))
        leaves.append(mexc.leaf("PR-1", str(at), amounts(rng, coins)))
    return mexc.levels(leaves)


def bitget_root(tree: list[list[bitget.Node]]) -> dict[str, object]:
    return {"root": tree[-1][0].hash, "totals": tree[-1][0].amounts}


def mexc_root(tree: list[list[mexc.Node]]) -> dict[str, object]:
    return {"root": tree[-1][0].hash, "totals": tree[-1][0].amounts, "proof_id": "PR-1"}


@pytest.mark.parametrize("size", SIZES)
def test_bitget_every_customer_is_verified(size: int) -> None:
    tree = bitget_tree(size)
    for place in range(size):
        document = bitget.file(tree, place, f"uid{place}", f"{place}")
        assert bitget.accepts(document)
        text = json.dumps(document)
        result = published.bitget.verify(text, **bitget_root(tree), encrypt_uid=f"uid{place}")
        assert result.balances == tree[0][place].amounts
        assert result.totals == tree[-1][0].amounts
        assert not result.sound
        assert (
            published.bitget.verify(text, **bitget_root(tree), encrypt_uid=f"uid{place}", coins=COINS)
            == result
        )
        stranger = lambda text=text: published.bitget.verify(text, **bitget_root(tree), encrypt_uid="x")  # noqa: E731
        assert reason(stranger) is ts.Reason.LEAF_MISMATCH


@pytest.mark.parametrize("size", [1, *SIZES])
@pytest.mark.parametrize("empty", [True, False])
def test_mexc_every_customer_is_verified(size: int, empty: bool) -> None:
    tree = mexc_tree(size)
    for place in range(size) if size > 1 else ():
        document = mexc.file(tree, place, "PR-1", str(place), empty=empty)
        assert mexc.accepts(document)
        text = json.dumps(document)
        result = published.mexc.verify(text, **mexc_root(tree), account_id=str(place))
        assert result.balances == tree[0][place].amounts
        assert result.totals == tree[-1][0].amounts
        assert not result.sound
        stranger = lambda text=text: published.mexc.verify(text, **mexc_root(tree), account_id="x")  # noqa: E731
        assert reason(stranger) is ts.Reason.LEAF_MISMATCH


@pytest.mark.parametrize(("size", "place"), [(2, 0), (5, 4), (6, 3)])
def test_bitget_every_change_is_refused(size: int, place: int) -> None:
    tree = bitget_tree(size)
    document = bitget.file(tree, place, f"uid{place}", f"{place}")
    trusted = bitget_root(tree)

    def free(at: Place, what: object) -> bool:
        if at[-1:] == ("auditId",) or what == ("without", "auditId"):
            return True
        # What is empty has its sibling's hash: either side is the same.
        beside = at[1] if at[:1] == ("path",) and len(at) == 3 else 0
        return at[-1:] == ("role",) and document["path"][beside]["role"] == 0

    def verify(text: str) -> object:
        return published.bitget.verify(text, **trusted, encrypt_uid=f"uid{place}")

    verify(json.dumps(document))
    assert check_mutations(document, verify, free) > 300


@pytest.mark.parametrize(("size", "place"), [(2, 0), (5, 4), (6, 3)])
@pytest.mark.parametrize("empty", [True, False])
def test_mexc_every_change_is_refused(size: int, place: int, empty: bool) -> None:
    tree = mexc_tree(size)
    document = mexc.file(tree, place, "PR-1", str(place), empty=empty)
    trusted = mexc_root(tree)

    def free(at: Place, what: object) -> bool:
        # A sibling may leave out a coin of which it has nothing, and a missing one may be stated or left out.
        if (
            at[-1:] == ("balances",)
            and at[0] == "pathList"
            and isinstance(what, tuple)
            and what[0] == "without"
        ):
            return document["pathList"][at[1]]["balances"][what[1]] == "0"
        if at == ("pathList",) and isinstance(what, tuple) and what[0] == "without":
            return not document["pathList"][what[1]]["hash"]
        return False

    def verify(text: str) -> object:
        return published.mexc.verify(text, **trusted, account_id=str(place))

    verify(json.dumps(document))
    assert check_mutations(document, verify, free) > 200


def test_negative_amounts_are_refused_although_the_formats_take_them() -> None:
    less = [{"BTC": Decimal(100)}, {"BTC": Decimal(-90)}]
    tree = bitget.levels([bitget.leaf(str(at), "1", held) for at, held in enumerate(less)])
    document = bitget.file(tree, 0, "0", "1")
    assert bitget.accepts(document)
    trusted = {"root": tree[-1][0].hash, "totals": {"BTC": 10}}
    refusal = reason(lambda: published.bitget.verify(json.dumps(document), **trusted, encrypt_uid="0"))
    assert refusal is ts.Reason.AMOUNT_OUT_OF_RANGE
    other = mexc.levels([mexc.leaf("P", str(at), held) for at, held in enumerate(less)])
    text = json.dumps(mexc.file(other, 0, "P", "0", empty=False))
    assert mexc.accepts(json.loads(text))
    trusted = {"root": other[-1][0].hash, "totals": {"BTC": 10}}
    refusal = reason(lambda: published.mexc.verify(text, **trusted, proof_id="P", account_id="0"))
    assert refusal is ts.Reason.AMOUNT_OUT_OF_RANGE


def test_reasons() -> None:
    tree = bitget_tree(5)
    text = json.dumps(bitget.file(tree, 2, "uid2", "2"))
    with pytest.raises(ts.RootMismatch):
        published.bitget.verify(text, root=bytes(8), totals=tree[-1][0].amounts, encrypt_uid="uid2")
    more = {**tree[-1][0].amounts, "BTC": 1}
    verify = published.bitget.verify
    refusal = reason(lambda: verify(text, root=tree[-1][0].hash, totals=more, encrypt_uid="uid2"))
    assert refusal is ts.Reason.TOTAL_MISMATCH
    with pytest.raises(TypeError, match="coins"):
        verify(text, **bitget_root(tree), encrypt_uid="uid2", coins="BTC")
    with pytest.raises(ValueError, match="coins"):
        verify(text, **bitget_root(tree), encrypt_uid="uid2", coins=["BTC", "BTC"])
    with pytest.raises(TypeError, match="encrypt_uid"):
        verify(text, **bitget_root(tree), encrypt_uid=2)
    other = mexc_tree(5)
    text = json.dumps(mexc.file(other, 2, "PR-1", "2", empty=False))
    again = {**mexc_root(other), "proof_id": "PR-2"}
    refusal = reason(lambda: published.mexc.verify(text, **again, account_id="2"))
    assert refusal is ts.Reason.LEAF_MISMATCH
    with pytest.raises(ValueError, match="32 lower-case"):
        published.mexc.verify(text, **{**mexc_root(other), "root": bytes(32)}, account_id="2")
    held = {coin: amount for coin, amount in other[0][2].amounts.items() if amount}
    published.mexc.verify(text, **mexc_root(other), account_id="2", expected=held)
    refusal = reason(
        lambda: published.mexc.verify(text, **mexc_root(other), account_id="2", expected={"BTC": 5})
    )
    assert refusal is ts.Reason.UNEXPECTED_BALANCE
