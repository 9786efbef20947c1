"""The exceptions: what they are, what they carry, and that they travel between processes."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import liabilities

from tests.reference import liabilities_verify, refusals
from tests.support import built, rows

BASES: dict[type[Exception], tuple[type[BaseException], ...]] = {
    ts.TallystickError: (Exception,),
    ts.InvalidProof: (ts.TallystickError,),
    ts.RootMismatch: (ts.InvalidProof,),
    ts.ChainError: (ts.InvalidProof,),
    ts.InvalidSignature: (ts.InvalidProof,),
    ts.DecodeError: (ts.TallystickError, ValueError),
    ts.StaleHead: (ts.TallystickError, ValueError),
    ts.StoreError: (ts.TallystickError,),
    ts.NotFound: (ts.TallystickError, LookupError),
}

TREE = built(rows(3))
STATEMENT = liabilities.Statement(origin="o", sequence=0, snapshot_id="s", time=0, assets={})


def caught(call: object, *arguments: object) -> ts.TallystickError:
    with pytest.raises(ts.TallystickError) as info:
        call(*arguments)  # type: ignore[operator]
    return info.value


RAISED = {
    "mismatch": caught(TREE.head.verify_inclusion, 0, b"other", TREE.prove(0)),
    "invalid": caught(TREE.head.verify_inclusion, 3, b"", TREE.prove(0)),
    "batch": caught(TREE.head.verify_each, [0, 1], [b"a", b"b"], TREE.prove_each([0, 1])),
    "many": caught(TREE.head.verify_many, [0, 1], [b"a", b"b"], TREE.prove_many([0, 1])),
    "growth": caught(TREE.head.verify_extends, built([]).head, ts.ConsistencyProof([])),
    "decode": caught(ts.TreeHead.from_bytes, b"tlyh"),
    "chain": caught(liabilities.verify_chain, []),
    "signature": caught(STATEMENT.verify_signature, liabilities.Ed25519Verifier("key", bytes(32))),
    "any signature": ts.InvalidSignature("by whoever checks"),
    "stale": caught(lambda: TREE.prove(0, head=built([b"a"]).head)),
}


@pytest.mark.parametrize("kind", BASES, ids=lambda kind: kind.__name__)
def test_what_an_exception_is(kind: type[Exception]) -> None:
    assert kind.__bases__ == BASES[kind]
    assert kind.__module__ == "tallystick.errors"
    assert kind.__doc__


def test_a_refused_proof_is_no_misuse() -> None:
    for misuse in (ValueError, TypeError, LookupError, OverflowError, OSError):
        assert not issubclass(ts.InvalidProof, misuse)
    assert not issubclass(ts.StoreError, LookupError)
    assert not issubclass(ts.NotFound, ts.StoreError)


@pytest.mark.parametrize("name", RAISED)
def test_an_exception_travels(name: str) -> None:
    error = RAISED[name]
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_what_refusals_carry() -> None:
    mismatch, invalid, batch = RAISED["mismatch"], RAISED["invalid"], RAISED["batch"]
    assert isinstance(mismatch, ts.RootMismatch)
    assert isinstance(invalid, ts.InvalidProof)
    assert isinstance(batch, ts.InvalidProof)
    assert (mismatch.reason, mismatch.failed, mismatch.expected) == (ts.Reason.ROOT_MISMATCH, (), TREE.root)
    assert len(mismatch.computed) == 32
    assert mismatch.computed != TREE.root
    assert (invalid.reason, invalid.failed) == (ts.Reason.INDEX_OUT_OF_RANGE, ())
    assert (batch.reason, batch.failed) == (ts.Reason.SOME_FAILED, (0, 1))
    reasons = [RAISED[name].reason for name in ("chain", "signature", "any signature")]  # type: ignore[attr-defined]
    assert reasons == [ts.Reason.EMPTY_CLAIM, ts.Reason.UNSIGNED, ts.Reason.WRONG_SIGNATURE]


def test_the_twins_reasons_are_among_ours() -> None:
    names = {name for name in vars(refusals) if name.isupper()}
    assert len(names) == 37
    for name in names:
        assert getattr(refusals, name) == ts.Reason[name].name
    chain = {name for name, value in vars(liabilities_verify).items() if value == name} - names
    assert len(chain) == 7
    assert chain < ts.Reason.__members__.keys()


def test_a_reason_says_what_it_means() -> None:
    assert len({reason.value for reason in ts.Reason}) == len(ts.Reason)
    assert all(isinstance(reason.value, str) and len(reason.value) > 10 for reason in ts.Reason)


# In Rust, reasons are text that is looked up when a proof is refused.
RUST = Path(__file__).parents[2] / "rust"
VERIFYING = ("tallystick-py/src", "tallystick-proof/src/verify", "tallystick-proof/src/liabilities")
SOURCES = [path for folder in VERIFYING for path in RUST.glob(f"{folder}/**/*.rs")]
# Refusals that become other exceptions; then names of variables and of a time zone.
NO_REASONS = {"NOT_CLAIMED", "HASH", "DEFECT"} | {"TALLYSTICK_THREADS", "CARGO_PKG_VERSION", "UTC"}


def test_the_reasons_in_rust_are_the_members_of_reason() -> None:
    code = [re.sub(r"^\s*//.*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE) for path in SOURCES]
    found = {name for text in code for name in re.findall(r'"([A-Z]{2,}(?:_[A-Z]+)*)"', text)}
    # Whether a signature is right, Python says; most published formats are read there.
    found.add(ts.Reason.WRONG_SIGNATURE.name)
    published = Path(ts.__file__).parent / "liabilities" / "published"
    for path in published.glob("*.py"):
        found |= set(re.findall(r"Reason\.([A-Z_]+)", path.read_text(encoding="utf-8")))
    assert found - NO_REASONS == {reason.name for reason in ts.Reason}
