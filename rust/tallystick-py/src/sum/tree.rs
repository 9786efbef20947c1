//! `SumTree`.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyRange, PyTuple};
use tallystick_proof::codec::Summed;
use tallystick_proof::scheme::Kind;
use tallystick_tree::build::LeafRule;
use tallystick_tree::leaves::Leaves;
use tallystick_tree::tree::DenseTree;

use super::amounts::extract_total;
use super::{PySumHead, PySumInclusionProof, PySumMultiProof, PySumProofBatch, extract_sum_rows};
use crate::argument::Argument;
use crate::chunks::PySumProofChunks;
use crate::face;
use crate::files::Paths;
use crate::rows::extract_leaf;
use crate::run::run;
use crate::scheme::{PyScheme, sum_or_native};

/// A Merkle tree whose leaves carry amounts, and whose head states their total: build, append, replace, prove, save.
///
/// Every node holds the sum of the amounts below it, so a proof shows that its amount is counted in the total. ``leaves``
/// takes any form of rows, as :class:`MerkleTree`; ``amounts`` as many integers from 0 to 2**128 - 1: a sequence of them, a
/// one-dimensional integer array, or an Arrow column of integers or of decimals of scale 0 without nulls. The unit is
/// yours: whole minor units, such as cents. ``scheme`` is of kind ``"sum"``. The tree keeps digests and sums, 2 n of both
/// (96 bytes a leaf with digests of 32), neither leaf data nor amounts.
///
/// Raises ``TypeError`` for bools, floats, decimals and text among amounts, ``ValueError`` for a negative amount, a null or
/// unequal numbers, ``OverflowError`` for an amount of 2**128 or amounts that add to it. Building uses all threads and can be
/// interrupted. Many threads may read a tree while one writes; a call that fails changes nothing.
///
/// >>> import tallystick as ts
/// >>> tree = ts.SumTree([b"alice", b"bob", b"carol"], [5, 7, 9])
/// >>> tree.total, len(tree)
/// (21, 3)
/// >>> tree.head.verify_inclusion(1, b"bob", 7, tree.prove(1))
#[pyclass(frozen, module = "tallystick", name = "SumTree", weakref)]
pub(crate) struct PySumTree(pub(crate) Arc<DenseTree>);

#[pymethods]
impl PySumTree {
    #[new]
    #[pyo3(
        signature = (leaves=Argument::Default, amounts=Argument::Default, *, scheme=None),
        text_signature = "(leaves=(), amounts=(), *, scheme=None)"
    )]
    fn new(
        py: Python<'_>,
        leaves: Argument<'_>,
        amounts: Argument<'_>,
        scheme: Option<&Bound<'_, PyScheme>>,
    ) -> PyResult<Self> {
        let scheme = sum_or_native(scheme)?;
        let given = |argument| match argument {
            Argument::Default => PyTuple::empty(py).into_any(),
            Argument::Given(given) => given,
        };
        let leaves = extract_sum_rows(&given(leaves), &given(amounts), "")?;
        run(py, |run| DenseTree::new(scheme, &leaves, LeafRule::Hashed, run)).map(|tree| Self(Arc::new(tree)))
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.0.scheme().clone())
    }

    /// The head of all leaves. At most 64 hashes.
    #[getter]
    fn head(&self, py: Python<'_>) -> PyResult<PySumHead> {
        face::head(py, &self.0).map(|head| PySumHead(Summed(head)))
    }

    /// The root of all leaves: ``head.root``.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, face::head(py, &self.0)?.root()))
    }

    /// What all amounts add to: ``head.total``.
    #[getter]
    fn total(&self, py: Python<'_>) -> PyResult<u128> {
        Ok(face::head(py, &self.0)?.total())
    }

    /// Number of leaves.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(usize::try_from(face::size(py, &self.0))?)
    }

    /// Puts one leaf with its amount behind the last one and returns its index.
    ///
    /// For many leaves :meth:`extend` is faster. Raises as it.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.SumTree([b"a"], [5]).append(b"b", 7)
    /// 1
    #[pyo3(signature = (leaf, amount, /))]
    fn append(&self, py: Python<'_>, leaf: &Bound<'_, PyAny>, amount: &Bound<'_, PyAny>) -> PyResult<u64> {
        let (leaf, amount) = (extract_leaf(leaf)?, extract_total(amount, "the amount")?);
        let row = [&amount.to_le_bytes(), &*leaf].concat();
        let leaves = tallystick_tree::leaves::RaggedRows(&[&row]);
        Ok(run(py, |run| self.0.extend(&leaves, run))?.start)
    }

    /// Puts leaves with their amounts behind the last one and returns the range of their indices.
    ///
    /// Either all are added or none. Raises as the constructor, ``OverflowError`` also when the total would be 2**128 or
    /// more, ``io.UnsupportedOperation`` for a tree opened from a file.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a"], [5])
    /// >>> tree.extend([b"b", b"c"], [7, 9]), tree.total
    /// (range(1, 3), 21)
    #[pyo3(signature = (leaves, amounts, /))]
    fn extend<'py>(
        &self,
        py: Python<'py>,
        leaves: &Bound<'py, PyAny>,
        amounts: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyRange>> {
        let leaves = extract_sum_rows(leaves, amounts, "")?;
        let range = run(py, |run| self.0.extend(&leaves, run))?;
        PyRange::new(py, isize::try_from(range.start)?, isize::try_from(range.end)?)
    }

    /// Replaces leaf ``indices[j]`` by leaf j of ``leaves`` with ``amounts[j]``, for all j at once.
    ///
    /// Each node above is hashed once. Raises ``IndexError`` for an index that is not below the size, ``ValueError`` for one
    /// given twice or unequal numbers, and otherwise as :meth:`extend`. Then nothing is replaced.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> tree.update([2, 0], [b"C", b"A"], [1, 2])
    /// >>> tree.head == ts.SumTree([b"A", b"b", b"C"], [2, 7, 1]).head
    /// True
    #[pyo3(signature = (indices, leaves, amounts, /))]
    fn update(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        face::update(py, &self.0, indices, &extract_sum_rows(leaves, amounts, "")?)
    }

    /// The head of the first ``size`` leaves as they are now. At most 64 hashes.
    ///
    /// Raises ``ValueError`` for a size above the tree's.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.SumTree([b"a", b"b", b"c"], [5, 7, 9]).head_at(2).total
    /// 12
    #[pyo3(signature = (size))]
    fn head_at(&self, py: Python<'_>, size: &Bound<'_, PyAny>) -> PyResult<PySumHead> {
        face::head_at(py, &self.0, size).map(|head| PySumHead(Summed(head)))
    }

    /// The proof that the leaf at ``index`` has its place and amount, for ``head``.
    ///
    /// ``head`` is any head of this tree, also of an earlier size while its leaves stand; ``None`` is the present one.
    /// Raises ``IndexError`` for an index that is not below the head's size, :class:`StaleHead` for a head that the tree
    /// does not have. Copies siblings; hashes only along the right edge.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b"], [5, 7])
    /// >>> yesterday = tree.head
    /// >>> tree.append(b"c", 9)
    /// 2
    /// >>> yesterday.verify_inclusion(0, b"a", 5, tree.prove(0, head=yesterday))
    #[pyo3(signature = (index, *, head=None))]
    fn prove(
        &self,
        py: Python<'_>,
        index: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PySumHead>>,
    ) -> PyResult<PySumInclusionProof> {
        let proof = face::prove(py, &self.0, index, head.map(|head| head.get().head()))?;
        Ok(PySumInclusionProof(Summed(proof)))
    }

    /// The proofs of many leaves as one batch, for ``head``.
    ///
    /// ``indices`` may come in any order and more than once; ``None`` is every leaf. For many leaves prefer :meth:`proofs`.
    /// Raises as :meth:`prove`. Uses all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> tree.head.verify_each(range(3), [b"a", b"b", b"c"], [5, 7, 9], tree.prove_each())
    #[pyo3(signature = (indices=None, *, head=None))]
    fn prove_each(
        &self,
        py: Python<'_>,
        indices: Option<&Bound<'_, PyAny>>,
        head: Option<&Bound<'_, PySumHead>>,
    ) -> PyResult<PySumProofBatch> {
        let batch = face::prove_each(py, &self.0, indices, head.map(|head| head.get().head()))?;
        Ok(PySumProofBatch(Arc::new(Summed(batch))))
    }

    /// The proofs of many leaves, ``chunk`` at a time: an iterator of batches, for ``head``.
    ///
    /// As :meth:`MerkleTree.proofs`: memory stays that of one chunk, and all batches belong to one head.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> [len(batch) for batch in tree.proofs(chunk=2)]
    /// [2, 1]
    #[pyo3(
        signature = (indices=None, *, chunk=Argument::Default, head=None),
        text_signature = "($self, indices=None, *, chunk=4096, head=None)"
    )]
    fn proofs(
        &self,
        py: Python<'_>,
        indices: Option<&Bound<'_, PyAny>>,
        chunk: Argument<'_>,
        head: Option<&Bound<'_, PySumHead>>,
    ) -> PyResult<PySumProofChunks> {
        face::proofs(py, &self.0, indices, chunk, head.map(|head| head.get().head())).map(PySumProofChunks)
    }

    /// One proof of many leaves together, for ``head``: the smallest there is.
    ///
    /// ``indices`` may come in any order; none or one given twice raises ``ValueError``. Otherwise raises as
    /// :meth:`prove`. Copies digests and sums; hashes only along the right edge.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> tree.head.verify_many([0, 2], [b"a", b"c"], [5, 9], tree.prove_many([0, 2]))
    #[pyo3(signature = (indices, *, head=None))]
    fn prove_many(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PySumHead>>,
    ) -> PyResult<PySumMultiProof> {
        let proof = face::prove_many(py, &self.0, indices, head.map(|head| head.get().head()))?;
        Ok(PySumMultiProof(Summed(proof)))
    }

    /// Writes the tree to one checksummed file, for :meth:`open`. As :meth:`MerkleTree.save`.
    ///
    /// >>> import tallystick as ts, pathlib, tempfile
    /// >>> path = pathlib.Path(tempfile.mkdtemp()) / "accounts.tally"
    /// >>> ts.SumTree([b"a", b"b"], [5, 7]).save(path)
    /// >>> ts.SumTree.open(path).total
    /// 12
    #[pyo3(signature = (path, *, overwrite=false))]
    fn save(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        face::save(py, &self.0, path, overwrite)
    }

    /// Opens a file that :meth:`save` or :func:`build_file` wrote, or a list of shard files, as :meth:`MerkleTree.open`.
    ///
    /// ``leaves`` and ``amounts``, given together, are what the tree is made of, for proofs below the lowest level that the
    /// files keep. Raises as there; ``TypeError`` for one without the other, :class:`DecodeError` for the file of a tree of
    /// another kind, ``OverflowError`` for files whose amounts together add to 2**128 or more.
    #[staticmethod]
    #[pyo3(signature = (path, *, check=false, leaves=None, amounts=None))]
    fn open(
        py: Python<'_>,
        path: Paths,
        check: bool,
        leaves: Option<&Bound<'_, PyAny>>,
        amounts: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let leaves = match (leaves, amounts) {
            (None, None) => None,
            (Some(leaves), Some(amounts)) => Some(extract_sum_rows(leaves, amounts, "")?),
            _ => return Err(PyTypeError::new_err("leaves and amounts go together: give both or none")),
        };
        let leaves = leaves.map(|leaves| -> Box<dyn Leaves + Send + Sync> { Box::new(leaves) });
        face::open(py, &path, Kind::Sum, check, leaves).map(Self)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let head = face::head(py, &self.0)?;
        Ok(format!("<SumTree {}: {} leaves, total {}>", head.scheme().name(), head.size(), head.total()))
    }
}
