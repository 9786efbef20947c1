"""Sparse trees, made again by another way than the one that wrote them.

Pages are read by the code below, which is nobody else's. Of each version that is kept, the entries are put
into a file of their own; :meth:`tallystick.SparseTree.load` makes a tree of all of them at once and compares
the root.
"""

from __future__ import annotations

import itertools
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tallystick import hashes
from tallystick._checks import Checked, CheckedStore
from tallystick.errors import StoreError
from tallystick.schemes import Scheme
from tallystick.sparse import SparseHead, SparseTree

_HEAD, _RECORD, _FILE = b"tlyq\x01", b"tlyv\x01", b"tlyV\x01"
_KEY, _STAMP, _CHECK, _LEVELS, _BLOCK = 32, 16, 32, 6, 4096
# A record names at most so many versions before its own.
_MANY = 256


class _Damaged(Exception):
    """A tile that is not what it should be: its name, and why."""


class _Record(NamedTuple):
    number: int
    time: int
    size: int
    top: bytes
    root: bytes
    before: list[bytes]


def is_sparse(head: bytes) -> bool:
    """Whether a store with this head holds a sparse tree."""
    return head.startswith(_HEAD)


def is_sparse_file(path: Path) -> bool:
    """Whether this is a version of a sparse tree in a file."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(9)[4:] == _FILE


def check_sparse_file(path: Path) -> Checked:
    """Make the tree of a file again, and compare it with the head in the file."""
    checked = Checked("sparse tree in a file")
    try:
        tree = SparseTree.load(path)
    except ValueError as error:
        checked.damage(path.name, str(error).removeprefix(f"{path}: "))
    else:
        checked.facts.update(scheme=tree.scheme.name, keys=str(len(tree)), root=tree.root.hex())
    return checked


def check(store: CheckedStore, key: str | None) -> Checked:
    """Make every kept version again, and find tiles that no version needs."""
    checked = Checked("sparse tree")
    if key is not None:
        checked.remark("head", "nobody signs the head of a sparse tree: the key is not used")
    try:
        scheme, oldest, newest, stamp = _head(store.read_head() or b"")
        checked.facts.update(scheme=scheme.name, versions=f"{oldest} to {newest}")
        reading, tree = _Reading(store, scheme), SparseTree.open(_ReadOnly(store))
        for number, own in _stamps(reading, oldest, newest, stamp):
            record = reading.record(own)
            entries = list(reading.entries(record))
            head = tree.at(number).head
            _make_again(head, record, entries)
            # What pages state of each other is checked by who reads them as a tree does.
            if list(tree.at(number).items()) != entries:
                raise _Damaged(f"version {number}", "has other entries in the tree")
            if number == newest:
                checked.facts.update(keys=str(record.size), root=head.root.hex())
    except _Damaged as damaged:
        checked.damage(*damaged.args)
        return checked
    except StoreError as error:
        checked.damage("records", str(error))
        return checked
    for name in store.list_tiles("sparse/"):
        if name not in reading.seen:
            checked.remark(name, "no version that is kept needs it")
    return checked


class _Reading:
    """Tiles of a store, and which of them were needed."""

    def __init__(self, store: CheckedStore, scheme: Scheme) -> None:
        self.store, self.seen = store, set[str]()
        self.leaf = _KEY + scheme.hash.digest_size
        self.digest = scheme.hash.digest_size

    def tile(self, name: str) -> bytes:
        self.seen.add(name)
        (tile,) = self.store.read_tiles([name])
        if tile is None:
            raise _Damaged(name, "is not there, and a version that is kept needs it")
        return tile

    def record(self, stamp: bytes) -> _Record:
        name = f"{_folder(stamp)}/version"
        body = _checked(self.tile(name), name)
        try:
            if not body.startswith(_RECORD):
                raise ValueError
            number, time, size = struct.unpack_from("<3Q", body, 5)
            top, at = _lp(body, 29)
            kind, at = body[at], at + 1
            root = bytes([kind])
            if kind == 1:
                leaf, at = _lp(body, at)
                root += leaf
            elif kind == 3:
                root, at = root + body[at : at + _STAMP], at + _STAMP
            elif kind:
                raise ValueError
            (count,) = struct.unpack_from("<Q", body, at)
            if count > _MANY or len(body) < at + 8 + _STAMP * count:
                raise ValueError
            before = [body[at + 8 + _STAMP * place :][:_STAMP] for place in range(count)]
        except (ValueError, IndexError, struct.error):
            raise _Damaged(name, "is no record of a version") from None
        return _Record(number, time, size, top, root, before)

    def entries(self, record: _Record) -> Iterator[tuple[bytes, bytes]]:
        """Leaves and their keys, in order."""
        kind, rest = record.root[0], record.root[1:]
        if kind == 1:
            yield rest[:_KEY], rest[_KEY:]
        if kind == 3:
            yield from self.page(rest, 0, b"")

    def page(self, stamp: bytes, depth: int, path: bytes) -> Iterator[tuple[bytes, bytes]]:
        name = f"{_folder(stamp)}/{depth:03}-{path.hex()}"
        page = self.tile(name)
        at = 0
        # What is still to come: depth and way of each node.
        open_nodes = [(depth, int.from_bytes(path, "big") >> (-depth % 8))]
        while open_nodes:
            level, way = open_nodes.pop()
            kind = page[at : at + 1]
            at += 1
            if kind == b"\x01":
                leaf, at = page[at : at + self.leaf], at + self.leaf
                if len(leaf) < self.leaf or int.from_bytes(leaf[:_KEY], "big") >> (256 - level) != way:
                    raise _Damaged(name, "has a leaf where its key does not lead")
                yield leaf[:_KEY], leaf[_KEY:]
            # Below a leaf's depth there is nothing: a way that went on would be a number without bounds.
            elif kind == b"\x02" and level < 8 * _KEY:
                open_nodes += [(level + 1, way * 2 + 1), (level + 1, way * 2)]
            elif kind in (b"\x03", b"\x04") and level % _LEVELS == 0 and level > depth:
                foot = _KEY if kind == b"\x04" else 0
                below, at = page[at : at + _STAMP], at + _STAMP + self.digest + foot
                if at > len(page):
                    raise _Damaged(name, "ends within a node")
                yield from self.page(below, level, (way << (-level % 8)).to_bytes((level + 7) // 8, "big"))
            elif kind != b"\x00":
                raise _Damaged(name, "is no page of a sparse tree")
        if at != len(page):
            raise _Damaged(name, "goes on behind its last node, or ends before it")


def _folder(stamp: bytes) -> str:
    version, chance = struct.unpack("<2Q", stamp)
    return f"sparse/{version:016x}-{chance:016x}"


def _lp(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<I", data, at)
    field = data[at + 4 : at + 4 + length]
    if len(field) != length:
        raise ValueError
    return field, at + 4 + length


def _checked(data: bytes, name: str) -> bytes:
    body, check = data[:-_CHECK], data[-_CHECK:]
    if hashes.BLAKE3.digest(body) != check:
        raise _Damaged(name, "does not match its check")
    return body


def _head(data: bytes) -> tuple[Scheme, int, int, bytes]:
    body = _checked(data, "head")
    try:
        encoded, at = _lp(body, 5)
        oldest, newest = struct.unpack_from("<2Q", body, at)
        return Scheme.from_bytes(encoded), oldest, newest, body[at + 16 :]
    except (ValueError, struct.error):
        raise _Damaged("head", "is no head of a sparse tree") from None


def _stamps(reading: _Reading, oldest: int, newest: int, stamp: bytes) -> Iterator[tuple[int, bytes]]:
    """Every version that is kept, the newest first."""
    number = newest
    known = [stamp]
    while True:
        record = reading.record(known[0])
        if record.number != number:
            raise _Damaged(f"{_folder(known[0])}/version", f"is of version {record.number}, not {number}")
        yield number, known[0]
        if number == oldest:
            return
        known = known[1:] or record.before
        if not known:
            raise _Damaged(f"version {number}", "does not name the one before it")
        number -= 1


def _make_again(head: SparseHead, record: _Record, entries: list[tuple[bytes, bytes]]) -> None:
    """Compare the root that a version has with that of a tree of its entries."""
    name = f"version {record.number}"
    if len(entries) != record.size:
        raise _Damaged(name, f"has {len(entries)} keys and says {record.size}")
    if any(one >= other for (one, _), (other, _) in itertools.pairwise(entries)):
        raise _Damaged(name, "has keys that do not ascend")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "version"
        _write(file, head, record, entries)
        try:
            SparseTree.load(file)
        except ValueError as error:
            raise _Damaged(name, f"made again of its entries it has another root: {error}") from None


def _write(file: Path, head: SparseHead, record: _Record, entries: list[tuple[bytes, bytes]]) -> None:
    """Write the file of a version, as the specification has it."""
    encoded = head.to_bytes()
    header = (
        _FILE + struct.pack("<I", len(encoded)) + encoded + struct.pack("<2Q", record.number, record.time)
    )
    with file.open("wb") as out:
        out.write(struct.pack("<I", len(header) + _CHECK) + header + hashes.BLAKE3.digest(header))
        for place, begin in enumerate(range(0, len(entries), _BLOCK)):
            block = b"".join(key + digest for key, digest in entries[begin : begin + _BLOCK])
            out.write(block + hashes.BLAKE3.digest(struct.pack("<Q", place) + block))


class _ReadOnly:
    """A store as a tree opens it, that is not written to."""

    def __init__(self, store: CheckedStore) -> None:
        self.read_tiles, self.read_head = store.read_tiles, store.read_head

    def write_tiles(self, _: object, /) -> None:
        raise StoreError("a store that is checked is not written to")

    def publish_head(self, _: bytes, /, *, expected: bytes | None) -> bool:  # noqa: ARG002 - as stores have it
        raise StoreError("a store that is checked is not written to")
