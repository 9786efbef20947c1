"""Appending to a log, so that of two writers one is refused before it has written anything that counts.

Tiles have fixed names, so a writer must not write one before it is certain to be the one that publishes.

1. The entries are written under a name that is their own digest, which no other writer's have.
2. The head is replaced by itself with a *claim* to that digest, by compare-and-swap. Whoever loses has
   written nothing under a name that counts.
3. The tiles are written. They follow from the log and the claimed entries, so whoever writes them, also
   twice or late, writes the same bytes.
4. The new head replaces the claim, by compare-and-swap.

A crash before 2 leaves the old log, later ones a claim, which opening the log carries out. A reader passes
over a claim. It is signed, so that a store cannot make a writer sign entries that no writer gave it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tallystick.errors import StoreError
from tallystick.hashes import SHA256 as _SHA256
from tallystick.liabilities.signing import Signer, Verifier
from tallystick.logs import _bundles, _digests, _notes, _reading, _steps
from tallystick.logs._layout import DIGEST, ENTRIES, HEIGHT, LONGEST_ENTRY, WIDTH, Tile, edge, entry_tiles
from tallystick.logs._notes import Note
from tallystick.logs._steps import Steps
from tallystick.proofs import TreeHead
from tallystick.schemes import Scheme

# How many bytes of entries one tile of a claim has, about.
_PIECE = 4 << 20


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs, who checks it, and the log's name."""

    origin: str
    signer: Signer
    verifier: Verifier


@dataclass(frozen=True, slots=True)
class State:
    """What appending needs of a log: its head, and what is in the partial tiles of the right edge."""

    note: Note
    data: bytes
    digests: dict[int, bytes]
    entries: list[bytes]

    @property
    def head(self) -> TreeHead:
        """The head."""
        return self.note.head


def create(keys: Keys, scheme: Scheme) -> Steps[State]:
    """Publish the head of an empty log in a store that has none."""
    _digests.check_scheme(scheme)
    note = _notes.signed(keys.origin, _empty(scheme), keys.signer)
    _notes.verify(note, keys.origin, keys.verifier)
    data = note.to_bytes()
    if not (yield from _steps.publish_head(data, None)):
        raise StoreError("the store has a head already: open the log, or take another store")
    return State(note, data, {}, [])


def _empty(scheme: Scheme) -> TreeHead:
    return _digests.head_of_peaks([], 0, scheme)


def load(keys: Keys, newest: TreeHead | None) -> Steps[State]:
    """Read what appending needs; carry out what a writer claimed and did not finish."""
    while True:
        note, data = yield from _reading.read_note(keys.origin, keys.verifier)
        head = note.head
        tiles = edge(head.size)
        rest = entry_tiles(head.size - head.size % WIDTH, head.size, head.size) if head.size % WIDTH else []
        found = yield from _reading.fetch([*tiles, *rest])
        checked = _reading.check(head, tiles, found)
        digests = {tile.level: checked[tile.level, tile.index] for tile in tiles}
        entries = [
            entry
            for tile in rest
            for entry in _reading.checked_entries(tile, *found[tile], digests[0], head.scheme)
        ]
        state = State(note, data, digests, entries)
        if newest is not None:
            # Before anything is signed: a store may have kept a claim that it refused, for a log that has
            # gone another way since.
            yield from _reading.check_growth(newest, head)
        if note.claim is None:
            break
        names, more = yield from _claimed(keys, state, note.claim)
        if names:
            state = yield from _carry_out(keys, state, data, more, names)
            break
    return state


def extend(keys: Keys, state: State, entries: Sequence[bytes]) -> Steps[State]:
    """Append entries; nothing counts unless the claim to them is published."""
    if not entries:
        return state
    if state.head.scheme.bare_leaves:
        _digests.leaf_digests(entries, state.head.scheme)  # what is no leaf is refused before it is claimed
    pieces = [(_piece_name(state.head, piece), piece) for piece in _pieces(entries)]
    listed = b"".join(bytes.fromhex(name.rpartition("/")[2]) for name, _ in pieces)
    digest = _SHA256.digest(listed)
    signature = keys.signer.sign(_notes.claimed_body(state.note, digest))
    top = (f"claim/{digest.hex()}", len(signature).to_bytes(2, "big") + signature + listed)
    claimed = state.note.with_claim(digest).to_bytes()
    tiles = list(dict([*pieces, top]).items())
    yield from _steps.write_tiles(tiles)
    if not (yield from _steps.publish_head(claimed, state.data)):
        raise StoreError(
            "the store has another head than this writer's: open the log again; nothing was appended"
        )
    return (yield from _carry_out(keys, state, claimed, entries, [name for name, _ in tiles]))


def _carry_out(
    keys: Keys, state: State, claimed: bytes, entries: Sequence[bytes], names: Sequence[str]
) -> Steps[State]:
    """Write the tiles of claimed entries and publish the new head."""
    tiles, digests, rest, head = grow(state, entries)
    note = _notes.signed(keys.origin, head, keys.signer)
    data = note.to_bytes()
    yield from _steps.write_tiles(tiles)
    if not (yield from _steps.publish_head(data, claimed)):
        # Another writer carried the claim out, and may have gone on since.
        other, current = yield from _reading.read_note(keys.origin, keys.verifier)
        yield from _reading.check_growth(head, other.head)
        if other.head == head and other.claim is None:
            note, data = other, current
    yield from _steps.forget_tiles(names)
    return State(note, data, digests, rest)


def _claimed(keys: Keys, state: State, digest: bytes) -> Steps[tuple[list[str], list[bytes]]]:
    """Return the names and entries that were claimed; no names if another writer was quicker."""
    top_name = f"claim/{digest.hex()}"
    (top,) = yield from _steps.read_tiles([top_name])
    names: list[str] = []
    data: list[bytes | None] = []
    if top is not None:
        begin = 2 + int.from_bytes(top[:2], "big")
        signature, listed = top[2:begin], top[begin:]
        if _SHA256.digest(listed) != digest or len(listed) % DIGEST or not listed:
            raise StoreError(f"{top_name} is not what the log's head claims")
        _notes.check_signature(keys.verifier, _notes.claimed_body(state.note, digest), signature)
        names = [f"claim/{listed[at : at + DIGEST].hex()}" for at in range(0, len(listed), DIGEST)]
        data = yield from _steps.read_tiles(names)
    if top is None or None in data:
        if (yield from _steps.read_head()) != state.data:
            return [], []
        raise StoreError("the log's head claims entries that are not in the store")
    entries: list[bytes] = []
    for name, piece in zip(names, data, strict=True):
        if piece is None or _piece_name(state.head, piece) != name:
            raise StoreError(f"{name} is not what the log's head claims")
        entries += _bundles.decode(piece, name)
    return [*dict.fromkeys(names), top_name], entries


def grow(
    state: State, entries: Sequence[bytes]
) -> tuple[list[tuple[str, bytes]], dict[int, bytes], list[bytes], TreeHead]:
    """Return the tiles that appending changes, the new right edge, its entries, and the new head."""
    scheme, old = state.head.scheme, state.head.size
    size = old + len(entries)
    tiles: list[tuple[str, bytes]] = []
    row = [*state.entries, *entries]
    rest: list[bytes] = []
    for at in range(0, len(row), WIDTH):
        part = row[at : at + WIDTH]
        tiles.append((Tile(ENTRIES, (old >> HEIGHT) + at // WIDTH, len(part)).name, _bundles.encode(part)))
        rest = part if len(part) < WIDTH else []
    digests = dict(state.digests)
    level, more = 0, _digests.leaf_digests(entries, scheme)
    while more:
        nodes = digests.pop(level, b"") + more
        index = old >> HEIGHT * (level + 1)
        more = b""
        for at in range(0, len(nodes), WIDTH * DIGEST):
            tile = nodes[at : at + WIDTH * DIGEST]
            tiles.append((Tile(level, index, len(tile) // DIGEST).name, tile))
            if len(tile) == WIDTH * DIGEST:
                more += _digests.top_digest(tile, scheme)
            else:
                digests[level] = tile
            index += 1
        level += 1
    tops = [
        top
        for level in sorted(digests, reverse=True)
        for top in _digests.peak_digests(digests[level], scheme)
    ]
    return tiles, digests, rest, _digests.head_of_peaks(tops, size, scheme)


def checked_entries(entries: Sequence[object]) -> list[bytes]:
    """Return the entries as bytes; ``TypeError`` or ``ValueError`` for what is none."""
    if isinstance(entries, str | bytes | bytearray | memoryview):
        raise TypeError(f"entries is {type(entries).__name__}, one entry: use append, or give a list")
    found = []
    for place, entry in enumerate(entries):
        if not isinstance(entry, bytes | bytearray | memoryview):
            raise TypeError(f"entries[{place}] must be bytes, not {type(entry).__name__}")
        data = bytes(entry)
        if len(data) > LONGEST_ENTRY:
            raise ValueError(f"entries[{place}] has {len(data)} bytes; one has at most {LONGEST_ENTRY}")
        found.append(data)
    return found


def _pieces(entries: Sequence[bytes]) -> Iterator[bytes]:
    begin = length = 0
    for place, entry in enumerate(entries):
        length += len(entry) + 2
        if length >= _PIECE or place + 1 == len(entries):
            yield _bundles.encode(entries[begin : place + 1])
            begin, length = place + 1, 0


def _piece_name(head: TreeHead, piece: bytes) -> str:
    # With the head in it, what one batch leaves behind is never needed by a later one, and may be deleted.
    return f"claim/{_SHA256.digest(head.to_bytes() + piece).hex()}"
