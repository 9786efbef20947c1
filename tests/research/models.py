"""Every family, and schemes of our own, written out as models."""

from __future__ import annotations

import tallystick as ts
from tallystick.schemes import f

from tests.research.counting import Model, Tree, double, plain, sorted_pair, twin_model

SHA = ts.hashes.SHA256


def is_power(arity: int) -> object:
    return lambda size: size in {arity**height for height in range(10)}


def grin_position(index: int, level: int) -> int:
    """The nodes before it, when all are written as they come about."""
    last = ((index + 1) << level) - 1
    return 2 * last - last.bit_count() + level


def grin_leaf(tree: Tree, data: bytes, place: int) -> bytes:
    return tree.digest(grin_position(place, 0).to_bytes(8, "big") + data)


def grin_node(tree: Tree, children: list[bytes], level: int, index: int) -> bytes:
    return tree.digest(grin_position(index, level).to_bytes(8, "big") + b"".join(children))


def grin_bag(tree: Tree, children: list[bytes], _: int, size: int) -> bytes:
    nodes = 2 * size - size.bit_count()
    return tree.digest(nodes.to_bytes(8, "big") + b"".join(children[::-1]))


def models() -> list[Model]:
    s = ts.schemes
    mixed = Model(
        s.ssz_list(1000),
        edge="zeros",
        depth=10,
        root=lambda tree, top, size: tree.digest(top + size.to_bytes(32, "little")),
    )
    queue = {"node": sorted_pair, "edge": "queue", "sizes": bool, "grows": False}
    return [
        twin_model(s.NATIVE),
        twin_model(s.native(SHA)),
        twin_model(s.RFC6962),
        Model(
            s.TENDERMINT,
            lambda tree, data, _: tree.digest(b"\x00" + data),
            lambda tree, children, _, __: tree.digest(b"\x01" + b"".join(children)),
            empty=lambda tree: tree.digest(b""),
        ),
        Model(s.PROMOTED),
        Model(s.lean_imt(ts.hashes.BLAKE3)),
        Model(s.BITCOIN, node=double, edge="duplicate"),
        Model(s.OPENZEPPELIN_STANDARD, lambda tree, data, _: tree.twice(data), **queue),
        Model(s.OPENZEPPELIN_SIMPLE, **queue),
        Model(s.openzeppelin_solidity(7), node=sorted_pair, edge="zeros", depth=7),
        Model(s.fixed_depth(6), edge="zeros", depth=6),
        Model(s.fixed_depth(4, arity=5), edge="zeros", depth=4, arity=5),
        Model(s.ssz_vector(21), edge="zeros", depth=5, sizes=lambda size: size == 21, grows=False),
        Model(s.ssz_vector(1), edge="zeros", depth=0, sizes=lambda size: size == 1, grows=False),
        mixed,
        *(
            Model(s.filecoin(arity), edge="exact", arity=arity, sizes=is_power(arity), grows=False)
            for arity in (2, 4, 8)
        ),
        Model(
            s.COMMONWARE_BMT,
            lambda tree, data, place: tree.digest(place.to_bytes(4, "big") + data),
            root=lambda tree, top, size: tree.digest(size.to_bytes(4, "big") + top),
            edge="duplicate",
            empty=lambda tree: tree.digest(b""),
        ),
        Model(s.NERVOS_MMR, edge="bag"),
        Model(s.GRIN_MMR, grin_leaf, grin_node, edge="bag", bag=grin_bag),
        *custom(),
    ]


def custom() -> list[Model]:
    """Schemes of our own, whose counts are read from their encoding."""
    dense = ts.schemes.dense
    return [
        Model(
            dense(
                "twice",
                SHA,
                leaf=(b"leaf", f.data),
                node=(f.tag("n"), f.children),
                root=(f.top, f.size.u64le),
                twice=True,
            ),
            lambda tree, data, _: tree.twice(b"leaf" + data),
            tagged(SHA),
            lambda tree, top, size: tree.digest(top + size.to_bytes(8, "little")),
        ),
        Model(
            dense("wide", SHA, leaf=f.bare, node=(b"n", f.children), arity=3, edge=f.zeros(depth=5)),
            node=lambda tree, children, _, __: tree.digest(b"n" + b"".join(children)),
            edge="zeros",
            arity=3,
            depth=5,
        ),
        Model(
            dense(
                "bags",
                SHA,
                leaf=(f.index.u32be, f.data),
                node=(f.children,),
                edge=f.bag((f.children,), swap=True),
                twice="node",
            ),
            lambda tree, data, place: tree.digest(place.to_bytes(4, "big") + data),
            double,
            edge="bag",
            bag=plain,
        ),
        Model(
            dense("pairs", SHA, leaf=f.bare, node=(f.children,), pairs="sorted", twice="node"),
            node=lambda tree, children, _, __: tree.twice(b"".join(sorted(children))),
        ),
    ]


def tagged(own: ts.Hash) -> object:
    """Nodes behind a tag, twice: block mode, whose prefix is a whole block."""
    key = own.digest(b"n")
    prefix = key * (own.block_size // len(key))

    def node(tree: Tree, children: list[bytes], _: int, __: int) -> bytes:
        return tree.twice(prefix + b"".join(children))

    return node
