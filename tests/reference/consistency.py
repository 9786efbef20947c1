"""Consistency proofs of promoted pairs: made by RFC 6962's recursion, verified from docs/spec/proofs.md."""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.objects import ConsistencyProof, Head
from tests.reference.refusals import NO_GROWTH, NOT_LARGER, OTHER_SCHEME, Refused
from tests.reference.schemes import Scheme
from tests.reference.trees import leaf_digests, split, top
from tests.reference.verify import check_digests, check_root, refused


def subproof(scheme: Scheme, m: int, digests: Sequence[bytes], known: bool) -> list[bytes]:
    """RFC 6962 section 2.1.2, ``SUBPROOF(m, D[n], b)``. ``known``: the verifier has the root of ``D[m]``."""
    n = len(digests)
    if m == n:
        return [] if known else [top(scheme, digests)]
    k = split(n)
    if m <= k:
        return [*subproof(scheme, m, digests[:k], known), top(scheme, digests[k:])]
    return [*subproof(scheme, m - k, digests[k:], False), top(scheme, digests[:k])]


def prove_extends(scheme: Scheme, leaves: Sequence[bytes], older: int) -> ConsistencyProof:
    """The proof that the tree of ``leaves`` extends that of the first ``older``."""
    if not scheme.proves_growth:
        raise TypeError(f"there are no proofs of growth for {scheme.name}")
    if not 0 < older <= len(leaves):
        raise ValueError(f"{older} of {len(leaves)}")
    digests: list[bytes] = []
    if older < len(leaves):
        digests = subproof(scheme, older, leaf_digests(scheme, leaves), root_is_top(scheme))
    return ConsistencyProof(scheme.digest_size, tuple(digests))


def start(older: int) -> tuple[int, int]:
    """The level and index of the largest full node that ends where the older tree ends."""
    level = (older & -older).bit_length() - 1
    return level, (older >> level) - 1


def root_is_top(scheme: Scheme) -> bool:
    """Whether whoever has a root has the topmost node."""
    return scheme.rules.root is None


def start_is_older_root(scheme: Scheme, older: int) -> bool:
    """Whether the start node is not sent."""
    return root_is_top(scheme) and older & (older - 1) == 0


def sides(older: int, newer: int) -> list[bool]:
    """For each sibling above the start node, in order: is it on the left, so in the older tree too?"""
    level, i = start(older)
    n = -(-newer >> level)
    found = []
    while n > 1:
        if i % 2 == 1:
            found.append(True)
        elif i + 1 < n:
            found.append(False)
        i, n = i // 2, (n + 1) // 2
    return found


def tops(scheme: Scheme, older: int, newer: int, digests: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The topmost nodes of the older and of the newer tree, from the start node and its siblings."""
    of_older = of_newer = digests[0]
    for left, sibling in zip(sides(older, newer), digests[1:], strict=True):
        if left:
            of_older = scheme.node(sibling, of_older)
            of_newer = scheme.node(sibling, of_newer)
        else:
            of_newer = scheme.node(of_newer, sibling)
    return of_older, of_newer


def verify_extends(newer: Head, older: Head, proof: ConsistencyProof) -> None:
    """Accept, or raise :class:`Refused`."""
    if newer.scheme != older.scheme:
        raise Refused(OTHER_SCHEME)
    if not newer.scheme.proves_growth:
        raise Refused(NO_GROWTH)
    if older.size == 0 or older.size > newer.size:
        raise Refused(NOT_LARGER)
    if older.size == newer.size:
        check_digests(newer, proof, 0)
        check_root(older, newer.root)
        return
    scheme = newer.scheme
    siblings = len(sides(older.size, newer.size))
    given = [older.root] if start_is_older_root(scheme, older.size) else []
    check_digests(newer, proof, 1 - len(given) + siblings)
    of_older, of_newer = tops(scheme, older.size, newer.size, [*given, *proof.digests])
    with refused():
        check_root(older, scheme.root(older.size, of_older))
        check_root(newer, scheme.root(newer.size, of_newer))
