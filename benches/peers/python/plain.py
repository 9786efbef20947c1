"""RFC 6962 in plain Python and hashlib, for speed: one list comprehension a level, all levels kept."""

from hashlib import sha256

from serve import Peer, Work, must, rows, serve


def above(level: list[bytes]) -> list[bytes]:
    parents = [
        sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
    ]
    if len(level) % 2:
        parents.append(level[-1])
    return parents


def siblings(levels: list[list[bytes]], index: int) -> list[bytes]:
    proof = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            proof.append(level[index ^ 1])
        index >>= 1
    return proof


def root_from(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    node, last, left = sha256(b"\0" + leaf).digest(), size - 1, iter(proof)
    while last:
        # The last of an odd number has no sibling and moves up.
        if index % 2:
            node = sha256(b"\1" + next(left) + node).digest()
        elif index < last:
            node = sha256(b"\1" + node + next(left)).digest()
        index, last = index >> 1, last >> 1
    return node


class Plain(Peer):
    def __init__(self, work: Work) -> None:
        self.leaves, self.more = rows(work.leaves), rows(work.more)
        self.indices = work.indices.tolist()
        self.clear()

    def clear(self) -> None:
        self.levels: list[list[bytes]] = []
        self.proofs: list[list[bytes]] = []

    def build(self) -> None:
        self.levels = [[sha256(b"\0" + leaf).digest() for leaf in self.leaves]]
        while len(self.levels[-1]) > 1:
            self.levels.append(above(self.levels[-1]))

    def root(self) -> bytes:
        return self.levels[-1][0]

    def prove(self) -> None:
        self.proofs = [siblings(self.levels, index) for index in self.indices]

    def verify(self) -> None:
        root, size, leaves = self.root(), len(self.leaves), self.leaves
        for index, proof in zip(self.indices, self.proofs, strict=True):
            must(root_from(leaves[index], index, size, proof) == root)

    def append(self) -> None:
        """Hash the right edge anew, from the first node that changes."""
        first = len(self.levels[0])
        self.levels[0] += [sha256(b"\0" + leaf).digest() for leaf in self.more]
        height = 0
        while len(self.levels[height]) > 1:
            if height + 1 == len(self.levels):
                self.levels.append([])
            # The last node above may have moved up for want of a sibling: then it changes too.
            first = min(first // 2, max(len(self.levels[height + 1]) - 1, 0))
            self.levels[height + 1][first:] = above(self.levels[height][2 * first :])
            height += 1


if __name__ == "__main__":
    serve(Plain)
