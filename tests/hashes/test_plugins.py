"""Native tables: what lies is refused, each table is let go of once, and nothing crashes."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
import subprocess
import sys
from typing import Any

import pytest
import tallystick as ts

from tests.hashes.tables import Rows, Table, Wrapped, _new_capsule


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def test_the_table_is_let_go_of_once_and_last() -> None:
    plugin = Wrapped()
    scheme = ts.schemes.rfc6962(ts.hashes.from_plugin(plugin))
    tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=scheme)
    assert tree.root == ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.RFC6962).root
    head = tree.head
    del tree, scheme
    gc.collect()
    assert plugin.released == 0
    del head
    gc.collect()
    assert plugin.released == 1


class Same(Wrapped):
    """Hands over one capsule again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.one = super().__tallystick_hash__()

    def __tallystick_hash__(self) -> object:
        return self.one


def test_a_capsule_is_taken_once() -> None:
    plugin = Same()
    taken = ts.hashes.from_plugin(plugin)
    with pytest.raises(TypeError, match="another name"):
        ts.hashes.from_plugin(plugin)
    assert taken.digest(b"abc") == sha256(b"abc")


class Gives:
    def __init__(self, what: object) -> None:
        self.what = what

    def __tallystick_hash__(self) -> object:
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (5, TypeError),
        (None, TypeError),
        (b"", TypeError),
        (hashlib.sha256, TypeError),
        (Gives(None), TypeError),
        (Gives(5), TypeError),
        (Gives(KeyError("mine")), KeyError),
        (Wrapped(capsule=b"tallystick_hash2"), TypeError),
        (Wrapped(capsule=b""), TypeError),
        (Wrapped(major=0), ts.HashFailure),
        (Wrapped(major=2), ts.HashFailure),
        (Wrapped(size=ctypes.sizeof(Table) - 1), ts.HashFailure),
        (Wrapped(size=0), ts.HashFailure),
        (Wrapped(hash_rows=Rows()), ts.HashFailure),
        (Wrapped(known_digest=bytes(32)), ts.HashFailure),
        (Wrapped(known_digest=None), ts.HashFailure),
        (Wrapped(known_message=None), ts.HashFailure),
        (Wrapped(flags=2), ts.HashFailure),
        (Wrapped(reserved=1), ts.HashFailure),
        (Wrapped(digest_size=31), ValueError),
        (Wrapped(block_size=0), ValueError),
        (Wrapped(name=b"UPPER"), ValueError),
        (Wrapped(name=b"\xff"), ValueError),
        (Wrapped(name=b"blake3"), ValueError),
        (Wrapped(name=b"keccak256"), ValueError),
    ],
    ids=str,
)
def test_what_is_no_plugin(given: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ts.hashes.from_plugin(given)


@pytest.mark.parametrize(
    ("digest", "message"),
    [
        (lambda _: os.urandom(32), "another digest than the known one|two digests"),
        (lambda message: sha256(message)[:31], "does not write all bytes"),
        (
            lambda message: sha256(message) + b"x",
            "another digest|beside its digests|other digests than one by one",
        ),
        (lambda message: sha256(message.rstrip(b"\0")), "zero bytes behind it"),
        (
            lambda message: sha256(message if len(message) < 100 else message[:100]),
            "differ in one byte",
        ),
    ],
)
def test_what_lies(digest: Any, message: str) -> None:
    plugin = Wrapped(digest)
    plugin.table.known_digest = sha256(b"abc")
    with pytest.raises(ts.HashFailure, match=message):
        ts.hashes.from_plugin(plugin)
    assert plugin.released == 1


def test_a_status_later() -> None:
    class Later(Wrapped):
        status = 0

        def _put(self, messages: Any, out: int) -> int:
            return super()._put(messages, out) or self.status

    plugin = Later()
    hash_ = ts.hashes.from_plugin(plugin)
    tree = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.native(hash_))
    head = tree.head
    proof = tree.prove(0)
    plugin.status = 7
    with pytest.raises(ts.HashFailure, match="wrapped failed with status 7"):
        tree.extend([b"c"] * 100)
    with pytest.raises(ts.HashFailure, match="status 7"):
        head.verify_inclusion(0, b"a", proof)
    plugin.status = 1
    with pytest.raises(ts.RefusedMessage):
        tree.extend([b"c"] * 100)
    with pytest.raises(ts.InvalidProof) as refused:
        head.verify_inclusion(0, b"a", proof)
    assert refused.value.reason is ts.Reason.HASH_REFUSED
    plugin.status = 0
    assert tree.head == head
    head.verify_inclusion(0, b"a", proof)


def test_a_null_pointer_in_a_capsule() -> None:
    with pytest.raises(ValueError, match="null"):
        _new_capsule(None, b"tallystick_hash", None)


def test_the_header_is_c_and_has_the_tables_size(tmp_path: Any) -> None:
    source = tmp_path / "size.c"
    source.write_text(
        '#include "tallystick_hash.h"\n#include <stdio.h>\n'
        'int main(void) { printf("%zu %zu", sizeof(TallystickHash), offsetof(TallystickHash, release)); }\n'
    )
    include = f"-I{ts.get_include()}"
    subprocess.run(
        ["cc", "-std=c99", "-Wall", "-Werror", include, source, "-o", tmp_path / "size"], check=True
    )
    subprocess.run(
        ["c++", "-std=c++17", "-x", "c++", "-fsyntax-only", "-Wall", "-Werror", include, source], check=True
    )
    found = subprocess.run([tmp_path / "size"], check=True, capture_output=True, text=True).stdout
    assert found == f"{ctypes.sizeof(Table)} {Table.release.offset}"


def test_importing_loads_no_plugins() -> None:
    seen = "import sys, tallystick; print('tallystick._plugins' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", seen], check=True, capture_output=True, text=True).stdout
    assert found == "False\n"
