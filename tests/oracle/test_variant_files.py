"""Tree files, shards and growth of every kind of scheme that has them, at the borders of blocks."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import tallystick as ts

f, S = ts.schemes.f, ts.schemes
BINARY = (
    S.PROMOTED,
    S.BITCOIN,
    S.NERVOS_MMR,
    S.GRIN_MMR,
    S.COMMONWARE_BMT,
    S.fixed_depth(20),
    S.ssz_list(10**6),
    S.openzeppelin_solidity(14),
    S.dense(
        "stated",
        ts.hashes.SHA256,
        leaf=(f.index.u32le, f.data),
        node=(f.level.u8, f.index.u64be, f.children),
        root=(f.size.u64be, f.top),
    ),
)
WIDE = tuple(S.fixed_depth(depth, arity=arity) for depth, arity in ((12, 3), (9, 4), (8, 5), (8, 7), (6, 8)))
DIGESTS = [ts.hashes.SHA256.digest(b"%d" % place) for place in range(16_808)]


def named(scheme: ts.Scheme) -> str:
    return scheme.name[:20]


@pytest.mark.parametrize("scheme", BINARY, ids=named)
def test_files_are_the_tree(scheme: ts.Scheme, tmp_path: Path) -> None:
    for size in (1, 5, 4095, 4097, 8192, 12_289):
        data, chooser = DIGESTS[:size], random.Random(size)
        tree, index = ts.MerkleTree(data, scheme=scheme), chooser.randrange(size)
        tree.save(tmp_path / "saved", overwrite=True)
        opened = ts.MerkleTree.open(tmp_path / "saved", check=True)
        assert (opened.head, opened.prove(index)) == (tree.head, tree.prove(index))
        for lowest in (0, 7, 12):
            chunks = [data[: size // 3], data[size // 3 : size // 2], data[size // 2 :]]
            path = tmp_path / f"built{lowest}"
            ts.build_file(path, chunks, scheme=scheme, lowest=lowest, overwrite=True)
            built = ts.MerkleTree.open(path, leaves=data)
            assert (built.head, built.prove(index)) == (tree.head, tree.prove(index))
        if size > 1:
            cut = min(size - 1, chooser.choice([4096, 4000, 1]))
            ts.build_file(tmp_path / "left", [data[:cut]], scheme=scheme, overwrite=True)
            ts.build_file(tmp_path / "right", [data[cut:]], scheme=scheme, begin=cut, overwrite=True)
            both = ts.MerkleTree.open([tmp_path / "left", tmp_path / "right"])
            assert (both.head, both.prove(index)) == (tree.head, tree.prove(index))


@pytest.mark.parametrize("scheme", WIDE, ids=named)
def test_wide_nodes_in_blocks_shards_and_updates(scheme: ts.Scheme, tmp_path: Path) -> None:
    for size in (2187, 2188, 3125, 4095, 4097, 8193, 15_625, 16_807):
        data, chooser = DIGESTS[:size], random.Random(size)
        tree, grown = ts.MerkleTree(data, scheme=scheme), ts.MerkleTree(scheme=scheme)
        while len(grown) < size:
            grown.extend(data[len(grown) : len(grown) + chooser.randrange(1, 3000)])
        assert grown.head == tree.head == ts.head_of(data, scheme=scheme)
        changed = list(data)
        indices = chooser.sample(range(size), 700)
        for index in indices:
            changed[index] = ts.hashes.SHA256.digest(b"x%d" % index)
        grown.update(indices, [changed[index] for index in indices])
        assert grown.head == ts.MerkleTree(changed, scheme=scheme).head
        cut = chooser.randrange(size)
        left = ts.Shard.from_leaves(0, data[:cut], scheme=scheme)
        whole = left + ts.Shard.from_leaves(cut, data[cut:], scheme=scheme)
        assert whole.head() == tree.head
        assert ts.Shard.from_bytes(whole.to_bytes()) == whole
        some = chooser.sample(range(size), 60)
        tree.head.verify_many(some, [data[index] for index in some], tree.prove_many(some))
        tree.head.verify_each(range(size), data, tree.prove_each())
    with pytest.raises(TypeError, match="two children"):
        tree.save(tmp_path / "wide")
    with pytest.raises(TypeError, match="two children"):
        ts.build_file(tmp_path / "wide", [data], scheme=scheme)
    assert not list(tmp_path.iterdir())


def test_growth_of_a_scheme_of_ones_own() -> None:
    mine = S.dense(
        "grown",
        ts.hashes.BLAKE3,
        leaf=(b"a", f.data),
        node=(b"b", f.children),
        root=(b"r", f.size.u64le, f.top),
    )
    for size in range(1, 30):
        tree = ts.MerkleTree(DIGESTS[:size], scheme=mine)
        for older in range(1, size + 1):
            proof = tree.prove_extends(older)
            tree.head.verify_extends(tree.head_at(older), proof)
            for other in set(range(1, size)) - {older, size}:
                if older < size:
                    with pytest.raises(ts.InvalidProof):
                        tree.head.verify_extends(tree.head_at(other), proof)
    for scheme in (S.BITCOIN, S.NERVOS_MMR, S.fixed_depth(5), S.OPENZEPPELIN_SIMPLE):
        tree = ts.MerkleTree(DIGESTS[:5], scheme=scheme)
        with pytest.raises(TypeError, match="no proofs of growth"):
            tree.prove_extends(3)
        with pytest.raises(ts.InvalidProof) as refused:
            tree.head.verify_extends(tree.head, ts.ConsistencyProof([]))
        assert refused.value.reason is ts.Reason.NO_GROWTH
