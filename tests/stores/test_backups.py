"""Versions of sparse trees in files: what is written, what is refused, and where a tree is made again."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import protocols, stores

BLAKE3 = ts.hashes.BLAKE3.digest
Entries = Sequence[tuple[bytes, bytes]]


def tree_of(count: int, **options: object) -> ts.SparseTree:
    return ts.SparseTree(
        {ts.key(b"%d" % number): b"value %d" % number for number in range(count)},
        time=1000,
        **options,  # type: ignore[arg-type]
    )


def written(head: ts.SparseHead, entries: Entries, version: int = 1, time: int = 1000) -> bytes:
    """The file, as the specification has it."""
    encoded = head.to_bytes()
    header = b"tlyV\x01" + struct.pack("<I", len(encoded)) + encoded + struct.pack("<2Q", version, time)
    file = struct.pack("<I", len(header) + 32) + header + BLAKE3(header)
    for place, begin in enumerate(range(0, len(entries), 4096)):
        block = b"".join(key + digest for key, digest in entries[begin : begin + 4096])
        file += block + BLAKE3(struct.pack("<Q", place) + block)
    return file


@pytest.mark.parametrize("count", [0, 1, 2, 4096, 4097, 9000])
def test_files_are_those_of_the_specification(tmp_path: Path, count: int) -> None:
    tree = tree_of(count)
    tree.save(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == written(tree.head, list(tree.items()), tree.version)
    again = ts.SparseTree.load(tmp_path / "file")
    assert (again.head, again.version, again.time) == (tree.head, tree.version, 1000)
    assert list(again.items()) == list(tree.items())


@pytest.mark.parametrize("scheme", [ts.schemes.NATIVE_SPARSE.with_context(b"EUR"), ts.schemes.SPARSE_256])
def test_every_change_of_a_file_is_refused(tmp_path: Path, scheme: ts.Scheme) -> None:
    file = tmp_path / "file"
    tree_of(3, scheme=scheme).save(file)
    good = file.read_bytes()
    for place in range(len(good)):
        for bit in (0, 3, 7):
            file.write_bytes(good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :])
            with pytest.raises(ts.DecodeError):
                ts.SparseTree.load(file)
    for length in range(len(good)):
        file.write_bytes(good[:length])
        with pytest.raises(ts.DecodeError):
            ts.SparseTree.load(file)
    file.write_bytes(good + b"\0")
    with pytest.raises(ts.DecodeError):
        ts.SparseTree.load(file)


def test_forged_files_are_refused(tmp_path: Path) -> None:
    """All checks are right, and what is in the file is not what the head says."""
    tree = tree_of(5)
    head, entries = tree.head, list(tree.items())
    (key, digest), *rest = entries
    other = ts.SparseHead(head.scheme, head.size, bytes(32))
    forged = {
        "another digest": written(head, [(key, digest[::-1]), *rest]),
        "another key": written(head, [(bytes(32), digest), *rest]),
        "another order": written(head, entries[::-1]),
        "a key twice": written(head, [entries[0], *entries[:4]]),
        "a key less": written(head, rest),
        "a key more": written(head, [(bytes(32), digest), *entries]),
        "another root": written(other, entries),
        "another size": written(ts.SparseHead(head.scheme, 4, head.root), entries[:4]),
    }
    for what, data in forged.items():
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(ts.DecodeError):
            print(what, ts.SparseTree.load(tmp_path / "file"))


def test_a_backup_goes_into_any_store(tmp_path: Path, store: protocols.Store) -> None:
    tree = tree_of(300, keep=None)
    tree.update([ts.key(b"0")], [b"another"], time=2000)
    tree.at(1).save(tmp_path / "file")
    restored = ts.SparseTree.load(tmp_path / "file", store=store, keep=2)
    assert (restored.head, restored.versions, restored.time) == (tree.at(1).head, range(0, 2), 1000)
    restored.update([ts.key(b"0")], [b"another"])
    assert (restored.head, restored.versions) == (tree.head, range(1, 3))
    again = ts.SparseTree.open(store)
    assert (again.head, list(again.items())) == (tree.head, list(tree.items()))


def test_a_store_takes_a_whole_backup_or_nothing(tmp_path: Path, store: protocols.Store) -> None:
    file, tree = tmp_path / "file", tree_of(50)
    tree.save(file)
    good = file.read_bytes()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(ts.DecodeError):
        ts.SparseTree.load(file, store=store)
    file.write_bytes(written(ts.SparseHead(tree.scheme, 50, bytes(32)), list(tree.items())))
    with pytest.raises(ts.DecodeError):
        ts.SparseTree.load(file, store=store)
    assert store.read_head() is None
    assert list(store.list_tiles()) == []
    file.write_bytes(good)
    ts.SparseTree.load(file, store=store)
    tiles = list(store.list_tiles())
    with pytest.raises(ts.StoreError, match="holds a tree already"):
        ts.SparseTree.load(file, store=store)
    assert list(store.list_tiles()) == tiles


def test_a_file_is_replaced_only_if_asked(tmp_path: Path) -> None:
    file, tree = tmp_path / "file", tree_of(2)
    tree.save(file)
    before = file.read_bytes()
    tree.remove([ts.key(b"0")])
    with pytest.raises(FileExistsError):
        tree.save(file)
    assert file.read_bytes() == before
    tree.save(file, overwrite=True)
    assert ts.SparseTree.load(file).head == tree.head
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    with pytest.raises(FileNotFoundError):
        tree.save(tmp_path / "none" / "file")


def test_files_of_other_kinds_are_named(tmp_path: Path) -> None:
    ts.MerkleTree([b"leaf"]).save(tmp_path / "dense")
    ts.SparseTree({bytes(32): b"value"}).save(tmp_path / "sparse")
    (tmp_path / "text").write_text("no tree at all, and long enough to be one")
    stores.FileStore(tmp_path / "store").close()
    for call, message in (
        (lambda: ts.SparseTree.load(tmp_path / "dense"), "this is a tree file"),
        (lambda: ts.MerkleTree.open(tmp_path / "sparse"), "this is the file of a sparse tree"),
        (lambda: ts.SparseTree.load(tmp_path / "text"), "this is no file of a sparse tree"),
        (lambda: ts.SparseTree.load(tmp_path / "store"), "this is a store in one file"),
        (lambda: ts.MerkleTree.open(tmp_path / "store"), "this is a store in one file"),
    ):
        with pytest.raises(ts.DecodeError, match=message):
            call()
