//! `NamespacedHead`: what a verifier of namespaced trees trusts, and the verifiers.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::{Namespaced, Wire};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Kind;
use tallystick_proof::verify::{verify_absent, verify_namespace_by, verify_namespaced};
use tallystick_tree::check::settled;
use tallystick_tree::leaves::Leaves;

use super::{PyAbsenceProof, PyNamespaceProof, PyNamespacedInclusionProof};
use crate::checks::claimed_index;
use crate::claim::claimed_rows;
use crate::codec::{Encoded, wire_methods};
use crate::errors::{head_error, refused};
use crate::head::hex;
use crate::indices::extract_size;
use crate::rows::{extract_bytes, extract_leaf};
use crate::run::run;
use crate::scheme::{PyScheme, of_kind};

/// A commitment to all leaves of a namespaced tree: scheme, number of leaves and root.
///
/// The root is the topmost node whole: the lowest and the highest namespace and a digest, 90 bytes for Celestia. It binds
/// neither scheme nor size, so the head must come from where you trust it. Raises ``TypeError`` for a scheme of another kind,
/// ``ValueError`` for a root of another length or whose range ends before it begins, a negative size, ``OverflowError`` for a
/// size of 2**64 and above.
///
/// >>> import tallystick as ts
/// >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
/// >>> tree = ts.NamespacedTree([b"a", b"b", b"c"], [one, three, three])
/// >>> head = ts.NamespacedHead(tree.scheme, 3, tree.root)
/// >>> head == tree.head == ts.NamespacedHead.from_bytes(head.to_bytes())
/// True
/// >>> head.verify_namespace(three, [b"b", b"c"], tree.prove_namespace(three))
/// >>> head.verify_absent(two, tree.prove_namespace(two))
/// >>> head.verify_namespace(three, [b"b"], tree.prove_namespace(three))
/// Traceback (most recent call last):
/// tallystick.errors.InvalidProof: the proof has 1 digests; this claim about a tree of 3 leaves takes 2
#[pyclass(frozen, module = "tallystick", name = "NamespacedHead")]
pub(crate) struct PyNamespacedHead(pub(crate) Namespaced<TreeHead>);

impl PyNamespacedHead {
    /// The head.
    pub(crate) fn head(&self) -> &TreeHead {
        &self.0.0
    }
}

#[pymethods]
impl PyNamespacedHead {
    #[new]
    #[pyo3(signature = (scheme, size, root))]
    fn new(scheme: &Bound<'_, PyScheme>, size: &Bound<'_, PyAny>, root: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (size, root) = (extract_size(size, "size")?, extract_bytes(root, "the root")?.to_vec());
        let scheme = of_kind(scheme, Kind::Namespaced)?;
        TreeHead::new(scheme, size, root).map(|head| Self(Namespaced(head))).map_err(head_error)
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.head().scheme().clone())
    }

    /// Number of leaves.
    #[getter]
    fn size(&self) -> u64 {
        self.head().size()
    }

    /// The root: the lowest namespace, the highest, the digest.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.head().root())
    }

    /// The lowest and the highest namespace that the root states; zeros for an empty tree.
    ///
    /// The namespace of which every byte is 255 is left out, unless the tree has no other.
    #[getter]
    fn range<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>) {
        let (min, max) = self.head().range();
        (PyBytes::new(py, min), PyBytes::new(py, max))
    }

    /// Checks that the leaf at ``index`` has exactly this namespace and this data; returns nothing if so.
    ///
    /// Proves nothing about who made the head, about other leaves, or whether this one stands there once. Raises
    /// :class:`InvalidProof` for any claim that is not proven, whatever its values; ``TypeError`` for arguments of the wrong
    /// type. Costs one leaf hash and one node hash a node.
    ///
    /// >>> import tallystick as ts
    /// >>> one, two = bytes(28) + b"\x01", bytes(28) + b"\x02"
    /// >>> tree = ts.NamespacedTree([b"a", b"b"], [one, two])
    /// >>> tree.head.verify_inclusion(1, two, b"b", tree.prove(1))
    /// >>> tree.head.verify_inclusion(1, one, b"b", tree.prove(1))
    /// Traceback (most recent call last):
    /// tallystick.errors.RootMismatch: the computed root is not the head's
    #[pyo3(signature = (index, namespace, leaf, proof))]
    fn verify_inclusion(
        &self,
        py: Python<'_>,
        index: Option<&Bound<'_, PyAny>>,
        namespace: &Bound<'_, PyAny>,
        leaf: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyNamespacedInclusionProof>,
    ) -> PyResult<()> {
        let (namespace, leaf) = (extract_bytes(namespace, "a namespace")?, extract_leaf(leaf)?);
        let index = claimed_index(self.head(), index, py)?.unwrap_or(u64::MAX);
        let proof = proof.get().0.0.digests();
        let verdict = py.detach(|| verify_namespaced(self.head(), index, &namespace, &leaf, proof));
        verdict.map_err(|refusal| refused(py, refusal))
    }

    /// Checks that the leaves of ``namespace`` are exactly these, in this order, at least one; returns nothing if so.
    ///
    /// So no leaf of the namespace was left out. Of the namespace of which every byte is 255 nothing can be shown. Raises
    /// :class:`InvalidProof` for any claim that is not proven, whatever its values; ``TypeError`` for arguments of the wrong
    /// type, also for an :class:`AbsenceProof`. Each leaf and each node above is hashed once, by all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> one, two = bytes(28) + b"\x01", bytes(28) + b"\x02"
    /// >>> tree = ts.NamespacedTree([b"a", b"b", b"c", b"d"], [one, two, two, two])
    /// >>> tree.head.verify_namespace(two, [b"b", b"c", b"d"], tree.prove_namespace(two))
    #[pyo3(signature = (namespace, leaves, proof))]
    fn verify_namespace(
        &self,
        py: Python<'_>,
        namespace: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyNamespaceProof>,
    ) -> PyResult<()> {
        let (namespace, leaves) = (extract_bytes(namespace, "a namespace")?.to_vec(), claimed_rows(leaves)?);
        let proof = &proof.get().0;
        let verdict = run(py, |run| {
            let block = leaves.block(0..leaves.len());
            settled(verify_namespace_by(&run, self.head(), &namespace, &block.rows(), proof))
        })?;
        verdict.map_err(|refusal| refused(py, refusal))
    }

    /// Checks that no leaf has ``namespace``; returns nothing if so.
    ///
    /// Raises as :meth:`verify_namespace`, ``TypeError`` also for a :class:`NamespaceProof`. At most 64 hashes.
    ///
    /// >>> import tallystick as ts
    /// >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
    /// >>> tree = ts.NamespacedTree([b"a", b"c"], [one, three])
    /// >>> tree.head.verify_absent(two, tree.prove_namespace(two))
    /// >>> tree.head.verify_absent(three, tree.prove_namespace(two))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: a node beside the claimed place may have leaves of the namespace: its range reaches it
    #[pyo3(signature = (namespace, proof))]
    fn verify_absent(
        &self,
        py: Python<'_>,
        namespace: &Bound<'_, PyAny>,
        proof: &Bound<'_, PyAbsenceProof>,
    ) -> PyResult<()> {
        let namespace = extract_bytes(namespace, "a namespace")?;
        let verdict = verify_absent(self.head(), &namespace, &proof.get().0);
        verdict.map_err(|refusal| refused(py, refusal))
    }

    fn __repr__(&self) -> String {
        let head = self.head();
        format!("<NamespacedHead {}: size {}, root {}>", head.scheme().name(), head.size(), hex(head.root()))
    }
}

impl Encoded for PyNamespacedHead {
    type Inner = Namespaced<TreeHead>;

    fn inner(&self) -> &Namespaced<TreeHead> {
        &self.0
    }

    fn of(inner: Namespaced<TreeHead>) -> Self {
        Self(inner)
    }
}

wire_methods!(PyNamespacedHead, "ts.NamespacedTree([b'a', b'b'], [bytes(29), bytes(29)]).head");
