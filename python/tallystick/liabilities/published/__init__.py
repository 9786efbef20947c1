"""Readers of proofs of liabilities that others have published: what they prove, and what they do not.

One module a format: :mod:`~tallystick.liabilities.published.bitmex` (also River's; it is written here too),
:mod:`~tallystick.liabilities.published.okx_v1`, :mod:`~tallystick.liabilities.published.okx_v2`,
:mod:`~tallystick.liabilities.published.bybit`, :mod:`~tallystick.liabilities.published.bitget`,
:mod:`~tallystick.liabilities.published.mexc`, :mod:`~tallystick.liabilities.published.armanino` (also Gate's
of 2020 to 2022), :mod:`~tallystick.liabilities.published.swissborg`,
:mod:`~tallystick.liabilities.published.binance2022`. Every one is verified strictly, against a root that
comes from elsewhere than the file, and every result says why the format itself is not sound:
:class:`PublishedResult` has ``sound`` and ``weaknesses``.

Apart from BitMEX's, whose files are large, these formats are strings that are hashed one customer at a time.
They are hashed here, in Python, by ``hashlib``; nothing of this enters the trees of this library.

>>> import hashlib, json
>>> from tallystick.liabilities import published
>>> published.Weakness.MAX_INSTEAD_OF_SUM.number
1
>>> published.okx_v1.WEAKNESSES[0]
<Weakness.MAX_INSTEAD_OF_SUM: 1>
"""

from tallystick.liabilities.published import (
    armanino,
    binance2022,
    bitget,
    bitmex,
    bybit,
    mexc,
    okx_v1,
    okx_v2,
    swissborg,
)
from tallystick.liabilities.published.result import PublishedResult, Weakness

__all__ = [
    "PublishedResult",
    "Weakness",
    "armanino",
    "binance2022",
    "bitget",
    "bitmex",
    "bybit",
    "mexc",
    "okx_v1",
    "okx_v2",
    "swissborg",
]
