"""Sparse trees of the twin: definition, another construction, every claim about small trees."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from Crypto.Hash import keccak

from tests.reference.attacks_sparse import Absent, Present, attacks, nearby, tree_of
from tests.reference.attacks_sparse import verdict as single_verdict
from tests.reference.attacks_sparse_multi import Many, check, honest_of, many_attacks
from tests.reference.codec import decode, encode
from tests.reference.reader import DecodeError
from tests.reference.refusals import DUPLICATE_KEY, EMPTY_CLAIM, KEY_SIZE, Refused
from tests.reference.samples import items, key, leaf
from tests.reference.schemes import SPARSE_SCHEMES, Scheme, le, lp
from tests.reference.sparse import SparseTree
from tests.reference.sparse_objects import RUN, SparseHead, SparseMultiProof, SparseProof
from tests.reference.sparse_rules import DEPTH, PLACEHOLDER, SPARSE_FAMILIES, Lone, agree, bit, unmarked
from tests.reference.sparse_verify import verify_absent, verify_many, verify_present
from tests.reference.test_reference import vectors
from tests.reference.vectors_sparse import ATTACKED, DEEP
from tests.reference.wire_samples import SPARSE_SAMPLE

SHA256 = tuple(Scheme(family, "sha256") for family in SPARSE_FAMILIES)
NATIVE, ICS23, JELLYFISH, FULL, NERVOS = SHA256

each_scheme = pytest.mark.parametrize("scheme", SPARSE_SCHEMES, ids=lambda scheme: scheme.name)
each_family = pytest.mark.parametrize("scheme", SHA256, ids=lambda scheme: scheme.family)
lone_families = pytest.mark.parametrize("scheme", SHA256[:3], ids=lambda scheme: scheme.family)

# Keys that part at the top, in the middle, at a byte's border and at the very end.
CORNERS = tuple(
    bytes([first]) + bytes(30) + bytes([last]) for first in (0x00, 0x01, 0x80) for last in (0x00, 0x01)
)


def refusal(verify: Callable[..., object], *arguments: object) -> str | None:
    try:
        verify(*arguments)
    except Refused as refused:
        return refused.reason
    return None


def small_trees(scheme: Scheme) -> Iterator[dict[bytes, bytes]]:
    most = len(CORNERS) if scheme.sparse.lone is not Lone.FULL else 2
    for size in range(most + 1):
        for keys in itertools.combinations(CORNERS, size):
            yield {one: b"value %d" % place for place, one in enumerate(keys)}


def test_preimages_of_the_page() -> None:
    a, b = bytes(32), b"\x40" + bytes(31)
    digests = [sha256(value).digest() for value in (b"x", b"y")]
    leaves = [sha256(b"\x00" + one + digest).digest() for one, digest in zip((a, b), digests, strict=True)]
    below = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    top = sha256(b"\x01" + below + bytes(32)).digest()
    assert SparseTree(ICS23, {a: b"x", b: b"y"}).head == SparseHead(ICS23, 2, top)
    assert SparseTree(ICS23, {b: b"y"}).head == SparseHead(ICS23, 1, leaves[1])
    assert SparseTree(ICS23).head == SparseHead(ICS23, 0, bytes(32))

    leaves = [
        sha256(b"JMT::LeafNode" + one + digest).digest() for one, digest in zip((a, b), digests, strict=True)
    ]
    below = sha256(b"JMT::IntrnalNode" + leaves[0] + leaves[1]).digest()
    top = sha256(b"JMT::IntrnalNode" + below + PLACEHOLDER).digest()
    assert SparseTree(JELLYFISH, {a: b"x", b: b"y"}).head.root == top
    assert SparseTree(JELLYFISH).head.root == b"SPARSE_MERKLE_PLACEHOLDER_HASH__"


def test_the_page_has_every_family() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "spec" / "sparse.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z0-9_]+)` \| `([a-z0-9_]+)` \|", page, re.MULTILINE))
    assert listed == {family: hash_name for family, (_, hash_name) in SPARSE_FAMILIES.items()}


def test_the_example_of_the_page() -> None:
    proof = SparseTree(SPARSE_SAMPLE, items(7)).prove(key(8))
    assert encode(proof).hex().startswith("746c797801" + "20" + "02" + "0300" + "e0" + "87d2aa26")
    assert [digest[:4].hex() for digest in proof.digests] == ["87d2aa26", "c21d32e6", "ae5271cc"]
    assert (proof.witness[:4].hex(), proof.witness[32:36].hex()) == ("1bc5d0e3", "6b0cc211")


def test_the_native_root() -> None:
    def tag(label: str, message: bytes) -> bytes:
        return sha256(sha256(label.encode()).digest() * 2 + message).digest()

    scheme = NATIVE.with_context(b"day 1")
    value = tag("tallystick/v1/leaf", b"x")
    for values, top in (
        ({}, bytes(32)),
        ({bytes(32): b"x"}, tag("tallystick/v1/sparse-leaf", bytes(32) + value)),
    ):
        fields = b"\x01\x03" + le(64, 2) + le(32, 2) + lp(b"") + lp(b"day 1") + le(len(values), 8) + bytes(16)
        root = tag("tallystick/v1/head", tag("tallystick/v1/params", fields) + top)
        assert SparseTree(scheme, values).head == SparseHead(scheme, len(values), root)


def test_a_full_tree_by_levels() -> None:
    """Every node on its way up, in a map from prefixes, with zeros wherever there is none."""
    scheme = Scheme("sparse_256", "keccak256")

    def node(left: bytes, right: bytes) -> bytes:
        return keccak.new(digest_bits=256, data=left + right).digest()

    zeros = [bytes(32)]
    for _ in range(DEPTH):
        zeros.append(node(zeros[-1], zeros[-1]))
    assert SparseTree(scheme).head.root == zeros[DEPTH]
    for values in (items(1), items(5), *map(dict.fromkeys, DEEP.values())):
        given = {one: value or b"" for one, value in values.items()}
        row = {
            int.from_bytes(one, "big"): keccak.new(digest_bits=256, data=value).digest()
            for one, value in given.items()
        }
        for level in range(DEPTH):
            row = {
                above: node(row.get(2 * above, zeros[level]), row.get(2 * above + 1, zeros[level]))
                for above in {place // 2 for place in row}
            }
        assert SparseTree(scheme, given).head.root == row[0]


class Grown:
    """The second construction: leaves inserted one by one where the path ends."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self.top: object = None  # None, a leaf as a pair, or a node as a list of two

    def insert(self, one: bytes, value_digest: bytes) -> None:
        self.top = self._inserted(self.top, (one, value_digest), 0)

    def _inserted(self, node: object, item: tuple[bytes, bytes], depth: int) -> object:
        if node is None or (isinstance(node, tuple) and node[0] == item[0]):
            return item
        if isinstance(node, tuple):
            pair: list[object] = [None, None]
            pair[bit(node[0], depth)] = node
            return self._inserted(pair, item, depth)
        assert isinstance(node, list)
        side = bit(item[0], depth)
        node[side] = self._inserted(node[side], item, depth + 1)
        return node

    def digest(self, node: object) -> bytes:
        if node is None:
            return self.scheme.nothing(0)
        if isinstance(node, tuple):
            return self.scheme.sparse_leaf(*node)
        assert isinstance(node, list)
        return self.scheme.sparse_node(self.digest(node[0]), self.digest(node[1]))


@lone_families
def test_leaf_by_leaf(scheme: Scheme) -> None:
    source = random.Random(5)
    for values in (items(60), *({one: leaf(3) for one in keys} for keys in DEEP.values())):
        grown, order = Grown(scheme), list(values.items())
        source.shuffle(order)
        for count, (one, value) in enumerate(order, 1):
            grown.insert(one, scheme.value_digest(value))
            if count % 7 == 0 or count == len(order):
                expected = scheme.root(count, grown.digest(grown.top))
                assert SparseTree(scheme, dict(order[:count])).head.root == expected


@each_family
def test_roots_know_no_history(scheme: Scheme) -> None:
    source, tree, model = random.Random(6), SparseTree(scheme), dict[bytes, bytes]()
    for _ in range(60):
        if model and source.random() < 0.4:
            gone = source.sample(sorted(model), source.randint(1, min(3, len(model))))
            tree.remove(gone)
            for one in gone:
                del model[one]
        else:
            new = {key(source.randrange(25)): b"%d" % source.randrange(5) for _ in range(3)}
            tree.update(new)
            model |= new
        assert tree.head == SparseTree(scheme, dict(sorted(model.items(), reverse=True))).head


def test_misuse_changes_nothing() -> None:
    tree = SparseTree(NATIVE, items(3))
    before = tree.head
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="keys have 32"):
            tree.update({key(5): b"", wrong: b""})
        with pytest.raises(ValueError, match="keys have 32"):
            tree.prove(wrong)
    with pytest.raises(KeyError):
        tree.remove([key(0), key(9)])
    for keys in ([], [key(0), key(0)]):
        with pytest.raises(ValueError, match="no keys"):
            tree.prove_many(keys)
    assert tree.head == before
    with pytest.raises(ValueError, match="binds no context"):
        JELLYFISH.with_context(b"x")


@each_family
def test_every_key_has_one_claim_that_is_proven(scheme: Scheme) -> None:
    """In all small trees: the proof of each key proves its claim, and no proof of any key the opposite."""
    for values in small_trees(scheme):
        tree = SparseTree(scheme, values)
        head, proofs = tree.head, {one: tree.prove(one) for one in CORNERS}
        for one, proof in proofs.items():
            if one in values:
                verify_present(head, one, values[one], proof)
            else:
                verify_absent(head, one, proof)
            for other in proofs.values():
                if one in values:
                    assert refusal(verify_absent, head, one, other) is not None
                else:
                    for value in (b"", *values.values()):
                        assert refusal(verify_present, head, one, value, other) is not None


@each_family
def test_every_set_of_claims_about_some_small_trees(scheme: Scheme) -> None:
    check_sets(scheme, list(small_trees(scheme))[::10])


@pytest.mark.exhaustive
@each_family
def test_every_set_of_claims_about_small_trees(scheme: Scheme) -> None:
    check_sets(scheme, list(small_trees(scheme)))


def check_sets(scheme: Scheme, trees: list[dict[bytes, bytes]]) -> None:
    """All sets of claims: one proof each, with the fewest digests."""
    for values in trees:
        tree = SparseTree(scheme, values)
        for count in range(1, len(CORNERS) + 1):
            for keys in itertools.combinations(CORNERS, count):
                present = {one: values[one] for one in keys if one in values}
                absent = [one for one in keys if one not in values]
                proof = tree.prove_many(keys)
                verify_many(tree.head, present, absent, proof)
                assert len(proof.digests) == len(unknown(tree, keys))
                assert proof == tree.prove_many(keys[::-1])
                if count == 1:
                    assert proof.digests == tree.prove(keys[0]).digests


def unknown(tree: SparseTree, keys: tuple[bytes, ...]) -> set[tuple[int, ...]]:
    """The siblings beside the paths of these keys that are neither empty nor on a path, by their bits."""
    paths = {tuple(bit(one, i) for i in range(tree.prove(one).depth)) for one in keys}
    on = {path[:length] for path in paths for length in range(len(path) + 1)}
    beside = {(*path[:-1], 1 - path[-1]) for path in on if path} - on
    held = [[bit(one, i) for i in range(DEPTH)] for one in tree.digests]
    return {path for path in beside if any(tuple(bits[: len(path)]) == path for bits in held)}


@each_family
def test_no_subset_of_claims_fits_the_proof_of_another(scheme: Scheme) -> None:
    """A proof of one set, for all claims about each: accepted where they are true and have the same proof."""
    values = dict.fromkeys(CORNERS[:2], b"value")
    tree = SparseTree(scheme, values)
    sets = [keys for count in (1, 2, 3) for keys in itertools.combinations(CORNERS[:4], count)]
    for proven in sets[:: 1 if scheme.sparse.lone is not Lone.FULL else 4]:
        proof = tree.prove_many(proven)
        for claimed in sets:
            for there in itertools.product((False, True), repeat=len(claimed)):
                present = {one: b"value" for one, so in zip(claimed, there, strict=True) if so}
                absent = [one for one in claimed if one not in present]
                if refusal(verify_many, tree.head, present, absent, proof) is None:
                    assert proof == tree.prove_many(claimed)
                    assert present.keys() == values.keys() & set(claimed)


@each_scheme
def test_large_trees_at_random(scheme: Scheme) -> None:
    source = random.Random(scheme.name)
    full = scheme.sparse.lone is Lone.FULL
    for size in (1, 5) if full else (1, 2, 40, 120):
        values = items(size) | {nearby(key(0), source.randrange(256)): b"near" for _ in range(size // 3)}
        tree = SparseTree(scheme, values)
        head = tree.head
        keys = source.sample(sorted(values), min(len(values), 12)) + [key(1000 + i) for i in range(12)]
        keys += [
            one for one in (nearby(keys[0], source.randrange(256)) for _ in range(4)) if one not in values
        ]
        keys = sorted(set(keys))
        for one in keys:
            check_key(head, values, one, tree.prove(one))
        present = {one: values[one] for one in keys if one in values}
        absent = [one for one in keys if one not in values]
        proof = tree.prove_many(keys)
        verify_many(head, present, absent, proof)
        assert len(proof.digests) == len(unknown(tree, tuple(keys)))
        ends = {p.witness: p.end for p in map(tree.prove, absent) if p.witness}
        assert len(proof.witnesses) == len([w for w, end in ends.items() if not above(w, end, keys)])


def above(witness: bytes, end: int, keys: list[bytes]) -> bool:
    """Whether a claimed key is below what a witness states."""
    depth = unmarked(witness[:32]) if end == RUN else DEPTH
    return any(agree(witness, one, depth) for one in keys)


def check_key(head: SparseHead, values: Mapping[bytes, bytes], one: bytes, proof: SparseProof) -> None:
    if one in values:
        verify_present(head, one, values[one], proof)
        assert refusal(verify_present, head, one, values[one] + b"\x00", proof) is not None
    else:
        verify_absent(head, one, proof)


@pytest.mark.parametrize("scheme", ATTACKED, ids=lambda scheme: scheme.name)
def test_attacks_are_refused_for_their_reason(scheme: Scheme) -> None:
    for attack in attacks(scheme):
        assert verdict(attack.claim) == attack.reason, attack.name
    check(honest_of(tree_of(scheme)))
    for many in many_attacks(scheme):
        assert refusal(check, many.claim) == many.reason, many.name


def verdict(claim: Present | Absent | Many) -> str | None:
    return refusal(check, claim) if isinstance(claim, Many) else single_verdict(claim)


def test_vectors() -> None:
    for group in vectors("sparse.json")["groups"]:
        scheme = decode(Scheme, bytes.fromhex(group["scheme"]["encoding"]))
        for test in group["tests"]:
            if "root" in test:
                values = {bytes.fromhex(one): bytes.fromhex(value) for one, value in test["items"]}
                assert SparseTree(scheme, values).head.root.hex() == test["root"], test["id"]
                continue
            assert verdict(claim_of(test)) == test.get("reason"), test["id"]


def claim_of(test: dict[str, str]) -> Present | Absent | Many:
    head = decode(SparseHead, bytes.fromhex(test["head"]))
    raw = bytes.fromhex(test["proof"])
    if test["claim"] == "many":
        present = tuple((bytes.fromhex(one), bytes.fromhex(value)) for one, value in test["present"])
        absent = tuple(map(bytes.fromhex, test["absent"]))
        return Many(head, present, absent, decode(SparseMultiProof, raw))
    proof, one = decode(SparseProof, raw), bytes.fromhex(test["key"])
    if test["claim"] == "absent":
        return Absent(head, one, proof)
    return Present(head, one, bytes.fromhex(test["value"]), proof)


@each_family
def test_flipped_bits_of_single_proofs(scheme: Scheme) -> None:
    """Every bit of a proof's binary form: refused by the decoder, or by the verifier."""
    tree = tree_of(scheme)
    for one, value in ((key(0), leaf(0)), (key(1), leaf(1)), (nearby(key(0), 20), None), (key(100), None)):
        raw = encode(tree.prove(one))
        for place in range(8 * 5, 8 * len(raw)):
            try:
                proof = decode(SparseProof, nearby(raw, place))
            except DecodeError:
                continue
            if value is not None:
                assert refusal(verify_present, tree.head, one, value, proof) is not None
            else:
                assert refusal(verify_absent, tree.head, one, proof) is not None


def test_reasons_of_claims() -> None:
    tree = SparseTree(NATIVE, items(5))
    proof = tree.prove_many([key(0), key(7)])
    present = {key(0): leaf(0)}
    assert refusal(verify_many, tree.head, {}, [], proof) == EMPTY_CLAIM
    assert refusal(verify_many, tree.head, present, [key(0)[1:]], proof) == KEY_SIZE
    assert refusal(verify_many, tree.head, present, [key(7), key(7)], proof) == DUPLICATE_KEY
    assert refusal(verify_many, tree.head, present, [key(7), key(0)], proof) == DUPLICATE_KEY
    assert refusal(verify_many, tree.head, present, [key(7)], proof) is None


def test_a_proof_of_many_is_smaller_than_its_proofs() -> None:
    """Ten bytes of shape a key, and less: the digests are what counts."""
    tree = SparseTree(NATIVE, items(500))
    keys = [key(i) for i in range(0, 1000, 10)]
    proof = tree.prove_many(keys)
    assert len(proof.shape) < 4 * len(keys)
    single = sum(len(tree.prove(one).digests) for one in keys)
    assert len(proof.digests) < 0.6 * single
