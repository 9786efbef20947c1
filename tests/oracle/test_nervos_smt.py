"""Nervos' sparse tree against its own crate: roots, and proofs both ways.

There a key is read from its last bit up, so it is turned around. A sibling at *height* h is ours at depth
256 - h; it is a digest, or a run: its base, turns and length.
"""

from __future__ import annotations

from typing import Any

import pytest
import tallystick as ts

from tests.oracle.counterparts import Ask
from tests.oracle.test_sparse import CASES, Case, Library, Twin
from tests.reference.schemes import Scheme
from tests.reference.sparse_objects import PRESENT, RUN, SparseProof
from tests.reference.sparse_rules import DEPTH, bit, packed
from tests.reference.sparse_runs import Foot, run_up, stretch
from tests.reference.sparse_verify import witnessed

NERVOS = Scheme("nervos_smt", "sha256")
Ours = type[Library] | type[Twin]
both = pytest.mark.parametrize("ours", [Library, Twin])


def asked(case: Case) -> dict[str, Any]:
    return {
        "call": "nervos_smt",
        "keys": [one[::-1].hex() for one in case.inserted],
        "values": [NERVOS.value_digest(value).hex() for value in case.inserted.values()],
        "removed": [one[::-1].hex() for one in case.removed],
        "queries": [one[::-1].hex() for one in case.queries],
    }


def hashed(sibling: dict[str, Any]) -> str:
    """The digest of a sibling of theirs."""
    if "digest" in sibling:
        return str(sibling["digest"])
    run = bytes.fromhex(sibling["base"] + sibling["bits"]) + bytes([sibling["count"]])
    return NERVOS.framed(NERVOS.sparse.run, run).hex()


def run_of(foot: Foot, depth: int) -> dict[str, Any]:
    """A subtree whose top is at this depth, as theirs."""
    if foot.depth == depth:
        return {"digest": foot.digest.hex()}
    base = bytes([DEPTH - foot.depth]) + stretch(foot.path, 0, foot.depth - 1) + foot.digest
    found = {
        "base": NERVOS.framed(NERVOS.sparse.base, base).hex(),
        "bits": stretch(foot.path, depth, foot.depth).hex(),
        "count": (foot.depth - depth) % 256,
    }
    assert hashed(found) == run_up(NERVOS, foot, depth).hex()
    return found


def theirs_of(one: bytes, proof: SparseProof) -> tuple[str, list[dict[str, Any]]]:
    """Bitmap and siblings of a proof of ours in their form: a key that leaves a run has one more."""
    depths = [depth for depth in range(proof.depth, 0, -1) if proof.is_sent(depth)]
    siblings: list[dict[str, Any]] = [{"digest": digest.hex()} for digest in proof.digests]
    if proof.witness:
        foot = witnessed(NERVOS, proof.end, proof.witness)
        parting = next(place for place in range(DEPTH) if bit(foot.path, place) != bit(one, place)) + 1
        depths, siblings = [parting, *depths], [run_of(foot, parting), *siblings]
    bitmap = packed([int(depth in depths) for depth in range(1, DEPTH + 1)])
    return bitmap[::-1].hex(), siblings


@both
def test_roots_and_proofs_are_theirs(crates: Ask, ours: Ours) -> None:
    ends = set()
    for case, theirs in zip(CASES, crates([asked(case) for case in CASES]), strict=True):
        tree = ours(NERVOS, case.left)
        assert theirs["root"] == tree.head.root.hex()
        for one, found in zip(case.queries, theirs["proofs"], strict=True):
            proof = tree.prove(one)
            bitmap, siblings = theirs_of(one, proof)
            assert bitmap == found["bitmap"]
            assert [hashed(sibling) for sibling in siblings] == list(map(hashed, found["siblings"]))
            # A digest would not do where the run goes on.
            assert proof.end == PRESENT or siblings[:1] == found["siblings"][:1]
            ends.add(proof.end)
    assert {PRESENT, RUN} < ends


@both
def test_their_proofs_of_presence_are_ours(crates: Ask, ours: Ours) -> None:
    for case, theirs in zip(CASES, crates([asked(case) for case in CASES]), strict=True):
        tree = ours(NERVOS, case.left)
        for one, found in zip(case.queries, theirs["proofs"], strict=True):
            if one not in case.left:
                continue
            bitmap = bytes.fromhex(found["bitmap"])[::-1]
            depth = max((place + 1 for place in range(DEPTH) if bit(bitmap, place)), default=0)
            bits = packed([bit(bitmap, place) for place in range(depth)])
            digests = tuple(bytes.fromhex(hashed(sibling)) for sibling in found["siblings"])
            read = SparseProof(32, PRESENT, depth, bits, digests)
            assert read == tree.prove(one)
            assert tree.accepts(one, case.left[one], read)
            assert not tree.accepts(one, case.left[one] + b"more", read)


@both
@pytest.mark.parametrize("honest", [True, False])
def test_they_verify_our_proofs(crates: Ask, ours: Ours, honest: bool) -> None:
    claims = []
    for case in CASES:
        tree = ours(NERVOS, case.left)
        for one in case.queries:
            bitmap, siblings = theirs_of(one, tree.prove(one))
            value = NERVOS.value_digest(case.left[one]) if one in case.left else bytes(32)
            claims.append(
                {
                    "call": "nervos_smt_verify",
                    "root": tree.head.root.hex(),
                    "key": one[::-1].hex(),
                    "value": (value if honest else bytes([value[0] ^ 1]) + value[1:]).hex(),
                    "bitmap": bitmap,
                    "siblings": siblings,
                }
            )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def test_values_that_are_digests_there() -> None:
    """The root of one key of theirs, computed by hand: a run of 256 nodes is stated as 0."""
    tree = ts.SparseTree(scheme=ts.schemes.nervos_smt(ts.hashes.SHA256))
    key, value = bytes(range(32)), b"\x07" * 32
    tree.update([key[::-1]], [value], prehashed=True)
    sha256 = ts.hashes.SHA256.digest
    path = bytes([key[0] & 0xFE]) + key[1:]
    assert tree.root == sha256(b"\x02" + sha256(b"\x00" + path + value) + key + b"\x00")
    assert tree.digest(key[::-1]) == value
    tree.head.verify_present(key[::-1], value, tree.prove(key[::-1]), prehashed=True)
    with pytest.raises(ValueError, match="would be absent"):
        tree.update([key], [bytes(32)], prehashed=True)
    with pytest.raises(ValueError, match="31 bytes"):
        tree.update([key], [bytes(31)], prehashed=True)
