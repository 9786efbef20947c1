"""Sum trees: built, changed, proven, verified; the same as of trees without sums."""

import numpy as np
import numpy.typing as npt
import pytest
import tallystick as ts


@pytest.fixture(scope="module")
def amounts(leaves) -> npt.NDArray[np.int64]:
    return np.random.default_rng(4).integers(0, 2**63, len(leaves))


@pytest.fixture(scope="module")
def sums(leaves, amounts) -> ts.SumTree:
    return ts.SumTree(leaves, amounts)


@pytest.mark.usefixtures("threads")
def test_build(benchmark, leaves, amounts) -> None:
    benchmark(ts.SumTree, leaves, amounts)


def test_build_of_python_integers(benchmark, leaves, amounts) -> None:
    benchmark(ts.SumTree, leaves, amounts.tolist())


def test_update(benchmark, leaves, amounts) -> None:
    tree, some = ts.SumTree(leaves, amounts), np.arange(0, len(leaves), 1000)
    benchmark(tree.update, some, leaves[some][:, ::-1].copy(), amounts[some])


def test_prove(benchmark, sums) -> None:
    benchmark(sums.prove, 12_345)


@pytest.mark.usefixtures("threads")
def test_proofs_of_all(benchmark, sums) -> None:
    benchmark(lambda: sum(len(batch) for batch in sums.proofs(chunk=4096)))


def test_verify(benchmark, sums, leaves, amounts) -> None:
    leaf, amount = leaves[12_345].tobytes(), int(amounts[12_345])
    benchmark(sums.head.verify_inclusion, 12_345, leaf, amount, sums.prove(12_345))


@pytest.mark.usefixtures("threads")
def test_verify_each(benchmark, sums, leaves, amounts) -> None:
    indices = np.arange(4096)
    benchmark(sums.head.verify_each, indices, leaves[:4096], amounts[:4096], sums.prove_each(indices))


def test_verify_many(benchmark, sums, leaves, amounts) -> None:
    chosen = np.random.default_rng(3).choice(len(leaves), 1000, replace=False)
    proof = sums.prove_many(chosen)
    benchmark(sums.head.verify_many, chosen, leaves[chosen], amounts[chosen], proof)
