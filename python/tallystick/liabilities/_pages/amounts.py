"""Amounts and ids as reports write them."""

from __future__ import annotations

__all__ = ["grouped", "id_fields", "id_text", "major"]

# A narrow space that does not break: between groups of three digits.
_SPACE = "\u202f"
_MINUS = "\u2212"


def major(minor: int, decimals: int) -> str:
    """Return the exact decimal of an amount in minor units: all decimals, no exponent."""
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(decimals + 1, "0")
    return f"{sign}{digits}" if not decimals else f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def grouped(minor: int, decimals: int = 0) -> tuple[str, str]:
    """Return an amount for people: whole units in groups of three, and what is behind them.

    Of many decimals no zeros at the end.
    """
    whole, _, rest = major(abs(minor), decimals).partition(".")
    if decimals > 2:
        rest = rest.rstrip("0")
    return (_MINUS if minor < 0 else "") + f"{int(whole):,}".replace(",", _SPACE), "." + rest if rest else ""


def _readable(user_id: bytes) -> str | None:
    try:
        text = user_id.decode("utf-8")
    except UnicodeDecodeError:
        return None
    # Also characters that are not seen but change what is, such as marks of direction.
    return text if text.isprintable() else None


def id_text(user_id: bytes) -> str:
    """Return an id for people: its text, or hex."""
    text = _readable(user_id)
    return f"0x{user_id.hex()}" if text is None else text


def id_fields(user_id: bytes | None) -> dict[str, str]:
    """Return an id for JSON: under ``id`` its text, else under ``id_hex`` its bytes."""
    if user_id is None:
        return {}
    text = _readable(user_id)
    return {"id_hex": user_id.hex()} if text is None else {"id": text}
