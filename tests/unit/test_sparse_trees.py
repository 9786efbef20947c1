"""Sparse trees: maps with proofs, versions, and what they refuse."""

from __future__ import annotations

import io
import pickle
import random
import threading

import numpy as np
import pytest
import tallystick as ts

from tests.reference import codec
from tests.reference import sparse as twin
from tests.reference.schemes import SPARSE_SCHEMES
from tests.support_sparse import SPARSE_BUILT_IN


def keys_of(count: int, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    return [rng.randbytes(32) for _ in range(count)]


def values_of(keys: list[bytes]) -> list[bytes]:
    return [key[:3] * (key[4] % 3) for key in keys]


@pytest.mark.parametrize("scheme", SPARSE_SCHEMES, ids=lambda scheme: str(scheme.name))
def test_roots_and_proofs_are_the_twins(scheme: twin.Scheme) -> None:
    ours = ts.schemes.get(scheme.name)
    for count in (0, 1, 2, 3, 17):
        keys = keys_of(count)
        model = twin.SparseTree(scheme)
        model.update(dict(zip(keys, values_of(keys), strict=True)))
        tree = ts.SparseTree(dict(zip(keys, values_of(keys), strict=True)), scheme=ours)
        assert tree.root == model.head.root
        asked = [*keys, *keys_of(3, seed=2)]
        for key in asked:
            assert tree.prove(key).to_bytes() == codec.encode(model.prove(key))
        assert tree.prove_many(asked).to_bytes() == codec.encode(model.prove_many(asked))


@pytest.mark.parametrize("scheme", SPARSE_BUILT_IN, ids=lambda scheme: str(scheme.name))
def test_what_is_put_is_proven_and_what_is_removed_is_absent(scheme: ts.Scheme) -> None:
    keys = keys_of(60)
    tree = ts.SparseTree(zip(keys, values_of(keys), strict=True), scheme=scheme)
    tree.remove(keys[:20])
    assert len(tree) == 40
    assert keys[0] not in tree
    assert keys[20] in tree
    for key, value in list(zip(keys, values_of(keys), strict=True))[::7]:
        if key in tree:
            tree.head.verify_present(key, value, tree.prove(key))
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_absent(key, tree.prove(key))
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_present(key, value + b"!", tree.prove(key))
        else:
            tree.head.verify_absent(key, tree.prove(key))
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_present(key, value, tree.prove(key))
    present = dict(list(zip(keys, values_of(keys), strict=True))[30:50])
    tree.head.verify_many(present, keys[5:9], tree.prove_many([*keys[5:9], *present]))


def test_the_root_does_not_depend_on_the_order_or_on_batches() -> None:
    keys = keys_of(500)
    whole = ts.SparseTree(dict.fromkeys(keys, b"value"))
    other = ts.SparseTree()
    shuffled = random.Random(3).sample(keys, len(keys))
    for begin in range(0, 500, 37):
        other.update(shuffled[begin : begin + 37], [b"value"] * len(shuffled[begin : begin + 37]))
    extra = keys_of(50, seed=9)
    other.update(extra, [b"gone"] * 50)
    other.remove(extra)
    assert other.root == whole.root
    assert list(other.items()) == list(whole.items())


@pytest.mark.parametrize("threads", [1, 3])
def test_arrays_lists_and_threads_give_the_same_tree(threads: int) -> None:
    ts.set_threads(threads)
    try:
        keys = np.random.default_rng(4).integers(0, 256, (9000, 32), dtype=np.uint8)
        values = np.arange(9000, dtype=np.uint64).view(np.uint8).reshape(9000, 8)
        one, two = ts.SparseTree(), ts.SparseTree()
        one.update(keys, values)
        two.update([row.tobytes() for row in keys], [row.tobytes() for row in values])
        assert one.root == two.root
        proof = one.prove_many(keys[:4000])
        present = {keys[place].tobytes(): values[place].tobytes() for place in range(4000)}
        one.head.verify_many(present, [], proof)
    finally:
        ts.set_threads(None)


def test_versions_are_kept_as_told() -> None:
    keys = keys_of(12)
    tree = ts.SparseTree(keep=4, time=100)
    roots = {0: tree.root}
    for number, key in enumerate(keys, 1):
        tree.update([key], [b"value"], time=100 + 10 * number)
        roots[number] = tree.root
    assert tree.version == 12
    assert tree.versions == range(9, 13)
    for number in tree.versions:
        old = tree.at(number)
        assert (old.root, len(old), old.version, old.time) == (
            roots[number],
            number,
            number,
            100 + 10 * number,
        )
        old.head.verify_present(keys[number - 1], b"value", old.prove(keys[number - 1]))
        if number < 12:
            old.head.verify_absent(keys[number], tree.prove(keys[number], head=old.head))
    with pytest.raises(ts.NotFound):
        tree.at(8)
    with pytest.raises(ts.NotFound):
        tree.at(13)
    assert tree.at_time(215).version == 11
    assert tree.at_time(10**9).version == 12
    with pytest.raises(ts.NotFound):
        tree.at_time(189)
    assert [key for key, _, _ in tree.diff(9, 12)] == sorted(keys[9:])
    assert [before for _, before, _ in tree.diff(9, 12)] == [None] * 3
    assert [after for _, _, after in tree.diff(12, 9)] == [None] * 3
    tree.prune(11)
    assert tree.versions == range(11, 13)
    with pytest.raises(ts.NotFound):
        tree.prune(10)
    with pytest.raises(ts.NotFound):
        tree.prune(13)


def test_old_versions_are_read_only_and_may_go() -> None:
    tree = ts.SparseTree(keep=2)
    key, other = keys_of(2)
    tree.update([key], [b"1"])
    old = tree.at(1)
    for change in (lambda: old.update([other], [b""]), lambda: old.remove([key]), lambda: old.prune(1)):
        with pytest.raises(io.UnsupportedOperation, match="old version"):
            change()
    items = old.items()
    tree.update([key], [b"2"])
    tree.update([key], [b"3"])
    for ask in (lambda: old.root, lambda: len(old), lambda: old.prove(key), lambda: next(items)):
        with pytest.raises(ts.NotFound):
            ask()


def test_iteration_is_in_order_and_by_prefix() -> None:
    keys = keys_of(3000)
    tree = ts.SparseTree(dict.fromkeys(keys, b"value"), scheme=ts.schemes.ICS23_SMT)
    digest = ts.hashes.SHA256.digest(b"value")
    assert list(tree.items()) == [(key, digest) for key in sorted(keys)]
    for prefix in (b"\x00", b"\xff", keys[0][:2], keys[1][:31], keys[2], b"\x01\x02\x03\x04"):
        assert [key for key, _ in tree.items(prefix)] == sorted(key for key in keys if key.startswith(prefix))
    with pytest.raises(ValueError, match="33 bytes"):
        tree.items(bytes(33))
    assert tree.digest(keys[0]) == digest
    assert tree.digest(bytes(32)) is None


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda tree, key: tree.update([key, key], [b"", b""]), ValueError, "twice"),
        (lambda tree, key: tree.update([key], []), ValueError, "1 keys and 0 values"),
        (lambda tree, key: tree.update([key[1:]], [b""]), ValueError, r"keys\[0\] has 31 bytes"),
        (lambda tree, key: tree.update(key, [b""]), TypeError, "wrap it in a list"),
        (lambda tree, key: tree.update([key], "text"), TypeError, "str"),
        (lambda tree, _key: tree.remove([bytes(32)]), KeyError, "absent"),
        (lambda tree, key: tree.remove([key, bytes(32)]), KeyError, "absent"),
        (lambda tree, key: tree.remove([key, key]), ValueError, "twice"),
        (lambda tree, key: tree.prove(key + b"1"), ValueError, "33 bytes"),
        (lambda tree, _key: tree.prove("alice"), TypeError, "str"),
        (lambda tree, _key: tree.prove_many([]), ValueError, "at least one"),
        (lambda tree, key: tree.prove_many([key, key]), ValueError, "twice"),
        (
            lambda tree, key: tree.prove(key, head=ts.SparseTree().head),
            ts.StaleHead,
            "it has versions 1 to 1",
        ),
        (lambda tree, _key: b"short" in tree, ValueError, "5 bytes"),
        (lambda tree, key: tree.update([key], [b""], time=-1), ValueError, "time"),
        (lambda tree, _key: tree.at(-1), ValueError, "version"),
    ],
)
def test_bad_calls_change_nothing(call, error, message) -> None:  # type: ignore[no-untyped-def]
    (key,) = keys_of(1)
    tree = ts.SparseTree({key: b"value"})
    before = (tree.head, tree.version)
    with pytest.raises(error, match=message):
        call(tree, key)
    assert (tree.head, tree.version) == before


def test_trees_of_other_kinds_are_refused() -> None:
    with pytest.raises(TypeError, match="where their keys lead"):
        ts.schemes.NATIVE_SPARSE.plan(5, [1])
    with pytest.raises(TypeError, match="dense scheme"):
        ts.SparseTree(scheme=ts.schemes.NATIVE)
    with pytest.raises(TypeError, match="sparse scheme"):
        ts.MerkleTree(scheme=ts.schemes.NATIVE_SPARSE)
    with pytest.raises(ValueError, match="keep"):
        ts.SparseTree(keep=0)
    for items in (5, b"bytes", [b"key"], [(1, 2, 3)]):
        with pytest.raises(TypeError):
            ts.SparseTree(items)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        pickle.dumps(ts.SparseTree())


def test_schemes_say_how_long_keys_are() -> None:
    assert [scheme.key_size for scheme in SPARSE_BUILT_IN] == [32] * len(SPARSE_BUILT_IN)
    assert ts.schemes.NATIVE.key_size is None


def test_no_keys_make_no_version() -> None:
    tree = ts.SparseTree({})
    tree.update([], [])
    tree.remove([])
    assert tree.version == 0


def test_contexts_are_bound() -> None:
    (key,) = keys_of(1)
    one = ts.SparseTree({key: b"1"}, scheme=ts.schemes.NATIVE_SPARSE.with_context(b"EUR"))
    other = ts.SparseTree({key: b"1"})
    assert one.root != other.root
    with pytest.raises(ts.InvalidProof):
        ts.SparseHead(other.scheme, 1, one.root).verify_present(key, b"1", one.prove(key))


def test_readers_see_one_version_while_one_writes() -> None:
    keys = keys_of(2000)
    tree = ts.SparseTree(dict.fromkeys(keys[:1000], b"0"))
    stop, failures = threading.Event(), []

    def read() -> None:
        rng = random.Random(1)
        while not stop.is_set():
            head = tree.head
            key = rng.choice(keys)
            try:
                proof = tree.prove(key, head=head)
            except ts.StaleHead:
                continue
            verify = head.verify_absent if proof.end != "present" else None
            try:
                verify(key, proof) if verify else head.verify_present(key, b"0", proof)
            except ts.InvalidProof as error:
                failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for begin in range(1000, 2000, 20):
        tree.update(keys[begin : begin + 20], [b"0"] * 20)
        tree.remove(keys[begin - 1000 : begin - 980])
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(tree) == 1000
