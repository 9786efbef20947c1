"""Every vector file is what its schema says."""

from __future__ import annotations

import json

import pytest

from tests.vectors.files import FILES

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
referencing = pytest.importorskip("referencing", reason="jsonschema brings it")

SCHEMAS = {path.name: json.loads(path.read_text(encoding="ascii")) for path in FILES.glob("schema/*.json")}
REGISTRY = referencing.Registry().with_resources(
    (name, referencing.Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
NAMES = sorted(path.stem for path in FILES.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_fits_its_schema(name: str) -> None:
    document = json.loads((FILES / f"{name}.json").read_text(encoding="ascii"))
    validator = jsonschema.Draft202012Validator(SCHEMAS[f"{name}.schema.json"], registry=REGISTRY)
    assert [error.message[:300] for error in validator.iter_errors(document)][:3] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_flag_is_explained_and_every_name_unique(name: str) -> None:
    document = json.loads((FILES / f"{name}.json").read_text(encoding="ascii"))
    cases = [case for group in document["groups"] for case in group["tests"]]
    assert len({case["id"] for case in cases}) == len(cases)
    assert {flag for case in cases for flag in case["flags"]} == set(document["notes"])
