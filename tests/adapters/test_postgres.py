"""The store in PostgreSQL passes the kit, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import tallystick as ts
from psycopg.conninfo import conninfo_to_dict
from tallystick import protocols, testing

from tests.adapters.conftest import free_port
from tests.adapters.postgres import PostgresStore

Database = Callable[[], str]


class TestContract(testing.StoreContract):
    @pytest.fixture
    def opener(self, new_database: Database) -> Callable[[], protocols.Store]:
        conninfo = new_database()
        return lambda: PostgresStore(conninfo)


def test_random_calls_faults_and_two_writers(new_database: Database) -> None:
    def opener() -> Callable[[], protocols.Store]:
        conninfo = new_database()
        return lambda: PostgresStore(conninfo)

    testing.check_random_calls(opener(), seed=6, steps=60)
    testing.check_two_writers(opener(), rounds=3)

    def emptied(conninfo: str = new_database()) -> protocols.Store:
        store = PostgresStore(conninfo)
        with psycopg.connect(conninfo) as connection:
            connection.execute("TRUNCATE tiles, head")
        return store

    testing.check_faults(emptied, most=2)


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_kills(new_database: Database, kills: int) -> None:
    workload = testing.Workload("tests.adapters.postgres:open_store", new_database())
    testing.check_kills(workload, kills=kills, longest=0.5)


def test_a_tree_outlives_broken_connections(postgres: Any, new_database: Database) -> None:
    conninfo = new_database()
    store = PostgresStore(conninfo)
    tree = ts.SparseTree({ts.key(b"alice"): b"5"}, store=store, keep=None)
    head = tree.head
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        name = conninfo_to_dict(conninfo)["dbname"]
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        with pytest.raises(psycopg.OperationalError):
            tree.update([ts.key(b"bob")], [b"7"])
        with pytest.raises(psycopg.OperationalError):
            ts.SparseTree.open(store)
        assert tree.head == head
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    tree.update([ts.key(b"bob")], [b"7"])
    again = ts.SparseTree.open(PostgresStore(conninfo))
    assert again.head == tree.head
    assert again.at(1).head == head


def test_failures_are_no_empty_store(new_database: Database) -> None:
    nobody = PostgresStore(f"postgresql://127.0.0.1:{free_port()}/tiles", create=False)
    for call in (nobody.read_head, lambda: ts.SparseTree.open(nobody), lambda: ts.SparseTree(store=nobody)):
        with pytest.raises(psycopg.OperationalError):
            call()
    no_tables = PostgresStore(new_database(), create=False)
    with pytest.raises(psycopg.errors.UndefinedTable):
        ts.SparseTree(store=no_tables)


def test_who_may_only_read(postgres: Any, new_database: Database) -> None:
    conninfo = new_database()
    tree = ts.SparseTree({ts.key(b"alice"): b"5"}, store=PostgresStore(conninfo))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT SELECT ON tiles, head TO reader")
    try:
        reader = PostgresStore(conninfo.replace("postgres:@", "reader:@"), create=False)
        read = ts.SparseTree.open(reader)
        read.head.verify_present(ts.key(b"alice"), b"5", read.prove(ts.key(b"alice")))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            read.update([ts.key(b"alice")], [b"6"])
        assert read.root == tree.root
    finally:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("DROP OWNED BY reader")
            connection.execute("DROP ROLE reader")
