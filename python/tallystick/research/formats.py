"""Results as files: strict JSON with everything, and CSV with one line for each figure and omission.

Both state their version, ``tallystick-bench/1``. Readers are strict: a member or column too many or too few,
a value of another type, a number that is negative, infinite or none raises :class:`~tallystick.DecodeError`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import types
import typing
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, NoReturn, TypeVar

from tallystick.errors import DecodeError
from tallystick.research.results import (
    MEASURES,
    Cell,
    Environment,
    Figure,
    Omission,
    Results,
    Settings,
    Variant,
)

__all__ = ["CSV_COLUMNS", "from_csv", "from_json", "to_csv", "to_json"]

FORMAT = "tallystick-bench/1"
_NUMBERS = ("samples", "median", "least", "most", "mean")
#: The columns of :func:`to_csv`. A line has either numbers or a reason why there are none.
CSV_COLUMNS = (
    "format",
    *(field.name for field in fields(Cell)),
    "measure",
    "count",
    "unit",
    *_NUMBERS,
    "reason",
)
# What a file of results can be, at the most: it is read whole.
_LARGEST = 1 << 28
T = TypeVar("T")


def to_json(results: Results) -> str:
    """Return ``results`` as one JSON object: ``format``, then the members of :class:`Results` in order.

    Values are objects with the names of the classes' fields; a figure's ``cell`` is its place in ``cells``.

    >>> from tallystick import research
    >>> results = research.Bench(research.grid(["rfc6962"], sizes=[8]), repeat=1, memory=False).run()
    >>> research.to_json(results)[:31]
    '{"format":"tallystick-bench/1",'
    """
    rows: list[Figure | Omission] = [*results.figures, *results.omissions]
    cells = list(dict.fromkeys(one.cell for one in rows))
    places = {cell: place for place, cell in enumerate(cells)}
    document: dict[str, Any] = {
        "format": FORMAT,
        "complete": results.complete,
        "seconds": results.seconds,
        "environment": _members(results.environment),
        "settings": _members(results.settings),
        "variants": [_members(variant) for variant in results.variants],
        "cells": [_members(cell) for cell in cells],
        "figures": [_members(figure) | {"cell": places[figure.cell]} for figure in results.figures],
        "omissions": [_members(one) | {"cell": places[one.cell]} for one in results.omissions],
    }
    lists = ("variants", "cells", "figures", "omissions")
    # One value a line, so that two runs can be compared by eye.
    text = ",\n".join(
        f"{json.dumps(key)}:{_lines(value) if key in lists else _compact(value)}"
        for key, value in document.items()
    )
    return "{" + text + "}\n"


def from_json(text: str) -> Results:
    """Read what :func:`to_json` wrote; :class:`~tallystick.DecodeError` for anything else.

    >>> from tallystick import research
    >>> research.from_json('{"format":"tallystick-bench/1"}')
    Traceback (most recent call last):
    tallystick.errors.DecodeError: results: 'complete' is missing
    """
    if not isinstance(text, str):
        raise TypeError(f"JSON is text, not {type(text).__name__}")
    if len(text) > _LARGEST:
        raise DecodeError(f"results of {len(text)} characters are more than {_LARGEST}")
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"results are not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DecodeError(f"these are no results of a bench, or not of version {FORMAT}")
    names = ("format", "complete", "seconds", "environment", "settings")
    lists = ("variants", "cells", "figures", "omissions")
    _same_names("results", found, [*names, *lists])
    cells = [_read(Cell, one, f"cell {place}") for place, one in enumerate(_list(found, "cells"))]
    figures = [
        _figure(_read(Figure, _with_cell(one, cells, f"figure {place}"), f"figure {place}"))
        for place, one in enumerate(_list(found, "figures"))
    ]
    omissions = [
        _omission(_read(Omission, _with_cell(one, cells, f"omission {place}"), f"omission {place}"))
        for place, one in enumerate(_list(found, "omissions"))
    ]
    variants = [_read(Variant, one, f"variant {place}") for place, one in enumerate(_list(found, "variants"))]
    rows: list[Figure | Omission] = [*figures, *omissions]
    if {one.cell for one in rows} != set(cells) or len(set(cells)) != len(cells):
        raise DecodeError("the cells of the results are not those of their figures and omissions")
    return Results(
        _read(Environment, found["environment"], "environment"),
        _read(Settings, found["settings"], "settings"),
        tuple(variants),
        tuple(figures),
        tuple(omissions),
        _value(float, found["seconds"], "seconds"),
        _value(bool, found["complete"], "complete"),
    )


def to_csv(rows: Results | Iterable[Figure | Omission]) -> str:
    """Return figures and omissions as CSV with a header, lines ending in a line feed.

    The environment and the settings are in the JSON only.

    >>> from tallystick import research
    >>> results = research.Bench(research.grid(["rfc6962"], sizes=[8]), repeat=1, memory=False).run()
    >>> print(research.to_csv(results.select("calls_build")), end="")
    format,variant,scheme,hash,size,threads,leaf_bytes,measure,count,unit,samples,median,least,most,mean,reason
    tallystick-bench/1,rfc6962,rfc6962/sha256,sha256,8,1,32,calls_build,1,calls,1,15.0,15.0,15.0,15.0,
    """
    both: Iterable[Figure | Omission]
    both = [*rows.figures, *rows.omissions] if isinstance(rows, Results) else rows
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in both:
        cell = [getattr(row.cell, field.name) for field in fields(Cell)]
        if isinstance(row, Figure):
            numbers = [repr(getattr(row, name)) for name in _NUMBERS]
            writer.writerow([FORMAT, *cell, row.measure, row.count, row.unit, *numbers, ""])
        else:
            empty = [""] * (1 + len(_NUMBERS))
            writer.writerow([FORMAT, *cell, row.measure, row.count, *empty, row.reason])
    return file.getvalue()


def from_csv(text: str) -> tuple[Figure | Omission, ...]:
    """Read what :func:`to_csv` wrote; :class:`~tallystick.DecodeError`, with the line, for anything else.

    >>> from tallystick import research
    >>> results = research.Bench(research.grid(["rfc6962"], sizes=[8]), repeat=1, memory=False).run()
    >>> research.from_csv(research.to_csv(results)) == (*results.figures, *results.omissions)
    True
    """
    if not isinstance(text, str):
        raise TypeError(f"CSV is text, not {type(text).__name__}")
    if len(text) > _LARGEST:
        raise DecodeError(f"results of {len(text)} characters are more than {_LARGEST}")
    found: list[Figure | Omission] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(next(reader, ())) != CSV_COLUMNS:
            raise DecodeError(f"line 1: the columns are not {','.join(CSV_COLUMNS)}")
        for row in reader:
            try:
                found.append(_row(row))
            except DecodeError as error:
                raise DecodeError(f"line {reader.line_num}: {error}") from None
    except csv.Error as error:
        raise DecodeError(f"line {reader.line_num}: {error}") from None
    return tuple(found)


def _row(row: list[str]) -> Figure | Omission:
    if len(row) != len(CSV_COLUMNS):
        raise DecodeError(f"{len(row)} columns instead of {len(CSV_COLUMNS)}")
    named = dict(zip(CSV_COLUMNS, row, strict=True))
    if named.pop("format") != FORMAT:
        raise DecodeError(f"not of version {FORMAT}")
    texts = {field.name: named.pop(field.name) for field in fields(Cell)}
    cell = _read(Cell, _typed(Cell, texts), "cell")
    reason = named.pop("reason")
    if named["unit"]:
        if reason:
            raise DecodeError("both numbers and a reason why there are none")
        return _figure(_read(Figure, _typed(Figure, named) | {"cell": cell}, "figure"))
    if any(named.pop(name) for name in ("unit", *_NUMBERS)):
        raise DecodeError("numbers without a unit")
    values = _typed(Omission, named) | {"cell": cell, "reason": reason}
    return _omission(_read(Omission, values, "omission"))


def _typed(kind: type, texts: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a line as values of the types that ``kind`` has."""
    types_of = _types(kind)
    values: dict[str, Any] = {}
    for name, text in texts.items():
        wanted = types_of[name]
        try:
            values[name] = wanted(text) if wanted in (int, float) else text
        except ValueError:
            raise DecodeError(f"{name} is {text!r}, which is no number") from None
        if wanted in (int, float) and repr(values[name]) != text:
            raise DecodeError(f"{name} is {text!r}, which is written otherwise")
    return values


def _members(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _lines(values: list[Any]) -> str:
    return "[" + ",".join(f"\n{_compact(value)}" for value in values) + "]"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _list(found: dict[str, Any], name: str) -> list[Any]:
    if not isinstance(found[name], list):
        raise DecodeError(f"{name}: not an array")
    values: list[Any] = found[name]
    return values


def _with_cell(found: Any, cells: list[Cell], place: str) -> Any:
    if not isinstance(found, dict) or type(found.get("cell")) is not int:
        raise DecodeError(f"{place}: 'cell' is not the place of a cell")
    if not 0 <= found["cell"] < len(cells):
        raise DecodeError(f"{place}: there is no cell {found['cell']}")
    return found | {"cell": cells[found["cell"]]}


def _same_names(place: str, found: dict[str, Any], names: list[str]) -> None:
    for name in names:
        if name not in found:
            raise DecodeError(f"{place}: {name!r} is missing")
    for name in found:
        if name not in names:
            raise DecodeError(f"{place}: {name!r} is unknown")


def _read(kind: type[T], found: Any, place: str) -> T:
    """Return the dataclass ``kind`` of the members ``found``."""
    if not isinstance(found, dict):
        raise DecodeError(f"{place}: not an object")
    types_of: dict[str, Any] = _types(kind)  # type: ignore[arg-type]  # classes are hashable
    _same_names(place, found, list(types_of))
    values = {name: _value(wanted, found[name], f"{place}: {name}") for name, wanted in types_of.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise DecodeError(f"{place}: {error}") from None


@cache
def _types(kind: Any, /) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _value(wanted: Any, found: Any, place: str) -> Any:
    """Return ``found`` if it is of the type ``wanted``: numbers are finite and not negative."""
    if isinstance(wanted, types.UnionType):
        if found is None:
            return None
        wanted = next(one for one in wanted.__args__ if one is not type(None))
    if typing.get_origin(wanted) is tuple:
        if not isinstance(found, list):
            raise DecodeError(f"{place}: not an array")
        return tuple(_value(wanted.__args__[0], one, place) for one in found)
    # The exact types: a bool is an int.
    if wanted is float and type(found) is int:
        raise DecodeError(f"{place}: {found} is written without a point")
    if type(found) is not wanted:
        raise DecodeError(f"{place}: {type(found).__name__} instead of {wanted.__name__}")
    if wanted is float and not (math.isfinite(found) and found >= 0):
        raise DecodeError(f"{place}: {found} is not a number from 0 up")
    if wanted is int and not 0 <= found < 1 << 64:
        raise DecodeError(f"{place}: an integer is not of 64 bits")
    return found


def _figure(figure: Figure) -> Figure:
    """Return ``figure`` if its numbers can be those of one measure."""
    place = f"{figure.measure} of {figure.cell}"
    if figure.measure not in MEASURES:
        raise DecodeError(f"there is no measure {figure.measure!r}")
    if figure.unit != MEASURES[figure.measure][0]:
        raise DecodeError(f"{place}: in {figure.unit!r}")
    if not figure.samples or not figure.least <= figure.median <= figure.most:
        raise DecodeError(f"{place}: the median of {figure.samples} values is not between least and most")
    return figure


def _omission(omission: Omission) -> Omission:
    """Return ``omission`` if it names a measure or none, and says why."""
    if omission.measure and omission.measure not in MEASURES:
        raise DecodeError(f"there is no measure {omission.measure!r}")
    if not omission.reason:
        raise DecodeError(f"{omission.cell}: left out without a reason")
    return omission
