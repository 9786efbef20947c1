"""The tree file of Armanino, The Network Firm and Gate (2020 to 2022): leaves of 64 bits, and no sums.

The file is ``Level<tab>Hash``, then ``<levels>,<index><tab><16 hex digits>`` for each leaf. A leaf is the
front of a hash of customer and balances, made in one of two ways (:func:`joined_leaf`, :func:`named_leaf`); a
node is the hash of its two children's bytes, and a node without a sibling moves up as it is.

The tree has no amounts: the total that is published beside it is a claim. See ``WEAKNESSES``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from tallystick.errors import Reason
from tallystick.liabilities.published import _files as files
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published._reading import malformed, refuse, sha256
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["WEAKNESSES", "joined_leaf", "named_leaf", "verify", "verify_account"]

WEAKNESSES = (
    Weakness.NEGATIVE_AMOUNTS,
    Weakness.SHORT_HASHES,
    Weakness.AMBIGUOUS_TEXT,
    Weakness.LEVELS_CONFUSED,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
)
_LINE = re.compile(r"([1-9][0-9]?),(0|[1-9][0-9]{0,17})\t([0-9a-f]{16})", re.ASCII)
_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)


def joined_leaf(uid: str, amounts: Sequence[str]) -> str:
    """Make the leaf of a customer whose amounts are hashed as one text: Gate's way, and the default.

    ``amounts`` are the texts as they are printed: which they are, the hash does not say. Raises
    ``ValueError`` for a uid that is empty or no ASCII, for amounts that are not plain decimals, and for
    negative ones.

    >>> from tallystick.liabilities.published import armanino
    >>> armanino.joined_leaf("7", ["1", "11"]) == armanino.joined_leaf("7", ["11", "1"])
    True
    """
    if isinstance(amounts, str) or not isinstance(amounts, Sequence):
        raise TypeError("amounts must be a sequence of texts")
    text = "".join(_amount(amount, f"amounts[{place}]") for place, amount in enumerate(amounts))
    if not text:
        raise ValueError("amounts has no amount")
    return sha256(sha256(_uid(uid)) + sha256(text))[:16]


def named_leaf(uid: str, amounts: Mapping[str, str], *, point_zero: bool = True) -> str:
    """Make the leaf of a customer whose amounts are hashed with their coins: the tool's ``-c``.

    The coins come in the order of the columns.

    Zeros at the end of a fraction are taken off. Whole amounts are hashed with ``.0`` behind them; earlier
    files, before the tool's last version, without it: ``point_zero=False``. Raises as :func:`joined_leaf`,
    and ``ValueError`` for coins that are not 1 to 16 letters and digits.

    >>> from tallystick.liabilities.published import armanino
    >>> armanino.named_leaf("7", {"BTC": "1.50"}) == armanino.named_leaf("7", {"BTC": "1.5"})
    True
    """
    if not isinstance(amounts, Mapping):
        raise TypeError(f"amounts must be a mapping of coins to texts, not {type(amounts).__name__}")
    try:
        coins = reading.coin_names(amounts, "amounts")
    except ValueError as error:
        raise ValueError(str(error)) from None
    end = ".0" if point_zero else ""
    parts = [f"{coin}:{_stripped(_amount(amounts[coin], f'amounts[{coin!r}]'), end)}" for coin in coins]
    return sha256(",".join([_uid(uid), *parts]))[:16]


def verify(path: files.Path, *, root: str | bytes) -> PublishedResult:
    """Verify that the leaves of a published file make the root, which comes from elsewhere.

    It proves no total.

    ``root`` has 32 bytes or 64 hex digits; that of a single leaf, which is the leaf, 8 or 16.

    The file is read line by line, in memory for a hash a level. Raises :exc:`DecodeError` with the line for a
    file that is not of this format, :exc:`InvalidProof` where levels or indices are not those of their
    places, :exc:`RootMismatch` for another root.
    """
    trusted, count, _ = _tree(path, root, None)
    return PublishedResult("Armanino", trusted, None, {}, count, WEAKNESSES)


def verify_account(path: files.Path, leaf: str, *, root: str | bytes) -> PublishedResult:
    """Verify as :func:`verify`, and that the customer's leaf is there, once.

    ``leaf`` is what :func:`joined_leaf` or :func:`named_leaf` makes of what the customer knows. The result
    has no balances: the leaf says that customer and amounts were listed, and no sum says that they were
    counted.

    Raises :exc:`InvalidProof` where the leaf is not in the file, or more than once.
    """
    if not isinstance(leaf, str):
        raise TypeError(f"leaf must be str, not {type(leaf).__name__}")
    if re.fullmatch("[0-9a-f]{16}", leaf, re.ASCII) is None:
        raise ValueError("leaf must have 16 lower-case hex digits")
    trusted, count, seen = _tree(path, root, leaf)
    if seen != 1:
        refuse(Reason.NOT_INCLUDED, f"the leaf is in the file {seen} times, not once")
    return PublishedResult("Armanino", trusted, None, {}, count, WEAKNESSES)


def _tree(path: files.Path, root: str | bytes, leaf: str | None) -> tuple[bytes, int, int]:
    digits = (
        16 if isinstance(root, (str, bytes)) and len(root) == (16 if isinstance(root, str) else 8) else 64
    )
    trusted = reading.trusted_root(root, digits)
    # Whole subtrees from the left, the largest first. As a node without a sibling moves up, they are joined
    # at the end.
    peaks: list[tuple[int, bytes]] = []
    count = seen = levels = 0
    for number, line in files.lines(path):
        if number == 1:
            if line != "Level\tHash":
                malformed("line 1 is not Level and Hash")
            continue
        if (match := _LINE.fullmatch(line)) is None:
            malformed(f"line {number} is not levels, index and a hash of 16 hex digits")
        levels = levels or int(match[1])
        if int(match[1]) != levels or int(match[2]) != count:
            refuse(Reason.WRONG_PLACE, f"line {number} states {match[1]},{match[2]}, not {levels},{count}")
        seen += match[3] == leaf
        count += 1
        size, node = 1, bytes.fromhex(match[3])
        while peaks and peaks[-1][0] == size:
            node = hashlib.sha256(peaks.pop()[1] + node).digest()
            size *= 2
        peaks.append((size, node))
    if not peaks:
        malformed("the file has no leaf")
    if levels != (count - 1).bit_length() + 1:
        refuse(Reason.WRONG_PLACE, f"{count} leaves make {(count - 1).bit_length() + 1} levels, not {levels}")
    _, node = peaks.pop()
    while peaks:
        node = hashlib.sha256(peaks.pop()[1] + node).digest()
    if len(node) * 2 != digits:
        refuse(Reason.DIGEST_SIZE, f"the root of {count} leaves has {len(node)} bytes")
    reading.compare_root(trusted, node.hex(), "the computed root")
    return node, count, seen


def _uid(uid: str) -> str:
    if not isinstance(uid, str):
        raise TypeError(f"uid must be str, not {type(uid).__name__}")
    if not uid or not uid.isascii() or not uid.isprintable():
        raise ValueError("uid must be printable ASCII, and not empty")
    return uid


def _amount(amount: str, what: str) -> str:
    if not isinstance(amount, str):
        raise TypeError(f"{what} must be str, as it is printed, not {type(amount).__name__}")
    if len(amount) > 60 or _AMOUNT.fullmatch(amount) is None:
        raise ValueError(f"{what} must be an amount in plain decimals")
    if amount.startswith("-"):
        raise ValueError(f"{what} must not be negative, not {amount}")
    return amount


def _stripped(amount: str, end: str) -> str:
    whole, _, fraction = amount.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole + end
