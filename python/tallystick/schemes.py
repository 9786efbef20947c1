"""Schemes: tree variants, as values.

:func:`native` binds size, context and the scheme itself to the root, and is what new applications want.
:func:`native_sum` is its twin for trees whose leaves carry amounts. The others are trees that a counterpart
uses, bit for bit; :func:`dense` makes a scheme of one's own. What a scheme does not bind, its ``repr``
shows.

>>> import tallystick as ts
>>> [name for name in ts.schemes.names() if name.startswith("rfc6962")][:2]
['rfc6962/blake3', 'rfc6962/sha256']
>>> ts.schemes.get("ssz_list(1024)/sha256") == ts.schemes.ssz_list(1024)
True
"""

import collections.abc
from operator import index as _integer

from tallystick import _core, _rules, hashes
from tallystick import frames as f
from tallystick._core import Plan, Scheme
from tallystick.hashes import Hash as _Hash

__all__ = [
    "BITCOIN",
    "CELESTIA",
    "COMMONWARE_BMT",
    "GRIN_MMR",
    "ICS23_SMT",
    "JELLYFISH",
    "LEAN_IMT",
    "NATIVE",
    "NATIVE_SPARSE",
    "NATIVE_SUM",
    "NERVOS_MMR",
    "NERVOS_SMT",
    "OPENZEPPELIN_SIMPLE",
    "OPENZEPPELIN_STANDARD",
    "PROMOTED",
    "RFC6962",
    "SPARSE_256",
    "TENDERMINT",
    "Plan",
    "Scheme",
    "bitcoin",
    "celestia",
    "commonware_bmt",
    "dense",
    "f",
    "filecoin",
    "fixed_depth",
    "get",
    "grin_mmr",
    "ics23_smt",
    "jellyfish",
    "lean_imt",
    "names",
    "namespaced",
    "native",
    "native_sparse",
    "native_sum",
    "nervos_mmr",
    "nervos_smt",
    "openzeppelin_simple",
    "openzeppelin_solidity",
    "openzeppelin_standard",
    "promoted",
    "rfc6962",
    "sparse_256",
    "ssz_list",
    "ssz_vector",
    "tendermint",
]

_Frame = collections.abc.Sequence[bytes | f.Part]


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

    As :func:`native`, for a :class:`tallystick.SumTree`: a leaf binds its amount, a node both sums below it,
    the root the total. Its ``kind`` is ``"sum"``; other trees refuse it with ``TypeError``. Raises as
    :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.native_sum(ts.hashes.SHA256).name
    'native_sum/sha256'
    """
    return _core.scheme_of_family("native_sum", hash)


def native_sparse(hash: _Hash = hashes.BLAKE3) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the native scheme of sparse trees with this hash function.

    As :func:`native`, for trees of keys and values: keys of 32 bytes say where leaves are, so that
    absence can be proven too. Its ``kind`` is ``"sparse"``; other trees refuse it with ``TypeError``. Raises
    as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.native_sparse(ts.hashes.SHA256).name
    'native_sparse/sha256'
    """
    return _core.scheme_of_family("native_sparse", hash)


def ics23_smt(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of the sparse trees that Celestia and ICS-23 describe.

    Keys are the paths, there the hashes of names. The root binds neither size nor scheme. Raises as
    :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.ICS23_SMT.kind
    'sparse'
    """
    return _core.scheme_of_family("ics23_smt", hash)


def jellyfish(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Penumbra's Jellyfish tree, a sparse tree.

    Keys are there the hashes of names. The root binds neither size nor scheme. Raises as :func:`native`;
    ``ValueError`` also for digests of other than 32 bytes.

    >>> import tallystick as ts
    >>> ts.schemes.JELLYFISH.kind
    'sparse'
    """
    return _core.scheme_of_family("jellyfish", hash)


def nervos_smt(hash: _Hash = hashes.BLAKE2B_256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Nervos' sparse Merkle tree, where nodes with one child are hashed as runs.

    Keys are the paths from the root down: there they are read from the last bit up, so a key here has that
    key's bytes reversed. Values that are digests there are put with ``prehashed``. The root binds neither
    size nor scheme. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> tree = ts.SparseTree(scheme=ts.schemes.NERVOS_SMT)
    >>> key, value = bytes(31) + b"1", b"7" * 32
    >>> tree.update([key[::-1]], [value], prehashed=True)
    >>> tree.head.verify_present(key[::-1], value, tree.prove(key[::-1]), prehashed=True)
    """
    return _core.scheme_of_family("nervos_smt", hash)


def sparse_256(hash: _Hash = hashes.KECCAK256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of sparse trees whose leaves are all at depth 256, over subtrees of zeros.

    A leaf is the hash of its value, a node that of its children: the plain tree of contracts. A changed
    key costs as many hashes as there are levels: 256. The root binds neither size nor scheme. Raises as
    :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.SPARSE_256.kind
    'sparse'
    """
    return _core.scheme_of_family("sparse_256", hash)


def rfc6962(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of RFC 6962 section 2.1 (Certificate Transparency), with any hash.

    Its root binds neither the number of leaves nor a context: a verifier must have both from an
    authenticated head. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.rfc6962(ts.hashes.SHA3_256).binds_size
    False
    """
    return _core.scheme_of_family("rfc6962", hash)


def tendermint(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Tendermint's simple trees: the rules of :func:`rfc6962` under their own name.

    Raises as :func:`native`.

    >>> import tallystick as ts
    >>> leaves = [b"a", b"b", b"c"]
    >>> tendermint, rfc6962 = map(ts.schemes.get, ("tendermint/sha256", "rfc6962/sha256"))
    >>> ts.head_of(leaves, scheme=tendermint).root == ts.head_of(leaves, scheme=rfc6962).root
    True
    """
    return _core.scheme_of_family("tendermint", hash)


def promoted(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the plain scheme of many libraries: ``H(left + right)``, a node without a sibling moves up.

    It is what merkletools, rs_merkle and merkletreejs build by default. Leaves are digests already, and no
    preimage tells a leaf from a node: the number of leaves must come from an authenticated head. Raises as
    :func:`native`.

    >>> import hashlib, tallystick as ts
    >>> left, right = (hashlib.sha256(data).digest() for data in (b"a", b"b"))
    >>> tree = ts.MerkleTree([left, right], scheme=ts.schemes.PROMOTED)
    >>> tree.root == hashlib.sha256(left + right).digest()
    True
    """
    return _core.scheme_of_family("promoted", hash)


def lean_imt(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of LeanIMT, the lean incremental tree of Semaphore: the rules of :func:`promoted`.

    Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.LEAN_IMT.bare_leaves, ts.schemes.LEAN_IMT.separates_leaves
    (True, False)
    """
    return _core.scheme_of_family("lean_imt", hash)


def bitcoin(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Bitcoin's blocks: ``H(H(left + right))``, a lone node is hashed with itself.

    Leaves are transaction ids in the order of their bytes. Two equal siblings are refused, when building
    and when verifying, because a shorter list has the same root then (CVE-2012-2459). Raises as
    :func:`native`.

    >>> import tallystick as ts
    >>> a, b = bytes(32), bytes([1]) * 32
    >>> len(ts.MerkleTree([a, b, a], scheme=ts.schemes.BITCOIN).prove(2))
    1
    >>> ts.MerkleTree([a, b, b, b], scheme=ts.schemes.BITCOIN)
    Traceback (most recent call last):
    ValueError: two siblings are equal: a shorter row of leaves would have the same root
    """
    return _core.scheme_of_family("bitcoin", hash)


def openzeppelin_standard(hash: _Hash = hashes.KECCAK256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of OpenZeppelin's ``StandardMerkleTree``: leaves hashed twice, all sorted.

    A leaf is what Solidity's ``abi.encode`` makes of its values. Sorted pairs show that a leaf is there and
    not where: the index in a claim is ``None``, and many leaves have one proof in OpenZeppelin's own format
    alone. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> tree = ts.MerkleTree([bytes(64), bytes(63) + b"1"], scheme=ts.schemes.OPENZEPPELIN_STANDARD)
    >>> tree.head.verify_inclusion(None, bytes(64), tree.prove(0))
    """
    return _core.scheme_of_family("openzeppelin_standard", hash)


def openzeppelin_simple(hash: _Hash = hashes.KECCAK256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of OpenZeppelin's ``SimpleMerkleTree``, whose leaves are digests.

    Nothing tells a leaf from a node: whoever knows the tree can prove some of its nodes as leaves. Raises as
    :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.OPENZEPPELIN_SIMPLE.separates_leaves, ts.schemes.OPENZEPPELIN_STANDARD.separates_leaves
    (False, True)
    """
    return _core.scheme_of_family("openzeppelin_simple", hash)


def openzeppelin_solidity(
    depth: int,
    zero: bytes = bytes(32),
    hash: _Hash = hashes.KECCAK256,  # noqa: A002 - the field's word, and the API's
) -> Scheme:
    """Return the scheme of OpenZeppelin's Solidity library ``MerkleTree.sol``: fixed depth, sorted pairs.

    ``depth`` is 0 to 64, ``zero`` the digest of a leaf that is not there. Proofs have ``depth`` digests and
    show no place. ``ValueError`` for another depth or length of ``zero``; otherwise raises as
    :func:`native`.

    >>> import tallystick as ts
    >>> tree = ts.MerkleTree([bytes([1]) * 32], scheme=ts.schemes.openzeppelin_solidity(20))
    >>> len(tree.prove(0))
    20
    """
    return _core.scheme_of_family(
        f"openzeppelin_solidity({_integer(depth)},{_rules.zero_of(zero, 32).hex()})", hash
    )


def fixed_depth(
    depth: int,
    *,
    arity: int = 2,
    zero: bytes | None = None,
    hash: _Hash = hashes.SHA256,  # noqa: A002 - the field's word, and the API's
) -> Scheme:
    """Return the scheme of incremental trees of fixed depth, as Semaphore's IMT.

    ``zero`` is the digest of a leaf that is not there, zero bytes by default; ``arity`` is 2 to 8,
    ``depth`` 0 to 64. Subtrees of zeros are in no proof: the verifier knows them. ``ValueError`` for other
    parameters; otherwise raises as :func:`native`.

    >>> import tallystick as ts
    >>> scheme = ts.schemes.fixed_depth(10, arity=5)
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(7)], scheme=scheme)
    >>> len(tree.prove(6))
    2
    """
    zero = _rules.zero_of(zero, _rules.hash_of(hash).digest_size)
    return _core.scheme_of_family(f"fixed_depth({_integer(depth)},{_integer(arity)},{zero.hex()})", hash)


def ssz_vector(length: int, hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of SSZ's ``Vector`` of ``length`` elements, each a chunk of 32 bytes or a root.

    Elements that share a chunk, as numbers do, are not leaves. A tree has exactly ``length`` leaves, so it
    is made at once. ``ValueError`` for a length of 0; otherwise raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.MerkleTree([bytes(32)] * 3, scheme=ts.schemes.ssz_vector(3)).head.size
    3
    >>> ts.MerkleTree([bytes(32)] * 2, scheme=ts.schemes.ssz_vector(3))
    Traceback (most recent call last):
    ValueError: a tree of ssz_vector(3)/sha256 has exactly 3 leaves, not 2
    """
    return _core.scheme_of_family(f"ssz_vector({_integer(length)})", hash)


def ssz_list(limit: int, hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of SSZ's ``List[…, limit]`` of elements that are chunks of 32 bytes or roots.

    The root binds the number of elements. ``ValueError`` for a limit of 0 or above 2**64 - 1; otherwise
    raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.ssz_list(2**40).binds_size
    True
    """
    return _core.scheme_of_family(f"ssz_list({_integer(limit)})", hash)


def filecoin(arity: int, hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of trees whose nodes have all their children, as Filecoin's: ``arity`` is 2, 4 or 8.

    A tree has a power of ``arity`` of leaves, which are digests, and is made at once. ``ValueError`` for
    another arity; otherwise raises as :func:`native`.

    >>> import tallystick as ts
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(64)], scheme=ts.schemes.filecoin(8))
    >>> len(tree.prove(9))
    14
    """
    return _core.scheme_of_family(f"filecoin({_integer(arity)})", hash)


def nervos_mmr(hash: _Hash = hashes.BLAKE2B_256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Nervos' mountain range: peaks are bagged from the right, the right one first.

    Leaves are digests. The root binds no size. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> tree = ts.MerkleTree([bytes([leaf]) * 32 for leaf in range(7)], scheme=ts.schemes.NERVOS_MMR)
    >>> tree.append(bytes(32))
    7
    """
    return _core.scheme_of_family("nervos_mmr", hash)


def grin_mmr(hash: _Hash = hashes.BLAKE2B_256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Grin's mountain range: every preimage begins with the node's position.

    Peaks are bagged from the right behind the number of nodes. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.GRIN_MMR.separates_leaves
    True
    """
    return _core.scheme_of_family("grin_mmr", hash)


def celestia(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of Celestia's namespaced trees, with namespaces of 29 bytes.

    It is for a :class:`tallystick.NamespacedTree`; other trees refuse it with ``TypeError``. A root is the
    lowest and the highest namespace and a digest, and binds no size. Ranges leave out the namespace of which
    every byte is 255, that of parity shares, so nothing is proven of it as a whole. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.CELESTIA
    <Scheme celestia/sha256: binds_size=False, binds_scheme=False>
    """
    return _core.scheme_of_family("celestia", hash)


def namespaced(size: int, hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the rules of :func:`celestia` for namespaces of ``size`` bytes, 1 to 255.

    Another size raises ``ValueError``; otherwise raises as :func:`native`.

    >>> import tallystick as ts
    >>> tree = ts.NamespacedTree([b"a", b"b"], [b"one", b"two"], scheme=ts.schemes.namespaced(3))
    >>> tree.head.range
    (b'one', b'two')
    """
    return _core.scheme_of_family(f"namespaced({_integer(size)})", hash)


def commonware_bmt(hash: _Hash = hashes.SHA256) -> Scheme:  # noqa: A002 - the field's word, and the API's
    """Return the scheme of commonware's binary tree: leaves state their place, the root their number.

    A node without a sibling is hashed with itself, which leaves that state their place make harmless. At
    most 2**32 - 1 leaves. Raises as :func:`native`.

    >>> import tallystick as ts
    >>> ts.schemes.COMMONWARE_BMT.binds_size
    True
    """
    return _core.scheme_of_family("commonware_bmt", hash)


def dense(
    name: str,
    hash: _Hash,  # noqa: A002 - the field's word, and the API's
    *,
    leaf: _Frame | f.Part,
    node: _Frame,
    root: _Frame = (f.top,),
    arity: int = 2,
    edge: str | f.Edge = "promote",
    pairs: str = "given",
    twice: bool | str = False,
) -> Scheme:
    """Return a scheme of your own: what is hashed, with any hash.

    ``leaf``, ``node`` and ``root`` are frames: tuples of bytes and parts of :mod:`tallystick.frames`, which
    is ``tallystick.schemes.f``. A leaf has ``f.data`` once, a node ``f.children``, a root ``f.top``.
    ``leaf=f.bare`` takes digests as leaves, and a root of ``f.top`` alone is not hashed. ``arity`` is 2 to
    8. ``edge`` says what becomes of a node that lacks leaves: ``"promote"`` (a lone child moves up),
    ``"duplicate"`` (it is hashed with itself), ``"exact"`` (there is none), ``"queue"`` (OpenZeppelin's
    order), ``f.zeros(…)`` or ``f.bag(…)``. ``pairs="sorted"`` hashes the two children in ascending order.
    ``twice`` hashes digests once more: ``"leaf"``, ``"node"``, or ``True`` for both.

    ``name`` is printable ASCII and no built-in family's. The scheme travels with its rules: heads of it are
    decoded anywhere. It binds no context. Raises ``ValueError`` for rules that make no tree, ``TypeError``
    for values of other types, and as :func:`native`. Nothing here judges whether the rules are sound: look
    at the properties, which ``repr`` shows.

    >>> import tallystick as ts
    >>> f = ts.schemes.f
    >>> wide = ts.schemes.dense(
    ...     "wide", ts.hashes.SHA256, leaf=(b"leaf", f.data), node=(b"node", f.children),
    ...     root=(f.top, f.size.u64le), arity=4, edge=f.zeros(depth=16),
    ... )
    >>> wide
    <Scheme wide/sha256: binds_scheme=False>
    >>> tree = ts.MerkleTree([b"a", b"b", b"c"], scheme=wide)
    >>> tree.head.verify_many([0, 2], [b"a", b"c"], tree.prove_many([0, 2]))
    """
    rules = _rules.encoded_rules(
        _rules.hash_of(hash).digest_size,
        leaf=leaf,
        node=node,
        root=root,
        arity=arity,
        edge=edge,
        pairs=pairs,
        twice=twice,
    )
    return _core.scheme_of_rules(name, hash, rules)


#: The native scheme with BLAKE3: the default of every tree.
NATIVE = native()
#: The native scheme of sum trees with BLAKE3: the default of every sum tree.
NATIVE_SUM = native_sum()
#: RFC 6962 with SHA-256, as Certificate Transparency logs use it.
RFC6962 = rfc6962()
#: Tendermint's and CometBFT's simple tree.
TENDERMINT = tendermint()
#: The plain tree of merkletools, rs_merkle and merkletreejs with SHA-256.
PROMOTED = promoted()
#: LeanIMT with SHA-256.
LEAN_IMT = lean_imt()
#: The tree of transaction ids in a block of Bitcoin.
BITCOIN = bitcoin()
#: OpenZeppelin's ``StandardMerkleTree``.
OPENZEPPELIN_STANDARD = openzeppelin_standard()
#: OpenZeppelin's ``SimpleMerkleTree``.
OPENZEPPELIN_SIMPLE = openzeppelin_simple()
#: Nervos' mountain range with BLAKE2b.
NERVOS_MMR = nervos_mmr()
#: Grin's mountain range.
GRIN_MMR = grin_mmr()
#: The native sparse tree with BLAKE3: the default of every sparse tree.
NATIVE_SPARSE = native_sparse()
#: The sparse tree of Celestia and ICS-23.
ICS23_SMT = ics23_smt()
#: Penumbra's Jellyfish tree.
JELLYFISH = jellyfish()
#: Nervos' sparse tree with BLAKE2b.
NERVOS_SMT = nervos_smt()
#: The sparse tree of 256 levels.
SPARSE_256 = sparse_256()
#: Celestia's namespaced tree: the default of every namespaced tree.
CELESTIA = celestia()
#: commonware's binary tree with SHA-256.
COMMONWARE_BMT = commonware_bmt()


def names() -> tuple[str, ...]:
    """Return the names of all built-in schemes that take no parameters, ``family/hash``.

    >>> import tallystick as ts
    >>> "native/sha256" in ts.schemes.names()
    True
    """
    usable = [name for name in _core.hash_builtin_names() if _core.hash_get(name).cryptographic]
    return tuple(f"{family}/{name}" for family in _core.scheme_families() for name in usable)


def get(name: str, /) -> Scheme:
    """Return the built-in scheme of this name, without a context.

    A scheme with parameters has them in its name. Raises ``ValueError`` for a name that no built-in scheme
    has, ``TypeError`` for what is no ``str``.

    >>> import tallystick as ts
    >>> ts.schemes.get(ts.schemes.RFC6962.name) == ts.schemes.RFC6962
    True
    >>> ts.schemes.get("filecoin(8)/sha256") == ts.schemes.filecoin(8)
    True
    """
    if not isinstance(name, str):
        raise TypeError(f"a scheme's name is a str, not {type(name).__name__}")
    family, _, hash_name = name.rpartition("/")
    if not family:
        raise ValueError(f"there is no scheme {name!r}: a name is a family and a hash, such as native/blake3")
    if hash_name not in hashes.names():
        raise ValueError(f"there is no scheme {name!r}: its hash is one of {', '.join(hashes.names())}")
    found = hashes.get(hash_name)
    try:
        return _core.scheme_of_family(family, found)
    except ValueError as error:
        raise ValueError(f"there is no scheme {name!r}: {error}") from None
