"""The table context: how the columns of a table are bound by the root of its tree.

The bytes are those of ``docs/spec/rows.md``, section "Table context".
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from tallystick.errors import DecodeError

MAGIC = b"tallystick/table/v1"
_TYPE = re.compile(
    r"binary|text|integer|float|boolean|date|decimal:(0|[1-9][0-9]?)|timestamp:(s|ms|us|ns):.*", re.DOTALL
)
MAX_SCALE = 76
SALT_SIZE = 16


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and type text, such as ``integer`` or ``decimal:8``."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class TableContext:
    """The columns of a leaf in order, and whether 16 salt bytes stand before them."""

    salted: bool
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        """Raise ``ValueError`` unless there are columns, their names differ and their types are known."""
        if not self.columns:
            raise ValueError("there are no columns")
        seen: set[str] = set()
        for column in self.columns:
            if column.name in seen:
                raise ValueError(f"two columns are named {column.name!r}")
            seen.add(column.name)
            if not is_type(column.type):
                raise ValueError(f"column {column.name!r} has the type {column.type!r}, unknown here")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def to_bytes(self) -> bytes:
        r"""Return the one encoding.

        >>> TableContext(False, (Column("id", "text"),)).to_bytes()
        b'tallystick/table/v1\x00\x01\x00\x00\x00\x02\x00\x00\x00id\x04\x00\x00\x00text'
        """
        parts = [MAGIC, struct.pack("<BI", self.salted, len(self.columns))]
        for column in self.columns:
            for text in (column.name, column.type):
                data = text.encode()
                parts += [struct.pack("<I", len(data)), data]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> TableContext:
        """Decode what :meth:`to_bytes` returned; anything else raises ``DecodeError``."""
        if not data.startswith(MAGIC):
            raise DecodeError("the head is not of a table: its context does not begin with the table magic")
        reader = _Reader(data, len(MAGIC))
        salted, count = struct.unpack("<BI", reader.take(5))
        if salted > 1:
            raise DecodeError(f"the table context says salted = {salted}, which is neither 0 nor 1")
        if count > reader.left // 8:
            raise DecodeError(f"the table context announces {count} columns, more than its bytes can hold")
        columns = tuple(Column(reader.text(), reader.text()) for _ in range(count))
        if reader.left:
            raise DecodeError(f"{reader.left} bytes are left over after the table context")
        try:
            return cls(bool(salted), columns)
        except ValueError as error:
            raise DecodeError(f"table context: {error}") from None


def is_type(text: str) -> bool:
    """Whether ``text`` names the type of a column that a leaf can hold.

    >>> is_type("decimal:8"), is_type("decimal:08"), is_type("null")
    (True, False, False)
    """
    match = _TYPE.fullmatch(text)
    return match is not None and (match[1] is None or int(match[1]) <= MAX_SCALE)


class _Reader:
    """Takes bytes from the front, and refuses to take more than there are."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise DecodeError(f"the table context ends where {count} more bytes are due")
        self._at += count
        return self._data[self._at - count : self._at]

    def text(self) -> str:
        (length,) = struct.unpack("<I", self.take(4))
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise DecodeError("a name or type of the table context is not UTF-8") from None
