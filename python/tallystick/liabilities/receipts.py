"""Receipts that :meth:`Snapshot.export` wrote to files: found by id, without the snapshot."""

from __future__ import annotations

import fcntl
import mmap
import os
import re
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tallystick._core import Receipt, Statement
from tallystick.errors import DecodeError

_NAME = re.compile(r"receipts-(\d{5})-of-(\d{5})\.tlyx")
_HEADER = struct.Struct("<5s32sII")
_MAGIC = b"tlyx\x01"
_ID = struct.Struct("<H")
_LENGTH = struct.Struct("<I")
_OFFSET = struct.Struct("<Q")


class _Shard:
    """One file, mapped. Every place that is read from it is checked before it is used."""

    def __init__(self, path: Path, digest: bytes, number: tuple[int, int]) -> None:
        self.path = path
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            self.inode = found.st_ino
            if found.st_size < _HEADER.size + _OFFSET.size:
                raise self.damaged("it is too short")
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if _HEADER.unpack_from(self.data) != (_MAGIC, digest, *number):
            raise self.damaged("it is not this shard of the statement's receipts")
        (self.index,) = _OFFSET.unpack_from(self.data, len(self.data) - _OFFSET.size)
        length = len(self.data) - _OFFSET.size - self.index
        if self.index < _HEADER.size or length < 0 or length % _OFFSET.size:
            raise self.damaged("it has no index")
        self.count = length // _OFFSET.size

    def damaged(self, why: str) -> DecodeError:
        return DecodeError(f"{self.path}: {why}")

    def entry(self, offset: int) -> tuple[bytes, int, int]:
        """Return the id, and where its receipt begins and ends."""
        try:
            (length,) = _ID.unpack_from(self.data, offset)
            begin = offset + _ID.size + length
            (size,) = _LENGTH.unpack_from(self.data, begin)
        except (struct.error, OverflowError) as error:
            raise self.damaged("an entry lies outside of it") from error
        end = begin + _LENGTH.size + size
        if offset < _HEADER.size or end > self.index:
            raise self.damaged("an entry lies outside of it")
        return self.data[offset + _ID.size : begin], begin + _LENGTH.size, end

    def at(self, place: int) -> tuple[bytes, int, int]:
        """Return the entry that is this one in the order of ids."""
        return self.entry(_OFFSET.unpack_from(self.data, self.index + place * _OFFSET.size)[0])

    def find(self, user_id: bytes) -> int | None:
        low, high = 0, self.count
        while low < high:
            middle = (low + high) // 2
            if self.at(middle)[0] < user_id:
                low = middle + 1
            else:
                high = middle
        return low if low < self.count and self.at(low)[0] == user_id else None

    def offsets(self) -> Iterator[int]:
        """Of the entries as they stand in the file."""
        offset = _HEADER.size
        while offset < self.index:
            yield offset
            offset = self.entry(offset)[2]


@dataclass
class ReceiptFiles:
    """The receipts in a directory, by id: from :func:`open_receipts`.

    ``statement`` is the one that they are for; check it before you hand it on. Receipts are read from mapped
    files when they are asked for. A context manager; closing unmaps the files.

    >>> import pathlib, tempfile
    >>> from tallystick import liabilities
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "receipts"
    >>> liabilities.commit({"user": ["alice", "bob"], "BTC": [5, 0]}, id="user", assets={"BTC": 8},
    ...                    origin="exchange.example", snapshot_id="day 1").export(folder)
    >>> with liabilities.open_receipts(folder) as receipts:
    ...     len(receipts), list(receipts), "bob" in receipts
    (1, [b'alice'], False)
    """

    directory: Path
    statement: Statement
    _shards: list[_Shard] = field(repr=False)

    def __len__(self) -> int:
        return sum(shard.count for shard in self._shards)

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the ids, as bytes, in the order of the table."""
        for shard in self._shards:
            for offset in shard.offsets():
                yield shard.entry(offset)[0]

    def __contains__(self, user_id: bytes | str) -> bool:
        return self._find(_bytes_of(user_id)) is not None

    def encoded(self, user_id: bytes | str) -> bytes:
        """Return a customer's receipt as :meth:`Receipt.to_bytes` does; ``KeyError`` if there is none."""
        found = self._find(_bytes_of(user_id))
        if found is None:
            raise KeyError(user_id)
        shard = self._shards[found[0]]
        _, begin, end = shard.at(found[1])
        return shard.data[begin:end]

    def __getitem__(self, user_id: bytes | str) -> Receipt:
        return Receipt.from_bytes(self.encoded(user_id))

    def erase(self, user_id: bytes | str) -> None:
        """Delete a customer's receipt.

        Its shard is written again without it, synced and put in place of the old one; the folder is locked
        meanwhile. Whoever has the old shard open goes on reading it: open the receipts again there. Raises
        ``KeyError`` if there is none. Costs a copy of the shard.
        """
        wanted = _bytes_of(user_id)
        with _locked(self.directory):
            self._look_again()
            found = self._find(wanted)
            if found is None:
                raise KeyError(user_id)
            number, place = found
            shard = self._shards[number]
            _write_without(shard, place)
            self._shards[number] = _Shard(shard.path, self.statement.digest, (number, len(self._shards)))
            shard.data.close()

    def _look_again(self) -> None:
        """Open the shards again that another process has written since."""
        for number, shard in enumerate(self._shards):
            if shard.path.stat().st_ino != shard.inode:
                self._shards[number] = _Shard(shard.path, self.statement.digest, (number, len(self._shards)))
                shard.data.close()

    def close(self) -> None:
        """Unmap the files."""
        for shard in self._shards:
            shard.data.close()

    def __enter__(self) -> ReceiptFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _find(self, user_id: bytes) -> tuple[int, int] | None:
        """Return the number of the shard, and the place in its index."""
        for number, shard in enumerate(self._shards):
            place = shard.find(user_id)
            if place is not None:
                return number, place
        return None


def _bytes_of(user_id: bytes | str) -> bytes:
    if isinstance(user_id, str):
        return user_id.encode("utf-8", "surrogatepass")  # Lone surrogates are in no id.
    if isinstance(user_id, bytes | bytearray | memoryview):
        return bytes(user_id)
    raise TypeError(f"a customer's id is bytes or str, not {type(user_id).__name__}")


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keep other processes and threads from writing shards."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_without(shard: _Shard, place: int) -> None:
    (gone,) = _OFFSET.unpack_from(shard.data, shard.index + place * _OFFSET.size)
    end = shard.at(place)[2]
    index = [offset for (offset,) in _OFFSET.iter_unpack(shard.data[shard.index : -_OFFSET.size])]
    if not all(_HEADER.size <= offset < shard.index for offset in index):
        raise shard.damaged("an entry lies outside of it")
    moved = [offset if offset < gone else offset - (end - gone) for offset in index if offset != gone]
    # The name that an export has for it: what a killed call leaves, the next one writes over.
    temporary = shard.path.with_name(f".{shard.path.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(shard.data[:gone])
            file.write(shard.data[end : shard.index])
            file.write(b"".join(map(_OFFSET.pack, moved)))
            file.write(_OFFSET.pack(shard.index - (end - gone)))
            os.fchmod(file.fileno(), stat.S_IMODE(shard.path.stat().st_mode))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(shard.path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    descriptor = os.open(shard.path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_receipts(directory: str | os.PathLike[str]) -> ReceiptFiles:
    """Open the files that :meth:`Snapshot.export` wrote.

    Raises ``FileNotFoundError`` for a directory without a statement, :class:`DecodeError` for files that are
    missing, of another statement or damaged as far as was looked: a receipt proves itself when it is
    verified.

    >>> import pathlib, tempfile
    >>> from tallystick import liabilities
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "receipts"
    >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
    >>> snapshot = liabilities.commit(
    ...     table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    >>> snapshot.export(folder)
    >>> with liabilities.open_receipts(folder) as receipts:
    ...     receipts.statement.verify(receipts["bob"], "bob")
    {'BTC': 7}
    """
    folder = Path(directory)
    statement = Statement.from_bytes((folder / "statement.bin").read_bytes())
    found = ((path, _NAME.fullmatch(path.name)) for path in folder.iterdir())
    numbers = {(int(name[1]), int(name[2])): path for path, name in found if name}
    shards = max((count for _, count in numbers), default=0)
    if not shards or sorted(numbers) != [(place, shards) for place in range(shards)]:
        raise DecodeError(f"{folder}: files of receipts are missing, or of several exports: export again")
    opened: list[_Shard] = []
    try:
        for number in sorted(numbers):
            opened.append(_Shard(numbers[number], statement.digest, number))
    except BaseException:
        for shard in opened:
            shard.data.close()
        raise
    return ReceiptFiles(folder, statement, opened)
