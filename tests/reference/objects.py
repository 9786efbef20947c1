"""What crosses a wire: heads, proofs, shards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tests.reference.schemes import Scheme


@dataclass(frozen=True)
class Head:
    """The one thing a verifier trusts. There is none of a size that no tree of the scheme has."""

    scheme: Scheme
    size: int
    root: bytes

    def __post_init__(self) -> None:
        self.scheme.must_take(self.size)


@dataclass(frozen=True)
class DigestList:
    """A proof that is digests of one size and nothing else."""

    digest_size: int
    digests: tuple[bytes, ...]


@dataclass(frozen=True)
class InclusionProof(DigestList):
    """Sibling digests, leaf level first."""


@dataclass(frozen=True)
class MultiProof(DigestList):
    """The nodes that complete some leaves to the tree, level by level from the leaves."""


@dataclass(frozen=True)
class ConsistencyProof(DigestList):
    """The nodes that lead to an older and to a newer root."""


@dataclass(frozen=True)
class Batch:
    """The digests of many inclusion proofs, one tuple each."""

    digest_size: int
    proofs: tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True)
class Shard:
    """The leaves ``[begin, end)`` in the fewest full nodes, from the left."""

    scheme: Scheme
    begin: int
    end: int
    digests: tuple[bytes, ...]


@dataclass(frozen=True)
class SumHead:
    """The head of a sum tree: the root binds the total, and verifiers compare both."""

    scheme: Scheme
    size: int
    root: bytes
    total: int


@dataclass(frozen=True)
class SumList:
    """A proof about a sum tree: digests of one size, and the sum below each."""

    digest_size: int
    sums: tuple[int, ...]
    digests: tuple[bytes, ...]


@dataclass(frozen=True)
class SumInclusionProof(SumList):
    """Siblings, leaf level first."""


@dataclass(frozen=True)
class SumMultiProof(SumList):
    """The nodes that complete some leaves to the tree, level by level from the leaves."""


@dataclass(frozen=True)
class SumBatch:
    """The siblings of many inclusion proofs, one tuple of sums and one of digests each."""

    digest_size: int
    sums: tuple[tuple[int, ...], ...]
    proofs: tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True)
class SumShard:
    """The leaves ``[begin, end)`` of a sum tree in the fewest full nodes, from the left."""

    scheme: Scheme
    begin: int
    end: int
    sums: tuple[int, ...]
    digests: tuple[bytes, ...]


class Leaf(NamedTuple):
    """What a namespaced tree is made of."""

    namespace: bytes
    data: bytes


@dataclass(frozen=True)
class NamespacedHead:
    """The head of a namespaced tree. The root is a whole node: range and digest."""

    scheme: Scheme
    size: int
    root: bytes

    def __post_init__(self) -> None:
        size = self.scheme.namespace_size
        if len(self.root) != self.scheme.root_size or self.root[:size] > self.root[size : 2 * size]:
            raise ValueError("no range and digest")


@dataclass(frozen=True)
class NamespacedList:
    """A proof about a namespaced tree: nodes of one size, each ``min + max + digest``."""

    namespace_size: int
    digest_size: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True)
class NamespacedInclusionProof(NamespacedList):
    """Siblings, leaf level first."""


@dataclass(frozen=True)
class NamespaceProof(NamespacedList):
    """That leaves from ``start`` on are all of a namespace: the nodes that complete them to the tree."""

    start: int


@dataclass(frozen=True)
class AbsenceProof(NamespacedList):
    """That no leaf has a namespace: nothing where it is outside the root's range, else the node of the leaf
    behind the gap, whose index is ``start``, and the siblings on its way."""

    start: int

    def __post_init__(self) -> None:
        if not self.nodes and self.start:
            raise ValueError("no nodes, and a place")
