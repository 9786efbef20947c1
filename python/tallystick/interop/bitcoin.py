"""Partial trees of Bitcoin: the proof in a ``merkleblock`` message (BIP 37), and how ids are shown.

A partial tree is the number of transactions, a bit for each node that is visited, and digests, walked from
the root down and from left to right: the bit says whether a matched transaction is below, and where it is
not, or at a transaction, a digest follows. It holds what a :class:`tallystick.MultiProof` and its leaves
hold, in another order.

The root in a block's header does not bind the number of transactions, and nothing tells a transaction of 64
bytes from a node (CVE-2017-12842): a :class:`tallystick.TreeHead` needs the true number, from the block.
Whoever takes it from the partial tree itself has to know by other means that no such transaction was mined.
Trees are of ``schemes.BITCOIN``, whose leaves are transaction ids in the order of their
bytes.

>>> import tallystick as ts
>>> from tallystick.interop import bitcoin
>>> leaves = [bytes([leaf]) * 32 for leaf in range(5)]
>>> tree = ts.MerkleTree(leaves, scheme=ts.schemes.BITCOIN)
>>> partial = bitcoin.PartialTree.from_bytes(bitcoin.partial_tree(tree, [3]).to_bytes())
>>> [index for index, txid in bitcoin.verify(tree.head, partial)]
[3]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsIndex

from tallystick import hazmat
from tallystick.errors import DecodeError, Reason, RootMismatch
from tallystick.interop import _reading as reading
from tallystick.proofs import MultiProof, TreeHead
from tallystick.trees import MerkleTree

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["MOST_TRANSACTIONS", "PartialTree", "from_txid", "partial_tree", "to_txid", "verify"]

MOST_TRANSACTIONS = 16_666
"""The most transactions that a block can have: its greatest weight, 4,000,000, by the least of one, 240."""

_DIGEST = 32


@dataclass(frozen=True, slots=True)
class PartialTree:
    """A partial tree, with the right number of everything; whether it proves anything, :func:`verify` says.

    ``size`` is the number of transactions that it states, ``digests`` and ``bits`` are in the order of the
    walk. Raises ``TypeError`` for other types, and ``ValueError`` unless the walk takes exactly these: 1 to
    16,666 transactions, no more digests than transactions, every bit and every digest used.

    >>> from tallystick.interop.bitcoin import PartialTree
    >>> PartialTree(1, (b"a" * 32,), (True,)).matches
    ((0, b'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),)
    """

    size: int
    digests: tuple[bytes, ...]
    bits: tuple[bool, ...]

    def __post_init__(self) -> None:
        if type(self.size) is not int:
            raise TypeError(f"size is an int, not {type(self.size).__name__}")
        if not isinstance(self.digests, tuple) or not all(type(digest) is bytes for digest in self.digests):
            raise TypeError("digests are a tuple of bytes")
        if not isinstance(self.bits, tuple) or not all(type(bit) is bool for bit in self.bits):
            raise TypeError("bits are a tuple of bool")
        if any(len(digest) != _DIGEST for digest in self.digests):
            raise ValueError(f"a digest has {_DIGEST} bytes")
        _, taken = _walk(self.size, len(self.digests), self.bits)
        if taken != len(self.bits):
            raise ValueError(f"the partial tree takes {taken} bits, not {len(self.bits)}")

    @property
    def matches(self) -> tuple[tuple[int, bytes], ...]:
        """The matched transactions as it states them: index and id, ascending. Unproven."""
        nodes, _ = _walk(self.size, len(self.digests), self.bits)
        return tuple(
            (node.index, digest) for node, digest in zip(nodes, self.digests, strict=True) if node.matched
        )

    def to_bytes(self) -> bytes:
        """Return the bytes that follow a block's header in a ``merkleblock`` message.

        >>> from tallystick.interop.bitcoin import PartialTree
        >>> PartialTree(1, (bytes(32),), (True,)).to_bytes().hex().replace("00" * 32, "...")
        '0100000001...0101'
        """
        flags = bytearray(-(-len(self.bits) // 8))
        for place, bit in enumerate(self.bits):
            flags[place // 8] |= bit << place % 8
        return b"".join(
            (
                self.size.to_bytes(4, "little"),
                _compact(len(self.digests)),
                *self.digests,
                _compact(len(flags)),
                bytes(flags),
            )
        )

    @classmethod
    def from_bytes(cls, data: Buffer, /) -> PartialTree:
        """Read :meth:`to_bytes`; :class:`tallystick.DecodeError` for anything else.

        Lengths are the shortest form of theirs, bits behind the last that the walk takes are zero, and no
        byte follows.

        >>> from tallystick.interop.bitcoin import PartialTree
        >>> PartialTree.from_bytes(bytes.fromhex("01000000" "01" + "00" * 32 + "01" "03"))
        Traceback (most recent call last):
        tallystick.errors.DecodeError: a bit is set behind the last that the partial tree takes
        """
        view = memoryview(data).cast("B")
        if len(view) < 4:
            raise DecodeError("a partial tree begins with a number of 4 bytes")
        size = int.from_bytes(view[:4], "little")
        count, at = _read_compact(view, 4)
        if count * _DIGEST > len(view) - at:
            raise DecodeError(f"{count} digests do not fit the {len(view) - at} bytes that follow")
        digests = tuple(bytes(view[at + _DIGEST * i : at + _DIGEST * (i + 1)]) for i in range(count))
        at += _DIGEST * count
        length, at = _read_compact(view, at)
        if length > MOST_TRANSACTIONS:
            raise DecodeError(f"{length} bytes of bits are more than any partial tree takes")
        if length != len(view) - at:
            raise DecodeError(f"{length} bytes of bits are stated, and {len(view) - at} follow")
        bits = tuple(bool(byte >> place & 1) for byte in view[at:] for place in range(8))
        try:
            _, taken = _walk(size, count, bits)
            found = cls(size, digests, bits[:taken])
        except ValueError as error:
            raise DecodeError(str(error)) from None
        if taken <= len(bits) - 8:
            raise DecodeError("bytes of bits follow that the partial tree does not take")
        if any(bits[taken:]):
            raise DecodeError("a bit is set behind the last that the partial tree takes")
        return found


def partial_tree(tree: MerkleTree, indices: Sequence[SupportsIndex]) -> PartialTree:
    """Return the partial tree that proves the transactions at ``indices``; none are allowed too.

    Raises ``TypeError`` for other types, ``ValueError`` for a tree of another scheme, an empty or a larger
    one than a block, and for an index twice, ``IndexError`` for one outside the tree. Costs a copy of each
    digest.

    >>> import tallystick as ts
    >>> from tallystick.interop import bitcoin
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(9)], scheme=ts.schemes.BITCOIN)
    >>> partial = bitcoin.partial_tree(tree, [8, 0])
    >>> partial.size, len(partial.digests), len(partial.bits)
    (9, 5, 12)
    """
    if not isinstance(tree, MerkleTree):
        raise TypeError(f"tree must be a MerkleTree, not {type(tree).__name__}")
    head = _check(tree.head)
    if not 1 <= head.size <= MOST_TRANSACTIONS:
        raise ValueError(f"a block has 1 to {MOST_TRANSACTIONS} transactions, not {head.size}")
    if len(indices) == 0:
        return PartialTree(head.size, (head.root,), (False,))
    matched = sorted(reading.check_index(index, head) for index in indices)
    proof = tree.prove_many(matched, head=head)
    places = head.scheme.plan(head.size, matched).nodes.tolist()
    known = {(level, index): row.tobytes() for (level, index), row in zip(places, proof.digests, strict=True)}
    leaves = hazmat.leaf_digests(tree)
    known |= {(0, index): leaves[index].tobytes() for index in matched}
    above = {(level, index >> level) for index in matched for level in range(_height(head.size) + 1)}
    digests, bits = [], []
    stack = [(_height(head.size), 0)]
    while stack:
        node = level, index = stack.pop()
        bits.append(node in above)
        if level and node in above:
            if 2 * index + 1 < _width(head.size, level - 1):
                stack.append((level - 1, 2 * index + 1))
            stack.append((level - 1, 2 * index))
        else:
            digests.append(known[node])
    return PartialTree(head.size, tuple(digests), tuple(bits))


def verify(head: TreeHead, partial: PartialTree) -> tuple[tuple[int, bytes], ...]:
    """Verify a partial tree against a head; return the transactions that it proves: index and id, ascending.

    Raises :class:`tallystick.InvalidProof` for another size than the head's, equal siblings and another root;
    ``TypeError`` for other types, ``ValueError`` for a head of another scheme. Costs two hashes a node.

    >>> import tallystick as ts
    >>> from tallystick.interop import bitcoin
    >>> tree = ts.MerkleTree([b"a" * 32, b"b" * 32], scheme=ts.schemes.BITCOIN)
    >>> bitcoin.verify(tree.head, bitcoin.partial_tree(tree, [1]))
    ((1, b'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'),)
    """
    _check(head)
    if not isinstance(partial, PartialTree):
        raise TypeError(f"partial must be a PartialTree, not {type(partial).__name__}")
    if partial.size != head.size:
        reading.refuse(
            Reason.LENGTH_MISMATCH,
            f"the partial tree is of {partial.size} transactions, the head of {head.size}",
        )
    matches = partial.matches
    if not matches:
        if partial.digests[0] != head.root:
            raise RootMismatch("the partial tree is of another root", head.root, partial.digests[0])
        return ()
    nodes, _ = _walk(partial.size, len(partial.digests), partial.bits)
    # A multi-proof has the same nodes, level by level.
    others = sorted(
        (node.level, node.index, digest)
        for node, digest in zip(nodes, partial.digests, strict=True)
        if not node.matched
    )
    proof = MultiProof([digest for _, _, digest in others], digest_size=_DIGEST)
    head.verify_many([index for index, _ in matches], [txid for _, txid in matches], proof)
    return matches


def from_txid(text: str) -> bytes:
    """Return the leaf of a transaction id as programs show it: 64 hex digits, the bytes in reverse.

    Raises :class:`tallystick.DecodeError` for other text, ``TypeError`` for other types.

    >>> from tallystick.interop import bitcoin
    >>> bitcoin.from_txid("01" + "00" * 31)[-1]
    1
    """
    if not isinstance(text, str):
        raise TypeError(f"a transaction id is shown as str, not {type(text).__name__}")
    if re.fullmatch("[0-9a-f]{64}", text, re.ASCII) is None:
        raise DecodeError("a transaction id has 64 lower-case hex digits")
    return bytes.fromhex(text)[::-1]


def to_txid(leaf: Buffer) -> str:
    """Return how programs show a leaf, or a root: its bytes in reverse, in hex.

    Raises ``ValueError`` for other than 32 bytes.

    >>> from tallystick.interop import bitcoin
    >>> bitcoin.to_txid(bytes(31) + bytes([1]))[:4]
    '0100'
    """
    found = reading.raw(leaf, "leaf")
    if len(found) != _DIGEST:
        raise ValueError(f"a transaction id has {_DIGEST} bytes, not {len(found)}")
    return found[::-1].hex()


@dataclass(frozen=True, slots=True)
class _Node:
    """A node whose digest a partial tree has."""

    level: int
    index: int
    matched: bool


def _walk(size: int, digests: int, bits: Sequence[bool]) -> tuple[list[_Node], int]:
    """Return the nodes whose digests a partial tree has, in order, and how many bits it takes.

    All checks of Bitcoin Core's ``CPartialMerkleTree::ExtractMatches`` that take no hash.
    """
    if not 1 <= size <= MOST_TRANSACTIONS:
        raise ValueError(f"a block has 1 to {MOST_TRANSACTIONS} transactions, not {size}")
    if digests > size:
        raise ValueError(f"{digests} digests are more than {size} transactions")
    if len(bits) < digests:
        raise ValueError(f"{len(bits)} bits are fewer than {digests} digests")
    nodes: list[_Node] = []
    taken, marked = 0, set()
    stack = [(_height(size), 0)]
    while stack:
        level, index = stack.pop()
        if taken == len(bits):
            raise ValueError("the partial tree takes more bits than there are")
        bit = bits[taken]
        taken += 1
        if level and bit:
            marked.add((level, index))
            if 2 * index + 1 < _width(size, level - 1):
                stack.append((level - 1, 2 * index + 1))
            stack.append((level - 1, 2 * index))
        else:
            nodes.append(_Node(level, index, bit))
    if len(nodes) != digests:
        raise ValueError(f"the partial tree takes {len(nodes)} digests, not {digests}")
    below = {
        (level, node.index >> level)
        for node in nodes
        if node.matched
        for level in range(1, _height(size) + 1)
    }
    if marked != below:
        raise ValueError("a bit says that a matched transaction is below where none is")
    return nodes, taken


def _height(size: int) -> int:
    return (size - 1).bit_length()


def _width(size: int, level: int) -> int:
    return -(-size >> level)


def _check(head: TreeHead) -> TreeHead:
    reading.check_head(head, "bitcoin")
    if len(head.root) != _DIGEST:
        raise ValueError(f"a partial tree has digests of {_DIGEST} bytes, not {len(head.root)}")
    return head


def _compact(count: int) -> bytes:
    """Write a number in Bitcoin's compact form; none here needs more than 3 bytes."""
    return bytes([count]) if count < 253 else b"\xfd" + count.to_bytes(2, "little")


def _read_compact(view: memoryview, at: int) -> tuple[int, int]:
    """Read a number, in the shortest of its forms, and return where it ends."""
    first = int(view[at]) if at < len(view) else 255
    if first < 253:
        return first, at + 1
    if first > 253 or at + 3 > len(view):
        raise DecodeError("a number is missing, or larger than any partial tree has")
    count = int.from_bytes(view[at + 1 : at + 3], "little")
    if count < 253:
        raise DecodeError(f"{count} is not written in its shortest form")
    return count, at + 3
