"""Every public call has an example in its docstring, and every example runs."""

from __future__ import annotations

import doctest
import enum
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator

import pytest
import tallystick as ts
from tallystick import _core

# No example of their own: the class's example or the first line says it all.
WITHOUT_EXAMPLE = {
    "hash_builtin_names": "called by schemes.names, whose example shows it",
    "hash_from_callable": "called by hashes.from_callable, whose example shows it",
    "hash_from_plugin": "called by hashes.from_plugin",
    "hash_get": "called by hashes.get, whose example shows it",
    "hash_names": "called by hashes.names, whose example shows it",
    "hash_register": "called by hashes.register, whose example shows it",
    "Plugin": "a protocol, for who writes one: see the page on plug-ins",
    "from_plugin": "needs a native package: examples/plugin-cpp has one",
    "differences": "changes.Fingerprint's example shows one",
    "ProofChunks": "made by MerkleTree.proofs, whose example shows one",
    "SparseItems": "made by SparseTree.items, whose example shows one",
    "load": "SparseTree.save's example loads the file",
    "SumProofChunks": "made by SumTree.proofs, whose example shows one",
    "PatriciaItems": "made by PatriciaTree.items, whose example shows one",
    "SlotProof": "ethereum.prove makes it",
    "AccountProof": "ethereum.prove makes it, and verify's example shows one",
    "EncodedRows": "made by encode_rows, whose example shows one",
    "_Buffer": "private: what arrays stand on",
    "to_line": "the class's example",
    "from_line": "the other way round",
    "to_text": "the class's example",
    "from_text": "the class's example, or to_text",
    "open": "MerkleTree.save's example opens the file",
    "published_bitmex_write": "private: liabilities.published.bitmex.write",
    "published_bitmex_verify": "private: liabilities.published.bitmex.verify",
    "scheme_families": "private: schemes.names",
    "scheme_of_family": "private: schemes.native and schemes.rfc6962",
    "scheme_of_rules": "private: schemes.dense",
    "scheme_rules": "private: research.counts",
    "kind": "frames.bag and frames.zeros make it",
    "depth": "frames.zeros makes it",
    "frame": "frames.bag makes it",
    "swap": "frames.bag makes it",
    "zero": "frames.zeros makes it",
    "limit": "frames.zeros makes it",
    "exactly": "frames.zeros makes it",
    "Finding": "made by audit; the guide shows one",
    "AuditedAsset": "made by audit, whose report's example shows one",
    "TableComparison": "made by audit; the guide shows one",
    "AssetDiff": "made by diff, whose report's example shows one",
    "Count": "made by diff, whose report's example shows one",
    "DiffSide": "made by diff; the guide shows one",
    "Moved": "made by diff, whose report's example shows one",
    "liabilities_key_id": "private: Ed25519Verifier.key_id",
    "liabilities_audit": "private: liabilities.audit",
    "liabilities_diff": "private: liabilities.diff",
    "liabilities_finding_kinds": "private: the members of FindingKind",
    "Written": "bitmex.write's example",
    "balances_text": "okx_v1.verify's example",
    "PublishedResult": "bitmex.write's example makes one",
    "Receipts": "Snapshot.receipts' example",
    "ReceiptChunks": "ReceiptChunk's example",
    "Claim": "made by lean_imt.from_proof and imt.from_proof, whose examples show one",
    "Dump": "made by openzeppelin.load, whose example shows one",
    "close": "open_receipts' example",
    "encoded": "ReceiptChunk's example, by file",
    "erase": "Snapshot.erase's example; in files as in a snapshot",
    "Omission": "made by a bench; the guide shows some",
    "Variant": "made by a bench",
    "Environment": "made by a bench",
    "Cell": "made by a bench; Figure's example shows one",
    "Results": "made by a bench, whose example shows them",
    "Verifier": "a protocol: Ed25519Verifier's example shows one",
}
# These read whole files that others publish; the tests make such files.
OTHERS_FILES = tuple(f".published.{name}." for name in ("armanino", "binance2022", "okx_v2", "swissborg"))
TRIVIAL = (types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType)


def modules() -> Iterator[types.ModuleType]:
    """The package's own modules; the command's are tested with it, private ones with what uses them."""
    yield ts
    for info in pkgutil.walk_packages(ts.__path__, "tallystick."):
        private = any(part.startswith("_") for part in info.name.split(".")) and info.name != _core.__name__
        if not private and not info.name.startswith("tallystick.cli"):
            yield importlib.import_module(info.name)


def objects() -> dict[str, object]:
    """Public functions, classes and methods, native and Python's, by qualified name."""
    found: dict[str, object] = {}
    for module in modules():
        found[module.__name__] = module
        for name, value in vars(module).items():
            native = module is _core
            mine = getattr(value, "__module__", None) == module.__name__
            private = name.startswith("__" if native else "_")
            if private or not (native or mine) or not callable(value):
                continue
            found[f"{module.__name__}.{name}"] = value
            for member_name, member in vars(value).items() if inspect.isclass(value) else ():
                if not member_name.startswith("_") and not isinstance(member, str):
                    found[f"{module.__name__}.{name}.{member_name}"] = getattr(value, member_name)
    return found


OBJECTS = objects()


def examples(name: str) -> doctest.DocTest:
    doc = inspect.getdoc(OBJECTS[name]) or ""
    return doctest.DocTestParser().get_doctest(doc, {}, name, None, 0)


EXAMPLES = [name for name in OBJECTS if examples(name).examples]


def is_exempt(name: str) -> bool:
    value = OBJECTS[name]
    if name.rpartition(".")[0].endswith((".Signer", ".Verifier")):  # what a protocol asks for
        return True
    # What stores do, their examples show; the kit, its package's.
    if name.startswith(("tallystick.protocols.", "tallystick.testing.")):
        return True
    if ".logs.Async" in name or ".FileStore." in name:  # as the same without; the class's example
        return True
    if any(part in name for part in OTHERS_FILES) or name.endswith(
        (".bitmex.verify", ".bitmex.verify_account")
    ):
        return True
    if name.rpartition(".")[2] in WITHOUT_EXAMPLE or isinstance(
        value, (*TRIVIAL, types.ModuleType, property)
    ):
        return True
    return (inspect.isclass(value) and issubclass(value, (BaseException, enum.Enum))) or isinstance(
        value, enum.Enum
    )


def test_the_walk_finds_the_whole_surface() -> None:
    for name in (
        "MerkleTree.prove",
        "TreeHead.verify_each",
        "Hash.digest",
        "head_of",
        "MultiProof.merge",
        "Shard",
    ):
        assert f"tallystick._core.{name}" in EXAMPLES
    assert "tallystick.schemes.native" in EXAMPLES
    assert len(EXAMPLES) > 80


@pytest.mark.parametrize("name", [name for name in OBJECTS if not is_exempt(name)])
def test_every_call_has_an_example(name: str) -> None:
    assert name in EXAMPLES


def test_every_exemption_is_needed() -> None:
    assert {name.rpartition(".")[2] for name in OBJECTS} >= set(WITHOUT_EXAMPLE)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_run(name: str) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    try:
        results = runner.run(examples(name), out=said.append)
    finally:
        ts.set_threads(None)
    assert results.attempted > 0
    assert results.failed == 0, "".join(said)
