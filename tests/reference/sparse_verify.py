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
    SparseHead,
    SparseMultiProof,
    SparseProof,
    check_spare,
)
from tests.reference.sparse_rules import DEPTH, Lone, NodeKind, agree, bit
from tests.reference.sparse_rules import KEY_SIZE as LENGTH


def verify_present(head: SparseHead, key: bytes, value: bytes, proof: SparseProof) -> None:
    """That the key has this value: accept, or raise :class:`Refused`."""
    check_single(head, key, proof, (PRESENT,))
    known = head.scheme.sparse_leaf(key, head.scheme.value_digest(value))
    check_root(head, fold(head.scheme, key, known, proof))


def verify_absent(head: SparseHead, key: bytes, proof: SparseProof) -> None:
    """That the key has no value: accept, or raise :class:`Refused`."""
    check_single(head, key, proof, (EMPTY_END, OTHER_LEAF))
    known = head.scheme.nothing(proof.depth)
    if proof.end == OTHER_LEAF:
        other, value_digest = proof.witness[:LENGTH], proof.witness[LENGTH:]
        if other == key or not agree(other, key, proof.depth):
            raise Refused(WITNESS)
        known = head.scheme.sparse_leaf(other, value_digest)
    check_root(head, fold(head.scheme, key, known, proof))


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
    return 1 <= depth <= DEPTH - (end != PRESENT) and proof.is_sent(depth)


def fold(scheme: Scheme, key: bytes, known: bytes, proof: SparseProof) -> bytes:
    """The top that an end and its siblings lead to."""
    supply = iter(proof.digests)
    siblings = {depth: next(supply) for depth in range(proof.depth, 0, -1) if proof.is_sent(depth)}
    check_not_empty(scheme, siblings.items())
    for depth in range(proof.depth, 0, -1):
        known = joined(scheme, bit(key, depth - 1), known, siblings.get(depth, scheme.nothing(depth)))
    return known


def joined(scheme: Scheme, side: int, known: bytes, sibling: bytes) -> bytes:
    return scheme.sparse_node(sibling, known) if side else scheme.sparse_node(known, sibling)


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
    places = [step for step in steps if step.what is What.WITNESS]
    if len(proof.witnesses) != len(places) or len(proof.digests) != len(joins):
        raise Refused(DIGEST_COUNT)
    for place, witness in zip(places, proof.witnesses, strict=True):
        other = witness[:LENGTH]
        if other in place.keys or not agree(other, place.keys[0], place.depth):
            raise Refused(WITNESS)
    check_not_empty(head.scheme, [(step.depth, one) for step, one in zip(joins, proof.digests, strict=True)])
    values = {key: head.scheme.value_digest(value) for key, value in present.items()}
    check_root(head, hashed(head.scheme, steps, values, proof))


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
    stack: list[bytes] = []
    for step in steps:
        side = bit(step.keys[0], step.depth - 1) if step.depth else 0
        match step.what:
            case What.CLAIMED:
                (key,) = (key for key in step.keys if key in values)
                stack.append(scheme.sparse_leaf(key, values[key]))
            case What.WITNESS:
                witness = next(witnesses)
                stack.append(scheme.sparse_leaf(witness[:LENGTH], witness[LENGTH:]))
            case What.NOTHING:
                stack.append(scheme.nothing(step.depth))
            case What.SIBLING:
                stack.append(joined(scheme, side, stack.pop(), next(digests)))
            case What.ALONE:
                stack.append(joined(scheme, side, stack.pop(), scheme.nothing(step.depth)))
            case What.PAIR:
                right, left = stack.pop(), stack.pop()
                stack.append(scheme.sparse_node(left, right))
    return stack[0]
