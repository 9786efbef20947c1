"""What crosses a wire: a head, a proof, a batch of proofs."""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.schemes import Scheme


@dataclass(frozen=True)
class Head:
    """The one thing a verifier trusts."""

    scheme: Scheme
    size: int
    root: bytes


@dataclass(frozen=True)
class InclusionProof:
    """Sibling digests, leaf level first."""

    digest_size: int
    digests: tuple[bytes, ...]


@dataclass(frozen=True)
class Batch:
    """The digests of many inclusion proofs, one tuple each."""

    digest_size: int
    proofs: tuple[tuple[bytes, ...], ...]
