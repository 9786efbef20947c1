"""Keys that sign and check statements, and other secrets, from files. None of them is ever printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tallystick.cli.failures import BadData
from tallystick.cli.filekind import read_small
from tallystick.errors import DecodeError
from tallystick.liabilities import Ed25519Signer, Ed25519Verifier

# A private key's file begins with its name; PEM allows lines of text before the key.
_NAMED = "tallystick key of "
_VERIFIER = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")
_SECRET = 32


@contextmanager
def signing_extra() -> Iterator[None]:
    """Turn the lack of the package ``cryptography`` into a message."""
    try:
        yield
    except ImportError as error:
        raise click.UsageError(str(error)) from None


def key_file(signer: Ed25519Signer, password: bytes | None) -> bytes:
    """Return the content of a private key's file."""
    return f"{_NAMED}{signer.name}\n".encode() + signer.to_pem(password=password)


def read_signer(
    path: Path, origin: str, name: str | None = None, password: Path | None = None
) -> Ed25519Signer:
    """Read a private key: its name is ``name``, or as the file says, or else ``origin``.

    Raises ``BadData`` for a file that is none; nothing of it is in the message.
    """
    data = read_small(path)
    first, _, _ = data.partition(b"\n")
    if name is None and first.startswith(_NAMED.encode()):
        name = first.decode(errors="replace").strip().removeprefix(_NAMED)
    secret = None if password is None else read_password(password)
    with signing_extra():
        try:
            return Ed25519Signer.from_pem(name or origin, data, password=secret)
        except ValueError as error:
            raise BadData(f"{path}: {error}", file=str(path)) from None


def read_password(path: Path) -> bytes:
    """Return the first line of a file."""
    line = read_small(path).partition(b"\n")[0].removesuffix(b"\r")
    if not line:
        raise BadData(f"{path}: its first line, the password, is empty", file=str(path))
    return line


def read_verifier(key: str) -> Ed25519Verifier:
    """Return the public key that ``key`` is, or that is in the file of this name."""
    path, text = Path(key), key
    if not _VERIFIER.fullmatch(key):
        data = read_small(path)
        if b"PRIVATE KEY" in data:
            raise BadData(f"{path}: this is a private key; check with the public one beside it", file=key)
        text = data.decode(errors="replace").strip()
    try:
        return Ed25519Verifier.from_text(text)
    except DecodeError:
        what = "--key" if text is key else key
        raise BadData(f"{what}: not a public key such as 'name+0123abcd+AQ…'") from None


def read_secret(path: Path) -> bytes:
    """Return the 32 bytes of a secret: the file's own, or stated in it as hex."""
    data = read_small(path)
    if len(data) != _SECRET:
        try:
            data = bytes.fromhex(data.decode("ascii"))
        except ValueError:
            data = b""
    if len(data) != _SECRET:
        raise BadData(f"{path}: a secret has 32 bytes, or 64 hex digits", file=str(path))
    return data
