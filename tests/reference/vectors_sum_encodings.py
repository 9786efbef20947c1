"""sum_encodings.json: every object of sum trees in its three forms, and inputs that are no encoding."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import faults_sums, vectors_encodings
from tests.reference.envelope import Json, document
from tests.reference.layouts_sums import SUM_LAYOUTS
from tests.reference.objects import SumBatch, SumHead, SumInclusionProof, SumList, SumMultiProof, SumShard
from tests.reference.samples import amounts, filler, leaves
from tests.reference.schemes import NATIVE_SUM, SUM_SCHEMES, Scheme
from tests.reference.shards import cover
from tests.reference.sum_shards import of_leaves
from tests.reference.sums import head, prove
from tests.reference.vectors_encodings import BINARY, CONTEXTS, CONVENTIONS, END, JSON, PROTOBUF, Faults
from tests.reference.wire_samples import SAMPLES, SUM_SAMPLE, sum_nodes

MOST = 2**128 - 1
EDGES = (0, 1, 255, 256, 2**53 + 1, 2**63, 2**64 - 1, 2**64, 2**127, MOST)
FAULTS: Faults = {BINARY: faults_sums.binary, JSON: faults_sums.json, PROTOBUF: faults_sums.protobuf}

# What dense objects alone can be wrong in.
DENSE_ONLY = ("RulesNotEmpty",)
NOTES = {name: note for name, note in vectors_encodings.NOTES.items() if name not in DENSE_ONLY} | {
    "Kind": "an object of a sum tree with the scheme of another kind, or of another kind altogether",
    "Overflow": "the sums of a shard add to 2^128 or more",
    "NonMinimal": "an amount, or a Protobuf varint, longer than it must be",
    "Counts": "the numbers of digests and of sums are not those that the fields before require, or differ",
    "TooMany": "more than 255 siblings in a proof that is a path",
}


def schemes() -> Iterator[tuple[str, Scheme]]:
    for scheme in (*SUM_SCHEMES, *(Scheme(NATIVE_SUM, "sha256", context) for context in CONTEXTS)):
        yield f"{scheme.name}/{scheme.context[:8].hex() or 'no-context'}", scheme


def heads() -> Iterator[tuple[str, SumHead]]:
    for name, scheme in schemes():
        yield f"{name}/7", head(scheme, leaves(7), amounts(7))
    yield "empty-tree", head(SUM_SAMPLE, [], [])
    yield "empty-tree-any-total", SumHead(SUM_SAMPLE, 0, bytes(32), 7)
    yield "size-2-to-64-minus-1", SumHead(SUM_SAMPLE, END, filler("root", 2, 32), MOST)
    for total in EDGES:
        yield f"total-{total}", SumHead(SUM_SAMPLE, 2, filler("root", 1, 32), total)


def lists(wanted: type[SumList]) -> Iterator[tuple[str, SumList]]:
    honest = SAMPLES[wanted]()
    assert isinstance(honest, SumList)
    yield "honest", honest
    for size in (32, 33, 48, 64):
        yield f"digest-size-{size}", wanted(size, (7, 0), (filler("d", 0, size), filler("d", 1, size)))
    yield "no-digests", wanted(32, (), ())
    yield "zero-digest-zero-sum", wanted(32, (0,), (bytes(32),))
    yield "every-edge", wanted(32, EDGES, tuple(filler("e", i, 32) for i in range(len(EDGES))))
    yield "every-width", wanted(32, tuple(256**i for i in range(16)), (bytes(32),) * 16)
    if wanted is SumInclusionProof:
        yield "255-digests", wanted(32, (0,) * 255, (bytes(32),) * 255)
    if wanted is SumMultiProof:
        yield "256-digests", wanted(32, (0,) * 256, (bytes(32),) * 256)


def batches() -> Iterator[tuple[str, SumBatch]]:
    yield "no-proofs", SumBatch(32, (), ())
    yield "one-without-digests", SumBatch(64, ((),), ((),))
    proofs = [prove(SUM_SAMPLE, sum_nodes(7), i) for i in range(7)]
    yield "all-of-7", SumBatch(32, tuple(one.sums for one in proofs), tuple(one.digests for one in proofs))
    sums = ((), EDGES, (), (0,))
    filled = tuple(tuple(filler("b", i, 48) for i in range(len(one))) for one in sums)
    yield "digest-size-48", SumBatch(48, sums, filled)


def shards() -> Iterator[tuple[str, SumShard]]:
    for begin, end in ((0, 0), (0, 1), (0, 7), (3, 9), (5, 5)):
        yield f"{begin}/{end}", of_leaves(SUM_SAMPLE, begin, leaves(9)[begin:end], amounts(9)[begin:end])
    for begin, end in ((END, END), (END - 1, END), (2**63 - 1, 2**63 + 1)):
        count = len(cover(begin, end))
        sums = (MOST,) + (0,) * (count - 1) if count else ()
        digests = tuple(filler("s", i, 32) for i in range(count))
        yield f"{begin}/{end}", SumShard(SUM_SAMPLE, begin, end, sums, digests)


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is SumHead:
        yield from heads()
    elif wanted is SumBatch:
        yield from batches()
    elif wanted is SumShard:
        yield from shards()
    elif issubclass(wanted, SumList):
        yield from lists(wanted)


def build() -> Json:
    return document(
        "sum_encodings",
        NOTES,
        [
            vectors_encodings.group(Scheme, schemes(), {}),
            *(vectors_encodings.group(wanted, values(wanted), FAULTS) for wanted in SUM_LAYOUTS),
        ],
        **CONVENTIONS,
        amounts="binary and Protobuf have an amount in as few bytes as it takes, JSON as a decimal string",
    )
