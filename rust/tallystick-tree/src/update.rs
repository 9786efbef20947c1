//! Replacing leaves: the new digests of every node above them, level by level, kept aside until all are known.

use tallystick_proof::frame::Places;
use tallystick_proof::geometry::NodeId;
use tallystick_proof::record::Record;

use crate::build::Work;
use crate::error::TreeError;
use crate::forest::Forest;
use crate::leaves::{Block, Leaves};
use crate::memory::{bytes, zeroed};

/// Leaves or nodes that one task hashes.
const CHUNK: usize = 1 << 12;

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
        let unsorted = leaf_digests_at(work, indices, leaves)?;
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

    /// The new digest of a full node, if it is replaced.
    pub(crate) fn digest(&self, node: NodeId, width: usize) -> Option<&[u8]> {
        let changed = self.0.get(node.level as usize)?;
        let place = changed.indices.binary_search(&node.index).ok()?;
        changed.digests.get(place * width..)?.get(..width)
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
    let (width, arity, full) = (forest.width, forest.grid.arity(), forest.behind(level));
    let mut indices: Vec<u64> = Vec::with_capacity(below.indices.len());
    let mut children = Vec::with_capacity(below.digests.len() * arity as usize);
    for (index, digest) in below.indices.iter().zip(below.digests.chunks_exact(width)) {
        let parent = index / arity;
        if parent >= full {
            break; // On the edge, which is not stored; so is everything to the right.
        }
        if indices.last() != Some(&parent) {
            for index in parent * arity..(parent + 1) * arity {
                let old = forest.digest(NodeId { level: level - 1, index });
                children.extend_from_slice(old.ok_or(TreeError::Defect("a full node has all its children"))?);
            }
            indices.push(parent);
        }
        // The family stands at the end: put the child in the place of the old one.
        let place = children.len() - (arity - index % arity) as usize * width;
        children[place..][..width].copy_from_slice(digest);
    }
    let mut digests = vec![0; indices.len() * width];
    hash_families(work, level, &indices, &children, &mut digests)?;
    Ok(Changed { indices, digests })
}

/// Hashes nodes that stand anywhere in their level, in tasks.
fn hash_families(work: Work<'_>, level: u32, places: &[u64], children: &[u8], out: &mut [u8]) -> Result<(), TreeError> {
    let width = work.scheme.width();
    let family = children.len().checked_div(places.len()).unwrap_or(0).max(1);
    let tasks = places.chunks(CHUNK).zip(children.chunks(family * CHUNK)).zip(out.chunks_mut(width * CHUNK));
    work.run.each(tasks, |((places, children), out)| {
        Ok::<_, TreeError>(work.scheme.nodes(level, Places::These(places), children, out)?)
    })
}

/// The digests of the leaves that replace those at `indices`, one behind the other.
fn leaf_digests_at(work: Work<'_>, indices: &[u64], leaves: &dyn Leaves) -> Result<Vec<u8>, TreeError> {
    let width = work.scheme.width();
    let mut row = zeroed(bytes(indices.len(), width)?)?;
    let tasks = row.chunks_mut(width * CHUNK).zip(indices.chunks(CHUNK)).enumerate();
    work.run.each(tasks, |(number, (row, indices))| {
        let places = Places::These(indices);
        match leaves.block(number * CHUNK..number * CHUNK + indices.len()) {
            Block::Fixed { data, width } => work.scheme.leaf_rows(places, &data, width, row)?,
            block => work.scheme.leaves(places, &block.rows(), row)?,
        }
        Ok::<_, TreeError>(())
    })?;
    Ok(row)
}
