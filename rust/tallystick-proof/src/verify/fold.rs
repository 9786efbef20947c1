//! From known leaves and a proof's digests to the topmost node: the only rehashing there is.

use alloc::vec::Vec;

use crate::geometry::{Climb, Step};
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::scheme::Scheme;

/// Who hashes the rows of a verification: the calling thread, or a pool of them that may be told to stop.
pub trait Bulk {
    /// Hashes leaves of any length. `out` takes a record each.
    fn leaves(&self, scheme: &Scheme, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError>;
    /// Hashes pairs of children, one behind the other. `out` takes a record a pair.
    fn nodes(&self, scheme: &Scheme, children: &[u8], out: &mut [u8]) -> Result<(), HashError>;
}

/// The calling thread.
#[derive(Clone, Copy, Debug)]
pub struct OnTheSpot;

impl Bulk for OnTheSpot {
    fn leaves(&self, scheme: &Scheme, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        scheme.leaves(rows, out)
    }

    fn nodes(&self, scheme: &Scheme, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        scheme.nodes(children, out)
    }
}

/// What a fold comes across on the levels below the top: nodes known or made, and nodes taken from the proof.
pub(crate) trait Witness {
    /// The known nodes of the next level, ascending, and the siblings that the proof has for them, ascending.
    fn level(&mut self, known: Nodes<'_>, siblings: Nodes<'_>);
}

/// Some nodes of one level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodes<'a> {
    /// Their places.
    pub(crate) indices: &'a [u64],
    /// Their records, one behind the other.
    pub(crate) digests: &'a [u8],
}

/// Looks away.
impl Witness for () {
    fn level(&mut self, _: Nodes<'_>, _: Nodes<'_>) {}
}

/// Rehashes known leaves and a proof's digests up to the topmost node, level by level.
///
/// `digests` are the records of leaves `indices` (strictly increasing, below the size), one behind the other. `None` when the
/// claim is not of that form or the proof is not used up exactly.
pub(crate) fn fold(
    bulk: &impl Bulk,
    head: &TreeHead,
    indices: Vec<u64>,
    digests: Vec<u8>,
    proof: &[u8],
    witness: &mut impl Witness,
) -> Result<Option<Vec<u8>>, HashError> {
    let (scheme, width) = (head.scheme(), head.scheme().width());
    if indices.len().checked_mul(width) != Some(digests.len()) {
        return Ok(None);
    }
    let mut nodes = indices.clone();
    let Some(mut climb) = Climb::new(head.size(), indices) else { return Ok(None) };
    let (mut known, mut parents, mut children, mut steps) = (digests, Vec::new(), Vec::new(), Vec::new());
    let (mut left, mut siblings) = (proof, Vec::new());
    while climb.up(&mut steps) {
        siblings.clear();
        siblings.extend(steps.iter().zip(climb.known()).filter_map(|(step, parent)| step.sibling(*parent)));
        let Some((own, rest)) = left.split_at_checked(siblings.len().saturating_mul(width)) else { return Ok(None) };
        left = rest;
        witness.level(Nodes { indices: &nodes, digests: &known }, Nodes { indices: &siblings, digests: own });
        children.clear();
        let (mut known_left, mut own) = (known.chunks_exact(width), own.chunks_exact(width));
        let mut moved_up = None;
        for step in &steps {
            let pair = match step {
                Step::Both => (known_left.next(), known_left.next()),
                Step::Left => (known_left.next(), own.next()),
                Step::Right => (own.next(), known_left.next()),
                Step::Alone => {
                    moved_up = known_left.next();
                    continue;
                }
            };
            let (Some(left), Some(right)) = pair else { return Ok(None) };
            children.extend_from_slice(left);
            children.extend_from_slice(right);
        }
        parents.clear();
        parents.resize(children.len() / 2, 0);
        bulk.nodes(scheme, &children, &mut parents)?;
        parents.extend_from_slice(moved_up.unwrap_or_default());
        core::mem::swap(&mut known, &mut parents);
        nodes.clear();
        nodes.extend_from_slice(climb.known());
    }
    Ok((left.is_empty() && known.len() == width).then_some(known))
}
