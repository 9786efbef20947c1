"""Whole published files, read line by line in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tallystick.liabilities.published._reading import malformed

Path = str | os.PathLike[str]

_LONGEST = 4096


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read the lines of an ASCII file, numbered from 1, without their ends.

    All ends are alike, and nothing is behind the last.

    Raises ``DecodeError`` for lines above 4,096 bytes, other bytes, and a file without lines.
    """
    # Opening says what else is wrong; a pipe would wait for a writer.
    if os.path.exists(path) and not os.path.isdir(path) and not os.path.isfile(path):
        malformed(f"{os.fspath(path)} is not a regular file")
    with open(path, "rb") as file:
        end = b""
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            found = b"\r\n" if line.endswith(b"\r\n") else b"\n" if line.endswith(b"\n") else b""
            if not found and (len(line) == _LONGEST or file.read(1)):
                malformed(f"line {number} is too long")
            if found and end and found != end:
                malformed(f"line {number} ends in another way than the lines before it")
            end = end or found
            text = line.removesuffix(found)
            if not text.isascii() or b"\r" in text:
                malformed(f"line {number} has bytes that are not text of this format")
            yield number, text.decode("ascii")
        if number == 0:
            malformed("the file is empty")
