"""The head of a log as the signed note that stands in its store.

For RFC 6962 with SHA-256 it is a C2SP checkpoint. That text names no hash, so a log of another scheme has a
note of three other lines: its origin, ``tallystick/v1/log-head`` and the head's bytes in base64. Its second
line is no number, so neither is ever read as the other.

A writer that has claimed the right to publish the next entries says so by one more line among the signatures,
of a key that nobody has: readers pass over it, as over all keys that they do not know.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from tallystick import schemes
from tallystick.errors import DecodeError, InvalidProof, InvalidSignature, Reason
from tallystick.liabilities.signing import Signer, Verifier
from tallystick.proofs import TreeHead
from tallystick.tlog import Checkpoint, Signature

_MAGIC = "tallystick/v1/log-head"
_CLAIM_MAGIC = "tallystick/v1/log-claim"
CLAIM = "tallystick.log/claim"
_NO_KEY = bytes(4)
_MOST = 64 << 10


@dataclass(frozen=True, slots=True)
class Note:
    """A head with its origin, the bytes that are signed, and signature lines."""

    origin: str
    head: TreeHead
    body: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def claim(self) -> bytes | None:
        """The digest by which the next entries are found, if a writer has claimed to publish some."""
        found = [line.signature for line in self.signatures if (line.name, line.key_id) == (CLAIM, _NO_KEY)]
        return found[0] if found else None

    def with_claim(self, digest: bytes) -> Note:
        """Return the note with a claim."""
        line = Signature(CLAIM, _NO_KEY, digest)
        return Note(self.origin, self.head, self.body, (*self.signatures, line))

    def to_text(self) -> str:
        """Return the text: body, an empty line, signature lines."""
        return self.body.decode() + "\n" + "".join(f"{line.to_line()}\n" for line in self.signatures)

    def to_bytes(self) -> bytes:
        """Return the text as it stands in a store."""
        return self.to_text().encode()


def claimed_body(note: Note, digest: bytes) -> bytes:
    """Return what the claim to the entries behind ``digest`` signs: they follow exactly this head."""
    lines = (note.origin, _CLAIM_MAGIC, _base64(note.head.to_bytes()), _base64(digest))
    return "".join(f"{line}\n" for line in lines).encode()


def signed(origin: str, head: TreeHead, signer: Signer) -> Note:
    """Return the note of ``head``, signed."""
    if head.scheme == schemes.RFC6962:
        body = Checkpoint(origin, head).body
    else:
        body = f"{origin}\n{_MAGIC}\n{_base64(head.to_bytes())}\n".encode()
    return Note(origin, head, body, (Signature(signer.name, signer.key_id, signer.sign(body)),))


def read(data: bytes) -> Note:
    """Read a note; ``DecodeError`` for anything else. Signatures are not checked."""
    if len(data) > _MOST:
        raise DecodeError(f"a head of {len(data)} bytes; one has at most {_MOST}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"the store's head is not that of a log: it is not UTF-8: {error}") from None
    body, gap, lines = text.partition("\n\n")
    if body.split("\n", 2)[1:2] != [_MAGIC]:
        checkpoint = Checkpoint.from_text(text)
        return Note(checkpoint.origin, checkpoint.head, checkpoint.body, checkpoint.signatures)
    origin, _, *rest = body.split("\n")
    if not gap or not lines.endswith("\n") or len(rest) != 1:
        raise DecodeError("a log's head is three lines, an empty line, and signatures")
    # The checkpoint's own rules for origins and lines of signatures.
    empty = TreeHead(schemes.RFC6962, 0, bytes(32))
    signatures = tuple(Signature.from_line(line) for line in lines.split("\n")[:-1])
    try:
        Checkpoint(origin, empty, (), signatures)
        head = TreeHead.from_bytes(base64.b64decode(rest[0], validate=True))
    except DecodeError:
        raise
    except (binascii.Error, ValueError) as error:
        raise DecodeError(f"not the head of a log: {error}") from None
    if _base64(head.to_bytes()) != rest[0] or head.scheme == schemes.RFC6962:
        raise DecodeError("the log's head is not in its one form")
    return Note(origin, head, f"{body}\n".encode(), signatures)


def verify(note: Note, origin: str, verifier: Verifier) -> None:
    """Raise ``InvalidProof`` unless the note is of ``origin`` and signed by the key of ``verifier``."""
    if note.origin != origin:
        raise InvalidProof(f"the head is of the log {note.origin!r}, not of {origin!r}", Reason.OTHER_ORIGIN)
    key = (verifier.name, verifier.key_id)
    own = [line.signature for line in note.signatures if (line.name, line.key_id) == key]
    if not own:
        raise InvalidSignature(f"no signature of the head is of the key {verifier.name!r}", Reason.UNSIGNED)
    for signature in own:
        check_signature(verifier, note.body, signature)


def check_signature(verifier: Verifier, data: bytes, signature: bytes) -> None:
    """Let ``verifier`` check; a verdict that it returns in place of raising is misuse."""
    verdict: object = verifier.verify(data, signature)  # type: ignore[func-returns-value]
    if verdict is not None:
        raise TypeError(f"a verifier raises or returns nothing; {type(verifier).__name__} returned something")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
