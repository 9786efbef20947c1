"""Schemes of one's own: what makes one, what does not, and that its rules travel."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import pytest
import tallystick as ts

from tests.oracle.test_variants import data_of, each_variant, scheme_of, takes
from tests.reference.schemes import Scheme
from tests.support import all_flips

f = ts.schemes.f
DATA, CHILDREN = (f.data,), (f.children,)


def made(name: str = "mine", **rules: Any) -> ts.Scheme:
    return ts.schemes.dense(name, ts.hashes.SHA256, **{"leaf": DATA, "node": CHILDREN, **rules})


NO_RULES: tuple[dict[str, Any], ...] = (
    {"leaf": ()},
    {"leaf": (f.data, f.data)},
    {"leaf": (f.children,)},
    {"leaf": (f.size.u8, f.data)},
    {"node": (f.data,)},
    {"node": (f.children, f.tag("x"))},
    {"node": (f.tag("tallystick/v1/node"), f.children)},
    {"node": (f.tag(""), f.children)},
    {"node": (f.tag("x" * 32), f.children)},
    {"node": (b"x" * 4096, f.children, b"x")},
    {"root": ()},
    {"root": (f.size.u64le,)},
    {"root": (f.top, f.top)},
    {"root": (f.level.u8, f.top)},
    {"arity": 1},
    {"arity": 9},
    {"arity": True},
    {"arity": 3},
    {"arity": 3, "edge": "duplicate"},
    {"arity": 3, "edge": f.bag((f.children,))},
    {"arity": 3, "edge": f.zeros(3), "pairs": "sorted"},
    {"edge": "moves up"},
    {"edge": "queue"},
    {"edge": f.zeros(65)},
    {"edge": f.zeros(-1)},
    {"edge": f.zeros(3, b"short")},
    {"edge": f.zeros(3, limit=9)},
    {"edge": f.zeros(3, limit=0)},
    {"edge": f.zeros(3), "node": (f.index.u64le, f.children)},
    {"edge": f.bag((f.level.u8, f.children))},
    {"edge": f.bag((b"",))},
    {"edge": "duplicate", "node": (f.position.u64be, f.children)},
    {"pairs": "ascending"},
    {"pairs": "sorted", "edge": "duplicate"},
    {"pairs": "sorted", "edge": "exact"},
    {"pairs": "sorted", "leaf": (f.index.u8, f.data)},
    {"pairs": "sorted", "node": (f.level.u8, f.children)},
    {"leaf": f.bare, "twice": "leaf"},
    {"twice": "root"},
    {"name": "native"},
    {"name": "ssz_list(3)"},
    {"name": "a/b"},
    {"name": ""},
    {"name": "é"},
    {"name": "x" * 256},
)
NO_TYPES: tuple[dict[str, Any], ...] = (
    {"leaf": f.data},
    {"leaf": b"\x00"},
    {"leaf": "data"},
    {"leaf": None},
    {"leaf": (f.data, "text")},
    {"node": (f.level, f.children)},
    {"node": f.children},
    {"root": None},
    {"root": f.top},
    {"arity": "2"},
    {"edge": 3},
    {"edge": f.zeros("3")},  # type: ignore[arg-type]
    {"edge": f.zeros(3, "zero")},  # type: ignore[arg-type]
    {"twice": []},
)


@pytest.mark.parametrize("rules", NO_RULES, ids=str)
def test_rules_that_make_no_tree(rules: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        made(**rules)


@pytest.mark.parametrize("rules", NO_TYPES, ids=str)
def test_rules_of_other_types(rules: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        made(**rules)


def test_a_hash_for_a_scheme_of_ones_own() -> None:
    with pytest.raises(ValueError, match=r"not a cryptographic hash"):
        ts.schemes.dense("mine", ts.hashes.XXH3_128, leaf=DATA, node=CHILDREN)
    with pytest.raises(TypeError, match="bind"):
        made().with_context(b"day 1")


@pytest.mark.parametrize(
    "name",
    [
        "abc",
        "native",
        "native()/sha256",
        "native(1)/sha256",
        "ssz_list/sha256",
        "ssz_list(0)/sha256",
        "ssz_list(01)/sha256",
        "ssz_list(+5)/sha256",
        "ssz_list( 5)/sha256",
        "ssz_list(18446744073709551616)/sha256",
        "ssz_list(5,5)/sha256",
        "filecoin(3)/sha256",
        f"fixed_depth(3,9,{'00' * 32})/sha256",
        f"fixed_depth(65,2,{'00' * 32})/sha256",
        f"fixed_depth(3,2,{'AA' * 32})/sha256",
        "fixed_depth(3,2,00)/sha256",
    ],
)
def test_names_that_no_scheme_has(name: str) -> None:
    with pytest.raises(ValueError, match="there is no scheme"):
        ts.schemes.get(name)


@each_variant
def test_schemes_and_heads_travel(twin: Scheme) -> None:
    scheme = scheme_of(twin)
    assert pickle.loads(pickle.dumps(scheme)) == scheme
    assert ts.Scheme.from_json(scheme.to_json()) == scheme
    assert ts.Scheme.from_protobuf(scheme.to_protobuf()) == scheme
    size = next(size for size in range(1, 40) if takes(twin, size))
    tree = ts.MerkleTree(data_of(scheme, size), scheme=scheme)
    head = ts.TreeHead.from_bytes(tree.head.to_bytes())
    assert (head, head.scheme) == (tree.head, scheme)


@each_variant
def test_no_scheme_has_two_encodings(twin: Scheme) -> None:
    """Every bit changed, every byte cut off: refused, or another scheme that has this encoding."""
    encoded = scheme_of(twin).to_bytes()
    decoded = 0
    for data in (*all_flips(encoded), *(encoded[:end] for end in range(len(encoded))), encoded + b"\x00"):
        try:
            other = ts.Scheme.from_bytes(data)
        except ts.DecodeError:
            continue
        assert other.to_bytes() == data
        assert other != scheme_of(twin)
        decoded += 1
    assert decoded < len(encoded) * 8


@pytest.mark.parametrize("zero", [0, 32, 10**10, "00" * 32, True, 1.5, [0] * 32], ids=repr)
def test_a_zero_is_bytes_and_never_a_number(zero: object) -> None:
    """`bytes(32)` would be 32 zeros, and `bytes(10**10)` all memory."""
    for make in (
        lambda: ts.schemes.fixed_depth(4, zero=zero),  # type: ignore[arg-type]
        lambda: ts.schemes.openzeppelin_solidity(4, zero),  # type: ignore[arg-type]
        lambda: ts.schemes.dense(
            "own",
            ts.hashes.SHA256,
            leaf=f.bare,
            node=(f.children,),
            edge=f.zeros(4, zero),  # type: ignore[arg-type]
        ),
    ):
        with pytest.raises(TypeError, match="zero must be the bytes of a digest"):
            make()


def test_a_hash_is_one_of_ours() -> None:
    for hash_ in ("sha256", hashlib.sha256, None):
        with pytest.raises(TypeError, match="hash"):
            ts.schemes.dense("own", hash_, leaf=f.bare, node=(f.children,))  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="hash"):
            ts.schemes.fixed_depth(4, hash=hash_)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("filecoin(3)/sha256", "an arity of 2, 4 or 8"),
        ("ssz_list(0)/sha256", "a limit of 1 to"),
        (
            "fixed_depth(10)/sha256",
            "a depth of 0 to 64, an arity of 2 to 8, the zero in hex",
        ),
        ("native(1)/sha256", "no parameters"),
        ("rfc6962", "a family and a hash"),
        ("rfc6962/md5", "blake3"),
        ("md5/blake3", "no scheme"),
    ],
)
def test_names_of_no_scheme_say_what_is_missing(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ts.schemes.get(text)


def test_parts_and_numbers_are_equal_by_value() -> None:
    assert pickle.loads(pickle.dumps(f.level)) == f.level != f.index
    assert pickle.loads(pickle.dumps(f.level.u8)) == f.level.u8 != f.level.u16le
    assert hash(f.level.u8) == hash(pickle.loads(pickle.dumps(f.level.u8)))
    assert f.Part("data", b"\x08") != f.data
    with pytest.raises(TypeError, match="str"):
        ts.schemes.get(5)  # type: ignore[arg-type]


def test_a_part_in_the_wrong_frame_is_named() -> None:
    with pytest.raises(ValueError, match="leaf cannot have size; it may have a tag, bytes, data, level"):
        ts.schemes.dense("own", ts.hashes.SHA256, leaf=(f.size.u8, f.data), node=(f.children,))
