"""The names of the public package, their signatures, and nothing else."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import subprocess
import sys
import types

import pytest
import tallystick as ts
import tallystick.changes
import tallystick.logs
import tallystick.research
import tallystick.tlog
from tallystick import liabilities

MODULES = (
    "tallystick",
    *(
        f"tallystick.{name}"
        for name in (
            "changes",
            "errors",
            "frames",
            "hashes",
            "hazmat",
            "liabilities",
            "logs",
            "proofs",
            "research",
            "schemes",
            "sparse",
            "trees",
        )
    ),
)
WIRE = {
    "to_bytes": "",
    "from_bytes": "data /",
    "to_json": "",
    "from_json": "text /",
    "to_protobuf": "",
    "from_protobuf": "data /",
}
ENCODED = (
    ts.Scheme,
    ts.TreeHead,
    ts.InclusionProof,
    ts.MultiProof,
    ts.ConsistencyProof,
    ts.ProofBatch,
    ts.Shard,
    ts.SumHead,
    ts.SumInclusionProof,
    ts.SumMultiProof,
    ts.SumProofBatch,
    ts.SumShard,
    ts.NamespacedHead,
    ts.NamespacedInclusionProof,
    ts.NamespaceProof,
    ts.AbsenceProof,
    ts.SparseHead,
    ts.SparseProof,
    ts.SparseMultiProof,
    ts.PatriciaHead,
    ts.PatriciaProof,
)
LIABILITIES = (liabilities.Statement, liabilities.Receipt, liabilities.Equivocation)

# Parameters by kind: "/" ends positional-only ones, "*" begins keyword-only ones, "=" marks a default.
SIGNATURES: dict[str, str] = {
    "Hash.digest": "data /",
    "Hash.digest_many": "rows /",
    "hashes.get": "name /",
    "hashes.names": "",
    "hashes.from_callable": "name fn * digest_size block_size= cryptographic= many=",
    "hashes.from_plugin": "plugin /",
    "get_include": "",
    "hashes.register": "hash /",
    "changes.differences": "old new * hash=",
    "changes.Fingerprint.differences": "other /",
    "schemes.native": "hash=",
    "schemes.native_sum": "hash=",
    "schemes.rfc6962": "hash=",
    "schemes.celestia": "hash=",
    "schemes.namespaced": "size hash=",
    "schemes.native_sparse": "hash=",
    "schemes.ics23_smt": "hash=",
    "schemes.jellyfish": "hash=",
    "schemes.nervos_smt": "hash=",
    "schemes.sparse_256": "hash=",
    "schemes.tendermint": "hash=",
    "schemes.promoted": "hash=",
    "schemes.lean_imt": "hash=",
    "schemes.bitcoin": "hash=",
    "schemes.openzeppelin_standard": "hash=",
    "schemes.openzeppelin_simple": "hash=",
    "schemes.openzeppelin_solidity": "depth zero= hash=",
    "schemes.fixed_depth": "depth * arity= zero= hash=",
    "schemes.ssz_vector": "length hash=",
    "schemes.ssz_list": "limit hash=",
    "schemes.filecoin": "arity hash=",
    "schemes.nervos_mmr": "hash=",
    "schemes.grin_mmr": "hash=",
    "schemes.commonware_bmt": "hash=",
    "schemes.dense": "name hash * leaf node root= arity= edge= pairs= twice=",
    "frames.tag": "label",
    "frames.bag": "frame * swap=",
    "frames.zeros": "depth zero= * limit= exactly=",
    "schemes.get": "name /",
    "schemes.names": "",
    "Scheme.with_context": "context",
    "Scheme.plan": "size indices",
    "Plan.proof": "digests",
    "TreeHead": "scheme size root",
    "TreeHead.verify_inclusion": "index leaf proof",
    "TreeHead.verify_many": "indices leaves proof",
    "TreeHead.verify_extends": "older proof",
    "TreeHead.verify_each": "indices leaves proofs",
    "TreeHead.check_each": "indices leaves proofs",
    "InclusionProof": "digests * digest_size=",
    "MultiProof": "digests * digest_size=",
    "MultiProof.extract": "indices leaves index head",
    "MultiProof.extract_each": "indices leaves head",
    "MultiProof.merge": "indices leaves other other_indices other_leaves head",
    "ConsistencyProof": "digests * digest_size=",
    "ProofBatch": "digests offsets * digest_size=",
    "MerkleTree": "leaves= * scheme=",
    "MerkleTree.append": "leaf /",
    "MerkleTree.extend": "leaves /",
    "MerkleTree.update": "indices leaves /",
    "MerkleTree.head_at": "size",
    "MerkleTree.prove": "index * head=",
    "MerkleTree.prove_each": "indices= * head=",
    "MerkleTree.prove_many": "indices * head=",
    "MerkleTree.prove_extends": "old_size * head=",
    "MerkleTree.proofs": "indices= * chunk= head=",
    "MerkleTree.save": "path * overwrite=",
    "MerkleTree.open": "path * check= leaves=",
    "Shard.from_leaves": "begin leaves * scheme=",
    "Shard.head": "",
    "SumHead": "scheme size root total",
    "SumHead.verify_inclusion": "index leaf amount proof",
    "SumHead.verify_many": "indices leaves amounts proof",
    "SumHead.verify_each": "indices leaves amounts proofs",
    "SumHead.check_each": "indices leaves amounts proofs",
    "SumInclusionProof": "digests sums * digest_size=",
    "SumMultiProof": "digests sums * digest_size=",
    "SumMultiProof.extract": "indices leaves amounts index head",
    "SumMultiProof.extract_each": "indices leaves amounts head",
    "SumMultiProof.merge": "indices leaves amounts other other_indices other_leaves other_amounts head",
    "SumProofBatch": "digests sums offsets * digest_size=",
    "SumTree": "leaves= amounts= * scheme=",
    "SumTree.append": "leaf amount /",
    "SumTree.extend": "leaves amounts /",
    "SumTree.update": "indices leaves amounts /",
    "SumTree.head_at": "size",
    "SumTree.prove": "index * head=",
    "SumTree.prove_each": "indices= * head=",
    "SumTree.prove_many": "indices * head=",
    "SumTree.proofs": "indices= * chunk= head=",
    "SumTree.save": "path * overwrite=",
    "SumTree.open": "path * check= leaves= amounts=",
    "SumShard.from_leaves": "begin leaves amounts * scheme=",
    "SumShard.head": "",
    "NamespacedHead": "scheme size root",
    "NamespacedHead.verify_inclusion": "index namespace leaf proof",
    "NamespacedHead.verify_namespace": "namespace leaves proof",
    "NamespacedHead.verify_absent": "namespace proof",
    "NamespacedInclusionProof": "nodes * namespace_size= digest_size=",
    "NamespaceProof": "start nodes * namespace_size= digest_size=",
    "AbsenceProof": "start nodes * namespace_size= digest_size=",
    "PatriciaHead": "root * secure=",
    "PatriciaHead.verify_present": "key value proof",
    "PatriciaHead.verify_absent": "key proof",
    "PatriciaHead.verify_many": "present absent proof",
    "PatriciaProof": "nodes",
    "PatriciaTree": "items= * secure=",
    "PatriciaTree.find": "key /",
    "PatriciaTree.update": "keys values /",
    "PatriciaTree.remove": "keys /",
    "PatriciaTree.items": "prefix=",
    "PatriciaTree.prove": "key * head=",
    "PatriciaTree.prove_many": "keys * head=",
    "NamespacedTree": "leaves= namespaces= * scheme=",
    "NamespacedTree.append": "leaf namespace /",
    "NamespacedTree.extend": "leaves namespaces /",
    "NamespacedTree.head_at": "size",
    "NamespacedTree.find": "namespace * head=",
    "NamespacedTree.prove": "index * head=",
    "NamespacedTree.prove_namespace": "namespace * head=",
    "NamespacedTree.save": "path * overwrite=",
    "NamespacedTree.open": "path * check=",
    "SparseTree": "items= * scheme= store= keep= time=",
    "SparseTree.open": "store * keep=",
    "SparseTree.update": "keys values / * prehashed= time=",
    "SparseTree.remove": "keys / * time=",
    "SparseTree.digest": "key /",
    "SparseTree.prove": "key * head=",
    "SparseTree.prove_many": "keys * head=",
    "SparseTree.at": "version /",
    "SparseTree.at_time": "time /",
    "SparseTree.items": "prefix=",
    "SparseTree.diff": "old new /",
    "SparseTree.prune": "before /",
    "SparseTree.save": "path * overwrite=",
    "SparseTree.load": "path * store= keep=",
    "SparseHead": "scheme size root",
    "SparseHead.verify_present": "key value proof * prehashed=",
    "SparseHead.verify_absent": "key proof",
    "SparseHead.verify_many": "present absent proof * prehashed=",
    "SparseProof": "end depth bitmap digests witness= * digest_size=",
    "SparseMultiProof": "shape witnesses digests * digest_size=",
    "key": "data /",
    "build_file": "path chunks * scheme= begin= lowest= overwrite=",
    "head_of": "leaves * scheme=",
    "encode_rows": "table columns= * salts=",
    "set_arena": "max_bytes",
    "set_threads": "n",
    "get_simd": "",
    "get_threads": "",
    "hazmat.tree": "digests * scheme",
    "hazmat.leaf_digests": "tree /",
    "hazmat.verify_inclusion": "head index digest proof",
    "tlog.Signature": "name key_id signature",
    "tlog.Signature.to_line": "",
    "tlog.Signature.from_line": "line",
    "tlog.Checkpoint": "origin head extensions= signatures=",
    "tlog.Checkpoint.to_text": "",
    "tlog.Checkpoint.from_text": "text",
    "tlog.LogProof": "index proof checkpoint extra=",
    "tlog.LogProof.to_text": "",
    "tlog.LogProof.from_text": "text",
    **{
        f"logs.{kind}{name}": signature
        for kind in ("Log", "AsyncLog", "LogReader", "AsyncLogReader")
        for name, signature in {
            "": "",
            ".prove": "index * head=",
            ".prove_many": "indices * head=",
            ".prove_extends": "old_size * head=",
            ".entries": "begin= end=",
        }.items()
    },
    **{
        f"logs.{kind}.{name}": signature
        for kind in ("Log", "AsyncLog")
        for name, signature in {
            "create": "store * signer origin= scheme= verifier=",
            "open": "store * signer origin= verifier= newest=",
            "append": "entry /",
            "extend": "entries /",
        }.items()
    },
    **{
        f"logs.{kind}.{name}": signature
        for kind in ("LogReader", "AsyncLogReader")
        for name, signature in {"open": "store * verifier origin= newest=", "refresh": ""}.items()
    },
    "liabilities.AssetHead": "decimals leaves holders total root",
    "liabilities.Statement": "* origin sequence snapshot_id time assets previous= scheme=",
    "liabilities.Statement.head": "code group=",
    "liabilities.Statement.verify": "receipt user_id expected=",
    "liabilities.Statement.follows": "older",
    "liabilities.Statement.sign": "signer",
    "liabilities.Statement.verify_signature": "verifier",
    "liabilities.Statement.to_note": "",
    "liabilities.Statement.from_note": "note /",
    "liabilities.ReceiptPart": "index amount salt proof",
    "liabilities.ReceiptAsset": "code group parts",
    "liabilities.Receipt": "statement assets",
    "liabilities.Equivocation": "first second",
    "liabilities.Equivocation.verify": "verifier",
    "liabilities.customer_key": "secret snapshot_id user_id",
    "liabilities.equivocation": "a b",
    "liabilities.verify_chain": "statements * verifier=",
    "liabilities.Ed25519Verifier": "name public_key",
    "liabilities.Ed25519Verifier.verify": "data signature /",
    "liabilities.Ed25519Verifier.to_text": "",
    "liabilities.Ed25519Verifier.from_text": "text",
    "liabilities.Ed25519Signer": "",
    "liabilities.Ed25519Signer.generate": "name",
    "liabilities.Ed25519Signer.from_seed": "name seed",
    "liabilities.Ed25519Signer.from_pem": "name pem * password=",
    "liabilities.Ed25519Signer.sign": "data /",
    "liabilities.Ed25519Signer.to_pem": "* password=",
    "liabilities.audit": "snapshot_or_dir statement * table= id= assets= unit= asset= amount= group= nulls=",
    "liabilities.diff": "old new * keep=",
    "liabilities.detection_probability": "checked omitted users",
    "liabilities.checks_needed": "probability omitted users",
    "liabilities.AuditReport.check": "",
    **{
        f"liabilities.{kind}.{name}": signature
        for kind in ("AuditReport", "DiffReport")
        for name, signature in {"to_json": "", "to_html": "", "save": "path"}.items()
    },
    "research.grid": "schemes * hashes= sizes= threads=",
    "research.laptop": "",
    "research.quick": "",
    "research.Bench": "cases settings= changes",
    "research.Bench.run": "told=",
    "research.HashCalls.build": "size",
    "research.HashCalls.append": "size",
    "research.HashCalls.extend": "size count",
    "research.HashCalls.update": "size indices",
    "research.HashCalls.verify": "size index",
    "research.HashCalls.verify_many": "size indices",
    "research.HashCalls.verify_proof": "digests",
    "research.HashCalls.verify_extends": "old_size size",
    "research.Results.select": "measure cells=",
    "research.Settings.counts_at": "size",
    "research.to_json": "results",
    "research.from_json": "text",
    "research.to_csv": "rows",
    "research.from_csv": "text",
    "research.to_markdown": "results",
    "research.plot": "results folder * formats=",
    "liabilities.Signer.sign": "data /",
    "liabilities.Verifier.verify": "data signature /",
    **{
        f"liabilities.{kind.__name__}.{name}": signature
        for kind in LIABILITIES
        for name, signature in WIRE.items()
    },
    **{f"{kind.__name__}.{name}": signature for kind in ENCODED for name, signature in WIRE.items()},
}

GETTERS: dict[type, set[str]] = {
    ts.Hash: {"name", "digest_size", "block_size", "cryptographic"},
    ts.Scheme: {"name", "hash", "kind", "context"}
    | {
        "binds_size",
        "binds_scheme",
        "binds_index",
        "separates_leaves",
        "key_size",
        "bare_leaves",
        "appendable",
        "proves_growth",
    },
    ts.Plan: {"size", "indices", "nodes"},
    ts.TreeHead: {"scheme", "size", "root"},
    ts.InclusionProof: {"digests", "digest_size"},
    ts.MultiProof: {"digests", "digest_size"},
    ts.ConsistencyProof: {"digests", "digest_size"},
    ts.Shard: {"scheme", "begin", "end", "digests"},
    ts.ProofBatch: {"digests", "offsets", "digest_size"},
    ts.MerkleTree: {"scheme", "head", "root"},
    ts.SumHead: {"scheme", "size", "root", "total"},
    ts.SumInclusionProof: {"digests", "sums", "digest_size"},
    ts.SumMultiProof: {"digests", "sums", "digest_size"},
    ts.SumProofBatch: {"digests", "sums", "offsets", "digest_size"},
    ts.SumShard: {"scheme", "begin", "end", "digests", "sums", "total"},
    ts.SumTree: {"scheme", "head", "root", "total"},
    ts.NamespacedHead: {"scheme", "size", "root", "range"},
    ts.NamespacedInclusionProof: {"nodes", "namespace_size", "digest_size"},
    ts.NamespaceProof: {"start", "nodes", "namespace_size", "digest_size"},
    ts.AbsenceProof: {"start", "nodes", "namespace_size", "digest_size"},
    ts.PatriciaHead: {"root", "secure"},
    ts.PatriciaProof: {"nodes"},
    ts.PatriciaTree: {"secure", "head", "root"},
    ts.NamespacedTree: {"scheme", "head", "root"},
    ts.SparseTree: {"scheme", "head", "root", "version", "time", "versions", "nbytes"},
    ts.SparseHead: {"scheme", "size", "root"},
    ts.SparseProof: {"end", "depth", "bitmap", "digests", "witness", "digest_size"},
    ts.SparseMultiProof: {"shape", "witnesses", "digests", "digest_size"},
    liabilities.AssetHead: {"decimals", "leaves", "holders", "total", "root"},
    liabilities.Statement: {"origin", "sequence", "snapshot_id", "time", "scheme", "previous", "digest"}
    | {"assets", "groups", "signatures", "body"},
    liabilities.ReceiptPart: {"index", "amount", "salt", "proof"},
    liabilities.ReceiptAsset: {"code", "group", "parts"},
    liabilities.Receipt: {"statement", "assets"},
    liabilities.Equivocation: {"first", "second", "statements"},
    liabilities.Ed25519Verifier: {"name", "public_key", "key_id"},
    liabilities.Ed25519Signer: {"name", "key_id", "verifier"},
}

DUNDERS: dict[type, set[str]] = {
    ts.MerkleTree: {"__len__"},
    ts.Plan: {"__len__"},
    ts.SumTree: {"__len__"},
    ts.SumInclusionProof: {"__len__", "__eq__", "__hash__"},
    ts.SumMultiProof: {"__len__", "__eq__", "__hash__"},
    ts.SumProofBatch: {"__len__", "__getitem__", "__eq__", "__hash__"},
    ts.SumShard: {"__add__", "__eq__", "__hash__"},
    ts.SumHead: {"__eq__", "__hash__"},
    ts.NamespacedTree: {"__len__"},
    ts.NamespacedHead: {"__eq__", "__hash__"},
    ts.NamespacedInclusionProof: {"__len__", "__eq__", "__hash__"},
    ts.NamespaceProof: {"__len__", "__eq__", "__hash__"},
    ts.AbsenceProof: {"__len__", "__eq__", "__hash__"},
    ts.SparseTree: {"__len__", "__contains__"},
    ts.PatriciaHead: {"__eq__", "__hash__"},
    ts.PatriciaProof: {"__len__", "__eq__", "__hash__"},
    ts.PatriciaTree: {"__len__", "__contains__"},
    ts.SparseHead: {"__eq__", "__hash__"},
    ts.SparseProof: {"__len__", "__eq__", "__hash__"},
    ts.SparseMultiProof: {"__len__", "__eq__", "__hash__"},
    ts.InclusionProof: {"__len__", "__eq__", "__hash__"},
    ts.MultiProof: {"__len__", "__eq__", "__hash__"},
    ts.ConsistencyProof: {"__len__", "__eq__", "__hash__"},
    ts.Shard: {"__add__", "__eq__", "__hash__"},
    ts.ProofBatch: {"__len__", "__getitem__", "__eq__", "__hash__"},
    ts.TreeHead: {"__eq__", "__hash__"},
    ts.Scheme: {"__eq__", "__hash__"},
    ts.Hash: {"__eq__", "__hash__"},
    liabilities.AssetHead: {"__eq__", "__hash__"},
    liabilities.Statement: {"__eq__", "__hash__"},
    liabilities.ReceiptPart: {"__eq__", "__hash__"},
    liabilities.ReceiptAsset: {"__eq__", "__hash__"},
    liabilities.Receipt: {"__eq__", "__hash__"},
    liabilities.Equivocation: {"__eq__", "__hash__"},
    liabilities.Ed25519Verifier: {"__eq__", "__hash__"},
    liabilities.Ed25519Signer: {"__reduce__"},
}


def found(path: str) -> object:
    value: object = ts
    for name in path.split("."):
        value = getattr(value, name)
    return value


def parameters(value: object) -> str:
    """The signature in the notation above."""
    text = getattr(value, "__text_signature__", None)
    if text is None or getattr(value, "__module__", None) in (
        "tallystick.tlog",
        "tallystick.liabilities.signing",
    ):
        found = inspect.signature(value).parameters.values()  # type: ignore[arg-type]
        only = [p for p in found if p.kind is p.POSITIONAL_ONLY and p.name != "self"]
        words = [p.name + "=" * (p.default is not p.empty) for p in found if p.name != "self"]
        by_name = sum(p.kind is p.KEYWORD_ONLY for p in found)
        words[len(words) - by_name : len(words) - by_name] = ["*"] * bool(by_name)
        return " ".join([*words[: len(only)], *["/"] * bool(only), *words[len(only) :]])
    # A native signature's defaults are for readers: not all of them can be evaluated.
    spec = ast.parse(f"def f{text.replace('$', '')}: ...").body[0]
    assert isinstance(spec, ast.FunctionDef)
    args = spec.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    first_default = len(names) - len(args.defaults)
    words = [name + "=" * (place >= first_default) for place, name in enumerate(names)]
    bound = words[:1] == ["self"]
    words = words[bound:]
    if len(args.posonlyargs) > bound:
        words.insert(len(args.posonlyargs) - bound, "/")
    if args.kwonlyargs:
        words.append("*")
    words += [a.arg + "=" * (d is not None) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return " ".join(words)


@pytest.mark.parametrize("path", SIGNATURES)
def test_signatures(path: str) -> None:
    assert parameters(found(path)) == SIGNATURES[path]


@pytest.mark.parametrize("kind", GETTERS, ids=lambda kind: kind.__name__)
def test_a_class_has_these_members_and_no_others(kind: type) -> None:
    public = {name for name in vars(kind) if not name.startswith("_")}
    own = f"{kind.__name__}." if kind.__module__ == "tallystick" else f"liabilities.{kind.__name__}."
    methods = {path.removeprefix(own) for path in SIGNATURES if path.startswith(own)}
    assert public == GETTERS[kind] | methods
    assert vars(kind).keys() >= DUNDERS[kind]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_what_it_lists_and_no_more(name: str) -> None:
    module = found(name.partition(".")[2]) if "." in name else ts
    listed = set(module.__all__)  # type: ignore[attr-defined]
    public = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and not (isinstance(value, types.ModuleType) and key not in listed)
    }
    assert public == listed
    assert len(module.__all__) == len(listed)  # type: ignore[attr-defined]


def test_the_texts_of_logs_are_three_classes() -> None:
    module = tallystick.tlog
    own = {
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    }
    assert {name for name in own if not name.startswith("_")} == set(module.__all__)
    assert set(module.__all__) == {"Checkpoint", "LogProof", "Signature"}


def test_the_package_lists_every_public_call() -> None:
    tops = {path.split(".")[0] for path in SIGNATURES} - {
        "changes",
        "liabilities",
        "logs",
        "research",
        "tlog",
    }
    exceptions = {name for name, value in vars(ts.errors).items() if inspect.isclass(value)} & set(ts.__all__)
    assert set(ts.__all__) == tops | exceptions | {"EncodedRows", "Plan", "errors"}
    assert exceptions >= {"TallystickError", "InvalidProof", "RootMismatch", "DecodeError", "StaleHead"}
    assert exceptions >= {"StoreError", "NotFound", "Reason"}


def test_public_objects_name_public_places() -> None:
    for name in ts.__all__:
        value = getattr(ts, name)
        if inspect.isclass(value):
            assert value.__module__ in ("tallystick", "tallystick.errors"), name
    for name in liabilities.__all__:
        value = getattr(liabilities, name)
        if inspect.isclass(value):
            modules = {f"tallystick.liabilities.{own}" for own in ("audits", "diffs", "receipts", "signing")}
            assert value.__module__ in modules | {"tallystick.liabilities"}, name


@pytest.mark.parametrize("path", SIGNATURES)
def test_every_public_call_is_documented(path: str) -> None:
    first = (inspect.getdoc(found(path)) or "").split("\n\n")[0]
    assert len(first) > 10
    assert first.endswith((".", ":")), first


def test_the_package_is_typed_and_its_modules_are_known() -> None:
    folder = ts.__path__[0]
    names = {found.name for found in pkgutil.iter_modules([folder])}
    public = {name for name in names if not name.startswith("_")}
    assert public == {
        "changes",
        "cli",
        "errors",
        "frames",
        "hashes",
        "hazmat",
        "interop",
        "liabilities",
        "logs",
        "proofs",
        "protocols",
        "research",
        "schemes",
        "sparse",
        "stores",
        "testing",
        "tlog",
        "trees",
    }


def test_every_module_is_there_without_an_import_of_its_own() -> None:
    code = """
import sys
import tallystick as ts
for name in sys.argv[1:]:
    assert getattr(ts, name).__name__ == f"tallystick.{name}"
try:
    ts.nothing
except AttributeError:
    print("well")
"""
    public = [found.name for found in pkgutil.iter_modules(ts.__path__)]
    public = [name for name in public if not name.startswith("_") and name != "cli"]
    done = subprocess.run([sys.executable, "-c", code, *public], capture_output=True, text=True, check=False)
    assert done.stdout == "well\n", done.stderr
