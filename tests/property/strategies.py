"""What random trees are made of."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.reference.schemes import ALL_SCHEMES, NATIVE, Scheme


def _with_context(scheme: Scheme) -> st.SearchStrategy[Scheme]:
    return st.binary(max_size=300).map(scheme.with_context) if scheme.family == NATIVE else st.just(scheme)


twins = st.sampled_from(ALL_SCHEMES).flatmap(_with_context)
leaf = st.binary(max_size=300)
leaves = st.lists(leaf, max_size=40)
some_leaves = st.lists(leaf, min_size=1, max_size=40)
digest = st.binary(min_size=32, max_size=32)
