"""Shapes: small trees by hand, each shape in two constructions, every proof of trees of up to 40 leaves."""

from __future__ import annotations

import hashlib
import itertools

import pytest

from tests.reference import consistency, multi, shards
from tests.reference.constructions import top_again
from tests.reference.multi import Claim
from tests.reference.objects import ConsistencyProof, InclusionProof, MultiProof
from tests.reference.refusals import INDEX_NOT_BOUND, INDEX_REQUIRED, NO_GROWTH, Refused
from tests.reference.rules import MAX_SIZE, NumberOutOfRange, Queue, most_leaves
from tests.reference.samples import leaves_for
from tests.reference.schemes import Scheme
from tests.reference.trees import head, leaf_digests, levels, path, plan, prove, top
from tests.reference.variants import CUSTOM, OTHER_HASHES, OTHER_ZERO, VARIANTS, ZERO
from tests.reference.verify import lengths, verify

SCHEMES = [*VARIANTS, *OTHER_HASHES]
each_variant = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name[:40])
MOST = 40

A, B, C, D, E = (hashlib.sha256(letter).digest() for letter in (b"a", b"b", b"c", b"d", b"e"))


def h(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def k(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def sizes(scheme: Scheme) -> list[int]:
    return [size for size in range(MOST + 1) if scheme.takes(size)]


def be(number: int, size: int = 8) -> bytes:
    return number.to_bytes(size, "big")


def root(family: str, *leaves: bytes, hash_name: str = "sha256") -> bytes:
    return head(Scheme(family, hash_name), leaves).root


def test_promoted_by_hand() -> None:
    assert root("promoted", A, B, C) == h(h(A, B), C)
    assert root("lean_imt", A, B, C, D, E) == h(h(h(A, B), h(C, D)), E)
    assert root("promoted") == bytes(32)
    assert root("promoted", A) == A
    assert root("tendermint", b"a", b"b", b"c") == h(b"\1", h(b"\1", h(b"\0a"), h(b"\0b")), h(b"\0c"))
    assert root("tendermint") == h()


def test_bitcoin_by_hand() -> None:
    def n(left: bytes, right: bytes) -> bytes:
        return h(h(left, right))

    assert root("bitcoin", A, B, C) == n(n(A, B), n(C, C))
    assert root("bitcoin", A, B, C, D, E) == n(n(n(A, B), n(C, D)), n(n(E, E), n(E, E)))
    assert root("bitcoin", A) == A
    assert root("bitcoin") == bytes(32)


def test_commonware_by_hand() -> None:
    a, b, c = (h(be(i, 4), data) for i, data in enumerate((b"a", b"b", b"c")))
    assert root("commonware_bmt", b"a", b"b", b"c") == h(be(3, 4), h(h(a, b), h(c, c)))
    assert root("commonware_bmt", b"a") == h(be(1, 4), a)
    assert root("commonware_bmt") == h(be(0, 4), h())


def test_sorted_queue_by_hand() -> None:
    def n(one: bytes, other: bytes) -> bytes:
        return h(*sorted((one, other)))

    a, b, c, d, e = sorted((A, B, C, D, E))
    # Places: a b c d e, then (a, b), (c, d), (e, (a, b)), ((c, d), (e, (a, b))).
    expected = n(n(c, d), n(e, n(a, b)))
    for given in itertools.permutations((a, b, c, d, e)):
        assert root("openzeppelin_simple", *given) == expected
    assert root("openzeppelin_simple", a) == a
    scheme = Scheme("openzeppelin_simple", "sha256")
    assert prove(scheme, [c, e, a, d, b], 1).digests == (n(a, b), n(c, d))
    assert prove(scheme, [c, e, a, d, b], 2).digests == (b, e, n(c, d))
    standard = Scheme("openzeppelin_standard", "sha256")
    assert standard.leaf(b"a") == h(A)


def test_zeros_by_hand() -> None:
    z = OTHER_ZERO
    three = f"fixed_depth(2,3,{z.hex()})"
    assert root(three, A, B, C, D) == h(h(A, B, C), h(D, z, z), h(z, z, z))
    assert root(three) == h(*[h(z, z, z)] * 3)
    assert Scheme(three, "sha256").takes(9)
    assert not Scheme(three, "sha256").takes(10)
    assert root(f"fixed_depth(0,2,{z.hex()})", A) == A
    assert root(f"fixed_depth(0,2,{z.hex()})") == z
    solidity = f"openzeppelin_solidity(2,{z.hex()})"
    assert root(solidity, A) == h(*sorted((h(*sorted((A, z))), h(z, z))))
    assert prove(Scheme(solidity, "sha256"), [A], 0).digests == (z, h(z, z))


def test_ssz_by_hand() -> None:
    z = ZERO
    assert root("ssz_vector(3)", A, B, C) == h(h(A, B), h(C, z))
    assert root("ssz_vector(1)", A) == A
    assert root("ssz_list(3)", A) == h(h(h(A, z), h(z, z)), (1).to_bytes(32, "little"))
    assert root("ssz_list(1)") == h(z, bytes(32))
    assert [size for size in range(6) if Scheme("ssz_vector(3)", "sha256").takes(size)] == [3]
    assert [size for size in range(6) if Scheme("ssz_list(3)", "sha256").takes(size)] == [0, 1, 2, 3]


def test_exact_by_hand() -> None:
    assert root("filecoin(4)", A, B, C, D) == h(A, B, C, D)
    assert root("filecoin(2)", A, B, C, D) == h(h(A, B), h(C, D))
    assert root("filecoin(8)", A) == A
    taken = [size for size in range(65) if Scheme("filecoin(4)", "sha256").takes(size)]
    assert taken == [1, 4, 16, 64]
    with pytest.raises(ValueError, match="no tree"):
        root("filecoin(2)", A, B, C)


def test_mountain_ranges_by_hand() -> None:
    nervos = root("nervos_mmr", A, B, C, D, E, A, B, hash_name="blake2b_256")
    assert nervos == k(k(B, k(E, A)), k(k(A, B), k(C, D)))
    leaf = [k(be(0), b"a"), k(be(1), b"b"), k(be(3), b"c"), k(be(4), b"d"), k(be(7), b"e")]
    four = k(be(6), k(be(2), leaf[0], leaf[1]), k(be(5), leaf[2], leaf[3]))
    grin = root("grin_mmr", b"a", b"b", b"c", b"d", b"e", hash_name="blake2b_256")
    assert grin == k(be(8), four, leaf[4])
    assert root("grin_mmr", b"a", b"b", b"c", b"d", hash_name="blake2b_256") == four


def test_rules_of_ones_own_by_hand() -> None:
    mine = {scheme.family: scheme for scheme in CUSTOM}
    placed = [h(b"\0\0", be(i, 2), data) for i, data in enumerate((b"a", b"b", b"c"))]
    first = h(b"\1\0|", be(0, 32), placed[0], placed[1], b".")
    assert head(mine["places"], (b"a", b"b", b"c")).root == h(b"\2\0|", be(0, 32), first, placed[2], b".")
    twice = h(h(h(b"my leaf"), h(b"my leaf"), b"a"))
    tag = h(b"my root")
    assert head(mine["labels-twice"], (b"a",)).root == h(tag, tag, twice, (1).to_bytes(8, "little"))


@each_variant
def test_two_constructions_agree(scheme: Scheme) -> None:
    for size in sizes(scheme):
        digests = leaf_digests(scheme, leaves_for(scheme, size))
        if size == 0:
            assert top(scheme, digests) == scheme.empty()
            continue
        assert top(scheme, digests) == top_again(scheme, digests)
        if not isinstance(scheme.rules.edge, Queue):
            assert levels(scheme, digests)[-1] == [top(scheme, digests)]


@each_variant
def test_every_proof_verifies_and_no_other_claim_is_possible(scheme: Scheme) -> None:
    for size in sizes(scheme):
        data = leaves_for(scheme, size)
        trusted, digests = head(scheme, data), leaf_digests(scheme, data)
        seen = set()
        for index in range(size):
            proof = InclusionProof(scheme.digest_size, tuple(path(scheme, digests, index)))
            seen.add(len(proof.digests))
            claimed, other = (index, None) if scheme.binds_index else (None, index)
            verify(trusted, claimed, data[index], proof)
            with pytest.raises(Refused, match=INDEX_REQUIRED if other is None else INDEX_NOT_BOUND):
                verify(trusted, other, data[index], proof)
        if not scheme.binds_index:
            assert seen == lengths(scheme.rules, size)


@each_variant
def test_a_path_is_the_nodes_of_its_plan(scheme: Scheme) -> None:
    if not scheme.binds_index:
        with pytest.raises(TypeError, match="no place"):
            plan(5, [0], scheme.rules)
        return
    for size in sizes(scheme):
        digests = leaf_digests(scheme, leaves_for(scheme, size))
        rows = levels(scheme, digests)
        for index in range(size):
            taken = plan(size, [index], scheme.rules)
            assert [rows[level][i] for level, i in taken] == path(scheme, digests, index)


@each_variant
def test_proofs_of_many_leaves(scheme: Scheme) -> None:
    for size in [size for size in sizes(scheme) if size <= 6 or size in (8, 9, 16, 33)]:
        data = leaves_for(scheme, size)
        trusted = head(scheme, data)
        for count in range(1, min(size, 3) + 1):
            for indices in itertools.combinations(range(size) if size <= 6 else (0, 2, size - 1), count):
                claim = Claim(indices, tuple(data[i] for i in indices))
                if not scheme.binds_index:
                    with pytest.raises(TypeError):
                        multi.prove_many(scheme, data, indices)
                    with pytest.raises(Refused, match=INDEX_NOT_BOUND):
                        multi.verify_many(trusted, claim, MultiProof(32, ()))
                    continue
                proof = multi.prove_many(scheme, data, indices)
                multi.verify_many(trusted, claim, proof)
                single = multi.extract(trusted, claim, proof, indices[-1])
                assert single == prove(scheme, data, indices[-1])


@each_variant
def test_shards_join_where_trees_grow(scheme: Scheme) -> None:
    for size in (size for size in sizes(scheme) if size in (0, 1, 5, 8, 13, 27, 33)):
        data = leaves_for(scheme, size)
        if not scheme.appendable:
            with pytest.raises(TypeError, match="do not grow"):
                shards.of_leaves(scheme, 0, data)
            continue
        for cut in {0, size // 3, size // 2, size}:
            left, right = shards.of_leaves(scheme, 0, data[:cut]), shards.of_leaves(scheme, cut, data[cut:])
            whole = shards.join(left, right)
            assert whole == shards.of_leaves(scheme, 0, data)
            assert shards.head(whole) == head(scheme, data)


@each_variant
def test_growth_is_proven_of_promoted_pairs_alone(scheme: Scheme) -> None:
    for older, newer in ((1, 1), (1, 2), (3, 7), (4, 7), (6, 8), (8, 13)):
        if not (scheme.takes(older) and scheme.takes(newer)):
            continue
        data = leaves_for(scheme, newer)
        before, after = head(scheme, data[:older]), head(scheme, data)
        if scheme.proves_growth:
            consistency.verify_extends(after, before, consistency.prove_extends(scheme, data, older))
            continue
        with pytest.raises(TypeError, match="no proofs of growth"):
            consistency.prove_extends(scheme, data, older)
        with pytest.raises(Refused, match=NO_GROWTH):
            consistency.verify_extends(after, before, ConsistencyProof(32, ()))


def test_trees_have_as_many_leaves_as_frames_can_state() -> None:
    mine = {scheme.family: scheme for scheme in (*CUSTOM, *VARIANTS)}
    for family, most in (
        ("short", 256),
        ("commonware_bmt", 2**32 - 1),
        ("grin_mmr", 2**62 - 1),
        ("positions", 2**62 - 1),
        ("places", 2**16),
        ("sorted-queue", 2**31),
        ("bags-swapped", 2**15),
        ("bags", 2**63 - 1),
        ("labels", MAX_SIZE),
    ):
        assert most_leaves(mine[family].rules) == most
        assert mine[family].takes(most)
        assert not mine[family].takes(most + 1)
    assert len(leaf_digests(mine["short"], [b""] * 256)) == 256
    with pytest.raises(NumberOutOfRange, match="256 in 1 bytes"):
        leaf_digests(mine["short"], [b""] * 257)


def test_huge_trees_have_paths() -> None:
    for scheme in VARIANTS:
        if scheme.binds_index and scheme.takes(MAX_SIZE):
            assert len(plan(MAX_SIZE, [0], scheme.rules)) <= 255
            assert len(plan(MAX_SIZE, [MAX_SIZE - 1], scheme.rules)) <= 255
