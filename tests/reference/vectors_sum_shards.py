"""sum_shards.json: shards of sum trees, what they join to, heads, and what may not be joined."""

from __future__ import annotations

from tests.reference import sum_shards
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, Json, case, document, scheme_json
from tests.reference.objects import SumShard
from tests.reference.samples import AMOUNT_RULE, LEAF_RULE, amounts, filler, leaves
from tests.reference.schemes import NATIVE_SUM, Scheme
from tests.reference.shards import cover

MOST = 2**128 - 1
END = 2**64 - 1
SCHEMES = (Scheme(NATIVE_SUM, "blake3"), Scheme(NATIVE_SUM, "sha256", b"day 1"))
SHARDS = ((0, 0), (0, 1), (0, 7), (3, 9), (5, 5), (6, 7))
JOINS = ((0, 0, 7), (0, 3, 9), (3, 9, 17), (0, 8, 16), (1, 2, 3), (5, 9, 9))

NOTES = {
    "Shard": "sums and digests over leaves `begin` to `end` of the tree of the leaf and amount rules",
    "Empty": "no leaves: joins with whatever ends or begins there",
    "Head": "root and total of a shard that begins at leaf 0",
    "Join": "`joined` is the sum of `left` and `right`",
    "Edge": "the sums add to 2^128 - 1 in all",
    "Huge": "places near the end of 64 bits; nodes are invented",
    "Overflow": "the sums add to 2^128 or more, also where no node of the joined range adds them",
    "Gap": "a leaf between the two is missing",
    "Overlap": "a leaf is in both, also the right shard on the left",
    "OtherScheme": "other hashes or contexts do not join",
    "NotFromZero": "no head without leaf 0",
}


def _json(shard: SumShard) -> Json:
    return {
        "begin": str(shard.begin),
        "end": str(shard.end),
        "sums": [str(one) for one in shard.sums],
        "digests": [digest.hex() for digest in shard.digests],
    }


def _of(scheme: Scheme, begin: int, end: int) -> SumShard:
    return sum_shards.of_leaves(scheme, begin, leaves(end)[begin:], amounts(end)[begin:])


def invented(scheme: Scheme, begin: int, end: int, *sums: int) -> SumShard:
    """A shard of invented digests, the last of which have these sums, the others 0."""
    count = len(cover(begin, end))
    digests = tuple(filler("shard", i, scheme.digest_size) for i in range(count))
    return SumShard(scheme, begin, end, (0,) * (count - len(sums)) + sums, digests)


def _join(name: str, flags: list[str], left: SumShard, right: SumShard) -> Json:
    joined = _json(sum_shards.join(left, right))
    return case(name, "", flags, left=_json(left), right=_json(right), joined=joined)


def _scheme_group(scheme: Scheme) -> Json:
    prefix = f"{scheme.name}/{scheme.context.hex() or 'no-context'}"
    tests = []
    for begin, end in SHARDS:
        shard = _of(scheme, begin, end)
        fields = _json(shard)
        if begin == 0:
            trusted = sum_shards.head(shard)
            fields |= {"root": trusted.root.hex(), "total": str(trusted.total)}
        flags = ["Shard"] + ["Empty"] * (begin == end) + ["Head"] * (begin == 0)
        tests.append(case(f"{prefix}/shard/{begin}/{end}", "", flags, shard=fields))
    for begin, middle, end in JOINS:
        flags = ["Join"] + ["Empty"] * (middle in (begin, end))
        name = f"{prefix}/join/{begin}/{middle}/{end}"
        tests.append(_join(name, flags, _of(scheme, begin, middle), _of(scheme, middle, end)))
    for begin, middle, end, left, right in (
        (0, 1, 2, MOST, 0),
        (0, 1, 2, MOST - 1, 1),
        (1, 2, 3, 2**127, 2**127 - 1),
        (0, 4, 8, 2**64, MOST - 2**64),
    ):
        sides = invented(scheme, begin, middle, left), invented(scheme, middle, end, right)
        tests.append(_join(f"{prefix}/join/edge/{begin}/{middle}/{end}/{left}", ["Join", "Edge"], *sides))
    for begin, middle, end in ((2**63 - 1, 2**63, END), (0, END - 1, END), (1, 2**53 + 1, 2**54)):
        sides = invented(scheme, begin, middle, 7), invented(scheme, middle, end, 2**100)
        tests.append(_join(f"{prefix}/join/{begin}/{middle}/{end}", ["Join", "Huge"], *sides))
    return {"what": "shards", "scheme": scheme_json(scheme), "tests": tests}


def _refused_group() -> Json:
    scheme = SCHEMES[1]
    pairs = [
        (name, [flag], _of(scheme, *left), _of(scheme, *right))
        for name, flag, left, right in (
            ("gap", "Gap", (0, 3), (4, 7)),
            ("gap-of-an-empty-shard", "Gap", (0, 3), (4, 4)),
            ("overlap", "Overlap", (0, 4), (3, 7)),
            ("same-twice", "Overlap", (0, 3), (0, 3)),
            ("exchanged", "Overlap", (3, 7), (0, 3)),
        )
    ]
    pairs += [
        (f"overflow/{name}", ["Overflow"], invented(scheme, *left), invented(scheme, *right))
        for name, left, right in (
            ("by-1", (0, 1, MOST), (1, 2, 1)),
            ("by-half", (0, 1, 2**127), (1, 2, 2**127)),
            ("by-most", (0, 4, MOST), (4, 8, MOST)),
            ("not-one-node", (1, 2, MOST), (2, 4, 1)),
            ("further-up", (0, 3, MOST, 0), (3, 4, 1)),
            ("of-parts", (1, 4, 2**127, 2**127 - 1), (4, 5, 1)),
        )
    ]
    for name, other in (
        ("context", scheme.with_context(b"day 2")),
        ("hash", Scheme(NATIVE_SUM, "blake3", scheme.context)),
    ):
        pairs.append((f"other-{name}", ["OtherScheme"], _of(scheme, 0, 3), _of(other, 3, 7)))
        pairs.append((f"other-{name}-empty", ["OtherScheme", "Empty"], _of(scheme, 0, 3), _of(other, 3, 3)))
    tests = [
        case(f"refused/{name}", "", flags, INVALID, left=encode(left).hex(), right=encode(right).hex())
        for name, flags, left, right in pairs
    ]
    for begin, end in ((1, 3), (1, 1)):
        raw = encode(_of(scheme, begin, end)).hex()
        tests.append(case(f"refused/head/{begin}/{end}", "", ["NotFromZero"], INVALID, shard=raw))
    return {"what": "refused", "tests": tests}


def build() -> Json:
    return document(
        "sum_shards",
        NOTES,
        [*(_scheme_group(scheme) for scheme in SCHEMES), _refused_group()],
        leaf_rule=LEAF_RULE,
        amount_rule=AMOUNT_RULE,
        nodes="the nodes of a range are those of the group cover of shards.json",
        refused="in the group of refusals shards are binary encodings; joining the two, or the head, fails",
    )
