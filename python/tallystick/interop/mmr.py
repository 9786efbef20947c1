"""Proofs of mountain ranges: of Nervos' ``merkle-mountain-range`` and of Grin.

Both number all nodes of a range in the order in which they come about, from 0: a leaf has a *position*
beside its index, and the size they state is the number of nodes. Trees are of
:func:`tallystick.schemes.nervos_mmr` and :func:`tallystick.schemes.grin_mmr`. Their proofs have our
digests, Nervos' in another order: from left to right, mountain after mountain.

The size in a proof is what the proof says. It is compared with the head's, which must come from a source
that you trust, because the roots of neither bind it.

>>> from tallystick.interop import mmr
>>> [mmr.leaf_position(index) for index in range(6)]
[0, 1, 3, 4, 7, 8]
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsIndex

from tallystick.errors import DecodeError, Reason
from tallystick.interop import _reading as reading
from tallystick.proofs import InclusionProof, MultiProof, TreeHead

__all__ = [
    "NervosProof",
    "from_grin",
    "from_nervos",
    "from_nervos_many",
    "leaf_index",
    "leaf_position",
    "to_grin",
    "to_nervos",
    "to_nervos_many",
]

_LARGEST = 2**64 - 1
_GRIN_DIGEST = 32


@dataclass(frozen=True, slots=True)
class NervosProof:
    """A proof as ``MerkleProof::new(mmr_size, items)`` takes it, with the positions of its leaves.

    ``mmr_size`` is the number of nodes. Raises ``TypeError`` for other types, ``ValueError`` for numbers
    that are not 0 to 2**64 - 1.

    >>> from tallystick.interop.mmr import NervosProof
    >>> NervosProof(1, (0,), ())
    NervosProof(mmr_size=1, positions=(0,), items=())
    """

    mmr_size: int
    positions: tuple[int, ...]
    items: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.positions, tuple) or not isinstance(self.items, tuple):
            raise TypeError("positions and items are tuples")
        numbers = (self.mmr_size, *self.positions)
        if not all(type(number) is int for number in numbers):
            raise TypeError("sizes and positions are int")
        if not all(0 <= number <= _LARGEST for number in numbers):
            raise ValueError(f"sizes and positions are 0 to {_LARGEST}")
        if not all(type(item) is bytes for item in self.items):
            raise TypeError("items are bytes")


def leaf_position(index: SupportsIndex) -> int:
    """Return the position of the leaf at ``index``, which is also the number of nodes over ``index`` leaves.

    Raises ``ValueError`` for an index below 0.

    >>> from tallystick.interop import mmr
    >>> mmr.leaf_position(11)
    19
    """
    found = index.__index__()
    if found < 0:
        raise ValueError(f"an index is at least 0, not {found}")
    return 2 * found - found.bit_count()


def leaf_index(position: SupportsIndex) -> int:
    """Return the index of the leaf at ``position``; with a number of nodes, the number of leaves below them.

    Raises ``ValueError`` for a position that no leaf has.

    >>> from tallystick.interop import mmr
    >>> mmr.leaf_index(19)
    11
    >>> mmr.leaf_index(2)
    Traceback (most recent call last):
    ValueError: no leaf is at position 2
    """
    found = position.__index__()
    # 2 * index - popcount(index) is the position, so the index is half of it or a little more.
    index = max(0, found + 1) // 2
    while leaf_position(index) < found:
        index += 1
    if leaf_position(index) != found:
        raise ValueError(f"no leaf is at position {found}")
    return index


def to_nervos(head: TreeHead, index: SupportsIndex, proof: InclusionProof) -> NervosProof:
    """Return Nervos' form of a proof of one leaf.

    The proof is not verified: call ``head.verify_inclusion`` for that. Raises ``TypeError`` for other
    types, ``ValueError`` for a head of another scheme and for a proof of another length, ``IndexError`` for
    an index outside the tree.

    >>> import tallystick as ts
    >>> from tallystick.interop import mmr
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(5)], scheme=ts.schemes.NERVOS_MMR)
    >>> theirs = mmr.to_nervos(tree.head, 4, tree.prove(4))
    >>> theirs.mmr_size, theirs.positions, len(theirs.items)
    (8, (7,), 1)
    """
    _check_nervos(head)
    return _to_nervos(head, [reading.check_index(index, head)], reading.rows(proof, head))


def to_nervos_many(head: TreeHead, indices: Sequence[SupportsIndex], proof: MultiProof) -> NervosProof:
    """Return Nervos' form of one proof of several leaves; ``positions`` are in the order of ``indices``.

    As :func:`to_nervos`; ``ValueError`` also for no indices or one that is there twice.

    >>> import tallystick as ts
    >>> from tallystick.interop import mmr
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(7)], scheme=ts.schemes.NERVOS_MMR)
    >>> theirs = mmr.to_nervos_many(tree.head, [5, 0], tree.prove_many([5, 0]))
    >>> theirs.positions, len(theirs.items)
    ((8, 0), 4)
    """
    _check_nervos(head)
    if not isinstance(proof, MultiProof):
        raise TypeError(f"proof must be a MultiProof, not {type(proof).__name__}")
    width = len(head.root)
    if proof.digest_size != width:
        raise ValueError(f"the proof has digests of {proof.digest_size} bytes, {head.scheme.name} of {width}")
    digests = [row.tobytes() for row in proof.digests]
    return _to_nervos(head, [reading.check_index(index, head) for index in indices], digests)


def from_nervos(theirs: NervosProof, head: TreeHead) -> tuple[int, InclusionProof]:
    """Read Nervos' proof of one leaf: its index and our proof, for ``head.verify_inclusion``.

    Raises :class:`tallystick.DecodeError` for a proof of another number of leaves and for a position that
    no leaf has, :class:`tallystick.InvalidProof` for another size than the head's, a position outside the
    tree or another number of items, ``TypeError`` and ``ValueError`` for a head of another scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import mmr
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(11)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.NERVOS_MMR)
    >>> index, proof = mmr.from_nervos(mmr.to_nervos(tree.head, 8, tree.prove(8)), tree.head)
    >>> tree.head.verify_inclusion(index, leaves[8], proof)
    """
    indices, digests = _from_nervos(theirs, head)
    if len(indices) != 1:
        raise DecodeError(f"a proof of one leaf states one position, not {len(indices)}")
    return indices[0], InclusionProof(digests, digest_size=len(head.root))


def from_nervos_many(theirs: NervosProof, head: TreeHead) -> tuple[list[int], MultiProof]:
    """Read Nervos' proof of several leaves: indices in the order of its positions, and our proof.

    As :func:`from_nervos`; :class:`tallystick.DecodeError` also for no positions or one that is there twice.

    >>> import tallystick as ts
    >>> from tallystick.interop import mmr
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(11)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.NERVOS_MMR)
    >>> theirs = mmr.to_nervos_many(tree.head, [10, 2], tree.prove_many([10, 2]))
    >>> indices, proof = mmr.from_nervos_many(theirs, tree.head)
    >>> tree.head.verify_many(indices, [leaves[10], leaves[2]], proof)
    """
    indices, digests = _from_nervos(theirs, head)
    return indices, MultiProof(digests, digest_size=len(head.root))


def to_grin(head: TreeHead, index: SupportsIndex, proof: InclusionProof) -> bytes:
    """Return Grin's form of a proof: the number of nodes, that of digests, and these. JSON has the hex.

    Grin's proof states no place: its verifier is given :func:`leaf_position`. Raises as :func:`to_nervos`;
    and ``ValueError`` for a hash with digests of other than 32 bytes.

    >>> import tallystick as ts
    >>> from tallystick.interop import mmr
    >>> tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.GRIN_MMR)
    >>> mmr.to_grin(tree.head, 2, tree.prove(2))[:16].hex()
    '00000000000000040000000000000001'
    """
    _check_grin(head)
    place = reading.check_index(index, head)
    digests = reading.rows(proof, head)
    reading.check_count(len(digests), len(_plan(head, [place])))
    return struct.pack(">QQ", leaf_position(head.size), len(digests)) + b"".join(digests)


def from_grin(data: bytes | str, head: TreeHead) -> InclusionProof:
    """Read Grin's proof, bytes or their hex, for ``head.verify_inclusion(index, leaf, proof)``.

    Raises :class:`tallystick.DecodeError` for what is not of the form, :class:`tallystick.InvalidProof` for
    another size than the head's, ``TypeError`` and ``ValueError`` for other types and a head of another
    scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import mmr
    >>> tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.GRIN_MMR)
    >>> proof = mmr.from_grin(mmr.to_grin(tree.head, 2, tree.prove(2)).hex(), tree.head)
    >>> tree.head.verify_inclusion(2, b"c", proof)
    """
    _check_grin(head)
    read = _grin_bytes(data)
    if len(read) < 16:
        raise DecodeError(f"a proof of Grin has at least 16 bytes, not {len(read)}")
    nodes, count = struct.unpack(">QQ", read[:16])
    if len(read) != 16 + _GRIN_DIGEST * count:
        raise DecodeError(f"the proof states {count} digests and has {len(read) - 16} bytes of them")
    _check_size(nodes, head)
    rows = [read[start : start + _GRIN_DIGEST] for start in range(16, len(read), _GRIN_DIGEST)]
    return InclusionProof(rows, digest_size=_GRIN_DIGEST)


def _to_nervos(head: TreeHead, indices: list[int], digests: list[bytes]) -> NervosProof:
    nodes = _plan(head, indices)
    reading.check_count(len(digests), len(nodes))
    return NervosProof(
        leaf_position(head.size),
        tuple(leaf_position(index) for index in indices),
        tuple(digests[place] for place in _from_left(nodes, head.size)),
    )


def _from_nervos(theirs: NervosProof, head: TreeHead) -> tuple[list[int], list[bytes]]:
    _check_nervos(head)
    if not isinstance(theirs, NervosProof):
        raise TypeError(f"the proof must be a NervosProof, not {type(theirs).__name__}")
    try:
        indices = [leaf_index(position) for position in theirs.positions]
    except ValueError as error:
        raise DecodeError(str(error)) from None
    if not indices or len(set(indices)) != len(indices):
        reading.malformed("a proof states at least one position, and each once")
    width = len(head.root)
    items = reading.digests(theirs.items, "items", width)
    _check_size(theirs.mmr_size, head)
    if max(indices) >= head.size:
        what = f"there is no leaf {max(indices)} in a tree of {head.size}"
        reading.refuse(Reason.INDEX_OUT_OF_RANGE, what)
    nodes = _plan(head, indices)
    if len(items) != len(nodes):
        what = f"the proof has {len(items)} items, these places have {len(nodes)}"
        reading.refuse(Reason.DIGEST_COUNT, what)
    ours = [b""] * len(nodes)
    for item, place in zip(items, _from_left(nodes, head.size), strict=True):
        ours[place] = item
    return indices, ours


def _plan(head: TreeHead, indices: list[int]) -> list[tuple[int, int]]:
    """Return level and index of each node of our proof."""
    return [(level, index) for level, index in head.scheme.plan(head.size, indices).nodes.tolist()]


def _from_left(nodes: list[tuple[int, int]], size: int) -> list[int]:
    """Return the places of our digests in Nervos' order: mountain after mountain, each level by level.

    What bags all peaks to the right of the leaves begins at the leftmost of these, and so is last.
    """

    def key(place: int) -> tuple[int, int, int]:
        level, index = nodes[place]
        # The mountain of a leaf is where its index and the size part ways: a lower bit is further right.
        return (-((index << level) ^ size).bit_length(), level, index)

    return sorted(range(len(nodes)), key=key)


def _check_nervos(head: TreeHead) -> None:
    reading.check_head(head, "nervos_mmr")


def _check_grin(head: TreeHead) -> None:
    reading.check_head(head, "grin_mmr")
    if len(head.root) != _GRIN_DIGEST:
        raise ValueError(f"Grin's digests have {_GRIN_DIGEST} bytes, not {len(head.root)}")


def _check_size(nodes: int, head: TreeHead) -> None:
    if nodes != leaf_position(head.size):
        what = f"the proof is of a range of {nodes} nodes, the head's has {leaf_position(head.size)}"
        reading.refuse(Reason.WRONG_PLACE, what)


def _grin_bytes(data: bytes | str) -> bytes:
    if isinstance(data, str):
        return reading.unhex("0x" + data, "the proof")
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"a proof of Grin is bytes or hex, not {type(data).__name__}")
    return bytes(data)
