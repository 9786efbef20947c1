"""What readers and writers of logs, synchronous or not, have in common: a head, and questions about it."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index as integer
from typing import Any, SupportsIndex

from tallystick.liabilities.signing import Signer, Verifier
from tallystick.logs import _notes, _reading, _writing
from tallystick.logs._steps import Steps
from tallystick.proofs import ConsistencyProof, InclusionProof, MultiProof, TreeHead
from tallystick.schemes import Scheme


class Base:
    """A log at a head that was verified."""

    __slots__ = ("_note", "_store")

    _store: Any
    _note: _notes.Note

    def __init__(self) -> None:
        raise TypeError("a log is opened by open, or made by create")

    @property
    def head(self) -> TreeHead:
        """The log's head: its signature is verified."""
        return self._note.head

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._note.origin

    @property
    def note(self) -> str:
        """The signed note that the head was read from: of RFC 6962 with SHA-256, a C2SP checkpoint."""
        return self._note.to_text()

    @property
    def scheme(self) -> Scheme:
        """The scheme of the tree."""
        return self.head.scheme

    def __len__(self) -> int:
        return self.head.size

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.origin!r}, {len(self):,} entries>"

    def _prove(self, index: SupportsIndex, head: TreeHead | None) -> Steps[InclusionProof]:
        return _reading.prove(self.head, self._at(head), integer(index))

    def _prove_many(self, indices: Iterable[SupportsIndex], head: TreeHead | None) -> Steps[MultiProof]:
        return _reading.prove_many(self.head, self._at(head), [integer(index) for index in indices])

    def _prove_extends(self, old: SupportsIndex | TreeHead, head: TreeHead | None) -> Steps[ConsistencyProof]:
        size = old.size if isinstance(old, TreeHead) else integer(old)
        return _reading.prove_extends(self.head, self._at(head), size)

    def _entries(self, begin: SupportsIndex, end: SupportsIndex | None) -> Steps[list[bytes]]:
        return _reading.entries(self.head, integer(begin), len(self) if end is None else integer(end))

    def _at(self, head: TreeHead | None) -> TreeHead:
        if head is not None and not isinstance(head, TreeHead):
            raise TypeError(f"a head is of type TreeHead, not {type(head).__name__}")
        return self.head if head is None else head


def keys(signer: Signer, origin: str | None, verifier: Verifier | None) -> _writing.Keys:
    """Return who signs and who checks; an ``Ed25519Signer`` knows its verifier."""
    if not isinstance(signer, Signer):
        raise TypeError(f"a signer has name, key_id and sign; {type(signer).__name__} has not")
    checks = getattr(signer, "verifier", None) if verifier is None else verifier
    return _writing.Keys(signer.name if origin is None else origin, signer, checked_verifier(checks))


def checked_verifier(verifier: object) -> Verifier:
    """Return ``verifier``, or raise ``TypeError``."""
    if not isinstance(verifier, Verifier):
        raise TypeError(f"a verifier has name, key_id and verify; {type(verifier).__name__} has not")
    return verifier


def check_newest(newest: object) -> TreeHead | None:
    """Return a head that the log has to extend, or raise ``TypeError``."""
    if newest is not None and not isinstance(newest, TreeHead):
        raise TypeError(f"newest is of type TreeHead, not {type(newest).__name__}")
    return newest


def opened(origin: str, verifier: Verifier, newest: TreeHead | None) -> Steps[_notes.Note]:
    """Read a log's head, which has to extend ``newest``."""
    note, _ = yield from _reading.read_note(origin, verifier)
    if newest is not None:
        yield from _reading.check_growth(newest, note.head)
    return note
