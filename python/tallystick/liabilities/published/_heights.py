"""The chain that OKX's first format and Bybit's share: heights from 1 up, sides as types, sums as text.

A node's hash is that of left hash, right hash, the sum of each coin, and the node's height, one text behind
the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tallystick.errors import Reason
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published._reading import Amounts, refuse, sha256

LEFT, RIGHT, ROOT, PAD = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Coins:
    """Coins in the order in which they are hashed, and the decimals of each.

    They are printed in full (``fixed``) or without zeros at the end.
    """

    decimals: dict[str, int]
    fixed: bool

    def amounts(self, found: object, what: str) -> Amounts:
        """Read the amount of each coin: these coins, no others."""
        given = reading.fields(found, what, self.decimals)
        return {
            coin: reading.amount_of(given[coin], f"{what}.{coin}", decimals, fixed=self.fixed)
            for coin, decimals in self.decimals.items()
        }

    def texts(self, amounts: Amounts) -> list[str]:
        """Print the amounts as they are hashed."""
        return [
            reading.amount_text(amounts[coin], decimals, fixed=self.fixed)
            for coin, decimals in self.decimals.items()
        ]

    def of(self, coin: str) -> int:
        """Return the decimals of a coin; a coin that is not there has none."""
        return self.decimals.get(coin, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """A node as a file states it."""

    hash: str
    amounts: Amounts
    type: int
    height: int

    @classmethod
    def read(cls, found: dict[str, Any], what: str, coins: Coins, balances: str) -> Node:
        return cls(
            reading.hash_of(found["hash"], f"{what}.hash"),
            coins.amounts(found[balances], f"{what}.{balances}"),
            reading.small(found["type"], f"{what}.type"),
            reading.small(found["height"], f"{what}.height"),
        )


def climb(own: Node, path: list[Node], coins: Coins) -> tuple[str, Amounts]:
    """Hash and sums of the root that leaf and siblings lead to; the last of the path is the stated root.

    Every type and height must be the one that its place has, and padding must be what padding is.
    """
    *siblings, root = path
    if own.height != 1 or own.type not in (LEFT, RIGHT):
        refuse(
            Reason.WRONG_PLACE, f"self has height {own.height} and type {own.type}: a leaf has 1, and 1 or 2"
        )
    if root.height != len(path) or root.type != ROOT:
        what = f"the root has height {root.height} and type {root.type}"
        refuse(Reason.WRONG_PLACE, f"{what}: after {len(siblings)} siblings it has {len(path)} and {ROOT}")
    digest, sums = own.hash, own.amounts
    for place, sibling in enumerate(siblings):
        what = f"path[{place}]"
        if sibling.height != place + 1 or sibling.type not in (LEFT, RIGHT, PAD):
            stated = f"{what} has height {sibling.height} and type {sibling.type}"
            refuse(Reason.WRONG_PLACE, f"{stated}: a sibling there has {place + 1}, and 1, 2 or 4")
        if place == 0 and sibling.type == own.type:
            refuse(Reason.WRONG_PLACE, f"{what} and self are on the same side")
        if sibling.type == PAD and (sibling.hash != digest or any(sibling.amounts.values())):
            refuse(Reason.NODE_MISMATCH, f"{what} is padding: it has its sibling's hash and no amounts")
        left, right = (sibling.hash, digest) if sibling.type == LEFT else (digest, sibling.hash)
        sums = {coin: sums[coin] + sibling.amounts[coin] for coin in sums}
        digest = sha256("".join([left, right, *coins.texts(sums), str(place + 2)]))
    return digest, sums


def verify(
    own: Node,
    path: list[Node],
    coins: Coins,
    *,
    root: str | bytes,
    totals: reading.Expected,
    expected: reading.Expected | None,
) -> None:
    """Hold leaf and path against the trusted root and totals."""
    trusted = reading.trusted_root(root)
    trusted_totals = reading.trusted_amounts(totals, "totals", coins.of)
    digest, sums = climb(own, path, coins)
    reading.compare_root(trusted, path[-1].hash, "the file's root")
    reading.compare_root(trusted, digest, "the computed root")
    reading.compare_totals(sums, path[-1].amounts, "the file's root")
    reading.compare_totals(trusted_totals, sums, "the computed root")
    reading.compare_expected(expected, own.amounts, coins.of)
