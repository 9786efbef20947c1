"""Named attacks on receipts, each with the reason a verifier gives, or None where it must accept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.reference.liabilities import Holding, commit, digest, receipt
from tests.reference.liabilities_objects import Receipt, ReceiptAsset, ReceiptPart, Statement
from tests.reference.liabilities_samples import ORIGIN, keys, other_of, snapshot, statement, without_assets
from tests.reference.objects import SumInclusionProof
from tests.reference.refusals import (
    AMOUNT_OUT_OF_RANGE,
    ASSET_ORDER,
    DIGEST_COUNT,
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    INDEX_OUT_OF_RANGE,
    MALFORMED_LEAF,
    OTHER_STATEMENT,
    ROOT_MISMATCH,
    SUM_OVERFLOW,
    TOTAL_MISMATCH,
    UNEXPECTED_BALANCE,
    UNKNOWN_ASSET,
)

# Two assets and three trees; the first has three leaves, the last two.
VICTIM = b"customer-3"
OWED = {"BTC": 23, "USD": 142}

FLAGS = {
    "OtherId": "the receipt of one customer shown to another, or to an id that no leaf can have",
    "OtherStatement": "the receipt of another statement, operator or day, also with its digest exchanged",
    "StatementChanged": "a statement with another total, size, unit or name, and a receipt with its digest",
    "Absent": "an asset is left out: without expectations it is unproven, with them refused",
    "Expected": "what the customer expects, zeros aside, is not what is proven",
    "Entries": "no entries, entries out of order, twice, or of an asset that the statement does not list",
    "AssetSwapped": "the leaves of one asset or group under the name of another",
    "Parts": "a part left out, listed twice, in another order, or none",
    "AmountChanged": "another amount of a leaf",
    "ZeroAmount": "a leaf of amount 0: parts are at least 1 minor unit",
    "SumChanged": "another sum of a sibling",
    "Overflow": "sums that add to 2^128 or more",
    "SaltChanged": "another salt",
    "IndexChanged": "another index",
    "DigestCount": "siblings dropped or added",
    "Precedence": "several faults: the reason is the first that the page's order finds",
}


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    statement: Statement
    receipt: Receipt
    user_id: bytes
    expected: dict[str, int] | None
    reason: str | None


def part_changed(r: Receipt, asset: int, part: int, change: Callable[[ReceiptPart], ReceiptPart]) -> Receipt:
    """The receipt with one part changed."""
    changed = list(r.assets[asset].parts)
    changed[part] = change(changed[part])
    return with_parts(r, asset, *changed)


def with_parts(r: Receipt, asset: int, *parts: ReceiptPart) -> Receipt:
    assets = list(r.assets)
    assets[asset] = replace(assets[asset], parts=parts)
    return replace(r, assets=tuple(assets))


def with_sums(part: ReceiptPart, *sums: int) -> ReceiptPart:
    return replace(part, proof=replace(part.proof, sums=sums))


def attacks() -> Iterator[Attack]:
    s, r = statement(), receipt(snapshot(), VICTIM)

    def of(  # noqa: PLR0917 - what differs comes first
        name: str,
        flags: tuple[str, ...],
        reason: str | None,
        given: Receipt = r,
        user_id: bytes = VICTIM,
        expected: dict[str, int] | None = None,
        trusted: Statement = s,
    ) -> Attack:
        return Attack(name, flags, trusted, given, user_id, expected, reason)

    yield from _ids(of)
    yield from _statements(of, s, r)
    yield from _entries(of, r)
    yield from _parts(of, r)
    yield from _expectations(of, r)
    yield from _groups()


Maker = Callable[..., Attack]


def _ids(of: Maker) -> Iterator[Attack]:
    for name, user_id in (
        ("another-customer", b"customer-1"),
        ("upper-case", b"Customer-3"),
        ("one-more", VICTIM + b"0"),
        ("zero-behind", VICTIM + b"\x00"),
        ("one-less", VICTIM[:-1]),
        ("space-behind", VICTIM + b" "),
    ):
        yield of(f"id-{name}", ("OtherId",), ROOT_MISMATCH, user_id=user_id)
    for name, user_id in (("empty", b""), ("65536-bytes", b"i" * 65_536)):
        yield of(f"id-{name}", ("OtherId",), MALFORMED_LEAF, user_id=user_id)


def _statements(of: Maker, s: Statement, r: Receipt) -> Iterator[Attack]:
    other: Statement
    reason: str | None
    flags = ("OtherStatement",)
    stranger = snapshot(origin="else.example", secret=bytes(32)).statement
    for name, other, reason in (
        ("next-day", statement(1), ROOT_MISMATCH),
        # Another customer left out, of an asset that the victim does not hold: these trees are the same.
        ("same-day", other_of(0), None),
        ("other-operator", stranger, ROOT_MISMATCH),
    ):
        relabelled = replace(r, statement=digest(other))
        yield of(f"statement-{name}", flags, OTHER_STATEMENT, trusted=other)
        yield of(f"statement-{name}-relabelled", flags, reason, relabelled, trusted=other)
    yield of(
        "statement-digest-bit",
        flags,
        OTHER_STATEMENT,
        replace(r, statement=bytes([r.statement[0] ^ 1]) + r.statement[1:]),
    )
    yield of("statement-digest-zero", flags, OTHER_STATEMENT, replace(r, statement=bytes(32)))
    row = s.assets[0]
    for name, changed, reason in (
        ("total-minus-1", replace(row, total=row.total - 1), TOTAL_MISMATCH),
        ("total-most", replace(row, total=2**128 - 1), TOTAL_MISMATCH),
        ("leaves-plus-1", replace(row, leaves=row.leaves + 1), DIGEST_COUNT),
        ("decimals", replace(row, decimals=7), ROOT_MISMATCH),
        ("holders", replace(row, holders=row.holders - 1), None),
        ("root", replace(row, root=bytes(32)), ROOT_MISMATCH),
        ("root-of-another-asset", replace(row, root=s.assets[3].root), ROOT_MISMATCH),
    ):
        forged = replace(s, assets=(changed, *s.assets[1:]))
        given = replace(r, statement=digest(forged))
        yield of(f"forged-{name}", ("StatementChanged",), reason, given, trusted=forged)
    for name, forged in (
        ("origin", replace(s, origin=ORIGIN + "2")),
        ("snapshot-id", replace(s, snapshot_id="2026-01-03")),
    ):
        given = replace(r, statement=digest(forged))
        yield of(f"forged-{name}", ("StatementChanged",), ROOT_MISMATCH, given, trusted=forged)


def _entries(of: Maker, r: Receipt) -> Iterator[Attack]:
    btc, usd, eu = r.assets

    def holding(*assets: ReceiptAsset) -> Receipt:
        return replace(r, assets=assets)

    flags = ("Entries",)
    yield of("no-entries", flags, EMPTY_CLAIM, holding())
    yield of("no-entries-nothing-expected", flags, EMPTY_CLAIM, holding(), expected={})
    yield of("entries-reversed", flags, ASSET_ORDER, holding(eu, usd, btc))
    yield of("groups-exchanged", flags, ASSET_ORDER, holding(btc, eu, usd))
    yield of("entry-twice", flags, ASSET_ORDER, holding(btc, btc, usd, eu))
    yield of("entry-not-listed", flags, UNKNOWN_ASSET, holding(replace(btc, code="BTD"), usd, eu))
    yield of("group-not-listed", flags, UNKNOWN_ASSET, holding(replace(btc, group="EU"), usd, eu))
    yield of("group-upper-case", flags, UNKNOWN_ASSET, holding(btc, usd, replace(eu, group="eu")))
    flags = ("AssetSwapped",)
    yield of("btc-as-eth", flags, INDEX_OUT_OF_RANGE, holding(replace(btc, code="ETH")))
    yield of("usd-eu-as-usd", flags, INDEX_OUT_OF_RANGE, holding(btc, replace(eu, group="")))
    yield of("usd-as-usd-eu", flags, DIGEST_COUNT, holding(btc, replace(usd, group="EU")))
    yield of("usd-as-empty-asset", flags, INDEX_OUT_OF_RANGE, holding(replace(usd, code="X-1.A")))
    absent = ("Absent",)
    yield of("asset-absent", absent, None, holding(usd, eu))
    yield of("group-absent", absent, None, holding(btc, usd))
    yield of("asset-absent-but-expected", absent, UNEXPECTED_BALANCE, holding(usd, eu), expected=OWED)
    yield of("group-absent-but-expected", absent, UNEXPECTED_BALANCE, holding(btc, usd), expected=OWED)
    both = ("Precedence", "Entries", "OtherStatement")
    yield of("no-entries-other-statement", both, OTHER_STATEMENT, Receipt(bytes(32), ()))
    both = ("Precedence", "Entries", "OtherId")
    yield of("entries-reversed-empty-id", both, ASSET_ORDER, holding(eu, usd, btc), user_id=b"")


def _parts(of: Maker, r: Receipt) -> Iterator[Attack]:
    a, b, c = r.assets[0].parts
    flags = ("Parts",)
    yield of("last-part-left-out", flags, ROOT_MISMATCH, with_parts(r, 0, a, b))
    yield of("first-part-left-out", flags, ROOT_MISMATCH, with_parts(r, 0, b, c))
    yield of("one-part-alone", flags, ROOT_MISMATCH, with_parts(r, 0, a))
    yield of("part-twice", flags, DUPLICATE_INDEX, with_parts(r, 0, a, b, c, c))
    yield of("part-in-place-of-another", flags, DUPLICATE_INDEX, with_parts(r, 0, a, b, b))
    yield of("parts-exchanged", flags, ROOT_MISMATCH, with_parts(r, 0, b, a, c))
    yield of("no-parts", flags, EMPTY_CLAIM, with_parts(r, 0))
    amount = ("AmountChanged",)
    for name, owed in (("plus-1", a.amount + 1), ("minus-1", a.amount - 1), ("most", 2**100)):
        changed = with_parts(r, 0, replace(a, amount=owed), b, c)
        yield of(f"amount-{name}", amount, TOTAL_MISMATCH, changed)
    moved = with_parts(r, 0, replace(a, amount=a.amount + 1), replace(b, amount=b.amount - 1), c)
    yield of("amount-moved-to-another-part", amount, TOTAL_MISMATCH, moved)
    zero = part_changed(r, 0, 1, lambda part: replace(part, amount=0))
    yield of("amount-0", ("ZeroAmount",), AMOUNT_OUT_OF_RANGE, zero)
    sums = a.proof.sums
    shifted = with_parts(r, 0, replace(with_sums(a, sums[0] - 1, *sums[1:]), amount=a.amount + 1), b, c)
    yield of("amount-1-from-sibling", ("AmountChanged", "SumChanged"), ROOT_MISMATCH, shifted)
    exchanged = with_parts(r, 0, with_sums(a, *sums[::-1]), b, c)
    yield of("sums-reversed", ("SumChanged",), ROOT_MISMATCH, exchanged)
    much = with_parts(r, 0, with_sums(a, 2**128 - 1, *sums[1:]), b, c)
    yield of("sum-overflows", ("Overflow", "SumChanged"), SUM_OVERFLOW, much)
    last = with_parts(r, 0, a, b, with_sums(c, *(0 for _ in c.proof.sums)))
    yield of("last-part-sums-zero", ("SumChanged",), TOTAL_MISMATCH, last)
    for name, salt in (
        ("bit", bytes([a.salt[0] ^ 1]) + a.salt[1:]),
        ("zero", bytes(16)),
        ("of-another", b.salt),
    ):
        changed = with_parts(r, 0, replace(a, salt=salt), b, c)
        yield of(f"salt-{name}", ("SaltChanged",), ROOT_MISMATCH, changed)
    far = part_changed(r, 0, 0, lambda part: replace(part, index=2**32 + part.index))
    yield of("index-plus-2-to-32", ("IndexChanged",), INDEX_OUT_OF_RANGE, far)
    aside = with_parts(r, 0, replace(a, index=a.index ^ 1), b, c)
    yield of("index-of-the-sibling", ("IndexChanged",), ROOT_MISMATCH, aside)
    few = part_changed(r, 0, 0, lambda part: replace(part, proof=_cut(part.proof)))
    yield of("sibling-dropped", ("DigestCount",), DIGEST_COUNT, few)


def _cut(proof: SumInclusionProof) -> SumInclusionProof:
    return replace(proof, sums=proof.sums[1:], digests=proof.digests[1:])


def _expectations(of: Maker, r: Receipt) -> Iterator[Attack]:
    for name, expected in (
        ("more", OWED | {"BTC": 24}),
        ("less", OWED | {"BTC": 22}),
        ("one-group-only", OWED | {"USD": 100}),
        ("another-asset", OWED | {"ETH": 1}),
        ("another-code", {"BTC": 23, "USDT": 142}),
        ("nothing", {}),
        ("zeros", {"BTC": 0, "USD": 0}),
        ("negative", OWED | {"ETH": -1}),
        ("plus-2-to-128", OWED | {"BTC": 23 + 2**128}),
    ):
        yield of(f"expected-{name}", ("Expected",), UNEXPECTED_BALANCE, r, expected=expected)


def _groups() -> Iterator[Attack]:
    """What two groups have of one code, each below 2^128."""
    for name, second, reason in (("2-to-128-minus-1", 2**127 - 1, None), ("2-to-128", 2**127, SUM_OVERFLOW)):
        holdings = [Holding(VICTIM, "BTC", group, (owed,)) for group, owed in (("", 2**127), ("EU", second))]
        decimals = {("BTC", ""): 8, ("BTC", "EU"): 8}
        made = commit(holdings, keys("2026-01-01"), decimals, without_assets())
        given = receipt(made, VICTIM)
        yield Attack(f"groups-add-to-{name}", ("Overflow",), made.statement, given, VICTIM, None, reason)
