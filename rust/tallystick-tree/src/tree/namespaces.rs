//! Leaves in the order of their namespaces: that they are, where those of one stand, and proofs of all of them or of none.

use std::cmp::Ordering;
use std::ops::Range;

use tallystick_proof::geometry::NodeId;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{AbsenceProof, NamespaceProof};
use tallystick_proof::record::Record;
use tallystick_proof::scheme::is_highest;

use super::{DenseTree, State};
use crate::error::TreeError;
use crate::nodes::Cursor;
use crate::prove::Prover;

/// What a tree proves about a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfNamespace {
    /// All of its leaves.
    Whole(NamespaceProof),
    /// That it has none.
    Absent(AbsenceProof),
}

/// Refuses leaves that do not ascend by their namespaces, or begin below the leaf before them. Nodes do not show all of that:
/// where leaves have the highest namespace, ranges end below it.
pub(super) fn check_order(record: Record, before: Option<&[u8]>, leaves: &[u8]) -> Result<(), TreeError> {
    if record.namespace_size().is_none() {
        return Ok(());
    }
    let mut last = before.map_or(&[][..], |leaf| record.range(leaf).0);
    for leaf in leaves.chunks_exact(record.width()) {
        let (namespace, _) = record.range(leaf);
        if namespace < last {
            return Err(TreeError::NamespaceOrder);
        }
        last = namespace;
    }
    Ok(())
}

impl DenseTree {
    /// The leaves of a namespace in the tree of `head` or the present one; an empty range at the place where they would stand.
    /// At most 128 nodes are looked at.
    pub fn find(&self, namespace: &[u8], head: Option<&TreeHead>) -> Result<Range<u64>, TreeError> {
        let state = self.read();
        let size = self.size_for(&state, head)?;
        self.found(&state, size, namespace)
    }

    /// The proof of all leaves of a namespace, or that there are none, for `head` or the present one.
    pub fn prove_namespace(&self, namespace: &[u8], head: Option<&TreeHead>) -> Result<OfNamespace, TreeError> {
        let state = self.read();
        let size = self.size_for(&state, head)?;
        let place = self.found(&state, size, namespace)?;
        if is_highest(namespace) {
            return Err(TreeError::IgnoredNamespace);
        }
        let (record, edge) = (self.scheme.record(), self.edge(&state, size)?);
        let prover = Prover::new(&self.scheme, &state.nodes, &edge, size)?;
        if !place.is_empty() {
            let start = place.start;
            let proof = NamespaceProof::new(record, start, prover.beside(place)?);
            return proof.map(OfNamespace::Whole).map_err(|_| TreeError::Defect("nodes make a proof"));
        }
        let top = self.head_of(&state, size)?;
        let (min, max) = top.range();
        let (mut start, mut nodes) = (0, Vec::new());
        if size > 0 && min <= namespace && namespace <= max {
            start = place.start;
            Cursor::new(&state.nodes).with(NodeId { level: 0, index: start }, |leaf| nodes.extend_from_slice(leaf))?;
            nodes.extend(prover.beside(start..start + 1)?);
        }
        let proof = AbsenceProof::new(record, start, nodes);
        proof.map(OfNamespace::Absent).map_err(|_| TreeError::Defect("nodes make a proof"))
    }

    fn found(&self, state: &State, size: u64, namespace: &[u8]) -> Result<Range<u64>, TreeError> {
        let record = self.scheme.record();
        let expected = record.namespace_size().ok_or_else(|| TreeError::NoNamespaces(self.scheme.name()))?;
        if namespace.len() != expected {
            return Err(TreeError::NamespaceSize { found: namespace.len(), expected });
        }
        let mut cursor = Cursor::new(&state.nodes);
        let mut search = |is_before: fn(Ordering) -> bool| {
            let (mut begin, mut end) = (0, size);
            while begin < end {
                let index = begin + (end - begin) / 2;
                let order = cursor.with(NodeId { level: 0, index }, |leaf| record.range(leaf).0.cmp(namespace))?;
                if is_before(order) {
                    begin = index + 1;
                } else {
                    end = index;
                }
            }
            Ok::<_, TreeError>(begin)
        };
        Ok(search(Ordering::is_lt)?..search(Ordering::is_le)?)
    }
}
