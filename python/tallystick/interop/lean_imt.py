"""Proofs of LeanIMT, as zk-kit and Semaphore have them.

Their proof is ``{root, leaf, index, siblings}``. Levels on which a leaf has no sibling are left out, and
``index`` is the sides on the other levels packed into bits, the lowest level in the lowest bit: it is *not*
the leaf's index. With the size of the tree one follows from the other.

Nodes are ``0x`` and hex digits here, which JavaScript's ``BigInt`` reads too. Trees are of
``schemes.lean_imt``, whose hash is a function of bytes.

>>> from tallystick.interop import lean_imt
>>> lean_imt.packed_index(4, size=5)
1
"""

from __future__ import annotations

from typing import Any, SupportsIndex

from tallystick.errors import Reason
from tallystick.interop import Claim
from tallystick.interop import _reading as reading
from tallystick.proofs import InclusionProof, TreeHead

__all__ = ["from_proof", "leaf_index", "packed_index", "to_proof"]


def to_proof(head: TreeHead, index: SupportsIndex, leaf: bytes, proof: InclusionProof) -> dict[str, Any]:
    """Return their form of a proof: ``{"root", "leaf", "index", "siblings"}``, nodes in hex.

    The proof is not verified: call ``head.verify_inclusion`` for that. Raises ``TypeError`` for other
    types, ``ValueError`` for a head of another scheme and for a proof of another length, ``IndexError`` for
    an index outside the tree.

    >>> import tallystick as ts
    >>> from tallystick.interop import lean_imt
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(5)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.LEAN_IMT)
    >>> theirs = lean_imt.to_proof(tree.head, 4, leaves[4], tree.prove(4))
    >>> theirs["index"], len(theirs["siblings"])
    (1, 1)
    """
    reading.check_head(head, "lean_imt")
    place = reading.check_index(index, head)
    siblings = reading.rows(proof, head)
    sides = _sides(place, head.size)
    reading.check_count(len(siblings), len(sides))
    return {
        "root": reading.tohex(head.root),
        "leaf": reading.tohex(reading.leaf(leaf, head)),
        "index": _packed(sides),
        "siblings": [reading.tohex(sibling) for sibling in siblings],
    }


def from_proof(document: object, head: TreeHead) -> Claim:
    """Read their form of a proof, JSON text or parsed, and return the claim that it makes.

    ``head.verify_inclusion(claim.index, claim.leaf, claim.proof)`` then verifies it. Raises
    :class:`tallystick.DecodeError` for what is not of the form, :class:`tallystick.InvalidProof` where it
    states another root than the head's or sides that no leaf of a tree of this size has, ``TypeError`` and
    ``ValueError`` for a head of another scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import lean_imt
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(5)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.LEAN_IMT)
    >>> claim = lean_imt.from_proof(lean_imt.to_proof(tree.head, 4, leaves[4], tree.prove(4)), tree.head)
    >>> claim.index, claim.leaf == leaves[4]
    (4, True)
    """
    reading.check_head(head, "lean_imt")
    width = len(head.root)
    found = reading.fields(
        reading.parsed(document, "the proof"), "the proof", ("root", "leaf", "index", "siblings")
    )
    leaf = reading.digest(found["leaf"], "leaf", width)
    siblings = reading.digests(found["siblings"], "siblings", width, 64)
    packed = reading.integer(found["index"], "index")
    reading.check_root(found["root"], head)
    return Claim(
        leaf_index(packed, len(siblings), size=head.size), leaf, InclusionProof(siblings, digest_size=width)
    )


def packed_index(index: SupportsIndex, *, size: int) -> int:
    """Return the ``index`` of their proof for the leaf at ``index`` in a tree of ``size`` leaves.

    Raises ``IndexError`` for an index outside the tree. Costs a step a level.

    >>> from tallystick.interop import lean_imt
    >>> [lean_imt.packed_index(leaf, size=5) for leaf in range(5)]
    [0, 1, 2, 3, 1]
    """
    found = reading.index(index)
    if not 0 <= found < size:
        raise IndexError(f"there is no leaf {found} in a tree of {size}")
    return _packed(_sides(found, size))


def leaf_index(packed: SupportsIndex, siblings: int, *, size: int) -> int:
    """Return the leaf's index from theirs, the number of siblings and the size of the tree.

    Only one leaf has these. Raises :class:`tallystick.InvalidProof` if none has. Costs a step a level.

    >>> from tallystick.interop import lean_imt
    >>> lean_imt.leaf_index(1, 1, size=5), lean_imt.leaf_index(1, 3, size=5)
    (4, 1)
    """
    rest = reading.index(packed)
    if size < 1:
        reading.refuse(Reason.INDEX_OUT_OF_RANGE, "an empty tree has no leaves")
    if not (0 <= siblings <= 64 and 0 <= rest < 1 << siblings):
        reading.refuse(Reason.WRONG_PLACE, f"index {rest} has more bits than the proof has siblings")
    # From the root down: a side is stated wherever a node has two children.
    place, left = 0, siblings
    for level in reversed(range((size - 1).bit_length())):
        place *= 2
        if place + 1 < -(-size >> level):
            left -= 1
            if left < 0:
                break
            place += rest >> left & 1
    if left != 0:
        reading.refuse(
            Reason.DIGEST_COUNT, f"no leaf of a tree of {size} has {siblings} siblings with these sides"
        )
    return place


def _sides(index: int, size: int) -> list[int]:
    """Return 1 for each sibling that stands to the left, 0 for one to the right, from the leaf up."""
    sides = []
    for level in range((size - 1).bit_length()):
        place = index >> level
        if place ^ 1 < -(-size >> level):
            sides.append(place & 1)
    return sides


def _packed(sides: list[int]) -> int:
    return sum(side << place for place, side in enumerate(sides))
