"""Answers of Ethereum's ``eth_getProof``: an account and slots of its storage, under a block's state root.

The answer states the account, the slots' values, and lists of nodes. :func:`from_get_proof` reads it
strictly; :meth:`AccountProof.verify` checks all of it against the state root and what was asked for. Lists of
nodes by themselves are read and written by :func:`from_nodes` and :func:`to_nodes`.

>>> import tallystick as ts
>>> from tallystick.interop import ethereum
>>> storage = ethereum.storage_tree({0: 42, 7: 2**255})
>>> account = ethereum.Account(nonce=1, balance=10**18, storage_root=storage.root)
>>> address = bytes.fromhex("00000000219ab540356cbb839cbe05303d7705fa")
>>> state = ts.PatriciaTree({address: account.to_rlp()}, secure=True)
>>> answer = ethereum.to_get_proof(ethereum.prove(state, address, account, storage, [7, 8]))
>>> answer["nonce"], answer["storageProof"][0]["value"][:6]
('0x1', '0x8000')
>>> proven = ethereum.from_get_proof(answer)
>>> proven.verify(state.head, address, [7, 8])
>>> proven.values == {7: 2**255, 8: 0}
True
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import index as _index
from typing import Any, SupportsIndex

from tallystick.errors import InvalidProof, Reason
from tallystick.interop import _reading as reading
from tallystick.proofs import PatriciaHead, PatriciaProof
from tallystick.trees import PatriciaTree

__all__ = [
    "EMPTY_CODE",
    "EMPTY_ROOT",
    "Account",
    "AccountProof",
    "SlotProof",
    "from_get_proof",
    "from_nodes",
    "index_key",
    "prove",
    "slot_value",
    "storage_tree",
    "to_get_proof",
    "to_nodes",
]

#: The root of a trie without keys: the storage of an account that has none.
EMPTY_ROOT = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
#: The digest of no code: the code of an account that is no contract.
EMPTY_CODE = bytes.fromhex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")

_ADDRESS = 20
_WORD = 32
_NONE = bytes(_WORD)
_MOST_NONCE = 2**64 - 1
_MOST_WORD = 2**256 - 1
# A trie of hashed keys is 64 nibbles deep.
_MOST_NODES = 65
_MOST_SLOTS = 1 << 20
_QUANTITY = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})", re.ASCII)
_SLOT = re.compile(r"0x[0-9a-fA-F]{1,64}", re.ASCII)
_KEYS = ("address", "accountProof", "balance", "codeHash", "nonce", "storageHash", "storageProof")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Ethereum's state: what its address leads to.

    Raises ``ValueError`` for a nonce of 2**64 or above, a balance of 2**256 or above, a negative number, and
    digests that do not have 32 bytes.

    >>> from tallystick.interop import ethereum
    >>> ethereum.Account(nonce=0, balance=1).to_rlp().hex()[:10]
    'f8448001a0'
    """

    nonce: int
    balance: int
    storage_root: bytes = EMPTY_ROOT
    code_hash: bytes = EMPTY_CODE

    def __post_init__(self) -> None:
        for name, value, most in (
            ("nonce", self.nonce, _MOST_NONCE),
            ("balance", self.balance, _MOST_WORD),
        ):
            if not 0 <= _integer(value, name) <= most:
                raise ValueError(f"{name} is 0 to {most}, not {value}")
        for name, digest in (("storage_root", self.storage_root), ("code_hash", self.code_hash)):
            if len(reading.raw(digest, name)) != _WORD:
                raise ValueError(f"{name} has {_WORD} bytes, not {len(digest)}")

    @property
    def is_empty(self) -> bool:
        """Whether it is as an address without an account: no nonce, balance, storage or code."""
        return self == Account(0, 0)

    def to_rlp(self) -> bytes:
        """Return the value that the state has under the account's address.

        >>> from tallystick.interop import ethereum
        >>> len(ethereum.Account(nonce=1, balance=10**18).to_rlp())
        78
        """
        fields = (
            _minimal(self.nonce),
            _minimal(self.balance),
            bytes(self.storage_root),
            bytes(self.code_hash),
        )
        return _list(fields)


@dataclass(frozen=True, slots=True)
class SlotProof:
    """The value of one slot of an account's storage, 0 if it was never written or cleared, and its proof.

    Raises ``ValueError`` for a slot or value that is negative or 2**256 and above.
    """

    slot: int
    value: int
    proof: PatriciaProof

    def __post_init__(self) -> None:
        for name, number in (("slot", self.slot), ("value", self.value)):
            if not 0 <= _integer(number, name) <= _MOST_WORD:
                raise ValueError(f"a {name} is 0 to 2**256 - 1, not {number}")


@dataclass(frozen=True, slots=True)
class AccountProof:
    """An answer of ``eth_getProof``, for :meth:`verify`.

    Nothing of it is proven before that.
    """

    address: bytes
    account: Account
    proof: PatriciaProof
    slots: tuple[SlotProof, ...]

    @property
    def values(self) -> dict[int, int]:
        """The values of the slots."""
        return {one.slot: one.value for one in self.slots}

    def verify(self, head: PatriciaHead, address: bytes, slots: Iterable[SupportsIndex] = ()) -> None:
        """Check that ``address`` has this account, and exactly these slots of it these values.

        ``head`` is of the block's state root, with ``secure=True``; address and slots are what you asked for.
        An account that is empty and an address without any are one claim, as in Ethereum since EIP-161.
        Raises :class:`tallystick.InvalidProof` for anything that is not proven, ``TypeError`` for other
        types.

        >>> import tallystick as ts
        >>> from tallystick.interop import ethereum
        >>> state = ts.PatriciaTree(secure=True)
        >>> none = ethereum.prove(state, bytes(20))
        >>> none.verify(state.head, bytes(20))
        >>> none.account.is_empty
        True
        """
        if not isinstance(head, PatriciaHead):
            raise TypeError(f"head must be a PatriciaHead, not {type(head).__name__}")
        if not head.secure:
            reading.refuse(Reason.OTHER_SCHEME, "the state has hashed keys: a head with secure=True")
        if reading.raw(address, "address") != self.address:
            reading.refuse(Reason.NOT_INCLUDED, "the answer is about another address")
        asked = [_integer(slot, "a slot") for slot in slots]
        found = [one.slot for one in self.slots]
        if len(set(asked)) != len(asked) or len(set(found)) != len(found):
            reading.refuse(Reason.DUPLICATE_KEY, "a slot is there twice")
        if set(asked) != set(found):
            reading.refuse(Reason.NOT_INCLUDED, "the answer is about other slots")
        self._verify_account(head)
        storage = PatriciaHead(self.account.storage_root, secure=True)
        for one in self.slots:
            key = one.slot.to_bytes(_WORD, "big")
            if one.value:
                storage.verify_present(key, slot_value(one.value), one.proof)
            else:
                storage.verify_absent(key, one.proof)

    def _verify_account(self, head: PatriciaHead) -> None:
        if self.account.is_empty:
            try:
                head.verify_absent(self.address, self.proof)
            except InvalidProof as error:
                if error.reason is not Reason.KEY_PRESENT:
                    raise
            else:
                return
        head.verify_present(self.address, self.account.to_rlp(), self.proof)


def from_nodes(document: str | list[str]) -> PatriciaProof:
    """Read a list of nodes, ``0x`` and hex digits each, as ``accountProof`` has it: JSON text or parsed.

    Raises :class:`tallystick.DecodeError` for anything else. Whether they are nodes, a head's verifiers say.

    >>> import tallystick as ts
    >>> from tallystick.interop import ethereum
    >>> tree = ts.PatriciaTree({b"dog": b"puppy"})
    >>> ethereum.to_nodes(tree.prove(b"dog"))
    ['0xcb8420646f67857075707079']
    >>> tree.head.verify_present(b"dog", b"puppy", ethereum.from_nodes('["0xcb8420646f67857075707079"]'))
    """
    return _proof(reading.parsed(document, "the nodes"), "the nodes", reading.MOST_DIGESTS)


def to_nodes(proof: PatriciaProof) -> list[str]:
    """Return the nodes of a proof, ``0x`` and hex digits each, ready for ``json.dumps``.

    >>> import tallystick as ts
    >>> from tallystick.interop import ethereum
    >>> ethereum.to_nodes(ts.PatriciaTree().prove(b"dog"))
    []
    """
    if not isinstance(proof, PatriciaProof):
        raise TypeError(f"proof must be a PatriciaProof, not {type(proof).__name__}")
    return [reading.tohex(node) for node in proof.nodes]


def from_get_proof(document: str | dict[str, Any]) -> AccountProof:
    """Read the ``result`` of ``eth_getProof``, JSON text or parsed.

    Of an address without an account, clients state digests of zeros or of nothing; both are read. Slots are
    quantities or words, as clients differ. Raises :class:`tallystick.DecodeError` for what is not of the
    form. Nothing is verified: that is for :meth:`AccountProof.verify`.

    >>> import json, tallystick as ts
    >>> from tallystick.interop import ethereum
    >>> answer = ethereum.to_get_proof(ethereum.prove(ts.PatriciaTree(secure=True), bytes(20)))
    >>> ethereum.from_get_proof(json.dumps(answer)).account.balance
    0
    """
    found = reading.fields(reading.parsed(document, "the answer"), "the answer", _KEYS)
    nonce, balance = _quantity(found["nonce"], "nonce", _MOST_NONCE), _quantity(found["balance"], "balance")
    storage_root = reading.unhex(found["storageHash"], "storageHash", _WORD)
    code_hash = reading.unhex(found["codeHash"], "codeHash", _WORD)
    if nonce == balance == 0:
        # No root and no digest of code is zeros: so do some clients write that there is no account.
        storage_root = EMPTY_ROOT if storage_root == _NONE else storage_root
        code_hash = EMPTY_CODE if code_hash == _NONE else code_hash
    slots = reading.items(found["storageProof"], "storageProof", _MOST_SLOTS)
    return AccountProof(
        reading.unhex(found["address"], "address", _ADDRESS),
        Account(nonce, balance, storage_root, code_hash),
        _proof(found["accountProof"], "accountProof", _MOST_NODES),
        tuple(_slot(one, f"storageProof[{place}]") for place, one in enumerate(slots)),
    )


def to_get_proof(proof: AccountProof) -> dict[str, Any]:
    """Return the ``result`` of ``eth_getProof`` that states this, ready for ``json.dumps``.

    >>> import tallystick as ts
    >>> from tallystick.interop import ethereum
    >>> answer = ethereum.to_get_proof(ethereum.prove(ts.PatriciaTree(secure=True), bytes(20)))
    >>> answer["balance"], answer["accountProof"], answer["storageProof"]
    ('0x0', [], [])
    """
    account = proof.account
    return {
        "address": reading.tohex(proof.address),
        "accountProof": to_nodes(proof.proof),
        "balance": hex(account.balance),
        "codeHash": reading.tohex(account.code_hash),
        "nonce": hex(account.nonce),
        "storageHash": reading.tohex(account.storage_root),
        "storageProof": [
            {
                "key": reading.tohex(one.slot.to_bytes(_WORD, "big")),
                "value": hex(one.value),
                "proof": to_nodes(one.proof),
            }
            for one in proof.slots
        ],
    }


def prove(
    state: PatriciaTree,
    address: bytes,
    account: Account | None = None,
    storage: PatriciaTree | None = None,
    slots: Iterable[SupportsIndex] = (),
) -> AccountProof:
    """Return what ``eth_getProof`` answers about an address and slots of its storage.

    ``account`` is the account that ``state`` has under the address, ``None`` for none; ``storage`` the tree
    of its storage, of :func:`storage_tree`. Raises ``ValueError`` where state, account and storage do not
    belong together.

    >>> import tallystick as ts
    >>> from tallystick.interop import ethereum
    >>> account = ethereum.Account(nonce=0, balance=5)
    >>> state = ts.PatriciaTree({bytes(20): account.to_rlp()}, secure=True)
    >>> ethereum.prove(state, bytes(20), account, slots=[3]).values
    {3: 0}
    """
    address = reading.raw(address, "address")
    if len(address) != _ADDRESS:
        raise ValueError(f"an address has {_ADDRESS} bytes, not {len(address)}")
    if not state.secure or (storage is not None and not storage.secure):
        raise ValueError("state and storage have hashed keys: trees with secure=True")
    if state.find(address) != (None if account is None else account.to_rlp()):
        raise ValueError("the state has another account at this address")
    stated = Account(0, 0) if account is None else account
    storage = PatriciaTree(secure=True) if storage is None else storage
    if storage.root != stated.storage_root:
        raise ValueError("the account states another storage root")
    made = []
    for slot in slots:
        number = _integer(slot, "a slot")
        key = number.to_bytes(_WORD, "big")
        value = storage.find(key)
        made.append(SlotProof(number, 0 if value is None else _value_of(value), storage.prove(key)))
    return AccountProof(address, stated, state.prove(address), tuple(made))


def storage_tree(values: Mapping[int, int]) -> PatriciaTree:
    """Return the tree of an account's storage, of slots and their values; slots of value 0 are not in it.

    Raises ``OverflowError`` for a slot or value that is negative or 2**256 and above.

    >>> from tallystick.interop import ethereum
    >>> ethereum.storage_tree({1: 0}).root == ethereum.EMPTY_ROOT
    True
    """
    items = ((_integer(slot, "a slot"), _integer(value, "a value")) for slot, value in values.items())
    return PatriciaTree(
        [(slot.to_bytes(_WORD, "big"), slot_value(value)) for slot, value in items if value], secure=True
    )


def slot_value(value: int) -> bytes:
    """Return the bytes that storage has for a value: its bytes without leading zeros, in RLP.

    Raises ``OverflowError`` for a value that is negative or 2**256 and above.

    >>> from tallystick.interop import ethereum
    >>> ethereum.slot_value(1000).hex()
    '8203e8'
    """
    return _string(_integer(value, "a value").to_bytes(_WORD, "big").lstrip(b"\x00"))


def index_key(index: SupportsIndex) -> bytes:
    """Return the key of a transaction or receipt in the trie of its block: its index, in RLP.

    These tries do not hash keys. Raises ``OverflowError`` for a negative index and for 2**64 and above.

    >>> from tallystick.interop import ethereum
    >>> [ethereum.index_key(index).hex() for index in (0, 1, 128)]
    ['80', '01', '8180']
    """
    return _string(_integer(index, "an index").to_bytes(8, "big").lstrip(b"\x00"))


def _integer(value: SupportsIndex, what: str) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{what} is an int, not bool")
    return _index(value)


def _minimal(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _header(kind: int, length: int) -> bytes:
    if length < 56:
        return bytes([kind + length])
    size = _minimal(length)
    return bytes([kind + 55 + len(size)]) + size


def _string(data: bytes) -> bytes:
    return data if len(data) == 1 and data[0] < 0x80 else _header(0x80, len(data)) + data


def _list(items: Iterable[bytes]) -> bytes:
    payload = b"".join(map(_string, items))
    return _header(0xC0, len(payload)) + payload


def _value_of(stored: bytes) -> int:
    data = stored if len(stored) == 1 else stored[1:]
    if _string(data) != stored or not 0 < len(data) <= _WORD or data[0] == 0:
        raise ValueError("the storage tree has a value that is no number")
    return int.from_bytes(data, "big")


def _quantity(found: object, what: str, most: int = _MOST_WORD) -> int:
    if not isinstance(found, str) or _QUANTITY.fullmatch(found) is None:
        reading.malformed(f"{what} is not a quantity: 0x and hex digits without leading zeros")
    if (value := int(found, 16)) > most:
        reading.malformed(f"{what} is above {most}")
    return value


def _proof(found: object, what: str, most: int) -> PatriciaProof:
    nodes = reading.items(found, what, most)
    return PatriciaProof([reading.unhex(node, f"{what}[{place}]") for place, node in enumerate(nodes)])


def _slot(found: object, what: str) -> SlotProof:
    read = reading.fields(found, what, ("key", "value", "proof"))
    key = read["key"]
    if not isinstance(key, str) or _SLOT.fullmatch(key) is None:
        reading.malformed(f"{what}.key is not 0x and at most 64 hex digits")
    value = _quantity(read["value"], f"{what}.value")
    return SlotProof(int(key, 16), value, _proof(read["proof"], f"{what}.proof", _MOST_NODES))
