//! `Shard`: a range of leaves in a few digests.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_tree::build::Work;
use tallystick_tree::error::TreeError;
use tallystick_tree::shard::Shard;

use crate::arrays::bytes_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::tree_error;
use crate::head::PyTreeHead;
use crate::indices::extract_size;
use crate::rows::extract_rows;
use crate::run::run;
use crate::scheme::{PyScheme, dense_or_native};

/// A contiguous range of leaves in at most 126 digests (a *compact range*), for building one tree on many machines.
///
/// Shards of adjacent ranges add up, in any association, and the one that begins at leaf 0 has the head of the whole
/// tree. A shard is trusted input, not a proof: whoever makes one vouches for its leaves. It gives a head and no proofs,
/// for which a :class:`MerkleTree` is needed.
///
/// ``left + right`` costs at most 127 hashes, leaves both as they are, and raises ``ValueError`` for a gap, an overlap or
/// another scheme. ``sum`` begins at 0, which is no shard: ``functools.reduce`` adds up many.
///
/// >>> import tallystick as ts
/// >>> leaves = [b"a", b"b", b"c", b"d", b"e"]
/// >>> first, second = ts.Shard.from_leaves(0, leaves[:3]), ts.Shard.from_leaves(3, leaves[3:])
/// >>> (first + second).head() == ts.MerkleTree(leaves).head
/// True
/// >>> second + first
/// Traceback (most recent call last):
/// ValueError: ...
/// >>> import functools, operator
/// >>> functools.reduce(operator.add, [first, second])
/// <Shard native/blake3: leaves 0 to 5, 2 digests>
#[pyclass(frozen, module = "tallystick", name = "Shard")]
pub(crate) struct PyShard(Shard);

#[pymethods]
impl PyShard {
    /// The shard over ``leaves``, the first of which has the index ``begin``.
    ///
    /// Takes any form of rows and uses all threads; keeps one digest for every 4,096 leaves. Raises ``OverflowError`` when
    /// an index would be 2**64 or above.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.Shard.from_leaves(3, [b"d", b"e"])
    /// <Shard native/blake3: leaves 3 to 5, 2 digests>
    #[staticmethod]
    #[pyo3(signature = (begin, leaves, *, scheme=None))]
    fn from_leaves(
        py: Python<'_>,
        begin: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        scheme: Option<&Bound<'_, PyScheme>>,
    ) -> PyResult<Self> {
        let (scheme, begin) = (dense_or_native(scheme)?, extract_size(begin, "begin")?);
        if !scheme.appendable() {
            return Err(tree_error(TreeError::NotAppendable(scheme.name())));
        }
        let leaves = extract_rows(leaves, "leaves")?;
        let shard = run(py, |run| Shard::of_leaves(Work::new(&scheme, run), begin, &leaves));
        shard.map(Self)
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.0.scheme().clone())
    }

    /// Index of the first leaf.
    #[getter]
    fn begin(&self) -> u64 {
        self.0.range().start
    }

    /// Index behind the last leaf.
    #[getter]
    fn end(&self) -> u64 {
        self.0.range().end
    }

    /// The digests of the largest full nodes that cover the leaves, from the left: a read-only ``(k, digest_size)`` array
    /// of uint8.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bytes_2d(py, self.0.digests(), self.0.scheme().digest_size())
    }

    /// The shard over these leaves and those of ``right``, which follow. Costs at most 127 hashes.
    /// Raises ``ValueError`` unless they do, in the same scheme.
    ///
    /// Python shows no docstring of operators, so the class says this too.
    fn __add__(&self, py: Python<'_>, right: &Bound<'_, Self>) -> PyResult<Self> {
        let right = right.get().0.clone();
        py.detach(|| self.0.clone().join(right)).map(Self).map_err(tree_error)
    }

    /// The head of the tree of these leaves. Raises ``ValueError`` unless they begin at leaf 0.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.Shard.from_leaves(0, [b"a"]).head() == ts.head_of([b"a"])
    /// True
    fn head(&self, py: Python<'_>) -> PyResult<PyTreeHead> {
        py.detach(|| self.0.head()).map(PyTreeHead).map_err(tree_error)
    }

    fn __repr__(&self) -> String {
        let (name, range) = (self.0.scheme().name(), self.0.range());
        let digests = self.0.digests().len() / self.0.scheme().digest_size();
        format!("<Shard {name}: leaves {} to {}, {digests} digests>", range.start, range.end)
    }
}

impl Encoded for PyShard {
    type Inner = Shard;

    fn inner(&self) -> &Shard {
        &self.0
    }

    fn of(inner: Shard) -> Self {
        Self(inner)
    }
}

wire_methods!(PyShard, "ts.Shard.from_leaves(3, [b'd', b'e'])");
