"""What a bench has measured, as values: figures, what was left out and why, and where it ran."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["MEASURES", "Cell", "Environment", "Figure", "Omission", "Results", "Settings", "Variant"]

#: What is measured: the unit, and what one value of it is.
MEASURES: dict[str, tuple[str, str]] = {
    "build": ("s", "a tree of all leaves, with its root"),
    "append": ("s", "one leaf, appended one by one, and the root at the end"),
    "extend": ("s", "`count` leaves appended in one call, with the root"),
    "update": ("s", "`count` leaves replaced in one call, with the root"),
    "prove": ("s", "the proof of one leaf, asked for one by one"),
    "prove_batch": ("s", "one proof of `count`, asked for in one call"),
    "prove_multi": ("s", "one proof of `count` leaves together"),
    "prove_growth": ("s", "one proof that the tree extends an earlier one"),
    "prove_namespace": ("s", "the proof of all leaves of a namespace"),
    "verify": ("s", "the proof of one leaf, verified one by one, its leaf hashed"),
    "verify_batch": ("s", "one proof of `count`, verified in one call"),
    "verify_multi": ("s", "one proof of `count` leaves together"),
    "verify_growth": ("s", "one proof that the tree extends an earlier one"),
    "verify_namespace": ("s", "the proof of all leaves of a namespace, its leaves hashed"),
    "proof_bytes": ("bytes", "the binary form of the proof of one leaf"),
    "multi_bytes": ("bytes", "the binary form of one proof of `count` leaves"),
    "growth_bytes": ("bytes", "the binary form of one proof of growth"),
    "namespace_bytes": ("bytes", "the binary form of the proof of a namespace"),
    "peak_memory": ("bytes", "the most that a process of its own had, with Python, leaves and tree"),
    "tree_memory": ("bytes", "as much of it as came while the tree was built, and stayed or not"),
    "calls_build": ("calls", "hash calls of a build"),
    "calls_append": ("calls", "hash calls of one leaf appended, and the root"),
    "calls_extend": ("calls", "hash calls of `count` leaves appended, and the root"),
    "calls_update": ("calls", "hash calls of `count` leaves replaced, and the root"),
    "calls_verify": ("calls", "hash calls of a verifier of one leaf"),
    "calls_verify_multi": ("calls", "hash calls of a verifier of `count` leaves together"),
    "calls_verify_growth": ("calls", "hash calls of a verifier of growth"),
    "calls_verify_namespace": ("calls", "hash calls of a verifier of all leaves of a namespace"),
}

#: Kinds of proofs.
PROOFS = ("single", "batch", "multi", "growth", "namespace")


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One place of the grid: which tree, how large, on how many threads.

    ``variant`` is the scheme as it was asked for, without its hash; ``scheme`` is its name. They differ where
    a parameter follows from the size: of the variant ``ssz_vector({size})``, a cell of 64 leaves has the
    scheme ``ssz_vector(64)/sha256``.
    """

    variant: str
    scheme: str
    hash: str
    size: int
    threads: int
    leaf_bytes: int

    def __str__(self) -> str:
        return f"{self.variant}/{self.hash}, {self.size:,} leaves, {self.threads} threads"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of a cell, over ``samples`` values.

    ``count`` is the number of leaves that it is about, 1 if it is about one leaf or the whole tree. Values
    are in ``unit``: ``s`` seconds, ``bytes``, or ``calls``.

    >>> from tallystick.research import Cell, Figure
    >>> cell = Cell("rfc6962", "rfc6962/sha256", "sha256", 8, 1, 32)
    >>> Figure.of(cell, "build", 1, [3.0, 1.0, 2.0])
    Figure(measure='build', count=1, unit='s', samples=3, median=2.0, least=1.0, most=3.0, mean=2.0, ...)
    """

    measure: str
    count: int
    unit: str
    samples: int
    median: float
    least: float
    most: float
    mean: float
    cell: Cell

    @classmethod
    def of(cls, cell: Cell, measure: str, count: int, values: Sequence[float]) -> Figure:
        """Make the figure of ``values``; ``ValueError`` if there are none or the measure is unknown.

        >>> from tallystick.research import Cell, Figure
        >>> cell = Cell("rfc6962", "rfc6962/sha256", "sha256", 8, 1, 32)
        >>> Figure.of(cell, "multi_bytes", 4, [102]).mean
        102.0
        """
        if measure not in MEASURES:
            raise ValueError(f"there is no measure {measure!r}; there are {', '.join(MEASURES)}")
        if not values:
            raise ValueError(f"no values of {measure}")
        return cls(
            measure,
            count,
            MEASURES[measure][0],
            len(values),
            float(statistics.median(values)),
            float(min(values)),
            float(max(values)),
            math.fsum(values) / len(values),
            cell,
        )

    def __repr__(self) -> str:
        names = ("measure", "count", "unit", "samples", "median", "least", "most", "mean")
        return f"Figure({', '.join(f'{name}={getattr(self, name)!r}' for name in names)}, ...)"


@dataclass(frozen=True, slots=True)
class Omission:
    """What was not measured, and why. ``measure`` is empty if it is the whole cell."""

    cell: Cell
    measure: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Variant:
    """What a scheme of the run promises: the properties of :class:`tallystick.Scheme`.

    ``root`` is that of its last cell, in hexadecimal digits: equal for equal seeds, sizes and leaves.
    """

    scheme: str
    kind: str
    binds_size: bool
    binds_scheme: bool
    binds_index: bool
    separates_leaves: bool
    appendable: bool
    bare_leaves: bool
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a run took place. ``commit`` is empty unless the package is a checkout.

    ``load`` and ``load_after`` are the means of running processes over the last minute, before and after.
    """

    cpu: str
    cores: int
    simd: str
    memory: int
    system: str
    python: str
    numpy: str
    tallystick: str
    commit: str
    date: str
    load: float
    load_after: float
    memory_method: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How cells are measured.

    ``proofs`` are kinds among ``single``, ``batch``, ``multi``, ``growth`` and ``namespace``, the last of
    namespaced trees only. ``counts`` says of how many leaves multi-proofs are: ``"100"`` leaves, or ``"10%"``
    of them. ``batch`` leaves are appended, replaced, proven and verified in one call, or one by one, at most
    as many as there are. A time is measured ``repeat`` times after one that does not count, and less often
    once ``patience`` seconds are spent on it. ``seed`` fixes leaves and indices. ``leaf_bytes`` is the length
    of a leaf, unless a leaf is a digest. ``budget`` seconds after its begin a run starts no further cell.
    With ``memory`` each cell is built once more in a process of its own.

    Raises ``ValueError`` for what makes no sense.

    >>> from tallystick.research import Settings
    >>> Settings(counts=("1", "50%")).counts_at(64)
    (1, 32)
    """

    proofs: tuple[str, ...] = PROOFS
    counts: tuple[str, ...] = ("1", "10", "100", "1000", "1%", "10%", "50%")
    batch: int = 1000
    repeat: int = 5
    patience: float = 2.0
    seed: int = 1
    leaf_bytes: int = 32
    budget: float | None = None
    memory: bool = True

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what makes no sense."""
        for name in ("proofs", "counts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("patience", "budget"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, float(getattr(self, name)))
        kinds = PROOFS
        for kind in self.proofs:
            if kind not in kinds:
                raise ValueError(f"there is no kind of proof {kind!r}; there are {', '.join(kinds)}")
        for count in self.counts:
            _share(count)
        for name in ("batch", "repeat", "leaf_bytes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"a seed is from 0 to 4294967295, not {self.seed}")
        for name, value in (("patience", self.patience), ("budget", self.budget)):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a number of seconds, not {value}")

    def counts_at(self, size: int) -> tuple[int, ...]:
        """Return ``counts`` as numbers for a tree of ``size`` leaves: ascending, each once, none above it.

        >>> from tallystick.research import Settings
        >>> Settings(counts=("100", "1000", "1%")).counts_at(500)
        (5, 100)
        """
        wanted = set()
        for text in self.counts:
            number, of_size = _share(text)
            wanted.add(max(1, int(number * size / 100)) if of_size else int(number))
        return tuple(sorted(count for count in wanted if count <= size))


def _share(text: str) -> tuple[float, bool]:
    digits = text.removesuffix("%")
    if not digits.replace(".", "", text.endswith("%")).isdecimal() or not digits.isascii():
        raise ValueError(f"{text!r} is neither a number of leaves nor a percentage")
    number = float(digits)
    if not 0 < number <= (100 if text.endswith("%") else 2**53):
        raise ValueError(f"{text!r} is neither a number of leaves from 1 nor a percentage up to 100%")
    return number, text.endswith("%")


@dataclass(frozen=True, slots=True, repr=False)
class Results:
    """Everything that a run has found. ``complete`` is false if it ended before all cells were measured.

    :func:`tallystick.research.to_json` and :func:`~tallystick.research.to_csv` write it.
    """

    environment: Environment
    settings: Settings
    variants: tuple[Variant, ...]
    figures: tuple[Figure, ...]
    omissions: tuple[Omission, ...]
    seconds: float
    complete: bool

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells that have figures, in the order of the run."""
        return tuple(dict.fromkeys(figure.cell for figure in self.figures))

    def select(self, measure: str, cells: Iterable[Cell] | None = None) -> tuple[Figure, ...]:
        """Return the figures of ``measure``, of all cells or of ``cells``; ``ValueError`` if it is unknown.

        >>> from tallystick import research
        >>> results = research.Bench(research.grid(["rfc6962"], sizes=[64]), repeat=1, memory=False).run()
        >>> [figure.median for figure in results.select("calls_build")]
        [127.0]
        """
        if measure not in MEASURES:
            raise ValueError(f"there is no measure {measure!r}; there are {', '.join(MEASURES)}")
        wanted = None if cells is None else set(cells)
        return tuple(
            figure
            for figure in self.figures
            if figure.measure == measure and (wanted is None or figure.cell in wanted)
        )

    def __repr__(self) -> str:
        state = "" if self.complete else ", incomplete"
        return f"<Results: {len(self.cells)} cells, {len(self.figures)} figures{state}>"
