"""Heads of logs: two signatures, verifiers that return a verdict, and forms that are not the one."""

from __future__ import annotations

import base64

import pytest
import tallystick as ts
from tallystick.logs import Log, LogReader
from tallystick.tlog import Signature

from tests.support_logs import SIGNER, VERIFIER, DictStore


def made(scheme: ts.Scheme = ts.schemes.RFC6962) -> DictStore:
    store = DictStore()
    Log.create(store, signer=SIGNER, scheme=scheme).extend([b"0", b"1", b"2"])
    return store


def signed(body: str) -> bytes:
    line = Signature(SIGNER.name, SIGNER.key_id, SIGNER.sign(body.encode()))
    return f"{body}\n{line.to_line()}\n".encode()


def test_every_signature_of_the_key_is_right() -> None:
    store = made()
    assert store.head is not None
    wrong = Signature(SIGNER.name, SIGNER.key_id, SIGNER.sign(b"something else")).to_line()
    store.head += f"{wrong}\n".encode()
    with pytest.raises(ts.InvalidSignature):
        LogReader.open(store, verifier=VERIFIER)


@pytest.mark.parametrize("verdict", [False, True])
def test_a_verifier_that_returns_a_verdict_is_misuse(verdict: bool) -> None:
    class Returns:
        name, key_id = VERIFIER.name, VERIFIER.key_id

        def verify(self, _: bytes, __: bytes, /) -> bool:
            return verdict

    with pytest.raises(TypeError, match="raises or returns nothing"):
        LogReader.open(made(), verifier=Returns())  # type: ignore[arg-type]


def test_the_head_of_another_scheme_is_no_older_one() -> None:
    for scheme, other in ((ts.schemes.NATIVE, ts.schemes.RFC6962), (ts.schemes.RFC6962, ts.schemes.NATIVE)):
        for size in (0, 2):
            newest = ts.MerkleTree([b"0", b"1"][:size], scheme=other).head
            with pytest.raises(ts.InvalidProof):
                LogReader.open(made(scheme), verifier=VERIFIER, newest=newest)


def test_a_head_has_one_form() -> None:
    """Also where the key has signed another one."""
    store = made(ts.schemes.NATIVE)
    assert store.head is not None
    origin, magic, text = store.head.decode().split("\n")[:3]
    store.head = signed(f"{origin}\n{magic}\n{text}\n")
    assert len(LogReader.open(store, verifier=VERIFIER)) == 3
    # The last character before the padding has bits that are not read; of them all are 0.
    assert text.endswith("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = text.rstrip("=")
    other = bare[:-1] + letters[letters.index(bare[-1]) + 1] + text[len(bare) :]
    assert base64.b64decode(other, validate=True) == base64.b64decode(text)
    checkpoint = base64.b64encode(made_head(ts.schemes.RFC6962).to_bytes()).decode()
    for line in (other, checkpoint):
        store.head = signed(f"{origin}\n{magic}\n{line}\n")
        with pytest.raises(ts.DecodeError, match="not in its one form"):
            LogReader.open(store, verifier=VERIFIER)


def made_head(scheme: ts.Scheme) -> ts.TreeHead:
    return ts.MerkleTree([b"0", b"1", b"2"], scheme=scheme).head
