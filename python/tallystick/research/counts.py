"""How often a tree hashes, by formula: exact, the same on every machine, and before anything is built.

A *call* is one evaluation of the scheme's hash function over one preimage. ``H(H(x))`` is two, and a tagged
hash is one. What depends on the scheme alone is not counted: the states behind tags, the digests of empty
subtrees. Leaves that are digests already cost none. A node counts once however many children it has, and a
node that is moved up, or known because nothing is below it, not at all.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import SupportsIndex

from tallystick._core import Scheme
from tallystick.research._rules import Rules, rules_of

__all__ = ["HashCalls"]


@dataclass(frozen=True, slots=True)
class HashCalls:
    """The hash calls of one scheme's operations.

    They are those that the definition asks for, each preimage once, and follow from the scheme's rules. A
    method raises ``ValueError`` for a size that no tree of the scheme has.

    >>> import tallystick as ts
    >>> from tallystick.research import HashCalls
    >>> calls = HashCalls(ts.schemes.RFC6962)
    >>> calls.build(1000), calls.append(1000), calls.verify(1000, 999)
    (1999, 7, 9)
    """

    scheme: Scheme

    @property
    def _rules(self) -> Rules:
        return rules_of(self.scheme)

    def build(self, size: SupportsIndex) -> int:
        """Return the calls from ``size`` leaves to the root.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.NATIVE).build(8)
        17
        """
        rules, n = self._rules, _natural(size)
        if n == 0:
            if rules.edge in ("exact", "queue"):
                raise ValueError("this scheme has no empty tree")
            return rules.empty
        return n * rules.leaf + _above(rules, n, 0, n) + rules.root

    def append(self, size: SupportsIndex) -> int:
        """Return the calls from a tree of ``size`` leaves to the root of one more.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.RFC6962).append(7)
        4
        """
        return self.extend(size, 1)

    def extend(self, size: SupportsIndex, count: SupportsIndex) -> int:
        """Return the calls from a tree of ``size`` leaves to the root of ``count`` more, added at once.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> calls = HashCalls(ts.schemes.RFC6962)
        >>> calls.extend(0, 1000) == calls.build(1000)
        True
        """
        rules, n, k = self._rules, _natural(size), _natural(count)
        if not self.scheme.appendable:
            raise ValueError("a tree of this scheme does not grow")
        if k == 0:
            return 0
        return k * rules.leaf + _above(rules, n + k, n, n + k) + rules.root

    def update(self, size: SupportsIndex, indices: Iterable[SupportsIndex]) -> int:
        """Return the calls from ``size`` leaves, of which those at ``indices`` are new, to the new root.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.RFC6962).update(8, [0, 1, 7])
        8
        """
        return self.verify_many(size, indices)

    def verify(self, size: SupportsIndex, index: SupportsIndex) -> int:
        """Return the calls of a verifier of one leaf.

        ``ValueError`` if they depend on more than the index, as where leaves are sorted: there they are those
        of the leaf and one (or two, where nodes are hashed twice) for each digest of the proof.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.NATIVE).verify(8, 0)
        6
        """
        return self.verify_many(size, [index])

    def verify_many(self, size: SupportsIndex, indices: Iterable[SupportsIndex]) -> int:
        """Return the calls of a verifier of one proof of the leaves at ``indices``. Linear in their number.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.RFC6962).verify_many(8, range(8))
        15
        """
        rules, n = self._rules, _natural(size)
        if rules.edge == "queue":
            raise ValueError("where leaves are sorted, a leaf's index does not say where it stands")
        known = sorted({operator.index(index) for index in indices})
        if known and not 0 <= known[0] <= known[-1] < n:
            raise ValueError(f"an index is not below {n}")
        if not known:
            return 0
        return len(known) * rules.leaf + _over(rules, n, known) + rules.root

    def verify_proof(self, digests: SupportsIndex) -> int:
        """Return the calls of a verifier of one leaf, from the number of digests in the proof.

        ``ValueError`` where a node has not exactly one other child.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.NATIVE).verify_proof(3)
        6
        """
        rules = self._rules
        uneven = rules.edge in ("duplicate", "zeros") or (rules.edge == "bag" and rules.node != 1)
        if rules.arity != 2 or uneven:
            raise ValueError("in this scheme the number of digests does not say how many nodes are made")
        return rules.leaf + _natural(digests) * rules.node + rules.root

    def verify_extends(self, old_size: SupportsIndex, size: SupportsIndex) -> int:
        """Return the calls of a verifier of growth from ``old_size`` leaves to ``size``.

        ``ValueError`` for a scheme without such proofs, and unless ``0 < old_size ≤ size``.

        >>> import tallystick as ts
        >>> from tallystick.research import HashCalls
        >>> HashCalls(ts.schemes.RFC6962).verify_extends(6, 7)
        3
        """
        rules, m, n = self._rules, _natural(old_size), _natural(size)
        if rules.edge != "promote":
            raise ValueError("growth of this scheme has no proofs")
        if not 0 < m <= n:
            raise ValueError(f"no tree of {n} leaves extends one of {m}")
        if m == n:
            return 0
        start = (m & -m).bit_length() - 1
        index, count, joined = (m >> start) - 1, -(-n >> start), 0
        while count > 1:
            if index & 1:
                joined += 2
            elif index + 1 < count:
                joined += 1
            index, count = index >> 1, -(-count >> 1)
        return joined * rules.node + 2 * rules.root


def _natural(value: SupportsIndex) -> int:
    number = operator.index(value)
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number


def _above(rules: Rules, size: int, begin: int, end: int) -> int:
    """Return the calls of all nodes above the leaves ``[begin, end)`` of ``size``."""
    if rules.edge == "queue":
        return (size - 1) * rules.node
    calls, count, arity = 0, size, rules.arity
    for level in range(1, _levels(rules, size) + 1):
        begin, end = begin // arity, -(-end // arity)
        calls += _row(rules, size, (level, end - 1), count, end - begin)
        count = -(-count // arity)
    return calls


def _over(rules: Rules, size: int, known: list[int]) -> int:
    """Return the calls of all nodes above the leaves ``known``, ascending, of ``size``."""
    calls, count, arity = 0, size, rules.arity
    for level in range(1, _levels(rules, size) + 1):
        known = list(dict.fromkeys(index // arity for index in known))
        calls += _row(rules, size, (level, known[-1]), count, len(known))
        count = -(-count // arity)
    return calls


def _row(rules: Rules, size: int, place: tuple[int, int], below: int, nodes: int) -> int:
    """Return the calls of ``nodes`` of a level, the last of them at ``place``, above a row of ``below``.

    Only the last node of a level can be moved up, or bagged, which hashes once however often a node does.
    """
    level, last = place
    calls = nodes * rules.node
    if rules.edge not in ("promote", "bag"):
        return calls
    if 2 * last + 1 >= below:
        return calls - rules.node
    bagged = rules.edge == "bag" and (last + 1) << level > size
    return calls - rules.node + 1 if bagged else calls


def _levels(rules: Rules, size: int) -> int:
    """Return the number of levels above the leaves; ``ValueError`` for a size that no tree has."""
    arity, height = rules.arity, 0
    while arity**height < size:
        height += 1
    if rules.edge == "exact" and arity**height != size:
        raise ValueError(f"{size} is no power of {arity}")
    if rules.edge == "zeros":
        if height > rules.height:
            raise ValueError(f"{size} leaves do not fit below {rules.height} levels")
        return rules.height
    return height
