"""Texts of transparency logs: C2SP ``tlog-checkpoint`` and ``tlog-proof``, for RFC 6962 with SHA-256.

Reading and writing only: a checkpoint that was read is a *claim* about a head until its signatures are
checked, by whatever keys you trust. Sources: the C2SP specifications ``tlog-checkpoint``, ``tlog-proof`` and
``signed-note``.

>>> import tallystick as ts
>>> from tallystick.tlog import Checkpoint, LogProof
>>> tree = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.RFC6962)
>>> checkpoint = Checkpoint("example.com/log", tree.head)
>>> text = LogProof(0, tree.prove(0), checkpoint).to_text()
>>> read = LogProof.from_text(text)
>>> read.checkpoint.head.verify_inclusion(read.index, b"a", read.proof)
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tallystick import schemes
from tallystick.errors import DecodeError
from tallystick.proofs import InclusionProof, TreeHead

__all__ = ["Checkpoint", "LogProof", "Signature"]

_PROOF_MAGIC = "c2sp.org/tlog-proof@v1"
_DIGEST = 32
_LARGEST = 2**64 - 1
_MOST_DIGESTS = 64
# As other readers of signed notes have it; what a reader takes in must have some end.
_MOST_CHARACTERS = 1_000_000
_MOST_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note, unchecked.

    ``name`` is the key's name, ``key_id`` its 4 bytes, ``signature`` what follows them.

    Raises ``TypeError`` for other types, ``ValueError`` for a name that is empty or has a space, a plus or a
    control character, for a key id of other than 4 bytes, and for an empty signature.

    >>> from tallystick.tlog import Signature
    >>> Signature("example.com/log", bytes(4), b"...").to_line()
    '\u2014 example.com/log AAAAAC4uLg=='
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _make_plain(self)
        _check_line(self.name, "a key's name")
        if re.search(r"[\s+]", self.name):
            raise ValueError(f"a key's name has no space and no plus: {self.name[:80]!r}")
        _check_type(self.key_id, bytes, "a key id")
        _check_type(self.signature, bytes, "a signature")
        if len(self.key_id) != 4:
            raise ValueError(f"a key id has 4 bytes, not {len(self.key_id)}")
        if not self.signature:
            raise ValueError("a signature behind the 4 bytes of the key id has at least one byte")

    def to_line(self) -> str:
        r"""Return the line, without its newline.

        >>> from tallystick.tlog import Signature
        >>> Signature("k", bytes(4), b"\x01").to_line()
        '— k AAAAAAE='
        """
        return f"— {self.name} {_base64(self.key_id + self.signature)}"

    @classmethod
    def from_line(cls, line: str) -> Signature:
        r"""Read :meth:`to_line`; ``DecodeError`` for anything else, also for a line with its newline.

        >>> from tallystick.tlog import Signature
        >>> Signature.from_line("\u2014 k AAAAAAE=")
        Signature(name='k', key_id=b'\x00\x00\x00\x00', signature=b'\x01')
        """
        _check_type(line, str, "a signature line")
        if line.endswith(("\n", "\r")):
            raise DecodeError("a signature line is read without the newline at its end")
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise DecodeError(f"not a signature line: {line[:80]!r}")
        blob = _from_base64(parts[2], "a signature")
        try:
            return cls(parts[1], blob[:4], blob[4:])
        except ValueError as error:
            raise DecodeError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head as a signed note: origin, size, root, extension lines, signatures.

    ``head`` is of the scheme RFC 6962 with SHA-256. Signatures are carried, not checked: ``body`` is what
    they sign. To sign, make a checkpoint without signatures, sign its ``body``, and put the signature in by
    ``dataclasses.replace``. ``extensions`` and ``signatures`` are tuples, because a checkpoint is a value.

    Raises ``TypeError`` for other types, ``ValueError`` for an origin or extension that is no line of text,
    a head of another scheme, more than 100 signatures or a text of more than 1,000,000 characters.

    >>> import tallystick as ts
    >>> from tallystick.tlog import Checkpoint
    >>> print(Checkpoint("example.com/log", ts.head_of([], scheme=ts.schemes.RFC6962)).to_text(), end="")
    example.com/log
    0
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    <BLANKLINE>
    """

    origin: str
    head: TreeHead
    extensions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        _make_plain(self)
        _check_line(self.origin, "the origin")
        _check_type(self.head, TreeHead, "the head")
        if self.head.scheme != schemes.RFC6962:
            raise ValueError(f"a checkpoint is of {schemes.RFC6962.name}, not of {self.head.scheme.name}")
        _check_tuple(self.extensions, "extensions")
        for place, extension in enumerate(self.extensions):
            _check_line(extension, f"extensions[{place}]")
        _check_tuple(self.signatures, "signatures")
        for place, signature in enumerate(self.signatures):
            _check_type(signature, Signature, f"signatures[{place}]", "; Signature.from_line reads a line")
        if len(self.signatures) > _MOST_SIGNATURES:
            raise ValueError(f"{len(self.signatures)} signatures; a note has at most {_MOST_SIGNATURES}")
        _check_length(self.to_text(), ValueError)

    @property
    def body(self) -> bytes:
        """The bytes that signatures are over."""
        lines = (self.origin, str(self.head.size), _base64(self.head.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()

    def to_text(self) -> str:
        """Return the note: the body, an empty line, the signature lines.

        >>> import tallystick as ts
        >>> from tallystick.tlog import Checkpoint
        >>> checkpoint = Checkpoint("example.com/log", ts.head_of([b"a"], scheme=ts.schemes.RFC6962))
        >>> Checkpoint.from_text(checkpoint.to_text()) == checkpoint
        True
        """
        return self.body.decode() + "\n" + "".join(f"{line.to_line()}\n" for line in self.signatures)

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        r"""Read :meth:`to_text`; ``DecodeError`` for anything else. Signatures are not checked.

        Lines end in a newline alone, the last too. Keep the text in files as UTF-8 bytes: text mode may
        change the ends of lines.

        >>> from tallystick.tlog import Checkpoint
        >>> text = "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
        >>> Checkpoint.from_text(text).head.size
        0
        """
        _check_text(text)
        # The last empty line ends the body; extension lines are never empty, so it is also the first.
        body, gap, signatures = text.partition("\n\n")
        if signatures.count("\n") > _MOST_SIGNATURES:
            raise DecodeError(f"a note has at most {_MOST_SIGNATURES} signatures")
        lines = body.split("\n")
        if not gap or len(lines) < 3:
            raise DecodeError("a checkpoint is three lines or more, an empty line, and signatures")
        size = _from_decimal(lines[1], "the size")
        root = _from_base64(lines[2], "the root")
        if len(root) != _DIGEST:
            raise DecodeError(f"the root has {len(root)} bytes, not {_DIGEST}")
        try:
            return cls(
                lines[0],
                TreeHead(schemes.RFC6962, size, root),
                tuple(lines[3:]),
                tuple(Signature.from_line(line) for line in signatures.split("\n")[:-1]),
            )
        except DecodeError:
            raise
        except ValueError as error:
            raise DecodeError(str(error)) from None


@dataclass(frozen=True, slots=True)
class LogProof:
    """An inclusion proof with its index and the checkpoint it is for, as one text.

    ``extra`` is opaque bytes that nothing authenticates. To verify: check the checkpoint's origin and
    signatures, then ``checkpoint.head.verify_inclusion(index, leaf, proof)`` with the leaf that you know. The
    head is only as good as the signatures. Raises ``TypeError`` for other types, ``ValueError`` for an
    index below 0 or above 64 bits, for digests of other than 32 bytes or more than 64 of them, and for
    empty ``extra``, and a text of more than 1,000,000 characters.

    >>> import tallystick as ts
    >>> from tallystick.tlog import Checkpoint, LogProof
    >>> tree = ts.MerkleTree([b"a"], scheme=ts.schemes.RFC6962)
    >>> proof = LogProof(0, tree.prove(0), Checkpoint("example.com/log", tree.head), extra=b"note")
    >>> LogProof.from_text(proof.to_text()) == proof
    True
    """

    index: int
    proof: InclusionProof
    checkpoint: Checkpoint
    extra: bytes | None = None

    def __post_init__(self) -> None:
        _make_plain(self)
        if isinstance(self.index, bool) or not isinstance(self.index, int):
            raise TypeError(f"an index is an int, not {type(self.index).__name__}")
        _check_type(self.proof, InclusionProof, "the proof")
        _check_type(self.checkpoint, Checkpoint, "the checkpoint")
        if self.extra is not None:
            _check_type(self.extra, bytes, "extra data")
        if len(self.proof) > _MOST_DIGESTS:
            raise ValueError(f"{len(self.proof)} digests; a proof has at most {_MOST_DIGESTS}")
        if not 0 <= self.index <= _LARGEST:
            raise ValueError(f"an index is at least 0 and below 2**64, not {self.index}")
        if self.extra == b"":
            raise ValueError("no extra data: leave it out")
        if self.proof.digest_size != _DIGEST:
            raise ValueError(f"a log proof has digests of {_DIGEST} bytes, not {self.proof.digest_size}")
        _check_length(self.to_text(), ValueError)

    def to_text(self) -> str:
        r"""Return the text; its file extension is ``.tlog-proof``.

        >>> import tallystick as ts
        >>> from tallystick.tlog import Checkpoint, LogProof
        >>> tree = ts.MerkleTree([b"a"], scheme=ts.schemes.RFC6962)
        >>> LogProof(0, tree.prove(0), Checkpoint("example.com/log", tree.head)).to_text().split("\n")[:2]
        ['c2sp.org/tlog-proof@v1', 'index 0']
        """
        extra = [] if self.extra is None else [f"extra {_base64(self.extra)}"]
        digests = [_base64(digest.tobytes()) for digest in self.proof.digests]
        lines = [_PROOF_MAGIC, *extra, f"index {self.index}", *digests, ""]
        return "".join(f"{line}\n" for line in lines) + self.checkpoint.to_text()

    @classmethod
    def from_text(cls, text: str) -> LogProof:
        r"""Read :meth:`to_text`; ``DecodeError`` for anything else.

        >>> from tallystick.tlog import LogProof
        >>> LogProof.from_text("c2sp.org/tlog-proof@v2\n")
        Traceback (most recent call last):
        tallystick.errors.DecodeError: a log proof begins with 'c2sp.org/tlog-proof@v1' and ...
        """
        _check_text(text)
        head, gap, checkpoint = text.partition("\n\n")
        # The magic, extra data, the index and the digests; what is more is left in one piece.
        lines = head.split("\n", _MOST_DIGESTS + 3)
        if not gap or lines.pop(0) != _PROOF_MAGIC:
            raise DecodeError(
                f"a log proof begins with {_PROOF_MAGIC!r} and has an empty line before its checkpoint"
            )
        if not checkpoint:
            raise DecodeError("a log proof has a checkpoint behind its empty line")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = _from_base64(lines.pop(0)[len("extra ") :], "the extra data")
            if not extra:
                raise DecodeError("no extra data: its line is left out")
        if not lines or not lines[0].startswith("index "):
            raise DecodeError("a log proof states its index")
        index = _from_decimal(lines.pop(0)[len("index ") :], "the index")
        if len(lines) > _MOST_DIGESTS:
            raise DecodeError(f"a proof has at most {_MOST_DIGESTS} digests")
        digests = [_from_base64(line, "a digest") for line in lines]
        if any(len(digest) != _DIGEST for digest in digests):
            raise DecodeError(f"a digest has {_DIGEST} bytes")
        return cls(index, InclusionProof(digests), Checkpoint.from_text(checkpoint), extra)


def _check_text(text: str) -> None:
    _check_type(text, str, "a text")
    _check_length(text, DecodeError)
    # Most often a program on the way changed the ends of lines, so that is said before anything else.
    if "\r" in text:
        end = "CRLF" if "\r\n" in text else "a carriage return"
        raise DecodeError(f"the text has lines that end in {end}; they end in a newline alone")
    if not text.endswith("\n"):
        raise DecodeError("the text does not end in a newline; every line does, the last too")


def _make_plain(value: Signature | Checkpoint | LogProof) -> None:
    """Put plain values in the place of instances of subclasses, which may say what they are not."""
    for field in dataclasses.fields(value):
        own = getattr(value, field.name)
        for kind, plain in _PLAIN.items():
            if isinstance(own, kind) and type(own) not in (kind, bool):
                own = plain(own)
        if type(own) is tuple and any(isinstance(item, str) and type(item) is not str for item in own):
            own = tuple(str.__str__(item) if isinstance(item, str) else item for item in own)
        object.__setattr__(value, field.name, own)


_PLAIN: dict[type, Callable[[Any], object]] = {
    str: str.__str__,
    int: int.__pos__,
    bytes: lambda data: bytes.__getitem__(data, slice(None)),
    tuple: lambda items: tuple.__getitem__(items, slice(None)),
}


def _check_length(text: str, error: type[ValueError]) -> None:
    if len(text) > _MOST_CHARACTERS:
        raise error(f"a text of {len(text)} characters; one has at most {_MOST_CHARACTERS}")


def _check_type(value: object, wanted: type, what: str, if_text: str = "") -> None:
    if not isinstance(value, wanted):
        remedy = if_text if isinstance(value, str) else ""
        raise TypeError(f"{what} is of type {wanted.__name__}, not {type(value).__name__}{remedy}")


def _check_tuple(value: object, what: str) -> None:
    if not isinstance(value, tuple):
        remedy = f"; write tuple({what})" if isinstance(value, list) else ""
        raise TypeError(f"{what} is a tuple, not {type(value).__name__}{remedy}")


def _check_line(line: str, what: str) -> None:
    _check_type(line, str, what)
    if not line:
        raise ValueError(f"{what} is empty")
    if re.search(r"[\x00-\x1f\ud800-\udfff]", line):
        raise ValueError(f"{what} has a control character or is not text: {line[:80]!r}")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    # Base64 has several texts for some bytes; only the one that is written is read.
    if _base64(data) != text or (not data and text):
        raise DecodeError(f"{what} is not canonical base64: {text[:80]!r}")
    return data


def _from_decimal(text: str, what: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text, re.ASCII) or int(text) > _LARGEST:
        raise DecodeError(f"{what} is not a decimal number below 2**64: {text[:80]!r}")
    return int(text)
