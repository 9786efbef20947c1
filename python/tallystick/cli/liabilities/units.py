"""Amounts as people state them: exact decimals of whole assets."""

from __future__ import annotations

import re

_AMOUNT = re.compile(r"([0-9]{1,80})(?:\.([0-9]{1,300}))?")


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
