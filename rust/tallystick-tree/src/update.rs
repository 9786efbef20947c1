//! Replacing leaves: the new digests of every node above them, level by level, kept aside until all are known.

use tallystick_proof::geometry::{NodeId, full_nodes};
use tallystick_proof::record::Record;

use crate::build::{LeafRule, Work, leaf_level, level_above};
use crate::error::TreeError;
use crate::forest::Forest;
use crate::leaves::Leaves;

/// New digests of some full nodes of one level, ascending.
struct Changed {
    indices: Vec<u64>,
    digests: Vec<u8>,
}

/// The new digests of all full nodes above some leaves.
pub(crate) struct Update(Vec<Changed>);

impl Update {
    /// Leaf j of `leaves` replaces leaf `indices[j]`; `indices` are distinct, in any order.
    pub(crate) fn new(
        work: Work<'_>,
        forest: &Forest,
        indices: &[u64],
        leaves: &dyn Leaves,
    ) -> Result<Self, TreeError> {
        let mut order: Vec<usize> = (0..indices.len()).collect();
        order.sort_unstable_by_key(|place| indices[*place]);
        let sorted: Vec<u64> = order.iter().map(|place| indices[*place]).collect();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TreeError::DuplicateIndex(pair[0]));
        }
        if let Some(&index) = sorted.last().filter(|index| **index >= forest.end) {
            return Err(TreeError::IndexOutOfRange { index, size: forest.end });
        }
        let width = forest.width;
        let unsorted = leaf_level(work, leaves, LeafRule::Hashed)?;
        let digests: Vec<u8> = order.iter().flat_map(|place| &unsorted[place * width..][..width]).copied().collect();
        if !total_holds(work.scheme.record(), forest, &sorted, &digests) {
            return Err(TreeError::SumOverflow);
        }
        let mut levels = vec![Changed { indices: sorted, digests }];
        while let Some(above) =
            levels.last().map(|below| parents(work, forest, levels.len() as u32, below)).transpose()?
        {
            if above.indices.is_empty() {
                break;
            }
            levels.push(above);
        }
        Ok(Self(levels))
    }

    /// Puts the new digests in place.
    pub(crate) fn apply(self, forest: &mut Forest) {
        let width = forest.width;
        for (level, changed) in forest.levels.iter_mut().zip(self.0) {
            for (index, digest) in changed.indices.iter().zip(changed.digests.chunks_exact(width)) {
                level[*index as usize * width..][..width].copy_from_slice(digest);
            }
        }
    }
}

/// Whether the amounts add to less than 2^128 when leaves `indices` have new records.
fn total_holds(record: Record, forest: &Forest, indices: &[u64], digests: &[u8]) -> bool {
    let Some(total) = forest.total(record) else { return false };
    let sum = |node: &[u8]| record.split(node).1;
    // The old amounts are part of the total.
    let old = indices.iter().filter_map(|index| forest.digest(NodeId { level: 0, index: *index }));
    let kept = old.fold(total, |total, node| total.saturating_sub(sum(node)));
    let mut new = digests.chunks_exact(record.width()).map(sum);
    new.try_fold(kept, u128::checked_add).is_some()
}

/// The full nodes of `level` above changed nodes of the level below. Each parent is hashed once.
fn parents(work: Work<'_>, forest: &Forest, level: u32, below: &Changed) -> Result<Changed, TreeError> {
    let (width, full) = (forest.width, full_nodes(forest.end, level));
    let mut indices: Vec<u64> = Vec::with_capacity(below.indices.len());
    let mut children = Vec::with_capacity(below.digests.len() * 2);
    let old = |index| {
        forest.digest(NodeId { level: level - 1, index }).ok_or(TreeError::Defect("a full node has both children"))
    };
    for (index, digest) in below.indices.iter().zip(below.digests.chunks_exact(width)) {
        let parent = index / 2;
        if parent >= full {
            break; // On the edge, which is not stored; so is everything to the right.
        }
        if index % 2 == 0 {
            children.extend_from_slice(digest);
            children.extend_from_slice(old(index + 1)?);
            indices.push(parent);
        } else if indices.last() == Some(&parent) {
            // Its left sibling changed too: put it in the place of the old one.
            let place = children.len() - width;
            children[place..].copy_from_slice(digest);
        } else {
            children.extend_from_slice(old(index - 1)?);
            children.extend_from_slice(digest);
            indices.push(parent);
        }
    }
    let mut digests = vec![0; children.len() / 2];
    level_above(work, &children, &mut digests)?;
    Ok(Changed { indices, digests })
}
