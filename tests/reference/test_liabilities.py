"""Liabilities of the twin: bytes, everybody's receipts, attacks, chains, notes, and the vectors."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from tests.reference import codec, json_form, liabilities, liabilities_note
from tests.reference.attacks_liabilities import attacks
from tests.reference.hashes import HASHES
from tests.reference.liabilities import Holding, customer_key, digest
from tests.reference.liabilities_note import (
    BadSignature,
    SignedStatement,
    decode_note,
    encode_note,
    sign,
    verify_equivocation,
    verify_note,
)
from tests.reference.liabilities_objects import Equivocation, Receipt, Statement
from tests.reference.liabilities_samples import (
    BLAKE3,
    DECIMALS,
    HOLDINGS,
    IDS,
    KEY_NAME,
    SECRET,
    SEED,
    keys,
    other_of,
    snapshot,
    statement,
)
from tests.reference.liabilities_verify import equivocation, follows, verify, verify_chain
from tests.reference.reader import DecodeError
from tests.reference.refusals import Refused
from tests.reference.schemes import Scheme, le, lp
from tests.reference.test_proofs import PAGES
from tests.reference.test_reference import vectors
from tests.reference.test_sums import refusal
from tests.reference.vectors_liability_statement import PUBLIC_KEY, note_faults, statements


def groups(name: str, what: str) -> list[dict[str, Any]]:
    return [group for group in vectors(name)["groups"] if group["what"] == what]


def test_bytes_of_the_page() -> None:
    s = statement(1)
    blake3 = HASHES["blake3"]
    rows = b"".join(
        lp(row.code.encode())
        + lp(row.group.encode())
        + le(row.decimals, 1)
        + le(row.leaves, 8)
        + le(row.holders, 8)
        + le(row.total, 16)
        + row.root
        for row in s.assets
    )
    whole = (
        b"tlyt\x01"
        + lp(s.origin.encode())
        + le(1, 8)
        + lp(b"2026-01-02")
        + le(s.time, 8)
        + digest(statement(0))
        + lp(codec.encode(BLAKE3))
        + le(6, 2)
        + rows
    )
    assert codec.encode(s) == whole
    assert digest(s) == blake3.tag("tallystick/v1/statement", whole)
    key = customer_key(SECRET, "2026-01-01", b"customer-1")
    assert blake3.keyed is not None
    assert key == blake3.keyed(SECRET, lp(b"2026-01-01") + b"customer-1")
    d = blake3.tag("tallystick/v1/liability", key + le(2, 2) + lp(b"EU") + lp(b"USD"))
    assert liabilities.derive(BLAKE3, key, 2, "EU", "USD") == (d[:16], d[16:])
    assert liabilities.leaf_data(bytes(16), 2, 3, b"id") == bytes(16) + b"\x02\x00\x03\x00id"


@pytest.mark.parametrize("sequence", [0, 1])
def test_everybody_verifies(sequence: int) -> None:
    made = snapshot(sequence)
    found: dict[str, int] = {}
    for user_id in IDS:
        own = liabilities.receipt(made, user_id)
        owed: dict[str, int] = {}
        for holding in HOLDINGS:
            if holding.user_id == user_id:
                owed[holding.code] = owed.get(holding.code, 0) + sum(holding.parts)
        assert verify(made.statement, own, user_id, owed) == owed
        for code, amount in owed.items():
            found[code] = found.get(code, 0) + amount
        for other in IDS:
            if other != user_id:
                assert refusal(verify, made.statement, own, other) == "ROOT_MISMATCH"
    totals: dict[str, int] = {}
    for row in made.statement.assets:
        totals[row.code] = totals.get(row.code, 0) + row.total
    assert found == {code: total for code, total in totals.items() if total}
    with pytest.raises(KeyError):
        liabilities.receipt(made, b"nobody")


def test_neighbours_differ_from_day_to_day() -> None:
    days = [[leaf.user_id for leaf in snapshot(i).leaves["BTC", ""]] for i in range(3)]
    assert len({tuple(day) for day in days}) == 3
    salts = {leaf.salt for i in range(3) for placed in snapshot(i).leaves.values() for leaf in placed}
    assert len(salts) == 3 * sum(len(holding.parts) for holding in HOLDINGS)


def test_what_the_builder_refuses() -> None:
    draft = replace(statement(0), assets=())
    for bad in (
        (*HOLDINGS, HOLDINGS[0]),
        (*HOLDINGS, Holding(b"customer-1", "BTC", "", (1,))),
        (Holding(b"customer-1", "BTC", "", (0,)),),
        (Holding(b"customer-1", "BTC", "", (-1,)),),
        (Holding(b"customer-1", "BTC", "", (2**128,)),),
        (Holding(b"customer-1", "BTC", "", (2**128 - 1, 1)),),
    ):
        with pytest.raises(ValueError):
            liabilities.commit(bad, keys("2026-01-01"), DECIMALS, draft)
    for user_id in (b"", b"i" * 65_536):
        with pytest.raises(ValueError):
            liabilities.leaf_data(bytes(16), 0, 1, user_id)


@pytest.mark.parametrize("attack", list(attacks()), ids=lambda attack: attack.name)
def test_attacks_are_refused_for_their_reason(attack: Any) -> None:
    given = (attack.statement, attack.receipt, attack.user_id, attack.expected)
    assert refusal(verify, *given) == attack.reason


def test_corrupted_receipts_are_refused() -> None:
    chosen = random.Random("receipts")
    s = statement()
    raw = codec.encode(liabilities.receipt(snapshot(), b"customer-3"))
    for _ in range(1500):
        changed = bytearray(raw)
        at = chosen.randrange(len(raw))
        changed[at] ^= 1 << chosen.randrange(8)
        try:
            found = codec.decode(Receipt, bytes(changed))
        except DecodeError:
            continue
        assert refusal(verify, s, found, b"customer-3") is not None, at


def test_lone_surrogates_are_no_text() -> None:
    """Not among the vectors: many readers of JSON refuse a file with one."""
    text = json_form.encode(statement())
    for surrogate in ("\ud800", "\udfff"):
        with pytest.raises(DecodeError):
            json_form.decode(Statement, text.replace("exchange", surrogate, 1))


def test_chains() -> None:
    chain = [statement(i) for i in range(4)]
    verify_chain(chain)
    verify_chain(chain[2:])
    for bad in (
        [],
        chain[::-1],
        [chain[0], chain[2]],
        [chain[0], chain[0]],
        [chain[0], other_of(1), chain[2]],
    ):
        with pytest.raises(Refused):
            verify_chain(bad)
    again = replace(chain[1], sequence=3, previous=digest(chain[2]), time=chain[3].time)
    assert follows(again, chain[2]) is None
    with pytest.raises(Refused, match="SAME_SNAPSHOT"):
        verify_chain([*chain[:3], again])


def test_equivocation_records() -> None:
    both = sorted((statement(1), other_of(1)), key=digest)
    notes = [encode_note(sign(one, KEY_NAME, SEED)) for one in both]
    assert verify_equivocation(Equivocation(*notes), KEY_NAME, PUBLIC_KEY) == "sequence"
    for bad in (
        Equivocation(notes[1], notes[0]),
        Equivocation(notes[0], notes[0]),
        Equivocation(notes[0], encode_note(sign(statement(2), KEY_NAME, SEED))),
        Equivocation(notes[0], encode_note(SignedStatement(both[1]))),
        Equivocation(notes[0], encode_note(sign(both[1], KEY_NAME, bytes(32)))),
        Equivocation(notes[0], notes[1] + b"\n"),
    ):
        with pytest.raises((DecodeError, BadSignature)):
            verify_equivocation(bad, KEY_NAME, PUBLIC_KEY)


def test_notes_round_trip() -> None:
    for name, one in statements():
        note = sign(one, KEY_NAME, SEED)
        assert decode_note(encode_note(note)) == note, name
        verify_note(note, KEY_NAME, PUBLIC_KEY)
        assert liabilities_note.body(one).splitlines()[0] == one.origin


def test_example_of_the_page() -> None:
    text = (PAGES / "liabilities.md").read_text(encoding="utf-8")
    lines = liabilities_note.body(statement(1)).splitlines()
    assert all(f"    {line}" in text for line in (*lines[:8], *lines[11:12], lines[-1]))


def test_every_cut_of_a_note_is_refused() -> None:
    raw = encode_note(sign(statement(1), KEY_NAME, SEED))
    unsigned = raw.index("\u2014".encode())
    for cut in {*range(len(raw))} - {unsigned}:
        with pytest.raises(DecodeError):
            decode_note(raw[:cut])
    for _, bad in note_faults():
        with pytest.raises(DecodeError):
            decode_note(bad)


def read_statement(text: str) -> Statement:
    return codec.decode(Statement, bytes.fromhex(text))


def test_statement_vectors() -> None:
    name = "liability_statement.json"
    for test in groups(name, "notes")[0]["tests"]:
        raw = bytes.fromhex(test["note"])
        if test["result"] == "invalid":
            with pytest.raises(DecodeError):
                decode_note(raw)
            continue
        one = read_statement(test["statement"])
        assert decode_note(raw) == SignedStatement(one)
        assert encode_note(SignedStatement(one)) == raw
        assert digest(one).hex() == test["digest"]
    for test in groups(name, "chain")[0]["tests"]:
        older, newer = read_statement(test["older"]), read_statement(test["newer"])
        assert follows(newer, older) == test.get("reason")
    for test in groups(name, "equivocation")[0]["tests"]:
        a, b = read_statement(test["a"]), read_statement(test["b"])
        assert equivocation(a, b) == equivocation(b, a) == test["clash"]
    (signatures,) = groups(name, "signatures")
    key = signatures["key"]
    for test in signatures["tests"]:
        note = decode_note(bytes.fromhex(test["note"]))
        if test["result"] == "valid":
            verify_note(note, key["name"], bytes.fromhex(key["public_key"]))
        else:
            with pytest.raises(BadSignature):
                verify_note(note, key["name"], bytes.fromhex(key["public_key"]))


def test_receipt_vectors() -> None:
    name = "liability_receipt.json"
    for test in groups(name, "keys")[0]["tests"]:
        made = customer_key(
            bytes.fromhex(test["secret"]), test["snapshot_id"], bytes.fromhex(test["user_id"])
        )
        assert made.hex() == test["key"]
    for group in groups(name, "leaves"):
        scheme = codec.decode(Scheme, bytes.fromhex(group["scheme"]["encoding"]))
        for test in group["tests"]:
            part, parts = int(test["part"]), int(test["parts"])
            key, user_id = bytes.fromhex(test["key"]), bytes.fromhex(test["user_id"])
            salt, order = liabilities.derive(scheme, key, part, test["group"], test["code"])
            data = liabilities.leaf_data(salt, part, parts, user_id)
            assert [salt.hex(), order.hex(), data.hex()] == [test["salt"], test["order"], test["data"]]
            assert scheme.sum_leaf(int(test["amount"]), data).hex() == test["digest"]
    for test in groups(name, "snapshots")[0]["tests"]:
        one = read_statement(test["statement"])
        assert digest(one).hex() == test["digest"]
        for user_id, raw in test["receipts"]:
            verify(one, codec.decode(Receipt, bytes.fromhex(raw)), bytes.fromhex(user_id))
    for test in groups(name, "verify")[0]["tests"]:
        given = codec.decode(Receipt, bytes.fromhex(test["receipt"]))
        expected = test.get("expected") and {code: int(owed) for code, owed in test["expected"].items()}
        if "expected" in test and not test["expected"]:
            expected = {}
        trusted, user_id = read_statement(test["statement"]), bytes.fromhex(test["user_id"])
        reason = refusal(verify, trusted, given, user_id, expected)
        assert reason == test.get("reason"), test["id"]
        if reason is None:
            proven = {code: int(owed) for code, owed in test["proven"].items()}
            assert verify(trusted, given, user_id, expected) == proven
