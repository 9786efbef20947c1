"""The twin against itself, against published constants, and against the vectors it wrote."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pymerkle  # type: ignore[import-untyped]
import pytest

from tests.reference import attacks, codec, json_form, rows, vectors_encodings, write_vectors
from tests.reference.hashes import HASHES
from tests.reference.objects import Head, InclusionProof
from tests.reference.refusals import Refused
from tests.reference.samples import leaf, leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, RFC6962, Scheme
from tests.reference.trees import canonical, cover, head, leaf_digests, levels, path, plan, prove, top
from tests.reference.verify import fold, verify

each_scheme = pytest.mark.parametrize("scheme", ALL_SCHEMES, ids=lambda scheme: scheme.name)
CT = Scheme(RFC6962, "sha256")

# The digests of "" and "abc" as published with FIPS 180-4, FIPS 202, Keccak, RFC 7693 (BLAKE2s "abc") and
# BLAKE3; the other BLAKE2 ones and XXH3 as their implementations agree on them.
KNOWN_DIGESTS = (
    ("blake3", b"", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
    ("blake3", b"abc", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
    ("sha256", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sha512_256", b"", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"),
    ("sha512_256", b"abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
    ("sha3_256", b"", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
    ("sha3_256", b"abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
    ("keccak256", b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    ("keccak256", b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ("blake2b_256", b"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"),
    ("blake2b_256", b"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
    ("blake2s_256", b"", "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"),
    ("blake2s_256", b"abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),
    ("xxh3_128", b"", "99aa06d3014798d86001c324468d497f"),
)

# The leaves and roots that Certificate Transparency implementations share.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def refusal(trusted: Head, index: int, data: bytes, proof: InclusionProof) -> str | None:
    try:
        verify(trusted, index, data, proof)
    except Refused as refused:
        return refused.reason
    return None


def vectors(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((write_vectors.DIRECTORY / name).read_text(encoding="ascii"))
    return loaded


@pytest.mark.parametrize(("name", "message", "expected"), KNOWN_DIGESTS)
def test_published_digests(name: str, message: bytes, expected: str) -> None:
    assert HASHES[name].digest(message).hex() == expected
    assert len(bytes.fromhex(expected)) == HASHES[name].digest_size


def test_prefixes_fill_whole_blocks() -> None:
    for h in HASHES.values():
        length = {"keyed": 0, "none": 0, "block": h.block_size}[h.mode]
        assert len(h.prefix("tallystick/v1/leaf")) == length
    assert HASHES["sha256"].prefix("x") == 2 * HASHES["sha256"].digest(b"x")


def test_tag_is_tagged_hash_of_bip_340_for_sha256() -> None:
    # BIP-340 tags are SHA-256(T || T || m) with T = SHA-256(tag).
    h = HASHES["sha256"]
    t = h.digest(b"BIP0340/challenge")
    assert h.tag("BIP0340/challenge", b"m") == h.digest(t + t + b"m")


def test_certificate_transparency_roots() -> None:
    assert tuple(head(CT, CT_LEAVES[:n]).root.hex() for n in range(9)) == CT_ROOTS


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 21, 64, 100])
def test_roots_equal_pymerkle(size: int) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for data in leaves(size):
        tree.append_entry(data)
    assert tree.get_root() == head(CT, leaves(size)).root


@each_scheme
def test_two_constructions_agree(scheme: Scheme) -> None:
    digests = leaf_digests(scheme, leaves(130))
    for size in range(1, 131):
        assert top(scheme, digests[:size]) == levels(scheme, digests[:size])[-1][0]


@pytest.mark.parametrize("scheme", [CT, Scheme(NATIVE, "blake3", b"day 1"), Scheme(NATIVE, "sha256")])
def test_every_proof_verifies(scheme: Scheme) -> None:
    for size in range(1, 41):
        data = leaves(size)
        trusted = head(scheme, data)
        digests = leaf_digests(scheme, data)
        for index in range(size):
            proof = InclusionProof(scheme.digest_size, tuple(path(scheme, digests, index)))
            verify(trusted, index, data[index], proof)


def test_path_is_the_nodes_of_the_plan() -> None:
    for size in range(1, 41):
        digests = leaf_digests(CT, leaves(size))
        rows_of_tree = levels(CT, digests)
        for index in range(size):
            nodes = [rows_of_tree[level][i] for level, i in plan(size, [index])]
            assert nodes == path(CT, digests, index)


def test_two_plans_agree() -> None:
    for size in range(1, 9):
        for count in range(1, size + 1):
            for claimed in itertools.combinations(range(size), count):
                assert plan(size, claimed) == cover(size, claimed)
    chosen = random.Random(6962)
    for _ in range(500):
        size = chosen.choice((chosen.randint(1, 300), chosen.randint(1, 2**64 - 1)))
        indices = sorted({chosen.randrange(size) for _ in range(chosen.randint(1, 8))})
        assert plan(size, indices) == cover(size, indices)


def test_plan_has_canonical_names_and_enough_digests() -> None:
    for size, indices in ((7, (0, 1, 6)), (11, (2, 3, 9)), (33, (32,)), (13, (0, 5, 12))):
        digests = leaf_digests(CT, leaves(size))
        rows_of_tree = levels(CT, digests)
        taken = plan(size, indices)
        assert [canonical(size, node) for node in taken] == taken
        supply = iter([rows_of_tree[level][i] for level, i in taken])
        known = {i: digests[i] for i in indices}
        n = size
        while n > 1:
            above = {}
            for i in sorted(known):
                if i ^ 1 in known:
                    above[i // 2] = CT.node(known[i & ~1], known[i | 1])
                elif i ^ 1 < n:
                    sibling = next(supply)
                    above[i // 2] = CT.node(sibling, known[i]) if i % 2 else CT.node(known[i], sibling)
                else:
                    above[i // 2] = known[i]
            known, n = above, (n + 1) // 2
        assert known == {0: top(CT, digests)}
        assert list(supply) == []


def test_example_of_the_proofs_page() -> None:
    assert plan(7, [0, 1, 6]) == [(1, 1), (1, 2)]


def test_native_roots_bind_size_context_and_family() -> None:
    digest = bytes(32)
    native = Scheme(NATIVE, "sha256")
    roots = [
        native.root(1, digest),
        native.root(2, digest),
        native.with_context(b"x").root(1, digest),
        digest,
    ]
    assert len(set(roots)) == 4


@each_scheme
def test_attacks_are_refused_for_their_reason(scheme: Scheme) -> None:
    for attack in attacks.attacks(scheme):
        c = attack.claim
        assert refusal(c.head, c.index, c.leaf, c.proof) == attack.reason, attack.name


def test_inclusion_vectors_verify_as_stated() -> None:
    for group in vectors("inclusion.json")["groups"]:
        scheme = codec.decode(Scheme, bytes.fromhex(group["scheme"]["encoding"]))
        for test in group["tests"]:
            digest_size, joined = test["digest_size"], bytes.fromhex(test["proof"])
            parts = range(0, len(joined), digest_size)
            proof = InclusionProof(digest_size, tuple(joined[i : i + digest_size] for i in parts))
            trusted = Head(scheme, int(test["size"]), bytes.fromhex(test["root"]))
            if "head_json" in test:
                assert json_form.decode(Head, test["head_json"]) == trusted
                assert json_form.decode(InclusionProof, test["proof_json"]) == proof
            reason = refusal(trusted, int(test["index"]), bytes.fromhex(test["leaf"]), proof)
            assert reason == test.get("reason"), test["id"]
            assert (reason is None) == (test["result"] == "valid"), test["id"]


def test_every_prefix_of_an_encoding_is_refused_or_is_another_value() -> None:
    for _, value in vectors_encodings.heads():
        raw = codec.encode(value)
        assert codec.decode(Head, raw) == value
        for cut in range(len(raw)):
            with pytest.raises(codec.DecodeError):
                codec.decode(Head, raw[:cut])


def test_example_of_the_encodings_page() -> None:
    expected = "746c797301010600000" + "06e61746976650600000073686132353600000000050000006461792031"
    assert codec.encode(Scheme(NATIVE, "sha256", b"day 1")).hex() == expected


def test_rows_of_the_page_and_their_classes() -> None:
    assert rows.encode_row(["alice", 12, None]).hex() == "0205000000616c6963650302000000313200" + "00000000"
    assert rows.encode_row([True]) != rows.encode_row([1])
    assert rows.widen(0x7F80_0001) == 0x7FF0_0000_2000_0000


def test_row_leaves_differ() -> None:
    seen: dict[str, str] = {}
    for test in vectors("rows.json")["groups"][0]["tests"]:
        if "Row" in test["flags"] and not test["salt"]:
            cells = json.dumps(test["cells"])
            other = seen.setdefault(test["leaf"], cells)
            widened = {cell["type"] for cell in json.loads(other) + test["cells"]} & {
                "float32",
                "date_milliseconds",
            }
            assert other == cells or widened, test["id"]


def test_leaf_rule() -> None:
    assert leaf(0) == b""
    assert leaf(1) == bytes(range(1, 38))
    assert prove(CT, leaves(2), 0).digests == (CT.leaf(leaf(1)),)


def test_fold_is_head_for_one_leaf() -> None:
    trusted = head(CT, [b"only"])
    assert fold(trusted, 0, b"only", ()) == trusted.root == CT.leaf(b"only")


def test_vectors_are_up_to_date() -> None:
    assert write_vectors.stale() == []
