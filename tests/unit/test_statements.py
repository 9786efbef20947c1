"""Statements and the heads in them: their parts, what is refused, and that nobody changes one."""

from __future__ import annotations

import copy
import pickle
import types
from typing import Any

import pytest
import tallystick as ts
from tallystick.liabilities import AssetHead, Receipt, ReceiptAsset, ReceiptPart, Statement

from tests.reference import codec
from tests.reference.liabilities import asset_head, digest
from tests.reference.liabilities_samples import SHA256, snapshot, statement, without_assets
from tests.support import scheme_of
from tests.support_liabilities import statement_of

ROOT = bytes(range(32))
HEAD = AssetHead(8, 3, 2, 150, ROOT)
PARTS: dict[str, Any] = {
    "origin": "exchange.example",
    "sequence": 0,
    "snapshot_id": "2026-01-01",
    "time": 1_767_225_600,
    "assets": {"BTC": HEAD, ("EUR", "CH"): AssetHead(2, 0, 0, 0, ROOT)},
}


def made(**changed: Any) -> Statement:
    return Statement(**PARTS | changed)


def test_the_parts() -> None:
    own = made()
    assert (own.origin, own.sequence, own.snapshot_id, own.time) == tuple(PARTS.values())[:4]
    assert own.previous == bytes(32)
    assert own.scheme == ts.schemes.NATIVE_SUM
    assert dict(own.assets) == {"BTC": HEAD}
    assert list(own.groups) == [("BTC", ""), ("EUR", "CH")]
    assert own.groups["BTC", ""] == HEAD
    assert own.signatures == ()
    assert (HEAD.decimals, HEAD.leaves, HEAD.holders, HEAD.total, HEAD.root) == (8, 3, 2, 150, ROOT)
    assert made(assets={}).assets == {}
    assert made(previous=bytes(32)) == own


@pytest.mark.parametrize("twin", [statement(), statement(1), without_assets(), snapshot(0, SHA256).statement])
def test_as_the_twin_has_them(twin: Any) -> None:
    own = statement_of(twin)
    assert own.to_bytes() == codec.encode(twin)
    assert own.digest == digest(twin)
    for row in twin.assets:
        expected = asset_head(twin, row)
        head = own.head(row.code, row.group)
        assert head == ts.SumHead(scheme_of(expected.scheme), expected.size, expected.root, expected.total)
        assert own.groups[row.code, row.group].holders == row.holders
    assert list(own.groups) == [(row.code, row.group) for row in twin.assets]
    assert list(own.assets) == [row.code for row in twin.assets if not row.group]


def test_the_order_of_the_mapping_is_nothing() -> None:
    pairs = list(made().groups.items())
    assert made(assets=dict(pairs[::-1])) == made()
    assert made(assets=types.MappingProxyType(dict(pairs))) == made()


def test_a_head_that_is_not_listed() -> None:
    for names in (("ETH",), ("EUR",), ("BTC", "CH"), ("",), ("btc",), ("BTC", "\u00e4")):
        with pytest.raises(KeyError):
            made().head(*names)
    for wrong in ((b"BTC",), (None,), ("BTC", None), ("BTC", 0), ()):
        with pytest.raises(TypeError):
            made().head(*wrong)


TOO_LONG = "x" * 256
BAD_PARTS: list[tuple[str, Any, str]] = [
    *(
        (name, text, name.replace("_", " "))
        for name in ("origin", "snapshot_id")
        for text in (
            "",
            TOO_LONG,
            "\u00e4" * 128,
            "a\nb",
            "a\x00",
            "a\x7f",
            "a\x85b",
            'a"b',
            "a\\b",
            "\ud800",
        )
    ),
    ("sequence", -1, "negative"),
    ("sequence", 1, "previous is zeros exactly"),
    ("time", -1, "negative"),
    ("previous", ROOT, "previous is zeros exactly"),
    ("previous", b"", "32 bytes"),
    ("previous", bytes(33), "32 bytes"),
    ("scheme", ts.schemes.NATIVE_SUM.with_context(b"day 1"), "scheme"),
    *(
        ("assets", {code: HEAD}, "no code")
        for code in ("", "btc", "B C", "B/C", "B,C", "\u0391", "A" * 17, "BTC\n", "\u0661", "_")
    ),
    ("assets", {("BTC", TOO_LONG): HEAD}, "group"),
    ("assets", {("BTC", "a\tb"): HEAD}, "group"),
    ("assets", {("\ud800", ""): HEAD}, "surrogates"),
    ("assets", {("BTC", "\ud800"): HEAD}, "surrogates"),
    ("assets", {"BTC": HEAD, ("BTC", ""): HEAD}, "given twice"),
    ("assets", {"BTC": HEAD, ("BTC", "CH"): AssetHead(7, 3, 2, 150, ROOT)}, "other decimals"),
    ("assets", {("A", str(number)): HEAD for number in range(65_536)}, "65,535"),
]


@pytest.mark.parametrize(("name", "value", "says"), BAD_PARTS, ids=lambda value: repr(value)[:40])
def test_parts_that_do_not_go_together(name: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        made(**{name: value})


@pytest.mark.parametrize("name", ["sequence", "time"])
def test_numbers_that_do_not_fit(name: str) -> None:
    with pytest.raises(OverflowError, match="64"):
        made(**{name: 2**64, "previous": ROOT})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("origin", "snapshot_id") for value in (b"exchange", 5, None)),
        *((name, value) for name in ("sequence", "time") for value in (True, 1.0, "1", None)),
        ("previous", "00" * 32),
        ("previous", 0),
        ("scheme", "native_sum/blake3"),
        ("scheme", ts.schemes.NATIVE),
        *(("assets", value) for value in (None, [], [("BTC", HEAD)], "BTC", 5, HEAD)),
        *(
            ("assets", {name: HEAD})
            for name in (b"BTC", 5, None, ("BTC",), ("BTC", "", ""), ("BTC", None), (5, ""))
        ),
        *(("assets", {"BTC": value}) for value in (None, 5, {}, (8, 3, 2, 150, ROOT), statement())),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_parts_of_other_types(name: str, value: Any) -> None:
    with pytest.raises(TypeError):
        made(**{name: value})


def test_every_part_is_named_and_all_but_two_are_needed() -> None:
    with pytest.raises(TypeError):
        Statement(*PARTS.values())
    for name in PARTS:
        with pytest.raises(TypeError, match=name):
            Statement(**{key: value for key, value in PARTS.items() if key != name})


HEAD_PARTS = (8, 3, 2, 150, ROOT)


@pytest.mark.parametrize(
    "parts",
    [
        (-1, 3, 2, 150, ROOT),
        (256, 3, 2, 150, ROOT),
        (8, 3, 4, 150, ROOT),
        (8, 3, 0, 150, ROOT),
        (8, 3, 2, 2, ROOT),
        (8, 3, 2, 0, ROOT),
        (8, 0, 0, 1, ROOT),
        (8, 0, 1, 0, ROOT),
        (8, 0, None, 1, ROOT),
        (8, 3, None, 2, ROOT),
        (8, -3, 2, 150, ROOT),
        (8, 3, -2, 150, ROOT),
        (8, 3, 2, -150, ROOT),
        (8, 3, 2, 150, ROOT[1:]),
        (8, 2**64 - 1, 2**64 - 1, 2**64, ROOT),
    ],
)
def test_heads_of_no_tree(parts: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        AssetHead(*parts)


@pytest.mark.parametrize("place", range(4))
def test_numbers_of_a_head_that_do_not_fit(place: int) -> None:
    parts: list[Any] = list(HEAD_PARTS)
    parts[place] = 2**128
    with pytest.raises(OverflowError):
        AssetHead(*parts)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("wrong", [True, 1.0, "1", None, [1]], ids=repr)
def test_parts_of_a_head_of_other_types(place: int, wrong: Any) -> None:
    if place == 2 and wrong is None:
        assert AssetHead(8, 3, None, 150, ROOT).holders is None
        return
    parts: list[Any] = list(HEAD_PARTS)
    parts[place] = wrong
    with pytest.raises(TypeError):
        AssetHead(*parts)


PROOF = ts.SumTree([b"a", b"b"], [5, 7]).prove(0)
PART = ReceiptPart(0, 5, bytes(16), PROOF)
ASSET = ReceiptAsset("BTC", "CH", [PART, ReceiptPart(1, 5, bytes(16), PROOF)])
VALUES: dict[str, Any] = {
    "head": HEAD,
    "head without holders": AssetHead(8, 3, None, 150, ROOT),
    "head of other decimals": AssetHead(9, 3, 2, 150, ROOT),
    "head of another root": AssetHead(8, 3, 2, 150, bytes(32)),
    "part": PART,
    "another part": ReceiptPart(0, 6, bytes(16), PROOF),
    "asset": ASSET,
    "another asset": ReceiptAsset("BTC", "", ASSET.parts),
    "receipt": Receipt(ROOT, [ASSET]),
    "another receipt": Receipt(bytes(32), [ASSET]),
    "statement": made(),
    "another statement": made(time=0),
}


def test_values() -> None:
    for name, value in VALUES.items():
        again = [copy.copy(value), copy.deepcopy(value)]
        again += [pickle.loads(pickle.dumps(value, number)) for number in range(pickle.HIGHEST_PROTOCOL + 1)]
        for one in again:
            assert one == value, name
            assert hash(one) == hash(value), name
            assert repr(one) == repr(value), name
        assert b"_core" not in pickle.dumps(value, 2)
        with pytest.raises(AttributeError):
            value.anything = 1
        for attribute in (key for key in dir(type(value)) if not key.startswith("_")):
            with pytest.raises(AttributeError):
                setattr(value, attribute, None)
        with pytest.raises(TypeError, match="not an acceptable base type"):
            type("Sub", (type(value),), {})
        for other in (None, 0, b"", "", (), object()):
            assert value != other
    assert len(set(VALUES.values())) == len(VALUES)


def test_mappings_are_read_only() -> None:
    own = made()
    for mapping in (own.assets, own.groups):
        with pytest.raises(TypeError):
            mapping["BTC"] = HEAD  # type: ignore[index]
        assert not hasattr(mapping, "clear")
    assert own.assets is own.assets


def test_what_a_receipt_shows() -> None:
    receipt = VALUES["receipt"]
    assert receipt.statement == ROOT
    (asset,) = receipt.assets
    assert (asset.code, asset.group, len(asset.parts)) == ("BTC", "CH", 2)
    part = asset.parts[0]
    assert (part.index, part.amount, part.salt, part.proof) == (0, 5, bytes(16), PROOF)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: ReceiptPart(-1, 5, bytes(16), PROOF), ValueError),
        (lambda: ReceiptPart(2**64, 5, bytes(16), PROOF), OverflowError),
        (lambda: ReceiptPart(0, -5, bytes(16), PROOF), ValueError),
        (lambda: ReceiptPart(0, 2**128, bytes(16), PROOF), OverflowError),
        (lambda: ReceiptPart(0, 5, bytes(15), PROOF), ValueError),
        (lambda: ReceiptPart(0, 5.0, bytes(16), PROOF), TypeError),
        (lambda: ReceiptPart(True, 5, bytes(16), PROOF), TypeError),
        (lambda: ReceiptPart(0, 5, "00" * 16, PROOF), TypeError),
        (lambda: ReceiptPart(0, 5, bytes(16), ts.MerkleTree([b"a"]).prove(0)), TypeError),
        (lambda: ReceiptAsset(b"BTC", "", []), TypeError),
        (lambda: ReceiptAsset("BTC", None, []), TypeError),
        (lambda: ReceiptAsset("BTC", "", [ASSET]), TypeError),
        (lambda: ReceiptAsset("BTC", "", PART), TypeError),
        (lambda: ReceiptAsset("\ud800", "", []), ValueError),
        (lambda: Receipt(ROOT[1:], []), ValueError),
        (lambda: Receipt(ROOT.hex(), []), TypeError),
        (lambda: Receipt(ROOT, [PART]), TypeError),
        (lambda: Receipt(ROOT, ASSET), TypeError),
        (lambda: Receipt(ROOT, [ReceiptAsset("btc", "", [])]), ValueError),
        (lambda: Receipt(ROOT, [ReceiptAsset("BTC", "a\nb", [])]), ValueError),
        (lambda: Receipt(ROOT, [ReceiptAsset("BTC", "", [PART] * 65_536)]), ValueError),
        (lambda: Receipt(ROOT, [ReceiptAsset("BTC", "", [])] * 65_536), ValueError),
    ],
)
def test_parts_of_a_receipt_that_are_refused(call: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        call()


@pytest.mark.parametrize("wrong", [5, None, [b"x"], 1.0, object()])
def test_only_text_and_bytes_are_notes(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Statement.from_note(wrong)


def test_a_note_from_any_bytes() -> None:
    note = made().to_note()
    for form in (
        str,
        str.encode,
        lambda text: bytearray(text.encode()),
        lambda text: memoryview(text.encode()),
    ):
        assert Statement.from_note(form(note)) == made()
    for wrong in (note + "\ud800", note.replace("\n", "\r\n"), note.encode()[:-1], b"\xff" + note.encode()):
        with pytest.raises(ts.DecodeError):
            Statement.from_note(wrong)


def test_a_statement_that_has_no_note() -> None:
    heads = {("A", f"{number:0255}"): AssetHead(0, 0, None, 0, ROOT) for number in range(3200)}
    long = made(assets=heads)
    assert Statement.from_bytes(long.to_bytes()) == pickle.loads(pickle.dumps(long)) == long
    for call in (long.to_note, lambda: long.body):
        with pytest.raises(ValueError, match="1,000,000"):
            call()
