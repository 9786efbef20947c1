"""A file given for another: the message says what it is, and where the right one may be."""

from __future__ import annotations

from pathlib import Path

import pytest
import tallystick as ts

from tests.cli.conftest import Run, verify_args

TREE, MANIFEST = "kept/tree.tally", "kept/commit.json"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("kept", "kept: this is the directory of a commitment; the head is kept/head.tally"),
        (".", ".: this is a directory; the head is head.tally"),
        (TREE, f"{TREE}: this is a tree file; the head is head.tally"),
        (MANIFEST, "this is the manifest of a commitment; the head is head.tally"),
        ("proof.json", "this is a proof file; the head is head.tally"),
        ("kept/keys.npy", "this is a NumPy array; the head is head.tally"),
        ("customers.parquet", "this is a Parquet file; the head is head.tally"),
        ("plain.tally", "not of a table"),
        ("noise", "noise: "),
        ("empty", "empty: "),
    ],
)
def test_given_for_a_head(run: Run, commitment: Path, head: str, words: str) -> None:
    Path("plain.tally").write_bytes(ts.MerkleTree([b"a", b"b"]).head.to_bytes())
    Path("noise").write_bytes(b"noise")
    Path("empty").write_bytes(b"")
    assert words in run(*verify_args(head=head), code=3).stderr


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        ("kept/head.tally", "kept/head.tally: not a proof file: this is a head"),
        (TREE, "not a proof file: this is a tree file"),
        (MANIFEST, "not a proof file: this is the manifest of a commitment"),
        ("kept", "not a proof file: this is the directory of a commitment"),
        ("bare", "not a proof file: this is an inclusion proof without index and salt"),
        ("noise", "not a proof file: not JSON"),
        ("other.json", "must be an object of format, version, index, salt and proof"),
    ],
)
def test_given_for_a_proof(run: Run, commitment: Path, proof: str, words: str) -> None:
    Path("bare").write_bytes(ts.MerkleTree([b"a", b"b"]).prove(0).to_bytes())
    Path("noise").write_bytes(b"noise")
    Path("other.json").write_text("{}")
    assert words in run(*verify_args(proof=proof), code=3).stderr


@pytest.mark.parametrize(
    ("directory", "code", "words"),
    [
        ("accounts.csv", 3, "accounts.csv is not the directory of a commitment\n"),
        ("kept/head.tally", 3, "kept/head.tally is not the directory of a commitment: it is a head\n"),
        ("customers.parquet", 3, "is not the directory of a commitment: it is a Parquet file\n"),
        (".", 4, ". is not the directory of a commitment: it has no commit.json\n"),
        ("absent", 4, "absent"),
    ],
)
def test_given_for_a_directory(run: Run, commitment: Path, directory: str, code: int, words: str) -> None:
    Path("accounts.csv").write_text("id\n1\n")
    assert words in run("prove", directory, "--key", "customer-000001", code=code).stderr


def test_inspecting_a_directory_that_is_none(run: Run, commitment: Path) -> None:
    assert "not the directory of a commitment: it has no commit.json" in run("inspect", ".", code=4).stderr


def test_what_is_not_there(run: Run, commitment: Path) -> None:
    run(*verify_args(head="absent"), code=4)
    run(*verify_args(proof="absent"), code=4)
    run("verify", "kept/head.tally", "proof.json", "--row-file", "absent", code=4)
