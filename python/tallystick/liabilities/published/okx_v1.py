"""OKX's first format, also Okcoin's: one JSON file a customer, with BTC, ETH and USDT.

The file is ``{"self": {nonce, hash, balances, type, height}, "path": [{hash, balances, type, height}, …]}``;
the last of the path is the root. A leaf is the hash of nonce and balances, a node of its children's hashes,
the sums of their balances and its height. The nonce is all that makes a leaf a customer's.

Sums of a node can be split otherwise than they were made, negative balances are accepted by the publisher,
and text runs together: two accounts of 100 can both verify below a total of 100. See ``WEAKNESSES``.
"""

from __future__ import annotations

from tallystick.errors import Reason
from tallystick.liabilities.published import _heights as heights
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["WEAKNESSES", "verify"]

WEAKNESSES = (
    Weakness.MAX_INSTEAD_OF_SUM,
    Weakness.NEGATIVE_AMOUNTS,
    Weakness.SHARED_LEAF,
    Weakness.AMBIGUOUS_TEXT,
    Weakness.LEVELS_CONFUSED,
    Weakness.NEIGHBOURS_SHOWN,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
    Weakness.LOOSE_VERIFIER,
)
_COINS = heights.Coins({"BTC": 8, "ETH": 8, "USDT": 8}, fixed=False)
_NODE = ("hash", "balances", "type", "height")


def verify(
    document: str | bytes,
    *,
    root: str | bytes,
    totals: reading.Expected,
    expected: reading.Expected | None = None,
) -> PublishedResult:
    """Verify a customer's file against a root and totals that come from elsewhere.

    ``document`` is the JSON text. ``root`` has 32 bytes or 64 hex digits, ``totals`` the amount of each of
    the three coins: numbers, decimals or text, never floats. ``expected`` is what the customer holds; coins
    left out are 0.

    Raises :exc:`DecodeError` for a file that is not of this format, with amounts of more than 8 decimals
    among them; :exc:`InvalidProof` for one that proves nothing, with the reason: negative amounts, another
    leaf, heights or sides than their places have, other totals or balances; :exc:`RootMismatch` for another
    root. Costs a hash a level.

    >>> import hashlib, json
    >>> from tallystick.liabilities.published import okx_v1
    >>> def sha(*parts): return hashlib.sha256("".join(parts).encode()).hexdigest()
    >>> mine = {"BTC": "1.5", "ETH": "0", "USDT": "20"}
    >>> own = sha("2a", json.dumps(mine, separators=(",", ":")))
    >>> other, total = sha("other"), {"BTC": "2", "ETH": "0", "USDT": "20"}
    >>> root = sha(own, other, "2", "0", "20", "2")
    >>> sibling = {"hash": other, "balances": {"BTC": "0.5", "ETH": "0", "USDT": "0"}, "type": 2, "height": 1}
    >>> top = {"hash": root, "balances": total, "type": 3, "height": 2}
    >>> leaf = {"nonce": "2a", "hash": own, "balances": mine, "type": 1, "height": 1}
    >>> result = okx_v1.verify(json.dumps({"self": leaf, "path": [sibling, top]}), root=root, totals=total)
    >>> result.balances["BTC"], result.sound
    (Decimal('1.5'), False)
    """
    found = reading.fields(reading.json_object(document, "the file"), "the file", ("self", "path"))
    stated = reading.fields(found["self"], "self", ("nonce", *_NODE))
    nonce = reading.text_of(stated["nonce"], "self.nonce", "[0-9A-Za-z_-]{1,128}")
    own = heights.Node.read(stated, "self", _COINS, "balances")
    path = [
        heights.Node.read(reading.fields(node, f"path[{place}]", _NODE), f"path[{place}]", _COINS, "balances")
        for place, node in enumerate(reading.items(found["path"], "path", 2))
    ]
    if own.hash != reading.sha256(nonce + balances_text(own.amounts)):
        reading.refuse(Reason.LEAF_MISMATCH, "self.hash is not the hash of nonce and balances")
    heights.verify(own, path, _COINS, root=root, totals=totals, expected=expected)
    trusted = bytes.fromhex(reading.trusted_root(root))
    sums = path[-1].amounts
    return PublishedResult(
        "OKX V1", trusted, reading.exact(sums, 8), reading.exact(own.amounts, 8), None, WEAKNESSES
    )


def balances_text(amounts: reading.Amounts) -> str:
    """Balances as they are hashed in a leaf."""
    btc, eth, usdt = _COINS.texts(amounts)
    return f'{{"BTC":"{btc}","ETH":"{eth}","USDT":"{usdt}"}}'
