"""The fields of the objects of Patricia tries, once for all three forms (docs/spec/encodings.md)."""

from __future__ import annotations

from tests.reference.layouts import DecodeError, Kind, Layout, Values
from tests.reference.patricia import PatriciaHead, PatriciaProof


def _head(values: Values) -> PatriciaHead:
    if values["secure"] > 1:
        raise DecodeError(f"secure {values['secure']}")
    return PatriciaHead(values["root"], values["secure"] == 1)


PATRICIA_LAYOUTS: dict[type, Layout] = {
    PatriciaHead: Layout(
        "patricia-head",
        b"tlyP",
        (("secure", Kind.SMALL), ("root", Kind.HASH)),
        lambda h: {"secure": int(h.secure), "root": h.root},
        _head,
    ),
    PatriciaProof: Layout(
        "patricia-proof",
        b"tlyE",
        (("nodes", Kind.STRINGS),),
        vars,
        lambda values: PatriciaProof(**values),
    ),
}
