"""Reading a log: tiles are fetched in one batch, and none is used before it hashes up to the signed head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tallystick.errors import NotFound, StaleHead, StoreError
from tallystick.liabilities.signing import Verifier
from tallystick.logs import _bundles, _digests, _notes, _steps
from tallystick.logs._layout import (
    DIGEST,
    ENTRIES,
    HEIGHT,
    WIDTH,
    Node,
    Tile,
    edge,
    entry_tiles,
    extension_nodes,
    full_nodes,
    peaks,
    tile_of,
    tiles_of,
)
from tallystick.logs._steps import Steps
from tallystick.proofs import ConsistencyProof, InclusionProof, MultiProof, TreeHead
from tallystick.schemes import Scheme

# By level and index. Only what hashed up to a head is in such a mapping.
Checked = dict[tuple[int, int], bytes]


def read_note(origin: str, verifier: Verifier) -> Steps[tuple[_notes.Note, bytes]]:
    """Read the log's head, and check that it is of ``origin`` and signed: the note, and its bytes."""
    data = yield from _steps.read_head()
    if data is None:
        raise NotFound("the store has no log: no head was ever published in it")
    note = _notes.read(data)
    _notes.verify(note, origin, verifier)
    _digests.check_scheme(note.head.scheme)
    return note, data


def fetch(tiles: Sequence[Tile]) -> Steps[dict[Tile, tuple[str, bytes]]]:
    """Read tiles by their names; in the place of a partial one that was removed, the full one.

    Each comes with the name it was read by. One that is not there at all is a failure: the head says that
    it was written.
    """
    data = yield from _steps.read_tiles([tile.name for tile in tiles])
    found = {tile: (tile.name, part) for tile, part in zip(tiles, data, strict=True) if part is not None}
    missing = [tile for tile in tiles if tile not in found]
    again = [tile for tile in missing if tile.width < WIDTH]
    data = yield from _steps.read_tiles([tile.full_name for tile in again])
    found |= {
        tile: (tile.full_name, part) for tile, part in zip(again, data, strict=True) if part is not None
    }
    for tile in missing:
        if tile not in found:
            raise StoreError(f"{tile.name} is missing, though the log's signed head covers it")
    return found


def fetch_nodes(
    head: TreeHead, nodes: Iterable[Node], others: Sequence[Tile] = ()
) -> Steps[tuple[Checked, dict[Tile, tuple[str, bytes]]]]:
    """Fetch what makes these full nodes, checked against ``head``, and with it ``others``, unchecked."""
    tiles = tiles_of(nodes, head.size)
    found = yield from fetch([*tiles, *others])
    return check(head, tiles, found), {tile: found[tile] for tile in others}


def check(head: TreeHead, tiles: Sequence[Tile], found: dict[Tile, tuple[str, bytes]]) -> Checked:
    """Return the digests of ``tiles``, top first with the right edge among them, if they make ``head``."""
    scheme, checked = head.scheme, Checked()
    border = edge(head.size)
    for tile in border:
        checked[tile.level, tile.index] = _cut(tile, *found[tile])
    tops = [top for tile in border for top in _digests.peak_digests(checked[tile.level, tile.index], scheme)]
    if _digests.head_of_peaks(tops, head.size, scheme) != head:
        names = ", ".join(found[tile][0] for tile in border)
        raise StoreError(f"tiles do not hash to the log's signed head: {names or 'there are none'}")
    for tile in tiles:
        if tile.width < WIDTH:
            continue
        name, data = found[tile]
        digests = _cut(tile, name, data)
        above = checked[tile.level + 1, tile.index >> HEIGHT]
        if _digests.top_digest(digests, scheme) != _nth(above, tile.index % WIDTH):
            raise StoreError(f"{name} does not hash to the digest of it that the log's signed head covers")
        checked[tile.level, tile.index] = digests
    return checked


def _cut(tile: Tile, name: str, data: bytes) -> bytes:
    width = tile.width if name == tile.name else WIDTH
    if len(data) != width * DIGEST:
        raise StoreError(f"{name} has {len(data)} bytes, not {width * DIGEST}")
    return data[: tile.width * DIGEST]


def _nth(digests: bytes, place: int) -> bytes:
    return digests[place * DIGEST : (place + 1) * DIGEST]


def node_digest(checked: Checked, node: Node, scheme: Scheme) -> bytes:
    """Return the digest of a full node."""
    level, index = node
    tile_level, below = divmod(level, HEIGHT)
    place = index << below
    row = checked[tile_level, place >> HEIGHT]
    begin = place % WIDTH * DIGEST
    return _digests.top_digest(row[begin : begin + (DIGEST << below)], scheme)


def digests_of(newest: TreeHead, head: TreeHead, nodes: Sequence[Node]) -> Steps[list[bytes]]:
    """Return the digests of the nodes of the log at ``head``, from the tiles of ``newest``.

    ``StaleHead`` if the log had another head when it was of that size.
    """
    scheme, size = head.scheme, head.size
    if scheme != newest.scheme or not 0 < size <= newest.size:
        raise StaleHead(f"this log never had that head, of {size} entries and {scheme.name}")
    parts = [full_nodes(node, size) for node in nodes]
    own = [] if head == newest else peaks(size)
    checked, _ = yield from fetch_nodes(newest, {node for part in [*parts, own] for node in part})
    tops = [node_digest(checked, node, scheme) for node in own]
    if own and _digests.head_of_peaks(tops, size, scheme) != head:
        raise StaleHead(f"this log had another head when it was of {size} entries")
    return [_digests.bagged([node_digest(checked, one, scheme) for one in part], scheme) for part in parts]


def prove(newest: TreeHead, head: TreeHead, index: int) -> Steps[InclusionProof]:
    """Return the proof of one entry."""
    if not 0 <= index < head.size:
        raise IndexError(f"there is no entry {index} in a log of {head.size}")
    nodes = _plan(head, [index])
    digests = yield from digests_of(newest, head, nodes)
    return InclusionProof(digests, digest_size=DIGEST)


def prove_many(newest: TreeHead, head: TreeHead, indices: Sequence[int]) -> Steps[MultiProof]:
    """Return one proof of several entries."""
    plan = head.scheme.plan(head.size, sorted(indices))
    digests = yield from digests_of(newest, head, _plan(head, sorted(indices)))
    if not digests:
        return MultiProof([], digest_size=DIGEST)
    return plan.proof(digests)


def _plan(head: TreeHead, indices: Sequence[int]) -> list[Node]:
    return [(int(level), int(index)) for level, index in head.scheme.plan(head.size, indices).nodes]


def prove_extends(newest: TreeHead, head: TreeHead, old: int) -> Steps[ConsistencyProof]:
    """Return the proof that the log at ``head`` extends the one of ``old`` entries."""
    if not 0 < old <= head.size:
        raise ValueError(f"a log of {head.size} entries is no extension of one of {old}")
    if old == head.size:
        return ConsistencyProof([], digest_size=DIGEST)
    nodes = extension_nodes(old, head.size, with_start=_digests.sends_start(head.scheme))
    digests = yield from digests_of(newest, head, nodes)
    return ConsistencyProof(digests, digest_size=DIGEST)


def entries(head: TreeHead, begin: int, end: int) -> Steps[list[bytes]]:
    """Return the entries ``[begin, end)``, each checked against the head."""
    if not 0 <= begin <= end <= head.size:
        raise IndexError(f"there are no entries {begin} to {end} in a log of {head.size}")
    if begin == end:
        return []
    tiles = entry_tiles(begin, end, head.size)
    leaves = [tile_of(0, tile.index, head.size) for tile in tiles]
    nodes = [(0, tile.index << HEIGHT) for tile in leaves]
    checked, found = yield from fetch_nodes(head, nodes, tiles)
    read: list[bytes] = []
    for tile in tiles:
        read += checked_entries(tile, *found[tile], checked[0, tile.index], head.scheme)
    first = tiles[0].index * WIDTH
    return read[begin - first : end - first]


def checked_entries(tile: Tile, name: str, data: bytes, digests: bytes, scheme: Scheme) -> list[bytes]:
    """Return the entries of a tile, if these are their leaf digests."""
    assert tile.level == ENTRIES
    whole = name == tile.name
    read = (_bundles.decode_exactly if whole else _bundles.decode)(data, name, tile.width)
    try:
        same = _digests.leaf_digests(read, scheme) == digests
    except ValueError:  # entries that are no leaves of this scheme
        same = False
    if not same:
        raise StoreError(f"{name} does not hash to the digests of it that the log's signed head covers")
    return read


def check_growth(older: TreeHead, newer: TreeHead) -> Steps[None]:
    """Raise ``InvalidProof`` unless the log of ``newer``, whose tiles are in the store, extends ``older``."""
    if older.size == 0 and older.scheme == newer.scheme:
        return
    proof = ConsistencyProof([], digest_size=DIGEST)
    if older.scheme == newer.scheme and older.size < newer.size:
        proof = yield from prove_extends(newer, newer, older.size)
    newer.verify_extends(older, proof)
