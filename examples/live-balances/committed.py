"""What the service's scripts have in common: keys, values, and the tree in its store."""

import hmac
import os
import secrets
from pathlib import Path

import tallystick as ts
from tallystick.protocols import Store

DAY = 24 * 60 * 60
NIGHTS = 7
STORE = Path("balances.sqlite")
SECRET = Path("secret.key")


def secret() -> bytes:
    """Return the secret that salts are made of; the first call makes it."""
    if not SECRET.exists():
        with os.fdopen(os.open(SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    return SECRET.read_bytes()


def key_of(name: str) -> bytes:
    """Return where an account is in the tree."""
    return ts.key(name.encode())


def value_of(name: str, cents: int, secret: bytes) -> bytes:
    """Return what is committed to: a salt, so that a digest tells nobody the balance, and the balance."""
    salt = hmac.digest(secret, f"{name} {cents}".encode(), "sha256")[:16]
    return salt + str(cents).encode()


def opened(store: Store) -> ts.SparseTree:
    """Return the tree, made at the first run. A store does not know how many versions are kept."""
    try:
        return ts.SparseTree.open(store, keep=NIGHTS)
    except ts.NotFound:  # there never was a tree, which a store that fails does not say
        return ts.SparseTree(store=store, keep=NIGHTS, time=0)


def head_file(day: int) -> Path:
    """Return where the head of a day is published."""
    return Path("published") / f"{day}.head"
