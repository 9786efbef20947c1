"""OpenZeppelin's proofs of many leaves: digests, and a flag for each hash."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from tallystick import hazmat
from tallystick.errors import Reason, RootMismatch
from tallystick.interop import _reading as reading
from tallystick.interop._queue import order
from tallystick.proofs import TreeHead
from tallystick.trees import MerkleTree

_DIGEST = 32
_FAMILIES = ("openzeppelin_standard", "openzeppelin_simple")


@dataclass(frozen=True, slots=True)
class FlaggedProof:
    """A proof of many leaves as Solidity takes it: ``bytes32[] proof`` and ``bool[] proofFlags``.

    Raises ``TypeError`` for other types, ``ValueError`` for digests of other than 32 bytes.

    >>> from tallystick.interop.openzeppelin import FlaggedProof
    >>> FlaggedProof((bytes(32),), (False,)).to_json([["a"]])
    '{"leaves":[["a"]],"proof":["0x0000...0000"],"proofFlags":[false]}'
    """

    digests: tuple[bytes, ...]
    flags: tuple[bool, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.digests, tuple) or not all(type(digest) is bytes for digest in self.digests):
            raise TypeError("digests are a tuple of bytes")
        if not isinstance(self.flags, tuple) or not all(type(flag) is bool for flag in self.flags):
            raise TypeError("flags are a tuple of bool")
        if any(len(digest) != _DIGEST for digest in self.digests):
            raise ValueError(f"a digest has {_DIGEST} bytes")

    def to_json(self, leaves: Sequence[Any]) -> str:
        """Return the JSON of what ``getMultiProof`` returns, with these leaves, in the order of the proof.

        They are values in a standard tree, digests in a simple one; as in a dump, bytes become hex.

        >>> from tallystick.interop.openzeppelin import FlaggedProof
        >>> FlaggedProof((), ()).to_json([bytes(2)])
        '{"leaves":["0x0000"],"proof":[],"proofFlags":[]}'
        """
        document = {
            "leaves": reading.plain(list(leaves)),
            "proof": [reading.tohex(digest) for digest in self.digests],
            "proofFlags": list(self.flags),
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> tuple[list[Any], FlaggedProof]:
        """Read what ``getMultiProof`` returned: the leaves as they are in the text, and the proof.

        :class:`tallystick.DecodeError` for anything else.

        >>> from tallystick.interop.openzeppelin import FlaggedProof
        >>> FlaggedProof.from_json('{"leaves": [[1], [2]], "proof": [], "proofFlags": [true]}')
        ([[1], [2]], FlaggedProof(digests=(), flags=(True,)))
        """
        names = ("leaves", "proof", "proofFlags")
        found = reading.fields(reading.parsed(text, "the proof"), "the proof", names)
        leaves = reading.items(found["leaves"], "leaves")
        flags = reading.items(found["proofFlags"], "proofFlags")
        if not all(type(flag) is bool for flag in flags):
            reading.malformed("a flag is neither true nor false")
        return leaves, cls(tuple(reading.digests(found["proof"], "proof", _DIGEST)), tuple(flags))


def prove_many(tree: MerkleTree, indices: Sequence[SupportsIndex]) -> tuple[list[int], FlaggedProof]:
    """Return a proof of many leaves, and their indices in the order in which a verifier must be given them.

    Raises ``TypeError`` for other types, ``ValueError`` for a tree of another scheme, no indices or one
    twice, ``IndexError`` for one outside the tree. Costs a sort of the leaves, and no hashes.

    >>> from tallystick.interop import openzeppelin
    >>> leaves = [bytes([leaf]) * 32 for leaf in (4, 3, 2, 1, 0)]
    >>> tree = openzeppelin.simple_tree(leaves)
    >>> sequence, proof = openzeppelin.prove_many(tree, [0, 1, 3])
    >>> sequence, proof.flags
    ([3, 1, 0], (False, False, True, True))
    >>> openzeppelin.verify_many(tree.head, [leaves[index] for index in sequence], proof)
    """
    if not isinstance(tree, MerkleTree):
        raise TypeError(f"tree must be a MerkleTree, not {type(tree).__name__}")
    head = _check(tree.head)
    claimed = [reading.check_index(index, head) for index in indices]
    if not claimed:
        raise ValueError("a proof of no leaves proves nothing")
    if len(set(claimed)) != len(claimed):
        raise ValueError("an index is there twice")
    sorted_leaves = order(hazmat.leaf_digests(tree))
    ranks = np.empty_like(sorted_leaves)
    ranks[sorted_leaves] = np.arange(head.size)
    places = {index: int(ranks[index]) for index in claimed}
    # What a proof of many leaves has, the proofs of each have too.
    siblings = {}
    for index, proof in zip(claimed, tree.prove_each(claimed, head=head), strict=True):
        place = places[index]
        for digest in proof.digests:
            siblings[place ^ 1] = digest.tobytes()
            place = head.size + place // 2
    sequence = sorted(claimed, key=places.__getitem__)
    digests, flags = [], []
    queue = deque(places[index] for index in sequence)
    while queue[0] != 2 * head.size - 2:
        place = queue.popleft()
        both = bool(queue) and queue[0] == place ^ 1
        flags.append(both)
        if both:
            queue.popleft()
        else:
            digests.append(siblings[place ^ 1])
        queue.append(head.size + place // 2)
    return sequence, FlaggedProof(tuple(digests), tuple(flags))


def verify_many(head: TreeHead, leaves: Sequence[bytes] | npt.NDArray[np.uint8], proof: FlaggedProof) -> None:
    """Verify that the tree has all of these leaves, in the order of the proof.

    It proves that they are there, in places of their own, and nothing about which places. ``leaves`` are
    leaf data: what :func:`abi_encode` returns, or the digests of a simple tree.

    Raises :class:`tallystick.InvalidProof` for no leaves or more than the tree has, unless there are as
    many leaves and digests as flags and one more, each is used exactly once, and every leaf is as many
    hashes below the root as some leaf of a tree of this size; and for another root. ``TypeError`` for other
    types, ``ValueError`` for a head of another scheme. Costs a hash a flag.

    >>> from tallystick.interop import openzeppelin
    >>> tree = openzeppelin.standard_tree([[1], [2], [3]], ["uint256"])
    >>> sequence, proof = openzeppelin.prove_many(tree, [0, 2])
    >>> leaves = [openzeppelin.abi_encode(["uint256"], [index + 1]) for index in sequence]
    >>> openzeppelin.verify_many(tree.head, leaves, proof)
    """
    _check(head)
    if not isinstance(proof, FlaggedProof):
        raise TypeError(f"proof must be a FlaggedProof, not {type(proof).__name__}")
    hash = head.scheme.hash  # noqa: A001 - the field's word
    rows = _leaf_digests(head, leaves)
    if not rows:
        reading.refuse(Reason.EMPTY_CLAIM, "nothing is claimed")
    if len(rows) > head.size:
        reading.refuse(Reason.LENGTH_MISMATCH, f"{len(rows)} leaves are claimed of a tree of {head.size}")
    # A hash makes one of two: so many are needed for one to be left.
    if len(rows) + len(proof.digests) != len(proof.flags) + 1:
        reading.refuse(
            Reason.DIGEST_COUNT,
            f"{len(rows)} leaves and {len(proof.digests)} digests take one flag less, not {len(proof.flags)}",
        )
    queue, digests = deque(enumerate(rows)), deque(proof.digests)
    parents = [0] * (len(rows) + len(proof.flags))
    for made, flag in enumerate(proof.flags, len(rows)):
        sources = (queue, queue) if flag else (queue, digests)
        pair = []
        for source in sources:
            if not source:
                reading.refuse(Reason.DIGEST_COUNT, "a flag takes a digest that is not there")
            taken = source.popleft()
            if isinstance(taken, tuple):
                parents[taken[0]] = made
                taken = taken[1]
            pair.append(taken)
        queue.append((made, hash.digest(b"".join(sorted(pair)))))
    if len(queue) != 1 or digests:
        reading.refuse(Reason.DIGEST_COUNT, "a leaf or digest is left that no flag takes")
    _check_depths(head.size, parents, len(rows))
    if queue[0][1] != head.root:
        raise RootMismatch("the computed root is not the head's", head.root, queue[0][1])


def _check_depths(size: int, parents: list[int], leaves: int) -> None:
    """Refuse a leaf on a level on which a tree of this size has none: it would be a node."""
    depths = [0] * len(parents)
    for node in reversed(range(len(parents) - 1)):
        depths[node] = depths[parents[node]] + 1
    # A tree's leaves are on the two lowest levels, or on one.
    if not {*depths[:leaves]} <= {size.bit_length() - 1, (2 * size - 1).bit_length() - 1}:
        reading.refuse(Reason.DIGEST_COUNT, f"a leaf is on a level that has none in a tree of {size}")


def _leaf_digests(head: TreeHead, leaves: Any) -> list[bytes]:
    rows = [reading.raw(leaf, "a leaf") for leaf in leaves]
    if head.scheme.bare_leaves:
        if any(len(row) != _DIGEST for row in rows):
            reading.refuse(Reason.MALFORMED_LEAF, f"a leaf of this scheme has {_DIGEST} bytes")
        return rows
    digest = head.scheme.hash.digest
    return [digest(digest(row)) for row in rows]


def _check(head: TreeHead) -> TreeHead:
    reading.check_head(head, *_FAMILIES)
    if len(head.root) != _DIGEST:
        raise ValueError(f"OpenZeppelin's trees have digests of {_DIGEST} bytes, not {len(head.root)}")
    return head
