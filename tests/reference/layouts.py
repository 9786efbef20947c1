"""Lists of fields, once for all three forms, and those of dense trees (docs/spec/encodings.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from tests.reference import rules_encoding
from tests.reference.hashes import CRYPTOGRAPHIC, HASHES
from tests.reference.objects import (
    Batch,
    ConsistencyProof,
    DigestList,
    Head,
    InclusionProof,
    MultiProof,
    Shard,
)
from tests.reference.reader import DecodeError
from tests.reference.schemes import KIND_DENSE, RULES, Scheme
from tests.reference.shards import cover_of
from tests.reference.sparse_rules import KEY_SIZE

VERSION = 1
MIN_DIGEST_SIZE = 32
MAX_DIGEST_SIZE = 64
MAX_DIGESTS = 255
MAX_NUMBER = 2**64 - 1
MAX_ITEMS = 2**16 - 1

Values = dict[str, Any]


class Kind(Enum):
    """What a field holds."""

    SMALL = auto()  # 0 to 255
    NUMBER = auto()  # 64 bits
    NAME = auto()
    BYTES = auto()
    DIGEST = auto()
    DIGESTS = auto()  # the last field
    STRINGS = auto()  # of any length each; the last field
    COUNTS = auto()  # numbers of 0 to 255
    SCHEME = auto()
    AMOUNT = auto()  # 128 bits, in as few bytes as it takes
    AMOUNTS = auto()
    TOTAL = auto()  # 128 bits, always in 16 bytes
    TEXT = auto()
    SALT = auto()  # 16 bytes
    HASH = auto()  # 32 bytes, whatever the scheme
    SHORT = auto()  # 0 to 65535
    BITS = auto()  # one for each of `depth`, a bitmap
    SIBLINGS = auto()  # digests, as many as the bitmap has ones
    WITNESS = auto()  # a key and a digest where `end` says so, else nothing
    WITNESSES = auto()  # each a key and a digest
    OBJECT = auto()  # another object, whole
    ITEMS = auto()  # lists of fields without a name and version of their own


@dataclass(frozen=True)
class Layout:
    """An object's name, magic and fields, and how it is taken apart and put together.

    ``inner``: the types of its fields that are objects or items. Items have neither name nor magic.
    """

    name: str
    magic: bytes
    fields: tuple[tuple[str, Kind], ...]
    take_apart: Callable[[Any], Values]
    put_together: Callable[[Values], Any]
    inner: dict[str, type] = field(default_factory=dict)


def digest_size(values: Values) -> int:
    """The size of an object's digests, or of its nodes that have ranges, from the fields before them."""
    if "scheme" in values:
        whole: int = values["scheme"].root_size
        return whole
    size: int = values["digest_size"]
    if not MIN_DIGEST_SIZE <= size <= MAX_DIGEST_SIZE:
        raise DecodeError(f"digest size {size}")
    if values.get("namespace_size") == 0:
        raise DecodeError("namespaces of no bytes")
    return size + 2 * int(values.get("namespace_size", 0))


def witness_size(values: Values) -> int:
    """A key and a digest."""
    return KEY_SIZE + digest_size(values)


def check_items(found: int) -> None:
    """No list is longer than the binary form can say."""
    if found > MAX_ITEMS:
        raise DecodeError(f"{found} items")


def check_kind(values: Values, kind: int) -> None:
    """The scheme of a head or shard is of this kind."""
    if values["scheme"].kind != kind:
        raise DecodeError(f"a scheme of kind {values['scheme'].kind}")


def _scheme(values: Values) -> Scheme:
    try:
        made = _scheme_of(**values)
    except ValueError as error:
        raise DecodeError(str(error)) from error
    if values["kind"] != made.kind:
        raise DecodeError(f"kind {values['kind']} of family {made.family!r}")
    return made


def _scheme_of(kind: int, family: str, hash: str, rules: bytes, context: bytes) -> Scheme:  # noqa: A002
    """Rules are empty exactly if the family is built in."""
    if rules == RULES:
        return Scheme(family, hash, context)
    size = HASHES[hash].digest_size if hash in CRYPTOGRAPHIC else 0
    return Scheme(family, hash, context, rules_encoding.decode(rules, size))


def _digests_at_most(
    most: int | None, make: Callable[[int, tuple[bytes, ...]], DigestList]
) -> Callable[[Values], DigestList]:
    def put_together(values: Values) -> DigestList:
        size, digests = digest_size(values), values["digests"]
        if most is not None and len(digests) > most:
            raise DecodeError(f"{len(digests)} digests")
        return make(size, digests)

    return put_together


def _batch(values: Values) -> Batch:
    size, digests = digest_size(values), values["digests"]
    if sum(values["counts"]) != len(digests):
        raise DecodeError(f"{sum(values['counts'])} digests declared, {len(digests)} there")
    rest = iter(digests)
    return Batch(size, tuple(tuple(next(rest) for _ in range(count)) for count in values["counts"]))


def _head(values: Values) -> Head:
    check_kind(values, KIND_DENSE)
    try:
        return Head(**values)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _shard(values: Values) -> Shard:
    check_kind(values, KIND_DENSE)
    begin, end = values["begin"], values["end"]
    if begin > end:
        raise DecodeError(f"from {begin} to {end}")
    if not values["scheme"].appendable:
        raise DecodeError(f"trees of {values['scheme'].name} do not grow")
    if len(values["digests"]) != len(cover_of(values["scheme"], begin, end)):
        raise DecodeError(f"{len(values['digests'])} digests do not cover {begin} to {end}")
    return Shard(values["scheme"], begin, end, values["digests"])


def _digest_list(proof: DigestList) -> Values:
    return {"digest_size": proof.digest_size, "digests": proof.digests}


PROOF_FIELDS = (("digest_size", Kind.SMALL), ("digests", Kind.DIGESTS))

LAYOUTS: dict[type, Layout] = {
    Scheme: Layout(
        "scheme",
        b"tlys",
        (
            ("kind", Kind.SMALL),
            ("family", Kind.NAME),
            ("hash", Kind.NAME),
            ("rules", Kind.BYTES),
            ("context", Kind.BYTES),
        ),
        lambda s: {
            "kind": s.kind,
            "family": s.family,
            "hash": s.hash_name,
            "rules": RULES if s.custom is None else rules_encoding.encode(s.custom),
            "context": s.context,
        },
        _scheme,
    ),
    Head: Layout(
        "head",
        b"tlyh",
        (("scheme", Kind.SCHEME), ("size", Kind.NUMBER), ("root", Kind.DIGEST)),
        lambda h: {"scheme": h.scheme, "size": h.size, "root": h.root},
        _head,
    ),
    InclusionProof: Layout(
        "inclusion-proof",
        b"tlyi",
        PROOF_FIELDS,
        _digest_list,
        _digests_at_most(MAX_DIGESTS, InclusionProof),
    ),
    MultiProof: Layout(
        "multi-proof",
        b"tlym",
        PROOF_FIELDS,
        _digest_list,
        _digests_at_most(None, MultiProof),
    ),
    ConsistencyProof: Layout(
        "consistency-proof",
        b"tlyc",
        PROOF_FIELDS,
        _digest_list,
        _digests_at_most(MAX_DIGESTS, ConsistencyProof),
    ),
    Batch: Layout(
        "proof-batch",
        b"tlyb",
        (("digest_size", Kind.SMALL), ("counts", Kind.COUNTS), ("digests", Kind.DIGESTS)),
        lambda b: {
            "digest_size": b.digest_size,
            "counts": tuple(len(digests) for digests in b.proofs),
            "digests": tuple(digest for digests in b.proofs for digest in digests),
        },
        _batch,
    ),
    Shard: Layout(
        "shard",
        b"tlyr",
        (
            ("scheme", Kind.SCHEME),
            ("begin", Kind.NUMBER),
            ("end", Kind.NUMBER),
            ("digests", Kind.DIGESTS),
        ),
        lambda s: {"scheme": s.scheme, "begin": s.begin, "end": s.end, "digests": s.digests},
        _shard,
    ),
}
