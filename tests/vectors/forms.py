"""The forms of an object, as the vector files have them: read, written, refused."""

from __future__ import annotations

import pickle
import time
from typing import Any

import pytest
import tallystick as ts

from tests.vectors.files import Json

#: Seconds of a processor that refusing takes at most, however long the input says that it is.
LONGEST = 0.1


def decoded(kind: Any, form: str, data: Any) -> Any:
    return {"binary": kind.from_bytes, "json": kind.from_json, "protobuf": kind.from_protobuf}[form](data)


def forms(value: Any) -> Json:
    return {"binary": value.to_bytes(), "json": value.to_json(), "protobuf": value.to_protobuf()}


def bad_input(case: Json) -> tuple[str, str | bytes]:
    """The form and the input."""
    form = case["form"]
    if "pieces" in case:
        joined = "".join(piece * int(times) for piece, times in case["pieces"])
    else:
        joined = case["text"] if form == "json" else case["encoding"]
    return form, joined if form == "json" else bytes.fromhex(joined)


def check_encodings(kind: Any, case: Json) -> None:
    """All forms of a valid case are one object, and are written again as they were."""
    expected = {"json": case["json"]} | {form: bytes.fromhex(case[form]) for form in ("binary", "protobuf")}
    values = [decoded(kind, form, data) for form, data in expected.items()]
    for value in values:
        assert forms(value) == expected
        assert value == values[0]
        assert hash(value) == hash(values[0])
        assert pickle.loads(pickle.dumps(value)) == value


def check_refused(kind: Any, case: Json) -> None:
    """An invalid case is refused, and soon."""
    form, data = bad_input(case)
    began = time.thread_time()
    with pytest.raises(ts.DecodeError, match=r"."):
        decoded(kind, form, data)
    assert time.thread_time() - began < LONGEST
