"""Trees by the plug-ins: the roots of a Python function, and everything around them."""

import hashlib

import numpy as np
import pytest
import tallystick as ts
import tallystick_gm

LEAVES = np.random.default_rng(3).integers(0, 256, (1000, 32), dtype=np.uint8)
FAMILIES = ("native", "rfc6962", "promoted", "lean_imt")


def function(message: bytes) -> bytes:
    return hashlib.new("sm3", message).digest()


@pytest.mark.parametrize("path", list(tallystick_gm.SM3_PATHS))
@pytest.mark.parametrize("family", FAMILIES)
def test_roots_are_those_of_a_function(family: str, path: str) -> None:
    plugin = ts.hashes.from_plugin(tallystick_gm.SM3_PATHS[path])
    called = ts.hashes.from_callable("sm3", function, digest_size=32)
    make = getattr(ts.schemes, family)
    tree = ts.MerkleTree(LEAVES, scheme=make(plugin))
    assert tree.root == ts.MerkleTree(LEAVES, scheme=make(called)).root
    tree.head.verify_inclusion(17, LEAVES[17].tobytes(), tree.prove(17))
    with pytest.raises(ts.RootMismatch):
        tree.head.verify_inclusion(17, LEAVES[18].tobytes(), tree.prove(17))


def test_threads_do_not_matter() -> None:
    scheme = ts.schemes.native(ts.hashes.get("sm3"))
    leaves = np.tile(LEAVES, (100, 1))
    before = ts.get_threads()
    try:
        ts.set_threads(1)
        alone = ts.MerkleTree(leaves, scheme=scheme).root
        ts.set_threads(2)
        assert ts.MerkleTree(leaves, scheme=scheme).root == alone
    finally:
        ts.set_threads(before)


def test_names_are_installed() -> None:
    assert {"sm3", "streebog_256"} <= set(ts.hashes.names())
    for name in ("sm3", "streebog_256"):
        tree = ts.MerkleTree([b"a", b"b"], scheme=ts.schemes.get(f"native/{name}"))
        assert ts.TreeHead.from_bytes(tree.head.to_bytes()) == tree.head


def test_every_capsule_is_taken_once() -> None:
    capsule = tallystick_gm.SM3.__tallystick_hash__()

    class Again:
        def __tallystick_hash__(self) -> object:
            return capsule

    ts.hashes.from_plugin(Again())
    with pytest.raises(TypeError, match="another name"):
        ts.hashes.from_plugin(Again())
    assert ts.hashes.from_plugin(tallystick_gm.SM3).name == "sm3"
