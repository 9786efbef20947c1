"""Files that are checked without a store: a saved tree is read whole, and made again from its leaves."""

from __future__ import annotations

from pathlib import Path

from tallystick import hazmat
from tallystick._checks import Checked
from tallystick._core import MerkleTree, NamespacedTree, Scheme, SumTree
from tallystick.errors import DecodeError

_MAGIC = b"tlyf"
# What a tree file has before its scheme, whose length ends it (docs/spec/tree-file.md).
_BEFORE_SCHEME = 36
_LONGEST_SCHEME = 1 << 20


def is_tree_file(path: Path) -> bool:
    """Say whether ``path`` is a file that begins as a tree file does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def check_tree_file(path: Path) -> Checked:
    """Read and check every page; of a dense tree, hash the nodes once more from its leaf digests."""
    checked = Checked("tree file")
    try:
        tree = _class_of(path).open(path, check=True)
        head = tree.head
        checked.facts |= {"scheme": head.scheme.name, "size": str(head.size), "root": head.root.hex()}
        if isinstance(tree, MerkleTree):
            _make_again(tree, checked)
    except DecodeError as error:
        checked.damage(path.name, str(error).removeprefix(f"{path}: "))
    except ValueError as error:  # a file of a part of a tree
        checked.remark(path.name, f"its pages are not checked: {error}")
    return checked


def _make_again(tree: MerkleTree, checked: Checked) -> None:
    try:
        digests = hazmat.leaf_digests(tree)
    except (TypeError, ValueError) as error:
        checked.remark("nodes", f"not made again: {error}")
        return
    if len(digests) and hazmat.tree(digests, scheme=tree.scheme).head != tree.head:
        checked.damage("nodes", "the leaf digests make another root")


def _class_of(path: Path) -> type[MerkleTree] | type[SumTree] | type[NamespacedTree]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_BEFORE_SCHEME)[-4:], "little")
        data = file.read(min(length, _LONGEST_SCHEME))
    try:
        kind = Scheme.from_bytes(data).kind
    except DecodeError:  # what is wrong with it, opening says
        return MerkleTree
    if kind == "sum":
        return SumTree
    return NamespacedTree if kind == "namespaced" else MerkleTree
