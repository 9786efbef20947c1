"""Files of adjacent leaves, opened as one tree; and files that keep no lower rows."""

from __future__ import annotations

import io
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tallystick as ts

from tests.reference import tree_file
from tests.reference.schemes import Scheme
from tests.support import array, flipped

SIZE = 12_300
LEAVES = array(SIZE)
TREE = ts.MerkleTree(LEAVES)
PROOFS = TREE.prove_each()


def shards(folder: Path, cuts: list[int], leaves: np.ndarray = LEAVES, lowest: int = 0) -> list[Path]:
    paths = []
    for begin, end in zip([0, *cuts], [*cuts, len(leaves)], strict=True):
        paths.append(folder / f"{begin}-{end}-{len(paths)}")
        tree = ts.build_file(paths[-1], [leaves[begin:end]], begin=begin, lowest=lowest)
        assert (tree is None) == (begin > 0)
    return paths


CUTS = [
    [],
    [4096],
    [4096, 8192],
    [1],
    [SIZE - 1],
    [0, 4095, 4097],
    [5000],
    [8191, 8192, 8193],
    [SIZE, SIZE],
    sorted(random.Random(1).sample(range(SIZE), 9)),
    sorted(random.Random(2).sample(range(SIZE), 40)),
]


@pytest.mark.parametrize("cuts", CUTS, ids=str)
def test_shard_files_are_one_tree(cuts: list[int], tmp_path: Path) -> None:
    paths = shards(tmp_path, cuts)
    tree = ts.MerkleTree.open(paths, check=True)
    assert len(tree) == SIZE
    assert tree.head == TREE.head
    assert tree.prove_each() == PROOFS
    assert tree.prove_many([0, 4095, 4096, 12_299]) == TREE.prove_many([0, 4095, 4096, 12_299])
    for size in (1, 4095, 5001, 8192, 12_288):
        assert tree.head_at(size) == TREE.head_at(size)
        assert tree.prove_extends(size) == TREE.prove_extends(size)
    tree.save(tmp_path / "one")
    TREE.save(tmp_path / "saved")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "saved").read_bytes()
    assert np.array_equal(ts.hazmat.leaf_digests(tree), ts.hazmat.leaf_digests(TREE))


def test_small_trees_cut_everywhere(tmp_path: Path) -> None:
    for size in range(1, 18):
        whole = ts.MerkleTree(LEAVES[:size])
        for first in range(size + 1):
            paths = shards(tmp_path, sorted([first, (first * 7 + size) % (size + 1)]), LEAVES[:size])
            tree = ts.MerkleTree.open(paths)
            assert tree.head == whole.head
            assert tree.prove_each() == whole.prove_each()
            for path in tmp_path.iterdir():
                path.unlink()


def test_files_must_follow_each_other(tmp_path: Path) -> None:
    first, second, third = shards(tmp_path, [4096, 8192])
    for paths, message in (
        ([second], f"{second} begins at leaf 4096"),
        ([first, third], f"a gap: {first} ends at leaf 4096 and {third} begins at leaf 8192"),
        ([first, second, second], f"an overlap: {second} ends at leaf 8192 and {second} begins at leaf 4096"),
        ([first, first], "an overlap"),
        ([second, first], "begins at leaf 4096"),
        ([first, third, second], "a gap"),
        ([], "no files"),
    ):
        with pytest.raises(ValueError, match=message.replace("(", r"\(")):
            ts.MerkleTree.open(paths)
    with pytest.raises(ValueError, match="begins at leaf 4096"):
        ts.MerkleTree.open(second)
    assert len(ts.MerkleTree.open((first, str(second), third))) == SIZE
    assert len(ts.MerkleTree.open(first)) == 4096


def test_files_must_be_of_one_scheme_and_lowest_level(tmp_path: Path) -> None:
    first = shards(tmp_path, [4096])[0]
    for name, options in (
        ("context", {"scheme": ts.schemes.NATIVE.with_context(b"x")}),
        ("family", {"scheme": ts.schemes.RFC6962}),
        ("level", {"lowest": 3}),
    ):
        ts.build_file(tmp_path / name, [LEAVES[4096:]], begin=4096, **options)
        with pytest.raises(ValueError, match=f"{name} is not of the same tree"):
            ts.MerkleTree.open([first, tmp_path / name])


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    paths = shards(tmp_path, [4096, 8192])
    paths[1].write_bytes(flipped(paths[1].read_bytes(), 8 * 3000))
    tree = ts.MerkleTree.open(paths)
    assert tree.prove(4) == TREE.prove(4)
    with pytest.raises(ts.DecodeError, match=paths[1].name):
        tree.prove_each()
    with pytest.raises(ts.DecodeError, match=paths[1].name):
        ts.MerkleTree.open(paths, check=True)
    with pytest.raises(FileNotFoundError) as missing:
        ts.MerkleTree.open([paths[0], tmp_path / "missing"])
    assert missing.value.filename == str(tmp_path / "missing")


def test_a_shard_file_with_any_byte_changed_is_refused(tmp_path: Path) -> None:
    first, second = shards(tmp_path, [3], LEAVES[:9])
    raw = second.read_bytes()
    for place in range(len(raw)):
        second.write_bytes(flipped(raw, 8 * place + place % 8))
        with pytest.raises(ts.DecodeError):
            ts.MerkleTree.open([first, second], check=True)
    for length in range(len(raw)):
        second.write_bytes(raw[:length])
        with pytest.raises(ts.DecodeError):
            ts.MerkleTree.open([first, second])


@pytest.mark.parametrize("lowest", range(13))
@pytest.mark.parametrize("cuts", [[], [4096], [5000]], ids=str)
def test_every_lowest_level_serves_the_same(lowest: int, cuts: list[int], tmp_path: Path) -> None:
    paths = shards(tmp_path, cuts, lowest=lowest)
    bare = ts.MerkleTree.open(paths, check=True)
    assert bare.head == TREE.head
    assert bare.head_at(8192) == TREE.head_at(8192)
    assert bare.prove_extends(8192) == TREE.prove_extends(8192)
    served = ts.MerkleTree.open(paths, leaves=LEAVES)
    assert served.prove_each() == PROOFS
    picked = random.Random(lowest).sample(range(SIZE), 30)
    assert served.prove_each(picked) == TREE.prove_each(picked)
    assert served.prove_many(picked) == TREE.prove_many(picked)
    assert served.head_at(4099) == TREE.head_at(4099)
    assert np.array_equal(ts.hazmat.leaf_digests(served), ts.hazmat.leaf_digests(TREE))
    served.save(tmp_path / "one")
    ts.build_file(tmp_path / "built", [LEAVES], lowest=lowest)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "built").read_bytes()


def test_each_level_halves_the_file(tmp_path: Path) -> None:
    sizes = []
    for lowest in range(13):
        ts.build_file(tmp_path / "tree", [array(40_960)], lowest=lowest, overwrite=True)
        sizes.append((tmp_path / "tree").stat().st_size)
    assert all(0.45 * lower < upper < 0.56 * lower for lower, upper in pairwise(sizes[:9]))
    assert sizes[12] < 1500


def test_without_leaves_the_error_says_what_is_missing(tmp_path: Path) -> None:
    ts.build_file(tmp_path / "tree", [LEAVES], lowest=5)
    tree = ts.MerkleTree.open(tmp_path / "tree")
    for call in (
        lambda: tree.prove(5),
        lambda: tree.prove_each([5]),
        lambda: tree.prove_many([5]),
        lambda: list(tree.proofs()),
        lambda: tree.head_at(4097),
        lambda: ts.hazmat.leaf_digests(tree),
    ):
        with pytest.raises(io.UnsupportedOperation, match="no rows below level 5: give `leaves`"):
            call()
    last = SIZE - 1  # in a part of a block, of which every row is kept
    assert tree.prove(last) == TREE.prove(last)


def test_leaves_of_another_tree_are_refused(tmp_path: Path) -> None:
    ts.build_file(tmp_path / "tree", [LEAVES], lowest=4)
    other = LEAVES.copy()
    other[4096 + 3] ^= 1
    tree = ts.MerkleTree.open(tmp_path / "tree", leaves=other)
    assert tree.prove(4096 + 16) == TREE.prove(4096 + 16)
    with pytest.raises(ValueError, match=r"4096\.\.4112 are not those of the file"):
        tree.prove(4096 + 9)
    for count in (0, SIZE - 1, SIZE + 1):
        with pytest.raises(ValueError, match=f"{SIZE} leaves, {count} are given"):
            ts.MerkleTree.open(tmp_path / "tree", leaves=array(count))
    for wrong in (b"x", 5, "text"):
        with pytest.raises(TypeError):
            ts.MerkleTree.open(tmp_path / "tree", leaves=wrong)  # type: ignore[arg-type]


def test_leaves_of_every_form(tmp_path: Path) -> None:
    ts.build_file(tmp_path / "tree", [LEAVES], lowest=6)
    mapped = np.memmap(tmp_path / "leaves", np.uint8, "w+", shape=LEAVES.shape)
    mapped[:] = LEAVES
    as_list = [row.tobytes() for row in LEAVES]
    for leaves in (LEAVES, mapped, as_list, pa.array(as_list, pa.binary(32)), pa.array(as_list, pa.binary())):
        tree = ts.MerkleTree.open(tmp_path / "tree", leaves=leaves)
        assert tree.prove_each(range(0, SIZE, 97)) == TREE.prove_each(range(0, SIZE, 97))
    ts.build_file(tmp_path / "all", [LEAVES])
    assert ts.MerkleTree.open(tmp_path / "all", leaves=as_list).prove_each() == PROOFS


@pytest.mark.parametrize("lowest", [0, 9])
def test_zeros_behind_a_block_are_checked(lowest: int, tmp_path: Path) -> None:
    ts.build_file(tmp_path / "tree", [LEAVES], lowest=lowest)
    raw = (tmp_path / "tree").read_bytes()
    shape = tree_file.Shape(Scheme("native", "blake3"), 0, SIZE, lowest)
    begin = shape.header_length()
    end = begin + tree_file.data_length(shape)
    data = flipped(raw[begin:end], 8 * (32 * ((8192 >> lowest) - 1)))
    sums = tree_file.page_sums(data)
    (tmp_path / "tree").write_bytes(tree_file.header_bytes(shape, TREE.root, sums) + data + sums)
    with pytest.raises(ts.DecodeError, match="zeros"):
        ts.MerkleTree.open(tmp_path / "tree", check=True)
