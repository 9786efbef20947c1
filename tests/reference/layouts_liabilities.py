"""The fields of statements and receipts, once for all three forms, and what a statement must hold."""

from __future__ import annotations

import re
from itertools import pairwise

from tests.reference.layouts import Kind, Layout, Values
from tests.reference.liabilities_objects import (
    NOT_STATED,
    Equivocation,
    Receipt,
    ReceiptAsset,
    ReceiptPart,
    Statement,
    StatementAsset,
)
from tests.reference.objects import SumInclusionProof
from tests.reference.reader import DecodeError
from tests.reference.schemes import KIND_SUM

MAX_TEXT = 255  # bytes
CODE = re.compile("[A-Z0-9.-]{1,16}")


def _check(right: bool, what: str) -> None:
    if not right:
        raise DecodeError(what)


def _code(code: str) -> None:
    _check(CODE.fullmatch(code) is not None, f"not a code: {code!r}")


def _text(text: str, least: int) -> None:
    _check(least <= len(text.encode("utf-8")) <= MAX_TEXT, f"a text of another length: {text[:20]!r}")


def _statement_asset(values: Values) -> StatementAsset:
    asset = StatementAsset(**values)
    _code(asset.code)
    _text(asset.group, 0)
    _check(asset.leaves <= asset.total, "a leaf holds at least 1")
    _check((asset.leaves == 0) == (asset.total == 0), "a total without leaves")
    if asset.holders != NOT_STATED:
        _check(asset.holders <= asset.leaves, "a holder has at least one leaf")
        _check((asset.holders == 0) == (asset.leaves == 0), "leaves without holders")
    return asset


def _statement(values: Values) -> Statement:
    made = Statement(**values)
    _text(made.origin, 1)
    _text(made.snapshot_id, 1)
    _check(
        (made.sequence == 0) == (not any(made.previous)), "previous is zeros exactly in the first statement"
    )
    _check(made.scheme.kind == KIND_SUM, f"a scheme of kind {made.scheme.kind}")
    _check(made.scheme.digest_size == 32, "a scheme whose digests are not of 32 bytes")
    _check(made.scheme.context == b"", "a scheme with a context")
    for left, right in pairwise(made.assets):
        _check((left.code, left.group) < (right.code, right.group), "assets that do not ascend")
        _check(left.code != right.code or left.decimals == right.decimals, "two decimals of one code")
    return made


def _receipt_asset(values: Values) -> ReceiptAsset:
    _code(values["code"])
    _text(values["group"], 0)
    return ReceiptAsset(**values)


ITEMS: dict[type, Layout] = {
    StatementAsset: Layout(
        "",
        b"",
        (
            ("code", Kind.NAME),
            ("group", Kind.TEXT),
            ("decimals", Kind.SMALL),
            ("leaves", Kind.NUMBER),
            ("holders", Kind.NUMBER),
            ("total", Kind.TOTAL),
            ("root", Kind.HASH),
        ),
        vars,
        _statement_asset,
    ),
    ReceiptAsset: Layout(
        "",
        b"",
        (("code", Kind.NAME), ("group", Kind.TEXT), ("parts", Kind.ITEMS)),
        vars,
        _receipt_asset,
        {"parts": ReceiptPart},
    ),
    ReceiptPart: Layout(
        "",
        b"",
        (("index", Kind.NUMBER), ("amount", Kind.AMOUNT), ("salt", Kind.SALT), ("proof", Kind.OBJECT)),
        vars,
        lambda values: ReceiptPart(**values),
        {"proof": SumInclusionProof},
    ),
}
LIABILITY_LAYOUTS: dict[type, Layout] = {
    Statement: Layout(
        "statement",
        b"tlyt",
        (
            ("origin", Kind.TEXT),
            ("sequence", Kind.NUMBER),
            ("snapshot_id", Kind.TEXT),
            ("time", Kind.NUMBER),
            ("previous", Kind.HASH),
            ("scheme", Kind.SCHEME),
            ("assets", Kind.ITEMS),
        ),
        vars,
        _statement,
        {"assets": StatementAsset},
    ),
    Receipt: Layout(
        "receipt",
        b"tlyp",
        (("statement", Kind.HASH), ("assets", Kind.ITEMS)),
        vars,
        lambda values: Receipt(**values),
        {"assets": ReceiptAsset},
    ),
    Equivocation: Layout(
        "equivocation",
        b"tlye",
        (("first", Kind.BYTES), ("second", Kind.BYTES)),
        vars,
        lambda values: Equivocation(**values),
    ),
}
