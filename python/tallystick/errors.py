"""The exceptions of tallystick, and the reasons a proof is refused for.

Misuse raises the built-in exceptions: ``TypeError``, ``ValueError``, ``IndexError``, ``OverflowError``.
"""

import enum
import typing

if typing.TYPE_CHECKING:
    from tallystick.liabilities import AuditReport

__all__ = [
    "AuditError",
    "ChainError",
    "DecodeError",
    "HashFailure",
    "InvalidProof",
    "InvalidSignature",
    "NotFound",
    "Reason",
    "RefusedMessage",
    "RootMismatch",
    "StaleHead",
    "StoreError",
    "TallystickError",
]


class Reason(enum.Enum):
    """Why a proof was refused: the ``reason`` of :class:`InvalidProof`."""

    INDEX_OUT_OF_RANGE = "the claimed index is not below the size of the tree"
    INDEX_REQUIRED = "this scheme binds the index, so the claim must state one"
    INDEX_NOT_BOUND = "proofs of this scheme show no place, so the claim states none"
    NO_GROWTH = "there are no proofs of growth for this scheme"
    EQUAL_SIBLINGS = "two siblings are equal, and a shorter tree has the same root"
    EMPTY_CLAIM = "nothing is claimed"
    DUPLICATE_INDEX = "an index is claimed twice"
    LENGTH_MISMATCH = "the claim's parts differ in number"
    MALFORMED_LEAF = "a claimed leaf is not one this scheme can have"
    DIGEST_SIZE = "the proof's digests are not of the scheme's size"
    DIGEST_COUNT = "the proof does not have the number of digests that size and index require"
    AMOUNT_OUT_OF_RANGE = "an amount is negative, or 2**128 or above"
    SUM_OVERFLOW = "sums add to 2**128 or more"
    TOTAL_MISMATCH = "the amounts lead to another total than the head's"
    NAMESPACE_SIZE = "a namespace is not of the scheme's size"
    NAMESPACE_ORDER = "namespaces do not ascend"
    NEIGHBOUR_NAMESPACE = "a node beside the claimed place may have leaves of the namespace"
    IGNORED_NAMESPACE = "nothing is shown of the highest namespace as a whole"
    NOT_LARGER = "a tree does not extend an empty or a larger one"
    OTHER_SCHEME = "the heads are of different schemes or contexts"
    OTHER_STATEMENT = "the receipt is for another statement"
    ASSET_ORDER = "the receipt's assets do not strictly ascend by code and group"
    UNKNOWN_ASSET = "the statement does not list this asset"
    UNEXPECTED_BALANCE = "another balance is proven than expected"
    OTHER_ORIGIN = "the statements are of different origins"
    NOT_NEXT = "the statement's sequence is not one more"
    OTHER_PREVIOUS = "the statement names another as the one before it"
    SAME_SNAPSHOT = "two statements are of the same snapshot"
    EARLIER = "the statement's time is before that of the one before it"
    ASSET_GONE = "the statement no longer lists an asset"
    OTHER_DECIMALS = "an asset has other decimals than before"
    UNSIGNED = "no signature is of the trusted key"
    WRONG_SIGNATURE = "a signature that claims to be of the trusted key is not"
    NO_EQUIVOCATION = "the record is not of two statements that clash"
    NODE_MISMATCH = "a node of a published file is not what its children make it"
    LEAF_MISMATCH = "a leaf's hash is not that of the customer and the amounts"
    WRONG_PLACE = "a part of a published proof states another level or side than it has"
    NOT_INCLUDED = "no leaf of the file is the customer's"
    DUPLICATE_KEY = "a key is claimed twice"
    KEY_SIZE = "a key is not of the scheme's size"
    OTHER_END = "the path of a key ends where the claim has it not"
    SHAPE = "no sparse tree of that size has a proof of that shape"
    WITNESS = "the leaf of another key, or the foot of a run, cannot stand where the proof has it"
    EMPTY_SIBLING = "a digest is sent though it is that of an empty subtree"
    KEY_ABSENT = "a key that is claimed present is shown absent"
    KEY_PRESENT = "a key that is claimed absent is shown present"
    OTHER_VALUE = "a key is shown with another value than the claimed one"
    NODE_COUNT = "the proof lacks a node on the way to a claimed key, or has others"
    OTHER_NODE = "a node of the proof is not the one that its parent names"
    MALFORMED_NODE = "a node of the proof is not one that a trie has at its place"
    HASH_REFUSED = "the hash does not take what claim and proof ask it to hash"
    ROOT_MISMATCH = "the computed root is not the head's root"
    SOME_FAILED = "some proofs of the batch are refused"


class TallystickError(Exception):
    """Base of the exceptions that are tallystick's own."""


class InvalidProof(TallystickError):
    """A proof does not prove its claim against the head.

    ``reason`` says why. From ``verify_each``, ``failed`` holds the places of the refused proofs, ascending.
    """

    def __init__(self, message: str, reason: Reason, failed: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.failed = failed

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.reason, self.failed)


class RootMismatch(InvalidProof):
    """The proof has the right shape but leads to another root.

    Leaf, index, proof and head do not belong together; which of them is wrong, nobody can tell.
    """

    def __init__(self, message: str, expected: bytes, computed: bytes) -> None:
        super().__init__(message, Reason.ROOT_MISMATCH)
        self.expected = expected
        self.computed = computed

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.expected, self.computed)


class ChainError(InvalidProof):
    """A statement is not the next after another, or statements are no chain."""


class InvalidSignature(InvalidProof):
    """A statement is not signed by the trusted key, or has a wrong signature that claims to be.

    A :class:`~tallystick.liabilities.Verifier` raises it with a message alone.
    """

    def __init__(
        self, message: str, reason: Reason = Reason.WRONG_SIGNATURE, failed: tuple[int, ...] = ()
    ) -> None:
        super().__init__(message, reason, failed)


class AuditError(TallystickError):
    """An audit found something; ``report`` says what: a :class:`~tallystick.liabilities.AuditReport`."""

    def __init__(self, message: str, report: "AuditReport") -> None:
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.report)


class DecodeError(TallystickError, ValueError):
    """Bytes or a file are not the canonical encoding of what they are read as, or are damaged."""


class HashFailure(TallystickError):
    """A hash function that is not built in failed, or is none.

    It gave a digest of another length, two digests for one message, or a status of its own; or the table of a
    plug-in is none, or it does not do what it says.
    """


class RefusedMessage(TallystickError, ValueError):
    """A message that a hash function does not take, as a number that is not below the modulus of its field.

    Native plug-ins say so by a status; a callable raises this. A proof that leads to such a message is
    refused: :class:`InvalidProof`, with the reason ``HASH_REFUSED``.
    """


class StaleHead(TallystickError, ValueError):
    """A proof was asked for a head that this tree does not have, or has no longer."""


class StoreError(TallystickError):
    """A store failed. It says nothing about whether what was asked for exists.

    Raised by stores, and by what is kept in them when tiles are missing or are not what the head says.
    """


class NotFound(TallystickError, LookupError):
    """A store answered, and what was asked for does not exist.

    Raised when what is to be opened is not there: a store, a log, a version of a tree.
    """
