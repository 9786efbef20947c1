"""Strict reading of what published formats share: JSON, hashes, amounts in plain decimals.

Amounts are integers here: how many of the smallest unit that a format has. They never pass through floats,
nor through a decimal context, which would round.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from tallystick.errors import DecodeError, InvalidProof, Reason, RootMismatch

# What a reader takes in must have some end.
_MOST_BYTES = 16 * 1024 * 1024
_MOST_DIGITS = 60
_AMOUNT = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
_NAME = re.compile(r"[0-9A-Za-z]{1,16}", re.ASCII)

Amounts = dict[str, int]
Expected = Mapping[str, int | str | Decimal]


def sha256(text: str) -> str:
    """Return the hash of ASCII text, as hex digits."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def malformed(what: str) -> NoReturn:
    raise DecodeError(what)


def refuse(reason: Reason, what: str) -> NoReturn:
    raise InvalidProof(what, reason)


def json_object(document: str | bytes, what: str) -> dict[str, Any]:
    """Read the object of a JSON text: every key once, and no number that is not a plain integer."""
    if isinstance(document, bytes):
        try:
            text = document.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DecodeError(f"{what} is not UTF-8: {error}") from None
    elif isinstance(document, str):
        text = document
    else:
        raise TypeError(f"{what} must be str or bytes, not {type(document).__name__}")
    if len(text) > _MOST_BYTES:
        malformed(f"{what} has {len(text)} characters: at most {_MOST_BYTES} are read")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) != len(pairs):
            malformed(f"{what}: a key is there twice")
        return found

    def no_number(number: str) -> NoReturn:
        malformed(f"{what}: {number[:40]} is not a plain integer")

    def integer(number: str) -> int:
        if number.startswith("-") or len(number) > 10:
            malformed(f"{what}: {number[:40]} is not an integer that this format has")
        return int(number)

    try:
        found = json.loads(
            text, object_pairs_hook=once, parse_float=no_number, parse_constant=no_number, parse_int=integer
        )
    except DecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"{what} is not JSON: {error}") from None
    if not isinstance(found, dict):
        malformed(f"{what} is not a JSON object")
    return found


def fields(found: object, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """Read a JSON object with these keys and no others."""
    if not isinstance(found, dict):
        malformed(f"{what} is not an object")
    for key in required:
        if key not in found:
            malformed(f"{what} has no {key!r}")
    if unknown := set(found) - set(required) - set(optional):
        malformed(f"{what} has {min(unknown)[:40]!r}, which this format does not have")
    return found


def items(found: object, what: str, least: int) -> list[Any]:
    """Read a JSON array of at least so many items, and no more than a tree has levels."""
    if not isinstance(found, list):
        malformed(f"{what} is not an array")
    if not least <= len(found) <= 64:
        malformed(f"{what} has {len(found)} items: {least} to 64 are read")
    return found


def text_of(found: object, what: str, pattern: str) -> str:
    """Text of this pattern, ASCII."""
    if not isinstance(found, str) or re.fullmatch(pattern, found, re.ASCII) is None:
        malformed(f"{what} is not text of the form {pattern}")
    return found


def hash_of(found: object, what: str, digits: int = 64) -> str:
    """So many lower-case hex digits."""
    return text_of(found, what, f"[0-9a-f]{{{digits}}}")


def small(found: object, what: str) -> int:
    """Read an integer, such as a level."""
    if type(found) is not int:
        malformed(f"{what} is not an integer")
    return found


def amount_of(found: object, what: str, decimals: int, *, fixed: bool = False) -> int:
    """Read an amount in units of 10**-decimals.

    Without ``fixed`` it has no zeros at the end of its fraction, else all digits.

    A negative amount is refused as a proof: formats have it, and it is how totals are made too low.
    """
    if not isinstance(found, str) or len(found) > _MOST_DIGITS or (match := _AMOUNT.fullmatch(found)) is None:
        malformed(f"{what} is not an amount in plain decimals, as text")
    sign, whole, fraction = match[1], match[2], match[3] or ""
    exact = len(fraction) == decimals if fixed else len(fraction) <= decimals and not fraction.endswith("0")
    if not exact:
        how = "exactly" if fixed else "without zeros at the end, at most"
        malformed(f"{what} has {len(fraction)} decimals: {how} {decimals} are read")
    units = int(whole + fraction.ljust(decimals, "0"))
    if sign:
        if units == 0:
            malformed(f"{what} is a negative zero")
        refuse(Reason.AMOUNT_OUT_OF_RANGE, f"{what} is negative: {found}")
    return units


def amount_text(units: int, decimals: int, *, fixed: bool = False) -> str:
    """As :func:`amount_of` reads it."""
    digits = str(units).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    fraction = fraction if fixed else fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def exact(amounts: Mapping[str, int], decimals: int | Mapping[str, int]) -> dict[str, Decimal]:
    """Units as decimals."""
    return {
        coin: Decimal(amount_text(units, decimals if isinstance(decimals, int) else decimals[coin]))
        for coin, units in amounts.items()
    }


def coin_names(found: Iterable[object], what: str) -> tuple[str, ...]:
    """Codes of coins, each once."""
    names = tuple(found)
    for name in names:
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            malformed(f"{what}: a coin is not named by 1 to 16 letters and digits")
    if not names or len(set(names)) != len(names):
        malformed(f"{what} has no coins, or one twice")
    return tuple(str(name) for name in names)


def trusted_root(root: str | bytes, digits: int = 64) -> str:
    """Read the root that a caller trusts, as hex digits."""
    if isinstance(root, bytes):
        root = root.hex()
    elif not isinstance(root, str):
        raise TypeError(f"root must be bytes or hex digits, not {type(root).__name__}")
    if re.fullmatch(f"[0-9a-f]{{{digits}}}", root, re.ASCII) is None:
        raise ValueError(f"root must have {digits} lower-case hex digits, or be {digits // 2} bytes")
    return root


def trusted_amounts(amounts: Expected, what: str, decimals: Callable[[str], int]) -> Amounts:
    """Amounts that a caller trusts or expects, in units: whole numbers, decimals, or text of them."""
    if not isinstance(amounts, Mapping):
        raise TypeError(f"{what} must be a mapping of coins to amounts, not {type(amounts).__name__}")
    found = {}
    for coin, amount in amounts.items():
        if not isinstance(coin, str):
            raise TypeError(f"{what} must have coins as text, not {type(coin).__name__}")
        if isinstance(amount, bool) or not isinstance(amount, (int, str, Decimal)):
            raise TypeError(f"{what}[{coin!r}] must be int, Decimal or str, not {type(amount).__name__}")
        if isinstance(amount, Decimal) and not (amount.is_finite() and abs(amount.adjusted()) < _MOST_DIGITS):
            raise ValueError(
                f"{what}[{coin!r}] must be finite and of less than {_MOST_DIGITS} digits, not {amount}"
            )
        if isinstance(amount, int) and amount.bit_length() > 3 * _MOST_DIGITS:
            raise ValueError(f"{what}[{coin!r}] must have less than {_MOST_DIGITS} digits")
        text = f"{amount:f}" if isinstance(amount, Decimal) else str(amount)
        if "." in text and text[-1:] != ".":
            text = text.rstrip("0").rstrip(".")
        try:
            found[coin] = amount_of(text, f"{what}[{coin!r}]", decimals(coin))
        except (InvalidProof, DecodeError) as error:
            raise ValueError(str(error)) from None
    return found


def compare_root(trusted: str, found: str, what: str) -> None:
    """Refuses another root than the trusted one."""
    if found != trusted:
        raise RootMismatch(
            f"{what} is {found}, not the trusted root {trusted}", bytes.fromhex(trusted), bytes.fromhex(found)
        )


def compare_totals(trusted: Mapping[str, int], found: Mapping[str, int], what: str) -> None:
    """Refuses other totals than the trusted ones."""
    for coin in sorted({*trusted, *found}):
        if trusted.get(coin) != found.get(coin):
            refuse(Reason.TOTAL_MISMATCH, f"{what}: the total of {coin} is not the trusted one")


def compare_expected(
    expected: Expected | None, found: Mapping[str, int], decimals: Callable[[str], int]
) -> None:
    """Refuses other balances than the customer expects; coins of amount 0 may be left out."""
    if expected is None:
        return
    units = trusted_amounts(expected, "expected", decimals)
    for coin in sorted({*units, *found}):
        if units.get(coin, 0) != found.get(coin, 0):
            refuse(Reason.UNEXPECTED_BALANCE, f"another balance of {coin} is proven than expected")
