"""Bybit's format: one JSON file a customer, with four to fifty coins.

The file is ``{"self": {userHash, hash, balance, type, height, nonce}, "path": [{hash, balance, type, height},
…]}``, each part with an ``auditId`` if it is stated; the last of the path is the root. A leaf is the hash of
``userHash`` and the amounts, a node of its children's hashes, the sums and its height.

What is hashed are amounts alone, one behind the other: which coin each is of follows from an order of coins
that the file does not commit to. So the order is an argument here. See ``WEAKNESSES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tallystick.errors import Reason
from tallystick.liabilities.published import _heights as heights
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["FIRST_COINS", "WEAKNESSES", "verify"]

WEAKNESSES = (
    Weakness.MAX_INSTEAD_OF_SUM,
    Weakness.NEGATIVE_AMOUNTS,
    Weakness.AMBIGUOUS_TEXT,
    Weakness.LEVELS_CONFUSED,
    Weakness.NEIGHBOURS_SHOWN,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
    Weakness.LOOSE_VERIFIER,
)
FIRST_COINS: Mapping[str, int] = {"BTC": 8, "ETH": 8, "USDT": 4, "USDC": 4}
"""Coins and decimals of the first version.

Later versions have 8 decimals throughout: ``dict.fromkeys(names, 8)``.
"""
_NODE = ("hash", "balance", "type", "height")


def verify(
    document: str | bytes,
    *,
    root: str | bytes,
    totals: reading.Expected,
    coins: Mapping[str, int],
    user_hash: str,
    expected: reading.Expected | None = None,
) -> PublishedResult:
    """Verify a customer's file against a root, totals and an order of coins that come from elsewhere.

    ``document`` is the JSON text. ``coins`` are the coins in the order of the publisher's list, those that
    the file has, each with its decimals; all amounts are printed with exactly these. ``root`` has 32 bytes or
    64 hex digits, ``totals`` the amount of each coin. ``user_hash`` is the customer's, as the publisher's
    page shows it. ``expected`` is what the customer holds; coins left out are 0.

    Raises as :func:`tallystick.liabilities.published.okx_v1.verify`, and ``ValueError`` for coins without
    names or decimals from 0 to 18. Costs a hash a level.

    >>> import hashlib, json
    >>> from tallystick.liabilities.published import bybit
    >>> def sha(*parts): return hashlib.sha256("".join(parts).encode()).hexdigest()
    >>> user, mine, theirs, sum = "ab" * 32, "1.50000000", "0.50000000", "2.00000000"
    >>> own, other = sha(user, mine), sha("other")
    >>> root = sha(own, other, sum, "2")
    >>> sibling = {"hash": other, "balance": {"BTC": theirs}, "type": 2, "height": 1}
    >>> top = {"hash": root, "balance": {"BTC": sum}, "type": 3, "height": 2}
    >>> leaf = {"userHash": user, "hash": own, "balance": {"BTC": mine}, "type": 1, "height": 1, "nonce": "1"}
    >>> text = json.dumps({"self": leaf, "path": [sibling, top]})
    >>> bybit.verify(text, root=root, totals={"BTC": 2}, coins={"BTC": 8}, user_hash=user).balances
    {'BTC': Decimal('1.50000000')}
    """
    order = _order(coins)
    found = reading.fields(reading.json_object(document, "the file"), "the file", ("self", "path"))
    stated = reading.fields(found["self"], "self", ("userHash", *_NODE), ("nonce", "auditId"))
    user = reading.text_of(stated["userHash"], "self.userHash", "[0-9a-f]{64}")
    _unhashed(stated, "self")
    own = heights.Node.read(stated, "self", order, "balance")
    path = []
    for place, node in enumerate(reading.items(found["path"], "path", 2)):
        what = f"path[{place}]"
        part = reading.fields(node, what, _NODE, ("nonce", "auditId"))
        _unhashed(part, what)
        path.append(heights.Node.read(part, what, order, "balance"))
    if not isinstance(user_hash, str):
        raise TypeError(f"user_hash must be str, not {type(user_hash).__name__}")
    if user != user_hash:
        reading.refuse(Reason.LEAF_MISMATCH, "self.userHash is not the customer's")
    if own.hash != reading.sha256(user + "".join(order.texts(own.amounts))):
        reading.refuse(Reason.LEAF_MISMATCH, "self.hash is not the hash of userHash and amounts")
    heights.verify(own, path, order, root=root, totals=totals, expected=expected)
    trusted = bytes.fromhex(reading.trusted_root(root))
    sums = _exact(path[-1].amounts, order)
    return PublishedResult("Bybit", trusted, sums, _exact(own.amounts, order), None, WEAKNESSES)


def _order(coins: Mapping[str, int]) -> heights.Coins:
    if not isinstance(coins, Mapping):
        raise TypeError(f"coins must be a mapping of names to decimals, not {type(coins).__name__}")
    for name, decimals in coins.items():
        if type(decimals) is not int or not isinstance(name, str):
            raise TypeError("coins must have names as str and decimals as int")
        if not 0 <= decimals <= 18:
            raise ValueError(f"coins[{name!r}] must have 0 to 18 decimals, not {decimals}")
    try:
        reading.coin_names(coins, "coins")
    except ValueError as error:
        raise ValueError(str(error)) from None
    return heights.Coins(dict(coins), fixed=True)


def _unhashed(part: dict[str, object], what: str) -> None:
    """Check what a file may state and no hash has."""
    for key in ("nonce", "auditId"):
        if key in part:
            reading.text_of(part[key], f"{what}.{key}", "[0-9A-Za-z_-]{1,128}")


def _exact(amounts: reading.Amounts, order: heights.Coins) -> dict[str, Decimal]:
    return dict(zip(amounts, map(Decimal, order.texts(amounts)), strict=True))
