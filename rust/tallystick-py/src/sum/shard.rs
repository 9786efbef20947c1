//! `SumShard`: a range of leaves of a sum tree in a few digests and sums.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::{Summed, Wire};
use tallystick_tree::build::Work;
use tallystick_tree::shard::{Shard, SumShard};

use super::proof::sums_of;
use super::{PySumHead, extract_sum_rows};
use crate::arrays::bytes_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::tree_error;
use crate::indices::extract_size;
use crate::run::run;
use crate::scheme::{PyScheme, sum_or_native};

/// A contiguous range of leaves of a sum tree in at most 126 digests, each with its sum, for building one tree on many
/// machines.
///
/// As :class:`Shard`; the sums of a shard add to less than 2**128, else making, joining and decoding refuse it.
/// ``left + right`` leaves both as they are, and raises ``ValueError`` for a gap, an overlap or another scheme,
/// ``OverflowError`` for amounts that add to 2**128 or more.
///
/// >>> import tallystick as ts
/// >>> first = ts.SumShard.from_leaves(0, [b"a", b"b"], [5, 7])
/// >>> second = ts.SumShard.from_leaves(2, [b"c"], [9])
/// >>> (first + second).head() == ts.SumTree([b"a", b"b", b"c"], [5, 7, 9]).head
/// True
#[pyclass(frozen, module = "tallystick", name = "SumShard")]
pub(crate) struct PySumShard(SumShard);

#[pymethods]
impl PySumShard {
    /// The shard over ``leaves`` with ``amounts``, the first of which has the index ``begin``.
    ///
    /// Takes leaves and amounts as :class:`SumTree`, raises as it, and ``OverflowError`` when an index would be 2**64 or
    /// above. Uses all threads; keeps one digest and sum for every 4,096 leaves.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.SumShard.from_leaves(3, [b"d", b"e"], [5, 7])
    /// <SumShard native_sum/blake3: leaves 3 to 5, total 12, 2 digests>
    #[staticmethod]
    #[pyo3(signature = (begin, leaves, amounts, *, scheme=None))]
    fn from_leaves(
        py: Python<'_>,
        begin: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
        scheme: Option<&Bound<'_, PyScheme>>,
    ) -> PyResult<Self> {
        let (scheme, begin) = (sum_or_native(scheme)?, extract_size(begin, "begin")?);
        let leaves = extract_sum_rows(leaves, amounts, "")?;
        let shard = run(py, |run| Shard::of_leaves(Work::new(&scheme, run), begin, &leaves));
        shard.map(|shard| Self(SumShard(shard)))
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.0.0.scheme().clone())
    }

    /// Index of the first leaf.
    #[getter]
    fn begin(&self) -> u64 {
        self.0.0.range().start
    }

    /// Index behind the last leaf.
    #[getter]
    fn end(&self) -> u64 {
        self.0.0.range().end
    }

    /// The digests of the largest full nodes that cover the leaves, from the left: a read-only ``(k, digest_size)`` array
    /// of uint8.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let record = self.0.0.scheme().record();
        bytes_2d(py, record.digests(&self.0.0.digests()), record.digest_size())
    }

    /// The sums of the same nodes: a tuple of k integers.
    #[getter]
    fn sums<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        sums_of(py, self.0.0.scheme().record(), &self.0.0.digests())
    }

    /// What the amounts of these leaves add to.
    #[getter]
    fn total(&self) -> u128 {
        // A shard whose sums add to more is not made.
        self.0.0.total().unwrap_or(u128::MAX)
    }

    /// The shard over these leaves and those of ``right``, which follow. Costs at most 127 hashes.
    ///
    /// Python shows no docstring of operators, so the class says what it raises.
    fn __add__(&self, py: Python<'_>, right: &Bound<'_, Self>) -> PyResult<Self> {
        let right = right.get().0.0.clone();
        let joined = py.detach(|| self.0.0.clone().join(right));
        joined.map(|shard| Self(SumShard(shard))).map_err(tree_error)
    }

    /// The head of the tree of these leaves. Raises ``ValueError`` unless they begin at leaf 0.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.SumShard.from_leaves(0, [b"a"], [5]).head().total
    /// 5
    fn head(&self, py: Python<'_>) -> PyResult<PySumHead> {
        py.detach(|| self.0.0.head()).map(|head| PySumHead(Summed(head))).map_err(tree_error)
    }

    fn __repr__(&self) -> String {
        let (name, range, total) = (self.0.0.scheme().name(), self.0.0.range(), self.total());
        let digests = self.0.0.digests().len() / self.0.0.scheme().width();
        format!("<SumShard {name}: leaves {} to {}, total {total}, {digests} digests>", range.start, range.end)
    }
}

impl Encoded for PySumShard {
    type Inner = SumShard;

    fn inner(&self) -> &SumShard {
        &self.0
    }

    fn of(inner: SumShard) -> Self {
        Self(inner)
    }
}

wire_methods!(PySumShard, "ts.SumShard.from_leaves(3, [b'd', b'e'], [5, 7])");
