//! What a walk has found, hashed upwards: depth after depth, all its nodes in one call. Where there are runs, `runs` does it.

use alloc::vec::Vec;

use super::shape::{Node, STEPS, Shape, digest};
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::verify::Bulk;

impl Shape {
    /// Hashes upwards from the leaves' digests and those of the proof. `None` if these are not as many as the walk found.
    pub(super) fn fold(
        &self,
        bulk: &impl Bulk,
        head: &TreeHead,
        leaves: &[u8],
        digests: &[u8],
    ) -> Result<Option<Vec<u8>>, HashError> {
        let (scheme, width) = (head.scheme(), head.scheme().digest_size());
        let (mut below, mut nodes, mut children): (Vec<u8>, Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new(), Vec::new());
        let mut steps = 0_usize;
        for (depth, row) in self.rows.iter().enumerate().rev().filter(|(_, row)| !row.nodes.is_empty()) {
            steps = steps.saturating_add(row.nodes.len());
            if steps >= STEPS {
                bulk.go_on()?;
                steps = 0;
            }
            let empty = scheme.empty_subtree((depth as u32).saturating_add(1));
            let (mut inner, mut own, mut sent) = (below.chunks_exact(width), row.leaves.iter(), row.sent.iter());
            children.clear();
            children.reserve(row.nodes.len().saturating_mul(width).saturating_mul(2));
            for node in row.nodes.iter().flat_map(|children| children.both()) {
                let digest = match node {
                    Node::INNER => inner.next(),
                    Node::LEAF => own.next().and_then(|place| digest(leaves, *place, width)),
                    Node::SENT => sent.next().and_then(|place| digest(digests, *place, width)),
                    _ => Some(empty),
                };
                let Some(digest) = digest else { return Ok(None) };
                children.extend_from_slice(digest);
            }
            nodes.clear();
            nodes.resize(row.nodes.len().saturating_mul(width), 0);
            bulk.keyed_nodes(scheme, &children, &mut nodes)?;
            core::mem::swap(&mut below, &mut nodes);
        }
        Ok(match self.top {
            Node::LEAF => digest(leaves, 0, width).map(<[u8]>::to_vec),
            Node::EMPTY => Some(scheme.empty_subtree(0).to_vec()),
            _ => Some(below),
        })
    }
}
