"""roots.json and plans.json."""

from __future__ import annotations

import hashlib

from tests.reference.envelope import Json, case, document, scheme_json
from tests.reference.samples import LEAF_RULE, leaf, leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, Scheme
from tests.reference.trees import head_of_digests, leaf_digests, plan, top
from tests.reference.verify import steps

SMALL = range(34)
LARGER = (64, 65, 127, 1000)
FOLDED = range(131)
WITH_CONTEXT = (0, 1, 2, 7, 33)
CONTEXTS = (b"day 1", b"\x00", bytes(range(256)))

ROOT_NOTES = {
    "Root": "top and root of a tree over the first `size` leaves",
    "Empty": "a tree without leaves",
    "Context": "the native root binds the context",
}
PLAN_NOTES = {
    "Single": "one index: the path of an inclusion proof",
    "Many": "several indices",
    "MovedUp": "a claimed leaf has no sibling at some level",
    "All": "every leaf is claimed, so nothing is taken",
    "Huge": "a size near the end of 64 bits; (n + 1) / 2 overflows if computed in 64 bits",
}


def _root_group(scheme: Scheme, digests: list[bytes], sizes: tuple[int, ...]) -> Json:
    tests = []
    for size in sizes:
        flags = ["Root"] + ["Empty"] * (size == 0) + ["Context"] * bool(scheme.context)
        name = f"{scheme.name}/{scheme.context[:8].hex() or 'no-context'}/{size}"
        apex = top(scheme, digests[:size])
        root = scheme.root(size, apex)
        tests.append(case(name, "", flags, size=str(size), top=apex.hex(), root=root.hex()))
    return {"scheme": scheme_json(scheme), "tests": tests}


def folded(scheme: Scheme, digests: list[bytes]) -> str:
    """All roots of sizes 0..130, joined and hashed by SHA-256."""
    roots = b"".join(head_of_digests(scheme, digests[:size]).root for size in FOLDED)
    return hashlib.sha256(roots).hexdigest()


def build_roots() -> Json:
    groups = []
    for scheme in ALL_SCHEMES:
        digests = leaf_digests(scheme, leaves(max(LARGER)))
        group = _root_group(scheme, digests, (*SMALL, *LARGER))
        groups.append({**group, "folded": folded(scheme, digests)})
        for context in CONTEXTS if scheme.family == NATIVE else ():
            bound = scheme.with_context(context)
            group = _root_group(bound, digests, WITH_CONTEXT)
            groups.append({**group, "folded": folded(bound, digests)})
    return document(
        "roots",
        ROOT_NOTES,
        groups,
        leaf_rule=LEAF_RULE,
        first_leaves=[leaf(i).hex() for i in range(4)],
        folded="a group's folded is the SHA-256 of the roots of sizes 0 to 130, joined",
    )


END = 2**64 - 1
PLANS: tuple[tuple[int, tuple[int, ...]], ...] = (
    *((size, (i,)) for size in (1, 2, 3, 5, 7, 8, 11) for i in range(size)),
    (1000, (0,)),
    (1000, (999,)),
    (1000, (511,)),
    (1000, (512,)),
    (7, (0, 1, 6)),
    (2, (0, 1)),
    (3, (0, 2)),
    (3, (1, 2)),
    (5, (0, 4)),
    (5, (3, 4)),
    (7, tuple(range(7))),
    (8, tuple(range(8))),
    (7, (0, 2, 4, 6)),
    (8, (1, 3, 5, 7)),
    (11, (0, 10)),
    (11, (2, 3, 9)),
    (13, (0, 5, 12)),
    (13, (8, 9, 10, 11)),
    (33, (0, 1, 31, 32)),
    (33, (32,)),
    (1000, (0, 1, 2, 3, 500, 998, 999)),
    (1000, (7, 77, 777)),
    (1025, (1023, 1024)),
    (2**32 + 1, (0, 2**32)),
    (2**53 + 1, (2**53,)),
    (2**63, (0,)),
    (2**63 + 1, (2**63,)),
    (2**63 + 1, (0, 2**63)),
    (END, (0,)),
    (END, (END - 1,)),
    (END, (0, 2**63, END - 1)),
)


def _moves_up(size: int, indices: tuple[int, ...]) -> bool:
    height = (size - 1).bit_length()
    return any(len(steps(i, size)) < height for i in indices)


def build_plans() -> Json:
    tests = []
    for size, indices in PLANS:
        taken = plan(size, indices)
        flags = ["Single" if len(indices) == 1 else "Many"]
        flags += ["MovedUp"] * _moves_up(size, indices)
        flags += ["All"] * (len(indices) == size)
        flags += ["Huge"] * (size > 2**32)
        listed = ",".join(map(str, indices))
        tests.append(
            case(
                f"plan/{size}/{listed}",
                "",
                flags,
                size=str(size),
                indices=[str(i) for i in indices],
                plan=[[level, str(index)] for level, index in taken],
            )
        )
    return document("plans", PLAN_NOTES, [{"tests": tests}], plan="entries are [level, index], as taken")
