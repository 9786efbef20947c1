"""Merkle trees at the speed of the hardware, with proofs that no forger can bend.

>>> import tallystick as ts
>>> tree = ts.MerkleTree([b"alice: 5", b"bob: 7", b"carol: 9"])
>>> proof = tree.prove(1)
>>> tree.head.verify_inclusion(1, b"bob: 7", proof)
"""

import typing

from tallystick import errors, frames, hashes, hazmat, schemes
from tallystick._core import EncodedRows, encode_rows, get_simd, get_threads, set_arena, set_threads
from tallystick._core import __version__ as __version__
from tallystick.errors import (
    AuditError,
    ChainError,
    DecodeError,
    HashFailure,
    InvalidProof,
    InvalidSignature,
    NotFound,
    Reason,
    RefusedMessage,
    RootMismatch,
    StaleHead,
    StoreError,
    TallystickError,
)
from tallystick.hashes import Hash, get_include
from tallystick.proofs import (
    AbsenceProof,
    ConsistencyProof,
    InclusionProof,
    MultiProof,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
    PatriciaHead,
    PatriciaProof,
    ProofBatch,
    SumHead,
    SumInclusionProof,
    SumMultiProof,
    SumProofBatch,
    TreeHead,
)
from tallystick.schemes import Plan, Scheme
from tallystick.sparse import SparseHead, SparseMultiProof, SparseProof, SparseTree, key
from tallystick.trees import (
    MerkleTree,
    NamespacedTree,
    PatriciaTree,
    Shard,
    SumShard,
    SumTree,
    build_file,
    head_of,
)

if typing.TYPE_CHECKING:
    from tallystick import changes as changes
    from tallystick import interop as interop
    from tallystick import liabilities as liabilities
    from tallystick import logs as logs
    from tallystick import protocols as protocols
    from tallystick import research as research
    from tallystick import stores as stores
    from tallystick import testing as testing
    from tallystick import tlog as tlog
else:
    # Imported when first asked for: most programs use none of them.
    _LATER = frozenset(
        ("changes", "interop", "liabilities", "logs", "protocols", "research", "stores", "testing", "tlog")
    )

    def __getattr__(name):
        if name in _LATER:
            import importlib

            return importlib.import_module(f"tallystick.{name}")
        raise AttributeError(f"module 'tallystick' has no attribute {name!r}")


__all__ = [
    "AbsenceProof",
    "AuditError",
    "ChainError",
    "ConsistencyProof",
    "DecodeError",
    "EncodedRows",
    "Hash",
    "HashFailure",
    "InclusionProof",
    "InvalidProof",
    "InvalidSignature",
    "MerkleTree",
    "MultiProof",
    "NamespaceProof",
    "NamespacedHead",
    "NamespacedInclusionProof",
    "NamespacedTree",
    "NotFound",
    "PatriciaHead",
    "PatriciaProof",
    "PatriciaTree",
    "Plan",
    "ProofBatch",
    "Reason",
    "RefusedMessage",
    "RootMismatch",
    "Scheme",
    "Shard",
    "SparseHead",
    "SparseMultiProof",
    "SparseProof",
    "SparseTree",
    "StaleHead",
    "StoreError",
    "SumHead",
    "SumInclusionProof",
    "SumMultiProof",
    "SumProofBatch",
    "SumShard",
    "SumTree",
    "TallystickError",
    "TreeHead",
    "build_file",
    "encode_rows",
    "errors",
    "frames",
    "get_include",
    "get_simd",
    "get_threads",
    "hashes",
    "hazmat",
    "head_of",
    "key",
    "schemes",
    "set_arena",
    "set_threads",
]
