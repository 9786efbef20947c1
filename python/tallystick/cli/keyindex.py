"""The key index: from the key of a row to its place, as a sorted array of key digests.

A key's digest is the first 16 bytes of the BLAKE3 hash of its encoded cell. The index finds rows; it proves
nothing and is never published (a digest without salt is a test for guesses).
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import tallystick as ts
from tallystick.cli.filekind import refuse_special
from tallystick.errors import DecodeError

DTYPE = np.dtype([("digest_high", ">u8"), ("digest_low", ">u8"), ("index", "<u8")])
# NumPy's own headers have 128 bytes.
MAX_HEADER = 4096
Array = npt.NDArray[Any]


def digests(cells: Any) -> Array:
    """Return the (n, 2) key digests, as big-endian halves, of encoded key cells (``Rows``)."""
    full = ts.hashes.BLAKE3.digest_many(cells)
    return np.ascontiguousarray(full[:, :16]).view(">u8")


class KeyIndex:
    """A sorted array of (key digest, index). Lookups are a binary search for all keys at once."""

    def __init__(self, array: Array) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @classmethod
    def build(cls, parts: list[Array]) -> KeyIndex:
        """Sort what :func:`digests` returned for consecutive chunks of rows. O(n log n)."""
        halves = np.concatenate(parts) if parts else np.empty((0, 2), ">u8")
        high, low = (halves[:, half].astype(np.uint64) for half in (0, 1))
        # One array of native integers sorts many times faster than two columns; few rows are equal in it.
        order = np.argsort(high)
        same = high[order[1:]] == high[order[:-1]]
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        rows = np.sort(order[tied])
        order[tied] = rows[np.lexsort((low[rows], high[rows]))]
        array = np.empty(len(halves), DTYPE)
        array["digest_high"] = high[order]
        array["digest_low"] = low[order]
        array["index"] = order
        return cls(array)

    def repeated(self) -> tuple[int, int, int] | None:
        """Return (row, its earlier twin, how many rows repeat a key) for the first that does, or None."""
        high, low = self.array["digest_high"], self.array["digest_low"]
        same = (high[1:] == high[:-1]) & (low[1:] == low[:-1])
        if not same.any():
            return None
        places = np.flatnonzero(same)
        # The sort is stable, so equal digests stand in row order, and a twin's neighbour is its predecessor.
        rows = self.array["index"][places + 1]
        first = int(np.argmin(rows))
        return int(rows[first]), int(self.array["index"][places[first]]), len(places)

    def find(self, keys: Array) -> npt.NDArray[np.int64]:
        """Return the row index of each of the (k, 2) key digests, -1 where there is none."""
        size = len(self.array)
        if not size:
            return np.full(len(keys), -1, np.int64)
        high, low = keys[:, 0], keys[:, 1]
        begin, end = np.zeros(len(keys), np.int64), np.full(len(keys), size, np.int64)
        while (open_ := begin < end).any():
            middle = np.where(open_, (begin + end) // 2, 0)
            row = self.array[middle]
            less = (row["digest_high"] < high) | ((row["digest_high"] == high) & (row["digest_low"] < low))
            begin = np.where(open_ & less, middle + 1, begin)
            end = np.where(open_ & ~less, middle, end)
        row = self.array[np.minimum(begin, size - 1)]
        found = (begin < size) & (row["digest_high"] == high) & (row["digest_low"] == low)
        return np.where(found, row["index"].astype(np.int64), -1)

    @classmethod
    def open(cls, path: Path) -> KeyIndex:
        """Map the ``.npy`` file of an index; ``DecodeError`` if it is none."""
        array = map_array(path)
        if array.dtype != DTYPE or array.ndim != 1:
            raise DecodeError(f"{path}: not a key index")
        return cls(array)


def map_array(path: Path) -> Array:
    """Map the ``.npy`` file at ``path`` read-only; ``DecodeError`` if it is none or is cut off."""
    refuse_special(path)
    with path.open("rb") as file:
        begin = file.read(12)
    # From version 2 on four bytes tell the length of the header, which NumPy reads before it judges.
    wide = begin[6:7] != b"\x01"
    if (
        not begin.startswith(b"\x93NUMPY")
        or int.from_bytes(begin[8 : 12 if wide else 10], "little") > MAX_HEADER
    ):
        raise DecodeError(f"{path}: not a .npy file, or one with a header of more than {MAX_HEADER} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # NumPy's parser of headers raises what Python's own raises, and more
        raise DecodeError(f"{path}: not a .npy file: {error}") from None
    return array
