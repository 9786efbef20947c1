"""Patricia tries of the twin: published roots, honest proofs, and every way to bend one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

import pytest

from tests.reference.patricia import (
    EMPTY_ROOT,
    Branch,
    Leaf,
    Path,
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
from tests.reference.rlp import Item, NotRlp, decode, encode

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


def rooted(*nodes: Item, secure: bool = False) -> tuple[PatriciaHead, PatriciaProof]:
    """A head that was made for these nodes, however bad they are."""
    encoded = tuple(encode(node) for node in nodes)
    return PatriciaHead(keccak256(encoded[0]), secure), PatriciaProof(encoded)


def branch(children: Mapping[int, Item], value: Item = b"") -> list[Item]:
    return [*(children.get(nibble, b"") for nibble in range(16)), value]


def leaf(path: Path, value: Item = b"v") -> list[Item]:
    return [hex_prefix(path, leaf=True), value]


def extension(path: Path, child: Item) -> list[Item]:
    return [hex_prefix(path, leaf=False), child]


SMALL = branch({1: leaf((1,)), 2: leaf((2,))})
DEEP: Item = b"\x01"
for _ in range(12):
    DEEP = [DEEP]
ODD_KEY = (1, 2, 3)

#: Roots of which nothing is shown, though the proof has them: no trie has such a node.
MALFORMED: dict[str, Item] = {
    "a string": b"dog",
    "an empty string": b"",
    "an empty list": [],
    "one item": [b"\x20"],
    "three items": [b"\x20", b"v", b"w"],
    "sixteen items": branch({1: leaf((1,)), 2: leaf((2,))})[:16],
    "eighteen items": [*SMALL, b""],
    "a leaf without value": leaf((1, 2), b""),
    "a leaf whose value is a list": leaf((1, 2), [b"v"]),
    "a leaf of half a byte": leaf(ODD_KEY),
    "a path that is a list": [[b"\x20"], b"v"],
    "an empty path": [b"", b"v"],
    "an unknown flag": [b"\x40", b"v"],
    "padding that is not zero": [b"\x21", b"v"],
    "an extension without path": extension((), SMALL),
    "an extension to nothing": extension((1,), b""),
    "an extension to 31 bytes": extension((1,), bytes(31)),
    "an extension to 33 bytes": extension((1,), bytes(33)),
    "an extension to a leaf": extension((1, 2), leaf((1, 2))),
    "an extension to an extension": extension((1, 2), extension((1,), SMALL)),
    "a branch of nothing": branch({}),
    "a branch of one child": branch({1: leaf((1,))}),
    "a branch of a value alone": branch({}, b"v"),
    "a branch at half a byte with a value": extension((1,), branch({1: leaf(())}, b"v")),
    "a branch whose value is a list": branch({1: leaf((1,)), 2: leaf((2,))}, [b"v"]),
    "a child of 31 bytes": branch({1: bytes(31), 2: leaf((2,))}),
    "a child of 33 bytes": branch({1: bytes(33), 2: leaf((2,))}),
    "a child that is no node": branch({1: [], 2: leaf((2,))}),
    "a child of half a byte": branch({1: leaf((1,)), 2: leaf((2, 3))}),
    "a child that should be hashed": branch({1: leaf((1,), bytes(32)), 2: leaf((2,))}),
    "a child without value": branch({1: leaf((1,), b""), 2: leaf((2,))}),
    "lists in lists": branch({1: DEEP, 2: leaf((2,))}),
}


@pytest.mark.parametrize("what", MALFORMED)
@pytest.mark.parametrize("key", [b"", b"\x11", b"\x12", b"\xff", b"\x12\x11"])
def test_malformed_nodes_show_nothing(what: str, key: bytes) -> None:
    trusted, proof = rooted(MALFORMED[what])
    if trusted.root == EMPTY_ROOT:
        assert refusal(trusted, {}, [key], proof) == NODE_COUNT
        return
    assert refusal(trusted, {}, [key], proof) == MALFORMED_NODE
    assert refusal(trusted, {key: b"v"}, [], proof) == MALFORMED_NODE


def test_malformed_children() -> None:
    short = leaf((1,))
    parent = branch({1: keccak256(encode(short)), 2: leaf((2,))})
    assert refusal(*spread(rooted(parent, short), {b"\x11": b"v"})) == MALFORMED_NODE
    long_leaf = leaf((1, 2), LONG)
    assert (
        refusal(
            *spread(rooted(extension((1, 2), keccak256(encode(long_leaf))), long_leaf), {b"\x12\x12": LONG})
        )
        == MALFORMED_NODE
    )


def spread(
    made: tuple[PatriciaHead, PatriciaProof], present: dict[bytes, bytes]
) -> tuple[PatriciaHead, dict[bytes, bytes], list[bytes], PatriciaProof]:
    return made[0], present, [], made[1]


def test_nodes_that_no_secure_trie_has() -> None:
    for made in (leaf((1, 2)), leaf((1,) * 66), SMALL, branch({1: leaf((1,) * 63, LONG)}, b"v")):
        trusted, proof = rooted(made, secure=True)
        assert refusal(trusted, {}, [b"a"], proof) == MALFORMED_NODE
    trusted, proof = rooted(leaf((1,) * 64), secure=True)
    verify_absent(trusted, b"a", proof)


@pytest.mark.parametrize(
    "node",
    [b"\xc1\x80" + bytes(3), bytes.fromhex("f802 2076"), bytes.fromhex("c3 20 8176"), b"\xc2\x20", b""],
)
def test_nodes_that_are_not_rlp(node: bytes) -> None:
    trusted = PatriciaHead(keccak256(node), False)
    assert refusal(trusted, {}, [b"a"], PatriciaProof((node,))) == MALFORMED_NODE


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
