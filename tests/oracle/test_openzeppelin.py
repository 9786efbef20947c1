"""OpenZeppelin's library, and its contracts in plain Python: roots, dumps, proofs, both directions."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import openzeppelin as oz

from tests.oracle.javascript import ask, asked, h
from tests.reference import solidity
from tests.support import array, digests_of

SIZES = (*range(1, 41), 500)
TYPES = ["address", "uint256", "string", "bytes4[]"]


def simple_values(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


def standard_values(size: int) -> list[list[Any]]:
    draw = random.Random(size)
    return [
        [
            h(draw.randbytes(20)),
            str(draw.getrandbits(256)),
            "ab" * draw.randrange(40),
            [h(draw.randbytes(4)) for _ in range(draw.randrange(3))],
        ]
        for _ in range(size)
    ]


def chosen(size: int) -> list[list[int]]:
    """Sets of leaves to prove at once: all of small trees, else some."""
    if size <= 5:
        return [list(c) for k in range(1, size + 1) for c in itertools.combinations(range(size), k)]
    draw = random.Random(size)
    return [draw.sample(range(size), draw.randint(1, size)) for _ in range(6)]


class Simple:
    types: list[str] | None = None
    scheme = ts.schemes.OPENZEPPELIN_SIMPLE
    values = staticmethod(simple_values)

    def json(self, value: bytes) -> Any:
        return h(value)

    def leaf(self, value: bytes) -> bytes:
        return value

    def digest(self, value: bytes) -> bytes:
        return value

    def dump(self, tree: ts.MerkleTree, values: list[Any]) -> str:
        return oz.dump(tree, values)


class Standard:
    types: list[str] | None = TYPES
    scheme = ts.schemes.OPENZEPPELIN_STANDARD
    values = staticmethod(standard_values)

    def json(self, value: list[Any]) -> Any:
        return value

    def leaf(self, value: list[Any]) -> bytes:
        return oz.abi_encode(TYPES, value)

    def digest(self, value: list[Any]) -> bytes:
        return solidity.keccak256(solidity.keccak256(self.leaf(value)))

    def dump(self, tree: ts.MerkleTree, values: list[Any]) -> str:
        return oz.dump(tree, values, TYPES)


KINDS = pytest.mark.parametrize("kind", [Simple(), Standard()], ids=["simple", "standard"])


@KINDS
def test_everything_that_they_write_is_what_we_write(kind: Any) -> None:
    given = {size: kind.values(size) for size in SIZES}
    answers = asked(
        [
            {
                "ask": "openzeppelin",
                "types": kind.types,
                "values": [kind.json(value) for value in values],
                "many": chosen(size),
            }
            for size, values in given.items()
        ]
    )
    for (size, values), theirs in zip(given.items(), answers, strict=True):
        leaves = [kind.leaf(value) for value in values]
        tree = ts.MerkleTree(leaves, scheme=kind.scheme)
        assert h(tree.root) == theirs["root"]
        assert kind.dump(tree, values) == theirs["dump"]
        assert [oz.to_proof(tree.prove(index)) for index in range(size)] == theirs["proofs"]
        for indices, text in zip(chosen(size), theirs["many"], strict=True):
            sequence, proof = oz.prove_many(tree, indices)
            assert sorted(sequence) == sorted(indices)
            assert proof.to_json([kind.json(values[index]) for index in sequence]) == text


@KINDS
def test_what_they_write_is_read_and_verified_here(kind: Any) -> None:
    given = {size: kind.values(size) for size in (1, 2, 3, 7, 12, 33)}
    answers = asked(
        [
            {
                "ask": "openzeppelin",
                "types": kind.types,
                "values": [kind.json(value) for value in values],
                "many": chosen(size),
            }
            for size, values in given.items()
        ]
    )
    for (size, values), theirs in zip(given.items(), answers, strict=True):
        read = oz.load(theirs["dump"])
        head = read.tree.head
        assert head == ts.TreeHead(kind.scheme, size, bytes.fromhex(theirs["root"][2:]))
        assert list(read.values) == [kind.json(value) for value in values]
        assert read.types == (tuple(TYPES) if kind.types else None)
        for value, proof in zip(values, theirs["proofs"], strict=True):
            head.verify_inclusion(None, kind.leaf(value), oz.from_proof(json.dumps(proof)))
        for text in theirs["many"]:
            named, many = oz.FlaggedProof.from_json(text)
            leaves = [oz.abi_encode(TYPES, v) if kind.types else bytes.fromhex(v[2:]) for v in named]
            oz.verify_many(head, leaves, many)


@KINDS
def test_what_we_write_is_loaded_and_verified_there(kind: Any) -> None:
    questions: list[dict[str, Any]] = []
    expected: list[Any] = []
    for size in (1, 2, 5, 12, 33):
        values = kind.values(size)
        tree = ts.MerkleTree([kind.leaf(value) for value in values], scheme=kind.scheme)
        proofs = [oz.to_proof(tree.prove(index)) for index in range(size)]
        common = {"root": h(tree.root), "types": kind.types}
        questions.append({"ask": "openzeppelinLoad", "dump": kind.dump(tree, values), "types": kind.types})
        expected.append({"root": h(tree.root), "proofs": proofs})
        for value, proof in zip(values, proofs, strict=True):
            questions.append(
                {"ask": "openzeppelinVerify", "value": kind.json(value), "proof": proof, **common}
            )
            expected.append(True)
        for indices in chosen(size):
            sequence, flagged = oz.prove_many(tree, indices)
            text = flagged.to_json([kind.json(values[index]) for index in sequence])
            questions.append({"ask": "openzeppelinVerifyMany", "many": text, **common})
            expected.append(True)
    assert asked(questions) == expected


@KINDS
def test_the_contract_takes_our_proofs(kind: Any) -> None:
    for size in (*range(1, 41), 300):
        values = kind.values(size)
        tree = ts.MerkleTree([kind.leaf(value) for value in values], scheme=kind.scheme)
        for index in range(0, size, 1 + size // 40):
            proof = digests_of(tree.prove(index))
            assert solidity.verify(proof, tree.root, kind.digest(values[index]))
            assert not solidity.verify(proof[:-1], tree.root, kind.digest(values[index])) or size == 1
        for indices in chosen(size):
            sequence, many = oz.prove_many(tree, indices)
            digests = [kind.digest(values[index]) for index in sequence]
            assert solidity.process_multi_proof(many.digests, many.flags, digests) == tree.root


@KINDS
def test_equal_leaves(kind: Any) -> None:
    values = [kind.values(3)[place] for place in (2, 0, 2, 1, 2)]
    tree = ts.MerkleTree([kind.leaf(value) for value in values], scheme=kind.scheme)
    question = {"ask": "openzeppelin", "types": kind.types, "values": [kind.json(v) for v in values]}
    (theirs,) = asked([question])
    assert kind.dump(tree, values) == theirs["dump"]
    assert oz.load(theirs["dump"]).tree.head == tree.head
    for indices in chosen(5):
        sequence, many = oz.prove_many(tree, indices)
        oz.verify_many(tree.head, [kind.leaf(values[index]) for index in sequence], many)


def test_a_large_tree() -> None:
    values = simple_values(4_000)
    (theirs,) = asked([{"ask": "openzeppelin", "values": [h(value) for value in values]}])
    tree = oz.simple_tree(values)
    assert oz.dump(tree) == theirs["dump"]
    assert [oz.to_proof(proof) for proof in tree.prove_each()] == theirs["proofs"]


def test_a_hash_of_ones_own() -> None:
    scheme = ts.schemes.openzeppelin_simple(ts.hashes.SHA256)
    trees = [ts.MerkleTree(simple_values(size), scheme=scheme) for size in (1, 2, 9, 40)]
    questions = [
        {
            "ask": "openzeppelin",
            "values": [h(value) for value in simple_values(len(tree))],
            "custom": True,
            "many": chosen(len(tree)),
        }
        for tree in trees
    ]
    loads = [{"ask": "openzeppelinLoad", "dump": oz.dump(tree), "custom": True} for tree in trees]
    answers = asked([*questions, *loads])
    for tree, theirs, loaded in zip(trees, answers, answers[len(trees) :], strict=False):
        assert oz.dump(tree) == theirs["dump"]
        assert oz.load(theirs["dump"], scheme=scheme).tree.head == tree.head
        assert loaded["root"] == h(tree.root)
        for text in theirs["many"]:
            leaves, many = oz.FlaggedProof.from_json(text)
            oz.verify_many(tree.head, [bytes.fromhex(leaf[2:]) for leaf in leaves], many)


def test_an_empty_tree_is_refused_by_both() -> None:
    (simple, standard) = ask(
        [{"ask": "openzeppelin", "values": []}, {"ask": "openzeppelin", "values": [], "types": TYPES}]
    )
    assert "error" in simple
    assert "error" in standard
    for scheme in (Simple.scheme, Standard.scheme):
        with pytest.raises(ValueError, match="at least one leaf"):
            ts.MerkleTree([], scheme=scheme)


def drawn(draw: random.Random, name: str) -> Any:  # noqa: PLR0911 - a case a kind
    """A value of a type, as JSON has it."""
    if name.endswith("]"):
        inner, _, length = name[:-1].rpartition("[")
        return [drawn(draw, inner) for _ in range(int(length) if length else draw.randrange(4))]
    if name.startswith("("):
        return [drawn(draw, part) for part in PARTS[name]]
    if name == "address":
        return h(draw.randbytes(20))
    if name == "bool":
        return draw.random() < 0.5
    if name == "string":
        return "".join(draw.choice("aé漢\U0001f600 ") for _ in range(draw.randrange(30)))
    if name == "bytes":
        return h(draw.randbytes(draw.randrange(70)))
    if name.startswith("bytes"):
        return h(draw.randbytes(int(name[5:])))
    bits = int(name.lstrip("uint") or 256)
    if name.startswith("u"):
        return str(draw.choice([0, 1, 2**bits - 1, draw.getrandbits(bits)]))
    return str(draw.choice([0, -1, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1, -draw.getrandbits(bits - 1)]))


PARTS = {"(address,uint8)": ["address", "uint8"], "(string,bytes3[])": ["string", "bytes3[]"]}
ELEMENTARY = [
    *("address", "bool", "string", "bytes", "uint", "int"),
    *(f"bytes{size}" for size in (1, 2, 20, 31, 32)),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 24, 128, 248, 256)),
    *PARTS,
]


def test_solidity_values() -> None:
    draw = random.Random(6)
    cases = [([name], [drawn(draw, name)]) for name in ELEMENTARY for _ in range(4)]
    for _ in range(300):
        types = [
            draw.choice(ELEMENTARY) + draw.choice(["", "", "", "[]", "[3]", "[][2]", "[2][]", "[1][2][]"])
            for _ in range(draw.randint(1, 6))
        ]
        cases.append((types, [drawn(draw, name) for name in types]))
    answers = asked([{"ask": "openzeppelin", "types": types, "values": [v]} for types, v in cases])
    for (types, value), theirs in zip(cases, answers, strict=True):
        assert h(oz.standard_tree([value], types).root) == theirs["root"], types


@pytest.mark.parametrize("depth", [0, 1, 2, 6, 20])
@pytest.mark.parametrize("zero", [bytes(32), solidity.keccak256(b"zero")], ids=["zero", "word"])
def test_the_contract_that_pushes(depth: int, zero: bytes) -> None:
    scheme = ts.schemes.openzeppelin_solidity(depth, zero)
    contract = solidity.PushTree(depth, zero)
    tree = ts.MerkleTree(scheme=scheme)
    assert tree.root == contract.root
    for leaf in simple_values(min(40, 2**depth)):
        tree.append(leaf)
        assert tree.root == contract.push(leaf)
    for index in range(len(tree)):
        leaf = simple_values(min(40, 2**depth))[index]
        proof = digests_of(tree.prove(index))
        assert len(proof) == depth
        assert solidity.verify(proof, tree.root, leaf)
        tree.head.verify_inclusion(None, leaf, tree.prove(index))
    if depth < 6:
        with pytest.raises(solidity.Stopped):
            contract.push(zero)
        with pytest.raises(ValueError, match="leaves"):
            tree.append(zero)
