"""OKX's second format: the whole tree as one text file, and one JSON file a customer.

A line is ``hash,height,{"BTC":"x","ETH":"y","USDT":"z"}``, the root first, level by level, the leaves' height
1. A level of an odd number of nodes is made even by padding, which is listed first: its sibling's hash, and
no amounts. A customer's hash is that of a nonce and of all the customer holds; a leaf is the hash of that and
of a part of it; nodes are those of the first format.

The publisher's verifier adds up the leaves and never computes a node; here every node is. See ``WEAKNESSES``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tallystick.errors import Reason
from tallystick.liabilities.published import _files as files
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published._heights import Coins
from tallystick.liabilities.published._reading import Amounts, malformed, refuse, sha256
from tallystick.liabilities.published.okx_v1 import balances_text
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["WEAKNESSES", "verify", "verify_account"]

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
_COINS = Coins({"BTC": 8, "ETH": 8, "USDT": 8}, fixed=False)
_LINE = re.compile(r"([0-9a-f]{64}),([1-9][0-9]?),(\{.*\})", re.ASCII)
_BALANCES = re.compile(r'\{"BTC":"([^"]*)","ETH":"([^"]*)","USDT":"([^"]*)"\}', re.ASCII)


@dataclass(frozen=True, slots=True)
class _Node:
    hash: str
    amounts: Amounts


def verify(path: files.Path, *, root: str | bytes, totals: reading.Expected) -> PublishedResult:
    """Verify every node of the published file against a root and totals that come from elsewhere.

    ``root`` has 32 bytes or 64 hex digits, ``totals`` the amount of each of the three coins.

    The file is read line by line; memory is that of its two largest levels. Raises :exc:`DecodeError` with
    the line for a file that is not of this format; :exc:`InvalidProof` for one that proves nothing, with
    level and place of the first node that is not what its children make it; :exc:`RootMismatch` for another
    root.
    """
    trusted, sums, count = _tree(path, root, totals, {})
    return PublishedResult("OKX V2", trusted, reading.exact(sums, 8), {}, count, WEAKNESSES)


def verify_account(
    path: files.Path,
    document: str | bytes,
    *,
    root: str | bytes,
    totals: reading.Expected,
    expected: reading.Expected | None = None,
) -> PublishedResult:
    """Verify every node of the published file, and that a customer's leaves are among its leaves.

    ``document`` is the customer's JSON text: ``{hash, nonce, totalBalances, nodes: [{hash, balances}, …]}``.
    ``expected`` is what the customer holds; coins left out are 0. Otherwise as :func:`verify`. Two equal
    leaves must be there twice.
    """
    found = reading.fields(
        reading.json_object(document, "the customer's file"),
        "the customer's file",
        ("hash", "nonce", "totalBalances", "nodes"),
    )
    user = reading.hash_of(found["hash"], "hash")
    nonce = reading.text_of(found["nonce"], "nonce", "[0-9A-Za-z_-]{1,128}")
    held = _COINS.amounts(found["totalBalances"], "totalBalances")
    if user != sha256(nonce + balances_text(held)):
        refuse(Reason.LEAF_MISMATCH, "hash is not the hash of nonce and totalBalances")
    wanted: dict[tuple[str, str], int] = {}
    parts = dict.fromkeys(held, 0)
    nodes = found["nodes"]
    if not isinstance(nodes, list) or not nodes:
        malformed("nodes is not an array of leaves")
    for place, node in enumerate(nodes):
        what = f"nodes[{place}]"
        part = reading.fields(node, what, ("hash", "balances"), ("height", "type"))
        # Neither is hashed, and both have one value there.
        for key, value in (("height", (1,)), ("type", (1, 2))):
            if key in part and reading.small(part[key], f"{what}.{key}") not in value:
                refuse(Reason.WRONG_PLACE, f"{what}.{key} is not that of a leaf")
        amounts = _COINS.amounts(part["balances"], f"{what}.balances")
        digest = reading.hash_of(part["hash"], f"{what}.hash")
        if digest != sha256(user + "".join(_COINS.texts(amounts))):
            refuse(Reason.LEAF_MISMATCH, f"{what}.hash is not the hash of the customer and its balances")
        key_of_leaf = (digest, balances_text(amounts))
        wanted[key_of_leaf] = wanted.get(key_of_leaf, 0) + 1
        parts = {coin: parts[coin] + amounts[coin] for coin in parts}
    if parts != held:
        refuse(Reason.TOTAL_MISMATCH, "the customer's leaves do not add up to totalBalances")
    trusted, sums, count = _tree(path, root, totals, wanted)
    if any(wanted.values()):
        refuse(Reason.NOT_INCLUDED, "a leaf of the customer is not in the file, or not as often")
    reading.compare_expected(expected, held, _COINS.of)
    return PublishedResult(
        "OKX V2", trusted, reading.exact(sums, 8), reading.exact(held, 8), count, WEAKNESSES
    )


def _tree(
    path: files.Path, root: str | bytes, totals: reading.Expected, wanted: dict[tuple[str, str], int]
) -> tuple[bytes, Amounts, int]:
    """Verify all nodes, and count wanted leaves down.

    Returns root, totals, and the number of leaves that are no padding.
    """
    trusted = reading.trusted_root(root)
    trusted_totals = reading.trusted_amounts(totals, "totals", _COINS.of)
    above: list[_Node] = []
    here: list[_Node] = []
    height = top = 0
    sums: Amounts = {}
    for number, line in files.lines(path):
        stated, node = _parse(number, line)
        if number == 1:
            height = top = stated
            sums = node.amounts
            reading.compare_root(trusted, node.hash, "the file's root")
            reading.compare_totals(trusted_totals, sums, "the file's root")
        if stated == height - 1:
            above, here, height = _level(above, here, height, top), [], stated
        elif stated != height:
            refuse(Reason.WRONG_PLACE, f"line {number} has height {stated} behind a line of height {height}")
        here.append(node)
    if height != 1:
        refuse(Reason.WRONG_PLACE, f"the file ends at height {height}: leaves have height 1")
    if top == 1:
        refuse(Reason.WRONG_PLACE, "the file has one node, which is no tree")
    leaves = _level(above, here, height, top)
    for leaf in leaves:
        key = (leaf.hash, balances_text(leaf.amounts))
        if wanted.get(key, 0):
            wanted[key] -= 1
    return bytes.fromhex(trusted), sums, len(leaves)


def _level(above: list[_Node], here: list[_Node], height: int, top: int) -> list[_Node]:
    """Hold a level against the one above it; what is left without padding has children."""
    if height == top:
        if len(here) != 1:
            refuse(Reason.WRONG_PLACE, f"height {height} is the root's and has {len(here)} nodes")
        return here
    if len(here) != 2 * len(above):
        refuse(
            Reason.DIGEST_COUNT,
            f"height {height} has {len(here)} nodes, {len(above)} nodes have children there",
        )
    for index, node in enumerate(above):
        left, right = here[2 * index], here[2 * index + 1]
        sums = {coin: left.amounts[coin] + right.amounts[coin] for coin in node.amounts}
        digest = sha256("".join([left.hash, right.hash, *_COINS.texts(sums), str(height + 1)]))
        if sums != node.amounts or digest != node.hash:
            what = f"node {index} of height {height + 1}, padding not counted,"
            refuse(Reason.NODE_MISMATCH, f"{what} is not what its children make it")
        if (
            left.hash == right.hash
            and left.amounts != right.amounts
            and (index or any(left.amounts.values()))
        ):
            refuse(Reason.WRONG_PLACE, f"padding of height {height} is not the first of it")
    first, second = here[0], here[1]
    # A level is padded to an even number, so what is left without padding may be odd.
    padded = first.hash == second.hash and not any(first.amounts.values())
    return here[1:] if padded else here


def _parse(number: int, line: str) -> tuple[int, _Node]:
    if (match := _LINE.fullmatch(line)) is None or (balances := _BALANCES.fullmatch(match[3])) is None:
        malformed(f"line {number} is not hash, height and balances")
    what = f"line {number}"
    amounts = {
        coin: reading.amount_of(text, f"{what}: {coin}", 8)
        for coin, text in zip(_COINS.decimals, balances.groups(), strict=True)
    }
    return int(match[2]), _Node(match[1], amounts)
