"""Bitget's format: one JSON file a customer, with hashes of 64 bits.

The file is ``{"self": {encryptUid, nonce, merkelLeaf, balances, level, role}, "path": [{merkelLeaf, balances,
level, role}, …]}``, each part with an ``auditId`` if it is stated; the last of the path is the root, of level
1. A leaf is the front of the hash of customer, nonce and balances, a node that of its children's hashes, the
sums and its level.

Two contents of one hash of 64 bits are found in 2**32 tries. Genuine files have negative balances, by which
totals are made too low: such files are refused here. See ``WEAKNESSES``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tallystick.errors import Reason
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published._reading import Amounts, refuse
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["WEAKNESSES", "verify"]

WEAKNESSES = (
    Weakness.MAX_INSTEAD_OF_SUM,
    Weakness.NEGATIVE_AMOUNTS,
    Weakness.SHORT_HASHES,
    Weakness.LEVELS_CONFUSED,
    Weakness.NEIGHBOURS_SHOWN,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
)
_EMPTY, _LEFT, _RIGHT, _ROOT = 0, 1, 2, 3
_DECIMALS = 18
_DIGITS = 16
_NODE = ("merkelLeaf", "balances", "level", "role")


@dataclass(frozen=True, slots=True)
class _Node:
    hash: str
    amounts: Amounts
    level: int
    role: int

    @classmethod
    def read(cls, found: dict[str, Any], what: str, coins: tuple[str, ...]) -> _Node:
        if "auditId" in found:
            reading.text_of(found["auditId"], f"{what}.auditId", "[0-9A-Za-z_-]{1,128}")
        balances = reading.fields(found["balances"], f"{what}.balances", coins)
        return cls(
            reading.hash_of(found["merkelLeaf"], f"{what}.merkelLeaf", _DIGITS),
            {coin: reading.amount_of(balances[coin], f"{what}.balances.{coin}", _DECIMALS) for coin in coins},
            reading.small(found["level"], f"{what}.level"),
            reading.small(found["role"], f"{what}.role"),
        )


def verify(
    document: str | bytes,
    *,
    root: str | bytes,
    totals: reading.Expected,
    encrypt_uid: str,
    coins: Sequence[str] | None = None,
    expected: reading.Expected | None = None,
) -> PublishedResult:
    """Verify a customer's file against a root and totals that come from elsewhere.

    ``document`` is the JSON text. ``root`` has 8 bytes or 16 hex digits, ``totals`` the amount of each coin.
    ``encrypt_uid`` is the customer's, as the publisher's page shows it. ``coins`` is the order in which coins
    are hashed; ``None``: that of ``self`` in the file, which the hashes commit to. ``expected`` is what the
    customer holds; coins left out are 0.

    Raises as :func:`tallystick.liabilities.published.okx_v1.verify`; amounts have at most 18 decimals. Costs
    a hash a level.

    >>> import hashlib, json
    >>> from tallystick.liabilities.published import bitget
    >>> def sha(text): return hashlib.sha256(text.encode()).hexdigest()[:16]
    >>> own, other = sha('uid,7,{"BTC":"1.5"}'), sha("other")
    >>> root = sha(own + other + ',{"BTC":"2"},1')
    >>> leaf = {"encryptUid": "uid", "nonce": "7", "merkelLeaf": own, "balances": {"BTC": "1.5"}}
    >>> leaf |= {"level": 2, "role": 1}
    >>> sibling = {"merkelLeaf": other, "balances": {"BTC": "0.5"}, "level": 2, "role": 2}
    >>> top = {"merkelLeaf": root, "balances": {"BTC": "2"}, "level": 1, "role": 3}
    >>> text = json.dumps({"self": leaf, "path": [sibling, top]})
    >>> bitget.verify(text, root=root, totals={"BTC": 2}, encrypt_uid="uid").balances
    {'BTC': Decimal('1.5')}
    """
    trusted = reading.trusted_root(root, _DIGITS)
    trusted_totals = reading.trusted_amounts(totals, "totals", _decimals)
    found = reading.fields(reading.json_object(document, "the file"), "the file", ("self", "path"))
    stated = reading.fields(found["self"], "self", ("encryptUid", "nonce", *_NODE), ("auditId",))
    uid = reading.text_of(stated["encryptUid"], "self.encryptUid", "[0-9A-Za-z_=+/-]{1,128}")
    nonce = reading.text_of(stated["nonce"], "self.nonce", "[0-9A-Za-z_-]{1,128}")
    if not isinstance(stated["balances"], dict):
        reading.malformed("self.balances is not an object")
    order = _order(coins) if coins is not None else reading.coin_names(stated["balances"], "self.balances")
    own = _Node.read(stated, "self", order)
    path = [
        _Node.read(reading.fields(node, f"path[{place}]", _NODE, ("auditId",)), f"path[{place}]", order)
        for place, node in enumerate(reading.items(found["path"], "path", 2))
    ]
    if not isinstance(encrypt_uid, str):
        raise TypeError(f"encrypt_uid must be str, not {type(encrypt_uid).__name__}")
    if uid != encrypt_uid:
        refuse(Reason.LEAF_MISMATCH, "self.encryptUid is not the customer's")
    if own.hash != _hash(f"{uid},{nonce},{_json(own.amounts)}"):
        refuse(Reason.LEAF_MISMATCH, "self.merkelLeaf is not the hash of customer, nonce and balances")
    digest, sums = _climb(own, path)
    reading.compare_root(trusted, path[-1].hash, "the file's root")
    reading.compare_root(trusted, digest, "the computed root")
    reading.compare_totals(sums, path[-1].amounts, "the file's root")
    reading.compare_totals(trusted_totals, sums, "the computed root")
    reading.compare_expected(expected, own.amounts, _decimals)
    exact = reading.exact(own.amounts, _DECIMALS)
    return PublishedResult(
        "Bitget", bytes.fromhex(trusted), reading.exact(sums, _DECIMALS), exact, None, WEAKNESSES
    )


def _climb(own: _Node, path: list[_Node]) -> tuple[str, Amounts]:
    *siblings, root = path
    depth = len(path)
    if own.level != depth or own.role not in (_LEFT, _RIGHT):
        refuse(
            Reason.WRONG_PLACE,
            f"self has level {own.level} and role {own.role}: a leaf here has {depth}, and 1 or 2",
        )
    if root.level != 1 or root.role != _ROOT:
        refuse(Reason.WRONG_PLACE, f"the root has level {root.level} and role {root.role}, not 1 and 3")
    digest, sums = own.hash, own.amounts
    for place, sibling in enumerate(siblings):
        what = f"path[{place}]"
        level = depth - place
        if sibling.level != level or sibling.role not in (_EMPTY, _LEFT, _RIGHT):
            stated = f"{what} has level {sibling.level} and role {sibling.role}"
            refuse(Reason.WRONG_PLACE, f"{stated}: a sibling there has {level}, and 0, 1 or 2")
        if place == 0 and sibling.role == own.role:
            refuse(Reason.WRONG_PLACE, f"{what} and self are on the same side")
        if sibling.role == _EMPTY and (sibling.hash != digest or any(sibling.amounts.values())):
            refuse(Reason.NODE_MISMATCH, f"{what} is empty: it has its sibling's hash and no amounts")
        left, right = (sibling.hash, digest) if sibling.role == _LEFT else (digest, sibling.hash)
        sums = {coin: sums[coin] + sibling.amounts[coin] for coin in sums}
        digest = _hash(f"{left}{right},{_json(sums)},{level - 1}")
    return digest, sums


def _order(coins: Sequence[str]) -> tuple[str, ...]:
    if isinstance(coins, (str, bytes)):
        raise TypeError("coins must be a sequence of names")
    try:
        return reading.coin_names(coins, "coins")
    except ValueError as error:
        raise ValueError(str(error)) from None


def _hash(text: str) -> str:
    return reading.sha256(text)[:_DIGITS]


def _json(amounts: Amounts) -> str:
    return (
        "{"
        + ",".join(f'"{coin}":"{reading.amount_text(units, _DECIMALS)}"' for coin, units in amounts.items())
        + "}"
    )


def _decimals(coin: str) -> int:
    del coin
    return _DECIMALS
