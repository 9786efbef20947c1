"""Random CSV files against the csv module: the same cells wherever blocks end, a line for every refusal."""

from __future__ import annotations

import csv
import io
import random
import re
from pathlib import Path

import pytest
from tallystick.cli import csvfile
from tallystick.cli.failures import BadData

PIECES = ["a", "b", "é", '"', ",", "\n", "\r", "\r\n", " ", ""]


def cells_of(path: Path) -> list[list[str]]:
    table = csvfile.CsvTable(path)
    read = []
    for chunk, fraction in table.chunks(table.schema.names):
        assert 0 <= fraction <= 1
        read += [list(row.values()) for row in chunk.to_pylist()]
    return read


def random_rows(random: random.Random, width: int) -> list[list[str]]:
    def cell() -> str:
        return "".join(random.choice(PIECES) for _ in range(random.randrange(5)))

    header = [f"h{place}" for place in range(width)]
    return [header, *([cell() for _ in range(width)] for _ in range(random.randrange(40)))]


@pytest.mark.parametrize("seed", range(300))
def test_a_well_formed_file_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    rows = random_rows(chance, chance.choice([1, 2, 3]))
    ending = chance.choice(["\n", "\r\n", "\r"])

    def quoted(cell: str) -> str:
        bare = cell and not set(cell) & set('",\n\r') and chance.random() < 0.7
        return cell if bare else '"' + cell.replace('"', '""') + '"'

    text = ending.join(",".join(map(quoted, row)) for row in rows) + chance.choice(["", ending])
    monkeypatch.setattr(csvfile, "BLOCK_BYTES", chance.choice([150, 157, 257, 1000, 4096]))
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    assert cells_of(path) == rows[1:]


@pytest.mark.parametrize("seed", range(300))
def test_a_wild_file_is_refused_by_line_or_read_as_the_csv_module_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    rows = random_rows(chance, chance.choice([1, 2, 3]))
    text = "\n".join(",".join(row) for row in rows)
    monkeypatch.setattr(csvfile, "BLOCK_BYTES", chance.choice([150, 1000]))
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    lines = 1 + len(re.findall("\r\n|\r|\n", text))
    try:
        read = cells_of(path)
    except BadData as error:
        refused = error
    else:
        expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
        assert read == [record or [""] * len(rows[0]) for record in expected]
        return
    assert 1 <= refused.details["line"] <= lines


@pytest.mark.parametrize("shift", range(40))
def test_line_ends_inside_quotes_survive_the_end_of_a_block(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shift: int
) -> None:
    monkeypatch.setattr(csvfile, "BLOCK_BYTES", 64)
    rows = [["x" * shift, "\r\n" * 3], ["\r", "\n"], ["y", "\r\n\r"]]
    text = "h0,h1\r\n" + "".join(f'"{a}","{b}"\r\n' for a, b in rows)
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    assert cells_of(path) == rows
