"""What is opened and closed: every store that is written in Python, and what is put around one."""

from __future__ import annotations

from typing import NoReturn, Self


class Opened:
    """Closed at the end of a ``with`` block, and never pickled or copied."""

    def close(self) -> None:
        """Nothing to do."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a store cannot be pickled or copied: open it again where it is needed")
