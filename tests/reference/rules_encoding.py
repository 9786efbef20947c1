"""The one encoding of rules of one's own (docs/spec/variants.md): the field ``rules`` of a scheme."""

from __future__ import annotations

from tests.reference.reader import DecodeError, Reader
from tests.reference.rules import (
    INTEGERS,
    NUMBERS,
    Bag,
    Body,
    Bound,
    Duplicate,
    Edge,
    Exact,
    Frame,
    Hashed,
    Lit,
    Number,
    Part,
    Promote,
    Queue,
    Rules,
    Tag,
    Top,
    Zeros,
    check,
)

VERSION = 1
BARE, ONCE, TWICE = 0, 1, 2
PROMOTE, DUPLICATE, ZEROS, EXACT, BAG, QUEUE = range(6)
LIT, TAG, BODY, FIRST_NUMBER, TOP = 0, 1, 2, 3, 8
SORTED_ORDER = 1


def encode(rules: Rules) -> bytes:
    if isinstance(rules.root, Bound):
        raise TypeError("native rules are never written")
    leaf = le(BARE, 1) if rules.leaf is None else _put_hashed(rules.leaf)
    root = b"\x00" if rules.root is None else b"\x01" + _put_frame(rules.root)
    return (
        le(VERSION, 1)
        + leaf
        + _put_hashed(rules.node)
        + le(rules.is_sorted, 1)
        + le(rules.arity, 1)
        + _put_edge(rules.edge)
        + le(rules.empty_is_hash, 1)
        + root
    )


def le(value: int, size: int) -> bytes:
    return int(value).to_bytes(size, "little")


def lp(value: bytes) -> bytes:
    return le(len(value), 4) + value


def _put_hashed(hashed: Hashed) -> bytes:
    return le(TWICE if hashed.twice else ONCE, 1) + _put_frame(hashed.frame)


def _put_frame(frame: Frame) -> bytes:
    return le(len(frame), 1) + b"".join(map(_put_part, frame))


def _put_part(part: Part) -> bytes:
    match part:
        case Lit(value):
            return le(LIT, 1) + lp(value)
        case Tag(label):
            return le(TAG, 1) + lp(label.encode("ascii"))
        case Body():
            return le(BODY, 1)
        case Top():
            return le(TOP, 1)
        case Number(what, integer):
            return le(FIRST_NUMBER + NUMBERS.index(what), 1) + le(list(INTEGERS).index(integer), 1)


def _put_edge(edge: Edge) -> bytes:
    match edge:
        case Promote():
            return le(PROMOTE, 1)
        case Duplicate():
            return le(DUPLICATE, 1)
        case Zeros(height, limit, exactly, zero):
            return le(ZEROS, 1) + le(height, 1) + le(limit, 8) + le(exactly, 1) + lp(zero)
        case Exact():
            return le(EXACT, 1)
        case Bag(frame, swap):
            return le(BAG, 1) + le(swap, 1) + _put_frame(frame)
        case Queue():
            return le(QUEUE, 1) + le(SORTED_ORDER, 1)


def decode(data: bytes, digest_size: int) -> Rules:
    """The rules that the bytes are the encoding of, if they make a tree."""
    reader = Reader(data)
    reader.expect(le(VERSION, 1), "version")
    leaf = _take_leaf(reader)
    node = _take_hashed(reader, reader.uint(1))
    is_sorted = _take_flag(reader)
    arity = reader.uint(1)
    edge = _take_edge(reader)
    empty_is_hash = _take_flag(reader)
    root = _take_frame(reader) if _take_flag(reader) else None
    reader.end()
    rules = Rules(node, leaf, is_sorted, arity, edge, empty_is_hash, root)
    try:
        check(rules, digest_size)
    except ValueError as error:
        raise DecodeError(str(error)) from error
    return rules


def _take_flag(reader: Reader) -> bool:
    return bool(_one_of(range(2), reader.uint(1)))


def _one_of(known: range, code: int) -> int:
    if code not in known:
        raise DecodeError(f"code {code}")
    return code


def _take_leaf(reader: Reader) -> Hashed | None:
    code = reader.uint(1)
    return None if code == BARE else _take_hashed(reader, code)


def _take_hashed(reader: Reader, code: int) -> Hashed:
    twice = _one_of(range(ONCE, TWICE + 1), code) == TWICE
    return Hashed(_take_frame(reader), twice)


def _take_frame(reader: Reader) -> Frame:
    return tuple(_take_part(reader) for _ in range(reader.uint(1)))


def _take_part(reader: Reader) -> Part:
    match reader.uint(1):
        case 0:
            return Lit(reader.lp())
        case 1:
            return Tag(_ascii(reader.lp()))
        case 2:
            return Body()
        case 8:
            return Top()
        case code:
            what = NUMBERS[_one_of(range(FIRST_NUMBER, TOP), code) - FIRST_NUMBER]
            return Number(what, list(INTEGERS)[_one_of(range(len(INTEGERS)), reader.uint(1))])


def _ascii(raw: bytes) -> str:
    if not raw.isascii():
        raise DecodeError("a label is not ASCII")
    return raw.decode("ascii")


def _take_edge(reader: Reader) -> Edge:
    match _one_of(range(QUEUE + 1), reader.uint(1)):
        case 0:
            return Promote()
        case 1:
            return Duplicate()
        case 2:
            return Zeros(reader.uint(1), reader.uint(8), _take_flag(reader), reader.lp())
        case 3:
            return Exact()
        case 4:
            swap = _take_flag(reader)
            return Bag(_take_frame(reader), swap)
        case _:
            reader.expect(le(SORTED_ORDER, 1), "order of leaves")
            return Queue()
