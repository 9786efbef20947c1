"""tallystick as others are compared with it: `with_tallystick.py FOLDER SCHEME WAY`, on one thread.

WAY is `batch` (arrays in, arrays out), `single` (one call a proof) or `sorted` (a tree of sorted pairs).
"""

import sys

import tallystick as ts
from serve import Missing, Peer, Work, must, rows, serve
from tallystick.interop import openzeppelin


class Batch(Peer):
    def __init__(self, work: Work) -> None:
        self.work, self.scheme = work, ts.schemes.get(sys.argv[2])
        self.claimed, self.claimed_many = work.leaves[work.indices], work.leaves[work.chosen]
        self.clear()

    def clear(self) -> None:
        self.tree = self.head = self.proofs = self.many = None

    def build(self) -> None:
        self.tree = ts.MerkleTree(self.work.leaves, scheme=self.scheme)
        self.head = self.tree.head

    def root(self) -> bytes:
        return self.tree.root

    def prove(self) -> None:
        self.proofs = self.tree.prove_each(self.work.indices)

    def verify(self) -> None:
        self.head.verify_each(self.work.indices, self.claimed, self.proofs)

    def multi(self) -> None:
        self.many = self.tree.prove_many(self.work.chosen)

    def verify_multi(self) -> None:
        self.head.verify_many(self.work.chosen, self.claimed_many, self.many)

    def append(self) -> None:
        self.tree.extend(self.work.more)
        must(len(self.tree.root) == self.scheme.hash.digest_size)


class Single(Batch):
    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.places, self.listed, self.added = work.indices.tolist(), rows(self.claimed), rows(work.more)

    def prove(self) -> None:
        self.proofs = [self.tree.prove(index) for index in self.places]

    def verify(self) -> None:
        for index, leaf, proof in zip(self.places, self.listed, self.proofs, strict=True):
            self.head.verify_inclusion(index, leaf, proof)

    def append(self) -> None:
        for leaf in self.added:
            self.tree.append(leaf)
        must(len(self.tree.root) == self.scheme.hash.digest_size)


class Sorted(Batch):
    """Sorted pairs: claims have no places, and a proof of many leaves is OpenZeppelin's own."""

    def verify(self) -> None:
        self.head.verify_each(None, self.claimed, self.proofs)

    def multi(self) -> None:
        self.many = openzeppelin.prove_many(self.tree, self.work.chosen.tolist())

    def verify_multi(self) -> None:
        sequence, proof = self.many
        openzeppelin.verify_many(self.head, [self.work.leaves[index].tobytes() for index in sequence], proof)

    def append(self) -> None:
        raise Missing("its trees do not grow")


if __name__ == "__main__":
    ts.set_threads(1)
    serve({"batch": Batch, "single": Single, "sorted": Sorted}[sys.argv[3]])
