"""A Sphinx extension: signatures of the native classes, with the types of `_core.pyi`.

The docstrings of native classes and functions are in Rust, their types in the stub. Autodoc finds the first;
this adds the second. Nothing is imported from the stub: it is read as text.
"""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

# How types are called on the pages. Some are explained on the page of rows.
RENAMED = {
    r"\b_Bytes\b": "Buffer",
    r"\b_Path\b": "str | PathLike[str]",
    r"\b_Rows\b": "Rows",
    r"\b_Indices\b": "Indices",
    r"\b_Amounts\b": "Amounts",
    r"\b_Table\b": "Table",
    r"\bProofChunks\b": "Iterator[ProofBatch]",
    r"\bReceiptChunks\b": "Iterator[ReceiptChunk]",
    r"\bReceipts\b": "Iterator[tuple[bytes, Receipt]]",
    r"\bSparseItems\b": "Iterator[tuple[bytes, bytes]]",
    r"\b_Store\b": "Store",
    r"\bSumProofChunks\b": "Iterator[SumProofBatch]",
    r"\bPatriciaItems\b": "Iterator[tuple[bytes, bytes]]",
    r"\bnpt\.NDArray\[[^]]*\]": "numpy.ndarray",
}
EXPLAINED = {
    "Rows": "rows-forms",
    "Indices": "indices",
    "Amounts": "amounts",
    "Table": "tables",
    "Buffer": "buffers",
}

Signature = tuple[str, str]


def renamed(text: str) -> str:
    for pattern, name in RENAMED.items():
        text = re.sub(pattern, name, text)
    return text


def signature(function: ast.FunctionDef, *, method: bool) -> Signature:
    arguments = function.args
    is_static = "staticmethod" in map(ast.unparse, function.decorator_list)
    if method and not is_static:
        (arguments.posonlyargs or arguments.args).pop(0)
        if len(arguments.defaults) > len(arguments.posonlyargs) + len(arguments.args):
            arguments.defaults.pop(0)
    text = ast.unparse(arguments).removeprefix("/, ").removeprefix("/")
    returned = "" if function.returns is None else ast.unparse(function.returns)
    return f"({renamed(text)})", renamed(returned)


def read(stub: str) -> dict[str, Signature]:
    """Signatures by `name` or `Class.name`, a constructor's by its class; likewise types of properties."""
    found: dict[str, Signature] = {}
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = signature(node, method=False)
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    made, returned = signature(member, method=True)
                    if member.name == "__new__":
                        found[node.name] = (made, "")
                    else:
                        found[f"{node.name}.{member.name}"] = (made, returned)
    return found


SIGNATURES = read(files("tallystick").joinpath("_core.pyi").read_text(encoding="utf-8"))


def native_name(name: str, target: object) -> str:
    """The name in the stub of what autodoc calls `name`."""
    if isinstance(target, type):
        return target.__name__
    *_, owner, member = name.split(".")
    return f"{owner}.{member}" if owner[:1].isupper() else getattr(target, "__name__", "")


def process_signature(_app: Sphinx, what: str, name: str, target: object, *_: object) -> Signature | None:
    found = SIGNATURES.get(native_name(name, target))
    if found is None or not type(target).__name__.startswith(("builtin", "method", "type")):
        return None
    made, returned = found
    return ("", "") if what == "class" and made == "()" else (made, returned)


def process_docstring(_app: Sphinx, what: str, name: str, target: object, _: Any, lines: list[str]) -> None:
    """Put the type of a native property before its description."""
    if what in {"attribute", "property"} and type(target).__name__ == "getset_descriptor":
        _, returned = SIGNATURES.get(native_name(name, target), ("", ""))
        if returned and lines:
            lines[0] = f"*{returned}*: {lines[0]}"


def resolve(app: Sphinx, env: Any, node: pending_xref, content: nodes.TextElement) -> nodes.Node | None:
    """Lead names of forms of input to the page that explains them, and other names to the package."""
    if node.get("refdomain") != "py":
        return None
    target, page = node["reftarget"], node["refdoc"]
    if target in EXPLAINED:
        uri = app.builder.get_relative_uri(page, "reference/rows")
        return nodes.reference("", "", content, internal=True, refuri=f"{uri}#{EXPLAINED[target]}")
    python = env.get_domain("py")
    return python.resolve_xref(env, page, app.builder, node["reftype"], f"tallystick.{target}", node, content)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-signature", process_signature)
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}
