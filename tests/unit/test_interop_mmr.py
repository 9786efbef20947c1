"""`interop.mmr`: positions, the two formats, and all that is not of the form or not of the head."""

from __future__ import annotations

import dataclasses
import struct
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import mmr
from tallystick.interop.mmr import NervosProof

from tests.support import array

LEAVES = [row.tobytes() for row in array(11)]
NERVOS = ts.MerkleTree(LEAVES, scheme=ts.schemes.NERVOS_MMR)
GRIN = ts.MerkleTree(LEAVES, scheme=ts.schemes.GRIN_MMR)
OTHER = ts.MerkleTree(LEAVES, scheme=ts.schemes.PROMOTED)


def test_positions() -> None:
    positions = [mmr.leaf_position(index) for index in range(3000)]
    assert positions[:12] == [0, 1, 3, 4, 7, 8, 10, 11, 15, 16, 18, 19]
    leaves = set(positions)
    for position in range(positions[-1]):
        if position in leaves:
            assert positions[mmr.leaf_index(position)] == position
        else:
            with pytest.raises(ValueError, match=f"no leaf is at position {position}"):
                mmr.leaf_index(position)
    for index in (2**40 - 1, 2**40, 2**62 - 1, 2**63 - 1, 2**63):
        assert mmr.leaf_index(mmr.leaf_position(index)) == index


def test_negative_numbers() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        mmr.leaf_position(-1)
    for position in (-1, -5, -(2**70)):
        with pytest.raises(ValueError, match="no leaf"):
            mmr.leaf_index(position)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 11])
def test_there_and_back(size: int) -> None:
    tree = ts.MerkleTree(LEAVES[:size], scheme=ts.schemes.NERVOS_MMR)
    for indices in ([size - 1], [0], list(range(size)), list(range(0, size, 2))[::-1]):
        theirs = mmr.to_nervos_many(tree.head, indices, tree.prove_many(indices))
        assert theirs.positions == tuple(mmr.leaf_position(index) for index in indices)
        assert mmr.from_nervos_many(theirs, tree.head) == (indices, tree.prove_many(indices))
    assert mmr.from_nervos(mmr.to_nervos(tree.head, 0, tree.prove(0)), tree.head) == (0, tree.prove(0))


def test_nervos_order_is_from_left_to_right() -> None:
    theirs = mmr.to_nervos(NERVOS.head, 8, NERVOS.prove(8))
    right, sibling, left = (row.tobytes() for row in NERVOS.prove(8).digests[[1, 0, 2]])
    assert theirs == NervosProof(19, (15,), (left, sibling, right))


def nervos(**changes: Any) -> NervosProof:
    return dataclasses.replace(mmr.to_nervos(NERVOS.head, 8, NERVOS.prove(8)), **changes)


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (nervos(positions=(2,)), "no leaf is at position 2"),
        (nervos(positions=()), "at least one position"),
        (nervos(positions=(15, 15)), "each once"),
        (nervos(positions=(15, 16)), "one position, not 2"),
        (nervos(items=(bytes(31), bytes(32), bytes(32))), "31 bytes"),
    ],
)
def test_what_is_no_proof_of_nervos(theirs: NervosProof, said: str) -> None:
    theirs = dataclasses.replace(theirs, items=theirs.items[:2] if "not 2" in said else theirs.items)
    with pytest.raises(ts.DecodeError, match=said):
        mmr.from_nervos(theirs, NERVOS.head)


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        (nervos(mmr_size=18), ts.Reason.WRONG_PLACE),
        (nervos(mmr_size=0), ts.Reason.WRONG_PLACE),
        (nervos(positions=(19,)), ts.Reason.INDEX_OUT_OF_RANGE),
        (nervos(positions=(mmr.leaf_position(2**62),)), ts.Reason.INDEX_OUT_OF_RANGE),
        (nervos(items=()), ts.Reason.DIGEST_COUNT),
        (nervos(items=(bytes(32),) * 4), ts.Reason.DIGEST_COUNT),
    ],
)
def test_proofs_of_nervos_for_no_leaf_of_the_head(theirs: NervosProof, reason: ts.Reason) -> None:
    with pytest.raises(ts.InvalidProof) as refused:
        mmr.from_nervos(theirs, NERVOS.head)
    assert refused.value.reason is reason


def test_a_changed_item_leads_to_another_root() -> None:
    for place in range(3):
        items = list(nervos().items)
        items[place] = bytes(32)
        index, proof = mmr.from_nervos(nervos(items=tuple(items)), NERVOS.head)
        with pytest.raises(ts.RootMismatch):
            NERVOS.head.verify_inclusion(index, LEAVES[8], proof)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((1, [0], ()), TypeError),
        ((1, (0,), []), TypeError),
        ((True, (0,), ()), TypeError),
        ((1, (0.0,), ()), TypeError),
        ((1, (0,), (bytearray(32),)), TypeError),
        ((-1, (0,), ()), ValueError),
        ((2**64, (0,), ()), ValueError),
        ((1, (-1,), ()), ValueError),
    ],
)
def test_values_that_make_no_proof(values: tuple[Any, Any, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        NervosProof(*values)


def test_wrong_arguments() -> None:
    with pytest.raises(TypeError, match="TreeHead"):
        mmr.to_nervos(NERVOS, 0, NERVOS.prove(0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nervos_mmr"):
        mmr.to_nervos(OTHER.head, 0, OTHER.prove(0))
    with pytest.raises(ValueError, match="grin_mmr"):
        mmr.to_grin(NERVOS.head, 0, NERVOS.prove(0))
    with pytest.raises(TypeError, match="InclusionProof"):
        mmr.to_nervos(NERVOS.head, 0, NERVOS.prove_many([0]))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="MultiProof"):
        mmr.to_nervos_many(NERVOS.head, [0], NERVOS.prove(0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="digests"):
        mmr.to_nervos(NERVOS.head, 8, NERVOS.prove(0))
    with pytest.raises(IndexError, match="no leaf 11"):
        mmr.to_nervos(NERVOS.head, 11, NERVOS.prove(0))
    with pytest.raises(ValueError, match="index 0 is given twice"):
        mmr.to_nervos_many(NERVOS.head, [0, 0], NERVOS.prove_many([0]))
    with pytest.raises(ValueError, match="at least one"):
        mmr.to_nervos_many(NERVOS.head, [], NERVOS.prove_many([0]))
    with pytest.raises(TypeError, match="NervosProof"):
        mmr.from_nervos((19, (15,), ()), NERVOS.head)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="bytes or hex"):
        mmr.from_grin(7, GRIN.head)  # type: ignore[arg-type]
    wide = ts.InclusionProof([bytes(64)] * 3)
    with pytest.raises(ValueError, match="64 bytes"):
        mmr.to_grin(GRIN.head, 8, wide)


def test_grin_there_and_back() -> None:
    for index, leaf in enumerate(LEAVES):
        data = mmr.to_grin(GRIN.head, index, GRIN.prove(index))
        for form in (data, bytearray(data), memoryview(data), data.hex(), data.hex().upper()):
            proof = mmr.from_grin(form, GRIN.head)  # type: ignore[arg-type]
            assert proof == GRIN.prove(index)
        GRIN.head.verify_inclusion(index, leaf, proof)


DATA = mmr.to_grin(GRIN.head, 8, GRIN.prove(8))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        DATA[:15],
        DATA[:-1],
        DATA + b"\x00",
        struct.pack(">QQ", 19, 2**64 - 1),
        struct.pack(">QQ", 19, 4) + DATA[16:],
        DATA.hex()[:-1],
        "0x" + DATA.hex(),
        " " + DATA.hex(),
        DATA.hex() + "zz",
    ],
)
def test_what_is_no_proof_of_grin(data: bytes | str) -> None:
    with pytest.raises(ts.DecodeError):
        mmr.from_grin(data, GRIN.head)


def test_a_proof_of_grin_for_another_size() -> None:
    for nodes in (0, 18, 20, 2**64 - 1):
        with pytest.raises(ts.InvalidProof) as refused:
            mmr.from_grin(struct.pack(">Q", nodes) + DATA[8:], GRIN.head)
        assert refused.value.reason is ts.Reason.WRONG_PLACE
