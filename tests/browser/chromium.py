"""Chromium without a window, by its command line: a page's elements, its looks, its console."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

NAMES = ("chromium", "chromium-browser", "google-chrome")
# It does not start as root in a container with a sandbox, and what it opens here is our own.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--v=0",
)


def browser() -> str:
    """The program: ``TALLYSTICK_BROWSER``, or what is on the path. There is no skipping without one."""
    found = [os.environ.get("TALLYSTICK_BROWSER"), *map(shutil.which, NAMES)]
    for program in found:
        if program:
            return program
    raise FileNotFoundError("no Chromium: install it, or name one in TALLYSTICK_BROWSER")


def run(page: Path, profile: Path, *options: str) -> tuple[str, list[str]]:
    """What the browser writes, and the messages of the page's console."""
    arguments = (*OPTIONS, f"--user-data-dir={profile}", *options, page.resolve().as_uri())
    done = subprocess.run([browser(), *arguments], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout, re.findall(r":CONSOLE[:(].*", done.stderr)


def dom(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The page as the browser understood it, and its console."""
    return run(page, profile, "--dump-dom")


def picture(
    page: Path, profile: Path, *options: str, width: int = 1150, height: int = 2400
) -> npt.NDArray[np.uint8]:
    """What it looks like: a ``(height, width, 3)`` array of red, green and blue."""
    file = profile / "picture.png"
    run(page, profile, f"--screenshot={file}", f"--window-size={width},{height}", *options)
    return pixels(file.read_bytes())


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """Read a PNG of 8 bits a channel, without interlacing."""
    data, place = b"", 8
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        chunk = png[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunk)
            if depth != 8 or colour not in (2, 6) or interlaced:
                raise ValueError("another kind of PNG")
            step = 3 if colour == 2 else 4
        elif kind == b"IDAT":
            data += chunk
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * step)
    image = np.zeros((height, width * step), np.uint8)
    above = np.zeros(width * step, np.uint8)
    for row in range(height):
        above = image[row] = _unfiltered(int(rows[row, 0]), rows[row, 1:], above, step)
    return image.reshape(height, width, step)[..., :3]


def _unfiltered(
    kind: int, line: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8], step: int
) -> npt.NDArray[np.uint8]:
    """One row before it was filtered: none, left, above, the mean of both, or Paeth's choice."""
    if kind == 0:
        return line
    if kind == 2:
        return line + above
    made, over = bytearray(line.tobytes()), above.tobytes()
    for place in range(len(made)):
        left = made[place - step] if place >= step else 0
        corner = over[place - step] if place >= step else 0
        made[place] = made[place] + _predicted(kind, left, over[place], corner) & 0xFF
    return np.frombuffer(bytes(made), np.uint8)


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
