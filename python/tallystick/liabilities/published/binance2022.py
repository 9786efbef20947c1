"""The tree of Binance's proof of November 2022 (by Mazars): one CSV file a level, and no sums.

A line is ``parent,level,left,right``, hashes as 64 lower-case hex digits, the lowest level 1; trees of width
4 have four children a line. A leaf is the hash of the texts of customer, salt, audit and balances, one behind
the other, those that the exchange uses; a node is the hash of its children's bytes. Where children are
missing at a level's end, the last is taken again, so that lists of different lengths have the same root.

The tree has no amounts: the total that is published beside it is a claim. See ``WEAKNESSES``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from tallystick.errors import Reason
from tallystick.liabilities.published import _files as files
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published._reading import malformed, refuse
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["WEAKNESSES", "leaf", "verify", "verify_account"]

WEAKNESSES = (
    Weakness.NEGATIVE_AMOUNTS,
    Weakness.AMBIGUOUS_TEXT,
    Weakness.LEVELS_CONFUSED,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
)
_BALANCES = re.compile(
    r"[0-9A-Z]{1,16}=[0-9]+(?:\.[0-9]+)?(?:\|[0-9A-Z]{1,16}=[0-9]+(?:\.[0-9]+)?)*", re.ASCII
)


def leaf(user_id: str, balances: str, *, salt: str = "", audit_id: str = "") -> str:
    """Make the leaf of a customer, from what the publisher's page shows: its hash as hex digits.

    ``balances`` is a text such as ``"BTC=1.0000|ETH=0.5000"``, in plain decimals without signs. Raises
    ``ValueError`` for another one, or an empty customer.

    >>> from tallystick.liabilities.published import binance2022
    >>> binance2022.leaf("7", "BTC=1.0000", salt="ab")[:8]
    'b38d178b'
    """
    for name, text in (("user_id", user_id), ("balances", balances), ("salt", salt), ("audit_id", audit_id)):
        if not isinstance(text, str):
            raise TypeError(f"{name} must be str, not {type(text).__name__}")
    if not user_id:
        raise ValueError("user_id must not be empty")
    if _BALANCES.fullmatch(balances) is None:
        raise ValueError("balances must be coins and amounts in plain decimals, as BTC=1.0000|ETH=0.5000")
    return hashlib.sha256((user_id + salt + audit_id + balances).encode()).hexdigest()


def verify(levels: Sequence[files.Path], *, root: str | bytes, width: int = 2) -> PublishedResult:
    """Verify every node of the published levels against a root that comes from elsewhere.

    It proves no total.

    ``levels`` are the paths of the files, that of level 1 first. ``root`` has 32 bytes or 64 hex digits.
    ``width`` is the number of children of a node, 2 or 4.

    The files are read line by line, in memory that does not grow with them. Raises :exc:`DecodeError` with
    file and line for text that is not of this format; :exc:`InvalidProof` for a node that is not what its
    children make it, or children that are not the nodes of the level below; :exc:`RootMismatch` for another
    root.
    """
    trusted, count, _ = _tree(levels, root, width, None)
    return PublishedResult("Binance 2022", trusted, None, {}, count, WEAKNESSES)


def verify_account(
    levels: Sequence[files.Path], leaf: str, *, root: str | bytes, width: int = 2
) -> PublishedResult:
    """Verify as :func:`verify`, and that the customer's leaf is there, once.

    ``leaf`` is what :func:`leaf` makes of what the customer knows. The result has no balances: the leaf says
    that customer and amounts were listed, and no sum says that they were counted.

    Raises :exc:`InvalidProof` where the leaf is not in the files, or more than once.
    """
    if not isinstance(leaf, str):
        raise TypeError(f"leaf must be str, not {type(leaf).__name__}")
    if re.fullmatch("[0-9a-f]{64}", leaf, re.ASCII) is None:
        raise ValueError("leaf must have 64 lower-case hex digits")
    trusted, count, seen = _tree(levels, root, width, leaf)
    if seen != 1:
        refuse(Reason.NOT_INCLUDED, f"the leaf is in the files {seen} times, not once")
    return PublishedResult("Binance 2022", trusted, None, {}, count, WEAKNESSES)


def _tree(
    levels: Sequence[files.Path], root: str | bytes, width: int, leaf: str | None
) -> tuple[bytes, int, int]:
    trusted = reading.trusted_root(root)
    if width not in (2, 4):
        raise ValueError(f"width must be 2 or 4, not {width}")
    if isinstance(levels, (str, bytes)) or not levels:
        raise ValueError("levels must be the paths of at least one file")
    count, seen = _leaves(levels[0], width, leaf)
    nodes = -(-count // width)
    top = ""
    for place, path in enumerate(levels):
        level = place + 1
        rows = 0
        below = _parents(levels[place - 1], place, width) if place else None
        for number, parent, children in _rows(path, level, width):
            rows += 1
            if parent == top and rows > 1:
                # Such a list has the root of a shorter one.
                refuse(
                    Reason.DUPLICATE_INDEX, f"level {level}, line {number}: the node before is there again"
                )
            top = parent
            if hashlib.sha256(bytes.fromhex("".join(children))).hexdigest() != parent:
                refuse(
                    Reason.NODE_MISMATCH,
                    f"level {level}, line {number}: the node is not what its children make it",
                )
            if below is not None:
                _compare(below, children, f"level {level}, line {number}")
        if below is not None and next(below, None) is not None:
            refuse(Reason.DIGEST_COUNT, f"level {level} has not all nodes of the level below")
        if rows != nodes or (rows == 1) != (level == len(levels)):
            refuse(Reason.DIGEST_COUNT, f"level {level} of {len(levels)} has {rows} nodes")
        nodes = -(-nodes // width)
    reading.compare_root(trusted, top, "the file's root")
    return bytes.fromhex(trusted), count, seen


def _compare(below: Iterator[str], children: list[str], what: str) -> None:
    """Hold children against the nodes below; at a level's end the last node is taken again."""
    last = None
    for child in children:
        last = next(below, last)
        if child != last:
            refuse(Reason.NODE_MISMATCH, f"{what}: a child is not the node of the level below")


def _leaves(path: files.Path, width: int, leaf: str | None) -> tuple[int, int]:
    """How many leaves there are, the last one not counted again, and how often one of them is there."""
    count = seen = again = 0
    last = None
    for _, _, children in _rows(path, 1, width):
        last = children
        count += width
        seen += children.count(leaf) if leaf is not None else 0
    if last is not None:
        while again < width - 1 and last[-1 - again] == last[-2 - again]:
            again += 1
        seen -= again if last[-1] == leaf else 0
    return count - again, seen


def _parents(path: files.Path, level: int, width: int) -> Iterator[str]:
    for _, parent, _ in _rows(path, level, width):
        yield parent


def _rows(path: files.Path, level: int, width: int) -> Iterator[tuple[int, str, list[str]]]:
    pattern = re.compile(rf"([0-9a-f]{{64}}),([0-9]{{1,2}})((?:,[0-9a-f]{{64}}){{{width}}})", re.ASCII)
    for number, line in files.lines(path):
        if (match := pattern.fullmatch(line)) is None:
            malformed(f"level {level}, line {number} is not parent, level and {width} children")
        if match[2] != str(level):
            refuse(Reason.WRONG_PLACE, f"level {level}, line {number} states level {match[2]}")
        yield number, match[1], match[3].split(",")[1:]
