//! `MerkleTree`, and the calls that make one or do without.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyRange};
use tallystick_proof::scheme::{Kind, Scheme};
use tallystick_tree::build::{LeafRule, Work};
use tallystick_tree::leaves::{Leaves, RaggedRows};
use tallystick_tree::tree::{DenseTree, head_of_leaves};

use crate::argument::Argument;
use crate::chunks::PyProofChunks;
use crate::errors::tree_error;
use crate::face;
use crate::files::Paths;
use crate::head::PyTreeHead;
use crate::indices::extract_size;
use crate::proof::{PyConsistencyProof, PyInclusionProof, PyMultiProof, PyProofBatch};
use crate::rows::{extract_leaf, extract_rows};
use crate::run::run;
use crate::scheme::{PyScheme, dense_or_native};

/// A Merkle tree over leaves in a row: build, append, replace, prove, save.
///
/// ``leaves`` takes any form of rows: a list of bytes, an ``(n, width)`` uint8 array, an Arrow binary column; arrays and
/// columns are read in place and not kept. ``scheme`` says what is hashed, and how many leaves there may be: ``ValueError``
/// for others. Where it has bare leaves, these are digests of its size. The tree keeps digests, 2 n of them, not leaf
/// data: that stays with you. Building uses all threads and can be interrupted.
///
/// Many threads may read a tree while one writes; every proof belongs to exactly one head. A call that fails changes
/// nothing.
///
/// >>> import tallystick as ts
/// >>> tree = ts.MerkleTree([b"alice: 5", b"bob: 7"])
/// >>> tree.append(b"carol: 9")
/// 2
/// >>> proof = tree.prove(0)
/// >>> tree.head.verify_inclusion(0, b"alice: 5", proof)
#[pyclass(frozen, module = "tallystick", name = "MerkleTree", weakref)]
pub(crate) struct PyMerkleTree(pub(crate) Arc<DenseTree>);

#[pymethods]
impl PyMerkleTree {
    #[new]
    #[pyo3(signature = (leaves=Argument::Default, *, scheme=None), text_signature = "(leaves=(), *, scheme=None)")]
    fn new(py: Python<'_>, leaves: Argument<'_>, scheme: Option<&Bound<'_, PyScheme>>) -> PyResult<Self> {
        let scheme = dense_or_native(scheme)?;
        match leaves {
            Argument::Default => Self::build(py, scheme, &RaggedRows(&[]), LeafRule::Hashed),
            Argument::Given(leaves) => Self::build(py, scheme, &extract_rows(&leaves, "leaves")?, LeafRule::Hashed),
        }
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.0.scheme().clone())
    }

    /// The head of all leaves. At most 64 hashes.
    #[getter]
    fn head(&self, py: Python<'_>) -> PyResult<PyTreeHead> {
        face::head(py, &self.0).map(PyTreeHead)
    }

    /// The root of all leaves: ``head.root``.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self.head(py)?.0.root()))
    }

    /// Number of leaves.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(usize::try_from(self.size(py))?)
    }

    /// Puts one leaf behind the last one and returns its index.
    ///
    /// For many leaves :meth:`extend` is faster. Raises ``io.UnsupportedOperation`` for a tree opened from a file, ``TypeError``
    /// where the scheme is not ``appendable``, ``ValueError`` for more leaves than its trees have.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.MerkleTree([b"a"]).append(b"b")
    /// 1
    #[pyo3(signature = (leaf, /))]
    fn append(&self, py: Python<'_>, leaf: &Bound<'_, PyAny>) -> PyResult<u64> {
        let leaf = extract_leaf(leaf)?;
        let range = run(py, |run| self.0.extend(&RaggedRows(&[&leaf]), run))?;
        Ok(range.start)
    }

    /// Puts leaves behind the last one and returns the range of their indices.
    ///
    /// Either all are added or none. Raises as :meth:`append`.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.MerkleTree([b"a"]).extend([b"b", b"c"])
    /// range(1, 3)
    #[pyo3(signature = (leaves, /))]
    fn extend<'py>(&self, py: Python<'py>, leaves: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyRange>> {
        let leaves = extract_rows(leaves, "leaves")?;
        let range = run(py, |run| self.0.extend(&leaves, run))?;
        PyRange::new(py, isize::try_from(range.start)?, isize::try_from(range.end)?)
    }

    /// Replaces leaf ``indices[j]`` by leaf j of ``leaves``, for all j at once.
    ///
    /// Each node above is hashed once. Raises ``IndexError`` for an index that is not below the size, ``ValueError`` for one
    /// given twice or unequal numbers, ``io.UnsupportedOperation`` for a tree opened from a file, ``TypeError`` where the scheme
    /// is not ``appendable``.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.update([2, 0], [b"C", b"A"])
    /// >>> tree.root == ts.MerkleTree([b"A", b"b", b"C"]).root
    /// True
    #[pyo3(signature = (indices, leaves, /))]
    fn update(&self, py: Python<'_>, indices: &Bound<'_, PyAny>, leaves: &Bound<'_, PyAny>) -> PyResult<()> {
        face::update(py, &self.0, indices, &extract_rows(leaves, "leaves")?)
    }

    /// The head of the first ``size`` leaves as they are now. At most 64 hashes.
    ///
    /// Raises ``ValueError`` for a size above the tree's, ``TypeError`` where the scheme is not ``appendable``.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head_at(2) == ts.MerkleTree([b"a", b"b"]).head
    /// True
    #[pyo3(signature = (size))]
    fn head_at(&self, py: Python<'_>, size: &Bound<'_, PyAny>) -> PyResult<PyTreeHead> {
        face::head_at(py, &self.0, size).map(PyTreeHead)
    }

    /// The proof that the leaf at ``index`` has its place, for ``head``.
    ///
    /// ``head`` is any head of this tree, also of an earlier size while its leaves stand; ``None`` is the present one.
    /// Raises ``IndexError`` for an index that is not below the head's size, :class:`StaleHead` for a head that the tree
    /// does not have. Copies siblings; hashes only along the right edge.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b"])
    /// >>> yesterday = tree.head
    /// >>> tree.append(b"c")
    /// 2
    /// >>> yesterday.verify_inclusion(0, b"a", tree.prove(0, head=yesterday))
    #[pyo3(signature = (index, *, head=None))]
    fn prove(
        &self,
        py: Python<'_>,
        index: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PyTreeHead>>,
    ) -> PyResult<PyInclusionProof> {
        face::prove(py, &self.0, index, head.map(|head| &head.get().0)).map(PyInclusionProof)
    }

    /// The proofs of many leaves as one batch of two arrays, for ``head``.
    ///
    /// ``indices`` may come in any order and more than once; ``None`` is every leaf. All proofs of a large tree take
    /// depth × digest size bytes a leaf: prefer :meth:`proofs`. Raises as :meth:`prove`. Uses all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_each(range(3), [b"a", b"b", b"c"], tree.prove_each())
    #[pyo3(signature = (indices=None, *, head=None))]
    fn prove_each(
        &self,
        py: Python<'_>,
        indices: Option<&Bound<'_, PyAny>>,
        head: Option<&Bound<'_, PyTreeHead>>,
    ) -> PyResult<PyProofBatch> {
        let batch = face::prove_each(py, &self.0, indices, head.map(|head| &head.get().0))?;
        Ok(PyProofBatch(Arc::new(batch)))
    }

    /// The proofs of many leaves, ``chunk`` at a time: an iterator of batches, for ``head``.
    ///
    /// Memory stays that of one chunk. All batches belong to one head, by default the present one; leaves may be appended
    /// meanwhile, but replacing one of the head's leaves makes the next batch raise :class:`StaleHead`. Otherwise as
    /// :meth:`prove_each`; a ``chunk`` below 1 raises ``ValueError``.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
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
        head: Option<&Bound<'_, PyTreeHead>>,
    ) -> PyResult<PyProofChunks> {
        face::proofs(py, &self.0, indices, chunk, head.map(|head| &head.get().0)).map(PyProofChunks)
    }

    /// One proof of many leaves together, for ``head``: the smallest there is.
    ///
    /// ``indices`` may come in any order; none or one given twice raises ``ValueError``, a scheme whose proofs show no place
    /// ``TypeError``. Otherwise raises as :meth:`prove`. Copies digests; hashes only along the right edge.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_many([0, 2], [b"a", b"c"], tree.prove_many([0, 2]))
    #[pyo3(signature = (indices, *, head=None))]
    fn prove_many(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PyTreeHead>>,
    ) -> PyResult<PyMultiProof> {
        face::prove_many(py, &self.0, indices, head.map(|head| &head.get().0)).map(PyMultiProof)
    }

    /// The proof that ``head`` extends the head of the first ``old_size`` leaves, or the older head itself.
    ///
    /// Give the older head where you have it: then a tree whose leaves were replaced since raises :class:`StaleHead`, and
    /// does not make a proof that fails at the verifier. Raises ``ValueError`` for a size of 0, which every tree extends,
    /// or above the head's; ``TypeError`` for a scheme without proofs of growth, which are RFC 6962's; :class:`StaleHead` as
    /// :meth:`prove`. At most 64 hashes.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.head.verify_extends(tree.head_at(1), tree.prove_extends(1))
    /// >>> tree.prove_extends(tree.head_at(1)) == tree.prove_extends(1)
    /// True
    #[pyo3(signature = (old_size, *, head=None))]
    fn prove_extends(
        &self,
        py: Python<'_>,
        old_size: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PyTreeHead>>,
    ) -> PyResult<PyConsistencyProof> {
        let head = head.map(|head| &head.get().0);
        let proof = if let Ok(older) = old_size.cast::<PyTreeHead>() {
            let older = &older.get().0;
            py.detach(|| self.0.prove_extends_head(older, head))
        } else {
            let old_size = extract_size(old_size, "old_size")?;
            py.detach(|| self.0.prove_extends(old_size, head))
        };
        proof.map(PyConsistencyProof).map_err(tree_error)
    }

    /// Writes the tree to one checksummed file, for :meth:`open`.
    ///
    /// The file is the one that :func:`build_file` writes for these leaves. It is written beside ``path``, synced and renamed, so that no reader ever sees half of it; an existing one is
    /// replaced only with ``overwrite``, else ``FileExistsError``. ``OSError`` for what the system refuses. On any error
    /// nothing is left behind. ``TypeError`` for a tree whose nodes do not have two children in rows. Writers of this tree wait
    /// meanwhile.
    ///
    /// >>> import tallystick as ts, pathlib, tempfile
    /// >>> path = pathlib.Path(tempfile.mkdtemp()) / "leaves.tally"
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> tree.save(path)
    /// >>> ts.MerkleTree.open(path).root == tree.root
    /// True
    #[pyo3(signature = (path, *, overwrite=false))]
    fn save(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        face::save(py, &self.0, path, overwrite)
    }

    /// Opens a file that :meth:`save` or :func:`build_file` wrote. It is mapped, not read: opening costs little, and proofs are
    /// served from it.
    ///
    /// A list of paths opens shard files as the one tree over all their leaves: in the order of their leaves, from leaf 0 on,
    /// without gap or overlap, of one scheme and one lowest level; ``ValueError`` otherwise. ``leaves``, any form of rows, are
    /// the leaves that the tree is made of: where the file keeps no rows below level ``k``, a proof makes them again from
    /// 2**k leaves, after comparing these with the file, and raises ``ValueError`` if they are not the file's. Without
    /// ``leaves`` such a proof raises ``io.UnsupportedOperation``. An array or column is kept and must not change.
    ///
    /// The tree is read-only. Each page is checked before its first use; ``check=True`` checks all now. Raises
    /// ``FileNotFoundError`` and other ``OSError``, and :class:`DecodeError` for a file that is cut short, altered or no
    /// tree file, here or at the first use of a damaged page. A file must not be changed while it is open.
    #[staticmethod]
    #[pyo3(signature = (path, *, check=false, leaves=None))]
    fn open(py: Python<'_>, path: Paths, check: bool, leaves: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let rows = leaves.map(|leaves| extract_rows(leaves, "leaves")).transpose()?;
        let leaves = rows.map(|rows| -> Box<dyn Leaves + Send + Sync> { Box::new(rows) });
        face::open(py, &path, Kind::Dense, check, leaves).map(Self)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<MerkleTree {}: {} leaves>", self.0.scheme().name(), self.size(py))
    }
}

impl PyMerkleTree {
    fn size(&self, py: Python<'_>) -> u64 {
        face::size(py, &self.0)
    }

    pub(crate) fn build(py: Python<'_>, scheme: Scheme, leaves: &dyn Leaves, rule: LeafRule) -> PyResult<Self> {
        run(py, |run| DenseTree::new(scheme, leaves, rule, run)).map(|tree| Self(Arc::new(tree)))
    }
}

/// The head of a tree over ``leaves``, without building the tree.
///
/// For when only the root matters: keeps one digest for every 4,096 leaves. Takes any form of rows; uses all threads.
///
/// >>> import tallystick as ts
/// >>> ts.head_of([b"a", b"b"]) == ts.MerkleTree([b"a", b"b"]).head
/// True
#[pyfunction]
#[pyo3(signature = (leaves, *, scheme=None))]
pub(crate) fn head_of(
    py: Python<'_>,
    leaves: &Bound<'_, PyAny>,
    scheme: Option<&Bound<'_, PyScheme>>,
) -> PyResult<PyTreeHead> {
    let (scheme, leaves) = (dense_or_native(scheme)?, extract_rows(leaves, "leaves")?);
    let head = run(py, |run| head_of_leaves(Work::new(&scheme, run), &leaves));
    head.map(PyTreeHead)
}
