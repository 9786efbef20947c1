"""Hash functions, as values.

A scheme is made with one of them. All built-in ones are cryptographic but ``XXH3_128``, which no scheme
takes: it is for checksums and for finding changes (:mod:`tallystick.changes`). Functions of your own are
:func:`from_callable`, any Python function, and :func:`from_plugin`, a native one.

>>> import tallystick as ts
>>> [ts.hashes.get(name).name for name in ts.hashes.names()] == list(ts.hashes.names())
True
"""

import collections.abc
import os.path
import typing

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
    "Plugin",
    "from_callable",
    "from_plugin",
    "get",
    "get_include",
    "names",
    "register",
]


class Plugin(typing.Protocol):
    """What hands over a native hash function: see the page on plug-ins."""

    def __tallystick_hash__(self) -> object:
        """Return a capsule named ``tallystick_hash`` with the C table."""
        ...


def get(name: str, /) -> Hash:
    """Return the hash function of this name: built in, registered, or of an installed plug-in.

    A plug-in that is installed under the entry-point group ``tallystick.hashes`` is loaded, and registered,
    by the first call that names it. Raises ``ValueError`` for a name that is not in :func:`names`, and what
    loading the plug-in raises.

    >>> import tallystick as ts
    >>> ts.hashes.get("sha3_256") == ts.hashes.SHA3_256
    True
    """
    try:
        return _core.hash_get(name)
    except ValueError:
        from tallystick import _plugins

        plugin = _plugins.load(name)
        if plugin is None:
            raise ValueError(f"there is no hash {name!r}; there are {', '.join(names())}") from None
    made = plugin if isinstance(plugin, Hash) else from_plugin(plugin)
    if made.name != name:
        raise ValueError(f"the plug-in that is installed as {name!r} calls itself {made.name!r}")
    register(made)
    return made


def names() -> tuple[str, ...]:
    """Return the names of all hash functions: built in, registered, then of installed plug-ins.

    Reads what is installed, and loads nothing.

    >>> import tallystick as ts
    >>> ts.hashes.names()[:2]
    ('blake3', 'sha256')
    """
    from tallystick import _plugins

    known = _core.hash_names()
    return known + tuple(name for name in _plugins.names() if name not in known)


def from_callable(
    name: str,
    fn: collections.abc.Callable[[bytes], typing.Any],
    *,
    digest_size: typing.SupportsIndex,
    block_size: typing.SupportsIndex = 64,
    cryptographic: bool = True,
    many: collections.abc.Callable[[typing.Any], typing.Any] | None = None,
) -> Hash:
    """Return any Python function as a hash function.

    ``fn`` takes bytes and returns the digest, or as the constructors of ``hashlib`` an object whose method
    ``digest`` does. ``many``, if given, takes an ``(n, width)`` array of uint8, read-only, and returns an
    ``(n, digest_size)`` one: the digests of its rows, by NumPy or on a GPU. ``digest_size`` is 32 to 64
    bytes, or 8 to 64 with ``cryptographic=False``, which no scheme takes; ``block_size``, in bytes, is part
    of the roots of native schemes. A built-in's name is taken where ``fn`` is that function.

    The function has to be one: no two messages with one digest that anybody can find, whatever their lengths.
    It is tried here with some that careless functions confuse, and now and then a message is hashed twice:
    :class:`HashFailure` if it gives two digests for one message, one of another length, or one for two of
    those; ``TypeError`` for what is no bytes. It may raise :class:`RefusedMessage` for what is none of its
    messages; here, ``ValueError`` is taken for the same. All other exceptions come out of the call that
    hashes as they are, and that call has changed nothing.

    Every message is one call of ``fn``, on the thread that called the library and with its signals; a block
    of them takes the interpreter once. ``fn`` may read the tree that it hashes for, and not change it:
    ``RuntimeError``. Each call of this function makes another hash function; :func:`register` one to read
    files and heads that name it.

    >>> import hashlib
    >>> import tallystick as ts
    >>> sha384 = ts.hashes.from_callable("sha384", hashlib.sha384, digest_size=48, block_size=128)
    >>> scheme = ts.schemes.native(sha384)
    >>> ts.MerkleTree([b"a", b"b"], scheme=scheme).head.root.hex()[:8]
    '2fd3c608'
    """
    return _core.hash_from_callable(
        name, fn, digest_size=digest_size, block_size=block_size, cryptographic=cryptographic, many=many
    )


def from_plugin(plugin: Plugin, /) -> Hash:
    """Return the hash function of a native plug-in: at native speed, from all threads.

    ``plugin.__tallystick_hash__()`` returns a capsule named ``tallystick_hash`` with the table of
    ``tallystick_hash.h``, which lies in :func:`get_include`; the page on plug-ins is the contract.
    Before it is one, the function is tried: its known answer, batches beside single messages, what it writes,
    and messages that careless functions confuse. Raises :class:`HashFailure` for a table that is none or a
    function that does not do what it says, ``TypeError`` for what hands over no such capsule, ``ValueError``
    for a name or sizes that no hash has. Each call makes another hash function. A few milliseconds.
    """
    return _core.hash_from_plugin(plugin)


def get_include() -> str:
    """Return the folder with ``tallystick_hash.h``, for C and C++, and ``tallystick_hash.rs``, for Rust.

    >>> import os
    >>> import tallystick as ts
    >>> sorted(os.listdir(ts.get_include()))
    ['tallystick_hash.h', 'tallystick_hash.rs']
    """
    return os.path.join(os.path.dirname(__file__), "include")


def register(hash: Hash, /) -> None:  # noqa: A002 - the field's word, and the API's
    """Let the name of ``hash`` stand for it in this process.

    :func:`get`, :func:`names`, unpickling and everything that reads schemes, heads and files then find it.
    Decoders find registered functions only, and load no plug-in. A function that has a built-in's name is
    that function, and takes its place. Raises ``ValueError`` for a name that another one is registered by.

    >>> import hashlib
    >>> import tallystick as ts
    >>> sha3 = ts.hashes.from_callable("sha3_384", hashlib.sha3_384, digest_size=48, block_size=104)
    >>> ts.hashes.register(sha3)
    >>> ts.hashes.get("sha3_384").digest_size
    48
    """
    _core.hash_register(hash)


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

# Where one of a fixed list is asked for: names() grows with what is registered and installed.
_BUILT_IN = (BLAKE3, SHA256, SHA512_256, SHA3_256, KECCAK256, BLAKE2B_256, BLAKE2S_256, XXH3_128)
