"""``tallystick commit``: what it leaves in the directory, and that it leaves nothing when it fails."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tallystick as ts
from tallystick.cli import tables
from tallystick.cli.context import Column, TableContext

from tests.cli.conftest import Run, customers, write


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.arrow", "t-stream.arrow", "t.feather"])
@pytest.mark.parametrize("salted", [True, False])
def test_every_format_and_every_row(run: Run, run_json, tmp_path: Path, name: str, salted: bool) -> None:
    table = write(customers(20), tmp_path / name)
    printed = run_json(
        "commit", table, "-o", "kept", "--key-column", "id", "--salted" if salted else "--no-salted"
    )
    head = ts.TreeHead.from_bytes(Path("kept/head.tally").read_bytes())
    seconds = printed.pop("seconds")
    assert list(seconds) == ["read", "encode", "tree", "keys", "files"]
    assert all(0 <= value < 60 for value in seconds.values())
    assert printed == {
        "directory": "kept",
        "rows": "20",
        "key_column": "id",
        "salted": salted,
        "hash": "blake3",
        "root": head.root.hex(),
    }
    expected = {"tree.tally", "head.tally", "keys.npy", "commit.json"} | ({"salts.npy"} if salted else set())
    assert {path.name for path in Path("kept").iterdir()} == expected
    for number in range(20):
        key = f"customer-{number:06d}"
        run("prove", "kept", "--key", key, "-o", f"{number}.json")
        note = "" if number % 3 else f"née {number}"
        price = f"0.{number:02d}"
        # pyarrow writes a null as an empty field, and CSV has text only.
        cells = [key, note if note or name == "t.csv" else None]
        cells += [str(number), price] if name == "t.csv" else [number, price]
        verified = run_json("verify", "kept/head.tally", f"{number}.json", "--row", json.dumps(cells))
        assert verified["index"] == str(number)


def test_the_root_is_the_one_the_library_computes(run: Run, tmp_path: Path) -> None:
    table = customers(20)
    run("commit", write(table, tmp_path / "t.parquet"), "-o", "kept", "--key-column", "id", "--salted")
    head = ts.TreeHead.from_bytes(Path("kept/head.tally").read_bytes())
    columns = (
        Column("id", "text"),
        Column("note", "text"),
        Column("balance", "integer"),
        Column("price", "decimal:2"),
    )
    scheme = ts.schemes.native(ts.hashes.BLAKE3).with_context(TableContext(True, columns).to_bytes())
    assert ts.head_of(ts.encode_rows(table, salts=np.load("kept/salts.npy")), scheme=scheme) == head


def test_columns_choose_and_order(run: Run, run_json, tmp_path: Path) -> None:
    table = write(customers(20), tmp_path / "t.parquet")
    run("commit", table, "-o", "kept", "--key-column", "id", "--columns", "balance,id", "--hash", "sha256")
    inspected = run_json("inspect", "kept/head.tally")
    assert list(inspected["columns"].items()) == [("balance", "integer"), ("id", "text")]
    assert inspected["scheme"] == "native/sha256"
    run("prove", "kept", "--key", "customer-000003", "-o", "p.json")
    run("verify", "kept/head.tally", "p.json", "--row", '[3, "customer-000003"]')
    run("verify", "kept/head.tally", "p.json", "--row", '["customer-000003", 3]', code=3)


def test_salts_differ_from_row_to_row_and_from_time_to_time(run: Run, tmp_path: Path) -> None:
    table = write(customers(20), tmp_path / "t.parquet")
    for name in ("one", "two"):
        run("commit", table, "-o", name, "--key-column", "id", "--salted")
    salts = np.concatenate([np.load("one/salts.npy"), np.load("two/salts.npy")])
    assert len({salt.tobytes() for salt in salts}) == 40
    assert Path("one/head.tally").read_bytes() != Path("two/head.tally").read_bytes()


def test_manifest(commitment: Path) -> None:
    manifest = json.loads((commitment / "commit.json").read_text())
    head = ts.TreeHead.from_bytes((commitment / "head.tally").read_bytes())
    assert manifest == {
        "format": "tallystick-commit",
        "version": 1,
        "table": "customers.parquet",
        "rows": "20",
        "key_column": "id",
        "salted": True,
        "hash": "blake3",
        "root": head.root.hex(),
    }


def test_an_existing_directory_is_left_alone(run: Run, commitment: Path) -> None:
    before = (commitment / "head.tally").read_bytes()
    refused = run("commit", "customers.parquet", "-o", "kept", "--key-column", "id", code=2)
    assert "not empty" in refused.stderr
    assert (commitment / "head.tally").read_bytes() == before


def test_overwrite_replaces_an_earlier_commitment_only(run: Run, commitment: Path) -> None:
    before = (commitment / "head.tally").read_bytes()
    run("commit", "customers.parquet", "-o", "kept", "--key-column", "id", "--overwrite")
    assert (commitment / "head.tally").read_bytes() != before
    assert not (commitment / "salts.npy").exists()
    (commitment / "letter.txt").write_text("mine")
    refused = run("commit", "customers.parquet", "-o", "kept", "--key-column", "id", "--overwrite", code=2)
    assert "letter.txt" in refused.stderr
    assert (commitment / "letter.txt").read_text() == "mine"
    Path("other").mkdir()
    Path("other/letter.txt").write_text("mine")
    run("commit", "customers.parquet", "-o", "other", "--key-column", "id", "--overwrite", code=2)
    assert sorted(path.name for path in Path().iterdir()) == [
        "customers.parquet",
        "kept",
        "other",
        "proof.json",
    ]


def test_a_failed_overwrite_keeps_what_was_there(run: Run, commitment: Path) -> None:
    before = {path.name: path.read_bytes() for path in commitment.iterdir()}
    Path("bad.csv").write_text("id,a\n1,2\n1,3\n")
    run("commit", "bad.csv", "-o", "kept", "--key-column", "id", "--overwrite", code=3)
    assert {path.name: path.read_bytes() for path in commitment.iterdir()} == before
    assert sorted(path.name for path in Path().iterdir()) == [
        "bad.csv",
        "customers.parquet",
        "kept",
        "proof.json",
    ]


def test_an_empty_directory_is_taken(run: Run, tmp_path: Path) -> None:
    Path("kept").mkdir()
    run("commit", write(customers(3), tmp_path / "t.csv"), "-o", "kept", "--key-column", "id")
    assert Path("kept/head.tally").exists()


def test_a_table_without_rows(run: Run, tmp_path: Path) -> None:
    for name in ("t.csv", "t.parquet", "t.arrow"):
        table = write(customers(1)[:0], tmp_path / name)
        run("commit", table, "-o", f"kept-{name}", "--key-column", "id", "--salted")
        assert ts.TreeHead.from_bytes(Path(f"kept-{name}/head.tally").read_bytes()).size == 0
        run("prove", f"kept-{name}", "--key", "x", code=4)


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("t.parquet", "--key-column", "nope"), 2, "no column 'nope'"),
        (("t.parquet", "--key-column", "id", "--columns", "note"), 2, "must be one of --columns"),
        (("t.parquet", "--key-column", "id", "--columns", "id,id"), 2, "twice"),
        (("t.parquet", "--key-column", "id", "--columns", "id,nope"), 2, "no column 'nope'"),
        (("t.parquet", "--key-column", "id", "--hash", "md5"), 2, "is not one of"),
        (("t.parquet", "--key-column", "id", "--hash", "xxh3_128"), 2, "xxh3_128"),
        (("t.parquet",), 2, "--key-column"),
        (("t.table", "--key-column", "id"), 2, "--format"),
        (("absent.csv", "--key-column", "id"), 4, "absent.csv"),
        (("t.parquet", "--key-column", "note"), 3, "row 2: the key is null"),
        (("empty.parquet", "--key-column", "id"), 3, "empty.parquet"),
        (("empty.arrow", "--key-column", "id"), 3, "empty.arrow"),
        (("noise.parquet", "--key-column", "id"), 3, "noise.parquet"),
        (("noise.arrow", "--key-column", "id"), 3, "noise.arrow"),
        (("cut.arrow", "--key-column", "id"), 3, "cut.arrow"),
        (("cut.parquet", "--key-column", "id"), 3, "cut.parquet"),
        ((".", "--key-column", "id", "--format", "csv"), 5, "directory"),
    ],
)
def test_what_cannot_be_committed_to(  # noqa: PLR0917 - fixtures and parameters
    run: Run, run_json, tmp_path: Path, args, code: int, words: str
) -> None:
    for suffix in ("parquet", "arrow"):
        whole = write(customers(20), tmp_path / f"t.{suffix}").read_bytes()
        Path(f"empty.{suffix}").write_bytes(b"")
        Path(f"noise.{suffix}").write_bytes(b"ARROW1PAR1" + bytes(300))
        Path(f"cut.{suffix}").write_bytes(whole[: len(whole) // 2])
    Path("t.table").write_bytes(b"")
    before = sorted(tmp_path.iterdir())
    assert words in run("commit", *args, "-o", "kept", code=code).stderr
    run_json("commit", *args, "-o", "kept", code=code)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array([None, None]), "cast it, or leave it out by --columns"),
        (pa.array([[1], [2]]), "cast"),
        (pa.array(["a", "b"]).dictionary_encode(), "cast"),
        (pa.array([1, 2], pa.duration("s")), "cast"),
    ],
)
def test_columns_without_an_encoding(run: Run, tmp_path: Path, column: pa.Array, words: str) -> None:
    table = write(pa.table({"id": ["x", "y"], "odd": column}), tmp_path / "t.arrow")
    refused = run("commit", table, "-o", "kept", "--key-column", "id", code=3)
    assert words in refused.stderr
    assert "'odd'" in refused.stderr.replace('"', "'")
    run("commit", table, "-o", "kept", "--key-column", "id", "--columns", "id")


def test_columns_of_one_name(run: Run, tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["x"]), pa.array([1]), pa.array([2])], names=["id", "a", "a"])
    refused = run("commit", write(table, tmp_path / "t.arrow"), "-o", "kept", "--key-column", "id", code=3)
    assert "two columns are named 'a'" in refused.stderr


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_a_repeated_key_names_both_rows(run: Run, run_json, tmp_path: Path, suffix: str) -> None:
    keys = list(range(30))
    keys[25] = keys[3]
    keys[28] = keys[1]
    table = write(pa.table({"id": keys, "a": keys}), tmp_path / f"t.{suffix}")
    refused = run_json("commit", table, "-o", "kept", "--key-column", "id", code=3)
    assert refused["rows"] == [4, 26]
    assert refused["key"] == "3"
    assert "both have the key '3' (2 rows repeat an earlier key)" in refused["error"]
    assert [path.name for path in tmp_path.iterdir()] == [table.name]


def test_keys_of_every_type_that_is_a_name(run: Run, tmp_path: Path) -> None:
    keys = {
        "number": pa.array([5, -3]),
        "blob": pa.array([b"\x01\xff", b""]),
        "day": pa.array([1, 2], pa.date32()),
    }
    texts = {"number": "-3", "blob": "", "day": "1970-01-03"}
    table = write(pa.table(keys), tmp_path / "t.parquet")
    for column, text in texts.items():
        run("commit", table, "-o", f"kept-{column}", "--key-column", column)
        run("prove", f"kept-{column}", "--key", text, "-o", f"{column}.json")
        row = json.dumps({"number": -3, "blob": "", "day": "1970-01-03"})
        run("verify", f"kept-{column}/head.tally", f"{column}.json", "--row", row)
    run("prove", "kept-number", "--key", "five", code=3)


def test_an_unwritable_place(run: Run, tmp_path: Path) -> None:
    table = write(customers(3), tmp_path / "t.csv")
    refused = run("commit", table, "-o", "absent/kept", "--key-column", "id", code=4).stderr
    assert refused == "tallystick: absent/kept: the directory that it is to be in does not exist\n"
    run("commit", table, "-o", "t.csv", "--key-column", "id", code=2)
    refused = run("commit", table, "-o", "t.csv/kept", "--key-column", "id", code=5).stderr
    assert refused == "tallystick: t.csv/kept: Not a directory\n"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([1, 1], pa.timestamp("ns", "Asia/Tokyo")), "1"),
        (pa.array([b"\xff", b"\xff"]), "ff"),
        (pa.array([0, 0], pa.date32()), "1970-01-01"),
        (pa.array([Decimal("0.00"), Decimal("0.00")], pa.decimal128(9, 2)), "0.00"),
        (pa.array([True, True]), "true"),
    ],
)
def test_a_repeated_key_is_named_as_prove_takes_it(
    run_json, tmp_path: Path, column: pa.Array, text: str
) -> None:
    path = write(pa.table({"id": column}), tmp_path / "t.arrow")
    assert run_json("commit", path, "-o", "kept", "--key-column", "id", code=3)["key"] == text
    path = write(pa.table({"id": column[:1]}), tmp_path / "t.arrow")
    run_json("commit", path, "-o", "kept", "--key-column", "id")
    run_json("prove", "kept", "--key", text)


def test_a_cell_that_cannot_be_encoded(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 4)
    days = pa.array([86_400_000 * day + (day == 6) for day in range(10)], pa.int64()).view(pa.date64())
    path = write(pa.table({"id": range(10), "day": days}), tmp_path / "t.arrow")
    refused = run("commit", path, "-o", "kept", "--key-column", "id", code=3)
    assert "whole day" in refused.stderr
    assert "(here row 0 is row 6 of the table)" in refused.stderr  # the file has batches of 5 rows
    assert [path.name for path in tmp_path.iterdir()] == ["t.arrow"]
