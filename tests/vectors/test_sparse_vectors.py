"""Proofs of sparse trees, and their encodings, against their vector files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tallystick as ts

from tests.vectors.files import Json, cases, reason_of, unhex
from tests.vectors.forms import check_encodings, check_refused

CLASSES: dict[str, Any] = {
    "scheme": ts.Scheme,
    "sparse-head": ts.SparseHead,
    "sparse-proof": ts.SparseProof,
    "sparse-multi-proof": ts.SparseMultiProof,
}


def refused(check: Any, *claim: Any) -> ts.InvalidProof | None:
    try:
        check(*claim)
    except ts.InvalidProof as error:
        return error
    return None


class Pairs(Mapping[bytes, bytes]):
    """A mapping that may have a key twice, as a claim in a vector may."""

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        self.pairs = pairs

    def items(self) -> Any:
        return self.pairs

    def __getitem__(self, key: bytes) -> bytes:
        return dict(self.pairs)[key]

    def __iter__(self) -> Iterator[bytes]:
        return (key for key, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


@cases("sparse")
def test_claims(group: Json, case: Json) -> None:
    if "claim" not in case:
        return
    head = ts.SparseHead.from_bytes(bytes.fromhex(case["head"]))
    raw = bytes.fromhex(case["proof"])
    match case["claim"]:
        case "present":
            key, value = bytes.fromhex(case["key"]), bytes.fromhex(case["value"])
            error = refused(head.verify_present, key, value, ts.SparseProof.from_bytes(raw))
        case "absent":
            error = refused(head.verify_absent, bytes.fromhex(case["key"]), ts.SparseProof.from_bytes(raw))
        case _:
            proof = ts.SparseMultiProof.from_bytes(raw)
            pairs = [(key, value) for key, value in map(unhex, case["present"])]
            error = refused(head.verify_many, Pairs(pairs), unhex(case["absent"]), proof)
            if len(dict(pairs)) == len(pairs):
                again = refused(head.verify_many, dict(pairs), set(unhex(case["absent"])), proof)
                twice = error is not None and error.reason is ts.Reason.DUPLICATE_KEY
                assert reason_of(again) == reason_of(error) or twice
    assert reason_of(error) == case.get("reason")
    assert (error is None) == (case["result"] == "valid")


@cases("sparse_encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("sparse_encodings", "invalid")
def test_other_encodings_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)
