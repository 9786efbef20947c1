"""Claims of customers: proven, or InvalidProof whatever their values; of wrong types TypeError."""

from __future__ import annotations

import collections
import types
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import tallystick as ts
from tallystick.liabilities import Receipt, Statement

from tests.reference.liabilities import receipt
from tests.reference.liabilities_samples import snapshot, statement
from tests.support_liabilities import receipt_of, statement_of

TRUSTED = statement_of(statement())
ID = b"customer-3"
OWED = {"BTC": 23, "USD": 142}
RECEIPT = receipt_of(receipt(snapshot(), ID))
ELSEWHERE = Receipt(bytes(32), RECEIPT.assets)
NOTHING = Receipt(TRUSTED.digest, [])
SWAPPED = Receipt(TRUSTED.digest, RECEIPT.assets[::-1])


def refused(given: Receipt, user_id: Any, expected: Any = None, trusted: Statement = TRUSTED) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        trusted.verify(given, user_id, expected)
    return caught.value.reason


def test_what_is_proven() -> None:
    for user_id in (ID, ID.decode(), bytearray(ID), memoryview(ID), np.frombuffer(ID, np.uint8)):
        for expected in (None, OWED, OWED | {"ETH": 0}, OWED | {"": 0, "\ud800": 0, "btc": 0}):
            proven = TRUSTED.verify(RECEIPT, user_id, expected)
            assert proven == OWED
            assert type(proven) is dict
            assert all(type(amount) is int for amount in proven.values())
    assert TRUSTED.verify(RECEIPT, user_id=ID, expected=OWED) == OWED


class Lazy(Mapping[str, int]):
    """A mapping that is no dict."""

    def __getitem__(self, code: str) -> int:
        return OWED[code]

    def __iter__(self) -> Iterator[str]:
        return iter(OWED)

    def __len__(self) -> int:
        return len(OWED)


class Whole:
    """An integer by its index."""

    def __index__(self) -> int:
        return 23


@pytest.mark.parametrize(
    "expected",
    [
        Lazy(),
        types.MappingProxyType(OWED),
        collections.OrderedDict(OWED),
        collections.Counter(OWED),
        {"BTC": np.uint64(23), "USD": np.int8(142 - 256) + np.int16(256)},
        {"BTC": Whole(), "USD": 142},
    ],
)
def test_expectations_of_any_kind(expected: Any) -> None:
    assert TRUSTED.verify(RECEIPT, ID, expected) == OWED


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"BTC": 23},
        {"BTC": 24, "USD": 142},
        {"BTC": 0, "USD": 142},
        {"BTC": -1, "USD": 142},
        {"BTC": 23, "USD": 142 + 2**128},
        {"BTC": 2**200, "USD": 142},
        {"BTC": -(2**200), "USD": 142},
        {"BTC": 10**5000, "USD": 142},
        OWED | {"ETH": 1},
        OWED | {"btc": 23},
        OWED | {"": 1},
        OWED | {"\ud800": 1},
        # Two texts that are the same when their surrogates are replaced.
        OWED | {"\ud800": 1} | {chr(0xDFFF): 0},
        OWED | {"\ufffd": 1} | {chr(0xDFFE): 0},
        OWED | {"x" * 10_000: 7},
    ],
    ids=lambda value: str(len(value)),
)
def test_other_balances_are_refused(expected: Any) -> None:
    assert refused(RECEIPT, ID, expected) is ts.Reason.UNEXPECTED_BALANCE
    assert refused(RECEIPT, ID, types.MappingProxyType(expected)) is ts.Reason.UNEXPECTED_BALANCE


NOBODY: list[Any] = [b"", "", "\ud800", "customer-3\udfff", b"i" * 65_536, "i" * 65_536, bytes(10**7)]


@pytest.mark.parametrize("user_id", NOBODY, ids=lambda value: repr(value)[:20])
def test_ids_that_nobody_has(user_id: Any) -> None:
    assert refused(RECEIPT, user_id) is ts.Reason.MALFORMED_LEAF
    # After what is wrong with the receipt as a whole.
    assert refused(ELSEWHERE, user_id) is ts.Reason.OTHER_STATEMENT
    assert refused(NOTHING, user_id) is ts.Reason.EMPTY_CLAIM
    assert refused(SWAPPED, user_id) is ts.Reason.ASSET_ORDER
    # Before what is expected.
    assert refused(RECEIPT, user_id, {}) is ts.Reason.MALFORMED_LEAF


def test_a_refusal_says_what_is_wrong_with_an_id() -> None:
    with pytest.raises(ts.InvalidProof, match="surrogates"):
        TRUSTED.verify(RECEIPT, "\ud800")
    with pytest.raises(ts.InvalidProof, match="0 bytes"):
        TRUSTED.verify(RECEIPT, "")


@pytest.mark.parametrize(
    "user_id", ["customer-4", "Customer-3", "customer-3 ", b"customer-3\x00", "i" * 65_535]
)
def test_ids_of_others(user_id: Any) -> None:
    assert refused(RECEIPT, user_id) is ts.Reason.ROOT_MISMATCH
    with pytest.raises(ts.RootMismatch):
        TRUSTED.verify(RECEIPT, user_id)


def test_text_is_not_normalised() -> None:
    composed, split = "kundin-\u00e4", "kundin-a\u0308"
    own = receipt_of(receipt(snapshot(), composed.encode()))
    assert TRUSTED.verify(own, composed) == {"BTC": 3}
    assert refused(own, split) is ts.Reason.ROOT_MISMATCH


@pytest.mark.parametrize(
    "given", [None, b"", RECEIPT.to_bytes(), RECEIPT.to_json(), TRUSTED, TRUSTED.head("BTC"), {}]
)
def test_a_receipt_of_another_class(given: Any) -> None:
    with pytest.raises(TypeError):
        TRUSTED.verify(given, ID)


@pytest.mark.parametrize(
    "user_id", [None, 3, True, 3.0, ["customer-3"], np.str_, np.uint64(3), object()], ids=repr
)
def test_an_id_of_another_type(user_id: Any) -> None:
    for given in (RECEIPT, ELSEWHERE):
        with pytest.raises(TypeError):
            TRUSTED.verify(given, user_id)


@pytest.mark.parametrize(
    "expected",
    [
        [],
        [("BTC", 23)],
        "BTC",
        5,
        OWED.items(),
        *(
            {"BTC": wrong}
            for wrong in (True, False, 23.0, "23", None, Decimal(23), b"23", [23], np.float64(23))
        ),
        *({wrong: 23} for wrong in (b"BTC", 5, None, ("BTC", ""))),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_expectations_of_other_types(expected: Any) -> None:
    for given in (RECEIPT, ELSEWHERE):
        with pytest.raises(TypeError):
            TRUSTED.verify(given, ID, expected)


class Failing(Mapping[str, int]):
    """A mapping that cannot be read."""

    def __getitem__(self, code: str) -> int:
        raise RuntimeError("no connection")

    def __iter__(self) -> Iterator[str]:
        return iter(OWED)

    def __len__(self) -> int:
        return 2


def test_what_a_mapping_raises_passes_through() -> None:
    with pytest.raises(RuntimeError, match="no connection"):
        TRUSTED.verify(RECEIPT, ID, Failing())


def test_other_claims_are_type_errors() -> None:
    for arguments in ((), (RECEIPT,), (RECEIPT, ID, None, None)):
        with pytest.raises(TypeError):
            TRUSTED.verify(*arguments)
