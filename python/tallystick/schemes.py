"""Schemes: tree variants, as values.

:func:`native` binds size, context and the scheme itself to the root, and is what new applications want.
:func:`rfc6962` is the tree of Certificate Transparency. :func:`native_sum` is for trees whose leaves carry amounts.

>>> import tallystick as ts
>>> [name for name in ts.schemes.names() if name.startswith("rfc6962")][:2]
['rfc6962/blake3', 'rfc6962/sha256']
"""

from tallystick import _core, hashes
from tallystick._core import Plan, Scheme
from tallystick.hashes import Hash as _Hash

__all__ = [
    "NATIVE",
    "NATIVE_SUM",
    "RFC6962",
    "Plan",
    "Scheme",
    "get",
    "names",
    "native",
    "native_sum",
    "rfc6962",
]


def native(hash: _Hash = hashes.BLAKE3) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the native dense scheme with this hash function.

    Leaves, nodes and roots are hashed in domains of their own; the root binds size, context and scheme.
    Raises ``ValueError`` for a hash that is not cryptographic or has digests of other than 32 to 64 bytes.

    >>> import tallystick as ts
    >>> ts.schemes.native(ts.hashes.SHA256).name
    'native/sha256'
    """
    return _core.scheme_of_family("native", hash)


def native_sum(hash: _Hash = hashes.BLAKE3) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the native scheme of sum trees with this hash function.

    As :func:`native`, for a :class:`tallystick.SumTree`: a leaf binds its amount, a node both sums below it, the
    root the total. Its ``kind`` is ``"sum"``; other trees refuse it with ``TypeError``. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.native_sum(ts.hashes.SHA256).name
    'native_sum/sha256'
    """
    return _core.scheme_of_family("native_sum", hash)


def rfc6962(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of RFC 6962 section 2.1 (Certificate Transparency), with any hash.

    Its root binds neither the number of leaves nor a context: a verifier must have both from an
    authenticated head. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.rfc6962(ts.hashes.SHA3_256).binds_size
    False
    """
    return _core.scheme_of_family("rfc6962", hash)


#: The native scheme with BLAKE3: the default of every tree.
NATIVE = native()
#: The native scheme of sum trees with BLAKE3: the default of every sum tree.
NATIVE_SUM = native_sum()
#: RFC 6962 with SHA-256, as Certificate Transparency logs use it.
RFC6962 = rfc6962()


def names() -> tuple[str, ...]:
    """Return the names of all built-in schemes, ``family/hash``.

    >>> import tallystick as ts
    >>> "native/sha256" in ts.schemes.names()
    True
    """
    usable = [name for name in hashes.names() if hashes.get(name).cryptographic]
    return tuple(f"{family}/{name}" for family in _core.scheme_families() for name in usable)


def get(name: str, /) -> Scheme:
    """Return the built-in scheme of this name, without a context.

    Raises ``ValueError`` for a name that is not in :func:`names`.

    >>> import tallystick as ts
    >>> ts.schemes.get(ts.schemes.RFC6962.name) == ts.schemes.RFC6962
    True
    """
    if name not in names():
        raise ValueError(f"there is no scheme {name!r}; there are {', '.join(names())}")
    family, _, hash_name = name.partition("/")
    return _core.scheme_of_family(family, hashes.get(hash_name))
