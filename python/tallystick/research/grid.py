"""The grid: which schemes, hashes, sizes and numbers of threads are measured."""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

from tallystick import _core
from tallystick import hashes as _hashes
from tallystick import schemes as _schemes
from tallystick._core import Hash, Scheme
from tallystick.research.results import Settings

__all__ = ["Case", "grid", "laptop", "quick"]

_CALL = re.compile(r"(?P<family>[a-z0-9_]+)\((?P<parameters>[0-9a-z_,]+)\)")
#: Not in ``schemes.names()``, which lists what has no parameters.
_WITH_PARAMETERS = (
    "fixed_depth(32)",
    "openzeppelin_solidity(32)",
    "ssz_vector({size})",
    "ssz_list(1099511627776)",
    "filecoin(2)",
    "filecoin(4)",
    "filecoin(8)",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One cell to measure. ``scheme`` is a value, or the reason why there is none.

    ``variant`` names it in tables and plots, without the hash ``hash``.

    >>> import tallystick as ts
    >>> from tallystick.research import Case
    >>> Case("rfc6962", "sha256", ts.schemes.RFC6962, 64, 1).scheme.name
    'rfc6962/sha256'
    """

    variant: str
    hash: str
    scheme: Scheme | str
    size: int
    threads: int


def grid(
    schemes: Iterable[str | Scheme],
    *,
    hashes: Iterable[str | Hash] = (),
    sizes: Iterable[SupportsIndex] = (4096,),
    threads: Iterable[SupportsIndex] = (1,),
) -> tuple[Case, ...]:
    """Return every scheme with every hash, size and number of threads.

    A scheme is a value, which has its hash; a full name as ``rfc6962/sha256``, which has too; or a family's
    name, with parameters or without, which is taken with each of ``hashes``, or with its own if there are
    none. ``{size}`` in a name stands for the number of leaves, ``{depth}`` for the levels of a binary tree of
    as many: ``ssz_vector({size})``. A combination that there is not becomes a case that says so, and the
    results repeat it.

    Raises ``ValueError`` for a family or hash that does not exist, a family without the parameters that it
    needs, two schemes of one name, a size below 0 or above 2**63 - 1, or no
    thread, and ``TypeError`` for anything else.

    >>> from tallystick import research
    >>> cases = research.grid(["rfc6962", "native"], hashes=["sha256", "blake3"], sizes=[64, 4096])
    >>> [case.scheme.name for case in cases if case.size == 64]
    ['rfc6962/sha256', 'rfc6962/blake3', 'native/sha256', 'native/blake3']
    """
    chosen = tuple(_hash(one) for one in hashes)
    all_sizes = tuple(_at_least(0, size, "size") for size in sizes)
    all_threads = tuple(_at_least(1, count, "number of threads") for count in threads)
    found: list[Case] = []
    for asked in schemes:
        for variant, own in _columns(asked, chosen):
            for size in all_sizes:
                scheme = asked if isinstance(asked, Scheme) else _named(variant, own, size)
                found += [Case(variant, own.name, scheme, size, count) for count in all_threads]
    _tell_apart(found)
    return tuple(dict.fromkeys(found))


def _tell_apart(cases: Iterable[Case]) -> None:
    """Refuse two schemes of one name and hash: nothing in the results would say which is which."""
    known: dict[tuple[str, str, int], Scheme | str] = {}
    for case in cases:
        if known.setdefault((case.variant, case.hash, case.size), case.scheme) != case.scheme:
            raise ValueError(f"two schemes are called {case.variant}/{case.hash}: give each its own name")


def quick() -> tuple[tuple[Case, ...], Settings]:
    """Return cases and settings of a run of some seconds: every family, small trees, one thread.

    >>> from tallystick import research
    >>> cases, settings = research.quick()
    >>> {case.size for case in cases}
    {64, 4096}
    """
    return grid(_variants(), sizes=(64, 4096)), Settings(repeat=3, patience=0.2)


def laptop() -> tuple[tuple[Case, ...], Settings]:
    """Return cases and settings of a run of less than five minutes on two cores: what the plots are made of.

    Every family with its own hash and 64, 4096, 100,000 and 262,144 leaves, powers of 2, 4 and 8 but for
    one; ``native`` with every built-in hash; ``native`` and ``rfc6962`` with 1, 2 and 4 threads.

    >>> from tallystick import research
    >>> cases, settings = research.laptop()
    >>> max(case.size for case in cases)
    262144
    """
    sizes = (64, 4096, 100_000, 262_144)
    usable = [one for one in _hashes._BUILT_IN if one.cryptographic]
    cases = (
        *grid(_variants(), sizes=sizes),
        *grid(["native"], hashes=usable, sizes=sizes),
        *grid(["native", "rfc6962"], sizes=sizes[-1:], threads=(1, 2, 4)),
    )
    return tuple(dict.fromkeys(cases)), Settings(repeat=15, patience=1.0)


def _variants() -> list[str]:
    """Return the families without parameters, and some with."""
    plain = {name.partition("/")[0]: _schemes.get(name) for name in _schemes.names()}
    # Sparse trees have keys, not rows of leaves.
    return [*(name for name, scheme in plain.items() if scheme.kind != "sparse"), *_WITH_PARAMETERS]


def _columns(asked: str | Scheme, chosen: Sequence[Hash]) -> list[tuple[str, Hash]]:
    """Return the variants that ``asked`` stands for, each a name and its hash."""
    if isinstance(asked, Scheme):
        return [(asked.name.rpartition("/")[0], asked.hash)]
    if not isinstance(asked, str):
        raise TypeError(f"a scheme is a name or a Scheme, not {type(asked).__name__}")
    variant, slash, own = asked.rpartition("/")
    if slash:
        _family(variant)
        return [(variant, _hash(own))]
    default = _family(asked)
    return [(asked, one) for one in chosen or (default,)]


def _family(variant: str) -> Hash:
    """Return the hash that a family has by itself; ``ValueError`` if there is no such family."""
    name = variant.partition("(")[0]
    constant, function = getattr(_schemes, name.upper(), None), getattr(_schemes, name, None)
    if isinstance(constant, Scheme):
        return constant.hash
    known = {one.partition("/")[0] for one in _schemes.names()}
    if name in known or (inspect.isfunction(function) and name not in ("get", "names", "dense")):
        parameters = inspect.signature(function).parameters if inspect.isfunction(function) else {}
        needed = [one.name for one in parameters.values() if one.default is inspect.Parameter.empty]
        if needed and "(" not in variant:
            raise ValueError(f"{name} takes parameters: {name}({', '.join(needed)})")
        taken = parameters.get("hash")
        return taken.default if taken and isinstance(taken.default, Hash) else _hashes.SHA256
    raise ValueError(f"there is no family of schemes {name!r}; there are {', '.join(_variants())}")


def _hash(asked: str | Hash) -> Hash:
    if isinstance(asked, Hash):
        return asked
    if not isinstance(asked, str):
        raise TypeError(f"a hash is a name or a Hash, not {type(asked).__name__}")
    return _hashes.get(asked)


def _named(variant: str, own: Hash, size: int) -> Scheme | str:
    """Return the scheme of this name for ``size`` leaves, or why there is none."""
    name = variant.replace("{size}", str(size)).replace("{depth}", str(max(size - 1, 0).bit_length()))
    try:
        match = _CALL.fullmatch(name)
        function: Any = getattr(_schemes, name.partition("(")[0], None)
        # The function of the family takes some parameters by itself; the full name has all of them.
        if inspect.isfunction(function) and (match is None or match["parameters"].isdecimal()):
            made = function(*map(int, _parameters(match)), hash=own)
            if isinstance(made, Scheme):
                return made
        return _core.scheme_of_family(name, own)
    except (ValueError, TypeError, OverflowError) as error:
        return f"no scheme {name}/{own.name}: {error}"


def _parameters(match: re.Match[str] | None) -> list[str]:
    return match["parameters"].split(",") if match else []


def _at_least(least: int, value: SupportsIndex, what: str) -> int:
    number = operator.index(value)
    if number < least:
        raise ValueError(f"a {what} is at least {least}, not {number}")
    if number >= 1 << 63:
        raise ValueError(f"a {what} is below 2**63, not {number}")
    return number
