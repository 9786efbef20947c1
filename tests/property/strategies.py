"""What random trees are made of."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.reference.schemes import ALL_SCHEMES, NATIVE, NATIVE_SUM, SUM_SCHEMES, Scheme


def _with_context(scheme: Scheme) -> st.SearchStrategy[Scheme]:
    bound = scheme.family in (NATIVE, NATIVE_SUM)
    return st.binary(max_size=300).map(scheme.with_context) if bound else st.just(scheme)


twins = st.sampled_from(ALL_SCHEMES).flatmap(_with_context)
sum_twins = st.sampled_from(SUM_SCHEMES).flatmap(_with_context)
leaf = st.binary(max_size=300)
leaves = st.lists(leaf, max_size=40)
some_leaves = st.lists(leaf, min_size=1, max_size=40)
digest = st.binary(min_size=32, max_size=32)
edges = [edge + off for edge in (2**63, 2**64, 2**127, 2**128) for off in (-2, -1, 0, 1)]
amount = st.one_of(
    st.integers(0, 2**64), st.integers(0, 2**128 - 1), st.sampled_from([e for e in edges if e < 2**128])
)
