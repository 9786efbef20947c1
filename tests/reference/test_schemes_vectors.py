"""The vectors of the dense schemes, read back: every value, every reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference import codec, json_form, protobuf_form, vectors_variants
from tests.reference.attacks_variants import Claim, verdict
from tests.reference.multi import verify_many
from tests.reference.objects import Head, InclusionProof, MultiProof, Shard
from tests.reference.reader import DecodeError
from tests.reference.samples import leaves_for
from tests.reference.schemes import Scheme
from tests.reference.test_proofs import cut, many_of, refusal, scheme_of
from tests.reference.test_reference import vectors
from tests.reference.trees import head, leaf_digests, top
from tests.reference.variants import ZERO

OBJECTS: dict[str, type] = {"scheme": Scheme, "head": Head, "shard": Shard}


def groups(name: str) -> list[tuple[Scheme, dict[str, Any]]]:
    return [(scheme_of(group["scheme"]), group) for group in vectors(name)["groups"]]


def test_roots() -> None:
    for scheme, group in groups("variants.json"):
        assert vectors_variants.properties(scheme) == group["properties"]
        assert vectors_variants.folded(scheme) == group["folded"]
        assert group["bare"] == (scheme.rules.leaf is None)
        for test in group["tests"]:
            size = int(test["size"])
            if test["result"] == "invalid":
                data = list(map(bytes.fromhex, test.get("leaves", [ZERO.hex()] * size)))
                with pytest.raises(ValueError):
                    head(scheme, data)
                continue
            data = leaves_for(scheme, size)
            assert top(scheme, leaf_digests(scheme, data)).hex() == test["top"], test["id"]
            assert head(scheme, data).root.hex() == test["root"], test["id"]


def test_inclusion() -> None:
    for scheme, group in groups("variants_inclusion.json"):
        for test in group["tests"]:
            size = test["digest_size"]
            proof = InclusionProof(size, cut(test["proof"], size))
            trusted = Head(scheme, int(test["size"]), bytes.fromhex(test["root"]))
            index = None if test["index"] is None else int(test["index"])
            reason = verdict(Claim(trusted, index, bytes.fromhex(test["leaf"]), proof))
            assert reason == test.get("reason"), test["id"]
            assert (reason is None) == (test["result"] == "valid"), test["id"]


def test_multi() -> None:
    for scheme, group in groups("variants_multi.json"):
        if scheme.binds_index:
            assert vectors_variants.folded_many(scheme) == group["folded"]
        for test in group["tests"]:
            trusted = Head(scheme, int(test["size"]), bytes.fromhex(test["root"]))
            claim, proof = many_of(test)
            assert isinstance(proof, MultiProof)
            reason = refusal(verify_many, trusted, claim, proof)
            assert reason == test.get("reason"), test["id"]
            assert (reason is None) == (test["result"] == "valid"), test["id"]


def test_rules() -> None:
    for group in vectors("variants_rules.json")["groups"]:
        wanted = OBJECTS[group["object"]]
        for test in group["tests"]:
            if test["result"] == "invalid":
                with pytest.raises(DecodeError):
                    codec.decode(wanted, bytes.fromhex(test["encoding"]))
                continue
            value = codec.decode(wanted, bytes.fromhex(test["binary"]))
            assert json_form.decode(wanted, test["json"]) == value
            assert protobuf_form.decode(wanted, bytes.fromhex(test["protobuf"])) == value
            forms = (codec.encode(value).hex(), json_form.encode(value), protobuf_form.encode(value).hex())
            assert forms == (test["binary"], test["json"], test["protobuf"]), test["id"]
