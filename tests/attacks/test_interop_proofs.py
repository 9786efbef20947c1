"""OpenZeppelin's proofs of many, nodes shown as leaves, Bitcoin's partial trees, and SSZ's indices.

A1, A2, A4, A6, A26, A43 and A44 of the list of published failures, each beside what a contract or a full
node does with the same bytes.
"""

from __future__ import annotations

import json
import random

import pytest
import tallystick as ts
from tallystick.interop import bitcoin, openzeppelin, ssz
from tallystick.interop.bitcoin import PartialTree
from tallystick.interop.openzeppelin import FlaggedProof

from tests.reference import merkleblock, solidity
from tests.support import all_flips, array

REFUSED = (ts.InvalidProof, ts.DecodeError)
SIZE = 11
LEAVES = [row.tobytes() for row in array(SIZE)]
S = ts.schemes


def test_the_multi_proof_that_contracts_took_before_4_9_2() -> None:
    """A4: a tree with a node whose child is zero, and two leaves of the attacker's that are in no tree."""
    leaf = LEAVES[0]
    head = openzeppelin.simple_tree([leaf, bytes(32)]).head
    attack = FlaggedProof((leaf, leaf), (True, True, False))
    bad = [LEAVES[1], LEAVES[2]]
    assert solidity.process_multi_proof(attack.digests, attack.flags, bad, before_4_9_2=True) == head.root
    with pytest.raises(solidity.Stopped):
        solidity.process_multi_proof(attack.digests, attack.flags, bad)
    for size in (2, 3, 4, 1000):
        with pytest.raises(ts.InvalidProof) as refused:
            openzeppelin.verify_many(ts.TreeHead(head.scheme, size, head.root), bad, attack)
        assert refused.value.reason is ts.Reason.DIGEST_COUNT


def refusal(head: ts.TreeHead, leaves: list[bytes], proof: FlaggedProof) -> ts.InvalidProof | None:
    try:
        openzeppelin.verify_many(head, leaves, proof)
    except ts.InvalidProof as error:
        return error
    return None


def test_the_contract_and_we_agree_about_multi_proofs() -> None:
    """What the contract of today takes is refused here for no leaves or for a leaf's level alone."""
    draw = random.Random(4)
    tree = openzeppelin.simple_tree(LEAVES[:5])
    pool = [*LEAVES[:5], bytes(32), tree.root, *(row.tobytes() for row in tree.prove_each().digests)]
    taken = refused = 0
    for _ in range(20_000):
        sequence, honest = openzeppelin.prove_many(tree, draw.sample(range(5), draw.randint(1, 4)))
        leaves = [LEAVES[index] for index in sequence]
        digests, flags = list(honest.digests), list(honest.flags)
        while flags and draw.random() < 0.3:
            # What the first flag makes is shown as a leaf.
            pair = [leaves.pop(0), leaves.pop(0) if flags.pop(0) else digests.pop(0)]
            leaves.append(solidity.commutative_keccak256(*pair))
        for part, more in ((leaves, pool), (digests, pool), (flags, [True, False])):
            while draw.random() < 0.2:
                place = draw.randint(0, len(part))
                part[place : place + draw.randint(0, 1)] = draw.sample(more, draw.randint(0, 1))
        try:
            there = solidity.process_multi_proof(digests, flags, leaves) == tree.root
        except solidity.Stopped:
            there = False
        why = refusal(tree.head, leaves, FlaggedProof(tuple(digests), tuple(flags)))
        assert there or why is not None
        if there and why is not None:
            assert why.reason is ts.Reason.EMPTY_CLAIM or "level" in str(why)
        taken += why is None
        refused += there and why is not None
    assert taken > 5_000
    assert refused > 1_000


def test_no_claim_and_claims_of_another_shape() -> None:
    tree = openzeppelin.simple_tree(LEAVES)
    sequence, proof = openzeppelin.prove_many(tree, [0, 1])
    leaves = [LEAVES[index] for index in sequence]
    for claim, reason in (
        ([], ts.Reason.EMPTY_CLAIM),
        ([*leaves, leaves[0]], ts.Reason.DIGEST_COUNT),
        (leaves[:1], ts.Reason.DIGEST_COUNT),
        (LEAVES * 2, ts.Reason.LENGTH_MISMATCH),
        ([leaves[0], b"short"], ts.Reason.MALFORMED_LEAF),
    ):
        with pytest.raises(ts.InvalidProof) as refused:
            openzeppelin.verify_many(tree.head, claim, proof)
        assert refused.value.reason is reason
    with pytest.raises(ts.InvalidProof) as refused:
        openzeppelin.verify_many(tree.head, [], FlaggedProof((tree.root,), ()))
    assert refused.value.reason is ts.Reason.EMPTY_CLAIM


def test_nodes_of_a_simple_tree_are_leaves_only_where_the_level_has_some() -> None:
    """A2: nothing in a simple tree tells them apart; the level does, but on the level above the lowest."""
    for size in range(2, 20):
        leaves = [row.tobytes() for row in array(size)]
        tree = openzeppelin.simple_tree(leaves)
        heap = json.loads(openzeppelin.dump(tree))["tree"]
        taken = []
        for place in range(size - 1):
            node, path, at_node = bytes.fromhex(heap[place][2:]), [], place
            while at_node:
                sibling = at_node + 1 if at_node % 2 else at_node - 1
                path.append(bytes.fromhex(heap[sibling][2:]))
                at_node = (at_node - 1) // 2
            assert solidity.verify(path, tree.root, node)
            try:
                tree.head.verify_inclusion(None, node, ts.InclusionProof(path, digest_size=32))
                taken.append(place)
            except ts.InvalidProof:
                pass
        upper = size.bit_length() - 1
        level = [place for place in range(size - 1) if (place + 1).bit_length() - 1 == upper]
        assert taken == level


def test_partial_trees_bit_by_bit() -> None:
    """A43 and A44: what a full node refuses is refused; what is taken proves nothing that is not so."""
    tree = ts.MerkleTree(LEAVES, scheme=S.BITCOIN)
    tried = taken = 0
    for indices in ([], [3], [0, 10], [8, 9, 10]):
        data = bitcoin.partial_tree(tree, indices).to_bytes()
        expected = bitcoin.verify(tree.head, PartialTree.from_bytes(data))
        assert [index for index, _ in expected] == indices
        for other in (*all_flips(data), *(data[:end] for end in range(len(data))), data + b"\0"):
            tried += 1
            try:
                partial = PartialTree.from_bytes(other)
                matches = bitcoin.verify(tree.head, partial)
            except REFUSED:
                continue
            # A transaction beside a matched one can be called matched too, or not: as true.
            taken += 1
            assert partial.to_bytes() == other
            assert merkleblock.extract(other) == (tree.root, list(matches))
            assert all(txid == LEAVES[index] for index, txid in matches)
    assert tried > 4_000
    assert 0 < taken < 10, taken


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ("", "begins with a number"),
        ("000000000000", "1 to 16666"),
        ("1b41000001" + "00" * 32 + "0100", "1 to 16666"),
        ("fffffffffdffff" + "00" * 64, "do not fit"),
        ("01000000fe00000100", "larger than any"),
        ("01000000ffffffffffffffffff", "larger than any"),
        ("01000000fd0100" + "00" * 32 + "0101", "shortest form"),
        ("0100000002" + "00" * 64 + "0101", "more than 1 transactions"),
        ("01000000000101", "takes 1 digests"),
        ("0200000002" + "00" * 32 + "11" * 32 + "00", "fewer than 2 digests"),
        ("0200000002" + "00" * 32 + "11" * 32 + "0101", "where none is"),
        ("0200000001" + "00" * 32 + "0101", "takes 2 digests"),
        ("0200000002" + "00" * 32 + "11" * 32 + "010b", "behind the last"),
        ("0200000002" + "00" * 32 + "11" * 32 + "020300", "does not take"),
        ("0200000002" + "00" * 32 + "11" * 32 + "010300", "are stated"),
        ("0200000002" + "00" * 32 + "11" * 32 + "fdffff", "more than any"),
    ],
)
def test_partial_trees_that_are_none(data: str, what: str) -> None:
    with pytest.raises(ts.DecodeError, match=what):
        PartialTree.from_bytes(bytes.fromhex(data))


def test_a_partial_tree_of_another_size_is_refused() -> None:
    tree = ts.MerkleTree(LEAVES, scheme=S.BITCOIN)
    partial = bitcoin.partial_tree(tree, [10])
    for size in (SIZE - 1, SIZE + 1):
        head = ts.TreeHead(S.BITCOIN, size, tree.root)
        with pytest.raises(ts.InvalidProof) as refused:
            bitcoin.verify(head, partial)
        assert refused.value.reason is ts.Reason.LENGTH_MISMATCH
    with pytest.raises(ts.RootMismatch):
        bitcoin.verify(ts.TreeHead(S.BITCOIN, SIZE, bytes(32)), partial)
    with pytest.raises(ts.RootMismatch):
        bitcoin.verify(ts.TreeHead(S.BITCOIN, SIZE, bytes(32)), bitcoin.partial_tree(tree, []))


def test_generalised_indices_above_one_another() -> None:
    root = bytes(32)
    for indices, reason in (([], "EMPTY_CLAIM"), ([4, 4], "DUPLICATE_INDEX"), ([4, 2], "DUPLICATE_INDEX")):
        with pytest.raises(ts.InvalidProof) as refused:
            ssz.verify_branches(root, indices, [root] * len(indices), [])
        assert refused.value.reason is ts.Reason[reason]
    with pytest.raises(ts.InvalidProof) as refused:
        ssz.verify_branches(root, [2, 3], [root], [])
    assert refused.value.reason is ts.Reason.LENGTH_MISMATCH
    for index in (0, -1, 1 << 129):
        with pytest.raises(ts.InvalidProof) as refused:
            ssz.verify_branch(root, index, root, [])
        assert refused.value.reason is ts.Reason.INDEX_OUT_OF_RANGE
        with pytest.raises(ValueError, match="generalised index"):
            ssz.helper_indices([index])
    ssz.verify_branch(root, 1, root, [])
    with pytest.raises(ts.RootMismatch):
        ssz.verify_branch(root, 1, bytes([1]) * 32, [])
