"""The common envelope of the vector files, and how values look in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.reference import json_form
from tests.reference.codec import encode
from tests.reference.objects import DigestList, Head, SumHead, SumList
from tests.reference.schemes import Scheme

Json = dict[str, Any]

VALID = "valid"
INVALID = "invalid"


def case(name: str, comment: str, flags: list[str], result: str = VALID, **fields: Any) -> Json:
    """One test case. ``fields`` come between the flags and the result."""
    reason = fields.pop("reason", None)
    made = {"id": name, "comment": comment, "flags": flags, **fields, "result": result}
    return made if reason is None else {**made, "reason": reason}


def scheme_json(scheme: Scheme) -> Json:
    return {
        "name": scheme.name,
        "family": scheme.family,
        "hash": scheme.hash_name,
        "context": scheme.context.hex(),
        "encoding": encode(scheme).hex(),
    }


# Tests of these flags state head and proof in the JSON form too, where the hash is this one.
FLAGS_IN_JSON = frozenset({"Honest", "LeafChanged", "SizeRelabelled", "Unsorted"})
HASH_IN_JSON = "sha256"
JSON_RULE = "head_json and proof_json, where they stand, are the canonical texts of the same head and proof"


def objects_json(head: Head | SumHead, proof: DigestList | SumList, flags: Iterable[str]) -> Json:
    """The JSON texts of head and proof, for some tests: as a program is given them, beside the claim."""
    if head.scheme.hash_name != HASH_IN_JSON or FLAGS_IN_JSON.isdisjoint(flags):
        return {}
    return {"head_json": json_form.encode(head), "proof_json": json_form.encode(proof)}


def document(name: str, notes: dict[str, str], groups: list[Json], **conventions: str | list[str]) -> Json:
    """``notes`` explains every flag in use, and nothing else."""
    cases = [one for group in groups for one in group["tests"]]
    used = {flag for one in cases for flag in one["flags"]}
    if used != set(notes):
        raise ValueError(f"{name}: flags and notes differ in {sorted(used ^ set(notes))}")
    ids = [one["id"] for one in cases]
    if len(set(ids)) != len(ids):
        raise ValueError(f"{name}: used twice: {sorted({one for one in ids if ids.count(one) > 1})}")
    return {
        "schema": f"schema/{name}.schema.json",
        "version": 1,
        "generator": "tests/reference/write_vectors.py",
        "notes": dict(sorted(notes.items())),
        "number_of_tests": len(cases),
        "conventions": conventions,
        "groups": groups,
    }


def dumps(value: Json) -> str:
    """JSON with one line a field, lists of plain values on one line."""
    return _block(value, 0) + "\n"


def _block(value: Any, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=True)
    if not isinstance(value, dict | list) or not value or (isinstance(value, list) and _plain(value)):
        return flat
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(key)}: {_block(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    lines = [pad + _block(item, depth + 1) for item in value]
    return "[\n" + ",\n".join(lines) + "\n" + " " * depth + "]"


def _plain(items: list[Any]) -> bool:
    """Strings and numbers, or short pairs of them; long digests get a line each."""
    if any(isinstance(item, dict) for item in items):
        return False
    return len(json.dumps(items)) <= 100 or all(isinstance(item, list) for item in items)
