"""Rules as data: their one encoding, rules that are none, names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reference import codec, families, json_form, protobuf_form, rules_encoding
from tests.reference.objects import Head
from tests.reference.reader import DecodeError
from tests.reference.rules import (
    BODY,
    INDEX,
    INTEGERS,
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
    NumberOutOfRange,
    Queue,
    Rules,
    Tag,
    Top,
    Zeros,
    check,
    doubled,
    position,
    written,
)
from tests.reference.schemes import ALL_SCHEMES, SUM_SCHEMES, Scheme
from tests.reference.trees import head
from tests.reference.variants import BUILT_IN, CUSTOM, VARIANTS, ZERO


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


@pytest.mark.parametrize("scheme", CUSTOM, ids=lambda scheme: scheme.family)
def test_rules_have_one_encoding(scheme: Scheme) -> None:
    assert scheme.custom is not None
    raw = rules_encoding.encode(scheme.custom)
    assert rules_encoding.decode(raw, scheme.digest_size) == scheme.custom
    for cut in range(len(raw)):
        with pytest.raises(DecodeError):
            rules_encoding.decode(raw[:cut], scheme.digest_size)
    with pytest.raises(DecodeError):
        rules_encoding.decode(raw + b"\x00", scheme.digest_size)
    # Whatever another byte makes of it, it is none, or other rules with an encoding of their own.
    for place in range(len(raw)):
        for other in {0, 1, 2, 9, 255, raw[place] ^ 1} - {raw[place]}:
            changed = raw[:place] + bytes([other]) + raw[place + 1 :]
            try:
                found = rules_encoding.decode(changed, scheme.digest_size)
            except DecodeError:
                continue
            assert found != scheme.custom
            assert rules_encoding.encode(found) == changed


def test_an_encoding_by_hand() -> None:
    rules = Rules(
        leaf=framed(Lit(b"\x00"), Number(INDEX, "u32be"), Body()),
        node=Hashed((Tag("n"), Body()), twice=True),
        edge=Bag((Body(),), swap=True),
        empty_is_hash=True,
        root=(Top(), Number(SIZE, "u256le")),
    )
    by_hand = (
        "01"  # version
        "01 03 00 01000000 00 04 04 02"  # leaf once: literal, index, body
        "02 02 01 01000000 6e 02"  # node twice: tag, body
        "00 02"  # in order, two children
        "04 01 01 02"  # bag, swapped: body
        "01"  # the hash of nothing
        "01 02 08 06 07"  # root: top, size
    )
    assert rules_encoding.encode(rules) == bytes.fromhex(by_hand)


@pytest.mark.parametrize("name", NONE)
def test_rules_that_are_none(name: str) -> None:
    with pytest.raises(ValueError):
        check(NONE[name], 32)
    with pytest.raises(ValueError):
        Scheme("mine", "sha256", custom=NONE[name])
    with pytest.raises(DecodeError):
        rules_encoding.decode(rules_encoding.encode(NONE[name]), 32)


@pytest.mark.parametrize("scheme", VARIANTS, ids=lambda scheme: scheme.name[:40])
def test_schemes_and_heads_have_three_forms(scheme: Scheme) -> None:
    size = next(size for size in (3, 4, 8, 33, 1, 5, 36) if scheme.takes(size))
    data = [bytes([i]) * scheme.digest_size for i in range(size)]
    for value in (scheme, head(scheme, data)):
        assert codec.decode(type(value), codec.encode(value)) == value
        assert json_form.decode(type(value), json_form.encode(value)) == value
        assert protobuf_form.decode(type(value), protobuf_form.encode(value)) == value


def test_a_head_of_a_size_that_no_tree_has_is_none() -> None:
    vector, other = Scheme("ssz_vector(5)", "sha256"), Scheme("ssz_vector(6)", "sha256")
    raw = codec.encode(Head(vector, 5, bytes(32)))
    assert codec.decode(Head, raw).size == 5
    with pytest.raises(DecodeError):
        codec.decode(Head, raw.replace(codec.encode(vector), codec.encode(other)))


@pytest.mark.parametrize("family", FAMILIES_THAT_ARE_NONE)
def test_families_that_are_none(family: str) -> None:
    with pytest.raises(ValueError):
        Scheme(family, "sha256")


def test_built_in_names_are_not_for_ones_own_rules() -> None:
    taken = ["native", "native_sum", "rfc6962", "ssz_list", "bitcoin", "filecoin", "a/b", "a(b", "a)", "a,b"]
    for name in (*taken, "", 'a"b', "a\\b", "é", "a" * 256, "a\n"):
        with pytest.raises(ValueError, match="no name"):
            Scheme(name, "sha256", custom=PLAIN)
    assert Scheme("a b", "sha256", custom=PLAIN).name == "a b/sha256"


def test_rules_of_ones_own_are_part_of_equality() -> None:
    one = Scheme("mine", "sha256", custom=PLAIN)
    other = Scheme("mine", "sha256", custom=replace(PLAIN, edge=Duplicate()))
    assert one != other
    assert one == Scheme("mine", "sha256", custom=Rules(node=Hashed((Body(),))))
    assert codec.encode(one) != codec.encode(other)


def test_rules_need_the_size_of_digests_of_their_hash() -> None:
    mine = replace(PLAIN, edge=Zeros(3, 8, False, bytes(64)))
    check(mine, 64)
    with pytest.raises(DecodeError):
        rules_encoding.decode(rules_encoding.encode(mine), 32)


def test_only_native_roots_bind_contexts() -> None:
    for scheme in (*BUILT_IN, *CUSTOM):
        with pytest.raises(ValueError, match="context"):
            scheme.with_context(b"x")
    for scheme in (*ALL_SCHEMES, *SUM_SCHEMES):
        if "native" in scheme.family:
            assert scheme.with_context(b"x").context == b"x"


def test_default_hashes_are_those_of_the_counterparts() -> None:
    told = {family.split("(")[0]: families.default_hash(family) for family in (s.family for s in BUILT_IN)}
    assert {name for name, of in told.items() if of == "keccak256"} == {
        "openzeppelin_standard",
        "openzeppelin_simple",
        "openzeppelin_solidity",
    }
    assert {name for name, of in told.items() if of == "blake2b_256"} == {"nervos_mmr", "grin_mmr"}
    assert set(told.values()) == {"sha256", "keccak256", "blake2b_256"}


def test_numbers_as_they_are_written() -> None:
    assert [written(258, name).hex() for name in list(INTEGERS)[1:]] == [
        "0201",
        "0102",
        "02010000",
        "00000102",
        "0201000000000000",
        "0000000000000102",
        "0201" + "00" * 30,
        "00" * 30 + "0102",
    ]
    for name, (size, _) in INTEGERS.items():
        if size < 32:
            with pytest.raises(NumberOutOfRange):
                written(256**size, name)
            assert written(256**size - 1, name) == b"\xff" * size


def test_positions_count_in_post_order() -> None:
    following = 0
    for leaf in range(300):
        level = 0
        while (leaf + 1) % (1 << level) == 0:
            assert position(level, (leaf >> level)) == following
            following += 1
            level += 1
        assert doubled(leaf + 1) == following
    assert position(0, 2**63 - 1) == 2**64 - 2 - 63
    for too_far in ((0, 2**63), (1, 2**62)):
        with pytest.raises(NumberOutOfRange):
            position(*too_far)
