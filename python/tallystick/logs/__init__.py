"""Append-only logs on stores, laid out as C2SP ``tlog-tiles``, that any static web server can serve.

A log is a Merkle tree over entries, kept as tiles of 256 digests, tiles of entries, and one signed head.
:class:`Log` appends; :class:`LogReader` reads and proves, and believes nothing of the store but what hashes
up to a head that the key has signed. :class:`AsyncLog` and :class:`AsyncLogReader` do the same on stores that
are awaited. A store is one of :mod:`tallystick.stores`, or any object that reads and writes
tiles and heads as :mod:`tallystick.protocols` says; in a ``DirectoryStore`` with the head name
``checkpoint``, a log of RFC 6962 is a folder that any static web server can serve.

Signing needs the extra ``signing``.

>>> import tallystick as ts
>>> from tallystick import logs, stores
>>> from tallystick.liabilities import Ed25519Signer
>>> store = stores.MemoryStore()
>>> signer = Ed25519Signer.generate("log.example/audit")
>>> log = logs.Log.create(store, signer=signer)
>>> log.extend([b"alice read file 7", b"bob deleted file 7"])
range(0, 2)

and what a reader does, who knows the key:

>>> reader = logs.LogReader.open(store, verifier=signer.verifier)
>>> reader.entries(1)
[b'bob deleted file 7']
>>> reader.head.verify_inclusion(1, b"bob deleted file 7", reader.prove(1))
>>> print(reader.note.splitlines()[0])
log.example/audit
"""

from tallystick.logs._async import AsyncLog, AsyncLogReader
from tallystick.logs._sync import Log, LogReader

__all__ = ["AsyncLog", "AsyncLogReader", "Log", "LogReader"]
