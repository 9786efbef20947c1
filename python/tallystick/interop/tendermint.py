"""Proofs of Tendermint's and CometBFT's simple trees, as their RPC writes them.

A proof is ``{"total", "index", "leaf_hash", "aunts"}``: numbers as text, hashes in base64, aunts from the leaf up, which are
our digests in our order. Trees are of :func:`tallystick.schemes.tendermint`.

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
import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn, SupportsIndex

from tallystick.errors import DecodeError, InvalidProof, Reason
from tallystick.proofs import InclusionProof, TreeHead

__all__ = ["Claim", "from_proof", "leaf_hash", "to_proof"]

_KEYS = ("total", "index", "leaf_hash", "aunts")
_LEAF = b"\x00"
# As Tendermint has it: its verifier takes no longer proofs.
_MOST_AUNTS = 100
_MOST_CHARACTERS = 1_000_000
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Claim:
    """What a proof claims, for ``head.verify_inclusion(claim.index, leaf, claim.proof)`` with the leaf's data.

    ``leaf_hash`` is the hash that the proof states for that leaf; :func:`from_proof` takes the leaf and compares.
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
    return head.scheme.hash.digest(_LEAF + bytes(leaf))


def to_proof(head: TreeHead, index: SupportsIndex, leaf: bytes, proof: InclusionProof) -> dict[str, Any]:
    """Return their form of a proof of ``leaf``, ready for ``json.dumps``.

    The proof is not verified: call ``head.verify_inclusion`` for that. Raises ``TypeError`` for other types,
    ``ValueError`` for a head of another scheme and for a proof of another length, ``IndexError`` for an index outside
    the tree.

    >>> import tallystick as ts
    >>> from tallystick.interop import tendermint
    >>> tree = ts.MerkleTree([b"a"], scheme=ts.schemes.TENDERMINT)
    >>> tendermint.to_proof(tree.head, 0, b"a", tree.prove(0))["leaf_hash"]
    'AiqG3BxweE8aEs3IVHf5DV91xXT/XKVNi1qPAuQo2Go='
    """
    _check_head(head)
    if not isinstance(proof, InclusionProof):
        raise TypeError(f"proof must be an InclusionProof, not {type(proof).__name__}")
    place = index.__index__()
    if not 0 <= place < head.size:
        raise IndexError(f"there is no leaf {place} in a tree of {head.size}")
    if proof.digest_size != len(head.root):
        raise ValueError(f"the proof has digests of {proof.digest_size} bytes, not {len(head.root)}")
    needed = len(head.scheme.plan(head.size, [place]))
    if len(proof) != needed:
        raise ValueError(f"the proof has {len(proof)} digests, this place has {needed}")
    return {
        "total": str(head.size),
        "index": str(place),
        "leaf_hash": _base64(leaf_hash(head, leaf)),
        "aunts": [_base64(row.tobytes()) for row in proof.digests],
    }


def from_proof(document: str | dict[str, Any], head: TreeHead, leaf: bytes | None = None) -> Claim:
    """Read their form of a proof, JSON text or parsed, and return the claim that it makes.

    With ``leaf``, the stated hash must be that leaf's. Nothing else is verified:
    ``head.verify_inclusion(claim.index, leaf, claim.proof)`` does that. Raises :class:`tallystick.DecodeError` for what is
    not of the form, :class:`tallystick.InvalidProof` for another total than the head's size, an index outside the tree or
    the hash of another leaf, ``TypeError`` and ``ValueError`` for a head of another scheme.

    >>> import json, tallystick as ts
    >>> from tallystick.interop import tendermint
    >>> tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.TENDERMINT)
    >>> text = json.dumps(tendermint.to_proof(tree.head, 1, b"b", tree.prove(1)))
    >>> claim = tendermint.from_proof(text, tree.head, b"b")
    >>> tree.head.verify_inclusion(claim.index, b"b", claim.proof)
    """
    _check_head(head)
    found = _object(document)
    total, index = (_number(found[key], key) for key in ("total", "index"))
    width = len(head.root)
    stated = _digest(found["leaf_hash"], "leaf_hash", width)
    aunts = [] if found["aunts"] is None else found["aunts"]
    if not isinstance(aunts, list) or len(aunts) > _MOST_AUNTS:
        _malformed(f"aunts are not an array of at most {_MOST_AUNTS}")
    digests = [_digest(aunt, f"aunts[{place}]", width) for place, aunt in enumerate(aunts)]
    if total != head.size:
        raise InvalidProof(f"the proof is of {total} leaves, the head of {head.size}", Reason.WRONG_PLACE)
    if index >= head.size:
        raise InvalidProof(f"there is no leaf {index} in a tree of {head.size}", Reason.INDEX_OUT_OF_RANGE)
    if leaf is not None and leaf_hash(head, leaf) != stated:
        raise InvalidProof("the proof is of another leaf", Reason.LEAF_MISMATCH)
    return Claim(index, stated, InclusionProof(digests, digest_size=width))


def _check_head(head: TreeHead) -> None:
    if not isinstance(head, TreeHead):
        raise TypeError(f"head must be a TreeHead, not {type(head).__name__}")
    if head.scheme.name.partition("/")[0] != "tendermint":
        raise ValueError(f"head must be of tendermint, not of {head.scheme.name}")


def _malformed(what: str) -> NoReturn:
    raise DecodeError(what)


def _object(document: object) -> dict[str, Any]:
    if isinstance(document, str):
        if len(document) > _MOST_CHARACTERS:
            _malformed(f"the proof has {len(document)} characters: at most {_MOST_CHARACTERS} are read")
        try:
            document = json.loads(document, object_pairs_hook=_once)
        except DecodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"the proof is not JSON: {error}") from None
    if not isinstance(document, dict) or set(document) != set(_KEYS):
        _malformed(f"the proof is not an object with {', '.join(_KEYS)}")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        _malformed("the proof has a key twice")
    return found


def _number(found: object, what: str) -> int:
    """Read an int64 that is not negative; the RPC has it as text, other writers as a number."""
    if isinstance(found, str) and re.fullmatch(r"0|[1-9][0-9]{0,18}", found, re.ASCII):
        found = int(found)
    if type(found) is not int or not 0 <= found <= _LARGEST:
        _malformed(f"{what} is not an integer of 0 to {_LARGEST}")
    return found


def _digest(found: object, what: str, size: int) -> bytes:
    if not isinstance(found, str) or len(found) > 2 * size:
        _malformed(f"{what} is not the base64 of {size} bytes")
    try:
        read = base64.b64decode(found, validate=True)
    except (binascii.Error, ValueError):
        read = b""
    if len(read) != size or _base64(read) != found:
        _malformed(f"{what} is not the base64 of {size} bytes")
    return read


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
