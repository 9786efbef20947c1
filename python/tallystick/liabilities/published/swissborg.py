"""SwissBorg's format: one JSON file of the roots of all currencies, and one a customer.

The first is ``{"audit": {id, time, commitment: {digest}, partitions: [{id, currency, commitment: {digest,
liability}}, …]}}``; its root is the digest over all partitions. The second is ``{audit_id, user_id,
liabilities: [{audit_partition_id, liability, proof: {leaf_index, nonce, witnesses: [{digest, liability},
…]}}, …]}``. A leaf is the hash of a nonce, the customer and the amount; the nonce follows from the customer's
credential, the audit, the currency and the leaf's index. A node is the hash of both children's amounts and
hashes, so that sums cannot be split otherwise than they were made.

See ``WEAKNESSES`` for what remains.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from tallystick.errors import Reason
from tallystick.liabilities.published import _reading as reading
from tallystick.liabilities.published._reading import malformed, refuse, sha256
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = ["WEAKNESSES", "verify"]

WEAKNESSES = (
    Weakness.NEIGHBOURS_SHOWN,
    Weakness.OMISSION,
    Weakness.TWO_ROOTS,
    Weakness.LOOSE_VERIFIER,
)
_DECIMALS = 36
_ID = "[0-9A-Za-z_.-]{1,128}"


def verify(
    roots: str | bytes,
    document: str | bytes,
    *,
    root: str | bytes,
    audit_id: str,
    user_id: str,
    credential: str,
    expected: reading.Expected | None = None,
) -> PublishedResult:
    """Verify a customer's file, and the file of all roots, against a root that comes from elsewhere.

    ``roots`` and ``document`` are the two JSON texts. ``root`` is the audit's commitment, 32 bytes or 64 hex
    digits. ``audit_id`` names the audit, ``user_id`` the customer, and ``credential`` is what the publisher
    gave that customer for it. ``expected`` is what the customer holds; currencies left out are 0.

    The totals of the result are those of the currencies that the customer has leaves of: only these were seen
    to be sums of a tree. Raises as :func:`tallystick.liabilities.published.okx_v1.verify`, and
    :exc:`InvalidProof` for a leaf that is listed twice. Amounts have at most 36 decimals. Costs four hashes a
    leaf and one a level.
    """
    trusted = reading.trusted_root(root)
    for name, given in (("audit_id", audit_id), ("user_id", user_id), ("credential", credential)):
        if not isinstance(given, str):
            raise TypeError(f"{name} must be str, not {type(given).__name__}")
    partitions = _partitions(roots, trusted, audit_id)
    found = reading.fields(
        reading.json_object(document, "the customer's file"),
        "the customer's file",
        ("audit_id", "user_id", "liabilities"),
    )
    if reading.text_of(found["audit_id"], "audit_id", _ID) != audit_id:
        refuse(Reason.LEAF_MISMATCH, "the customer's file is not of this audit")
    if reading.text_of(found["user_id"], "user_id", _ID) != user_id:
        refuse(Reason.LEAF_MISMATCH, "the customer's file is not of this customer")
    if not isinstance(found["liabilities"], list) or not found["liabilities"]:
        malformed("liabilities is not an array of leaves")
    seen: set[tuple[str, int]] = set()
    held: reading.Amounts = {}
    totals: reading.Amounts = {}
    for place, liability in enumerate(found["liabilities"]):
        what = f"liabilities[{place}]"
        partition, index, amount, witnesses = _leaf(liability, what)
        if partition not in partitions:
            refuse(Reason.UNKNOWN_ASSET, f"{what} is of a partition that the roots do not have")
        currency, total, digest = partitions[partition]
        if (partition, index) in seen:
            refuse(Reason.DUPLICATE_INDEX, f"{what} is leaf {index} of {partition} again")
        seen.add((partition, index))
        nonce = _nonce(credential, audit_id, currency, index)
        leaf = sha256(",".join(["leaf", nonce, user_id, _text(amount)]))
        top, summed = _climb(leaf, amount, index, witnesses)
        reading.compare_root(digest, top, f"{what}: the computed root of {currency}")
        reading.compare_totals({currency: total}, {currency: summed}, what)
        held[currency] = held.get(currency, 0) + amount
        totals[currency] = total
    reading.compare_expected(expected, held, lambda _: _DECIMALS)
    exact = reading.exact(totals, _DECIMALS), reading.exact(held, _DECIMALS)
    return PublishedResult("SwissBorg", bytes.fromhex(trusted), *exact, None, WEAKNESSES)


def _partitions(document: str | bytes, trusted: str, audit_id: str) -> dict[str, tuple[str, int, str]]:
    """Currency, total and hash of each partition, once the commitment over all is the trusted root."""
    outer = reading.fields(
        reading.json_object(document, "the file of roots"), "the file of roots", ("audit",)
    )
    audit = reading.fields(outer["audit"], "audit", ("id", "commitment", "partitions"), ("time",))
    if reading.text_of(audit["id"], "audit.id", _ID) != audit_id:
        refuse(Reason.LEAF_MISMATCH, "the file of roots is not of this audit")
    commitment = reading.fields(audit["commitment"], "audit.commitment", ("digest",))
    stated = reading.hash_of(commitment["digest"], "audit.commitment.digest")
    if not isinstance(audit["partitions"], list) or not audit["partitions"]:
        malformed("audit.partitions is not an array")
    found: dict[str, tuple[str, int, str]] = {}
    for place, part in enumerate(audit["partitions"]):
        what = f"audit.partitions[{place}]"
        partition = reading.fields(part, what, ("id", "currency", "commitment"))
        node = reading.fields(partition["commitment"], f"{what}.commitment", ("digest", "liability"))
        name = reading.text_of(partition["id"], f"{what}.id", _ID)
        currency = reading.text_of(partition["currency"], f"{what}.currency", "[0-9A-Za-z]{1,16}")
        if name in found or currency.upper() in {other.upper() for other, _, _ in found.values()}:
            malformed(f"{what}: a partition or currency is there twice")
        amount = reading.amount_of(node["liability"], f"{what}.commitment.liability", _DECIMALS)
        found[name] = (currency, amount, reading.hash_of(node["digest"], f"{what}.commitment.digest"))
    parts = ["SB PoL - Audit commitment hash"]
    for name, (_, amount, digest) in sorted(found.items(), key=lambda item: item[1][0].upper()):
        parts += [name, _text(amount), digest]
    reading.compare_root(trusted, stated, "the file's commitment")
    reading.compare_root(trusted, sha256(",".join(parts)), "the computed commitment")
    return found


def _leaf(found: object, what: str) -> tuple[str, int, int, list[tuple[str, int]]]:
    liability = reading.fields(found, what, ("audit_partition_id", "liability", "proof"))
    proof = reading.fields(liability["proof"], f"{what}.proof", ("leaf_index", "witnesses"), ("nonce",))
    if "nonce" in proof:
        # The nonce is made from the credential; what the file says of it is not used.
        reading.hash_of(proof["nonce"], f"{what}.proof.nonce")
    witnesses = [
        _witness(witness, f"{what}.proof.witnesses[{place}]")
        for place, witness in enumerate(reading.items(proof["witnesses"], f"{what}.proof.witnesses", 1))
    ]
    index = reading.small(proof["leaf_index"], f"{what}.proof.leaf_index")
    if index >= 1 << len(witnesses):
        refuse(
            Reason.INDEX_OUT_OF_RANGE, f"{what}: there is no leaf {index} behind {len(witnesses)} witnesses"
        )
    partition = reading.text_of(liability["audit_partition_id"], f"{what}.audit_partition_id", _ID)
    return (
        partition,
        index,
        reading.amount_of(liability["liability"], f"{what}.liability", _DECIMALS),
        witnesses,
    )


def _witness(found: Any, what: str) -> tuple[str, int]:
    witness = reading.fields(found, what, ("digest", "liability"))
    digest = reading.hash_of(witness["digest"], f"{what}.digest")
    return digest, reading.amount_of(witness["liability"], f"{what}.liability", _DECIMALS)


def _climb(digest: str, amount: int, index: int, witnesses: list[tuple[str, int]]) -> tuple[str, int]:
    for other, other_amount in witnesses:
        left, right = ((digest, amount), (other, other_amount))[:: 1 if index % 2 == 0 else -1]
        digest = sha256(",".join(["inner", _text(left[1]), _text(right[1]), left[0], right[0]]))
        amount += other_amount
        index //= 2
    return digest, amount


def _nonce(credential: str, audit_id: str, currency: str, index: int) -> str:
    nonce = credential
    for label, context in (
        ("SB PoL - Audit nonce derivation", audit_id),
        ("SB PoL - Currency Merkle tree nonce derivation", currency),
        ("SB PoL - Leaf nonce derivation", str(index)),
    ):
        nonce = hmac.new(nonce.encode(), f"{label},{context}".encode(), hashlib.sha256).hexdigest()
    return nonce


def _text(amount: int) -> str:
    return reading.amount_text(amount, _DECIMALS)
