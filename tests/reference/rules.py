"""Rules: what is hashed, as data (docs/spec/variants.md). No hashing here, and no shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEVEL, INDEX, POSITION, SIZE, MMR_SIZE = "level", "index", "position", "size", "mmr size"
NUMBERS = (LEVEL, INDEX, POSITION, SIZE, MMR_SIZE)  # in the order of their codes
PLACES = (LEVEL, INDEX, POSITION)
SIZES = (SIZE, MMR_SIZE)

# Name, bytes, order of bytes; in the order of their codes.
INTEGERS: dict[str, tuple[int, str]] = {
    "u8": (1, "little"),
    "u16le": (2, "little"),
    "u16be": (2, "big"),
    "u32le": (4, "little"),
    "u32be": (4, "big"),
    "u64le": (8, "little"),
    "u64be": (8, "big"),
    "u256le": (32, "little"),
    "u256be": (32, "big"),
}

MAX_ARITY = 8
MAX_LITERALS = 4096
MAX_HEIGHT = 64
MAX_SIZE = 2**64 - 1
MAX_LABEL = 31
OUR_LABELS = "tallystick/"


class NumberOutOfRange(OverflowError):
    """A number that does not fit the bytes that a frame has for it."""


@dataclass(frozen=True)
class Lit:
    """These bytes."""

    value: bytes


@dataclass(frozen=True)
class Tag:
    """``Tag(label, …)`` of everything behind it."""

    label: str


@dataclass(frozen=True)
class Body:
    """The data of a leaf; the children of a node, one behind the other."""


@dataclass(frozen=True)
class Top:
    """The digest of the topmost node."""


@dataclass(frozen=True)
class Number:
    """One of :data:`NUMBERS`, written as one of :data:`INTEGERS`."""

    what: str
    integer: str


Part = Lit | Tag | Body | Top | Number
Frame = tuple[Part, ...]


@dataclass(frozen=True)
class Hashed:
    """``H(frame)``; if ``twice``, ``H(H(frame))``."""

    frame: Frame
    twice: bool = False


@dataclass(frozen=True)
class Promote:
    """An only child moves up."""


@dataclass(frozen=True)
class Duplicate:
    """An only child is hashed with itself. Two nodes that are siblings differ."""


@dataclass(frozen=True)
class Zeros:
    """``height`` levels above the leaves, always; missing children are tops of subtrees of ``zero``."""

    height: int
    limit: int
    exactly: bool
    zero: bytes


@dataclass(frozen=True)
class Exact:
    """The size is a power of the arity."""


@dataclass(frozen=True)
class Bag:
    """An only child moves up; two are hashed by a frame of their own, the right one first if ``swap``."""

    frame: Frame
    swap: bool


@dataclass(frozen=True)
class Queue:
    """Leaves in ascending order, then nodes, in one queue: not in rows."""


Edge = Promote | Duplicate | Zeros | Exact | Bag | Queue


@dataclass(frozen=True)
class Bound:
    """The root of the native family (docs/spec/schemes.md)."""


@dataclass(frozen=True)
class Rules:
    """A tree variant without its hash.

    ``leaf`` None: the data is the digest. ``root`` None: the topmost node's digest.
    """

    node: Hashed
    leaf: Hashed | None = None
    is_sorted: bool = False
    arity: int = 2
    edge: Edge = Promote()
    empty_is_hash: bool = False
    root: Frame | Bound | None = None


BODY: Frame = (Body(),)
PLAIN = Rules(node=Hashed(BODY))


def doubled(count: int) -> int:
    """Nodes of a mountain range of ``count`` leaves."""
    if 2 * count > MAX_SIZE:
        raise NumberOutOfRange(f"the nodes over {count} leaves")
    return 2 * count - count.bit_count()


def position(level: int, index: int) -> int:
    """The place of a node in a mountain range: behind its children, and they behind what is left of them."""
    last = ((index + 1) << level) - 1
    return doubled(last) + level


def written(value: int, integer: str) -> bytes:
    size, order = INTEGERS[integer]
    if value >= 1 << (8 * size):
        raise NumberOutOfRange(f"{value} in {size} bytes")
    return value.to_bytes(size, "little" if order == "little" else "big")


def most_leaves(rules: Rules) -> int:
    """The largest tree of which every frame can state what it has to."""
    frames = [rules.node.frame, rules.leaf.frame if rules.leaf else ()]
    frames += [rules.root] if isinstance(rules.root, tuple) else []
    frames += [rules.edge.frame] if isinstance(rules.edge, Bag) else []
    return min([MAX_SIZE, *(_most(part) for frame in frames for part in frame if isinstance(part, Number))])


def _most(number: Number) -> int:
    largest = min((1 << 8 * INTEGERS[number.integer][0]) - 1, MAX_SIZE)
    match number.what:
        case "index":
            return largest + 1
        case "size":
            return largest
        case "mmr size":
            return min(largest + 1, MAX_SIZE) // 2
        case "position":
            # Nodes of the edge stand where they would if their subtrees had all their leaves.
            return min(largest + 1, MAX_SIZE) // 4
    return MAX_SIZE


def numbers_of(frame: Frame) -> set[str]:
    """What the frame states."""
    return {part.what for part in frame if isinstance(part, Number)}


def check(rules: Rules, digest_size: int) -> None:
    """``ValueError`` unless the rules make a tree (docs/spec/variants.md, "Rules that are none")."""
    frames = [rules.node.frame] + ([rules.leaf.frame] if rules.leaf else [])
    for frame in frames:
        _check_frame(frame, Body(), PLACES)
    if isinstance(rules.root, tuple):
        _check_frame(rules.root, Top(), SIZES)
    if isinstance(rules.edge, Bag):
        _check_frame(rules.edge.frame, Body(), SIZES)
    if not 2 <= rules.arity <= MAX_ARITY:
        raise ValueError(f"nodes of {rules.arity} children")
    if rules.arity > 2 and not isinstance(rules.edge, Zeros | Exact):
        raise ValueError(f"nodes of {rules.arity} children, and {rules.edge}")
    if rules.is_sorted:
        _check_sorted(rules, frames)
    elif isinstance(rules.edge, Queue):
        raise ValueError("a queue of pairs that are not sorted")
    stated = not numbers_of(rules.node.frame).isdisjoint((INDEX, POSITION))
    if stated and isinstance(rules.edge, Duplicate | Zeros):
        raise ValueError("a node states its place, and is hashed for several")
    if isinstance(rules.edge, Zeros):
        _check_zeros(rules.edge, rules.arity, digest_size)


def _check_sorted(rules: Rules, frames: Iterable[Frame]) -> None:
    if rules.arity != 2 or not isinstance(rules.edge, Promote | Zeros | Queue):
        raise ValueError(f"sorted pairs, {rules.arity} children and {rules.edge}")
    if any(not numbers_of(frame).isdisjoint(PLACES) for frame in frames):
        raise ValueError("a place is stated that no verifier of sorted pairs knows")


def _check_zeros(edge: Zeros, arity: int, digest_size: int) -> None:
    if len(edge.zero) != digest_size:
        raise ValueError(f"a zero of {len(edge.zero)} bytes")
    if edge.height > MAX_HEIGHT or not 1 <= edge.limit <= min(arity**edge.height, MAX_SIZE):
        raise ValueError(f"{edge.limit} leaves in a tree of height {edge.height}")


def _check_frame(frame: Frame, varies: Part, numbers: tuple[str, ...]) -> None:
    """Parts that have a meaning here, and what varies exactly once."""
    if frame.count(varies) != 1:
        raise ValueError(f"{varies} stands {frame.count(varies)} times")
    if len(frame) > 255:
        raise ValueError(f"{len(frame)} parts")
    if sum(len(part.value) for part in frame if isinstance(part, Lit)) > MAX_LITERALS:
        raise ValueError(f"more than {MAX_LITERALS} bytes of literals")
    for place, part in enumerate(frame):
        match part:
            case Lit(value):
                if not value or (place > 0 and isinstance(frame[place - 1], Lit)):
                    raise ValueError("a literal without bytes, or behind another")
            case Tag(label):
                if place > 0:
                    raise ValueError("a tag behind the front")
                _check_label(label)
            case Number(what, integer):
                if what not in numbers or integer not in INTEGERS:
                    raise ValueError(f"{what} as {integer} has no meaning here")
            case _ if part != varies:
                raise ValueError(f"{part} has no meaning here")


def _check_label(label: str) -> None:
    """Printable ASCII. Those of the native families stay theirs."""
    plain = 1 <= len(label) <= MAX_LABEL and all(" " <= c <= "~" for c in label)
    if not plain or label.startswith(OUR_LABELS):
        raise ValueError(f"not a label: {label!r}")


def separates_leaves(rules: Rules) -> bool:
    """Whether no leaf has the digest of a node of the same tree, short of a collision."""
    if rules.leaf is None:
        return False
    others = [rules.node] + ([Hashed(rules.edge.frame)] if isinstance(rules.edge, Bag) else [])
    return all(_apart(rules.leaf, other) for other in others)


def _apart(leaf: Hashed, node: Hashed) -> bool:
    """Whether no preimage of one is a preimage of the other."""
    if leaf.twice != node.twice:
        # A leaf's last preimage is then a digest, and a node's is longer; not so the other way round.
        return leaf.twice
    match leaf.frame[0], node.frame[0]:
        case Tag(left), Tag(right):
            return left != right
        case Lit(first), Lit(second):
            return not first.startswith(second) and not second.startswith(first)
        case Number(what, integer), Number(other, as_other):
            # No leaf has the level or position of a node, nor a position that is the number of all nodes.
            never = {(LEVEL, LEVEL), (POSITION, POSITION), (POSITION, MMR_SIZE)}
            return (what, other) in never and integer == as_other
    return False
