"""Trees of it: beside a fold in Python, beside zk-kit, and with what is not of the field in them."""

import numpy as np
import pytest
import tallystick as ts

from .field import MODULUS, elements, encode

SIZES = [1, 2, 3, 4, 5, 8, 21, 64, 100]


def lean_root(poseidon2, nodes):
    while len(nodes) > 1:
        pairs = [nodes[i : i + 2] for i in range(0, len(nodes), 2)]
        nodes = [poseidon2.digest(b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
    return nodes[0]


def fixed_root(poseidon2, depth, arity, nodes):
    zero = bytes(32)
    for _ in range(depth):
        nodes = nodes + [zero] * (-len(nodes) % arity)
        nodes = [poseidon2.digest(b"".join(nodes[i : i + arity])) for i in range(0, len(nodes), arity)]
        zero = poseidon2.digest(zero * arity)
    return nodes[0]


@pytest.fixture
def scheme(poseidon2):
    return ts.schemes.lean_imt(poseidon2)


@pytest.mark.parametrize("size", SIZES)
def test_lean_imt_is_the_fold(poseidon2, scheme, size):
    leaves = elements(size)
    assert ts.MerkleTree(leaves, scheme=scheme).root == lean_root(poseidon2, leaves)


@pytest.mark.parametrize(("depth", "arity"), [(7, 2), (32, 2), (5, 3), (4, 5), (3, 8)])
@pytest.mark.parametrize("size", SIZES)
def test_fixed_depth_is_the_fold(poseidon2, depth, arity, size):
    leaves = elements(size)
    scheme = ts.schemes.fixed_depth(depth, arity=arity, hash=poseidon2)
    assert ts.MerkleTree(leaves, scheme=scheme).root == fixed_root(poseidon2, depth, arity, leaves)


def test_zk_kits_trees_agree(poseidon2, scheme, vectors):
    def root_of(vector, scheme):
        return ts.MerkleTree([bytes.fromhex(leaf) for leaf in vector["leaves"]], scheme=scheme).root.hex()

    assert len(vectors["lean"]) == 8
    assert len(vectors["fixed"]) == 32
    for vector in vectors["lean"]:
        assert root_of(vector, scheme) == vector["root"]
    for vector in vectors["fixed"]:
        fixed = ts.schemes.fixed_depth(vector["depth"], arity=vector["arity"], hash=poseidon2)
        assert root_of(vector, fixed) == vector["root"]


def test_many_leaves_on_many_threads(poseidon2, scheme):
    leaves = elements(5000)
    tree = ts.MerkleTree(np.frombuffer(b"".join(leaves), np.uint8).reshape(-1, 32), scheme=scheme)
    assert tree.root == lean_root(poseidon2, leaves)


@pytest.mark.parametrize("make", [ts.schemes.lean_imt, lambda hash_: ts.schemes.fixed_depth(6, hash=hash_)])
def test_proofs_verify_and_wrong_ones_do_not(poseidon2, make):
    leaves = elements(37)
    tree = ts.MerkleTree(leaves[:20], scheme=make(poseidon2))
    tree.extend(leaves[20:])
    for index in (0, 5, 36):
        tree.head.verify_inclusion(index, leaves[index], tree.prove(index))
        with pytest.raises(ts.InvalidProof) as caught:
            tree.head.verify_inclusion(index, leaves[1], tree.prove(index))
        assert caught.value.reason is ts.Reason.ROOT_MISMATCH
    tree.head.verify_many([3, 30], [leaves[3], leaves[30]], tree.prove_many([3, 30]))


def test_a_sibling_plus_the_modulus_is_refused(scheme):
    leaves = [encode(number) for number in range(8)]
    tree = ts.MerkleTree(leaves, scheme=scheme)
    digests = tree.prove(3).digests.copy()
    for level in range(len(digests)):
        changed = digests.copy()
        number = int.from_bytes(bytes(digests[level]), "big")
        changed[level] = np.frombuffer(encode(number + MODULUS), np.uint8)
        with pytest.raises(ts.InvalidProof) as caught:
            tree.head.verify_inclusion(3, leaves[3], ts.InclusionProof(changed))
        assert caught.value.reason is ts.Reason.HASH_REFUSED


def test_a_claimed_leaf_plus_the_modulus_is_refused(scheme):
    tree = ts.MerkleTree([encode(number) for number in range(8)], scheme=scheme)
    with pytest.raises(ts.InvalidProof) as caught:
        tree.head.verify_inclusion(3, encode(3 + MODULUS), tree.prove(3))
    assert caught.value.reason is ts.Reason.HASH_REFUSED


def test_a_leaf_that_is_no_element_builds_nothing(scheme):
    leaves = elements(9)
    with pytest.raises(ts.RefusedMessage, match="poseidon2_bn254"):
        ts.MerkleTree([*leaves, encode(MODULUS)], scheme=scheme)


def test_a_leaf_that_is_no_element_changes_nothing(scheme):
    tree = ts.MerkleTree(elements(9), scheme=scheme)
    head = tree.head
    with pytest.raises(ts.RefusedMessage, match="poseidon2_bn254"):
        tree.extend([encode(1), encode(MODULUS)])
    assert tree.head == head


def test_native_schemes_are_not_to_be_had(poseidon2):
    # Their tags are digests of text, which this function refuses.
    with pytest.raises(ts.RefusedMessage, match="poseidon2_bn254"):
        ts.schemes.native(poseidon2)


def test_heads_find_the_registered_hash():
    scheme = ts.schemes.lean_imt(ts.hashes.get("poseidon2_bn254"))
    head = ts.MerkleTree(elements(6), scheme=scheme).head
    assert ts.TreeHead.from_bytes(head.to_bytes()) == head
