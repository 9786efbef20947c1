"""The store in S3 passes the kit, and a failure is never taken for an empty store."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tallystick as ts
from botocore.exceptions import BotoCoreError, ClientError
from tallystick import protocols, stores, testing

from tests.adapters.conftest import free_port
from tests.adapters.s3 import S3Store, local

Bucket = Callable[[], str]


class TestContract(testing.StoreContract):
    @pytest.fixture
    def opener(self, s3_address: str, new_bucket: Bucket) -> Callable[[], protocols.Store]:
        bucket = new_bucket()
        return lambda: S3Store(bucket, **local(s3_address))


def test_random_calls_faults_and_two_writers(s3_address: str, new_bucket: Bucket) -> None:
    def opener() -> Callable[[], protocols.Store]:
        bucket = new_bucket()
        return lambda: S3Store(bucket, **local(s3_address))

    def new() -> protocols.Store:
        return opener()()

    testing.check_random_calls(opener(), seed=5, steps=40)
    testing.check_two_writers(opener(), rounds=2)
    testing.check_faults(new, most=1)


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_kills(s3_address: str, new_bucket: Bucket, kills: int) -> None:
    workload = testing.Workload("tests.adapters.s3:open_store", f"{s3_address}/{new_bucket()}")
    testing.check_kills(workload, kills=kills, longest=1.0)


def test_a_tree_lives_there(s3_address: str, new_bucket: Bucket) -> None:
    bucket = new_bucket()
    tree = ts.SparseTree(store=S3Store(bucket, **local(s3_address)), keep=None)
    keys = [ts.key(b"%d" % place) for place in range(300)]
    for day in range(4):
        tree.update(keys[day * 50 : day * 50 + 100], [b"%d" % day] * 100)
    heads = [tree.at(version).head for version in tree.versions]
    again = ts.SparseTree.open(S3Store(bucket, **local(s3_address)))
    assert [again.at(version).head for version in again.versions] == heads
    heads[2].verify_present(keys[60], b"1", again.prove(keys[60], head=heads[2]))
    heads[2].verify_absent(keys[299], again.prove(keys[299], head=heads[2]))
    again.prune(3)
    assert again.versions == range(3, 5)
    third = ts.SparseTree.open(S3Store(bucket, **local(s3_address)))
    third.head.verify_many({keys[0]: b"0"}, [keys[290]], third.prove_many([keys[0], keys[290]]))
    with pytest.raises(ts.NotFound):
        third.at(1)


def test_failures_are_no_empty_store(s3_address: str, new_bucket: Bucket) -> None:
    nobody = S3Store("tiles", **local(f"http://127.0.0.1:{free_port()}"))
    for call in (nobody.read_head, lambda: ts.SparseTree.open(nobody), lambda: ts.SparseTree(store=nobody)):
        with pytest.raises(BotoCoreError):
            call()
    missing = S3Store("no-such-bucket", **local(s3_address))
    for call in (missing.read_head, lambda: ts.SparseTree(store=missing)):
        with pytest.raises(ClientError, match="NoSuchBucket"):
            call()
    with pytest.raises(ts.NotFound):
        ts.SparseTree.open(S3Store(new_bucket(), **local(s3_address)))


def test_it_can_be_encrypted_and_cached(s3_address: str, new_bucket: Bucket) -> None:
    plain = S3Store(new_bucket(), **local(s3_address))
    store = stores.CachingStore(stores.EncryptingStore(stores.RetryingStore(plain), bytes(32)), ttl=60)
    tree = ts.SparseTree({ts.key(b"alice"): b"5"}, store=store)
    assert ts.SparseTree.open(store).root == tree.root
    with pytest.raises(ts.StoreError):
        ts.SparseTree.open(plain)
