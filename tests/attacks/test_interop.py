"""Foreign proofs and dumps that were changed: refused with a typed error, and the honest ones accepted.

A9, A11, A27 and A29 of the list of published failures. A proof verifies only
with its digests, sides, flags, sizes and places as they are. What others accept besides, `tests/oracle`
shows.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import ethereum, imt, lean_imt, merkletreejs, mmr, openzeppelin, ssz, tendermint
from tallystick.interop.openzeppelin import FlaggedProof

from tests.support import all_flips, array

REFUSED = (ts.InvalidProof, ts.DecodeError)
SIZE = 11
LEAVES = [row.tobytes() for row in array(SIZE)]
VALUES = [[leaf, 1000 + place] for place, leaf in enumerate(LEAVES)]
TYPES = ["bytes32", "uint64"]
ENCODED = [openzeppelin.abi_encode(TYPES, value) for value in VALUES]

Check = Callable[[Any], None]


def tree_of(scheme: ts.Scheme) -> ts.MerkleTree:
    leaves = ENCODED if scheme == ts.schemes.OPENZEPPELIN_STANDARD else LEAVES
    return ts.MerkleTree(leaves, scheme=scheme)


def openzeppelin_single(scheme: ts.Scheme, index: int) -> tuple[Any, Check]:
    tree = tree_of(scheme)
    leaf = (LEAVES if scheme.bare_leaves else ENCODED)[index]
    honest = openzeppelin.to_proof(tree.prove(index))
    return honest, lambda found: tree.head.verify_inclusion(None, leaf, openzeppelin.from_proof(found))


def openzeppelin_many(scheme: ts.Scheme, indices: list[int]) -> tuple[Any, Check]:
    tree = tree_of(scheme)
    sequence, proof = openzeppelin.prove_many(tree, indices)
    leaves = [(LEAVES if scheme.bare_leaves else ENCODED)[index] for index in sequence]
    honest = json.loads(proof.to_json([]))

    def check(found: Any) -> None:
        named, many = FlaggedProof.from_json(found if isinstance(found, str) else json.dumps(found))
        if named:
            raise ts.DecodeError("leaves were named")
        openzeppelin.verify_many(tree.head, leaves, many)

    return honest, check


def openzeppelin_dump(scheme: ts.Scheme) -> tuple[Any, Check]:
    tree = tree_of(scheme)
    standard = scheme == ts.schemes.OPENZEPPELIN_STANDARD
    honest = openzeppelin.dump(tree, *((VALUES, TYPES) if standard else ()))

    def check(found: Any) -> None:
        text = found if isinstance(found, str) else json.dumps(found)
        assert openzeppelin.load(text).tree.head == tree.head, "another tree was loaded"

    return json.loads(honest), check


def merkletreejs_single(index: int, *, positional: bool) -> tuple[Any, Check]:
    tree = tree_of(ts.schemes.PROMOTED)
    honest: Any = merkletreejs.to_proof(tree.head, index, tree.prove(index))
    if positional:
        honest = [[int(part["position"] == "right"), part["data"]] for part in honest]

    def check(found: Any) -> None:
        tree.head.verify_inclusion(index, LEAVES[index], merkletreejs.from_proof(found, tree.head, index))

    return honest, check


def merkletreejs_sorted(index: int) -> tuple[Any, Check]:
    tree = tree_of(merkletreejs.sorted_scheme())
    honest = merkletreejs.to_hex_proof(tree.head, tree.prove(index))

    def check(found: Any) -> None:
        proof = merkletreejs.from_hex_proof(found, tree.head)
        tree.head.verify_inclusion(None, LEAVES[index], proof)

    return honest, check


def zk_kit(module: Any, scheme: ts.Scheme, index: int) -> tuple[Any, Check]:
    tree = tree_of(scheme)

    def check(found: Any) -> None:
        claim = module.from_proof(found, tree.head)
        tree.head.verify_inclusion(claim.index, claim.leaf, claim.proof)

    return module.to_proof(tree.head, index, LEAVES[index], tree.prove(index)), check


def ssz_single(scheme: ts.Scheme, index: int) -> tuple[Any, Check]:
    tree = tree_of(scheme)
    honest = ["0x" + chunk.hex() for chunk in ssz.to_branch(tree.head, index, tree.prove(index))]

    def check(found: Any) -> None:
        tree.head.verify_inclusion(index, LEAVES[index], ssz.from_branch(tree.head, index, found))

    return honest, check


def ssz_rooted(scheme: ts.Scheme, indices: list[int]) -> tuple[Any, Check]:
    tree = tree_of(scheme)
    proof = ssz.to_branches(tree.head, indices, tree.prove_many(indices))
    nodes = [ssz.generalised_index(tree.head, index) for index in indices]
    leaves = [LEAVES[index] for index in indices]
    honest = ["0x" + chunk.hex() for chunk in proof]
    return honest, lambda found: ssz.verify_branches(tree.root, nodes, leaves, found)


def ssz_many(scheme: ts.Scheme, indices: list[int]) -> tuple[Any, Check]:
    tree = tree_of(scheme)
    honest = ["0x" + c.hex() for c in ssz.to_branches(tree.head, indices, tree.prove_many(indices))]
    leaves = [LEAVES[index] for index in indices]

    def check(found: Any) -> None:
        tree.head.verify_many(indices, leaves, ssz.from_branches(tree.head, indices, found))

    return honest, check


def tendermint_single(index: int) -> tuple[Any, Check]:
    tree = tree_of(ts.schemes.TENDERMINT)

    def check(found: Any) -> None:
        claim = tendermint.from_proof(found, tree.head, LEAVES[index])
        tree.head.verify_inclusion(claim.index, LEAVES[index], claim.proof)

    return tendermint.to_proof(tree.head, index, LEAVES[index], tree.prove(index)), check


def ethereum_account() -> tuple[Any, Check]:
    storage = ethereum.storage_tree({slot * slot: 10**slot for slot in range(1, 40)})
    accounts = {leaf[:20]: ethereum.Account(place, 10**place) for place, leaf in enumerate(LEAVES)}
    address = LEAVES[3][:20]
    accounts[address] = account = ethereum.Account(
        2**40, 7, storage.root, ts.hashes.KECCAK256.digest(b"code")
    )
    state = ts.PatriciaTree(((key, one.to_rlp()) for key, one in accounts.items()), secure=True)
    slots = [9, 16, 17, 2**256 - 1]
    honest = ethereum.to_get_proof(ethereum.prove(state, address, account, storage, slots))
    return honest, lambda found: ethereum.from_get_proof(found).verify(state.head, address, slots)


def ethereum_nodes() -> tuple[Any, Check]:
    tree = ts.PatriciaTree((leaf, leaf) for leaf in LEAVES)
    honest = ethereum.to_nodes(tree.prove(LEAVES[4]))
    return honest, lambda found: tree.head.verify_present(LEAVES[4], LEAVES[4], ethereum.from_nodes(found))


S = ts.schemes
FIXED, LIST, VECTOR = S.fixed_depth(3, arity=3), S.ssz_list(20), S.ssz_vector(SIZE)
FORMATS: dict[str, tuple[Any, Check]] = {
    "openzeppelin simple proof": openzeppelin_single(S.OPENZEPPELIN_SIMPLE, 3),
    "openzeppelin standard proof": openzeppelin_single(S.OPENZEPPELIN_STANDARD, 10),
    "openzeppelin simple many": openzeppelin_many(S.OPENZEPPELIN_SIMPLE, [0, 4, 5, 9]),
    "openzeppelin standard many": openzeppelin_many(S.OPENZEPPELIN_STANDARD, [1, 2, 3]),
    "openzeppelin all": openzeppelin_many(S.OPENZEPPELIN_STANDARD, list(range(SIZE))),
    "openzeppelin simple dump": openzeppelin_dump(S.OPENZEPPELIN_SIMPLE),
    "openzeppelin standard dump": openzeppelin_dump(S.OPENZEPPELIN_STANDARD),
    "merkletreejs": merkletreejs_single(6, positional=False),
    "merkletreejs positional": merkletreejs_single(9, positional=True),
    "merkletreejs sorted": merkletreejs_sorted(2),
    "lean imt": zk_kit(lean_imt, S.LEAN_IMT, 10),
    "lean imt inside": zk_kit(lean_imt, S.LEAN_IMT, 3),
    "imt": zk_kit(imt, FIXED, 10),
    "ssz list": ssz_single(LIST, 10),
    "ssz vector": ssz_single(VECTOR, 0),
    "ssz list many": ssz_many(LIST, [10, 0, 1]),
    "ssz rooted": ssz_rooted(VECTOR, [4, 7]),
    "tendermint": tendermint_single(9),
    "ethereum account": ethereum_account(),
    "ethereum nodes": ethereum_nodes(),
}


def nodes(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    yield path
    for key, item in (
        found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    ):
        yield from nodes(item, (*path, key))


def at(found: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        found = found[key]
    return found


def replaced(found: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    made = copy.deepcopy(found)
    at(made, path[:-1])[path[-1]] = value
    return made


JUNK = (
    None,
    True,
    0,
    -1,
    2**53 - 1,
    "",
    "0x",
    "0x00",
    "0x" + "00" * 32,
    "0x" + "g0" * 32,
    [],
    {},
    [[]],
    "left",
)


def changed(honest: Any) -> Iterator[Any]:
    """Documents that differ from the honest one."""
    for path in nodes(honest):
        value = at(honest, path)
        for junk in (*JUNK, [value], {"value": value}):
            if junk != value or type(junk) is not type(value):
                yield replaced(honest, path, junk)
        if isinstance(value, list):
            for place in range(len(value)):
                yield replaced(honest, path, value[:place] + value[place + 1 :])
                yield replaced(honest, path, [*value[: place + 1], *value[place:]])
            yield replaced(honest, path, [*value, "0x" + "00" * 32])
        elif isinstance(value, dict):
            for key in value:
                yield replaced(honest, path, {name: item for name, item in value.items() if name != key})
            yield replaced(honest, path, {**value, "extra": 0})
        elif isinstance(value, bool):
            yield replaced(honest, path, not value)
        elif isinstance(value, int):
            for other in (
                value + 1,
                value - 1,
                value ^ 4,
                value + 2**32,
                float(value) + 0.5,
                str(value) + " ",
            ):
                yield replaced(honest, path, other)
        elif isinstance(value, str) and len(value) == 66:
            for bit in (0, 7, 100, 255):
                digest = bytearray.fromhex(value[2:])
                digest[bit // 8] ^= 1 << bit % 8
                yield replaced(honest, path, "0x" + digest.hex())
            for other in (value[2:], value + "00", value[:-2], value + " ", value.replace("0x", "0X")):
                yield replaced(honest, path, other)


@pytest.mark.parametrize("name", FORMATS)
def test_every_change_is_refused(name: str) -> None:
    honest, check = FORMATS[name]
    check(honest)
    check(json.dumps(honest))
    tried = 0
    for document in changed(honest):
        for form in (document, json.dumps(document)):
            with pytest.raises(REFUSED):
                check(form)
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("name", FORMATS)
def test_every_bit_of_every_digest_counts(name: str) -> None:
    honest, check = FORMATS[name]
    for path in nodes(honest):
        value = at(honest, path)
        if isinstance(value, str) and len(value) == 66:
            for digest in list(all_flips(bytes.fromhex(value[2:])))[:: 1 if "dump" not in name else 37]:
                with pytest.raises(REFUSED):
                    check(replaced(honest, path, "0x" + digest.hex()))


@pytest.mark.parametrize("name", FORMATS)
def test_random_changes(name: str) -> None:
    honest, check = FORMATS[name]
    draw = random.Random(name)
    for _ in range(150):
        document = honest
        for _ in range(draw.randint(1, 3)):
            places = list(nodes(document))
            value = at(honest, draw.choice(list(nodes(honest))))
            document = replaced(document, draw.choice(places), draw.choice([value, *JUNK]))
        if document == honest:
            continue
        with pytest.raises(REFUSED):
            check(document)


@pytest.mark.parametrize("name", FORMATS)
def test_texts_that_are_not_json_of_the_form(name: str) -> None:
    honest, check = FORMATS[name]
    text = json.dumps(honest)
    for other in ("", "nul", "NaN", text[:-1], text + "]", "[" * 100_000, "\ud800", "1e3", "-0", "9" * 30):
        with pytest.raises(REFUSED):
            check(other)


def test_a_key_twice_is_refused() -> None:
    found = 0
    for honest, check in FORMATS.values():
        if isinstance(honest, dict):
            text = json.dumps(honest)
            for key, value in honest.items():
                with pytest.raises(ts.DecodeError, match="twice"):
                    check("{" + json.dumps(key) + ":" + json.dumps(value) + "," + text[1:])
                found += 1
    assert found > 15


def test_every_bit_of_a_proof_of_grin_counts() -> None:
    tree = tree_of(S.GRIN_MMR)
    data = mmr.to_grin(tree.head, 9, tree.prove(9))
    for other in (*all_flips(data), *(data[:end] for end in range(len(data))), data + bytes(32)):
        with pytest.raises(REFUSED):
            tree.head.verify_inclusion(9, LEAVES[9], mmr.from_grin(other, tree.head))


def test_every_change_of_a_proof_of_nervos_is_refused() -> None:
    tree = tree_of(S.NERVOS_MMR)
    indices = [9, 2, 6]
    honest = mmr.to_nervos_many(tree.head, indices, tree.prove_many(indices))

    def check(proof: mmr.NervosProof) -> None:
        found, ours = mmr.from_nervos_many(proof, tree.head)
        tree.head.verify_many(found, [LEAVES[index] for index in indices], ours)

    check(honest)
    items, positions = list(honest.items), list(honest.positions)
    others = [
        *((honest.mmr_size, positions, items[:place] + items[place + 1 :]) for place in range(len(items))),
        *((honest.mmr_size, positions, [*items, item]) for item in items),
        *((size, positions, items) for size in range(honest.mmr_size + 20) if size != honest.mmr_size),
    ]
    for place, item in enumerate(items):
        others += [(19, positions, [*items[:place], b, *items[place + 1 :]]) for b in all_flips(item)]
        others += [(19, positions, [item, *items[:place], *items[place + 1 :]])] * (place > 0)
    for place, position in enumerate(positions):
        moved = (other for other in range(25) if other != position)
        others += [(19, [*positions[:place], other, *positions[place + 1 :]], items) for other in moved]
    for size, places, digests in others:
        with pytest.raises(REFUSED):
            check(mmr.NervosProof(size, tuple(places), tuple(digests)))
