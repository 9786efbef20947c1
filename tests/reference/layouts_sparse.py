"""The fields of the objects of sparse trees, once for all three forms (docs/spec/encodings.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.reference.layouts import DecodeError, Kind, Layout, Values, check_kind
from tests.reference.schemes import KIND_SPARSE
from tests.reference.sparse_objects import SparseHead, SparseMultiProof, SparseProof


def _head(values: Values) -> SparseHead:
    check_kind(values, KIND_SPARSE)
    return SparseHead(**values)


def _proof(make: Callable[..., Any]) -> Callable[[Values], Any]:
    def put_together(values: Values) -> Any:
        try:
            return make(**values)
        except ValueError as error:
            raise DecodeError(str(error)) from error

    return put_together


SPARSE_LAYOUTS: dict[type, Layout] = {
    SparseHead: Layout(
        "sparse-head",
        b"tlyk",
        (("scheme", Kind.SCHEME), ("size", Kind.NUMBER), ("root", Kind.DIGEST)),
        lambda h: {"scheme": h.scheme, "size": h.size, "root": h.root},
        _head,
    ),
    SparseProof: Layout(
        "sparse-proof",
        b"tlyx",
        (
            ("digest_size", Kind.SMALL),
            ("end", Kind.SMALL),
            ("depth", Kind.SHORT),
            ("bitmap", Kind.BITS),
            ("digests", Kind.SIBLINGS),
            ("witness", Kind.WITNESS),
        ),
        vars,
        _proof(SparseProof),
    ),
    SparseMultiProof: Layout(
        "sparse-multi-proof",
        b"tlyy",
        (
            ("digest_size", Kind.SMALL),
            ("shape", Kind.BYTES),
            ("witnesses", Kind.WITNESSES),
            ("digests", Kind.DIGESTS),
        ),
        vars,
        _proof(SparseMultiProof),
    ),
}
