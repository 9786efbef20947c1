"""Digests of nodes, by the core alone: it hashes trees of bare digests, and their proofs are what is wanted.

A tree with one leaf more than ``n`` proves that leaf by the peaks of the first ``n``, lowest first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tallystick import _core
from tallystick._core import MerkleTree, Scheme, Shard, TreeHead
from tallystick.logs._layout import DIGEST

_ONE_MORE = np.zeros((1, DIGEST), np.uint8)


def check_scheme(scheme: Scheme) -> None:
    """Raise ``TypeError`` or ``ValueError`` for a scheme whose trees are not laid out in such tiles."""
    if not isinstance(scheme, Scheme):
        raise TypeError(f"a scheme is of type Scheme, not {type(scheme).__name__}")
    if scheme.kind != "dense" or not scheme.proves_growth:
        raise TypeError(f"a log is of a dense scheme with proofs of growth, which {scheme.name} is not")
    if scheme.hash.digest_size != DIGEST:
        raise ValueError(f"a log has digests of {DIGEST} bytes; those of {scheme.name} have another size")


def leaf_digests(entries: Sequence[bytes], scheme: Scheme) -> bytes:
    """Return the leaf digests of ``entries``, one behind the other."""
    return _core.hazmat_leaf_digests(MerkleTree(entries, scheme=scheme)).tobytes()


def peak_digests(digests: bytes, scheme: Scheme) -> list[bytes]:
    """Return the digests of the largest full nodes over ``digests``, left to right."""
    if len(digests) == DIGEST:
        return [digests]
    own = _rows(digests)
    tree = _core.hazmat_tree(np.concatenate([own, _ONE_MORE]), scheme=scheme)
    return [digest.tobytes() for digest in tree.prove(len(own)).digests[::-1]]


def top_digest(digests: bytes, scheme: Scheme) -> bytes:
    """Return the digest of the node over ``digests``, whose number is a power of two."""
    (top,) = peak_digests(digests, scheme)
    return top


def bagged(peaks: Sequence[bytes], scheme: Scheme) -> bytes:
    """Return the digest of the node on the edge that these peaks, left to right, make."""
    *rest, top = peaks
    for peak in reversed(rest):
        top = top_digest(peak + top, scheme)
    return top


def head_of_peaks(peaks: Sequence[bytes], size: int, scheme: Scheme) -> TreeHead:
    """Return the head of the log of ``size`` entries with these peaks, left to right."""
    listed = ",".join(f'"{peak.hex()}"' for peak in peaks)
    return Shard.from_json(
        f'{{"format":"tallystick-shard","version":1,"scheme":{scheme.to_json()},'
        f'"begin":"0","end":"{size}","digests":[{listed}]}}'
    ).head()


def sends_start(scheme: Scheme) -> bool:
    """Say whether proofs of growth begin with a node that is the whole older tree: its root is none."""
    return len(MerkleTree([b"", b""], scheme=scheme).prove_extends(1)) == 2


def _rows(digests: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(digests, np.uint8).reshape(-1, DIGEST)
