//! Many single proofs of one head: the same level of all of them goes through the hash together.

use alloc::vec;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

use subtle::ConstantTimeEq;

use crate::frame::Places;
use crate::geometry::{Grid, NodeId};
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::proof::{Digests, ProofBatch};
use crate::scheme::Scheme;

use super::{Refusal, verify_inclusion};

/// Leaf data of several claims.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a> {
    /// Rows of one width, one behind the other.
    Fixed {
        /// All rows.
        data: &'a [u8],
        /// Bytes of one row, not zero.
        width: usize,
    },
    /// Rows of any length.
    Ragged(&'a [&'a [u8]]),
}

impl Rows<'_> {
    pub(super) fn hash(&self, scheme: &Scheme, places: &[u64], out: &mut [u8]) -> Result<(), HashError> {
        match self {
            Self::Fixed { data, width } => scheme.leaf_rows(Places::These(places), data, *width, out),
            Self::Ragged(rows) => scheme.leaves(Places::These(places), rows, out),
        }
    }

    fn each(&self) -> Vec<&[u8]> {
        match self {
            Self::Fixed { data, width } => data.chunks_exact((*width).max(1)).collect(),
            Self::Ragged(rows) => rows.to_vec(),
        }
    }
}

/// A claim on its way up.
struct Climber<'a> {
    /// Its place among the claims.
    place: usize,
    /// The node reached.
    index: u64,
    /// Siblings not yet used.
    siblings: core::slice::ChunksExact<'a, u8>,
    /// Whether it missed one, or its pairs cannot be: then nothing accepts it.
    broken: bool,
}

/// Where a climber's next node comes from.
enum Next {
    /// It is hashed with those of others.
    Hashed,
    /// It is there: an only child that moved up, or a node on the edge.
    Made(Vec<u8>),
}

/// Whether proof `first + j` of `proofs` shows that leaf j of `leaves` has index `indices[j]`, for every j: what
/// [`super::verify_inclusion`] says of each. `verdicts`, as many as there are indices, are all written, or none.
///
/// Meant for hundreds of claims at a time, so that rows fill the lanes of a hash and stay in cache.
pub fn check_each(
    head: &TreeHead,
    indices: &[u64],
    leaves: Rows<'_>,
    proofs: &ProofBatch,
    first: usize,
    verdicts: &mut [bool],
) -> Result<(), HashError> {
    let Some(grid) = head.scheme().grid().filter(|_| head.scheme().binds_index()) else {
        verdicts.fill(false);
        return Ok(());
    };
    match check_together(head, grid, indices, leaves, proofs, (first, &mut *verdicts)) {
        // Something cannot be hashed: nothing is known of the others, so each goes alone.
        Err(HashError::LeafSize { .. } | HashError::Number { .. } | HashError::Refused(_)) => {
            check_alone(head, indices, leaves, proofs, first, verdicts)
        }
        done => done,
    }
}

/// The same, where all that is claimed can be hashed.
fn check_together(
    head: &TreeHead,
    grid: Grid,
    indices: &[u64],
    leaves: Rows<'_>,
    proofs: &ProofBatch,
    (first, verdicts): (usize, &mut [bool]),
) -> Result<(), HashError> {
    let (scheme, size, record) = (head.scheme(), head.size(), head.scheme().record());
    let width = record.width();
    let mut leaf_digests = vec![0; indices.len().saturating_mul(width)];
    leaves.hash(scheme, indices, &mut leaf_digests)?;
    let mut climbers = Vec::with_capacity(indices.len());
    let mut known = Vec::with_capacity(leaf_digests.len());
    for ((place, &index), digest) in indices.iter().enumerate().zip(leaf_digests.chunks_exact(width)) {
        let Some(path) = proofs.path(first.saturating_add(place)) else { continue };
        let fits = index < size && path.record() == record;
        if fits && path.count() as u64 == u64::from(grid.path_length(index, size)) {
            climbers.push(Climber { place, index, siblings: path.bytes().chunks_exact(width), broken: false });
            known.extend_from_slice(digest);
        }
    }
    let (mut children, mut parents, mut places, mut next) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for level in 0..grid.height(size) {
        let count = grid.nodes(size, level);
        children.clear();
        places.clear();
        next.clear();
        for (own, climber) in known.chunks_exact(width).zip(&mut climbers) {
            let (parent, child) = grid.above(climber.index);
            let there = count.saturating_sub(parent.saturating_mul(grid.arity())).min(grid.arity());
            let begin = children.len();
            // Its length was checked, so the proof has a sibling for every step.
            let mut sibling = || {
                let next = climber.siblings.next();
                climber.broken |= next.is_none();
                next.unwrap_or(own)
            };
            let is_pair = there == 2 && grid.arity() == 2;
            if is_pair {
                // Which side a node is on nobody can foresee, so nothing branches on it.
                let (sibling, is_left) = (sibling(), child == 0);
                push(&mut children, select_unpredictable(is_left, own, sibling));
                push(&mut children, select_unpredictable(is_left, sibling, own));
            } else {
                for place in 0..there {
                    push(&mut children, if place == child { own } else { sibling() });
                }
            }
            climber.index = parent;
            let node = NodeId { level: level.saturating_add(1), index: parent };
            let own_children = children.get_mut(begin..).unwrap_or_default();
            if is_pair {
                let pair = own_children.split_at_checked(width);
                if !pair.is_some_and(|(left, right)| scheme.takes_pair(left, right)) {
                    // Nothing is known of what others claim: they go on, and this one with a pair that can be.
                    climber.broken = true;
                    own_children.fill(0);
                    if let Some(last) = own_children.last_mut().filter(|_| !record.is_summed()) {
                        *last = 1;
                    }
                }
            }
            if scheme.is_plain(node, size, there as usize) {
                places.push(parent);
                next.push(Next::Hashed);
            } else {
                next.push(Next::Made(scheme.edge_node(node, size, own_children)?));
                children.truncate(begin);
            }
        }
        parents.resize(places.len().saturating_mul(width), 0);
        scheme.nodes(level.saturating_add(1), Places::These(&places), &children, &mut parents)?;
        if parents.len() == known.len() {
            core::mem::swap(&mut known, &mut parents);
            continue;
        }
        let mut hashed = parents.chunks_exact(width);
        for (own, next) in known.chunks_exact_mut(width).zip(&next) {
            match next {
                Next::Hashed => own.copy_from_slice(hashed.next().unwrap_or_default()),
                Next::Made(node) => own.copy_from_slice(node),
            }
        }
    }
    let mut tops = Tops::new(head);
    let mut found = vec![false; verdicts.len()];
    for (top, climber) in known.chunks_exact(width).zip(&mut climbers) {
        let used_up = climber.index == 0 && climber.siblings.next().is_none() && !climber.broken;
        if let Some(verdict) = found.get_mut(climber.place) {
            *verdict = used_up && tops.accept(top)?;
        }
    }
    verdicts.copy_from_slice(&found);
    Ok(())
}

/// Appends a node; of the usual widths without a call.
#[inline]
fn push(nodes: &mut Vec<u8>, node: &[u8]) {
    match node.as_chunks::<32>() {
        ([node], []) => nodes.extend_from_slice(node),
        _ => nodes.extend_from_slice(node),
    }
}

/// The topmost nodes that many proofs lead to. Honest ones all end at one, so its root is computed once.
pub(super) struct Tops<'a> {
    head: &'a TreeHead,
    proven: Vec<u8>,
}

impl<'a> Tops<'a> {
    pub(super) fn new(head: &'a TreeHead) -> Self {
        Self { head, proven: Vec::new() }
    }

    /// Whether the head's root is over this node, in constant time.
    pub(super) fn accept(&mut self, top: &[u8]) -> Result<bool, HashError> {
        if bool::from(self.proven.as_slice().ct_eq(top)) {
            return Ok(true);
        }
        let (digest, total) = self.head.scheme().record().split(top);
        let accepted = total == self.head.total() && bool::from(self.head.root_over(digest)?.ct_eq(self.head.root()));
        if accepted {
            self.proven = top.to_vec();
        }
        Ok(accepted)
    }
}

/// The same, claim by claim.
fn check_alone(
    head: &TreeHead,
    indices: &[u64],
    leaves: Rows<'_>,
    proofs: &ProofBatch,
    first: usize,
    verdicts: &mut [bool],
) -> Result<(), HashError> {
    each(leaves, proofs, first, verdicts, |place, leaf, path| {
        let index = indices.get(place).copied().ok_or(Refusal::EmptyClaim)?;
        verify_inclusion(head, index, leaf, path)
    })
}

/// The verdict on each leaf with its proof. What a hash cannot do is no verdict.
pub(super) fn each(
    leaves: Rows<'_>,
    proofs: &ProofBatch,
    first: usize,
    verdicts: &mut [bool],
    verify: impl Fn(usize, &[u8], Digests<'_>) -> Result<(), Refusal>,
) -> Result<(), HashError> {
    let mut found = vec![false; verdicts.len()];
    for ((place, leaf), found) in leaves.each().into_iter().enumerate().zip(&mut found) {
        let Some(path) = proofs.path(first.saturating_add(place)) else { continue };
        *found = match verify(place, leaf, path) {
            Ok(()) => true,
            Err(Refusal::Hash(error)) => return Err(error),
            Err(_) => false,
        };
    }
    verdicts.copy_from_slice(&found);
    Ok(())
}
