"""Names of hashes: what is registered is found by decoders, and what is installed by those who ask."""

from __future__ import annotations

import hashlib
import itertools
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import tallystick as ts

_numbers = itertools.count()


def fresh(name: str | None = None) -> ts.Hash:
    """A hash whose name nobody has."""
    name = name or f"own_{next(_numbers)}"
    return ts.hashes.from_callable(name, hashlib.sha384, digest_size=48, block_size=128)


def test_a_registered_hash_is_found_by_all_who_read(tmp_path: Path) -> None:
    own = fresh()
    scheme = ts.schemes.native(own)
    tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=scheme)
    encoded = tree.head.to_bytes()
    tree.save(tmp_path / "tree.tally")
    with pytest.raises(ts.DecodeError):
        ts.TreeHead.from_bytes(encoded)
    with pytest.raises(ts.DecodeError):
        ts.MerkleTree.open(tmp_path / "tree.tally")
    with pytest.raises(ValueError, match="there is no hash"):
        ts.hashes.get(own.name)
    ts.hashes.register(own)
    ts.hashes.register(own)
    assert ts.hashes.get(own.name) == own
    assert own.name in ts.hashes.names()
    assert ts.TreeHead.from_bytes(encoded) == tree.head
    assert ts.TreeHead.from_json(tree.head.to_json()) == tree.head
    assert pickle.loads(pickle.dumps(tree.head)) == tree.head
    assert pickle.loads(pickle.dumps(own)) == own
    assert ts.MerkleTree.open(tmp_path / "tree.tally").head == tree.head
    assert ts.schemes.get(scheme.name) == scheme
    assert scheme.name not in ts.schemes.names()


def test_a_name_is_taken_once() -> None:
    own = fresh()
    ts.hashes.register(own)
    with pytest.raises(ValueError, match="another hash is registered"):
        ts.hashes.register(fresh(own.name))
    assert ts.hashes.get(own.name) == own
    for wrong in ("sha256", None, own.name):
        with pytest.raises(TypeError):
            ts.hashes.register(wrong)  # type: ignore[arg-type]


OWN_SHA256 = """
import hashlib, tallystick as ts
own = ts.hashes.from_callable("sha256", hashlib.sha256, digest_size=32)
head = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.rfc6962(own)).head
assert head.to_bytes() == ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.RFC6962).head.to_bytes()
assert ts.TreeHead.from_bytes(head.to_bytes()) != head
ts.hashes.register(ts.hashes.SHA256)
ts.hashes.register(own)
assert ts.hashes.get("sha256") == own and ts.TreeHead.from_bytes(head.to_bytes()) == head
assert ts.hashes.names().count("sha256") == 1
"""


def test_a_builtins_name_is_given_to_the_same_function() -> None:
    subprocess.run([sys.executable, "-c", OWN_SHA256], check=True)


MODULE = """
import hashlib, tallystick as ts
print("loaded", flush=True)
SHA384 = ts.hashes.from_callable("sha384", hashlib.sha384, digest_size=48, block_size=128)
MISNAMED = ts.hashes.from_callable("other", hashlib.sha384, digest_size=48, block_size=128)
"""
ENTRIES = """[tallystick.hashes]
sha384 = own_hashes:SHA384
misnamed = own_hashes:MISNAMED
absent = own_hashes_that_are_not_there:X
wrong = own_hashes:hashlib
"""
USE = """
import tallystick as ts
names = ts.hashes.names()
assert (names[0], names[7]) == ("blake3", "xxh3_128")
installed = names[8:]
assert list(installed) == sorted(installed), names
assert {{"absent", "misnamed", "sha384", "wrong"}} <= set(installed), names
head = bytes.fromhex({head!r})
try:
    ts.TreeHead.from_bytes(head)
except ts.DecodeError:
    print("decoders load nothing")
assert ts.schemes.get("native/sha384").hash == ts.hashes.get("sha384")
assert ts.TreeHead.from_bytes(head).size == 2
wrong = dict(misnamed=ValueError, absent=ModuleNotFoundError, wrong=TypeError, none=ValueError)
for name, error in wrong.items():
    try:
        ts.hashes.get(name)
    except error:
        continue
    raise AssertionError(name)
"""


def test_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "own_hashes.py").write_text(MODULE)
    information = tmp_path / "own_hashes-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: own-hashes\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRIES)
    head = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.native(fresh("sha384"))).head.to_bytes().hex()
    run = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + USE.format(head=head),
    ]
    found = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert found.splitlines() == ["decoders load nothing", "loaded"]
