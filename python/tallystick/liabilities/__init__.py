"""What an operator owes: snapshots of balances, signed statements of totals, receipts that customers check.

:func:`commit` makes a :class:`Snapshot` of a table of holdings. Its :class:`Statement` commits to one sum
tree an asset; a :class:`Receipt` shows one customer that the amounts of theirs are counted in it. Statements
are signed, and form a chain. What others publish about what they owe is read by
:mod:`tallystick.liabilities.published`.

>>> from tallystick import liabilities
>>> table = {"user": ["alice", "bob"], "BTC": ["0.5", "1.25"], "EUR": ["0", "70.10"]}
>>> snapshot = liabilities.commit(
...     table, id="user", assets={"BTC": 8, "EUR": 2}, unit="major",
...     origin="exchange.example", snapshot_id="2026-01-01")
>>> signer = liabilities.Ed25519Signer.generate("exchange.example")
>>> note = snapshot.statement.sign(signer).to_note()
>>> receipt = snapshot.receipt("bob").to_bytes()

and what bob does with the note, the receipt and a key that he knows:

>>> statement = liabilities.Statement.from_note(note)
>>> statement.verify_signature(signer.verifier)
>>> statement.verify(liabilities.Receipt.from_bytes(receipt), "bob", {"BTC": 125_000_000, "EUR": 7010})
{'BTC': 125000000, 'EUR': 7010}
"""

from tallystick._core import (
    AssetHead,
    Equivocation,
    Receipt,
    ReceiptAsset,
    ReceiptChunk,
    ReceiptPart,
    Snapshot,
    Statement,
)
from tallystick._core import liabilities_commit as commit
from tallystick._core import liabilities_customer_key as customer_key
from tallystick._core import liabilities_equivocation as equivocation
from tallystick._core import liabilities_verify_chain as verify_chain
from tallystick.liabilities.audits import (
    AuditedAsset,
    AuditReport,
    Finding,
    FindingKind,
    TableComparison,
    audit,
)
from tallystick.liabilities.detection import checks_needed, detection_probability
from tallystick.liabilities.diffs import AssetDiff, Count, DiffReport, DiffSide, Moved, diff
from tallystick.liabilities.receipts import ReceiptFiles, open_receipts
from tallystick.liabilities.signing import Ed25519Signer, Ed25519Verifier, Signer, Verifier

__all__ = [
    "AssetDiff",
    "AssetHead",
    "AuditReport",
    "AuditedAsset",
    "Count",
    "DiffReport",
    "DiffSide",
    "Ed25519Signer",
    "Ed25519Verifier",
    "Equivocation",
    "Finding",
    "FindingKind",
    "Moved",
    "Receipt",
    "ReceiptAsset",
    "ReceiptChunk",
    "ReceiptFiles",
    "ReceiptPart",
    "Signer",
    "Snapshot",
    "Statement",
    "TableComparison",
    "Verifier",
    "audit",
    "checks_needed",
    "commit",
    "customer_key",
    "detection_probability",
    "diff",
    "equivocation",
    "open",
    "open_receipts",
    "verify_chain",
]

open = Snapshot.open  # noqa: A001 (its name is the contract's)
