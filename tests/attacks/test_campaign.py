"""A seeded sample of the campaign, the crate beside this file; `nox -s attacks` runs it in full."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CARGO = ("cargo", "run", "--quiet", "--release", "--locked", "--package", "attack-campaign", "--")
SAMPLE = ("--sample", "0.003", "--max-size", "48", "--seed", "42", "--json")
MEASUREMENTS = [
    "flips",
    "structure",
    "relabels",
    "variants",
    "sparse",
    "canonical",
    "subsets",
    "shards",
    "sums",
    "patricia",
    "receipts",
    "bombs",
]
# Every reason that the verifier of receipts has.
REASONS = {
    "OTHER_STATEMENT",
    "EMPTY_CLAIM",
    "ASSET_ORDER",
    "MALFORMED_LEAF",
    "UNKNOWN_ASSET",
    "DUPLICATE_INDEX",
    "AMOUNT_OUT_OF_RANGE",
    "INDEX_OUT_OF_RANGE",
    "DIGEST_SIZE",
    "DIGEST_COUNT",
    "SUM_OVERFLOW",
    "TOTAL_MISMATCH",
    "ROOT_MISMATCH",
    "UNEXPECTED_BALANCE",
}
# Every reason that the verifiers of sparse trees have, but for claims whose lists differ in length.
KEY_REASONS = {
    "EMPTY_CLAIM",
    "KEY_SIZE",
    "DUPLICATE_KEY",
    "DIGEST_SIZE",
    "OTHER_END",
    "SHAPE",
    "DIGEST_COUNT",
    "WITNESS",
    "EMPTY_SIBLING",
    "ROOT_MISMATCH",
}


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not there to build the campaign")
def test_a_sample_of_every_measurement() -> None:
    done = subprocess.run(
        [*CARGO, "all", *SAMPLE], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [measured["name"] for measured in found] == MEASUREMENTS
    for measured in found:
        assert measured["accepted"] == measured["honest_refused"] == 0, measured
        assert measured["honest"] > 0
        assert measured["tried"] > 100 or measured["name"] == "subsets"
        if measured["name"] == "sums":
            assert measured["notes"]["sums"] > 30_000
            assert measured["notes"]["overflows"] > 1000
        if measured["name"] == "sparse":
            assert set(measured["notes"]) >= KEY_REASONS
        if measured["name"] == "receipts":
            assert set(measured["notes"]) >= REASONS
            assert "accepted" not in measured["notes"]
