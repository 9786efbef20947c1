"""Sparse trees: built and proven, by recursion on the definition (docs/spec/sparse.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from tests.reference.schemes import Scheme
from tests.reference.sparse_objects import (
    EMPTY_END,
    OTHER_LEAF,
    PRESENT,
    RUN,
    SparseHead,
    SparseMultiProof,
    SparseProof,
)
from tests.reference.sparse_rules import DEPTH, KEY_SIZE, Lone, NodeKind, bit, marked, packed
from tests.reference.sparse_runs import Foot, fork, run_up


class Item(NamedTuple):
    """A key, and the digest of its value."""

    key: bytes
    value_digest: bytes


Items = tuple[Item, ...]  # ascending by key


class SparseTree:
    """A map from keys to digests of values."""

    def __init__(self, scheme: Scheme, items: Mapping[bytes, bytes] | None = None) -> None:
        self.scheme = scheme
        self.digests: dict[bytes, bytes] = {}
        self.update(items or {})

    def update(self, values: Mapping[bytes, bytes]) -> None:
        """Insert or replace; nothing if one of the keys is none."""
        check_keys(values)
        self.digests |= {key: self.scheme.value_digest(value) for key, value in values.items()}

    def remove(self, keys: Collection[bytes]) -> None:
        """Nothing is removed if one of the keys is absent."""
        check_keys(keys)
        for key in keys:
            if key not in self.digests:
                raise KeyError(key)
        for key in set(keys):
            del self.digests[key]

    @property
    def items(self) -> Items:
        return tuple(Item(key, self.digests[key]) for key in sorted(self.digests))

    @property
    def head(self) -> SparseHead:
        size = len(self.digests)
        return SparseHead(self.scheme, size, self.scheme.root(size, top(self.scheme, self.items, 0)))

    def prove(self, key: bytes) -> SparseProof:
        """That the key is present, or that it is absent."""
        check_keys([key])
        return prove(self.scheme, self.items, key)

    def prove_many(self, keys: Collection[bytes]) -> SparseMultiProof:
        """One proof for keys present and absent, in any order."""
        check_keys(keys)
        if not keys or len(set(keys)) != len(keys):
            raise ValueError("no keys, or one twice")
        return prove_many(self.scheme, self.items, sorted(keys))


def check_keys(keys: Iterable[bytes]) -> None:
    for key in keys:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key of {len(key)} bytes; keys have {KEY_SIZE}")


def parted(items: Items, depth: int) -> tuple[Items, Items]:
    """Those on the left and those on the right of a node at this depth."""
    left = tuple(item for item in items if not bit(item.key, depth))
    return left, items[len(left) :]


def kind_of(scheme: Scheme, items: Items, depth: int) -> NodeKind:
    """What the subtree over these keys is."""
    full = scheme.sparse.lone is Lone.FULL
    if not items and (not full or depth in (0, DEPTH)):
        return NodeKind.EMPTY
    if not full and len(items) == 1:
        return NodeKind.LEAF
    return NodeKind.LEAF if depth == DEPTH else NodeKind.INNER


@lru_cache(2**18)
def top(scheme: Scheme, items: Items, depth: int) -> bytes:
    """The digest of the subtree over these keys."""
    if not items:
        return scheme.nothing(depth)
    if scheme.sparse.lone is Lone.RUNS:
        return run_up(scheme, foot(scheme, items, depth), depth)
    if kind_of(scheme, items, depth) is NodeKind.LEAF:
        return scheme.sparse_leaf(*items[0])
    left, right = parted(items, depth)
    return scheme.sparse_node(top(scheme, left, depth + 1), top(scheme, right, depth + 1))


def foot(scheme: Scheme, items: Items, depth: int) -> Foot:
    """What is at the lower end of the run that the subtree over these keys begins with."""
    if len(items) == 1:
        return Foot(DEPTH, items[0].key, scheme.sparse_leaf(*items[0]))
    left, right = parted(items, depth)
    if not left or not right:
        return foot(scheme, items, depth + 1)
    return fork(scheme, depth, items[0].key, top(scheme, left, depth + 1), top(scheme, right, depth + 1))


def prove(scheme: Scheme, items: Items, key: bytes) -> SparseProof:
    siblings: list[bytes | None] = []  # from the top down; None: empty
    depth, below = 0, items
    while items and kind_of(scheme, below, depth) is NodeKind.INNER:
        sides = parted(below, depth)
        side = bit(key, depth)
        depth, below, other = depth + 1, sides[side], sides[1 - side]
        siblings.append(top(scheme, other, depth) if other else None)
    if not below and items and scheme.sparse.lone is Lone.RUNS:
        # The path leaves a run. It ends where the run begins.
        end, witness = RUN, foot_witness(foot(scheme, other, depth))
        siblings.pop()
        while siblings and siblings[-1] is None:
            siblings.pop()
        depth = len(siblings)
    elif not below:
        end, witness = EMPTY_END, b""
    elif below[0].key == key:
        end, witness = PRESENT, b""
    else:
        end, witness = OTHER_LEAF, b"".join(below[0])
    bitmap = packed([sibling is not None for sibling in siblings])
    digests = tuple(sibling for sibling in siblings[::-1] if sibling is not None)
    return SparseProof(scheme.digest_size, end, depth, bitmap, digests, witness)


def foot_witness(foot: Foot) -> bytes:
    return marked(foot.path, foot.depth) + foot.digest


def possible(
    scheme: Scheme, size: int, depth: int, present: int, beside: NodeKind | None
) -> frozenset[NodeKind]:
    """What a node can be from which ``present`` of the claimed keys hang, as far as a verifier knows.

    ``beside``: what its sibling is, None if that is unknown.
    """
    inner, leaf, empty = NodeKind.INNER, NodeKind.LEAF, NodeKind.EMPTY
    lone = scheme.sparse.lone is not Lone.FULL
    if size == 0:
        kinds = {empty} if depth == 0 else set()
    elif lone:
        first = leaf if size == 1 else inner
        kinds = {first} if depth == 0 else {inner, leaf, empty} if depth < DEPTH else {leaf}
    else:
        kinds = {inner} if depth < DEPTH else {leaf, empty}
    if present >= 1:
        kinds -= {empty}
    if present >= 2 or (present == 0 and depth == DEPTH):
        kinds -= {leaf}
    if lone and beside is empty:
        kinds -= {leaf, empty}
    if lone and beside is leaf:
        kinds -= {empty}
    return frozenset(kinds)


def prove_many(scheme: Scheme, items: Items, keys: list[bytes]) -> SparseMultiProof:
    present = {item.key for item in items}
    bits: list[int] = []
    witnesses: list[bytes] = []
    digests: list[bytes] = []

    def walk(below: Items, claimed: list[bytes], depth: int, beside: NodeKind | None) -> NodeKind:
        kind = kind_of(scheme, below, depth) if items else NodeKind.EMPTY
        count = sum(key in present for key in claimed)
        kinds = possible(scheme, len(items), depth, count, beside)
        assert kind in kinds
        bits.extend(chosen(kind, kinds))
        if kind is NodeKind.INNER:
            sides = parted(below, depth)
            claims = [[key for key in claimed if bit(key, depth) == side] for side in (0, 1)]
            if all(claims):
                walk(sides[0], claims[0], depth + 1, None)
                walk(sides[1], claims[1], depth + 1, kind_of(scheme, sides[0], depth + 1))
                return kind
            side = 0 if claims[0] else 1
            other = sides[1 - side]
            bits.append(bool(other))
            seen = walk(sides[side], claimed, depth + 1, None if other else NodeKind.EMPTY)
            if other and seen is NodeKind.EMPTY and scheme.sparse.lone is Lone.RUNS:
                witnesses.append(foot_witness(foot(scheme, other, depth + 1)))
            elif other:
                digests.append(top(scheme, other, depth + 1))
        elif kind is NodeKind.LEAF and count == 0:
            witnesses.append(b"".join(below[0]))
        return kind

    walk(items, keys, 0, None)
    return SparseMultiProof(scheme.digest_size, packed(bits), tuple(witnesses), tuple(digests))


def chosen(kind: NodeKind, kinds: frozenset[NodeKind]) -> list[int]:
    """The bits that say which of the possible kinds a node is."""
    bits = []
    if NodeKind.INNER in kinds and len(kinds) > 1:
        bits.append(int(kind is NodeKind.INNER))
    if kind is not NodeKind.INNER and {NodeKind.LEAF, NodeKind.EMPTY} <= kinds:
        bits.append(int(kind is NodeKind.LEAF))
    return bits
