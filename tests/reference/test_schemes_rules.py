"""Rules as data: their one encoding, rules that are none, names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reference import codec, families, json_form, protobuf_form, rules_encoding
from tests.reference.objects import Head
from tests.reference.reader import DecodeError
from tests.reference.rules import (
    INDEX,
    INTEGERS,
    PLAIN,
    SIZE,
    Bag,
    Body,
    Duplicate,
    Hashed,
    Lit,
    Number,
    NumberOutOfRange,
    Rules,
    Tag,
    Top,
    Zeros,
    check,
    doubled,
    position,
    written,
)
from tests.reference.rules_faults import (
    BYTES_THAT_ARE_NONE,
    FAMILIES_THAT_ARE_NONE,
    NAMES_THAT_ARE_NONE,
    NONE,
    framed,
)
from tests.reference.schemes import ALL_SCHEMES, SUM_SCHEMES, Scheme
from tests.reference.sparse_rules import SPARSE_FAMILIES
from tests.reference.trees import head
from tests.reference.variants import BUILT_IN, CUSTOM, VARIANTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "spec" / "variants.md"


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
    page = PAGE.read_text(encoding="utf-8")
    example = page[page.index("Leaves behind an index, nodes") : page.index("## Questions")]
    shown = [line[4:40].strip() for line in example.splitlines() if line.startswith("    ")]
    assert bytes.fromhex("".join(shown)) == bytes.fromhex(by_hand)


def test_the_page_has_every_family() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z0-9_]+)(?:\([a-z,]+\))?` \| `([a-z0-9_]+)` \|", page, re.MULTILINE))
    elsewhere = {"native", "native_sum", "rfc6962", "celestia", "namespaced", *SPARSE_FAMILIES}
    assert set(listed) == families.NAMES - elsewhere
    for scheme in BUILT_IN:
        assert families.default_hash(scheme.family) == listed[scheme.family.split("(")[0]]


@pytest.mark.parametrize("name", NONE)
def test_rules_that_are_none(name: str) -> None:
    with pytest.raises(ValueError):
        check(NONE[name], 32)
    with pytest.raises(ValueError):
        Scheme("mine", "sha256", custom=NONE[name])
    with pytest.raises(DecodeError):
        rules_encoding.decode(rules_encoding.encode(NONE[name]), 32)


@pytest.mark.parametrize("name", BYTES_THAT_ARE_NONE)
def test_bytes_that_are_none(name: str) -> None:
    with pytest.raises(DecodeError):
        rules_encoding.decode(BYTES_THAT_ARE_NONE[name], 32)


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
    for name in NAMES_THAT_ARE_NONE:
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
