"""A cell as text: the spelling in which a person states it, so that what is shown can be stated again."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal

from tallystick.cli.cells import EPOCH, FRACTION_DIGITS, Value

DAY_SECONDS = 86_400


def spell(column_type: str, value: Value) -> str | bool | None:
    """Return the JSON value that states ``value``: text, but true and false for a boolean and None for null.

    Dates and times beyond the years 1 to 9999, which have no spelling of their own, are counts.

    >>> spell("timestamp:ms:UTC", 1500), spell("float", 0.1), spell("binary", bytes([255]))
    ('1970-01-01T00:00:01.500Z', '0.1', 'ff')
    """
    kind, _, detail = column_type.partition(":")
    match value:
        case None | bool() | str():
            return value
        case bytes():
            return value.hex()
        case float():
            return _float(value)
        case Decimal():
            return f"{value:f}"
    moment = {"date": lambda: _date(value), "timestamp": lambda: _timestamp(value, detail)}.get(kind)
    return (moment and moment()) or str(value)


def printed(column_type: str, value: Value) -> str:
    """Return the cell for people: text in quotes, everything else as :func:`spell` does."""
    shown = spell(column_type, value)
    match shown:
        case None:
            return "null"
        case bool():
            return str(shown).lower()
    return repr(shown) if column_type in ("text", "binary") else shown


def plain(text: str) -> str:
    r"""Return ``text`` on one line, and harmless to a terminal: what does not print is shown escaped.

    Everything that a file says passes through here on its way to people.

    >>> print(plain("a\n\x1b[2Jb"))
    a\n\x1b[2Jb
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def _date(days: int) -> str | None:
    ordinal = days + EPOCH
    within = 1 <= ordinal <= datetime.date.max.toordinal()
    return datetime.date.fromordinal(ordinal).isoformat() if within else None


def _timestamp(count: int, detail: str) -> str | None:
    unit, _, zone = detail.partition(":")
    digits = FRACTION_DIGITS[unit]
    seconds, fraction = divmod(count, 10**digits)
    days, second = divmod(seconds, DAY_SECONDS)
    date = _date(days)
    if date is None:
        return None
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{date}T{clock}" + (f".{fraction:0{digits}}" if digits else "") + ("Z" if zone else "")
