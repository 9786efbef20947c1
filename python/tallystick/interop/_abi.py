"""Solidity's contract ABI, encoding only: types that leaves of OpenZeppelin's trees are made of.

Source: the Solidity documentation, "Contract ABI Specification", formal specification of the encoding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

_WORD = 32
_MOST_NESTED = 16
_MOST_CHARACTERS = 1_000
_ARRAY = re.compile(r"(.*)\[([1-9][0-9]{0,8})?\]", re.ASCII | re.DOTALL)
_INTEGER = re.compile(r"(u?)int([1-9][0-9]{0,2})?", re.ASCII)
_BYTES = re.compile(r"bytes([1-9][0-9]?)", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,79})", re.ASCII)
_HEX_INTEGER = re.compile(r"0x[0-9a-fA-F]{1,64}", re.ASCII)
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Type:
    """A parsed type. ``head`` is how many bytes it takes in place: of a dynamic type, those of its offset."""

    head: int
    dynamic: bool
    encode: Callable[[object, str], bytes]


def encode(types: Sequence[str], values: object, what: str = "values") -> bytes:
    """Return ``abi.encode`` of values of these types. ``what``: what errors call them."""
    if isinstance(types, str):
        raise TypeError("types must be a sequence of types, not one str")
    return _encode_all([parse(name) for name in types], _items(values, what, len(types)), what)


def parse(name: str) -> Type:
    """Parse a type's name. ``ValueError`` for what is no type or one that is not known here."""
    if not isinstance(name, str):
        raise TypeError(f"a type is named by str, not {type(name).__name__}")
    if len(name) > _MOST_CHARACTERS:
        raise ValueError(f"a type's name has at most {_MOST_CHARACTERS} characters, not {len(name)}")
    return _parse(name, 0)


@cache
def _elementary(name: str) -> Type | None:
    fixed = {"address": _address, "bool": _bool}
    if name in fixed:
        return Type(_WORD, False, fixed[name])
    if name in ("bytes", "string"):
        return Type(_WORD, True, _string if name == "string" else _bytes)
    if match := _INTEGER.fullmatch(name):
        bits = int(match[2] or 256)
        if bits % 8 == 0 and bits <= 256:
            return Type(_WORD, False, _integers(name, bits, signed=not match[1]))
    if (match := _BYTES.fullmatch(name)) and int(match[1]) <= _WORD:
        return Type(_WORD, False, _fixed_bytes(int(match[1])))
    return None


def _parse(name: str, nested: int) -> Type:
    if nested > _MOST_NESTED:
        raise ValueError(f"a type is nested at most {_MOST_NESTED} times")
    if match := _ARRAY.fullmatch(name):
        return _array(_parse(match[1], nested + 1), int(match[2]) if match[2] else None)
    if name.startswith("(") and name.endswith(")"):
        return _tuple([_parse(part, nested + 1) for part in _split(name[1:-1])])
    if (found := _elementary(name)) is None:
        raise ValueError(f"{name[:80]!r} is not a type that is known here")
    return found


def _split(names: str) -> list[str]:
    """Split at the commas outside parentheses."""
    parts, depth, begin = [], 0, 0
    for place, character in enumerate(names):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(names[begin:place])
            begin = place + 1
    return [*parts, names[begin:]]


def _array(inner: Type, length: int | None) -> Type:
    def encode(value: object, what: str) -> bytes:
        items = _items(value, what, length)
        body = _encode_all([inner] * len(items), items, what)
        return body if length is not None else _word(len(items)) + body

    if length is None or inner.dynamic:
        return Type(_WORD, True, encode)
    return Type(inner.head * length, False, encode)


def _tuple(parts: list[Type]) -> Type:
    def encode(value: object, what: str) -> bytes:
        return _encode_all(parts, _items(value, what, len(parts)), what)

    if any(part.dynamic for part in parts):
        return Type(_WORD, True, encode)
    return Type(sum(part.head for part in parts), False, encode)


def _encode_all(types: Sequence[Type], values: Sequence[object], what: str) -> bytes:
    """Encode values one behind the other; those of dynamic types stand behind all."""
    heads, tails = [], []
    offset = sum(part.head for part in types)
    for place, (part, value) in enumerate(zip(types, values, strict=True)):
        encoded = part.encode(value, f"{what}[{place}]")
        if part.dynamic:
            heads.append(_word(offset))
            tails.append(encoded)
            offset += len(encoded)
        else:
            heads.append(encoded)
    return b"".join((*heads, *tails))


def _items(value: object, what: str, length: int | None) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{what} must be a list or tuple, not {type(value).__name__}")
    if length is not None and len(value) != length:
        raise ValueError(f"{what} must have {length} values, not {len(value)}")
    return value


def _word(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


def _bool(value: object, what: str) -> bytes:
    if value in ("true", "false"):
        value = value == "true"
    if not isinstance(value, bool):
        raise TypeError(f"{what} must be bool, not {type(value).__name__}")
    return _word(value)


def _integers(name: str, bits: int, *, signed: bool) -> Callable[[object, str], bytes]:
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)

    def encode(value: object, what: str) -> bytes:
        if isinstance(value, str):
            if _DECIMAL.fullmatch(value):
                value = int(value)
            elif _HEX_INTEGER.fullmatch(value):
                value = int(value, 16)
            else:
                raise ValueError(f"{what} is not an integer in decimal or 0x hex: {value[:80]!r}")
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{what} must be int or text of one, not {type(value).__name__}")
        if not least <= value <= most:
            raise ValueError(f"{what} does not fit {name}")
        return value.to_bytes(_WORD, "big", signed=signed)

    return encode


def _raw(value: object, what: str) -> bytes:
    if isinstance(value, str):
        if _HEX.fullmatch(value) is None:
            raise ValueError(f"{what} is not 0x and pairs of hex digits: {value[:80]!r}")
        return bytes.fromhex(value[2:])
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{what} must be bytes or hex text, not {type(value).__name__}")
    return bytes(value)


def _exactly(value: object, what: str, size: int) -> bytes:
    if len(found := _raw(value, what)) != size:
        raise ValueError(f"{what} must have {size} bytes, not {len(found)}")
    return found


def _address(value: object, what: str) -> bytes:
    return _exactly(value, what, 20).rjust(_WORD, b"\0")


def _fixed_bytes(size: int) -> Callable[[object, str], bytes]:
    return lambda value, what: _exactly(value, what, size).ljust(_WORD, b"\0")


def _bytes(value: object, what: str) -> bytes:
    found = _raw(value, what)
    return _word(len(found)) + found + bytes(-len(found) % _WORD)


def _string(value: object, what: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be str, not {type(value).__name__}")
    try:
        return _bytes(value.encode(), what)
    except UnicodeEncodeError:
        raise ValueError(f"{what} is not text that UTF-8 has: {value[:80]!r}") from None
