"""Forged claims about every dense scheme of the specification, and own rules: bits, shapes, places, sizes.

What passes by design, as another size of a tree whose root does not bind it, is not tried here:
`tests/reference/test_schemes_weaknesses.py` and the vectors list it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
import tallystick as ts

from tests.oracle.test_variants import data_of, each_variant, scheme_of, takes
from tests.reference.schemes import Scheme

SAMPLED = (1, 2, 3, 5, 8, 13, 33, 64)
ALL = tuple(range(1, 66))


def flips(digests: np.ndarray, bits: range) -> np.ndarray:
    """The digests with one bit changed, for each of ``bits``: ``(k, digests, bytes)``."""
    changed = np.repeat(digests[None], len(bits), axis=0)
    flat = changed.reshape(len(bits), -1)
    for place, bit in enumerate(bits):
        flat[place, bit // 8] ^= 1 << bit % 8
    return changed


def batch_of(proofs: np.ndarray) -> ts.ProofBatch:
    count, length, size = proofs.shape
    return ts.ProofBatch(proofs.reshape(-1, size), np.arange(count + 1) * length)


def sizes_of(twin: Scheme, sizes: tuple[int, ...]) -> Iterator[int]:
    for size in sizes:
        if takes(twin, size):
            yield size


def forge_bits(twin: Scheme, sizes: tuple[int, ...], step: int) -> int:
    """Change single bits of siblings, leaves and roots, every ``step``-th; none may be accepted."""
    scheme, tried = scheme_of(twin), 0
    for size in sizes_of(twin, sizes):
        data = data_of(scheme, size)
        tree = ts.MerkleTree(data, scheme=scheme)
        head = tree.head
        for index in range(size):
            stated, leaf = index if scheme.binds_index else None, data[index]
            proof = tree.prove(index)
            head.verify_inclusion(stated, leaf, proof)
            if len(proof):
                bits = range(index % step, proof.digests.size * 8, step)
                forged = batch_of(flips(proof.digests, bits))
                claimed = [index] * len(bits) if scheme.binds_index else None
                assert not head.check_each(claimed, [leaf] * len(bits), forged).any()
                tried += len(bits)
            for bit in range(index % step, len(leaf) * 8, step):
                other = bytearray(leaf)
                other[bit // 8] ^= 1 << bit % 8
                with pytest.raises(ts.InvalidProof):
                    head.verify_inclusion(stated, bytes(other), proof)
                tried += 1
            root = bytearray(head.root)
            root[index % len(root)] ^= 1 << index % 8
            with pytest.raises(ts.InvalidProof):
                ts.TreeHead(scheme, size, bytes(root)).verify_inclusion(stated, leaf, proof)
            tried += 1
    return tried


def shapes(digests: list[bytes], chooser: random.Random) -> Iterator[list[bytes]]:
    """The same digests but one missing, twice, changed places, or one more."""
    for place in range(len(digests)):
        yield digests[:place] + digests[place + 1 :]
        yield digests[: place + 1] + digests[place:]
    for place in range(len(digests) - 1):
        if digests[place] != digests[place + 1]:
            yield [*digests[:place], digests[place + 1], digests[place], *digests[place + 2 :]]
    for place in range(len(digests) + 1):
        for more in (bytes(len(digests[0]) if digests else 32), chooser.randbytes(32)):
            yield [*digests[:place], more, *digests[place:]]


def forge_shapes(twin: Scheme, sizes: tuple[int, ...]) -> int:
    """Change the number and order of a proof's digests, single and of many leaves."""
    scheme, tried = scheme_of(twin), 0
    chooser = random.Random(7)
    for size in sizes_of(twin, sizes):
        data = data_of(scheme, size)
        tree = ts.MerkleTree(data, scheme=scheme)
        for index in range(size):
            digests = [row.tobytes() for row in tree.prove(index).digests]
            stated = index if scheme.binds_index else None
            for forged in shapes(digests, chooser):
                with pytest.raises(ts.InvalidProof):
                    tree.head.verify_inclusion(stated, data[index], ts.InclusionProof(forged))
                tried += 1
        if not scheme.binds_index:
            continue
        indices = sorted(chooser.sample(range(size), min(size, 5)))
        claim = [data[index] for index in indices]
        proof = tree.prove_many(indices)
        tree.head.verify_many(indices, claim, proof)
        for forged in shapes([row.tobytes() for row in proof.digests], chooser):
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_many(indices, claim, ts.MultiProof(forged))
            tried += 1
        for place in range(len(claim)):
            other = [*claim[:place], data_of(scheme, size + 1)[-1], *claim[place + 1 :]]
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_many(indices, other, proof)
            tried += 1
    return tried


def forge_places(twin: Scheme, sizes: tuple[int, ...]) -> int:
    """Claim a leaf at every other index, and at none or one where that is the other way."""
    scheme, tried = scheme_of(twin), 0
    for size in sizes_of(twin, sizes):
        data = data_of(scheme, size)
        tree = ts.MerkleTree(data, scheme=scheme)
        proofs = list(tree.prove_each())
        for index, proof in enumerate(proofs):
            wrong: list[int | None] = [*range(size + 2), 2**32 + index, 2**63 + index, 2**64 - 1, 2**70, -1]
            if scheme.binds_index:
                wrong = [other for other in wrong if other != index] + [None]
            for other in wrong:
                with pytest.raises(ts.InvalidProof):
                    tree.head.verify_inclusion(other, data[index], proof)
                tried += 1
    return tried


@each_variant
def test_no_changed_bit_is_accepted(twin: Scheme) -> None:
    assert forge_bits(twin, SAMPLED, 61) > 0


@each_variant
def test_no_other_shape_is_accepted(twin: Scheme) -> None:
    assert forge_shapes(twin, SAMPLED[:5]) >= 0


@each_variant
def test_no_other_place_is_accepted(twin: Scheme) -> None:
    assert forge_places(twin, SAMPLED[:7]) > 0


@each_variant
def test_a_batch_has_the_verdicts_of_single_proofs(twin: Scheme) -> None:
    """True and false claims side by side, some of them no leaves and some proofs of other lengths."""
    scheme, chooser = scheme_of(twin), random.Random(11)
    for size in sizes_of(twin, (*SAMPLED, 64)):
        data = data_of(scheme, size)
        tree = ts.MerkleTree(data, scheme=scheme)
        # Without malformed leaves first, which send every claim of a batch on a way of its own.
        for malformed in (False, True):
            indices, leaves, proofs = [], [], []
            for _ in range(60):
                index = chooser.randrange(size)
                leaf, digests = data[index], [row.tobytes() for row in tree.prove(index).digests]
                match chooser.randrange(8):
                    case 0:
                        leaf = bytes(byte ^ 1 for byte in leaf) or b"more"
                    case 1 if digests:
                        digests[-1] = chooser.randbytes(len(digests[-1]))
                    case 2:
                        digests.append(tree.root)
                    case 3 if digests:
                        digests.pop(chooser.randrange(len(digests)))
                    case 4 if digests:
                        digests[0] = leaf if scheme.bare_leaves else digests[0]
                    case 5 if malformed:
                        leaf += b"x"
                    case 6:
                        index = (index + 1) % size
                indices.append(index)
                leaves.append(leaf)
                proofs.append(ts.InclusionProof(digests))
            expected = []
            for index, leaf, proof in zip(indices, leaves, proofs, strict=True):
                try:
                    tree.head.verify_inclusion(index if scheme.binds_index else None, leaf, proof)
                except ts.InvalidProof:
                    expected.append(False)
                else:
                    expected.append(True)
            every = [proof.digests for proof in proofs]
            offsets = np.cumsum([0, *map(len, every)])
            batch = ts.ProofBatch(np.concatenate(every), offsets)
            claimed = indices if scheme.binds_index else None
            assert tree.head.check_each(claimed, leaves, batch).tolist() == expected
            assert True in expected
            assert False in expected


@pytest.mark.exhaustive
@each_variant
def test_every_bit_every_shape_every_place(twin: Scheme) -> None:
    tried = (forge_bits(twin, ALL, 1), forge_shapes(twin, ALL), forge_places(twin, ALL))
    print(f"{twin.name[:40]}: {tried[0]} bits, {tried[1]} shapes, {tried[2]} places; 0 accepted")
