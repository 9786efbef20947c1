"""Amounts as people state and read them: exact decimals of whole assets."""

from __future__ import annotations

import re

_AMOUNT = re.compile(r"([0-9]{1,80})(?:\.([0-9]{1,300}))?")


def major(minor: int, decimals: int) -> str:
    """Return an amount in minor units as a decimal of the whole asset: all decimals, no exponent.

    >>> major(125_000_000, 8), major(7, 0)
    ('1.25000000', '7')
    """
    digits = str(minor).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def minor(text: str, decimals: int) -> int:
    """Return the amount that ``text`` states in major units; ``ValueError`` if it is none of this asset.

    >>> minor("1.25", 8), minor("70.10", 2)
    (125000000, 7010)
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no amount: digits, perhaps a point and more digits")
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise ValueError(f"{text!r} has {len(fraction)} decimals, and the asset {decimals}")
    return int(match[1] + fraction.ljust(decimals, "0"))


def shown_id(user_id: bytes) -> str:
    r"""Return an id for people: its text, or hex.

    >>> shown_id(b"alice"), shown_id(b"\xff")
    ('alice', '0xff')
    """
    try:
        text = user_id.decode()
    except UnicodeDecodeError:
        return f"0x{user_id.hex()}"
    return text if text.isprintable() else f"0x{user_id.hex()}"
