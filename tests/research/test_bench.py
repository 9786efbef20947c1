"""Runs: what they measure, what they leave out and say so, what an interruption leaves."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts
from tallystick import research
from tallystick.research import Bench, Case, Cell, Figure, HashCalls, Results, Settings, grid
from tallystick.research._inputs import chosen, inputs
from tallystick.schemes import f

QUICK = Settings(repeat=1, patience=0.0, batch=20, counts=("1", "10", "50%", "5000"), memory=False)


def ran(*schemes: str | ts.Scheme, sizes: tuple[int, ...] = (64,), settings: Settings = QUICK) -> Results:
    return Bench(grid(schemes, sizes=sizes), settings).run()


def measured(results: Results) -> set[str]:
    return {figure.measure for figure in results.figures}


def reasons(results: Results, measure: str) -> list[str]:
    return [one.reason for one in results.omissions if one.measure == measure]


EVERYTHING = {
    name
    for name in research.MEASURES
    if "namespace" not in name and name not in ("peak_memory", "tree_memory")
}


def test_a_scheme_that_can_do_everything_is_measured_in_everything() -> None:
    results = ran("rfc6962")
    assert measured(results) == EVERYTHING
    assert results.complete
    assert {(one.measure, one.count) for one in results.omissions} == {("prove_multi", 5000)}
    assert all(figure.least <= figure.median <= figure.most for figure in results.figures)
    assert {one.count for one in results.select("prove_multi")} == {1, 10, 32}
    assert all(one.least > 0 for one in results.figures if one.unit == "s")


def test_bytes_and_calls_are_those_of_the_tree() -> None:
    results = ran("rfc6962", "bitcoin", sizes=(21,))
    for figure in results.select("proof_bytes"):
        cell = figure.cell
        scheme = ts.schemes.get(cell.scheme)
        data = inputs("dense", 21, cell.leaf_bytes, 1)
        tree = ts.MerkleTree(data.leaves, scheme=scheme)
        lengths = [len(tree.prove(index).to_bytes()) for index in range(21)]
        assert (figure.least, figure.most, figure.samples) == (min(lengths), max(lengths), 21)
        assert figure.mean == pytest.approx(sum(lengths) / 21)
        (calls,) = results.select("calls_build", [cell])
        assert calls.median == HashCalls(scheme).build(21)
        (variant,) = (one for one in results.variants if one.scheme == cell.scheme)
        assert variant.root == tree.root.hex()
        assert variant.bare_leaves == scheme.bare_leaves


def test_multi_proofs_have_the_bytes_of_multi_proofs() -> None:
    results = ran("native", sizes=(100,))
    tree = ts.MerkleTree(inputs("dense", 100, 32, 1).leaves)
    for figure in results.select("multi_bytes"):
        indices = np.sort(chosen(100, figure.count, 1, 5))
        assert figure.median == len(tree.prove_many(indices).to_bytes())
    assert {figure.count for figure in results.select("multi_bytes")} == {1, 10, 50}


def test_the_same_seed_gives_the_same_leaves_and_indices() -> None:
    exact = ("bytes", "calls")

    def found(seed: int) -> tuple[object, object]:
        results = ran("rfc6962", "native_sum", sizes=(100,), settings=replace(QUICK, seed=seed))
        return results.variants, [one for one in results.figures if one.unit in exact]

    assert found(1) == found(1)
    assert found(1)[0] != found(2)[0]


def test_inputs_never_change() -> None:
    data = inputs("sum", 3, 8, 1)
    assert data.leaves.tobytes().hex() == "c937cfdaef4a805311f5fbb794aad79c5b5cc0330fecca39"
    assert data.amounts is not None
    assert data.amounts.tolist() == [242797750173, 225609968520, 483743730057]
    assert chosen(1000, 4, 1).tolist() == [229, 853, 297, 791]
    assert sorted(chosen(10, 10, 5).tolist()) == list(range(10))
    assert len(set(chosen(10**9, 1000, 1).tolist())) == 1000
    assert len(inputs("dense", 0, 8, 1)) == 0


def test_namespaces_ascend_and_later_leaves_can_follow() -> None:
    first, later = (inputs("namespaced", 50, 8, 1, part).namespaces for part in (0, 1))
    assert first is not None
    assert later is not None
    rows = [row.tobytes() for row in (*first, *later)]
    assert rows == sorted(rows)
    assert {len(row) for row in rows} == {29}
    assert 1 < len(set(rows[:50])) < 20


def test_what_does_not_grow_is_said_to() -> None:
    results = ran("ssz_vector({size})", "filecoin(4)")
    assert {cell.scheme for cell in results.cells} == {"ssz_vector(64)/sha256", "filecoin(4)/sha256"}
    assert not measured(results) & {"append", "extend", "update", "prove_growth", "calls_append"}
    for measure in ("append", "extend", "prove_growth"):
        found = reasons(results, measure)
        assert len(found) == 2
        assert all(one.startswith("not supported: ") for one in found)


def test_sorted_pairs_have_no_proofs_of_many() -> None:
    results = ran("openzeppelin_standard", "openzeppelin_solidity({depth})")
    assert measured(results) >= {"build", "prove", "verify", "proof_bytes", "calls_verify"}
    assert "prove_multi" not in measured(results)
    assert any("not supported" in one for one in reasons(results, "prove_multi"))


def test_sizes_that_a_scheme_does_not_take_are_listed() -> None:
    results = ran("filecoin(8)", "openzeppelin_simple", sizes=(0, 63, 64))
    left_out = {(one.cell.variant, one.cell.size): one.reason for one in results.omissions if not one.measure}
    assert set(left_out) == {("filecoin(8)", 0), ("filecoin(8)", 63), ("openzeppelin_simple", 0)}
    assert all(reason.startswith("not supported: ") for reason in left_out.values())
    assert results.complete


def test_an_empty_tree_has_a_build_and_no_proofs() -> None:
    results = ran("native", sizes=(0,))
    assert measured(results) >= {"build", "append", "extend", "calls_build"}
    assert "proof_bytes" not in measured(results)
    assert results.select("calls_build")[0].median == 2


def test_a_tree_of_one_leaf() -> None:
    results = ran("native", "bitcoin", "openzeppelin_standard", "native_sum", sizes=(1,))
    assert {figure.median for figure in results.select("proof_bytes")} <= {6, 14}
    assert len(results.select("verify")) == 4


def test_sums_have_amounts_and_no_growth() -> None:
    results = ran("native_sum")
    assert measured(results) == EVERYTHING - {
        "prove_growth",
        "verify_growth",
        "growth_bytes",
        "calls_verify_growth",
    }
    assert reasons(results, "prove_growth") == ["not supported: SumTree has no prove_extends"]


def test_namespaces_have_proofs_of_their_own() -> None:
    results = ran("celestia", sizes=(0, 1, 100))
    assert measured(results) >= {"append", "extend", "verify", "namespace_bytes", "calls_verify_namespace"}
    assert not {"update", "prove_batch", "prove_multi"} & measured(results)
    assert {figure.cell.size for figure in results.select("verify_namespace")} == {1, 100}
    calls, rfc6962 = HashCalls(ts.schemes.get("celestia/sha256")), HashCalls(ts.schemes.RFC6962)
    assert [calls.build(size) for size in range(41)] == [rfc6962.build(size) for size in range(41)]


def test_a_scheme_of_ones_own() -> None:
    own = ts.schemes.dense("own", ts.hashes.BLAKE3, leaf=(b"l", f.data), node=(b"n", f.children))
    results = ran(own)
    assert measured(results) == EVERYTHING
    assert results.cells == (Cell("own", "own/blake3", "blake3", 64, 1, 32),)
    assert results.select("calls_build")[0].median == 127


def test_bare_leaves_are_digests() -> None:
    results = ran("bitcoin", "rfc6962", settings=replace(QUICK, leaf_bytes=7))
    assert {cell.variant: cell.leaf_bytes for cell in results.cells} == {"bitcoin": 32, "rfc6962": 7}


def test_only_the_kinds_of_proofs_that_are_asked_for() -> None:
    results = ran("native", settings=replace(QUICK, proofs=("multi",)))
    assert measured(results) >= {"prove_multi", "verify_multi", "multi_bytes"}
    assert not measured(results) & {"prove", "prove_batch", "prove_growth", "proof_bytes"}


def test_threads_are_the_cell_s_and_then_what_they_were() -> None:
    before = ts.get_threads()
    seen = []
    cases = grid(["native"], sizes=[8], threads=[1, 3])
    bench = Bench(cases, QUICK)
    real = ts.MerkleTree

    def told(*_: object) -> None:
        seen.append(ts.get_threads())

    bench.run(told)
    assert [cell.threads for cell in bench.results.cells] == [1, 3]
    # Told before each cell: what the one before had.
    assert seen == [before, 1]
    assert ts.get_threads() == before
    assert ts.MerkleTree is real


def test_an_interruption_leaves_what_was_measured() -> None:
    bench = Bench(grid(["native", "rfc6962", "bitcoin"], sizes=[16]), QUICK)

    def told(done: int, _: int, __: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.run(told)
    results = bench.results
    assert [cell.variant for cell in results.cells] == ["native"]
    assert not results.complete
    assert [(one.cell.variant, one.measure, one.reason) for one in results.omissions if not one.measure] == [
        ("rfc6962", "", "not measured"),
        ("bitcoin", "", "not measured"),
    ]
    assert research.from_json(research.to_json(results)) == results
    with pytest.raises(RuntimeError, match="has run"):
        bench.run()


def test_an_interruption_within_a_cell_keeps_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    from tallystick.research import _measure

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_measure.CellBench, "_multi", stop)
    bench = Bench(grid(["native"], sizes=[16]), QUICK)
    with pytest.raises(KeyboardInterrupt):
        bench.run()
    assert measured(bench.results) >= {"build", "prove", "verify_batch"}
    assert bench.results.omissions[-1].reason == "interrupted: partly measured"
    assert not bench.results.complete


def test_a_budget_that_is_spent_ends_the_run() -> None:
    results = ran("native", "rfc6962", settings=replace(QUICK, budget=0.0))
    assert results.figures == ()
    assert not results.complete
    assert {one.reason for one in results.omissions} == {"the budget of 0 seconds was spent"}


def test_a_proof_that_is_refused_is_no_omission(monkeypatch: pytest.MonkeyPatch) -> None:
    from tallystick.research import _subjects

    def wrong(self: object, data: object, place: int) -> tuple[bytes]:
        return (bytes(32),)

    monkeypatch.setattr(_subjects.Dense, "one", wrong)
    with pytest.raises(ts.InvalidProof):
        ran("native")


def test_peak_memory_is_that_of_a_process_of_its_own() -> None:
    size, width = 200_000, 32
    ballast = np.ones(300_000_000, np.uint8)
    results = ran("native", sizes=(size,), settings=replace(QUICK, memory=True, proofs=()))
    (whole,), (grown,) = results.select("peak_memory"), results.select("tree_memory")
    assert len(ballast) > whole.median
    # A node has 32 bytes and there are twice as many nodes as leaves; Python and NumPy are some tens of MB.
    assert 2 * size * width <= grown.median <= 4 * size * width
    assert grown.median + size * width <= whole.median
    assert "fresh process" in results.environment.memory_method


def test_the_child_works_away_from_the_checkout(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tallystick.research._child"],
        input="{}", capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert "fresh process" in done.stdout


def test_memory_that_cannot_be_found_out_is_an_omission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.research._memory.CHILD", "tallystick.research.no_such_module")
    results = ran("native", settings=replace(QUICK, memory=True, proofs=()))
    assert "no_such_module" in reasons(results, "peak_memory")[0]
    assert results.environment.memory_method.startswith("not measured")


def test_cases_are_made_by_grid() -> None:
    with pytest.raises(TypeError, match="grid"):
        Bench(["native"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="no kind of proof"):
        Bench([], proofs=["some"])
    results = Bench([Case("x", "sha256", "there is none", 8, 1)], QUICK).run()
    assert results.omissions[0].reason == "there is none"
    assert results.cells == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"proofs": ("all",)}, "no kind of proof"),
        ({"counts": ("0",)}, "neither"),
        ({"counts": ("101%",)}, "neither"),
        ({"counts": ("-1",)}, "neither"),
        ({"counts": ("1.5",)}, "neither"),
        ({"counts": ("x%",)}, "neither"),
        ({"batch": 0}, "batch"),
        ({"repeat": 0}, "repeat"),
        ({"leaf_bytes": 0}, "leaf_bytes"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"budget": -1}, "budget"),
        ({"patience": float("nan")}, "patience"),
    ],
)
def test_settings_that_make_no_sense(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**changes)  # type: ignore[arg-type]


def test_figures_are_of_known_measures() -> None:
    cell = Cell("native", "native/blake3", "blake3", 8, 1, 32)
    with pytest.raises(ValueError, match="no measure"):
        Figure.of(cell, "speed", 1, [1.0])
    with pytest.raises(ValueError, match="no values"):
        Figure.of(cell, "build", 1, [])
    with pytest.raises(ValueError, match="no measure"):
        ran("native", sizes=(1,)).select("speed")


def test_a_size_beyond_all_memory_is_an_omission() -> None:
    results = ran("native", sizes=(2**50, 2**62, 4))
    assert [cell.size for cell in results.cells] == [4]
    assert [one.cell.size for one in results.omissions if not one.measure] == [2**50, 2**62]
    assert research.from_json(research.to_json(results)) == results
