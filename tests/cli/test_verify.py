"""``tallystick prove`` and ``verify``: honest rows pass, everything else is refused by an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts

from tests.cli.conftest import ROW, Run, customers, verify_args, write


def test_an_honest_row(run: Run, run_json, commitment: Path) -> None:
    head = ts.TreeHead.from_bytes((commitment / "head.tally").read_bytes())
    text = run(*verify_args()).stdout
    assert text.startswith(
        f"proven: the table of 20 rows under root {head.root.hex()[:16]}… has at index 7 the row"
    )
    assert run_json(*verify_args()) == {
        "verified": True,
        "index": "7",
        "size": "20",
        "root": head.root.hex(),
        "row": {"id": "customer-000007", "note": None, "balance": "7", "price": "0.07"},
    }


def test_all_the_ways_to_state_a_row(run: Run, commitment: Path) -> None:
    for row in (ROW, list(ROW.values()), {**ROW, "balance": "7"}, dict(reversed(ROW.items()))):
        run(*verify_args(row))
    Path("row.json").write_text(json.dumps(ROW))
    run("verify", "kept/head.tally", "proof.json", "--row-file", "row.json")
    run("verify", "kept/head.tally", "proof.json", "--row", "{}", "--row-file", "row.json", code=2)
    run("verify", "kept/head.tally", "proof.json", code=2)
    run("prove", "kept", "--key", "customer-000006", "-o", "six.json")
    run("verify", "kept/head.tally", "six.json", "--row-csv", "customer-000006,née 6,6,0.06")


@pytest.mark.parametrize(
    "change",
    [{"balance": 8}, {"price": "0.08"}, {"note": ""}, {"note": "x"}, {"id": "customer-000008"}],
)
def test_another_row_is_refused(run: Run, run_json, commitment: Path, change) -> None:
    refused = run_json(*verify_args({**ROW, **change}), code=1)
    assert refused["reason"] == "ROOT_MISMATCH"
    assert refused["expected"] == json.loads((commitment / "commit.json").read_text())["root"]
    assert run(*verify_args({**ROW, **change}), code=1).stderr.startswith("tallystick: proof refused: ")


@pytest.mark.parametrize(
    "row",
    [
        "",
        "{",
        "7",
        "null",
        '"customer-000007"',
        "[" * 100_000,
        [],
        [*ROW.values(), None],
        {},
        {**ROW, "other": 1},
        {"id": "customer-000007"},
        '{"id": "x", "id": "customer-000007", "note": null, "balance": 7, "price": "0.07"}',
        {**ROW, "balance": 7.0},
        {**ROW, "balance": "7.0"},
        {**ROW, "balance": "07"},
        {**ROW, "balance": True},
        {**ROW, "balance": "\N{ARABIC-INDIC DIGIT SEVEN}"},
        {**ROW, "balance": 2**64},
        {**ROW, "price": 0.07},
        {**ROW, "price": "0.070"},
        {**ROW, "price": ".07"},
        {**ROW, "price": "-0.00"},
        {**ROW, "id": 7},
        {**ROW, "id": ["customer-000007"]},
        {**ROW, "id": "\ud800"},
    ],
)
def test_a_row_that_does_not_fit_the_columns(run: Run, commitment: Path, row) -> None:
    run(*verify_args(row), code=3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "one CSV record"),
        ("a,b", "2 cells"),
        ("a,b,c,d\ne,f,g,h", "one CSV record"),
        ('"a,b,c,d', "not a CSV record"),
    ],
)
def test_a_line_that_is_no_row(run: Run, commitment: Path, line: str, words: str) -> None:
    assert words in run("verify", "kept/head.tally", "proof.json", "--row-csv", line, code=3).stderr


def test_every_tampered_digit_of_a_proof_is_refused(run: Run, commitment: Path) -> None:
    """Either as a proof (1) or, in the proof's header, as no proof file (3)."""
    members = json.loads(Path("proof.json").read_text())
    for name in ("proof", "salt", "index"):
        text = members[name]
        for place in range(0, len(text), 7):
            changed = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
            Path("forged.json").write_text(json.dumps({**members, name: changed}))
            run(*verify_args(proof="forged.json"), code=3 if name == "proof" and place < 12 else 1)


@pytest.mark.parametrize("index", ["20", "18446744073709551615", "0"])
def test_another_index_is_refused(run: Run, commitment: Path, index: str) -> None:
    members = json.loads(Path("proof.json").read_text())
    Path("forged.json").write_text(json.dumps({**members, "index": index}))
    run(*verify_args(proof="forged.json"), code=1)


def test_the_proof_of_another_row_is_refused(run: Run, commitment: Path) -> None:
    run("prove", "kept", "--key", "customer-000008", "-o", "eight.json")
    run(*verify_args(proof="eight.json"), code=1)


def test_a_salt_has_to_be_there_exactly_when_the_head_says_so(run: Run, run_json, commitment: Path) -> None:
    members = json.loads(Path("proof.json").read_text())
    Path("bare.json").write_text(json.dumps({**members, "salt": None}))
    assert run_json(*verify_args(proof="bare.json"), code=1)["reason"] == "MALFORMED_LEAF"
    run("commit", "customers.parquet", "-o", "open", "--key-column", "id")
    run("prove", "open", "--key", "customer-000007", "-o", "open.json")
    run(*verify_args(head="open/head.tally", proof="open.json"))
    members = json.loads(Path("open.json").read_text())
    assert members["salt"] is None
    Path("salted.json").write_text(json.dumps({**members, "salt": "00" * 16}))
    assert (
        run_json(*verify_args(head="open/head.tally", proof="salted.json"), code=1)["reason"]
        == "MALFORMED_LEAF"
    )


def test_a_tampered_head(run: Run, commitment: Path) -> None:
    """Wherever a bit of the head is changed, the proof is refused or the head is no head of a table."""
    data = (commitment / "head.tally").read_bytes()
    for place in range(len(data)):
        Path("forged.tally").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        in_size_or_root = place >= len(data) - 40
        run(*verify_args(head="forged.tally"), code=1 if in_size_or_root else (1, 3))


def test_the_head_of_another_table(run: Run, commitment: Path, tmp_path: Path) -> None:
    other = customers(20).rename_columns(["id", "note", "saldo", "price"])
    run("commit", write(other, tmp_path / "other.parquet"), "-o", "other", "--key-column", "id", "--salted")
    renamed = {"saldo" if name == "balance" else name: cell for name, cell in ROW.items()}
    run(*verify_args(renamed, head="other/head.tally"), code=1)


def test_prove_several(run: Run, run_json, commitment: Path) -> None:
    Path("keys.txt").write_text("customer-000001\r\ncustomer-000002\n\ncustomer-000001\n")
    printed = run_json(
        "prove", "kept", "--keys-from", "keys.txt", "--key", "customer-000019", "--output-dir", "out"
    )
    assert [(proof["key"], proof["index"]) for proof in printed["proofs"]] == [
        ("customer-000019", "19"),
        ("customer-000001", "1"),
        ("customer-000002", "2"),
    ]
    assert {proof["file"] for proof in printed["proofs"]} == {str(path) for path in Path("out").iterdir()}
    row = {"id": "customer-000019", "note": None, "balance": 19, "price": "0.19"}
    run(*verify_args(row, proof="out/proof-19.json"))


def test_prove_lists_a_line_a_key_up_to_twenty(run: Run, commitment: Path) -> None:
    keys = [argument for number in range(3) for argument in ("--key", f"customer-{number:06d}")]
    printed = run("prove", "kept", *keys, "--output-dir", "a/b/c").stdout.splitlines()
    assert printed == [f"wrote a/b/c/proof-{number}.json for 'customer-{number:06d}'" for number in range(3)]
    Path("many.csv").write_text("id\n" + "\n".join(map(str, range(25))) + "\n")
    run("commit", "many.csv", "-o", "many", "--key-column", "id")
    Path("keys.txt").write_text("\n".join(map(str, range(25))))
    lines = run("prove", "many", "--keys-from", "keys.txt", "--output-dir", "out").stdout.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more, 25 together; --json lists all"


def test_prove_names_a_file_by_the_index(run: Run, commitment: Path) -> None:
    assert run("prove", "kept", "--key", "customer-000011").stdout == "wrote proof-11.json\n"
    before = Path("proof-11.json").read_bytes()
    assert "--overwrite" in run("prove", "kept", "--key", "customer-000011", code=2).stderr
    run("prove", "kept", "--key", "customer-000011", "--overwrite")
    assert Path("proof-11.json").read_bytes() == before


def test_prove_what_is_not_there(run: Run, run_json, commitment: Path) -> None:
    missing = run_json(
        "prove", "kept", "--key", "customer-000001", "--key", "nobody", "--output-dir", "out", code=4
    )
    assert missing["keys"] == ["nobody"]
    assert not Path("out").exists()
    run("prove", "absent", "--key", "x", code=4)
    run("prove", "kept", "--keys-from", "absent", code=4)
    nowhere = run("prove", "kept", "--key", "customer-000001", "-o", "no/such/x.json", code=4)
    assert nowhere.stderr == "tallystick: no/such/x.json: No such file or directory\n"
    run("prove", "kept", code=2)
    run("prove", "kept", "--key", "a", "--key", "b", "-o", "one.json", code=2)
    Path("keys.txt").write_bytes(b"\xff\n")
    run("prove", "kept", "--keys-from", "keys.txt", code=3)


@pytest.mark.parametrize("name", ["tree.tally", "head.tally", "keys.npy", "salts.npy", "commit.json"])
def test_prove_from_a_damaged_directory(run: Run, commitment: Path, name: str) -> None:
    path = commitment / name
    data = path.read_bytes()
    for damaged in (b"", data[:-1], b"noise" * 100):
        path.unlink()
        path.write_bytes(damaged)
        run("prove", "kept", "--key", "customer-000007", code=3)
    path.unlink()
    run("prove", "kept", "--key", "customer-000007", code=4)


def test_prove_from_files_of_two_commitments(run: Run, commitment: Path, tmp_path: Path) -> None:
    run(
        "commit",
        write(customers(21), tmp_path / "more.parquet"),
        "-o",
        "more",
        "--key-column",
        "id",
        "--salted",
    )
    for name in ("tree.tally", "head.tally", "keys.npy", "salts.npy"):
        own = (commitment / name).read_bytes()
        (commitment / name).unlink()
        (commitment / name).write_bytes(Path("more", name).read_bytes())
        refused = run("prove", "kept", "--key", "customer-000007", "-o", "other.json", code=3)
        assert "do not belong to one commitment" in refused.stderr
        (commitment / name).unlink()
        (commitment / name).write_bytes(own)


def test_a_key_index_that_leads_beyond_the_tree(run: Run, commitment: Path) -> None:
    keys = np.load(commitment / "keys.npy")
    keys["index"] = 20
    np.save(commitment / "keys.npy", keys)
    run("prove", "kept", "--key", "customer-000007", "-o", "other.json", code=3)
