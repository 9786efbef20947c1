"""The proof file: strict JSON that carries an index, a salt and one inclusion proof, and not the row."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tallystick as ts
from tallystick.cli.context import SALT_SIZE
from tallystick.cli.filekind import other_than, read_small
from tallystick.errors import DecodeError

FORMAT = "tallystick-proof"
VERSION = 1
MAX_BYTES = 65_536
_INDEX = re.compile(r"0|[1-9][0-9]{0,19}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


@dataclass(frozen=True, slots=True)
class ProofFile:
    """What a proof file says. The row it is for is not in it: whoever verifies states the row."""

    index: int
    salt: bytes | None
    proof: ts.InclusionProof

    def to_json(self) -> str:
        """Return the file's text, one line."""
        return (
            json.dumps(
                {
                    "format": FORMAT,
                    "version": VERSION,
                    "index": str(self.index),
                    "salt": None if self.salt is None else self.salt.hex(),
                    "proof": self.proof.to_bytes().hex(),
                }
            )
            + "\n"
        )

    @classmethod
    def from_json(cls, data: bytes) -> ProofFile:
        """Decode a proof file; ``DecodeError`` for anything but exactly its five members."""
        if len(data) > MAX_BYTES:
            raise DecodeError(f"a proof file has at most {MAX_BYTES} bytes, this has more")
        try:
            members = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
        except DecodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"not a proof file: not JSON: {error}") from None
        if not isinstance(members, dict) or members.keys() != {"format", "version", "index", "salt", "proof"}:
            raise DecodeError("the proof file must be an object of format, version, index, salt and proof")
        if members["format"] != FORMAT or not _is_version(members["version"]):
            raise DecodeError(f"the proof file must say format {FORMAT!r} and version {VERSION}")
        salt = None if members["salt"] is None else _hex(members, "salt")
        if salt is not None and len(salt) != SALT_SIZE:
            raise DecodeError(f"the salt has {len(salt)} bytes instead of {SALT_SIZE}")
        return cls(_index(members), salt, ts.InclusionProof.from_bytes(_hex(members, "proof")))

    @classmethod
    def read(cls, path: Path) -> ProofFile:
        """Read and decode the file at ``path``; never more than a proof file can have."""
        kind = other_than(path, "a proof file")
        if kind is not None:
            raise DecodeError(f"{path}: not a proof file: this is {kind}")
        try:
            return cls.from_json(read_small(path))
        except DecodeError as error:
            raise DecodeError(f"{path}: {error}") from None


def _is_version(value: Any) -> bool:
    return type(value) is int and value == VERSION


def _index(members: dict[str, Any]) -> int:
    text = members["index"]
    if not isinstance(text, str) or not _INDEX.fullmatch(text) or int(text) >= 2**64:
        raise DecodeError("the index must be text: decimal digits below 2^64 without leading zero")
    return int(text)


def _hex(members: dict[str, Any], name: str) -> bytes:
    text = members[name]
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise DecodeError(f"{name} must be text: an even number of lower-case hex digits")
    return bytes.fromhex(text)


def _unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) < len(items):
        raise DecodeError("the proof file states a member twice")
    return found


def _no_constant(name: str) -> Any:
    raise DecodeError(f"{name} is not JSON")
