"""Ethereum's Merkle Patricia trie: defined, built and proven, by recursion (docs/spec/patricia.md).

A path is the nibbles of a key, the higher one of each byte first. The trie over some paths is one leaf, or
what they share followed by a branch, which has a child for each nibble that comes next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tests.reference.hashes import HASHES
from tests.reference.rlp import Item, encode

Path = tuple[int, ...]

#: An encoding that is shorter stands in the parent itself.
SHORTEST_HASHED = 32


def keccak256(data: bytes) -> bytes:
    return HASHES["keccak256"].digest(data)


EMPTY_ROOT = keccak256(encode(b""))


@dataclass(frozen=True)
class Leaf:
    path: Path
    value: bytes


@dataclass(frozen=True)
class Extension:
    path: Path
    child: Branch


@dataclass(frozen=True)
class Branch:
    children: tuple[Node | None, ...]
    value: bytes


Node = Leaf | Extension | Branch


@dataclass(frozen=True)
class PatriciaHead:
    """A root, and whether paths are those of hashed keys."""

    root: bytes
    secure: bool


@dataclass(frozen=True)
class PatriciaProof:
    """The hashed nodes on the way to some keys, a parent before its children, these from the left."""

    nodes: tuple[bytes, ...]


def nibbles(key: bytes) -> Path:
    return tuple(half for byte in key for half in (byte >> 4, byte & 15))


def path_of(key: bytes, *, secure: bool) -> Path:
    return nibbles(keccak256(key) if secure else key)


def hex_prefix(path: Path, *, leaf: bool) -> bytes:
    """Nibbles as bytes: a nibble that says leaf and odd, then a zero if they are even in number."""
    odd = len(path) % 2
    whole = (2 * leaf + odd, *(() if odd else (0,)), *path)
    return bytes(16 * whole[i] + whole[i + 1] for i in range(0, len(whole), 2))


def common(paths: Sequence[Path]) -> Path:
    """What all paths begin with."""
    columns = takewhile(lambda column: len(set(column)) == 1, zip(*paths, strict=False))
    return tuple(column[0] for column in columns)


def trie(items: Mapping[Path, bytes]) -> Node | None:
    """The node over these paths; none over none."""
    if not items:
        return None
    if len(items) == 1:
        [(path, value)] = items.items()
        return Leaf(path, value)
    shared = common(list(items))
    cut = {path[len(shared) :]: value for path, value in items.items()}
    children = tuple(
        trie({path[1:]: value for path, value in cut.items() if path[:1] == (nibble,)})
        for nibble in range(16)
    )
    branch = Branch(children, cut.get((), b""))
    return Extension(shared, branch) if shared else branch


def structure(node: Node) -> Item:
    match node:
        case Leaf(path, value):
            return [hex_prefix(path, leaf=True), value]
        case Extension(path, child):
            return [hex_prefix(path, leaf=False), reference(child)]
        case Branch(children, value):
            return [*(b"" if child is None else reference(child) for child in children), value]


def reference(node: Node) -> Item:
    """How a parent names a child: by its digest, or by itself if that is shorter."""
    encoded = encode(structure(node))
    return structure(node) if len(encoded) < SHORTEST_HASHED else keccak256(encoded)


def build(items: Mapping[bytes, bytes], *, secure: bool = False) -> Node | None:
    if b"" in items.values():
        raise ValueError("an empty value")
    return trie({path_of(key, secure=secure): value for key, value in items.items()})


def head(items: Mapping[bytes, bytes], *, secure: bool = False) -> PatriciaHead:
    node = build(items, secure=secure)
    return PatriciaHead(EMPTY_ROOT if node is None else keccak256(encode(structure(node))), secure)


def prove(items: Mapping[bytes, bytes], keys: Iterable[bytes], *, secure: bool = False) -> PatriciaProof:
    """The proof that each key has its value, or that it has none."""
    node = build(items, secure=secure)
    wanted = [path_of(key, secure=secure) for key in keys]
    if node is None:
        return PatriciaProof(())
    below = list(shown(node, wanted))
    # The root is hashed however short it is.
    return PatriciaProof((encode(structure(node)), *below[len(own(node)) :]))


def own(node: Node) -> tuple[bytes, ...]:
    """The node's encoding, if its parent names it by digest."""
    encoded = encode(structure(node))
    return (encoded,) if len(encoded) >= SHORTEST_HASHED else ()


def shown(node: Node, wanted: Sequence[Path]) -> Iterator[bytes]:
    """The hashed nodes that any of the paths leads through, this one first."""
    if not wanted:
        return
    yield from own(node)
    match node:
        case Extension(path, below):
            length = len(path)
            yield from shown(below, [one[length:] for one in wanted if one[:length] == path])
        case Branch(children, _):
            for nibble, child in enumerate(children):
                if child is not None:
                    yield from shown(child, [one[1:] for one in wanted if one[:1] == (nibble,)])
