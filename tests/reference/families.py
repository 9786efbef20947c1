"""The built-in families of dense trees: rules by name and parameters (docs/spec/variants.md)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from tests.reference.hashes import LABEL_LEAF, LABEL_NODE
from tests.reference.rules import (
    BODY,
    INDEX,
    MAX_SIZE,
    MMR_SIZE,
    PLAIN,
    POSITION,
    SIZE,
    Bag,
    Body,
    Bound,
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
from tests.reference.sparse_rules import SPARSE_FAMILIES

RFC6962_RULES = Rules(
    leaf=Hashed((Lit(b"\x00"), Body())), node=Hashed((Lit(b"\x01"), Body())), empty_is_hash=True
)
NATIVE_RULES = Rules(
    leaf=Hashed((Tag(LABEL_LEAF), Body())), node=Hashed((Tag(LABEL_NODE), Body())), root=Bound()
)

POSITIONED = Hashed((Number(POSITION, "u64be"), Body()))
COUNTED = (Number(MMR_SIZE, "u64be"), Body())
GRIN = Rules(leaf=POSITIONED, node=POSITIONED, edge=Bag(COUNTED, swap=False))

# A leaf states its index, so nobody's leaf is its own neighbour, and the root states how many there are.
COMMONWARE = Rules(
    leaf=Hashed((Number(INDEX, "u32be"), Body())),
    node=Hashed(BODY),
    edge=Duplicate(),
    empty_is_hash=True,
    root=(Number(SIZE, "u32be"), Top()),
)

OPENZEPPELIN_SIMPLE = replace(PLAIN, is_sorted=True, edge=Queue())
OPENZEPPELIN_STANDARD = replace(OPENZEPPELIN_SIMPLE, leaf=Hashed(BODY, twice=True))

# Family without parameters: its rules, and the hash that it has unless another is asked for.
PLAIN_FAMILIES: dict[str, tuple[Rules, str]] = {
    "native": (NATIVE_RULES, "blake3"),
    "rfc6962": (RFC6962_RULES, "sha256"),
    "tendermint": (RFC6962_RULES, "sha256"),
    "promoted": (PLAIN, "sha256"),
    "lean_imt": (PLAIN, "sha256"),
    "bitcoin": (replace(PLAIN, node=Hashed(BODY, twice=True), edge=Duplicate()), "sha256"),
    "openzeppelin_standard": (OPENZEPPELIN_STANDARD, "keccak256"),
    "openzeppelin_simple": (OPENZEPPELIN_SIMPLE, "keccak256"),
    "commonware_bmt": (COMMONWARE, "sha256"),
    "nervos_mmr": (replace(PLAIN, edge=Bag(BODY, swap=True)), "blake2b_256"),
    "grin_mmr": (GRIN, "blake2b_256"),
}


def fixed_depth(depth: str, arity: str, zero: str) -> Rules:
    """A tree of ``depth`` levels above its leaves, filled up with ``zero``."""
    room = min(decimal(arity) ** min(decimal(depth), 64), MAX_SIZE)
    return replace(PLAIN, arity=decimal(arity), edge=Zeros(decimal(depth), room, False, digest(zero)))


def openzeppelin_solidity(depth: str, zero: str) -> Rules:
    return replace(fixed_depth(depth, "2", zero), is_sorted=True)


def ssz_vector(length: str) -> Rules:
    """``length`` chunks of 32 bytes, and zero chunks up to a power of two."""
    limit = decimal(length)
    return replace(PLAIN, edge=Zeros((limit - 1).bit_length(), limit, True, bytes(32)))


def ssz_list(limit: str) -> Rules:
    """At most ``limit`` chunks; their number is mixed in."""
    vector = ssz_vector(limit)
    most = decimal(limit)
    edge = Zeros((most - 1).bit_length(), most, False, bytes(32))
    return replace(vector, edge=edge, root=(Top(), Number(SIZE, "u256le")))


def filecoin(arity: str) -> Rules:
    if arity not in ("2", "4", "8"):
        raise ValueError(f"nodes of {arity} children")
    return replace(PLAIN, arity=int(arity), edge=Exact())


WITH_PARAMETERS: dict[str, tuple[int, Callable[..., Rules], str]] = {
    "openzeppelin_solidity": (2, openzeppelin_solidity, "keccak256"),
    "fixed_depth": (3, fixed_depth, "sha256"),
    "ssz_vector": (1, ssz_vector, "sha256"),
    "ssz_list": (1, ssz_list, "sha256"),
    "filecoin": (1, filecoin, "sha256"),
}
NAMES = frozenset(
    {*PLAIN_FAMILIES, *WITH_PARAMETERS, *SPARSE_FAMILIES, "native_sum", "celestia", "namespaced"}
)


def decimal(text: str) -> int:
    """A number in the one way to write it."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text):
        raise ValueError(f"not a number: {text!r}")
    return int(text)


def digest(text: str) -> bytes:
    """Bytes in the one way to write them."""
    if not re.fullmatch(r"([0-9a-f]{2})*", text):
        raise ValueError(f"not lower-case hex: {text!r}")
    return bytes.fromhex(text)


@cache
def namespace_size(family: str) -> int:
    """Bytes of a namespace in the families of namespaced trees; 0 in all others."""
    if family == "celestia":
        return 29
    found = re.fullmatch(r"namespaced\(([1-9][0-9]{0,2})\)", family)
    return int(found[1]) if found and int(found[1]) < 256 else 0


@cache
def rules_of(family: str) -> Rules:
    """The rules of a family; its parameters stand in its name."""
    if family in PLAIN_FAMILIES:
        return PLAIN_FAMILIES[family][0]
    name, parameters = _parts(family)
    count, make, _ = WITH_PARAMETERS[name]
    if len(parameters) != count:
        raise ValueError(f"{name} takes {count} parameters, not {len(parameters)}")
    return make(*parameters)


def default_hash(family: str) -> str:
    """The hash of a family unless another is asked for."""
    if family in PLAIN_FAMILIES:
        return PLAIN_FAMILIES[family][1]
    return WITH_PARAMETERS[_parts(family)[0]][2]


def _parts(family: str) -> tuple[str, list[str]]:
    found = re.fullmatch(r"([a-z0-9_]+)\(([^()]*)\)", family)
    if not found or found[1] not in WITH_PARAMETERS:
        raise ValueError(f"unknown family {family!r}")
    return found[1], found[2].split(",")


def is_free(name: str) -> bool:
    """Whether rules of one's own may have this name: nothing that a family's text could be."""
    return (
        1 <= len(name) <= 255
        and name not in NAMES
        and all(" " <= c <= "~" for c in name)
        and not set(name) & set('"\\()/,')
    )
