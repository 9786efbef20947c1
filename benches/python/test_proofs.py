"""Making and verifying proofs, one by one and in batches; saving and opening."""

import numpy as np
import pytest
import tallystick as ts


def test_prove(benchmark, tree) -> None:
    benchmark(tree.prove, 12_345)


@pytest.mark.usefixtures("threads")
def test_proofs_of_all(benchmark, tree) -> None:
    benchmark(lambda: sum(len(batch) for batch in tree.proofs(chunk=4096)))


def test_proofs_in_random_order(benchmark, tree) -> None:
    indices = np.random.default_rng(2).permutation(len(tree))
    benchmark(lambda: sum(len(batch) for batch in tree.proofs(indices, chunk=4096)))


def test_verify(benchmark, tree, leaves) -> None:
    head, proof, leaf = tree.head, tree.prove(12_345), leaves[12_345].tobytes()
    benchmark(head.verify_inclusion, 12_345, leaf, proof)


@pytest.mark.usefixtures("threads")
def test_verify_each(benchmark, tree, leaves) -> None:
    indices = np.arange(4096)
    benchmark(tree.head.verify_each, indices, leaves[:4096], tree.prove_each(indices))


@pytest.fixture(scope="module")
def chosen(tree) -> np.ndarray:
    return np.random.default_rng(3).choice(len(tree), 1000, replace=False)


def test_prove_many(benchmark, tree, chosen) -> None:
    benchmark(tree.prove_many, chosen)


def test_verify_many(benchmark, tree, leaves, chosen) -> None:
    benchmark(tree.head.verify_many, chosen, leaves[chosen], tree.prove_many(chosen))


def test_extract(benchmark, tree, leaves, chosen) -> None:
    benchmark(tree.prove_many(chosen).extract, chosen, leaves[chosen], int(chosen[0]), tree.head)


def test_prove_extends(benchmark, tree) -> None:
    benchmark(tree.prove_extends, 12_345)


def test_verify_extends(benchmark, tree) -> None:
    benchmark(tree.head.verify_extends, tree.head_at(12_345), tree.prove_extends(12_345))


def test_json(benchmark, tree, chosen) -> None:
    proof = tree.prove_many(chosen)
    benchmark(lambda: ts.MultiProof.from_json(proof.to_json()))


def test_save(benchmark, tree, tmp_path) -> None:
    benchmark(tree.save, tmp_path / "bench.tally", overwrite=True)


def test_open(benchmark, tree, tmp_path) -> None:
    path = tmp_path / "bench.tally"
    tree.save(path)
    benchmark(ts.MerkleTree.open, path)


def test_encode_rows(benchmark) -> None:
    table = {"customer": [f"customer-{n:06}" for n in range(10_000)], "amount": np.arange(10_000)}
    benchmark(ts.encode_rows, table)
