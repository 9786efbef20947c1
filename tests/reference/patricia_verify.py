"""The verifier of Patricia tries, step by step as on docs/spec/patricia.md."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping

from tests.reference.patricia import (
    EMPTY_ROOT,
    SHORTEST_HASHED,
    Path,
    PatriciaHead,
    PatriciaProof,
    hex_prefix,
    keccak256,
    nibbles,
    path_of,
)
from tests.reference.refusals import (
    DUPLICATE_KEY,
    EMPTY_CLAIM,
    KEY_ABSENT,
    KEY_PRESENT,
    MALFORMED_NODE,
    NODE_COUNT,
    OTHER_NODE,
    OTHER_VALUE,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.rlp import Item, NotRlp, decode, encode

#: Nibbles of a hashed key.
SECURE = 64


def verify_present(head: PatriciaHead, key: bytes, value: bytes, proof: PatriciaProof) -> None:
    verify_many(head, {key: value}, [], proof)


def verify_absent(head: PatriciaHead, key: bytes, proof: PatriciaProof) -> None:
    verify_many(head, {}, [key], proof)


def verify_many(
    head: PatriciaHead, present: Mapping[bytes, bytes], absent: Iterable[bytes], proof: PatriciaProof
) -> None:
    """That the keys have these values, and the others none: accept, or raise :class:`Refused`."""
    claims: dict[bytes, bytes | None] = {**present}
    for key in absent:
        if key in claims:
            raise Refused(DUPLICATE_KEY)
        claims[key] = None
    if not claims:
        raise Refused(EMPTY_CLAIM)
    paths = {path_of(key, secure=head.secure): value for key, value in claims.items()}
    nodes = iter(proof.nodes)
    if hmac.compare_digest(head.root, EMPTY_ROOT):
        check(sorted(paths.items()), {})
    else:
        root = take(nodes, None, head.root)
        check(sorted(paths.items()), walk(head, root, 0, sorted(paths), nodes))
    if next(nodes, None) is not None:
        raise Refused(NODE_COUNT)


def check(claims: Iterable[tuple[Path, bytes | None]], found: Mapping[Path, bytes]) -> None:
    for path, claimed in claims:
        value = found.get(path)
        if value is not None and claimed is None:
            raise Refused(KEY_PRESENT)
        if value is None and claimed is not None:
            raise Refused(KEY_ABSENT)
        if value != claimed:
            raise Refused(OTHER_VALUE)


def take(nodes: Iterator[bytes], parent: Item | None, digest: bytes) -> list[Item]:
    """The next node of the proof, which is the one of this digest. ``parent``: an extension, if it is one."""
    encoded = next(nodes, None)
    if encoded is None:
        raise Refused(NODE_COUNT)
    is_root = parent is None
    if not is_root and len(encoded) < SHORTEST_HASHED:
        raise Refused(MALFORMED_NODE)
    if not hmac.compare_digest(keccak256(encoded), digest):
        raise Refused(ROOT_MISMATCH if is_root else OTHER_NODE)
    try:
        node = decode(encoded)
    except NotRlp as error:
        raise Refused(MALFORMED_NODE) from error
    if not isinstance(node, list):
        raise Refused(MALFORMED_NODE)
    return node


def walk(
    head: PatriciaHead, node: list[Item], depth: int, wanted: list[Path], nodes: Iterator[bytes]
) -> dict[Path, bytes]:
    """The values of those paths that have one. All of them begin with the same ``depth`` nibbles."""
    check_shape(head, node, depth)
    if len(node) == 17:
        *children, value = node
        found = {path: bytes_of(value) for path in wanted if len(path) == depth and value}
        for nibble, child in enumerate(children):
            below = [path for path in wanted if path[depth : depth + 1] == (nibble,)]
            if child and below:
                found |= walk(head, follow(node, child, nodes), depth + 1, below, nodes)
        return found
    path, is_leaf = path_in(node[0])
    end = depth + len(path)
    below = [one for one in wanted if one[depth:end] == path]
    if is_leaf:
        return {one: bytes_of(node[1]) for one in below if len(one) == end}
    if not below:
        return {}
    return walk(head, follow(node, node[1], nodes), end, below, nodes)


def follow(parent: list[Item], child: Item, nodes: Iterator[bytes]) -> list[Item]:
    """The child that a parent names; the one of an extension is a branch."""
    node = child if isinstance(child, list) else take(nodes, parent, child)
    if len(parent) == 2 and len(node) != 17:
        raise Refused(MALFORMED_NODE)
    return node


def check_shape(head: PatriciaHead, node: list[Item], depth: int) -> None:
    """That a trie has such a node at so many nibbles; also of all nodes that stand in it."""
    if len(node) == 17:
        *children, value = node
        well = isinstance(value, bytes) and (not value or ends_here(head, depth))
        well = well and sum(1 for one in node if one) >= 2
        for child in children:
            well = well and (child == b"" or is_reference(head, child, depth + 1, branch=False))
        well = well and not (head.secure and depth >= SECURE)
    elif len(node) == 2 and isinstance(node[0], bytes):
        path, is_leaf = path_in(node[0])
        end = depth + len(path)
        if is_leaf:
            well = isinstance(node[1], bytes) and node[1] != b"" and ends_here(head, end)
        else:
            well = path != () and is_reference(head, node[1], end, branch=True)
    else:
        well = False
    if not well:
        raise Refused(MALFORMED_NODE)


def is_reference(head: PatriciaHead, child: Item, depth: int, *, branch: bool) -> bool:
    """A digest, or a node whose encoding is shorter than one."""
    if isinstance(child, bytes):
        return len(child) == 32 and not (branch and head.secure and depth >= SECURE)
    check_shape(head, child, depth)
    return len(encode(child)) < SHORTEST_HASHED and (not branch or len(child) == 17)


def ends_here(head: PatriciaHead, depth: int) -> bool:
    """Whether a key can have so many nibbles."""
    return depth == SECURE if head.secure else depth % 2 == 0


def path_in(prefixed: Item) -> tuple[Path, bool]:
    """The nibbles of a node's path, and whether it is a leaf's."""
    whole = nibbles(bytes_of(prefixed))
    if not whole or whole[0] > 3:
        raise Refused(MALFORMED_NODE)
    is_leaf = whole[0] >= 2
    path = whole[1:] if whole[0] % 2 else whole[2:]
    if hex_prefix(path, leaf=is_leaf) != prefixed:
        raise Refused(MALFORMED_NODE)
    return path, is_leaf


def bytes_of(item: Item) -> bytes:
    if not isinstance(item, bytes):
        raise Refused(MALFORMED_NODE)
    return item
