"""``tallystick liabilities keygen``, ``statement`` and ``equivocation``."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from tallystick.liabilities import Ed25519Signer, Ed25519Verifier, Equivocation, Statement

from tests.cli.conftest import Run
from tests.cli.liabilities import commit, names, night


def test_a_pair_of_keys(run: Run, run_json) -> None:
    found = run_json("liabilities", "keygen", "exchange.example", "-o", "key")
    verifier = Ed25519Verifier.from_text(Path("key.pub").read_text().strip())
    assert found == {"private": "key", "public": "key.pub", "key": verifier.to_text()}
    assert stat.S_IMODE(Path("key").stat().st_mode) == 0o600
    Path("plain").write_bytes(b"")
    assert Path("key.pub").stat().st_mode == Path("plain").stat().st_mode
    pem = Path("key").read_bytes()
    assert Ed25519Signer.from_pem("exchange.example", pem).verifier == verifier
    # The private key is printed nowhere, and replaced never.
    secret = pem.split(b"-----")[2].strip().decode()
    text = run("liabilities", "keygen", "other.example", "-o", "other").stdout
    assert "PRIVATE" not in text
    assert secret not in json.dumps(found)
    run("liabilities", "keygen", "exchange.example", "-o", "key", code=2)
    assert Path("key").read_bytes() == pem
    Path("half.pub").write_text("mine")
    run("liabilities", "keygen", "exchange.example", "-o", "half", code=2)
    assert not Path("half").exists()
    for name in ("", "a b", "a+b"):
        run("liabilities", "keygen", name, "-o", "bad", code=2)
    assert not Path("bad").exists()


def test_a_key_with_a_password(run: Run) -> None:
    night(run)
    Path("password").write_text("a long one\n")
    Path("wrong").write_text("another\n")
    run("liabilities", "keygen", "second.example", "-o", "second", "--password-file", "password")
    assert b"ENCRYPTED" in Path("second").read_bytes()
    sign = ("liabilities", "statement", "day-1.note", "--sign", "second", "-o", "two.note")
    for more in ((), ("--password-file", "wrong")):
        error = run(*sign, *more, code=3).stderr
        assert error.count("\n") == 1
        assert "another" not in error
    run(*sign, "--password-file", "password")
    # The name is that of the key's file; the first signature stays.
    signed = Statement.from_note(Path("two.note").read_bytes())
    assert [line.name for line in signed.signatures] == ["exchange.example", "second.example"]
    for key in ("key.pub", "second.pub"):
        run("liabilities", "statement", "two.note", "--key", key)


def test_a_statement_is_shown(run: Run, run_json) -> None:
    night(run)
    text = run("liabilities", "statement", "day-1.note").stdout
    for words in (
        "2026-01-01T00:00:00Z",
        "1.75000000",
        "82.10",
        "signed by exchange.example+",
        "not checked",
    ):
        assert words in text
    for source in ("day-1", "receipts"):
        assert "not signed" in run("liabilities", "statement", source).stdout
    (shown,) = run_json("liabilities", "statement", "day-1.note")["statements"]
    assert (shown["sequence"], shown["previous"], shown["assets"][1]["decimals"]) == ("0", None, 2)
    assert shown["signatures"][0]["name"] == "exchange.example"


def test_every_form_is_read_again(run: Run) -> None:
    night(run)
    digest = Statement.from_note(Path("day-1.note").read_bytes()).digest
    for name in ("s.json", "s.bin", "s.note"):
        run("liabilities", "statement", "day-1.note", "-o", name)
        assert digest.hex() in run("liabilities", "statement", name).stdout
        run("liabilities", "statement", "day-1.note", "-o", name, code=2)
        run("liabilities", "statement", "day-1.note", "-o", name, "--overwrite")
    run("liabilities", "statement", "day-1.note", "-o", "s", "--as", "protobuf")
    assert Statement.from_protobuf(Path("s").read_bytes()).digest == digest
    assert "s.note" in names()
    assert Path("s.note").read_bytes() == Path("day-1.note").read_bytes()


def test_signatures(run: Run, run_json) -> None:
    night(run)
    text = Path("key.pub").read_text().strip()
    for key in ("key.pub", text):
        assert run_json("liabilities", "statement", "day-1.note", "--key", key)["signature_checked"]
    run("liabilities", "keygen", "exchange.example", "-o", "other")
    error = run("liabilities", "statement", "day-1.note", "--key", "other.pub", code=1).stderr
    assert error.startswith("tallystick: signature refused: ")
    told = run_json("liabilities", "statement", "day-1", "--key", "key.pub", code=1)
    assert told["reason"] == "UNSIGNED"
    assert "private key" in run("liabilities", "statement", "day-1.note", "--key", "key", code=3).stderr
    run("liabilities", "statement", "day-1.note", "--key", "balances.csv", code=3)
    run("liabilities", "statement", "day-1.note", "--key", "nothing", code=4)
    run("liabilities", "statement", "day-1.note", "--key", text[:-4] + "AAA=", code=3)
    # A changed total is no statement any more, and a repaired one has no signature.
    note = Path("day-1.note").read_text()
    Path("changed.note").write_text(note.replace("175000000", "174000000"))
    assert "not a statement" in run("liabilities", "statement", "changed.note", code=3).stderr
    run("liabilities", "statement", "day-1", "--sign", "key", "-o", "again.note")
    assert Path("again.note").read_text() == note
    run("liabilities", "statement", "day-1", "--sign", "key", code=2)
    run("liabilities", "statement", "day-1", "--sign", "key", "-o", "s.json", code=2)
    assert not Path("s.json").exists()


def test_a_chain(run: Run, run_json) -> None:
    night(run)
    for number in (2, 3):
        more = ("-o", f"day-{number}", "--previous", f"day-{number - 1}.note", "--sign", "key")
        run(*commit(*more, day=f"2026-01-0{number}"))
    notes = [f"day-{number}.note" for number in (1, 2, 3)]
    assert "a chain of 3 statements" in run("liabilities", "statement", *notes, "--key", "key.pub").stdout
    assert run_json("liabilities", "statement", *notes[:2])["chain_checked"]
    run("liabilities", "statement", notes[2], "--follows", notes[1])
    for wrong, reason in (
        ((notes[1], notes[0]), "NOT_NEXT"),
        ((notes[0], notes[2]), "NOT_NEXT"),
        ((notes[0], notes[0]), "NOT_NEXT"),
    ):
        assert run_json("liabilities", "statement", *wrong, code=1)["reason"] == reason
    error = run("liabilities", "statement", notes[2], "--follows", notes[0], code=1).stderr
    assert error.startswith("tallystick: statement refused: ")
    # One of the chain is not signed.
    assert (
        run_json("liabilities", "statement", "day-1", notes[1], "--key", "key.pub", code=1)["reason"]
        == "UNSIGNED"
    )
    run("liabilities", "statement", *notes, "-o", "x", code=2)


def test_equivocation(run: Run, run_json) -> None:
    night(run)
    Path("fewer.csv").write_text("user,BTC,EUR\nalice,0.5,0\n")
    run(*commit("-o", "other", "--sign", "key", table="fewer.csv"))
    both = ("liabilities", "equivocation", "day-1.note", "other.note")
    told = run_json(*both, "-o", "record", "--key", "key.pub")
    assert (told["clash"], told["signature_checked"], told["file"]) == ("sequence", True, "record")
    record = Equivocation.from_bytes(Path("record").read_bytes())
    assert record.verify(Ed25519Verifier.from_text(Path("key.pub").read_text().strip())) == "sequence"
    assert "not checked" in run(*both, "-o", "record.json").stdout
    for name in ("record", "record.json"):
        assert "signed both" in run("liabilities", "equivocation", name, "--key", "key.pub").stdout
    # Without a key a record proves nothing; by another key it was not signed.
    run("liabilities", "equivocation", "record", code=2)
    run("liabilities", "keygen", "exchange.example", "-o", "stranger")
    run("liabilities", "equivocation", "record", "--key", "stranger.pub", code=1)
    run(*both, "-o", "none", "--key", "stranger.pub", code=1)
    run("liabilities", "equivocation", "day-1", "other.note", "-o", "none", "--key", "key.pub", code=1)
    run(*commit("-o", "day-2", "--previous", "day-1", day="2026-01-02"))
    run("liabilities", "equivocation", "day-1.note", "day-2.note", "-o", "none", code=4)
    run("liabilities", "equivocation", "day-1.note", "day-1.note", "-o", "none", code=4)
    run("liabilities", "equivocation", "bob", "--key", "key.pub", code=3)
    assert "none" not in names()


@pytest.mark.parametrize(
    "noise", [b"", b"noise", b"{}", b"tlyt", b"tlyt\x01\xff", b"{" * 10_000, b"\xff\xfe"]
)
def test_what_is_no_statement(run: Run, noise: bytes) -> None:
    Path("noise").write_bytes(noise)
    error = run("liabilities", "statement", "noise", code=3).stderr
    assert error.startswith("tallystick: noise: not a statement")
    assert error.count("\n") == 1


def test_what_it_is_instead_is_said(run: Run) -> None:
    night(run)
    assert "this is a receipt" in run("liabilities", "statement", "bob", code=3).stderr
    run("liabilities", "receipt", "day-1", "--id", "bob", "-o", "bob.json")
    assert "this is a receipt" in run("liabilities", "statement", "bob.json", code=3).stderr
    assert (
        "this is a statement's note"
        in run("liabilities", "verify", "day-1", "day-1.note", "--id", "bob", code=3).stderr
    )
    run("liabilities", "statement", ".", code=4)
