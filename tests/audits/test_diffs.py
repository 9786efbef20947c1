"""Differences of snapshots against a difference of dictionaries."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tallystick import liabilities
from tallystick.liabilities import Count, Moved

from tests.audits.samples import commit, table

amounts = st.integers(0, 3) | st.integers(0, 2**100)
balances = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2), st.tuples(amounts, amounts), max_size=20
)
Balances = dict[str, tuple[int, int]]
CODES = ("AAA", "BBB")


def built(held: Balances, day: str, parts: int) -> liabilities.Snapshot:
    columns: dict[str, list[Any]] = {"user": list(held)}
    columns |= {code: [row[place] for row in held.values()] for place, code in enumerate(CODES)}
    return commit(columns, day, assets=dict.fromkeys(CODES, 3), parts=parts)


@settings(max_examples=60, deadline=None)
@given(balances, balances, st.integers(1, 4))
def test_differences_are_those_of_dictionaries(before: Balances, after: Balances, parts: int) -> None:
    report = liabilities.diff(built(before, "1", parts), built(after, "2", 1), keep=None)
    assert report.common == len(before.keys() & after.keys())
    assert (report.added, report.gone) == (
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
    )
    for place, asset in enumerate(report.assets):
        old = {user: row[place] for user, row in before.items() if row[place]}
        new = {user: row[place] for user, row in after.items() if row[place]}
        added = [new[user] for user in new.keys() - old.keys()]
        gone = [old[user] for user in old.keys() - new.keys()]
        changes = [new[user] - old[user] for user in old.keys() & new.keys()]
        more, less = [by for by in changes if by > 0], [-by for by in changes if by < 0]
        same = [old[user] for user in old.keys() & new.keys() if old[user] == new[user]]
        found = (asset.added, asset.gone, asset.more, asset.less, asset.same)
        assert found == tuple(Count(len(list_), sum(list_)) for list_ in (added, gone, more, less, same))
        assert (asset.old_total, asset.new_total) == (sum(old.values()), sum(new.values()))
        moved = {
            (user.encode(), old.get(user, 0), new.get(user, 0))
            for user in old.keys() | new.keys()
            if old.get(user, 0) != new.get(user, 0)
        }
        assert {(own.user_id, own.old, own.new) for own in asset.moved} == moved
        sizes = [abs(own.new - own.old) for own in asset.moved]
        assert sizes == sorted(sizes, reverse=True)


def test_assets_come_and_go() -> None:
    old = commit({"user": ["a"], "BTC": [5]}, "1", assets={"BTC": 8})
    new = commit({"user": ["a"], "ETH": [7]}, "2", assets={"ETH": 18})
    btc, eth = liabilities.diff(old, new).assets
    assert (btc.is_gone, btc.is_new, btc.in_both, btc.decimals) == (True, False, False, 8)
    assert (eth.is_gone, eth.is_new, eth.in_both, eth.decimals) == (False, True, False, 18)
    assert (btc.gone, eth.added) == (Count(1, 5), Count(1, 7))
    page = liabilities.diff(old, new).to_html()
    assert "only before" in page
    assert "only after" in page


def test_the_erased_are_nobody(tmp_path: Path) -> None:
    held = table(40)
    old, new = commit(held, "1"), commit(held, "2")
    old.save(tmp_path / "old")
    new.erase("user-7@example.org")
    report = liabilities.diff(tmp_path / "old", new)
    assert (report.new.erased, report.gone, report.added) == (1, 1, 0)
    asset = report.assets[0]
    amount = held["BTC"][7]
    assert (asset.gone, asset.new_erased, asset.old_erased) == (
        Count(1, amount),
        Count(1, amount),
        Count(0, 0),
    )
    assert asset.moved == (Moved(b"user-7@example.org", amount, 0),)
    assert "erased after" in report.to_html()


def test_only_the_largest_are_listed() -> None:
    held = table(300)
    other = held | {"BTC": [amount + row for row, amount in enumerate(held["BTC"])]}
    old, new = commit(held, "1"), commit(other, "2")
    assert [len(asset.moved) for asset in liabilities.diff(old, new).assets] == [100, 0, 0]
    three = liabilities.diff(old, new, keep=3).assets[0]
    assert [own.new - own.old for own in three.moved] == [299, 298, 297]
    assert three.more == Count(299, sum(range(300)))
    assert liabilities.diff(old, new, keep=0).assets[0].moved == ()
    assert len(liabilities.diff(old, new, keep=10**30).assets[0].moved) == 299


def test_reports_have_both_forms(tmp_path: Path) -> None:
    held = table(30)
    other = held | {"user": ["<b>x</b>", *held["user"][1:]], "EUR": [2**80, *held["EUR"][1:]]}
    report = liabilities.diff(commit(held, "1"), commit(other, "2"))
    read = json.loads(report.to_json())
    assert (read["tallystick"], read["common"], read["added"]) == ("diff-report", "29", "1")
    assert read["assets"][2]["added"]["sum"] == {
        "minor": str(2**80),
        "major": f"{2**80 // 100}.{2**80 % 100:02}",
    }
    assert read["assets"][2]["moved"][0]["id"] == "<b>x</b>"
    page = report.to_html()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>" not in page
    report.save(tmp_path / "changes.html")
    assert (tmp_path / "changes.html").read_text("utf-8") == page
    assert pickle.loads(pickle.dumps(report)) == report
    assert repr(report) == "<DiffReport 1 to 2: 1 customers more, 1 less, 3 trees>"


def test_what_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    snapshot = commit(table(3))
    for wrong in ((3, snapshot), (snapshot, None), (snapshot, snapshot.statement)):
        with pytest.raises(TypeError):
            liabilities.diff(*wrong)  # type: ignore[arg-type]
    for keep, error in ((-1, ValueError), (1.5, TypeError), (True, TypeError), ("3", TypeError)):
        with pytest.raises(error):
            liabilities.diff(snapshot, snapshot, keep=keep)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        liabilities.diff(snapshot, tmp_path / "nothing")
    snapshot.save(tmp_path / "damaged")
    (tmp_path / "damaged" / "customers.keys").write_bytes(b"")
    with pytest.raises(ts.DecodeError):
        liabilities.diff(tmp_path / "damaged", snapshot)
