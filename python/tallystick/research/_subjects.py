"""The trees that are measured, behind one face: dense trees, trees of sums, namespaced trees.

Nothing here asks what a scheme can do. A call that it does not have raises, and that is what is reported.
"""

from __future__ import annotations

from typing import Any

import tallystick as ts
from tallystick._core import Scheme
from tallystick.research._inputs import Inputs, Numbers


class Dense:
    """A tree whose claims are an index and a leaf."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme

    def parts(self, data: Inputs) -> tuple[Any, ...]:
        """Return what a claim states of leaves, as arrays."""
        return (data.leaves,)

    def one(self, data: Inputs, place: int) -> tuple[Any, ...]:
        """Return what a claim states of one leaf."""
        return (data.leaves[place].tobytes(),)

    def given(self, data: Inputs) -> tuple[Any, ...]:
        """Return what the tree takes, as arrays."""
        return self.parts(data)

    def given_one(self, data: Inputs, place: int) -> tuple[Any, ...]:
        """Return what the tree takes of one leaf."""
        return self.one(data, place)

    def build(self, data: Inputs) -> Any:
        """Return the tree of ``data``."""
        return ts.MerkleTree(*self.given(data), scheme=self.scheme)

    def index(self, index: int) -> int | None:
        """Return the index that a claim about one leaf states: none, if the scheme binds none."""
        return index if self.scheme.binds_index else None

    def indices(self, indices: Numbers) -> Numbers | None:
        """Return the indices of claims about many leaves: none, if the scheme binds none."""
        return indices if self.scheme.binds_index else None


class Sums(Dense):
    """A tree whose leaves carry amounts."""

    def parts(self, data: Inputs) -> tuple[Any, ...]:
        """Return leaves and amounts."""
        return data.leaves, data.amounts

    def one(self, data: Inputs, place: int) -> tuple[Any, ...]:
        """Return a leaf and its amount."""
        return data.leaves[place].tobytes(), int(_there(data.amounts)[place])

    def build(self, data: Inputs) -> Any:
        """Return the tree of ``data``."""
        return ts.SumTree(*self.given(data), scheme=self.scheme)


class Namespaced(Dense):
    """A tree whose leaves carry namespaces."""

    def build(self, data: Inputs) -> Any:
        """Return the tree of ``data``."""
        return ts.NamespacedTree(*self.given(data), scheme=self.scheme)

    def given(self, data: Inputs) -> tuple[Any, ...]:
        """Return leaves and namespaces."""
        return self.parts(data)[::-1]

    def given_one(self, data: Inputs, place: int) -> tuple[Any, ...]:
        """Return a leaf and its namespace."""
        return self.one(data, place)[::-1]

    def parts(self, data: Inputs) -> tuple[Any, ...]:
        """Return namespaces and leaves, as a claim states them."""
        return data.namespaces, data.leaves

    def one(self, data: Inputs, place: int) -> tuple[Any, ...]:
        """Return a namespace and its leaf."""
        return _there(data.namespaces)[place].tobytes(), data.leaves[place].tobytes()


def _there(found: Any) -> Any:
    if found is None:
        raise TypeError("these leaves were not made for trees of this kind")
    return found


def subject(scheme: Scheme) -> Dense:
    """Return the face of the trees of ``scheme``; ``TypeError`` for a kind that is not known here."""
    kinds = {"dense": Dense, "sum": Sums, "namespaced": Namespaced}
    if scheme.kind not in kinds:
        raise TypeError(f"trees of kind {scheme.kind!r} are not measured")
    return kinds[scheme.kind](scheme)


def is_bare(scheme: Scheme) -> bool:
    """Whether a leaf's data is its digest, of exactly the digest's size."""
    return scheme.bare_leaves


def leaf_width(scheme: Scheme, wanted: int) -> int:
    """Return the length of the leaves that ``scheme`` takes: ``wanted``, unless they are digests."""
    return scheme.hash.digest_size if is_bare(scheme) else wanted
