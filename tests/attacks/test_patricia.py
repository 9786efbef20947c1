"""A3, A9, A10, A15, A22, A23, A26 to A29 and A31 for Patricia tries: forged presence and absence, bombs.

The honest twin of each input is accepted in the same test. More, with the reason of each, is in
`tests/vectors/v1/patricia.json`, which the readable twin writes.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator

import pytest
import tallystick as ts

from tests.reference import rlp
from tests.reference.attacks_patricia import SMALL, branch, extension, leaf, nested
from tests.reference.patricia import Path, hex_prefix, keccak256
from tests.support import all_flips

LONG = b"a value that is longer than thirty-two bytes"
ITEMS = {b"%d" % number: LONG[: 1 + number] for number in range(40)} | {b"": LONG, b"1234": b"x"}
TREE = ts.PatriciaTree(ITEMS)
SECURE = ts.PatriciaTree(ITEMS, secure=True)
ABSENT = [b"3x", b"999", b"12", b"\x00", b"12345"]
KEYS = [b"", b"1", b"7", b"39", b"1234", *ABSENT]


def accepted(head: ts.PatriciaHead, key: bytes, value: bytes | None, proof: ts.PatriciaProof) -> bool:
    try:
        if value is None:
            head.verify_absent(key, proof)
        else:
            head.verify_present(key, value, proof)
    except ts.InvalidProof:
        return False
    return True


def honest() -> Iterator[tuple[ts.PatriciaTree, bytes, ts.PatriciaProof]]:
    for tree in (TREE, SECURE):
        for key in KEYS:
            proof = tree.prove(key)
            assert accepted(tree.head, key, ITEMS.get(key), proof)
            yield tree, key, proof


def test_a15_no_key_is_present_and_absent() -> None:
    for tree, key, _ in honest():
        for other in KEYS:
            proof = tree.prove(other)
            # A proof of another key may pass only if it has the same nodes, and then for the truth.
            same = proof == tree.prove(key)
            for value in (None, b"v", LONG, *ITEMS.values()):
                assert accepted(tree.head, key, value, proof) == (same and value == ITEMS.get(key))


def test_a10_absence_is_never_a_lack() -> None:
    for tree, key, proof in honest():
        for end in range(len(proof)):
            for value in (None, b"", ITEMS.get(key, b"v")):
                assert not accepted(tree.head, key, value, ts.PatriciaProof(proof.nodes[:end]))
        for zero in (bytes(32), keccak256(b""), ts.PatriciaTree().root):
            assert not accepted(ts.PatriciaHead(zero, secure=tree.secure), key, None, proof)
        assert not accepted(ts.PatriciaHead(bytes(32)), key, None, ts.PatriciaProof([]))
        assert accepted(ts.PatriciaTree().head, key, None, ts.PatriciaProof([]))
        assert not accepted(tree.head, key, b"", proof)


def test_every_bit_of_every_node_counts() -> None:
    for tree, key, proof in itertools.islice(honest(), 0, None, 3):
        for place, node in enumerate(proof.nodes):
            for bent in all_flips(node):
                changed = ts.PatriciaProof([*proof.nodes[:place], bent, *proof.nodes[place + 1 :]])
                assert not accepted(tree.head, key, ITEMS.get(key), changed)
                assert not accepted(tree.head, key, None, changed)


def test_nodes_dropped_doubled_exchanged_and_added() -> None:
    for tree, key, proof in honest():
        nodes, value = list(proof.nodes), ITEMS.get(key)
        others: list[list[bytes]] = [nodes[::-1]] if len(nodes) > 1 else []
        for place in range(len(nodes)):
            others.append(nodes[:place] + nodes[place + 1 :])
            others.append(nodes[: place + 1] + nodes[place:])
            others += [[*nodes[:place], more, *nodes[place:]] for more in (b"", b"\x80", b"\xc0", nodes[-1])]
        others += [[*nodes, more] for more in (b"", b"\x80", rlp.encode(leaf((1, 2))), nodes[0])]
        for changed in others:
            assert not accepted(tree.head, key, value, ts.PatriciaProof(changed))


def test_a31_prefixes_and_longer_keys_are_other_keys() -> None:
    for key, value in ITEMS.items():
        proof = TREE.prove(key)
        for other in (key + b"\x00", key + key[-1:] + b"1", key[:-1], b"\x00" + key):
            if other != key:
                assert not accepted(TREE.head, other, value, proof) or ITEMS.get(other) == value


def test_a3_a_value_is_no_node() -> None:
    """A value that is the encoding of a node, or its digest, leads nowhere."""
    inner = rlp.encode(leaf((2, 3), b"forged"))
    deep = rlp.encode(leaf((2, 3), LONG))
    tree = ts.PatriciaTree({b"\x01": inner, b"\x01\x02": keccak256(deep), b"\x10": inner + bytes(40)})
    for key in (b"\x01\x23", b"\x01\x02\x23", b"\x10\x23", b"\x01\x12\x30"):
        path = tree.prove(key)
        assert accepted(tree.head, key, None, path)
        for more in ((), (inner,), (deep,), (deep, inner)):
            for value in (b"forged", LONG):
                assert not accepted(tree.head, key, value, ts.PatriciaProof([*path.nodes, *more]))


def test_a22_a_key_that_is_a_digest_of_a_node() -> None:
    nodes = TREE.prove_many(KEYS).nodes
    tree = ts.PatriciaTree(ITEMS | {keccak256(node): node for node in nodes})
    for node in nodes:
        key = keccak256(node)
        assert accepted(tree.head, key, node, tree.prove(key))
        assert not accepted(TREE.head, key, node, tree.prove(key))
        assert accepted(TREE.head, key, None, TREE.prove(key))


def rooted(*encoded: bytes, secure: bool = False) -> tuple[ts.PatriciaHead, ts.PatriciaProof]:
    return ts.PatriciaHead(keccak256(encoded[0]), secure=secure), ts.PatriciaProof(list(encoded))


def test_a9_a_node_has_one_encoding() -> None:
    """Under roots that were made for them: the same list of items in bytes that are not its encoding."""
    tree = ts.PatriciaTree({b"\x11": b"v", b"\x12": b"w" * 40, b"\x22": LONG})
    for key in (b"\x11", b"\x12", b"\x22", b"\x23"):
        (root, *rest) = tree.prove(key).nodes
        assert accepted(tree.head, key, tree.find(key), ts.PatriciaProof([root, *rest]))
        head, proof = rooted(root, *rest)
        assert head == tree.head
        for other in longer_forms(root):
            head, proof = rooted(other, *rest)
            assert not accepted(head, key, tree.find(key), proof)
            assert not accepted(head, key, None, proof)


def longer_forms(node: bytes) -> Iterator[bytes]:
    payload, _ = rlp.payload_of(node)
    length = len(payload)
    yield node + b"\x00"
    yield node + node
    for count in range(1, 9):
        if length < 256**count and bytes([0xF7 + count]) + length.to_bytes(count, "big") != node[: 1 + count]:
            yield bytes([0xF7 + count]) + length.to_bytes(count, "big") + payload
    at = 0
    while at < length:
        _, rest = rlp.payload_of(payload[at:])
        end = length - len(rest)
        item = payload[at:end]
        body, _ = rlp.payload_of(item)
        forms = [bytes([0xB8, len(body)]) + body, bytes([0xB9, 0, len(body)]) + body]
        forms += [b"\x81" + item] if len(item) == 1 and item[0] < 0x80 else []
        for form in forms:
            if form != item:
                changed = payload[:at] + form + payload[end:]
                yield rlp.begin(0xC0, len(changed)) + changed
        at = end


@pytest.mark.parametrize("flag", range(256))
def test_a9_every_first_byte_of_a_path(flag: int) -> None:
    """Of all first bytes of a hex prefix, one is a leaf's path of whole bytes, and sixteen an odd one's."""
    for path in ((), (1, 2)):
        prefixed = bytes([flag]) + hex_prefix(path, leaf=False)[1:]
        head, proof = rooted(rlp.encode([prefixed, LONG]))
        keys = [b"", b"\x12", *(bytes([16 * nibble + 1, 0x20]) for nibble in range(16))]
        shown = [key for key in keys if accepted(head, key, LONG, proof)]
        absent = [key for key in keys if accepted(head, key, None, proof)]
        if flag == 0x20:
            assert shown == ([b"\x12"] if path else [b""])
            assert len(absent) == len(keys) - 1
        else:
            assert shown == absent == []


def test_random_nodes_are_nothing() -> None:
    generator = random.Random(13)
    for _ in range(3000):
        node = bytearray(rlp.encode(generator.choice([SMALL, leaf((1, 2), LONG), extension((1, 2), SMALL)])))
        for _ in range(generator.randrange(1, 4)):
            node[generator.randrange(len(node))] = generator.choice(
                [0, 1, 0x20, 0x7F, 0x80, 0x81, 0xB8, 0xC0, 0xF8]
            )
        if generator.random() < 0.3:
            del node[generator.randrange(len(node)) :]
        head, proof = rooted(bytes(node))
        for key in (b"", b"\x11", b"\x12", b"\x12\x11", b"\xff"):
            verdicts = [accepted(head, key, value, proof) for value in (None, b"v", b"w", LONG)]
            assert sum(verdicts) <= 1
            if any(verdicts):
                again = rlp.decode(bytes(node))
                assert rlp.encode(again) == bytes(node)


BOMBS: dict[str, bytes] = {
    "lists 100,000 deep": b"\xc1" * 100_000,
    "lists 400 deep, well formed": rlp.encode(nested(400)),
    "a string of 2^64 - 1 bytes": b"\xc9\x20\xbf" + b"\xff" * 8,
    "a list of 2^64 - 1 bytes": b"\xff" * 9,
    "a list of 2^63 bytes": b"\xff\x80" + bytes(7),
    "a million empty strings": rlp.begin(0xC0, 1_000_000) + b"\x80" * 1_000_000,
    "a million empty lists": rlp.begin(0xC0, 1_000_000) + b"\xc0" * 1_000_000,
    "a path of a million bytes": rlp.encode([b"\x20" + bytes(1_000_000), b""]),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a26_a28_a29_bombs(name: str) -> None:
    head, proof = rooted(BOMBS[name])
    for key in (b"", b"\x12", bytes(100_000)):
        began = time.perf_counter()
        assert not accepted(head, key, None, proof)
        assert not accepted(head, key, b"v", proof)
        assert time.perf_counter() - began < 0.5
    assert ts.PatriciaProof.from_bytes(proof.to_bytes()) == proof


def test_a29_deep_tries_need_no_stack() -> None:
    """A trie as deep as its longest key: built, proven, verified, walked and dropped on a small stack."""
    depth = 3000
    items = {b"\x11" * length: b"%d" % length for length in range(1, depth)}
    failed: list[BaseException] = []

    def work() -> None:
        try:
            tree = ts.PatriciaTree(items)
            last = b"\x11" * (depth - 1)
            proof = tree.prove(last)
            assert len(proof) > depth / 2
            tree.head.verify_present(last, items[last], proof)
            tree.head.verify_absent(last + b"\x11", tree.prove(last + b"\x11"))
            tree.head.verify_many(items, [], tree.prove_many(list(items)))
            assert sum(1 for _ in tree.items()) == depth - 1
            tree.remove(list(items)[::2])
            tree.remove(list(items)[1::2])
            assert len(tree) == 0
        except BaseException as error:
            failed.append(error)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(120)
    finally:
        threading.stack_size(before)
    assert not thread.is_alive()
    assert failed == []


def test_a28_a_chain_of_nodes_costs_what_it_has() -> None:
    """Ten thousand hashed nodes below each other, each a branch, under one key."""
    child: bytes = rlp.encode(leaf((1,), LONG))
    nodes = [child]
    for _ in range(10_000):
        child = rlp.encode(branch({1: keccak256(child), 2: keccak256(b"other")}))
        nodes.append(child)
    path: Path = (1,) * 10_001
    key = bytes(16 * high + low for high, low in zip(path[::2], path[1::2], strict=False))
    head, proof = rooted(*reversed(nodes))
    began = time.perf_counter()
    for value in (LONG, None):
        accepted(head, key, value, proof)
        accepted(head, key + b"\x11", value, proof)
    assert time.perf_counter() - began < 1


def test_secure_heads_take_no_plain_trie() -> None:
    plain = ts.PatriciaHead(TREE.root, secure=True)
    secure = ts.PatriciaHead(SECURE.root)
    for key in KEYS:
        for proof in (TREE.prove(key), SECURE.prove(key)):
            assert not accepted(plain, key, ITEMS.get(key), proof)
            assert not accepted(plain, key, None, proof)
        # The root does not bind how keys become paths: plainly read, the trie has digests as keys.
        assert accepted(secure, keccak256(key), ITEMS.get(key), SECURE.prove(key))
