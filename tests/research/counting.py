"""Trees by the plainest code there is, with every preimage written down: what the formulas are held against.

One list of preimages for each tree: its length is the number of hash calls, and the difference of two lists
is what has to be hashed when one becomes the other. No formulas here, and no tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import tallystick as ts

from tests.reference.schemes import Scheme as Twin

Preimage = tuple[str, bytes]


@dataclass
class Tree:
    """What one build hashed, in order. Tagged hashes have their label, others none."""

    hash: ts.Hash
    preimages: list[Preimage] = field(default_factory=list)
    root: bytes = b""

    def digest(self, data: bytes) -> bytes:
        self.preimages.append(("", data))
        return self.hash.digest(data)

    def twice(self, data: bytes) -> bytes:
        return self.digest(self.digest(data))


LeafRule = Callable[[Tree, bytes, int], bytes]
NodeRule = Callable[[Tree, list[bytes], int, int], bytes]
RootRule = Callable[[Tree, bytes, int], bytes]


def bare(_: Tree, data: bytes, __: int) -> bytes:
    return data


def plain(tree: Tree, children: list[bytes], _: int, __: int) -> bytes:
    return tree.digest(b"".join(children))


def double(tree: Tree, children: list[bytes], _: int, __: int) -> bytes:
    return tree.twice(b"".join(children))


def sorted_pair(tree: Tree, children: list[bytes], _: int, __: int) -> bytes:
    return tree.digest(b"".join(sorted(children)))


def as_it_is(_: Tree, top: bytes, __: int) -> bytes:
    return top


@dataclass(frozen=True)
class Model:
    """A scheme, written out. ``grows``: a tree can be one of more leaves later."""

    scheme: ts.Scheme
    leaf: LeafRule = bare
    node: NodeRule = plain
    root: RootRule = as_it_is
    edge: str = "promote"
    arity: int = 2
    depth: int = 0
    bag: NodeRule = plain
    empty: Callable[[Tree], bytes] = lambda tree: bytes(tree.hash.digest_size)
    sizes: Callable[[int], bool] = lambda _: True
    grows: bool = True
    # Calls for a root that do not change with the leaves: params of a size.
    constant: int = 0

    def build(self, leaves: Sequence[bytes]) -> Tree:
        tree = Tree(self.scheme.hash)
        row = [self.leaf(tree, data, place) for place, data in enumerate(leaves)]
        tree.root = self.root(tree, self._top(tree, row), len(leaves))
        return tree

    def _top(self, tree: Tree, row: list[bytes]) -> bytes:
        if self.edge == "queue":
            return self._queue(tree, row)
        size, level = len(row), 0
        if size == 0 and self.edge != "zeros":
            return self.empty(tree)
        # Its digests follow from the scheme alone, so nothing is counted.
        zero, uncounted = bytes(tree.hash.digest_size), Tree(tree.hash)
        while len(row) > 1 or (self.edge == "zeros" and level < self.depth):
            level += 1
            row = [
                self._node(tree, row[begin : begin + self.arity], (level, begin // self.arity), size, zero)
                for begin in range(0, len(row), self.arity)
            ]
            zero = self.node(uncounted, [zero] * self.arity, level, 0)
        return row[0] if row else zero

    def _node(
        self, tree: Tree, children: list[bytes], place: tuple[int, int], size: int, zero: bytes
    ) -> bytes:
        level, index = place
        missing = self.arity - len(children)
        if missing and self.edge in ("promote", "bag"):
            return children[0]
        if self.edge == "bag" and (index + 1) << level > size:
            return self.bag(tree, children[::-1], level, size)
        padding = {"duplicate": children[-1:], "zeros": [zero]}.get(self.edge, [])
        return self.node(tree, children + padding * missing, level, index)

    def _queue(self, tree: Tree, row: list[bytes]) -> bytes:
        queue = sorted(row)
        place = 0
        while place < len(queue) - 1:
            queue.append(self.node(tree, queue[place : place + 2], 0, 0))
            place += 2
        return queue[-1]


def twin_model(scheme: ts.Scheme) -> Model:
    """The twin's own scheme, whose tagged hashes are written down as one call each."""
    twin = Twin(*scheme.name.split("/"))

    def leaf(tree: Tree, data: bytes, place: int) -> bytes:
        tree.preimages.append(("leaf", data + bytes([place])))
        return twin.leaf(data)

    def node(tree: Tree, children: list[bytes], level: int, index: int) -> bytes:
        tree.preimages.append(("node", b"".join(children) + bytes([level, index])))
        return twin.node(*children)

    def root(tree: Tree, top: bytes, size: int) -> bytes:
        if twin.family == "native":
            tree.preimages += [("params", bytes([size])), ("head", bytes([size]) + top)]
        return twin.root(size, top)

    def empty(tree: Tree) -> bytes:
        if twin.family == "rfc6962":
            tree.preimages.append(("empty", b""))
        return twin.empty()

    return Model(scheme, leaf, node, root, empty=empty, constant=int(twin.family == "native"))
