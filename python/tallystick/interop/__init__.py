"""Formats of other libraries: our trees and proofs in their form, and theirs in ours.

A scheme of :mod:`tallystick.schemes` makes another library's tree, bit for bit. The modules here are for
what travels beside the root: dumps, proofs, proofs of many leaves. Each is named after its counterpart and
is imported by itself: ``from tallystick.interop import openzeppelin``.

What is read in a foreign form is not believed. Text or bytes that are not of the form raise
:class:`tallystick.DecodeError`. A proof becomes an :class:`tallystick.InclusionProof` or
:class:`tallystick.MultiProof`, and a :class:`tallystick.TreeHead` verifies it; where a format has proofs of
a kind that we do not have, its module verifies them and raises :class:`tallystick.InvalidProof`.

>>> import tallystick as ts
>>> from tallystick.interop import lean_imt
>>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(3)], scheme=ts.schemes.LEAN_IMT)
>>> theirs = lean_imt.to_proof(tree.head, 2, bytes([2]) * 32, tree.prove(2))
>>> theirs["index"]
1
>>> claim = lean_imt.from_proof(theirs, tree.head)
>>> tree.head.verify_inclusion(claim.index, claim.leaf, claim.proof)
"""

from dataclasses import dataclass

from tallystick.proofs import InclusionProof

__all__ = [
    "Claim",
    "bitcoin",
    "ethereum",
    "imt",
    "lean_imt",
    "merkletreejs",
    "mmr",
    "nmt",
    "openzeppelin",
    "ssz",
    "tendermint",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a foreign proof claims, for ``head.verify_inclusion(claim.index, claim.leaf, claim.proof)``.

    ``index`` is the place of the leaf, ``leaf`` the digest that the document states: compare it with yours,
    or verify yours. Made by :func:`tallystick.interop.lean_imt.from_proof` and
    :func:`tallystick.interop.imt.from_proof`.
    """

    index: int
    leaf: bytes
    proof: InclusionProof
