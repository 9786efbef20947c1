"""Forged receipts against the Python classes: named attacks, every bit, and every change of every field."""

from __future__ import annotations

import itertools
import random
from dataclasses import fields, replace
from typing import Any

import pytest
import tallystick as ts
from tallystick.liabilities import Receipt, Statement

from tests.reference.attacks_liabilities import OWED, VICTIM, attacks
from tests.reference.liabilities import receipt
from tests.reference.liabilities_objects import Receipt as TwinReceipt
from tests.reference.liabilities_samples import IDS, snapshot, statement
from tests.support import all_flips
from tests.support_liabilities import receipt_of, statement_of

TRUSTED = statement_of(statement())
HONEST = receipt(snapshot(), VICTIM)
ATTACKS = list(attacks())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_named_attacks(attack: Any) -> None:
    """Built by the constructors, so that nothing but the verifier refuses."""
    trusted, forged = statement_of(attack.statement), receipt_of(attack.receipt)
    if attack.reason is None:
        assert trusted.verify(forged, attack.user_id, attack.expected)
        return
    with pytest.raises(ts.InvalidProof) as caught:
        trusted.verify(forged, attack.user_id, attack.expected)
    assert caught.value.reason.name == attack.reason
    # What is refused without expectations is refused with any; the reason is one of the proof then.
    if attack.expected is None:
        for expected in ({}, OWED, {"BTC": -1}):
            with pytest.raises(ts.InvalidProof) as again:
                trusted.verify(forged, attack.user_id, expected)
            assert again.value.reason.name == attack.reason


def test_the_attacks_are_many() -> None:
    assert len(ATTACKS) > 60
    assert len({attack.reason for attack in ATTACKS}) > 12


def proven(trusted: Statement, given: Receipt, user_id: bytes) -> dict[str, int] | None:
    try:
        return trusted.verify(given, user_id)
    except ts.InvalidProof:
        return None


def test_no_changed_byte_is_accepted() -> None:
    """A receipt with one bit changed is not read, or refused."""
    raw = receipt_of(HONEST).to_bytes()
    read = 0
    for changed in all_flips(raw):
        try:
            forged = Receipt.from_bytes(changed)
        except ts.DecodeError:
            continue
        read += 1
        assert proven(TRUSTED, forged, VICTIM) is None
    assert read > len(raw)


def changes(value: Any) -> list[Any]:
    """The value with one thing in it changed, in every place."""
    if isinstance(value, int):
        return [value + step for step in (-value, 1 - value, -1, 1, 2**63) if 0 <= value + step < 2**64] + [
            value ^ 1 << bit for bit in (0, 31, 63)
        ]
    if isinstance(value, bytes):
        return [bytes(len(value)), value[::-1], value[:-1] + bytes([value[-1] ^ 1])]
    if isinstance(value, tuple):
        made: list[Any] = [value[:at] + value[at + 1 :] for at in range(len(value))]
        made += [(*value[: at + 1], *value[at:]) for at in range(len(value))]
        made += [value[:at] + value[at : at + 2][::-1] + value[at + 2 :] for at in range(len(value) - 1)]
        for at, item in enumerate(value):
            made += [(*value[:at], other, *value[at + 1 :]) for other in changes(item)]
        return made
    if isinstance(value, str):
        return ["A", "BTC", "ETH", "USD", "EU"]
    names = [field.name for field in fields(value) if field.name != "digest_size"]
    return [replace(value, **{name: other}) for name in names for other in changes(getattr(value, name))]


def test_no_changed_field_is_accepted_but_what_only_leaves_out() -> None:
    """An asset left out is unproven, which is why customers state what they expect."""
    tried = accepted = 0
    whole = dict(OWED)
    for changed in changes(HONEST):
        if changed == HONEST:
            continue
        tried += 1
        try:
            forged = receipt_of(changed)
        except ValueError:  # no such object
            continue
        found = proven(TRUSTED, forged, VICTIM)
        if found is None:
            continue
        accepted += 1
        assert changed.assets == tuple(asset for asset in HONEST.assets if asset in changed.assets)
        assert found != whole
        with pytest.raises(ts.InvalidProof) as caught:
            TRUSTED.verify(forged, VICTIM, OWED)
        assert caught.value.reason is ts.Reason.UNEXPECTED_BALANCE
    assert tried > 300
    assert accepted == len(HONEST.assets)


def test_receipts_fit_no_other_customer_day_operator_or_hash() -> None:
    days = [snapshot(day).statement for day in (0, 1)]
    for day, own in itertools.product(days, IDS):
        made = receipt_of(receipt(snapshot(days.index(day)), own))
        for other, user_id in itertools.product(days, IDS):
            found = proven(statement_of(other), made, user_id)
            assert (found is not None) == (other == day and user_id == own)


def test_parts_of_different_receipts_do_not_mix() -> None:
    """Two thousand random mixtures of what all customers hold."""
    chance = random.Random(5)
    own = [receipt(snapshot(), user_id) for user_id in IDS]
    pool = [part for one in own for asset in one.assets for part in asset.parts]
    names = [(asset.code, asset.group) for one in own for asset in one.assets]
    for _ in range(2000):
        mixed = tuple(
            replace(
                HONEST.assets[0],
                code=code,
                group=group,
                parts=tuple(chance.sample(pool, chance.randint(1, 3))),
            )
            for code, group in sorted(set(chance.sample(names, chance.randint(1, 4))))
        )
        forged = TwinReceipt(HONEST.statement, mixed)
        for user_id in (VICTIM, chance.choice(IDS)):
            found = proven(TRUSTED, receipt_of(forged), user_id)
            genuine = receipt(snapshot(), user_id).assets
            assert (found is not None) == all(asset in genuine for asset in mixed)
