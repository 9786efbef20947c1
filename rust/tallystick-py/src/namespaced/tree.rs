//! `NamespacedTree`.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyRange, PyTuple};
use tallystick_proof::codec::Namespaced;
use tallystick_proof::scheme::Kind;
use tallystick_tree::build::LeafRule;
use tallystick_tree::tree::{DenseTree, OfNamespace};

use super::rows::{extract_namespace, extract_namespaced_rows};
use super::{PyAbsenceProof, PyNamespaceProof, PyNamespacedHead, PyNamespacedInclusionProof};
use crate::argument::Argument;
use crate::errors::tree_error;
use crate::face;
use crate::files::Paths;
use crate::rows::extract_leaf;
use crate::run::run;
use crate::scheme::{PyScheme, namespaced_or_celestia};

/// A Merkle tree whose leaves carry namespaces and stand in their order: build, append, prove a leaf or a whole namespace, save.
///
/// Every node states the range of the namespaces below it, so a proof shows that leaves are *all* of a namespace, or that it
/// has none. ``leaves`` and ``namespaces`` take any form of rows, as :class:`MerkleTree`, and are as many; namespaces have the
/// scheme's length, 29 bytes for Celestia, and ascend. ``scheme`` is of kind ``"namespaced"``,
/// :data:`tallystick.schemes.CELESTIA` if left out. The tree keeps nodes, 180 bytes a leaf, not leaf data.
///
/// Raises ``ValueError`` for unequal numbers, a namespace of another length, or one below the one before it. Building uses all
/// threads and can be interrupted. Many threads may read a tree while one writes; a call that fails changes nothing.
///
/// >>> import tallystick as ts
/// >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
/// >>> tree = ts.NamespacedTree([b"a", b"b", b"c"], [one, three, three])
/// >>> tree.find(three)
/// range(1, 3)
/// >>> tree.head.verify_namespace(three, [b"b", b"c"], tree.prove_namespace(three))
/// >>> tree.head.verify_absent(two, tree.prove_namespace(two))
#[pyclass(frozen, module = "tallystick", name = "NamespacedTree", weakref)]
pub(crate) struct PyNamespacedTree(pub(crate) Arc<DenseTree>);

#[pymethods]
impl PyNamespacedTree {
    #[new]
    #[pyo3(
        signature = (leaves=Argument::Default, namespaces=Argument::Default, *, scheme=None),
        text_signature = "(leaves=(), namespaces=(), *, scheme=None)"
    )]
    fn new(
        py: Python<'_>,
        leaves: Argument<'_>,
        namespaces: Argument<'_>,
        scheme: Option<&Bound<'_, PyScheme>>,
    ) -> PyResult<Self> {
        let scheme = namespaced_or_celestia(scheme)?;
        let given = |argument| match argument {
            Argument::Default => PyTuple::empty(py).into_any(),
            Argument::Given(given) => given,
        };
        let leaves = extract_namespaced_rows(&given(leaves), &given(namespaces), &scheme)?;
        run(py, |run| DenseTree::new(scheme, &leaves, LeafRule::Hashed, run)).map(|tree| Self(Arc::new(tree)))
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.0.scheme().clone())
    }

    /// The head of all leaves. At most 64 hashes.
    #[getter]
    fn head(&self, py: Python<'_>) -> PyResult<PyNamespacedHead> {
        face::head(py, &self.0).map(|head| PyNamespacedHead(Namespaced(head)))
    }

    /// The root of all leaves: ``head.root``.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, face::head(py, &self.0)?.root()))
    }

    /// Number of leaves.
    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(usize::try_from(face::size(py, &self.0))?)
    }

    /// Puts one leaf with its namespace behind the last one and returns its index.
    ///
    /// For many leaves :meth:`extend` is faster. Raises as it.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.NamespacedTree([b"a"], [bytes(29)]).append(b"b", bytes(28) + b"\x01")
    /// 1
    #[pyo3(signature = (leaf, namespace, /))]
    fn append(&self, py: Python<'_>, leaf: &Bound<'_, PyAny>, namespace: &Bound<'_, PyAny>) -> PyResult<u64> {
        let (leaf, namespace) = (extract_leaf(leaf)?, extract_namespace(namespace, self.0.scheme())?);
        let row = [&namespace, &*leaf].concat();
        let leaves = tallystick_tree::leaves::RaggedRows(&[&row]);
        Ok(run(py, |run| self.0.extend(&leaves, run))?.start)
    }

    /// Puts leaves with their namespaces behind the last one and returns the range of their indices.
    ///
    /// Either all are added or none. Raises as the constructor, ``ValueError`` also for a namespace below the last leaf's,
    /// ``io.UnsupportedOperation`` for a tree opened from a file.
    ///
    /// >>> import tallystick as ts
    /// >>> one, two = bytes(28) + b"\x01", bytes(28) + b"\x02"
    /// >>> tree = ts.NamespacedTree([b"a"], [one])
    /// >>> tree.extend([b"b", b"c"], [one, two])
    /// range(1, 3)
    #[pyo3(signature = (leaves, namespaces, /))]
    fn extend<'py>(
        &self,
        py: Python<'py>,
        leaves: &Bound<'py, PyAny>,
        namespaces: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyRange>> {
        let leaves = extract_namespaced_rows(leaves, namespaces, self.0.scheme())?;
        let range = run(py, |run| self.0.extend(&leaves, run))?;
        PyRange::new(py, isize::try_from(range.start)?, isize::try_from(range.end)?)
    }

    /// The head of the first ``size`` leaves. At most 64 hashes.
    ///
    /// Raises ``ValueError`` for a size above the tree's.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.NamespacedTree([b"a", b"b"], [bytes(29), bytes(29)])
    /// >>> tree.head_at(1) == ts.NamespacedTree([b"a"], [bytes(29)]).head
    /// True
    #[pyo3(signature = (size))]
    fn head_at(&self, py: Python<'_>, size: &Bound<'_, PyAny>) -> PyResult<PyNamespacedHead> {
        face::head_at(py, &self.0, size).map(|head| PyNamespacedHead(Namespaced(head)))
    }

    /// The indices of the leaves of ``namespace``: an empty range, at the place where they would stand, if there are none.
    ///
    /// ``head`` is as in :meth:`prove`. Raises ``ValueError`` for a namespace of another length, :class:`StaleHead`. A binary
    /// search.
    ///
    /// >>> import tallystick as ts
    /// >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
    /// >>> tree = ts.NamespacedTree([b"a", b"b", b"c"], [one, one, three])
    /// >>> tree.find(one), tree.find(two)
    /// (range(0, 2), range(2, 2))
    #[pyo3(signature = (namespace, *, head=None))]
    fn find<'py>(
        &self,
        py: Python<'py>,
        namespace: &Bound<'py, PyAny>,
        head: Option<&Bound<'py, PyNamespacedHead>>,
    ) -> PyResult<Bound<'py, PyRange>> {
        let namespace = extract_namespace(namespace, self.0.scheme())?;
        let head = head.map(|head| head.get().head());
        let range = py.detach(|| self.0.find(&namespace, head)).map_err(tree_error)?;
        PyRange::new(py, isize::try_from(range.start)?, isize::try_from(range.end)?)
    }

    /// The proof that the leaf at ``index`` has its place, namespace and data, for ``head``.
    ///
    /// ``head`` is any head of this tree, also of an earlier size; ``None`` is the present one. Raises ``IndexError`` for an
    /// index that is not below the head's size, :class:`StaleHead` for a head that the tree does not have. Copies siblings;
    /// hashes only along the right edge.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.NamespacedTree([b"a", b"b"], [bytes(29), bytes(29)])
    /// >>> yesterday = tree.head
    /// >>> tree.append(b"c", bytes(29))
    /// 2
    /// >>> yesterday.verify_inclusion(0, bytes(29), b"a", tree.prove(0, head=yesterday))
    #[pyo3(signature = (index, *, head=None))]
    fn prove(
        &self,
        py: Python<'_>,
        index: &Bound<'_, PyAny>,
        head: Option<&Bound<'_, PyNamespacedHead>>,
    ) -> PyResult<PyNamespacedInclusionProof> {
        let proof = face::prove(py, &self.0, index, head.map(|head| head.get().head()))?;
        Ok(PyNamespacedInclusionProof(Namespaced(proof)))
    }

    /// The proof of all leaves of ``namespace``, or that there are none, for ``head``.
    ///
    /// Returns a :class:`NamespaceProof` where there are leaves, those of :meth:`find`, else an :class:`AbsenceProof`. ``head``
    /// is as in :meth:`prove`. Raises ``ValueError`` for a namespace of another length, and for the one of which every byte is
    /// 255: ranges leave it out, so nothing can be shown of it; :class:`StaleHead`. Copies at most 128 nodes.
    ///
    /// >>> import tallystick as ts
    /// >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
    /// >>> tree = ts.NamespacedTree([b"a", b"b", b"c"], [one, one, three])
    /// >>> tree.prove_namespace(one), tree.prove_namespace(two)
    /// (<NamespaceProof: from leaf 0, 1 nodes>, <AbsenceProof: before leaf 2, 2 nodes>)
    #[pyo3(signature = (namespace, *, head=None))]
    fn prove_namespace<'py>(
        &self,
        py: Python<'py>,
        namespace: &Bound<'py, PyAny>,
        head: Option<&Bound<'py, PyNamespacedHead>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let namespace = extract_namespace(namespace, self.0.scheme())?;
        let head = head.map(|head| head.get().head());
        let proof = py.detach(|| self.0.prove_namespace(&namespace, head)).map_err(tree_error)?;
        Ok(match proof {
            OfNamespace::Whole(proof) => Bound::new(py, PyNamespaceProof(proof))?.into_any(),
            OfNamespace::Absent(proof) => Bound::new(py, PyAbsenceProof(proof))?.into_any(),
        })
    }

    /// Writes the tree to one checksummed file, for :meth:`open`. As :meth:`MerkleTree.save`.
    ///
    /// >>> import tallystick as ts, pathlib, tempfile
    /// >>> path = pathlib.Path(tempfile.mkdtemp()) / "shares.tally"
    /// >>> ts.NamespacedTree([b"a", b"b"], [bytes(29), bytes(29)]).save(path)
    /// >>> len(ts.NamespacedTree.open(path))
    /// 2
    #[pyo3(signature = (path, *, overwrite=false))]
    fn save(&self, py: Python<'_>, path: PathBuf, overwrite: bool) -> PyResult<()> {
        face::save(py, &self.0, path, overwrite)
    }

    /// Opens a file that :meth:`save` wrote, read-only, as :meth:`MerkleTree.open`.
    ///
    /// Raises as there; :class:`DecodeError` for the file of a tree of another kind.
    #[staticmethod]
    #[pyo3(signature = (path, *, check=false))]
    fn open(py: Python<'_>, path: Paths, check: bool) -> PyResult<Self> {
        face::open(py, &path, Kind::Namespaced, check, None).map(Self)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let head = face::head(py, &self.0)?;
        Ok(format!("<NamespacedTree {}: {} leaves>", head.scheme().name(), head.size()))
    }
}
