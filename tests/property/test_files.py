"""However leaves are cut into chunks and files, and whatever rows are left out: one tree, one file."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import tallystick as ts
from hypothesis import given
from hypothesis import strategies as st

from tests.property.strategies import leaves
from tests.reference import tree_file
from tests.reference.schemes import ALL_SCHEMES, Scheme
from tests.support import array, scheme_of

twins = st.sampled_from(ALL_SCHEMES)
LARGE = array(20_000, 8)


def cut(data: list[bytes], cuts: list[int]) -> list[list[bytes]]:
    places = sorted(place % (len(data) + 1) for place in cuts)
    return [data[begin:end] for begin, end in itertools.pairwise([0, *places, len(data)])]


@given(twin=twins, data=leaves, cuts=st.lists(st.integers(0, 100), max_size=6), lowest=st.integers(0, 12))
def test_the_file_is_the_twins(twin: Scheme, data: list[bytes], cuts: list[int], lowest: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tree"
        tree = ts.build_file(path, iter(cut(data, cuts)), scheme=scheme_of(twin), lowest=lowest)
        assert path.read_bytes() == tree_file.write(twin, [twin.leaf(leaf) for leaf in data], 0, lowest)
        assert tree.head == ts.MerkleTree(data, scheme=scheme_of(twin)).head


@given(
    size=st.integers(0, len(LARGE)),
    chunk=st.integers(1, 9000),
    cuts=st.lists(st.integers(0, 3 * 4096), max_size=4),
    lowest=st.integers(0, 12),
    picked=st.lists(st.integers(0, 2**32), min_size=1, max_size=5),
)
def test_files_of_many_blocks(size: int, chunk: int, cuts: list[int], lowest: int, picked: list[int]) -> None:
    borders = [0, *sorted(place % (size + 1) for place in cuts), size]
    whole = ts.MerkleTree(LARGE[:size])
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for begin, end in itertools.pairwise(borders):
            paths.append(Path(folder) / str(len(paths)))
            pieces = (LARGE[at : min(end, at + chunk)] for at in range(begin, end, chunk))
            ts.build_file(paths[-1], pieces, begin=begin, lowest=lowest)
        tree = ts.MerkleTree.open(paths, check=True, leaves=LARGE[:size])
        assert tree.head == whole.head
        if size:
            indices = [index % size for index in picked]
            assert tree.prove_each(indices) == whole.prove_each(indices)
            assert tree.prove_many(sorted(set(indices))) == whole.prove_many(sorted(set(indices)))
            assert tree.prove_extends(indices[0] + 1) == whole.prove_extends(indices[0] + 1)
        tree.save(Path(folder) / "joined")
        built, joined = Path(folder) / "built", Path(folder) / "joined"
        ts.build_file(built, [LARGE[:size]], lowest=lowest)
        assert joined.read_bytes() == built.read_bytes()
