"""The tree file of the twin: it reads what it wrote, and refuses everything else."""

from __future__ import annotations

import pytest

from tests.reference import tree_file
from tests.reference.codec import DecodeError
from tests.reference.samples import leaves
from tests.reference.schemes import ALL_SCHEMES, NATIVE, RFC6962, Scheme
from tests.reference.trees import head, leaf_digests
from tests.reference.vectors_tree_file import damages

CT = Scheme(RFC6962, "sha256")
BORDERS = ((0, 4095), (0, 4096), (0, 4097), (1, 4096), (4095, 8193), (4096, 8192), (5000, 5003), (7, 7))


@pytest.mark.parametrize("scheme", ALL_SCHEMES, ids=lambda scheme: scheme.name)
def test_tree_files_read_back(scheme: Scheme) -> None:
    digests = leaf_digests(scheme, leaves(600))
    for size in (0, 1, 2, 3, 4, 7, 33, 512, 600):
        raw = tree_file.write(scheme, digests[:size])
        found = tree_file.read(raw)
        kept = [found.nodes[0, index] for index in range(size)]
        assert tree_file.write(found.shape.scheme, kept) == raw
        assert found.root == head(scheme, leaves(size)).root


def test_every_block_border_and_lowest_level() -> None:
    scheme = Scheme(NATIVE, "blake3")
    digests = leaf_digests(scheme, leaves(8193))
    for begin, end in BORDERS:
        for lowest in (0, 1, 5, 11, 12):
            shape = tree_file.Shape(scheme, begin, end, lowest)
            size = scheme.digest_size
            assert tree_file.data_length(shape) == len(tree_file.places(shape)) * size
            found = tree_file.read(tree_file.write(scheme, digests[begin:end], begin, lowest))
            nodes = tree_file.all_nodes(shape, digests[begin:end])
            assert found.nodes == {node: nodes[node] for node in found.nodes}
            missing = nodes.keys() - found.nodes.keys()
            assert all(level < lowest for level, _ in missing)
            whole = [part for part in tree_file.blocks(begin, end) if part[1] - part[0] == 4096]
            assert len(missing) == len(whole) * sum(4096 >> level for level in range(lowest))


def test_a_whole_block_takes_a_power_of_two() -> None:
    for lowest in range(12):
        shapes = [tree_file.Shape(CT, 4096, 4096 * count, lowest) for count in (2, 3)]
        one, two = ((tree_file.data_length(s) - (s.end // 4096 - 1) * 32) for s in shapes)
        assert one == 32 << (13 - lowest)
        assert two - one in (one, one + 32)  # level 13 begins at blocks 2 and 3


@pytest.mark.parametrize("damage", list(damages(Scheme(NATIVE, "blake3"))), ids=lambda damage: damage[0])
def test_damaged_tree_files_are_refused(damage: tuple[str, str, bytes]) -> None:
    with pytest.raises(DecodeError):
        tree_file.read(damage[2])


def test_every_flipped_byte_of_a_tree_file_is_refused() -> None:
    for begin in (0, 3):
        raw = tree_file.write(CT, leaf_digests(CT, leaves(5)), begin)
        for position in range(len(raw)):
            with pytest.raises(DecodeError):
                tree_file.read(raw[:position] + bytes([raw[position] ^ 0x80]) + raw[position + 1 :])


def test_zeros_behind_a_block_are_checked() -> None:
    shape = tree_file.Shape(CT, 0, 4096, 11)
    raw = tree_file.write(CT, leaf_digests(CT, leaves(4096)), lowest=11)
    place, sums = shape.header_length() + 3 * 32, shape.header_length() + tree_file.data_length(shape)
    data = raw[shape.header_length() : sums]
    assert tree_file.read(raw)
    changed = bytearray(data)
    changed[place - shape.header_length()] = 1
    sums_bytes = tree_file.page_sums(bytes(changed))
    header = tree_file.header_bytes(shape, tree_file.read(raw).root, sums_bytes)
    with pytest.raises(DecodeError, match="zero"):
        tree_file.read(header + bytes(changed) + sums_bytes)
