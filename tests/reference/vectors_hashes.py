"""hashes.json: known answers of every hash and of every tag."""

from __future__ import annotations

from tests.reference.envelope import Json, case, document
from tests.reference.hashes import HASHES, LABELS, NO_TAG, SUM_LABELS, Hash, tag_key
from tests.reference.samples import BYTES_RULE, pattern

NOTES = {
    "Digest": "H(message)",
    "Tag": "Tag(label, message); in block mode, prefix is B = T(label) repeated and cut; t is T(label)",
    "BlockEdge": "a length at which the number of blocks or their padding changes",
}


def _digests(h: Hash) -> list[Json]:
    edge = (h.block_size - 1, h.block_size, h.block_size + 1)
    lengths = sorted({0, 1, 31, 32, 33, 63, 64, 65, *edge, 2 * h.block_size, 1000})
    return [
        case(
            f"{h.name}/digest/{n}",
            f"{n} bytes",
            ["Digest", "BlockEdge"] if n in edge else ["Digest"],
            message=pattern(n).hex(),
            digest=h.digest(pattern(n)).hex(),
        )
        for n in lengths
    ]


def _tags(h: Hash) -> list[Json]:
    return [
        case(
            f"{h.name}/tag/{label}/{n}",
            f"{n} bytes under {label}",
            ["Tag"],
            label=label,
            t=tag_key(h.name, label).hex(),
            prefix=h.prefix(label).hex(),
            message=pattern(n).hex(),
            digest=h.tag(label, pattern(n)).hex(),
        )
        for label, lengths in (
            *((label, (0, 1, h.block_size - 1, h.block_size, 64, 200)) for label in LABELS),
            *((label, (0, 96)) for label in SUM_LABELS),
        )
        for n in lengths
        if not (n == 64 and h.block_size in (64, 65))
    ]


def build() -> Json:
    groups = [
        {
            "hash": h.name,
            "digest_size": h.digest_size,
            "block_size": h.block_size,
            "mode": h.mode,
            "tests": _digests(h) + ([] if h.mode == NO_TAG else _tags(h)),
        }
        for h in HASHES.values()
    ]
    return document("hashes", NOTES, groups, inputs=BYTES_RULE)
