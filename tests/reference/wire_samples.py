"""One honest object of each type: what faults in wire forms are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.reference import namespaced, patricia, sum_shards, sums
from tests.reference.liabilities import receipt
from tests.reference.liabilities_objects import Equivocation, Receipt, Statement
from tests.reference.liabilities_samples import snapshot, statement
from tests.reference.multi import prove_many
from tests.reference.objects import (
    AbsenceProof,
    Batch,
    ConsistencyProof,
    Head,
    InclusionProof,
    MultiProof,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
    Shard,
    SumBatch,
    SumHead,
    SumInclusionProof,
    SumMultiProof,
    SumShard,
)
from tests.reference.samples import amounts, filler, items, key, leaves, namespace, namespaced_leaves
from tests.reference.schemes import CELESTIA, NATIVE, NATIVE_SPARSE, NATIVE_SUM, Scheme
from tests.reference.shards import of_leaves
from tests.reference.sparse import SparseTree
from tests.reference.sparse_objects import SparseHead, SparseMultiProof, SparseProof
from tests.reference.sums import SumNode, leaf_nodes
from tests.reference.trees import head, prove

SAMPLE = Scheme(NATIVE, "sha256", b"day 1")
SUM_SAMPLE = Scheme(NATIVE_SUM, "sha256", b"day 1")
SPARSE_SAMPLE = Scheme(NATIVE_SPARSE, "sha256", b"day 1")
NAMESPACED_SAMPLE = Scheme(CELESTIA, "sha256")


def sample_batch() -> Batch:
    digests = [filler("batch", i, 32) for i in range(3)]
    return Batch(32, ((digests[0],), (), (digests[1], digests[2])))


def sample_consistency() -> ConsistencyProof:
    return ConsistencyProof(32, tuple(filler("grown", i, 32) for i in range(2)))


def sum_nodes(size: int) -> list[SumNode]:
    return leaf_nodes(SUM_SAMPLE, leaves(size), amounts(size))


def sample_sum_batch() -> SumBatch:
    return SumBatch(32, ((3,), (), (2**127, 0)), sample_batch().proofs)


def sample_statement() -> Statement:
    whole = statement(2)
    return replace(whole, assets=whole.assets[:2])


def sample_sparse() -> SparseTree:
    return SparseTree(SPARSE_SAMPLE, items(7))


PATRICIA_ITEMS = {b"%d" % number: b"value %d" % (1000 * number) for number in range(40)}

SAMPLES: dict[type, Callable[[], object]] = {
    Scheme: lambda: SAMPLE,
    Head: lambda: head(SAMPLE, leaves(7)),
    InclusionProof: lambda: prove(SAMPLE, leaves(3), 0),
    MultiProof: lambda: prove_many(SAMPLE, leaves(7), (0, 1, 6)),
    ConsistencyProof: sample_consistency,
    Batch: sample_batch,
    Shard: lambda: of_leaves(SAMPLE, 3, leaves(9)[3:]),
    SumHead: lambda: sums.head(SUM_SAMPLE, leaves(7), amounts(7)),
    SumInclusionProof: lambda: sums.prove(SUM_SAMPLE, sum_nodes(3), 0),
    SumMultiProof: lambda: sums.prove_many(SUM_SAMPLE, sum_nodes(7), (0, 1, 6)),
    SumBatch: sample_sum_batch,
    SumShard: lambda: sum_shards.of_leaves(SUM_SAMPLE, 3, leaves(9)[3:], amounts(9)[3:]),
    Statement: sample_statement,
    Receipt: lambda: receipt(snapshot(), b"customer-3"),
    Equivocation: lambda: Equivocation(b"one", b"two"),
    NamespacedHead: lambda: namespaced.head(NAMESPACED_SAMPLE, namespaced_leaves(7)),
    NamespacedInclusionProof: lambda: namespaced.prove(NAMESPACED_SAMPLE, namespaced_leaves(3), 0),
    NamespaceProof: lambda: namespaced.prove_namespace(NAMESPACED_SAMPLE, namespaced_leaves(7), namespace(3)),
    AbsenceProof: lambda: namespaced.prove_namespace(NAMESPACED_SAMPLE, namespaced_leaves(7), namespace(2)),
    SparseHead: lambda: sample_sparse().head,
    SparseProof: lambda: sample_sparse().prove(key(8)),
    SparseMultiProof: lambda: sample_sparse().prove_many([key(0), key(8), key(9)]),
    patricia.PatriciaHead: lambda: patricia.head(PATRICIA_ITEMS, secure=True),
    patricia.PatriciaProof: lambda: patricia.prove(PATRICIA_ITEMS, [b"7", b"39"], secure=True),
}
