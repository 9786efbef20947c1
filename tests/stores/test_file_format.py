"""The file of `FileStore` as its page says: read by the twin, and damaged alike for both."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import stores

from tests.reference.reader import DecodeError
from tests.reference.store_file import Store, find_slot, following, read_store


def history(path: Path, seed: int, batches: int) -> Store:
    """Write batches by chance; what must be in the file."""
    chosen, expected = random.Random(seed), Store()
    with stores.FileStore(path) as store:
        for batch in range(batches):
            for _ in range(chosen.randrange(30)):
                name = f"t/{chosen.randrange(40)}"
                if chosen.random() < 0.2:
                    store.delete_tiles([name])
                    expected.tiles.pop(name, None)
                else:
                    expected.tiles[name] = chosen.randbytes(chosen.randrange(600))
                    store.write_tiles([(name, expected.tiles[name])])
            head = b"%d" % batch
            assert store.publish_head(head, expected=expected.head)
            expected.head = head
            if chosen.random() < 0.1:
                store.compact()
    return expected


@pytest.mark.parametrize("seed", range(8))
def test_the_twin_reads_what_is_written(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "store"
    expected = history(path, seed, 12)
    found = read_store(path.read_bytes())
    assert (found.head, found.tiles) == (expected.head, expected.tiles)
    assert found.end == path.stat().st_size


def test_an_empty_store_and_an_index_of_several_blocks(tmp_path: Path) -> None:
    path = tmp_path / "store"
    stores.FileStore(path).close()
    assert read_store(path.read_bytes()) == Store()
    tiles = {f"{'long' * 40}/{number:05}": b"%d" % number for number in range(1500)}
    with stores.FileStore(path) as store:
        store.write_tiles(list(tiles.items()))
    found = read_store(path.read_bytes())
    assert (found.head, found.tiles) == (None, tiles)


@pytest.mark.parametrize("slot", [0, 4096])
def test_a_damaged_slot_loses_no_head(tmp_path: Path, slot: int) -> None:
    path = tmp_path / "store"
    expected = history(path, 1, 5)
    file = bytearray(path.read_bytes())
    file[slot + 20] ^= 1
    path.write_bytes(file)
    assert read_store(bytes(file)).head == expected.head
    for read_only in (True, False):
        with stores.FileStore(path, read_only=read_only) as store:
            assert store.read_head() == expected.head
    assert following(path.read_bytes(), find_slot(path.read_bytes())) is None


def test_both_refuse_the_same_damage(tmp_path: Path) -> None:
    path, chosen = tmp_path / "store", random.Random(3)
    history(path, 2, 6)
    whole = path.read_bytes()
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        place = chosen.choice(
            [chosen.randrange(8192, len(whole)), chosen.randrange(56), 4096 + chosen.randrange(56)]
        )
        damaged[place] ^= 1 << chosen.randrange(8)
        try:
            expected = read_store(bytes(damaged))
        except (DecodeError, UnicodeDecodeError):
            expected = None
        path.write_bytes(damaged)
        try:
            with stores.FileStore(path, read_only=True) as store:
                names = store.list_tiles()
                found = dict(zip(names, store.read_tiles(names), strict=True))
                # Tiles that were replaced are read by the twin alone.
                assert expected is None or (store.read_head(), found) == (expected.head, expected.tiles)
                assert store.read_head() == b"5"
        except ts.StoreError:
            refused += 1
            assert expected is None
    assert refused > 30
