"""Sparse trees against Fuel's, Penumbra's jmt, ICS-23's verifier and py-trie: roots and proofs, both ways."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
import tallystick as ts

from tests.oracle.counterparts import Ask
from tests.reference import codec, protobuf_form
from tests.reference.attacks_sparse import nearby
from tests.reference.refusals import Refused
from tests.reference.schemes import Scheme
from tests.reference.sparse import Items, SparseTree, kind_of, parted, top
from tests.reference.sparse_objects import EMPTY_END, OTHER_LEAF, PRESENT, SparseHead, SparseProof
from tests.reference.sparse_rules import DEPTH, NodeKind, bit, packed
from tests.reference.sparse_verify import verify_absent, verify_present

smt = pytest.importorskip("trie.smt", reason="py-trie is not installed")

ICS23 = Scheme("ics23_smt", "sha256")
JELLYFISH = Scheme("jellyfish", "sha256")
FULL = Scheme("sparse_256", "keccak256")

Values = dict[bytes, bytes]


@dataclass(frozen=True)
class Case:
    """What is inserted and then removed, and what is asked."""

    inserted: Values
    removed: tuple[bytes, ...]
    queries: tuple[bytes, ...]

    @property
    def left(self) -> Values:
        return {one: value for one, value in self.inserted.items() if one not in self.removed}

    def asked(self, call: str) -> dict[str, Any]:
        return {
            "call": call,
            "keys": [one.hex() for one in self.inserted],
            "values": [value.hex() for value in self.inserted.values()],
            "removed": [one.hex() for one in self.removed],
            "queries": [one.hex() for one in self.queries],
        }


def some_cases() -> Iterator[Case]:
    """Sizes 0 to 20 and larger ones; keys at random, and neighbours of them at every depth."""
    source = random.Random("sparse")
    for size in (*range(21), 100, 300):
        keys = [source.randbytes(32) for _ in range(size)]
        for one in list(keys[: size // 3]):
            keys.append(nearby(one, source.randrange(256)))
            keys.append(nearby(one, source.choice((0, 3, 4, 7, 8, 252, 254, 255))))
        values = {one: source.randbytes(1 + source.randrange(40)) for one in keys}
        removed = tuple(one for one in values if source.random() < 0.25)
        beside = [nearby(one, source.randrange(256)) for one in keys[:12]]
        others = [source.randbytes(32) for _ in range(12)]
        queries = [*source.sample(sorted(values), min(len(values), 25)), *beside, *others]
        yield Case(values, removed, tuple(dict.fromkeys(queries)))


CASES = list(some_cases())


def of_siblings(
    scheme: Scheme, siblings: list[bytes], end: int, witness: tuple[bytes, bytes] | None
) -> SparseProof:
    """Our proof of siblings from the leaf up, of which the empty ones are there."""
    depth = len(siblings)
    sent = [sibling != scheme.nothing(depth - place) for place, sibling in enumerate(siblings)]
    digests = tuple(sibling for sibling, here in zip(siblings, sent, strict=True) if here)
    bitmap = packed([int(here) for here in reversed(sent)])
    return SparseProof(scheme.digest_size, end, depth, bitmap, digests, b"".join(witness or ()))


def siblings_of(scheme: Scheme, proof: SparseProof) -> list[bytes]:
    """All siblings, from the leaf up."""
    digests = iter(proof.digests)
    return [
        next(digests) if proof.is_sent(depth) else scheme.nothing(depth)
        for depth in range(proof.depth, 0, -1)
    ]


class Library(SparseTree):
    """The library's tree behind the twin's face: what it proves and accepts crosses as bytes."""

    def __init__(self, scheme: Scheme, values: Values) -> None:
        super().__init__(scheme, values)
        self.tree = ts.SparseTree(values, scheme=ts.Scheme.from_bytes(codec.encode(scheme)))

    @property
    def head(self) -> SparseHead:
        return codec.decode(SparseHead, self.tree.head.to_bytes())

    def prove(self, key: bytes) -> SparseProof:
        return codec.decode(SparseProof, self.tree.prove(key).to_bytes())

    def accepts(self, one: bytes, value: bytes | None, proof: SparseProof) -> bool:
        head, shown = self.tree.head, ts.SparseProof.from_bytes(codec.encode(proof))
        try:
            if value is None:
                head.verify_absent(one, shown)
            else:
                head.verify_present(one, value, shown)
        except ts.InvalidProof:
            return False
        return True


class Twin(SparseTree):
    """The twin's tree."""

    def accepts(self, one: bytes, value: bytes | None, proof: SparseProof) -> bool:
        try:
            if value is None:
                verify_absent(self.head, one, proof)
            else:
                verify_present(self.head, one, value, proof)
        except Refused:
            return False
        return True


Ours = type[Library] | type[Twin]
both = pytest.mark.parametrize("ours", [Library, Twin])


def end_of(present: bool, witness: object) -> int:
    return PRESENT if present else OTHER_LEAF if witness else EMPTY_END


def check(tree: Library | Twin, values: Values, one: bytes, proof: SparseProof) -> None:
    """What is so is accepted, and the opposite refused."""
    value = values.get(one)
    assert tree.accepts(one, value, proof)
    assert not tree.accepts(one, (value or b"") + b"more", proof)
    assert value is None or not tree.accepts(one, None, proof)


@both
def test_roots_and_proofs_are_fuels(crates: Ask, ours: Ours) -> None:
    for case, theirs in zip(CASES, crates([case.asked("fuel") for case in CASES]), strict=True):
        tree = ours(ICS23, case.left)
        assert theirs["root"] == tree.head.root.hex()
        for one, found in zip(case.queries, theirs["proofs"], strict=True):
            other = found["witness"]
            witness = (bytes.fromhex(other["key"]), bytes.fromhex(other["value_hash"])) if other else None
            siblings = [bytes.fromhex(sibling) for sibling in found["siblings"]]
            read = of_siblings(ICS23, siblings, end_of(found["present"], other), witness)
            assert read == tree.prove(one)
            check(tree, case.left, one, read)


@both
@pytest.mark.parametrize("honest", [True, False])
def test_fuel_verifies_our_proofs(crates: Ask, ours: Ours, honest: bool) -> None:
    claims = []
    for case in CASES:
        tree = ours(ICS23, case.left)
        for one in case.queries:
            proof = tree.prove(one)
            value = case.left.get(one, b"") + b"" * honest + b"more" * (not honest)
            witness = {"key": proof.witness[:32].hex(), "value_hash": proof.witness[32:].hex()}
            shown = {
                "siblings": [sibling.hex() for sibling in siblings_of(ICS23, proof)],
                "present": proof.end == PRESENT if honest else True,
                "witness": witness if proof.witness else None,
            }
            claims.append(
                {
                    "call": "fuel_verify",
                    "root": tree.head.root.hex(),
                    "key": one.hex(),
                    "value": value.hex(),
                    "proof": shown,
                }
            )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def digest_of(node: Any) -> bytes:
    """The digest of a node as jmt writes it."""
    if node == "Null":
        return JELLYFISH.nothing(0)
    ((kind, parts),) = node.items()
    one, other = (bytes(part) for part in parts.values())
    return JELLYFISH.sparse_leaf(one, other) if kind == "Leaf" else JELLYFISH.sparse_node(one, other)


def node_of(items: Items, depth: int) -> Any:
    """A subtree's topmost node as jmt writes it."""
    match kind_of(JELLYFISH, items, depth):
        case NodeKind.EMPTY:
            return "Null"
        case NodeKind.LEAF:
            return {"Leaf": {"key_hash": list(items[0].key), "value_hash": list(items[0].value_digest)}}
    left, right = (list(top(JELLYFISH, side, depth + 1)) for side in parted(items, depth))
    return {"Internal": {"left_child": left, "right_child": right}}


@both
def test_roots_and_proofs_are_jmts(crates: Ask, ours: Ours) -> None:
    for case, theirs in zip(CASES, crates([case.asked("jmt") for case in CASES]), strict=True):
        tree = ours(JELLYFISH, case.left)
        assert theirs["root"] == tree.head.root.hex()
        for one, found in zip(case.queries, theirs["proofs"], strict=True):
            leaf = found["proof"]["leaf"]
            other = None if found["present"] or not leaf else tuple(bytes(part) for part in leaf.values())
            siblings = [digest_of(node) for node in found["proof"]["siblings"]]
            read = of_siblings(JELLYFISH, siblings, end_of(found["present"], other), other)
            assert read == tree.prove(one)
            check(tree, case.left, one, read)


@both
@pytest.mark.parametrize("honest", [True, False])
def test_jmt_verifies_our_proofs(crates: Ask, ours: Ours, honest: bool) -> None:
    claims = []
    for case in CASES:
        tree = ours(JELLYFISH, case.left)
        for one in case.queries:
            claim = jmt_claim(tree, one)
            value = case.left.get(one)
            if not honest:
                value = b"more" if value is None else None
            claims.append({**claim, "value": None if value is None else value.hex()})
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def jmt_claim(tree: SparseTree, one: bytes) -> dict[str, Any]:
    """A proof as jmt has it: every sibling is a node, not its digest."""
    proof, siblings, below = tree.prove(one), [], tree.items
    for depth in range(proof.depth):
        sides = parted(below, depth)
        siblings.append(node_of(sides[1 - bit(one, depth)], depth + 1))
        below = sides[bit(one, depth)]
    assert [digest_of(node) for node in reversed(siblings)] == siblings_of(JELLYFISH, proof)
    leaf = one + tree.digests[one] if proof.end == PRESENT else proof.witness
    found = {"key_hash": list(leaf[:32]), "value_hash": list(leaf[32:])} if leaf else None
    shown = {"leaf": found, "siblings": siblings[::-1], "phantom_hasher": None}
    return {"call": "jmt_verify", "root": tree.head.root.hex(), "key": one.hex(), "proof": shown}


PREFIXES = {ICS23: (b"\x00", b"\x01"), JELLYFISH: (b"JMT::LeafNode", b"JMT::IntrnalNode")}


def existence(tree: SparseTree, name: bytes, value: bytes) -> bytes:
    """ICS-23's message of a present key, whose path is the key's hash: SHA-256 of everything."""
    leaf, node = PREFIXES[tree.scheme]
    one = sha256(name).digest()
    proof = tree.prove(one)
    number, delimited = protobuf_form.number, protobuf_form.delimited
    message = delimited(1, name) + delimited(2, value)
    message += delimited(3, number(1, 1) + number(2, 1) + number(3, 1) + delimited(5, leaf))
    for level, sibling in enumerate(siblings_of(tree.scheme, proof)):
        if bit(one, proof.depth - 1 - level):
            step = delimited(2, node + sibling)
        else:
            step = delimited(2, node) + delimited(3, sibling)
        message += delimited(4, number(1, 1) + step)
    return message


@both
@pytest.mark.parametrize("scheme", PREFIXES, ids=lambda scheme: scheme.family)
@pytest.mark.parametrize("honest", [True, False])
def test_the_verifier_of_ics_23_takes_our_proofs(
    crates: Ask, ours: Ours, scheme: Scheme, honest: bool
) -> None:
    """Present keys, and absent ones between two neighbours that are present."""
    delimited = protobuf_form.delimited
    claims = []
    for size in (1, 2, 3, 10, 60):
        names = {b"name %d" % place: b"value %d" % place for place in range(size)}
        tree = ours(scheme, {sha256(name).digest(): value for name, value in names.items()})
        common = {
            "call": "ics23_verify",
            "jellyfish": scheme == JELLYFISH,
            "root": tree.head.root.hex(),
        }
        proofs = {name: existence(tree, name, value) for name, value in names.items()}
        for name, value in names.items():
            shown = value if honest else value + b"more"
            message = delimited(1, proofs[name])
            claims.append({**common, "key": name.hex(), "value": shown.hex(), "proof": message.hex()})
        order = sorted(names, key=lambda name: sha256(name).digest())
        for missing in (b"missing %d" % place for place in range(20)):
            before = [name for name in order if sha256(name).digest() < sha256(missing).digest()]
            behind = order[len(before) :]
            sides = [(2, before[-1:]), (3, behind[:1])]
            if not honest:
                # Not neighbours, or none at all.
                sides = [(2, before[-2:-1]), (3, behind[:1])] if len(before) > 1 else []
            message = delimited(1, missing)
            for field, names_beside in sides:
                message += b"".join(delimited(field, proofs[name]) for name in names_beside)
            claims.append(
                {**common, "key": missing.hex(), "value": None, "proof": delimited(2, message).hex()}
            )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def py_trie(values: Mapping[bytes, bytes]) -> Any:
    """py-trie's tree of 256 levels over a leaf of zeros, which it takes from a database."""
    zeros = [FULL.nothing(DEPTH - level) for level in range(DEPTH + 1)]
    nodes = {above: below + below for below, above in pairwise(zeros)}
    tree = smt.SparseMerkleTree.from_db({**nodes, zeros[0]: b"nothing"}, zeros[DEPTH])
    for one, value in values.items():
        tree.set(one, value)
    return tree


@both
def test_full_trees_are_py_tries(ours: Ours) -> None:
    source = random.Random("full")
    for size in (0, 1, 2, 3, 8, 40):
        keys = [source.randbytes(32) for _ in range(size)]
        keys += [nearby(one, source.choice((0, 100, 254, 255))) for one in keys[: size // 2]]
        values = {one: source.randbytes(1 + place % 70) for place, one in enumerate(keys)}
        theirs, tree = py_trie(values), ours(FULL, values)
        assert theirs.root_hash == tree.head.root
        absent = [source.randbytes(32) for _ in range(4)] + [nearby(one, 255) for one in keys[:3]]
        for one in [*keys[:12], *(one for one in absent if one not in values)]:
            branch = list(theirs.branch(one))[::-1]
            read = of_siblings(FULL, branch, end_of(one in values, None), None) if size else tree.prove(one)
            assert read == tree.prove(one)
            check(tree, values, one, read)
            if one in values:
                shown = siblings_of(FULL, tree.prove(one))[::-1]
                assert smt.calc_root(one, values[one], shown) == tree.head.root
                assert smt.calc_root(one, values[one] + b"more", shown) != tree.head.root
