"""Armanino, The Network Firm, Gate 2020-22: leaves of 8 bytes, nodes of 32, a single node moves up."""

from __future__ import annotations

import hashlib


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def joined_leaf(uid: str, amounts: list[str]) -> str:
    return sha((sha(uid.encode()).hex() + sha("".join(amounts).encode()).hex()).encode()).hex()[:16]


def named_leaf(uid: str, amounts: dict[str, str]) -> str:
    """Amounts as they are hashed already."""
    return sha(",".join([uid, *(f"{coin}:{amount}" for coin, amount in amounts.items())]).encode()).hex()[:16]


def levels(leaves: list[str]) -> list[list[bytes]]:
    found = [[bytes.fromhex(leaf) for leaf in leaves]]
    while len(found[-1]) > 1:
        row = found[-1]
        pairs = [sha(row[at] + row[at + 1]) for at in range(0, len(row) - 1, 2)]
        found.append(pairs + row[len(row) // 2 * 2 :])
    return found


def text(leaves: list[str], end: str = "\r\n") -> str:
    depth = len(levels(leaves))
    lines = ["Level\tHash", *(f"{depth},{index}\t{leaf}" for index, leaf in enumerate(leaves))]
    return "".join(line + end for line in lines)
