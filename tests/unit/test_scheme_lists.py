"""A scheme that is built in is everywhere where schemes are listed: see "How to add" in ARCHITECTURE.md."""

from __future__ import annotations

import re
from pathlib import Path

import tallystick as ts
from tallystick import research

from tests.reference import families, sparse_rules
from tests.reference.variants import BUILT_IN

ROOT = Path(__file__).parents[2]
FUNCTIONS = {
    name for name in ts.schemes.__all__ if name.islower() and name not in ("dense", "f", "get", "names")
}
#: With pages, twins and vectors of their own.
SPARSE = {"native_sparse", "ics23_smt", "jellyfish", "nervos_smt", "sparse_256"}
ELSEWHERE = {"native", "native_sum", "rfc6962", "celestia", "namespaced"} | SPARSE


def test_the_twin_has_every_family_and_the_vectors_try_them() -> None:
    assert set(families.NAMES) == FUNCTIONS
    assert set(sparse_rules.SPARSE_FAMILIES) == SPARSE
    kinds = {name.partition("/")[0]: ts.schemes.get(name).kind for name in ts.schemes.names()}
    assert {name for name, kind in kinds.items() if kind == "sparse"} == SPARSE
    tried = {scheme.family.partition("(")[0] for scheme in BUILT_IN}
    assert tried == FUNCTIONS - ELSEWHERE


def test_the_bench_has_every_family() -> None:
    cases, _ = research.quick()
    assert {case.variant.partition("(")[0] for case in cases} == FUNCTIONS - SPARSE - {"namespaced"}


def test_the_reference_has_every_name() -> None:
    page = (ROOT / "docs/reference/schemes.md").read_text(encoding="utf-8")
    members = re.search(r"tallystick\.schemes\n   :members: (.*)\n", page)
    assert members
    listed = set(members[1].split(", "))
    assert listed == set(ts.schemes.__all__) - {"f", "Plan", "Scheme"}


def test_the_pages_name_every_family() -> None:
    for page, others in (
        ("docs/concepts/schemes.md", {"namespaced"}),
        ("docs/spec/variants.md", ELSEWHERE),
        ("docs/spec/sparse.md", FUNCTIONS - SPARSE),
        ("docs/guides/sparse.md", (FUNCTIONS - SPARSE) | {"native_sparse"}),
        ("tests/interop/go/sparse.go", FUNCTIONS - SPARSE),
        ("tests/interop/node/interop.mjs", FUNCTIONS - SPARSE),
        ("rust/fuzz/src/sparse.rs", FUNCTIONS - SPARSE),
        ("rust/tallystick-tree/tests/sparse_trees.rs", FUNCTIONS - SPARSE),
    ):
        text = (ROOT / page).read_text(encoding="utf-8").lower()
        # A table may say OPENZEPPELIN_STANDARD and then _SIMPLE.
        missing = {name for name in FUNCTIONS - others if name.removeprefix("openzeppelin_") not in text}
        assert not missing, page
