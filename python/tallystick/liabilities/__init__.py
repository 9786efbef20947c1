"""What an operator owes: signed statements of totals, and receipts that customers check off line.

A :class:`Statement` commits to one sum tree an asset. A :class:`Receipt` shows one customer that the amounts
of theirs are counted in it. Statements are signed, and form a chain.

>>> from tallystick import liabilities
>>> signer = liabilities.Ed25519Signer.generate("exchange.example")
>>> first = liabilities.Statement(
...     origin="exchange.example", sequence=0, snapshot_id="2026-01-01", time=1_767_225_600, assets={}
... ).sign(signer)
>>> read = liabilities.Statement.from_note(first.to_note())
>>> liabilities.verify_chain([read], verifier=signer.verifier)
"""

from tallystick._core import AssetHead, Equivocation, Receipt, ReceiptAsset, ReceiptPart, Statement
from tallystick._core import liabilities_customer_key as customer_key
from tallystick._core import liabilities_equivocation as equivocation
from tallystick._core import liabilities_verify_chain as verify_chain
from tallystick.liabilities.signing import Ed25519Signer, Ed25519Verifier, Signer, Verifier

__all__ = [
    "AssetHead",
    "Ed25519Signer",
    "Ed25519Verifier",
    "Equivocation",
    "Receipt",
    "ReceiptAsset",
    "ReceiptPart",
    "Signer",
    "Statement",
    "Verifier",
    "customer_key",
    "equivocation",
    "verify_chain",
]
