"""Published files but BitMEX's: OKX's second format, Armanino's and Gate's, Binance's, SwissBorg's."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
import tallystick as ts
from tallystick.liabilities import published

from tests.reference.published import armanino, binance2022, okx_v2, swissborg
from tests.reference.published.chains import OKX, Node
from tests.unit.published import REFUSED, Place, check_mutations, reason

SIZES = (1, 2, 3, 4, 5, 6, 7, 9, 11, 21, 22, 33)


def changed_lines(text: str) -> list[str]:
    """Files with one line left out, twice, exchanged, or one character of it changed: a sample."""
    lines = text.splitlines(keepends=True)
    found = []
    for at, line in enumerate(lines):
        found.append("".join(lines[:at] + lines[at + 1 :]))
        found.append("".join(lines[:at] + lines[at + 1 :]))
        found.append("".join([*lines[: at + 1], *lines[at:]]))
        if lines[at + 1 : at + 2] not in ([], [line]):
            found.append("".join([*lines[:at], lines[at + 1], line, *lines[at + 2 :]]))
        for place in {0, 7, 63, 64, 65, 66, 80, len(line) - 3, len(line) - 2, *range(67, len(line), 5)}:
            if place < len(line):
                for sign in "0-1a ":
                    other = line[:place] + sign + line[place + 1 :]
                    if other != line:
                        found.append("".join([*lines[:at], other, *lines[at + 1 :]]))
        found.append("".join([*lines[:at], line.rstrip() + " \n", *lines[at + 1 :]]))
        found.append("".join([*lines[:at], "\n", *lines[at:]]))
    return random.Random(0).sample(found, min(len(found), 400))


# OKX's second format


def okx_tree(size: int) -> tuple[list[list[Node]], list[dict]]:
    """A tree of at least so many leaves, of customers of one to three each."""
    rng = random.Random(size)
    leaves, users = [], []
    while len(leaves) < size:
        parts = [
            tuple(Decimal(rng.choice([0, rng.randrange(1, 10**12)])) / 10**8 for _ in range(3))
            for _ in range(min(rng.randrange(1, 4), size - len(leaves)))
        ]
        user = okx_v2.user_file(f"n{len(users)}", parts)
        users.append(user)
        leaves += [okx_v2.leaf(str(user["hash"]), part) for part in parts]
    return OKX.levels(leaves), users


def okx_root(levels: list[list[Node]]) -> dict[str, object]:
    return {"root": levels[-1][0].hash, "totals": OKX.named(levels[-1][0].sums)}


@pytest.mark.parametrize("size", SIZES)
def test_okx_v2_every_node_and_customer_is_verified(size: int, tmp_path: Path) -> None:
    levels, users = okx_tree(size)
    path = tmp_path / "tree.txt"
    path.write_text(okx_v2.text(levels))
    result = published.okx_v2.verify(path, **okx_root(levels))
    assert result.leaves == size
    assert tuple(result.totals.values()) == levels[-1][0].sums
    assert not result.sound
    for user in users:
        held = user["totalBalances"]
        found = published.okx_v2.verify_account(path, json.dumps(user), **okx_root(levels), expected=held)
        assert found.balances == {coin: Decimal(amount) for coin, amount in held.items()}


@pytest.mark.parametrize("size", [2, 5])
def test_okx_v2_every_change_of_the_file_is_refused(size: int, tmp_path: Path) -> None:
    levels, _ = okx_tree(size)
    path = tmp_path / "tree.txt"
    text = okx_v2.text(levels)
    changed = changed_lines(text)
    assert len(changed) > 300
    for other in changed:
        path.write_text(other)
        with pytest.raises(REFUSED):
            published.okx_v2.verify(path, **okx_root(levels))


def test_okx_v2_every_change_of_a_customer_is_refused(tmp_path: Path) -> None:
    levels, users = okx_tree(9)
    path = tmp_path / "tree.txt"
    path.write_text(okx_v2.text(levels))
    user = max(users, key=lambda user: len(user["nodes"]))
    assert len(user["nodes"]) > 1

    def free(at: Place, what: object) -> bool:
        # The order of a customer's leaves says nothing.
        return at == ("nodes",) and isinstance(what, tuple) and what[0] == "swapped"

    def verify(text: str) -> object:
        return published.okx_v2.verify_account(path, text, **okx_root(levels))

    verify(json.dumps(user))
    assert check_mutations(user, verify, free) > 100
    stranger = okx_v2.user_file("stranger", [(Decimal(0),) * 3])
    assert reason(lambda: verify(json.dumps(stranger))) is ts.Reason.NOT_INCLUDED


def test_okx_v2_negative_amounts_are_refused(tmp_path: Path) -> None:
    parts = [(Decimal(100), Decimal(0), Decimal(0)), (Decimal(-90), Decimal(0), Decimal(0))]
    users = [okx_v2.user_file(str(at), [part]) for at, part in enumerate(parts)]
    leaves = [okx_v2.leaf(str(user["hash"]), part) for user, part in zip(users, parts, strict=True)]
    levels = OKX.levels(leaves)
    path = tmp_path / "tree.txt"
    path.write_text(okx_v2.text(levels))
    assert okx_v2.accepts(path.read_text(), users[0], levels[-1][0].sums)
    refusal = reason(lambda: published.okx_v2.verify(path, **okx_root(levels)))
    assert refusal is ts.Reason.AMOUNT_OUT_OF_RANGE


# Armanino and Gate


def armanino_leaves(size: int) -> list[str]:
    return [armanino.joined_leaf(f"user{at}", [f"{at}.00000000", "1.5"]) for at in range(size)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_armanino_every_leaf_is_verified(size: int, end: str, tmp_path: Path) -> None:
    leaves = armanino_leaves(size)
    root = armanino.levels(leaves)[-1][0]
    path = tmp_path / "tree.txt"
    path.write_text(armanino.text(leaves, end), newline="")
    result = published.armanino.verify(path, root=root)
    assert (result.leaves, result.totals, result.sound) == (size, None, False)
    for at in range(size):
        own = published.armanino.joined_leaf(f"user{at}", [f"{at}.00000000", "1.5"])
        assert published.armanino.verify_account(path, own, root=root.hex()).root == root
    stranger = published.armanino.joined_leaf("stranger", ["1"])
    refusal = reason(lambda: published.armanino.verify_account(path, stranger, root=root))
    assert refusal is ts.Reason.NOT_INCLUDED


@pytest.mark.parametrize("size", [1, 2, 5])
def test_armanino_every_change_is_refused(size: int, tmp_path: Path) -> None:
    leaves = armanino_leaves(size)
    root = armanino.levels(leaves)[-1][0]
    path = tmp_path / "tree.txt"
    for other in changed_lines(armanino.text(leaves, "\n")):
        path.write_text(other)
        with pytest.raises(REFUSED):
            published.armanino.verify(path, root=root)
    path.write_text(armanino.text(leaves) + "\n")
    with pytest.raises(ts.DecodeError):
        published.armanino.verify(path, root=root)


def test_armanino_leaves() -> None:
    named = published.armanino.named_leaf
    for given, hashed in (("1.50", "1.5"), ("1", "1.0"), ("1.000", "1.0"), ("0.10", "0.1"), ("0", "0.0")):
        assert named("u", {"BTC": given, "ETH": "2.5"}) == armanino.named_leaf(
            "u", {"BTC": hashed, "ETH": "2.5"}
        )
    assert named("u", {"BTC": "1.0"}, point_zero=False) == armanino.named_leaf("u", {"BTC": "1"})
    for amount in ("-1", "1e5", "", "+1", " 1", "\u0661", "1.", ".5", "01"):
        with pytest.raises(ValueError, match="amounts"):
            named("u", {"BTC": amount})
        with pytest.raises(ValueError, match="amounts"):
            published.armanino.joined_leaf("u", [amount])
    with pytest.raises(TypeError):
        named("u", {"BTC": 1.5})
    with pytest.raises(TypeError):
        published.armanino.joined_leaf("u", "1")
    with pytest.raises(ValueError, match="uid"):
        named("", {"BTC": "1"})
    # A leaf that is there twice is nobody's.


def test_armanino_a_leaf_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    leaves = [*armanino_leaves(3), armanino_leaves(1)[0]]
    path = tmp_path / "tree.txt"
    path.write_text(armanino.text(leaves), newline="")
    root = armanino.levels(leaves)[-1][0]
    published.armanino.verify(path, root=root)
    refusal = reason(lambda: published.armanino.verify_account(path, leaves[0], root=root))
    assert refusal is ts.Reason.NOT_INCLUDED


# Binance 2022


def binance_files(size: int, width: int, folder: Path) -> tuple[list[Path], str, list[str]]:
    leaves = [binance2022.leaf(f"u{at}", f"BTC={at}.0000", "5a17") for at in range(size)]
    texts, root = binance2022.files(leaves, width)
    paths = [folder / f"tree-level{level}.csv" for level in range(1, len(texts) + 1)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths, root, leaves


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("width", [2, 4])
def test_binance_every_leaf_is_verified(size: int, width: int, tmp_path: Path) -> None:
    paths, root, leaves = binance_files(size, width, tmp_path)
    result = published.binance2022.verify(paths, root=root, width=width)
    assert (result.leaves, result.totals, result.sound) == (size, None, False)
    for at, leaf in enumerate(leaves):
        own = published.binance2022.leaf(f"u{at}", f"BTC={at}.0000", salt="5a17")
        assert own == leaf
        assert published.binance2022.verify_account(paths, own, root=root, width=width).root.hex() == root
    refusal = reason(lambda: published.binance2022.verify_account(paths, "0" * 64, root=root, width=width))
    assert refusal is ts.Reason.NOT_INCLUDED


@pytest.mark.parametrize(("size", "width"), [(2, 2), (5, 2), (7, 4)])
def test_binance_every_change_is_refused(size: int, width: int, tmp_path: Path) -> None:
    paths, root, _ = binance_files(size, width, tmp_path)
    for path in paths:
        text = path.read_text()
        for other in changed_lines(text):
            path.write_text(other)
            with pytest.raises(REFUSED):
                published.binance2022.verify(paths, root=root, width=width)
        path.write_text(text)
    published.binance2022.verify(paths, root=root, width=width)
    with pytest.raises(REFUSED):
        published.binance2022.verify(paths[1:] or [*paths, paths[0]], root=root, width=width)
    with pytest.raises(REFUSED):
        published.binance2022.verify([*paths, paths[-1]], root=root, width=width)
    with pytest.raises(ts.RootMismatch):
        published.binance2022.verify(paths, root=bytes(32), width=width)


# SwissBorg


def swissborg_case() -> tuple[dict, dict, dict[str, str], dict[str, Decimal]]:
    rng = random.Random(7)
    roots, liabilities, held = {}, [], {}
    for currency, depth in (("BTC", 1), ("CHF", 2), ("eur", 3)):
        size = 1 << depth
        leaves = []
        for at in range(size):
            own = at in (0, size - 1)
            credential, user = ("cred", "me") if own else (f"c{at}", f"u{at}")
            amount = Decimal(rng.randrange(10**24)) / 10**18
            leaves.append(swissborg.leaf(credential, "A1", currency, at, user=user, amount=amount))
        tree = swissborg.levels(leaves)
        name = f"A1-{currency}"
        roots[name] = (currency, tree[-1][0])
        if currency != "BTC":
            liabilities += [swissborg.liability(name, tree, at) for at in (0, size - 1)]
            held[currency] = leaves[0].amount + leaves[-1].amount
    digest = swissborg.commitment(roots)
    trusted = {"root": digest, "audit_id": "A1", "user_id": "me", "credential": "cred"}
    return swissborg.roots_file("A1", roots), swissborg.user_file("A1", "me", liabilities), trusted, held


def test_swissborg_a_customer_is_verified() -> None:
    roots, document, trusted, held = swissborg_case()
    assert swissborg.accepts(roots, document, "cred") == held
    verify = published.swissborg.verify
    result = verify(json.dumps(roots), json.dumps(document), **trusted, expected=held)
    assert result.balances == held
    assert set(result.totals) == set(held)
    assert not result.sound
    for change in ({"audit_id": "A2"}, {"user_id": "you"}):
        refusal = reason(
            lambda change=change: verify(json.dumps(roots), json.dumps(document), **{**trusted, **change})
        )
        assert refusal is ts.Reason.LEAF_MISMATCH
    for change in ({"credential": "other"}, {"root": bytes(32)}):
        with pytest.raises(ts.RootMismatch):
            verify(json.dumps(roots), json.dumps(document), **{**trusted, **change})
    refusal = reason(
        lambda: verify(json.dumps(roots), json.dumps(document), **trusted, expected={"CHF": "1"})
    )
    assert refusal is ts.Reason.UNEXPECTED_BALANCE


def test_swissborg_every_change_is_refused() -> None:
    roots, document, trusted, _ = swissborg_case()
    texts = json.dumps(roots), json.dumps(document)
    verify = published.swissborg.verify

    def unhashed(at: Place, what: object) -> bool:
        # The order of partitions and of liabilities says nothing, and a liability may be left out; the time
        # and the nonce that a file states are in no hash.
        if what in (("without", "time"), ("without", "nonce")) or at[-1:] in (("time",), ("nonce",)):
            return True
        # Nor is a currency's name, but in the leaves of it.
        if at == ("audit", "partitions", 0, "currency"):
            return True
        moved = isinstance(what, tuple) and what[0] == "swapped"
        left_out = isinstance(what, tuple) and what[0] == "without"
        return (at[-1:] == ("partitions",) and moved) or (at == ("liabilities",) and (moved or left_out))

    assert check_mutations(roots, lambda text: verify(text, texts[1], **trusted), unhashed) > 100
    assert check_mutations(document, lambda text: verify(texts[0], text, **trusted), unhashed) > 300


# All


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    root = "0" * 64
    calls = [
        lambda path: published.okx_v2.verify(path, root=root, totals={}),
        lambda path: published.armanino.verify(path, root=root),
        lambda path: published.binance2022.verify([path], root=root),
    ]
    for call in calls:
        with pytest.raises(FileNotFoundError):
            call(tmp_path / "missing")
        with pytest.raises(IsADirectoryError):
            call(tmp_path)
        for content in (b"", b"\n", b"\xff\n", b"x" * 10_000, b"x\ry\n", b"\0"):
            (tmp_path / "file").write_bytes(content)
            with pytest.raises(ts.DecodeError):
                call(tmp_path / "file")
