"""Patricia tries of the twin: published roots, honest proofs, and every way to bend one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

import pytest

from tests.reference.attacks_patricia import SMALL, Attack, attacks, branch, extension, leaf
from tests.reference.patricia import (
    EMPTY_ROOT,
    Branch,
    Leaf,
    PatriciaHead,
    PatriciaProof,
    build,
    head,
    hex_prefix,
    keccak256,
    prove,
)
from tests.reference.patricia_verify import verify_absent, verify_many, verify_present
from tests.reference.refusals import (
    DUPLICATE_KEY,
    EMPTY_CLAIM,
    KEY_ABSENT,
    KEY_PRESENT,
    MALFORMED_NODE,
    NODE_COUNT,
    OTHER_NODE,
    OTHER_VALUE,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.rlp import NotRlp, decode, encode

#: Tries of Ethereum's documents and test suite, with their roots. Facts of others, in our words.
PUBLISHED = {
    "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421": {},
    "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3": {
        "doe": "reindeer",
        "dog": "puppy",
        "dogglesworth": "cat",
    },
    "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84": {
        "do": "verb",
        "horse": "stallion",
        "doge": "coin",
        "dog": "puppy",
    },
    "17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3": {"foo": "bar", "food": "bass"},
    "3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b": {
        "be": "e",
        "dog": "puppy",
        "bed": "d",
    },
    "8452568af70d8d140f58d941338542f645fcca50094b20f3c3d8c3df49337928": {"test": "test", "te": "testy"},
    "cb65032e2f76c48b82b5c24b3db8f670ce73982869d38cd39a624f23d62a9e89": {
        "key1aa": "0123456789012345678901234567890123456789xxx",
        "key1": "0123456789012345678901234567890123456789Very_Long",
        "key2bb": "aval3",
        "key2": "short",
        "key3cc": "aval3",
        "key3": "1234567890123456789012345678901",
    },
}
KEYS = (b"", b"\x00", b"\x01", b"\x10", b"\x00\x00", b"\x00\x01", b"\x10\x00\x00")
LONG = b"value of more than a digest's bytes"


def refusal(
    trusted: PatriciaHead, present: Mapping[bytes, bytes], absent: list[bytes], proof: PatriciaProof
) -> str | None:
    try:
        verify_many(trusted, present, absent, proof)
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("root", PUBLISHED)
def test_published_roots(root: str) -> None:
    items = {key.encode(): value.encode() for key, value in PUBLISHED[root].items()}
    assert head(items).root.hex() == root


def test_rlp_of_the_page() -> None:
    for item, encoded in [
        (b"", "80"),
        (b"\x00", "00"),
        (b"\x7f", "7f"),
        (b"\x80", "8180"),
        (b"dog", "83646f67"),
        (bytes(55), "b7" + "00" * 55),
        (bytes(56), "b838" + "00" * 56),
        ([], "c0"),
        ([b"cat", [b"dog"]], "c983636174c483646f67"),
        ([bytes(54)], "f7b6" + "00" * 54),
        ([bytes(55)], "f838b7" + "00" * 55),
    ]:
        assert encode(item).hex() == encoded
        assert decode(bytes.fromhex(encoded)) == item


def test_there_is_one_encoding_of_an_item() -> None:
    decoded: dict[str, bytes] = {}
    for length in range(4):
        for data in itertools.product(
            (0, 1, 0x7F, 0x80, 0x81, 0x82, 0xB8, 0xC0, 0xC1, 0xC2, 0xF8), repeat=length
        ):
            try:
                item = decode(bytes(data))
            except NotRlp:
                continue
            assert encode(item) == bytes(data)
            assert decoded.setdefault(repr(item), bytes(data)) == bytes(data)
    assert len(decoded) > 30


def test_hex_prefix_of_the_page() -> None:
    assert hex_prefix((), leaf=False).hex() == "00"
    assert hex_prefix((), leaf=True).hex() == "20"
    assert hex_prefix((1, 2, 3), leaf=False).hex() == "1123"
    assert hex_prefix((0, 15, 1, 12, 11, 8), leaf=True).hex() == "200f1cb8"


def tries() -> Iterator[dict[bytes, bytes]]:
    for count in range(len(KEYS) + 1):
        for keys in itertools.combinations(KEYS, count):
            for values in ((b"v",), (LONG,), (LONG, b"v"), (b"v", b"w" * 20)):
                yield {key: values[place % len(values)] for place, key in enumerate(keys)}


def test_every_key_of_small_tries_is_shown_present_or_absent_and_not_both() -> None:
    for items in tries():
        trusted = head(items)
        for key in KEYS:
            proof = prove(items, [key])
            if key in items:
                verify_present(trusted, key, items[key], proof)
                assert refusal(trusted, {}, [key], proof) == KEY_PRESENT
                assert refusal(trusted, {key: b"other"}, [], proof) == OTHER_VALUE
            else:
                verify_absent(trusted, key, proof)
                assert refusal(trusted, {key: b"v"}, [], proof) == KEY_ABSENT


def test_many_keys_share_their_nodes() -> None:
    for items in tries():
        trusted = head(items)
        absent = [key for key in KEYS if key not in items]
        proof = prove(items, KEYS)
        verify_many(trusted, items, absent, proof)
        assert {node for key in KEYS for node in prove(items, [key]).nodes} == set(proof.nodes)


def test_secure_tries_hash_their_keys() -> None:
    items = {b"%d" % number: b"%d" % (number * number) for number in range(50)}
    trusted = head(items, secure=True)
    assert trusted.root == head({keccak256(key): value for key, value in items.items()}).root
    keys = [b"%d" % number for number in range(60)]
    verify_many(trusted, items, keys[50:], prove(items, keys, secure=True))


def test_proofs_lack_nothing_and_have_nothing_over() -> None:
    items = {b"%d" % number: LONG for number in range(40)}
    trusted = head(items)
    for key in (b"0", b"17", b"40", b"1"):
        nodes = prove(items, [key]).nodes
        present = {key: items[key]} if key in items else {}
        absent = [key] if key not in items else []
        for place in range(len(nodes)):
            less = refusal(trusted, present, absent, PatriciaProof(nodes[:place] + nodes[place + 1 :]))
            assert less in (NODE_COUNT, OTHER_NODE, ROOT_MISMATCH)
        for place in range(len(nodes) + 1):
            more = PatriciaProof(nodes[:place] + nodes[:1] + nodes[place:])
            assert refusal(trusted, present, absent, more) in (NODE_COUNT, OTHER_NODE)
        assert refusal(trusted, present, absent, PatriciaProof(nodes[::-1])) == ROOT_MISMATCH
        assert refusal(trusted, present, absent, PatriciaProof(())) == NODE_COUNT


def test_claims_of_nothing_and_of_one_key_twice() -> None:
    items = {b"a": b"1"}
    proof = prove(items, [b"a"])
    assert refusal(head(items), {}, [], proof) == EMPTY_CLAIM
    assert refusal(head(items), {b"a": b"1"}, [b"a"], proof) == DUPLICATE_KEY
    assert refusal(head(items), {}, [b"b", b"b"], proof) == DUPLICATE_KEY


def test_an_empty_trie_takes_no_nodes() -> None:
    empty = head({})
    assert empty.root == EMPTY_ROOT
    verify_absent(empty, b"a", PatriciaProof(()))
    assert refusal(empty, {}, [b"a"], PatriciaProof((encode(b""),))) == NODE_COUNT
    assert refusal(empty, {b"a": b"1"}, [], PatriciaProof(())) == KEY_ABSENT


def test_no_bit_of_a_proof_may_differ() -> None:
    items = {b"%d" % number: LONG[: 20 + number] for number in range(12)}
    trusted = head(items)
    for key in (b"3", b"11", b"30"):
        nodes = prove(items, [key]).nodes
        for place, node in enumerate(nodes):
            for bit in range(8 * len(node)):
                bent = bytearray(node)
                bent[bit // 8] ^= 1 << bit % 8
                proof = PatriciaProof((*nodes[:place], bytes(bent), *nodes[place + 1 :]))
                reason = refusal(
                    trusted,
                    {key: items[key]} if key in items else {},
                    [key] if key not in items else [],
                    proof,
                )
                assert reason == (OTHER_NODE if place else ROOT_MISMATCH)


@pytest.mark.parametrize("attack", list(attacks()), ids=lambda attack: attack.name)
def test_attacks_are_refused(attack: Attack) -> None:
    made = attack.claim
    assert refusal(made.head, made.present, list(made.absent), made.proof) == attack.reason


def test_the_shapes_beside_the_malformed_ones_are_taken() -> None:
    """What attacks bend shows what it says when it is not bent."""
    long_leaf = encode(leaf((1, 2), LONG))
    for nodes, secure, key, value in (
        ([SMALL], False, b"\x11", b"v"),
        ([SMALL], False, b"\x31", None),
        ([leaf((1, 2))], False, b"\x12", b"v"),
        ([leaf((), b"v")], False, b"", b"v"),
        ([extension((1, 2), SMALL)], False, b"\x12\x11", b"v"),
        ([branch({1: leaf((1,))}, b"w")], False, b"", b"w"),
        ([branch({1: extension((1,), branch({1: leaf((1,))}, b"w")), 2: leaf((2,))})], False, b"\x11", b"w"),
        ([branch({1: keccak256(long_leaf), 2: leaf((2,))}), leaf((1, 2), LONG)], False, b"\x11\x20", None),
        ([leaf((1,) * 64)], True, b"a", None),
    ):
        encoded = tuple(encode(node) for node in nodes)
        trusted = PatriciaHead(keccak256(encoded[0]), secure)
        proof = PatriciaProof(encoded)
        if len(nodes) == 2:
            # Nibbles 1, 1, 2: half a byte too many.
            assert refusal(trusted, {}, [key], proof) == MALFORMED_NODE
        elif value is None:
            verify_absent(trusted, key, proof)
        else:
            verify_present(trusted, key, value, proof)


def test_random_tries_do_not_depend_on_how_they_are_asked() -> None:
    generator = random.Random(7)
    for _ in range(200):
        keys = {generator.randbytes(generator.randrange(4)) for _ in range(generator.randrange(1, 30))}
        items = {key: generator.randbytes(generator.randrange(1, 50)) for key in keys}
        asked = [generator.randbytes(generator.randrange(4)) for _ in range(10)] + list(items)[:5]
        proof = prove(items, dict.fromkeys(asked))
        present = {key: items[key] for key in asked if key in items}
        verify_many(head(items), present, {key for key in asked if key not in items}, proof)


def test_definition_of_small_tries() -> None:
    assert build({}) is None
    assert build({b"\x12": b"v"}) == Leaf((1, 2), b"v")
    made = build({b"": b"a", b"\x12": b"b"})
    assert isinstance(made, Branch)
    assert (made.value, made.children[1]) == (b"a", Leaf((2,), b"b"))
    with pytest.raises(ValueError, match="empty value"):
        build({b"a": b""})
