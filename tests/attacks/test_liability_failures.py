"""How published trees of liabilities fail, by number, and what stops each here.

The numbers are places in the table of known failures on the specification's page of liabilities.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from tallystick import liabilities
from tallystick.liabilities import Receipt, ReceiptAsset, ReceiptPart, Snapshot, Statement

ABOUT: dict[str, Any] = {"origin": "exchange.example", "snapshot_id": "day 1", "time": 1, "secret": bytes(32)}
ASSETS = {"BTC": 8, "ETH": 18}
USERS = [f"user-{number}" for number in range(40)]
BTC = [number + 1 for number in range(40)]
ETH = [number % 3 * 10**20 for number in range(40)]


def built(**options: Any) -> Snapshot:
    table = {"user": USERS, "BTC": BTC, "ETH": ETH}
    return liabilities.commit(table, **({"id": "user", "assets": ASSETS} | ABOUT | options))


DAY_1 = built()
STATEMENT = DAY_1.statement


def refused(receipt: Receipt, user: str, statement: Statement = STATEMENT, **expected: int) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        statement.verify(receipt, user, expected or None)
    return caught.value.reason


def changed(receipt: Receipt, place: int = 0, **parts: Any) -> Receipt:
    """The receipt with its first part of an asset changed."""
    assets = list(receipt.assets)
    part = assets[place].parts[0]
    own = {"index": part.index, "amount": part.amount, "salt": part.salt, "proof": part.proof} | parts
    assets[place] = ReceiptAsset(assets[place].code, assets[place].group, [ReceiptPart(**own)])
    return Receipt(receipt.statement, assets)


def with_sums(proof: ts.SumInclusionProof, sums: list[int]) -> ts.SumInclusionProof:
    return ts.SumInclusionProof([row.tobytes() for row in proof.digests], sums, digest_size=32)


def test_01_a_node_that_binds_what_its_children_add_to() -> None:
    """Two customers of 100 under a total of 100: each is shown a sibling of nothing."""
    table = {"user": ["alice", "bob"], "BTC": [100, 100]}
    honest = liabilities.commit(table, id="user", assets={"BTC": 8}, **ABOUT)
    head = honest.statement.assets["BTC"]
    claimed = liabilities.AssetHead(head.decimals, head.leaves, head.holders, 100, head.root)
    lie = Statement(
        origin="exchange.example", sequence=0, snapshot_id="day 1", time=1, assets={"BTC": claimed}
    )
    for user in ("alice", "bob"):
        receipt = honest.receipt(user)
        part = receipt.assets[0].parts[0]
        for sums in ([0], [100]):
            forged = changed(Receipt(lie.digest, receipt.assets), proof=with_sums(part.proof, sums))
            assert refused(forged, user, lie) in (ts.Reason.TOTAL_MISMATCH, ts.Reason.ROOT_MISMATCH)
        # Against the honest total, too, a sum of a sibling has one value.
        for sum_ in (0, 99, 101, 2**64):
            forged = changed(receipt, proof=with_sums(part.proof, [sum_]))
            assert refused(forged, user, honest.statement) is ts.Reason.TOTAL_MISMATCH


@pytest.mark.parametrize("amount", [-1, "-1", -(2**63)])
def test_02_negative_amounts(amount: object) -> None:
    table = {"user": ["alice", "dummy"], "BTC": [5, amount]}
    with pytest.raises(ValueError, match="row 1"):
        liabilities.commit(table, id="user", assets={"BTC": 8}, **ABOUT)
    part = DAY_1.receipt("user-5").assets[0].parts[0]
    with pytest.raises(ValueError, match="negative"):
        ReceiptPart(part.index, -5, part.salt, part.proof)
    with pytest.raises(ValueError, match="negative"):
        with_sums(part.proof, [-1] * len(part.proof.sums))
    assert refused(DAY_1.receipt("user-5"), "user-5", BTC=-6) is ts.Reason.UNEXPECTED_BALANCE


def test_03_sums_that_wrap() -> None:
    table = {"user": ["alice", "bob"], "BTC": [2**128 - 5, 10]}
    with pytest.raises(OverflowError, match="BTC"):
        liabilities.commit(table, id="user", assets={"BTC": 8}, **ABOUT)
    receipt = DAY_1.receipt("user-7")
    proof = receipt.assets[0].parts[0].proof
    forged = changed(receipt, proof=with_sums(proof, [2**128 - 1] * len(proof.sums)))
    assert refused(forged, "user-7") is ts.Reason.SUM_OVERFLOW


def test_04_one_leaf_for_two_customers() -> None:
    for other in (*USERS[:7], "user-70", "user", "USER-7", "user-7 ", "user-7\0"):
        assert refused(DAY_1.receipt("user-7"), other) is ts.Reason.ROOT_MISMATCH
    for table in ({"user": ["a", "a"], "BTC": [5, 5]}, {"user": ["a", b"a"], "BTC": [5, 7]}):
        with pytest.raises(ValueError, match="row 1"):
            liabilities.commit(table, id="user", assets={"BTC": 8}, **ABOUT)


def test_05_short_and_weak_digests() -> None:
    with pytest.raises((TypeError, ValueError)):
        ts.schemes.native_sum(ts.hashes.XXH3_128)
    receipt = DAY_1.receipt("user-7")
    proof = receipt.assets[0].parts[0].proof
    for size in (16, 20, 31):
        with pytest.raises(ValueError, match=r"digest|size|bytes"):
            ts.SumInclusionProof(
                [row.tobytes()[:size] for row in proof.digests], list(proof.sums), digest_size=size
            )
    for scheme in map(ts.schemes.get, ts.schemes.names()):
        if scheme.kind == "sum":
            assert scheme.hash.cryptographic
            assert scheme.hash.digest_size >= 32


def test_06_amounts_and_ids_that_run_into_each_other() -> None:
    def root(user: str, code: str, group: str, amount: int) -> bytes:
        table = {"user": [user], "asset": [code], "amount": [amount], "entity": [group]}
        snapshot = liabilities.commit(
            table, id="user", assets={code: 0}, asset="asset", amount="amount", group="entity", **ABOUT
        )
        return snapshot.statement.groups[code, group].root

    found = {
        root(user, code, group, amount)
        for user, amount in (("user1", 11), ("user11", 1), ("user", 111))
        for code, group in (("AB", "C"), ("A", "BC"), ("ABC", ""))
    }
    assert len(found) == 9


def test_07_an_amount_that_the_leaf_does_not_bind() -> None:
    one, other = DAY_1.receipt("user-7"), DAY_1.receipt("user-8")
    parts = [receipt.assets[0].parts[0] for receipt in (one, other)]
    assert refused(changed(one, amount=parts[1].amount), "user-7") is ts.Reason.TOTAL_MISMATCH
    # The total is right when the sibling's sum makes up for it; then the hashes are wrong.
    proof = parts[0].proof
    sums = [int(sum_) for sum_ in proof.sums]
    forged = changed(one, amount=parts[0].amount + 1, proof=with_sums(proof, [sums[0] - 1, *sums[1:]]))
    assert refused(forged, "user-7") is ts.Reason.ROOT_MISMATCH


def test_08_leaves_taken_for_nodes() -> None:
    receipt = DAY_1.receipt("user-7")
    part = receipt.assets[0].parts[0]
    digests, sums = [row.tobytes() for row in part.proof.digests], [int(sum_) for sum_ in part.proof.sums]
    for skip in range(1, len(digests) + 1):
        shorter = ts.SumInclusionProof(digests[skip:], sums[skip:], digest_size=32)
        amount = part.amount + sum(sums[:skip])
        forged = changed(receipt, index=part.index >> skip, amount=amount, proof=shorter)
        assert refused(forged, "user-7") in (ts.Reason.DIGEST_COUNT, ts.Reason.ROOT_MISMATCH)
    for leaves in (39, 41, 64):
        head = STATEMENT.assets["BTC"]
        resized = liabilities.AssetHead(head.decimals, leaves, None, head.total, head.root)
        lie = Statement(
            origin="exchange.example", sequence=0, snapshot_id="day 1", time=1, assets={"BTC": resized}
        )
        assert refused(Receipt(lie.digest, receipt.assets[:1]), "user-7", lie)


def test_09_padding() -> None:
    padded = built(leaves={"BTC": 500}, state_holders=False)
    assert padded.statement.assets["BTC"].leaves == 500
    assert padded.statement.assets["BTC"].holders is None
    amounts = [part.amount for _, receipt in padded.receipts() for part in receipt.assets[0].parts]
    assert sorted(amounts)[0] >= 1
    assert sum(amounts) == sum(BTC)
    part = DAY_1.receipt("user-7").assets[0].parts[0]
    zero = ReceiptAsset("BTC", "", [part, ReceiptPart(part.index ^ 1, 0, part.salt, part.proof)])
    assert refused(Receipt(STATEMENT.digest, [zero]), "user-7") is ts.Reason.AMOUNT_OUT_OF_RANGE


def test_10_what_neighbours_learn() -> None:
    """Neighbours differ from asset to asset and day to day; of a balance that is split they see a part."""

    def order(snapshot: Snapshot, code: str) -> list[str]:
        places = {}
        for user, receipt in snapshot.receipts():
            places |= {
                part.index: user.decode()
                for asset in receipt.assets
                if asset.code == code
                for part in asset.parts
            }
        return [places[index] for index in sorted(places)]

    equal = liabilities.commit({"user": USERS, "BTC": BTC, "ETH": BTC}, id="user", assets=ASSETS, **ABOUT)
    later = built(snapshot_id="day 2", previous=STATEMENT)
    orders = [order(equal, "BTC"), order(equal, "ETH"), order(later, "BTC"), USERS]
    pairs = [set(pairwise(found)) for found in orders]
    for place, own in enumerate(pairs):
        for other in pairs[place + 1 :]:
            assert len(own & other) < 10
    split = built(parts=5)
    parts = split.receipt("user-39").assets[0].parts
    assert len(parts) > 1
    assert sum(part.amount for part in parts) == 40


def test_11_customers_left_out() -> None:
    """No tree can show it: the customer does, who expects a balance, and so does chance when many check."""
    omitted = liabilities.commit(
        {"user": USERS[1:], "BTC": BTC[1:], "ETH": ETH[1:]}, id="user", assets=ASSETS, **ABOUT
    )
    with pytest.raises(KeyError):
        omitted.receipt("user-0")
    own = DAY_1.receipt("user-2")
    less = Receipt(STATEMENT.digest, own.assets[:1])
    assert STATEMENT.verify(less, "user-2") == {"BTC": 3}
    assert refused(less, "user-2", BTC=3, ETH=2 * 10**20) is ts.Reason.UNEXPECTED_BALANCE
    assert liabilities.detection_probability(1000, 10, 10_000) > 0.6


def test_12_two_statements_for_two_audiences() -> None:
    signer = liabilities.Ed25519Signer.generate("exchange.example")
    other = liabilities.commit({"user": USERS, "BTC": BTC}, id="user", assets={"BTC": 8}, **ABOUT)
    assert refused(DAY_1.receipt("user-7"), "user-7", other.statement) is ts.Reason.OTHER_STATEMENT
    named = Receipt(other.statement.digest, DAY_1.receipt("user-7").assets[:1])
    roots = {statement.assets["BTC"].root for statement in (STATEMENT, other.statement)}
    assert len(roots) == 1, "the same leaves, of the same snapshot"
    assert other.statement.verify(named, "user-7") == {"BTC": 8}
    record = liabilities.equivocation(STATEMENT.sign(signer), other.statement.sign(signer))
    assert record is not None
    record.verify(signer.verifier)
    # A root under another name is another's word.
    names: list[dict[str, Any]] = [
        {"snapshot_id": "day 2"},
        {"origin": "other.example"},
        {"decimals": 9},
        {"group": "EU"},
    ]
    for elsewhere in names:
        head = STATEMENT.assets["BTC"]
        decimals, group = elsewhere.pop("decimals", 8), elsewhere.pop("group", "")
        own = liabilities.AssetHead(decimals, head.leaves, head.holders, head.total, head.root)
        parts = {"origin": "exchange.example", "sequence": 0, "snapshot_id": "day 1", "time": 1} | elsewhere
        statement = Statement(assets={("BTC", group): own}, **parts)
        asset = ReceiptAsset("BTC", group, DAY_1.receipt("user-7").assets[0].parts)
        assert refused(Receipt(statement.digest, [asset]), "user-7", statement) is ts.Reason.ROOT_MISMATCH


def flips(data: bytes) -> Iterator[bytes]:
    for place in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        yield bytes(flipped)


def test_13_a_verifier_that_checks_too_little() -> None:
    """Every bit of a receipt counts, and every field of a statement."""
    honest = DAY_1.receipt("user-7").to_bytes()
    assert len(DAY_1.receipt("user-7").assets) == 2
    for forged in flips(honest):
        try:
            receipt = Receipt.from_bytes(forged)
        except ts.DecodeError:
            continue
        refused(receipt, "user-7")
    receipt = DAY_1.receipt("user-7")
    chance = random.Random(13)
    for forged in chance.sample(list(flips(STATEMENT.to_bytes())), 400):
        try:
            statement = Statement.from_bytes(forged)
        except ts.DecodeError:
            continue
        assert refused(receipt, "user-7", statement) is ts.Reason.OTHER_STATEMENT


def test_14_debts_offset_against_other_assets() -> None:
    table = {"user": ["alice", "dummy"], "BTC": [5, -5], "ETH": [0, 10**30]}
    with pytest.raises(ValueError, match="BTC"):
        liabilities.commit(table, id="user", assets=ASSETS, **ABOUT)
    receipt = DAY_1.receipt("user-7")
    btc, eth = receipt.assets
    swapped = [ReceiptAsset("BTC", "", eth.parts), ReceiptAsset("ETH", "", btc.parts)]
    assert refused(Receipt(STATEMENT.digest, swapped), "user-7")


def test_15_salts_that_link_snapshots(tmp_path: Path) -> None:
    days = [built(snapshot_id=f"day {day}", secret=bytes(32)) for day in range(1, 6)]
    salts = [
        part.salt
        for day in days
        for _, receipt in day.receipts()
        for asset in receipt.assets
        for part in asset.parts
    ]
    assert len(set(salts)) == len(salts)
    assert len(salts) > 300
