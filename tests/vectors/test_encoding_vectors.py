"""Three encodings of every object, and the texts of transparency logs, against their vector files."""

from __future__ import annotations

from typing import Any

import pytest
import tallystick as ts
from tallystick.tlog import Checkpoint, LogProof, Signature

from tests.vectors.files import SAMPLES, Json, cases, unhex
from tests.vectors.forms import check_encodings, check_refused

CLASSES: dict[str, Any] = {
    "scheme": ts.Scheme,
    "head": ts.TreeHead,
    "inclusion-proof": ts.InclusionProof,
    "multi-proof": ts.MultiProof,
    "consistency-proof": ts.ConsistencyProof,
    "proof-batch": ts.ProofBatch,
    "shard": ts.Shard,
}


@cases("encodings", "valid")
def test_encodings(group: Json, case: Json) -> None:
    check_encodings(CLASSES[group["object"]], case)


@cases("encodings", "invalid")
def test_other_encodings_are_refused(group: Json, case: Json) -> None:
    check_refused(CLASSES[group["object"]], case)


def checkpoint_of(value: Json) -> Checkpoint:
    signatures = []
    for line in value["signatures"]:
        signature = Signature.from_line(f"— {line}")
        assert signature.name == line.split(" ")[0]
        signatures.append(signature)
    head = ts.TreeHead(ts.schemes.RFC6962, int(value["size"]), bytes.fromhex(value["root"]))
    return Checkpoint(value["origin"], head, tuple(value["extensions"]), tuple(signatures))


def log_value(kind: str, value: Json) -> Checkpoint | LogProof:
    if kind == "checkpoint":
        return checkpoint_of(value)
    proof = ts.InclusionProof(unhex(value["digests"]))
    extra = bytes.fromhex(value["extra"]) or None
    return LogProof(int(value["index"]), proof, checkpoint_of(value["checkpoint"]), extra)


LOG_CLASSES: dict[str, Any] = {"checkpoint": Checkpoint, "proof": LogProof}


@cases("tlog", "valid")
def test_log_texts(group: Json, case: Json) -> None:
    text = bytes.fromhex(case["encoding"]).decode()
    made = log_value(group["object"], case["value"])
    read = LOG_CLASSES[group["object"]].from_text(text)
    assert text == case["text"] == made.to_text() == read.to_text()
    assert read == made
    checkpoint = read if group["object"] == "checkpoint" else read.checkpoint
    signed = case["value"] if group["object"] == "checkpoint" else case["value"]["checkpoint"]
    assert checkpoint.body.decode() == signed["signed"]
    if "leaf" in case:
        leaf = bytes.fromhex(case["leaf"])
        assert leaf == SAMPLES[read.index]
        read.checkpoint.head.verify_inclusion(read.index, leaf, read.proof)


@cases("tlog", "invalid")
def test_other_log_texts_are_refused(group: Json, case: Json) -> None:
    raw = bytes.fromhex(case["encoding"])
    if "Utf8" in case["flags"]:
        with pytest.raises(UnicodeDecodeError):  # the library reads text; its bytes are the caller's
            raw.decode()
        return
    with pytest.raises(ts.DecodeError, match=r"."):
        LOG_CLASSES[group["object"]].from_text(raw.decode())
