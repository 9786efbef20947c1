"""Celestia's namespaced Merkle trees: proofs in the form of ``github.com/celestiaorg/nmt``, and back.

Their trees are those of :data:`tallystick.schemes.CELESTIA`, so roots need no translation. Their proof states
where it begins and ends and lists nodes from left to right; the size of the tree comes from a head.

>>> import tallystick as ts
>>> from tallystick.interop import nmt
>>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
>>> tree = ts.NamespacedTree([b"a", b"b", b"c"], [one, three, three])
>>> theirs = nmt.to_namespace(tree.head, tree.prove_namespace(three), count=2)
>>> theirs.start, theirs.end, len(theirs.nodes)
(1, 3, 1)
>>> nmt.from_namespace(nmt.Proof.from_json(theirs.to_json()), tree.head) == tree.prove_namespace(three)
True
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from operator import index as _integer
from typing import Any, SupportsIndex

from tallystick.errors import DecodeError
from tallystick.proofs import AbsenceProof, NamespacedHead, NamespacedInclusionProof, NamespaceProof

__all__ = ["Proof", "from_inclusion", "from_namespace", "to_inclusion", "to_namespace"]

_MOST = 2**63 - 1
_KEYS = ("start", "end", "nodes", "leaf_hash", "is_max_namespace_ignored")


@dataclass(frozen=True, slots=True)
class Proof:
    """Celestia's proof, ``proof.pb.Proof``: leaves ``[start, end)`` and the nodes around them, from the left.

    ``leaf_hash`` is the node of the leaf behind a gap, empty where leaves are proven.
    ``is_max_namespace_ignored`` says that ranges leave the highest namespace out, as in all of Celestia's
    trees.

    >>> from tallystick.interop import nmt
    >>> nmt.Proof(0, 0, ()).to_json()
    '{"is_max_namespace_ignored":true}'
    """

    start: int
    end: int
    nodes: tuple[bytes, ...]
    leaf_hash: bytes = b""
    is_max_namespace_ignored: bool = True

    def to_json(self) -> str:
        """Return the JSON text that Celestia's Go code writes.

        >>> from tallystick.interop import nmt
        >>> nmt.Proof(1, 2, (b"node",)).to_json()
        '{"start":1,"end":2,"nodes":["bm9kZQ=="],"is_max_namespace_ignored":true}'
        """
        values = [
            self.start,
            self.end,
            [_base64(node) for node in self.nodes],
            _base64(self.leaf_hash),
            self.is_max_namespace_ignored,
        ]
        # Go leaves out what is zero or empty.
        return json.dumps(
            {key: value for key, value in zip(_KEYS, values, strict=True) if value}, separators=(",", ":")
        )

    @staticmethod
    def from_json(text: str) -> "Proof":
        """Read :meth:`to_json`, with any white space. Raises :class:`DecodeError` for anything else.

        >>> from tallystick.interop import nmt
        >>> nmt.Proof.from_json('{"end": 1}').is_max_namespace_ignored
        False
        """
        try:
            found = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"not the JSON of a proof: {error}") from None
        if not isinstance(found, dict) or not found.keys() <= set(_KEYS):
            raise DecodeError(f"not a proof: an object with {', '.join(_KEYS)}")
        nodes = found.get("nodes", [])
        if not isinstance(nodes, list):
            raise DecodeError("nodes is not a list")
        ignored = found.get("is_max_namespace_ignored", False)
        if not isinstance(ignored, bool):
            raise DecodeError("is_max_namespace_ignored is neither true nor false")
        return Proof(
            _number(found.get("start", 0), "start"),
            _number(found.get("end", 0), "end"),
            tuple(_bytes(node, "a node") for node in nodes),
            _bytes(found.get("leaf_hash", ""), "leaf_hash"),
            ignored,
        )

    def to_protobuf(self) -> bytes:
        """Return the Protobuf message.

        >>> from tallystick.interop import nmt
        >>> nmt.Proof(1, 2, (b"node",)).to_protobuf().hex()
        '080110021a046e6f64652801'
        """
        parts = [_tagged(1, self.start), _tagged(2, self.end)]
        parts += [_delimited(3, node) for node in self.nodes]
        parts.append(_delimited(4, self.leaf_hash) if self.leaf_hash else b"")
        parts.append(_tagged(5, int(self.is_max_namespace_ignored)))
        return b"".join(parts)

    @staticmethod
    def from_protobuf(data: bytes) -> "Proof":
        """Read :meth:`to_protobuf`. Raises :class:`DecodeError` for anything else, also for another order.

        >>> from tallystick.interop import nmt
        >>> nmt.Proof.from_protobuf(bytes.fromhex("080110021a046e6f64652801"))
        Proof(start=1, end=2, nodes=(b'node',), leaf_hash=b'', is_max_namespace_ignored=True)
        """
        data = bytes(data)
        found: dict[int, Any] = {1: 0, 2: 0, 4: b"", 5: 0}
        nodes: list[bytes] = []
        for field, value in _fields(data):
            if isinstance(value, bytes) and field == 3:
                nodes.append(value)
            else:
                found[field] = value
        made = Proof(found[1], found[2], tuple(nodes), found[4], found[5] == 1)
        if made.to_protobuf() != data or max(made.start, made.end) > _MOST:
            raise DecodeError("not a proof as Celestia's code writes it")
        return made


def to_inclusion(head: NamespacedHead, index: SupportsIndex, proof: NamespacedInclusionProof) -> Proof:
    """Return Celestia's form of the proof of the leaf at ``index``.

    Raises ``ValueError`` for an index or a number of nodes that the head's tree does not have.

    >>> import tallystick as ts
    >>> from tallystick.interop import nmt
    >>> tree = ts.NamespacedTree([b"a", b"b"], [bytes(29), bytes(29)])
    >>> nmt.from_inclusion(nmt.to_inclusion(tree.head, 1, tree.prove(1)), tree.head) == (1, tree.prove(1))
    True
    """
    index = _integer(index)
    return Proof(index, index + 1, _to_their_order(_rows(proof), head, index, index + 1))


def from_inclusion(theirs: Proof, head: NamespacedHead) -> tuple[int, NamespacedInclusionProof]:
    """Return the index that Celestia's proof of one leaf states, and our form of the proof.

    Raises :class:`DecodeError` for a proof that is not of one leaf of a tree of the head's size and scheme.

    >>> import tallystick as ts
    >>> from tallystick.interop import nmt
    >>> tree = ts.NamespacedTree([b"a"], [bytes(29)])
    >>> nmt.from_inclusion(nmt.Proof(0, 1, ()), tree.head)
    (0, <NamespacedInclusionProof: 0 nodes>)
    """
    if theirs.end != theirs.start + 1 or theirs.leaf_hash:
        raise DecodeError("not a proof of one leaf")
    nodes = _to_our_order(theirs, head)
    return theirs.start, NamespacedInclusionProof(nodes, **_sizes(head))


def to_namespace(
    head: NamespacedHead, proof: NamespaceProof | AbsenceProof, count: SupportsIndex = 0
) -> Proof:
    """Return Celestia's form of the proof of a namespace, of whose leaves there are ``count``.

    Raises ``ValueError`` for a count or a number of nodes that do not go with the proof and the head's size.

    >>> import tallystick as ts
    >>> from tallystick.interop import nmt
    >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
    >>> tree = ts.NamespacedTree([b"a", b"c"], [one, three])
    >>> theirs = nmt.to_namespace(tree.head, tree.prove_namespace(two))
    >>> theirs.start, theirs.end, theirs.leaf_hash == bytes(tree.prove_namespace(two).nodes[0])
    (1, 2, True)
    """
    nodes, count = _rows(proof), _integer(count)
    if isinstance(proof, NamespaceProof):
        end = proof.start + count
        return Proof(proof.start, end, _to_their_order(nodes, head, proof.start, end))
    if count:
        raise ValueError("a namespace that is absent has no leaves")
    if not nodes:
        return Proof(0, 0, ())
    end = proof.start + 1
    return Proof(proof.start, end, _to_their_order(nodes[1:], head, proof.start, end), nodes[0])


def from_namespace(theirs: Proof, head: NamespacedHead) -> NamespaceProof | AbsenceProof:
    """Return our form of Celestia's proof of a namespace, of ``theirs.end - theirs.start`` leaves.

    Raises :class:`DecodeError` for a proof that no namespace of a tree of the head's size and scheme has.
    Nothing is verified: that is for :meth:`NamespacedHead.verify_namespace` and
    :meth:`NamespacedHead.verify_absent`.

    >>> import tallystick as ts
    >>> from tallystick.interop import nmt
    >>> tree = ts.NamespacedTree([b"a"], [bytes(29)])
    >>> nmt.from_namespace(nmt.Proof(0, 1, ()), tree.head)
    <NamespaceProof: from leaf 0, 0 nodes>
    """
    if theirs.start == theirs.end:
        if theirs != Proof(0, 0, ()):
            raise DecodeError("an empty range with a place, nodes or a leaf, or without the rule for parity")
        return AbsenceProof(0, [], **_sizes(head))
    nodes = _to_our_order(theirs, head)
    if not theirs.leaf_hash:
        return NamespaceProof(theirs.start, nodes, **_sizes(head))
    if theirs.end != theirs.start + 1:
        raise DecodeError("a proof of absence is of one leaf")
    return AbsenceProof(theirs.start, [_node(theirs.leaf_hash, head), *nodes], **_sizes(head))


def _sizes(head: NamespacedHead) -> dict[str, int]:
    namespace_size = len(head.range[0])
    return {"namespace_size": namespace_size, "digest_size": len(head.root) - 2 * namespace_size}


def _rows(proof: NamespacedInclusionProof | NamespaceProof | AbsenceProof) -> list[bytes]:
    return [row.tobytes() for row in proof.nodes]


def _node(node: bytes, head: NamespacedHead) -> bytes:
    if len(node) != len(head.root):
        raise DecodeError(f"a node of {len(node)} bytes, not {len(head.root)}")
    return node


def _sides(start: int, end: int, size: int) -> Iterator[str]:
    """Yield on which side our nodes of leaves ``[start, end)`` are: level by level, left before right."""
    first, last = start, end - 1
    while size > 1:
        if first % 2:
            yield "left"
        if last % 2 == 0 and last + 1 < size:
            yield "right"
        first, last, size = first // 2, last // 2, (size + 1) // 2


def _checked(
    nodes: list[bytes], head: NamespacedHead, start: int, end: int, error: type[ValueError] = ValueError
) -> list[str]:
    """Return the side of each node, if the tree has leaves ``[start, end)`` and these take as many nodes."""
    if not 0 <= start < end <= head.size:
        raise error(f"leaves {start} to {end} of a tree of {head.size}")
    if any(len(node) != len(head.root) for node in nodes):
        raise error(f"nodes of the head's scheme have {len(head.root)} bytes")
    sides = list(_sides(start, end, head.size))
    if len(sides) != len(nodes):
        raise error(f"{len(nodes)} nodes; leaves {start} to {end} of {head.size} take {len(sides)}")
    return sides


def _to_their_order(nodes: list[bytes], head: NamespacedHead, start: int, end: int) -> tuple[bytes, ...]:
    sides = _checked(nodes, head, start, end)
    pairs = list(zip(sides, nodes, strict=True))
    left = [node for side, node in pairs if side == "left"]
    return (*left[::-1], *(node for side, node in pairs if side == "right"))


def _to_our_order(theirs: Proof, head: NamespacedHead) -> list[bytes]:
    if not theirs.is_max_namespace_ignored:
        raise DecodeError("a proof of other rules: ranges do not leave the highest namespace out")
    nodes = list(theirs.nodes)
    sides = _checked(nodes, head, theirs.start, theirs.end, DecodeError)
    count = sides.count("left")
    left, right = iter(nodes[:count][::-1]), iter(nodes[count:])
    return [next(left if side == "left" else right) for side in sides]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _number(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise DecodeError(f"{what} is not a number from 0 to 2**63 - 1")
    return value


def _bytes(value: object, what: str) -> bytes:
    try:
        if isinstance(value, str):
            data = base64.b64decode(value, validate=True)
            if _base64(data) == value:
                return data
    except (binascii.Error, ValueError):
        pass
    raise DecodeError(f"{what} is not in base64")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _tagged(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value) if value else b""


def _delimited(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message. That they are written like this, the caller finds by writing them."""
    at = 0
    while at < len(data):
        tag, at = _read(data, at)
        value, at = _read(data, at)
        if tag in (1 << 3, 2 << 3, 5 << 3):
            yield tag >> 3, value
        elif tag in (3 << 3 | 2, 4 << 3 | 2) and value <= len(data) - at:
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            raise DecodeError("not a field of a proof, or longer than what is there")


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + 10]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise DecodeError("a number without an end")
