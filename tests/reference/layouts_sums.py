"""The fields of the objects of sum trees, once for all three forms (docs/spec/encodings.md)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from tests.reference.layouts import MAX_DIGESTS, Kind, Layout, Values, check_kind, digest_size
from tests.reference.objects import SumBatch, SumHead, SumInclusionProof, SumList, SumMultiProof, SumShard
from tests.reference.reader import DecodeError
from tests.reference.schemes import KIND_SUM
from tests.reference.shards import cover
from tests.reference.sums import MAX_AMOUNT


def _check_sums(values: Values) -> None:
    if len(values["sums"]) != len(values["digests"]):
        raise DecodeError(f"{len(values['sums'])} sums of {len(values['digests'])} digests")


def _head(values: Values) -> SumHead:
    check_kind(values, KIND_SUM)
    return SumHead(**values)


def _list_of_at_most(most: int | None, make: Callable[..., SumList]) -> Callable[[Values], SumList]:
    def put_together(values: Values) -> SumList:
        size = digest_size(values)
        if most is not None and len(values["digests"]) > most:
            raise DecodeError(f"{len(values['digests'])} digests")
        _check_sums(values)
        return make(size, values["sums"], values["digests"])

    return put_together


def _batch(values: Values) -> SumBatch:
    size = digest_size(values)
    _check_sums(values)
    if sum(values["counts"]) != len(values["digests"]):
        raise DecodeError(f"{sum(values['counts'])} digests declared, {len(values['digests'])} there")
    sums, digests = iter(values["sums"]), iter(values["digests"])
    return SumBatch(
        size,
        tuple(tuple(next(sums) for _ in range(count)) for count in values["counts"]),
        tuple(tuple(next(digests) for _ in range(count)) for count in values["counts"]),
    )


def _shard(values: Values) -> SumShard:
    check_kind(values, KIND_SUM)
    begin, end = values["begin"], values["end"]
    if begin > end:
        raise DecodeError(f"from {begin} to {end}")
    if len(values["digests"]) != len(cover(begin, end)):
        raise DecodeError(f"{len(values['digests'])} digests do not cover {begin} to {end}")
    _check_sums(values)
    if sum(values["sums"]) > MAX_AMOUNT:
        raise DecodeError("the sums add to 2^128 or more")
    return SumShard(**values)


def _list(proof: SumList) -> Values:
    return {"digest_size": proof.digest_size, "sums": proof.sums, "digests": proof.digests}


# In the binary form the digests end the object, so the sums stand before them.
NODES = (("sums", Kind.AMOUNTS), ("digests", Kind.DIGESTS))
PROOF_FIELDS = (("digest_size", Kind.SMALL), *NODES)

SUM_LAYOUTS: dict[type, Layout] = {
    SumHead: Layout(
        "sum-head",
        b"tlyH",
        (("scheme", Kind.SCHEME), ("size", Kind.NUMBER), ("root", Kind.DIGEST), ("total", Kind.AMOUNT)),
        lambda h: {"scheme": h.scheme, "size": h.size, "root": h.root, "total": h.total},
        _head,
    ),
    SumInclusionProof: Layout(
        "sum-inclusion-proof",
        b"tlyI",
        PROOF_FIELDS,
        _list,
        _list_of_at_most(MAX_DIGESTS, SumInclusionProof),
    ),
    SumMultiProof: Layout(
        "sum-multi-proof",
        b"tlyM",
        PROOF_FIELDS,
        _list,
        _list_of_at_most(None, SumMultiProof),
    ),
    SumBatch: Layout(
        "sum-proof-batch",
        b"tlyB",
        (("digest_size", Kind.SMALL), ("counts", Kind.COUNTS), *NODES),
        lambda b: {
            "digest_size": b.digest_size,
            "counts": tuple(len(digests) for digests in b.proofs),
            "sums": tuple(chain.from_iterable(b.sums)),
            "digests": tuple(chain.from_iterable(b.proofs)),
        },
        _batch,
    ),
    SumShard: Layout(
        "sum-shard",
        b"tlyR",
        (("scheme", Kind.SCHEME), ("begin", Kind.NUMBER), ("end", Kind.NUMBER), *NODES),
        lambda s: {
            "scheme": s.scheme,
            "begin": s.begin,
            "end": s.end,
            "sums": s.sums,
            "digests": s.digests,
        },
        _shard,
    ),
}
