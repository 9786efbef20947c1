"""``tallystick inspect``: every kind of file says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import tallystick as ts
from tallystick import liabilities, stores
from tallystick.cli import filekind, inspect
from tallystick.liabilities import Ed25519Signer

from tests.cli.conftest import Run
from tests.reference.formats import FORMATS
from tests.reference.liabilities import receipt
from tests.reference.liabilities_samples import other_of, snapshot, statement
from tests.support_liabilities import receipt_of, statement_of

COLUMNS = {"id": "text", "note": "text", "balance": "integer", "price": "decimal:2"}


def test_the_files_of_a_commitment(run: Run, run_json, commitment: Path) -> None:
    head = ts.TreeHead.from_bytes((commitment / "head.tally").read_bytes())
    common = {
        "size": "20",
        "root": head.root.hex(),
        "scheme": "native/blake3",
        "salted": True,
        "columns": COLUMNS,
    }
    assert run_json("inspect", "kept/head.tally") == {"what": "head", **common}
    size = str((commitment / "tree.tally").stat().st_size)
    tree = run_json("inspect", "kept/tree.tally")
    assert tree == {"what": "tree file", **common, "bytes": size, "checked": False}
    assert run_json("inspect", "kept/tree.tally", "--check")["checked"] is True
    assert run_json("inspect", "kept/keys.npy") == {"what": "key index", "keys": "20"}
    assert run_json("inspect", "kept/salts.npy") == {"what": "salts", "salts": "20"}
    assert run_json("inspect", "kept/commit.json") == {
        "what": "manifest",
        "table": "customers.parquet",
        "rows": "20",
        "key_column": "id",
        "salted": True,
        "hash": "blake3",
        "root": head.root.hex(),
    }
    proof = run_json("inspect", "proof.json")
    assert (proof["what"], proof["index"], proof["digests"]) == ("proof file", "7", 5)
    whole = run_json("inspect", "kept", "--check")
    assert (whole["what"], whole["key_column"], whole["checked"]) == ("commitment", "id", True)
    assert whole["files"]["tree.tally"] == size
    text = run("inspect", "kept").stdout
    for word in ("commitment", head.root.hex(), "native/blake3", "'price': decimal:2", "'salts.npy': "):
        assert word in text


def test_the_encodings_of_the_library(run_json, run: Run, tmp_path: Path) -> None:
    tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=ts.schemes.RFC6962)
    shard = ts.Shard.from_leaves(2, [b"c"], scheme=ts.schemes.RFC6962)
    sums = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    sparse, absent = ts.SparseTree({ts.key(b"a"): b"1", ts.key(b"b"): b"2"}), ts.key(b"d")
    files = {
        "scheme": (tree.scheme, {"scheme": "rfc6962/sha256", "context": None}),
        "head": (tree.head, {"size": "3", "root": tree.root.hex()}),
        "inclusion proof": (tree.prove(0), {"digests": 2}),
        "multi-proof": (tree.prove_many([0, 2]), {"digests": 1}),
        "consistency proof": (tree.prove_extends(1), {"digests": 2}),
        "proof batch": (tree.prove_each(), {"proofs": "3", "digests": "5"}),
        "shard": (shard, {"begin": "2", "end": "3", "scheme": "rfc6962/sha256"}),
        "sum head": (sums.head, {"size": "3", "total": "21", "scheme": "native_sum/blake3"}),
        "sum inclusion proof": (sums.prove(0), {"digests": 2, "sums": ["7", "9"], "others": "16"}),
        "sum multi-proof": (sums.prove_many([0, 2]), {"digests": 1, "others": "7"}),
        "sum proof batch": (sums.prove_each(), {"proofs": "3", "digests": "5"}),
        "sparse head": (sparse.head, {"size": "2", "scheme": "native_sparse/blake3"}),
        "sparse proof": (sparse.prove(ts.key(b"a")), {"end": "present", "digests": 1}),
        "sparse multi-proof": (
            sparse.prove_many([ts.key(b"a"), absent]),
            {"witnesses": len(sparse.prove_many([ts.key(b"a"), absent]).witnesses)},
        ),
        "sum shard": (ts.SumShard.from_leaves(2, [b"c"], [9]), {"begin": "2", "end": "3", "total": "9"}),
    }
    for what, (value, expected) in files.items():
        for data in (value.to_bytes(), value.to_json().encode()):
            Path("file").write_bytes(data)
            assert run_json("inspect", "file").items() >= ({"what": what} | expected).items()
            Path("file").write_bytes(data[:-1])
            run("inspect", "file", code=3)
        Path("file").write_text(value.to_json() + "\n")
        assert run_json("inspect", "file")["what"] == what
        assert str(filekind.kind_of(Path("file"))).startswith((f"a {what}", f"an {what}"))
    tree.save("tree")
    assert run_json("inspect", "tree", "--check")["what"] == "tree file"


def test_statements_receipts_and_records(run_json, run: Run, tmp_path: Path) -> None:
    signer = Ed25519Signer.from_seed("exchange.example", bytes(32))
    signed = statement_of(statement(1)).sign(signer)
    record = liabilities.equivocation(signed, statement_of(other_of(1)).sign(signer))
    assert record is not None
    own = receipt_of(receipt(snapshot(), b"customer-3"))
    said = {"origin": signed.origin, "sequence": "1", "snapshot": "2026-01-02", "time": "1767312000"}
    said |= {"digest": signed.digest.hex(), "scheme": "native_sum/blake3"}
    digests = sorted(one.digest.hex() for one in record.statements)
    files = {
        "statement": (signed, said),
        "receipt": (
            own,
            {"statement": own.statement.hex(), "claims": {"BTC": "23", "USD": "100", "USD EU": "42"}},
        ),
        "equivocation": (record, {"first": digests[0], "second": digests[1], "origin": signed.origin}),
    }
    for what, (value, expected) in files.items():
        for data in (value.to_bytes(), value.to_json().encode()):
            Path("file").write_bytes(data)
            assert run_json("inspect", "file").items() >= ({"what": what} | expected).items()
            Path("file").write_bytes(data[:-1])
            run("inspect", "file", code=3)
    Path("note").write_bytes(signed.to_note().encode())
    assert filekind.kind_of(Path("note")) == "a statement's note"
    found = run_json("inspect", "note")
    assert found.items() >= ({"what": "note", "signatures": ["exchange.example"]} | said).items()
    assert found["totals"]["USD EU"] == "12387"
    assert "'USD EU': 12387" in run("inspect", "note").stdout
    Path("note").write_bytes(signed.to_note().encode()[:-1])
    assert "newline" in run("inspect", "note", code=3).stderr


@pytest.mark.parametrize("lowest", [0, 12])
def test_the_files_of_sum_trees(run_json, run: Run, lowest: int) -> None:
    most = 2**128 - 1
    leaves, amounts = [b"a", b"b", b"c"], [5, 0, most - 5]
    scheme = ts.schemes.NATIVE_SUM.with_context(b"day 1")
    tree = ts.build_file("tree", [(leaves, amounts)], scheme=scheme, lowest=lowest)
    found = run_json("inspect", "tree")
    assert found == {
        "what": "sum tree file",
        "size": "3",
        "total": str(most),
        "root": tree.root.hex(),
        "scheme": "native_sum/blake3",
        "context": b"day 1".hex(),
        "bytes": str(Path("tree").stat().st_size),
        "checked": False,
    }
    assert run_json("inspect", "tree", "--check") == found | {"checked": True}
    assert f"total    {most}\n" in run("inspect", "tree").stdout
    assert filekind.kind_of(Path("tree")) == "a tree file"
    Path("proof").write_bytes(tree.prove(0).to_bytes())
    text = run("inspect", "proof").stdout
    assert f"sums     0, {most - 5}\n" in text
    assert f"others   {most - 5}\n" in text
    Path("proof").write_bytes(ts.SumTree([b"a"], [5]).prove(0).to_bytes())
    assert "sums     none\n" in run("inspect", "proof").stdout


@pytest.mark.parametrize("place", [5, 20, 34, 40, 80, 250, 352, -1])
def test_damage_in_a_file_of_sums(run: Run, place: int) -> None:
    ts.SumTree([b"a", b"b", b"c"], [5, 7, 9]).save("tree")
    data = bytearray(Path("tree").read_bytes())
    data[place] ^= 1
    Path("tree").write_bytes(data)
    run("inspect", "tree", "--check", code=3)
    for length in (4, 35, 36, 60, 100, len(data) - 1):
        Path("tree").write_bytes(data[:length])
        run("inspect", "tree", code=3)


def test_a_shard_file_is_not_a_tree(run: Run) -> None:
    for scheme, chunk in ((ts.schemes.NATIVE, [b"d"]), (ts.schemes.NATIVE_SUM, ([b"d"], [4]))):
        ts.build_file("shard", [chunk], scheme=scheme, begin=3, overwrite=True)  # type: ignore[call-overload]
        assert "begins at leaf 3" in run("inspect", "shard", code=3).stderr


def test_what_fsck_is_for(run: Run) -> None:
    tree = ts.SparseTree({ts.key(b"alice"): b"5"})
    tree.save("backup")
    with stores.SQLiteStore("sqlite") as store:
        store.publish_head(b"head", expected=None)
    stores.DirectoryStore("folder").publish_head(b"head", expected=None)
    for place in ("backup", "sqlite", "folder"):
        assert "`tallystick fsck` says what is in it" in run("inspect", place, code=3).stderr


def test_what_is_unknown_or_damaged(run: Run, commitment: Path) -> None:
    Path("noise").write_bytes(b"noise")
    assert "not a file of tallystick" in run("inspect", "noise", code=3).stderr
    Path("noise").write_bytes(b"")
    run("inspect", "noise", code=3)
    run("inspect", "absent", code=4)
    Path("empty").mkdir()
    run("inspect", "empty", code=4)
    run("inspect", "kept/head.tally", "--check", code=2)
    Path("other.json").write_text("{}")
    run("inspect", "other.json", code=3)


@pytest.mark.parametrize("place", [300, -1])
def test_check_finds_damage_in_a_tree_file(run: Run, commitment: Path, place: int) -> None:
    data = bytearray((commitment / "tree.tally").read_bytes())
    data[place] ^= 1
    Path("tree").write_bytes(data)
    run("inspect", "tree", "--check", code=3)


def test_a_table_context_that_is_none(run_json, run: Run) -> None:
    scheme = ts.schemes.NATIVE.with_context(b"tallystick/table/v1\x07")
    Path("scheme").write_bytes(scheme.to_bytes())
    assert run_json("inspect", "scheme")["table"].startswith("refused: ")


def test_the_tables_have_every_object_of_the_specification() -> None:
    specified = {layout.name: layout.magic for layout in FORMATS.values()}
    assert {name: magic for name, (magic, *_) in inspect._OBJECTS.items()} == specified
    assert set(specified.values()) < set(filekind._BEGINNINGS)
