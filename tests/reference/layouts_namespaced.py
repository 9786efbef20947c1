"""The fields of the objects of namespaced trees, once for all three forms (docs/spec/encodings.md)."""

from __future__ import annotations

from collections.abc import Callable

from tests.reference.layouts import MAX_DIGESTS, DecodeError, Kind, Layout, Values, check_kind, digest_size
from tests.reference.objects import (
    AbsenceProof,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespacedList,
    NamespaceProof,
)
from tests.reference.schemes import KIND_NAMESPACED


def _head(values: Values) -> NamespacedHead:
    check_kind(values, KIND_NAMESPACED)
    try:
        return NamespacedHead(**values)
    except ValueError as error:
        raise DecodeError(str(error)) from error


def _list(make: Callable[..., NamespacedList]) -> Callable[[Values], NamespacedList]:
    def put_together(values: Values) -> NamespacedList:
        digest_size(values)
        if len(values["nodes"]) > MAX_DIGESTS:
            raise DecodeError(f"{len(values['nodes'])} nodes")
        try:
            return make(**values)
        except ValueError as error:
            raise DecodeError(str(error)) from error

    return put_together


SIZES = (("namespace_size", Kind.SMALL), ("digest_size", Kind.SMALL))
NODES = ("nodes", Kind.DIGESTS)
WITH_START = (*SIZES, ("start", Kind.NUMBER), NODES)

NAMESPACED_LAYOUTS: dict[type, Layout] = {
    NamespacedHead: Layout(
        "namespaced-head",
        b"tlyN",
        (("scheme", Kind.SCHEME), ("size", Kind.NUMBER), ("root", Kind.DIGEST)),
        lambda h: {"scheme": h.scheme, "size": h.size, "root": h.root},
        _head,
    ),
    NamespacedInclusionProof: Layout(
        "namespaced-inclusion-proof",
        b"tlyn",
        (*SIZES, NODES),
        vars,
        _list(NamespacedInclusionProof),
    ),
    NamespaceProof: Layout("namespace-proof", b"tlyw", WITH_START, vars, _list(NamespaceProof)),
    AbsenceProof: Layout("absence-proof", b"tlya", WITH_START, vars, _list(AbsenceProof)),
}
