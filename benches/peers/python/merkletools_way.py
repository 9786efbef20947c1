"""The algorithm of merkletools, written again: SHA-256 of two digests, the last of an odd number moves up.

What makes it cost what it costs is kept: levels are lists that are put in front of each other, a proof is a
list of dictionaries from a side to hexadecimal digits, and a leaf that is added means a new tree.
"""

from hashlib import sha256

from serve import Peer, Work, must, rows, serve


class Tree:
    def __init__(self, leaves: list[bytes]) -> None:
        self.levels = [leaves]
        while len(self.levels[0]) > 1:
            self.levels = [self.next_level(), *self.levels]

    def next_level(self) -> list[bytes]:
        below, odd = self.levels[0], None
        count = len(below)
        if count % 2:
            odd, count = below[-1], count - 1
        above = []
        for left, right in zip(below[0:count:2], below[1:count:2], strict=True):
            above.append(sha256(left + right).digest())
        if odd is not None:
            above.append(odd)
        return above

    def proof(self, index: int) -> list[dict[str, str]]:
        found = []
        for height in range(len(self.levels) - 1, 0, -1):
            level = self.levels[height]
            if index == len(level) - 1 and len(level) % 2:
                index //= 2
                continue
            right = index % 2
            side = "left" if right else "right"
            found.append({side: level[index - 1 if right else index + 1].hex()})
            index //= 2
        return found


def proves(proof: list[dict[str, str]], leaf: bytes, root: bytes) -> bool:
    node: bytes | bytearray = bytearray(leaf)
    for step in proof:
        if "left" in step:
            node = sha256(bytearray.fromhex(step["left"]) + node).digest()
        else:
            node = sha256(node + bytearray.fromhex(step["right"])).digest()
    return node.hex() == root.hex()


class Merkletools(Peer):
    def __init__(self, work: Work) -> None:
        self.leaves, self.more = rows(work.leaves), rows(work.more)
        self.indices = work.indices.tolist()
        self.clear()

    def clear(self) -> None:
        self.tree: Tree | None = None
        self.proofs: list[list[dict[str, str]]] = []

    def build(self) -> None:
        self.tree = Tree(self.leaves)

    def root(self) -> bytes:
        return self.tree.levels[0][0]

    def prove(self) -> None:
        self.proofs = [self.tree.proof(index) for index in self.indices]

    def verify(self) -> None:
        root = self.root()
        for index, proof in zip(self.indices, self.proofs, strict=True):
            must(proves(proof, self.leaves[index], root))

    def append(self) -> None:
        self.tree = Tree(self.tree.levels[-1] + self.more)


if __name__ == "__main__":
    serve(Merkletools)
