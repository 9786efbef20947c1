"""Patricia tries: what they take and refuse, heads and proofs as values, readers beside a writer."""

from __future__ import annotations

import pickle
import random
import threading
import weakref
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tallystick as ts

from tests.reference import patricia as twin

ITEMS = {b"do": b"verb", b"dog": b"puppy", b"doge": b"coin", b"horse": b"stallion"}
ROOT = "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"


@pytest.fixture
def tree() -> ts.PatriciaTree:
    return ts.PatriciaTree(ITEMS)


def test_every_form_of_items() -> None:
    mapping = MappingProxyType(ITEMS)
    for items in (ITEMS, mapping, list(ITEMS.items()), iter(ITEMS.items())):
        made = ts.PatriciaTree(items)  # type: ignore[arg-type]
        assert made.root.hex() == ROOT
    assert ts.PatriciaTree().root == ts.PatriciaTree({}).root == ts.PatriciaTree(None).root
    keys = np.frombuffer(b"".join(bytes([n]) * 4 for n in range(100)), np.uint8).reshape(100, 4)
    values = [bytes([n]) * (1 + n) for n in range(100)]
    roots = set()
    for given in (
        keys,
        [row.tobytes() for row in keys],
        [bytearray(row) for row in keys],
        pa.array(list(map(bytes, keys))),
    ):
        made = ts.PatriciaTree()
        made.update(given, values)
        assert len(made) == 100
        roots.add(made.root)
    made = ts.PatriciaTree()
    made.update(pa.array(list(map(bytes, keys)), pa.binary(4)), pa.array(values))
    assert roots == {made.root}


def test_the_face(tree: ts.PatriciaTree) -> None:
    assert (len(tree), tree.secure, tree.root.hex()) == (4, False, ROOT)
    assert tree.head == ts.PatriciaHead(tree.root)
    assert b"dog" in tree
    assert bytearray(b"dog") in tree
    assert b"do" * 9 not in tree
    assert b"" not in tree
    assert (tree.find(b"dog"), tree.find(b"cow")) == (b"puppy", None)
    assert repr(tree) == "<PatriciaTree: 4 keys>"
    assert repr(ts.PatriciaTree(secure=True)) == "<PatriciaTree secure: 0 keys>"
    assert repr(tree.head) == f"<PatriciaHead: root {ROOT}>"
    assert weakref.ref(tree)() is tree


def test_bad_batches_change_nothing(tree: ts.PatriciaTree) -> None:
    before = tree.head
    for keys, values, message in (
        ([b"a", b"b"], [b"1"], "2 keys and 1 values"),
        ([b"a", b"a"], [b"1", b"2"], "place 1 is given twice"),
        ([b"dog", b"x", b"dog"], [b"1", b"2", b"1"], "place 2 is given twice"),
        ([b"a", b"b", b"c"], [b"1", b"", b"3"], "place 1 is empty.*remove"),
    ):
        with pytest.raises(ValueError, match=message):
            tree.update(keys, values)
        with pytest.raises(ValueError, match=message if len(keys) == len(values) else "."):
            ts.PatriciaTree(zip(keys, values, strict=False) if len(keys) == len(values) else [(b"a", b"")])
    for gone, error, message in (
        ([b"dog", b"cow"], KeyError, "cow"),
        ([b"cow", b"hen"], KeyError, "cow"),
        ([b"dog", b"dog"], ValueError, "given twice"),
        ([b""], KeyError, "b''"),
    ):
        with pytest.raises(error, match=message):
            tree.remove(gone)
    assert tree.head == before
    assert len(tree) == 4
    tree.update([], [])
    tree.remove([])
    assert tree.head == before


def test_lengths_have_a_limit(tree: ts.PatriciaTree) -> None:
    huge = bytes((1 << 30) + 1)  # never touched: pages of zeros
    with pytest.raises(ValueError, match=r"more than 2\^30 bytes"):
        tree.update([huge], [b"v"])
    with pytest.raises(ValueError, match=r"place 1 has more than 2\^30 bytes"):
        tree.update([b"a", b"b"], [b"v", huge])


@pytest.mark.parametrize("wrong", [None, "dog", 1, 1.5, [b"dog"], object()])
def test_misuse_is_a_type_error(tree: ts.PatriciaTree, wrong: Any) -> None:
    proof = tree.prove(b"dog")
    calls: list[Any] = [
        lambda: tree.find(wrong),
        lambda: wrong in tree,
        lambda: tree.prove(wrong),
        lambda: tree.items(wrong),
        lambda: tree.update([wrong], [b"v"]),
        lambda: tree.update([b"v"], [wrong]),
        lambda: tree.remove([wrong]),
        lambda: tree.prove_many([wrong]),
        lambda: tree.head.verify_present(wrong, b"v", proof),
        lambda: tree.head.verify_present(b"v", wrong, proof),
        lambda: tree.head.verify_present(b"dog", b"puppy", wrong),
        lambda: tree.head.verify_absent(wrong, proof),
        lambda: tree.head.verify_absent(b"dog", wrong),
        lambda: tree.head.verify_many(wrong, [], proof),
        lambda: tree.head.verify_many({wrong if wrong.__hash__ else "x": b"v"}, [], proof),
        lambda: tree.head.verify_many({b"v": wrong}, [], proof),
        lambda: tree.head.verify_many({}, [wrong], proof),
        lambda: ts.PatriciaHead(wrong),
        lambda: ts.PatriciaProof([wrong]),
        lambda: ts.PatriciaTree({b"a": wrong}),
        lambda: ts.PatriciaTree([wrong]),
        lambda: ts.PatriciaTree(secure=wrong),
        lambda: ts.PatriciaHead(bytes(32), secure=wrong),
        lambda: tree.prove(b"dog", head=wrong if wrong is not None else 0),
    ]
    for number, call in enumerate(calls):
        try:
            call()
        except TypeError:
            continue
        pytest.fail(f"call {number} took {wrong!r}")
    for whole in (None, b"dog", "dog", 5):
        for rows in (lambda whole=whole: tree.remove(whole), lambda whole=whole: tree.prove_many(whole)):
            with pytest.raises(TypeError):
                rows()


def test_false_claims_of_right_types_are_refused(tree: ts.PatriciaTree) -> None:
    proof = tree.prove(b"dog")
    for check, reason in (
        (lambda: tree.head.verify_present(b"dog", b"", proof), "OTHER_VALUE"),
        (lambda: tree.head.verify_present(b"", b"", tree.prove(b"")), "KEY_ABSENT"),
        (lambda: tree.head.verify_absent(b"dog", proof), "KEY_PRESENT"),
        (lambda: tree.head.verify_many({}, [], proof), "EMPTY_CLAIM"),
        (lambda: tree.head.verify_many({b"dog": b"puppy"}, [b"dog"], proof), "DUPLICATE_KEY"),
        (lambda: tree.head.verify_many({}, [b"cow", bytearray(b"cow")], proof), "DUPLICATE_KEY"),
        (lambda: tree.head.verify_absent(b"dog", ts.PatriciaProof([b""] * 9)), "ROOT_MISMATCH"),
        (lambda: ts.PatriciaHead(bytes(32)).verify_absent(b"a", proof), "ROOT_MISMATCH"),
    ):
        with pytest.raises(ts.InvalidProof) as caught:
            check()
        assert caught.value.reason is ts.Reason[reason]
        assert isinstance(caught.value, ts.RootMismatch) == (reason == "ROOT_MISMATCH")


def test_claims_in_any_order_and_form(tree: ts.PatriciaTree) -> None:
    absent = [b"cat", b"d", b"dogs", b""]
    proof = tree.prove_many([*absent, *ITEMS])
    assert proof == tree.prove_many([*ITEMS, *absent[::-1]])
    tree.head.verify_many(MappingProxyType(ITEMS), iter(absent), proof)
    tree.head.verify_many(dict(reversed(ITEMS.items())), set(absent), proof)
    for keys, message in (([], "at least one"), ([b"a", b"b", b"a"], "place 2 is given twice")):
        with pytest.raises(ValueError, match=message):
            tree.prove_many(keys)


def test_heads_that_are_no_longer_the_trees(tree: ts.PatriciaTree) -> None:
    head, proof = tree.head, tree.prove(b"dog", head=tree.head)
    tree.update([b"cow"], [b"moo"])
    head.verify_present(b"dog", b"puppy", proof)
    for call in (lambda: tree.prove(b"dog", head=head), lambda: tree.prove_many([b"dog"], head=head)):
        with pytest.raises(ts.StaleHead):
            call()
    with pytest.raises(ts.StaleHead):
        tree.prove(b"dog", head=ts.PatriciaHead(tree.root, secure=True))
    tree.remove([b"cow"])
    assert tree.prove(b"dog", head=head) == proof


def test_items_are_those_of_the_moment(tree: ts.PatriciaTree) -> None:
    found = tree.items()
    assert next(found) == (b"do", b"verb")
    tree.remove(list(ITEMS))
    tree.update([b"z"], [b"z"])
    assert list(found) == sorted(ITEMS.items())[1:]
    assert list(found) == []
    assert list(tree.items()) == [(b"z", b"z")]
    assert list(tree.items(b"zz")) == list(tree.items(b"y")) == []
    assert iter(found) is found


def test_heads_and_proofs_are_values(tree: ts.PatriciaTree) -> None:
    head, proof = tree.head, tree.prove_many(list(ITEMS))
    assert (len(proof), type(proof.nodes)) == (len(proof.nodes), tuple)
    for value, other in (
        (head, ts.PatriciaHead(head.root, secure=True)),
        (head, ts.PatriciaHead(bytes(32))),
        (proof, ts.PatriciaProof(proof.nodes[:-1])),
        (proof, ts.PatriciaProof([])),
    ):
        assert value != other
        assert value not in (b"", 5)
        assert pickle.loads(pickle.dumps(value)) == value
        assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
        assert type(value).from_json(value.to_json()) == value
    # Where one node ends and the next begins is part of the value.
    assert ts.PatriciaProof([b"ab", b"c"]) != ts.PatriciaProof([b"a", b"bc"])
    with pytest.raises(ValueError, match="32 bytes"):
        ts.PatriciaHead(bytes(31))
    with pytest.raises(TypeError):
        ts.PatriciaHead(bytes(32), True)  # type: ignore[misc]


def test_readers_see_one_state_while_a_writer_works() -> None:
    generator = random.Random(3)
    keys = [generator.randbytes(8) for _ in range(2000)]
    tree = ts.PatriciaTree(dict.fromkeys(keys, b"0"))
    asked, failed, stop = keys[:20], [], threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                head = tree.head
                try:
                    proof = tree.prove_many(asked, head=head)
                except ts.StaleHead:
                    continue
                value = next(value for value in (b"%d" % n for n in range(400)) if claims(head, value, proof))
                assert value
                assert len({value for _, value in tree.items()}) == 1
        except BaseException as error:
            failed.append(error)

    def claims(head: ts.PatriciaHead, value: bytes, proof: ts.PatriciaProof) -> bool:
        try:
            head.verify_many(dict.fromkeys(asked, value), [], proof)
        except ts.InvalidProof:
            return False
        return True

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 40):
        tree.update(keys, [b"%d" % number] * len(keys))
    stop.set()
    for reader in readers:
        reader.join(60)
    assert failed == []


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_roots_do_not_depend_on_threads(threads: int) -> None:
    keys = np.random.default_rng(1).integers(0, 256, (5000, 32), dtype=np.uint8)
    items = {row.tobytes(): row.tobytes() for row in keys}
    try:
        ts.set_threads(threads)
        tree = ts.PatriciaTree(secure=True)
        tree.update(keys, keys)
        assert tree.root == twin.head(items, secure=True).root
        proof = tree.prove_many(keys[:500])
        tree.head.verify_many({row.tobytes(): row.tobytes() for row in keys[:500]}, [], proof)
    finally:
        ts.set_threads(None)
