"""patricia.json and patricia_encodings.json: tries, proofs and attacks on them, and their forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.reference import faults_patricia, vectors_encodings
from tests.reference.attacks_patricia import ABSENT, FLAGS, ITEMS, LONG, SECURE_ITEMS, Claim, attacks, claim
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, VALID, Json, case, document
from tests.reference.layouts_patricia import PATRICIA_LAYOUTS
from tests.reference.patricia import EMPTY_ROOT, PatriciaHead, PatriciaProof, head
from tests.reference.samples import filler
from tests.reference.vectors_encodings import BINARY, CONVENTIONS, JSON, PROTOBUF, Faults
from tests.reference.wire_samples import SAMPLES

NOTES = {
    "Root": "the root of the trie over these items",
    "Empty": "a trie without keys",
    "Honest": "a proof as the trie makes it",
    "Secure": "keys are hashed",
    **FLAGS,
}
# What other objects alone can be wrong in.
OTHERS_ONLY = (
    *("Reversed", "Counts", "TooMany", "UnknownName", "RulesNotEmpty", "ContextRefused", "NotDigests"),
)
ENCODING_NOTES = {name: note for name, note in vectors_encodings.NOTES.items() if name not in OTHERS_ONLY} | {
    "Secure": "a number above 1 for whether keys are hashed",
    "DigestSize": "a root of another size than 32 bytes",
}
FAULTS: Faults = {
    BINARY: faults_patricia.binary,
    JSON: faults_patricia.json,
    PROTOBUF: faults_patricia.protobuf,
}
TRIES: dict[str, dict[bytes, bytes]] = {
    "empty": {},
    "one": {b"dog": b"puppy"},
    "no-key": {b"": b"v"},
    "short": {b"do": b"verb", b"dog": b"puppy", b"doge": b"coin", b"horse": b"stallion"},
    "embedded": {b"\x11": b"v", b"\x12": b"w", b"\x21": b"x"},
    "prefixes": {b"a" * length: b"%d" % length for length in range(12)},
    "values-of-all-lengths": {bytes([length]): bytes([length]) * length for length in range(1, 100)},
    "plain": ITEMS,
    "secure": SECURE_ITEMS,
}


def pairs(items: Mapping[bytes, bytes]) -> list[list[str]]:
    return [[key.hex(), value.hex()] for key, value in items.items()]


def _claim(name: str, flags: list[str], made: Claim, reason: str | None = None) -> Json:
    fields: Json = {
        "head": encode(made.head).hex(),
        "present": pairs(made.present),
        "absent": [key.hex() for key in made.absent],
        "proof": encode(made.proof).hex(),
    }
    return case(name, "", flags, INVALID if reason else VALID, **fields, reason=reason)


def _group(name: str, secure: bool) -> Json:
    items = TRIES[name]
    prefix, secured = f"{name}/{'secure' if secure else 'plain'}", ["Secure"] * secure
    tests = [
        case(
            f"{prefix}/root",
            "",
            ["Root", *secured, *["Empty"] * (not items)],
            items=pairs(items),
            root=head(items, secure=secure).root.hex(),
        )
    ]
    present = list(items)[:6]
    for key in [*present, *ABSENT]:
        made = claim(items, [key], secure=secure)
        tests.append(_claim(f"{prefix}/key-{key.hex() or 'empty'}", ["Honest", *secured], made))
    every = claim(items, [*items, *(key for key in ABSENT if key not in items)], secure=secure)
    tests.append(_claim(f"{prefix}/all", ["Honest", *secured], every))
    backwards = Claim(every.head, dict(reversed(every.present.items())), every.absent[::-1], every.proof)
    tests.append(_claim(f"{prefix}/all-backwards", ["Honest", *secured], backwards))
    return {"trie": name, "secure": secure, "tests": tests}


def build() -> Json:
    groups = [_group(name, secure) for name in TRIES for secure in (False, True)]
    attacked = [_claim(one.name, list(one.flags), one.claim, one.reason) for one in attacks()]
    return document(
        "patricia",
        NOTES,
        [*groups, {"trie": "attacks", "secure": False, "tests": attacked}],
        claims="pairs of keys and values that are claimed present, and keys that are claimed absent, in any "
        "order; items are pairs; head and proof are in their binary form",
    )


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is PatriciaHead:
        yield "honest", SAMPLES[wanted]()
        yield "plain", head(ITEMS)
        yield "empty", PatriciaHead(EMPTY_ROOT, False)
        yield "empty-secure", PatriciaHead(EMPTY_ROOT, True)
        yield "zeros", PatriciaHead(bytes(32), False)
        yield "ones", PatriciaHead(b"\xff" * 32, True)
        return
    if wanted is not PatriciaProof:
        return
    yield "honest", SAMPLES[wanted]()
    yield "no-nodes", PatriciaProof(())
    yield "an-empty-node", PatriciaProof((b"",))
    yield "empty-nodes", PatriciaProof((b"", b"", b"", LONG, b""))
    yield "a-long-node", PatriciaProof((filler("node", 0, 64) * 20,))
    yield "300-nodes", PatriciaProof(tuple(bytes([place % 256]) for place in range(300)))


def build_encodings() -> Json:
    return document(
        "patricia_encodings",
        ENCODING_NOTES,
        [vectors_encodings.group(wanted, values(wanted), FAULTS) for wanted in PATRICIA_LAYOUTS],
        **CONVENTIONS,
    )
