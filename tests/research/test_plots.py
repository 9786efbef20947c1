"""Plots: all of them, the same bytes for the same results, and a clear word where matplotlib is not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tallystick import research
from tallystick.research import Bench, Results, Settings, grid, plot

QUICK = Settings(repeat=2, patience=0.0, batch=5, counts=("1", "50%"))


@pytest.fixture(scope="module")
def results() -> Results:
    cases = (
        *grid(["native", "rfc6962", "ssz_vector({size})", "openzeppelin_standard"], sizes=[8, 64]),
        *grid(["native"], hashes=["sha256", "blake2b_256"], sizes=[8, 64]),
        *grid(["native"], sizes=[64], threads=[2]),
    )
    return Bench(cases, QUICK).run()


def test_every_chart_in_both_forms_and_twice_the_same(results: Results, tmp_path: Path) -> None:
    first, second = plot(results, tmp_path / "a"), plot(results, tmp_path / "b" / "c")
    assert {path.name for path in first} == {
        f"{name}.{form}" for name in research.CHARTS for form in ("svg", "png")
    }
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        head = one.read_bytes()[:200]
        assert head.startswith(b"\x89PNG") if one.suffix == ".png" else b"<?xml" in head
    text = (tmp_path / "a" / "verify.svg").read_text(encoding="utf-8")
    assert "ssz_vector({size})/sha256" in text
    assert "<dc:date>" not in text
    assert "Matplotlib v" not in text


def test_what_is_read_again_gives_the_same_plots(results: Results, tmp_path: Path) -> None:
    again = research.from_json(research.to_json(results))
    for one, other in zip(plot(results, tmp_path / "a"), plot(again, tmp_path / "b"), strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_process_keeps_its_settings(results: Results, tmp_path: Path) -> None:
    import matplotlib as mpl

    mpl.rcParams["font.size"] = 30.0
    try:
        large = plot(results, tmp_path / "a", formats=["svg"])[0].read_bytes()
        assert mpl.rcParams["font.size"] == 30.0
    finally:
        mpl.rcdefaults()
    assert plot(results, tmp_path / "b", formats=["svg"])[0].read_bytes() == large


def test_a_chart_without_figures_is_not_drawn(results: Results, tmp_path: Path) -> None:
    one = [figure for figure in results.figures if figure.cell.variant == "rfc6962"]
    few = replace(results, figures=tuple(figure for figure in one if figure.measure == "build"))
    assert [path.name for path in plot(few, tmp_path, formats=["svg"])] == ["build-by-scheme.svg"]
    assert plot(replace(results, figures=()), tmp_path / "none") == ()


def test_forms(results: Results, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pdf"):
        plot(results, tmp_path, formats=["pdf"])


def test_without_matplotlib_the_extra_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from tallystick import research\n"
        "results = research.Bench([], memory=False).run()\n"
        "try: research.plot(results, sys.argv[1])\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "tallystick[plots]" in done.stdout


def test_importing_the_module_loads_neither_matplotlib_nor_the_command(tmp_path: Path) -> None:
    code = "import sys, tallystick.research; print({'matplotlib', 'click', 'rich'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "set()\n"
