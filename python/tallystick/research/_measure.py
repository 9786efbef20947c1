"""One cell: everything its tree can do, timed and counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

import tallystick as ts
from tallystick.errors import InvalidProof
from tallystick.research._inputs import Inputs, Numbers, chosen, inputs
from tallystick.research._memory import MemoryUnknown, peak_memory
from tallystick.research._subjects import leaf_width, subject
from tallystick.research.counts import HashCalls
from tallystick.research.results import Cell, Figure, Omission, Settings

# Single proofs, and earlier sizes in proofs of growth, of which one value is the mean time or one length.
SINGLES, SIZED, GROWTHS = 200, 1000, 50
# A sample takes at least about as many seconds: a short call is repeated within it.
SHORTEST = 2e-4
# What a call that a scheme does not have raises, and a verifier of a claim that it cannot support.
_MISSING = (TypeError, ValueError, OverflowError, OSError)
_NO_CLAIM = ("INDEX_NOT_BOUND", "NO_GROWTH")


class CellBench:
    """Measures one cell; ``figures`` and ``omissions`` grow meanwhile, so that what is done stays."""

    def __init__(self, cell: Cell, scheme: ts.Scheme, settings: Settings) -> None:
        self.cell, self.scheme, self.settings = cell, scheme, settings
        self.figures: list[Figure] = []
        self.omissions: list[Omission] = []
        self.root = ""
        size, seed = cell.size, settings.seed
        self._subject = subject(scheme)
        self._batch = min(settings.batch, max(size, 1))
        self._data = inputs(scheme.kind, size, cell.leaf_bytes, seed)
        self._later = inputs(scheme.kind, settings.batch, cell.leaf_bytes, seed, 1)
        self._calls: HashCalls | None = None

    def run(self) -> None:
        """Measure all of it. Raises what the building of the tree raises."""
        tree = self._build()
        try:
            self._calls = HashCalls(self.scheme)
            self._count("calls_build", 1, lambda calls: [calls.build(self.cell.size)])
        except ValueError as error:
            self._omit("calls_build", 1, error)
        self._changes(tree)
        if self.cell.size:
            proofs = {
                "single": self._single,
                "batch": self._batched,
                "multi": self._multi,
                "growth": self._growth,
                "namespace": self._namespaces,
            }
            for kind, measure in proofs.items():
                if kind in self.settings.proofs:
                    measure(tree)
        if self.settings.memory:
            self._memory()

    def _build(self) -> Any:
        build = self._subject.build
        tree = build(self._data)
        root = tree.head.root
        self.root = root.hex()
        self._time("build", 1, lambda: build(self._data).head)
        return tree

    def _changes(self, tree: Any) -> None:
        """Append, extend and update, each on a tree of its own size: a build precedes every sample."""
        size, count = self.cell.size, self.settings.batch
        parts = [self._subject.given_one(self._later, place) for place in range(count)]

        def append(grown: Any) -> None:
            for part in parts[1:]:
                grown.append(*part)
            _ = grown.head

        def prepared() -> Any:
            grown = self._subject.build(self._data)
            # The first leaf after a build moves rows to where there is room.
            grown.append(*parts[0])
            return grown

        def counted(calls: HashCalls) -> list[int]:
            return [calls.append(size + place) for place in range(1, count)]

        if count > 1:
            with self._omitting("append", 1):
                self._time("append", 1, append, prepare=prepared, each=count - 1)
                self._count("calls_append", 1, counted)
        with self._omitting("extend", count):
            later = self._subject.given(self._later)

            def extend(grown: Any) -> None:
                grown.extend(*later)
                _ = grown.head

            self._time("extend", count, extend, prepare=lambda: self._subject.build(self._data))
            self._count("calls_extend", count, lambda calls: [calls.extend(size, count)])
        for several in dict.fromkeys((1, self._batch)) if size else ():
            with self._omitting("update", several):
                self._update(several)
        del tree

    def _update(self, count: int) -> None:
        tree = self._subject.build(self._data)
        replace = _method(tree, "update")
        indices = chosen(self.cell.size, count, self.settings.seed, 1)
        other = inputs(self.scheme.kind, count, self.cell.leaf_bytes, self.settings.seed, 2)
        fresh = self._subject.given(other)

        def update() -> None:
            replace(indices, *fresh)
            _ = tree.head

        self._time("update", count, update)
        self._count("calls_update", count, lambda calls: [calls.update(self.cell.size, indices)])

    def _single(self, tree: Any) -> None:
        size, head = self.cell.size, tree.head
        wanted = chosen(size, min(SINGLES, size), self.settings.seed, 2).tolist()
        with self._omitting("prove", 1):
            self._time("prove", 1, lambda: [tree.prove(index) for index in wanted], each=len(wanted))
            proofs = [tree.prove(index) for index in wanted]
            claims = [
                (self._subject.index(index), *self._subject.one(self._data, index), proof)
                for index, proof in zip(wanted, proofs, strict=True)
            ]
            with self._omitting("verify", 1):
                self._time("verify", 1, _each(head.verify_inclusion, claims), each=len(claims))
            self._proof_bytes(tree)

    def _proof_bytes(self, tree: Any) -> None:
        """Lengths of all proofs of a small tree; of a large one those of some leaves, with both ends."""
        size = self.cell.size
        sized = chosen(size, min(SIZED, size), self.settings.seed, 3)
        if len(sized) >= 2 and len(sized) < size:
            sized = np.concatenate([[0, size - 1], sized[~np.isin(sized, [0, size - 1])][: len(sized) - 2]])
        proofs = [tree.prove(int(index)) for index in sized]
        self._add("proof_bytes", 1, [len(proof.to_bytes()) for proof in proofs])

        def counted(calls: HashCalls) -> list[int]:
            try:
                return [calls.verify(size, int(index)) for index in sized]
            except ValueError:
                return [calls.verify_proof(len(proof)) for proof in proofs]

        self._count("calls_verify", 1, counted)

    def _batched(self, tree: Any) -> None:
        head, count = tree.head, self._batch
        indices = chosen(self.cell.size, count, self.settings.seed, 4)
        parts = self._subject.parts(self._data.take(indices))
        with self._omitting("prove_batch", count):
            prove = _method(tree, "prove_each")
            self._time("prove_batch", count, lambda: prove(indices), each=count)
            batch = prove(indices)
            claimed = self._subject.indices(indices)
            with self._omitting("verify_batch", count):
                self._time(
                    "verify_batch", count, lambda: head.verify_each(claimed, *parts, batch), each=count
                )

    def _multi(self, tree: Any) -> None:
        size = self.cell.size
        for text in self.settings.counts:
            if text.isdecimal() and int(text) > size:
                self._omit("prove_multi", int(text), f"the tree has no {int(text):,} leaves")
        for count in self.settings.counts_at(size):
            with self._omitting("prove_multi", count):
                self._multi_of(tree, count)

    def _multi_of(self, tree: Any, count: int) -> None:
        head = tree.head
        indices = np.sort(chosen(self.cell.size, count, self.settings.seed, 5))
        parts = self._subject.parts(self._data.take(indices))
        prove = _method(tree, "prove_many")
        self._time("prove_multi", count, lambda: prove(indices))
        proof = prove(indices)
        self._add("multi_bytes", count, [len(proof.to_bytes())])
        self._count("calls_verify_multi", count, lambda calls: [calls.verify_many(self.cell.size, indices)])
        with self._omitting("verify_multi", count):
            self._time("verify_multi", count, lambda: head.verify_many(indices, *parts, proof))

    def _growth(self, tree: Any) -> None:
        size, head = self.cell.size, tree.head
        older = [int(one) + 1 for one in chosen(size, min(GROWTHS, size), self.settings.seed, 6)]
        with self._omitting("prove_growth", 1):
            prove = _method(tree, "prove_extends")
            self._time("prove_growth", 1, lambda: [prove(one) for one in older], each=len(older))
            proofs = [prove(one) for one in older]
            self._add("growth_bytes", 1, [len(proof.to_bytes()) for proof in proofs])
            self._count(
                "calls_verify_growth", 1, lambda calls: [calls.verify_extends(one, size) for one in older]
            )
            claims = [(tree.head_at(one), proof) for one, proof in zip(older, proofs, strict=True)]
            with self._omitting("verify_growth", 1):
                self._time("verify_growth", 1, _each(head.verify_extends, claims), each=len(claims))

    def _namespaces(self, tree: Any) -> None:
        """All leaves of a namespace at once; only trees of this kind have any."""
        namespaces, head = self._data.namespaces, tree.head
        if namespaces is None:
            return
        places = chosen(self.cell.size, min(GROWTHS, self.cell.size), self.settings.seed, 7)
        wanted = [namespaces[place].tobytes() for place in places]
        with self._omitting("prove_namespace", 1):
            prove, find = _method(tree, "prove_namespace"), _method(tree, "find")
            self._time("prove_namespace", 1, lambda: [prove(one) for one in wanted], each=len(wanted))
            proofs = [prove(one) for one in wanted]
            self._add("namespace_bytes", 1, [len(proof.to_bytes()) for proof in proofs])
            claims = [
                (one, self._data.leaves[found.start : found.stop], proof)
                for one, found, proof in zip(wanted, map(find, wanted), proofs, strict=True)
            ]
            self._time("verify_namespace", 1, _each(head.verify_namespace, claims), each=len(claims))
            self._count(
                "calls_verify_namespace",
                1,
                lambda calls: [calls.verify_many(self.cell.size, find(one)) for one in wanted],
            )

    def _memory(self) -> None:
        try:
            whole, grown = peak_memory(self.scheme, self.cell, self.settings.seed)
        except MemoryUnknown as error:
            self._omit("peak_memory", 1, error)
            return
        self._add("peak_memory", 1, [whole])
        self._add("tree_memory", 1, [grown])

    def _time(
        self,
        measure: str,
        count: int,
        call: Callable[..., object],
        *,
        prepare: Callable[[], Any] | None = None,
        each: int = 1,
    ) -> None:
        """Time ``call`` once for nothing, then as often as the settings say. ``each`` is what it repeats."""
        values: list[float] = []
        until = time.perf_counter() + self.settings.patience
        loops = range(1)
        for sample in range(self.settings.repeat + 1):
            if sample > 1 and time.perf_counter() > until:
                break
            prepared = () if prepare is None else (prepare(),)
            begin = time.perf_counter()
            for _ in loops:
                made = call(*prepared)
            took = (time.perf_counter() - begin) / len(loops)
            # Dropping what was made last is no part of making it.
            del made, prepared
            if sample:
                values.append(took / each)
            elif prepare is None:
                loops = range(max(1, int(SHORTEST / max(took, 1e-9))))
        self._add(measure, count, values)

    def _count(self, measure: str, count: int, calls: Callable[[HashCalls], Sequence[int]]) -> None:
        if self._calls is None:
            return
        try:
            self._add(measure, count, calls(self._calls))
        except ValueError as error:
            self._omit(measure, count, error)

    def _add(self, measure: str, count: int, values: Sequence[float]) -> None:
        self.figures.append(Figure.of(self.cell, measure, count, values))

    def _omit(self, measure: str, count: int, reason: object) -> None:
        self.omissions.append(Omission(self.cell, measure, count, str(reason) or type(reason).__name__))

    @contextmanager
    def _omitting(self, measure: str, count: int) -> Iterator[None]:
        """Let a call that the scheme does not have be left out, with its own words for why."""
        try:
            yield
        except InvalidProof as error:
            if error.reason.name not in _NO_CLAIM:
                raise
            self._omit(measure, count, f"not supported: {error}")
        except _MISSING as error:
            self._omit(measure, count, f"not supported: {error}")


def _each(call: Callable[..., object], claims: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    def verify() -> None:
        for claim in claims:
            call(*claim)

    return verify


def _method(value: object, name: str) -> Callable[..., Any]:
    """Return a method; ``TypeError`` if the class has none."""
    found = getattr(value, name, None)
    if found is None:
        raise TypeError(f"{type(value).__name__} has no {name}")
    method: Callable[..., Any] = found
    return method


def cell_of(variant: str, scheme: ts.Scheme, size: int, threads: int, settings: Settings) -> Cell:
    """Return the cell as the results name it."""
    width = leaf_width(scheme, settings.leaf_bytes)
    return Cell(variant, scheme.name, scheme.hash.name, size, threads, width)


__all__ = ["CellBench", "Inputs", "Numbers", "cell_of"]
