"""Proofs as values: single ones and batches, from trees and from digests elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import tallystick as ts

from tests.support import built, digests_of, rows

TREE = built(rows(11))
BATCH = TREE.prove_each()
DIGESTS = [bytes([i]) * 32 for i in range(3)]
HUGE = 10**6000  # more digits than Python writes


@pytest.mark.parametrize("index", range(11))
def test_digests_are_an_array_of_siblings(index: int) -> None:
    proof = TREE.prove(index)
    assert proof.digests.shape == (len(proof), 32)
    assert proof.digests.dtype == np.uint8
    assert proof.digest_size == 32
    assert len(proof) == len(TREE.scheme.plan(11, [index]))


@pytest.mark.parametrize(
    "form", [list, tuple, lambda digests: np.frombuffer(b"".join(digests), np.uint8).reshape(3, 32)]
)
def test_a_proof_is_made_from_any_rows(form: object) -> None:
    proof = ts.InclusionProof(form(DIGESTS))  # type: ignore[operator]
    assert digests_of(proof) == tuple(DIGESTS)
    assert repr(proof) == "<InclusionProof: 3 digests of 32 bytes>"


@pytest.mark.parametrize("size", [32, 33, 48, 64])
def test_a_digest_has_32_to_64_bytes(size: int) -> None:
    assert ts.InclusionProof([], digest_size=size).digest_size == size
    assert ts.InclusionProof([bytes(size)]).digests.shape == (1, size)
    assert ts.ProofBatch([bytes(size)], [0, 1], digest_size=size).digest_size == size


@pytest.mark.parametrize("size", [0, 1, 16, 31, 65, 255, 256, 2**63])
def test_no_other_digest_size(size: int) -> None:
    with pytest.raises(ValueError, match=str(size)):
        ts.InclusionProof([], digest_size=size)
    with pytest.raises(ValueError, match=str(size)):
        ts.ProofBatch([], [0], digest_size=size)


def test_digests_of_no_width_default_to_32_bytes() -> None:
    assert ts.InclusionProof([]).digest_size == ts.ProofBatch([], [0]).digest_size == 32


def test_digests_are_of_one_width() -> None:
    with pytest.raises(ValueError, match=r"digests\[1\] has 33 bytes, not 32"):
        ts.InclusionProof([bytes(32), bytes(33)])
    with pytest.raises(ValueError, match=r"digests\[0\] has 32 bytes, not 33"):
        ts.InclusionProof([bytes(32)], digest_size=33)


def test_a_proof_has_at_most_255_digests() -> None:
    assert len(ts.InclusionProof([bytes(32)] * 255)) == 255
    with pytest.raises(ValueError, match="256"):
        ts.InclusionProof([bytes(32)] * 256)
    with pytest.raises(ValueError, match="255"):
        ts.ProofBatch([bytes(32)] * 256, [0, 256])


def test_a_batch_is_its_proofs_one_after_the_other() -> None:
    assert len(BATCH) == 11
    lengths = [len(TREE.prove(index)) for index in range(11)]
    assert BATCH.offsets.tolist() == np.cumsum([0, *lengths]).tolist()
    assert BATCH.offsets.dtype == np.uint64
    assert BATCH.digests.shape == (sum(lengths), 32)
    for place in range(11):
        assert BATCH[place] == BATCH[place - 11] == BATCH[np.int32(place)] == TREE.prove(place)
    assert repr(BATCH) == "<ProofBatch: 11 proofs, digests of 32 bytes>"


def test_a_batch_is_a_sequence_of_proofs() -> None:
    assert [len(proof) for proof in BATCH] == np.diff(BATCH.offsets).tolist()


@pytest.mark.parametrize("place", [11, -12, 2**63, 2**64, -(2**63), -(2**64), HUGE], ids=hash)
def test_a_batch_has_no_other_place(place: int) -> None:
    with pytest.raises(IndexError, match="11 proofs"):
        BATCH[place]


@pytest.mark.parametrize("place", [True, np.True_, 1.0, "1", None, slice(0, 2), (0,)])
def test_a_place_is_an_integer(place: object) -> None:
    with pytest.raises(TypeError, match="integer"):
        BATCH[place]  # type: ignore[index]


def test_a_batch_is_made_of_its_arrays() -> None:
    assert ts.ProofBatch(BATCH.digests, BATCH.offsets) == BATCH
    assert ts.ProofBatch(digests=DIGESTS, offsets=[0, 1, 1, 3])[1] == ts.InclusionProof([])


@pytest.mark.parametrize(
    "offsets",
    [
        [],
        [0],
        [3],
        [1, 3],
        [0, 2],
        [0, 4],
        [0, 2, 1, 3],
        [0, 3, 2],
        [0, -1, 3],
        [0, 2**64, 3],
        [0, 2**64 - 1],
        [0, 2**64 - 1, 3],
        [-(2**64) + 0, 3],
    ],
)
def test_offsets_fit_the_digests_or_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offset"):
        ts.ProofBatch(DIGESTS, offsets)


@pytest.mark.parametrize(
    "value",
    [
        ts.InclusionProof([]),
        ts.InclusionProof([bytes(64)] * 255),
        ts.ProofBatch([], [0]),
        ts.ProofBatch([], [0, 0, 0], digest_size=64),
        ts.ProofBatch([bytes(40)] * 255, [0, 255]),
        BATCH,
    ],
    ids=repr,
)
def test_bytes_and_back(value: ts.InclusionProof | ts.ProofBatch) -> None:
    raw = value.to_bytes()
    for form in (bytes, bytearray, memoryview, lambda raw: np.frombuffer(raw, np.uint8)):
        assert type(value).from_bytes(form(raw)) == value


@pytest.mark.parametrize("decoder", [ts.Scheme, ts.TreeHead, ts.InclusionProof, ts.ProofBatch])
@pytest.mark.parametrize("wrong", ["tlyi", 5, None, [1], 1.0, np.zeros((4, 4), np.uint8)[:, ::2]])
def test_only_bytes_are_decoded(decoder: type[ts.InclusionProof], wrong: object) -> None:
    with pytest.raises(TypeError):
        decoder.from_bytes(wrong)  # type: ignore[arg-type]
