"""A sparse tree in a store and a dict go through the same calls; each proof is for exactly one head."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import protocols, stores

Open = Callable[[], protocols.Store]
Model = dict[bytes, bytes]

#: Few enough that keys come again, some of which share long beginnings.
KEYS = [bytes([number % 3]) * 30 + bytes([number, 255 - number]) for number in range(12)] + [
    random.Random(number).randbytes(32) for number in range(28)
]
STORES = ["memory", "directory", "sqlite", "file", "none"]


def opener(kind: str, folder: Path) -> Open | None:
    memory = stores.MemoryStore()
    files: list[stores.FileStore] = []

    def opened_again() -> stores.FileStore:
        # One object at a time has it for writing.
        if files:
            files.pop().close()
        files.append(stores.FileStore(folder / "store.file"))
        return files[0]

    ways: dict[str, Open] = {
        "memory": lambda: memory,
        "directory": lambda: stores.DirectoryStore(folder / "store"),
        "sqlite": lambda: stores.SQLiteStore(folder / "store.sqlite"),
        "file": opened_again,
    }
    return ways.get(kind)


class Machine:
    """One run: a tree, and what it should be at each version that is kept."""

    def __init__(self, seed: int, kind: str, folder: Path, scheme: ts.Scheme) -> None:
        self.rng = random.Random(seed)
        self.open = opener(kind, folder)
        self.keep = self.rng.choice([1, 2, 5, None])
        store = self.open() if self.open else None
        self.tree = ts.SparseTree(scheme=scheme, keep=self.keep, store=store)
        self.models: dict[int, Model] = {0: {}}
        self.heads = {0: self.tree.head}

    @property
    def model(self) -> Model:
        return self.models[max(self.models)]

    def some(self, most: int) -> list[bytes]:
        return self.rng.sample(KEYS, self.rng.randint(1, most))

    def changed(self, model: Model) -> None:
        version = max(self.models) + 1
        self.models[version] = model
        self.heads[version] = self.tree.head
        self.forget()

    def forget(self) -> None:
        for version in sorted(self.models)[: -self.keep if self.keep else 0]:
            del self.models[version], self.heads[version]

    def update(self) -> None:
        values = {key: self.rng.randbytes(self.rng.randint(0, 3)) for key in self.some(8)}
        self.tree.update(list(values), list(values.values()))
        self.changed(self.model | values)

    def remove(self) -> None:
        keys = self.some(6)
        present = [key for key in keys if key in self.model]
        if len(present) < len(keys):
            with pytest.raises(KeyError):
                self.tree.remove(keys)
        if present:
            self.tree.remove(present)
            self.changed({key: value for key, value in self.model.items() if key not in present})

    def prove(self) -> None:
        version = self.rng.choice(sorted(self.models))
        head, model = self.heads[version], self.models[version]
        key = self.rng.choice(KEYS)
        proof = self.tree.prove(key, head=head)
        for other_version, other in self.heads.items():
            own = other == head
            value = model.get(key)
            try:
                if value is None:
                    other.verify_absent(key, proof)
                else:
                    other.verify_present(key, value, proof)
                accepted = True
            except ts.InvalidProof:
                accepted = False
            # A proof is for one head. Another of the same tree has another root unless the trees are equal.
            assert accepted == (own or self.models[other_version] == model), (version, other_version)
            refuse = other.verify_absent if value is not None else self.present(other)
            with pytest.raises(ts.InvalidProof):
                refuse(key, proof)

    @staticmethod
    def present(head: ts.SparseHead) -> Callable[[bytes, ts.SparseProof], None]:
        return lambda key, proof: head.verify_present(key, b"forged", proof)

    def prove_many(self) -> None:
        keys = self.some(20)
        present = {key: self.model[key] for key in keys if key in self.model}
        absent = [key for key in keys if key not in self.model]
        proof = self.tree.prove_many(keys)
        self.tree.head.verify_many(present, absent, proof)
        forged = present | dict.fromkeys(absent, b"forged")
        with pytest.raises(ts.InvalidProof):
            self.tree.head.verify_many(forged if absent else {}, [] if absent else keys, proof)

    def prune(self) -> None:
        before = self.rng.choice(sorted(self.models))
        self.tree.prune(before)
        for version in [version for version in self.models if version < before]:
            del self.models[version], self.heads[version]

    def reopen(self) -> None:
        if self.open:
            self.tree = ts.SparseTree.open(self.open(), keep=self.keep)

    def look(self) -> None:
        versions = sorted(self.models)
        assert self.tree.versions == range(versions[0], versions[-1] + 1)
        for version in versions:
            old = self.tree.at(version)
            assert old.head == self.heads[version]
            assert [key for key, _ in old.items()] == sorted(self.models[version])
        first, last = self.models[versions[0]], self.model
        differing = {key for key in first | last if first.get(key) != last.get(key)}
        # Values differ where digests do.
        assert {key for key, _, _ in self.tree.diff(versions[0], versions[-1])} == differing

    def run(self, steps: int) -> None:
        others = [self.prove_many, self.prune, self.reopen, self.look]
        calls = [self.update] * 4 + [self.remove] * 2 + [self.prove] * 3 + others
        for _ in range(steps):
            self.rng.choice(calls)()
        self.reopen()
        self.look()
        assert self.tree.root == ts.SparseTree(self.model, scheme=self.tree.scheme).root


SCHEMES = [ts.schemes.NATIVE_SPARSE, ts.schemes.ICS23_SMT, ts.schemes.JELLYFISH, ts.schemes.NERVOS_SMT]


def go(runs: range, steps: int, kind: str, folder: str | None = None) -> None:
    for seed in runs:
        # Trees of 256 levels take long.
        scheme = ts.schemes.SPARSE_256 if seed % 50 == 49 else SCHEMES[seed % 4]
        with tempfile.TemporaryDirectory(dir=folder) as own:
            Machine(seed, kind, Path(own), scheme).run(steps)


@pytest.mark.parametrize("kind", STORES)
def test_a_tree_and_a_dict_stay_one_thing(kind: str) -> None:
    go(range(47, 51 if kind == "directory" else 75), 60, kind)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("kind", STORES)
def test_ten_thousand_runs(kind: str, part: int) -> None:
    # A disk that syncs takes days; the sample above has one.
    memory = "/dev/shm"
    folder = memory if Path(memory).is_dir() else None
    go(range(part * 1000, part * 1000 + 1000), 100, kind, folder)
