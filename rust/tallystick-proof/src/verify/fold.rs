//! From known leaves and a proof's digests to the topmost node: the only rehashing there is.

use alloc::vec::Vec;

use crate::geometry::{Climb, NodeId, Step};
use crate::hash::HashError;
use crate::scheme::Scheme;

/// What a fold comes across below the top, each node once: known nodes, nodes made, nodes taken from the proof.
pub(crate) trait Witness {
    fn node(&mut self, node: NodeId, digest: &[u8]);
}

/// Looks away.
impl Witness for () {
    fn node(&mut self, _: NodeId, _: &[u8]) {}
}

/// Rehashes known leaves and a proof's digests up to the topmost node, level by level.
///
/// `digests` are those of leaves `indices` (strictly increasing, below `size`), one behind the other. `None` when the
/// claim is not of that form or the proof is not used up exactly.
pub(crate) fn fold(
    scheme: &Scheme,
    size: u64,
    indices: Vec<u64>,
    digests: Vec<u8>,
    proof: &[u8],
    witness: &mut impl Witness,
) -> Result<Option<Vec<u8>>, HashError> {
    let width = scheme.digest_size();
    if indices.len().checked_mul(width) != Some(digests.len()) {
        return Ok(None);
    }
    let mut nodes = indices.clone();
    let Some(mut climb) = Climb::new(size, indices) else { return Ok(None) };
    let (mut known, mut parents, mut children, mut steps) = (digests, Vec::new(), Vec::new(), Vec::new());
    let mut siblings = proof.chunks_exact(width);
    let mut level = 0_u32;
    while climb.up(&mut steps) {
        for (index, digest) in nodes.iter().zip(known.chunks_exact(width)) {
            witness.node(NodeId { level, index: *index }, digest);
        }
        children.clear();
        let mut own = known.chunks_exact(width);
        let mut moved_up = None;
        for (step, parent) in steps.iter().zip(climb.known()) {
            let left = parent.saturating_mul(2);
            let pair = match step {
                Step::Both => (own.next(), own.next()),
                Step::Left => {
                    let sibling = siblings.next();
                    witness.node(NodeId { level, index: left.saturating_add(1) }, sibling.unwrap_or_default());
                    (own.next(), sibling)
                }
                Step::Right => {
                    let sibling = siblings.next();
                    witness.node(NodeId { level, index: left }, sibling.unwrap_or_default());
                    (sibling, own.next())
                }
                Step::Alone => {
                    moved_up = own.next();
                    continue;
                }
            };
            let (Some(left), Some(right)) = pair else { return Ok(None) };
            children.extend_from_slice(left);
            children.extend_from_slice(right);
        }
        parents.clear();
        parents.resize(children.len() / 2, 0);
        scheme.nodes(&children, &mut parents)?;
        parents.extend_from_slice(moved_up.unwrap_or_default());
        core::mem::swap(&mut known, &mut parents);
        nodes.clear();
        nodes.extend_from_slice(climb.known());
        level = level.saturating_add(1);
    }
    let used_up = siblings.next().is_none() && siblings.remainder().is_empty();
    Ok((used_up && known.len() == width).then_some(known))
}
