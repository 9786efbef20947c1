"""Binary encodings (docs/spec/encodings.md): one encoding an object, and strict decoders."""

from __future__ import annotations

from tests.reference.objects import Batch, Head, InclusionProof
from tests.reference.schemes import KIND_DENSE, RULES, Scheme, le, lp

VERSION = 1
MAGIC_SCHEME = b"tlys"
MAGIC_HEAD = b"tlyh"
MAGIC_INCLUSION = b"tlyi"
MAGIC_BATCH = b"tlyb"

MIN_DIGEST_SIZE = 32
MAX_DIGEST_SIZE = 64
MAX_DIGESTS = 255


class DecodeError(ValueError):
    """The bytes are not the one encoding of anything."""


class Reader:
    """Takes fields off the front; never takes more than is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    @property
    def remaining(self) -> int:
        return len(self.data) - self.position

    def take(self, length: int) -> bytes:
        if length > self.remaining:
            raise DecodeError(f"{length} bytes declared, {self.remaining} remain")
        self.position += length
        return self.data[self.position - length : self.position]

    def uint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def lp(self) -> bytes:
        return self.take(self.uint(4))

    def expect(self, value: bytes, what: str) -> None:
        found = self.take(len(value))
        if found != value:
            raise DecodeError(f"{what} is {found.hex()}, not {value.hex()}")

    def end(self) -> None:
        if self.remaining:
            raise DecodeError(f"{self.remaining} bytes left over")


def start(magic: bytes) -> bytes:
    return magic + le(VERSION, 1)


def ascii_name(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a name is not ASCII") from error


def checked_digest_size(value: int) -> int:
    if not MIN_DIGEST_SIZE <= value <= MAX_DIGEST_SIZE:
        raise DecodeError(f"digest size {value}")
    return value


def encode_scheme(scheme: Scheme) -> bytes:
    return (
        start(MAGIC_SCHEME)
        + le(KIND_DENSE, 1)
        + lp(scheme.family.encode("ascii"))
        + lp(scheme.hash_name.encode("ascii"))
        + lp(RULES)
        + lp(scheme.context)
    )


def decode_scheme(data: bytes) -> Scheme:
    reader = Reader(data)
    reader.expect(start(MAGIC_SCHEME), "magic and version")
    reader.expect(le(KIND_DENSE, 1), "kind")
    family = ascii_name(reader.lp())
    hash_name = ascii_name(reader.lp())
    if reader.lp() != RULES:
        raise DecodeError("rules are not empty")
    context = reader.lp()
    reader.end()
    try:
        return Scheme(family, hash_name, context)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def encode_head(head: Head) -> bytes:
    return start(MAGIC_HEAD) + lp(encode_scheme(head.scheme)) + le(head.size, 8) + head.root


def decode_head(data: bytes) -> Head:
    reader = Reader(data)
    reader.expect(start(MAGIC_HEAD), "magic and version")
    scheme = decode_scheme(reader.lp())
    size = reader.uint(8)
    root = reader.take(scheme.digest_size)
    reader.end()
    return Head(scheme, size, root)


def encode_inclusion(proof: InclusionProof) -> bytes:
    return start(MAGIC_INCLUSION) + le(proof.digest_size, 1) + b"".join(proof.digests)


def decode_inclusion(data: bytes) -> InclusionProof:
    reader = Reader(data)
    reader.expect(start(MAGIC_INCLUSION), "magic and version")
    digest_size = checked_digest_size(reader.uint(1))
    count, rest = divmod(reader.remaining, digest_size)
    if rest:
        raise DecodeError(f"{rest} bytes are not a digest")
    if count > MAX_DIGESTS:
        raise DecodeError(f"{count} digests")
    return InclusionProof(digest_size, tuple(reader.take(digest_size) for _ in range(count)))


def encode_batch(batch: Batch) -> bytes:
    return (
        start(MAGIC_BATCH)
        + le(batch.digest_size, 1)
        + le(len(batch.proofs), 8)
        + bytes(len(digests) for digests in batch.proofs)
        + b"".join(digest for digests in batch.proofs for digest in digests)
    )


def decode_batch(data: bytes) -> Batch:
    reader = Reader(data)
    reader.expect(start(MAGIC_BATCH), "magic and version")
    digest_size = checked_digest_size(reader.uint(1))
    counts = reader.take(reader.uint(8))
    if sum(counts) * digest_size != reader.remaining:
        raise DecodeError(f"{sum(counts)} digests declared, {reader.remaining} bytes remain")
    return Batch(digest_size, tuple(tuple(reader.take(digest_size) for _ in range(c)) for c in counts))
