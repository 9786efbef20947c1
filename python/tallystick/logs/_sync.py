"""Logs on stores that answer at once: the writer, and the reader."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Self, SupportsIndex

from tallystick import schemes
from tallystick.liabilities.signing import Signer, Verifier
from tallystick.logs import _base, _steps, _writing
from tallystick.logs._stores import Readable, Writable, readable, writable
from tallystick.proofs import ConsistencyProof, InclusionProof, MultiProof, TreeHead
from tallystick.schemes import Scheme


class _Questions(_base.Base):
    __slots__ = ()

    def prove(self, index: SupportsIndex, *, head: TreeHead | None = None) -> InclusionProof:
        """Return the proof of the entry at ``index``, for ``head``, an earlier head; None: the current one.

        ``IndexError`` for an index that the log does not have, ``StaleHead`` for a head that it never had,
        ``StoreError`` for tiles that are missing or do not hash up to the head. One batch of tiles is
        read, at most two a level, and a second one where partial tiles were removed.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> log = logs.Log.create(stores.MemoryStore(), signer=Ed25519Signer.generate("log.example/audit"))
        >>> log.extend([b"a", b"b", b"c"])
        range(0, 3)
        >>> log.head.verify_inclusion(1, b"b", log.prove(1))
        """
        return _steps.run(self._store, self._prove(index, head))

    def prove_many(self, indices: Iterable[SupportsIndex], *, head: TreeHead | None = None) -> MultiProof:
        """Return one proof of several entries, without duplicates, in any order. Raises as :meth:`prove`.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> log = logs.Log.create(stores.MemoryStore(), signer=Ed25519Signer.generate("log.example/audit"))
        >>> log.extend([b"a", b"b", b"c"])
        range(0, 3)
        >>> log.head.verify_many([2, 0], [b"c", b"a"], log.prove_many([2, 0]))
        """
        return _steps.run(self._store, self._prove_many(indices, head))

    def prove_extends(
        self, old_size: SupportsIndex | TreeHead, *, head: TreeHead | None = None
    ) -> ConsistencyProof:
        """Return the proof that the log extends the one that it was at ``old_size``, or at an older head.

        ``ValueError`` for a size that is 0 or more than the log's; otherwise raises as :meth:`prove`.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> log = logs.Log.create(stores.MemoryStore(), signer=Ed25519Signer.generate("log.example/audit"))
        >>> older = log.extend([b"a", b"b"]), log.head
        >>> log.append(b"c")
        2
        >>> log.head.verify_extends(older[1], log.prove_extends(older[1]))
        """
        return _steps.run(self._store, self._prove_extends(old_size, head))

    def entries(self, begin: SupportsIndex = 0, end: SupportsIndex | None = None) -> list[bytes]:
        """Return the entries from ``begin`` to before ``end``, each checked against the head.

        ``IndexError`` for a range that the log does not have; otherwise raises as :meth:`prove`.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> log = logs.Log.create(stores.MemoryStore(), signer=Ed25519Signer.generate("log.example/audit"))
        >>> log.extend([b"a", b"b", b"c"])
        range(0, 3)
        >>> log.entries(1)
        [b'b', b'c']
        """
        return _steps.run(self._store, self._entries(begin, end))


class LogReader(_Questions):
    """A log, read from a store by whoever knows the key that signs its head.

    Nothing of the store is believed but what hashes up to a signed head. A reader stays at the head that it
    has verified until :meth:`refresh`.
    """

    __slots__ = ("_verifier",)

    _verifier: Verifier

    @classmethod
    def open(
        cls, store: Readable, *, verifier: Verifier, origin: str | None = None, newest: TreeHead | None = None
    ) -> Self:
        """Read and verify the head of the log in ``store``.

        ``origin`` is the log's name, that of the key if it is not given. ``newest`` is a head that you know:
        the log has to extend it.

        Raises ``NotFound`` where no head was published; ``InvalidSignature`` for a head that the key did
        not sign and ``InvalidProof`` for one of another log, or one that does not extend ``newest``;
        ``DecodeError`` for what is no head; ``StoreError`` as :meth:`prove`. Reads the head, and with a
        ``newest`` that is older what a proof of growth takes.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> store, signer = stores.MemoryStore(), Ed25519Signer.generate("log.example/audit")
        >>> log = logs.Log.create(store, signer=signer)
        >>> logs.LogReader.open(store, verifier=signer.verifier)
        <LogReader 'log.example/audit', 0 entries>
        """
        store = readable(store)
        name = _base.checked_verifier(verifier).name if origin is None else origin
        note = _steps.run(store, _base.opened(name, verifier, _base.check_newest(newest)))
        made = object.__new__(cls)
        made._store, made._note, made._verifier = store, note, verifier
        return made

    def refresh(self) -> TreeHead:
        """Read the head again, and return it if the log has only grown since.

        Raises ``InvalidProof`` if it has shrunk or its history is another one: keep :attr:`note`, and the
        store's new head, as evidence. Otherwise raises as :meth:`open`; the reader then stays where it is.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> store, signer = stores.MemoryStore(), Ed25519Signer.generate("log.example/audit")
        >>> log = logs.Log.create(store, signer=signer)
        >>> reader = logs.LogReader.open(store, verifier=signer.verifier)
        >>> log.append(b"a")
        0
        >>> reader.refresh().size
        1
        """
        self._note = _steps.run(self._store, _base.opened(self.origin, self._verifier, self.head))
        return self.head


class Log(_Questions):
    """A log that is written: entries are appended, and a signed head is published after each batch.

    Appending reads and writes the right edge of the tree alone, at most one tile a level. One writer at a
    time: when another has published since, appending raises ``StoreError``, and nothing is lost or written
    over. May be used from several threads.
    """

    __slots__ = ("_keys", "_lock", "_state")

    _keys: _writing.Keys
    _state: _writing.State
    _lock: threading.Lock

    @classmethod
    def create(
        cls,
        store: Writable,
        *,
        signer: Signer,
        origin: str | None = None,
        scheme: Scheme = schemes.RFC6962,
        verifier: Verifier | None = None,
    ) -> Self:
        """Make an empty log in a store that has no head, and publish its first.

        ``origin`` is the log's name, that of the key if it is not given; ``verifier`` checks the signatures
        of ``signer``, and need not be given for an ``Ed25519Signer``. Logs of ``rfc6962/sha256`` are C2SP's
        ``tlog-tiles`` with ``tlog-checkpoint``; others have the same tiles, and a head of ours.

        Raises ``StoreError`` if the store has a head; ``TypeError`` and ``ValueError`` for a scheme that is
        not dense with proofs of growth and digests of 32 bytes.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> signer = Ed25519Signer.generate("log.example/audit")
        >>> logs.Log.create(stores.MemoryStore(), signer=signer)
        <Log 'log.example/audit', 0 entries>
        """
        store, own = writable(store), _base.keys(signer, origin, verifier)
        return cls._made(store, own, _steps.run(store, _writing.create(own, scheme)))

    @classmethod
    def open(
        cls,
        store: Writable,
        *,
        signer: Signer,
        origin: str | None = None,
        verifier: Verifier | None = None,
        newest: TreeHead | None = None,
    ) -> Self:
        """Open a log to append to it, and finish a batch that a writer had claimed when it crashed.

        ``newest`` is a head that this log had, kept elsewhere: a store that was set back to an older state is
        then refused by ``InvalidProof``, before anything is signed: to append to it would make a forked
        history. The scheme is that of the log's head. Raises as :meth:`LogReader.open`. Reads the head and
        the right edge: at most a tile of digests a level, and one of entries.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> store, signer = stores.MemoryStore(), Ed25519Signer.generate("log.example/audit")
        >>> log = logs.Log.create(store, signer=signer)
        >>> log.append(b"a")
        0
        >>> logs.Log.open(store, signer=signer, newest=log.head).append(b"b")
        1
        """
        store, own = writable(store), _base.keys(signer, origin, verifier)
        return cls._made(store, own, _steps.run(store, _writing.load(own, _base.check_newest(newest))))

    @classmethod
    def _made(cls, store: Writable, keys: _writing.Keys, state: _writing.State) -> Self:
        made = object.__new__(cls)
        made._store, made._keys, made._lock = store, keys, threading.Lock()
        made._state, made._note = state, state.note
        return made

    def append(self, entry: bytes, /) -> int:
        """Append one entry, of at most 65,534 bytes, and return its index. :meth:`extend` says more.

        A batch costs as much as one entry: append many at once.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> log = logs.Log.create(stores.MemoryStore(), signer=Ed25519Signer.generate("log.example/audit"))
        >>> log.append(b"alice opened file 7")
        0
        """
        return self.extend([entry])[0]

    def extend(self, entries: Sequence[bytes], /) -> range:
        """Append a batch of entries and return their indices: all of them, in a published head, or none.

        Raises ``ValueError`` for an entry of more than 65,534 bytes, ``TypeError`` for what is not bytes,
        both before anything is done; ``StoreError`` when another writer has published since: open the log
        again. After any other error of the store too, open it again; it then has all of the batch or nothing.

        >>> from tallystick import logs, stores
        >>> from tallystick.liabilities import Ed25519Signer
        >>> log = logs.Log.create(stores.MemoryStore(), signer=Ed25519Signer.generate("log.example/audit"))
        >>> log.extend([b"alice opened file 7", b"bob changed file 7"])
        range(0, 2)
        """
        batch = _writing.checked_entries(entries)
        with self._lock:
            before = len(self)
            state = _steps.run(self._store, _writing.extend(self._keys, self._state, batch))
            self._state, self._note = state, state.note
            return range(before, before + len(batch))
