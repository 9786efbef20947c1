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


@pytest.mark.parametrize("scheme", ALL_SCHEMES, ids=lambda scheme: scheme.name)
def test_tree_files_read_back(scheme: Scheme) -> None:
    digests = leaf_digests(scheme, leaves(600))
    for size in (0, 1, 2, 3, 4, 7, 33, 512, 600):
        raw = tree_file.write(scheme, digests[:size])
        found = tree_file.read(raw)
        assert tree_file.write(found.head.scheme, found.rows[0] if size else []) == raw
        assert found.head == head(scheme, leaves(size))
        assert [len(row) for row in found.rows] == [size >> level for level in range(size.bit_length())]


def test_damaged_tree_files_are_refused() -> None:
    for _, _, raw in damages(Scheme(NATIVE, "blake3")):
        with pytest.raises(DecodeError):
            tree_file.read(raw)


def test_every_flipped_byte_of_a_tree_file_is_refused() -> None:
    raw = tree_file.write(CT, leaf_digests(CT, leaves(5)))
    for position in range(len(raw)):
        with pytest.raises(DecodeError):
            tree_file.read(raw[:position] + bytes([raw[position] ^ 0x80]) + raw[position + 1 :])
