"""The format of BitMEX and River: the whole tree as one text file, in satoshis. It is read and written here.

The file is ``block_height:<n>``, then ``<64 hex digits>,<satoshis>`` for each node, the root first, level by
level, down to 2**k leaves. An account's balance is cut into several leaves; which are whose, nobody sees who
does not have the account's nonce. A leaf's hash is an HMAC of amount and index under a key made from nonce,
block height and account; a node's hash has the hashes and amounts of both children, so sums cannot be split
otherwise than they were made.

This is the best of the published formats. See ``WEAKNESSES`` for what remains.

>>> import pathlib, tempfile
>>> from tallystick.liabilities.published import bitmex
>>> path = pathlib.Path(tempfile.mkdtemp()) / "liabilities.txt"
>>> written = bitmex.write(path, [101, 102, 103], [5_000, 70_000, 0], block_height=800_000)
>>> bitmex.verify(path, root=written.root, total=written.total).totals
{'BTC': 75000}
>>> nonce = bytes(written.nonces[1])
>>> bitmex.verify_account(path, root=written.root, total=written.total, account=102, nonce=nonce).balances
{'BTC': 70000}
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex

from tallystick import _core
from tallystick.errors import DecodeError, InvalidProof, Reason, RootMismatch
from tallystick.liabilities.published.result import PublishedResult, Weakness

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["WEAKNESSES", "Written", "river_nonce", "verify", "verify_account", "verify_path", "write"]

WEAKNESSES = (
    Weakness.SHARED_LEAF,
    Weakness.KNOWN_PADDING,
    Weakness.NEIGHBOURS_SHOWN,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
    Weakness.LOOSE_VERIFIER,
)
_NAME = "BitMEX"
_NUMBER = "0|[1-9][0-9]{0,19}"
_PATH = re.compile(
    rf"({_NUMBER}),({_NUMBER}),({_NUMBER})((?:,[0-9a-f]{{64}},(?:{_NUMBER})){{1,63}})", re.ASCII
)
_LIMIT = 1 << 64

Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A file that was written, and what its operator keeps and hands out.

    - ``root``, ``total``: what is published elsewhere too, and every verification asks for;
    - ``block_height``, ``leaves``: what the file says and how many leaves it has;
    - ``nonces``: an ``(n, 32)`` array, the nonce of each account: who has it sees the account's leaves;
    - ``offsets``, ``indices``: account ``i`` has leaves ``indices[offsets[i]:offsets[i + 1]]``, ascending.
    """

    root: bytes
    total: int
    block_height: int
    leaves: int
    nonces: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.uint64]
    indices: npt.NDArray[np.uint64]


def write(
    path: Path,
    accounts: Any,
    amounts: Any,
    *,
    block_height: SupportsIndex,
    nonces: Any = None,
    key: bytes | None = None,
    split: SupportsIndex | None = 2,
    shuffle: bool = True,
    overwrite: bool = False,
) -> Written:
    """Write the file of these balances.

    ``accounts`` are numbers below 2**64, each once, ``amounts`` what each is owed in satoshis: sequences of
    integers, integer arrays, or Arrow columns. An account of amount 0 has no leaf. ``nonces`` are rows of 32
    bytes, one an account; without them they are made from ``key``, block height and account, and so are
    others for each file.

    Every balance is cut into ``split`` leaves or, if it has fewer, as many as it has satoshis; then, by
    chance, into more until the leaves are a power of two. With ``None`` every account has one leaf and the
    tree is filled by leaves of amount 0, which anybody sees to be none. ``shuffle`` puts the leaves in an
    order by chance. All chance comes from ``key``, 32 bytes, by BLAKE3: the same key and holdings give the
    same file. Without it, from the system. Who has it knows whose the leaves are.

    Memory is about 130 bytes a leaf at its peak. The file is written beside ``path``, synced and renamed.
    Raises ``FileExistsError`` unless ``overwrite``; ``ValueError`` for accounts given twice, negative
    amounts, lengths that differ, amounts that are all 0, or a key or nonce not of 32 bytes; ``OverflowError``
    for numbers or a total of 2**64 and above, and for more than 2**31 leaves; ``TypeError`` for anything else
    than integers. After an error nothing is left behind.

    >>> import pathlib, tempfile
    >>> from tallystick.liabilities.published import bitmex
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "liabilities.txt"
    >>> written = bitmex.write(path, [101, 102, 103], [5_000, 70_000, 0], block_height=800_000)
    >>> written.total, written.leaves
    (75000, 4)
    >>> bitmex.verify(path, root=written.root, total=written.total).sound
    False
    >>> trusted = {"root": written.root, "total": written.total}
    >>> bitmex.verify_account(path, **trusted, account=102, nonce=bytes(written.nonces[1])).balances
    {'BTC': 70000}
    """
    # The border checks what it is given; the key alone may be left out.
    drawn = secrets.token_bytes(32) if key is None else key
    height = _number(block_height, "block_height")
    root, total, leaves, own, offsets, indices = _core.published_bitmex_write(
        path,
        accounts,
        amounts,
        block_height=height,
        key=drawn,
        nonces=nonces,
        split=split,
        shuffle=bool(shuffle),
        overwrite=bool(overwrite),
    )
    return Written(root, total, height, leaves, own, offsets, indices)


def verify(path: Path, *, root: bytes, total: SupportsIndex) -> PublishedResult:
    """Verify every node of a file against a root and a total that come from elsewhere.

    ``root`` is the root's hash, 32 bytes, ``total`` its amount. The file is read twice, by all threads, in
    memory of 30 bytes a leaf. Raises :exc:`DecodeError` with the line for a file that is not of this format;
    :exc:`InvalidProof` with level and index (the root's level is 0) for the first node that is not what its
    children make it, or another total; :exc:`RootMismatch` for another root.
    """
    _, leaves, _ = _core.published_bitmex_verify(path, root, total)
    return PublishedResult(_NAME, bytes(root), {"BTC": _number(total, "total")}, {}, leaves, WEAKNESSES)


def verify_account(
    path: Path, *, root: bytes, total: SupportsIndex, account: SupportsIndex, nonce: bytes
) -> PublishedResult:
    """Verify every node of a file, and add up the leaves of an account.

    They are those under its nonce and the file's block height.

    Otherwise as :func:`verify`. Raises :exc:`InvalidProof` where no leaf is the account's: an account of
    amount 0 has none.
    """
    _, leaves, own = _core.published_bitmex_verify(path, root, total, account=account, nonce=nonce)
    if not own:
        raise InvalidProof(f"no leaf of {os.fspath(path)} is of this account and nonce", Reason.NOT_INCLUDED)
    balance = {"BTC": sum(amount for _, amount in own)}
    return PublishedResult(_NAME, bytes(root), {"BTC": _number(total, "total")}, balance, leaves, WEAKNESSES)


def verify_path(
    line: str,
    *,
    root: bytes,
    total: SupportsIndex,
    block_height: SupportsIndex,
    account: SupportsIndex,
    nonce: bytes,
) -> PublishedResult:
    """Verify one leaf's path, as the publisher's tool prints it.

    That is ``index,height,amount``, then hash and amount of each sibling, the lowest first.

    It proves the amount of one leaf; an account has several. Raises as :func:`verify`, and
    :exc:`InvalidProof` for another block height. Costs a hash a level.

    >>> import hashlib, hmac
    >>> from tallystick.liabilities.published import bitmex
    >>> def le(number): return number.to_bytes(8, "little")
    >>> key = hashlib.sha256(bytes(32) + le(800_000) + le(7)).digest()
    >>> leaf = hmac.new(key, le(5) + le(0), hashlib.sha256).digest()
    >>> root = hashlib.sha256(leaf + le(5) + b"s" * 32 + le(4)).digest()
    >>> line = f"0,800000,5,{'73' * 32},4"
    >>> trusted = {"root": root, "total": 9, "block_height": 800_000}
    >>> bitmex.verify_path(line, **trusted, account=7, nonce=bytes(32)).balances
    {'BTC': 5}
    """
    if not isinstance(line, str):
        raise TypeError(f"line must be str, not {type(line).__name__}")
    for name, value in (("root", root), ("nonce", nonce)):
        if not isinstance(value, bytes):
            raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
        if len(value) != 32:
            raise ValueError(f"{name} must have 32 bytes, not {len(value)}")
    trusted, height = _number(total, "total"), _number(block_height, "block_height")
    number = _number(account, "account")
    if len(line) > 8192 or (match := _PATH.fullmatch(line)) is None:
        raise DecodeError("the line is not index, height, amount, and a hash and an amount for each sibling")
    parts = match[4].split(",")[1:]
    siblings = [
        (bytes.fromhex(digest), int(amount)) for digest, amount in zip(parts[::2], parts[1::2], strict=True)
    ]
    index, stated, amount = (int(match[group]) for group in (1, 2, 3))
    if max(index, stated, amount, *(amount for _, amount in siblings)) >= _LIMIT:
        raise DecodeError("the line has a number of 2**64 or above")
    if index >> len(siblings):
        raise InvalidProof(
            f"there is no leaf {index} behind {len(siblings)} siblings", Reason.INDEX_OUT_OF_RANGE
        )
    if stated != height:
        raise InvalidProof(f"the line is of block height {stated}, not {height}", Reason.LEAF_MISMATCH)
    key = hashlib.sha256(nonce + _le(height) + _le(number)).digest()
    digest, summed = hmac.new(key, _le(amount) + _le(index), hashlib.sha256).digest(), amount
    for other, other_amount in siblings:
        if summed + other_amount >= _LIMIT:
            raise InvalidProof("amounts add to 2**64 or more", Reason.SUM_OVERFLOW)
        pair = [(digest, summed), (other, other_amount)]
        left, right = pair if index % 2 == 0 else pair[::-1]
        digest = hashlib.sha256(left[0] + _le(left[1]) + right[0] + _le(right[1])).digest()
        summed += other_amount
        index //= 2
    if digest != root:
        raise RootMismatch(f"the computed root is {digest.hex()}, not the trusted one", root, digest)
    if summed != trusted:
        raise InvalidProof(f"the computed total is {summed}, not {trusted}", Reason.TOTAL_MISMATCH)
    return PublishedResult(_NAME, root, {"BTC": trusted}, {"BTC": amount}, None, WEAKNESSES)


def river_nonce(key: bytes, email: str, account: SupportsIndex) -> bytes:
    """Make an account's nonce in River's files.

    ``key`` is River's for the file, 32 bytes, ``email`` the customer's address.

    >>> from tallystick.liabilities.published import bitmex
    >>> len(bitmex.river_nonce(bytes(32), "user@example.com", 7))
    32
    """
    if not isinstance(key, bytes) or not isinstance(email, str):
        raise TypeError("key must be bytes and email str")
    if len(key) != 32 or not email:
        raise ValueError("key must have 32 bytes, and email must not be empty")
    return hashlib.sha256(key + email.encode() + _le(_number(account, "account"))).digest()


def _number(value: SupportsIndex, what: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} must be an integer, not {type(value).__name__}")
    number = value.__index__()
    if number < 0:
        raise ValueError(f"{what} must not be negative, not {number}")
    if number >= _LIMIT:
        raise OverflowError(f"{what} must be less than 2**64")
    return number


def _le(number: int) -> bytes:
    return number.to_bytes(8, "little")
