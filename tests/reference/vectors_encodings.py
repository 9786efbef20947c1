"""encodings.json: the one encoding of scheme, head, inclusion proof and batch, and bytes that are none."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import codec
from tests.reference.envelope import INVALID, Json, case, document, scheme_json
from tests.reference.objects import Batch, Head, InclusionProof
from tests.reference.samples import filler, leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, Scheme, le, lp
from tests.reference.trees import head, prove

NOTES = {
    "Canonical": "encode(value) is these bytes and decode(bytes) is this value",
    "Truncated": "the bytes end too early, or a declared length is beyond the end",
    "Trailing": "bytes are left over",
    "Magic": "wrong magic, also that of another object",
    "Version": "a version other than 1",
    "UnknownName": "an unknown kind, family or hash, also by letter case, or a hash that no scheme takes",
    "RulesNotEmpty": "rules are empty in version 1",
    "ContextRefused": "rfc6962 binds no context",
    "DigestSize": "a digest size outside 32 to 64",
    "NotDigests": "what remains is not a multiple of the digest size, or more than 255 digests",
    "Counts": "counts and the bytes that remain differ",
    "HugeLength": "a declared length or count that must not be allocated before it is checked",
}
Invalid = tuple[str, str, bytes]

SCHEMES = (
    *ALL_SCHEMES,
    Scheme(NATIVE, "sha256", b"day 1"),
    Scheme(NATIVE, "blake3", b"\x00"),
    Scheme(NATIVE, "sha3_256", bytes(range(256)) + b"tlys"),
)
SAMPLE = Scheme(NATIVE, "sha256", b"day 1")


def common(valid: bytes, magic: bytes, cuts: tuple[int, ...]) -> Iterator[Invalid]:
    """Faults that every object can have. Only cuts that leave an incomplete object are named."""
    yield "empty", "Truncated", b""
    for cut in cuts:
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    yield "cut-by-1", "Truncated" if magic != codec.MAGIC_INCLUSION else "NotDigests", valid[:-1]
    yield "magic-upper-case", "Magic", magic.upper() + valid[4:]
    other = codec.MAGIC_HEAD if magic == codec.MAGIC_SCHEME else codec.MAGIC_SCHEME
    yield "magic-of-another", "Magic", other + valid[4:]
    yield "magic-reversed", "Magic", magic[::-1] + valid[4:]
    yield "version-0", "Version", magic + b"\x00" + valid[5:]
    yield "version-2", "Version", magic + b"\x02" + valid[5:]
    yield "twice", "Trailing" if magic != codec.MAGIC_INCLUSION else "NotDigests", valid + valid


def raw_scheme(
    kind: int = 1,
    family: bytes = b"native",
    hash_name: bytes = b"sha256",
    rules: bytes = b"",
    context: bytes = b"",
) -> bytes:
    fields = lp(family) + lp(hash_name) + lp(rules) + lp(context)
    return codec.start(codec.MAGIC_SCHEME) + le(kind, 1) + fields


def scheme_faults() -> Iterator[Invalid]:
    valid = codec.encode_scheme(SAMPLE)
    yield from common(valid, codec.MAGIC_SCHEME, (4, 5, 6, 9, 12, len(valid) - 9))
    yield "trailing-zero", "Trailing", valid + b"\x00"
    for kind in (0, 2, 3, 4, 255):
        yield f"kind-{kind}", "UnknownName", raw_scheme(kind=kind)
    for family in (
        b"",
        b"Native",
        b"native\x00",
        b"nativ",
        b"rfc9162",
        b"bitcoin",
        b"nativ\xc3\xa9",
        b"\xff",
    ):
        yield f"family-{family.hex()}", "UnknownName", raw_scheme(family=family)
    for name in (b"", b"SHA256", b"sha-256", b"sha256 ", b"sha1", b"xxh3_128", b"sha512/256", b"\xff"):
        yield f"hash-{name.hex()}", "UnknownName", raw_scheme(hash_name=name)
    for family in (b"native", b"rfc6962"):
        yield f"rules-of-{family.decode()}", "RulesNotEmpty", raw_scheme(family=family, rules=b"\x00")
    yield "rfc6962-context", "ContextRefused", raw_scheme(family=b"rfc6962", context=b"day 1")
    yield "rfc6962-context-zero", "ContextRefused", raw_scheme(family=b"rfc6962", context=b"\x00")
    start = raw_scheme()[:6]
    yield "family-beyond-end", "HugeLength", start + b"\xff\xff\xff\xff" + b"native"
    bare = raw_scheme()
    yield "context-beyond-end-by-1", "Truncated", bare[:-4] + le(2, 4) + b"x"
    yield "context-4-gib", "HugeLength", bare[:-4] + b"\xff\xff\xff\xff" + b"x"
    yield "context-shorter-than-bytes", "Trailing", bare[:-4] + le(1, 4) + b"xy"
    yield "lengths-big-endian", "HugeLength", start + b"\x00\x00\x00\x06" + bare[10:]


def head_faults() -> Iterator[Invalid]:
    valid = codec.encode_head(head(SAMPLE, leaves(7)))
    inner = codec.encode_scheme(SAMPLE)
    begin = codec.start(codec.MAGIC_HEAD)
    end = le(7, 8) + filler("root", 0, 32)
    after = len(begin) + 4 + len(inner)
    yield from common(valid, codec.MAGIC_HEAD, (4, 5, 9, 20, after, after + 7, after + 8))
    yield "trailing-zero", "Trailing", valid + b"\x00"
    yield "scheme-empty", "Truncated", begin + lp(b"") + end
    yield "scheme-trailing", "Trailing", begin + lp(inner + b"\x00") + end
    yield "scheme-cut", "Truncated", begin + lp(inner[:-1]) + end
    yield "scheme-without-magic", "Magic", begin + lp(inner[5:]) + end
    yield "scheme-version-2", "Version", begin + lp(inner[:4] + b"\x02" + inner[5:]) + end
    yield "scheme-is-a-head", "Magic", begin + lp(valid) + end
    yield "scheme-unknown-hash", "UnknownName", begin + lp(raw_scheme(hash_name=b"md5")) + end
    refused = raw_scheme(family=b"rfc6962", context=b"x")
    yield "scheme-rfc6962-context", "ContextRefused", begin + lp(refused) + end
    yield "scheme-4-gib", "HugeLength", begin + b"\xff\xff\xff\xff" + inner + end
    yield "root-31-bytes", "Truncated", begin + lp(inner) + le(7, 8) + bytes(31)
    yield "root-33-bytes", "Trailing", begin + lp(inner) + le(7, 8) + bytes(33)
    yield "root-64-bytes", "Trailing", begin + lp(inner) + le(7, 8) + bytes(64)


def inclusion_faults() -> Iterator[Invalid]:
    valid = codec.encode_inclusion(prove(SAMPLE, leaves(11), 4))
    begin = codec.start(codec.MAGIC_INCLUSION)
    yield from common(valid, codec.MAGIC_INCLUSION, (3, 4, 5))
    yield "trailing-zero", "NotDigests", valid + b"\x00"
    for size in (0, 1, 16, 31, 65, 128, 255):
        yield f"digest-size-{size}", "DigestSize", begin + le(size, 1) + bytes(2 * size)
    yield "digest-size-0-no-digests", "DigestSize", begin + le(0, 1)
    yield "digest-size-33-of-32", "NotDigests", begin + le(33, 1) + bytes(32)
    yield "256-digests", "NotDigests", begin + le(32, 1) + bytes(256 * 32)


def batch_faults() -> Iterator[Invalid]:
    digests = [filler("batch", i, 32) for i in range(3)]
    begin = codec.start(codec.MAGIC_BATCH) + le(32, 1)
    body = bytes((1, 0, 2)) + b"".join(digests)
    valid = begin + le(3, 8) + body
    yield from common(valid, codec.MAGIC_BATCH, (4, 5, 6, 13, 14, 16, 17, 48, 80))
    yield "trailing-zero", "Trailing", valid + b"\x00"
    for size in (0, 31, 65, 255):
        changed = codec.start(codec.MAGIC_BATCH) + le(size, 1) + le(1, 8) + b"\x01" + bytes(size)
        yield f"digest-size-{size}", "DigestSize", changed
    yield "empty-and-trailing", "Trailing", begin + le(0, 8) + b"\x00"
    yield "k-1-too-many", "Counts", begin + le(4, 8) + body
    yield "k-1-too-few", "Counts", begin + le(2, 8) + body
    for k in (2**31, 2**32 + 3, 2**63, 2**64 - 1):
        yield f"k-{k}", "HugeLength", begin + le(k, 8) + body
    yield "counts-too-large", "Counts", begin + le(3, 8) + bytes((1, 1, 2)) + b"".join(digests)
    yield "counts-too-small", "Counts", begin + le(3, 8) + bytes((1, 0, 1)) + b"".join(digests)
    yield "counts-255", "Counts", begin + le(3, 8) + bytes((255, 255, 255)) + b"".join(digests)
    yield "sum-cut-to-8-bits", "Counts", begin + le(3, 8) + bytes((255, 2, 2)) + b"".join(digests)
    yield "digest-cut", "Counts", begin + le(3, 8) + body[:-31]


def head_json(value: Head) -> Json:
    return {"scheme": scheme_json(value.scheme), "size": str(value.size), "root": value.root.hex()}


def inclusion_json(value: InclusionProof) -> Json:
    return {"digest_size": value.digest_size, "digests": [d.hex() for d in value.digests]}


def batch_json(value: Batch) -> Json:
    return {"digest_size": value.digest_size, "proofs": [[d.hex() for d in p] for p in value.proofs]}


def heads() -> Iterator[tuple[str, Head]]:
    for scheme in SCHEMES:
        name = f"{scheme.name}/{scheme.context[:8].hex() or 'no-context'}"
        yield f"{name}/7", head(scheme, leaves(7))
    yield "empty-tree", head(SAMPLE, [])
    yield "size-2-to-53-plus-1", Head(SAMPLE, 2**53 + 1, filler("root", 1, 32))
    yield "size-2-to-64-minus-1", Head(SAMPLE, 2**64 - 1, filler("root", 2, 32))
    yield "empty-tree-any-root", Head(SAMPLE, 0, filler("root", 3, 32))


def proofs() -> Iterator[tuple[str, InclusionProof]]:
    for size, index in ((1, 0), (2, 1), (11, 4), (11, 10)):
        yield f"{size}/{index}", prove(SAMPLE, leaves(size), index)
    for size in (32, 33, 48, 64):
        yield f"digest-size-{size}", InclusionProof(size, tuple(filler("d", i, size) for i in range(2)))
    yield "digest-size-64-no-digests", InclusionProof(64, ())
    yield "255-digests", InclusionProof(32, (bytes(32),) * 255)


def batches() -> Iterator[tuple[str, Batch]]:
    yield "no-proofs", Batch(32, ())
    yield "no-proofs-64", Batch(64, ())
    yield "one-without-digests", Batch(32, ((),))
    seven = leaves(7)
    yield "all-of-7", Batch(32, tuple(prove(SAMPLE, seven, i).digests for i in range(7)))
    yield "same-twice", Batch(32, (prove(SAMPLE, seven, 3).digests,) * 2)
    mixed = tuple(tuple(filler("b", i, 48) for i in range(n)) for n in (0, 2, 0, 0, 1))
    yield "digest-size-48", Batch(48, mixed)


def _cases(kind: str, valid: list[tuple[str, bytes, Json]], faults: Iterator[Invalid]) -> Json:
    tests = [
        case(f"{kind}/valid/{name}", "", ["Canonical"], encoding=raw.hex(), value=value)
        for name, raw, value in valid
    ]
    tests += [
        case(f"{kind}/invalid/{name}", "", [flag], INVALID, encoding=raw.hex()) for name, flag, raw in faults
    ]
    return {"object": kind, "tests": tests}


def build() -> Json:
    schemes = [
        (f"{s.name}/{s.context[:8].hex() or 'no-context'}", codec.encode_scheme(s), scheme_json(s))
        for s in SCHEMES
    ]
    groups = [
        _cases("scheme", schemes, scheme_faults()),
        _cases("head", [(n, codec.encode_head(v), head_json(v)) for n, v in heads()], head_faults()),
        _cases(
            "inclusion",
            [(n, codec.encode_inclusion(v), inclusion_json(v)) for n, v in proofs()],
            inclusion_faults(),
        ),
        _cases("batch", [(n, codec.encode_batch(v), batch_json(v)) for n, v in batches()], batch_faults()),
    ]
    return document("encodings", NOTES, groups)
