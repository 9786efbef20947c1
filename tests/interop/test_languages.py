"""Go and Node read our JSON and Protobuf, write each as the other, recompute roots, verify proofs and notes.

Their programs, in `go/` and `node/`, are written from docs/spec and use their standard libraries alone. A
program reads one JSON document: `objects` (`object`, `json`, `protobuf`), `trees` (`scheme`, `leaves`),
`claims` (`head`, `indices`, `leaves`, `proof`), `notes` (`text`, `name`, `key`) and `keys` of sparse trees
(`head`, `key`, `value` or null where the key is absent, `proof`), all objects in JSON form, bytes in hex,
numbers in decimal strings. It writes one: `json` and `protobuf` (each object from the other form), `roots`,
`reasons` and `keys` (why a claim is refused, or ""), and `signed` (why a note is not signed by its key).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from tallystick.liabilities import Ed25519Signer, Statement

from tests.reference import codec, json_form
from tests.reference.attacks_sparse import TREE, Present, attacks, nearby
from tests.reference.liabilities_samples import statement
from tests.reference.samples import items, key, leaf, leaves
from tests.reference.schemes import Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_objects import SparseHead, SparseProof
from tests.reference.sparse_rules import SPARSE_FAMILIES
from tests.support_liabilities import statement_of
from tests.vectors.files import Json, groups

HERE = Path(__file__).parent
LEAVES = leaves(130)
SCHEMES = (ts.schemes.native(ts.hashes.SHA256).with_context(b"day 1"), ts.schemes.RFC6962)
SPARSE = tuple(Scheme(family, "sha256") for family in SPARSE_FAMILIES)
SIZES = (1, 2, 3, 7, 11, 64, 130)

Run = Callable[[Json], Json]


def node(document: Json) -> Json:
    return run(["node", str(HERE / "node" / "interop.mjs")], document)


def run(command: list[str], document: Json, **options: Any) -> Json:
    done = subprocess.run(
        command,
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )
    assert done.returncode == 0, done.stderr
    found: Json = json.loads(done.stdout)
    return found


@pytest.fixture(params=["go", "node"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    if request.param == "node":
        return node
    binary = tmp_path / "interop"
    built = subprocess.run(
        ["go", "build", "-buildvcs=false", "-o", str(binary), "."],
        cwd=HERE / "go",
        env={**os.environ, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert built.returncode == 0, built.stderr
    return lambda document: run([str(binary)], document)


def made_objects() -> list[tuple[str, Any]]:
    """Objects as the library makes them."""
    found: list[tuple[str, Any]] = []
    for scheme in SCHEMES:
        found.append(("scheme", scheme))
        for size in SIZES:
            tree = ts.MerkleTree(LEAVES[:size], scheme=scheme)
            found += [
                ("head", tree.head),
                ("inclusion-proof", tree.prove(size // 2)),
                ("multi-proof", tree.prove_many(range(0, size, 3))),
                ("consistency-proof", tree.prove_extends((size + 1) // 2)),
                ("proof-batch", tree.prove_each([0, size - 1])),
                ("shard", ts.Shard.from_leaves(size, LEAVES[:size], scheme=scheme)),
            ]
    for keyed in sparse_trees():
        found += [
            ("sparse-head", keyed.head),
            ("sparse-proof", keyed.prove(key(3))),
            ("sparse-multi-proof", keyed.prove_many([key(i) for i in range(0, 30, 3)])),
        ]
    return found


def sparse_trees() -> list[ts.SparseTree]:
    schemes = [ts.Scheme.from_bytes(codec.encode(scheme)) for scheme in SPARSE]
    return [ts.SparseTree(items(size), scheme=scheme) for scheme in schemes for size in (0, 1, 12)]


def examples() -> list[Json]:
    """The library's own, and every valid one of the vectors."""
    found = [
        {"object": kind, "json": value.to_json(), "protobuf": value.to_protobuf().hex()}
        for kind, value in made_objects()
    ]
    return found + [
        {"object": group["object"], "json": case["json"], "protobuf": case["protobuf"]}
        for name in ("encodings", "sparse_encodings")
        for group in groups(name)
        for case in group["tests"]
        if case["result"] == "valid"
    ]


def trees() -> list[ts.MerkleTree]:
    return [ts.MerkleTree(LEAVES[:size], scheme=scheme) for scheme in SCHEMES for size in SIZES]


def claims() -> list[tuple[Json, str]]:
    """Claims with the reason of their refusal: an honest and some false ones a tree, and the vectors'."""
    found = []
    for tree in trees():
        size = len(tree)
        indices = list(range(0, size, 3))[::-1]
        honest = {
            "head": tree.head.to_json(),
            "indices": [str(index) for index in indices],
            "leaves": [LEAVES[index].hex() for index in indices],
            "proof": tree.prove_many(indices).to_json(),
        }
        more = ts.MultiProof([*tree.prove_many(indices).digests, bytes(32)]).to_json()
        found += [
            (honest, ""),
            (honest | {"leaves": ["ff", *honest["leaves"][1:]]}, "ROOT_MISMATCH"),
            (honest | {"proof": more}, "DIGEST_COUNT"),
            (honest | {"indices": [str(size), *honest["indices"][1:]]}, "INDEX_OUT_OF_RANGE"),
            (honest | {"indices": [], "leaves": []}, "EMPTY_CLAIM"),
            (honest | {"leaves": honest["leaves"][1:]}, "LENGTH_MISMATCH"),
            (
                honest | {name: [*honest[name], honest[name][0]] for name in ("indices", "leaves")},
                "DUPLICATE_INDEX",
            ),
        ]
    return found + [
        (
            {
                "head": case["head_json"],
                "indices": case["indices"],
                "leaves": case["leaves"],
                "proof": case["proof_json"],
            },
            case.get("reason", ""),
        )
        for group in groups("multi")
        for case in group["tests"]
        if "head_json" in case
    ]


def notes() -> list[tuple[Json, str]]:
    """Notes with the reason of their refusal: ours, and the vectors'."""
    found = []
    for seed, name in ((bytes(32), "exchange.example"), (bytes(range(32)), "Z\u00fcrich")):
        signer = Ed25519Signer.from_seed(name, seed)
        key = signer.verifier.public_key.hex()
        for day in range(3):
            signed = statement_of(statement(day)).sign(signer).to_note()
            note = {"text": signed.encode().hex(), "name": name, "key": key}
            changed = signed.replace("sequence ", "sequence 1").encode().hex()
            found += [
                (note, ""),
                (note | {"text": changed}, "WRONG_SIGNATURE"),
                (note | {"name": "x"}, "UNSIGNED"),
            ]
    for group in groups("liability_statement"):
        if group["what"] != "signatures":
            continue
        name, key = group["key"]["name"], group["key"]["public_key"]
        for case in group["tests"]:
            read = Statement.from_note(bytes.fromhex(case["note"]))
            own = {(line.name, line.key_id.hex()) for line in read.signatures}
            wrong = "WRONG_SIGNATURE" if (name, group["key"]["key_id"]) in own else "UNSIGNED"
            note = {"text": case["note"], "name": name, "key": key}
            found.append((note, "" if case["result"] == "valid" else wrong))
    return found


def keys() -> list[tuple[Json, str]]:
    """Claims about keys of sparse trees, with the reason of their refusal: the library's, and the twin's."""
    found = []
    for keyed in sparse_trees():
        for i in range(0, 30, 2):
            value = leaf(i) if i < len(keyed) else None
            claim = {
                "head": keyed.head.to_json(),
                "key": key(i).hex(),
                "proof": keyed.prove(key(i)).to_json(),
            }
            found.append((claim | {"value": None if value is None else value.hex()}, ""))
            found.append(
                (claim | {"value": b"other".hex()}, "OTHER_END" if value is None else "ROOT_MISMATCH")
            )
    for scheme in SPARSE:
        for values in (items(0), items(1), items(9), TREE):
            tree = SparseTree(scheme, values)
            for one in [
                *list(values)[:9],
                *map(key, range(90, 96)),
                *(nearby(one, 40) for one in list(values)[:3]),
            ]:
                value = values.get(one)
                proof = tree.prove(one)
                found.append((key_claim(tree.head, one, value, proof), ""))
        for attack in attacks(scheme):
            claim = attack.claim
            value = claim.value if isinstance(claim, Present) else None
            found.append((key_claim(claim.head, claim.key, value, claim.proof), attack.reason))
    return found


def key_claim(head: SparseHead, one: bytes, value: bytes | None, proof: SparseProof) -> Json:
    return {
        "head": json_form.encode(head),
        "key": one.hex(),
        "value": None if value is None else value.hex(),
        "proof": json_form.encode(proof),
    }


def test_another_language_reads_writes_and_verifies(program: Run) -> None:
    objects = examples()
    found = program(
        {
            "objects": objects,
            "trees": [
                {
                    "scheme": tree.scheme.to_json(),
                    "leaves": [leaf.hex() for leaf in LEAVES[: len(tree)]],
                }
                for tree in trees()
            ],
            "claims": [claim for claim, _ in claims()],
            "notes": [note for note, _ in notes()],
            "keys": [claim for claim, _ in keys()],
        }
    )
    assert len(objects) > 100
    assert found["json"] == [example["json"] for example in objects]
    assert found["protobuf"] == [example["protobuf"] for example in objects]
    assert found["roots"] == [tree.root.hex() for tree in trees()]
    assert found["reasons"] == [reason for _, reason in claims()]
    assert found["keys"] == [reason for _, reason in keys()]
    assert found["signed"] == [reason for _, reason in notes()]
