"""Claims about Patricia tries that are false, and proofs that nobody should accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.reference.patricia import (
    EMPTY_ROOT,
    Path,
    PatriciaHead,
    PatriciaProof,
    head,
    hex_prefix,
    keccak256,
    prove,
)
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
)
from tests.reference.rlp import Item, encode

FLAGS = {
    "ValueChanged": "a value that the key does not have",
    "PresentAsAbsent": "a key that has a value is claimed to have none",
    "AbsentAsPresent": "a key that has none is claimed to have a value",
    "OtherKey": "a key for which the proof was not made",
    "NodeDropped": "a node is missing: an absence is not shown by that",
    "NodeAdded": "a node more than the claim takes",
    "NodesReordered": "nodes in another order",
    "NodeChanged": "one bit of a node",
    "RootChanged": "the root of another trie",
    "Relabelled": "a head that says the other of secure",
    "KeyTwice": "a key is claimed twice",
    "NothingClaimed": "a claim of no keys",
    "EmptyTrie": "a trie without keys",
    "Malformed": "a node that no trie has, under a root that was made for it",
    "NotRlp": "a node in another encoding than the one of RLP, under a root that was made for it",
    "ShortHashed": "a node of fewer than 32 bytes, named by digest",
}


@dataclass(frozen=True)
class Claim:
    """That keys have these values, and others none."""

    head: PatriciaHead
    present: Mapping[bytes, bytes]
    absent: tuple[bytes, ...]
    proof: PatriciaProof


@dataclass(frozen=True)
class Attack:
    """A claim that must be refused, and why."""

    name: str
    flags: tuple[str, ...]
    claim: Claim
    reason: str


LONG = b"value of more than a digest's bytes"
ITEMS = {b"%d" % number: LONG[: 5 + 3 * (number % 11)] for number in range(24)} | {
    b"": b"of no key",
    b"1234": b"deep",
    b"12345": LONG,
    b"\xff" * 32: LONG,
}
SECURE_ITEMS = {b"account %d" % number: LONG for number in range(24)}
ABSENT = (b"3x", b"99", b"123", b"x", b"123456")


def claim(items: Mapping[bytes, bytes], keys: list[bytes], *, secure: bool = False) -> Claim:
    """The true claim about some keys, with its proof."""
    present = {key: items[key] for key in keys if key in items}
    absent = tuple(key for key in keys if key not in items)
    return Claim(head(items, secure=secure), present, absent, prove(items, keys, secure=secure))


def attacks() -> Iterator[Attack]:
    for secure, items in ((False, ITEMS), (True, SECURE_ITEMS)):
        name = "secure" if secure else "plain"
        keys = [list(items)[1], list(items)[-1], *(ABSENT if not secure else ABSENT[:2])]
        for key in keys:
            yield from _of_one(f"{name}/{key.hex()}", claim(items, [key], secure=secure), key, items)
        yield from _of_many(name, claim(items, keys, secure=secure))
    yield from _empty()
    yield from _malformed()


def _of_one(name: str, honest: Claim, key: bytes, items: Mapping[bytes, bytes]) -> Iterator[Attack]:
    def other(what: str, flag: str, reason: str, **changes: object) -> Attack:
        changed = Claim(**{**vars(honest), **changes})  # type: ignore[arg-type]
        return Attack(f"{name}/{what}", (flag,), changed, reason)

    nodes = honest.proof.nodes
    if honest.present:
        value = items[key]
        for number, wrong in enumerate((b"", value[:-1], value + b"\x00", value[::-1], keccak256(value))):
            yield other(f"value-{number}", "ValueChanged", OTHER_VALUE, present={key: wrong})
        yield other("as-absent", "PresentAsAbsent", KEY_PRESENT, present={}, absent=(key,))
    else:
        for number, value in enumerate((b"", b"\x00", LONG, nodes[-1])):
            yield other(
                f"as-present-{number}", "AbsentAsPresent", KEY_ABSENT, present={key: value}, absent=()
            )
    for place in range(len(nodes)):
        reason = ROOT_MISMATCH if place == 0 else OTHER_NODE
        less = nodes[:place] + nodes[place + 1 :]
        dropped = NODE_COUNT if place == len(nodes) - 1 else reason
        yield other(f"without-{place}", "NodeDropped", dropped, proof=PatriciaProof(less))
        for bit in (0, 9, 8 * len(nodes[place]) - 1):
            bent = bytearray(nodes[place])
            bent[bit // 8] ^= 128 >> bit % 8
            changed = PatriciaProof((*nodes[:place], bytes(bent), *nodes[place + 1 :]))
            yield other(f"bit-{place}-{bit}", "NodeChanged", reason, proof=changed)
    for number, more in enumerate((nodes[0], nodes[-1], b"", b"\x80", b"\xc0")):
        yield other(f"one-more-{number}", "NodeAdded", NODE_COUNT, proof=PatriciaProof((*nodes, more)))
    yield other("one-before", "NodeAdded", ROOT_MISMATCH, proof=PatriciaProof((nodes[-1] + b"\x00", *nodes)))
    if len(nodes) > 1:
        yield other("backwards", "NodesReordered", ROOT_MISMATCH, proof=PatriciaProof(nodes[::-1]))
    moved = PatriciaHead(keccak256(honest.head.root), honest.head.secure)
    yield other("other-root", "RootChanged", ROOT_MISMATCH, head=moved)
    zero = PatriciaHead(bytes(32), honest.head.secure)
    yield other("root-of-zeros", "RootChanged", ROOT_MISMATCH, head=zero)


def _of_many(name: str, honest: Claim) -> Iterator[Attack]:
    def other(what: str, flag: str, reason: str, **changes: object) -> Attack:
        changed = Claim(**{**vars(honest), **changes})  # type: ignore[arg-type]
        return Attack(f"{name}/many/{what}", (flag,), changed, reason)

    nodes = honest.proof.nodes
    present, absent = dict(honest.present), honest.absent
    first, *_ = present
    yield other("nothing", "NothingClaimed", EMPTY_CLAIM, present={}, absent=())
    yield other("both", "KeyTwice", DUPLICATE_KEY, absent=(*absent, first))
    yield other("absent-twice", "KeyTwice", DUPLICATE_KEY, absent=(*absent, absent[0]))
    yield other("value", "ValueChanged", OTHER_VALUE, present=present | {first: b"x"})
    moved = {key: value for key, value in present.items() if key != first}
    yield other("as-absent", "PresentAsAbsent", KEY_PRESENT, present=moved, absent=(*absent, first))
    yield other(
        "as-present", "AbsentAsPresent", KEY_ABSENT, present=present | {absent[0]: b"x"}, absent=absent[1:]
    )
    yield other("without-last", "NodeDropped", NODE_COUNT, proof=PatriciaProof(nodes[:-1]))
    yield other("without-nodes", "NodeDropped", NODE_COUNT, proof=PatriciaProof(()))
    yield other("one-more", "NodeAdded", NODE_COUNT, proof=PatriciaProof((*nodes, nodes[-1])))
    swapped = PatriciaProof((*nodes[:-2], nodes[-1], nodes[-2]))
    yield other("last-two-exchanged", "NodesReordered", OTHER_NODE, proof=swapped)
    yield other("root-last", "NodesReordered", ROOT_MISMATCH, proof=PatriciaProof((*nodes[1:], nodes[0])))
    # The next node is of a key before or behind.
    alone = OTHER_NODE if honest.head.secure else NODE_COUNT
    fewer = {key: value for key, value in present.items() if key == first}
    yield other("fewer-keys", "OtherKey", alone, present=fewer, absent=())
    if not honest.head.secure:
        yield other("relabelled", "Relabelled", MALFORMED_NODE, head=PatriciaHead(honest.head.root, True))


def _empty() -> Iterator[Attack]:
    empty, no_nodes = PatriciaHead(EMPTY_ROOT, False), PatriciaProof(())
    flag = ("EmptyTrie",)
    yield Attack("empty/present", flag, Claim(empty, {b"a": b"v"}, (), no_nodes), KEY_ABSENT)
    yield Attack("empty/value", flag, Claim(empty, {b"a": b""}, (), no_nodes), KEY_ABSENT)
    shown = PatriciaProof((encode(b""),))
    yield Attack("empty/its-encoding", flag, Claim(empty, {}, (b"a",), shown), NODE_COUNT)
    zero = PatriciaHead(bytes(32), False)
    yield Attack("empty/root-of-zeros", flag, Claim(zero, {}, (b"a",), no_nodes), NODE_COUNT)


def branch(children: Mapping[int, Item], value: Item = b"") -> list[Item]:
    return [*(children.get(nibble, b"") for nibble in range(16)), value]


def leaf(path: Path, value: Item = b"v") -> list[Item]:
    return [hex_prefix(path, leaf=True), value]


def extension(path: Path, child: Item) -> list[Item]:
    return [hex_prefix(path, leaf=False), child]


def nested(depth: int) -> Item:
    """A list in a list in a list."""
    item: Item = b"\x01"
    for _ in range(depth):
        item = [item]
    return item


SMALL = branch({1: leaf((1,)), 2: leaf((2,))})

#: Roots of which nothing is shown, though the proof has them: no trie has such a node.
MALFORMED: dict[str, Item] = {
    "a-string": b"dog",
    "an-empty-list": [],
    "one-item": [b"\x20"],
    "three-items": [b"\x20", b"v", b"w"],
    "sixteen-items": branch({1: leaf((1,)), 2: leaf((2,))})[:16],
    "eighteen-items": [*SMALL, b""],
    "a-leaf-without-value": leaf((1, 2), b""),
    "a-leaf-whose-value-is-a-list": leaf((1, 2), [b"v"]),
    "a-leaf-of-half-a-byte": leaf((1, 2, 3)),
    "a-path-that-is-a-list": [[b"\x20"], b"v"],
    "a-path-of-nothing": [b"", b"v"],
    "an-unknown-flag": [b"\x40", b"v"],
    "a-flag-of-15": [b"\xf0", b"v"],
    "padding-that-is-not-zero": [b"\x21", b"v"],
    "padding-of-an-extension": [b"\x01\x12", SMALL],
    "an-extension-without-path": extension((), SMALL),
    "an-extension-to-nothing": extension((1,), b""),
    "an-extension-to-31-bytes": extension((1,), bytes(31)),
    "an-extension-to-33-bytes": extension((1,), bytes(33)),
    "an-extension-to-a-leaf": extension((1, 2), leaf((1, 2))),
    "an-extension-to-an-extension": extension((1, 2), extension((1,), SMALL)),
    "a-branch-of-nothing": branch({}),
    "a-branch-of-one-child": branch({1: leaf((1,))}),
    "a-branch-of-a-value-alone": branch({}, b"v"),
    "a-branch-at-half-a-byte-with-a-value": extension((1,), branch({1: leaf(())}, b"v")),
    "a-branch-whose-value-is-a-list": branch({1: leaf((1,)), 2: leaf((2,))}, [b"v"]),
    "a-child-of-31-bytes": branch({1: bytes(31), 2: leaf((2,))}),
    "a-child-of-33-bytes": branch({1: bytes(33), 2: leaf((2,))}),
    "a-child-of-one-byte": branch({1: b"v", 2: leaf((2,))}),
    "a-child-that-is-no-node": branch({1: [], 2: leaf((2,))}),
    "a-child-of-half-a-byte": branch({1: leaf((1,)), 2: leaf((2, 3))}),
    "a-child-that-should-be-hashed": branch({1: leaf((1,), bytes(32)), 2: leaf((2,))}),
    "a-child-without-value": branch({1: leaf((1,), b""), 2: leaf((2,))}),
    "lists-in-lists": branch({1: nested(12), 2: leaf((2,))}),
}
#: Bytes under a root made for them that are no RLP, or not its one encoding.
NOT_RLP = {
    "nothing": b"",
    "behind-the-list": bytes.fromhex("c2207600"),
    "a-long-length-of-a-short-list": bytes.fromhex("f8022076"),
    "a-byte-in-two": bytes.fromhex("c3208176"),
    "a-list-cut-off": bytes.fromhex("c320"),
    "a-length-with-a-zero": bytes.fromhex("f9003a20b838") + bytes(56),
    "a-huge-length": bytes.fromhex("ffffffffffffffffff"),
    "a-string-longer-than-its-list": bytes.fromhex("c22083"),
}


def _malformed() -> Iterator[Attack]:
    for what, item in MALFORMED.items():
        encoded = encode(item)
        root = PatriciaHead(keccak256(encoded), False)
        for key in (b"", b"\x11", b"\x12\x11"):
            proof = PatriciaProof((encoded,))
            name = f"malformed/{what}/{key.hex() or 'empty'}"
            yield Attack(f"{name}/absent", ("Malformed",), Claim(root, {}, (key,), proof), MALFORMED_NODE)
            yield Attack(
                f"{name}/present", ("Malformed",), Claim(root, {key: b"v"}, (), proof), MALFORMED_NODE
            )
    for what, encoded in NOT_RLP.items():
        made = Claim(PatriciaHead(keccak256(encoded), False), {}, (b"a",), PatriciaProof((encoded,)))
        yield Attack(f"not-rlp/{what}", ("NotRlp",), made, MALFORMED_NODE)
    short = encode(leaf((1,)))
    parent = encode(branch({1: keccak256(short), 2: leaf((2,))}))
    root, proof = PatriciaHead(keccak256(parent), False), PatriciaProof((parent, short))
    yield Attack("short/present", ("ShortHashed",), Claim(root, {b"\x11": b"v"}, (), proof), MALFORMED_NODE)
    yield Attack("short/absent", ("ShortHashed",), Claim(root, {}, (b"\x12",), proof), MALFORMED_NODE)
    end = encode(leaf((1, 2), LONG))
    parent = encode(extension((1, 2), keccak256(end)))
    root, proof = PatriciaHead(keccak256(parent), False), PatriciaProof((parent, end))
    made = Claim(root, {b"\x12\x12": LONG}, (), proof)
    yield Attack("extension-to-a-hashed-leaf", ("Malformed",), made, MALFORMED_NODE)
    for number, item in enumerate(
        (leaf((1, 2)), leaf((1,) * 66), SMALL, branch({1: leaf((1,) * 63, LONG)}, b"v"))
    ):
        encoded = encode(item)
        made = Claim(PatriciaHead(keccak256(encoded), True), {}, (b"a",), PatriciaProof((encoded,)))
        yield Attack(f"secure/shape-{number}", ("Malformed",), made, MALFORMED_NODE)
