"""Value objects: equality, hashing, pickling; nobody can change one, nor an array that came out of it."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import tallystick as ts

from tests.support import array, built, rows

TREE = built(rows(11))
KEYS = {ts.key(bytes([place])): bytes([place]) for place in range(11)}
SPARSE = ts.SparseTree(KEYS)
ABSENT = ts.key(b"absent")
OTHER = built(rows(11, seed=1), scheme=ts.schemes.RFC6962)

# Each makes its value anew; no two entries are equal.
VALUES: dict[str, Callable[[], object]] = {
    "hash": lambda: ts.hashes.get("sha256"),
    "another hash": lambda: ts.hashes.get("blake3"),
    "no scheme's hash": lambda: ts.hashes.get("xxh3_128"),
    "scheme": ts.schemes.native,
    "scheme of another hash": lambda: ts.schemes.native(ts.hashes.SHA256),
    "scheme of another family": lambda: ts.schemes.rfc6962(ts.hashes.BLAKE3),
    "scheme with a context": lambda: ts.schemes.native().with_context(b"x"),
    "scheme with another context": lambda: ts.schemes.native().with_context(b"y"),
    "head": lambda: TREE.head,
    "head of another size": lambda: ts.TreeHead(TREE.scheme, 12, TREE.root),
    "head of another root": lambda: ts.TreeHead(TREE.scheme, 11, OTHER.root),
    "head of another scheme": lambda: ts.TreeHead(OTHER.scheme, 11, TREE.root),
    "proof": lambda: TREE.prove(3),
    "another proof": lambda: TREE.prove(4),
    "proof without digests": lambda: ts.InclusionProof([]),
    "proof without digests of 64": lambda: ts.InclusionProof([], digest_size=64),
    "multi-proof": lambda: TREE.prove_many([3, 4]),
    "multi-proof of the same digests as a proof": lambda: ts.MultiProof(TREE.prove(3).digests),
    "multi-proof without digests": lambda: ts.MultiProof([]),
    "multi-proof without digests of 64": lambda: ts.MultiProof([], digest_size=64),
    "consistency proof": lambda: TREE.prove_extends(5),
    "consistency proof of the same digests as a proof": lambda: ts.ConsistencyProof(TREE.prove(3).digests),
    "consistency proof without digests": lambda: TREE.prove_extends(11),
    "consistency proof without digests of 64": lambda: ts.ConsistencyProof([], digest_size=64),
    "shard": lambda: ts.Shard.from_leaves(3, rows(4)),
    "shard of the same leaves elsewhere": lambda: ts.Shard.from_leaves(7, rows(4)),
    "shard of another scheme": lambda: ts.Shard.from_leaves(3, rows(4), scheme=ts.schemes.RFC6962),
    "shard of another context": lambda: ts.Shard.from_leaves(
        3, rows(4), scheme=ts.schemes.NATIVE.with_context(b"x")
    ),
    "shard of nothing": lambda: ts.Shard.from_leaves(3, []),
    "shard of nothing elsewhere": lambda: ts.Shard.from_leaves(4, []),
    "sparse head": lambda: SPARSE.head,
    "sparse head of another size": lambda: ts.SparseHead(SPARSE.scheme, 12, SPARSE.root),
    "sparse head of another scheme": lambda: ts.SparseHead(ts.schemes.ICS23_SMT, 11, SPARSE.root),
    "sparse proof": lambda: SPARSE.prove(ABSENT),
    "sparse proof of another end": lambda: ts.SparseProof("empty", 0, b"", []),
    "sparse proof of yet another end": lambda: ts.SparseProof("present", 0, b"", []),
    "sparse proof of 64": lambda: ts.SparseProof("empty", 0, b"", [], digest_size=64),
    "sparse multi-proof": lambda: SPARSE.prove_many([ABSENT, ts.key(b"\x03")]),
    "sparse multi-proof of nothing": lambda: ts.SparseMultiProof(b"", [], []),
    "sparse multi-proof of bits": lambda: ts.SparseMultiProof(b"\x80", [], []),
    "batch": lambda: TREE.prove_each([3, 4]),
    "batch in another order": lambda: TREE.prove_each([4, 3]),
    "batch of the same digests": lambda: ts.ProofBatch(TREE.prove_each([3, 4]).digests, [0, 3, 8]),
    "batch without proofs": lambda: ts.ProofBatch([], [0]),
    "batch of one without digests": lambda: ts.ProofBatch([], [0, 0]),
}
each_value = pytest.mark.parametrize("make", VALUES.values(), ids=VALUES)

ARRAYS: dict[str, Callable[[], np.ndarray]] = {
    "digest_many": lambda: ts.hashes.SHA256.digest_many(array(5)),
    "proof.digests": lambda: TREE.prove(3).digests,
    "proof.digests, none": lambda: ts.InclusionProof([]).digests,
    "multi.digests": lambda: TREE.prove_many([3, 4]).digests,
    "multi.digests, none": lambda: TREE.prove_many(range(11)).digests,
    "consistency.digests": lambda: TREE.prove_extends(5).digests,
    "sparse.digests": lambda: SPARSE.prove(ABSENT).digests,
    "sparse multi.digests": lambda: SPARSE.prove_many([ABSENT]).digests,
    "sparse multi.witnesses": lambda: SPARSE.prove_many([ABSENT, *KEYS]).witnesses,
    "shard.digests": lambda: ts.Shard.from_leaves(3, rows(4)).digests,
    "batch.digests": lambda: TREE.prove_each().digests,
    "batch.offsets": lambda: TREE.prove_each().offsets,
    "plan.nodes": lambda: TREE.scheme.plan(11, [3]).nodes,
    "plan.indices": lambda: TREE.scheme.plan(11, [3]).indices,
    "check_each": lambda: TREE.head.check_each(range(11), rows(11), TREE.prove_each()),
    "leaf_digests": lambda: ts.hazmat.leaf_digests(TREE),
}
each_array = pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "hash": ("name", "digest_size", "block_size", "cryptographic"),
    "scheme": ("name", "hash", "kind", "context", "binds_size", "binds_index", "appendable"),
    "head": ("scheme", "size", "root"),
    "proof": ("digests", "digest_size"),
    "multi-proof": ("digests", "digest_size"),
    "consistency proof": ("digests", "digest_size"),
    "sparse head": ("scheme", "size", "root"),
    "sparse proof": ("end", "depth", "bitmap", "digests", "witness", "digest_size"),
    "sparse multi-proof": ("shape", "witnesses", "digests", "digest_size"),
    "shard": ("scheme", "begin", "end", "digests"),
    "batch": ("digests", "offsets", "digest_size"),
}


@each_value
def test_a_value_made_again_is_equal(make: Callable[[], object]) -> None:
    one, other = make(), make()
    assert one == other
    assert not one != other  # noqa: SIM202 - both operators
    assert hash(one) == hash(other)
    assert repr(one) == repr(other)


def test_different_values_differ() -> None:
    made = {name: make() for name, make in VALUES.items()}
    for (a, one), (b, other) in itertools.combinations(made.items(), 2):
        assert one != other, (a, b)
    assert len(set(made.values())) == len(made)


@each_value
def test_a_value_equals_nothing_else(make: Callable[[], object]) -> None:
    value = make()
    for other in (None, 0, b"", "", (), [], object(), TREE, type(value)):
        assert value != other
    with pytest.raises(TypeError):
        value < make()  # type: ignore[operator] # noqa: B015


@each_value
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_and_back(make: Callable[[], object], protocol: int) -> None:
    value = make()
    read = pickle.loads(pickle.dumps(value, protocol))
    assert read == value
    assert type(read) is type(value)


@each_value
def test_copied(make: Callable[[], object]) -> None:
    assert copy.copy(make()) == copy.deepcopy(make()) == make()


@each_value
def test_a_pickle_names_public_places_only(make: Callable[[], object]) -> None:
    assert b"_core" not in pickle.dumps(make(), 2)


def test_a_changed_pickle_is_refused() -> None:
    raw = pickle.dumps(TREE.head, 2)
    place = raw.index(b"tlyh")
    with pytest.raises(ts.DecodeError):
        pickle.loads(raw[:place] + b"tlyx" + raw[place + 4 :])


@pytest.mark.parametrize(("name", "attribute"), [(n, a) for n, names in ATTRIBUTES.items() for a in names])
def test_attributes_cannot_be_set_or_deleted(name: str, attribute: str) -> None:
    value = VALUES[name]()
    with pytest.raises(AttributeError):
        setattr(value, attribute, getattr(value, attribute))
    with pytest.raises(AttributeError):
        delattr(value, attribute)


@each_value
def test_a_value_takes_no_new_attribute(make: Callable[[], object]) -> None:
    with pytest.raises(AttributeError):
        make().anything = 1  # type: ignore[attr-defined]


KINDS = (ts.MultiProof, ts.ConsistencyProof, ts.Shard)


@pytest.mark.parametrize(
    "kind", [ts.Hash, ts.Scheme, ts.TreeHead, ts.InclusionProof, ts.ProofBatch, ts.Plan, *KINDS]
)
def test_a_class_has_no_subclass(kind: type) -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Sub", (kind,), {})


@pytest.mark.parametrize("kind", [ts.Hash, ts.Scheme, ts.Plan, ts.Shard])
def test_some_values_have_makers_and_no_constructor(kind: type) -> None:
    with pytest.raises(TypeError):
        kind()


@each_array
def test_an_array_cannot_be_written_to(make: Callable[[], np.ndarray]) -> None:
    made = make()
    before = made.copy()
    assert not made.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        made[...] = 0
    with pytest.raises(ValueError, match="read-only"):
        made.sort()
    assert np.array_equal(made, before)


@each_array
def test_an_array_cannot_be_made_writable(make: Callable[[], np.ndarray]) -> None:
    made = make()
    views = [made, made.view(), made[:], made.reshape(-1), np.asarray(made), np.frombuffer(made, made.dtype)]
    for view in views:
        with pytest.raises(ValueError, match=r"WRITEABLE|writeable"):
            view.flags.writeable = True
        with pytest.raises(ValueError, match=r"WRITEABLE|writeable"):
            view.setflags(write=True)
    base = made.base
    assert memoryview(base).readonly  # type: ignore[arg-type]


@each_array
def test_an_array_outlives_what_made_it(make: Callable[[], np.ndarray]) -> None:
    made = make()
    before = made.copy()
    gc.collect()
    filler = [array(2000) for _ in range(10)]
    assert np.array_equal(made, before)
    assert len(filler) == 10


def test_an_array_of_a_value_stays_when_the_value_goes() -> None:
    digests = built(rows(1000)).prove_each().digests
    before = digests.copy()
    gc.collect()
    built(rows(1000, seed=1)).prove_each()
    assert np.array_equal(digests, before)
