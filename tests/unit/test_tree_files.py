"""Tree files: saved, opened, replaced, and refused when anything about them is wrong."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import array, built, each_scheme, flipped, rows, run_python, scheme_of, state

LEAVES = rows(11)
PAGE = 16_384


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "tree"
    built(LEAVES).save(path)
    return path


@each_scheme
@pytest.mark.parametrize("size", [0, 1, 2, 11])
def test_a_file_is_the_tree(twin: Scheme, size: int, tmp_path: Path) -> None:
    scheme = scheme_of(twin) if twin.family == "rfc6962" else scheme_of(twin.with_context(b"day 1"))
    tree = built(LEAVES[:size], scheme=scheme)
    assert tree.save(tmp_path / "tree") is None  # type: ignore[func-returns-value]
    for check in (False, True):
        opened = ts.MerkleTree.open(tmp_path / "tree", check=check)
        assert state(opened) == state(tree)
        assert opened.scheme == scheme
        assert list(opened.prove_each()) == [tree.prove(index) for index in range(size)]
        assert [opened.head_at(k) for k in range(size + 1)] == [tree.head_at(k) for k in range(size + 1)]


def test_a_larger_file_is_served_from_many_pages(tmp_path: Path) -> None:
    leaves = array(50_001)
    tree = ts.MerkleTree(leaves)
    tree.save(tmp_path / "tree")
    opened = ts.MerkleTree.open(tmp_path / "tree")
    assert opened.prove_each() == tree.prove_each()
    assert opened.head_at(40_000) == tree.head_at(40_000)
    older = tree.head_at(33_333)
    older.verify_inclusion(12_345, leaves[12_345], opened.prove(12_345, head=older))


def test_an_opened_tree_is_read_only(saved: Path) -> None:
    tree = ts.MerkleTree.open(saved)
    before = state(tree)
    calls: list[Callable[[], object]] = [
        lambda: tree.append(b"x"),
        lambda: tree.extend([b"x"]),
        lambda: tree.extend([]),
        lambda: tree.update([0], [b"x"]),
        lambda: tree.update([], []),
    ]
    for call in calls:
        with pytest.raises(io.UnsupportedOperation, match="read-only"):
            call()
    assert state(tree) == before


def test_an_existing_file_stays_unless_told(saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(FileExistsError):
        built([b"other"]).save(saved)
    assert saved.read_bytes() == before
    built([b"other"]).save(saved, overwrite=True)
    assert ts.MerkleTree.open(saved).head == built([b"other"]).head


def test_overwriting_creates_too(tmp_path: Path) -> None:
    built(LEAVES).save(tmp_path / "new", overwrite=True)
    assert (tmp_path / "new").is_file()


def test_readers_keep_the_file_that_is_replaced(saved: Path) -> None:
    tree = ts.MerkleTree.open(saved)
    before = state(tree)
    built([b"other"]).save(saved, overwrite=True)
    assert state(tree) == before


def test_an_opened_tree_can_be_saved(saved: Path, tmp_path: Path) -> None:
    ts.MerkleTree.open(saved).save(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == saved.read_bytes()
    ts.MerkleTree.open(saved).save(saved, overwrite=True)
    assert (tmp_path / "copy").read_bytes() == saved.read_bytes()


def test_paths_of_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tree = built(LEAVES)
    for path in (tmp_path / "a", str(tmp_path / "b"), "c", Path("d"), os.fsdecode(b"e-\xff"), "f ü 🌳"):
        tree.save(path)
        assert ts.MerkleTree.open(path).head == tree.head
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.parametrize("path", [None, 3, 1.0, True, ["a"], ("a", 3)])
def test_a_path_is_a_path(path: object) -> None:
    if path != ["a"]:  # one file of a list
        with pytest.raises(TypeError):
            ts.MerkleTree.open(path)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        built([]).save(path)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ts.build_file(path, [])  # type: ignore[call-overload]


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077, 0o000])
def test_permissions_follow_the_umask(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        built(LEAVES).save(tmp_path / "tree")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "tree").stat().st_mode) == 0o666 & ~mask


def test_nothing_is_left_beside_the_file(saved: Path) -> None:
    built(LEAVES).save(saved, overwrite=True)
    with pytest.raises(FileExistsError):
        built(LEAVES).save(saved)
    (saved.parent / "folder").mkdir()
    for path in (saved / "below a file", saved.parent / "folder", saved.parent / "no" / "tree"):
        with pytest.raises(OSError, match=r"."):
            built(LEAVES).save(path, overwrite=True)
    assert sorted(found.name for found in saved.parent.iterdir()) == ["folder", "tree"]
    assert list((saved.parent / "folder").iterdir()) == []


def test_what_the_system_refuses(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        ts.MerkleTree.open(tmp_path / "missing")
    assert missing.value.errno is not None
    with pytest.raises(FileNotFoundError):
        built([]).save(tmp_path / "no" / "tree")
    with pytest.raises(NotADirectoryError):
        built([]).save(saved / "below")
    for folder_or_pipe in (tmp_path, Path(os.devnull)):
        with pytest.raises((OSError, ts.DecodeError)):
            ts.MerkleTree.open(folder_or_pipe)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """Opening one waits for a writer, for ever and deaf to Ctrl-C, unless its kind is looked at first."""
    os.mkfifo(tmp_path / "pipe")
    code = """
import sys, tallystick as ts
try:
    ts.MerkleTree.open(sys.argv[1])
except (OSError, ts.DecodeError) as error:
    print("refused")
"""
    assert run_python(code, tmp_path / "pipe", timeout=5).stdout == "refused\n"


def test_a_file_that_is_cut_anywhere_is_refused(saved: Path, tmp_path: Path) -> None:
    raw, cut = saved.read_bytes(), tmp_path / "cut"
    for length in range(len(raw)):
        cut.write_bytes(raw[:length])
        with pytest.raises(ts.DecodeError):
            ts.MerkleTree.open(cut)
    cut.write_bytes(raw)
    assert ts.MerkleTree.open(cut, check=True).head == built(LEAVES).head


@pytest.mark.parametrize("extra", [b"\x00", b"\xff", bytes(32), bytes(PAGE)], ids=len)
def test_a_file_with_more_behind_it_is_refused(extra: bytes, saved: Path) -> None:
    saved.write_bytes(saved.read_bytes() + extra)
    with pytest.raises(ts.DecodeError, match=r"\d+ bytes"):
        ts.MerkleTree.open(saved)


def test_a_change_of_any_byte_is_refused(saved: Path, tmp_path: Path) -> None:
    raw, changed = saved.read_bytes(), tmp_path / "changed"
    for place, byte in enumerate(raw):
        for mask in (1 << place % 8, 0xFF):
            changed.write_bytes(raw[:place] + bytes([byte ^ mask]) + raw[place + 1 :])
            with pytest.raises(ts.DecodeError):
                ts.MerkleTree.open(changed, check=True)


def test_a_damaged_page_is_refused_at_its_first_use(tmp_path: Path) -> None:
    leaves, path = array(2000), tmp_path / "tree"
    ts.MerkleTree(leaves).save(path)
    raw = path.read_bytes()
    path.write_bytes(flipped(raw, 8 * 20_000))  # in the second page, which holds no peak
    tree = ts.MerkleTree.open(path)
    good, bad = tree.prove(5), (20_000 - 512) // 32
    tree.head.verify_inclusion(5, leaves[5], good)
    calls: list[Callable[[], object]] = [
        lambda: tree.prove(bad ^ 1),
        tree.prove_each,
        lambda: list(tree.proofs()),
        lambda: ts.hazmat.leaf_digests(tree),
        lambda: tree.save(tmp_path / "copy"),
        lambda: ts.MerkleTree.open(path, check=True),
    ]
    for call in calls:
        with pytest.raises(ts.DecodeError, match="page 1"):
            call()
    assert [found.name for found in tmp_path.iterdir()] == ["tree"]
    tree.head.verify_inclusion(5, leaves[5], tree.prove(5))


@pytest.mark.exhaustive
def test_every_bit_of_64_kib_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "tree"
    ts.MerkleTree(array(1000)).save(path)
    raw = path.read_bytes()
    assert len(raw) > 64 * 1024 - 2048
    for bit in range(8 * len(raw)):
        path.unlink()
        path.write_bytes(flipped(raw, bit))
        with pytest.raises(ts.DecodeError):
            ts.MerkleTree.open(path, check=True)
