//! From known leaves and a proof's digests to the topmost node: the only rehashing there is.

use alloc::vec::Vec;

use crate::frame::Places;
use crate::geometry::{Climb, NodeId};
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::scheme::Scheme;

/// Who hashes the rows of a verification: the calling thread, or a pool of them that may be told to stop.
pub trait Bulk {
    /// Hashes leaves of any length, which stand at `places`. `out` takes a record each.
    fn leaves(&self, scheme: &Scheme, places: &[u64], rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError>;
    /// Hashes nodes of `level`, which stand at `places`, from their children, one behind the other. `out` takes a record a
    /// node.
    fn nodes(
        &self,
        scheme: &Scheme,
        level: u32,
        places: &[u64],
        children: &[u8],
        out: &mut [u8],
    ) -> Result<(), HashError>;
    /// Hashes values of a sparse tree, of any length. `out` takes a digest each.
    fn values(&self, scheme: &Scheme, values: &[&[u8]], out: &mut [u8]) -> Result<(), HashError>;
    /// Hashes leaves of a sparse tree, each its key with its value's digest behind it. `out` takes a digest each.
    fn keyed_leaves(&self, scheme: &Scheme, leaves: &[u8], out: &mut [u8]) -> Result<(), HashError>;
    /// Hashes nodes of a sparse tree from their two children, one behind the other. `out` takes a digest a node.
    fn keyed_nodes(&self, scheme: &Scheme, children: &[u8], out: &mut [u8]) -> Result<(), HashError>;
    /// Asked now and then: [`HashError::Interrupted`] stops the work.
    fn go_on(&self) -> Result<(), HashError>;
}

/// The calling thread.
#[derive(Clone, Copy, Debug)]
pub struct OnTheSpot;

impl Bulk for OnTheSpot {
    fn leaves(&self, scheme: &Scheme, places: &[u64], rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        scheme.leaves(Places::These(places), rows, out)
    }

    fn nodes(
        &self,
        scheme: &Scheme,
        level: u32,
        places: &[u64],
        children: &[u8],
        out: &mut [u8],
    ) -> Result<(), HashError> {
        scheme.nodes(level, Places::These(places), children, out)
    }

    fn values(&self, scheme: &Scheme, values: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        scheme.values(values, out)
    }

    fn keyed_leaves(&self, scheme: &Scheme, leaves: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        scheme.keyed_leaves(leaves, out)
    }

    fn keyed_nodes(&self, scheme: &Scheme, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        scheme.keyed_nodes(children, out)
    }

    fn go_on(&self) -> Result<(), HashError> {
        Ok(())
    }
}

/// What a fold comes across on the levels below the top: nodes known or made, and nodes taken from the proof.
pub(crate) trait Observer {
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
impl Observer for () {
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
    observer: &mut impl Observer,
) -> Result<Option<Vec<u8>>, HashError> {
    let (scheme, width) = (head.scheme(), head.scheme().width());
    if indices.len().checked_mul(width) != Some(digests.len()) {
        return Ok(None);
    }
    let Some(grid) = scheme.grid() else { return Ok(None) };
    let mut nodes = indices.clone();
    let Some(mut climb) = Climb::new(grid, head.size(), indices) else { return Ok(None) };
    let (mut known, mut parents, mut children, mut steps) = (digests, Vec::new(), Vec::new(), Vec::new());
    let (mut left, mut siblings, mut places, mut level) = (proof, Vec::new(), Vec::new(), 0_u32);
    while climb.up(&mut steps) {
        level = level.saturating_add(1);
        siblings.clear();
        siblings.extend(steps.iter().flat_map(|step| step.siblings(grid)));
        let Some((own, rest)) = left.split_at_checked(siblings.len().saturating_mul(width)) else { return Ok(None) };
        left = rest;
        observer.level(Nodes { indices: &nodes, digests: &known }, Nodes { indices: &siblings, digests: own });
        children.clear();
        places.clear();
        let (mut known_left, mut own) = (known.chunks_exact(width), own.chunks_exact(width));
        let mut edge = None;
        for step in &steps {
            let begin = children.len();
            for child in 0..step.present.count_ones() {
                let known = step.known >> child & 1 == 1;
                let Some(node) = (if known { known_left.next() } else { own.next() }) else { return Ok(None) };
                children.extend_from_slice(node);
            }
            let parent = NodeId { level, index: step.parent };
            if scheme.is_plain(parent, head.size(), step.present.count_ones() as usize) {
                places.push(step.parent);
            } else {
                // At most one a level, the last.
                edge = Some(scheme.edge_node(parent, head.size(), children.get(begin..).unwrap_or_default())?);
                children.truncate(begin);
            }
        }
        parents.clear();
        parents.resize(places.len().saturating_mul(width), 0);
        bulk.nodes(scheme, level, &places, &children, &mut parents)?;
        parents.extend(edge.unwrap_or_default());
        core::mem::swap(&mut known, &mut parents);
        nodes.clear();
        nodes.extend_from_slice(climb.known());
    }
    Ok((left.is_empty() && known.len() == width).then_some(known))
}
