"""The verifiers of sparse trees, step by step as on docs/spec/sparse.md."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    DUPLICATE_KEY,
    EMPTY_CLAIM,
    EMPTY_SIBLING,
    KEY_SIZE,
    OTHER_END,
    ROOT_MISMATCH,
    SHAPE,
    WITNESS,
    Refused,
)
from tests.reference.schemes import Scheme
from tests.reference.sparse import possible
from tests.reference.sparse_objects import (
    EMPTY_END,
    OTHER_LEAF,
    PRESENT,
    RUN,
    WITH_WITNESS,
    SparseHead,
    SparseMultiProof,
    SparseProof,
    check_spare,
)
from tests.reference.sparse_rules import DEPTH, Lone, NodeKind, agree, bit, unmarked
from tests.reference.sparse_rules import KEY_SIZE as LENGTH
from tests.reference.sparse_runs import Foot, fork, run_up


def verify_present(head: SparseHead, key: bytes, value: bytes, proof: SparseProof) -> None:
    """That the key has this value: accept, or raise :class:`Refused`."""
    check_single(head, key, proof, (PRESENT,))
    known = head.scheme.sparse_leaf(key, head.scheme.value_digest(value))
    check_root(head, fold(head.scheme, key, Foot(DEPTH, key, known), proof))


def verify_absent(head: SparseHead, key: bytes, proof: SparseProof) -> None:
    """That the key has no value: accept, or raise :class:`Refused`."""
    check_single(head, key, proof, (EMPTY_END, OTHER_LEAF, RUN))
    known: Subtree = None
    if proof.end in WITH_WITNESS:
        known = witnessed(head.scheme, proof.end, proof.witness)
        leaves = proof.depth < known.depth and not agree(known.path, key, known.depth)
        if not leaves or not agree(known.path, key, proof.depth):
            raise Refused(WITNESS)
    check_root(head, fold(head.scheme, key, known, proof))


def witnessed(scheme: Scheme, end: int, witness: bytes) -> Foot:
    """The foot that a witness states: another leaf, or a node with two children."""
    path, digest = witness[:LENGTH], witness[LENGTH:]
    if end == OTHER_LEAF:
        return Foot(DEPTH, path, scheme.sparse_leaf(path, digest))
    return Foot(unmarked(path), path, digest)


def check_single(head: SparseHead, key: bytes, proof: SparseProof, ends: tuple[int, ...]) -> None:
    if len(key) != LENGTH:
        raise Refused(KEY_SIZE)
    if proof.digest_size != head.scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    if proof.end not in ends:
        raise Refused(OTHER_END)
    if not has_shape(head, proof):
        raise Refused(SHAPE)


def has_shape(head: SparseHead, proof: SparseProof) -> bool:
    """Whether a tree of that size can have a path that ends there."""
    end, depth = proof.end, proof.depth
    if head.size == 0:
        return end == EMPTY_END and depth == 0
    if head.scheme.sparse.lone is Lone.FULL:
        return end in (PRESENT, EMPTY_END) and depth == DEPTH
    if head.size == 1:
        return end in (PRESENT, OTHER_LEAF) and depth == 0
    if end == (EMPTY_END if head.scheme.sparse.lone is Lone.RUNS else RUN):
        return False
    if depth == 0:
        return end == RUN
    return depth <= DEPTH - (end != PRESENT) and proof.is_sent(depth)


def fold(scheme: Scheme, key: bytes, known: Subtree, proof: SparseProof) -> bytes:
    """The top that an end and its siblings lead to."""
    supply = iter(proof.digests)
    siblings = {depth: next(supply) for depth in range(proof.depth, 0, -1) if proof.is_sent(depth)}
    check_not_empty(scheme, siblings.items())
    for depth in range(proof.depth, 0, -1):
        known = beside(scheme, key, depth, known, siblings.get(depth))
    return topmost(scheme, known)


Subtree = Foot | bytes | None  # known down to its foot; known by its digest; empty


def digest_of(scheme: Scheme, subtree: Subtree, depth: int) -> bytes:
    """The digest of a subtree whose top is at this depth."""
    if isinstance(subtree, Foot):
        return run_up(scheme, subtree, depth) if scheme.sparse.lone is Lone.RUNS else subtree.digest
    return scheme.nothing(depth) if subtree is None else subtree


def parent(scheme: Scheme, path: bytes, depth: int, left: Subtree, right: Subtree) -> Foot:
    """What two subtrees lead to whose tops are at this depth, on the path of a key."""
    runs = scheme.sparse.lone is Lone.RUNS
    if runs and isinstance(left, Foot) and right is None:
        return left
    if runs and isinstance(right, Foot) and left is None:
        return right
    digests = digest_of(scheme, left, depth), digest_of(scheme, right, depth)
    if runs:
        return fork(scheme, depth - 1, path, *digests)
    return Foot(depth - 1, path, scheme.sparse_node(*digests))


def beside(scheme: Scheme, path: bytes, depth: int, known: Subtree, sibling: Subtree) -> Foot:
    """The same, the first on the path and the second beside it."""
    pair = (sibling, known) if bit(path, depth - 1) else (known, sibling)
    return parent(scheme, path, depth, *pair)


def topmost(scheme: Scheme, known: Subtree) -> bytes:
    return digest_of(scheme, known, 0)


def check_not_empty(scheme: Scheme, siblings: Collection[tuple[int, bytes]]) -> None:
    """No sibling is sent that the verifier knows."""
    if any(digest == scheme.nothing(depth) for depth, digest in siblings):
        raise Refused(EMPTY_SIBLING)


def check_root(head: SparseHead, top: bytes) -> None:
    """The comparison that decides, in constant time."""
    if not hmac.compare_digest(head.scheme.root(head.size, top), head.root):
        raise Refused(ROOT_MISMATCH)


class What(Enum):
    """A step of hashing, over a stack of digests."""

    CLAIMED = auto()  # push the leaf of a present key
    WITNESS = auto()  # push the leaf of the next witness
    FOOT = auto()  # instead of what is empty, push the node of the next witness
    NOTHING = auto()  # push what is empty
    SIBLING = auto()  # join the last with the next digest
    ALONE = auto()  # join the last with what is empty
    PAIR = auto()  # join the last two


@dataclass
class Step:
    """``depth``: of the node that is pushed, or of the children that are joined. ``keys``: those below it."""

    what: What
    depth: int
    keys: list[bytes]


@dataclass
class Visit:
    """A node to be visited. ``right``: its sibling that comes later, and is told what this one is."""

    depth: int
    keys: list[bytes]
    beside: NodeKind | None = None
    right: Visit | None = None


class Bits:
    """Takes bits off the front; never more than there are."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.taken = 0

    def take(self) -> bool:
        if self.taken == 8 * len(self.data):
            raise Refused(SHAPE)
        self.taken += 1
        return bit(self.data, self.taken - 1) == 1

    def end(self) -> None:
        try:
            check_spare(self.data, self.taken)
        except ValueError as error:
            raise Refused(SHAPE) from error


def verify_many(
    head: SparseHead, present: Mapping[bytes, bytes], absent: Collection[bytes], proof: SparseMultiProof
) -> None:
    """That these keys have these values, and those none: accept, or raise :class:`Refused`."""
    claimed = check_claims([*present, *absent])
    if proof.digest_size != head.scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    steps = walk(head, present.keys(), claimed, proof.shape)
    joins = [step for step in steps if step.what is What.SIBLING]
    places = [step for step in steps if step.what in (What.WITNESS, What.FOOT)]
    if len(proof.witnesses) != len(places) or len(proof.digests) != len(joins):
        raise Refused(DIGEST_COUNT)
    for place, witness in zip(places, proof.witnesses, strict=True):
        if not stands(place, witness[:LENGTH]):
            raise Refused(WITNESS)
    check_not_empty(head.scheme, [(step.depth, one) for step, one in zip(joins, proof.digests, strict=True)])
    values = {key: head.scheme.value_digest(value) for key, value in present.items()}
    check_root(head, hashed(head.scheme, steps, values, proof))


def stands(place: Step, path: bytes) -> bool:
    """Whether a witness is where the walk asks for it: a leaf below claimed keys, or a foot beside them."""
    first = place.keys[0]
    if place.what is What.WITNESS:
        return path not in place.keys and agree(path, first, place.depth)
    parts = agree(path, first, place.depth - 1) and not agree(path, first, place.depth)
    return parts and unmarked(path) >= place.depth


def check_claims(keys: list[bytes]) -> list[bytes]:
    """The claimed keys in ascending order, if each is a key and there once."""
    if not keys:
        raise Refused(EMPTY_CLAIM)
    if any(len(key) != LENGTH for key in keys):
        raise Refused(KEY_SIZE)
    if len(set(keys)) != len(keys):
        raise Refused(DUPLICATE_KEY)
    return sorted(keys)


def walk(head: SparseHead, present: Collection[bytes], keys: list[bytes], shape: bytes) -> list[Step]:
    """What is hashed, in order. Nothing is hashed yet, and nothing recurses."""
    bits, done = Bits(shape), []
    stack: list[Visit | Step] = [Visit(0, keys)]
    while stack:
        match stack.pop():
            case Step() as step:
                alone = head.scheme.sparse.lone is Lone.RUNS and step.what is What.SIBLING
                if alone and done[-1].what is What.NOTHING and done[-1].depth == step.depth:
                    done[-1] = Step(What.FOOT, step.depth, step.keys)
                else:
                    done.append(step)
            case Visit() as node:
                count = sum(key in present for key in node.keys)
                kind = read(bits, possible(head.scheme, head.size, node.depth, count, node.beside))
                if node.right is not None:
                    node.right.beside = kind
                stack += reversed(steps_at(node, kind, count, bits))
    bits.end()
    return done


def read(bits: Bits, kinds: frozenset[NodeKind]) -> NodeKind:
    """What a node is: known, or told by the next bits."""
    if not kinds:
        raise Refused(SHAPE)
    if len(kinds) == 1:
        return next(iter(kinds))
    if NodeKind.INNER in kinds and bits.take():
        return NodeKind.INNER
    rest = kinds - {NodeKind.INNER}
    if len(rest) == 1:
        return next(iter(rest))
    return NodeKind.LEAF if bits.take() else NodeKind.EMPTY


def steps_at(node: Visit, kind: NodeKind, present: int, bits: Bits) -> list[Visit | Step]:
    """What comes next at a node: children, then what joins them; or its own digest."""
    depth, keys = node.depth, node.keys
    if kind is NodeKind.EMPTY:
        return [Step(What.NOTHING, depth, keys)]
    if kind is NodeKind.LEAF:
        return [Step(What.CLAIMED if present else What.WITNESS, depth, keys)]
    sides = [[key for key in keys if bit(key, depth) == side] for side in (0, 1)]
    if all(sides):
        right = Visit(depth + 1, sides[1])
        return [Visit(depth + 1, sides[0], right=right), right, Step(What.PAIR, depth + 1, keys)]
    sent = bits.take()
    below = Visit(depth + 1, keys, None if sent else NodeKind.EMPTY)
    return [below, Step(What.SIBLING if sent else What.ALONE, depth + 1, keys)]


def hashed(
    scheme: Scheme, steps: list[Step], values: Mapping[bytes, bytes], proof: SparseMultiProof
) -> bytes:
    """The top that the steps lead to."""
    witnesses, digests = iter(proof.witnesses), iter(proof.digests)
    stack: list[Subtree] = []
    for step in steps:
        path, depth = step.keys[0], step.depth
        match step.what:
            case What.CLAIMED:
                (key,) = (key for key in step.keys if key in values)
                stack.append(Foot(DEPTH, key, scheme.sparse_leaf(key, values[key])))
            case What.WITNESS:
                stack.append(witnessed(scheme, OTHER_LEAF, next(witnesses)))
            case What.FOOT:
                stack.append(witnessed(scheme, RUN, next(witnesses)))
            case What.NOTHING:
                stack.append(None)
            case What.SIBLING:
                stack.append(beside(scheme, path, depth, stack.pop(), next(digests)))
            case What.ALONE:
                stack.append(beside(scheme, path, depth, stack.pop(), None))
            case What.PAIR:
                right, left = stack.pop(), stack.pop()
                stack.append(parent(scheme, path, depth, left, right))
    return topmost(scheme, stack[0])
