"""Proofs of merkletreejs: hex digests with the side on which each stands, or, with sorted pairs, without.

merkletreejs builds by default what ``schemes.promoted`` builds. With its option
``sortPairs`` it is :func:`sorted_scheme`, whose proofs show that a leaf is there and not where. With
``isBitcoinTree`` it is ``schemes.BITCOIN`` with the bytes of every digest in reverse:
:mod:`tallystick.interop.bitcoin`.

>>> import tallystick as ts
>>> from tallystick.interop import merkletreejs
>>> leaves = [ts.hashes.SHA256.digest(word) for word in (b"a", b"b", b"c")]
>>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.PROMOTED)
>>> [side["position"] for side in merkletreejs.to_proof(tree.head, 1, tree.prove(1))]
['left', 'right']
"""

from __future__ import annotations

from typing import SupportsIndex

from tallystick import hashes, schemes
from tallystick.errors import Reason
from tallystick.hashes import Hash as _Hash
from tallystick.interop import _reading as reading
from tallystick.interop.lean_imt import _sides
from tallystick.proofs import InclusionProof, TreeHead
from tallystick.schemes import Scheme

__all__ = ["from_hex_proof", "from_proof", "sorted_scheme", "to_hex_proof", "to_proof"]

_SORTED = "merkletreejs-sorted"
_NAMES = ("right", "left")


def sorted_scheme(hash: _Hash = hashes.KECCAK256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of merkletreejs with ``sortPairs``: ``promoted``, children in ascending order.

    With ``sortLeaves``, or ``sort``, sort the leaves before you build. Proofs show no place: claim the
    index ``None``. Raises ``ValueError`` for a hash that is not cryptographic or has digests of other than
    32 to 64 bytes.

    >>> import tallystick as ts
    >>> from tallystick.interop import merkletreejs
    >>> tree = ts.MerkleTree([b"b" * 32, b"a" * 32], scheme=merkletreejs.sorted_scheme())
    >>> tree.root == ts.hashes.KECCAK256.digest(b"a" * 32 + b"b" * 32)
    True
    """
    f = schemes.f
    return schemes.dense(_SORTED, hash, leaf=f.bare, node=(f.children,), pairs="sorted")


def to_proof(head: TreeHead, index: SupportsIndex, proof: InclusionProof) -> list[dict[str, str]]:
    """Return what ``MerkleTree.unmarshalProof`` reads.

    It is ``[{"position": "left" | "right", "data": "0x…"}, …]``. The proof is not verified. Raises
    ``TypeError`` for other types, ``ValueError`` for a head of another scheme than ``promoted`` and for a
    proof of another length, ``IndexError`` for an index outside the tree.

    >>> import tallystick as ts
    >>> from tallystick.interop import merkletreejs
    >>> tree = ts.MerkleTree([bytes(32), b"a" * 32], scheme=ts.schemes.PROMOTED)
    >>> merkletreejs.to_proof(tree.head, 1, tree.prove(1))[0]["position"]
    'left'
    """
    reading.check_head(head, "promoted")
    digests = reading.rows(proof, head)
    sides = _sides(reading.check_index(index, head), head.size)
    reading.check_count(len(digests), len(sides))
    return [
        {"position": _NAMES[side], "data": reading.tohex(digest)}
        for side, digest in zip(sides, digests, strict=True)
    ]


def from_proof(document: object, head: TreeHead, index: SupportsIndex) -> InclusionProof:
    """Read the parts of a proof of the leaf at ``index``, JSON text or parsed, and return it in our form.

    Read are both forms that merkletreejs has, ``{"position", "data"}`` and ``[0 | 1, "0x…"]`` with 0 for
    left. The sides follow from ``index`` and the size of the tree: others raise
    :class:`tallystick.InvalidProof`, as does another number of digests. :class:`tallystick.DecodeError` for
    what is not of the form, ``TypeError`` and ``ValueError`` for a head of another scheme.
    ``head.verify_inclusion(index, leaf, proof)`` then verifies it.

    >>> import tallystick as ts
    >>> from tallystick.interop import merkletreejs
    >>> leaves = [bytes(32), b"a" * 32]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.PROMOTED)
    >>> theirs = '[{"position": "left", "data": "0x' + "00" * 32 + '"}]'
    >>> tree.head.verify_inclusion(1, leaves[1], merkletreejs.from_proof(theirs, tree.head, 1))
    """
    reading.check_head(head, "promoted")
    parts = []
    for place, item in enumerate(reading.items(reading.parsed(document, "the proof"), "the proof", 64)):
        what = f"the proof's part {place}"
        if isinstance(item, dict):
            found = reading.fields(item, what, ("position", "data"))
            side, data = found["position"], found["data"]
            if side not in _NAMES:
                reading.malformed(f"{what} is neither left nor right")
            side = _NAMES.index(side)
        else:
            pair = reading.items(item, what, 2)
            if len(pair) != 2 or type(pair[0]) is not int or pair[0] not in (0, 1):
                reading.malformed(f"{what} is not a side, 0 or 1, and a digest")
            side, data = 1 - pair[0], pair[1]
        parts.append((side, reading.digest(data, what, len(head.root))))
    claimed = reading.index(index)
    if not 0 <= claimed < head.size:
        reading.refuse(Reason.INDEX_OUT_OF_RANGE, f"there is no leaf {claimed} in a tree of {head.size}")
    sides = _sides(claimed, head.size)
    if len(parts) != len(sides):
        reading.refuse(Reason.DIGEST_COUNT, f"the proof has {len(parts)} digests, this leaf {len(sides)}")
    if [side for side, _ in parts] != sides:
        reading.refuse(
            Reason.WRONG_PLACE, f"a digest stands on another side than on the path of leaf {claimed}"
        )
    return InclusionProof([data for _, data in parts], digest_size=len(head.root))


def to_hex_proof(head: TreeHead, proof: InclusionProof) -> list[str]:
    """Return what ``getHexProof`` returns for a tree with sorted pairs.

    Raises ``TypeError`` for other types, ``ValueError`` for a head of another scheme than
    :func:`sorted_scheme`.

    >>> import tallystick as ts
    >>> from tallystick.interop import merkletreejs
    >>> tree = ts.MerkleTree([bytes(32), b"a" * 32], scheme=merkletreejs.sorted_scheme())
    >>> merkletreejs.to_hex_proof(tree.head, tree.prove(1)) == ["0x" + "00" * 32]
    True
    """
    reading.check_head(head, _SORTED)
    return [reading.tohex(digest) for digest in reading.rows(proof, head)]


def from_hex_proof(document: object, head: TreeHead) -> InclusionProof:
    """Read what ``getHexProof`` returned for a tree with sorted pairs, JSON text or parsed.

    ``head.verify_inclusion(None, leaf, proof)`` then verifies it. Raises :class:`tallystick.DecodeError`
    for what is not of the form, ``TypeError`` and ``ValueError`` for a head of another scheme than
    :func:`sorted_scheme`.

    >>> import tallystick as ts
    >>> from tallystick.interop import merkletreejs
    >>> leaves = [bytes(32), b"a" * 32]
    >>> tree = ts.MerkleTree(leaves, scheme=merkletreejs.sorted_scheme())
    >>> proof = merkletreejs.from_hex_proof(["0x" + "00" * 32], tree.head)
    >>> tree.head.verify_inclusion(None, leaves[1], proof)
    """
    reading.check_head(head, _SORTED)
    found = reading.digests(reading.parsed(document, "the proof"), "the proof", len(head.root), 64)
    return InclusionProof(found, digest_size=len(head.root))
