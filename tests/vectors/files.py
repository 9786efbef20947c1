"""The vector files as the tests read them. No tests, no assertions about the library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.reference.samples import leaves

FILES = Path(__file__).parent / "v1"
SAMPLES = leaves(1000)

Json = dict[str, Any]
Proof = Any  # one of the classes that are a list of digests


def groups(name: str) -> list[Json]:
    document = json.loads((FILES / f"{name}.json").read_text(encoding="ascii"))
    found: list[Json] = document["groups"]
    if sum(len(group["tests"]) for group in found) != document["number_of_tests"]:
        raise ValueError(f"{name}.json does not have the number of tests that it states")
    return found


def cases(name: str, result: str | None = None, **having: str) -> pytest.MarkDecorator:
    """A test for each case; it takes the case's group and the case. ``having``: members of the group."""
    chosen = [
        pytest.param(group, case, id=case["id"])
        for group in groups(name)
        for case in group["tests"]
        if result in (None, case["result"]) and having.items() <= group.items()
    ]
    return pytest.mark.parametrize(("group", "case"), chosen)


def folded(name: str) -> pytest.MarkDecorator:
    """A test for each group with a ``folded``; it takes the group."""
    chosen = [group for group in groups(name) if "folded" in group]
    return pytest.mark.parametrize("group", chosen, ids=lambda group: group["tests"][0]["id"])


def scheme_of(value: Json) -> ts.Scheme:
    return ts.Scheme.from_bytes(bytes.fromhex(value["encoding"]))


def rows_of(digests: str, size: int) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(digests), np.uint8).reshape(-1, size)


def proof_of(kind: type, case: Json) -> Proof:
    """The proof of a case; ``ValueError`` where no such object exists."""
    size = case["digest_size"]
    return kind(rows_of(case["proof"], size) if case["proof"] else [], digest_size=size)


def check_json(case: Json, head: ts.TreeHead, proof: Proof) -> None:
    """Where a case has its head and proof as JSON too, they are these."""
    if "head_json" in case:
        assert ts.TreeHead.from_json(case["head_json"]) == head
        assert type(proof).from_json(case["proof_json"]) == proof
        assert (head.to_json(), proof.to_json()) == (case["head_json"], case["proof_json"])


def numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts]


def unhex(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def reason_of(error: ts.InvalidProof | None) -> str | None:
    return None if error is None else error.reason.name
