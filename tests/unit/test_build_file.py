"""build_file: the file that save writes, from leaves in pieces of any size and form."""

from __future__ import annotations

import errno
import io
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import array, each_scheme, rows, scheme_of

BORDERS = (4095, 4096, 4097, 8191, 8192, 8193, 12_289)
LEAVES = array(12_289)


def pieces(leaves: np.ndarray, seed: int, most: int) -> Iterator[np.ndarray]:
    cut, done = random.Random(seed), 0
    while done < len(leaves):
        count = cut.randint(0, most)
        yield leaves[done : done + count]
        done += count


def saved(leaves: object, path: Path, **options: ts.Scheme) -> bytes:
    ts.MerkleTree(leaves, **options).save(path, overwrite=True)  # type: ignore[arg-type]
    return path.read_bytes()


def test_every_size_up_to_300(tmp_path: Path) -> None:
    for size in range(301):
        expected = saved(LEAVES[:size], tmp_path / "saved")
        tree = ts.build_file(tmp_path / "built", pieces(LEAVES[:size], size, 50), overwrite=True)
        assert (tmp_path / "built").read_bytes() == expected
        assert len(tree) == size
        assert tree.head == ts.head_of(LEAVES[:size])


@pytest.mark.parametrize("size", BORDERS)
@pytest.mark.parametrize("most", [1000, 4096, 5000, 20_000])
def test_sizes_around_the_borders_of_blocks(size: int, most: int, tmp_path: Path) -> None:
    expected = saved(LEAVES[:size], tmp_path / "saved")
    tree = ts.build_file(tmp_path / "built", pieces(LEAVES[:size], most, most))
    assert (tmp_path / "built").read_bytes() == expected
    tree.head.verify_each(range(size), LEAVES[:size], tree.prove_each())


@each_scheme
def test_every_scheme(twin: Scheme, tmp_path: Path) -> None:
    scheme = scheme_of(twin)
    expected = saved(LEAVES[:5000], tmp_path / "saved", scheme=scheme)
    tree = ts.build_file(tmp_path / "built", pieces(LEAVES[:5000], 1, 3000), scheme=scheme)
    assert (tmp_path / "built").read_bytes() == expected
    assert tree.scheme == scheme


def test_many_batches(tmp_path: Path) -> None:
    leaves = array(300_000, 8)
    expected = saved(leaves, tmp_path / "saved")
    for threads in (1, 2, 5):
        ts.set_threads(threads)
        try:
            for most in (70_000, 1_000_000):
                ts.build_file(tmp_path / "built", pieces(leaves, most, most), overwrite=True)
                assert (tmp_path / "built").read_bytes() == expected
        finally:
            ts.set_threads(None)
    assert ts.MerkleTree.open(tmp_path / "built", check=True).head == ts.head_of(leaves)


def test_pieces_of_every_form(tmp_path: Path) -> None:
    data = rows(5000)
    forms: list[Callable[[list[bytes]], object]] = [
        list,
        tuple,
        lambda part: pa.array(part, pa.binary()),
        lambda part: pa.chunked_array([part[:3], part[3:]], pa.large_binary()),
        lambda part: [bytearray(row) for row in part],
    ]
    chunks = [forms[place % 5](data[begin : begin + 271]) for place, begin in enumerate(range(0, 5000, 271))]
    ts.build_file(tmp_path / "built", chunks)  # type: ignore[arg-type]
    assert (tmp_path / "built").read_bytes() == saved(data, tmp_path / "saved")


def test_a_memmap_is_one_piece(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "leaves", np.uint8, "w+", shape=(50_000, 32))
    mapped[:] = array(50_000)
    tree = ts.build_file(tmp_path / "built", [mapped])
    assert tree.head == ts.head_of(mapped)


def test_iterables_of_every_kind(tmp_path: Path) -> None:
    class Indexed:
        def __getitem__(self, place: int) -> list[bytes]:
            return [[b"a"], [], [b"b", b"c"]][place]

    class Countless:
        def __iter__(self) -> Iterator[list[bytes]]:
            return iter([[b"a"], [b"b", b"c"]])

    many: list[Iterable[list[bytes]]] = [
        [[b"a", b"b", b"c"]],
        ([b"a"], [b"b"], [], [b"c"]),
        ([row] for row in (b"a", b"b", b"c")),
        {0: [b"a"], 1: [b"b", b"c"]}.values(),
        Countless(),
        Indexed(),  # type: ignore[list-item]
    ]
    for chunks in many:
        tree = ts.build_file(tmp_path / "built", chunks, overwrite=True)
        assert tree.head == ts.head_of([b"a", b"b", b"c"])


@pytest.mark.parametrize("chunks", [[], (), [[]], [[], np.zeros((0, 32), np.uint8)]], ids=repr)
def test_no_leaves_are_the_empty_tree(chunks: list[list[bytes]], tmp_path: Path) -> None:
    tree = ts.build_file(tmp_path / "built", chunks)
    assert tree.head == ts.MerkleTree().head
    assert (tmp_path / "built").read_bytes() == saved([], tmp_path / "saved")


def test_what_comes_back_is_opened(tmp_path: Path) -> None:
    tree = ts.build_file(tmp_path / "built", [[b"a"]])
    with pytest.raises(io.UnsupportedOperation, match="read-only"):
        tree.append(b"b")


def test_what_the_iterable_raises_comes_out(tmp_path: Path) -> None:
    class Odd(Exception):
        pass

    raised = Odd("on the way")

    def chunks() -> Iterator[np.ndarray]:
        yield LEAVES
        yield LEAVES[:5]
        assert [path.name[:12] for path in tmp_path.iterdir()] == [".tallystick-"]
        raise raised

    with pytest.raises(Odd) as caught:
        ts.build_file(tmp_path / "built", chunks())
    assert caught.value is raised
    assert list(tmp_path.iterdir()) == []

    class Broken:
        def __iter__(self) -> Iterator[list[bytes]]:
            raise raised

    with pytest.raises(Odd):
        ts.build_file(tmp_path / "built", Broken())
    assert list(tmp_path.iterdir()) == []


WRONG = [
    b"leaf",
    "text",
    5,
    None,
    [b"a", 3],
    np.zeros(4, np.uint8),
    np.zeros((2, 2), np.float64),
    [b"a", "b"],
]


@pytest.mark.parametrize("chunk", WRONG, ids=repr)
def test_a_piece_that_is_not_rows_is_named(chunk: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"chunks\[2\]"):
        ts.build_file(tmp_path / "built", [[b"a"], LEAVES, chunk])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []


def test_values_that_are_no_rows_are_named(tmp_path: Path) -> None:
    for chunk in (pa.array([b"a", None]), np.zeros((3, 0), np.uint8)):
        with pytest.raises(ValueError, match=r"chunks\[1\]"):
            ts.build_file(tmp_path / "built", [[b"a"], chunk])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chunks", [None, 5, object(), len], ids=repr)
def test_pieces_come_from_an_iterable(chunks: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="iterable of rows"):
        ts.build_file(tmp_path / "built", chunks)  # type: ignore[call-overload]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chunks", [[b"a", b"b"], "ab"], ids=type)
def test_leaves_in_place_of_pieces_are_refused(chunks: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"chunks\[0\]"):
        ts.build_file(tmp_path / "built", chunks)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "chunks", [b"ab", LEAVES, pa.array([b"a"]), pa.chunked_array([[b"a"], [b"b"]])], ids=type
)
def test_rows_in_place_of_chunks_are_refused_with_the_remedy(chunks: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"is rows itself: put it in a list, \[rows\]"):
        ts.build_file(tmp_path / "built", chunks)  # type: ignore[call-overload]
    assert list(tmp_path.iterdir()) == []


def test_an_array_of_chunks_is_one(tmp_path: Path) -> None:
    chunks = np.arange(240, dtype=np.uint8).reshape(3, 10, 8)
    built = ts.build_file(tmp_path / "built", chunks)
    assert built is not None
    assert built.head == ts.MerkleTree(chunks.reshape(30, 8)).head


def never_asked() -> Iterator[list[bytes]]:
    pytest.fail("asked for a chunk")
    yield []


def test_an_existing_file_is_seen_before_the_first_piece(tmp_path: Path) -> None:
    path = tmp_path / "built"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError) as caught:
        ts.build_file(path, never_asked())
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"mine"
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        ts.build_file(tmp_path / "link", never_asked())
    assert sorted(found.name for found in tmp_path.iterdir()) == ["built", "link"]


def test_a_file_that_comes_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "built"

    def chunks() -> Iterator[list[bytes]]:
        yield [b"a"]
        path.write_bytes(b"mine")
        yield [b"b"]

    with pytest.raises(FileExistsError):
        ts.build_file(path, chunks())
    assert path.read_bytes() == b"mine"
    assert ts.build_file(path, chunks(), overwrite=True).head == ts.head_of([b"a", b"b"])
    assert [found.name for found in tmp_path.iterdir()] == ["built"]


def test_what_the_system_refuses(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ts.build_file(tmp_path / "no" / "built", never_asked())
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        ts.build_file(tmp_path / "file" / "built", never_asked())
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError) as caught:
        ts.build_file(tmp_path / "folder", [[b"a"]], overwrite=True)
    assert caught.value.errno in (errno.EISDIR, errno.EACCES, errno.EEXIST, errno.ENOTEMPTY)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["file", "folder"]


def test_a_build_within_a_build(tmp_path: Path) -> None:
    """The iterable may use the library, and build another file."""

    def chunks() -> Iterator[np.ndarray]:
        for place in range(3):
            inner = ts.build_file(tmp_path / f"inner {place}", [LEAVES])
            assert inner.head == ts.MerkleTree(LEAVES).head
            yield LEAVES[place * 4000 : (place + 1) * 4000]

    assert ts.build_file(tmp_path / "outer", chunks()).head == ts.head_of(LEAVES[:12_000])


@pytest.mark.parametrize(
    ("lowest", "raised"),
    [
        (13, ValueError),
        (-1, ValueError),
        (2**64, OverflowError),
        ("1", TypeError),
        (1.0, TypeError),
        (None, TypeError),
    ],
)
def test_lowest_levels_that_are_refused(lowest: object, raised: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(raised):
        ts.build_file(tmp_path / "built", never_asked(), lowest=lowest)  # type: ignore[call-overload]
    with pytest.raises(raised if lowest != 13 else ValueError):
        ts.build_file(tmp_path / "built", [], lowest=lowest)  # type: ignore[call-overload]
    assert list(tmp_path.iterdir()) == []


def test_the_last_indices(tmp_path: Path) -> None:
    assert ts.build_file(tmp_path / "last", [[b"a", b"b"]], begin=2**64 - 3) is None
    with pytest.raises(OverflowError):
        ts.build_file(tmp_path / "more", [[b"a"], [b"b", b"c"]], begin=2**64 - 3)
    for begin in (-1, 2**64):
        with pytest.raises((ValueError, OverflowError)):
            ts.build_file(tmp_path / "more", [], begin=begin)
    assert [found.name for found in tmp_path.iterdir()] == ["last"]
