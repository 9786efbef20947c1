"""Texts that are no JSON encoding, though most are JSON; each with the flag that says why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.reference.formats import FORMATS, others
from tests.reference.json_form import encode
from tests.reference.layouts import Kind
from tests.reference.objects import (
    AbsenceProof,
    Batch,
    ConsistencyProof,
    DigestList,
    Head,
    MultiProof,
    NamespacedHead,
    Shard,
    SumBatch,
    SumHead,
    SumList,
    SumMultiProof,
    SumShard,
)
from tests.reference.schemes import Scheme
from tests.reference.sparse_objects import SparseHead
from tests.reference.wire_samples import SAMPLES

Pieces = list[tuple[str, int]]  # texts, and how often each is repeated
Fault = tuple[str, str, str | Pieces]

DEEP = 100_000


def faults(wanted: type) -> Iterator[Fault]:
    text = encode(SAMPLES[wanted]())
    yield from _texts(wanted, text)
    yield from _keys(wanted, text)
    yield from _versions(text)
    alike = wanted in (MultiProof, ConsistencyProof, SumMultiProof, AbsenceProof)  # as others
    for name, kind in () if alike else FORMATS[wanted].fields:
        yield from _field(name, kind, text)
    yield from _values(wanted, text)
    yield from _deep(text)


def members(text: str) -> list[str]:
    """The members of the outer object, as they stand: no string in our samples has a comma or bracket."""
    found, depth, begin = [], 0, 1
    for at, char in enumerate(text):
        depth += (char in "{[") - (char in "]}")
        if (char == "," and depth == 1) or depth == 0:
            found.append(text[begin:at])
            begin = at + 1
    return found


def whole(parts: list[str]) -> str:
    return "{" + ",".join(parts) + "}"


def with_value(text: str, key: str, value: str) -> str:
    """The outer object with another value of a key."""
    parts = members(text)
    changed = [f'"{key}":{value}' if part.startswith(f'"{key}":') else part for part in parts]
    if changed == parts:
        raise ValueError(f"{key} is {value} already")
    return whole(changed)


def value_of(text: str, key: str) -> str:
    (found,) = (part for part in members(text) if part.startswith(f'"{key}":'))
    return found.removeprefix(f'"{key}":')


def _texts(wanted: type, text: str) -> Iterator[Fault]:
    yield "empty", "Truncated", ""
    for cut in (1, 11, len(text) // 2, len(text) - 2, len(text) - 1):
        yield f"cut-at-{cut}", "Truncated", text[:cut]
    for name, after in (
        ("brace", "}"),
        ("zero-byte", "\x00"),
        ("itself", text),
        ("comma", ","),
        ("null", "null"),
    ):
        yield f"and-{name}", "Trailing", text + after
    for name, changed in (
        ("before", " " + text),
        ("behind", text + " "),
        ("newline-behind", text + "\n"),
        ("in-brace", "{ " + text[1:]),
        ("after-colon", text.replace(":", ": ", 1)),
        ("before-colon", text.replace(":", " :", 1)),
        ("after-comma", text.replace(",", ", ", 1)),
        ("tab-before-end", text[:-1] + "\t}"),
        ("crlf", text.replace(",", ",\r\n", 1)),
        ("pretty", json.dumps(json.loads(text), indent=1)),
        ("default-separators", json.dumps(json.loads(text))),
    ):
        yield f"space-{name}", "WhiteSpace", changed
    yield "byte-order-mark", "NotCanonical", "\ufeff" + text
    yield "in-a-list", "NotCanonical", f"[{text}]"
    yield "single-quotes", "NotCanonical", text.replace('"', "'")
    yield "comment", "NotCanonical", text[:-1] + "/**/}"
    yield "trailing-comma", "NotCanonical", text[:-1] + ",}"
    yield "null", "NotCanonical", "null"
    yield "empty-object", "MissingKey", "{}"
    if wanted is not Scheme:
        yield "escape-in-format", "Escape", text.replace("tally", "\\u0074ally", 1)
    yield "escape-in-key", "Escape", text.replace('"version"', '"v\\u0065rsion"', 1)


def _keys(wanted: type, text: str) -> Iterator[Fault]:
    parts = members(text)
    yield "version-before-format", "KeyOrder", whole([parts[1], parts[0], *parts[2:]])
    yield "format-last", "KeyOrder", whole([*parts[1:], parts[0]])
    yield "keys-reversed", "KeyOrder", whole(parts[::-1])
    yield "last-two-exchanged", "KeyOrder", whole([*parts[:-2], parts[-1], parts[-2]])
    yield "keys-sorted", "KeyOrder", json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    for part in parts:
        key = json.loads("{" + part + "}").popitem()[0]
        yield f"{key}-missing", "MissingKey", whole([other for other in parts if other != part])
        yield (
            f"{key}-twice",
            "RepeatedKey",
            whole([twice for p in parts for twice in [p] * (1 + (p == part))]),
        )
        yield f"{key}-upper-case", "UnknownKey", text.replace(f'"{key}":', f'"{key.upper()}":', 1)
    yield "first-again-at-the-end", "RepeatedKey", whole([*parts, parts[2]])
    yield "unknown-at-the-end", "UnknownKey", whole([*parts, '"comment":""'])
    yield "unknown-at-the-start", "UnknownKey", whole(['"comment":""', *parts])
    yield "empty-key", "UnknownKey", whole([*parts, '"":0'])
    yield "proto-key", "UnknownKey", whole([*parts, '"__proto__":{}'])
    for layout in others(wanted):
        yield f"format-{layout.name}", "Format", with_value(text, "format", f'"tallystick-{layout.name}"')
    own = FORMATS[wanted].name
    for name in (
        own,
        f"tallystick-{own}s",
        f"Tallystick-{own}",
        f"tallystick_{own}",
        "",
        f"tallystick-{own} ",
    ):
        yield f"format-is-{name or 'empty'}", "Format", with_value(text, "format", f'"{name}"')


def _versions(text: str) -> Iterator[Fault]:
    for value in ("0", "2", "10", str(2**64 + 1)):
        yield f"version-{value}", "Version", with_value(text, "version", value)
    for value in ('"1"', "1.0", "1e0", "01", "+1", "-1", "true", "[1]", "null", ""):
        yield f"version-as-{value or 'nothing'}", "NumberForm", with_value(text, "version", value)


def _field(name: str, kind: Kind, text: str) -> Iterator[Fault]:
    value = value_of(text, name)
    changes: list[tuple[str, str]] = []
    forms: tuple[str, ...]
    if kind in (Kind.NUMBER, Kind.AMOUNT, Kind.TOTAL):
        above = 2**64 if kind is Kind.NUMBER else 2**128
        n = value[1:-1]
        forms = (n, f'"0{n}"', f'"+{n}"', f'"-{n}"', f'"{n}.0"', f'"{n}e0"', f'" {n}"', f'"{n} "', f'"0x{n}"')
        forms += ('""', '"-0"', '"00"', '"\u0667"', "null", "true", f'["{n}"]', f'"{n}n"', f'"{n}_0"')
        changes += [("NumberForm", form) for form in forms]
        changes += [
            ("NumberRange", f'"{above + int(n)}"'),
            ("NumberRange", f'"{10**30 if kind is Kind.NUMBER else 10**60}"'),
            ("NumberRange", '"-1"'),
        ]
    if kind in (Kind.SMALL, Kind.SHORT):
        room = 256 if kind is Kind.SMALL else 65536
        forms = (
            f'"{value}"',
            f"{value}.0",
            f"{value}e0",
            f"0{value}",
            f"+{value}",
            f"-{value}",
            "null",
            "true",
        )
        changes += [("NumberForm", form) for form in forms]
        changes += [
            ("NumberRange", str(big)) for big in (room, room + int(value), 2**64 + int(value), 10**40)
        ]
    if kind in (Kind.BYTES, Kind.DIGEST, Kind.HASH, Kind.BITS, Kind.WITNESS) and value != '""':
        changes += _hex_forms(value)
    if kind is Kind.NAME:
        plain = value[1:-1]
        changes += [("Escape", f'"\\u{ord(plain[0]):04x}{plain[1:]}"'), ("UnknownName", f'"{plain.upper()}"')]
        changes += [("UnknownName", '""'), ("UnknownName", f'"{plain} "'), ("NotCanonical", "null")]
        changes += [
            ("UnknownName", f'"{plain}\u00e9"'),
            ("NotCanonical", f'"{plain}'),
            ("Escape", f'"\\{plain}"'),
        ]
    if kind in (Kind.DIGESTS, Kind.SIBLINGS, Kind.WITNESSES):
        changes += digests_forms(value)
    if kind is Kind.COUNTS:
        forms = (
            '["1","0","2"]',
            "[1.0,0,2]",
            "[01,0,2]",
            "[-1,0,2]",
            "[+1,0,2]",
            "[1,,0,2]",
            "[1,0,2,]",
            "[,1,0,2]",
        )
        forms += ("[1 ,0,2]", "[[1,0,2]]", "[1,0,2", "1,0,2]", '"1,0,2"', "null", "{}")
        changes += [("NumberForm", form) for form in forms]
        changes += [("NumberRange", form) for form in ("[1,0,258]", "[1,256,2]", f"[1,0,{2**64 + 2}]")]
        changes += [
            ("Counts", form) for form in ("[]", "[1,0,1]", "[1,1,2]", "[1,0]", "[255,255,255]", "[0,0,0]")
        ]
    if kind is Kind.AMOUNTS:
        changes += amounts_forms(value)
    if kind is Kind.SCHEME:
        changes += [("NotCanonical", form) for form in ("null", "{}", f"[{value}]", json.dumps(value))]
    for number, (flag, changed) in enumerate(changes):
        yield f"{name}-{number}", flag, with_value(text, name, changed)


def _hex_forms(value: str) -> list[tuple[str, str]]:
    digits = value[1:-1]
    forms = [
        f'"{digits[:-1]}"',
        f'"0x{digits}"',
        f'"{digits[:-1]}g"',
        f'" {digits}"',
        f'"{digits[:2]} {digits[2:]}"',
    ]
    forms += [digits, "null", f'["{digits}"]', f'"{digits[:-2]}\u0661\u0661"']
    if re.search("[a-f]", digits):
        forms.append(f'"{digits.upper()}"')
    return [("Hex", form) for form in forms] + [("Escape", f'"\\u{ord(digits[0]):04x}{digits[1:]}"')]


def digests_forms(value: str) -> list[tuple[str, str]]:
    items = value[1:-1].split(",")
    first, rest = items[0], items[1:]
    digits = first[1:-1]
    swaps = [form for _, form in _hex_forms(first)]
    made = [("Hex", "[" + ",".join([form, *rest]) + "]") for form in swaps]
    lists: tuple[str, ...] = (
        "null",
        "{}",
        f'"{digits}"',
        f"[{value}]",
        value[:-1] + ",]",
        "[," + value[1:],
        value.replace(",", ",,", 1),
    )
    lists += (
        value.replace(",", "", 1),
        value.replace(",", ", ", 1),
        value[:-1],
        value[1:],
        "[ ]",
        value + value,
    )
    made += [("NotCanonical", form) for form in lists]
    sizes = ('""', f'"{digits[:-2]}"', f'"{digits}00"', f'"{digits}{digits}"')
    return made + [("DigestSize", "[" + ",".join([size, *rest]) + "]") for size in sizes]


def amounts_forms(value: str) -> list[tuple[str, str]]:
    items = value[1:-1].split(",")
    digits, rest = items[0][1:-1], items[1:]
    firsts = [digits, f'"0{digits}"', f'"+{digits}"', f'"-{digits}"', f'"{digits}.0"', f'"{digits}e0"']
    firsts += ['""', '"-0"', '"00"', f'" {digits}"', "null", f'["{digits}"]', '"\u0661"', '"0x1"', '"1_0"']
    made = [("NumberForm", "[" + ",".join([first, *rest]) + "]") for first in firsts]
    ranges = (str(2**128), str(2**128 + int(digits)), "-1", str(10**60))
    made += [("NumberRange", "[" + ",".join([f'"{one}"', *rest]) + "]") for one in ranges]
    lists = ("null", "{}", value[:-1] + ",]", "[," + value[1:], value.replace(",", ", ", 1), f"[{value}]")
    made += [("NotCanonical", one) for one in lists]
    counts = ("[]", "[" + ",".join(rest) + "]", "[" + ",".join([*items, '"0"']) + "]")
    return made + [("Counts", one) for one in counts]


def _values(wanted: type, text: str) -> Iterator[Fault]:
    if wanted is Scheme:
        for kind in ("0", "2", "3", "255"):
            yield f"kind-of-{kind}", "UnknownName", with_value(text, "kind", kind)
        yield "rules-not-empty", "RulesNotEmpty", with_value(text, "rules", '"00"')
        yield "rfc6962-context", "ContextRefused", with_value(text, "family", '"rfc6962"')
        yield "hash-not-cryptographic", "UnknownName", with_value(text, "hash", '"xxh3_128"')
    if wanted in (Head, Shard, SumHead, SumShard, NamespacedHead, SparseHead):
        inner = value_of(text, "scheme")
        yield "scheme-with-space", "WhiteSpace", with_value(text, "scheme", inner[:-1] + " }")
        yield "scheme-of-version-2", "Version", with_value(text, "scheme", with_value(inner, "version", "2"))
        yield (
            "scheme-is-a-head",
            "Format",
            with_value(text, "scheme", with_value(inner, "format", '"tallystick-head"')),
        )
        extra = whole([*members(inner), '"comment":""'])
        yield "scheme-with-unknown-key", "UnknownKey", with_value(text, "scheme", extra)
    if wanted in (Head, SumHead, SparseHead):
        yield "root-31-bytes", "DigestSize", with_value(text, "root", '"' + "00" * 31 + '"')
        yield "root-33-bytes", "DigestSize", with_value(text, "root", '"' + "00" * 33 + '"')
        yield "root-empty", "DigestSize", with_value(text, "root", '""')
    if issubclass(wanted, DigestList | SumList) or wanted in (Batch, SumBatch):
        for size in (0, 1, 31, 33, 64, 65, 255):
            yield f"digest-size-of-{size}", "DigestSize", with_value(text, "digest_size", str(size))
    if wanted in (Shard, SumShard):
        yield "reversed", "Reversed", with_value(with_value(text, "begin", '"9"'), "end", '"3"')
        yield "no-digests", "Counts", with_value(text, "digests", "[]")
        yield "other-end", "Counts", with_value(text, "end", '"11"')
        yield "empty-range", "Counts", with_value(text, "begin", '"9"')
    if issubclass(wanted, DigestList) and wanted is not MultiProof:
        head, tail = text.split("[", 1)
        digest = '"' + "00" * 32 + '"'
        yield (
            "256-digests",
            "TooMany",
            [(head + "[" + digest, 1), ("," + digest, 255), (tail[tail.index("]") :], 1)],
        )


def _deep(text: str) -> Iterator[Fault]:
    last = members(text)[-1]
    key = last[: last.index(":") + 1]
    before = text[: -len(last) - 1]
    yield "deep-lists", "Deep", [(before + key, 1), ("[", DEEP), ("]", DEEP), ("}", 1)]
    yield "deep-lists-open", "Deep", [(before + key, 1), ("[", DEEP)]
    yield "deep-objects", "Deep", [(before + key, 1), ('{"a":', DEEP), ("0", 1), ("}", DEEP + 1)]
    yield "deep-from-the-start", "Deep", [("[", DEEP), ("]", DEEP)]
    yield "deep-schemes", "Deep", [('{"format":"tallystick-head","version":1,"scheme":', DEEP), ("}", DEEP)]
