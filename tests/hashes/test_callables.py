"""Python functions as hashes: the built-in roots in every scheme; what they do wrong comes out as it is."""

from __future__ import annotations

import hashlib
import pickle
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import tallystick as ts
from tallystick import _core

from tests.hashes.tables import Wrapped


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def sha256_rows(rows: np.ndarray) -> np.ndarray:
    digests = b"".join(sha256(row.tobytes()) for row in rows)
    return np.frombuffer(digests, np.uint8).reshape(-1, 32)


def wrapped(**options: Any) -> ts.Hash:
    return ts.hashes.from_callable("wrapped", sha256, digest_size=32, **options)


MAKERS: dict[str, Callable[[], ts.Hash]] = {
    "function": wrapped,
    "constructor": lambda: ts.hashes.from_callable("wrapped", hashlib.sha256, digest_size=32),
    "many": lambda: wrapped(many=sha256_rows),
    "plugin": lambda: ts.hashes.from_plugin(Wrapped()),
}
SCHEMES: dict[str, Callable[[ts.Hash], ts.Scheme]] = {
    **{family: partial(_core.scheme_of_family, family) for family in _core.scheme_families()},
    "fixed_depth": lambda hash_: ts.schemes.fixed_depth(9, hash=hash_),
    "ssz_vector": lambda hash_: ts.schemes.ssz_vector(300, hash_),
    "ssz_list": lambda hash_: ts.schemes.ssz_list(1024, hash_),
    "filecoin": lambda hash_: ts.schemes.filecoin(2, hash_),
    "namespaced": lambda hash_: ts.schemes.namespaced(3, hash_),
}


@pytest.fixture(params=MAKERS)
def foreign(request: pytest.FixtureRequest) -> ts.Hash:
    return MAKERS[request.param]()


@pytest.mark.parametrize("family", SCHEMES)
def test_roots_and_proofs_are_the_builtins(foreign: ts.Hash, family: str) -> None:
    mine, known = SCHEMES[family](foreign), SCHEMES[family](ts.hashes.SHA256)
    assert mine != known
    rng = random.Random(family)
    rows = [rng.randbytes(32) for _ in range(300)]
    if family.startswith("filecoin"):
        rows = [row[:31] + bytes([row[31] & 0x3F]) for row in (rows + rows)[:512]]
    if family.startswith("openzeppelin"):
        rows = sorted(set(rows))
    if mine.kind == "sparse":
        trees: list[Any] = [ts.SparseTree({row: row for row in rows}, scheme=s) for s in (mine, known)]
        proof = trees[0].prove(rows[7])
        trees[0].head.verify_present(rows[7], rows[7], proof)
        assert proof == trees[1].prove(rows[7])
    elif mine.kind == "sum":
        trees = [ts.SumTree(rows, range(300), scheme=scheme) for scheme in (mine, known)]
        trees[0].head.verify_inclusion(7, rows[7], 7, trees[0].prove(7))
    elif mine.kind == "namespaced":
        size = 3 if family == "namespaced" else 29
        spaces = [number.to_bytes(size, "big") for number in range(300)]
        trees = [ts.NamespacedTree(rows, spaces, scheme=scheme) for scheme in (mine, known)]
    else:
        trees = [ts.MerkleTree(rows, scheme=scheme) for scheme in (mine, known)]
        index = 7 if mine.binds_index else None
        trees[0].head.verify_inclusion(index, rows[7], trees[0].prove(7))
        wrong = rows[8] if index is not None else bytes(32)
        with pytest.raises(ts.InvalidProof):
            trees[0].head.verify_inclusion(index, wrong, trees[0].prove(7))
    assert trees[0].root == trees[1].root


def test_digests(foreign: ts.Hash) -> None:
    assert (foreign.name, foreign.digest_size, foreign.block_size, foreign.cryptographic) == (
        "wrapped",
        32,
        64,
        True,
    )
    rows = [bytes(length) for length in range(200)]
    assert foreign.digest(b"abc") == sha256(b"abc")
    assert np.array_equal(foreign.digest_many(rows), ts.hashes.SHA256.digest_many(rows))
    assert np.array_equal(foreign.digest_many([]), ts.hashes.SHA256.digest_many([]))
    array = np.arange(6400, dtype=np.uint8).reshape(100, 64)
    assert np.array_equal(foreign.digest_many(array), ts.hashes.SHA256.digest_many(array))


def test_functions_are_equal_to_themselves_alone() -> None:
    one, other = wrapped(), wrapped()
    assert one == one  # noqa: PLR0124 - that is asked
    assert one != other
    assert ts.schemes.native(one) != ts.schemes.native(other)
    with pytest.raises(TypeError, match="register it"):
        pickle.dumps(one)
    with pytest.raises(ts.DecodeError):
        ts.Scheme.from_bytes(ts.schemes.native(one).to_bytes())


def test_everything_else_of_a_tree() -> None:
    scheme = ts.schemes.native(wrapped())
    tree, known = (
        ts.MerkleTree([b"a"], scheme=scheme),
        ts.MerkleTree([b"a"], scheme=ts.schemes.native(ts.hashes.SHA256)),
    )
    for one in (tree, known):
        one.append(b"b")
        one.extend([b"%d" % row for row in range(5000)])
        one.update([4, 700], [b"four", b"seven"])
    assert tree.root == known.root
    older = tree.head_at(17)
    tree.head.verify_extends(older, tree.prove_extends(older))
    tree.head.verify_many([0, 4], [b"a", b"four"], tree.prove_many([0, 4]))
    tree.head.verify_each([0, 4], [b"a", b"four"], tree.prove_each([0, 4]))


class Odd(Exception):
    pass


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (b"short", ts.HashFailure, "a digest of 5 bytes instead of 32"),
        (bytes(33), ts.HashFailure, "a digest of 33 bytes instead of 32"),
        (None, TypeError, "NoneType"),
        ("x" * 32, TypeError, "str"),
        (5, TypeError, "int"),
        (bytes(32), ts.HashFailure, "have one digest"),
    ],
)
def test_answers_that_are_no_digests(answer: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ts.hashes.from_callable("bad", lambda _: answer, digest_size=32)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda _: random.randbytes(32), "two digests"),
        (lambda message: sha256(message.rstrip(b"\0")), "zero bytes behind it"),
        (lambda message: sha256(message[:16]), "zero bytes behind it"),
        (
            lambda message: sha256(
                (int.from_bytes(message, "big") % (2**31 - 1)).to_bytes(4, "big") + b"%d" % len(message)
            ),
            "Mersenne31",
        ),
    ],
)
def test_functions_that_are_no_hashes(function: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(ts.HashFailure, match=message):
        ts.hashes.from_callable("bad", function, digest_size=32)


@pytest.mark.parametrize(
    ("many", "error"),
    [
        (lambda rows: sha256_rows(rows)[::-1], ts.HashFailure),
        (lambda rows: sha256_rows(rows)[:, :31], ts.HashFailure),
        (lambda rows: sha256_rows(rows)[1:], ts.HashFailure),
        (lambda rows: sha256_rows(rows).astype(float), ts.HashFailure),
        (lambda _: None, TypeError),
        (lambda rows: rows.fill(0), ts.HashFailure),
    ],
)
def test_many_that_is_not_the_function(many: Callable[..., Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        wrapped(many=many)


def test_many_may_give_what_is_not_contiguous() -> None:
    mirrored = wrapped(many=lambda rows: np.asfortranarray(sha256_rows(rows)))
    assert ts.MerkleTree([b"a", b"b"] * 50, scheme=ts.schemes.rfc6962(mirrored)).root == (
        ts.MerkleTree([b"a", b"b"] * 50, scheme=ts.schemes.RFC6962).root
    )


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": "SHA"}, ValueError),
        ({"name": "a" * 65}, ValueError),
        ({"name": "blake3"}, ValueError),
        ({"name": "sha3_256"}, ValueError),
        ({"name": "sha256", "block_size": 128}, ValueError),
        ({"name": 5}, TypeError),
        ({"fn": None}, TypeError),
        ({"many": 5}, TypeError),
        ({"digest_size": 31}, ValueError),
        ({"digest_size": 65}, ValueError),
        ({"digest_size": -1}, (ValueError, OverflowError)),
        ({"digest_size": 32.0}, TypeError),
        ({"block_size": 0}, ValueError),
    ],
)
def test_what_no_hash_is_called(options: dict[str, Any], error: type[Exception]) -> None:
    given: dict[str, Any] = {"name": "wrapped", "fn": sha256, "digest_size": 32, **options}
    with pytest.raises(error):
        ts.hashes.from_callable(given.pop("name"), given.pop("fn"), **given)


class Failing:
    """A function that goes wrong at a call that is set."""

    def __init__(self) -> None:
        self.calls, self.fails = 0, -1

    def __call__(self, message: bytes) -> bytes:
        self.calls += 1
        if self.calls == self.fails:
            raise Odd("the call that was set")
        return sha256(message)


def test_an_exception_comes_out_as_it_is_and_changes_nothing() -> None:
    function = Failing()
    scheme = ts.schemes.native(ts.hashes.from_callable("failing", function, digest_size=32))
    tree = ts.MerkleTree([b"%d" % row for row in range(2000)], scheme=scheme)
    head = tree.head
    calls: list[Callable[[], object]] = [
        lambda: tree.extend([b"%d" % row for row in range(3000)]),
        lambda: tree.update(range(1500), [b"x"] * 1500),
        lambda: ts.MerkleTree([b"%d" % row for row in range(3000)], scheme=scheme),
    ]
    for call in calls:
        function.fails = function.calls + 1000
        with pytest.raises(Odd, match="that was set"):
            call()
        assert tree.head == head
    proof = tree.prove(3)
    function.fails = function.calls + 2
    with pytest.raises(Odd):
        head.verify_inclusion(3, b"3", proof)
    head.verify_inclusion(3, b"3", proof)


def test_a_stop_iteration_comes_out_as_it_is() -> None:
    def stopping(message: bytes) -> bytes:
        if b"stop" in message:
            raise StopIteration("of the function's own")
        return sha256(message)

    hash_ = ts.hashes.from_callable("stopping", stopping, digest_size=32)
    leaves = [b"leaf %d" % row for row in range(100)]
    tree = ts.MerkleTree(leaves, scheme=ts.schemes.rfc6962(hash_))
    assert tree.root == ts.MerkleTree(leaves, scheme=ts.schemes.RFC6962).root
    leaves[70] = b"stop"
    with pytest.raises(StopIteration, match="of the function's own"):
        ts.MerkleTree(leaves, scheme=ts.schemes.rfc6962(hash_))


EDGES: dict[str, Callable[[ts.Hash], ts.Scheme]] = {
    "lean_imt": ts.schemes.lean_imt,
    "fixed_depth": lambda hash_: ts.schemes.fixed_depth(6, hash=hash_),
    "rfc6962": ts.schemes.rfc6962,
    "bitcoin": ts.schemes.bitcoin,
}


@pytest.mark.parametrize("family", EDGES)
def test_what_only_the_right_edge_hashes_is_refused_with_nothing_changed(family: str) -> None:
    refused = b"\xff" * 32

    def picky(message: bytes) -> bytes:
        if refused in message:
            raise Odd("not this")
        return sha256(message)

    scheme = EDGES[family](ts.hashes.from_callable("picky", picky, digest_size=32))
    leaves = [bytes([row]) * 32 for row in range(1, 21)]
    tried = 0
    for size in range(20):
        tree = ts.MerkleTree(leaves[:size], scheme=scheme)
        head = tree.head
        for more in range(1, 6):
            new = [*leaves[size : size + more - 1], refused]
            if family in ("lean_imt", "bitcoin") and size + len(new) == 1:
                continue  # The one leaf is the root, and never hashed.
            writes: list[Callable[[], object]] = [
                partial(tree.extend, new),
                partial(ts.MerkleTree, leaves[:size] + new, scheme=scheme),
            ]
            if size > 1:
                writes.append(partial(tree.update, [size - 1], [refused]))
            for write in writes:
                with pytest.raises(Odd):
                    write()
                assert (len(tree), tree.head) == (size, head)
                tried += 1
        tree.extend(leaves[size:])
        assert tree.root == ts.MerkleTree(leaves, scheme=scheme).root
        tree.update([19], [leaves[3]])
        assert tree.root == ts.MerkleTree([*leaves[:19], leaves[3]], scheme=scheme).root
    assert tried > 250


def test_an_answer_that_changes_later() -> None:
    salts = iter(range(1 << 30))

    def salted(message: bytes) -> bytes:
        return sha256(message + b"%d" % next(salts))

    function = {"now": sha256}
    turning = ts.hashes.from_callable("turning", lambda message: function["now"](message), digest_size=32)  # noqa: PLW0108 - it changes
    function["now"] = salted
    with pytest.raises(ts.HashFailure, match="two digests for one message"):
        ts.MerkleTree([b"%d" % row for row in range(200)], scheme=ts.schemes.native(turning))


def test_messages_that_are_refused() -> None:
    def numbers(message: bytes) -> bytes:
        if len(message) % 32 or any(message[at] >= 0x30 for at in range(0, len(message), 32)):
            raise ts.RefusedMessage("no numbers")
        return bytes([0x0F]) + sha256(message)[1:]

    hash_ = ts.hashes.from_callable("numbers", numbers, digest_size=32)
    scheme = ts.schemes.lean_imt(hash_)
    with pytest.raises(ts.RefusedMessage):
        ts.schemes.native(hash_)
    leaves = [bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32]
    tree = ts.MerkleTree(leaves, scheme=scheme)
    with pytest.raises(ts.RefusedMessage):
        ts.MerkleTree([b"\xff" * 32, bytes(32)], scheme=scheme)
    proof = tree.prove(0)
    tree.head.verify_inclusion(0, leaves[0], proof)
    digests = proof.digests.copy()
    digests[0, 0] = 0xFF
    forged = ts.InclusionProof(digests)
    with pytest.raises(ts.InvalidProof) as refused:
        tree.head.verify_inclusion(0, leaves[0], forged)
    assert refused.value.reason is ts.Reason.HASH_REFUSED
    batch = tree.prove_each([0, 1, 2])
    bad = batch.digests.copy()
    bad[0, 0] = 0xFF
    verdicts = tree.head.check_each([0, 1, 2], leaves, ts.ProofBatch(bad, batch.offsets))
    assert verdicts.tolist() == [False, True, True]


def test_a_function_may_read_the_tree_and_not_change_it() -> None:
    within: dict[str, Any] = {}

    def calling(message: bytes) -> bytes:
        if "tree" in within:
            tree = within.pop("tree")
            within["size"] = len(tree)
            try:
                tree.append(b"more")
            except RuntimeError as error:
                within["error"] = str(error)
            within["tree"] = tree
        return sha256(message)

    scheme = ts.schemes.native(ts.hashes.from_callable("calling", calling, digest_size=32))
    tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=scheme)
    known = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.native(ts.hashes.SHA256))
    for use in (
        lambda t: t.head,
        lambda t: t.extend([b"d"] * 10),
        lambda t: t.prove(1),
        lambda t: t.head_at(2),
    ):
        within.clear()
        within["tree"] = tree
        use(tree)
        use(known)
        if "error" in within:
            assert "in use by the call" in within["error"]
    within.clear()
    assert tree.root == known.root


def test_many_threads() -> None:
    tree = ts.MerkleTree([b"%d" % row for row in range(300)], scheme=ts.schemes.native(wrapped()))
    wrong: list[object] = []

    def read() -> None:
        for number in range(30):
            head = tree.head
            try:
                head.verify_inclusion(number, b"%d" % number, tree.prove(number, head=head))
                len(tree)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        tree.extend([b"more"] * 20)
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []
    assert len(tree) == 900
