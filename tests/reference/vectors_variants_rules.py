"""variants_rules.json: schemes and heads with rules, in three forms, and inputs that are none."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import json_form, protobuf_form, rules_encoding
from tests.reference.codec import encode, start
from tests.reference.envelope import INVALID, Json, case, document
from tests.reference.objects import Head, Shard
from tests.reference.rules import PLAIN
from tests.reference.rules_faults import (
    BYTES_THAT_ARE_NONE,
    FAMILIES_THAT_ARE_NONE,
    NAMES_THAT_ARE_NONE,
    NONE,
)
from tests.reference.schemes import Scheme, le, lp
from tests.reference.variants import BUILT_IN, CUSTOM, ZERO

NOTES = {
    "Valid": "an object in three forms; `rules` are empty for built-in families",
    "Rules": "rules that make no tree",
    "Bytes": "bytes that are no rules, or not in their one encoding",
    "Family": "a family, or parameters of one, that there is not",
    "Name": "rules under a name that they must not have",
    "Context": "a context, though the root binds none",
    "Kind": "a kind that is not the scheme's",
    "Head": "a head of a size that a tree of its scheme has",
    "Size": "a head of a size that no tree of its scheme has",
    "Shard": "a shard of a scheme whose trees do not grow",
}


def raw(kind: int, family: bytes, rules: bytes = b"", context: bytes = b"", name: bytes = b"sha256") -> bytes:
    """A scheme as somebody wrote it, true or not."""
    return start(b"tlys") + le(kind, 1) + lp(family) + lp(name) + lp(rules) + lp(context)


def _forms(value: Scheme | Head | Shard) -> Json:
    return {
        "binary": encode(value).hex(),
        "json": json_form.encode(value),
        "protobuf": protobuf_form.encode(value).hex(),
    }


def _refused(name: str, flag: str, data: bytes) -> Json:
    return case(name, "", [flag], INVALID, form="binary", encoding=data.hex())


def _schemes() -> Iterator[Json]:
    for scheme in (*BUILT_IN, *CUSTOM):
        yield case(f"scheme/{scheme.family}", "", ["Valid"], **_forms(scheme))
    for name, rules in NONE.items():
        yield _refused(f"rules/{name}", "Rules", raw(1, b"mine", rules_encoding.encode(rules)))
    for name, data in BYTES_THAT_ARE_NONE.items():
        yield _refused(f"bytes/{name}", "Bytes", raw(1, b"mine", data))
    for family in FAMILIES_THAT_ARE_NONE:
        yield _refused(f"family/{family}", "Family", raw(1, family.encode("ascii")))
    plain = rules_encoding.encode(PLAIN)
    for name in NAMES_THAT_ARE_NONE:
        yield _refused(f"name/{name.encode().hex()[:60]}", "Name", raw(1, name.encode(), plain))
    yield _refused("name/without-rules", "Family", raw(1, b"mine"))
    for family in ("bitcoin", "ssz_list(9)"):
        yield _refused(f"context/{family}", "Context", raw(1, family.encode(), context=b"day 1"))
        yield _refused(f"kind/{family}", "Kind", raw(2, family.encode()))
    yield _refused("context/mine", "Context", raw(1, b"mine", plain, b"day 1"))
    yield _refused("kind/mine", "Kind", raw(2, b"mine", plain))
    yield _refused("kind/mine-3", "Kind", raw(3, b"mine", plain))


SIZES = {
    "ssz_vector(5)": ((5,), (0, 4, 6)),
    "ssz_list(40)": ((0, 40), (41, 2**64 - 1)),
    f"fixed_depth(4,3,{ZERO.hex()})": ((0, 81), (82,)),
    "filecoin(4)": ((1, 4, 2**62), (0, 2, 8, 2**63, 2**64 - 1)),
    "openzeppelin_simple": ((1, 2**64 - 1), (0,)),
    "commonware_bmt": ((0, 2**32 - 1), (2**32,)),
    "grin_mmr": ((0, 2**62 - 1), (2**62,)),
}


def _heads() -> Iterator[Json]:
    for family, (taken, refused) in SIZES.items():
        scheme = Scheme(family, "sha256")
        for size in taken:
            yield case(f"head/{family}/{size}", "", ["Head"], **_forms(Head(scheme, size, ZERO)))
        for size in refused:
            data = start(b"tlyh") + lp(encode(scheme)) + le(size, 8) + ZERO
            yield _refused(f"head/{family}/{size}", "Size", data)
    short = next(scheme for scheme in CUSTOM if scheme.family == "short")
    yield case("head/short/256", "", ["Head"], **_forms(Head(short, 256, ZERO)))
    yield _refused("head/short/257", "Size", start(b"tlyh") + lp(encode(short)) + le(257, 8) + ZERO)


def _shards() -> Iterator[Json]:
    for family in ("openzeppelin_simple", "filecoin(4)", "ssz_vector(5)"):
        data = start(b"tlyr") + lp(encode(Scheme(family, "sha256"))) + le(0, 8) + le(0, 8)
        yield _refused(f"shard/{family}", "Shard", data)
    fixed = Scheme(f"fixed_depth(4,3,{ZERO.hex()})", "sha256")
    for end, digests, name in ((4, 2, "two-nodes"), (3, 1, "one-node")):
        made = Shard(fixed, 0, end, (ZERO,) * digests)
        yield case(f"shard/fixed_depth-3/{name}", "", ["Valid"], **_forms(made))


def build() -> Json:
    groups = [
        {"object": "scheme", "tests": list(_schemes())},
        {"object": "head", "tests": list(_heads())},
        {"object": "shard", "tests": list(_shards())},
    ]
    return document("variants_rules", NOTES, groups)
