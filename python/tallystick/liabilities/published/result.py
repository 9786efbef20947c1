"""What a published proof proves, and how its format fails."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["PublishedResult", "Weakness"]


class Weakness(enum.Enum):
    """A way in which a format can fail although every check of it holds.

    The value is the ``number`` of the failure, ``text`` says it plainly. The numbers are those of the guide
    "Published formats".
    """

    MAX_INSTEAD_OF_SUM = 1
    NEGATIVE_AMOUNTS = 2
    WRAPPING_SUMS = 3
    SHARED_LEAF = 4
    SHORT_HASHES = 5
    AMBIGUOUS_TEXT = 6
    AMOUNT_NOT_IN_LEAF = 7
    LEVELS_CONFUSED = 8
    KNOWN_PADDING = 9
    NEIGHBOURS_SHOWN = 10
    OMISSION = 11
    TWO_ROOTS = 12
    LOOSE_VERIFIER = 13
    NET_EQUITY = 14
    REUSED_SALTS = 15

    @property
    def number(self) -> int:
        """The number of the failure, 1 to 15.

        >>> from tallystick.liabilities.published import Weakness
        >>> Weakness.OMISSION.number
        11
        """
        return self.value

    @property
    def text(self) -> str:
        """The failure in a sentence.

        >>> from tallystick.liabilities.published import Weakness
        >>> Weakness.SHORT_HASHES.text
        'Hashes are so short that two contents of one hash can be found.'
        """
        return _TEXTS[self]


_TEXTS = {
    Weakness.MAX_INSTEAD_OF_SUM: (
        "A node's hash has the sum of its children but not the parts: the operator can commit to less than"
        " the sum and tell each side that the other is smaller. All verify, and the total is too low."
    ),
    Weakness.NEGATIVE_AMOUNTS: "The format has signs: a made-up customer who owes money lowers the total.",
    Weakness.WRAPPING_SUMS: "Sums can exceed their numbers and begin at 0 again.",
    Weakness.SHARED_LEAF: "A leaf does not show whose it is, so one leaf can be given to several customers.",
    Weakness.SHORT_HASHES: "Hashes are so short that two contents of one hash can be found.",
    Weakness.AMBIGUOUS_TEXT: "What is hashed is text without separators, which can be read as other amounts.",
    Weakness.AMOUNT_NOT_IN_LEAF: "A leaf's hash does not have its amount.",
    Weakness.LEVELS_CONFUSED: "Leaves, nodes and padding are not told apart by what is hashed.",
    Weakness.KNOWN_PADDING: "Padding can be recognised, and shows how many customers there are.",
    Weakness.NEIGHBOURS_SHOWN: "Proofs show amounts of other customers.",
    Weakness.OMISSION: "Customers who do not check can be left out; no tree can prevent that.",
    Weakness.TWO_ROOTS: (
        "Nothing ties the root to one operator and day, and a file names its own: different customers can be"
        " shown different roots."
    ),
    Weakness.LOOSE_VERIFIER: "The publisher's own verifier checks less than the format could.",
    Weakness.NET_EQUITY: "Debts are set off against balances, also of coins that nobody can sell.",
    Weakness.REUSED_SALTS: "Salts are used again, so that leaves of different days can be linked.",
}


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """What was proven by a published proof. It is returned only if every check held.

    - ``format``: the name of the format;
    - ``root``: the trusted root's hash, to which everything leads;
    - ``totals``: the totals that the root commits to, by asset; ``None`` where the format proves no total;
    - ``balances``: what is proven to be counted for the customer who was asked about; empty if none was;
    - ``leaves``: the number of leaves, where the whole tree was verified;
    - ``weaknesses``: why a proof that holds may still be false, see :class:`Weakness`.

    Amounts are ``int`` where the format has whole units, else exact ``Decimal``.
    """

    format: str
    root: bytes
    totals: dict[str, int] | dict[str, Decimal] | None
    balances: dict[str, int] | dict[str, Decimal]
    leaves: int | None
    weaknesses: tuple[Weakness, ...]

    @property
    def sound(self) -> bool:
        """Whether the format has no known weakness. False for all formats there are so far.

        >>> from tallystick.liabilities import published
        >>> weaknesses = (published.Weakness.OMISSION,)
        >>> published.PublishedResult("a format", bytes(32), {}, {}, None, weaknesses).sound
        False
        """
        return not self.weaknesses
