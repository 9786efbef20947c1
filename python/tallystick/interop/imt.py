"""Proofs of incremental trees of fixed depth, as zk-kit's ``IMT`` has them.

Their proof is ``{root, leaf, leafIndex, pathIndices, siblings}``: on every level all other children, zero
subtrees too, and the leaf's place among them. Ours leaves zero subtrees out: a verifier knows them. Trees
are of ``schemes.fixed_depth``. Nodes are ``0x`` and hex digits here, which JavaScript's
``BigInt`` reads too.

>>> import tallystick as ts
>>> from tallystick.interop import imt
>>> leaf = bytes([1]) * 32
>>> tree = ts.MerkleTree([leaf], scheme=ts.schemes.fixed_depth(3))
>>> len(tree.prove(0)), len(imt.to_proof(tree.head, 0, leaf, tree.prove(0))["siblings"])
(0, 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, SupportsIndex

from tallystick.errors import Reason
from tallystick.interop import Claim
from tallystick.interop import _reading as reading
from tallystick.proofs import InclusionProof, TreeHead

__all__ = ["from_proof", "to_proof"]


def to_proof(head: TreeHead, index: SupportsIndex, leaf: bytes, proof: InclusionProof) -> dict[str, Any]:
    """Return their form of a proof, nodes in hex: all siblings, with the zero subtrees that ours leaves out.

    The proof is not verified: call ``head.verify_inclusion`` for that. Raises ``TypeError`` for other
    types, ``ValueError`` for a head of another scheme and for a proof of another length, ``IndexError`` for
    an index outside the tree. Costs a hash a level.

    >>> import tallystick as ts
    >>> from tallystick.interop import imt
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(7)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.fixed_depth(2, arity=5))
    >>> theirs = imt.to_proof(tree.head, 6, leaves[6], tree.prove(6))
    >>> theirs["pathIndices"], [len(level) for level in theirs["siblings"]]
    ([1, 1], [4, 4])
    """
    shape = _Shape.of(head)
    place = reading.check_index(index, head)
    rest = reading.rows(proof, head)
    reading.check_count(len(rest), sum(sum(level) for level in shape.present(place, head.size)))
    siblings = []
    for level, present in enumerate(shape.present(place, head.size)):
        row = [rest.pop(0) if there else shape.zeros[level] for there in present]
        siblings.append([reading.tohex(digest) for digest in row])
    return {
        "root": reading.tohex(head.root),
        "leaf": reading.tohex(reading.leaf(leaf, head)),
        "leafIndex": place,
        "pathIndices": shape.path(place),
        "siblings": siblings,
    }


def from_proof(document: object, head: TreeHead) -> Claim:
    """Read their form of a proof, JSON text or parsed, and return the claim that it makes.

    ``head.verify_inclusion(claim.index, claim.leaf, claim.proof)`` then verifies it. Raises
    :class:`tallystick.DecodeError` for what is not of the form, :class:`tallystick.InvalidProof` where it
    states another root than the head's, places that are not those of its ``leafIndex``, a leaf outside the
    tree, or another node where the tree has a zero subtree; ``TypeError`` and ``ValueError`` for a head of
    another scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import imt
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(7)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.fixed_depth(4))
    >>> claim = imt.from_proof(imt.to_proof(tree.head, 6, leaves[6], tree.prove(6)), tree.head)
    >>> tree.head.verify_inclusion(claim.index, claim.leaf, claim.proof)
    """
    shape = _Shape.of(head)
    width, names = len(head.root), ("root", "leaf", "leafIndex", "pathIndices", "siblings")
    found = reading.fields(reading.parsed(document, "the proof"), "the proof", names)
    leaf = reading.digest(found["leaf"], "leaf", width)
    index = reading.integer(found["leafIndex"], "leafIndex")
    path = [
        reading.integer(item, "pathIndices")
        for item in reading.items(found["pathIndices"], "pathIndices", 64)
    ]
    siblings = [
        reading.digests(row, f"siblings[{level}]", width, 7)
        for level, row in enumerate(reading.items(found["siblings"], "siblings", 64))
    ]
    reading.check_root(found["root"], head)
    if index >= head.size:
        reading.refuse(Reason.INDEX_OUT_OF_RANGE, f"there is no leaf {index} in a tree of {head.size}")
    if path != shape.path(index):
        reading.refuse(Reason.WRONG_PLACE, f"pathIndices are not those of leaf {index}")
    kept: list[bytes] = []
    presents = shape.present(index, head.size)
    if [len(row) for row in siblings] != [len(present) for present in presents]:
        reading.refuse(
            Reason.DIGEST_COUNT, f"siblings are not {shape.arity - 1} on each of {len(shape.zeros)} levels"
        )
    for level, (row, present) in enumerate(zip(siblings, presents, strict=True)):
        for digest, there in zip(row, present, strict=True):
            if there:
                kept.append(digest)
            elif digest != shape.zeros[level]:
                reading.refuse(
                    Reason.NODE_MISMATCH, f"siblings[{level}] has another node than the zero subtree's"
                )
    return Claim(index, leaf, InclusionProof(kept, digest_size=width))


@dataclass(frozen=True)
class _Shape:
    """Arity, and the root of an empty subtree of each level below the top."""

    arity: int
    zeros: tuple[bytes, ...]

    @classmethod
    def of(cls, head: TreeHead) -> _Shape:
        reading.check_head(head, "fixed_depth")
        depth, arity, zero = reading.parameters(head)
        zeros, digest = [], bytes.fromhex(zero)
        for _ in range(int(depth)):
            zeros.append(digest)
            digest = head.scheme.hash.digest(digest * int(arity))
        return cls(int(arity), tuple(zeros))

    def path(self, index: int) -> list[int]:
        return [index // self.arity**level % self.arity for level in range(len(self.zeros))]

    def present(self, index: int, size: int) -> list[list[bool]]:
        """For each level, which of the other children are there, in order."""
        found = []
        for level in range(len(self.zeros)):
            node, nodes = index // self.arity**level, -(-size // self.arity**level)
            first = node - node % self.arity
            found.append([child < nodes for child in range(first, first + self.arity) if child != node])
        return found
