"""The auditor against files of the twin: what follows the specification passes, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tallystick import liabilities
from tallystick.liabilities import AuditReport, Statement

from tests.reference import codec, sums, tree_file
from tests.reference.liabilities import Asset, Holding, commit, context, customer_key
from tests.reference.liabilities_objects import Statement as TwinStatement
from tests.reference.schemes import NATIVE_SUM, SUM_SCHEMES, Scheme, le, lp

SECRET = bytes(range(32))
DECIMALS: dict[Asset, int] = {("BTC", ""): 8, ("USD", "EU"): 2, ("USD", "US"): 2}


class Files(NamedTuple):
    """A snapshot as the bytes of its files."""

    statement: TwinStatement
    content: dict[str, bytes]

    def audit(self, folder: Path) -> AuditReport:
        (folder / "trees").mkdir(parents=True, exist_ok=True)
        for name, content in self.content.items():
            (folder / name).write_bytes(content)
        return liabilities.audit(folder, Statement.from_bytes(codec.encode(self.statement)))


def sum_tree_file(scheme: Scheme, leaves: list[sums.SumNode], root: bytes) -> bytes:
    """The tree file of fewer than 4,096 leaves: the full nodes of each level, one behind the other."""
    records, row = [], leaves
    while row:
        records += [node.digest + le(node.sum, 16) for node in row]
        row = [sums.node(scheme, *row[place : place + 2]) for place in range(0, len(row) - 1, 2)]
    data = b"".join(records)
    pages = tree_file.page_sums(data)
    begin = -(-(154 + len(codec.encode(scheme))) // 64) * 64
    lengths = [le(begin + len(data) + len(pages), 8), le(0, 8), le(len(leaves), 8)]
    header = b"tlyf\x01\0\0\0" + b"".join(lengths) + lp(codec.encode(scheme)) + root
    header += le(begin + len(data), 8) + tree_file.blake3(pages)
    header += tree_file.blake3(header)
    return header.ljust(begin, b"\0") + data + pages


def files(holdings: list[Holding], scheme: Scheme) -> Files:
    """A snapshot of these holdings, from the page of the specification alone."""
    users = list(dict.fromkeys(holding.user_id for holding in holdings))
    keys = {user: customer_key(SECRET, "day 1", user) for user in users}
    draft = TwinStatement("exchange.example", 0, "day 1", 7, bytes(32), scheme, ())
    made = commit(holdings, keys, DECIMALS, draft)
    content = {
        "statement.bin": codec.encode(made.statement),
        "customers.ids": b"".join(users),
        "customers.ends": b"".join(le(sum(map(len, users[: n + 1])), 8) for n in range(len(users))),
        "customers.keys": b"".join(keys[user] for user in users),
    }
    for number, asset in enumerate(made.statement.assets):
        leaves = made.leaves[asset.code, asset.group]
        about = context("exchange.example", "day 1", (asset.code, asset.group), asset.decimals)
        own = scheme.with_context(about)
        order = sorted((users.index(leaf.user_id), leaf.part, index) for index, leaf in enumerate(leaves))
        lists = [owner for owner, _, _ in order] + [index for _, _, index in order]
        content[f"trees/{number:04}.holdings"] = b"".join(le(one, 4) for one in lists)
        content[f"trees/{number:04}.tally"] = sum_tree_file(own, [leaf.node for leaf in leaves], asset.root)
    return Files(made.statement, content)


amounts = st.integers(1, 9) | st.integers(1, 2**100)
parts = st.lists(amounts, min_size=1, max_size=4).map(tuple)
held = st.dictionaries(
    st.binary(min_size=1, max_size=9),
    st.dictionaries(st.sampled_from(list(DECIMALS)), parts, min_size=1),
    max_size=9,
).map(
    lambda held: [
        Holding(user, *asset, own) for user, assets in held.items() for asset, own in assets.items()
    ]
)
in_one_folder = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@in_one_folder
@given(held, st.sampled_from(SUM_SCHEMES))
def test_what_the_twin_writes_passes(tmp_path: Path, holdings: list[Holding], scheme: Scheme) -> None:
    made = files(holdings, scheme)
    report = made.audit(tmp_path)
    report.check()
    for asset, row in zip(report.assets, made.statement.assets, strict=True):
        assert (asset.total, asset.holders, asset.root) == (row.total, row.holders, row.root)
    assert report.customers == len({holding.user_id for holding in holdings})


@in_one_folder
@given(st.data(), held.filter(bool))
def test_no_byte_of_it_may_change(tmp_path: Path, data: st.DataObject, holdings: list[Holding]) -> None:
    made = files(holdings, Scheme(NATIVE_SUM, "blake3"))
    name = data.draw(st.sampled_from([name for name, content in made.content.items() if content]))
    content = bytearray(made.content[name])
    at, by = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(1, 255))
    content[at] ^= by
    assert not made._replace(content=made.content | {name: bytes(content)}).audit(tmp_path).ok


HOLDINGS = [Holding(b"user-%d" % number, "BTC", "", (number + 1, 5)) for number in range(20)]


@pytest.mark.parametrize("field", ["leaves", "holders", "total", "root"])
def test_no_figure_of_the_statement_may_be_another(tmp_path: Path, field: str) -> None:
    """The operator writes its files to match, as far as they say it."""
    made = files(HOLDINGS, Scheme(NATIVE_SUM, "blake3"))
    btc, *rest = made.statement.assets
    value = getattr(btc, field)
    changed = replace(btc, **{field: bytes(32) if field == "root" else value - 1})
    statement = replace(made.statement, assets=(changed, *rest))
    lie = Files(statement, made.content | {"statement.bin": codec.encode(statement)})
    report = lie.audit(tmp_path)
    expected = "FILE_LENGTH" if field == "leaves" else field.upper()
    assert expected in {kind.name for kind in report.counts}
