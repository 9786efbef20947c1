"""Files of results: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import tallystick as ts
from tallystick import research
from tallystick.research import Bench, Results, Settings, from_csv, from_json, grid, to_csv, to_json

QUICK = Settings(repeat=2, patience=0.0, batch=5, counts=("1", "50%", "999"), memory=False, budget=1000)


@pytest.fixture(scope="module")
def results() -> Results:
    return Bench(grid(["native", "ssz_vector({size})"], sizes=[16]), QUICK).run()


def test_both_are_read_again(results: Results) -> None:
    assert from_json(to_json(results)) == results
    assert to_json(from_json(to_json(results))) == to_json(results)
    assert from_csv(to_csv(results)) == (*results.figures, *results.omissions)
    assert to_csv(from_csv(to_csv(results))) == to_csv(results)
    assert results.omissions
    assert results.settings.budget == 1000.0


def test_a_run_without_anything_is_read_again() -> None:
    empty = Bench([], QUICK).run()
    assert from_json(to_json(empty)) == empty
    assert from_csv(to_csv(empty)) == ()


def test_both_state_the_version(results: Results) -> None:
    assert json.loads(to_json(results))["format"] == "tallystick-bench/1"
    lines = to_csv(results).splitlines()
    assert lines[0].split(",") == list(research.CSV_COLUMNS)
    assert all(line.startswith("tallystick-bench/1,") for line in lines[1:])


def changed(results: Results, change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(to_json(results))
    change(document)
    return json.dumps(document)


def at(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = value

    return change


def without(*path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        del document[path[-1]]

    return change


@pytest.mark.parametrize(
    "change",
    [
        at("format", value="tallystick-bench/2"),
        at("format", value=1),
        at("extra", value=1),
        without("complete"),
        at("complete", value=1),
        at("seconds", value=1),
        at("seconds", value=-1.0),
        at("seconds", value="1.0"),
        at("environment", value=[]),
        at("environment", "cpu", value=None),
        at("environment", "load", value=True),
        without("environment", "cpu"),
        at("environment", "more", value=""),
        at("settings", "proofs", value=["some"]),
        at("settings", "proofs", value="single"),
        at("settings", "repeat", value=0),
        at("settings", "repeat", value=2**64),
        at("settings", "budget", value="none"),
        at("variants", value={}),
        at("variants", 0, "binds_size", value=1),
        at("cells", 0, "size", value=-1),
        at("cells", 0, "size", value=8.0),
        at("cells", 0, "size", value=True),
        at("cells", 0, value=[]),
        at("cells", value=[]),
        at("figures", 0, "cell", value=99),
        at("figures", 0, "cell", value=-1),
        at("figures", 0, "cell", value=True),
        without("figures", 0, "cell"),
        at("figures", 0, "measure", value="speed"),
        at("figures", 0, "unit", value="bytes"),
        at("figures", 0, "samples", value=0),
        at("figures", 0, "least", value=1e9),
        at("figures", 0, "median", value=None),
        at("figures", 0, value=1),
        at("omissions", 0, "reason", value=""),
        at("omissions", 0, "measure", value="speed"),
    ],
)
def test_json_that_is_not_ours(results: Results, change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(ts.DecodeError):
        from_json(changed(results, change))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '{"format":"tallystick-bench/1","format":"tallystick-bench/1"}',
        '{"format":"tallystick-bench/1"}',
        "[" * 100_000,
        "1" * 10_000,
    ],
)
def test_text_that_is_no_results(text: str) -> None:
    with pytest.raises(ts.DecodeError):
        from_json(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1.0", "1" * 400])
def test_numbers_that_are_none(results: Results, number: str) -> None:
    text = to_json(results).replace(f'"seconds":{results.seconds!r}', f'"seconds":{number}')
    assert text != to_json(results)
    with pytest.raises(ts.DecodeError):
        from_json(text)


def test_a_member_that_stands_twice(results: Results) -> None:
    text = to_json(results).replace('"complete":true', '"complete":true,"complete":true')
    with pytest.raises(ts.DecodeError, match="twice"):
        from_json(text)


def test_a_cell_without_figures_is_refused(results: Results) -> None:
    def add(document: dict[str, Any]) -> None:
        document["cells"].append({**document["cells"][0], "size": 99})

    with pytest.raises(ts.DecodeError, match="cells"):
        from_json(changed(results, add))


CSV_CHANGES: dict[str, Callable[[list[str]], object]] = {
    "version": lambda row: row.__setitem__(0, "tallystick-bench/2"),
    "a column less": lambda row: row.pop(),
    "a column more": lambda row: row.append(""),
    "size": lambda row: row.__setitem__(4, "x"),
    "size written otherwise": lambda row: row.__setitem__(4, "016"),
    "negative": lambda row: row.__setitem__(4, "-1"),
    "measure": lambda row: row.__setitem__(7, "speed"),
    "unit": lambda row: row.__setitem__(9, "calls"),
    "no unit": lambda row: row.__setitem__(9, ""),
    "infinite": lambda row: row.__setitem__(14, "inf"),
    "no number": lambda row: row.__setitem__(14, "nan"),
    "empty": lambda row: row.__setitem__(11, ""),
    "a reason too": lambda row: row.__setitem__(15, "because"),
    "samples": lambda row: row.__setitem__(10, "0"),
}


@pytest.mark.parametrize("name", CSV_CHANGES)
def test_csv_that_is_not_ours(results: Results, name: str) -> None:
    lines = to_csv(results.figures).splitlines()
    row = lines[1].split(",")
    CSV_CHANGES[name](row)
    assert from_csv("\n".join(lines[:2])) == results.figures[:1]
    with pytest.raises(ts.DecodeError, match=r"line 2|measure"):
        from_csv("\n".join([lines[0], ",".join(row)]))


@pytest.mark.parametrize("text", ["", "a,b\n", '"', "\x00", ",".join(research.CSV_COLUMNS) + '\n"x'])
def test_csv_without_our_columns(text: str) -> None:
    with pytest.raises(ts.DecodeError, match="line"):
        from_csv(text)


def test_types() -> None:
    for read in (from_json, from_csv):
        with pytest.raises(TypeError):
            read(b"")  # type: ignore[arg-type]


def test_tables_repeat_what_was_left_out(results: Results) -> None:
    text = research.to_markdown(results)
    assert len(results.omissions) > 4
    for one in results.omissions:
        assert one.reason.replace(one.cell.scheme, "this scheme") in text
    assert "ssz_vector({size})/sha256" in text
    assert results.environment.cpu in text


def test_reasons_are_grouped() -> None:
    from tallystick.research.tables import left_out

    cases = grid(["filecoin(8)", "ssz_vector({size})", "native"], sizes=[8, 9, 10, 64])
    found = left_out(
        Bench(cases, Settings(repeat=1, patience=0.0, counts=("9",), batch=2, memory=False)).run()
    )
    begins = [
        "append, extend, update: filecoin(8)/sha256, ssz_vector({size})/sha256: not supported: ",
        "prove multi: all schemes with 8 leaves: the tree has no 9 leaves",
        "everything: filecoin(8)/sha256 with 9 leaves: not supported: ",
        "everything: filecoin(8)/sha256 with 10 leaves: not supported: ",
    ]
    for begin in begins:
        assert [line.startswith(begin) for line in found].count(True) == 1, begin
