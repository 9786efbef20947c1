"""liability_receipt.json: derivations, whole snapshots, receipts in every form, and attacks on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.reference import liabilities, vectors_encodings
from tests.reference.attacks_liabilities import FLAGS, Attack, attacks
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, VALID, Json, case, document, scheme_json
from tests.reference.layouts import MAX_DIGESTS
from tests.reference.liabilities_objects import Receipt, ReceiptAsset, ReceiptPart
from tests.reference.liabilities_samples import (
    BLAKE3,
    DECIMALS,
    HOLDINGS,
    IDS,
    SECRET,
    SHA256,
    keys,
    snapshot,
)
from tests.reference.liabilities_verify import verify
from tests.reference.objects import SumInclusionProof
from tests.reference.schemes import SUM_SCHEMES, Scheme
from tests.reference.vectors_encodings import CONVENTIONS
from tests.reference.vectors_liability_statement import FAULTS
from tests.reference.vectors_liability_statement import NOTES as STATEMENT_NOTES

NOTES = {
    **STATEMENT_NOTES,
    "DigestSize": "a salt of other than 16 bytes, or a digest of another size",
    **FLAGS,
    "Key": "a customer's key, from the secret",
    "Leaf": "salt, order key, data and digest of one leaf, from the customer's key",
    "Context": "the context of an asset's tree",
    "Snapshot": "the statement of these holdings, and the ids of each tree's leaves, in their order",
    "Honest": "a receipt as the operator makes it",
}


def receipts() -> Iterator[tuple[str, Receipt]]:
    made = snapshot()
    for user_id in IDS:
        yield f"{user_id.hex()}", liabilities.receipt(made, user_id)
    sample = liabilities.receipt(made, b"customer-3")
    yield "no-entries", replace(sample, assets=())
    yield "no-parts", replace(sample, assets=(ReceiptAsset("BTC", "", ()),))
    bare = ReceiptPart(2**64 - 1, 0, bytes(16), SumInclusionProof(64, (), ()))
    yield "no-siblings", Receipt(bytes(32), (ReceiptAsset("-", " ", (bare, bare)),))
    most = SumInclusionProof(32, (2**128 - 1,) * MAX_DIGESTS, (bytes(32),) * MAX_DIGESTS)
    long = ReceiptPart(0, 2**128 - 1, b"\xff" * 16, most)
    yield "longest-proof", Receipt(b"\xff" * 32, (ReceiptAsset("A", "\u00e4", (long,)),))


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is Receipt:
        yield from receipts()


def _keys() -> Json:
    tests = []
    for snapshot_id in ("2026-01-01", "2026-01-02", "\u00e4"):
        for user_id in (b"customer-1", b"customer-2", b"\x00\xff", b"i" * 300):
            key = liabilities.customer_key(SECRET, snapshot_id, user_id)
            fields = {"secret": SECRET.hex(), "snapshot_id": snapshot_id, "user_id": user_id.hex()}
            name = f"key/{snapshot_id}/{user_id[:12].hex()}"
            tests.append(case(name, "", ["Key"], **fields, key=key.hex()))
    return {"what": "keys", "tests": tests}


def _leaves(scheme: Scheme) -> Json:
    tests = []
    key = keys("2026-01-01")[b"customer-1"]
    for number, (part, parts, code, group, amount) in enumerate(
        (
            (0, 1, "BTC", "", 1),
            (0, 1, "BTC", "EU", 1),
            (0, 1, "ETH", "", 2**64),
            (1, 2, "BTC", "", 2**128 - 1),
            (65_534, 65_535, "A.B-9", "Z\u00fcrich west", 256),
        )
    ):
        salt, order = liabilities.derive(scheme, key, part, group, code)
        data = liabilities.leaf_data(salt, part, parts, b"customer-1")
        about = liabilities.context("exchange.example", "2026-01-01", (code, group), 8)
        fields = {"key": key.hex(), "user_id": b"customer-1".hex(), "part": str(part), "parts": str(parts)}
        fields |= {"code": code, "group": group, "amount": str(amount)}
        fields |= {"salt": salt.hex(), "order": order.hex(), "data": data.hex()}
        fields |= {"digest": scheme.sum_leaf(amount, data).hex(), "context": about.hex()}
        name = f"{scheme.name}/leaf/{number}"
        tests.append(case(name, "", ["Leaf", "Context"], **fields))
    return {"what": "leaves", "scheme": scheme_json(scheme), "tests": tests}


def _snapshots() -> Json:
    holdings = [
        {
            "user_id": one.user_id.hex(),
            "code": one.code,
            "group": one.group,
            "amounts": [str(amount) for amount in one.parts],
        }
        for one in HOLDINGS
    ]
    assets = [
        {"code": code, "group": group, "decimals": places} for (code, group), places in DECIMALS.items()
    ]
    tests = []
    for scheme in (BLAKE3, SHA256):
        for sequence in (0, 1):
            made = snapshot(sequence, scheme)
            order = [
                {
                    "code": code,
                    "group": group,
                    "leaves": [[one.user_id.hex(), str(one.part)] for one in placed],
                }
                for (code, group), placed in made.leaves.items()
            ]
            fields: Json = {
                "statement": encode(made.statement).hex(),
                "digest": liabilities.digest(made.statement).hex(),
                "order": order,
                "receipts": [
                    [user_id.hex(), encode(liabilities.receipt(made, user_id)).hex()] for user_id in IDS
                ],
            }
            tests.append(case(f"snapshot/{scheme.name}/{sequence}", "", ["Snapshot"], **fields))
    given = {"secret": SECRET.hex(), "holdings": holdings, "assets": assets}
    return {"what": "snapshots", **given, "tests": tests}


def _honest() -> Iterator[Attack]:
    for scheme in SUM_SCHEMES:
        made = snapshot(0, scheme)
        for user_id in IDS if scheme == BLAKE3 else (b"customer-3",):
            own = liabilities.receipt(made, user_id)
            owed: dict[str, int] = {}
            for one in HOLDINGS:
                if one.user_id == user_id:
                    owed[one.code] = owed.get(one.code, 0) + sum(one.parts)
            name = f"{scheme.hash_name}/{user_id.hex()}"
            expected = {"ZERO": 0} | owed
            yield Attack(name, ("Honest",), made.statement, own, user_id, expected, None)


def _test(attack: Attack, kind: str) -> Json:
    proven = None
    if attack.reason is None:
        proven = verify(attack.statement, attack.receipt, attack.user_id, attack.expected)
    fields: Json = {
        "statement": encode(attack.statement).hex(),
        "receipt": encode(attack.receipt).hex(),
        "user_id": attack.user_id.hex(),
    }
    if attack.expected is not None:
        fields["expected"] = {code: str(owed) for code, owed in attack.expected.items()}
    if proven is not None:
        fields["proven"] = {code: str(owed) for code, owed in proven.items()}
    result = INVALID if attack.reason else VALID
    return case(f"{kind}/{attack.name}", "", list(attack.flags), result, **fields, reason=attack.reason)


def build() -> Json:
    verified = [_test(one, "honest") for one in _honest()] + [_test(one, "attack") for one in attacks()]
    groups = [
        _keys(),
        *(_leaves(scheme) for scheme in SUM_SCHEMES),
        _snapshots(),
        {"what": "encodings", **vectors_encodings.group(Receipt, values(Receipt), FAULTS)},
        {"what": "verify", "tests": verified},
    ]
    used = {flag for group in groups for one in group["tests"] for flag in one["flags"]}
    return document(
        "liability_receipt",
        {flag: note for flag, note in NOTES.items() if flag in used},
        groups,
        **CONVENTIONS,
        objects="statement and receipt are binary encodings, user_id is hex, amounts are decimal strings",
        expected="where there is no expected, the customer states none; proven is what a verifier returns",
    )
