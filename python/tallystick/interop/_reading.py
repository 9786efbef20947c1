"""Strict reading of what foreign formats share: JSON, hex, claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from operator import index as _index
from typing import Any, NoReturn, SupportsIndex

import numpy as np

from tallystick.errors import DecodeError, InvalidProof, Reason, RootMismatch
from tallystick.proofs import InclusionProof, TreeHead

# What a reader takes in must have some end.
_MOST_CHARACTERS = 1 << 30
MOST_DIGESTS = 1 << 20
MOST_VALUES = 1 << 26
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)


def malformed(what: str) -> NoReturn:
    raise DecodeError(what)


def refuse(reason: Reason, what: str) -> NoReturn:
    raise InvalidProof(what, reason)


def parsed(document: object, what: str) -> Any:
    """Parse a JSON text; anything but text is taken as parsed already. Every key once, no fractions."""
    if not isinstance(document, str):
        return document
    if len(document) > _MOST_CHARACTERS:
        malformed(f"{what} has {len(document)} characters: at most {_MOST_CHARACTERS} are read")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) != len(pairs):
            malformed(f"{what}: a key is there twice")
        return found

    def no_number(number: str) -> NoReturn:
        malformed(f"{what}: {number[:40]} is not an integer")

    def integer(number: str) -> int:
        # JavaScript keeps integers up to here; larger ones would be others there.
        if len(number) > 17 or abs(int(number)) >= 2**53 or number == "-0":
            malformed(f"{what}: {number[:40]} is not an integer below 2**53; larger ones are text")
        return int(number)

    try:
        return json.loads(
            document,
            object_pairs_hook=once,
            parse_float=no_number,
            parse_constant=no_number,
            parse_int=integer,
        )
    except DecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"{what} is not JSON: {error}") from None


def fields(found: object, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """Read an object with these keys and no others."""
    if not isinstance(found, dict):
        malformed(f"{what} is not an object")
    for key in required:
        if key not in found:
            malformed(f"{what} has no {key!r}")
    if unknown := set(found) - set(required) - set(optional):
        malformed(f"{what} has {str(min(map(str, unknown)))[:40]!r}, which this format does not have")
    return found


def items(found: object, what: str, most: int = MOST_DIGESTS) -> list[Any]:
    """Read an array."""
    if not isinstance(found, (list, tuple)):
        malformed(f"{what} is not an array")
    if len(found) > most:
        malformed(f"{what} has {len(found)} items: at most {most} are read")
    return list(found)


def unhex(found: object, what: str, size: int | None = None) -> bytes:
    """Read ``0x`` and hex digits, of ``size`` bytes."""
    if not isinstance(found, str) or _HEX.fullmatch(found) is None:
        malformed(f"{what} is not 0x and pairs of hex digits")
    if size is not None and len(found) != 2 + 2 * size:
        malformed(f"{what} has {len(found) // 2 - 1} bytes, not {size}")
    return bytes.fromhex(found[2:])


def digest(found: object, what: str, size: int) -> bytes:
    """Read a digest: bytes, or ``0x`` and hex digits."""
    if isinstance(found, str):
        return unhex(found, what, size)
    try:
        data = raw(found, what)
    except TypeError:
        malformed(f"{what} is neither bytes nor 0x and hex digits")
    if len(data) != size:
        malformed(f"{what} has {len(data)} bytes, not {size}")
    return data


def raw(value: object, what: str) -> bytes:
    """Return the bytes of a buffer that a caller gave."""
    try:
        return bytes(memoryview(value))  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{what} must be bytes or another buffer, not {type(value).__name__}") from None


def leaf(value: object, head: TreeHead) -> bytes:
    """Return a leaf that a caller gave and that is a digest."""
    found = raw(value, "leaf")
    if len(found) != len(head.root):
        raise ValueError(f"a leaf has {len(head.root)} bytes, not {len(found)}")
    return found


def digests(found: object, what: str, size: int, most: int = MOST_DIGESTS) -> list[bytes]:
    """Read an array of digests."""
    return [digest(item, f"{what}[{place}]", size) for place, item in enumerate(items(found, what, most))]


def integer(found: object, what: str) -> int:
    """Read an integer that is not negative."""
    if type(found) is not int or found < 0:
        malformed(f"{what} is not an integer of at least 0")
    return found


def tohex(data: bytes | np.ndarray) -> str:
    return "0x" + bytes(data).hex()


def plain(value: Any) -> Any:
    """Return a value as JSON has it, so that JavaScript reads the same."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return tohex(bytes(value))
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value


def rows(proof: InclusionProof, head: TreeHead) -> list[bytes]:
    """Return the digests of a proof that is for this head's scheme."""
    if not isinstance(proof, InclusionProof):
        raise TypeError(f"proof must be an InclusionProof, not {type(proof).__name__}")
    size = head.scheme.hash.digest_size
    if proof.digest_size != size:
        raise ValueError(f"the proof has digests of {proof.digest_size} bytes, {head.scheme.name} of {size}")
    return [row.tobytes() for row in proof.digests]


def check_head(head: object, *families: str) -> TreeHead:
    """Return the head, if it is of a scheme of one of these families."""
    if not isinstance(head, TreeHead):
        raise TypeError(f"head must be a TreeHead, not {type(head).__name__}")
    if family(head) not in families:
        raise ValueError(f"head must be of {' or '.join(families)}, not of {head.scheme.name}")
    return head


def family(head: TreeHead) -> str:
    """Return the family of the head's scheme, or the name of a scheme of one's own."""
    return head.scheme.name.partition("/")[0].partition("(")[0]


def parameters(head: TreeHead) -> list[str]:
    """Return the parameters in the name of the head's scheme."""
    return head.scheme.name.partition("/")[0].partition("(")[2].rstrip(")").split(",")


def index(value: SupportsIndex) -> int:
    """Return an index that a caller gave."""
    if isinstance(value, bool):
        raise TypeError("an index is an int, not bool")
    return _index(value)


def check_index(value: SupportsIndex, head: TreeHead) -> int:
    """Return the index, if the tree has it."""
    found = index(value)
    if not 0 <= found < head.size:
        raise IndexError(f"there is no leaf {found} in a tree of {head.size}")
    return found


def check_root(stated: object, head: TreeHead) -> None:
    """Refuse another root than the head's: what a document says about itself proves nothing."""
    found = digest(stated, "root", len(head.root))
    if found != head.root:
        raise RootMismatch("the document states another root than the head's", head.root, found)


def check_count(digests: int, needed: int) -> None:
    if digests != needed:
        raise ValueError(f"the proof has {digests} digests, this place has {needed}")
