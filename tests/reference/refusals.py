"""Why a proof is refused: names of members of ``tallystick.errors.Reason``, present or to come."""

from __future__ import annotations

INDEX_OUT_OF_RANGE = "INDEX_OUT_OF_RANGE"
DIGEST_SIZE = "DIGEST_SIZE"
DIGEST_COUNT = "DIGEST_COUNT"
EMPTY_CLAIM = "EMPTY_CLAIM"
DUPLICATE_INDEX = "DUPLICATE_INDEX"
LENGTH_MISMATCH = "LENGTH_MISMATCH"
NOT_LARGER = "NOT_LARGER"
OTHER_SCHEME = "OTHER_SCHEME"
ROOT_MISMATCH = "ROOT_MISMATCH"
AMOUNT_OUT_OF_RANGE = "AMOUNT_OUT_OF_RANGE"
SUM_OVERFLOW = "SUM_OVERFLOW"
TOTAL_MISMATCH = "TOTAL_MISMATCH"
MALFORMED_LEAF = "MALFORMED_LEAF"
OTHER_STATEMENT = "OTHER_STATEMENT"
ASSET_ORDER = "ASSET_ORDER"
UNKNOWN_ASSET = "UNKNOWN_ASSET"
UNEXPECTED_BALANCE = "UNEXPECTED_BALANCE"


class Refused(Exception):
    """The proof does not prove the claim."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
