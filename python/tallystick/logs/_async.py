"""Logs on stores that are awaited: the same steps, done by another loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Self, SupportsIndex

from tallystick import schemes
from tallystick.liabilities.signing import Signer, Verifier
from tallystick.logs import _base, _steps, _writing
from tallystick.logs._stores import AsyncReadable, AsyncWritable, readable, writable
from tallystick.proofs import ConsistencyProof, InclusionProof, MultiProof, TreeHead
from tallystick.schemes import Scheme


class _Questions(_base.Base):
    __slots__ = ()

    async def prove(self, index: SupportsIndex, *, head: TreeHead | None = None) -> InclusionProof:
        """As :meth:`LogReader.prove`."""
        return await _steps.run_async(self._store, self._prove(index, head))

    async def prove_many(
        self, indices: Iterable[SupportsIndex], *, head: TreeHead | None = None
    ) -> MultiProof:
        """As :meth:`LogReader.prove_many`."""
        return await _steps.run_async(self._store, self._prove_many(indices, head))

    async def prove_extends(
        self, old_size: SupportsIndex | TreeHead, *, head: TreeHead | None = None
    ) -> ConsistencyProof:
        """As :meth:`LogReader.prove_extends`."""
        return await _steps.run_async(self._store, self._prove_extends(old_size, head))

    async def entries(self, begin: SupportsIndex = 0, end: SupportsIndex | None = None) -> list[bytes]:
        """As :meth:`LogReader.entries`."""
        return await _steps.run_async(self._store, self._entries(begin, end))


class AsyncLogReader(_Questions):
    """A :class:`LogReader` on an asynchronous store."""

    __slots__ = ("_verifier",)

    _verifier: Verifier

    @classmethod
    async def open(
        cls,
        store: AsyncReadable,
        *,
        verifier: Verifier,
        origin: str | None = None,
        newest: TreeHead | None = None,
    ) -> Self:
        """As :meth:`LogReader.open`."""
        store = readable(store)
        name = _base.checked_verifier(verifier).name if origin is None else origin
        note = await _steps.run_async(store, _base.opened(name, verifier, _base.check_newest(newest)))
        made = object.__new__(cls)
        made._store, made._note, made._verifier = store, note, verifier
        return made

    async def refresh(self) -> TreeHead:
        """As :meth:`LogReader.refresh`."""
        note = await _steps.run_async(self._store, _base.opened(self.origin, self._verifier, self.head))
        # Of two calls at once, the one that read the older head may be answered last.
        if note.head.size >= len(self):
            self._note = note
        return self.head


class AsyncLog(_Questions):
    """A :class:`Log` on an asynchronous store. May be used from several tasks of one loop."""

    __slots__ = ("_keys", "_lock", "_state")

    _keys: _writing.Keys
    _state: _writing.State
    _lock: asyncio.Lock

    @classmethod
    async def create(
        cls,
        store: AsyncWritable,
        *,
        signer: Signer,
        origin: str | None = None,
        scheme: Scheme = schemes.RFC6962,
        verifier: Verifier | None = None,
    ) -> Self:
        """As :meth:`Log.create`."""
        store, own = writable(store), _base.keys(signer, origin, verifier)
        return cls._made(store, own, await _steps.run_async(store, _writing.create(own, scheme)))

    @classmethod
    async def open(
        cls,
        store: AsyncWritable,
        *,
        signer: Signer,
        origin: str | None = None,
        verifier: Verifier | None = None,
        newest: TreeHead | None = None,
    ) -> Self:
        """As :meth:`Log.open`."""
        store, own = writable(store), _base.keys(signer, origin, verifier)
        state = await _steps.run_async(store, _writing.load(own, _base.check_newest(newest)))
        return cls._made(store, own, state)

    @classmethod
    def _made(cls, store: AsyncWritable, keys: _writing.Keys, state: _writing.State) -> Self:
        made = object.__new__(cls)
        made._store, made._keys, made._lock = store, keys, asyncio.Lock()
        made._state, made._note = state, state.note
        return made

    async def append(self, entry: bytes, /) -> int:
        """As :meth:`Log.append`."""
        return (await self.extend([entry]))[0]

    async def extend(self, entries: Sequence[bytes], /) -> range:
        """As :meth:`Log.extend`."""
        batch = _writing.checked_entries(entries)
        async with self._lock:
            before = len(self)
            state = await _steps.run_async(self._store, _writing.extend(self._keys, self._state, batch))
            self._state, self._note = state, state.note
            return range(before, before + len(batch))
