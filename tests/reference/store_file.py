"""The store file, read by the page: `docs/spec/store-file.md`."""

from __future__ import annotations

from dataclasses import dataclass, field

import xxhash

from tests.reference.reader import DecodeError, Reader

SLOTS = (0, 4096)
START = 8192
FOOTER = 96
EMPTY = bytes(16)


def checksum(at: int, data: bytes) -> bytes:
    """The checksum of bytes that lie at `at`."""
    return xxhash.xxh3_128_intdigest(data, seed=at).to_bytes(16, "little")


@dataclass
class Slot:
    sequence: int
    end: int
    footer: bytes


@dataclass
class Record:
    tag: bytes
    name: str
    data: bytes
    checksum: bytes
    end: int


@dataclass
class Footer:
    sequence: int
    start: int
    index: int
    head: int
    lines: int
    previous: bytes
    content: bytes


@dataclass
class Store:
    """What a file holds."""

    head: bytes | None = None
    tiles: dict[str, bytes] = field(default_factory=dict)
    end: int = START


def read_slot(file: bytes, at: int) -> Slot | None:
    reader = Reader(file[at : at + 56])
    if reader.take(8) != b"tlyK\x01\0\0\0":
        return None
    slot = Slot(reader.uint(8), reader.uint(8), reader.take(16))
    return slot if reader.take(16) == checksum(at, file[at : at + 40]) else None


def read_record(file: bytes, at: int) -> Record:
    reader = Reader(file[at:])
    tag, name, reserved, length = reader.take(1), reader.uint(1), reader.uint(2), reader.uint(4)
    named, data = reader.take(name).decode("ascii"), reader.take(length)
    body = file[at : at + reader.position]
    if reserved or reader.take(16) != checksum(at, body):
        raise DecodeError(f"the record at {at} is damaged")
    return Record(tag, named, data, checksum(at, body), at + reader.position)


def read_footer(file: bytes, at: int) -> tuple[Footer, Record]:
    record = read_record(file, at)
    reader = Reader(record.data)
    numbers = [reader.uint(8) for _ in range(5)]
    footer = Footer(*numbers, previous=reader.take(16), content=reader.take(16))
    places = [START, footer.start, footer.index, footer.head, at]
    if record.tag != b"F" or reader.remaining or places != sorted(places):
        raise DecodeError(f"there is no footer at {at}")
    return footer, record


def following(file: bytes, slot: Slot) -> Slot | None:
    """The slot of a whole segment behind the one that a slot names."""
    at, checksums = slot.end, b""
    try:
        while (record := read_record(file, at)).tag != b"F":
            checksums += record.checksum
            at = record.end
        footer, record = read_footer(file, at)
    except DecodeError:
        return None
    content = xxhash.xxh3_128_intdigest(checksums).to_bytes(16, "little")
    if (footer.sequence, footer.start, footer.previous, footer.content) != (
        slot.sequence + 1,
        slot.end,
        slot.footer,
        content,
    ):
        return None
    return Slot(footer.sequence, record.end, record.checksum)


def find_slot(file: bytes) -> Slot:
    """Step 1 and 2."""
    if len(file) < START:
        raise DecodeError("no store")
    found = [slot for slot in (read_slot(file, at) for at in SLOTS) if slot]
    if not found:
        raise DecodeError("no store")
    slot = max(found, key=lambda slot: slot.sequence)
    if len(found) == 1:
        slot = following(file, slot) or slot
    if not START <= slot.end <= len(file):
        raise DecodeError("the file lost its end")
    return slot


def read_store(file: bytes) -> Store:
    """Everything, with every checksum looked at."""
    slot = find_slot(file)
    store, footers = Store(end=slot.end), []
    end, expected, sequence = slot.end, slot.footer, slot.sequence
    while end > START:
        if end - FOOTER < START:
            raise DecodeError(f"there is no footer before {end}")
        footer, record = read_footer(file, end - FOOTER)
        if (record.checksum, record.end, footer.sequence) != (expected, end, sequence):
            raise DecodeError(f"another footer at {end - FOOTER}")
        if end == slot.end and footer.head < end - FOOTER:
            head = read_record(file, footer.head)
            if (head.tag, head.end) != (b"H", end - FOOTER):
                raise DecodeError(f"there is no head at {footer.head}")
            store.head = head.data
        footers.append((footer, end - FOOTER))
        end, expected, sequence = footer.start, footer.previous, sequence - 1
    if (end, expected) != (START, EMPTY):
        raise DecodeError("the first segment begins elsewhere")
    for footer, _ in reversed(footers):
        take_in(file, footer, store.tiles)
    return store


def take_in(file: bytes, footer: Footer, tiles: dict[str, bytes]) -> None:
    """Step 4, for one segment."""
    at, tile, lines = footer.index, footer.start, 0
    while at < footer.head:
        block = read_record(file, at)
        if block.tag != b"I":
            raise DecodeError(f"there is no index at {at}")
        reader, at = Reader(block.data), block.end
        while reader.remaining:
            kind, name, length = reader.uint(1), reader.uint(1), reader.uint(4)
            named = reader.take(name).decode("ascii")
            lines += 1
            if kind == 1:
                record = read_record(file, tile)
                if (record.tag, record.name, len(record.data)) != (b"T", named, length):
                    raise DecodeError(f"the tile at {tile} is another")
                tiles[named], tile = record.data, record.end
            elif kind == 0 and length == 0:
                tiles.pop(named, None)
            else:
                raise DecodeError(f"a line of kind {kind}")
    if (at, tile, lines) != (footer.head, footer.index, footer.lines):
        raise DecodeError("an index of other tiles")
