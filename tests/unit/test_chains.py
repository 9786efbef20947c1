"""Chains of statements and records of equivocation: what is accepted, what is refused, and why."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import tallystick as ts
from tallystick import liabilities
from tallystick.liabilities import Ed25519Signer, Equivocation, Statement

from tests.reference import codec
from tests.reference import liabilities_note as twin
from tests.reference.liabilities import digest
from tests.reference.liabilities_objects import Equivocation as TwinRecord
from tests.reference.liabilities_samples import KEY_NAME, SEED, other_of, statement
from tests.support_liabilities import statement_of

SIGNER = Ed25519Signer.from_seed(KEY_NAME, SEED)
STRANGER = Ed25519Signer.from_seed(KEY_NAME, bytes(32))
DAYS = [statement_of(statement(day)) for day in range(5)]
SIGNED = [day.sign(SIGNER) for day in DAYS]
OTHER = statement_of(other_of(1))


def refused(statements: Any, **options: Any) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        liabilities.verify_chain(statements, **options)
    assert isinstance(caught.value, ts.ChainError | ts.InvalidSignature)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.reason) == (str(caught.value), caught.value.reason)
    return caught.value.reason


def test_chains() -> None:
    for begin in range(5):
        for end in range(begin + 1, 6):
            liabilities.verify_chain(DAYS[begin:end])
            liabilities.verify_chain(iter(SIGNED[begin:end]), verifier=SIGNER.verifier)
    for older, newer in pairwise(DAYS):
        newer.follows(older)


def test_no_chains() -> None:
    assert refused([]) is ts.Reason.EMPTY_CLAIM
    assert refused([], verifier=SIGNER.verifier) is ts.Reason.EMPTY_CLAIM
    assert refused(DAYS[::-1]) is ts.Reason.NOT_NEXT
    assert refused([*DAYS[:2], *DAYS[3:]]) is ts.Reason.NOT_NEXT
    assert refused([DAYS[0], DAYS[0]]) is ts.Reason.NOT_NEXT
    assert refused([OTHER, DAYS[2]]) is ts.Reason.OTHER_PREVIOUS


def test_a_snapshot_twice_far_apart() -> None:
    def after(older: Statement, snapshot_id: str) -> Statement:
        return Statement(
            origin="o",
            sequence=older.sequence + 1,
            snapshot_id=snapshot_id,
            time=0,
            previous=older.digest,
            assets={},
        )

    chain = [Statement(origin="o", sequence=0, snapshot_id="0", time=0, assets={})]
    for name in ("1", "2", "0"):
        chain.append(after(chain[-1], name))
    liabilities.verify_chain(chain[:3])
    liabilities.verify_chain(chain[1:])
    assert refused(chain) is ts.Reason.SAME_SNAPSHOT


def test_signatures_are_checked_first_and_all_of_them() -> None:
    verifier = SIGNER.verifier
    for place in range(5):
        some = [*SIGNED[:place], DAYS[place], *SIGNED[place + 1 :]]
        liabilities.verify_chain(some)
        assert refused(some, verifier=verifier) is ts.Reason.UNSIGNED
        assert refused(some[::-1], verifier=verifier) is ts.Reason.UNSIGNED
    assert refused([day.sign(STRANGER) for day in DAYS], verifier=verifier) is ts.Reason.UNSIGNED
    assert refused(SIGNED[::-1], verifier=verifier) is ts.Reason.NOT_NEXT


@pytest.mark.parametrize(
    "wrong",
    [None, 5, DAYS[0], "chain", [DAYS[0], None], [DAYS[0].to_bytes()], {"a": DAYS[0]}, [[DAYS[0]]]],
    ids=repr,
)
def test_only_statements_are_chains(wrong: Any) -> None:
    with pytest.raises(TypeError):
        liabilities.verify_chain(wrong)
    for value in (None, 5, DAYS[0].to_bytes()):
        with pytest.raises(TypeError):
            DAYS[1].follows(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        liabilities.verify_chain(DAYS, verifier=SIGNER)
    with pytest.raises(TypeError):
        liabilities.verify_chain(DAYS, SIGNER.verifier)  # type: ignore[misc]


RECORD = liabilities.equivocation(SIGNED[1], OTHER.sign(SIGNER))
assert RECORD is not None


def refused_record(record: Equivocation, verifier: Any = SIGNER.verifier) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        record.verify(verifier)
    return caught.value.reason


def notes(*twins: Any) -> list[bytes]:
    return [twin.encode_note(twin.sign(one, KEY_NAME, SEED)) for one in twins]


def test_a_record_is_the_twins() -> None:
    signed = sorted((statement(1), other_of(1)), key=digest)
    own = TwinRecord(*notes(*signed))
    assert RECORD.to_bytes() == codec.encode(own)
    assert (RECORD.first, RECORD.second) == (own.first, own.second)
    assert RECORD.verify(SIGNER.verifier) == twin.verify_equivocation(
        own, KEY_NAME, SIGNER.verifier.public_key
    )
    first, second = RECORD.statements
    assert first.digest < second.digest
    for one in (first, second):
        one.verify_signature(SIGNER.verifier)
    assert (
        pickle.loads(pickle.dumps(RECORD))
        == Equivocation(bytearray(own.first), memoryview(own.second))
        == RECORD
    )


def test_in_what_statements_clash() -> None:
    plain = statement(1)
    for changed, clash in (
        (other_of(1), "sequence"),
        (replace(plain, sequence=7), "snapshot_id"),
        (replace(plain, sequence=7, snapshot_id="else"), "previous"),
        (replace(plain, time=plain.time + 1), "sequence"),
    ):
        record = liabilities.equivocation(SIGNED[1], statement_of(changed).sign(SIGNER))
        assert record is not None
        assert record.verify(SIGNER.verifier) == clash
    for other in (SIGNED[1], DAYS[0], DAYS[2], statement_of(replace(plain, origin="else.example"))):
        assert liabilities.equivocation(SIGNED[1], other) is None


def test_records_that_prove_nothing() -> None:
    first, second = RECORD.first, RECORD.second
    for record in (
        Equivocation(second, first),
        Equivocation(first, first),
        Equivocation(b"", b""),
        Equivocation(first, b"\xff"),
        Equivocation(first + b"\n", second),
        Equivocation(first, bytes(10**6)),
        # Two days of one chain, in the order of their digests.
        Equivocation(*notes(*sorted((statement(0), statement(1)), key=digest))),
        Equivocation(*notes(*sorted((statement(0), replace(other_of(0), origin="else")), key=digest))),
    ):
        assert refused_record(record) is ts.Reason.NO_EQUIVOCATION
    unsigned = liabilities.equivocation(DAYS[1], OTHER)
    assert unsigned is not None
    assert refused_record(unsigned) is ts.Reason.UNSIGNED
    half = liabilities.equivocation(SIGNED[1], OTHER.sign(STRANGER))
    assert half is not None
    for signer in (SIGNER, STRANGER):
        assert refused_record(half, signer.verifier) is ts.Reason.UNSIGNED
    flipped = bytearray(first)
    flipped[-20] = ord("A") if flipped[-20] != ord("A") else ord("B")
    assert refused_record(Equivocation(flipped, second)) is ts.Reason.WRONG_SIGNATURE


@pytest.mark.parametrize("wrong", [None, 5, "note", [b"note"]], ids=repr)
def test_records_of_other_types(wrong: Any) -> None:
    for arguments in ((wrong, b""), (b"", wrong)):
        with pytest.raises(TypeError):
            Equivocation(*arguments)
    for arguments in ((wrong, DAYS[0]), (DAYS[0], wrong)):
        with pytest.raises(TypeError):
            liabilities.equivocation(*arguments)
    with pytest.raises(TypeError):
        RECORD.verify(wrong)


def test_notes_that_cannot_be_read() -> None:
    with pytest.raises(ts.DecodeError):
        Equivocation(b"", b"").statements  # noqa: B018


@pytest.mark.parametrize(
    ("secret", "snapshot_id", "user_id", "kind"),
    [
        (bytes(31), "day 1", b"a", ValueError),
        (bytes(33), "day 1", b"a", ValueError),
        (bytes(32), "", b"a", ValueError),
        (bytes(32), "a\nb", b"a", ValueError),
        (bytes(32), "x" * 256, b"a", ValueError),
        (bytes(32), "\ud800", b"a", ValueError),
        (bytes(32), "day 1", b"", ValueError),
        (bytes(32), "day 1", "\ud800", ValueError),
        (bytes(32), "day 1", bytes(65_536), ValueError),
        ("00" * 32, "day 1", b"a", TypeError),
        (bytes(32), b"day 1", b"a", TypeError),
        (bytes(32), "day 1", 5, TypeError),
        (None, "day 1", b"a", TypeError),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_keys_of_nobody(secret: Any, snapshot_id: Any, user_id: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        liabilities.customer_key(secret, snapshot_id, user_id)
