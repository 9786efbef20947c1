"""OpenZeppelin's Merkle trees: leaves of Solidity values, dumps, proofs, proofs of many with flags.

``schemes.OPENZEPPELIN_STANDARD`` and ``schemes.OPENZEPPELIN_SIMPLE`` build
the trees of the JavaScript library ``@openzeppelin/merkle-tree``. Here is what it writes: dumps in
``standard-v1`` and ``simple-v1``, and proofs as its Solidity library ``MerkleProof`` takes them.

>>> from tallystick.interop import openzeppelin
>>> values = [["0x" + "11" * 20, 5], ["0x" + "22" * 20, 7]]
>>> tree = openzeppelin.standard_tree(values, ["address", "uint256"])
>>> read = openzeppelin.load(openzeppelin.dump(tree, values, ["address", "uint256"]))
>>> read.tree.head == tree.head, read.values[1][1]
(True, 7)
>>> leaf = openzeppelin.abi_encode(["address", "uint256"], values[1])
>>> tree.head.verify_inclusion(None, leaf, openzeppelin.from_proof(openzeppelin.to_proof(tree.prove(1))))
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tallystick import hazmat, schemes
from tallystick.errors import DecodeError
from tallystick.interop import _abi
from tallystick.interop import _reading as reading
from tallystick.interop._flagged import FlaggedProof, prove_many, verify_many
from tallystick.interop._queue import nodes_above, order
from tallystick.proofs import InclusionProof
from tallystick.schemes import Scheme
from tallystick.trees import MerkleTree

__all__ = [
    "Dump",
    "FlaggedProof",
    "abi_encode",
    "dump",
    "from_proof",
    "load",
    "prove_many",
    "simple_tree",
    "standard_tree",
    "to_proof",
    "verify_many",
]

for _own in (FlaggedProof, prove_many, verify_many):
    _own.__module__ = __name__

_DIGEST = 32
_STANDARD = "standard-v1"
_SIMPLE = "simple-v1"


def abi_encode(types: Sequence[str], values: Sequence[object]) -> bytes:
    """Return ``abi.encode`` of values of Solidity types: what a leaf of a standard tree is.

    Types are ``address``, ``bool``, ``string``, ``bytes``, ``bytes1`` to ``bytes32``, ``uint8`` to
    ``uint256``, ``int8`` to ``int256``, arrays ``T[]`` and ``T[k]``, and tuples ``(T,U)``. Integers are
    ``int`` or text, decimal or ``0x`` hex; bytes and addresses are bytes or ``0x`` hex of exactly the
    type's length; arrays and tuples are lists or tuples. Raises ``ValueError`` for other types and for
    values that do not fit theirs, ``TypeError`` for values of other kinds.

    >>> from tallystick.interop import openzeppelin
    >>> openzeppelin.abi_encode(["uint8", "bytes2"], [7, "0xabcd"]).hex().strip("0")
    '7abcd'
    >>> openzeppelin.abi_encode(["uint8"], [256])
    Traceback (most recent call last):
    ValueError: values[0] does not fit uint8
    """
    return _abi.encode(types, values)


def standard_tree(values: Sequence[Sequence[object]], types: Sequence[str]) -> MerkleTree:
    """Return the tree of ``StandardMerkleTree.of(values, types)``. Leaf ``i`` is ``values[i]``.

    Raises as :func:`abi_encode`, and ``ValueError`` for no values.

    >>> from tallystick.interop import openzeppelin
    >>> openzeppelin.standard_tree([["a"], ["b"]], ["string"]).head.size
    2
    """
    leaves = [_abi.encode(types, value, f"values[{row}]") for row, value in enumerate(values)]
    return MerkleTree(leaves, scheme=schemes.OPENZEPPELIN_STANDARD)


def simple_tree(digests: Sequence[bytes] | npt.NDArray[np.uint8]) -> MerkleTree:
    """Return the tree of ``SimpleMerkleTree.of(digests)``; leaves have exactly 32 bytes.

    Nothing tells a leaf from a node. Raises ``ValueError`` for other lengths and for no digests.

    >>> from tallystick.interop import openzeppelin
    >>> openzeppelin.simple_tree([bytes(32)]).root == bytes(32)
    True
    """
    return MerkleTree(digests, scheme=schemes.OPENZEPPELIN_SIMPLE)


def to_proof(proof: InclusionProof) -> list[str]:
    """Return the ``bytes32[] proof`` of ``MerkleProof.verify`` and of ``getProof``, in hex.

    Raises ``TypeError`` for other types, ``ValueError`` for digests of other than 32 bytes.

    >>> from tallystick.interop import openzeppelin
    >>> tree = openzeppelin.simple_tree([bytes(32), b"a" * 32])
    >>> openzeppelin.to_proof(tree.prove(1)) == ["0x" + "00" * 32]
    True
    """
    if not isinstance(proof, InclusionProof):
        raise TypeError(f"proof must be an InclusionProof, not {type(proof).__name__}")
    if proof.digest_size != _DIGEST:
        raise ValueError(f"a proof has digests of {_DIGEST} bytes, not {proof.digest_size}")
    return [reading.tohex(digest) for digest in proof.digests]


def from_proof(document: object) -> InclusionProof:
    """Read what ``getProof`` returned, JSON text or parsed, or a list of bytes.

    ``head.verify_inclusion(None, leaf, proof)`` then verifies it. :class:`tallystick.DecodeError` for
    anything else.

    >>> from tallystick.interop import openzeppelin
    >>> openzeppelin.from_proof('["0x' + "00" * 32 + '"]')
    <InclusionProof: 1 digests of 32 bytes>
    """
    found = reading.digests(reading.parsed(document, "the proof"), "the proof", _DIGEST, 64)
    return InclusionProof(found, digest_size=_DIGEST)


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump that :func:`load` read: the tree, the values as the text has them, and their types.

    ``types`` are ``None`` for a simple tree, whose values are digests in hex.
    """

    tree: MerkleTree
    values: tuple[Any, ...]
    types: tuple[str, ...] | None


def dump(tree: MerkleTree, values: Sequence[Any] | None = None, types: Sequence[str] | None = None) -> str:
    """Return the JSON text that ``StandardMerkleTree.load`` or ``SimpleMerkleTree.load`` reads.

    A standard tree needs its ``values`` and ``types``: it keeps digests alone. A simple tree needs neither.
    Bytes become hex; integers of 2**53 and above become text, because JavaScript would round them. Another
    hash than Keccak-256 is marked as ``custom``, which only simple trees can be.

    Raises ``TypeError`` for a tree of another scheme, ``ValueError`` for values that are not the tree's and
    as :func:`abi_encode`. Costs as many hashes as building the tree.

    >>> from tallystick.interop import openzeppelin
    >>> tree = openzeppelin.standard_tree([[1]], ["uint8"])
    >>> openzeppelin.dump(tree, [[1]], ["uint8"])[:54]
    '{"format":"standard-v1","leafEncoding":["uint8"],"tree'
    """
    standard = _is_standard(tree)
    digests = hazmat.leaf_digests(tree)
    if standard:
        if values is None or types is None:
            raise ValueError("a standard tree's dump has values and types: give both")
        if tree.scheme != schemes.OPENZEPPELIN_STANDARD:
            raise ValueError(f"{_STANDARD} has Keccak-256 alone, not {tree.scheme.hash.name}")
        encoded = [_abi.encode(types, value) for value in values]
        own = _leaf_digests(encoded)
    else:
        if types is not None:
            raise ValueError("a simple tree's values are digests, which have no types")
        given = digests if values is None else [reading.digest(value, "a value", _DIGEST) for value in values]
        own = np.frombuffer(b"".join(bytes(value) for value in given), np.uint8).reshape(-1, _DIGEST)
        values = [reading.tohex(value) for value in given]
    if len(own) != len(tree):
        raise ValueError(f"there are {len(own)} values, and the tree has {len(tree)} leaves")
    if not np.array_equal(own, digests):
        raise ValueError("the values are not the tree's, in its order")
    sequence, nodes = _heap(digests, tree.scheme)
    places = np.empty(len(sequence), np.int64)
    places[sequence] = len(nodes) - 1 - np.arange(len(sequence))
    document: dict[str, Any] = {"format": _STANDARD if standard else _SIMPLE}
    if standard:
        document["leafEncoding"] = list(types or ())
    document["tree"] = [reading.tohex(node) for node in nodes]
    document["values"] = [
        {"value": reading.plain(value), "treeIndex": place}
        for value, place in zip(values, places.tolist(), strict=True)
    ]
    if not standard and tree.scheme != schemes.OPENZEPPELIN_SIMPLE:
        document["hash"] = "custom"
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def load(text: str, *, scheme: Scheme | None = None) -> Dump:
    """Read a dump, and refuse it unless every node of it is what the values make it.

    ``scheme`` is needed for a simple dump with a ``custom`` hash, and for no other:
    ``schemes.openzeppelin_simple(hash)``. A dump made with ``sortLeaves: false`` is not read.

    Raises :class:`tallystick.DecodeError` for anything that is not a dump, every value once and every node
    right; ``TypeError`` for other types, ``ValueError`` for another scheme. Costs twice as many hashes as
    building the tree.

    >>> from tallystick.interop import openzeppelin
    >>> text = openzeppelin.dump(openzeppelin.simple_tree([bytes(32), b"a" * 32]))
    >>> openzeppelin.load(text).tree.head.size
    2
    >>> openzeppelin.load(text.replace("6161", "6262"))
    Traceback (most recent call last):
    tallystick.errors.DecodeError: the dump's node 0 is not the hash of its children
    """
    if not isinstance(text, str):
        raise TypeError(f"a dump is a str, not {type(text).__name__}")
    names = ("format", "tree", "values")
    found = reading.fields(reading.parsed(text, "the dump"), "the dump", names, ("leafEncoding", "hash"))
    standard = found["format"] == _STANDARD
    if not standard and found["format"] != _SIMPLE:
        reading.malformed(f"the dump's format is neither {_STANDARD} nor {_SIMPLE}")
    wanted = _scheme_of(found, standard, scheme)
    nodes = reading.digests(found["tree"], "tree", _DIGEST, reading.MOST_VALUES)
    if any(text.lower() != text for text in found["tree"]):
        reading.malformed("a node of the tree is not in lower-case hex")
    entries = [
        reading.fields(entry, f"values[{place}]", ("value", "treeIndex"))
        for place, entry in enumerate(reading.items(found["values"], "values", reading.MOST_VALUES))
    ]
    if len(nodes) != 2 * len(entries) - 1:
        reading.malformed(
            f"{len(entries)} values make {2 * len(entries) - 1} nodes, and there are {len(nodes)}"
        )
    values = tuple(entry["value"] for entry in entries)
    types = _types(found["leafEncoding"]) if standard else None
    leaves = [_leaf(value, types, place) for place, value in enumerate(values)]
    own = [bytes(row) for row in _leaf_digests(leaves)] if standard else leaves
    _check_places(entries, own, nodes)
    _, expected = _heap(np.frombuffer(b"".join(own), np.uint8).reshape(-1, _DIGEST), wanted)
    given = np.frombuffer(b"".join(nodes), np.uint8).reshape(-1, _DIGEST)
    wrong = np.flatnonzero((given != expected).any(axis=1))
    if len(wrong):
        place = int(wrong[-1])
        if place >= len(values) - 1:
            reading.malformed("the dump's leaves are not sorted; only dumps made with sortLeaves are read")
        reading.malformed(f"the dump's node {place} is not the hash of its children")
    return Dump(MerkleTree(leaves, scheme=wanted), values, types)


def _is_standard(tree: object) -> bool:
    if not isinstance(tree, MerkleTree):
        raise TypeError(f"tree must be a MerkleTree, not {type(tree).__name__}")
    family = tree.scheme.name.partition("/")[0]
    if (
        family not in ("openzeppelin_standard", "openzeppelin_simple")
        or tree.scheme.hash.digest_size != _DIGEST
    ):
        raise ValueError(f"the tree is not one of OpenZeppelin's: it is of {tree.scheme.name}")
    return family == "openzeppelin_standard"


def _scheme_of(found: dict[str, Any], standard: bool, scheme: Scheme | None) -> Scheme:
    """Return the scheme of a dump, which says at most that its hash is another."""
    if scheme is not None:
        if not isinstance(scheme, Scheme):
            raise TypeError(f"scheme must be a Scheme, not {type(scheme).__name__}")
        if scheme != schemes.openzeppelin_simple(scheme.hash) or scheme.hash.digest_size != _DIGEST:
            raise ValueError(f"scheme must be of openzeppelin_simple, not {scheme.name}")
    if standard != ("leafEncoding" in found):
        reading.malformed(f"leafEncoding is of {_STANDARD}, which has it always")
    custom = "hash" in found
    if custom and (standard or found["hash"] != "custom"):
        reading.malformed(f"hash is of {_SIMPLE}, and always 'custom'")
    if not custom:
        if scheme not in (None, schemes.OPENZEPPELIN_SIMPLE) or (standard and scheme is not None):
            raise ValueError("the dump is of Keccak-256: it takes no other scheme")
        return schemes.OPENZEPPELIN_STANDARD if standard else schemes.OPENZEPPELIN_SIMPLE
    if scheme is None:
        raise ValueError("the dump has a custom hash: give its scheme")
    return scheme


def _types(found: object) -> tuple[str, ...]:
    names = reading.items(found, "leafEncoding", 1_000)
    try:
        for name in names:
            _abi.parse(name)
    except (TypeError, ValueError) as error:
        raise DecodeError(f"leafEncoding: {error}") from None
    return tuple(names)


def _leaf(value: Any, types: tuple[str, ...] | None, place: int) -> bytes:
    if types is None:
        return reading.digest(value, f"values[{place}].value", _DIGEST)
    try:
        return _abi.encode(types, value)
    except (TypeError, ValueError) as error:
        raise DecodeError(f"values[{place}].value: {error}") from None


def _leaf_digests(leaves: list[bytes]) -> npt.NDArray[np.uint8]:
    hash = schemes.OPENZEPPELIN_STANDARD.hash  # noqa: A001 - the field's word
    return hash.digest_many(hash.digest_many(leaves))


def _check_places(entries: list[dict[str, Any]], leaves: Sequence[bytes], nodes: list[bytes]) -> None:
    """Every value at a leaf of its own, whose digest is the value's."""
    taken: set[int] = set()
    for place, (entry, leaf) in enumerate(zip(entries, leaves, strict=True)):
        at = entry["treeIndex"]
        if type(at) is not int or not len(entries) - 1 <= at < len(nodes) or at in taken:
            reading.malformed(f"the dump's value {place} has no leaf of its own as treeIndex")
        taken.add(at)
        if nodes[at] != leaf:
            reading.malformed(f"the dump's value {place} is not the leaf at its treeIndex")


def _heap(
    digests: npt.NDArray[np.uint8], scheme: Scheme
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return the leaves in their order, and all nodes as a dump has them: the root first, leaves reversed."""
    sequence = order(digests)
    return sequence, nodes_above(digests[sequence], scheme.hash)[::-1]
