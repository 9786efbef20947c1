"""What an attack on a proof of many leaves is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.reference.multi import Claim, prove_many
from tests.reference.objects import Head, MultiProof
from tests.reference.samples import leaves
from tests.reference.schemes import Scheme
from tests.reference.trees import head

SIZE = 11
INDICES = (2, 3, 9)
END = 2**64 - 1

FLAGS = {
    "BitFlip": "one bit of a leaf, a digest or the root differs",
    "LeafChanged": "the data of one leaf is other bytes",
    "DigestCount": "digests dropped, repeated or added; also leftovers of one",
    "DigestOrder": "the right digests in another order, or one in the place of another",
    "Unsorted": "indices in another order with their leaves: the same claim, accepted",
    "MisPaired": "indices and leaves in different orders",
    "Duplicate": "an index twice; refused also when both carry the genuine leaf",
    "EmptyClaim": "nothing is claimed",
    "Lengths": "more indices than leaves, or fewer",
    "IndexChanged": "the proof of some indices claimed for others",
    "IndexOutOfRange": "an index that the tree does not have, also when cut to 32 bits",
    "Superset": "more leaves are claimed than proven, or fewer",
    "SizeRelabelled": "the head states another size; a native root binds the size",
    "SizeNotBound": "an RFC 6962 root binds no size: accepted, so sizes must come from an authenticated head",
    "SecondPreimage": "inner nodes are passed as leaf data",
    "OtherContext": "the root of another context",
    "OtherHash": "everything from a tree of another hash of the same digest size",
    "OtherFamily": "everything from a tree of the other family",
    "TopForRoot": "the topmost node in the place of the native root",
    "DigestSize": "digests of another size; refused before anything is hashed",
    "Precedence": "several faults: the reason is the first that the page's order finds",
    "Unencodable": "the codec refuses this digest size too, so a decoder may be the one that refuses",
    "Duplication": "the last leaf is paired with itself, as Bitcoin does",
}


@dataclass(frozen=True)
class Case:
    """All inputs of the verifier."""

    head: Head
    claim: Claim
    proof: MultiProof

    def digests(self, *digests: bytes) -> Case:
        return replace(self, proof=replace(self.proof, digests=digests))

    def size(self, size: int) -> Case:
        return replace(self, head=replace(self.head, size=size))

    def claims(self, indices: Sequence[int], data: Sequence[bytes]) -> Case:
        return replace(self, claim=Claim(tuple(indices), tuple(data)))


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    case: Case
    reason: str | None


def honest(scheme: Scheme, size: int, indices: Sequence[int]) -> Case:
    data = leaves(size)
    claim = Claim(tuple(indices), tuple(data[i] for i in indices))
    return Case(head(scheme, data), claim, prove_many(scheme, data, indices))
