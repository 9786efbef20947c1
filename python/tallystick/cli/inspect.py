"""``tallystick inspect``: what a file is, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import tallystick as ts
from tallystick import _checks
from tallystick.cli import directory as layout
from tallystick.cli.context import MAGIC, TableContext
from tallystick.cli.failures import BadData
from tallystick.cli.filekind import MAX_BYTES, is_note, read_small, refuse_special
from tallystick.cli.keyindex import DTYPE, map_array
from tallystick.cli.output import emit, json_option
from tallystick.cli.prooffile import ProofFile
from tallystick.errors import DecodeError
from tallystick.liabilities import Equivocation, Receipt, Statement

# The kinds of file in one piece that may be large.
LARGE = {b"tlyb", b"tlym", b"tlyB", b"tlyM", b"tlyy", b"tlyp", b"tlyt"}
Fields = dict[str, Any]
_Proof = ts.InclusionProof | ts.MultiProof | ts.ConsistencyProof | ts.SumInclusionProof | ts.SumMultiProof
# What a tree file has before its scheme, whose length ends it (docs/spec/tree-file.md).
BEFORE_SCHEME = 36


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Of a tree file, read and check every page now.")
@json_option
def command(file: Path, check: bool, as_json: bool) -> None:
    """Say what FILE is and print its fields.

    It may be a scheme, head, proof, batch or shard, of sums and of keys too, a statement, receipt or
    equivocation in binary or JSON, a statement's note, a tree file, a proof file, or the directory of a
    commitment. Nothing is verified.
    """
    fields = inspect(file, check=check)
    width = max(map(len, fields))
    emit(as_json, fields, [f"{name:<{width}}  {_shown(value)}" for name, value in fields.items()])


def inspect(path: Path, *, check: bool = False) -> Fields:
    """Return what the file at ``path`` is (``what``) and its fields as JSON; ``BadData`` if unknown."""
    if path.is_dir():
        _refuse_checked(path)
        return _directory(path, check)
    refuse_special(path)
    with path.open("rb") as file:
        begin = file.read(300)
    if begin[:4] == b"tlyf":
        return _tree_file(path, check)
    if check:
        raise click.UsageError(f"{path} is no tree file, and --check is for tree files")
    try:
        if begin[:6] == b"\x93NUMPY":
            return _array(path)
        if begin[:4] in _MAGICS:
            return _binary(path, begin[:4])
        if begin.lstrip()[:1] == b"{":
            return _json(path)
        if is_note(begin):
            return {"what": "note", **_note(Statement.from_note(read_small(path)))}
    except DecodeError as error:
        raise DecodeError(f"{path}: {error}") from None
    _refuse_checked(path)
    raise BadData(f"{path}: not a file of tallystick", file=str(path))


def _refuse_checked(path: Path) -> None:
    """Raise ``BadData`` for a store and a saved sparse tree, of which fsck says what is in them."""
    kind = _checks.kind_of(path)
    if kind is not None:
        raise BadData(f"{path}: {kind}: `tallystick fsck` says what is in it", file=str(path))


def _scheme(scheme: ts.Scheme) -> Fields:
    fields: Fields = {"scheme": scheme.name}
    context = {"context": scheme.context.hex() or None}
    if not scheme.context.startswith(MAGIC):
        return fields | context
    try:
        table = TableContext.from_bytes(scheme.context)
    except DecodeError as error:
        return fields | context | {"table": f"refused: {error}"}
    columns = {column.name: column.type for column in table.columns}
    return fields | {"salted": table.salted, "columns": columns}


def _head(head: ts.TreeHead) -> Fields:
    return {"size": str(head.size), "root": head.root.hex(), **_scheme(head.scheme)}


def _sum_head(head: ts.SumHead) -> Fields:
    fields: Fields = {"size": str(head.size), "total": str(head.total), "root": head.root.hex()}
    return fields | _scheme(head.scheme)


def _namespaced_head(head: ts.NamespacedHead) -> Fields:
    low, high = head.range
    fields: Fields = {"size": str(head.size), "from": low.hex(), "to": high.hex(), "root": head.root.hex()}
    return fields | _scheme(head.scheme)


def _namespaced_proof(proof: ts.NamespacedInclusionProof) -> Fields:
    return {
        "nodes": len(proof),
        "namespaces": f"{proof.namespace_size} bytes",
        "bytes": len(proof.to_bytes()),
    }


def _placed_proof(proof: ts.NamespaceProof | ts.AbsenceProof) -> Fields:
    fields: Fields = {"start": str(proof.start), "nodes": len(proof)}
    return fields | {"namespaces": f"{proof.namespace_size} bytes", "bytes": len(proof.to_bytes())}


def _patricia_head(head: ts.PatriciaHead) -> Fields:
    return {"root": head.root.hex(), "hashed keys": head.secure}


def _patricia_proof(proof: ts.PatriciaProof) -> Fields:
    return {"nodes": len(proof), "bytes": len(proof.to_bytes())}


def _sparse_head(head: ts.SparseHead) -> Fields:
    return {"size": str(head.size), "root": head.root.hex(), **_scheme(head.scheme)}


def _sparse_proof(proof: ts.SparseProof) -> Fields:
    witness = {"witness": proof.witness[0].hex()} if proof.witness else {}
    fields: Fields = {"end": proof.end, "depth": proof.depth, **witness}
    return fields | {"digests": len(proof), "bytes": len(proof.to_bytes())}


def _sparse_multi(proof: ts.SparseMultiProof) -> Fields:
    fields: Fields = {"shape": f"{len(proof.shape)} bytes", "witnesses": len(proof.witnesses)}
    return fields | {"digests": len(proof), "bytes": len(proof.to_bytes())}


def _shard(shard: ts.Shard | ts.SumShard) -> Fields:
    fields: Fields = {"begin": str(shard.begin), "end": str(shard.end), "bytes": len(shard.to_bytes())}
    return fields | _scheme(shard.scheme)


def _sum_shard(shard: ts.SumShard) -> Fields:
    return {"total": str(shard.total), **_shard(shard)}


def _proof(proof: _Proof) -> Fields:
    return {"digests": len(proof.digests), "bytes": len(proof.to_bytes())}


def _sum_proof(proof: ts.SumInclusionProof) -> Fields:
    return _proof(proof) | {"sums": [str(one) for one in proof.sums], **_others(proof)}


def _sum_multi(proof: ts.SumMultiProof) -> Fields:
    return _proof(proof) | _others(proof)


def _others(proof: ts.SumInclusionProof | ts.SumMultiProof) -> Fields:
    """Return what all leaves hold that the proof is not of: together with the amounts it is of, the total."""
    return {"others": str(sum(proof.sums))}


def _batch(batch: ts.ProofBatch | ts.SumProofBatch) -> Fields:
    return {"proofs": str(len(batch.offsets) - 1), "digests": str(len(batch.digests))}


def _statement(statement: Statement) -> Fields:
    return {
        "origin": statement.origin,
        "sequence": str(statement.sequence),
        "snapshot": statement.snapshot_id,
        "time": str(statement.time),
        "digest": statement.digest.hex(),
        "previous": statement.previous.hex(),
        "scheme": statement.scheme.name,
        "totals": {_tree(*name): str(head.total) for name, head in statement.groups.items()},
    }


def _note(statement: Statement) -> Fields:
    return _statement(statement) | {"signatures": [line.name for line in statement.signatures]}


def _receipt(receipt: Receipt) -> Fields:
    return {
        "statement": receipt.statement.hex(),
        "bytes": str(len(receipt.to_bytes())),
        "claims": {
            _tree(asset.code, asset.group): str(sum(part.amount for part in asset.parts))
            for asset in receipt.assets
        },
    }


def _equivocation(record: Equivocation) -> Fields:
    first, second = record.statements
    return {"first": first.digest.hex(), "second": second.digest.hex(), "origin": first.origin}


def _tree(code: str, group: str) -> str:
    return f"{code} {group}" if group else code


def _directory(path: Path, check: bool) -> Fields:
    opened = layout.Commitment.open(path)
    if check:
        ts.MerkleTree.open(path / layout.TREE, check=True)
    manifest = opened.manifest
    return {
        "what": "commitment",
        "table": manifest.table,
        "key_column": manifest.key_column,
        **_head(opened.head),
        "files": {
            file.name: str(file.stat().st_size)
            for file in sorted(path.iterdir())
            if file.name in layout.FILES
        },
        "checked": check,
    }


def _tree_file(path: Path, check: bool) -> Fields:
    try:
        if _holds_sums(path):
            what, head = "sum tree file", _sum_head(ts.SumTree.open(path, check=check).head)
        else:
            what, head = "tree file", _head(ts.MerkleTree.open(path, check=check).head)
    except DecodeError:
        raise
    except ValueError as error:  # a shard file, which is no tree alone
        raise BadData(str(error), file=str(path)) from None
    return {"what": what, **head, "bytes": str(path.stat().st_size), "checked": check}


def _holds_sums(path: Path) -> bool:
    """Say which class is to open a tree file. What is wrong with the file, that class finds."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(BEFORE_SCHEME)[-4:], "little")
        scheme = file.read(min(length, MAX_BYTES))
    try:
        return ts.Scheme.from_bytes(scheme).kind == "sum"
    except DecodeError:
        return False


def _array(path: Path) -> Fields:
    array = map_array(path)
    if array.dtype == DTYPE and array.ndim == 1:
        return {"what": "key index", "keys": str(len(array))}
    if array.dtype == "u1" and array.ndim == 2 and array.shape[1] == 16:
        return {"what": "salts", "salts": str(len(array))}
    raise DecodeError("a .npy file, but neither a key index nor salts")


def _json(path: Path) -> Fields:
    if path.name == layout.MANIFEST:
        manifest = layout.Manifest.read(path.parent)
        return {
            "what": "manifest",
            "table": manifest.table,
            "rows": str(manifest.rows),
            "key_column": manifest.key_column,
            "salted": manifest.salted,
            "hash": manifest.hash,
            "root": manifest.root,
        }
    own = _object_json(read_small(path).decode(errors="replace").removesuffix("\n"))
    if own is not None:
        return own
    proof = ProofFile.read(path)
    salt = None if proof.salt is None else proof.salt.hex()
    return {"what": "proof file", "index": str(proof.index), "salt": salt, **_proof(proof.proof)}


def _binary(path: Path, magic: bytes) -> Fields:
    _, what, kind, fields = _OBJECTS[_MAGICS[magic]]
    data = path.read_bytes() if magic in LARGE else read_small(path)
    return {"what": what, **fields(kind.from_bytes(data))}


def _object_json(text: str) -> Fields | None:
    """Return the fields of the library's own JSON; None if it does not begin like it."""
    name = text.removeprefix('{"format":"tallystick-').partition('"')[0]
    if name not in _OBJECTS:
        return None
    _, what, kind, fields = _OBJECTS[name]
    return {"what": what, **fields(kind.from_json(text))}


# By the name in JSON: the first bytes of the binary form, what it is, its class, its fields.
_OBJECTS: dict[str, tuple[bytes, str, Any, Callable[[Any], Fields]]] = {
    "scheme": (b"tlys", "scheme", ts.Scheme, _scheme),
    "head": (b"tlyh", "head", ts.TreeHead, _head),
    "inclusion-proof": (b"tlyi", "inclusion proof", ts.InclusionProof, _proof),
    "multi-proof": (b"tlym", "multi-proof", ts.MultiProof, _proof),
    "consistency-proof": (b"tlyc", "consistency proof", ts.ConsistencyProof, _proof),
    "proof-batch": (b"tlyb", "proof batch", ts.ProofBatch, _batch),
    "shard": (b"tlyr", "shard", ts.Shard, _shard),
    "sum-head": (b"tlyH", "sum head", ts.SumHead, _sum_head),
    "sum-inclusion-proof": (b"tlyI", "sum inclusion proof", ts.SumInclusionProof, _sum_proof),
    "sum-multi-proof": (b"tlyM", "sum multi-proof", ts.SumMultiProof, _sum_multi),
    "sum-proof-batch": (b"tlyB", "sum proof batch", ts.SumProofBatch, _batch),
    "sum-shard": (b"tlyR", "sum shard", ts.SumShard, _sum_shard),
    "namespaced-head": (b"tlyN", "namespaced head", ts.NamespacedHead, _namespaced_head),
    "namespaced-inclusion-proof": (
        b"tlyn",
        "namespaced inclusion proof",
        ts.NamespacedInclusionProof,
        _namespaced_proof,
    ),
    "namespace-proof": (b"tlyw", "namespace proof", ts.NamespaceProof, _placed_proof),
    "absence-proof": (b"tlya", "absence proof", ts.AbsenceProof, _placed_proof),
    "patricia-head": (b"tlyP", "Patricia head", ts.PatriciaHead, _patricia_head),
    "patricia-proof": (b"tlyE", "Patricia proof", ts.PatriciaProof, _patricia_proof),
    "sparse-head": (b"tlyk", "sparse head", ts.SparseHead, _sparse_head),
    "sparse-proof": (b"tlyx", "sparse proof", ts.SparseProof, _sparse_proof),
    "sparse-multi-proof": (b"tlyy", "sparse multi-proof", ts.SparseMultiProof, _sparse_multi),
    "statement": (b"tlyt", "statement", Statement, _statement),
    "receipt": (b"tlyp", "receipt", Receipt, _receipt),
    "equivocation": (b"tlye", "equivocation", Equivocation, _equivocation),
}
_MAGICS = {magic: name for name, (magic, *_) in _OBJECTS.items()}


def _shown(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{name!r}: {_entry(entry)}" for name, entry in value.items())
        case list():
            return ", ".join(map(_entry, value)) or "none"
    text = str(value)
    return text if text.isprintable() else repr(text)


def _entry(text: str) -> str:
    """Return ``text``, in quotes if it could pass for more than one entry."""
    return text if text.isprintable() and not set(text) & set("',\"") else repr(text)
