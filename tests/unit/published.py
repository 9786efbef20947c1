"""What the tests of published formats share: mutations of JSON documents, and refusals. No tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import tallystick as ts

Place = tuple[str | int, ...]
REFUSED = (ts.InvalidProof, ts.DecodeError)


def refused(call: Callable[[], object]) -> ts.InvalidProof | ts.DecodeError:
    with pytest.raises(REFUSED) as caught:
        call()
    assert isinstance(caught.value, ts.DecodeError) or isinstance(caught.value.reason, ts.Reason)
    return caught.value


def reason(call: Callable[[], object]) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        call()
    return caught.value.reason


def mutations(document: dict[str, Any]) -> Iterator[tuple[Place, object, dict[str, Any]]]:
    """Every scalar changed in every small way, every key and item left out, added, exchanged."""
    for place, value in _walk(document):
        for other in _others(value):
            if other != value or type(other) is not type(value):
                yield place, other, _with(document, place, other)
        if isinstance(value, dict):
            for key in value:
                less = {name: part for name, part in value.items() if name != key}
                yield place, ("without", key), _with(document, place, less)
            yield place, "with more", _with(document, place, {**value, "extra": "1"})
        if isinstance(value, list):
            for at in range(len(value)):
                yield place, ("without", at), _with(document, place, value[:at] + value[at + 1 :])
                yield place, ("twice", at), _with(document, place, value[: at + 1] + value[at:])
            for at in range(len(value) - 1):
                swapped = [*value[:at], value[at + 1], value[at], *value[at + 2 :]]
                if swapped != value:
                    yield place, ("swapped", at), _with(document, place, swapped)


def _walk(value: object, place: Place = ()) -> Iterator[tuple[Place, object]]:
    yield place, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, (*place, key))
    if isinstance(value, list):
        for at, part in enumerate(value):
            yield from _walk(part, (*place, at))


def _others(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield from (value + 1, value - 1, value + 2, -value - 1, 10**30, float(value), str(value), True, None)
    if isinstance(value, str):
        yield from (int(value) if value.isdigit() else 0, None, "", value + "0", "0" + value, "-" + value)
        yield from ("+" + value, value + " ", value.upper() + "x", value + "\n", value + "\u0661", [value])
        for at, sign in enumerate(value):
            if sign.isdigit():
                yield value[:at] + str((int(sign) + 1) % 10) + value[at + 1 :]
            if sign in "abcdef":
                yield value[:at] + "fabcde"["abcdef".index(sign)] + value[at + 1 :]
            if len(value) == 64 and at % 21:
                continue
            yield value[:at] + value[at + 1 :]


def _with(document: dict[str, Any], place: Place, value: object) -> dict[str, Any]:
    if not place:
        return copy.deepcopy(value)  # type: ignore[return-value]
    changed = copy.deepcopy(document)
    at: Any = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return changed


def check_mutations(
    document: dict[str, Any],
    verify: Callable[[str], object],
    free: Callable[[Place, object], bool],
    *,
    every: int = 1,
) -> int:
    """Every mutation is refused, but of what no hash has; how many there were."""
    count = 0
    for number, (place, what, changed) in enumerate(mutations(document)):
        if free(place, what) or number % every:
            continue
        count += 1
        try:
            verify(json.dumps(changed))
        except REFUSED:
            continue
        pytest.fail(f"accepted: {place} as {what!r}")
    return count


def decimals(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)
