"""What a file is, by its first bytes: for messages about a file given in place of another."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tallystick.cli.failures import BadData

# The files of a commitment that are named in messages; directory.py has them all.
HEAD, MANIFEST = "head.tally", "commit.json"
MAX_BYTES = 16 << 20
_BEGINNINGS = {
    b"tlyf": "a tree file",
    b"tlyh": "a head",
    b"tlys": "a scheme",
    b"tlyi": "an inclusion proof without index and salt",
    b"tlyb": "a proof batch",
    b"tlym": "a multi-proof",
    b"tlyc": "a consistency proof",
    b"tlyr": "a shard",
    b"tlyH": "a sum head",
    b"tlyI": "a sum inclusion proof",
    b"tlyB": "a sum proof batch",
    b"tlyM": "a sum multi-proof",
    b"tlyR": "a sum shard",
    b"tlyN": "a namespaced head",
    b"tlyn": "a namespaced inclusion proof",
    b"tlyw": "a namespace proof",
    b"tlya": "an absence proof",
    b"tlyP": "a Patricia head",
    b"tlyE": "a Patricia proof",
    b"tlyk": "a sparse head",
    b"tlyx": "a sparse proof",
    b"tlyy": "a sparse multi-proof",
    b"tlyt": "a statement",
    b"tlyp": "a receipt",
    b"tlye": "an equivocation",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x93NUMPY": "a NumPy array",
}
# The name in JSON behind the first bytes of the binary form.
_NAMES = {
    b"tlyh": "head",
    b"tlys": "scheme",
    b"tlyi": "inclusion-proof",
    b"tlyb": "proof-batch",
    b"tlym": "multi-proof",
    b"tlyc": "consistency-proof",
    b"tlyr": "shard",
    b"tlyH": "sum-head",
    b"tlyI": "sum-inclusion-proof",
    b"tlyB": "sum-proof-batch",
    b"tlyM": "sum-multi-proof",
    b"tlyR": "sum-shard",
    b"tlyN": "namespaced-head",
    b"tlyn": "namespaced-inclusion-proof",
    b"tlyw": "namespace-proof",
    b"tlya": "absence-proof",
    b"tlyk": "sparse-head",
    b"tlyx": "sparse-proof",
    b"tlyy": "sparse-multi-proof",
    b"tlyP": "patricia-head",
    b"tlyE": "patricia-proof",
}
_FORMATS = {b'"tallystick-commit"': "the manifest of a commitment", b'"tallystick-proof"': "a proof file"} | {
    f'"tallystick-{name}"'.encode(): _BEGINNINGS[magic] for magic, name in _NAMES.items()
}


def kind_of(path: Path) -> str | None:
    """Return what ``path`` is, with its article; None if that cannot be told or ``path`` cannot be read."""
    try:
        if path.is_dir():
            return "the directory of a commitment" if (path / MANIFEST).exists() else "a directory"
        if not path.is_file():
            return None
        with path.open("rb") as file:
            begin = file.read(300)
    except OSError:
        return None
    for beginning, kind in _BEGINNINGS.items():
        if begin.startswith(beginning):
            return kind
    if begin.lstrip().startswith(b"{"):
        # A head has its scheme inside: what is named first is what the file is.
        found = [(begin.find(mark), kind) for mark, kind in _FORMATS.items() if mark in begin]
        return min(found)[1] if found else None
    return "a statement's note" if is_note(begin) else None


def is_note(begin: bytes) -> bool:
    """Return whether a file that begins so is meant to be the note of a statement; 300 bytes tell."""
    return begin.split(b"\n", 2)[1:2] == [b"tallystick/v1/statement"]


def other_than(path: Path, expected: str) -> str | None:
    """Return what ``path`` is if that is known and is not ``expected``."""
    kind = kind_of(path)
    return None if kind == expected else kind


def refuse_special(path: Path) -> None:
    """Raise ``BadData`` for a device, a pipe or a socket: reading it may not end. A directory passes."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise BadData(f"{path}: not a regular file", file=str(path))


def read_small(path: Path) -> bytes:
    """Return the content of a regular file of at most 16 MiB; ``BadData`` for any other."""
    refuse_special(path)
    # A pipe put there since does not hold the opening up.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadData(f"{path}: not a regular file", file=str(path))
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadData(f"{path}: has more than {MAX_BYTES >> 20} MiB, and no such file has", file=str(path))
    return data
