"""tallystick as others are compared with it: `with_tallystick.py FOLDER SCHEME WAY`, on one thread.

WAY is `batch` (arrays in, arrays out), `single` (one call a proof) or `digests` (the leaves are digests, as
libraries take them that hash no leaves).
"""

import sys

import tallystick as ts
from serve import Missing, Peer, Work, must, rows, serve


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


class Digests(Single):
    """Bare digests are verified one by one: there is no batch of them."""

    def build(self) -> None:
        self.tree = ts.hazmat.tree(self.work.leaves, scheme=self.scheme)
        self.head = self.tree.head

    def prove(self) -> None:
        self.proofs = self.tree.prove_each(self.work.indices)

    def verify(self) -> None:
        for index, digest, proof in zip(self.places, self.listed, self.proofs, strict=True):
            ts.hazmat.verify_inclusion(self.head, index, digest, proof)

    def verify_multi(self) -> None:
        raise Missing("verifies many leaves from their data, not from digests")

    def append(self) -> None:
        raise Missing("hashes what it appends")


if __name__ == "__main__":
    ts.set_threads(1)
    serve({"batch": Batch, "single": Single, "digests": Digests}[sys.argv[3]])
