"""Proofs of many leaves: every subset served, cut out, joined, and equal to the twin's."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest
import tallystick as ts

from tests.reference import multi as twin_multi
from tests.reference import trees as twin_trees
from tests.reference.multi import Claim
from tests.reference.objects import MultiProof
from tests.reference.schemes import Scheme
from tests.support import DENSE, array, built, digests_of, each_scheme, rows, scheme_of

LEAVES = rows(130)
BOTH = pytest.mark.parametrize("name", ["native/blake3", "rfc6962/sha256"])


def served(tree: ts.MerkleTree, singles: list[ts.InclusionProof], indices: list[int]) -> ts.MultiProof:
    """The proof of these leaves, once it is verified and each single proof is cut out of it."""
    leaves = [LEAVES[index] for index in indices]
    proof = tree.prove_many(indices)
    assert len(proof) == len(tree.scheme.plan(len(tree), sorted(indices)))
    tree.head.verify_many(indices, leaves, proof)
    for index in indices:
        assert proof.extract(indices, leaves, index, tree.head) == singles[index]
    return proof


def subsets(name: str, sizes: range) -> int:
    shuffler, count = random.Random(0), 0
    for size in sizes:
        tree = built(LEAVES[:size], scheme=ts.schemes.get(name))
        singles = list(tree.prove_each())
        for length in range(1, size + 1):
            for chosen in combinations(range(size), length):
                order = shuffler.sample(chosen, length)
                assert served(tree, singles, order) == tree.prove_many(chosen)
                count += 1
    return count


@BOTH
def test_every_subset_of_every_small_tree(name: str) -> None:
    assert subsets(name, range(1, 9)) == sum(2**size - 1 for size in range(1, 9))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", DENSE)
def test_every_subset_of_trees_of_up_to_twelve(name: str) -> None:
    assert subsets(name, range(1, 13)) == sum(2**size - 1 for size in range(1, 13))


@each_scheme
def test_random_subsets_of_every_scheme_are_the_twins(twin: Scheme) -> None:
    rng = random.Random(twin.name)
    for _ in range(25):
        size = rng.randrange(1, 70)
        leaves = LEAVES[:size]
        tree = built(leaves, scheme=scheme_of(twin))
        indices = rng.sample(range(size), rng.randrange(1, size + 1))
        proof = served(tree, list(tree.prove_each()), indices)
        made = twin_multi.prove_many(twin, leaves, indices)
        assert digests_of(proof) == made.digests
        claim = Claim(tuple(indices), tuple(leaves[index] for index in indices))
        head = twin_trees.head(twin, leaves)
        twin_multi.verify_many(head, claim, MultiProof(32, digests_of(proof)))
        index = rng.choice(indices)
        cut = twin_multi.extract(head, claim, made, index)
        assert cut.digests == digests_of(tree.prove(index))


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(1, 20))]
)
@pytest.mark.parametrize("name", DENSE)
def test_random_subsets_of_larger_trees(name: str, seed: int) -> None:
    """With the exhaustive runs 500 a scheme and seed: 10,000 a scheme."""
    rng = random.Random(f"{name} {seed}")
    for _ in range(500 if seed else 20):
        size = rng.randrange(1, 4097)
        leaves = array(size)
        tree = ts.MerkleTree(leaves, scheme=ts.schemes.get(name))
        count = min(size, rng.choice([1, 2, 7, 64, size]))
        indices = rng.sample(range(size), count)
        proof = tree.prove_many(indices)
        tree.head.verify_many(indices, leaves[indices], proof)
        index = rng.choice(indices)
        assert proof.extract(indices, leaves[indices], index, tree.head) == tree.prove(index)


@BOTH
def test_merging_is_proving_both(name: str) -> None:
    rng = random.Random(name)
    for size in (1, 2, 3, 7, 13, 64, 100):
        tree = built(LEAVES[:size], scheme=ts.schemes.get(name))
        for _ in range(20):
            left, right = (rng.sample(range(size), rng.randrange(1, size + 1)) for _ in range(2))
            claims = [(side, [LEAVES[index] for index in side]) for side in (left, right)]
            one, other = (tree.prove_many(side) for side in (left, right))
            both = tree.prove_many(sorted({*left, *right}))
            assert one.merge(*claims[0], other, *claims[1], tree.head) == both
            assert other.merge(*claims[1], one, *claims[0], tree.head) == both


def test_proofs_of_many_merged_one_by_one() -> None:
    tree = built(LEAVES[:21])
    indices, proof = [20], tree.prove_many([20])
    for index in (3, 19, 0, 7):
        leaves = [LEAVES[index] for index in indices]
        proof = proof.merge(indices, leaves, tree.prove_many([index]), [index], [LEAVES[index]], tree.head)
        indices = [*indices, index]
        assert proof == tree.prove_many(indices)


def test_one_leaf_is_proven_by_the_same_digests() -> None:
    tree = built(LEAVES[:21])
    for index in range(21):
        assert digests_of(tree.prove_many([index])) == digests_of(tree.prove(index))


def test_all_leaves_need_no_digests() -> None:
    for size in (1, 2, 3, 21):
        tree = built(LEAVES[:size])
        proof = tree.prove_many(range(size))
        assert len(proof) == 0
        tree.head.verify_many(range(size), LEAVES[:size], proof)
        assert repr(proof) == "<MultiProof: 0 digests of 32 bytes>"


@pytest.mark.parametrize(
    "indices",
    [[5, 3], (5, 3), np.array([5, 3]), np.array([5, 3], np.uint8), range(5, 2, -2), [np.int64(5), 3]],
)
def test_indices_of_every_form(indices: object) -> None:
    tree = built(LEAVES[:7])
    proof = tree.prove_many(indices)  # type: ignore[arg-type]
    assert proof == tree.prove_many([3, 5])
    tree.head.verify_many(indices, [LEAVES[5], LEAVES[3]], proof)  # type: ignore[arg-type]


def test_leaves_of_every_form() -> None:
    grid = array(7)
    tree = ts.MerkleTree(grid)
    proof = tree.prove_many([1, 4])
    for leaves in (grid[[1, 4]], [grid[1], grid[4]], [bytearray(grid[1]), memoryview(grid[4])]):
        tree.head.verify_many([1, 4], leaves, proof)
        assert proof.extract([1, 4], leaves, 4, tree.head) == tree.prove(4)


def test_proofs_for_an_earlier_head() -> None:
    tree = built(LEAVES[:21])
    for size in range(1, 22):
        head, chosen = tree.head_at(size), list(range(0, size, 3))
        proof = tree.prove_many(chosen, head=head)
        assert proof == built(LEAVES[:size]).prove_many(chosen)
        head.verify_many(chosen, [LEAVES[index] for index in chosen], proof)


@pytest.mark.parametrize("size", [1, 2, 7, 21, 64])
def test_a_plan_makes_the_proof_of_its_digests(size: int) -> None:
    tree = built(LEAVES[:size])
    twin = Scheme("native", "blake3")
    levels = twin_trees.levels(twin, twin_trees.leaf_digests(twin, LEAVES[:size]))
    chosen = list(range(0, size, 4))
    plan = tree.scheme.plan(size, chosen)
    made = [levels[level][index] for level, index in plan.nodes.tolist()]
    assert plan.proof(made) == tree.prove_many(chosen)
    for wrong in (
        made[:-1] if made else [bytes(32)],
        [*made, bytes(32)],
        [digest + b"\0" for digest in made] or [b""],
    ):
        with pytest.raises(ValueError, match=r"\d"):
            plan.proof(wrong)


def test_a_huge_tree_costs_no_more_than_its_plan() -> None:
    head = ts.TreeHead(ts.schemes.NATIVE, 2**64 - 1, bytes(32))
    for indices in ([0], [0, 2**64 - 2], [2**63 - 1, 2**63], range(2**60, 2**60 + 100)):
        steps = len(head.scheme.plan(head.size, indices))
        leaves = [b""] * len(indices)
        with pytest.raises(ts.RootMismatch):
            head.verify_many(indices, leaves, ts.MultiProof([bytes(32)] * steps))
        with pytest.raises(ts.InvalidProof, match=f"{steps}"):
            head.verify_many(indices, leaves, ts.MultiProof([bytes(32)] * (steps - 1)))


def test_every_reader_gets_the_proof_of_their_own() -> None:
    tree = ts.MerkleTree([bytes([place]) for place in range(50)], scheme=ts.schemes.RFC6962)
    chosen = [41, 3, 49, 0, 17]
    rows = [bytes([place]) for place in chosen]
    together = tree.prove_many(chosen)
    assert together.extract_each(chosen, rows, tree.head) == tree.prove_each(chosen)
    with pytest.raises(ts.RootMismatch):
        together.extract_each(chosen, [b"x", *rows[1:]], tree.head)


def test_a_merge_says_which_proof_fails() -> None:
    tree = ts.MerkleTree([b"a", b"b", b"c", b"d"])
    left, right = tree.prove_many([0]), tree.prove_many([3])
    with pytest.raises(ts.RootMismatch, match=r"^the computed root is not the head's$"):
        left.merge([0], [b"x"], right, [3], [b"d"], tree.head)
    with pytest.raises(ts.RootMismatch, match=r"^of the other proof: the computed root"):
        left.merge([0], [b"a"], right, [3], [b"x"], tree.head)
    with pytest.raises(ts.InvalidProof, match=r"^of the other proof: index 3 is claimed twice"):
        left.merge([0], [b"a"], right, [3, 3], [b"d", b"d"], tree.head)
