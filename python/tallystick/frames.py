"""Parts of which :func:`tallystick.schemes.dense` makes schemes; ``tallystick.schemes.f`` is this module.

A *frame* says which bytes are hashed: a tuple of byte strings and the parts of this module.

>>> import tallystick as ts
>>> f = ts.schemes.f
>>> ts.schemes.dense(
...     "levels", ts.hashes.SHA256, leaf=(f.level.u8, f.data), node=(f.level.u8, f.children)
... )
<Scheme levels/sha256: binds_size=False, binds_scheme=False>
"""

import collections.abc
import struct
import typing

__all__ = [
    "Edge",
    "Number",
    "Part",
    "bag",
    "bare",
    "children",
    "data",
    "index",
    "level",
    "position",
    "range_size",
    "size",
    "tag",
    "top",
    "zeros",
]


class Part:
    """A part of a frame that is no byte string. Get one from this module. Parts are equal by value.

    >>> import tallystick as ts
    >>> ts.schemes.f.level.u8
    f.level.u8
    """

    __slots__ = ("encoded", "name")

    def __init__(self, name: str, encoded: bytes) -> None:
        #: What it is called here.
        self.name = name
        #: Its bytes in the encoding of rules.
        self.encoded = encoded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and (self.name, self.encoded) == (other.name, other.encoded)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"f.{self.name}"


#: How integers are written, in the order of their numbers in encodings.
_INTEGERS = ("u8", "u16le", "u16be", "u32le", "u32be", "u64le", "u64be", "u256le", "u256be")


class Number:
    """A number that a frame may state. Its attributes say how it is written.

    ``u8``, ``u16le``, ``u16be``, ``u32le``, ``u32be``, ``u64le``, ``u64be``, ``u256le``, ``u256be``: so
    many bits, the low byte first or the high one. A tree has no more leaves than its numbers can state.

    >>> import tallystick as ts
    >>> ts.schemes.f.size.u256le
    f.size.u256le
    """

    __slots__ = ("code", "name")

    def __init__(self, name: str, code: int) -> None:
        #: What it is called here.
        self.name = name
        #: Its number in the encoding of rules.
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.code == other.code

    def __hash__(self) -> int:
        return hash(self.code)

    def _as(self, integer: str) -> Part:
        return Part(f"{self.name}.{integer}", bytes((self.code, _INTEGERS.index(integer))))

    def __repr__(self) -> str:
        return f"f.{self.name}"

    @property
    def u8(self) -> Part:
        """One byte."""
        return self._as("u8")

    @property
    def u16le(self) -> Part:
        """Two bytes, the low one first."""
        return self._as("u16le")

    @property
    def u16be(self) -> Part:
        """Two bytes, the high one first."""
        return self._as("u16be")

    @property
    def u32le(self) -> Part:
        """Four bytes, the lowest first."""
        return self._as("u32le")

    @property
    def u32be(self) -> Part:
        """Four bytes, the highest first."""
        return self._as("u32be")

    @property
    def u64le(self) -> Part:
        """Eight bytes, the lowest first."""
        return self._as("u64le")

    @property
    def u64be(self) -> Part:
        """Eight bytes, the highest first."""
        return self._as("u64be")

    @property
    def u256le(self) -> Part:
        """Thirty-two bytes, the lowest first."""
        return self._as("u256le")

    @property
    def u256be(self) -> Part:
        """Thirty-two bytes, the highest first."""
        return self._as("u256be")


#: The data of a leaf.
data = Part("data", b"\x02")
#: The children of a node, one behind the other; in a bag, two peaks.
children = Part("children", b"\x02")
#: The topmost node. A root of it alone is not hashed.
top = Part("top", b"\x08")
#: As a leaf: its data is its digest, and is not hashed.
bare = Part("bare", b"")
#: The level of a node, 0 for leaves.
level = Number("level", 3)
#: The place of a node in its level.
index = Number("index", 4)
#: The place of a node in a mountain range, where children come before their parents.
position = Number("position", 5)
#: How many leaves there are.
size = Number("size", 6)
#: How many nodes the mountain range of so many leaves has.
range_size = Number("range_size", 7)


def tag(label: str) -> Part:
    """Return the tag of this label, for the front of a frame.

    The rest is then hashed in a domain of its own: keyed where the hash has a keyed mode, else behind a
    constant block (docs/spec/schemes.md). Labels are 1 to 31 characters of printable ASCII and do not begin
    with ``tallystick/``; ``ValueError`` otherwise, when a scheme is made.

    >>> import tallystick as ts
    >>> ts.schemes.f.tag("example.org/v1/leaf")
    f.tag('example.org/v1/leaf')
    """
    encoded = label.encode()
    return Part(f"tag({label!r})", b"\x01" + struct.pack("<I", len(encoded)) + encoded)


class Edge(typing.NamedTuple):
    """What becomes of a node that lacks leaves. Made by :func:`bag` and :func:`zeros`.

    >>> import tallystick as ts
    >>> ts.schemes.f.zeros(20).depth
    20
    """

    #: ``"bag"`` or ``"zeros"``.
    kind: str
    #: What is hashed of two peaks.
    frame: tuple[bytes | Part, ...] = ()
    #: Whether the right peak comes first.
    swap: bool = False
    #: Levels above the leaves.
    depth: int = 0
    #: The digest of a missing leaf; ``None`` for zero bytes.
    zero: bytes | None = None
    #: Most leaves; ``None`` for as many as there is room for.
    limit: int | None = None
    #: Whether there are always so many.
    exactly: bool = False


def bag(frame: collections.abc.Sequence[bytes | Part], *, swap: bool = False) -> Edge:
    """Return the edge of a mountain range: two peaks are hashed by ``frame``, from the right.

    With ``swap`` the right one comes first. A lone node moves up.

    >>> import tallystick as ts
    >>> f = ts.schemes.f
    >>> mountains = ts.schemes.dense(
    ...     "mountains", ts.hashes.SHA256, leaf=f.bare, node=(f.children,),
    ...     edge=f.bag((f.children,), swap=True),
    ... )
    >>> mountains.appendable
    True
    """
    return Edge("bag", frame=tuple(frame), swap=swap)


def zeros(depth: int, zero: bytes | None = None, *, limit: int | None = None, exactly: bool = False) -> Edge:
    """Return the edge of a tree of fixed depth whose missing leaves have the digest ``zero``.

    ``zero`` is a digest of zero bytes by default. A tree has at most ``limit`` leaves, by default as many
    as there is room for; with ``exactly`` it always has so many.

    >>> import tallystick as ts
    >>> f = ts.schemes.f
    >>> fixed = ts.schemes.dense("fixed", ts.hashes.SHA256, leaf=f.bare, node=(f.children,), edge=f.zeros(20))
    >>> len(ts.MerkleTree([bytes(32)], scheme=fixed).prove(0))
    0
    """
    return Edge("zeros", depth=depth, zero=zero, limit=limit, exactly=exactly)
