"""Claims of many keys of a sparse tree that are false, and proofs made for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference.attacks_sparse import absent_keys, flipped, nearby, tree_of
from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    DUPLICATE_KEY,
    EMPTY_CLAIM,
    EMPTY_SIBLING,
    KEY_SIZE,
    ROOT_MISMATCH,
    SHAPE,
    WITNESS,
    Refused,
)
from tests.reference.samples import filler, key, leaf
from tests.reference.schemes import Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_objects import SparseHead, SparseMultiProof
from tests.reference.sparse_rules import Lone
from tests.reference.sparse_verify import verify_many

FLAGS = {
    "NothingClaimed": "no keys",
    "KeyTwice": "a key twice, or both present and absent",
    "KeyOmitted": "not all keys for which the proof was made",
    "KeyAdded": "also keys for which it was not made",
    "BitChanged": "another bit of the shape",
    "BitsLeft": "the shape has a byte or bit more than the walk reads",
    "BitsMissing": "the shape ends too early",
    "WitnessDropped": "a witness is missing",
    "WitnessAdded": "a witness too many",
    "WitnessesReordered": "witnesses in another order",
}


@dataclass(frozen=True)
class Many:
    """That these keys have these values, and those none."""

    head: SparseHead
    present: tuple[tuple[bytes, bytes], ...]
    absent: tuple[bytes, ...]
    proof: SparseMultiProof


@dataclass(frozen=True)
class ManyAttack:
    """A claim that must be refused, and why."""

    name: str
    flags: tuple[str, ...]
    claim: Many
    reason: str


def check(claim: Many) -> None:
    """Accept, or raise :class:`Refused`. A key in two pairs is claimed twice."""
    if len(dict(claim.present)) != len(claim.present):
        raise Refused(DUPLICATE_KEY)
    verify_many(claim.head, dict(claim.present), claim.absent, claim.proof)


def honest_of(tree: SparseTree) -> Many:
    """Present keys, at one of which an absent one ends; absent ones that end at nothing or other leaves."""
    present = {key(0): leaf(0), key(2): leaf(2)}
    beside = (nearby(key(2), 200), nearby(key(5), 100), nearby(key(5), 101))
    absent = (*absent_keys(tree), *beside)
    proof = tree.prove_many([*present, *absent])
    return Many(tree.head, tuple(present.items()), absent, proof)


def many_attacks(scheme: Scheme) -> Iterator[ManyAttack]:
    tree = tree_of(scheme)
    honest = honest_of(tree)
    for attack in (*_claims(tree, honest), *_shapes(honest), *_parts(tree, honest), *_heads(honest)):
        # Where there are runs, a witness is a leaf or a foot: the twin tells what a change meets first.
        runs = scheme.sparse.lone is Lone.RUNS
        yield replace(attack, reason=refusal(attack.claim)) if runs else attack


def _claims(tree: SparseTree, honest: Many) -> Iterator[ManyAttack]:
    present, absent = honest.present, honest.absent

    def attack(name: str, flag: str, reason: str, **changes: object) -> ManyAttack:
        return ManyAttack(f"claim/{name}", (flag,), replace(honest, **changes), reason)  # type: ignore[arg-type]

    yield attack("nothing", "NothingClaimed", EMPTY_CLAIM, present=(), absent=())
    empty = SparseMultiProof(honest.proof.digest_size, b"", (), ())
    yield attack("nothing-at-all", "NothingClaimed", EMPTY_CLAIM, present=(), absent=(), proof=empty)
    yield attack("value", "ValueChanged", ROOT_MISMATCH, present=((key(0), b"other"), present[1]))
    swapped = ((key(0), leaf(2)), (key(2), leaf(0)))
    yield attack("values-swapped", "ValueChanged", ROOT_MISMATCH, present=swapped)
    yield attack("present-twice", "KeyTwice", DUPLICATE_KEY, present=(*present, present[0]))
    twice = (*present, (key(0), b"other"))
    yield attack("present-twice-other-value", "KeyTwice", DUPLICATE_KEY, present=twice)
    yield attack("absent-twice", "KeyTwice", DUPLICATE_KEY, absent=(*absent, absent[0]))
    yield attack("present-and-absent", "KeyTwice", DUPLICATE_KEY, absent=(*absent, key(0)))
    yield attack("absent-and-present", "KeyTwice", DUPLICATE_KEY, present=(*present, (absent[0], b"")))
    for length in (0, 31, 33):
        wrong = bytes(length)
        yield attack(f"absent-{length}-bytes", "KeyLength", KEY_SIZE, absent=(*absent, wrong))
        yield attack(f"present-{length}-bytes", "KeyLength", KEY_SIZE, present=(*present, (wrong, b"")))
    moves = {
        "present-as-absent": ("PresentAsAbsent", (present[0],), (*absent, key(2))),
        "all-as-absent": ("PresentAsAbsent", (), (*absent, key(0), key(2))),
        "absent-as-present": ("AbsentAsPresent", (*present, (absent[0], b"")), absent[1:]),
        "last-absent-as-present": ("AbsentAsPresent", (*present, (absent[-1], leaf(2))), absent[:-1]),
        "omitted-present": ("KeyOmitted", (present[0],), absent),
        "omitted-absent": ("KeyOmitted", present, absent[1:]),
        "added": ("KeyAdded", (*present, (key(1), leaf(1))), absent),
        "added-absent": ("KeyAdded", present, (*absent, key(77))),
    }
    for name, (flag, pairs, keys) in moves.items():
        changed = replace(honest, present=pairs, absent=keys)
        yield ManyAttack(f"claim/{name}", (flag,), changed, refusal(changed))
    # Proofs of the right keys, as absent: the walk says that the leaf is there.
    denied = tree.prove_many([key(0), *absent])
    changed = replace(honest, present=(), absent=(key(0), *absent), proof=denied)
    yield ManyAttack("claim/denied", ("PresentAsAbsent",), changed, refusal(changed))


def refusal(claim: Many) -> str:
    """Why the twin refuses it."""
    try:
        check(claim)
    except Refused as refused:
        return refused.reason
    raise AssertionError("accepted")


def _shapes(honest: Many) -> Iterator[ManyAttack]:
    proof = honest.proof
    shape = proof.shape

    def attack(name: str, flag: str, changed: bytes, reason: str | None = None) -> ManyAttack:
        claim = replace(honest, proof=replace(proof, shape=changed))
        return ManyAttack(f"shape/{name}", (flag,), claim, reason or refusal(claim))

    used = 8 * len(shape)
    step = 1 if used <= 160 else 13
    for place in range(0, used, step):
        yield attack(f"bit-{place}", "BitChanged", flipped(shape, place))
    yield attack("byte-added", "BitsLeft", shape + b"\x00", SHAPE)
    yield attack("byte-of-ones-added", "BitsLeft", shape + b"\xff", SHAPE)
    yield attack("byte-cut", "BitsMissing", shape[:-1], SHAPE)
    yield attack("nothing", "BitsMissing", b"", SHAPE)
    yield attack("all-ones", "BitChanged", b"\xff" * len(shape), SHAPE)
    yield attack("all-zeros", "BitChanged", bytes(len(shape)))


def _parts(tree: SparseTree, honest: Many) -> Iterator[ManyAttack]:
    proof, scheme = honest.proof, tree.scheme
    digests, witnesses = proof.digests, proof.witnesses

    def attack(name: str, flag: str, reason: str, **changes: object) -> ManyAttack:
        changed = replace(proof, **changes)  # type: ignore[arg-type]
        return ManyAttack(f"parts/{name}", (flag,), replace(honest, proof=changed), reason)

    for place, digest in enumerate(digests):
        dropped = digests[:place] + digests[place + 1 :]
        yield attack(f"drop-{place}", "SiblingDropped", DIGEST_COUNT, digests=dropped)
        changed = (*digests[:place], flipped(digest, 255), *digests[place + 1 :])
        yield attack(f"flip-{place}", "SiblingChanged", ROOT_MISMATCH, digests=changed)
        if scheme.nothing(0) == scheme.nothing(1):
            empty = (*digests[:place], scheme.nothing(0), *digests[place + 1 :])
            yield attack(f"empty-{place}", "SiblingAdded", EMPTY_SIBLING, digests=empty)
    yield attack("add", "SiblingAdded", DIGEST_COUNT, digests=(*digests, digests[0]))
    yield attack("reversed", "SiblingsReordered", ROOT_MISMATCH, digests=digests[::-1])
    wide = replace(
        proof,
        digest_size=33,
        digests=tuple(digest + b"\x00" for digest in digests),
        witnesses=tuple(witness + b"\x00" for witness in witnesses),
    )
    yield ManyAttack("parts/sizes", ("OtherSizes",), replace(honest, proof=wide), DIGEST_SIZE)
    extra = nearby(key(5), 9) + filler("value", 0, scheme.digest_size)
    yield attack("witness-added", "WitnessAdded", DIGEST_COUNT, witnesses=(*witnesses, extra))
    for place, witness in enumerate(witnesses):
        dropped = witnesses[:place] + witnesses[place + 1 :]
        yield attack(f"witness-dropped-{place}", "WitnessDropped", DIGEST_COUNT, witnesses=dropped)
        for at, reason in ((0, WITNESS), (255, ROOT_MISMATCH), (300, ROOT_MISMATCH)):
            changed = (*witnesses[:place], flipped(witness, at), *witnesses[place + 1 :])
            yield attack(f"witness-{place}-bit-{at}", "WitnessChanged", reason, witnesses=changed)
        for other in honest.absent:
            if tree.prove(other).witness == witness:
                own = (*witnesses[:place], other + witness[32:], *witnesses[place + 1 :])
                name = f"witness-{place}-own-{other[12:14].hex()}"
                yield attack(name, "OwnWitness", WITNESS, witnesses=own)
    if len(witnesses) > 1:
        yield attack("witnesses-reversed", "WitnessesReordered", WITNESS, witnesses=witnesses[::-1])


def _heads(honest: Many) -> Iterator[ManyAttack]:
    head = honest.head
    scheme = head.scheme

    def attack(name: str, flag: str, reason: str, **changes: object) -> ManyAttack:
        changed = replace(honest, head=replace(head, **changes))  # type: ignore[arg-type]
        return ManyAttack(f"head/{name}", (flag,), changed, reason)

    yield attack("root", "RootChanged", ROOT_MISMATCH, root=flipped(head.root, 0))
    yield attack("size-0", "SizeRelabelled", SHAPE, size=0)
    if scheme.binds_size:
        yield attack("size-1", "SizeRelabelled", SHAPE, size=1)
        yield attack("size-more", "SizeRelabelled", ROOT_MISMATCH, size=head.size + 1)
        other = scheme.with_context(b"day 2")
        yield attack("context", "ContextChanged", ROOT_MISMATCH, scheme=other)
