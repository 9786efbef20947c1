"""Who signs statements and who checks it: two protocols, and Ed25519 by the package ``cryptography``.

A key is named, and found in a note by its name and a key id of 4 bytes, as C2SP's ``signed-note`` has it.
Anything with the methods of :class:`Signer` signs: a hardware module, a service.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn, Protocol, Self, runtime_checkable

from tallystick._core import liabilities_key_id
from tallystick.errors import DecodeError, InvalidSignature

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

__all__ = ["Ed25519Signer", "Ed25519Verifier", "Signer", "Verifier"]

_KEY = 32
# What stands before the key in a verifier's text: the kind of signature.
_ED25519 = b"\x01"


@runtime_checkable
class Signer(Protocol):
    """Whatever signs statements: it has a named key.

    ``name`` is a text without space and plus, ``key_id`` is 4 bytes. :class:`Ed25519Signer` is one; so is

    >>> class Service:
    ...     name, key_id = "exchange.example", bytes(4)
    ...     def sign(self, data: bytes) -> bytes:
    ...         return b"..."  # asks the service
    >>> from tallystick.liabilities import Statement
    >>> statement = Statement(origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={})
    >>> statement.sign(Service()).signatures[0].to_line()
    '— exchange.example AAAAAC4uLg=='
    """

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """By which a reader finds the key."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """Return the signature of ``data``."""
        ...


@runtime_checkable
class Verifier(Protocol):
    """Whatever checks the signatures of one key, which the user trusts. :class:`Ed25519Verifier` is one."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """By which a reader finds the key."""
        ...

    def verify(self, data: bytes, signature: bytes, /) -> None:
        """Return nothing if ``signature`` is one of ``data``; else raise :class:`InvalidSignature`.

        A return value is an error: a verdict that is not looked at would be an acceptance.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """A public key of Ed25519 with its name.

    Take it from where you trust it, never from the note that it is to check. Raises ``ValueError`` for a name
    that is empty or has a space, a plus or a control character, and for a key of other than 32 bytes;
    ``TypeError`` for other types.

    >>> from tallystick.liabilities import Ed25519Verifier
    >>> text = "exchange.example+f99407f7+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
    >>> verifier = Ed25519Verifier.from_text(text)
    >>> verifier
    Ed25519Verifier.from_text('exchange.example+f99407f7+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop')
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        object.__setattr__(self, "public_key", _bytes_of(self.public_key, _KEY, "a public key"))

    @property
    def key_id(self) -> bytes:
        """By which a reader finds the key: 4 bytes."""
        return liabilities_key_id(self.name, self.public_key)

    def verify(self, data: bytes, signature: bytes, /) -> None:
        """Return nothing if ``signature`` is one of ``data`` by this key; else raise ``InvalidSignature``.

        ``ImportError`` without the extra ``signing``.

        >>> from tallystick.liabilities import Ed25519Signer
        >>> signer = Ed25519Signer.from_seed("exchange.example", bytes(32))
        >>> signer.verifier.verify(b"text", signer.sign(b"text"))
        >>> signer.verifier.verify(b"test", signer.sign(b"text"))
        Traceback (most recent call last):
        tallystick.errors.InvalidSignature: a signature of 'exchange.example' is wrong
        """
        ed25519 = _ed25519()
        from cryptography.exceptions import InvalidSignature as Wrong

        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, data)
        except Wrong:
            raise InvalidSignature(f"a signature of {self.name!r} is wrong") from None

    def to_text(self) -> str:
        """Return name, key id in hex and base64 of the key, as tools for signed notes have it.

        >>> from tallystick.liabilities import Ed25519Verifier
        >>> Ed25519Verifier("exchange.example", bytes(32)).to_text()
        'exchange.example+f679e1e6+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
        """
        key = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read :meth:`to_text`; ``DecodeError`` for anything else, also for another kind of key.

        >>> from tallystick.liabilities import Ed25519Verifier
        >>> verifier = Ed25519Verifier("exchange.example", bytes(32))
        >>> Ed25519Verifier.from_text(verifier.to_text()) == verifier
        True
        """
        if not isinstance(text, str):
            raise TypeError(f"a verifier's text is str, not {type(text).__name__}")
        name, *rest = text.split("+", 2)
        try:
            _, key = rest
            made = cls(name, base64.b64decode(key, validate=True)[1:])
        except ValueError:
            made = None
        # Whatever else the text says about the key, it says in one way.
        if made is None or made.to_text() != text:
            raise DecodeError(f"not the text of an Ed25519 verifier: {text[:80]!r}")
        return made

    def __repr__(self) -> str:
        return f"Ed25519Verifier.from_text({self.to_text()!r})"


class Ed25519Signer:
    """A private key of Ed25519 with its name, by :meth:`generate`, :meth:`from_seed` or :meth:`from_pem`.

    It is shown nowhere, cannot be pickled, and leaves the object by :meth:`to_pem` alone. All need the extra
    ``signing``: ``ImportError`` without it. ``ValueError`` for names as of :class:`Ed25519Verifier`.

    >>> from tallystick.liabilities import Ed25519Signer
    >>> signer = Ed25519Signer.from_seed("exchange.example", bytes(32))
    >>> signer
    <Ed25519Signer 'exchange.example', key id f99407f7>
    >>> signer.verifier.to_text()
    'exchange.example+f99407f7+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
    """

    __slots__ = ("_key", "_verifier")

    _key: Ed25519PrivateKey
    _verifier: Ed25519Verifier

    def __init__(self) -> None:
        raise TypeError("make a signer by generate, from_seed or from_pem")

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a signer with a new key, of the system's randomness.

        >>> from tallystick.liabilities import Ed25519Signer
        >>> Ed25519Signer.generate("exchange.example").name
        'exchange.example'
        """
        return cls._of(name, _ed25519().Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Return the signer of these 32 bytes, the private key of RFC 8032; else ``ValueError``.

        >>> from tallystick.liabilities import Ed25519Signer
        >>> Ed25519Signer.from_seed("exchange.example", bytes(32)).key_id.hex()
        'f99407f7'
        """
        raw = _bytes_of(seed, _KEY, "a seed")
        return cls._of(name, _ed25519().Ed25519PrivateKey.from_private_bytes(raw))

    @classmethod
    def from_pem(cls, name: str, pem: bytes, *, password: bytes | None = None) -> Self:
        """Read a private key in PEM, as :meth:`to_pem` and OpenSSL write it.

        ``ValueError`` for what is none, for a key of another kind, and for a wrong password or none where one
        is needed.

        >>> from tallystick.liabilities import Ed25519Signer
        >>> signer = Ed25519Signer.generate("exchange.example")
        >>> Ed25519Signer.from_pem("exchange.example", signer.to_pem()).verifier == signer.verifier
        True
        """
        ed25519 = _ed25519()
        from cryptography.hazmat.primitives import serialization

        data = _bytes_of(pem, None, "a key in PEM")
        secret = None if password is None else _bytes_of(password, None, "a password")
        try:
            key = serialization.load_pem_private_key(data, secret)
        except TypeError as error:  # a password where none is needed, or none where one is
            raise ValueError(f"the key cannot be read: {error}") from None
        except ValueError:  # its text may be of many lines, and quotes what was read
            raise ValueError("not a private key in PEM, or the password is wrong") from None
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise ValueError(f"a key of another kind than Ed25519: {type(key).__name__}")
        return cls._of(name, key)

    @classmethod
    def _of(cls, name: str, key: Ed25519PrivateKey) -> Self:
        made = object.__new__(cls)
        object.__setattr__(made, "_key", key)
        object.__setattr__(made, "_verifier", Ed25519Verifier(name, key.public_key().public_bytes_raw()))
        return made

    @property
    def name(self) -> str:
        """The key's name."""
        return self._verifier.name

    @property
    def key_id(self) -> bytes:
        """By which a reader finds the key: 4 bytes."""
        return self._verifier.key_id

    @property
    def verifier(self) -> Ed25519Verifier:
        """The public key, for whoever checks."""
        return self._verifier

    def sign(self, data: bytes, /) -> bytes:
        """Return the signature of ``data``: 64 bytes.

        >>> from tallystick.liabilities import Ed25519Signer
        >>> len(Ed25519Signer.generate("exchange.example").sign(b"text"))
        64
        """
        return self._key.sign(data)

    def to_pem(self, *, password: bytes | None = None) -> bytes:
        """Return the private key in PEM (PKCS #8), encrypted with ``password`` if it is given.

        ``ValueError`` for an empty password.

        >>> from tallystick.liabilities import Ed25519Signer
        >>> Ed25519Signer.generate("exchange.example").to_pem(password=b"a long one").splitlines()[0]
        b'-----BEGIN ENCRYPTED PRIVATE KEY-----'
        """
        from cryptography.hazmat.primitives import serialization

        encryption: KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(_bytes_of(password, None, "a password"))
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a signer does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a signer does not change")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled; to_pem writes it")

    def __repr__(self) -> str:
        return f"<Ed25519Signer {self.name!r}, key id {self.key_id.hex()}>"


def _ed25519() -> ModuleType:
    """Return the module of ``cryptography``, which is imported where it is used: an extra."""
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise ImportError(
            "signing and checking need the package cryptography: install 'tallystick[signing]'"
        ) from error
    return ed25519


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a key's name is str, not {type(name).__name__}")
    if not name or re.search(r"[\s+\x00-\x1f\ud800-\udfff]", name):
        raise ValueError(
            f"a key's name is not empty and has no space, plus or control character: {name[:80]!r}"
        )


def _bytes_of(data: object, length: int | None, what: str) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"{what} is bytes, not {type(data).__name__}")
    found = bytes(data)
    if length is not None and len(found) != length:
        raise ValueError(f"{what} has {length} bytes, not {len(found)}")
    return found
