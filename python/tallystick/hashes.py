"""Hash functions, as values.

A scheme is made with one of them. All are cryptographic but ``XXH3_128``, which no scheme takes: it is for
checksums and for finding changes.

>>> import tallystick as ts
>>> [ts.hashes.get(name).name for name in ts.hashes.names()] == list(ts.hashes.names())
True
"""

from tallystick import _core
from tallystick._core import Hash

__all__ = [
    "BLAKE2B_256",
    "BLAKE2S_256",
    "BLAKE3",
    "KECCAK256",
    "SHA3_256",
    "SHA256",
    "SHA512_256",
    "XXH3_128",
    "Hash",
    "get",
    "names",
]


def get(name: str, /) -> Hash:
    """Return the hash function of this name.

    Raises ``ValueError`` for a name that is not in :func:`names`.

    >>> import tallystick as ts
    >>> ts.hashes.get("sha3_256") == ts.hashes.SHA3_256
    True
    """
    return _core.hash_get(name)


def names() -> tuple[str, ...]:
    """Return the names of all hash functions.

    >>> import tallystick as ts
    >>> ts.hashes.names()[:2]
    ('blake3', 'sha256')
    """
    return _core.hash_names()


#: BLAKE3: the fastest here, and the default.
BLAKE3 = get("blake3")
#: SHA-256 (FIPS 180-4).
SHA256 = get("sha256")
#: SHA-512/256 (FIPS 180-4).
SHA512_256 = get("sha512_256")
#: SHA3-256 (FIPS 202).
SHA3_256 = get("sha3_256")
#: Keccak-256 with the original padding, as Ethereum uses it.
KECCAK256 = get("keccak256")
#: BLAKE2b with digests of 32 bytes (RFC 7693).
BLAKE2B_256 = get("blake2b_256")
#: BLAKE2s with digests of 32 bytes (RFC 7693).
BLAKE2S_256 = get("blake2s_256")
#: XXH3 with 128 bits: not cryptographic, refused by every scheme.
XXH3_128 = get("xxh3_128")
