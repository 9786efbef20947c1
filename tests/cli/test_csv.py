"""CSV: everything is text, nothing passes that is not a table, and what is wrong is named by its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tallystick.cli import csvfile

from tests.cli.conftest import Run

BAD = {
    "a short row": (b"id,a,b\n1,2,3\n4,5\n6,7,8\n", 3, "2 cells, the header 3"),
    "a long row": (b"id,a\n1,2\n3,4\n5,6,7\n", 4, "3 cells, the header 2"),
    "one cell": (b"id,a\n1\n", 2, "1 cell, the header 2"),
    "a short row after quoted line ends": (b'id,a\n1,"x\ny\nz"\n2,"p\r\nq"\n3\n', 7, "1 cell, the header 2"),
    "a short row, carriage returns": (b"id,a\r1,2\r3\r", 3, "1 cell"),
    "a short row, both": (b"id,a\r\n1,2\r\n3\r\n", 3, "1 cell"),
    "a short row at the end": (b"id,a\n1,2\n3", 3, "1 cell"),
    "a short row after a byte order mark": (b"\xef\xbb\xbfid,a\n1,2\n3\n", 3, "1 cell"),
    "a blank line": (b"id,a\n1,2\n\n3,4\n", 3, "key is empty"),
    "a blank line at the end": (b"id,a\n1,2\n\n", 3, "key is empty"),
    "an empty key": (b'id,a\n1,2\n"",4\n', 3, "key is empty"),
    "a quote left open": (b'id,a\n1,2\n3,"4\n5,6\n7,8\n', 3, "never closed"),
    "a quote left open at the end": (b'id,a\n1,2\n3,"', 3, "never closed"),
    "a quote left open in one column": (b'id\n1\n"2\n3\n', 3, "never closed"),
    "a quote left open in the first column": (b'id,a\n1,2\n"3,4\n5,6\n', 3, "is a quote left open?"),
    "a quote left open in the header": (b'id,"a\n1,2\n', 1, "header"),
    "not UTF-8": (b"id,a\n1,2\n3,\xff\n", 3, "not UTF-8"),
    "not UTF-8 after quoted line ends": (b'id,a\n1,"\n\n"\n3,\xc3\n', 5, "not UTF-8"),
    "not UTF-8 in the header": (b"id,\xff\n1,2\n", 1, "not UTF-8"),
    "cut UTF-8 at the end": (b"id,a\n1,\xc3", 2, "not UTF-8"),
    "UTF-16": ("id,a\n1,2\n".encode("utf-16"), 1, "not UTF-8"),
    "no header": (b"", 1, "no header"),
    "a blank header": (b"\nid,a\n1,2\n", 1, "no header"),
    "two columns of one name": (b"id,a,a\n1,2,3\n", 1, "two columns are named 'a'"),
    "a repeated key": (b"id,a\n1,2\n3,4\n1,5\n", [2, 4], "both have the key '1'"),
    "a repeated key after quoted line ends": (
        b'id,a\n1,"\n"\n3,"\n\n"\n1,5\n',
        [2, 7],
        "both have the key '1'",
    ),
    "a repeated key, quoted and not": (b'id,a\n1,2\n"1",5\n', [2, 3], "both have the key '1'"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_named_and_nothing_is_committed(
    run: Run, run_json, tmp_path: Path, what: str
) -> None:
    data, line, words = BAD[what]
    Path("t.csv").write_bytes(data)
    refused = run_json("commit", "t.csv", "-o", "kept", "--key-column", "id", code=3)
    assert words in refused["error"]
    assert refused["file"] == "t.csv"
    assert refused.get("line", refused.get("lines")) == line
    printed = run("commit", "t.csv", "-o", "kept", "--key-column", "id", code=3).stderr
    assert printed == f"tallystick: {refused['error']}\n"
    assert "t.csv" in printed
    for number in [line] if isinstance(line, int) else line:
        assert str(number) in printed
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize("blocks", [1 << 12, csvfile.BLOCK_BYTES])
@pytest.mark.parametrize("fault", ["1", "1,2,3,4", "1,\udcff,3"])
def test_the_line_is_right_far_into_a_file(
    run_json, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, blocks: int, fault: str
) -> None:
    monkeypatch.setattr(csvfile, "BLOCK_BYTES", blocks)
    monkeypatch.chdir(tmp_path)
    lines = ["id,a,b", *(f'{number},"x\n",{number}' for number in range(20_000)), fault, "x,9,9"]
    Path("t.csv").write_text("\n".join(lines), encoding="utf-8", errors="surrogateescape")
    refused = run_json("commit", "t.csv", "-o", "kept", "--key-column", "id", code=3)
    assert refused["line"] == 1 + 2 * 20_000 + 1


def test_a_row_longer_than_a_block(run_json, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(csvfile, "BLOCK_BYTES", 1 << 20)
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("id,a\n1,2\n" + 'x,"' + "y\n" * 3_000_000)
    refused = run_json("commit", "t.csv", "-o", "kept", "--key-column", "id", code=3)
    assert refused["line"] == 3
    assert "is a quote left open?" in refused["error"]


def test_cells_are_text_as_they_are(run: Run, run_json) -> None:
    cells = ["id", "empty", "null", "number", "space", "quote", "lines", "accent"]
    row = ["1", "", "NULL", "007.50", " x ", '"q"', "a\nb\r\nc", "é"]
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
    Path("t.csv").write_bytes((",".join(cells) + "\n" + quoted + "\n").encode())
    run("commit", "t.csv", "-o", "kept", "--key-column", "id", "--salted")
    run("prove", "kept", "--key", "1", "-o", "p.json")
    verified = run_json("verify", "kept/head.tally", "p.json", "--row", json.dumps(row))
    assert verified["row"] == dict(zip(cells, row, strict=True))
    run("verify", "kept/head.tally", "p.json", "--row-csv", quoted)
    run("verify", "kept/head.tally", "p.json", "--row", json.dumps([*row[:3], "7.5", *row[4:]]), code=1)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_make_no_difference(run: Run, run_json, ending: str, last: bool, mark: str) -> None:
    text = ending.join(["id,a", "1,x", "2,y"]) + (ending if last else "")
    Path("t.csv").write_bytes((mark + text).encode())
    Path("plain.csv").write_bytes(b"id,a\n1,x\n2,y\n")
    roots = {
        run_json("commit", name, "-o", f"kept-{name}", "--key-column", "id")["root"]
        for name in ("t.csv", "plain.csv")
    }
    assert len(roots) == 1


def test_another_name_needs_the_format(run: Run) -> None:
    Path("t.txt").write_text("id,a\n1,2\n")
    run("commit", "t.txt", "-o", "kept", "--key-column", "id", code=2)
    run("commit", "t.txt", "-o", "kept", "--key-column", "id", "--format", "csv")


@pytest.mark.parametrize(("mark", "name"), [(";", "';'"), ("\t", "a tab")])
def test_another_delimiter_is_hinted_at(run: Run, mark: str, name: str) -> None:
    Path("t.csv").write_text(f"id{mark}a\n1{mark}2\n")
    refused = run("commit", "t.csv", "-o", "kept", "--key-column", "id", code=2).stderr
    assert f"commas separate columns, and this header has {name} instead" in refused
    run("commit", "t.csv", "-o", "kept", "--key-column", f"id{mark}a")
    Path("two.csv").write_text(f"id{mark}a,b\n1{mark}2,3\n")
    refused = run("commit", "two.csv", "-o", "other", "--key-column", "id", code=2).stderr
    assert "commas" not in refused
