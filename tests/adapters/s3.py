"""A store in a bucket of S3: a tile is an object, and the head is swapped by conditional writes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from tallystick import stores

ABREAST = 16
HEAD, TILES = "head", "tiles/"
CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict")


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class S3Store:
    """Tiles below ``tiles/``, the head beside them. Its entity tag stands for the head that was read."""

    def __init__(self, bucket: str, **options: Any) -> None:
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, max_pool_connections=ABREAST)
        self.client = boto3.client("s3", config=config, **options)
        self.bucket = bucket
        self.pool = ThreadPoolExecutor(ABREAST)

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        return list(self.pool.map(lambda name: self._read(TILES + name)[0], names))

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        def write(tile: tuple[str, bytes]) -> None:
            self.client.put_object(Bucket=self.bucket, Key=TILES + tile[0], Body=tile[1])

        list(self.pool.map(write, stores.check_tiles(tiles)))

    def list_tiles(self, prefix: str = "", /) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=TILES + prefix
        )
        return [entry["Key"].removeprefix(TILES) for page in pages for entry in page.get("Contents", ())]

    def delete_tiles(self, names: Sequence[str], /) -> None:
        for begin in range(0, len(names), 1000):
            objects = [{"Key": TILES + name} for name in names[begin : begin + 1000]]
            answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects})
            if answer.get("Errors"):
                raise OSError(f"not deleted: {answer['Errors'][0]}")

    def read_head(self) -> bytes | None:
        return self._read(HEAD)[0]

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        head = stores.check_head(head)
        now, tag = self._read(HEAD)
        if now != expected:
            return False
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            self.client.put_object(Bucket=self.bucket, Key=HEAD, Body=head, **condition)
        except ClientError as error:
            if code_of(error) in CONFLICTS:
                return False
            raise
        return True

    def _read(self, key: str) -> tuple[bytes | None, str | None]:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            # Only this says that the object is not there; a missing bucket is a failure.
            if code_of(error) == "NoSuchKey":
                return None, None
            raise
        return answer["Body"].read(), answer["ETag"]


def open_store(place: str) -> S3Store:
    """Open a bucket by ``http://address/bucket``, for the process that is killed."""
    address, _, bucket = place.rpartition("/")
    return S3Store(bucket, **local(address))


def local(address: str) -> dict[str, Any]:
    """How the server of the tests is reached."""
    return {
        "endpoint_url": address,
        "region_name": "us-east-1",
        "aws_access_key_id": "tests",
        "aws_secret_access_key": "tests",
    }
