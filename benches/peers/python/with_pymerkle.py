"""pymerkle beside tallystick: its tree in memory, RFC 6962 with SHA-256, indices from one."""

import pymerkle
from serve import Peer, Work, must, rows, serve


class Pymerkle(Peer):
    def __init__(self, work: Work) -> None:
        self.leaves, self.more = rows(work.leaves), rows(work.more)
        self.indices = work.indices.tolist()
        self.clear()

    def clear(self) -> None:
        self.tree: pymerkle.InmemoryTree | None = None
        self.proofs: list[object] = []

    def build(self) -> None:
        self.tree = pymerkle.InmemoryTree(algorithm="sha256")
        self.tree.append_entries(self.leaves)
        self.tree.get_root()

    def root(self) -> bytes:
        return self.tree.get_root()

    def prove(self) -> None:
        size = len(self.leaves)
        self.proofs = [self.tree.prove_inclusion(index + 1, size) for index in self.indices]

    def verify(self) -> None:
        root, size, hashed = self.root(), len(self.leaves), self.tree.hash_buff
        for index, proof in zip(self.indices, self.proofs, strict=True):
            pymerkle.verify_inclusion(hashed(self.leaves[index]), root, proof, index=index + 1, size=size)

    def append(self) -> None:
        self.tree.append_entries(self.more)
        must(len(self.tree.get_root()) == 32)


if __name__ == "__main__":
    serve(Pymerkle)
