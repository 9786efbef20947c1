"""Every weakness of every dense scheme by name: what is accepted though no tree has it, and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from tests.reference import consistency, multi
from tests.reference.attacks_variants import Attack, attacks, doubled_leaves, honest, huge, verdict
from tests.reference.constructions import bitcoin
from tests.reference.objects import ConsistencyProof, Head, InclusionProof, MultiProof
from tests.reference.queues import order, queue_path, queue_way
from tests.reference.refusals import EQUAL_SIBLINGS, INDEX_NOT_BOUND, Refused
from tests.reference.rules import Zeros
from tests.reference.samples import leaves_for
from tests.reference.schemes import EqualSiblings, LeafSize, Scheme
from tests.reference.trees import head, leaf_digests, top
from tests.reference.variants import VARIANTS
from tests.reference.verify import fold_member, verify

each_variant = pytest.mark.parametrize("scheme", VARIANTS, ids=lambda scheme: scheme.name[:40])

SIZES = {"size-10", "size-12", "size-13"}
ANY_SIZE = {*SIZES, "size-44"}
ZERO_BEHIND = {"zero-at-12"}
# The attacks that are accepted, by family. A family that is not here accepts none.
ACCEPTED: dict[str, set[str]] = {
    "tendermint": SIZES,
    "promoted": {*SIZES, "inner-node-at-6"},
    "lean_imt": {*SIZES, "inner-node-at-6"},
    "bitcoin": {
        *SIZES,
        "inner-node-at-6",
        "3-as-4-at-0",
        "5-as-6-at-0",
        "6-as-8-at-0",
        "5-as-8-at-0",
    },
    "openzeppelin_standard": SIZES,
    "openzeppelin_simple": {*SIZES, "inner-node-at-11"},
    "openzeppelin_solidity": {*ANY_SIZE, "zero-at-11", "zero-at-12"},
    "fixed_depth": {*SIZES, *ZERO_BEHIND},
    "filecoin": {"inner-node-at-4", "inner-node-at-1"},
    "nervos_mmr": {*SIZES, "inner-node-at-6"},
    "doubled": {*SIZES, "3-as-4-at-0", "5-as-6-at-0", "6-as-8-at-0", "5-as-8-at-0"},
    "labels": SIZES,
    "levels": SIZES,
    "places": SIZES,
    "positions": SIZES,
    "sorted": {*ANY_SIZE, "size-4294967307"},
    "sorted-bare": {*ANY_SIZE, "size-4294967307", "inner-node-at-11", "inner-node-at-6"},
    "sorted-zeros": ANY_SIZE,
    "bags-plain": SIZES,
    "moves up": {*SIZES, "inner-node-at-6"},
}


def all_attacks(scheme: Scheme) -> list[Attack]:
    return [*attacks(scheme), *(huge(scheme) if scheme.binds_index else ())]


@each_variant
def test_attacks_are_refused_for_their_reason_or_known(scheme: Scheme) -> None:
    made = all_attacks(scheme)
    assert len({attack.name for attack in made}) == len(made)
    for attack in made:
        assert verdict(attack.claim) == attack.reason, attack.name
    accepted = {attack.name for attack in made if attack.reason is None and "Huge" not in attack.flags}
    assert accepted <= ACCEPTED.get(scheme.family.split("(")[0], set())
    if scheme.binds_size:
        assert not accepted
    if scheme.separates_leaves:
        assert not {name for name in accepted if name.startswith("inner")}


def test_every_known_weakness_is_shown() -> None:
    shown: dict[str, set[str]] = {}
    for scheme in VARIANTS:
        accepted = {a.name for a in all_attacks(scheme) if a.reason is None and "Huge" not in a.flags}
        shown.setdefault(scheme.family.split("(")[0], set()).update(accepted)
    assert {family: names for family, names in shown.items() if names} == ACCEPTED


@pytest.mark.parametrize(
    ("family", "separates", "size"),
    [
        ("native", True, True),
        ("rfc6962", True, False),
        ("promoted", False, False),
        ("bitcoin", False, False),
        ("openzeppelin_standard", True, False),
        ("openzeppelin_simple", False, False),
        ("ssz_list(9)", False, True),
        ("ssz_vector(9)", False, False),
        ("grin_mmr", True, False),
        ("nervos_mmr", False, False),
    ],
)
def test_properties(family: str, separates: bool, size: bool) -> None:
    scheme = Scheme(family, "sha256")
    assert (scheme.separates_leaves, scheme.binds_size) == (separates, size)
    assert scheme.binds_scheme == (family == "native")
    assert scheme.binds_index == ("openzeppelin" not in family)


DOUBLED = [(1, 2), (3, 4), (5, 6), (5, 8), (6, 8), (7, 8), (10, 12), (11, 12)]


@pytest.mark.parametrize(("size", "doubled"), DOUBLED)
def test_equal_siblings_are_refused_at_build_and_at_verification(size: int, doubled: int) -> None:
    """CVE-2012-2459: two rows of leaves, one root."""
    scheme = Scheme("bitcoin", "sha256")
    data = leaves_for(scheme, size)
    twins = doubled_leaves(data, doubled)
    same = size > 1
    assert (bitcoin(scheme, twins) == top(scheme, data)) == same
    with pytest.raises(EqualSiblings):
        head(scheme, twins)
    trusted = Head(scheme, doubled, bitcoin(scheme, twins))
    claim = multi.Claim(tuple(range(doubled)), tuple(twins))
    with pytest.raises(Refused, match=EQUAL_SIBLINGS):
        multi.verify_many(trusted, claim, MultiProof(32, ()))


def test_a_mountain_range_of_nervos_is_one_of_other_leaves() -> None:
    """Bags and nodes hash alike but for the order, so its last leaf and a node make a shorter tree."""
    scheme = Scheme("nervos_mmr", "blake2b_256")
    a, b, c = leaves_for(scheme, 3)
    inner = scheme.node(a, b)
    assert head(scheme, [a, b, c]).root == head(scheme, [c, inner]).root


def test_sorted_pairs_show_no_order() -> None:
    scheme = Scheme("openzeppelin_simple", "keccak256")
    data = leaves_for(scheme, 9)
    assert head(scheme, data) == head(scheme, data[::-1])
    solidity = Scheme(f"openzeppelin_solidity(4,{'00' * 32})", "keccak256")
    swapped = [data[1], data[0], *data[2:]]
    assert head(solidity, data) == head(solidity, swapped)


def test_a_verifier_that_reads_an_index_is_wrong_about_most() -> None:
    """Why claims about sorted pairs have no index: of all other places in small trees, most fit."""
    scheme = Scheme("openzeppelin_simple", "keccak256")
    believed = tried = 0
    for size in range(1, 33):
        data = leaves_for(scheme, size)
        trusted = head(scheme, data)
        place = {leaf: at for at, leaf in enumerate(order(data))}
        for index, leaf in enumerate(data):
            path = queue_path(scheme, data, index)
            assert fold_member(trusted, leaf, tuple(path)) == trusted.root
            for other in set(range(size)) - {index}:
                tried += 1
                # It looks whether the path is as long as that of the place.
                believed += len(path) == len(queue_way(size, place[other]))
                with pytest.raises(Refused, match=INDEX_NOT_BOUND):
                    verify(trusted, other, leaf, InclusionProof(32, tuple(path)))
    assert (believed, tried) == (7_812, 10_912)


def test_a_leaf_with_the_preimage_of_a_bag() -> None:
    """Why rules separate leaves only if their bags part ways with leaves too."""
    plain = next(scheme for scheme in VARIANTS if scheme.family == "bags-plain")
    assert not plain.separates_leaves
    mine = next(scheme for scheme in VARIANTS if scheme.family == "bags")
    assert mine.separates_leaves
    # A right peak that begins with the byte of leaves is soon found.
    peak = next(d for d in (plain.leaf(bytes([i, j])) for i in range(256) for j in range(9)) if d[0] == 0)
    left = hashlib.sha256(b"left").digest()
    assert plain.leaf(peak[1:] + left) == plain.edge_node((1, 0), 3, [left, peak])


def test_bare_leaves_are_digests() -> None:
    for scheme in VARIANTS:
        if scheme.rules.leaf is None:
            for data in (b"", bytes(31), bytes(33), bytes(64)):
                with pytest.raises(LeafSize):
                    scheme.leaf(data)


def test_empty_trees() -> None:
    zero = bytes(32)
    for scheme in VARIANTS:
        if not scheme.takes(0):
            with pytest.raises(ValueError, match="no tree"):
                head(scheme, [])
            continue
        trusted = head(scheme, [])
        expected = zero
        if isinstance(scheme.rules.edge, Zeros):
            expected = scheme.zero(scheme.rules.edge.height)
        elif scheme.rules.empty_is_hash:
            expected = scheme.hash.digest(b"")
        assert trusted.root == scheme.root(0, expected)
        for claimed in (0, None):
            with pytest.raises(Refused):
                verify(trusted, claimed, leaves_for(scheme, 1)[0], InclusionProof(32, ()))


def test_heads_of_impossible_sizes() -> None:
    for family, sizes in (
        ("ssz_vector(5)", (0, 4, 6)),
        ("ssz_list(5)", (6, 8)),
        ("filecoin(4)", (0, 2, 8)),
        ("openzeppelin_simple", (0,)),
        (f"fixed_depth(2,3,{'00' * 32})", (10,)),
        ("commonware_bmt", (2**32,)),
        ("grin_mmr", (2**62,)),
    ):
        for size in sizes:
            with pytest.raises(ValueError, match="no tree"):
                Head(Scheme(family, "sha256"), size, bytes(32))


def test_a_framed_root_is_not_a_node_so_the_start_is_sent() -> None:
    scheme = next(scheme for scheme in VARIANTS if scheme.family == "labels-twice")
    data = leaves_for(scheme, 7)
    proof = consistency.prove_extends(scheme, data, 4)
    plain = Scheme("promoted", "sha256")
    assert len(proof.digests) == 1 + len(consistency.prove_extends(plain, leaves_for(plain, 7), 4).digests)
    consistency.verify_extends(head(scheme, data), head(scheme, data[:4]), proof)
    with pytest.raises(Refused):
        consistency.verify_extends(
            head(scheme, data), head(scheme, data[:4]), ConsistencyProof(32, proof.digests[1:])
        )


def test_the_inner_node_that_passes_for_a_leaf() -> None:
    """By hand: the head of 2 leaves over the root of 4."""
    scheme = Scheme("promoted", "sha256")
    a, b, c, d = leaves_for(scheme, 4)
    root = honest(scheme, 4, 0).head.root
    verify(Head(scheme, 2, root), 0, scheme.node(a, b), InclusionProof(32, (scheme.node(c, d),)))
    separated = Scheme("tendermint", "sha256")
    left, right = (separated.node(*leaf_digests(separated, pair)) for pair in ((a, b), (c, d)))
    trusted = Head(separated, 2, head(separated, [a, b, c, d]).root)
    with pytest.raises(Refused):
        verify(trusted, 0, left, InclusionProof(32, (right,)))
