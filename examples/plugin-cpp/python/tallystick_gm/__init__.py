"""SM3 and Streebog-256 for tallystick.

>>> import tallystick as ts
>>> ts.hashes.get("sm3").digest(b"abc").hex()[:8]
'66c7f0f4'
"""

from tallystick_gm._native import SM3, SM3_PATHS, STREEBOG_256, Function

__all__ = ["SM3", "SM3_PATHS", "STREEBOG_256", "Function"]
