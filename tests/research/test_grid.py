"""Grids: which names there are, which hash a family has, what placeholders stand for."""

from __future__ import annotations

import pytest
import tallystick as ts
from tallystick.research import Case, grid, laptop, quick

from tests.reference.hashes import HASHES


def names(cases: tuple[Case, ...]) -> list[str]:
    return [case.scheme if isinstance(case.scheme, str) else case.scheme.name for case in cases]


def test_the_order_is_schemes_hashes_sizes_threads() -> None:
    cases = grid(["native", "rfc6962"], hashes=["sha256", "blake3"], sizes=[1, 2], threads=[1, 4])
    assert len(cases) == 16
    assert [(case.variant, case.hash, case.size, case.threads) for case in cases[:5]] == [
        ("native", "sha256", 1, 1),
        ("native", "sha256", 1, 4),
        ("native", "sha256", 2, 1),
        ("native", "sha256", 2, 4),
        ("native", "blake3", 1, 1),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("native", "native/blake3"),
        ("rfc6962", "rfc6962/sha256"),
        ("openzeppelin_standard", "openzeppelin_standard/keccak256"),
        ("nervos_mmr", "nervos_mmr/blake2b_256"),
        ("bitcoin/blake3", "bitcoin/blake3"),
        ("ssz_list(1024)", "ssz_list(1024)/sha256"),
        ("ssz_vector({size})", "ssz_vector(100)/sha256"),
        ("fixed_depth({depth})", f"fixed_depth(7,2,{bytes(32).hex()})/sha256"),
        ("openzeppelin_solidity({depth})", f"openzeppelin_solidity(7,{bytes(32).hex()})/keccak256"),
        (f"fixed_depth(9,3,{bytes(32).hex()})/sha3_256", f"fixed_depth(9,3,{bytes(32).hex()})/sha3_256"),
        ("filecoin(8)/blake2s_256", "filecoin(8)/blake2s_256"),
    ],
)
def test_names(asked: str, found: str) -> None:
    assert names(grid([asked], sizes=[100])) == [found]


def test_a_value_is_taken_as_it_is() -> None:
    own = ts.schemes.native(ts.hashes.SHA3_256).with_context(b"mine")
    (case,) = grid([own], hashes=["blake3"], sizes=[8])
    assert case.scheme == own
    assert (case.variant, case.hash) == ("native", "sha3_256")


def test_hashes_are_names_or_values() -> None:
    cases = grid(["native"], hashes=[ts.hashes.SHA256, "blake3"], sizes=[8])
    assert names(cases) == ["native/sha256", "native/blake3"]


def test_a_cell_stands_once() -> None:
    assert len(grid(["native", "native/blake3"], sizes=[8, 8])) == 1


@pytest.mark.parametrize(
    "asked", ["native/xxh3_128", "filecoin(3)", "ssz_vector({size})", "fixed_depth(1000)"]
)
def test_what_there_is_not_says_why(asked: str) -> None:
    (case,) = grid([asked], sizes=[0])
    assert isinstance(case.scheme, str)
    assert case.scheme.startswith("no scheme ")
    assert len(case.scheme) < 200


@pytest.mark.parametrize("asked", ["get", "names", "dense", "f", "Scheme", "", "nothing", "no(1)", "/sha256"])
def test_what_is_no_family(asked: str) -> None:
    with pytest.raises(ValueError, match="there is no family"):
        grid([asked])


def test_arguments_that_are_none() -> None:
    with pytest.raises(ValueError, match="no hash"):
        grid(["native"], hashes=["md5"])
    with pytest.raises(TypeError):
        grid([1])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        grid(["native"], hashes=[1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="size"):
        grid(["native"], sizes=[-1])
    with pytest.raises(ValueError, match="below"):
        grid(["native"], sizes=[2**63])
    with pytest.raises(ValueError, match="threads"):
        grid(["native"], threads=[0])
    with pytest.raises(TypeError):
        grid(["native"], sizes=["8"])  # type: ignore[list-item]


@pytest.mark.parametrize("preset", [quick, laptop])
def test_presets_have_every_family(preset: object) -> None:
    cases, settings = preset()  # type: ignore[operator]
    families = {case.variant.partition("(")[0] for case in cases}
    sparse = {name for name in ts.schemes.names() if ts.schemes.get(name).kind == "sparse"}
    assert families >= {name.partition("/")[0] for name in set(ts.schemes.names()) - sparse}
    assert not families & {name.partition("/")[0] for name in sparse}
    assert families >= {"fixed_depth", "openzeppelin_solidity", "ssz_vector", "ssz_list", "filecoin"}
    assert all(isinstance(case.scheme, ts.Scheme) for case in cases)
    assert settings.seed == 1


def test_the_laptop_grid_has_hashes_and_threads() -> None:
    cases, _ = laptop()
    usable = {name for name in HASHES if ts.hashes.get(name).cryptographic}
    assert {case.hash for case in cases if case.variant == "native"} == usable
    assert {case.threads for case in cases} == {1, 2, 4}
    # Celestia and all others that a user of this version finds, each with a power of every arity.
    assert {64, 4096, 262_144} <= {case.size for case in cases}
