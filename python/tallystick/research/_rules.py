"""What the calls of a scheme's hash follow from: its rules (docs/spec/variants.md).

Only numbers are kept here: how often a leaf, a node and a root are hashed, and which nodes there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallystick._core import Scheme, scheme_rules

# Integers of frames have an encoding behind the byte that names the part.
_INTEGERS = range(3, 8)


@dataclass(frozen=True, slots=True)
class Rules:
    """How often each kind of preimage is hashed, and the shape.

    ``leaf`` and ``node`` are hash calls for one; ``root`` those from the top to the root, of an empty tree
    ``empty`` instead. ``edge`` is one of ``promote``, ``bag``, ``duplicate``, ``zeros``, ``exact``,
    ``queue``. ``height`` is that of ``zeros``.
    """

    leaf: int
    node: int = 1
    root: int = 0
    empty: int = 0
    arity: int = 2
    edge: str = "promote"
    height: int = 0


def rules_of(scheme: Scheme) -> Rules:
    """Return what the rules of ``scheme`` say about hash calls."""
    if scheme.kind == "sparse":
        raise TypeError(f"{scheme.name} is a scheme of sparse trees, whose hash calls follow from their keys")
    return _Reader(scheme_rules(scheme)).rules()


class _Reader:
    """Reads the bytes of rules, which the scheme itself has made."""

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
        root = self._byte()  # 2: native, parameters and root
        if root == 1:
            self._frame()
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
