"""shards.json: shards, what they join to, heads, and what may not be joined."""

from __future__ import annotations

from tests.reference import shards
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, Json, case, document, scheme_json
from tests.reference.objects import Shard
from tests.reference.samples import LEAF_RULE, filler, leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, RFC6962, Scheme
from tests.reference.trees import Node

END = 2**64 - 1
RANGES = (
    *((begin, end) for begin in range(8) for end in range(begin, 9)),
    (3, 9),
    (7, 17),
    (5, 1000),
    (1, END),
    (0, END),
    (2**63 - 1, 2**63 + 1),
    (2**53 + 1, 2**53 + 1),
    (END, END),
)
SHARDS = ((0, 0), (0, 7), (3, 9), (5, 5), (6, 7))
JOINS = ((0, 0, 7), (0, 3, 9), (3, 9, 17), (0, 8, 16), (1, 2, 3), (5, 5, 9), (5, 9, 9))
FULL = (Scheme(NATIVE, "blake3"), Scheme(NATIVE, "sha256", b"day 1"), Scheme(RFC6962, "sha256"))

NOTES = {
    "Cover": "the nodes of a range, from the left, as [level, index]",
    "Shard": "the digests over leaves `begin` to `end` of the tree of the leaf rule",
    "Empty": "no leaves: joins with whatever ends or begins there",
    "Head": "the head of a shard that begins at leaf 0",
    "Join": "`joined` is the sum of `left` and `right`",
    "Huge": "places near the end of 64 bits; digests are invented",
    "Gap": "a leaf between the two is missing",
    "Overlap": "a leaf is in both, also the right shard on the left",
    "OtherScheme": "other families, hashes or contexts do not join",
    "NotFromZero": "no head without leaf 0",
}


def _shard_json(shard: Shard) -> Json:
    return {"begin": str(shard.begin), "end": str(shard.end), "digests": [d.hex() for d in shard.digests]}


def _cover_group() -> Json:
    tests = []
    for begin, end in dict.fromkeys(RANGES):
        listed = [_node(node) for node in shards.cover(begin, end)]
        flags = ["Cover"] + ["Empty"] * (begin == end) + ["Huge"] * (end > 2**32)
        tests.append(case(f"cover/{begin}/{end}", "", flags, begin=str(begin), end=str(end), nodes=listed))
    return {"what": "cover", "tests": tests}


def _node(node: Node) -> list[object]:
    return [node[0], str(node[1])]


def _of(scheme: Scheme, begin: int, end: int) -> Shard:
    return shards.of_leaves(scheme, begin, leaves(end)[begin:])


def _invented(scheme: Scheme, begin: int, end: int) -> Shard:
    count = len(shards.cover(begin, end))
    return Shard(scheme, begin, end, tuple(filler("shard", i, scheme.digest_size) for i in range(count)))


def _scheme_group(scheme: Scheme) -> Json:
    tests = []
    prefix = f"{scheme.name}/{scheme.context.hex() or 'no-context'}"
    for begin, end in SHARDS if scheme in FULL else SHARDS[1:3]:
        shard = _of(scheme, begin, end)
        flags = ["Shard"] + ["Empty"] * (begin == end) + ["Head"] * (begin == 0)
        fields = _shard_json(shard)
        if begin == 0:
            fields["root"] = shards.head(shard).root.hex()
        tests.append(case(f"{prefix}/shard/{begin}/{end}", "", flags, shard=fields))
    for begin, middle, end in JOINS if scheme in FULL else JOINS[1:3]:
        left, right = _of(scheme, begin, middle), _of(scheme, middle, end)
        name = f"{prefix}/join/{begin}/{middle}/{end}"
        flags = ["Join"] + ["Empty"] * (middle in (begin, end))
        tests.append(_join(name, flags, left, right))
    if scheme in FULL:
        for begin, middle, end in ((2**63 - 1, 2**63, END), (0, END - 1, END), (1, 2**53 + 1, 2**54)):
            left, right = _invented(scheme, begin, middle), _invented(scheme, middle, end)
            tests.append(_join(f"{prefix}/join/{begin}/{middle}/{end}", ["Join", "Huge"], left, right))
    return {"what": "shards", "scheme": scheme_json(scheme), "tests": tests}


def _join(name: str, flags: list[str], left: Shard, right: Shard) -> Json:
    joined = _shard_json(shards.join(left, right))
    return case(name, "", flags, left=_shard_json(left), right=_shard_json(right), joined=joined)


def _refused_group() -> Json:
    tests = []
    scheme = FULL[1]
    for name, flag, left, right in (
        ("gap", "Gap", (0, 3), (4, 7)),
        ("gap-of-an-empty-shard", "Gap", (0, 3), (4, 4)),
        ("gap-after-an-empty-shard", "Gap", (3, 3), (4, 7)),
        ("overlap", "Overlap", (0, 4), (3, 7)),
        ("same-twice", "Overlap", (0, 3), (0, 3)),
        ("exchanged", "Overlap", (3, 7), (0, 3)),
        ("right-within-left", "Overlap", (0, 8), (2, 4)),
        ("empty-within-left", "Overlap", (0, 8), (4, 4)),
    ):
        sides = {"left": encode(_of(scheme, *left)).hex(), "right": encode(_of(scheme, *right)).hex()}
        tests.append(case(f"refused/{name}", "", [flag], INVALID, **sides))
    other: tuple[tuple[str, Scheme], ...] = (
        ("context", scheme.with_context(b"day 2")),
        ("no-context", scheme.with_context(b"")),
        ("hash", Scheme(NATIVE, "sha512_256", b"day 1")),
        ("family", Scheme(RFC6962, "sha256")),
    )
    for name, another in other:
        for what, begin, end in (("", 3, 7), ("-empty", 3, 3)):
            right_shard = _of(another, begin, end)
            both = {"left": encode(_of(scheme, 0, 3)).hex(), "right": encode(right_shard).hex()}
            flags = ["OtherScheme"] + ["Empty"] * (begin == end)
            tests.append(case(f"refused/other-{name}{what}", "", flags, INVALID, **both))
    for begin, end in ((1, 3), (1, 1)):
        raw = encode(_of(scheme, begin, end)).hex()
        tests.append(case(f"refused/head/{begin}/{end}", "", ["NotFromZero"], INVALID, shard=raw))
    return {"what": "refused", "tests": tests}


def build() -> Json:
    groups = [
        _cover_group(),
        *(_scheme_group(scheme) for scheme in (*ALL_SCHEMES, FULL[1])),
        _refused_group(),
    ]
    return document(
        "shards",
        NOTES,
        groups,
        leaf_rule=LEAF_RULE,
        refused="in the group of refusals shards are binary encodings; joining the two, or the head, fails",
    )
