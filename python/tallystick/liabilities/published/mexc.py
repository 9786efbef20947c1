"""MEXC's format: one JSON file a customer, with hashes of 128 bits.

The file is ``{"self": {proofId, accountId, hash, balances, level, type}, "pathList": [{hash, balances, level,
type}, …]}``; the last of the list is the root, levels count up from 0. A leaf is the front of the hash of
``proofId``, ``accountId`` and ``coin:amount`` in the order of the coins' names, a node that of its children's
hashes and the sums. A node without a right sibling is hashed with an empty hash there.

Two contents of one hash of 128 bits are found in 2**64 tries, and a node's text has the form of a leaf's. See
``WEAKNESSES``.
"""

from __future__ import annotations

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
_LEFT, _RIGHT, _ROOT = 1, 2, 3
_DECIMALS = 18
_DIGITS = 32
_NODE = ("hash", "balances", "level", "type")
# Stated by every node with two children, also where neither has any.
_ALWAYS = ("BTC", "ETH", "USDC", "USDT")


@dataclass(frozen=True, slots=True)
class _Node:
    hash: str
    amounts: Amounts
    level: int
    type: int

    @classmethod
    def read(cls, found: dict[str, Any], what: str) -> _Node:
        balances = found["balances"]
        if not isinstance(balances, dict):
            reading.malformed(f"{what}.balances is not an object")
        coins = sorted(reading.coin_names(balances, f"{what}.balances"))
        return cls(
            reading.text_of(found["hash"], f"{what}.hash", f"(?:[0-9a-f]{{{_DIGITS}}})?"),
            {coin: reading.amount_of(balances[coin], f"{what}.balances.{coin}", _DECIMALS) for coin in coins},
            reading.small(found["level"], f"{what}.level"),
            reading.small(found["type"], f"{what}.type"),
        )


def verify(
    document: str | bytes,
    *,
    root: str | bytes,
    totals: reading.Expected,
    proof_id: str,
    account_id: str,
    expected: reading.Expected | None = None,
) -> PublishedResult:
    """Verify a customer's file against a root and totals that come from elsewhere.

    ``document`` is the JSON text. ``root`` has 16 bytes or 32 hex digits, ``totals`` the amount of each coin.
    ``proof_id`` names the day's proof and ``account_id`` the customer. ``expected`` is what the customer
    holds; coins left out are 0.

    Raises as :func:`tallystick.liabilities.published.okx_v1.verify`; amounts have at most 18 decimals. Costs
    a hash a level.

    >>> import hashlib, json
    >>> from tallystick.liabilities.published import mexc
    >>> def sha(text): return hashlib.sha256(text.encode()).hexdigest()[:32]
    >>> own, other = sha("PR-1,7,BTC:1.5"), sha("other")
    >>> root = sha(f"{own},{other},BTC:2,ETH:0,USDC:0,USDT:0")
    >>> leaf = {"proofId": "PR-1", "accountId": "7", "hash": own, "balances": {"BTC": "1.5"}}
    >>> leaf |= {"level": 0, "type": 1}
    >>> sibling = {"hash": other, "balances": {"BTC": "0.5"}, "level": 0, "type": 2}
    >>> total = {"BTC": "2", "ETH": "0", "USDC": "0", "USDT": "0"}
    >>> top = {"hash": root, "balances": total, "level": 1, "type": 3}
    >>> text = json.dumps({"self": leaf, "pathList": [sibling, top]})
    >>> mexc.verify(text, root=root, totals=total, proof_id="PR-1", account_id="7").balances
    {'BTC': Decimal('1.5')}
    """
    trusted = reading.trusted_root(root, _DIGITS)
    trusted_totals = reading.trusted_amounts(totals, "totals", _decimals)
    found = reading.fields(reading.json_object(document, "the file"), "the file", ("self", "pathList"))
    stated = reading.fields(found["self"], "self", ("proofId", "accountId", *_NODE))
    proof = reading.text_of(stated["proofId"], "self.proofId", "[0-9A-Za-z_-]{1,128}")
    account = reading.text_of(stated["accountId"], "self.accountId", "[0-9A-Za-z_-]{1,128}")
    own = _Node.read(stated, "self")
    path = [
        _Node.read(reading.fields(node, f"pathList[{place}]", _NODE), f"pathList[{place}]")
        for place, node in enumerate(reading.items(found["pathList"], "pathList", 1))
    ]
    for name, given, mine in (("proof_id", proof_id, proof), ("account_id", account_id, account)):
        if not isinstance(given, str):
            raise TypeError(f"{name} must be str, not {type(given).__name__}")
        if given != mine:
            refuse(Reason.LEAF_MISMATCH, f"the file is not of this {name}")
    if own.hash != _hash(f"{proof},{account},{_texts(own.amounts)}"):
        refuse(Reason.LEAF_MISMATCH, "self.hash is not the hash of proofId, accountId and balances")
    digest, sums = _climb(own, path)
    # An empty hash is no root.
    reading.hash_of(path[-1].hash, "the root's hash", _DIGITS)
    reading.compare_root(trusted, path[-1].hash, "the file's root")
    reading.compare_root(trusted, digest, "the computed root")
    reading.compare_totals(sums, path[-1].amounts, "the file's root")
    reading.compare_totals(trusted_totals, sums, "the computed root")
    reading.compare_expected(expected, own.amounts, _decimals)
    exact = reading.exact(own.amounts, _DECIMALS)
    return PublishedResult(
        "MEXC", bytes.fromhex(trusted), reading.exact(sums, _DECIMALS), exact, None, WEAKNESSES
    )


def _climb(own: _Node, path: list[_Node]) -> tuple[str, Amounts]:
    *siblings, root = path
    if own.level != 0 or own.type not in (_LEFT, _RIGHT):
        refuse(
            Reason.WRONG_PLACE, f"self has level {own.level} and type {own.type}: a leaf has 0, and 1 or 2"
        )
    if not 0 < root.level <= 64 or root.type != _ROOT:
        refuse(Reason.WRONG_PLACE, f"the root has level {root.level} and type {root.type}, not 1 to 64 and 3")
    by_level = {sibling.level: sibling for sibling in siblings}
    if (
        list(by_level) != sorted(by_level)
        or len(by_level) != len(siblings)
        or not set(by_level) <= set(range(root.level))
    ):
        refuse(Reason.WRONG_PLACE, "the siblings' levels do not ascend from 0 to below the root's")
    digest, sums = own.hash, own.amounts
    for level in range(root.level):
        sibling = by_level.get(level)
        if sibling is not None and sibling.type not in (_LEFT, _RIGHT):
            refuse(Reason.WRONG_PLACE, f"the sibling of level {level} has type {sibling.type}, not 1 or 2")
        if level == 0 and (sibling.type if sibling is not None else _RIGHT) == own.type:
            refuse(Reason.WRONG_PLACE, "self and its sibling are on the same side")
        if sibling is None or not sibling.hash:
            if sibling is not None and (sibling.type != _RIGHT or any(sibling.amounts.values())):
                refuse(
                    Reason.NODE_MISMATCH,
                    f"the missing sibling of level {level} is on the right and has no amounts",
                )
            digest = _hash(f"{digest},,{_texts(sums)}")
            continue
        left, right = (sibling.hash, digest) if sibling.type == _LEFT else (digest, sibling.hash)
        coins = sorted({*sums, *sibling.amounts, *_ALWAYS})
        sums = {coin: sums.get(coin, 0) + sibling.amounts.get(coin, 0) for coin in coins}
        digest = _hash(f"{left},{right},{_texts(sums)}")
    return digest, sums


def _hash(text: str) -> str:
    return reading.sha256(text)[:_DIGITS]


def _texts(amounts: Amounts) -> str:
    return ",".join(f"{coin}:{reading.amount_text(units, _DECIMALS)}" for coin, units in amounts.items())


def _decimals(coin: str) -> int:
    del coin
    return _DECIMALS
