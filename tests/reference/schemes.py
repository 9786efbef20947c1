"""Schemes: what is hashed (docs/spec/schemes.md, docs/spec/variants.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from tests.reference import families, rules
from tests.reference.hashes import (
    CRYPTOGRAPHIC,
    HASHES,
    LABEL_HEAD,
    LABEL_PARAMS,
    LABEL_SUM_LEAF,
    LABEL_SUM_NODE,
    Hash,
)
from tests.reference.rules import (
    INDEX,
    LEVEL,
    SIZE,
    Bag,
    Body,
    Bound,
    Duplicate,
    Exact,
    Frame,
    Hashed,
    Lit,
    Number,
    Promote,
    Queue,
    Rules,
    Tag,
    Top,
    Zeros,
)
from tests.reference.sparse_rules import DEPTH, SPARSE_FAMILIES, Lone, SparseRules

NATIVE = "native"
RFC6962 = "rfc6962"
FAMILIES = (NATIVE, RFC6962)
NATIVE_SUM = "native_sum"
CELESTIA = "celestia"
NATIVE_SPARSE = "native_sparse"

PARAMS_VERSION = 1
KIND_DENSE = 1
KIND_SUM = 2
KIND_SPARSE = 3
KIND_NAMESPACED = 4
RULES = b""  # of every built-in family: its name says them

RFC6962_LEAF = b"\x00"
RFC6962_NODE = b"\x01"

Node = tuple[int, int]  # (level, index)


class LeafSize(ValueError):
    """A bare leaf that is not as long as a digest."""


class EqualSiblings(ValueError):
    """Two equal nodes side by side, where another number of leaves would have the same root."""


def le(value: int, size: int) -> bytes:
    """``value`` as ``size`` bytes, little-endian."""
    return value.to_bytes(size, "little")


def lp(x: bytes) -> bytes:
    """Length, then bytes."""
    return le(len(x), 4) + x


@dataclass(frozen=True)
class Scheme:
    """A tree variant as a value. ``custom``: rules under a name that no built-in family has."""

    family: str
    hash_name: str
    context: bytes = b""
    custom: Rules | None = None

    def __post_init__(self) -> None:
        if self.hash_name not in CRYPTOGRAPHIC:
            raise ValueError(f"no scheme takes the hash {self.hash_name!r}")
        if self.custom is not None and not families.is_free(self.family):
            raise ValueError(f"no name for rules of one's own: {self.family!r}")
        free = self.kind == KIND_NAMESPACED or (self.kind == KIND_SPARSE and self.sparse.root is None)
        if free and self.context:
            raise ValueError(f"the root of {self.family} binds no context")
        if self.kind == KIND_DENSE and not isinstance(self.rules.root, Bound):
            rules.check(self.rules, self.digest_size)
            if self.context:
                raise ValueError(f"the root of {self.family} binds no context")

    @property
    def name(self) -> str:
        return f"{self.family}/{self.hash_name}"

    @property
    def kind(self) -> int:
        if families.namespace_size(self.family):
            return KIND_NAMESPACED
        if self.family in SPARSE_FAMILIES:
            return KIND_SPARSE
        return KIND_SUM if self.family == NATIVE_SUM else KIND_DENSE

    @cached_property
    def rules(self) -> Rules:
        """What is hashed and where nodes are; of dense trees."""
        self._must_be(KIND_DENSE)
        return families.rules_of(self.family) if self.custom is None else self.custom

    @cached_property
    def sparse(self) -> SparseRules:
        """What is hashed in sparse trees."""
        self._must_be(KIND_SPARSE)
        return SPARSE_FAMILIES[self.family][0]

    @property
    def hash(self) -> Hash:
        return HASHES[self.hash_name]

    @property
    def digest_size(self) -> int:
        return self.hash.digest_size

    @property
    def namespace_size(self) -> int:
        """Bytes of a namespace; 0 where leaves have none."""
        return families.namespace_size(self.family)

    @property
    def root_size(self) -> int:
        """Bytes of a root: in namespaced trees it is a node with its range."""
        return 2 * self.namespace_size + self.digest_size

    # Properties: what is False a verifier must know from elsewhere.

    @property
    def binds_size(self) -> bool:
        root = self.sparse.root if self.kind == KIND_SPARSE else self.rules.root
        if root is None or isinstance(root, Bound):
            return root is not None
        return not rules.numbers_of(root).isdisjoint(rules.SIZES)

    @property
    def binds_scheme(self) -> bool:
        return isinstance(self.sparse.root if self.kind == KIND_SPARSE else self.rules.root, Bound)

    @property
    def binds_index(self) -> bool:
        return not self.rules.is_sorted

    @property
    def separates_leaves(self) -> bool:
        return rules.separates_leaves(self.rules)

    @property
    def appendable(self) -> bool:
        edge = self.rules.edge
        return not (isinstance(edge, Exact | Queue) or (isinstance(edge, Zeros) and edge.exactly))

    @property
    def proves_growth(self) -> bool:
        """Promoted pairs whose nodes do not state where they are."""
        plain = not rules.numbers_of(self.rules.node.frame) and self.binds_index
        return plain and isinstance(self.rules.edge, Promote)

    def takes(self, size: int) -> bool:
        """Whether a tree may have so many leaves."""
        if self.kind == KIND_SUM:
            return True
        if size > rules.most_leaves(self.rules):
            return False
        match self.rules.edge:
            case Zeros(_, limit, exactly, _):
                return size == limit if exactly else size <= limit
            case Exact():
                return size > 0 and self.rules.arity ** height_over(size, self.rules.arity) == size
            case Queue():
                return size > 0
        return True

    def must_take(self, size: int) -> None:
        if not self.takes(size):
            raise ValueError(f"no tree of {self.name} has {size} leaves")

    def _must_be(self, kind: int) -> None:
        if self.kind != kind:
            raise TypeError(f"{self.name} is of kind {self.kind}, not {kind}")

    def with_context(self, context: bytes) -> Scheme:
        return replace(self, context=context)

    def _hashed(self, hashed: Hashed, variable: bytes, **numbers: int) -> bytes:
        digest = self.framed(hashed.frame, variable, **numbers)
        return self.hash.digest(digest) if hashed.twice else digest

    def framed(self, frame: Frame, variable: bytes, **numbers: int) -> bytes:
        """The hash of a frame. ``variable``: a leaf's data, a node's children, or the top."""
        match frame[0]:
            case Tag(label):
                return self.hash.tag(label, self._joined(frame[1:], variable, numbers))
        return self.hash.digest(self._joined(frame, variable, numbers))

    def _joined(self, frame: Frame, variable: bytes, numbers: dict[str, int]) -> bytes:
        joined = b""
        for part in frame:
            match part:
                case Lit(value):
                    joined += value
                case Body() | Top():
                    joined += variable
                case Number(what, integer):
                    joined += rules.written(self._number(what, **numbers), integer)
        return joined

    @staticmethod
    def _number(what: str, **numbers: int) -> int:
        match what:
            case rules.POSITION:
                return rules.position(numbers[LEVEL], numbers[INDEX])
            case rules.MMR_SIZE:
                return rules.doubled(numbers[SIZE])
        return numbers[what]

    def leaf(self, data: bytes, index: int | None = None) -> bytes:
        """The digest of a leaf. ``index``: needed where leaves state their place."""
        if self.rules.leaf is None:
            if len(data) != self.digest_size:
                raise LeafSize(f"{len(data)} bytes; a digest has {self.digest_size}")
            return data
        place = {} if index is None else {LEVEL: 0, INDEX: index}
        return self._hashed(self.rules.leaf, data, **place)

    def node(self, *children: bytes, place: Node | None = None) -> bytes:
        """The digest of all children that a node can have. ``place``: needed where nodes state theirs."""
        if self.rules.is_sorted:
            children = tuple(sorted(children))
        numbers = {} if place is None else {LEVEL: place[0], INDEX: place[1]}
        return self._hashed(self.rules.node, b"".join(children), **numbers)

    def edge_node(self, place: Node, size: int, children: Sequence[bytes]) -> bytes:
        """A node that has these children but not all its leaves, in a tree of ``size`` leaves."""
        level = place[0]
        match self.rules.edge:
            case Zeros():
                missing = [self.zero(level - 1)] * (self.rules.arity - len(children))
                return self.node(*children, *missing, place=place)
            case Duplicate() if len(children) == 1:
                return self.node(children[0], children[0], place=place)
            case Promote() | Bag() if len(children) == 1:
                return children[0]
            case Bag(frame, swap):
                left, right = children
                return self.framed(frame, right + left if swap else left + right, **{SIZE: size})
        return self.full_node(place, children)

    def full_node(self, place: Node, children: Sequence[bytes]) -> bytes:
        """The node over as many children as there can be. If only children are duplicated, two differ."""
        if isinstance(self.rules.edge, Duplicate) and children[0] == children[1]:
            raise EqualSiblings(f"below {place}")
        return self.node(*children, place=place)

    def zero(self, level: int) -> bytes:
        """The top of a subtree of zeros."""
        return _zero(self, level)

    def sum_leaf(self, amount: int, data: bytes) -> bytes:
        """The digest of a leaf of a sum tree."""
        self._must_be(KIND_SUM)
        return self.hash.tag(LABEL_SUM_LEAF, le(amount, 16) + data)

    def sum_node(self, left: bytes, right: bytes, sum_left: int, sum_right: int) -> bytes:
        """The digest of two children of a sum tree: with the sum of each, not what they add to."""
        self._must_be(KIND_SUM)
        return self.hash.tag(LABEL_SUM_NODE, left + right + le(sum_left, 16) + le(sum_right, 16))

    def namespaced_leaf(self, namespace: bytes, data: bytes) -> bytes:
        """The digest of a leaf of a namespaced tree, without its range."""
        self._must_be(KIND_NAMESPACED)
        return self.hash.digest(RFC6962_LEAF + namespace + data)

    def namespaced_node(self, left: bytes, right: bytes) -> bytes:
        """The digest of two children of a namespaced tree, given whole: range and digest."""
        self._must_be(KIND_NAMESPACED)
        return self.hash.digest(RFC6962_NODE + left + right)

    def value_digest(self, value: bytes) -> bytes:
        """What a sparse tree keeps of a value."""
        return self.framed(self.sparse.value, value)

    def sparse_leaf(self, key: bytes, value_digest: bytes) -> bytes:
        if self.sparse.leaf is None:
            return value_digest
        return self.framed(self.sparse.leaf, key + value_digest)

    def sparse_node(self, left: bytes, right: bytes) -> bytes:
        return self.framed(self.sparse.node, left + right)

    def nothing(self, depth: int) -> bytes:
        """A subtree of a sparse tree without keys, whose top is at this depth."""
        return _nothing(self, depth if self.sparse.lone is Lone.FULL else DEPTH)

    def empty(self) -> bytes:
        """``top`` of a tree without leaves."""
        if self.kind == KIND_SPARSE:
            return self.nothing(0)
        if self.kind == KIND_NAMESPACED:
            return self.hash.digest(b"")
        if self.kind == KIND_DENSE and isinstance(self.rules.edge, Zeros):
            return self.zero(self.rules.edge.height)
        if self.kind == KIND_DENSE and self.rules.empty_is_hash:
            return self.hash.digest(b"")
        return bytes(self.digest_size)

    def params(self, size: int, total: int = 0) -> bytes:
        """``P``: native only. ``total`` is 0 unless the kind is sum."""
        message = (
            le(PARAMS_VERSION, 1)
            + le(self.kind, 1)
            + le(len(self.hash.prefix(LABEL_PARAMS)), 2)
            + le(self.digest_size, 2)
            + lp(RULES)
            + lp(self.context)
            + le(size, 8)
            + le(total, 16)
        )
        return self.hash.tag(LABEL_PARAMS, message)

    def root(self, size: int, top: bytes, total: int = 0) -> bytes:
        """The root from the topmost node."""
        if self.kind == KIND_SPARSE:
            bound = self.sparse.root is not None
            return self.hash.tag(LABEL_HEAD, self.params(size) + top) if bound else top
        if self.kind == KIND_SUM or isinstance(self.rules.root, Bound):
            return self.hash.tag(LABEL_HEAD, self.params(size, total) + top)
        if self.rules.root is None:
            return top
        return self.framed(self.rules.root, top, **{SIZE: size})


@cache
def _zero(scheme: Scheme, level: int) -> bytes:
    edge = scheme.rules.edge
    if not isinstance(edge, Zeros):
        raise TypeError(f"{scheme.name} has no zeros")
    if level == 0:
        return edge.zero
    return scheme.node(*[_zero(scheme, level - 1)] * scheme.rules.arity, place=(level, 0))


@cache
def _nothing(scheme: Scheme, depth: int) -> bytes:
    if depth == DEPTH:
        return scheme.sparse.empty or bytes(scheme.digest_size)
    below = _nothing(scheme, depth + 1)
    return scheme.sparse_node(below, below)


def height_over(size: int, arity: int) -> int:
    """The fewest levels above ``size`` leaves that end in one node."""
    height = 0
    while arity**height < size:
        height += 1
    return height


ALL_SCHEMES = tuple(Scheme(family, name) for family in FAMILIES for name in CRYPTOGRAPHIC)
NAMESPACED_SCHEMES = tuple(Scheme(CELESTIA, name) for name in CRYPTOGRAPHIC)
SPARSE_SCHEMES = tuple(Scheme(family, name) for family in SPARSE_FAMILIES for name in CRYPTOGRAPHIC)
SUM_SCHEMES = tuple(Scheme(NATIVE_SUM, name) for name in CRYPTOGRAPHIC)
