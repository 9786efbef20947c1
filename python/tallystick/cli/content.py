"""What Arrow says about the content of a file, in the command's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tallystick.cli.failures import BadData


@contextmanager
def content_errors(path: Path) -> Iterator[None]:
    """Turn what Arrow says about a file's content into ``BadData`` that names the file."""
    import pyarrow as pa

    try:
        yield
    except pa.ArrowCancelled as error:
        raise KeyboardInterrupt from error
    except pa.ArrowException as error:
        raise BadData(f"{path}: {_first_line(error)}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise BadData(f"{path}: a name in it is not UTF-8: {error}", file=str(path)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise BadData(f"{path}: {_first_line(error)}", file=str(path)) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
