"""Signers and verifiers: keys, their texts, signatures of statements, and the protocols."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import pytest
import tallystick as ts
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from tallystick.liabilities import Ed25519Signer, Ed25519Verifier, Signer, Statement, Verifier
from tallystick.tlog import Signature

from tests.reference import liabilities_note as twin
from tests.reference.liabilities_samples import KEY_NAME, SEED, statement
from tests.support import all_flips, run_python
from tests.support_liabilities import statement_of

STATEMENT = statement_of(statement())
SIGNER = Ed25519Signer.from_seed(KEY_NAME, SEED)
VERIFIER = SIGNER.verifier
OTHER = Ed25519Signer.from_seed(KEY_NAME, bytes(32))
SIGNED = STATEMENT.sign(SIGNER)


def refused(signed: Statement, verifier: Any = VERIFIER) -> ts.Reason:
    with pytest.raises(ts.InvalidSignature) as caught:
        signed.verify_signature(verifier)
    return caught.value.reason


def with_lines(*lines: str) -> Statement:
    return Statement.from_note(STATEMENT.to_note() + "".join(line + "\n" for line in lines))


LINE = SIGNED.signatures[0].to_line()


def test_the_twin_signs_the_same() -> None:
    assert SIGNED.to_note().encode() == twin.encode_note(twin.sign(statement(), KEY_NAME, SEED))
    assert SIGNED.signatures == (Signature(KEY_NAME, SIGNER.key_id, SIGNER.sign(STATEMENT.body)),)
    assert SIGNER.key_id == VERIFIER.key_id == twin.key_id(KEY_NAME, VERIFIER.public_key)
    twin.verify_note(twin.decode_note(SIGNED.to_note().encode()), KEY_NAME, VERIFIER.public_key)


def test_another_implementation_checks_ours_and_we_check_its() -> None:
    key = ECC.construct(curve="Ed25519", seed=SEED)
    assert key.public_key().export_key(format="raw") == VERIFIER.public_key
    eddsa.new(key.public_key(), "rfc8032").verify(STATEMENT.body, SIGNED.signatures[0].signature)
    VERIFIER.verify(b"text", eddsa.new(key, "rfc8032").sign(b"text"))


def test_openssl_reads_and_writes_the_same_keys() -> None:
    pem = SIGNER.to_pem()
    assert ECC.import_key(pem).seed == SEED
    for password in (None, b"a long one"):
        again = Ed25519Signer.from_pem(KEY_NAME, SIGNER.to_pem(password=password), password=password)
        assert again.verifier == VERIFIER
    written = ECC.construct(curve="Ed25519", seed=SEED).export_key(format="PEM").encode()
    assert Ed25519Signer.from_pem(KEY_NAME, written).sign(b"text") == SIGNER.sign(b"text")


def test_a_signed_statement_is_the_same_statement() -> None:
    assert SIGNED == STATEMENT
    assert hash(SIGNED) == hash(STATEMENT)
    assert SIGNED.digest == STATEMENT.digest
    assert STATEMENT.signatures == ()
    assert STATEMENT.to_bytes() == SIGNED.to_bytes()
    assert "1 signatures" in repr(SIGNED)
    for again in (
        Statement.from_note(SIGNED.to_note()),
        pickle.loads(pickle.dumps(SIGNED)),
        copy.copy(SIGNED),
        copy.deepcopy(SIGNED),
    ):
        assert again.signatures == SIGNED.signatures
        again.verify_signature(VERIFIER)
    assert Statement.from_bytes(SIGNED.to_bytes()).signatures == ()
    assert SIGNED.sign(SIGNER).signatures == SIGNED.signatures
    both = SIGNED.sign(OTHER)
    for signer in (SIGNER, OTHER):
        both.verify_signature(signer.verifier)


def test_what_is_refused() -> None:
    assert refused(STATEMENT) is ts.Reason.UNSIGNED
    assert refused(STATEMENT.sign(OTHER)) is ts.Reason.UNSIGNED
    assert refused(SIGNED, Ed25519Verifier("else.example", VERIFIER.public_key)) is ts.Reason.UNSIGNED
    wrong = Signature(KEY_NAME, SIGNER.key_id, bytes(64)).to_line()
    short = Signature(KEY_NAME, SIGNER.key_id, b"\x01").to_line()
    for line in (wrong, short):
        for lines in ((line,), (LINE, line), (line, LINE)):
            assert refused(with_lines(*lines)) is ts.Reason.WRONG_SIGNATURE
    elsewhere = Signature("else.example", SIGNER.key_id, bytes(64)).to_line()
    with_lines(elsewhere, LINE, elsewhere, LINE).verify_signature(VERIFIER)


def test_every_bit_of_a_signature_counts() -> None:
    own = SIGNED.signatures[0]
    for changed in all_flips(own.signature):
        line = Signature(own.name, own.key_id, changed).to_line()
        assert refused(with_lines(line)) is ts.Reason.WRONG_SIGNATURE


def test_a_signature_of_another_statement() -> None:
    other = statement_of(statement(1))
    note = other.to_note() + LINE + "\n"
    assert refused(Statement.from_note(note)) is ts.Reason.WRONG_SIGNATURE


class Told:
    """A key of any behaviour."""

    name: Any = KEY_NAME
    key_id: Any = SIGNER.key_id

    def __init__(self, answer: Any = None, **attributes: Any) -> None:
        self.answer = answer
        vars(self).update(attributes)

    def _said(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def sign(self, data: bytes) -> Any:
        assert data == STATEMENT.body
        return self._said()

    def verify(self, data: bytes, signature: bytes) -> Any:
        assert (data, type(signature)) == (STATEMENT.body, bytes)
        return self._said()


def test_the_protocols() -> None:
    for one, is_signer in ((SIGNER, True), (VERIFIER, False), (Told(), True)):
        assert isinstance(one, Signer) == is_signer
        assert isinstance(one, Verifier) == (one is not SIGNER)
    assert not isinstance(object(), Signer)


@pytest.mark.parametrize("answer", [True, False, 0, b"", "yes", 1, []], ids=repr)
def test_a_verifier_gives_no_verdict(answer: Any) -> None:
    with pytest.raises(TypeError, match="returns nothing"):
        SIGNED.verify_signature(Told(answer))


@pytest.mark.parametrize(
    "error", [ts.InvalidSignature("no"), RuntimeError("no connection"), ValueError("no")], ids=repr
)
def test_what_others_raise_passes_through(error: Exception) -> None:
    for call in (lambda: SIGNED.verify_signature(Told(error)), lambda: STATEMENT.sign(Told(error))):
        with pytest.raises(type(error)) as caught:
            call()
        assert caught.value is error


def test_a_verifier_that_accepts_is_asked_about_every_line_of_its_key() -> None:
    asked = []

    class Asked(Told):
        def verify(self, data: bytes, signature: bytes) -> None:
            assert data == STATEMENT.body
            asked.append(signature)

    line = Signature(KEY_NAME, SIGNER.key_id, b"\x01\x02").to_line()
    with_lines(line, LINE, Signature("b", SIGNER.key_id, b"\x03").to_line()).verify_signature(Asked())
    assert asked == [b"\x01\x02", SIGNED.signatures[0].signature]


@pytest.mark.parametrize("answer", [b"\x01", bytes(64), bytearray(5000), memoryview(b"abc")])
def test_a_signer_of_another_kind(answer: Any) -> None:
    signed = STATEMENT.sign(Told(answer))
    assert signed.signatures == (Signature(KEY_NAME, SIGNER.key_id, bytes(answer)),)
    assert Statement.from_note(signed.to_note()).signatures == signed.signatures


@pytest.mark.parametrize("answer", [None, "signature", 5, True, ["x"]], ids=repr)
def test_a_signer_that_returns_no_bytes(answer: Any) -> None:
    with pytest.raises(TypeError):
        STATEMENT.sign(Told(answer))


BAD_NAMES = ["", " ", "a b", "a+b", "a\u00a0b", "a\nb", "a\x1fb", "\u2028", "\ud800", "a\x85"]


@pytest.mark.parametrize(
    "attributes",
    [
        *({"name": name} for name in BAD_NAMES),
        *({"key_id": key_id} for key_id in (b"", bytes(3), bytes(5), bytes(32))),
        {"answer": b""},
    ],
    ids=repr,
)
def test_signers_that_no_line_can_have(attributes: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        STATEMENT.sign(Told(**{"answer": b"x"} | attributes))


@pytest.mark.parametrize(
    "attributes",
    [{"name": 5}, {"name": b"key"}, {"name": None}, {"key_id": "abcd"}, {"key_id": 5}, {"key_id": None}],
    ids=repr,
)
def test_keys_of_other_types(attributes: Any) -> None:
    for call in (STATEMENT.sign, SIGNED.verify_signature):
        with pytest.raises(TypeError):
            call(Told(**{"answer": b"x"} | attributes))


@pytest.mark.parametrize("wrong", [None, 5, b"", "key", object(), STATEMENT, Ed25519Signer], ids=repr)
def test_who_signs_and_checks_has_a_key(wrong: Any) -> None:
    for call in (STATEMENT.sign, SIGNED.verify_signature, STATEMENT.verify_signature):
        with pytest.raises(TypeError):
            call(wrong)
    for call, other in ((STATEMENT.sign, VERIFIER), (SIGNED.verify_signature, SIGNER)):
        with pytest.raises(TypeError, match=r"has no (sign|verify)"):
            call(other)


def test_at_most_a_hundred_signatures() -> None:
    signed = STATEMENT
    for number in range(100):
        signed = signed.sign(Told(b"x", name=f"key-{number}"))
    assert len(Statement.from_note(signed.to_note()).signatures) == 100
    with pytest.raises(ValueError, match="100"):
        signed.sign(SIGNER)
    with pytest.raises(ValueError, match="1,000,000"):
        STATEMENT.sign(Told(bytes(800_000)))


def test_a_verifiers_text() -> None:
    text = VERIFIER.to_text()
    assert Ed25519Verifier.from_text(text) == VERIFIER
    assert eval(repr(VERIFIER), {"Ed25519Verifier": Ed25519Verifier}) == VERIFIER
    name, key_id, key = text.split("+", 2)
    for wrong in (
        "",
        name,
        f"{name}+{key_id}",
        f"{name}+{key_id.upper()}+{key}",
        f"{name}+00000000+{key}",
        f"{name}x+{key_id}+{key}",
        f"+{key_id}+{key}",
        f"{name}+{key_id}+{key[:-1]}",
        f"{name}+{key_id}+{key}=",
        f"{name}+{key_id}+{key}\n",
        f" {text}",
        f"{name}+{key_id}+{'AA' + key[2:]}",
        f"{name}+{key_id}+{key[:-4]}",
        f"{name}+{key_id}+\u0410{key[1:]}",
        f"{name}\ud800+{key_id}+{key}",
        "+" * 1000,
    ):
        with pytest.raises(ts.DecodeError):
            Ed25519Verifier.from_text(wrong)
    for other in (None, 5, text.encode()):
        with pytest.raises(TypeError):
            Ed25519Verifier.from_text(other)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_names_that_no_key_has(name: str) -> None:
    for call in (lambda: Ed25519Verifier(name, bytes(32)), lambda: Ed25519Signer.generate(name)):
        with pytest.raises(ValueError, match="name"):
            call()


def test_keys_that_are_none() -> None:
    for size in (0, 31, 33, 64):
        with pytest.raises(ValueError, match="32 bytes"):
            Ed25519Verifier("key", bytes(size))
        with pytest.raises(ValueError, match="32 bytes"):
            Ed25519Signer.from_seed("key", bytes(size))
    for wrong in ("00" * 32, 5, None, [0] * 32):
        for call in (Ed25519Verifier, Ed25519Signer.from_seed, Ed25519Signer.from_pem):
            with pytest.raises(TypeError):
                call("key", wrong)  # type: ignore[operator]
    for name in (5, None, b"key"):
        for made in (Ed25519Verifier, Ed25519Signer.from_seed):
            with pytest.raises(TypeError):
                made(name, bytes(32))  # type: ignore[operator]
    encrypted, other = SIGNER.to_pem(password=b"right"), ECC.generate(curve="P-256").export_key(format="PEM")
    for pem, password in (
        (b"", None),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None),
        (encrypted, None),
        (encrypted, b"wrong"),
        (SIGNER.to_pem(), b"none needed"),
        (other.encode(), None),
    ):
        with pytest.raises(ValueError, match=r"key"):
            Ed25519Signer.from_pem("key", pem, password=password)
    with pytest.raises(ValueError, match=r"."):
        SIGNER.to_pem(password=b"")


def test_a_private_key_shows_itself_nowhere() -> None:
    shown = repr(SIGNER) + str(SIGNER) + f"{SIGNER}" + repr(VERIFIER)
    for secret in (SEED.hex(), repr(SEED)[2:-1], SIGNER.to_pem().decode().splitlines()[1]):
        assert secret not in shown
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(SIGNER, protocol)
    with pytest.raises(TypeError):
        copy.deepcopy(SIGNER)
    with pytest.raises(AttributeError):
        SIGNER.name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        SIGNER.anything = 5  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="from_seed"):
        Ed25519Signer()


def test_a_verifier_is_a_value() -> None:
    again = Ed25519Verifier(KEY_NAME, VERIFIER.public_key)
    assert {again, VERIFIER, pickle.loads(pickle.dumps(VERIFIER)), copy.copy(VERIFIER)} == {VERIFIER}
    assert again != Ed25519Verifier("else.example", VERIFIER.public_key) != OTHER.verifier
    with pytest.raises(AttributeError):
        again.name = "x"  # type: ignore[misc]
    assert Ed25519Verifier(KEY_NAME, bytearray(VERIFIER.public_key)) == VERIFIER  # type: ignore[arg-type]


def test_a_public_key_that_is_no_point_verifies_nothing() -> None:
    for key in (b"\xff" * 32, bytes(32), b"\x01" + bytes(31), (2).to_bytes(32, "little")):
        verifier = Ed25519Verifier(KEY_NAME, key)
        with pytest.raises(ts.InvalidSignature):
            verifier.verify(b"text", SIGNER.sign(b"text"))


def test_without_the_package_an_error_names_the_extra() -> None:
    code = """
import sys
sys.modules["cryptography"] = None
from tallystick import liabilities
verifier = liabilities.Ed25519Verifier("key", bytes(32))
print(verifier.to_text())
for call in (
    lambda: liabilities.Ed25519Signer.generate("key"),
    lambda: liabilities.Ed25519Signer.from_seed("key", bytes(32)),
    lambda: liabilities.Ed25519Signer.from_pem("key", b""),
    lambda: verifier.verify(b"", bytes(64)),
):
    try:
        call()
    except ImportError as error:
        print("tallystick[signing]" in str(error))
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == ["True"] * 4


def test_the_package_is_loaded_where_it_is_used() -> None:
    code = "import sys, tallystick.liabilities; print('cryptography' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
