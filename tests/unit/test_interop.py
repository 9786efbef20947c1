"""Misuse of the modules for foreign formats, and Solidity's encoding where it can be told by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import tallystick as ts
import tallystick.interop
from tallystick.interop import bitcoin, imt, lean_imt, merkletreejs, openzeppelin, ssz
from tallystick.interop.bitcoin import PartialTree
from tallystick.interop.openzeppelin import FlaggedProof, abi_encode

S = ts.schemes
LEAVES = [bytes([leaf]) * 32 for leaf in range(5)]
NATIVE = ts.MerkleTree(LEAVES)
LEAN = ts.MerkleTree(LEAVES, scheme=S.LEAN_IMT)
PROMOTED = ts.MerkleTree(LEAVES, scheme=S.PROMOTED)
FIXED = ts.MerkleTree(LEAVES, scheme=S.fixed_depth(3))
LIST = ts.MerkleTree(LEAVES, scheme=S.ssz_list(8))
OTHER_LIST = ts.MerkleTree(LEAVES, scheme=S.ssz_list(8, ts.hashes.BLAKE3))
BLOCK = ts.MerkleTree(LEAVES, scheme=S.BITCOIN)
SIMPLE = openzeppelin.simple_tree(LEAVES)
STANDARD = openzeppelin.standard_tree([[1], [2]], ["uint8"])
SHORT = ts.InclusionProof([bytes(32)])
WIDE = ts.InclusionProof([bytes(40)])


def word(value: int) -> str:
    return f"{value:064x}"


def test_the_modules_are_listed_and_none_is_loaded_with_the_package() -> None:
    code = "import sys, tallystick; print([n for n in sys.modules if n.startswith('tallystick.interop')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    for name in set(tallystick.interop.__all__) - {"Claim"}:
        __import__(f"tallystick.interop.{name}")
        module = getattr(tallystick.interop, name)
        assert all(hasattr(module, public) for public in module.__all__)


@pytest.mark.parametrize(
    ("types", "values", "expected"),
    [
        ([], [], ""),
        (["uint256"], [5], word(5)),
        (["int8"], [-1], "ff" * 32),
        (["int"], ["-2"], "ff" * 31 + "fe"),
        (["uint16"], ["0xffff"], word(65535)),
        (["bool", "bool"], [True, "false"], word(1) + word(0)),
        (["address"], ["0x" + "Ab" * 20], "00" * 12 + "ab" * 20),
        (["bytes3"], [b"abc"], "616263" + "00" * 29),
        (["string"], ["é"], word(32) + word(2) + "c3a9" + "00" * 30),
        (["bytes"], [b""], word(32) + word(0)),
        (["bytes"], ["0x" + "11" * 32], word(32) + word(32) + "11" * 32),
        (["uint8[2]", "uint8"], [[1, 2], 3], word(1) + word(2) + word(3)),
        (["uint8[]", "uint8"], [[1], 3], word(64) + word(3) + word(1) + word(1)),
        (["(uint8,bool)"], [(7, True)], word(7) + word(1)),
        (["bytes[1]"], [[b"a"]], word(32) + word(32) + word(1) + "61" + "00" * 31),
        (["(uint8,string)[]"], [[]], word(32) + word(0)),
    ],
)
def test_solidity_values(types: list[str], values: list[object], expected: str) -> None:
    assert abi_encode(types, values).hex() == expected


NO_TYPES = (
    *("", "uint7", "uint264", "uint08", "int0", "bytes0", "bytes33", "bytes01", "uint256[0]", "uint[-1]"),
    *("function", "fixed128x18", "Address", "address payable", " uint8", "uint8 ", "uint8[", "uint8]", "[]"),
    *("()", "(uint8", "(uint8,)", "uint8[9999999999]", "(" * 40 + ")" * 40, "uint8" + "[]" * 17, "x" * 2000),
    *("uint\uff18", "(uint8)(uint8)"),
)


@pytest.mark.parametrize("name", NO_TYPES)
def test_types_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match="type"):
        abi_encode([name], [1])


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("uint8", 256, ValueError),
        ("uint8", -1, ValueError),
        ("int8", 128, ValueError),
        ("int8", -129, ValueError),
        ("uint256", 2**256, ValueError),
        ("uint8", "01", ValueError),
        ("uint8", "1_0", ValueError),
        ("uint8", "", ValueError),
        ("uint8", "\uff11", ValueError),
        ("uint256", "9" * 200, ValueError),
        ("uint8", True, TypeError),
        ("uint8", 1.0, TypeError),
        ("uint8", None, TypeError),
        ("bool", 1, TypeError),
        ("bool", "True", TypeError),
        ("address", b"1" * 19, ValueError),
        ("address", "11" * 20, ValueError),
        ("address", 5, TypeError),
        ("bytes2", b"a", ValueError),
        ("bytes2", "0xabc", ValueError),
        ("bytes", 5, TypeError),
        ("string", b"a", TypeError),
        ("string", "\ud800", ValueError),
        ("uint8[2]", [1], ValueError),
        ("uint8[900000000]", [1], ValueError),
        ("uint8[]", "ab", TypeError),
        ("(uint8,uint8)", [1], ValueError),
        ("(uint8,uint8)", {1: 2, 3: 4}, TypeError),
    ],
)
def test_values_that_are_not_of_their_type(name: str, value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"values\[0\]"):
        abi_encode([name], [value])


def test_numbers_of_values_and_types() -> None:
    with pytest.raises(ValueError, match="must have 2 values, not 1"):
        abi_encode(["uint8", "uint8"], [1])
    for types, values in (("uint8", [1]), ([8], [1]), (["uint8"], "1")):
        with pytest.raises(TypeError):
            abi_encode(types, values)  # type: ignore[arg-type]


MISUSE: list[tuple[Callable[[], Any], type[Exception]]] = [
    # Heads and trees of other schemes.
    (lambda: lean_imt.to_proof(PROMOTED.head, 0, LEAVES[0], PROMOTED.prove(0)), ValueError),
    (lambda: lean_imt.from_proof({}, NATIVE.head), ValueError),
    (lambda: imt.to_proof(NATIVE.head, 0, LEAVES[0], NATIVE.prove(0)), ValueError),
    (lambda: imt.from_proof({}, LEAN.head), ValueError),
    (lambda: merkletreejs.to_proof(LEAN.head, 0, LEAN.prove(0)), ValueError),
    (lambda: merkletreejs.from_proof([], NATIVE.head, 0), ValueError),
    (lambda: merkletreejs.to_hex_proof(PROMOTED.head, PROMOTED.prove(0)), ValueError),
    (lambda: merkletreejs.from_hex_proof([], SIMPLE.head), ValueError),
    (lambda: ssz.to_branch(FIXED.head, 0, FIXED.prove(0)), ValueError),
    (
        lambda: ssz.generalised_index(OTHER_LIST.head, 0),
        ValueError,
    ),
    (lambda: bitcoin.partial_tree(NATIVE, [0]), ValueError),
    (lambda: bitcoin.verify(NATIVE.head, bitcoin.partial_tree(BLOCK, [0])), ValueError),
    (lambda: openzeppelin.prove_many(NATIVE, [0]), ValueError),
    (lambda: openzeppelin.verify_many(NATIVE.head, LEAVES[:1], FlaggedProof((), ())), ValueError),
    (lambda: openzeppelin.dump(NATIVE), ValueError),
    # Other types.
    (lambda: lean_imt.to_proof(LEAN, 0, LEAVES[0], LEAN.prove(0)), TypeError),  # type: ignore[arg-type]
    (lambda: lean_imt.to_proof(LEAN.head, 0, LEAVES[0], LEAN.prove_many([0])), TypeError),  # type: ignore[arg-type]
    (lambda: lean_imt.to_proof(LEAN.head, True, LEAVES[0], LEAN.prove(0)), TypeError),
    (lambda: lean_imt.packed_index(0.5, size=5), TypeError),  # type: ignore[arg-type]
    (lambda: ssz.to_branches(LIST.head, [0], LIST.prove(0)), TypeError),  # type: ignore[arg-type]
    (lambda: bitcoin.partial_tree(BLOCK.head, [0]), TypeError),  # type: ignore[arg-type]
    (lambda: bitcoin.verify(BLOCK.head, b""), TypeError),  # type: ignore[arg-type]
    (lambda: bitcoin.from_txid(b"00"), TypeError),  # type: ignore[arg-type]
    (lambda: PartialTree(1, [bytes(32)], (True,)), TypeError),  # type: ignore[arg-type]
    (lambda: PartialTree(1, (bytes(32),), (1,)), TypeError),  # type: ignore[arg-type]
    (lambda: PartialTree(True, (bytes(32),), (True,)), TypeError),
    (lambda: FlaggedProof([], ()), TypeError),  # type: ignore[arg-type]
    (lambda: FlaggedProof((), (1,)), TypeError),  # type: ignore[arg-type]
    (lambda: openzeppelin.to_proof(SIMPLE.prove_each()), TypeError),  # type: ignore[arg-type]
    (lambda: openzeppelin.prove_many(SIMPLE.head, [0]), TypeError),  # type: ignore[arg-type]
    (lambda: openzeppelin.verify_many(SIMPLE.head, LEAVES, b""), TypeError),  # type: ignore[arg-type]
    (lambda: openzeppelin.dump(SIMPLE.head), TypeError),  # type: ignore[arg-type]
    (lambda: openzeppelin.load(b"{}"), TypeError),  # type: ignore[arg-type]
    (lambda: openzeppelin.load("{}", scheme="keccak256"), (TypeError, ts.DecodeError)),  # type: ignore[arg-type, list-item]
    (lambda: openzeppelin.verify_many(SIMPLE.head, [5], FlaggedProof((), ())), TypeError),  # type: ignore[list-item]
    (lambda: ssz.verify_branch(bytes(32), 1, 32, []), TypeError),  # type: ignore[arg-type]
    (lambda: ssz.verify_branch(bytes(32), 1.0, bytes(32), []), TypeError),  # type: ignore[arg-type]
    (lambda: bitcoin.to_txid(32), TypeError),  # type: ignore[arg-type]
    (lambda: lean_imt.to_proof(LEAN.head, 0, "0x" + "00" * 32, LEAN.prove(0)), TypeError),  # type: ignore[arg-type]
    (lambda: merkletreejs.from_proof([], PROMOTED.head, False), TypeError),
    # Values.
    (lambda: lean_imt.to_proof(LEAN.head, 5, LEAVES[0], LEAN.prove(0)), IndexError),
    (lambda: lean_imt.to_proof(LEAN.head, -1, LEAVES[0], LEAN.prove(0)), IndexError),
    (lambda: lean_imt.to_proof(LEAN.head, 0, LEAVES[0], SHORT), ValueError),
    (lambda: lean_imt.to_proof(LEAN.head, 0, LEAVES[0], WIDE), ValueError),
    (lambda: lean_imt.to_proof(LEAN.head, 0, b"", LEAN.prove(0)), ValueError),
    (lambda: lean_imt.packed_index(5, size=5), IndexError),
    (lambda: imt.to_proof(FIXED.head, 0, LEAVES[0], SHORT), ValueError),
    (lambda: merkletreejs.to_proof(PROMOTED.head, 0, SHORT), ValueError),
    (lambda: ssz.to_branch(LIST.head, 0, SHORT), ValueError),
    (lambda: ssz.to_branch(LIST.head, 5, LIST.prove(0)), IndexError),
    (lambda: ssz.to_branches(LIST.head, [0, 0], LIST.prove_many([0])), ValueError),
    (lambda: ssz.to_branches(LIST.head, [], LIST.prove_many([0])), ValueError),
    (lambda: ssz.to_branches(LIST.head, [0, 1], LIST.prove_many([0])), ValueError),
    (lambda: ssz.helper_indices([2, 5]), ValueError),
    (lambda: ssz.verify_branch(b"short", 1, bytes(32), []), ValueError),
    (lambda: bitcoin.partial_tree(BLOCK, [0, 0]), ValueError),
    (lambda: bitcoin.partial_tree(BLOCK, [5]), IndexError),
    (lambda: bitcoin.partial_tree(ts.MerkleTree(scheme=S.BITCOIN), []), ValueError),
    (lambda: bitcoin.to_txid(bytes(31)), ValueError),
    (lambda: bitcoin.from_txid("AB" * 32), ts.DecodeError),
    (lambda: PartialTree(1, (bytes(31),), (True,)), ValueError),
    (lambda: PartialTree(2, (bytes(32),), (True, True)), ValueError),
    (lambda: openzeppelin.prove_many(SIMPLE, []), ValueError),
    (lambda: openzeppelin.prove_many(SIMPLE, [1, 1]), ValueError),
    (lambda: openzeppelin.prove_many(SIMPLE, [5]), IndexError),
    (lambda: openzeppelin.to_proof(WIDE), ValueError),
    (lambda: FlaggedProof((b"",), ()), ValueError),
    (lambda: openzeppelin.dump(STANDARD), ValueError),
    (lambda: openzeppelin.dump(STANDARD, [[1]], ["uint8"]), ValueError),
    (lambda: openzeppelin.dump(STANDARD, [[2], [1]], ["uint8"]), ValueError),
    (lambda: openzeppelin.dump(SIMPLE, LEAVES[::-1]), ValueError),
    (lambda: openzeppelin.dump(SIMPLE, LEAVES, ["bytes32"]), ValueError),
    (lambda: openzeppelin.load(openzeppelin.dump(SIMPLE), scheme=S.NATIVE), ValueError),
    (
        lambda: openzeppelin.load(openzeppelin.dump(SIMPLE), scheme=S.openzeppelin_simple(ts.hashes.SHA256)),
        ValueError,
    ),
    (lambda: openzeppelin.standard_tree([], ["uint8"]), ValueError),
]


@pytest.mark.parametrize("place", range(len(MISUSE)))
def test_misuse(place: int) -> None:
    call, error = MISUSE[place]
    with pytest.raises(error) as raised:
        call()
    assert not isinstance(raised.value, ts.InvalidProof)


def test_a_dump_that_was_not_sorted_says_so() -> None:
    high, low = b"b" * 32, b"a" * 32
    text = openzeppelin.dump(openzeppelin.simple_tree([low, high]))
    swapped = text.replace("61" * 32, "@@").replace("62" * 32, "61" * 32).replace("@@", "62" * 32)
    with pytest.raises(ts.DecodeError, match="sortLeaves"):
        openzeppelin.load(swapped)


def test_a_custom_dump_asks_for_its_scheme() -> None:
    scheme = S.openzeppelin_simple(ts.hashes.SHA256)
    text = openzeppelin.dump(ts.MerkleTree(LEAVES, scheme=scheme))
    assert text.endswith('"hash":"custom"}')
    with pytest.raises(ValueError, match="give its scheme"):
        openzeppelin.load(text)
    assert openzeppelin.load(text, scheme=scheme).tree.scheme == scheme


def test_large_integers_are_text_in_a_dump() -> None:
    tree = openzeppelin.standard_tree([[2**53 - 1], [2**53]], ["uint256"])
    read = openzeppelin.load(openzeppelin.dump(tree, [[2**53 - 1], [2**53]], ["uint256"]))
    assert read.values == ([2**53 - 1], [str(2**53)])
    text = openzeppelin.dump(tree, [[2**53 - 1], [2**53]], ["uint256"]).replace(f'"{2**53}"', str(2**53))
    with pytest.raises(ts.DecodeError, match="larger ones are text"):
        openzeppelin.load(text)
