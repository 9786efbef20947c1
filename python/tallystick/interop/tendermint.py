"""Proofs of Tendermint's and CometBFT's simple trees, as their RPC writes them.

A proof is ``{"total", "index", "leaf_hash", "aunts"}``: numbers as text, hashes in base64, aunts from the
leaf up, which are our digests in our order. Trees are of :func:`tallystick.schemes.tendermint`.

>>> import tallystick as ts
>>> from tallystick.interop import tendermint
>>> tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.TENDERMINT)
>>> theirs = tendermint.to_proof(tree.head, 2, b"c", tree.prove(2))
>>> theirs["total"], theirs["index"], len(theirs["aunts"])
('3', '2', 1)
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, SupportsIndex

from tallystick.errors import Reason
from tallystick.interop import _reading as reading
from tallystick.proofs import InclusionProof, TreeHead

__all__ = ["Claim", "from_proof", "leaf_hash", "to_proof"]

_KEYS = ("total", "index", "leaf_hash", "aunts")
_LEAF = b"\x00"
# As Tendermint has it: its verifier takes no longer proofs.
_MOST_AUNTS = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """What a proof claims, for ``head.verify_inclusion(claim.index, leaf, claim.proof)`` with the leaf.

    ``leaf_hash`` is the hash that the proof states for it; :func:`from_proof` takes the leaf and compares.

    >>> import tallystick as ts
    >>> from tallystick.interop import tendermint
    >>> tree = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.TENDERMINT)
    >>> claim = tendermint.from_proof(tendermint.to_proof(tree.head, 1, b"b", tree.prove(1)), tree.head)
    >>> claim.index, claim.leaf_hash == tendermint.leaf_hash(tree.head, b"b")
    (1, True)
    """

    index: int
    leaf_hash: bytes
    proof: InclusionProof


def leaf_hash(head: TreeHead, leaf: bytes) -> bytes:
    """Return the hash of a leaf in trees of the head's scheme.

    Raises ``TypeError`` and ``ValueError`` for a head of another scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import tendermint
    >>> head = ts.head_of([b"a"], scheme=ts.schemes.TENDERMINT)
    >>> tendermint.leaf_hash(head, b"a") == head.root
    True
    """
    _check_head(head)
    return head.scheme.hash.digest(_LEAF + reading.raw(leaf, "leaf"))


def to_proof(head: TreeHead, index: SupportsIndex, leaf: bytes, proof: InclusionProof) -> dict[str, Any]:
    """Return their form of a proof of ``leaf``, ready for ``json.dumps``.

    The proof is not verified: call ``head.verify_inclusion`` for that. Raises ``TypeError`` for other types,
    ``ValueError`` for a head of another scheme and for a proof of another length, ``IndexError`` for an index
    outside the tree.

    >>> import tallystick as ts
    >>> from tallystick.interop import tendermint
    >>> tree = ts.MerkleTree([b"a"], scheme=ts.schemes.TENDERMINT)
    >>> tendermint.to_proof(tree.head, 0, b"a", tree.prove(0))["leaf_hash"]
    'Aippeebat6pa5MPl5F9+l3ESp+Y1k4INvsHsc4ok+Tw='
    """
    _check_head(head)
    place = reading.check_index(index, head)
    aunts = reading.rows(proof, head)
    reading.check_count(len(aunts), len(head.scheme.plan(head.size, [place])))
    return {
        "total": str(head.size),
        "index": str(place),
        "leaf_hash": _base64(leaf_hash(head, leaf)),
        "aunts": [_base64(aunt) for aunt in aunts],
    }


def from_proof(document: str | dict[str, Any], head: TreeHead, leaf: bytes | None = None) -> Claim:
    """Read their form of a proof, JSON text or parsed, and return the claim that it makes.

    With ``leaf``, the stated hash must be that leaf's. Nothing else is verified:
    ``head.verify_inclusion(claim.index, leaf, claim.proof)`` does that. Raises
    :class:`tallystick.DecodeError` for
    what is not of the form, :class:`tallystick.InvalidProof` for another total than the head's size, an index
    outside the tree or the hash of another leaf, ``TypeError`` and ``ValueError`` for a head of another
    scheme.

    >>> import json, tallystick as ts
    >>> from tallystick.interop import tendermint
    >>> tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.TENDERMINT)
    >>> text = json.dumps(tendermint.to_proof(tree.head, 1, b"b", tree.prove(1)))
    >>> claim = tendermint.from_proof(text, tree.head, b"b")
    >>> tree.head.verify_inclusion(claim.index, b"b", claim.proof)
    """
    _check_head(head)
    found = reading.fields(reading.parsed(document, "the proof"), "the proof", _KEYS)
    total, index = (_number(found[key], key) for key in ("total", "index"))
    width = len(head.root)
    stated = _digest(found["leaf_hash"], "leaf_hash", width)
    # Go writes a list without items as null.
    aunts = reading.items(found["aunts"] if found["aunts"] is not None else [], "aunts", _MOST_AUNTS)
    digests = [_digest(aunt, f"aunts[{place}]", width) for place, aunt in enumerate(aunts)]
    if total != head.size:
        reading.refuse(Reason.WRONG_PLACE, f"the proof is of {total} leaves, the head of {head.size}")
    if index >= head.size:
        reading.refuse(Reason.INDEX_OUT_OF_RANGE, f"there is no leaf {index} in a tree of {head.size}")
    if leaf is not None and leaf_hash(head, leaf) != stated:
        reading.refuse(Reason.LEAF_MISMATCH, "the proof is of another leaf")
    return Claim(index, stated, InclusionProof(digests, digest_size=width))


def _check_head(head: TreeHead) -> None:
    reading.check_head(head, "tendermint")


def _number(found: object, what: str) -> int:
    """Read a number, which the RPC has as text."""
    if isinstance(found, str) and re.fullmatch(r"0|[1-9][0-9]{0,18}", found, re.ASCII):
        return int(found)
    return reading.integer(found, what)


def _digest(found: object, what: str, size: int) -> bytes:
    read = b""
    if isinstance(found, str) and len(found) <= 2 * size:
        try:
            read = base64.b64decode(found, validate=True)
        except (binascii.Error, ValueError):
            read = b""
    # One text for some bytes: the decoder ignores the last bits.
    if len(read) != size or _base64(read) != found:
        reading.malformed(f"{what} is not the base64 of {size} bytes")
    return read


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
