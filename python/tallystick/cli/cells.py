"""One cell as it is stated: what a person or program may write for each column type, and nothing else.

A claim is never rounded, normalised or guessed. A cell is a plain Python value: dates are days and timestamps
counts of their unit, both since 1970-01-01.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tallystick.cli.failures import BadData

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,38}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,75})(?:\.([0-9]{1,76}))?")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,1100})?([eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z?)")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
FRACTION_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_SPECIAL_FLOATS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
EPOCH = datetime.date(1970, 1, 1).toordinal()

_HINTS = {
    "integer": "a whole number such as -12",
    "float": 'a number such as 1.5 or -2e-7, or "NaN", "Infinity", "-Infinity"',
    "boolean": "true or false",
    "binary": "an even number of lower-case hex digits",
    "date": "YYYY-MM-DD, or the whole number of days since 1970-01-01",
}
_PYTHON: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "binary": (bytes,),
    "integer": (int,),
    "decimal": (Decimal,),
    "float": (float,),
    "boolean": (bool,),
    "date": (datetime.date, int),
    "timestamp": (datetime.datetime, int),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it was written, so that no digit is lost."""

    literal: str


Value = bytes | str | int | float | Decimal | bool | None
Json = str | bool | Number | None | list["Json"] | dict[str, "Json"]


def from_json(column_type: str, value: Json) -> Value:
    """Return the cell of type ``column_type`` that the JSON ``value`` states, or raise ``BadData``.

    >>> from_json("decimal:2", "12.50")
    Decimal('12.50')
    """
    kind = column_type.partition(":")[0]
    match value:
        case None:
            return None
        case bool() if kind == "boolean":
            return value
        case Number() if kind in ("integer", "float"):
            return from_text(column_type, value.literal)
        case Number() if kind in ("date", "timestamp") and _INTEGER.fullmatch(value.literal):
            return from_text(column_type, value.literal)
        case str() if kind != "boolean":
            return from_text(column_type, value)
    raise BadData(f"{_shown(value)} is not {_wanted(column_type)}")


def from_csv(column_type: str, field: str) -> Value:
    """Return the cell a CSV field states: as :func:`from_text`, but an empty field is null.

    In a text column it is empty text, in a binary column empty bytes.

    >>> from_csv("text", ""), from_csv("integer", "")
    ('', None)
    """
    if not field and column_type not in ("text", "binary"):
        return None
    return from_text(column_type, field)


def from_text(column_type: str, text: str) -> Value:
    """Return the cell of type ``column_type`` that ``text`` states; raise ``BadData`` for any other text.

    >>> from_text("timestamp:ms:UTC", "1970-01-01T00:00:01.500Z")
    1500
    """
    kind, _, detail = column_type.partition(":")
    value = _PARSERS[kind](text, detail)
    if value is None:
        raise BadData(f"{text!r} is not {_wanted(column_type)}")
    return value


def from_value(column_type: str, value: object) -> Value:
    """Return the cell of type ``column_type`` that the Python ``value`` states, or raise ``BadData``.

    Of a date column that is a ``date`` or a count of days, of a timestamp column a ``datetime`` (with a time
    zone exactly if the column has one) or a count of its unit; the others have one Python type each.

    >>> from_value("timestamp:ms:", datetime.datetime(1970, 1, 1, 0, 0, 1))
    1000
    """
    kind, _, detail = column_type.partition(":")
    if value is None:
        return None
    # The exact types: a bool is an int, and a datetime a date.
    if type(value) not in _PYTHON[kind]:
        wanted = " or ".join(type_.__name__ for type_ in _PYTHON[kind])
        raise BadData(f"{value!r} is of type {type(value).__name__}, and a cell of {column_type} is {wanted}")
    if isinstance(value, bool | bytes | float):
        return value
    return from_text(column_type, _text_of(value, detail))


def _text_of(value: object, detail: str) -> str:
    match value:
        case datetime.datetime():
            return _moment_text(value, detail)
        case Decimal():
            return f"{value:f}"
    return str(value)


def _moment_text(moment: datetime.datetime, detail: str) -> str:
    """Return ``moment`` as text for a column of unit and zone ``detail``; what does not fit stays visible."""
    unit = detail.partition(":")[0]
    aware = moment.utcoffset() is not None
    try:
        moment = moment.astimezone(datetime.UTC) if aware else moment
    except OverflowError:
        raise BadData(f"{moment} is not in the years 1 to 9999 of UTC") from None
    digits = FRACTION_DIGITS[unit]
    fraction = f"{moment.microsecond:06}000"
    needed = max(digits, len(fraction.rstrip("0")))
    text = moment.replace(microsecond=0, tzinfo=None).isoformat()
    return text + (f".{fraction[:needed]}" if needed else "") + ("Z" if aware else "")


def _wanted(column_type: str) -> str:
    kind, _, detail = column_type.partition(":")
    if kind == "decimal":
        precision = f"exactly {detail} digits after the point" if detail != "0" else "no point"
        return f"a decimal number with {precision}, as text"
    if kind == "timestamp":
        unit, _, zone = detail.partition(":")
        digits = FRACTION_DIGITS[unit]
        example = "2024-05-01T12:00:00" + ("." + "0" * digits if digits else "") + ("Z" if zone else "")
        return f"a time such as {example}, or the whole number of {unit} since 1970-01-01T00:00:00"
    return _HINTS.get(kind, "text")


def _shown(value: Json) -> str:
    match value:
        case Number():
            return f"the number {value.literal}"
        case bool():
            return str(value).lower()
        case list():
            return "an array"
        case dict():
            return "an object"
    return repr(value)


def _text(text: str, detail: str) -> Value:
    del detail
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadData(f"{text!r} is not Unicode text: it has a lone surrogate or was not UTF-8") from None
    return text


def _binary(text: str, detail: str) -> Value:
    del detail
    return bytes.fromhex(text) if _HEX.fullmatch(text) else None


def _integer(text: str, detail: str) -> Value:
    del detail
    if not _INTEGER.fullmatch(text):
        return None
    value = int(text)
    if not -(2**63) <= value < 2**64:
        raise BadData(f"{text} is beyond 64 bits, and no integer column holds such a value")
    return value


def _decimal(text: str, detail: str) -> Value:
    match = _DECIMAL.fullmatch(text)
    if not match or len(match[2] or "") != int(detail):
        return None
    value = Decimal(text)
    if value.is_zero() and value.is_signed():
        return None
    if len(value.as_tuple().digits) > 76:
        raise BadData(f"{text} has more than 76 digits, and no decimal column holds such a value")
    return value


def _float(text: str, detail: str) -> Value:
    del detail
    if text in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[text]
    if not _FLOAT.fullmatch(text):
        return None
    value = float(text)
    if math.isinf(value):
        raise BadData(f"{text} is beyond the largest binary64")
    return value


def _boolean(text: str, detail: str) -> Value:
    del detail
    return {"true": True, "false": False}.get(text)


def _date(text: str, detail: str) -> Value:
    del detail
    days = _days(text)
    return _count(text, 53) if days is None else days


def _days(text: str) -> int | None:
    match = _DATE.fullmatch(text)
    if not match:
        return None
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3])).toordinal() - EPOCH
    except ValueError:
        return None


def _timestamp(text: str, detail: str) -> Value:
    unit, _, zone = detail.partition(":")
    match = _TIME.fullmatch(text)
    if not match:
        return _count(text, 63)
    date, hour, minute, second, fraction, utc = match.groups(default="")
    days = _days(date)
    digits = FRACTION_DIGITS[unit]
    if days is None or int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None
    if len(fraction) != digits or bool(utc) != bool(zone):
        return None
    seconds = days * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    count: int = seconds * 10**digits + int(fraction or "0")
    if not -(2**63) <= count < 2**63:
        raise BadData(f"{text} is beyond what a column of {unit} holds")
    return count


def _count(text: str, bits: int) -> int | None:
    if not _INTEGER.fullmatch(text):
        return None
    value = int(text)
    return value if -(2**bits) <= value < 2**bits else None


_PARSERS: dict[str, Callable[[str, str], Value]] = {
    "text": _text,
    "binary": _binary,
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
