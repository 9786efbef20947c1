"""``tallystick liabilities commit``: tables of every kind, terms, and what it refuses without a trace."""

from __future__ import annotations

import json
import stat
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from tallystick import liabilities
from tallystick.liabilities import Statement

from tests.cli.conftest import Run, write
from tests.cli.liabilities import ASSETS, BALANCES, TERMS, WIDE, commit, names

TOTALS = {"BTC": 175_000_000, "EUR": 8210}


@pytest.fixture(autouse=True)
def balances(run: Run) -> None:
    Path("balances.csv").write_text(BALANCES)


def totals(note: str = "day.note") -> dict[str, int]:
    statement = Statement.from_note(Path(note).read_bytes())
    return {code: head.total for code, head in statement.assets.items()}


def test_a_night(run: Run, run_json) -> None:
    text = run(*commit("-o", "day")).stdout
    for words in ("3 customers are committed to in day", "BTC", "1.75000000", "82.10", "Publish day.note"):
        assert words in text
    assert "signed:" in text  # it is not yet, and how to
    found = run_json(*commit("-o", "again", "--note", "again.txt", "--time", "1767225600"))
    assert (found["customers"], found["sequence"], found["time"]) == ("3", "0", "1767225600")
    assert found["assets"][0]["total"] == {"minor": "175000000", "major": "1.75000000"}
    assert found["assets"][0]["holders"] == "2"
    assert found["digest"] == Statement.from_note(Path("again.txt").read_bytes()).digest.hex()
    assert liabilities.open("again").statement.digest.hex() == found["digest"]
    assert found["seconds"] >= 0
    assert stat.S_IMODE(Path("again").stat().st_mode) == 0o700
    Path("plain").write_bytes(b"")
    assert Path("again.txt").stat().st_mode == Path("plain").stat().st_mode


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.arrow", "t-stream.arrow"])
def test_every_format_gives_the_same_totals(run: Run, name: str) -> None:
    amounts, euros = ["0.5", "1.25", "0"], ["0", "70.10", "12"]
    columns = {"user": ["alice", "bob", "carol"], "BTC": amounts, "note": [1.5, None, 2.0], "EUR": euros}
    if name != "t.csv":
        for asset, decimals in (("BTC", 8), ("EUR", 2)):
            numbers = [Decimal(text) for text in columns[asset]]
            columns[asset] = pa.array(numbers, pa.decimal128(20, decimals))
    write(pa.table(columns), Path(name))
    run(*commit("-o", "day", table=name))
    assert totals() == TOTALS


def test_a_long_table_in_two_files_with_groups(run: Run, run_json) -> None:
    rows = [("alice", "BTC", 5, "EU"), ("bob", "EUR", 7, "EU"), ("bob", "BTC", 3, "US")]
    for name, part in (("one.parquet", rows[:1]), ("two.parquet", rows[1:])):
        columns = zip(*part, strict=True)
        write(pa.table(dict(zip(("user", "asset", "amount", "entity"), columns, strict=True))), Path(name))
    long = ("--asset-column", "asset", "--amount-column", "amount", "--group", "entity", "--unit", "minor")
    found = run_json(
        "liabilities", "commit", "one.parquet", "two.parquet", "--id-column", "user", *long, *ASSETS, *TERMS,
        "1", "-o", "day",
    )  # fmt: skip
    listed = {(one["code"], one["group"]): one["total"]["minor"] for one in found["assets"]}
    assert listed == {("BTC", "EU"): "5", ("BTC", "US"): "3", ("EUR", "EU"): "7", ("EUR", "US"): "0"}
    text = run("liabilities", "statement", "day").stdout
    assert "group" in text
    # A fault in the second file is named there, by its own row.
    write(pa.table({"user": ["zed"], "asset": ["XRP"], "amount": [1], "entity": ["EU"]}), Path("bad.parquet"))
    error = run(
        "liabilities", "commit", "one.parquet", "bad.parquet", "--id-column", "user", *long, *ASSETS, *TERMS,
        "2", "-o", "other", code=3,
    ).stderr  # fmt: skip
    assert error.startswith('tallystick: bad.parquet, row 1, id "zed", column "asset":')


def test_assets_from_a_file_and_from_the_statement_before(run: Run, run_json) -> None:
    Path("assets.txt").write_text("# code=decimals\nBTC=8\n\nEUR=2\n")
    base = ("liabilities", "commit", "balances.csv", *WIDE, *TERMS)
    run(*base, "1", "--assets", "assets.txt", "-o", "day")
    assert totals() == TOTALS
    for previous in ("day", "day.note"):
        found = run_json(*base, "2", "--previous", previous, "-o", f"after-{len(previous)}")
        assert found["sequence"] == "1"
        assert found["previous"] == liabilities.open("day").statement.digest.hex()


def test_parts_leaves_and_hidden_holders(run_json) -> None:
    found = run_json(*commit("-o", "day", "--leaves", "BTC=50", "--leaves", "EUR=10", "--hide-holders"))
    assert [(one["leaves"], one["holders"]) for one in found["assets"]] == [("50", None), ("10", None)]
    found = run_json(*commit("-o", "other", "--leaves", 20, "--parts", 3))
    assert all(int(one["leaves"]) >= 20 for one in found["assets"])
    found = run_json(*commit("-o", "more", "--hash", "sha256"))
    assert found["scheme"] == "native_sum/sha256"


def test_keys_from_a_secret_or_a_column(run: Run) -> None:
    secret = bytes(range(32))
    Path("raw").write_bytes(secret)
    Path("hex").write_text(secret.hex() + "\n")
    digests = set()
    for name in ("raw", "hex"):
        more = ("--secret-file", name, "--time", 5)
        assert "while the secret exists" in run(*commit("-o", f"day-{name}", *more)).stdout
        digests.add(liabilities.open(f"day-{name}").statement.digest)
    rows = "".join(
        f"{user},{btc},{eur},{liabilities.customer_key(secret, '2026-01-01', user).hex()}\n"
        for user, btc, eur in (line.split(",") for line in BALANCES.splitlines()[1:])
    )
    Path("keyed.csv").write_text("user,BTC,EUR,k\n" + rows)
    run(*commit("-o", "day-column", "--customer-key", "k", "--time", 5, table="keyed.csv"))
    digests.add(liabilities.open("day-column").statement.digest)
    assert len(digests) == 1
    Path("keyed.csv").write_text("user,BTC,EUR,k\nalice,1,1,xyz\n")
    bad = commit("-o", "bad", "--customer-key", "k", table="keyed.csv")
    assert "keyed.csv, line 2: the key is not of hex digits" in run(*bad, code=3).stderr


def test_a_secret_that_is_none_is_not_shown(run: Run) -> None:
    Path("raw").write_bytes(b"hush" * 7)
    for text in (
        run(*commit("-o", "day", "--secret-file", "raw", *flag), code=3).stderr for flag in ((), ("--json",))
    ):
        assert "a secret has 32 bytes" in text
        assert "hush" not in text
    assert "day" not in names()


FAULTS = {
    "negative": ("alice,-1,0", "line 2", '"-1"'),
    "sign": ("alice,+1,0", "line 2", '"+1"'),
    "exponent": ("alice,1e3,0", "line 2", '"1e3"'),
    "nan": ("alice,NaN,0", "line 2", '"NaN"'),
    "too many decimals": ("alice,0.123456789,0", "line 2", "BTC"),
    "too large": (f"alice,{10**40},0", "line 2", "BTC"),
    "empty amount": ("alice,,0", "line 2", "BTC"),
    "empty id": (",1,0", "line 2", "an id has 1 to"),
    "twice": ("alice,1,0\nbob,1,1\nalice,1,0", "line 4", "came before"),
    "a quoted line": ('"a\nb",1,0\nbob,-1,0', "line 4", '"-1"'),
    "overflow": (f"alice,{2**127 // 10**8},0\nbob,{2**127 // 10**8 + 2},0", "line 3", "2^128"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_cells_are_named_and_nothing_is_written(run: Run, run_json, fault: str) -> None:
    rows, line, words = FAULTS[fault]
    Path("bad.csv").write_text(f"user,BTC,EUR\n{rows}\n")
    before = names()
    error = run(*commit("-o", "day", table="bad.csv"), code=3).stderr
    assert error.startswith(f"tallystick: bad.csv, {line}, ")
    assert words in error
    assert error.count("\n") == 1
    told = run_json(*commit("-o", "day", table="bad.csv"), code=3)
    assert told["line"] == int(line.split()[1])
    assert names() == before


def test_empty_cells_may_be_zero(run: Run) -> None:
    Path("gaps.csv").write_text("user,BTC,EUR\nalice,,1\nbob,2,\n")
    run(*commit("-o", "day", "--nulls", "zero", table="gaps.csv"))
    assert totals() == {"BTC": 200_000_000, "EUR": 100}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array([1.0, 2.0]), "floats are rounded already"),
        (pa.array([True, False]), "bool"),
        (pa.array([1, -2]), "row 2"),
        (pa.array([1, None]), "null"),
        (pa.array([Decimal("-0.1"), Decimal(0)]), "row 1"),
    ],
    ids=["float", "bool", "negative", "null", "negative decimal"],
)
def test_columns_that_hold_no_amounts(run: Run, column: pa.Array, words: str) -> None:
    write(pa.table({"user": ["a", "b"], "BTC": column, "EUR": [0, 0]}), Path("t.parquet"))
    error = run(*commit("-o", "day", table="t.parquet"), code=3).stderr
    assert error.startswith("tallystick: t.parquet")
    assert words in error
    assert names() == {"balances.csv", "t.parquet"}


def test_integers_are_no_ids(run: Run) -> None:
    write(pa.table({"user": [1, 2], "BTC": [1, 1], "EUR": [0, 0]}), Path("t.parquet"))
    assert "cast it to text" in run(*commit("-o", "day", table="t.parquet"), code=3).stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--id-column", "nobody"), "has no column 'nobody'"),
        (("--asset", "XRP=6"), "has no column 'XRP'"),
        (("--asset", "btc=8"), "btc"),
        (("--asset", "BTC=9"), "--asset names BTC twice"),
        (("--asset", "BTC"), "CODE=DECIMALS"),
        (("--asset", "ETH=x"), "no number"),
        (("--asset-column", "asset"), "both --asset-column and --amount-column"),
        (("--origin", ""), "origin"),
        (("--origin", 'a"b'), "origin"),
        (("--snapshot-id", "a\tb"), "snapshot"),
        (("--time", "yesterday"), "--time takes"),
        (("--time", "2026-02-30T00:00:00Z"), "--time takes"),
        (("--leaves", "XRP=5"), "XRP"),
        (("--parts", "0"), "--parts"),
        (("--secret-file", "balances.csv", "--customer-key", "user"), "secret"),
        (("--unit", "satoshi"), "satoshi"),
        (("--format", "parquet"), "balances.csv"),
        (("--previous", "balances.csv"), "not a statement"),
        (("--sign", "balances.csv"), "not a private key"),
        (("--note", "missing/day.note"), "does not exist"),
    ],
)
def test_terms_that_cannot_be(run: Run, arguments: tuple[str, ...], words: str) -> None:
    before = names()
    error = run(*commit("-o", "day", *arguments), code=(2, 3)).stderr
    assert words in error
    assert names() == before


def test_what_is_required(run: Run) -> None:
    full = commit("-o", "day")
    for option in ("--id-column", "--unit", "--origin", "--snapshot-id", "-o"):
        place = full.index(option)
        run(*full[:place], *full[place + 2 :], code=2)
    run("liabilities", "commit", "balances.csv", *WIDE, *TERMS, "1", "-o", "day", code=2)
    run(*commit("-o", "day", table="nothing.csv"), code=4)
    assert names() == {"balances.csv"}


def test_a_snapshot_is_never_replaced(run: Run) -> None:
    run(*commit("-o", "day"))
    digest = liabilities.open("day").statement.digest
    assert "never replaced" in run(*commit("-o", "day"), code=2).stderr
    assert "day.note exists" in run(*commit("-o", "other", "--note", "day.note"), code=2).stderr
    assert liabilities.open("day").statement.digest == digest
    assert names() == {"balances.csv", "day", "day.note"}


def test_a_statement_that_cannot_follow(run: Run) -> None:
    run(*commit("-o", "day"))
    same = run(*commit("-o", "next", "--previous", "day"), code=2).stderr
    assert "it cannot follow the previous statement" in same
    other = ("--origin", "other.example")
    assert "cannot follow" in run(*commit("-o", "next", "--previous", "day", *other, day="2"), code=2).stderr
    fewer = ("liabilities", "commit", "balances.csv", *WIDE, *TERMS, "2", "--asset", "BTC=8")
    assert "EUR" in run(*fewer, "--previous", "day", "-o", "next", code=(2, 3)).stderr
    assert names() == {"balances.csv", "day", "day.note"}


def test_json_of_a_failure_names_the_file(run_json) -> None:
    Path("bad.csv").write_text("user,BTC,EUR\nalice,1\n")
    told = run_json(*commit("-o", "day", table="bad.csv"), code=3)
    assert (told["file"], told["line"]) == ("bad.csv", 2)
    assert json.dumps(told)
