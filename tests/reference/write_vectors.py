"""Write tests/vectors/v1, or with --check fail if it differs from what would be written.

Run from the root of the repository: ``python -m tests.reference.write_vectors``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.reference import (
    vectors_consistency,
    vectors_encodings,
    vectors_hashes,
    vectors_inclusion,
    vectors_liability_receipt,
    vectors_liability_statement,
    vectors_multi,
    vectors_namespaced,
    vectors_patricia,
    vectors_roots,
    vectors_rows,
    vectors_shards,
    vectors_sparse,
    vectors_sum_encodings,
    vectors_sum_shards,
    vectors_sums,
    vectors_tlog,
    vectors_tree_file,
    vectors_variants,
    vectors_variants_rules,
)
from tests.reference.envelope import Json, dumps

DIRECTORY = Path(__file__).resolve().parents[1] / "vectors" / "v1"

FILES: dict[str, Callable[[], Json]] = {
    "hashes.json": vectors_hashes.build,
    "roots.json": vectors_roots.build_roots,
    "plans.json": vectors_roots.build_plans,
    "inclusion.json": vectors_inclusion.build,
    "multi.json": vectors_multi.build,
    "consistency.json": vectors_consistency.build,
    "shards.json": vectors_shards.build,
    "encodings.json": vectors_encodings.build,
    "sums.json": vectors_sums.build_roots,
    "sum_inclusion.json": vectors_sums.build_inclusion,
    "sum_multi.json": vectors_sums.build_multi,
    "sum_shards.json": vectors_sum_shards.build,
    "sum_encodings.json": vectors_sum_encodings.build,
    "namespaced.json": vectors_namespaced.build,
    "namespaced_encodings.json": vectors_namespaced.build_encodings,
    "sparse.json": vectors_sparse.build,
    "sparse_encodings.json": vectors_sparse.build_encodings,
    "patricia.json": vectors_patricia.build,
    "patricia_encodings.json": vectors_patricia.build_encodings,
    "liability_statement.json": vectors_liability_statement.build,
    "liability_receipt.json": vectors_liability_receipt.build,
    "tlog.json": vectors_tlog.build,
    "rows.json": vectors_rows.build,
    "tree_files.json": vectors_tree_file.build,
    "variants.json": vectors_variants.build_roots,
    "variants_inclusion.json": vectors_variants.build_inclusion,
    "variants_multi.json": vectors_variants.build_multi,
    "variants_rules.json": vectors_variants_rules.build,
}


def stale() -> list[str]:
    """The names of the files that are missing, differ, or should not be there."""
    present = {path.name for path in DIRECTORY.glob("*.json")}
    wrong = sorted(present - set(FILES))
    for name, build in FILES.items():
        path = DIRECTORY / name
        if not path.exists() or path.read_text(encoding="ascii") != dumps(build()):
            wrong.append(name)
    return wrong


def write() -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, build in FILES.items():
        (DIRECTORY / name).write_text(dumps(build()), encoding="ascii", newline="\n")


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not arguments:
        write()
        return 0
    wrong = stale()
    for name in wrong:
        print(f"differs: {name}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
