"""Answers of `eth_getProof`: read as clients write them, verified against root and question."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import ethereum

from tests.reference import rlp
from tests.reference.patricia import EMPTY_ROOT, head, keccak256

ADDRESS, OTHER, NOBODY = b"\x01" * 20, b"\x02" * 20, b"\x03" * 20
STORAGE = {slot: slot**3 + 1 for slot in range(30)} | {2**256 - 1: 2**256 - 1}
TREE = ethereum.storage_tree(STORAGE)
CONTRACT = ethereum.Account(5, 10**20, TREE.root, keccak256(b"code"))
EMPTY = ethereum.Account(0, 0)
STATE = ts.PatriciaTree({ADDRESS: CONTRACT.to_rlp(), OTHER: EMPTY.to_rlp()}, secure=True)
SLOTS = [0, 7, 2**256 - 1, 1000]
ANSWER = ethereum.prove(STATE, ADDRESS, CONTRACT, TREE, SLOTS)


def refused(answer: ethereum.AccountProof, *asked: Any) -> ts.Reason | None:
    try:
        answer.verify(STATE.head, *asked)
    except ts.InvalidProof as error:
        return error.reason
    return None


def test_accounts_and_values_are_those_of_the_yellow_paper() -> None:
    def number(value: int) -> bytes:
        return value.to_bytes((value.bit_length() + 7) // 8, "big")

    for account in (CONTRACT, EMPTY, ethereum.Account(2**64 - 1, 2**256 - 1)):
        fields: rlp.Item = [
            number(account.nonce),
            number(account.balance),
            account.storage_root,
            account.code_hash,
        ]
        assert account.to_rlp() == rlp.encode(fields)
    items = {slot.to_bytes(32, "big"): rlp.encode(number(value)) for slot, value in STORAGE.items()}
    assert TREE.root == head(items, secure=True).root
    assert (EMPTY_ROOT, keccak256(b"")) == (ethereum.EMPTY_ROOT, ethereum.EMPTY_CODE)
    assert [ethereum.index_key(place) for place in (0, 1, 127, 128, 256)] == [
        rlp.encode(number(place)) for place in (0, 1, 127, 128, 256)
    ]


def test_an_answer_there_and_back() -> None:
    document = ethereum.to_get_proof(ANSWER)
    for form in (document, json.dumps(document), json.dumps(document, indent=1)):
        read = ethereum.from_get_proof(form)
        assert read == ANSWER
        read.verify(STATE.head, ADDRESS, SLOTS)
        read.verify(STATE.head, bytearray(ADDRESS), reversed(SLOTS))
    assert ANSWER.values == {0: 1, 7: 344, 2**256 - 1: 2**256 - 1, 1000: 0}
    document["address"] = "0x" + document["address"][2:].upper()
    document["storageProof"][1]["key"] = "0x7"
    assert ethereum.from_get_proof(document) == ANSWER


def test_an_address_without_account() -> None:
    nobody = ethereum.prove(STATE, NOBODY, None, slots=[3])
    nobody.verify(STATE.head, NOBODY, [3])
    assert (nobody.account, nobody.values) == (EMPTY, {3: 0})
    document = ethereum.to_get_proof(nobody)
    document["codeHash"] = document["storageHash"] = "0x" + "00" * 32
    assert ethereum.from_get_proof(document) == nobody
    # An account that is there and empty is the same claim, by another proof.
    there = ethereum.prove(STATE, OTHER, EMPTY)
    there.verify(STATE.head, OTHER)
    assert refused(replace(there, address=NOBODY), NOBODY) is not None
    # The proof of an absence is not that of an empty account at another place, nor of a contract.
    assert refused(replace(nobody, address=ADDRESS), ADDRESS, [3]) is not None
    stripped = replace(ANSWER, account=EMPTY, slots=())
    assert refused(stripped, ADDRESS) is ts.Reason.OTHER_VALUE


def test_answers_to_other_questions_are_refused() -> None:
    assert refused(ANSWER, OTHER, SLOTS) is ts.Reason.NOT_INCLUDED
    assert refused(ANSWER, ADDRESS, SLOTS[1:]) is ts.Reason.NOT_INCLUDED
    assert refused(ANSWER, ADDRESS, [*SLOTS, 5]) is ts.Reason.NOT_INCLUDED
    assert refused(ANSWER, ADDRESS) is ts.Reason.NOT_INCLUDED
    assert refused(ANSWER, ADDRESS, [*SLOTS, 0]) is ts.Reason.DUPLICATE_KEY
    twice = replace(ANSWER, slots=(*ANSWER.slots, ANSWER.slots[0]))
    assert refused(twice, ADDRESS, SLOTS) is ts.Reason.DUPLICATE_KEY
    plain = ts.PatriciaHead(STATE.root)
    with pytest.raises(ts.InvalidProof, match="secure=True"):
        ANSWER.verify(plain, ADDRESS, SLOTS)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": 6},
        {"balance": 10**20 + 1},
        {"storage_root": EMPTY_ROOT},
        {"code_hash": ethereum.EMPTY_CODE},
    ],
    ids=str,
)
def test_every_field_of_an_account_counts(changes: Any) -> None:
    assert refused(replace(ANSWER, account=replace(CONTRACT, **changes)), ADDRESS, SLOTS) is not None


def test_values_of_slots_count() -> None:
    for place, slot in enumerate(ANSWER.slots):
        for value in (0, 1, slot.value ^ 2, 2**255):
            if value != slot.value:
                slots = list(ANSWER.slots)
                slots[place] = replace(slot, value=value)
                assert refused(replace(ANSWER, slots=tuple(slots)), ADDRESS, SLOTS) is not None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("nonce", bad) for bad in ("0x", "5", "0x05", 5, None, "0x10000000000000000", "-0x1", "0X5")),
        *(("balance", bad) for bad in ("0x", "0x0a", "0x1" + "0" * 64, "", True)),
        *(("address", bad) for bad in ("0x", "0x" + "01" * 19, "01" * 20, "0x" + "01" * 32)),
        *(("codeHash", bad) for bad in ("0x", "0x" + "00" * 31)),
        *(("accountProof", bad) for bad in (None, "0x", {}, ["0x0"], [1], ["zz"], ["0x00"] * 66)),
        *(("storageProof", bad) for bad in (None, {}, [{}], [[]], [{"key": "0x0", "value": "0x0"}])),
        ("more", 1),
    ],
)
def test_what_is_not_of_the_form_is_refused(key: str, value: Any) -> None:
    document = copy.deepcopy(ethereum.to_get_proof(ANSWER))
    document[key] = value
    with pytest.raises(ts.DecodeError):
        ethereum.from_get_proof(document)


def test_misuse() -> None:
    for fields in ({"nonce": 2**64}, {"nonce": -1}, {"balance": 2**256}, {"storage_root": b"x"}):
        with pytest.raises(ValueError, match=r"nonce|balance|storage_root"):
            ethereum.Account(**({"nonce": 0, "balance": 0} | fields))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ethereum.Account(True, 0)
    with pytest.raises(ValueError, match="another account"):
        ethereum.prove(STATE, ADDRESS, EMPTY)
    with pytest.raises(ValueError, match="storage root"):
        ethereum.prove(STATE, ADDRESS, CONTRACT)
    with pytest.raises(ValueError, match="20 bytes"):
        ethereum.prove(STATE, b"x", CONTRACT)
    with pytest.raises(ValueError, match="hashed keys"):
        ethereum.prove(ts.PatriciaTree(), ADDRESS)
    odd = ts.PatriciaTree({bytes(32): b"\x00"}, secure=True)
    account = ethereum.Account(0, 0, odd.root)
    state = ts.PatriciaTree({ADDRESS: account.to_rlp()}, secure=True)
    with pytest.raises(ValueError, match="no number"):
        ethereum.prove(state, ADDRESS, account, odd, [0])
    for slot, value in ((-1, 0), (2**256, 0), (0, -1), (0, 2**256)):
        with pytest.raises(ValueError, match="0 to 2"):
            ethereum.SlotProof(slot, value, ts.PatriciaProof([]))
    with pytest.raises(OverflowError):
        ethereum.storage_tree({2**256: 1})
    with pytest.raises(TypeError, match="PatriciaHead"):
        ANSWER.verify(STATE, ADDRESS, SLOTS)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="PatriciaProof"):
        ethereum.to_nodes([b"x"])  # type: ignore[arg-type]
