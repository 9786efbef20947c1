"""A store in two tables of PostgreSQL: every call is one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from tallystick import stores

TABLES = """
CREATE TABLE IF NOT EXISTS tiles (name text COLLATE "C" PRIMARY KEY, bytes bytea NOT NULL);
CREATE TABLE IF NOT EXISTS head (one boolean PRIMARY KEY DEFAULT true CHECK (one), bytes bytea NOT NULL);
"""


class PostgresStore:
    """A connection a call, so that threads and failures do not meet in one. A pool would do as well."""

    def __init__(self, conninfo: str, *, create: bool = True) -> None:
        self.conninfo = conninfo
        if create:
            with self._connected() as connection:
                # Two that open at once would both make the tables.
                connection.execute("SELECT pg_advisory_xact_lock(7461)")
                connection.execute(TABLES)

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.conninfo, connect_timeout=5)

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        with self._connected() as connection:
            found = connection.execute("SELECT name, bytes FROM tiles WHERE name = ANY(%s)", [list(names)])
            tiles: dict[str, bytes] = dict(found.fetchall())
        return [tiles.get(name) for name in names]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        rows = dict(stores.check_tiles(tiles))
        with self._connected() as connection:
            connection.execute(
                "INSERT INTO tiles SELECT * FROM unnest(%s::text[], %s::bytea[]) "
                "ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes",
                [list(rows), list(rows.values())],
            )

    def list_tiles(self, prefix: str = "", /) -> list[str]:
        with self._connected() as connection:
            found = connection.execute(
                "SELECT name FROM tiles WHERE starts_with(name, %s) ORDER BY name", [prefix]
            )
            return [name for (name,) in found.fetchall()]

    def delete_tiles(self, names: Sequence[str], /) -> None:
        with self._connected() as connection:
            connection.execute("DELETE FROM tiles WHERE name = ANY(%s)", [list(names)])

    def read_head(self) -> bytes | None:
        with self._connected() as connection:
            found = connection.execute("SELECT bytes FROM head").fetchone()
        return None if found is None else bytes(found[0])

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        head = stores.check_head(head)
        with self._connected() as connection:
            if expected is None:
                done = connection.execute(
                    "INSERT INTO head (bytes) VALUES (%s) ON CONFLICT DO NOTHING", [head]
                )
            else:
                done = connection.execute("UPDATE head SET bytes = %s WHERE bytes = %s", [head, expected])
            return done.rowcount == 1


def open_store(place: str) -> PostgresStore:
    """Open by a connection string, for the process that is killed."""
    return PostgresStore(place)
