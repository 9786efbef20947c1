"""RLP, Ethereum's encoding of byte strings and lists of them (docs/spec/patricia.md)."""

from __future__ import annotations

Item = bytes | list["Item"]

LONGEST_SHORT = 55


class NotRlp(ValueError):
    """Bytes that are not the one encoding of an item."""


def encode(item: Item) -> bytes:
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return begin(0x80, len(item)) + item
    payload = b"".join(map(encode, item))
    return begin(0xC0, len(payload)) + payload


def begin(kind: int, length: int) -> bytes:
    """What stands before so many bytes of a string or list."""
    if length <= LONGEST_SHORT:
        return bytes([kind + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([kind + LONGEST_SHORT + len(size)]) + size


def decode(data: bytes) -> Item:
    item, rest = split(data)
    if rest:
        raise NotRlp(f"{len(rest)} bytes behind the item")
    return item


def split(data: bytes) -> tuple[Item, bytes]:
    """The first item, and the bytes behind it."""
    payload, rest = payload_of(data)
    if data[0] < 0xC0:
        return payload, rest
    items: list[Item] = []
    while payload:
        item, payload = split(payload)
        items.append(item)
    return items, rest


def payload_of(data: bytes) -> tuple[bytes, bytes]:
    """The payload of the first item, and the bytes behind it."""
    if not data:
        raise NotRlp("nothing")
    first = data[0]
    if first < 0x80:
        return data[:1], data[1:]
    short = (first - 0x80) % 0x40
    if short <= LONGEST_SHORT:
        start, length = 1, short
    else:
        start = 1 + short - LONGEST_SHORT
        size = data[1:start]
        length = int.from_bytes(size, "big")
        if len(size) != start - 1 or size[0] == 0 or length <= LONGEST_SHORT:
            raise NotRlp("a length that is cut off or longer than it must be")
    payload, rest = data[start : start + length], data[start + length :]
    if len(payload) != length:
        raise NotRlp(f"{len(payload)} bytes of {length}")
    if first == 0x81 and payload[0] < 0x80:
        raise NotRlp("a byte that is its own encoding")
    return payload, rest
