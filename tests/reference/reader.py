"""Reading bytes from the front, and the error of whatever is no encoding."""

from __future__ import annotations


class DecodeError(ValueError):
    """The input is not the one encoding of anything."""


class Reader:
    """Takes fields off the front; never takes more than is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    @property
    def remaining(self) -> int:
        return len(self.data) - self.position

    def take(self, length: int) -> bytes:
        if length > self.remaining:
            raise DecodeError(f"{length} bytes declared, {self.remaining} remain")
        self.position += length
        return self.data[self.position - length : self.position]

    def uint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def lp(self) -> bytes:
        return self.take(self.uint(4))

    def expect(self, value: bytes, what: str) -> None:
        found = self.take(len(value))
        if found != value:
            raise DecodeError(f"{what} is {found.hex()}, not {value.hex()}")

    def end(self) -> None:
        if self.remaining:
            raise DecodeError(f"{self.remaining} bytes left over")
