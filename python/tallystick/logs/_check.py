"""A log made again from its entries alone, by other code than that which writes and reads logs.

Entries are read tile by tile. Leaf digests are compared with the tiles of level 0; each 256 nodes are a
shard, shards are joined, and their digests compared with the tiles above. All shards joined give the head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick import hazmat
from tallystick._checks import Checked, CheckedStore
from tallystick._core import MerkleTree, Scheme, Shard
from tallystick.errors import DecodeError, InvalidProof, TallystickError
from tallystick.liabilities.signing import Ed25519Verifier
from tallystick.logs import _notes

_SECOND_LINE = re.compile(rb"[^\n]+\n(?:[0-9]+|tallystick/v1/log-head)\n")
_PARTIAL = re.compile(r"(tile/(?:entries|[0-9]+)/(?:x[0-9]{3}/)*[0-9]{3})\.p/([0-9]+)")
# How many tiles are read at once.
_MANY = 256


def is_log(head: bytes) -> bool:
    """Say whether a store with this head holds a log."""
    return _SECOND_LINE.match(head) is not None


def check(store: CheckedStore, key: str | None) -> Checked:
    """Make the log again, and say what is not as its head and tiles say."""
    checked = Checked("log")
    try:
        note = _notes.read(store.read_head() or b"")
    except DecodeError as error:
        checked.damage("head", str(error))
        return checked
    head = note.head
    checked.facts |= {
        "origin": note.origin,
        "scheme": head.scheme.name,
        "size": str(head.size),
        "root": head.root.hex(),
        "signature": "not checked",
    }
    if key is not None:
        verifier = Ed25519Verifier.from_text(key)
        try:
            _notes.verify(note, verifier.name, verifier)
            checked.facts["signature"] = f"of {verifier.name}"
        except InvalidProof as error:
            checked.facts["signature"] = "refused"
            checked.damage("head", str(error))
    if note.claim is not None:
        checked.remark("head", "a writer has claimed entries that are not in the log yet")
    names = set(store.list_tiles())
    again = _Again(store, names, checked, head.scheme)
    again.read(head.size)
    if again.whole is not None:
        computed = again.whole.head()
        if computed != head:
            checked.damage("head", f"the entries make another root: {computed.root.hex()}")
    _check_others(names - again.seen, again, checked)
    return checked


class _Again:
    """The tree of the entries, level by level, each compared with its tiles."""

    def __init__(self, store: CheckedStore, names: set[str], checked: Checked, scheme: Scheme) -> None:
        self.store, self.names, self.checked, self.scheme = store, names, checked, scheme
        self.seen: set[str] = set()
        # None once entries are missing: there is nothing then to compare nodes with.
        self.whole: Shard | None = Shard.from_leaves(0, [], scheme=scheme)
        self.levels: list[list[Shard]] = []

    def read(self, size: int) -> None:
        count = -(-size // 256)
        if count > len(self.names):
            # A head may say any size: whoever states more tiles than there are files is not believed.
            what = f"covers {count} tiles of entries, and there are {len(self.names)} files"
            self.checked.damage("head", what)
            self.whole = None
            return
        for index in range(0, count, _MANY):
            numbers = range(index, min(index + _MANY, count))
            widths = [min(256, size - 256 * number) for number in numbers]
            places = [self.place("entries", number, w) for number, w in zip(numbers, widths, strict=True)]
            for number, width, name, data in zip(
                numbers, widths, places, self.store.read_tiles(places), strict=True
            ):
                entries = self.entries(name, data, width)
                if entries is None:
                    self.whole = None
                else:
                    self.add(number, entries)
        if self.whole is not None:
            for level, row in enumerate(self.levels[1:], 1):
                if row:
                    self.compare(level, size // 256 ** (level + 1), row)

    def place(self, level: str, number: int, width: int) -> str:
        """Return the name of a tile, in the place of a partial one that is not there the full one."""
        full = f"tile/{level}/{_number(number)}"
        partial = f"{full}.p/{width}"
        name = full if width == 256 or (partial not in self.names and full in self.names) else partial
        self.seen.add(name)
        return name

    def entries(self, name: str, data: bytes | None, width: int) -> list[bytes] | None:
        if data is None:
            self.checked.damage(name, "missing, though the head covers it")
            return None
        found = list(_entries(data))
        right = sum(2 + len(entry) for entry in found) == len(data)
        if not right or len(found) < width or (len(found) > width and ".p/" in name):
            self.checked.damage(name, f"does not hold exactly {width} entries")
            return None
        return found[:width]

    def add(self, number: int, entries: list[bytes]) -> None:
        try:
            tree = MerkleTree(entries, scheme=self.scheme)
            shard = Shard.from_leaves(256 * number, entries, scheme=self.scheme)
        except (TallystickError, ValueError) as error:
            self.checked.damage(f"tile/entries/{_number(number)}", f"has entries that are no leaves: {error}")
            self.whole = None
            return
        self.compare_bytes(0, number, len(entries), hazmat.leaf_digests(tree).tobytes())
        if self.whole is None:
            return
        self.whole += shard
        level = 1
        while len(shard.digests) == 1 and shard.end - shard.begin == 256**level:
            while len(self.levels) <= level:
                self.levels.append([])
            row = self.levels[level]
            row.append(shard)
            if len(row) < 256:
                break
            self.compare(level, shard.end // 256 ** (level + 1) - 1, row)
            for left in reversed(row[:-1]):
                shard = left + shard
            row.clear()
            level += 1

    def compare(self, level: int, number: int, row: list[Shard]) -> None:
        self.compare_bytes(level, number, len(row), b"".join(one.digests[0].tobytes() for one in row))

    def compare_bytes(self, level: int, number: int, width: int, digests: bytes) -> None:
        name = self.place(str(level), number, width)
        (data,) = self.store.read_tiles([name])
        if data is None:
            self.checked.damage(name, "missing, though the head covers it")
        elif len(data) != 32 * (width if ".p/" in name else 256):
            self.checked.damage(name, f"has {len(data)} bytes")
        elif data[: 32 * width] != digests:
            other = [at for at in range(width) if _nth(data, at) != _nth(digests, at)]
            what = f"{len(other)} of {width} digests are not those of the entries, the first at {other[0]}"
            self.checked.damage(name, what)


def _check_others(others: set[str], again: _Again, checked: Checked) -> None:
    """Look at names that the head needs not: partial tiles of older heads, and what does not belong there."""
    for name in sorted(others):
        older = _PARTIAL.fullmatch(name)
        if older is not None:
            longer = _longer(older[1], int(older[2]), again.seen)
            if longer is not None:
                own, other = again.store.read_tiles([name, longer])
                if other is not None and not _begins(other, own or b"", older[1], int(older[2])):
                    checked.damage(name, f"an older head's tile is not the beginning of {longer}")
                continue
        if name.startswith("claim/"):
            checked.remark(name, "left over from appending; it may be deleted unless a writer is at work")
        elif name.startswith("tile/"):
            checked.remark(name, "left over from appending, or newer than the head, which does not cover it")
        else:
            checked.remark(name, "no part of a log")


def _longer(full: str, width: int, seen: set[str]) -> str | None:
    """Return the tile that the head covers and of which an older one of this width is the beginning."""
    if full in seen:
        return full
    return next((f"{full}.p/{w}" for w in range(width + 1, 256) if f"{full}.p/{w}" in seen), None)


def _begins(longer: bytes, data: bytes, full: str, width: int) -> bool:
    if "/entries/" in full:
        whole = sum(2 + len(entry) for entry in _entries(data)) == len(data)
        right = whole and sum(1 for _ in _entries(data)) == width
    else:
        right = len(data) == 32 * width
    return right and longer.startswith(data)


def _nth(digests: bytes, place: int) -> bytes:
    return digests[32 * place : 32 * place + 32]


def _entries(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 2 <= len(data):
        end = at + 2 + (data[at] << 8 | data[at + 1])
        if end > len(data):
            return
        yield data[at + 2 : end]
        at = end


def _number(number: int) -> str:
    text = str(number)
    text = text.zfill(-(-len(text) // 3) * 3)
    groups = [text[at : at + 3] for at in range(0, len(text), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
