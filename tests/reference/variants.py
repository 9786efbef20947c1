"""The dense schemes of docs/spec/variants.md that tests and vectors go over, and some rules of one's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from tests.reference import families
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
    Promote,
    Queue,
    Rules,
    Tag,
    Top,
    Zeros,
)
from tests.reference.schemes import Scheme

ZERO = bytes(32)
OTHER_ZERO = hashlib.sha256(b"zero").digest()

FAMILIES = (
    "tendermint",
    "promoted",
    "lean_imt",
    "bitcoin",
    "commonware_bmt",
    "openzeppelin_standard",
    "openzeppelin_simple",
    f"openzeppelin_solidity(6,{ZERO.hex()})",
    f"openzeppelin_solidity(7,{OTHER_ZERO.hex()})",
    f"fixed_depth(0,2,{ZERO.hex()})",
    f"fixed_depth(6,2,{ZERO.hex()})",
    f"fixed_depth(32,2,{OTHER_ZERO.hex()})",
    f"fixed_depth(4,3,{OTHER_ZERO.hex()})",
    f"fixed_depth(3,5,{ZERO.hex()})",
    f"fixed_depth(2,8,{OTHER_ZERO.hex()})",
    f"fixed_depth(64,8,{ZERO.hex()})",
    "ssz_vector(1)",
    "ssz_vector(5)",
    "ssz_vector(8)",
    "ssz_vector(33)",
    "ssz_list(1)",
    "ssz_list(40)",
    "ssz_list(1024)",
    "ssz_list(1099511627776)",
    "ssz_list(18446744073709551615)",
    "filecoin(2)",
    "filecoin(4)",
    "filecoin(8)",
    "nervos_mmr",
    "grin_mmr",
)


def _u(what: str, integer: str) -> Number:
    return Number(what, integer)


LEAF_00, NODE_01 = Hashed((Lit(b"\x00"), Body())), Hashed((Lit(b"\x01"), Body()))
MINE: dict[str, Rules] = {
    "doubled": Rules(leaf=LEAF_00, node=NODE_01, edge=Duplicate(), root=(Lit(b"root"), Top())),
    "labels": Rules(leaf=Hashed((Tag("my leaf"), Body())), node=Hashed((Tag("my node"), Body()))),
    "labels-twice": Rules(
        leaf=Hashed((Tag("my leaf"), Body()), twice=True),
        node=Hashed((Tag("my node"), Body()), twice=True),
        root=(Tag("my root"), Top(), _u(SIZE, "u64le")),
    ),
    "levels": Rules(
        leaf=Hashed((_u(LEVEL, "u8"), Body())), node=Hashed((_u(LEVEL, "u8"), Body())), empty_is_hash=True
    ),
    "places": Rules(
        leaf=Hashed((_u(LEVEL, "u16le"), _u(INDEX, "u16be"), Body())),
        node=Hashed((_u(LEVEL, "u16le"), Lit(b"|"), _u(INDEX, "u256be"), Body(), Lit(b"."))),
    ),
    "positions": Rules(
        leaf=Hashed((_u(POSITION, "u64le"), Body())), node=Hashed((_u(POSITION, "u64le"), Body()))
    ),
    "short": Rules(leaf=Hashed((_u(INDEX, "u8"), Body())), node=NODE_01, root=(Top(), _u(SIZE, "u16be"))),
    "sorted": Rules(leaf=LEAF_00, node=NODE_01, is_sorted=True),
    "sorted-bare": replace(PLAIN, is_sorted=True),
    "sorted-zeros": Rules(
        leaf=LEAF_00,
        node=NODE_01,
        is_sorted=True,
        edge=Zeros(6, 50, False, OTHER_ZERO),
        root=(Top(), Lit(b"!")),
    ),
    "sorted-queue": Rules(
        leaf=LEAF_00, node=NODE_01, is_sorted=True, edge=Queue(), root=(_u(MMR_SIZE, "u32le"), Top())
    ),
    "levels-zeros": Rules(
        leaf=Hashed((_u(LEVEL, "u8"), Body())),
        node=Hashed((_u(LEVEL, "u8"), Body())),
        arity=3,
        edge=Zeros(5, 100, False, OTHER_ZERO),
        root=(_u(SIZE, "u256be"), Top()),
    ),
    "exactly": Rules(leaf=LEAF_00, node=NODE_01, arity=7, edge=Zeros(2, 33, True, ZERO)),
    "exact-places": Rules(
        leaf=LEAF_00, node=Hashed((_u(LEVEL, "u8"), _u(INDEX, "u32le"), Body())), arity=6, edge=Exact()
    ),
    "bags": Rules(
        leaf=LEAF_00,
        node=NODE_01,
        edge=Bag((Lit(b"\x02"), _u(SIZE, "u64be"), Body()), swap=False),
        root=(_u(MMR_SIZE, "u64le"), Top()),
    ),
    # A leaf may have the preimage of a bag.
    "bags-plain": Rules(leaf=LEAF_00, node=NODE_01, edge=Bag(BODY, swap=True)),
    "bags-swapped": Rules(
        leaf=Hashed((_u(INDEX, "u64be"), Body()), twice=True),
        node=Hashed(BODY),
        edge=Bag((Tag("bag"), Body(), _u(MMR_SIZE, "u16le")), swap=True),
    ),
    "moves up": Rules(leaf=None, node=Hashed((Lit(b"n"), Body()), twice=True), edge=Promote()),
}

BUILT_IN = tuple(Scheme(family, families.default_hash(family)) for family in FAMILIES)
CUSTOM = tuple(Scheme(name, "sha256", custom=rules) for name, rules in MINE.items())
VARIANTS = (*BUILT_IN, *CUSTOM)
# A family takes any hash: some with another one than its own.
OTHER_HASHES = tuple(
    Scheme(family, name)
    for family, name in (
        ("tendermint", "blake3"),
        ("promoted", "sha3_256"),
        ("lean_imt", "keccak256"),
        ("bitcoin", "sha512_256"),
        ("openzeppelin_standard", "blake2s_256"),
        ("openzeppelin_simple", "sha256"),
        (f"fixed_depth(6,2,{ZERO.hex()})", "keccak256"),
        ("ssz_list(40)", "blake3"),
        ("filecoin(4)", "blake2b_256"),
        ("nervos_mmr", "sha256"),
        ("grin_mmr", "sha512_256"),
    )
)
