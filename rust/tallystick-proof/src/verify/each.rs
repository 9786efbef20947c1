//! Many single proofs of one head: the same level of all of them goes through the hash together.

use alloc::vec;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use crate::geometry::{height, nodes, path_length};
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::proof::ProofBatch;

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

/// A claim on its way up.
struct Climber<'a> {
    /// Its place among the claims.
    place: usize,
    /// The node reached.
    index: u64,
    /// Siblings not yet used.
    siblings: core::slice::ChunksExact<'a, u8>,
    /// Whether it missed one, or its sums do not add: then nothing accepts it.
    broken: bool,
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
    let (scheme, size, record) = (head.scheme(), head.size(), head.scheme().record());
    let width = record.width();
    let mut leaf_digests = vec![0; indices.len().saturating_mul(width)];
    match leaves {
        Rows::Fixed { data, width } => scheme.leaf_rows(data, width, &mut leaf_digests)?,
        Rows::Ragged(rows) => scheme.leaves(rows, &mut leaf_digests)?,
    }
    let mut climbers = Vec::with_capacity(indices.len());
    let mut known = Vec::with_capacity(leaf_digests.len());
    for ((place, &index), digest) in indices.iter().enumerate().zip(leaf_digests.chunks_exact(width)) {
        let Some(path) = proofs.path(first.saturating_add(place)) else { continue };
        let fits = index < size && path.record() == record;
        if fits && path.count() as u64 == u64::from(path_length(index, size)) {
            climbers.push(Climber { place, index, siblings: path.bytes().chunks_exact(width), broken: false });
            known.extend_from_slice(digest);
        }
    }
    let (mut children, mut parents, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for level in 0..height(size) {
        let count = nodes(size, level);
        children.clear();
        moved.clear();
        for (own, climber) in known.chunks_exact(width).zip(&mut climbers) {
            let right = climber.index | 1;
            let steps = right < count;
            moved.push(!steps);
            if steps {
                // Its length was checked, so the proof has a sibling for every step.
                let sibling = climber.siblings.next().unwrap_or_else(|| {
                    climber.broken = true;
                    own
                });
                let (left, right) = if climber.index == right { (sibling, own) } else { (own, sibling) };
                if record.add(left, right).is_none() {
                    // Nothing is known of what others claim: they go on, and this one with sums that add.
                    climber.broken = true;
                    children.resize(children.len().saturating_add(width.saturating_mul(2)), 0);
                    climber.index >>= 1;
                    continue;
                }
                children.extend_from_slice(left);
                children.extend_from_slice(right);
            }
            climber.index >>= 1;
        }
        parents.resize(children.len() / 2, 0);
        scheme.nodes(&children, &mut parents)?;
        if parents.len() == known.len() {
            core::mem::swap(&mut known, &mut parents);
            continue;
        }
        let mut made = parents.chunks_exact(width);
        for (own, _) in known.chunks_exact_mut(width).zip(&moved).filter(|(_, moved)| !**moved) {
            own.copy_from_slice(made.next().unwrap_or_default());
        }
    }
    let mut found = vec![false; verdicts.len()];
    // Honest proofs all end at one topmost node, so its root is computed once.
    let mut proven: Option<&[u8]> = None;
    for (top, climber) in known.chunks_exact(width).zip(&mut climbers) {
        let used_up = climber.index == 0 && climber.siblings.next().is_none() && !climber.broken;
        let same = proven.is_some_and(|proven| bool::from(proven.ct_eq(top)));
        let (digest, total) = record.split(top);
        let accepted =
            used_up && total == head.total() && (same || bool::from(head.root_over(digest)?.ct_eq(head.root())));
        if accepted {
            proven = Some(top);
        }
        if let Some(verdict) = found.get_mut(climber.place) {
            *verdict = accepted;
        }
    }
    verdicts.copy_from_slice(&found);
    Ok(())
}
