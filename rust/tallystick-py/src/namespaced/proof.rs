//! The proof classes of namespaced trees: nodes with their ranges, whole.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::{Namespaced, Wire};
use tallystick_proof::hash::{MAX_DIGEST, MIN_DIGEST};
use tallystick_proof::proof::{AbsenceProof, Digests, InclusionProof, NamespaceProof, ProofError};
use tallystick_proof::record::Record;
use tallystick_tree::leaves::Leaves;

use crate::argument::Argument;
use crate::arrays::bytes_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::indices::extract_size;
use crate::rows::extract_rows;

/// Nodes of these sizes as arguments; those of Celestia where none are stated.
fn extract_nodes(
    nodes: &Bound<'_, PyAny>,
    namespace_size: Argument<'_>,
    digest_size: Argument<'_>,
) -> PyResult<(Record, Vec<u8>)> {
    let size = |argument, usual, what| match argument {
        Argument::Default => Ok(usual),
        Argument::Given(size) => extract_size(&size, what),
    };
    let namespace_size = size(namespace_size, 29, "namespace_size")?;
    let digest_size = usize::try_from(size(digest_size, 32, "digest_size")?).unwrap_or(usize::MAX);
    if !(MIN_DIGEST..=MAX_DIGEST).contains(&digest_size) {
        return Err(proof_error(ProofError::DigestSize(digest_size)));
    }
    let namespace_size = u8::try_from(namespace_size).unwrap_or(0);
    let record = Record::namespaced(digest_size, namespace_size);
    if namespace_size == 0 {
        return Err(proof_error(ProofError::NamespaceSize));
    }
    let rows = extract_rows(nodes, "nodes")?;
    let mut records: Vec<u8> = Vec::new();
    for place in 0..rows.len() {
        let row = rows.row(place);
        if row.len() != record.width() {
            return Err(proof_error(ProofError::Ragged { length: row.len(), width: record.width() }));
        }
        records.extend_from_slice(row);
    }
    Ok((record, records))
}

/// What the three classes have in common.
macro_rules! nodes_with_ranges {
    ($class:ident($inner:ty), |$self:ident| $nodes:expr, $name:literal, $import:literal, $example:literal) => {
        impl $class {
            pub(super) fn digests(&self) -> Digests<'_> {
                let $self = self;
                $nodes
            }
        }

        #[pymethods]
        impl $class {
            /// The nodes in proof order, as a read-only ``(k, 2 * namespace_size + digest_size)`` array of uint8: each the lowest
            /// and the highest namespace below it and its digest. A copy at each access.
            #[getter]
            fn nodes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                bytes_2d(py, self.digests().bytes().to_vec(), self.digests().record().width())
            }

            /// Bytes of a namespace.
            #[getter]
            fn namespace_size(&self) -> usize {
                self.digests().record().namespace_size().unwrap_or(0)
            }

            /// Bytes of a digest.
            #[getter]
            fn digest_size(&self) -> usize {
                self.digests().digest_size()
            }

            /// Number of nodes.
            fn __len__(&self) -> usize {
                self.digests().count()
            }
        }

        impl Encoded for $class {
            type Inner = $inner;

            fn inner(&self) -> &$inner {
                &self.0
            }

            fn of(inner: $inner) -> Self {
                Self(inner)
            }

            fn weight(&self) -> usize {
                self.digests().bytes().len()
            }
        }

        wire_methods!($class, $import, $example);
    };
}

/// A proof that one leaf of a namespaced tree has its place, namespace and data: the siblings on its way to the top, from the
/// leaf up, each with its range.
///
/// Trees make proofs; heads verify them: :meth:`NamespacedHead.verify_inclusion`. The constructor takes nodes from elsewhere,
/// rows of ``2 * namespace_size + digest_size`` bytes; else ``ValueError``.
///
/// >>> import tallystick as ts
/// >>> one, two = bytes(28) + b"\x01", bytes(28) + b"\x02"
/// >>> proof = ts.NamespacedTree([b"a", b"b", b"c"], [one, one, two]).prove(0)
/// >>> proof
/// <NamespacedInclusionProof: 2 nodes>
/// >>> proof == ts.NamespacedInclusionProof(proof.nodes)
/// True
#[pyclass(frozen, module = "tallystick", name = "NamespacedInclusionProof")]
pub(crate) struct PyNamespacedInclusionProof(pub(crate) Namespaced<InclusionProof>);

#[pymethods]
impl PyNamespacedInclusionProof {
    #[new]
    #[pyo3(
        signature = (nodes, *, namespace_size=Argument::Default, digest_size=Argument::Default),
        text_signature = "(nodes, *, namespace_size=29, digest_size=32)"
    )]
    fn new(nodes: &Bound<'_, PyAny>, namespace_size: Argument<'_>, digest_size: Argument<'_>) -> PyResult<Self> {
        let (record, nodes) = extract_nodes(nodes, namespace_size, digest_size)?;
        InclusionProof::new(record, nodes).map(|proof| Self(Namespaced(proof))).map_err(proof_error)
    }

    fn __repr__(&self) -> String {
        format!("<NamespacedInclusionProof: {} nodes>", self.__len__())
    }
}

nodes_with_ranges!(
    PyNamespacedInclusionProof(Namespaced<InclusionProof>),
    |proof| proof.0.0.digests(),
    "NamespacedInclusionProof",
    "import tallystick as ts",
    "ts.NamespacedTree([b'a', b'b'], [bytes(29), bytes(29)]).prove(0)"
);

/// A proof that some leaves are all that a tree has of a namespace: the index of the first, and the nodes around them.
///
/// Trees make it: :meth:`NamespacedTree.prove_namespace`; heads verify it: :meth:`NamespacedHead.verify_namespace`. Nodes come
/// level by level from the leaves, on each the left one first. The constructor takes them from elsewhere, as that of
/// :class:`NamespacedInclusionProof`.
///
/// >>> import tallystick as ts
/// >>> one, two = bytes(28) + b"\x01", bytes(28) + b"\x02"
/// >>> tree = ts.NamespacedTree([b"a", b"b", b"c"], [one, two, two])
/// >>> tree.prove_namespace(two)
/// <NamespaceProof: from leaf 1, 1 nodes>
#[pyclass(frozen, module = "tallystick", name = "NamespaceProof")]
pub(crate) struct PyNamespaceProof(pub(crate) NamespaceProof);

#[pymethods]
impl PyNamespaceProof {
    #[new]
    #[pyo3(
        signature = (start, nodes, *, namespace_size=Argument::Default, digest_size=Argument::Default),
        text_signature = "(start, nodes, *, namespace_size=29, digest_size=32)"
    )]
    fn new(
        start: &Bound<'_, PyAny>,
        nodes: &Bound<'_, PyAny>,
        namespace_size: Argument<'_>,
        digest_size: Argument<'_>,
    ) -> PyResult<Self> {
        let (record, nodes) = extract_nodes(nodes, namespace_size, digest_size)?;
        NamespaceProof::new(record, extract_size(start, "start")?, nodes).map(Self).map_err(proof_error)
    }

    /// The index of the first leaf of the namespace.
    #[getter]
    fn start(&self) -> u64 {
        self.0.start()
    }

    fn __repr__(&self) -> String {
        format!("<NamespaceProof: from leaf {}, {} nodes>", self.start(), self.__len__())
    }
}

nodes_with_ranges!(
    PyNamespaceProof(NamespaceProof),
    |proof| proof.0.nodes(),
    "NamespaceProof",
    "import tallystick as ts",
    "ts.NamespacedTree([b'a', b'b'], [bytes(29), bytes(29)]).prove_namespace(bytes(29))"
);

/// A proof that a tree has no leaf of a namespace: the index and node of the leaf behind the gap, and its siblings.
///
/// Trees make it: :meth:`NamespacedTree.prove_namespace`; heads verify it: :meth:`NamespacedHead.verify_absent`. It is empty,
/// with ``start`` 0, where the namespace is outside the range that the root states. The constructor takes nodes from elsewhere,
/// as that of :class:`NamespacedInclusionProof`; ``ValueError`` for a ``start`` without nodes.
///
/// >>> import tallystick as ts
/// >>> one, two, three = (bytes(28) + bytes([number]) for number in (1, 2, 3))
/// >>> tree = ts.NamespacedTree([b"a", b"c"], [one, three])
/// >>> tree.prove_namespace(two)
/// <AbsenceProof: before leaf 1, 2 nodes>
/// >>> tree.prove_namespace(bytes(29))
/// <AbsenceProof: outside the root's range>
#[pyclass(frozen, module = "tallystick", name = "AbsenceProof")]
pub(crate) struct PyAbsenceProof(pub(crate) AbsenceProof);

#[pymethods]
impl PyAbsenceProof {
    #[new]
    #[pyo3(
        signature = (start, nodes, *, namespace_size=Argument::Default, digest_size=Argument::Default),
        text_signature = "(start, nodes, *, namespace_size=29, digest_size=32)"
    )]
    fn new(
        start: &Bound<'_, PyAny>,
        nodes: &Bound<'_, PyAny>,
        namespace_size: Argument<'_>,
        digest_size: Argument<'_>,
    ) -> PyResult<Self> {
        let (record, nodes) = extract_nodes(nodes, namespace_size, digest_size)?;
        AbsenceProof::new(record, extract_size(start, "start")?, nodes).map(Self).map_err(proof_error)
    }

    /// The index of the leaf behind the gap; 0 in an empty proof.
    #[getter]
    fn start(&self) -> u64 {
        self.0.start()
    }

    fn __repr__(&self) -> String {
        match self.__len__() {
            0 => "<AbsenceProof: outside the root's range>".to_owned(),
            count => format!("<AbsenceProof: before leaf {}, {count} nodes>", self.start()),
        }
    }
}

nodes_with_ranges!(
    PyAbsenceProof(AbsenceProof),
    |proof| proof.0.nodes(),
    "AbsenceProof",
    "import tallystick as ts",
    "ts.NamespacedTree([b'a', b'b'], [bytes(29), bytes(29)]).prove_namespace(b'x' * 29)"
);
