"""What changed between two tables: their rows are compared by trees of fast digests.

This is the use of hashes that are not cryptographic. A :class:`Fingerprint` proves nothing: it tells its
owner where to look.

>>> from tallystick import changes
>>> changes.differences([b"alice: 5", b"bob: 7"], [b"alice: 5", b"bob: 8"]).tolist()
[1]
"""

import typing

import numpy as np
import numpy.typing as npt

from tallystick import hashes
from tallystick._core import Fingerprint

__all__ = ["Fingerprint", "differences"]


def differences(
    old: typing.Any,
    new: typing.Any,
    *,
    hash: hashes.Hash = hashes.XXH3_128,  # noqa: A002 - the field's word, and the API's
) -> npt.NDArray[np.uint64]:
    """Return the places, ascending, at which the rows of two tables differ, or only one of them has any.

    Takes any form of rows. To compare with a table that is no longer there, keep its :class:`Fingerprint`.
    Hashes both tables, by all threads.

    >>> import numpy as np
    >>> from tallystick import changes
    >>> old = np.zeros((1000, 16), np.uint8)
    >>> new = old.copy()
    >>> new[[3, 700], 5] = 1
    >>> changes.differences(old, new).tolist()
    [3, 700]
    """
    return Fingerprint(new, hash=hash).differences(Fingerprint(old, hash=hash))
