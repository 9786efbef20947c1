"""Statements, receipts, notes, signatures, chains and equivocations against their vector files."""

from __future__ import annotations

from typing import Any

import pytest
import tallystick as ts
from tallystick import liabilities
from tallystick.liabilities import Ed25519Verifier, Equivocation, Receipt, Statement

from tests.vectors.files import Json, cases, numbers
from tests.vectors.forms import check_encodings, check_refused

CLASSES: dict[str, Any] = {"statement": Statement, "receipt": Receipt, "equivocation": Equivocation}
FILES = ("liability_statement", "liability_receipt")


def unhex(case: Json, name: str) -> bytes:
    return bytes.fromhex(case[name])


def refused(call: Any, *arguments: Any) -> ts.InvalidProof | None:
    try:
        call(*arguments)
    except ts.InvalidProof as error:
        return error
    return None


@cases("liability_statement", "valid", what="encodings")
def test_encodings_of_statements(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("liability_receipt", "valid", what="encodings")
def test_encodings_of_receipts(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("liability_statement", "invalid", what="encodings")
def test_other_encodings_of_statements_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)


@cases("liability_receipt", "invalid", what="encodings")
def test_other_encodings_of_receipts_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)


@cases("liability_statement", "valid", what="notes")
def test_notes(group: Json, case: Json) -> None:
    statement, note = Statement.from_bytes(unhex(case, "statement")), unhex(case, "note")
    assert statement.digest == unhex(case, "digest")
    assert statement.to_note().encode() == note == statement.body + b"\n"
    for read in (Statement.from_note(note), Statement.from_note(note.decode())):
        assert read == statement
        assert read.signatures == ()
    # And by its parts.
    again = Statement(
        origin=statement.origin,
        sequence=statement.sequence,
        snapshot_id=statement.snapshot_id,
        time=statement.time,
        previous=statement.previous,
        assets=statement.groups,
        scheme=statement.scheme,
    )
    assert again == statement
    assert again.digest == statement.digest


@cases("liability_statement", "invalid", what="notes")
def test_other_texts_are_no_notes(group: Json, case: Json) -> None:
    with pytest.raises(ts.DecodeError, match=r"."):
        Statement.from_note(unhex(case, "note"))


@cases("liability_statement", what="signatures")
def test_signatures(group: Json, case: Json) -> None:
    key = group["key"]
    verifier = Ed25519Verifier(key["name"], bytes.fromhex(key["public_key"]))
    assert verifier.key_id.hex() == key["key_id"]
    signed = Statement.from_note(unhex(case, "note"))
    assert signed.to_note().encode() == unhex(case, "note")
    error = refused(signed.verify_signature, verifier)
    assert (error is None) == (case["result"] == "valid")
    if error is not None:
        own = [
            line for line in signed.signatures if (line.name, line.key_id) == (key["name"], verifier.key_id)
        ]
        assert error.reason is (ts.Reason.WRONG_SIGNATURE if own else ts.Reason.UNSIGNED)
        assert isinstance(error, ts.InvalidSignature)


@cases("liability_statement", what="chain")
def test_chains(group: Json, case: Json) -> None:
    older, newer = (Statement.from_bytes(unhex(case, name)) for name in ("older", "newer"))
    error = refused(newer.follows, older)
    assert (error.reason.name if error else None) == case.get("reason")
    again = refused(liabilities.verify_chain, [older, newer])
    assert (again is None) == (error is None) == (case["result"] == "valid")
    for one in (error, again):
        assert one is None or (type(one) is ts.ChainError and one.reason.name == case["reason"])


@cases("liability_statement", what="equivocation")
def test_equivocation(group: Json, case: Json) -> None:
    a, b = (Statement.from_bytes(unhex(case, name)) for name in "ab")
    signer = liabilities.Ed25519Signer.from_seed("exchange.example", bytes(32))
    record = liabilities.equivocation(a.sign(signer), b.sign(signer))
    assert record == liabilities.equivocation(b.sign(signer), a.sign(signer))
    assert (record is None) == (case.get("clash") is None)
    if record is not None:
        assert record.verify(signer.verifier) == case["clash"]
        assert {one.digest for one in record.statements} == {a.digest, b.digest}


@cases("liability_receipt", what="keys")
def test_keys(group: Json, case: Json) -> None:
    user_id = unhex(case, "user_id")
    key = liabilities.customer_key(unhex(case, "secret"), case["snapshot_id"], user_id)
    assert key == unhex(case, "key")
    try:
        text = user_id.decode()
    except UnicodeDecodeError:
        return
    assert liabilities.customer_key(unhex(case, "secret"), case["snapshot_id"], text) == key


@cases("liability_receipt", what="leaves")
def test_leaves(group: Json, case: Json) -> None:
    """The leaf's digest and the tree's context, as the classes at hand show them."""
    scheme = ts.Scheme.from_bytes(bytes.fromhex(group["scheme"]["encoding"]))
    amount, key = int(case["amount"]), (case["code"], case["group"])
    of_one = ts.SumTree([unhex(case, "data"), b""], [amount, 0], scheme=scheme)
    assert of_one.prove(1).digests.tobytes() == unhex(case, "digest")
    trusted = Statement(
        origin="exchange.example",
        sequence=0,
        snapshot_id="2026-01-01",
        time=0,
        assets={key: liabilities.AssetHead(8, 0, 0, 0, bytes(32))},
        scheme=scheme,
    )
    assert trusted.head(*key).scheme == scheme.with_context(unhex(case, "context"))
    assert unhex(case, "data").startswith(unhex(case, "salt"))


@cases("liability_receipt", what="snapshots")
def test_snapshots(group: Json, case: Json) -> None:
    statement = Statement.from_bytes(unhex(case, "statement"))
    assert statement.digest == unhex(case, "digest")
    owed: dict[bytes, dict[str, int]] = {}
    for holding in group["holdings"]:
        balances = owed.setdefault(bytes.fromhex(holding["user_id"]), {})
        code = holding["code"]
        balances[code] = balances.get(code, 0) + sum(numbers(holding["amounts"]))
    receipts = {bytes.fromhex(user_id): bytes.fromhex(raw) for user_id, raw in case["receipts"]}
    assert receipts.keys() == owed.keys()
    for user_id, raw in receipts.items():
        receipt = Receipt.from_bytes(raw)
        assert statement.verify(receipt, user_id, owed[user_id]) == owed[user_id]
        again = Receipt(receipt.statement, receipt.assets)
        assert again == receipt
        assert again.to_bytes() == raw


@cases("liability_receipt", what="verify")
def test_receipts(group: Json, case: Json) -> None:
    statement, receipt = (
        Statement.from_bytes(unhex(case, "statement")),
        Receipt.from_bytes(unhex(case, "receipt")),
    )
    stated = case.get("expected")
    expected = None if stated is None else {code: int(amount) for code, amount in stated.items()}
    if case["result"] == "valid":
        proven = statement.verify(receipt, unhex(case, "user_id"), expected)
        assert proven == {code: int(amount) for code, amount in case["proven"].items()}
        return
    error = refused(statement.verify, receipt, unhex(case, "user_id"), expected)
    assert error is not None
    assert error.reason.name == case["reason"]
    assert isinstance(error, ts.RootMismatch) == (case["reason"] == "ROOT_MISMATCH")


def test_every_case_has_its_test() -> None:
    """No kind of case is left out; the numbers are those that the files state."""
    tested = {
        "liability_statement": {"encodings", "notes", "signatures", "chain", "equivocation"},
        "liability_receipt": {"keys", "leaves", "snapshots", "encodings", "verify"},
    }
    from tests.vectors.files import groups

    found = {name: {group["what"] for group in groups(name)} for name in FILES}
    assert found == tested
    assert [sum(len(group["tests"]) for group in groups(name)) for name in FILES] == [842, 416]
