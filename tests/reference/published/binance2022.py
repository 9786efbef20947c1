"""Binance, November 2022 (Mazars): a CSV file a level; missing children are the last again."""

from __future__ import annotations

import hashlib


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def leaf(user: str, balances: str, salt: str = "", audit: str = "") -> str:
    return sha((user + salt + audit + balances).encode())


def files(leaves: list[str], width: int = 2) -> tuple[list[str], str]:
    """The text of each level, and the root."""
    found = []
    row = leaves
    while not found or len(row) > 1:
        row = row + row[-1:] * (-len(row) % width)
        groups = [row[at : at + width] for at in range(0, len(row), width)]
        parents = [sha(bytes.fromhex("".join(group))) for group in groups]
        level = len(found) + 1
        found.append(
            "".join(f"{top},{level},{','.join(group)}\n" for top, group in zip(parents, groups, strict=True))
        )
        row = parents
    return found, row[0]
