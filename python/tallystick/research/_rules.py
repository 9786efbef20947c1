"""What the calls of a scheme's hash follow from: its rules, by its family's name or its own encoding.

Only numbers are kept here: how often a leaf, a node and a root are hashed, and which nodes there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tallystick._core import Scheme

_NAME = re.compile(r"(?P<family>[a-z0-9_]+)(\((?P<parameters>[0-9a-z_,]+)\))?")
# Integers of frames have an encoding behind the byte that names the part.
_INTEGERS = range(3, 8)


@dataclass(frozen=True, slots=True)
class Rules:
    """How often each kind of preimage is hashed, and the shape.

    ``leaf`` and ``node`` are hash calls for one; ``root``
    those from the top to the root, of an empty tree ``empty`` instead. ``edge`` is one of ``promote``,
    ``bag``, ``duplicate``, ``zeros``, ``exact``, ``queue``. ``height`` is that of ``zeros``.
    """

    leaf: int
    node: int = 1
    root: int = 0
    empty: int = 0
    arity: int = 2
    edge: str = "promote"
    height: int = 0


def rules_of(scheme: Scheme) -> Rules:
    """Return the rules of ``scheme``; ``ValueError`` for one of a family that is not known here."""
    match = _NAME.fullmatch(scheme.name.rpartition("/")[0])
    encoded = _encoded_rules(scheme.to_bytes())
    if encoded:
        return _Reader(encoded).rules()
    if match is not None and match["family"] in _FAMILIES:
        parameters = match["parameters"].split(",") if match["parameters"] else []
        try:
            return _FAMILIES[match["family"]](*parameters)
        except TypeError:
            pass
    raise ValueError(f"how often {scheme.name} hashes is not known here")


def _encoded_rules(data: bytes) -> bytes:
    """Return the field ``rules`` of the encoding of a scheme (docs/spec/encodings.md)."""
    place = 6
    for _ in range(2):
        place += 4 + int.from_bytes(data[place : place + 4], "little")
    length = int.from_bytes(data[place : place + 4], "little")
    return data[place + 4 : place + 4 + length]


def _zeros(leaf: int, height: int, *, arity: int = 2, root: int = 0) -> Rules:
    return Rules(leaf, root=root, empty=root, arity=arity, edge="zeros", height=height)


def _depth_for(leaves: str) -> int:
    return (int(leaves) - 1).bit_length()


_FAMILIES: dict[str, Callable[..., Rules]] = {
    # Params and root: two calls, also of an empty tree.
    "native": lambda: Rules(1, root=2, empty=2),
    "native_sum": lambda: Rules(1, root=2, empty=2),
    "rfc6962": lambda: Rules(1, empty=1),
    "tendermint": lambda: Rules(1, empty=1),
    "promoted": lambda: Rules(0),
    "lean_imt": lambda: Rules(0),
    "bitcoin": lambda: Rules(0, node=2, edge="duplicate"),
    "openzeppelin_standard": lambda: Rules(2, edge="queue"),
    "openzeppelin_simple": lambda: Rules(0, edge="queue"),
    "openzeppelin_solidity": lambda depth, _zero: _zeros(0, int(depth)),
    "fixed_depth": lambda depth, arity, _zero: _zeros(0, int(depth), arity=int(arity)),
    "ssz_vector": lambda length: _zeros(0, _depth_for(length)),
    "ssz_list": lambda limit: _zeros(0, _depth_for(limit), root=1),
    "filecoin": lambda arity: Rules(0, arity=int(arity), edge="exact"),
    "nervos_mmr": lambda: Rules(0, edge="bag"),
    "grin_mmr": lambda: Rules(1, edge="bag"),
    "commonware_bmt": lambda: Rules(1, root=1, empty=1, edge="duplicate"),
    "celestia": lambda: Rules(1, empty=1),
}


class _Reader:
    """Reads the encoding of custom rules (docs/spec/schemes.md), which the scheme itself has made."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def rules(self) -> Rules:
        """Return what the encoding says."""
        if self._byte() != 1:
            raise ValueError("how often rules of another version hash is not known here")
        leaf = self._hashed()
        node = self._hashed()
        self._byte()  # pairs
        arity = self._byte()
        edge, height = self._edge()
        empty = self._byte()
        root = self._hashed()
        # The top of an empty tree is zeros, or one hash of nothing; below fixed zeros it is no call.
        nothing = 0 if edge == "zeros" else empty
        return Rules(leaf, node, root, nothing + root, arity, edge, height)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _skip(self) -> None:
        length = int.from_bytes(self._data[self._at : self._at + 4], "little")
        self._at += 4 + length

    def _hashed(self) -> int:
        times = self._byte()
        if times:
            self._frame()
        return times

    def _frame(self) -> None:
        for _ in range(self._byte()):
            part = self._byte()
            if part in (0, 1):
                self._skip()
            elif part in _INTEGERS:
                self._byte()

    def _edge(self) -> tuple[str, int]:
        kind = ("promote", "duplicate", "zeros", "exact", "bag", "queue")[self._byte()]
        height = 0
        match kind:
            case "zeros":
                height = self._byte()
                self._at += 9  # limit, exactly
                self._skip()
            case "bag":
                self._byte()  # swap
                self._frame()
            case "queue":
                self._byte()  # order
        return kind, height
