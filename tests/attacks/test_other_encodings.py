"""A9, A26, A27, A29, A44: JSON and Protobuf from a stranger, at every decoder of this library."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
import tallystick as ts

from tests.reference.protobuf_form import varint
from tests.support import built, flipped, rows, run_python

LEAVES = rows(7)
TREE = built(LEAVES, scheme=ts.schemes.NATIVE.with_context(b"day 1"))
HONEST: dict[str, Any] = {
    "scheme": TREE.scheme,
    "head": TREE.head,
    "inclusion": TREE.prove(3),
    "multi": TREE.prove_many([1, 5]),
    "consistency": TREE.prove_extends(5),
    "batch": TREE.prove_each([0, 6]),
    "shard": ts.Shard.from_leaves(3, LEAVES, scheme=TREE.scheme),
}
each_value = pytest.mark.parametrize("value", HONEST.values(), ids=HONEST)


def json_or_refused(kind: Any, text: str) -> Any:
    """The value, if there is one; then its one text is this one."""
    try:
        value = kind.from_json(text)
    except ts.DecodeError:
        return None
    assert value.to_json() == text
    return value


def protobuf_or_refused(kind: Any, raw: bytes) -> Any:
    try:
        value = kind.from_protobuf(raw)
    except ts.DecodeError:
        return None
    assert value.to_protobuf() == raw
    return value


@each_value
def test_a9_every_changed_character_is_refused_or_another_value(value: Any) -> None:
    text, kind = value.to_json(), type(value)
    assert json_or_refused(kind, text) == value
    for place in range(len(text) + 1):
        for insert in ("", "0", "1", "f", "F", '"', ",", " ", "[", "{", "}", "\\", "\n", "é"):
            for cut in (0, 1, 2):
                changed = text[:place] + insert + text[place + cut :]
                if changed != text:
                    assert json_or_refused(kind, changed) != value


@each_value
def test_a9_json_that_means_the_same_is_refused(value: Any) -> None:
    kind, text = type(value), value.to_json()
    read = json.loads(text)
    others = [
        json.dumps(read),
        json.dumps(read, indent=1),
        json.dumps(read, separators=(",", ":"), sort_keys=True),
    ]
    others += [text + "\n", " " + text, text[:-1] + " }", text[:-1] + ',"x":null}', text.upper()]
    others += [
        text.replace("tallystick", "tally\\u0073tick", 1),
        text.replace('"version":1', '"version":1.0', 1),
    ]
    others += [
        text.replace('"version":1', f'"version":{form}', 1)
        for form in ("1e0", "01", '"1"', "+1", "2", "true")
    ]
    members = list(read.items())
    for place in range(len(members)):
        without = [member for other, member in enumerate(members) if other != place]
        others.append(json.dumps(dict(without), separators=(",", ":")))
        again = json.dumps(dict([members[place]]), separators=(",", ":"))[1:-1]
        others += [text[:-1] + "," + again + "}", "{" + again + "," + text[1:]]
        others.append(
            json.dumps(dict(members[place:] + members[:place]), separators=(",", ":")) if place else ""
        )
    for other in others:
        assert json_or_refused(kind, other) is None


@each_value
def test_a9_every_changed_bit_of_a_message(value: Any) -> None:
    raw, kind = value.to_protobuf(), type(value)
    assert protobuf_or_refused(kind, raw) == value
    for bit in range(8 * len(raw)):
        assert protobuf_or_refused(kind, flipped(raw, bit)) != value


@each_value
def test_a9_messages_that_mean_the_same_are_refused(value: Any) -> None:
    """Longer varints, explicit zeros, unknown fields, repeated and reordered ones."""
    raw, kind = value.to_protobuf(), type(value)
    same = [b"\x08\x81\x00" + raw[2:], b"\x88\x00\x01" + raw[2:], raw[2:] + raw[:2], raw[:2] + raw, raw + raw]
    same += [
        raw + unknown
        for unknown in (b"\x78\x00", b"\x7a\x00", b"\x7d" + bytes(4), b"\x79" + bytes(8), b"\x7b\x7c")
    ]
    same += [
        raw + b"\x78" + b"\xff" * 9 + b"\x01",
        b"\x78\x01" + raw,
        b"\x0a\x01\x01" + raw[2:],
        b"\x0d\x01\0\0\0" + raw[2:],
    ]
    for other in same:
        assert protobuf_or_refused(kind, other) is None
    for place in range(len(raw)):
        if raw[place] < 128:
            longer = raw[:place] + bytes([raw[place] | 128, 0]) + raw[place + 1 :]
            assert protobuf_or_refused(kind, longer) != value


@each_value
def test_a44_every_cut(value: Any) -> None:
    text, raw, kind = value.to_json(), value.to_protobuf(), type(value)
    for length in range(len(text)):
        assert json_or_refused(kind, text[:length]) is None
    for length in range(len(raw)):
        assert protobuf_or_refused(kind, raw[:length]) != value


def test_a27_a_refusal_is_an_ordinary_exception() -> None:
    for value in HONEST.values():
        raw, kind = value.to_protobuf(), type(value)
        for bit in range(8 * len(raw)):
            for cut in (len(raw), len(raw) // 2):
                try:
                    kind.from_protobuf(flipped(raw, bit)[:cut])
                except BaseException as error:
                    assert type(error) is ts.DecodeError  # noqa: PT017 - also what is no Exception


DEPTH = 100_000


def json_bombs(text: str) -> dict[str, str]:
    """Deep nesting at every place, and long numbers and strings."""
    made = {f"{opening * 2}…": opening * DEPTH for opening in ("[", "{", '{"a":', '[{"a":', '"')}
    made |= {f"{opening}…{closing}": opening * DEPTH + closing * DEPTH for opening, closing in ("[]", "{}")}
    for key in ("version", "digests", "scheme", "digest_size", "size", "counts"):
        front, found, _ = text.partition(f'"{key}":')
        if found:
            made[f"{key} nested"] = front + found + "[" * DEPTH + "]" * DEPTH + "}"
            made[f"{key} in objects"] = front + found + '{"scheme":' * DEPTH
            made[f"{key} long"] = front + found + "9" * DEPTH + "}"
            made[f"{key} of zeros"] = front + found + '"' + "0" * DEPTH + '"}'
            made[f"{key} of commas"] = front + found + "[" + "," * DEPTH + "]}"
    return made


def protobuf_bombs(raw: bytes) -> dict[str, bytes]:
    """Few bytes that declare many, and messages within messages."""
    made: dict[str, bytes] = {}
    for field in (2, 3, 4, 5):
        tag = bytes([field << 3 | 2])
        for declared in (2**20, 2**31, 2**32, 2**62, 2**63, 2**64 - 1):
            made[f"field {field} of {declared}"] = b"\x08\x01" + tag + varint(declared) + bytes(40)
        nested = b""
        while len(nested) < 4000:
            nested = b"\x08\x01" + tag + varint(len(nested)) + nested
        made[f"field {field} nested"] = nested
        made[f"field {field} in groups"] = b"\x08\x01" + bytes([field << 3 | 3]) * 4000
        made[f"field {field} repeated"] = raw + (tag + b"\x00") * 2000
    made["varint without end"] = b"\x08" + b"\x80" * 4000
    return made


def within_time(call: Callable[[], object], limit: float) -> None:
    """The best of three, so that a busy machine is not taken for a slow decoder."""
    best = 9.0
    for _ in range(3):
        began = time.perf_counter()
        with pytest.raises(ts.DecodeError):
            call()
        best = min(best, time.perf_counter() - began)
        if best < limit:
            return
    raise AssertionError(f"{best:.3f} s")


@each_value
def test_a26_a29_no_bomb_takes_time(value: Any) -> None:
    kind = type(value)
    for raw in protobuf_bombs(value.to_protobuf()).values():
        within_time(lambda raw=raw: kind.from_protobuf(raw), 0.005)  # type: ignore[misc]
    for text in json_bombs(value.to_json()).values():
        within_time(lambda text=text: kind.from_json(text), 0.005)  # type: ignore[misc]


MEASURE = """
import sys, tallystick as ts
def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
claims = [line.rstrip("\\n").split(" ", 2) for line in sys.stdin]
of = {"protobuf": bytes.fromhex, "json": str}
claims = [(getattr(ts, kind), form, of[form](data)) for kind, form, data in claims]
before = peak()
for kind, form, data in claims:
    try:
        (kind.from_protobuf if form == "protobuf" else kind.from_json)(data)
    except ts.DecodeError:
        continue
    raise SystemExit("accepted")
print(peak() - before)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_a26_no_bomb_takes_memory() -> None:
    lines, longest = [], 0
    for value in HONEST.values():
        name = type(value).__name__
        lines += [f"{name} protobuf {raw.hex()}" for raw in protobuf_bombs(value.to_protobuf()).values()]
        texts = json_bombs(value.to_json()).values()
        lines += [f"{name} json {text}" for text in texts]
        longest = max(longest, *map(len, texts))
    done = run_python(MEASURE, input="\n".join(lines))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * 1024 <= (1 << 20) + 16 * longest
