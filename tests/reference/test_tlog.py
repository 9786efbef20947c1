"""Texts of transparency logs: vectors, mutations, and a published checkpoint."""

from __future__ import annotations

import random

import pytest

from tests.reference import tlog, vectors_tlog
from tests.reference.reader import DecodeError
from tests.reference.test_reference import vectors
from tests.reference.verify import verify

# The example of c2sp.org/tlog-checkpoint.
PUBLISHED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()


def test_published_checkpoint() -> None:
    found = tlog.decode_checkpoint(PUBLISHED)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert tlog.encode_checkpoint(found) == PUBLISHED
    assert found.head.size == 20852163


def test_vectors() -> None:
    for group in vectors("tlog.json")["groups"]:
        is_proof = group["object"] == "proof"
        for test in group["tests"]:
            raw = bytes.fromhex(test["encoding"])
            if test["result"] == "invalid":
                with pytest.raises(DecodeError):
                    tlog.decode_proof(raw) if is_proof else tlog.decode_checkpoint(raw)
            elif is_proof:
                proof = tlog.decode_proof(raw)
                assert tlog.encode_proof(proof) == raw
                assert vectors_tlog.proof_json(proof) == test.get("value", vectors_tlog.proof_json(proof))
                if "leaf" in test:
                    verify(proof.checkpoint.head, proof.index, bytes.fromhex(test["leaf"]), proof.proof)
            else:
                found = tlog.decode_checkpoint(raw)
                assert tlog.encode_checkpoint(found) == raw
                assert vectors_tlog.checkpoint_json(found) == test["value"]


def test_whatever_decodes_is_canonical() -> None:
    chosen = random.Random("tlog")
    raws = [tlog.encode_proof(proof) for _, _, proof in vectors_tlog.proofs()]
    accepted = 0
    for _ in range(3000):
        raw = bytearray(chosen.choice(raws))
        at = chosen.randrange(len(raw))
        raw[at : at + chosen.randrange(2)] = chosen.choice(
            (b"", b"\n", b" ", b"A", b"=", b"0", b"\xe2", b"\x00")
        )
        try:
            found = tlog.decode_proof(bytes(raw))
        except DecodeError:
            continue
        accepted += 1
        assert tlog.encode_proof(found) == raw
    assert accepted > 0


def test_every_cut_is_refused_but_that_of_the_signatures() -> None:
    raw = tlog.encode_proof(vectors_tlog.log_proof(11, 4))
    unsigned = raw.index("\u2014".encode())
    assert tlog.decode_proof(raw[:unsigned]).checkpoint.signatures == ()
    for cut in {*range(len(raw))} - {unsigned}:
        with pytest.raises(DecodeError):
            tlog.decode_proof(raw[:cut])
