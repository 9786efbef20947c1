"""The weaknesses that published formats are said to have, shown: what a format's own rule accepts.

Numbers are those of the failures in ``docs/guides/published.md``. Where a reader cannot help it, ours accepts
too: that is why its result is not ``sound``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import tallystick as ts
from tallystick.liabilities import published
from tallystick.liabilities.published import Weakness

from tests.reference.published import (
    armanino,
    binance2022,
    bitget,
    bitmex,
    chains,
    mexc,
    okx_v2,
    swissborg,
)

HUNDRED = (Decimal(100), Decimal(0), Decimal(0))
NOTHING = (Decimal(0),) * 3


def test_1_okx_v1_two_customers_of_100_below_a_total_of_100() -> None:
    alice, bob = chains.okx_leaf("alice", HUNDRED), chains.okx_leaf("bob", HUNDRED)
    root = chains.OKX.parent(alice, bob, HUNDRED)
    for nonce, own, kind, other in (("alice", alice, 1, bob), ("bob", bob, 2, alice)):
        # Each is told that the other has nothing.
        path = [(replace(other, sums=NOTHING), 3 - kind), (root, 3)]
        document = chains.okx_document(nonce, own, kind, path)
        assert chains.accepts(chains.OKX, document, "balances")
        result = published.okx_v1.verify(
            json.dumps(document), root=root.hash, totals=chains.OKX.named(HUNDRED)
        )
        assert (result.balances["BTC"], result.totals["BTC"]) == (100, 100)
        assert Weakness.MAX_INSTEAD_OF_SUM in result.weaknesses


def test_1_okx_v1_eight_customers_of_100_below_a_total_of_100() -> None:
    leaves = [chains.okx_leaf(f"n{at}", HUNDRED) for at in range(8)]
    row = leaves
    rows = [row]
    while len(row) > 1:
        row = [chains.OKX.parent(row[at], row[at + 1], HUNDRED) for at in range(0, len(row), 2)]
        rows.append(row)
    for at in range(8):
        path, index = [], at
        for level in rows[:-1]:
            path.append((replace(level[index ^ 1], sums=NOTHING), 1 + (index ^ 1) % 2))
            index //= 2
        document = chains.okx_document(f"n{at}", leaves[at], 1 + at % 2, [*path, (rows[-1][0], 3)])
        totals = chains.OKX.named(HUNDRED)
        result = published.okx_v1.verify(json.dumps(document), root=rows[-1][0].hash, totals=totals)
        assert result.balances["BTC"] == result.totals["BTC"] == 100


def test_1_bybit_two_customers_of_100_below_a_total_of_100() -> None:
    order = chains.Format(("BTC", "ETH"), (8, 8))
    hundred, nothing = HUNDRED[:2], NOTHING[:2]
    users = "a" * 64, "b" * 64
    leaves = [chains.bybit_leaf(order, user, hundred) for user in users]
    root = order.parent(*leaves, hundred)
    for place, user in enumerate(users):
        told = [leaves[place], leaves[place]]
        told[place ^ 1] = replace(leaves[place ^ 1], sums=nothing)
        document = chains.bybit_file(order, [told, [root]], place, user)
        assert chains.accepts(order, document, "balance")
        trusted = {"root": root.hash, "totals": {"BTC": 100, "ETH": 0}, "coins": {"BTC": 8, "ETH": 8}}
        result = published.bybit.verify(json.dumps(document), **trusted, user_hash=user)
        assert result.balances["BTC"] == result.totals["BTC"] == 100
        assert Weakness.MAX_INSTEAD_OF_SUM in result.weaknesses


def test_1_bitget_two_customers_of_100_below_a_total_of_100() -> None:
    hundred, nothing = {"BTC": Decimal(100)}, {"BTC": Decimal(0)}
    leaves = [bitget.leaf(f"uid{at}", "1", hundred) for at in range(2)]
    root = bitget.parent(*leaves, 1, hundred)
    for place in range(2):
        told = list(leaves)
        told[place ^ 1] = bitget.Node(leaves[place ^ 1].hash, nothing)
        document = bitget.file([told, [root]], place, f"uid{place}", "1")
        assert bitget.accepts(document)
        result = published.bitget.verify(
            json.dumps(document), root=root.hash, totals={"BTC": 100}, encrypt_uid=f"uid{place}"
        )
        assert result.balances == result.totals == hundred
        assert Weakness.MAX_INSTEAD_OF_SUM in result.weaknesses


def test_1_mexc_two_customers_of_100_below_a_total_of_100() -> None:
    hundred = dict(zip(("BTC", "ETH", "USDC", "USDT"), (Decimal(100), *NOTHING), strict=True))
    nothing = dict.fromkeys(hundred, Decimal(0))
    leaves = [mexc.leaf("P", f"{at}", hundred) for at in range(2)]
    root = mexc.parent(*leaves, hundred)
    for place in range(2):
        told = list(leaves)
        told[place ^ 1] = mexc.Node(leaves[place ^ 1].hash, nothing)
        document = mexc.file([told, [root]], place, "P", str(place), empty=False)
        assert mexc.accepts(document)
        trusted = {"root": root.hash, "totals": hundred, "proof_id": "P"}
        result = published.mexc.verify(json.dumps(document), **trusted, account_id=str(place))
        assert result.balances["BTC"] == result.totals["BTC"] == 100
        assert Weakness.MAX_INSTEAD_OF_SUM in result.weaknesses


@pytest.mark.parametrize("sign", [1, -1])
def test_2_a_customer_who_owes_lowers_the_total_where_signs_are_read(sign: int) -> None:
    debt = (Decimal(90 * sign), Decimal(0), Decimal(0))
    levels = chains.OKX.levels([chains.okx_leaf("alice", HUNDRED), chains.okx_leaf("nobody", debt)])
    document = chains.okx_file(levels, 0, "alice")
    assert chains.accepts(chains.OKX, document, "balances")
    trusted = {"root": levels[-1][0].hash, "totals": {"BTC": 100 + 90 * sign, "ETH": 0, "USDT": 0}}
    if sign > 0:
        published.okx_v1.verify(json.dumps(document), **trusted)
        return
    with pytest.raises(ts.InvalidProof) as caught:
        published.okx_v1.verify(json.dumps(document), **trusted)
    assert caught.value.reason is ts.Reason.AMOUNT_OUT_OF_RANGE


def test_4_bitmex_one_leaf_for_two_accounts_where_the_key_is_given_out(tmp_path: Path) -> None:
    nonce = bytes(range(32))
    leaves = [bitmex.leaf(100, nonce, 7, 5_000, 0), bitmex.leaf(1, nonce, 7, 0, 1)]
    levels = bitmex.levels(leaves)
    # The publisher's tool takes the key of the leaf's HMAC as well, and then never looks at the account:
    # whoever has the key finds the leaf theirs.
    key = hashlib.sha256(nonce + bitmex.le64(7) + bitmex.le64(100)).digest()
    found = hashlib.sha256(bytes(byte ^ 0x5C for byte in key.ljust(64, b"\0")))
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key.ljust(64, b"\0")))
    inner.update(bitmex.le64(5_000) + bitmex.le64(0))
    found.update(inner.digest())
    assert found.digest() == leaves[0].hash
    # Here the account is asked for with its nonce, and the leaf is that account's alone.
    path = tmp_path / "file"
    path.write_text(bitmex.text(7, levels))
    trusted = {"root": levels[0][0].hash, "total": 5_000}
    result = published.bitmex.verify_account(path, **trusted, account=100, nonce=nonce)
    assert result.balances == {"BTC": 5_000}
    assert Weakness.SHARED_LEAF in result.weaknesses
    for other in (nonce, key):
        with pytest.raises(ts.InvalidProof):
            published.bitmex.verify_account(path, **trusted, account=424_242, nonce=other)


def test_4_okx_v1_one_leaf_for_two_customers() -> None:
    # Nothing in a leaf is the customer's: two who hold the same are given the same file.
    levels = chains.OKX.levels([chains.okx_leaf("one-of-us", HUNDRED), chains.okx_leaf("other", NOTHING)])
    text = json.dumps(chains.okx_file(levels, 0, "one-of-us"))
    trusted = {"root": levels[-1][0].hash, "totals": {"BTC": 100, "ETH": 0, "USDT": 0}}
    alice = published.okx_v1.verify(text, **trusted, expected={"BTC": 100})
    bob = published.okx_v1.verify(text, **trusted, expected={"BTC": 100})
    assert alice == bob
    assert alice.totals["BTC"] == 100
    assert Weakness.SHARED_LEAF in alice.weaknesses


def test_5_armanino_and_bitget_hashes_are_of_8_bytes() -> None:
    # Two customers of one leaf take 2**32 tries at 8 bytes. At 2 bytes of it, they are found here.
    for leaf, weaknesses in (
        (lambda at: published.armanino.joined_leaf(str(at), ["1"]), published.armanino.WEAKNESSES),
        (lambda at: bitget.leaf(str(at), "1", {"BTC": Decimal(1)}).hash, published.bitget.WEAKNESSES),
    ):
        assert len(leaf(0)) == 16
        fronts: dict[str, int] = {}
        for at in range(5_000):
            if (front := leaf(at)[:4]) in fronts:
                break
            fronts[front] = at
        else:
            pytest.fail("no two of 5,000 have a front of 2 bytes in common")
        assert Weakness.SHORT_HASHES in weaknesses
    assert Weakness.SHORT_HASHES in published.mexc.WEAKNESSES


def test_6_okx_v1_sums_run_together() -> None:
    alice, bob = chains.okx_leaf("alice", HUNDRED), chains.okx_leaf("bob", HUNDRED)
    one = chains.OKX.parent(alice, bob, (Decimal(1), Decimal(11), Decimal(2)))
    other = chains.OKX.parent(alice, bob, (Decimal(11), Decimal(1), Decimal(2)))
    assert one.sums != other.sums
    assert one.hash == other.hash
    assert Weakness.AMBIGUOUS_TEXT in published.okx_v1.WEAKNESSES


def test_6_bybit_does_not_hash_which_coin_an_amount_is_of() -> None:
    user, amounts = "a" * 64, (Decimal(5), Decimal(70))
    as_bitcoin = chains.Format(("BTC", "DOGE"), (8, 8))
    as_doge = chains.Format(("DOGE", "BTC"), (8, 8))
    leaves = [[chains.bybit_leaf(order, user, amounts) for _ in range(2)] for order in (as_bitcoin, as_doge)]
    assert leaves[0] == leaves[1]
    for order in (as_bitcoin, as_doge):
        levels = order.levels([*leaves[0]])
        document = chains.bybit_file(order, levels, 0, user)
        assert chains.accepts(order, document, "balance")
        # Which of the two it is comes from the caller.
        root = levels[-1][0]
        result = published.bybit.verify(
            json.dumps(document),
            root=root.hash,
            totals=dict(zip(order.coins, root.sums, strict=True)),
            coins=dict.fromkeys(order.coins, 8),
            user_hash=user,
        )
        assert result.balances[order.coins[0]] == 5


def test_6_armanino_amounts_run_together() -> None:
    one = published.armanino.joined_leaf("u", ["1", "11", "2"])
    assert one == published.armanino.joined_leaf("u", ["11", "1", "2"])
    assert Weakness.AMBIGUOUS_TEXT in published.armanino.WEAKNESSES


def test_8_armanino_a_leaf_moves_up_beside_nodes(tmp_path: Path) -> None:
    leaves = [published.armanino.joined_leaf(str(at), ["1"]) for at in range(3)]
    levels = armanino.levels(leaves)
    assert [len(node) for node in levels[1]] == [32, 8]
    path = tmp_path / "tree"
    path.write_text(armanino.text(leaves), newline="")
    assert Weakness.LEVELS_CONFUSED in published.armanino.verify(path, root=levels[-1][0]).weaknesses


def test_8_binance_two_lists_of_one_root(tmp_path: Path) -> None:
    leaves = [published.binance2022.leaf(str(at), "BTC=1.0000") for at in range(3)]
    roots = set()
    for place, listed in enumerate((leaves, [*leaves, leaves[2]])):
        texts, root = binance2022.files(listed)
        roots.add(root)
        paths = [tmp_path / f"{place}-{level}" for level in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        # The files are the same: how many customers there are, nobody can tell.
        assert published.binance2022.verify(paths, root=root).leaves == 3
    assert len(roots) == 1
    # A longer list, with a whole node twice, has the same root; that one can be told, and is refused.
    longer = [*(str(at) * 64 for at in range(6)), "4" * 64, "5" * 64]
    texts, root = binance2022.files(longer)
    assert root == binance2022.files(longer[:6])[1]
    paths = [tmp_path / f"longer-{level}" for level in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    with pytest.raises(ts.InvalidProof) as caught:
        published.binance2022.verify(paths, root=root)
    assert caught.value.reason is ts.Reason.DUPLICATE_INDEX
    assert Weakness.LEVELS_CONFUSED in published.binance2022.WEAKNESSES


def test_8_mexc_a_nodes_text_is_a_leafs() -> None:
    held = {coin: Decimal(1) for coin in ("BTC", "ETH", "USDC", "USDT")}
    leaves = [mexc.leaf("P", str(at), held) for at in range(2)]
    node = mexc.parent(*leaves)
    assert mexc.leaf(leaves[0].hash, leaves[1].hash, node.amounts).hash == node.hash
    assert Weakness.LEVELS_CONFUSED in published.mexc.WEAKNESSES


def test_9_bitmex_empty_leaves_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    published.bitmex.write(path, range(5), [7] * 5, block_height=1, split=None)
    _, levels = bitmex.verify(path.read_text())
    assert sum(node.amount == 0 for node in levels[-1]) == 3
    assert Weakness.KNOWN_PADDING in published.bitmex.WEAKNESSES


def test_10_a_proof_shows_what_a_neighbour_has() -> None:
    levels = chains.OKX.levels(
        [chains.okx_leaf("alice", HUNDRED), chains.okx_leaf("bob", (Decimal(7), *NOTHING[1:]))]
    )
    document = chains.okx_file(levels, 0, "alice")
    assert document["path"][0]["balances"]["BTC"] == "7"
    for module in (published.okx_v1, published.okx_v2, published.bybit, published.bitget, published.mexc):
        assert Weakness.NEIGHBOURS_SHOWN in module.WEAKNESSES
    assert Weakness.NEIGHBOURS_SHOWN in published.swissborg.WEAKNESSES


def test_12_a_file_that_names_its_own_root_is_believed_by_its_own_rule() -> None:
    # The total without Bob, made for Alice alone.
    levels = chains.OKX.levels([chains.okx_leaf("alice", HUNDRED), chains.okx_leaf("nobody", NOTHING)])
    document = chains.okx_file(levels, 0, "alice")
    assert chains.accepts(chains.OKX, document, "balances")
    with pytest.raises(ts.RootMismatch):
        published.okx_v1.verify(json.dumps(document), root="1" * 64, totals={"BTC": 100, "ETH": 0, "USDT": 0})


def test_13_okx_v2_nodes_are_never_computed_by_its_own_rule(tmp_path: Path) -> None:
    users = [okx_v2.user_file(str(at), [HUNDRED]) for at in range(4)]
    levels = chains.OKX.levels([okx_v2.leaf(str(user["hash"]), HUNDRED) for user in users])
    trusted = {"root": levels[-1][0].hash, "totals": chains.OKX.named(levels[-1][0].sums)}
    honest = okx_v2.text(levels)
    forged = [list(level) for level in levels]
    forged[1][0] = replace(forged[1][0], hash="f" * 64)
    text = okx_v2.text(forged)
    assert okx_v2.accepts(honest, users[0], levels[-1][0].sums)
    assert okx_v2.accepts(text, users[0], levels[-1][0].sums)
    path = tmp_path / "tree"
    path.write_text(honest)
    assert Weakness.LOOSE_VERIFIER in published.okx_v2.verify(path, **trusted).weaknesses
    path.write_text(text)
    with pytest.raises(ts.InvalidProof, match="height"):
        published.okx_v2.verify(path, **trusted)


def test_1_okx_v2_is_not_helped_by_a_whole_file_of_one_customer(tmp_path: Path) -> None:
    # The publisher shows the whole tree, and sums below a node can be checked there. But a second file, of
    # the same root, shows other sums: Alice is shown the one, Bob the other.
    parts = [HUNDRED, HUNDRED]
    users = [okx_v2.user_file(str(at), [part]) for at, part in enumerate(parts)]
    leaves = [okx_v2.leaf(str(user["hash"]), part) for user, part in zip(users, parts, strict=True)]
    root = chains.OKX.parent(*leaves, HUNDRED)
    for place in range(2):
        told = list(leaves)
        told[place ^ 1] = replace(leaves[place ^ 1], sums=NOTHING)
        path = tmp_path / str(place)
        path.write_text(okx_v2.text([told, [root]]))
        result = published.okx_v2.verify_account(
            path, json.dumps(users[place]), root=root.hash, totals=chains.OKX.named(HUNDRED)
        )
        assert result.balances["BTC"] == result.totals["BTC"] == 100
        assert Weakness.MAX_INSTEAD_OF_SUM in result.weaknesses


def test_13_bitmex_nodes_off_a_customers_path_are_not_looked_at_by_its_own_rule(tmp_path: Path) -> None:
    leaves = [bitmex.leaf(at, bytes(32), 7, 100, at) for at in range(8)]
    levels = bitmex.levels(leaves)
    forged = [list(level) for level in levels]
    forged[3][7] = replace(forged[3][7], amount=1)
    # What the publisher's tool checks for account 0: the nodes above leaf 0.
    for level in range(3):
        assert bitmex.parent(forged[level + 1][0], forged[level + 1][1]) == forged[level][0]
    path = tmp_path / "file"
    path.write_text(bitmex.text(7, forged))
    trusted = {"root": levels[0][0].hash, "total": 800}
    with pytest.raises(ts.InvalidProof, match="node 3 of level 2"):
        published.bitmex.verify_account(path, **trusted, account=0, nonce=bytes(32))
    assert Weakness.LOOSE_VERIFIER in published.bitmex.WEAKNESSES


def test_13_swissborg_a_leaf_that_is_listed_twice_counts_twice_by_its_own_rule() -> None:
    leaves = [
        swissborg.leaf("cred", "A", "BTC", at, user="me", amount=Decimal(amount))
        for at, amount in enumerate((5, 7))
    ]
    tree = swissborg.levels(leaves)
    roots = {"A-BTC": ("BTC", tree[-1][0])}
    entry = swissborg.liability("A-BTC", tree, 0)
    files = swissborg.roots_file("A", roots), swissborg.user_file("A", "me", [entry, entry])
    assert swissborg.accepts(*files, "cred") == {"BTC": 10}
    trusted = {"root": swissborg.commitment(roots), "audit_id": "A", "user_id": "me", "credential": "cred"}
    with pytest.raises(ts.InvalidProof) as caught:
        published.swissborg.verify(*map(json.dumps, files), **trusted)
    assert caught.value.reason is ts.Reason.DUPLICATE_INDEX
    assert Weakness.LOOSE_VERIFIER in published.swissborg.WEAKNESSES


def test_sums_of_both_children_stop_the_larger_instead_of_the_sum(tmp_path: Path) -> None:
    # BitMEX and SwissBorg hash each child's amount: a cheat has to choose one for all.
    leaves = [bitmex.leaf(at, bytes(32), 7, 100, at) for at in range(2)]
    nothing = replace(leaves[1], amount=0)
    root = replace(bitmex.parent(leaves[0], nothing), amount=100)
    path = tmp_path / "file"
    for told, holds in (([leaves[0], nothing], True), (leaves, False)):
        path.write_text(bitmex.text(7, [[root], told]))
        if holds:
            published.bitmex.verify(path, root=root.hash, total=100)
        else:
            with pytest.raises(ts.InvalidProof):
                published.bitmex.verify(path, root=root.hash, total=100)
    for module in (published.bitmex, published.swissborg):
        assert Weakness.MAX_INSTEAD_OF_SUM not in module.WEAKNESSES


def test_no_format_is_sound_and_each_says_why() -> None:
    for name in published.__all__:
        module = getattr(published, name)
        if not hasattr(module, "WEAKNESSES"):
            continue
        numbers = [weakness.number for weakness in module.WEAKNESSES]
        assert numbers == sorted(set(numbers))
        assert {11, 12} <= set(numbers)
    assert [weakness.number for weakness in Weakness] == list(range(1, 16))
    assert len({weakness.text for weakness in Weakness}) == 15
