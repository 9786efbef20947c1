//! `PatriciaProof`: nodes in RLP.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::patricia::PatriciaProof;
use tallystick_tree::leaves::Leaves;

use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::rows::extract_rows;

/// A proof that keys of a Patricia trie have their values, or none: the nodes on the way to them, in RLP.
///
/// They stand as ``eth_getProof`` gives them, the root first; those of many keys each once, a parent before its children and
/// these in the order of their nibbles. Nodes that stand inside others are not listed again. Trees make proofs; heads verify
/// them: :meth:`PatriciaHead.verify_present` and :meth:`~PatriciaHead.verify_absent`. The constructor takes nodes from
/// elsewhere, any sequence of bytes-like objects; what they are, verifiers look at.
///
/// >>> import tallystick as ts
/// >>> proof = ts.PatriciaTree({b"dog": b"puppy"}).prove(b"dog")
/// >>> proof
/// <PatriciaProof: 1 nodes>
/// >>> proof.nodes[0].hex()
/// 'cb8420646f67857075707079'
/// >>> proof == ts.PatriciaProof(proof.nodes)
/// True
#[pyclass(frozen, module = "tallystick", name = "PatriciaProof")]
pub(crate) struct PyPatriciaProof(pub(crate) PatriciaProof);

#[pymethods]
impl PyPatriciaProof {
    #[new]
    #[pyo3(signature = (nodes))]
    fn new(nodes: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rows = extract_rows(nodes, "nodes")?;
        let nodes = (0..rows.len()).map(|place| rows.row(place)).collect();
        PatriciaProof::new(nodes).map(Self).map_err(proof_error)
    }

    /// The nodes, the root's first. Copies at each access.
    #[getter]
    fn nodes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let nodes: Vec<_> = self.0.nodes().iter().map(|node| PyBytes::new(py, node)).collect();
        PyTuple::new(py, nodes)
    }

    /// Number of nodes.
    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        format!("<PatriciaProof: {} nodes>", self.0.len())
    }
}

impl Encoded for PyPatriciaProof {
    type Inner = PatriciaProof;

    fn inner(&self) -> &PatriciaProof {
        &self.0
    }

    fn of(inner: PatriciaProof) -> Self {
        Self(inner)
    }

    fn weight(&self) -> usize {
        self.0.nodes().size()
    }
}

wire_methods!(PyPatriciaProof, "ts.PatriciaTree({b'dog': b'puppy'}).prove(b'dog')");
