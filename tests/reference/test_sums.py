"""Sum trees of the twin: against definitions, plain addition and dense trees, at the edges of integers."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference import attacks_sum_multi, attacks_sums, json_form, shards, sum_shards
from tests.reference.codec import decode, encode
from tests.reference.objects import SumHead, SumInclusionProof, SumMultiProof, SumShard
from tests.reference.refusals import Refused
from tests.reference.samples import amounts, leaves
from tests.reference.schemes import NATIVE, NATIVE_SUM, SUM_SCHEMES, Scheme, le
from tests.reference.sum_verify import SumClaim, extract, merge, verified_nodes, verify, verify_many
from tests.reference.sums import (
    MAX_AMOUNT,
    SumOverflow,
    head,
    leaf,
    leaf_nodes,
    levels,
    prove,
    prove_many,
    top,
)
from tests.reference.test_proofs import PAGES, scheme_of
from tests.reference.test_reference import vectors
from tests.reference.trees import head as dense_head

BOUND = Scheme(NATIVE_SUM, "sha256", b"day 1")
EDGES = (0, 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**127 - 1, 2**127, 2**128 - 2, 2**128 - 1)

each_scheme = pytest.mark.parametrize("scheme", SUM_SCHEMES, ids=lambda scheme: scheme.name)


def refusal(check: Callable[..., object], *arguments: object) -> str | None:
    try:
        check(*arguments)
    except Refused as refused:
        return refused.reason
    return None


def claim_of(indices: tuple[int, ...], size: int = 20) -> SumClaim:
    data, sums = leaves(size), amounts(size)
    return SumClaim(indices, tuple(data[i] for i in indices), tuple(sums[i] for i in indices))


@each_scheme
def test_two_constructions_and_every_proof(scheme: Scheme) -> None:
    for size in range(12):
        data, sums = leaves(size), amounts(size)
        nodes = leaf_nodes(scheme, data, sums)
        trusted = head(scheme, data, sums)
        assert trusted.total == sum(sums)
        if size:
            assert levels(scheme, nodes)[-1] == [top(scheme, nodes)]
        for index in range(size):
            verify(trusted, index, data[index], sums[index], prove(scheme, nodes, index))


def test_preimages_of_the_page() -> None:
    h = BOUND.hash
    a, b = leaf(BOUND, b"a", 1), leaf(BOUND, b"b", 2**64)
    assert a.digest == h.tag("tallystick/v1/sum-leaf", bytes([1]) + bytes(15) + b"a")
    joined = a.digest + b.digest + le(1, 16) + le(2**64, 16)
    apex = h.tag("tallystick/v1/sum-node", joined)
    params = h.tag(
        "tallystick/v1/params",
        b"\x01\x02" + le(64, 2) + le(32, 2) + bytes(4) + le(5, 4) + b"day 1" + le(2, 8) + le(2**64 + 1, 16),
    )
    root = h.tag("tallystick/v1/head", params + apex)
    assert head(BOUND, [b"a", b"b"], [1, 2**64]) == SumHead(BOUND, 2, root, 2**64 + 1)
    assert head(BOUND, [], []).total == 0


def test_a_sum_tree_is_no_dense_tree() -> None:
    dense = Scheme(NATIVE, "sha256", b"day 1")
    assert len({BOUND.root(1, bytes(32)), dense.root(1, bytes(32)), BOUND.root(1, bytes(32), 1)}) == 3
    assert BOUND.sum_leaf(0, b"x") != dense.leaf(bytes(16) + b"x")
    for build in (lambda: head(dense, [b"x"], [1]), lambda: dense_head(BOUND, [b"x"])):
        with pytest.raises(TypeError, match="kind"):
            build()


def test_sums_at_every_edge() -> None:
    for pair in itertools.product(EDGES, EDGES):
        if sum(pair) > MAX_AMOUNT:
            with pytest.raises(SumOverflow):
                head(BOUND, [b"", b""], pair)
        else:
            trusted = head(BOUND, [b"", b""], pair)
            assert trusted.total == sum(pair)
            proof = prove(BOUND, leaf_nodes(BOUND, [b"", b""], pair), 0)
            verify(trusted, 0, b"", pair[0], proof)
            for other in {*EDGES, *(edge + 1 for edge in EDGES), -1} - {pair[0]}:
                assert refusal(verify, trusted, 0, b"", other, proof) is not None
    for amount in (-1, 2**128):
        with pytest.raises(ValueError, match="amount"):
            leaf(BOUND, b"", amount)


def test_all_sets_of_leaves() -> None:
    for size in range(1, 9):
        nodes = leaf_nodes(BOUND, leaves(size), amounts(size))
        trusted = head(BOUND, leaves(size), amounts(size))
        singles = [prove(BOUND, nodes, i) for i in range(size)]
        for count in range(1, size + 1):
            for indices in itertools.combinations(range(size), count):
                proof = prove_many(BOUND, nodes, indices)
                for index in indices:
                    assert extract(trusted, claim_of(indices), proof, index) == singles[index]
                verify_many(trusted, claim_of(indices[::-1]), proof)
                assert len(verified_nodes(trusted, claim_of(indices), proof)) < 2 * size


def test_all_merges() -> None:
    size = 5
    nodes, trusted = leaf_nodes(BOUND, leaves(size), amounts(size)), head(BOUND, leaves(size), amounts(size))
    sets = [chosen for k in range(1, size + 1) for chosen in itertools.combinations(range(size), k)]
    made = {chosen: (claim_of(chosen), prove_many(BOUND, nodes, chosen)) for chosen in sets}
    for left, right in itertools.product(sets, sets):
        both = tuple(sorted({*left, *right}))
        assert merge(trusted, made[left], made[right]) == made[both][1]
    forged = made[0, 1][0]._replace(amounts=(1, 2))
    with pytest.raises(Refused, match="TOTAL_MISMATCH"):
        merge(trusted, made[0, 1], (forged, made[0, 1][1]))


def test_changed_sums_are_refused() -> None:
    chosen = random.Random("sums")
    size = 11
    nodes, trusted = leaf_nodes(BOUND, leaves(size), amounts(size)), head(BOUND, leaves(size), amounts(size))
    for _ in range(500):
        index = chosen.randrange(size)
        proof = prove(BOUND, nodes, index)
        sums = list(proof.sums)
        amount = amounts(size)[index]
        shift = chosen.choice((1, 2**63, 2**64, 2**127))
        give = chosen.randrange(len(sums))
        sums[give] = (sums[give] + shift) % 2**128
        if chosen.randrange(2):
            amount -= shift
        else:
            take = chosen.randrange(len(sums))
            sums[take] = (sums[take] - shift) % 2**128
        changed = SumInclusionProof(32, tuple(sums), proof.digests)
        if changed != proof or amount != amounts(size)[index]:
            assert refusal(verify, trusted, index, leaves(size)[index], amount, changed) is not None


def test_shards_of_all_cuts() -> None:
    data, sums = leaves(12), amounts(12)
    for end in range(13):
        whole = sum_shards.of_leaves(BOUND, 0, data[:end], sums[:end])
        assert sum_shards.head(whole) == head(BOUND, data[:end], sums[:end])
        for middle in range(end + 1):
            left = sum_shards.of_leaves(BOUND, 0, data[:middle], sums[:middle])
            right = sum_shards.of_leaves(BOUND, middle, data[middle:end], sums[middle:end])
            assert sum_shards.join(left, right) == whole


def test_shards_that_overflow_or_do_not_join() -> None:
    huge = sum_shards.of_leaves(BOUND, 0, [b""], [2**128 - 1])
    with pytest.raises(SumOverflow):
        sum_shards.join(huge, sum_shards.of_leaves(BOUND, 1, [b""], [1]))
    with pytest.raises(SumOverflow):  # two nodes that no node of the range joins
        sum_shards.of_leaves(BOUND, 1, [b"", b""], [2**128 - 1, 1])
    assert sum_shards.join(huge, sum_shards.of_leaves(BOUND, 1, [b""], [0])).sums == (2**128 - 1,)
    with pytest.raises(shards.NotAdjacent):
        sum_shards.join(huge, sum_shards.of_leaves(BOUND, 2, [b""], [0]))
    with pytest.raises(shards.NotAdjacent):
        sum_shards.join(huge, sum_shards.of_leaves(BOUND.with_context(b""), 1, [b""], [0]))
    with pytest.raises(shards.NotAdjacent):
        sum_shards.head(sum_shards.of_leaves(BOUND, 1, [], []))


def nodes_of(test: dict[str, Any]) -> tuple[int, tuple[int, ...], tuple[bytes, ...]]:
    size, joined = test["digest_size"], bytes.fromhex(test["proof"])
    digests = tuple(joined[i : i + size] for i in range(0, len(joined), size))
    return size, tuple(map(int, test["sums"])), digests


def head_of(group: dict[str, Any], test: dict[str, Any]) -> SumHead:
    scheme = scheme_of(group["scheme"])
    return SumHead(scheme, int(test["size"]), bytes.fromhex(test["root"]), int(test["total"]))


def test_root_vectors() -> None:
    for group in vectors("sums.json")["groups"]:
        scheme = scheme_of(group["scheme"])
        for test in group["tests"]:
            if "Leaf" in test["flags"]:
                made = leaf(scheme, leaves(2)[int(test["index"])], int(test["amount"]))
                assert made.digest.hex() == test["digest"]
                continue
            size = int(test["size"])
            owed = [int(amount) for amount in test.get("amounts", amounts(size))]
            if test["result"] == "invalid":
                with pytest.raises(SumOverflow):
                    head(scheme, leaves(size), owed)
            else:
                assert head(scheme, leaves(size), owed) == head_of(group, test)


def test_inclusion_vectors() -> None:
    for group in vectors("sum_inclusion.json")["groups"]:
        for test in group["tests"]:
            proof, trusted = SumInclusionProof(*nodes_of(test)), head_of(group, test)
            data, owed = bytes.fromhex(test["leaf"]), int(test["amount"])
            assert refusal(verify, trusted, int(test["index"]), data, owed, proof) == test.get("reason")
            assert ("reason" in test) == (test["result"] == "invalid")
            if "head_json" in test:
                assert json_form.decode(SumHead, test["head_json"]) == trusted
                assert json_form.decode(SumInclusionProof, test["proof_json"]) == proof


def test_multi_vectors() -> None:
    for group in vectors("sum_multi.json")["groups"]:
        for test in group["tests"]:
            claims = []
            for part in (test, test["other"]) if "other" in test else (test,):
                data = tuple(map(bytes.fromhex, part["leaves"]))
                claim = SumClaim(tuple(map(int, part["indices"])), data, tuple(map(int, part["amounts"])))
                claims.append((claim, SumMultiProof(*nodes_of(part))))
            trusted = head_of(group, test)
            assert refusal(verify_many, trusted, *claims[0]) == test.get("reason"), test["id"]
            if "merged" in test:
                wanted = {"digest_size": 32} | test["merged"]
                assert merge(trusted, *claims) == SumMultiProof(*nodes_of(wanted))
            for index, one in zip(claims[0][0].indices, test.get("extracted", ()), strict=False):
                wanted = {"digest_size": 32} | one
                assert extract(trusted, *claims[0], index) == SumInclusionProof(*nodes_of(wanted))


def shard_of(scheme: Scheme, fields: dict[str, Any]) -> SumShard:
    sums, digests = tuple(map(int, fields["sums"])), tuple(map(bytes.fromhex, fields["digests"]))
    return SumShard(scheme, int(fields["begin"]), int(fields["end"]), sums, digests)


def test_shard_vectors() -> None:
    for group in vectors("sum_shards.json")["groups"]:
        for test in group["tests"]:
            if group["what"] == "refused":
                keys = [key for key in ("left", "right", "shard") if key in test]
                given = [decode(SumShard, bytes.fromhex(test[key])) for key in keys]
                with pytest.raises((shards.NotAdjacent, SumOverflow)):
                    sum_shards.join(*given) if len(given) == 2 else sum_shards.head(*given)
                continue
            scheme = scheme_of(group["scheme"])
            if "joined" in test:
                left, right = shard_of(scheme, test["left"]), shard_of(scheme, test["right"])
                assert sum_shards.join(left, right) == shard_of(scheme, test["joined"])
                continue
            shard = shard_of(scheme, test["shard"])
            data, owed = leaves(shard.end)[shard.begin :], amounts(shard.end)[shard.begin :]
            assert shard == sum_shards.of_leaves(scheme, shard.begin, data, owed)
            if shard.begin == 0:
                assert sum_shards.head(shard) == head_of(group, {"size": shard.end} | test["shard"])


@pytest.mark.parametrize("scheme", [BOUND, Scheme(NATIVE_SUM, "blake3")], ids=lambda scheme: scheme.name)
def test_attacks_are_refused_for_their_reason(scheme: Scheme) -> None:
    for attack in attacks_sums.attacks(scheme):
        c = attack.claim
        assert refusal(verify, c.head, c.index, c.leaf, c.amount, c.proof) == attack.reason, attack.name
    for many in attacks_sum_multi.attacks(scheme):
        m = many.case
        assert refusal(verify_many, m.head, m.claim, m.proof) == many.reason, many.name


def test_example_of_the_page() -> None:
    scheme = Scheme(NATIVE_SUM, "sha256")
    nodes = leaf_nodes(scheme, [b"a", b"b", b"c"], [1, 256, 0])
    proof, trusted = prove(scheme, nodes, 0), head(scheme, [b"a", b"b", b"c"], [1, 256, 0])
    assert (
        encode(proof).hex()
        == "746c79490120" + "0200000000000000" + "02000100" + b"".join(proof.digests).hex()
    )
    text = (PAGES / "sums.md").read_text(encoding="utf-8")
    assert all(f"{d[:8].hex(' ')} \u2026 {d[-8:].hex(' ')}" in text for d in (*proof.digests, trusted.root))


def test_empty_proofs() -> None:
    trusted = head(BOUND, [b"x"], [7])
    verify(trusted, 0, b"x", 7, SumInclusionProof(32, (), ()))
    verify_many(trusted, SumClaim((0,), (b"x",), (7,)), SumMultiProof(32, (), ()))
    nothing = head(BOUND, [], [])
    assert refusal(verify, nothing, 0, b"", 0, SumInclusionProof(32, (), ())) == "INDEX_OUT_OF_RANGE"
