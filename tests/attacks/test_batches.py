"""A6, A30: every claim of a batch is checked against its own proof; none is dropped, reused or left over."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.support import built, rows

LEAVES = rows(5)
TREE = built(LEAVES)
HEAD = TREE.head


def test_a6_a_second_claim_for_one_index_is_checked_too() -> None:
    """Genuine leaf first, forged one second, or the other way round."""
    batch = TREE.prove_each([0, 1, 1])
    HEAD.verify_each([0, 1, 1], [LEAVES[0], LEAVES[1], LEAVES[1]], batch)
    for forged in range(3):
        leaves = [LEAVES[0], LEAVES[1], LEAVES[1]]
        leaves[forged] = b"FAKE"
        with pytest.raises(ts.InvalidProof) as caught:
            HEAD.verify_each([0, 1, 1], leaves, batch)
        assert caught.value.failed == (forged,)


def test_a6_every_subset_of_forged_leaves_is_found() -> None:
    batch = TREE.prove_each()
    for count in range(1, 6):
        for forged in itertools.combinations(range(5), count):
            leaves = [b"FAKE" if place in forged else leaf for place, leaf in enumerate(LEAVES)]
            with pytest.raises(ts.InvalidProof) as caught:
                HEAD.verify_each(range(5), leaves, batch)
            assert caught.value.failed == forged


def test_a6_every_order_but_the_right_one_is_refused() -> None:
    batch = TREE.prove_each()
    for order in itertools.permutations(range(5)):
        verdicts = HEAD.check_each(order, [LEAVES[i] for i in order], batch)
        assert verdicts.tolist() == [place == index for place, index in enumerate(order)]
        HEAD.verify_each(order, [LEAVES[i] for i in order], TREE.prove_each(order))


@pytest.mark.parametrize("count", [127, 128, 129, 1000])
def test_a6_one_forged_leaf_in_a_large_batch(count: int) -> None:
    """Work is shared out in pieces; a piece's first and last claims count as much as the others."""
    leaves = rows(count)
    tree = built(leaves)
    batch = tree.prove_each()
    tree.head.verify_each(range(count), leaves, batch)
    for forged in {0, 1, 126, 127, 128, count // 2, count - 1} & set(range(count)):
        changed = [leaf + b"!" * (place == forged) for place, leaf in enumerate(leaves)]
        with pytest.raises(ts.InvalidProof) as caught:
            tree.head.verify_each(range(count), changed, batch)
        assert caught.value.failed == (forged,)


@pytest.mark.parametrize("missing", ["indices", "leaves", "proofs"])
def test_a30_the_shortest_list_does_not_decide(missing: str) -> None:
    indices, leaves, batch = list(range(5)), list(LEAVES), TREE.prove_each()
    HEAD.verify_each(indices, leaves, batch)
    for keep in range(5):
        claim: dict[str, Any] = {"indices": indices, "leaves": leaves, "proofs": batch}
        claim[missing] = TREE.prove_each(range(keep)) if missing == "proofs" else claim[missing][:keep]
        with pytest.raises(ts.InvalidProof) as caught:
            HEAD.verify_each(**claim)
        assert caught.value.reason is ts.Reason.LENGTH_MISMATCH


def test_a30_digests_cannot_move_from_one_proof_to_the_next() -> None:
    batch = TREE.prove_each()
    offsets = batch.offsets.astype(np.int64)
    for place in range(1, 5):
        for shift in (-1, 1):
            moved = offsets.copy()
            moved[place] += shift
            other = ts.ProofBatch(batch.digests, moved)
            verdicts = HEAD.check_each(range(5), LEAVES, other)
            assert not verdicts[place - 1]
            assert not verdicts[place]
            assert verdicts.sum() == 3
