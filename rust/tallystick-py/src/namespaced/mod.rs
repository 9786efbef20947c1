//! Namespaced trees: leaves in the order of their namespaces, heads with a range, proofs of a namespace.
//!
//! The engine is that of dense trees, to which a leaf of a namespaced tree is its row behind its namespace.

mod head;
mod proof;
mod rows;
mod tree;

pub(crate) use head::PyNamespacedHead;
pub(crate) use proof::{PyAbsenceProof, PyNamespaceProof, PyNamespacedInclusionProof};
pub(crate) use tree::PyNamespacedTree;
