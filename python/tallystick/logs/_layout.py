"""Where things are in a log: tiles of digests and of entries, their names, and which ones a proof needs.

Integers only. A *tile* is up to 256 digests of one level of 8 levels each: tile ``(L, N)`` has the nodes
``(8 L, 256 N)`` and those to its right. A log of ``size`` entries has ``size >> 8 L`` nodes of level ``8 L``;
what they leave over of 256 is a partial tile, at most one a level: the right edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEIGHT = 8
WIDTH = 1 << HEIGHT
DIGEST = 32
# 2**64 entries need no more.
LEVELS = 8
# The most bytes of an entry that is written: 256 of them, each behind its length, fill a tile of 16 MiB.
LONGEST_ENTRY = (1 << 16) - 2
ENTRIES = -1

Node = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of digests, or of entries where ``level`` is ``ENTRIES``; ``width``, 1 to 256, is how many."""

    level: int
    index: int
    width: int

    @property
    def name(self) -> str:
        """Its name in a store."""
        return self.full_name if self.width == WIDTH else f"{self.full_name}.p/{self.width}"

    @property
    def full_name(self) -> str:
        """The name it has when it is full."""
        groups: list[str] = []
        rest = self.index
        while True:
            rest, group = divmod(rest, 1000)
            groups.append(f"{group:03}" if not groups else f"x{group:03}")
            if not rest:
                break
        level = "entries" if self.level == ENTRIES else str(self.level)
        return "/".join(["tile", level, *reversed(groups)])


def tile_of(level: int, index: int, size: int) -> Tile:
    """Return the tile that begins at the ``index``-th 256 of its level in a log of ``size`` entries."""
    return Tile(level, index, min(WIDTH, (size >> HEIGHT * max(level, 0)) - index * WIDTH))


def edge(size: int) -> list[Tile]:
    """Return the partial tiles of digests, highest level first: left to right."""
    tiles = (tile_of(level, size >> HEIGHT * (level + 1), size) for level in reversed(range(LEVELS)))
    return [tile for tile in tiles if tile.width]


def parents(tile: Tile, size: int) -> Iterable[Tile]:
    """Return the tiles above a full one, up to the right edge: each has the digest of the one below."""
    while tile.width == WIDTH:
        tile = tile_of(tile.level + 1, tile.index >> HEIGHT, size)
        yield tile


def tiles_of(nodes: Iterable[Node], size: int) -> list[Tile]:
    """Return the tiles from which full nodes are made and checked, the right edge among them, top first."""
    found = set(edge(size))
    for level, index in nodes:
        tile = tile_of(level // HEIGHT, index >> HEIGHT - level % HEIGHT, size)
        found.add(tile)
        found.update(parents(tile, size))
    return sorted(found, key=lambda tile: (-tile.level, tile.index))


def entry_tiles(begin: int, end: int, size: int) -> list[Tile]:
    """Return the tiles of entries that hold ``[begin, end)``."""
    return [tile_of(ENTRIES, index, size) for index in range(begin >> HEIGHT, (end - 1 >> HEIGHT) + 1)]


def peaks(size: int, begin: int = 0) -> list[Node]:
    """Return the largest full nodes that cover ``[begin, size)``, left to right.

    ``begin`` is where a node of a log of this size begins.
    """
    found = []
    while begin < size:
        rest = size - begin
        level = rest.bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def full_nodes(node: Node, size: int) -> list[Node]:
    """Return the full nodes that make ``node``: itself, or on the edge those below it."""
    level, index = node
    return [node] if (index + 1) << level <= size else peaks(size, index << level)


def extension_nodes(old: int, new: int, *, with_start: bool) -> list[Node]:
    """Return the nodes of the proof that a log of ``new`` entries extends one of ``old``, below it in size.

    ``with_start``: the first node is sent even where it is the whole older tree.
    """
    level = (old & -old).bit_length() - 1
    index = (old >> level) - 1
    count = -(-new >> level)
    found = [(level, index)] if with_start or old & (old - 1) else []
    while count > 1:
        if index ^ 1 < count:
            found.append((level, index ^ 1))
        level, index, count = level + 1, index >> 1, count - (count >> 1)
    return found
