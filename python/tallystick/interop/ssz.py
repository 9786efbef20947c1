"""Proofs of SSZ, Ethereum's serialisation: generalised indices, and branches with every sibling.

A *generalised index* names a node of any tree of SSZ: 1 is the root, ``2 g`` and ``2 g + 1`` are below
``g``. A branch has a sibling for every level, zero subtrees too and, in a list, the chunk of its length;
ours leaves those out, because a verifier knows them. Trees are of ``schemes.ssz_vector`` and
``schemes.ssz_list``.

:func:`verify_branch` and :func:`verify_branches` take a root and generalised indices of any object. They
hash with SHA-256, and prove that a node has a digest. That the node is a leaf, and which field it is,
follows from the index alone: take it from the type, never from who made the proof.

Source: the consensus specifications of Ethereum, ``ssz/simple-serialize.md`` and ``ssz/merkle-proofs.md``.

>>> import tallystick as ts
>>> from tallystick.interop import ssz
>>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(3)], scheme=ts.schemes.ssz_list(1024))
>>> len(tree.prove(2)), len(ssz.to_branch(tree.head, 2, tree.prove(2)))
(1, 11)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, SupportsIndex

from tallystick import hashes
from tallystick.errors import Reason, RootMismatch
from tallystick.hashes import Hash
from tallystick.interop import _reading as reading
from tallystick.proofs import InclusionProof, MultiProof, TreeHead

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "from_branch",
    "from_branches",
    "generalised_index",
    "helper_indices",
    "to_branch",
    "to_branches",
    "verify_branch",
    "verify_branches",
]

_CHUNK = 32
_END = 1 << 129
_RANGE = "a generalised index is at least 1 and at most 128 levels deep"
_FAMILIES = ("ssz_vector", "ssz_list")


def generalised_index(head: TreeHead, index: SupportsIndex) -> int:
    """Return the generalised index of the leaf at ``index`` below this root.

    In a list the elements are below its left child, and its length is the right one. Raises ``TypeError`` and
    ``ValueError`` for a head of another scheme, ``IndexError`` for an index outside the tree.

    >>> import tallystick as ts
    >>> from tallystick.interop import ssz
    >>> leaves = [bytes(32)] * 4
    >>> ssz.generalised_index(ts.head_of(leaves, scheme=ts.schemes.ssz_vector(4)), 1)
    5
    >>> ssz.generalised_index(ts.head_of(leaves, scheme=ts.schemes.ssz_list(4)), 1)
    9
    """
    shape = _Shape(head)
    return (1 << shape.levels) + reading.check_index(index, head)


def to_branch(head: TreeHead, index: SupportsIndex, proof: InclusionProof) -> list[bytes]:
    """Return the branch of a leaf, from the leaf up: all siblings, with those that our proof leaves out.

    The proof is not verified. Raises ``TypeError`` for other types, ``ValueError`` for a head of another
    scheme and for a proof of another length, ``IndexError`` for an index outside the tree. Costs a hash a
    level.

    >>> import tallystick as ts
    >>> from tallystick.interop import ssz
    >>> tree = ts.MerkleTree([b"a" * 32], scheme=ts.schemes.ssz_list(1))
    >>> ssz.to_branch(tree.head, 0, tree.prove(0)) == [(1).to_bytes(32, "little")]
    True
    """
    shape = _Shape(head)
    own = reading.rows(proof, head)
    needed = helper_indices([generalised_index(head, index)])
    known = [shape.known(node) for node in needed]
    reading.check_count(len(own), known.count(None))
    return [own.pop(0) if digest is None else digest for digest in known]


def from_branch(head: TreeHead, index: SupportsIndex, branch: object) -> InclusionProof:
    """Read the branch of the leaf at ``index``, bytes or ``0x`` hex, and return it in our form.

    ``head.verify_inclusion(index, leaf, proof)`` then verifies it. Raises :class:`tallystick.DecodeError`
    for what is not a list of chunks, :class:`tallystick.InvalidProof` for an index outside the tree,
    another number of chunks, and another chunk where the tree has a zero subtree or its length;
    ``TypeError`` and ``ValueError`` for a head of another scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import ssz
    >>> tree = ts.MerkleTree([b"a" * 32, b"b" * 32], scheme=ts.schemes.ssz_vector(2))
    >>> tree.head.verify_inclusion(1, b"b" * 32, ssz.from_branch(tree.head, 1, [b"a" * 32]))
    """
    return InclusionProof(_own(head, [index], branch), digest_size=_CHUNK)


def to_branches(head: TreeHead, indices: Sequence[SupportsIndex], proof: MultiProof) -> list[bytes]:
    """Return the chunks that prove many leaves, at :func:`helper_indices` of theirs.

    The proof is not verified. Raises as :func:`to_branch`, and ``ValueError`` for no indices or one twice.

    >>> import tallystick as ts
    >>> from tallystick.interop import ssz
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(4)], scheme=ts.schemes.ssz_vector(4))
    >>> ssz.to_branches(tree.head, [0, 3], tree.prove_many([0, 3])) == [bytes([2]) * 32, bytes([1]) * 32]
    True
    """
    shape = _Shape(head)
    if not isinstance(proof, MultiProof):
        raise TypeError(f"proof must be a MultiProof, not {type(proof).__name__}")
    if proof.digest_size != _CHUNK:
        raise ValueError(f"a chunk has {_CHUNK} bytes, not {proof.digest_size}")
    needed = helper_indices([generalised_index(head, index) for index in indices])
    found = {node: digest for node in needed if (digest := shape.known(node)) is not None}
    ours = _ours(set(needed) - set(found))
    reading.check_count(len(proof), len(ours))
    found |= {node: row.tobytes() for node, row in zip(ours, proof.digests, strict=True)}
    return [found[node] for node in needed]


def from_branches(head: TreeHead, indices: Sequence[SupportsIndex], chunks: object) -> MultiProof:
    """Read the chunks that prove the leaves at ``indices``, and return them in our form.

    ``head.verify_many(indices, leaves, proof)`` then verifies it. Raises as :func:`from_branch`, and
    :class:`tallystick.InvalidProof` for no indices or one twice.

    >>> import tallystick as ts
    >>> from tallystick.interop import ssz
    >>> leaves = [bytes([leaf]) * 32 for leaf in range(4)]
    >>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.ssz_vector(4))
    >>> proof = ssz.from_branches(tree.head, [0, 3], [leaves[2], leaves[1]])
    >>> tree.head.verify_many([0, 3], [leaves[0], leaves[3]], proof)
    """
    return MultiProof(_own(head, indices, chunks), digest_size=_CHUNK)


def helper_indices(indices: Sequence[int]) -> list[int]:
    """Return the generalised indices of the chunks that a proof of these nodes has, descending.

    It is ``get_helper_indices`` of the specification; of one node they are its branch, from the node up.
    Raises ``ValueError`` for none, one twice, one below another, below 1, or deeper than 128 levels.

    >>> from tallystick.interop import ssz
    >>> ssz.helper_indices([9]), ssz.helper_indices([8, 9, 14])
    ([8, 5, 3], [15, 6, 5])
    """
    nodes = [_node(index) for index in indices]
    if not nodes or len(set(nodes)) != len(nodes):
        raise ValueError("there are no generalised indices, or one is there twice")
    above = {node >> level for node in nodes for level in range(1, node.bit_length())}
    if above & set(nodes):
        raise ValueError("a generalised index is above another")
    paths = above | set(nodes)
    return sorted({node ^ 1 for node in paths if node > 1} - paths, reverse=True)


def verify_branch(root: Buffer, index: SupportsIndex, chunk: Buffer, branch: object) -> None:
    """Verify that the node at a generalised index below ``root`` is ``chunk``.

    Raises :class:`tallystick.InvalidProof` for an index below 1 or deeper than 128 levels, another number
    of chunks than it has levels, and another root; :class:`tallystick.DecodeError` for what is not a list of
    chunks, ``ValueError`` for a root of other than 32 bytes. Costs a hash a level.

    >>> import hashlib
    >>> from tallystick.interop import ssz
    >>> ssz.verify_branch(hashlib.sha256(b"a" * 32 + b"b" * 32).digest(), 3, b"b" * 32, [b"a" * 32])
    """
    verify_branches(root, [index], [chunk], branch)


def verify_branches(
    root: Buffer, indices: Sequence[SupportsIndex], chunks: Sequence[Buffer], proof: object
) -> None:
    """Verify that the nodes at generalised indices below ``root`` are ``chunks``.

    ``proof`` are the chunks at :func:`helper_indices` of theirs.

    Raises as :func:`verify_branch`, and :class:`tallystick.InvalidProof` for no indices, one twice, one
    below another, and unequal numbers. Costs a hash for every node above.

    >>> import hashlib
    >>> from tallystick.interop import ssz
    >>> def node(left, right): return hashlib.sha256(left + right).digest()
    >>> a, b, c, d = (letter * 32 for letter in (b"a", b"b", b"c", b"d"))
    >>> ssz.verify_branches(node(node(a, b), node(c, d)), [4, 7], [a, d], [c, b])
    """
    trusted = reading.raw(root, "root")
    if len(trusted) != _CHUNK:
        raise ValueError(f"a root has {_CHUNK} bytes, not {len(trusted)}")
    nodes = [reading.index(index) for index in indices]
    found = reading.digests(reading.parsed(proof, "the proof"), "the proof", _CHUNK)
    needed = _helpers(nodes)
    if len(chunks) != len(nodes):
        reading.refuse(Reason.LENGTH_MISMATCH, f"{len(chunks)} chunks are claimed at {len(nodes)} indices")
    claimed = [reading.raw(chunk, "a chunk") for chunk in chunks]
    if any(len(chunk) != _CHUNK for chunk in claimed):
        reading.refuse(Reason.MALFORMED_LEAF, f"a chunk has {_CHUNK} bytes")
    _check_number(len(found), len(needed))
    known = dict(zip([*nodes, *needed], [*claimed, *found], strict=True))
    # Below comes before above.
    todo = sorted({node >> level for node in known for level in range(1, node.bit_length())}, reverse=True)
    for node in todo:
        known[node] = hashes.SHA256.digest(known[2 * node] + known[2 * node + 1])
    if known[1] != trusted:
        raise RootMismatch("the computed root is not the trusted one", trusted, known[1])


def _own(head: TreeHead, indices: Sequence[SupportsIndex], chunks: object) -> list[bytes]:
    """Return the chunks that a proof of ours has, in its order; refuse others where the tree's are known."""
    shape = _Shape(head)
    found = reading.digests(reading.parsed(chunks, "the proof"), "the proof", _CHUNK)
    places = [reading.index(index) for index in indices]
    for place in places:
        if not 0 <= place < head.size:
            reading.refuse(Reason.INDEX_OUT_OF_RANGE, f"there is no leaf {place} in a tree of {head.size}")
    needed = _helpers([(1 << shape.levels) + place for place in places])
    _check_number(len(found), len(needed))
    given = dict(zip(needed, found, strict=True))
    kept = set()
    for node, chunk in given.items():
        expected = shape.known(node)
        if expected is None:
            kept.add(node)
        elif chunk != expected:
            what = "the length" if node == 3 and shape.is_list else "a zero subtree"
            reading.refuse(Reason.NODE_MISMATCH, f"another chunk stands where the tree has {what}")
    return [given[node] for node in _ours(kept)]


def _helpers(nodes: list[int]) -> list[int]:
    if not nodes:
        reading.refuse(Reason.EMPTY_CLAIM, "nothing is claimed")
    if not all(1 <= node < _END for node in nodes):
        reading.refuse(Reason.INDEX_OUT_OF_RANGE, _RANGE)
    try:
        return helper_indices(nodes)
    except ValueError as error:
        reading.refuse(Reason.DUPLICATE_INDEX, str(error))


def _check_number(given: int, needed: int) -> None:
    if given != needed:
        reading.refuse(Reason.DIGEST_COUNT, f"the proof has {given} chunks, these indices {needed}")


def _ours(nodes: set[int]) -> list[int]:
    """Return nodes in the order of our proofs: level by level from the leaves, ascending in each."""
    return sorted(nodes, key=lambda node: (-node.bit_length(), node))


def _node(index: SupportsIndex) -> int:
    found = reading.index(index)
    if not 1 <= found < _END:
        raise ValueError(_RANGE)
    return found


class _Shape:
    """What a verifier knows of a tree without a proof: its levels, zero subtrees and the length of a list."""

    def __init__(self, head: TreeHead) -> None:
        reading.check_head(head, *_FAMILIES)
        if head.scheme.hash != hashes.SHA256:
            raise ValueError(f"SSZ hashes with SHA-256, not with {head.scheme.hash.name}")
        (most,) = reading.parameters(head)
        self.is_list = reading.family(head) == "ssz_list"
        self.size = head.size
        self.height = (int(most) - 1).bit_length()
        self.levels = self.height + self.is_list
        self.zeros = _zeros(self.height, head.scheme.hash)

    def known(self, node: int) -> bytes | None:
        """Return the digest of a node outside all leaves' paths, if it needs no leaf."""
        if self.is_list and node == 3:
            return self.size.to_bytes(_CHUNK, "little")
        depth = node.bit_length() - 1
        level = self.levels - depth
        first = (node - (1 << depth)) << level
        return self.zeros[level] if first >= self.size else None


def _zeros(levels: int, hash: Hash) -> list[bytes]:  # noqa: A002 - the field's word
    found = [bytes(_CHUNK)]
    for _ in range(levels):
        found.append(hash.digest(found[-1] * 2))
    return found
