"""Audits from Python: what they find, what they refuse, and the report."""

from __future__ import annotations

import dataclasses
import json
import pickle
import random
from pathlib import Path
from typing import Any

import polars
import pyarrow as pa
import pytest
import tallystick as ts
from tallystick import _core, liabilities
from tallystick.liabilities import AuditReport, FindingKind, Snapshot

from tests.audits.samples import ASSETS, HOSTILE, Table, commit, statement_with, table

HELD = table(500)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return commit(HELD, parts=3)


@pytest.fixture
def folder(snapshot: Snapshot, tmp_path: Path) -> Path:
    snapshot.save(tmp_path / "snapshot")
    return tmp_path / "snapshot"


def kinds(report: AuditReport) -> set[str]:
    return {kind.name for kind in report.counts}


def test_kinds_are_those_of_rust() -> None:
    assert _core.liabilities_finding_kinds() == [(kind.name, kind.value) for kind in FindingKind]


def test_an_honest_snapshot_passes(snapshot: Snapshot, folder: Path) -> None:
    opened = liabilities.open(folder)
    for subject in (snapshot, opened, folder, str(folder)):
        report = liabilities.audit(subject, snapshot.statement, table=HELD, id="user")
        report.check()
        assert report.ok
        assert report.findings == ()
        assert (report.customers, report.erased, report.idle) == (500, 0, 0)
        assert report.statement_digest == snapshot.statement.digest
        assert [asset.code for asset in report.assets] == list(ASSETS)
        for asset in report.assets:
            amounts = HELD[asset.code]
            assert asset.total == asset.table_total == asset.stated_total == sum(amounts)
            assert asset.holders == asset.stated_holders == sum(amount > 0 for amount in amounts)
            assert asset.leaves == asset.stated_leaves == sum(asset.histogram or ())
            assert asset.root == asset.stated_root
        holdings = sum(amount > 0 for code in ASSETS for amount in HELD[code])
        assert report.table == liabilities.TableComparison(500, holdings, holdings)
        assert report.folder == (None if subject is snapshot else str(folder))
        assert report.seconds > 0


def test_tables_of_every_form_compare(snapshot: Snapshot) -> None:
    rows = [
        (user, code, amount)
        for code in ASSETS
        for user, amount in zip(HELD["user"], HELD[code], strict=True)
        if amount
    ]
    user, code, amount = zip(*rows, strict=True)
    major = [
        str(number * 10 ** (18 - ASSETS[asset])).zfill(19) for asset, number in zip(code, amount, strict=True)
    ]
    columns = {
        "user": list(user),
        "what": list(code),
        "much": [f"{text[:-18]}.{text[-18:]}" for text in major],
    }
    wide = {name: pa.array([str(cell) for cell in column]) for name, column in HELD.items()}
    forms: list[tuple[Any, dict[str, Any]]] = [
        (pa.table(wide), {}),
        (polars.DataFrame({name: [str(cell) for cell in column] for name, column in HELD.items()}), {}),
        (columns, {"asset": "what", "amount": "much", "unit": "major", "assets": dict.fromkeys(ASSETS, 18)}),
    ]
    for form, options in forms[:2]:
        liabilities.audit(snapshot, snapshot.statement, table=form, id="user", **options).check()
    report = liabilities.audit(snapshot, snapshot.statement, table=forms[2][0], id="user", **forms[2][1])
    assert kinds(report) == {"TABLE_DECIMALS", "OTHER_AMOUNT"}
    only = liabilities.audit(snapshot, snapshot.statement, table=HELD, id="user", assets=["BTC", "EUR"])
    assert report.table is not None
    assert kinds(only) == {"TABLE_ASSET"}
    assert only.findings[0].code == "ETH"


def test_groups_are_compared_each_for_itself() -> None:
    held = {"user": ["a", "a", "b"], "BTC": [1, 2, 3], "entity": ["EU", "US", "EU"]}
    snapshot = commit(held, assets={"BTC": 8}, group="entity")
    liabilities.audit(snapshot, snapshot.statement, table=held, id="user", group="entity").check()
    other = held | {"entity": ["EU", "US", "US"]}
    report = liabilities.audit(snapshot, snapshot.statement, table=other, id="user", group="entity")
    found = {(finding.kind.name, finding.group, finding.user_id) for finding in report.findings}
    assert found == {("EXTRA_HOLDING", "EU", b"b"), ("MISSING_HOLDING", "US", b"b")}


def test_one_bit_anywhere_is_found(snapshot: Snapshot, folder: Path) -> None:
    draw = random.Random(3)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) == 4 + 2 * len(ASSETS)
    for path in files:
        content = path.read_bytes()
        for bit in draw.sample(range(8 * len(content)), 12):
            changed = bytearray(content)
            changed[bit // 8] ^= 1 << bit % 8
            path.write_bytes(changed)
            report = liabilities.audit(folder, snapshot.statement)
            assert not report.ok, f"bit {bit} of {path.name}"
            with pytest.raises(ts.AuditError) as raised:
                report.check()
            assert raised.value.report is report
            assert report.findings[0].kind.name in str(raised.value)
        path.write_bytes(content)
    liabilities.audit(folder, snapshot.statement).check()


def test_damaged_folders_are_findings_not_errors(snapshot: Snapshot, folder: Path, tmp_path: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for changed in (None, b"", content[:-1], content + b"\0"):
                path.unlink()
                if changed is not None:
                    path.write_bytes(changed)
                report = liabilities.audit(folder, snapshot.statement, table=HELD, id="user")
                assert not report.ok
                path.write_bytes(content)
    (folder / "notes.txt").touch()
    (folder / "trees" / "0000.tally").unlink()
    report = liabilities.audit(folder, snapshot.statement)
    assert kinds(report) == {"UNKNOWN_FILE", "MISSING_FILE"}
    assert {finding.file for finding in report.findings} == {"notes.txt", "trees/0000.tally"}
    assert (report.assets[0].leaves, report.assets[0].findings, report.assets[1].findings) == (None, 1, 0)
    for form in (report.to_json(), report.to_html()):
        assert "notes.txt" in form
    empty = liabilities.audit(tmp_path, snapshot.statement)
    assert kinds(empty) == {"MISSING_FILE", "UNKNOWN_FILE"}


def test_lies_of_a_statement_are_found(snapshot: Snapshot, folder: Path) -> None:
    honest = snapshot.statement
    heads = dict(honest.groups)
    btc = heads["BTC", ""]

    def with_btc(*parts: Any) -> ts.liabilities.Statement:  # type: ignore[name-defined]
        return statement_with(honest, assets=heads | {("BTC", ""): liabilities.AssetHead(*parts)})

    lies = {
        "TOTAL": with_btc(btc.decimals, btc.leaves, btc.holders, btc.total - 1, btc.root),
        "HOLDERS": with_btc(btc.decimals, btc.leaves, (btc.holders or 0) - 1, btc.total, btc.root),
        "ROOT": with_btc(btc.decimals, btc.leaves, btc.holders, btc.total, bytes(32)),
        "LEAVES": with_btc(btc.decimals, btc.leaves + 1, btc.holders, btc.total, btc.root),
        "LEAF_DIGEST": statement_with(honest, assets=heads | {("BTC", "X"): btc, ("BTC", ""): btc}),
        "NODE": statement_with(honest, scheme=ts.schemes.native_sum(ts.hashes.SHA256)),
        "OTHER_STATEMENT": statement_with(honest, origin="other.example"),
    }
    for kind, lie in lies.items():
        report = liabilities.audit(snapshot, lie)
        expected = {"OTHER_STATEMENT"} if kind == "LEAF_DIGEST" else {kind, "OTHER_STATEMENT"}
        assert kinds(report) >= expected, kind
        assert not liabilities.audit(folder, lie).ok


def test_the_erased_are_counted_apart(folder: Path) -> None:
    snapshot = liabilities.open(folder)
    snapshot.erase("user-4@example.org")
    left = {name: [cell for row, cell in enumerate(column) if row != 4] for name, column in HELD.items()}
    for subject in (snapshot, folder):
        report = liabilities.audit(subject, snapshot.statement, table=left, id="user")
        report.check()
        assert (report.customers, report.erased) == (500, 1)
        for asset in report.assets:
            assert asset.erased_total == HELD[asset.code][4]
            assert asset.table_total == (asset.total or 0) - (asset.erased_total or 0)
        assert "erased sum" in report.to_html()
    report = liabilities.audit(folder, snapshot.statement, table=HELD, id="user")
    assert [(f.kind.name, f.user_id) for f in report.findings] == [
        ("MISSING_CUSTOMER", b"user-4@example.org")
    ]


def test_nobody_who_holds_nothing_is_missed() -> None:
    held = {"user": ["a", "b"], "BTC": [1, 0], "ETH": [0, 0], "EUR": [0, 0]}
    snapshot = commit(held)
    for other in (held, {name: column[:1] for name, column in held.items()}):
        report = liabilities.audit(snapshot, snapshot.statement, table=other, id="user")
        report.check()
        assert report.idle == 1


def test_what_is_no_audit_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    statement = snapshot.statement
    with pytest.raises(FileNotFoundError):
        liabilities.audit(tmp_path / "nothing", statement)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(NotADirectoryError):
        liabilities.audit(file, statement)
    wrong: list[tuple[type[Exception], tuple[Any, ...], dict[str, Any]]] = [
        (TypeError, (3, statement), {}),
        (TypeError, (snapshot, statement.to_bytes()), {}),
        (TypeError, (snapshot, statement), {"table": HELD}),
        (TypeError, (snapshot, statement), {"table": 3, "id": "user"}),
        (TypeError, (snapshot, statement), {"table": HELD, "id": "user", "assets": "BTC"}),
        (ValueError, (snapshot, statement), {"id": "user"}),
        (ValueError, (snapshot, statement), {"table": HELD, "id": "user", "assets": ["XYZ"]}),
        (ValueError, (snapshot, statement), {"table": HELD, "id": "user", "unit": "cents"}),
        (ValueError, (snapshot, statement), {"table": HELD, "id": "user", "amount": "BTC"}),
    ]
    for error, arguments, options in wrong:
        with pytest.raises(error):
            liabilities.audit(*arguments, **options)
    with pytest.raises(ValueError, match="no column"):
        liabilities.audit(snapshot, statement, table={"user": ["a"]}, id="user")


def differing(held: Table) -> Table:
    other = {name: list(column) for name, column in held.items()}
    other["BTC"] = [amount + 1 for amount in other["BTC"]]
    other["user"][0] = HOSTILE
    return other


def test_json_is_of_one_layout(snapshot: Snapshot) -> None:
    report = liabilities.audit(snapshot, snapshot.statement, table=differing(HELD), id="user")
    read = json.loads(report.to_json())
    assert (read["tallystick"], read["version"], read["ok"]) == ("audit-report", 1, False)
    assert read["counts"] == {"MISSING_CUSTOMER": "1", "UNKNOWN_CUSTOMER": "1", "OTHER_AMOUNT": "499"}
    assert len(read["findings"]) == 2 + 100
    assert read["findings"][0]["id"] == HOSTILE
    total = sum(HELD["ETH"])
    assert read["assets"][1]["counted"]["total"]["minor"] == str(total)
    whole, _, rest = read["assets"][1]["counted"]["total"]["major"].partition(".")
    assert (int(whole + rest), len(rest)) == (total, 18)
    assert (
        read["assets"][2]["counted"]["total"]["major"]
        == f"{sum(HELD['EUR']) // 100}.{sum(HELD['EUR']) % 100:02}"
    )

    def numbers(value: Any) -> list[int]:
        if isinstance(value, dict):
            return [number for each in value.values() for number in numbers(each)]
        if isinstance(value, list):
            return [number for each in value for number in numbers(each)]
        return [value] if isinstance(value, int) and not isinstance(value, bool) else []

    assert max(numbers(read)) <= 255  # decimals, levels and the version: whatever may be large is text
    binary = commit({"user": [b"\xff"], "BTC": [1], "ETH": [0], "EUR": [0]})
    other = liabilities.audit(binary, binary.statement, table=HELD, id="user")
    found = [finding for finding in json.loads(other.to_json())["findings"] if "id_hex" in finding]
    assert found[0]["id_hex"] == "ff"


def test_reports_are_values(snapshot: Snapshot) -> None:
    report = liabilities.audit(snapshot, snapshot.statement, table=differing(HELD), id="user")
    assert pickle.loads(pickle.dumps(report)) == report
    error = ts.AuditError("found", report)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.report) == ("found", report)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.origin = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        report.counts[FindingKind.ROOT] = 1  # type: ignore[index]
    assert repr(report) == "<AuditReport day 1 of exchange.example: 3 trees, 501 findings>"


def test_reports_are_saved_by_their_suffix(snapshot: Snapshot, tmp_path: Path) -> None:
    report = liabilities.audit(snapshot, snapshot.statement)
    for _ in range(2):  # The second time they are replaced.
        report.save(tmp_path / "report.html")
        report.save(str(tmp_path / "report.json"))
    assert (tmp_path / "report.html").read_text("utf-8") == report.to_html()
    assert (tmp_path / "report.json").read_text("utf-8") == report.to_json()
    for name in ("report.pdf", "report", "html", "report.HTML"):
        with pytest.raises(ValueError, match=r"\.html or \.json"):
            report.save(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        report.save(tmp_path / "nowhere" / "report.html")
    (tmp_path / "taken.json").mkdir()
    with pytest.raises(IsADirectoryError):
        report.save(tmp_path / "taken.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json", "taken.json"]
