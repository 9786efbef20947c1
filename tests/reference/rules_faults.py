"""Rules, bytes, families and names that are none."""

from __future__ import annotations

from dataclasses import replace

from tests.reference import rules_encoding
from tests.reference.rules import (
    BODY,
    INDEX,
    LEVEL,
    MMR_SIZE,
    PLAIN,
    POSITION,
    SIZE,
    Bag,
    Body,
    Duplicate,
    Exact,
    Hashed,
    Lit,
    Number,
    Queue,
    Rules,
    Tag,
    Top,
    Zeros,
)

ZERO = bytes(32)


def framed(*parts: Lit | Tag | Body | Top | Number) -> Hashed:
    return Hashed(parts)


# Rules that make no tree, by what is wrong with them.
NONE: dict[str, Rules] = {
    "no body": replace(PLAIN, node=framed(Lit(b"x"))),
    "body twice": replace(PLAIN, node=framed(Body(), Body())),
    "no data": replace(PLAIN, leaf=framed(Lit(b"x"))),
    "frame of nothing": replace(PLAIN, node=framed()),
    "tag behind": replace(PLAIN, node=framed(Body(), Tag("x"))),
    "label of ours": replace(PLAIN, node=framed(Tag("tallystick/v1/node"), Body())),
    "label of 32": replace(PLAIN, node=framed(Tag("x" * 32), Body())),
    "label of nothing": replace(PLAIN, node=framed(Tag(""), Body())),
    "label with a tab": replace(PLAIN, node=framed(Tag("a\tb"), Body())),
    "empty literal": replace(PLAIN, node=framed(Lit(b""), Body())),
    "literals side by side": replace(PLAIN, node=framed(Lit(b"a"), Lit(b"b"), Body())),
    "top in a node": replace(PLAIN, node=framed(Body(), Top())),
    "top for a body": replace(PLAIN, node=framed(Top())),
    "size in a leaf": replace(PLAIN, leaf=framed(Number(SIZE, "u64le"), Body())),
    "size in a node": replace(PLAIN, node=framed(Number(SIZE, "u64le"), Body())),
    "mmr size in a node": replace(PLAIN, node=framed(Number(MMR_SIZE, "u64le"), Body())),
    "level in a root": replace(PLAIN, root=(Number(LEVEL, "u8"), Top())),
    "index in a root": replace(PLAIN, root=(Number(INDEX, "u8"), Top())),
    "body in a root": replace(PLAIN, root=(Body(),)),
    "root without top": replace(PLAIN, root=(Number(SIZE, "u8"),)),
    "top twice in a root": replace(PLAIN, root=(Top(), Top())),
    "level in a bag": replace(PLAIN, edge=Bag((Number(LEVEL, "u8"), Body()), swap=False)),
    "bag without a body": replace(PLAIN, edge=Bag((Number(SIZE, "u8"),), swap=False)),
    "arity 1": replace(PLAIN, arity=1, edge=Exact()),
    "arity 9": replace(PLAIN, arity=9, edge=Exact()),
    "three promoted": replace(PLAIN, arity=3),
    "three duplicated": replace(PLAIN, arity=3, edge=Duplicate()),
    "three bagged": replace(PLAIN, arity=3, edge=Bag(BODY, swap=False)),
    "three in a queue": replace(PLAIN, arity=3, is_sorted=True, edge=Queue()),
    "queue unsorted": replace(PLAIN, edge=Queue()),
    "three sorted": replace(PLAIN, arity=3, is_sorted=True, edge=Zeros(2, 9, False, ZERO)),
    "sorted and duplicated": replace(PLAIN, is_sorted=True, edge=Duplicate()),
    "sorted and bagged": replace(PLAIN, is_sorted=True, edge=Bag(BODY, swap=False)),
    "sorted and exact": replace(PLAIN, is_sorted=True, edge=Exact()),
    "sorted leaf states its index": replace(PLAIN, is_sorted=True, leaf=framed(Number(INDEX, "u8"), Body())),
    "sorted leaf states its level": replace(PLAIN, is_sorted=True, leaf=framed(Number(LEVEL, "u8"), Body())),
    "sorted node states its level": replace(PLAIN, is_sorted=True, node=framed(Number(LEVEL, "u8"), Body())),
    "sorted node states its position": replace(
        PLAIN, is_sorted=True, node=framed(Number(POSITION, "u64le"), Body())
    ),
    "zeros that state their index": replace(
        PLAIN, node=framed(Number(INDEX, "u64le"), Body()), edge=Zeros(3, 8, False, ZERO)
    ),
    "zeros that state their position": replace(
        PLAIN, node=framed(Number(POSITION, "u64le"), Body()), edge=Zeros(3, 8, False, ZERO)
    ),
    "doubles that state their index": replace(
        PLAIN, node=framed(Number(INDEX, "u64le"), Body()), edge=Duplicate()
    ),
    "zero of 31": replace(PLAIN, edge=Zeros(3, 8, False, bytes(31))),
    "zero of 33": replace(PLAIN, edge=Zeros(3, 8, False, bytes(33))),
    "height 65": replace(PLAIN, edge=Zeros(65, 8, False, ZERO)),
    "limit 0": replace(PLAIN, edge=Zeros(3, 0, False, ZERO)),
    "limit beyond the height": replace(PLAIN, edge=Zeros(3, 9, False, ZERO)),
    "limit of three beyond": replace(PLAIN, arity=3, edge=Zeros(2, 10, True, ZERO)),
}

FAMILIES_THAT_ARE_NONE = (
    "bitcoin(2)",
    "ssz_list",
    "ssz_list()",
    "ssz_list(0)",
    "ssz_list(01)",
    "ssz_list(+1)",
    "ssz_list( 1)",
    "ssz_list(1,2)",
    "ssz_list(1)x",
    "ssz_list(18446744073709551616)",
    "ssz_list(100000000000000000000000)",
    "ssz_vector(0)",
    "filecoin",
    "filecoin(3)",
    "filecoin(16)",
    "fixed_depth(2,2)",
    f"fixed_depth(2,9,{ZERO.hex()})",
    f"fixed_depth(2,1,{ZERO.hex()})",
    f"fixed_depth(65,2,{ZERO.hex()})",
    f"fixed_depth(2,2,{'AB' * 32})",
    f"fixed_depth(2,2,{'00' * 31})",
    f"openzeppelin_solidity(2,{'00' * 33})",
    "openzeppelin_solidity(2)",
    "PROMOTED",
    "promoted ",
    "celestial",
)

NAMES_THAT_ARE_NONE = (
    "native",
    "native_sum",
    "rfc6962",
    "ssz_list",
    "bitcoin",
    "filecoin",
    "a/b",
    "a(b",
    "a)",
    "a,b",
    "",
    'a"b',
    "a\\b",
    "\u00e9",
    "a" * 256,
    "a\n",
)


def _bytes_that_are_none() -> dict[str, bytes]:
    """Around the encoding of H(left, right): 01 00 01 01 02 00 02 00 00 00."""
    plain = rules_encoding.encode(PLAIN)
    changed = {
        "version-0": (0, b"\x00"),
        "version-2": (0, b"\x02"),
        "leaf-3": (1, b"\x03"),
        "node-bare": (2, b"\x00"),
        "node-thrice": (2, b"\x03"),
        "frame-without-parts": (3, b"\x00"),
        "part-9": (4, b"\x09"),
        "part-255": (4, b"\xff"),
        "part-top": (4, b"\x08"),
        "pairs-2": (5, b"\x02"),
        "arity-0": (6, b"\x00"),
        "arity-255": (6, b"\xff"),
        "edge-6": (7, b"\x06"),
        "edge-exact-arity-1": (6, b"\x01\x03"),
        "empty-2": (8, b"\x02"),
        "root-2": (9, b"\x02"),
        "root-without-frame": (9, b"\x01"),
    }
    made = {name: plain[:at] + new + plain[at + len(new) :] for name, (at, new) in changed.items()}
    made["empty-version"] = b"\x01"
    for cut in range(1, len(plain)):
        made[f"cut-at-{cut}"] = plain[:cut]
    made["trailing"] = plain + b"\x00"
    made["literal-of-4-gib"] = plain[:3] + b"\x02\x00\xff\xff\xff\xff" + plain[4:]
    made["255-parts"] = plain[:3] + b"\xff" + plain[4:]
    made["integer-9"] = plain[:3] + b"\x02\x03\x09" + plain[4:]
    made["label-not-ascii"] = plain[:3] + b"\x02\x01\x02\x00\x00\x00\xc3\xa9" + plain[4:]
    queue = rules_encoding.encode(replace(PLAIN, is_sorted=True, edge=Queue()))
    made["queue-in-given-order"] = queue[:8] + b"\x00" + queue[9:]
    zeros = rules_encoding.encode(replace(PLAIN, edge=Zeros(3, 8, False, ZERO)))
    made["exactly-2"] = zeros[:17] + b"\x02" + zeros[18:]
    bags = rules_encoding.encode(replace(PLAIN, edge=Bag(BODY, swap=False)))
    made["swap-2"] = bags[:8] + b"\x02" + bags[9:]
    del made["cut-at-1"]  # the version alone
    return made


BYTES_THAT_ARE_NONE = _bytes_that_are_none()
