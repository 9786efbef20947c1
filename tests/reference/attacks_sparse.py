"""Claims about sparse trees that are false, and proofs made for them by somebody who has the tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from tests.reference.refusals import (
    DIGEST_SIZE,
    EMPTY_SIBLING,
    KEY_SIZE,
    OTHER_END,
    ROOT_MISMATCH,
    SHAPE,
    WITNESS,
    Refused,
)
from tests.reference.samples import filler, items, key, leaf
from tests.reference.schemes import NATIVE_SPARSE, Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_objects import EMPTY_END, OTHER_LEAF, PRESENT, RUN, SparseHead, SparseProof
from tests.reference.sparse_rules import DEPTH, Lone, agree, bit, marked, packed, unmarked
from tests.reference.sparse_verify import verify_absent, verify_present

FLAGS = {
    "ValueChanged": "a value that the key does not have",
    "OtherKey": "a key for which the proof was not made",
    "KeyLength": "a key of another length",
    "PresentAsAbsent": "a key that has a value is claimed to have none",
    "AbsentAsPresent": "a key that has none is claimed to have a value",
    "OwnWitness": "the witness is the leaf of the claimed key",
    "WitnessElsewhere": "the witness is a leaf of another place",
    "WitnessChanged": "another witness, or one bit of it",
    "DepthChanged": "the path ends a level higher or lower",
    "SiblingDropped": "a sibling is said to be empty",
    "SiblingAdded": "an empty sibling is sent as one that is not, or one more",
    "SiblingChanged": "another sibling, or one bit of it",
    "SiblingsReordered": "siblings in another order",
    "OtherSizes": "a proof of digests of another size",
    "SizeRelabelled": "the head states another size",
    "RootChanged": "the root of another tree",
    "ContextChanged": "a head of another context",
    "NodeAsEmpty": "an inner node is passed off as empty",
    "NodeAsLeaf": "an inner node is passed off as a leaf",
    "RunChanged": "a run that begins or ends elsewhere, or takes other turns",
}


@dataclass(frozen=True)
class Present:
    """That a key has this value."""

    head: SparseHead
    key: bytes
    value: bytes
    proof: SparseProof


@dataclass(frozen=True)
class Absent:
    """That a key has none."""

    head: SparseHead
    key: bytes
    proof: SparseProof


@dataclass(frozen=True)
class Attack:
    """A claim that must be refused, and why."""

    name: str
    flags: tuple[str, ...]
    claim: Present | Absent
    reason: str


def nearby(one: bytes, place: int) -> bytes:
    """The key that differs in this bit alone."""
    changed = bytearray(one)
    changed[place // 8] ^= 128 >> place % 8
    return bytes(changed)


# Keys of the rule, and two beside the first of them: a path of many empty siblings.
TREE = items(11) | {nearby(key(0), 37): b"near", nearby(key(0), 40): b"nearer"}
FULL_TREE = items(3) | {nearby(key(0), 250): b"near"}


def tree_of(scheme: Scheme) -> SparseTree:
    return SparseTree(scheme, TREE if scheme.sparse.lone is not Lone.FULL else FULL_TREE)


def absent_keys(tree: SparseTree) -> list[bytes]:
    """One that ends at nothing or in a run, one that ends at another's leaf; in full trees the first."""
    others = [key(i) for i in range(100, 200)] + [nearby(key(0), 20)]
    ends = {tree.prove(one).end: one for one in others}
    return [ends[end] for end in sorted(ends)]


def attacks(scheme: Scheme) -> Iterator[Attack]:
    tree = tree_of(scheme)
    yield from _for_its_reason(scheme, _present(tree))
    for one in absent_keys(tree):
        yield from _for_its_reason(scheme, _absent(tree, one))
    yield from _small(scheme)
    if scheme.sparse.lone is not Lone.FULL:
        yield from _hidden(tree)
    if scheme.sparse.lone is Lone.RUNS:
        yield from _runs(tree)


def _for_its_reason(scheme: Scheme, attacks: Iterator[Attack]) -> Iterator[Attack]:
    """What an attack meets first depends on where runs are: there the twin tells the reason."""
    runs = scheme.sparse.lone is Lone.RUNS
    for attack in attacks:
        yield replace(attack, reason=verdict(attack.claim) or "accepted") if runs else attack


def verdict(claim: Present | Absent) -> str | None:
    """Why the twin refuses a claim; None if it does not."""
    try:
        if isinstance(claim, Present):
            verify_present(claim.head, claim.key, claim.value, claim.proof)
        else:
            verify_absent(claim.head, claim.key, claim.proof)
    except Refused as refused:
        return refused.reason
    return None


def flipped(digest: bytes, place: int) -> bytes:
    return nearby(digest, place)


def moved(proof: SparseProof, depth: int, sent: Collection[int], digests: tuple[bytes, ...]) -> SparseProof:
    """The proof with other siblings: ``sent`` are the depths of those that are not empty."""
    bitmap = packed([int(place in sent) for place in range(1, depth + 1)])
    return replace(proof, depth=depth, bitmap=bitmap, digests=digests)


def _sent(proof: SparseProof) -> list[int]:
    """The depths of the siblings that are sent, deepest first."""
    return [depth for depth in range(proof.depth, 0, -1) if proof.is_sent(depth)]


def _present(tree: SparseTree) -> Iterator[Attack]:
    scheme, first = tree.scheme, key(0)
    honest = Present(tree.head, first, leaf(0), tree.prove(first))

    def attack(name: str, flag: str, reason: str, **changes: object) -> Attack:
        return Attack(f"present/{name}", (flag,), replace(honest, **changes), reason)  # type: ignore[arg-type]

    yield attack("value", "ValueChanged", ROOT_MISMATCH, value=b"other")
    yield attack("value-of-another", "ValueChanged", ROOT_MISMATCH, value=leaf(1))
    yield attack("value-digest", "ValueChanged", ROOT_MISMATCH, value=scheme.value_digest(leaf(0)))
    yield attack("key", "OtherKey", ROOT_MISMATCH, key=key(1))
    yield attack("key-and-value", "OtherKey", ROOT_MISMATCH, key=key(1), value=leaf(1))
    for place in (0, 100, 255):
        changed = nearby(first, place)
        yield attack(f"key-bit-{place}", "OtherKey", ROOT_MISMATCH, key=changed)
    for length in (0, 31, 33):
        yield attack(f"key-{length}-bytes", "KeyLength", KEY_SIZE, key=bytes(length))
    yield Attack(
        "present/as-absent", ("PresentAsAbsent",), Absent(honest.head, first, honest.proof), OTHER_END
    )
    yield from _siblings("present", honest)
    yield from _heads("present", honest)
    yield from _denied(tree, honest)


def _denied(tree: SparseTree, honest: Present) -> Iterator[Attack]:
    """A present key that is claimed to be absent."""
    scheme, proof, first = tree.scheme, honest.proof, honest.key

    def attack(name: str, flag: str, reason: str, made: SparseProof) -> Attack:
        return Attack(f"denied/{name}", ("PresentAsAbsent", flag), Absent(honest.head, first, made), reason)

    yield attack("empty", "NodeAsEmpty", ROOT_MISMATCH, replace(proof, end=EMPTY_END))
    own = first + scheme.value_digest(leaf(0))
    lone = scheme.sparse.lone is not Lone.FULL
    if lone:
        yield attack("own-leaf", "OwnWitness", WITNESS, replace(proof, end=OTHER_LEAF, witness=own))
        for depth in (1, 2, proof.depth - 1):
            sent = [one for one in _sent(proof) if one <= depth]
            digests = proof.digests[len(proof.digests) - len(sent) :]
            made = moved(replace(proof, end=EMPTY_END), depth, sent, digests)
            reason = ROOT_MISMATCH if made.is_sent(depth) else SHAPE
            yield attack(f"empty-at-{depth}", "NodeAsEmpty", reason, made)
        for other in (key(1), nearby(first, 40), nearby(first, 100)):
            made = replace(proof, end=OTHER_LEAF, witness=other + own[32:])
            reason = ROOT_MISMATCH if agree(other, first, proof.depth) else WITNESS
            yield attack(f"witness-{other[:6].hex()}", "WitnessElsewhere", reason, made)
    for other in absent_keys(tree):
        made = tree.prove(other)
        reason = WITNESS if made.end == OTHER_LEAF else ROOT_MISMATCH
        yield attack(f"proof-of-absent-{made.end}", "OtherKey", reason, made)
    if lone:
        # The whole path of another leaf, with that leaf as the witness.
        elsewhere = tree.prove(key(1))
        made = replace(elsewhere, end=OTHER_LEAF, witness=key(1) + tree.digests[key(1)])
        yield attack("path-of-another", "WitnessElsewhere", WITNESS, made)


def _absent(tree: SparseTree, one: bytes) -> Iterator[Attack]:
    scheme, proof = tree.scheme, tree.prove(one)
    honest, name = Absent(tree.head, one, proof), f"absent-{proof.end}"

    def attack(place: str, flag: str, reason: str, **changes: object) -> Attack:
        return Attack(f"{name}/{place}", (flag,), replace(honest, **changes), reason)  # type: ignore[arg-type]

    for length in (0, 31, 33):
        yield attack(f"key-{length}-bytes", "KeyLength", KEY_SIZE, key=bytes(length))
    for end in (OTHER_END, ROOT_MISMATCH):
        made = proof if end == OTHER_END else replace(proof, end=PRESENT, witness=b"")
        for value in (b"", leaf(1)):
            claim = Present(honest.head, one, value, made)
            yield Attack(f"{name}/as-present-{made.end}-{len(value)}", ("AbsentAsPresent",), claim, end)
    yield from _siblings(name, honest)
    yield from _heads(name, honest)
    if proof.end == EMPTY_END and scheme.sparse.lone is not Lone.FULL:
        invented = nearby(one, DEPTH - 1) + filler("value", 0, scheme.digest_size)
        made = replace(proof, end=OTHER_LEAF, witness=invented)
        yield attack("invented-witness", "WitnessChanged", ROOT_MISMATCH, proof=made)
    if proof.end == OTHER_LEAF:
        for place in (255, 256, 300, 511):
            witness = flipped(proof.witness, place)
            changed = replace(proof, witness=witness)
            yield attack(f"witness-bit-{place}", "WitnessChanged", ROOT_MISMATCH, proof=changed)
        for place in range(proof.depth):
            changed = replace(proof, witness=flipped(proof.witness, place))
            yield attack(f"witness-bit-{place}", "WitnessElsewhere", WITNESS, proof=changed)
        own = replace(proof, witness=one + proof.witness[32:])
        yield attack("own-key", "OwnWitness", WITNESS, proof=own)
        as_empty = replace(proof, end=EMPTY_END, witness=b"")
        yield attack("empty-instead", "WitnessChanged", ROOT_MISMATCH, proof=as_empty)
        present = proof.witness[:32]
        yield attack("of-the-witness", "OwnWitness", WITNESS, key=present)


def _siblings(name: str, honest: Present | Absent) -> Iterator[Attack]:
    """Every sibling dropped, added, changed; the path a level longer and shorter."""
    proof, scheme = honest.proof, honest.head.scheme
    sent, digests = _sent(proof), proof.digests
    lone = scheme.sparse.lone is not Lone.FULL

    def attack(place: str, flag: str, reason: str, made: SparseProof) -> Attack:
        return Attack(f"{name}/{place}", (flag,), replace(honest, proof=made), reason)

    for place, depth in enumerate(sent):
        rest = digests[:place] + digests[place + 1 :]
        made = moved(proof, proof.depth, [one for one in sent if one != depth], rest)
        reason = SHAPE if lone and depth == proof.depth else ROOT_MISMATCH
        yield attack(f"drop-{depth}", "SiblingDropped", reason, made)
        for changed, why in (
            (flipped(digests[place], 0), ROOT_MISMATCH),
            (flipped(digests[place], 8 * scheme.digest_size - 1), ROOT_MISMATCH),
            (scheme.nothing(depth), EMPTY_SIBLING),
        ):
            made = replace(proof, digests=(*digests[:place], changed, *digests[place + 1 :]))
            flag = "SiblingAdded" if why == EMPTY_SIBLING else "SiblingChanged"
            yield attack(f"sibling-{depth}-{changed[:2].hex()}-{changed[-1:].hex()}", flag, why, made)
    empty = [depth for depth in range(proof.depth, 0, -1) if depth not in sent]
    for depth in empty[:2] + empty[-2:] if len(empty) > 4 else empty:
        place = sum(one > depth for one in sent)
        for added, why in (
            (scheme.nothing(depth), EMPTY_SIBLING),
            (filler("sibling", 0, scheme.digest_size), ROOT_MISMATCH),
        ):
            made = moved(proof, proof.depth, [*sent, depth], (*digests[:place], added, *digests[place:]))
            yield attack(f"add-{depth}-{added[:2].hex()}", "SiblingAdded", why, made)
    if len(digests) > 1:
        yield attack("reversed", "SiblingsReordered", ROOT_MISMATCH, replace(proof, digests=digests[::-1]))
        shifted = moved(proof, proof.depth, sent, (*digests[1:], digests[0]))
        yield attack("rotated", "SiblingsReordered", ROOT_MISMATCH, shifted)
    yield from _depths(name, honest)
    wide = tuple(digest + b"\x00" for digest in digests)
    witness = proof.witness + b"\x00" if proof.witness else b""
    other = replace(proof, digest_size=33, digests=wide, witness=witness)
    yield attack("sizes", "OtherSizes", DIGEST_SIZE, other)


def _depths(name: str, honest: Present | Absent) -> Iterator[Attack]:
    """The path ends elsewhere."""
    proof, sent = honest.proof, _sent(honest.proof)
    lone = honest.head.scheme.sparse.lone is not Lone.FULL
    reason = ROOT_MISMATCH if lone else SHAPE

    def attack(place: str, flag: str, reason: str, made: SparseProof) -> Attack:
        return Attack(f"{name}/{place}", (flag,), replace(honest, proof=made), reason)

    shorter = [depth for depth in sent if depth < proof.depth]
    made = moved(proof, proof.depth - 1, shorter, proof.digests[len(sent) - len(shorter) :])
    why = SHAPE if lone and proof.depth - 1 not in sent else reason
    yield attack("shorter", "DepthChanged", why, made)
    yield attack("nothing-left", "DepthChanged", SHAPE, moved(proof, 0, [], ()))
    if lone:
        added = filler("sibling", 0, proof.digest_size)
        longer = moved(proof, proof.depth + 1, [*sent, proof.depth + 1], (added, *proof.digests))
        other = proof.end == OTHER_LEAF and not agree(proof.witness, honest.key, proof.depth + 1)
        yield attack("longer", "DepthChanged", WITNESS if other else ROOT_MISMATCH, longer)
        yield attack(
            "longer-empty", "DepthChanged", SHAPE, moved(proof, proof.depth + 1, sent, proof.digests)
        )
        most = {OTHER_LEAF: DEPTH - 1, RUN: DEPTH - 2}.get(proof.end, DEPTH)
        deepest = moved(proof, most, [*sent, most], (added, *proof.digests))
        why = {PRESENT: ROOT_MISMATCH, EMPTY_END: SHAPE}.get(proof.end, WITNESS)
        yield attack("deepest", "DepthChanged", why, deepest)


def _heads(name: str, honest: Present | Absent) -> Iterator[Attack]:
    """The right claim and proof, under another head."""
    head = honest.head
    scheme = head.scheme

    def attack(place: str, flag: str, reason: str, **changes: object) -> Attack:
        changed = replace(head, **changes)  # type: ignore[arg-type]
        return Attack(f"{name}/{place}", (flag,), replace(honest, head=changed), reason)

    yield attack("root", "RootChanged", ROOT_MISMATCH, root=flipped(head.root, 255))
    yield attack("root-of-nothing", "RootChanged", ROOT_MISMATCH, root=scheme.root(head.size, scheme.empty()))
    yield attack("size-0", "SizeRelabelled", SHAPE, size=0)
    if scheme.sparse.lone is not Lone.FULL:
        yield attack("size-1", "SizeRelabelled", SHAPE, size=1)
    if scheme.binds_size:
        for size in (head.size - 1, head.size + 1, 2**64 - 1):
            yield attack(f"size-{size}", "SizeRelabelled", ROOT_MISMATCH, size=size)
        other = scheme.with_context(b"day 2")
        yield attack("context", "ContextChanged", ROOT_MISMATCH, scheme=other)


def _small(scheme: Scheme) -> Iterator[Attack]:
    """Trees of no key and of one."""
    lone = scheme.sparse.lone is not Lone.FULL
    none, one = SparseTree(scheme), SparseTree(scheme, items(1))
    nothing, only = none.prove(key(0)), one.prove(key(0))

    def attack(name: str, flag: str, claim: Present | Absent, reason: str) -> Attack:
        return Attack(f"small/{name}", (flag,), claim, reason)

    yield attack("none-present", "AbsentAsPresent", Present(none.head, key(0), leaf(0), only), SHAPE)
    as_present = replace(nothing, end=PRESENT)
    yield attack("none-at-the-top", "AbsentAsPresent", Present(none.head, key(0), leaf(0), as_present), SHAPE)
    yield attack("one-empty", "PresentAsAbsent", Absent(one.head, key(0), nothing), SHAPE)
    yield attack("one-other", "OtherKey", Present(one.head, key(1), leaf(0), only), ROOT_MISMATCH)
    root = replace(none.head, size=1)
    reason = ROOT_MISMATCH
    yield attack("none-as-one", "SizeRelabelled", Present(root, key(0), leaf(0), only), reason)
    if lone:
        own = key(0) + scheme.value_digest(leaf(0))
        proof = SparseProof(scheme.digest_size, OTHER_LEAF, 0, b"", (), own)
        yield attack("one-own-leaf", "OwnWitness", Absent(one.head, key(0), proof), WITNESS)
        yield attack("none-witness", "WitnessElsewhere", Absent(none.head, key(1), proof), SHAPE)
        two = replace(one.head, size=2)
        yield attack("one-as-two", "SizeRelabelled", Present(two, key(0), leaf(0), only), SHAPE)
        deeper = SparseProof(scheme.digest_size, PRESENT, 1, b"\x00", ())
        yield attack("one-below", "DepthChanged", Present(one.head, key(0), leaf(0), deeper), SHAPE)
        twin = SparseTree(scheme, {key(0): leaf(0), nearby(key(0), DEPTH - 1): leaf(1)})
        bottom = twin.prove(key(0))
        absent = replace(bottom, end=EMPTY_END)
        yield attack("bottom-empty", "PresentAsAbsent", Absent(twin.head, key(0), absent), SHAPE)


def _hidden(tree: SparseTree) -> Iterator[Attack]:
    """A proof of presence that ends above, at a node of two keys, taken for the leaf of one of them."""
    scheme = tree.scheme
    proof = tree.prove(key(0))
    sent = _sent(proof)
    cut = [depth for depth in sent if depth < max(sent)]
    digests = proof.digests[len(sent) - len(cut) :]
    made = moved(proof, max(cut), cut, digests)
    low, high = scheme.sparse_leaf(key(0), tree.digests[key(0)]), proof.digests[0]
    value = low + high if not bit(key(0), proof.depth - 1) else high + low
    claim = Present(tree.head, key(0), value, made)
    yield Attack("hidden/children-as-value", ("NodeAsLeaf",), claim, ROOT_MISMATCH)
    if scheme.family == NATIVE_SPARSE:
        dense = Scheme("native", scheme.hash_name)
        claim = Present(tree.head, key(0), dense.leaf(leaf(0)), proof)
        yield Attack("hidden/dense-leaf-as-value", ("NodeAsLeaf",), claim, ROOT_MISMATCH)


def _runs(tree: SparseTree) -> Iterator[Attack]:
    """A run that begins or ends elsewhere, or takes other turns."""
    scheme, one = tree.scheme, nearby(key(0), 20)
    proof = tree.prove(one)
    path, digest = proof.witness[:32], proof.witness[32:]
    foot = unmarked(path)

    def attack(name: str, claimed: bytes, made: SparseProof, reason: str) -> Attack:
        return Attack(f"run/{name}", ("RunChanged",), Absent(tree.head, claimed, made), reason)

    def stated(turns: bytes, bits: int) -> SparseProof:
        return replace(proof, witness=marked(turns, bits) + digest)

    for bits, reason in (
        (foot - 1, ROOT_MISMATCH),
        (foot + 1, ROOT_MISMATCH),
        (21, ROOT_MISMATCH),
        (255, ROOT_MISMATCH),
        (20, WITNESS),
        (proof.depth, WITNESS),
        (0, WITNESS),
    ):
        yield attack(f"foot-at-{bits}", one, stated(path, bits), reason)
    for place in (proof.depth, 19, 21, foot - 1):
        yield attack(f"turn-{place}", one, stated(nearby(path, place), foot), ROOT_MISMATCH)
    yield attack("turn-above", one, stated(nearby(path, proof.depth - 1), foot), WITNESS)
    yield attack("own-turns", one, stated(one, foot), WITNESS)
    yield attack("no-mark", one, replace(proof, witness=bytes(32) + digest), WITNESS)
    yield attack("of-the-foot", key(0), proof, WITNESS)
    yield attack("below-the-foot", nearby(key(0), 45), proof, WITNESS)
    yield attack("behind-the-foot", one, replace(proof, witness=path + digest[::-1]), ROOT_MISMATCH)
    leaf_as_foot = replace(proof, witness=marked(key(0), 255) + scheme.value_digest(leaf(0)))
    yield attack("leaf-as-foot", one, leaf_as_foot, ROOT_MISMATCH)
    as_leaf = replace(proof, end=OTHER_LEAF, witness=key(0) + digest)
    yield attack("foot-as-leaf", one, as_leaf, ROOT_MISMATCH)
    digests = (filler("sibling", 0, scheme.digest_size), *proof.digests)
    for depth in (proof.depth + 1, foot - 1):
        made = moved(proof, depth, [*_sent(proof), depth], digests)
        yield attack(f"begins-at-{depth}", one, made, ROOT_MISMATCH if depth <= 20 else WITNESS)
    sent = _sent(proof)[1:]
    shorter = moved(proof, sent[0], sent, proof.digests[1:])
    yield attack(f"begins-at-{sent[0]}", one, shorter, ROOT_MISMATCH)
