//! A forest: the full nodes over a contiguous range of leaves, level by level.
//!
//! ```text
//! leaves [3, 8)              ┌───1───┐        level 2: first 1, one node
//!                         ┌─2─┐   ┌─3─┐       level 1: first 2, two nodes
//!                     3   4   5   6   7       level 0: first 3, five nodes
//! ```
//!
//! Forests over adjacent ranges join into the forest over both: levels are put one behind the other, and on each level at
//! most one node spans the seam. This one associative law carries appending, shards and files. A forest that begins at
//! leaf 0 is a tree.

use tallystick_proof::geometry::{NodeId, full_nodes, nodes};
use tallystick_proof::record::Record;
use tallystick_proof::scheme::Scheme;

use crate::error::TreeError;
use crate::memory::{bytes, give_back, room};

/// Full nodes over the leaves `[begin, end)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forest {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) width: usize,
    /// `levels[l]` holds nodes `first(l)..behind(l)` of level l; none is empty, so none is missing below another.
    pub(crate) levels: Vec<Vec<u8>>,
}

/// The fewest full nodes that cover a range, from the left.
pub(crate) fn cover(begin: u64, end: u64) -> impl Iterator<Item = NodeId> {
    let mut next = begin;
    std::iter::from_fn(move || {
        let left = end.checked_sub(next).filter(|left| *left > 0)?;
        // As large as the alignment of its first leaf allows, and as the rest does.
        let level = next.trailing_zeros().min(left.ilog2());
        let node = NodeId { level, index: next >> level };
        next += 1 << level; // at most `end`
        Some(node)
    })
}

impl Drop for Forest {
    fn drop(&mut self) {
        self.levels.drain(..).for_each(give_back);
    }
}

impl Forest {
    /// No leaves, at `begin`.
    pub fn empty(begin: u64, width: usize) -> Self {
        Self { begin, end: begin, width, levels: Vec::new() }
    }

    /// A forest whose digests are all to be written yet.
    pub(crate) fn unwritten(begin: u64, end: u64, width: usize) -> Result<Self, TreeError> {
        let mut forest = Self::empty(begin, width);
        forest.end = end;
        for level in 0..u64::BITS {
            let count = forest.behind(level).saturating_sub(forest.first(level));
            if count == 0 {
                break;
            }
            // Fresh memory, where none is kept, comes untouched: pages are first written by the thread that hashes.
            forest.levels.push(room(bytes(count as usize, width)?)?);
        }
        Ok(forest)
    }

    /// The first node of a level: the first whose leaves are all at or behind `begin`.
    pub fn first(&self, level: u32) -> u64 {
        nodes(self.begin, level)
    }

    /// The node behind the last one of a level; `first` or less if there are none.
    pub fn behind(&self, level: u32) -> u64 {
        full_nodes(self.end, level)
    }

    /// The leaves' range.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.begin..self.end
    }

    /// The digest of a full node; `None` if the forest does not have it.
    pub fn digest(&self, node: NodeId) -> Option<&[u8]> {
        let place = node.index.checked_sub(self.first(node.level))? as usize;
        let begin = place.checked_mul(self.width)?;
        self.levels.get(node.level as usize)?.get(begin..begin.checked_add(self.width)?)
    }

    /// What its sums add to, 0 where nodes have none; `None` if that is 2^128 or more.
    pub(crate) fn total(&self, record: Record) -> Option<u128> {
        if !record.is_summed() {
            return Some(0);
        }
        let sums = cover(self.begin, self.end).filter_map(|node| Some(record.split(self.digest(node)?).1));
        sums.into_iter().try_fold(0_u128, u128::checked_add)
    }

    /// Joins the forest over the leaves that follow. Nothing is changed on an error.
    pub fn join(&mut self, mut right: Self, scheme: &Scheme) -> Result<(), TreeError> {
        if self.end != right.begin || self.width != right.width {
            return Err(TreeError::Defect("joined forests are adjacent"));
        }
        if self.begin == self.end {
            *self = right;
            return Ok(());
        }
        let seam = self.seam(&right, scheme)?;
        let count = self.levels.len().max(right.levels.len()).max(seam.len());
        self.levels.resize(count, Vec::new());
        let unable = self.levels.iter_mut().enumerate().find_map(|(number, level)| {
            let own = seam.get(number).and_then(Option::as_ref).map_or(0, Vec::len);
            let more = right.levels.get(number).map_or(0, Vec::len) + own;
            // With room for what comes later if there is any, else for this.
            let able = level.try_reserve(more).is_ok() || level.try_reserve_exact(more).is_ok();
            (!able).then_some(level.len() + more)
        });
        if let Some(bytes) = unable {
            self.levels.retain(|level| !level.is_empty());
            return Err(TreeError::OutOfMemory(bytes));
        }
        let mut right_levels = std::mem::take(&mut right.levels).into_iter();
        let mut seam = seam.into_iter();
        for level in &mut self.levels {
            level.extend(seam.next().flatten().unwrap_or_default());
            let added = right_levels.next().unwrap_or_default();
            level.extend_from_slice(&added);
            give_back(added);
        }
        self.end = right.end;
        Ok(())
    }

    /// The node that spans the seam with `right`, for each level that may have one. Each is made from the one below.
    fn seam(&self, right: &Self, scheme: &Scheme) -> Result<Vec<Option<Vec<u8>>>, TreeError> {
        let mid = self.end;
        let mut seam: Vec<Option<Vec<u8>>> = vec![None];
        for level in 1..u64::BITS {
            let index = full_nodes(mid, level);
            // Too far to the right or to the left to be full; so is every node above it.
            if index >= right.behind(level) || index < self.first(level) {
                break;
            }
            let digest = if index == nodes(mid, level) {
                None // It begins at the seam and lies in `right`.
            } else {
                let below = full_nodes(mid, level - 1);
                let child = |index| {
                    let on_seam = if index == below { seam.last()?.as_deref() } else { None };
                    let node = NodeId { level: level - 1, index };
                    on_seam.or_else(|| self.digest(node)).or_else(|| right.digest(node))
                };
                let (Some(left), Some(right)) = (child(2 * index), child(2 * index + 1)) else {
                    return Err(TreeError::Defect("a node on the seam has both children"));
                };
                let mut digest = vec![0; self.width];
                scheme.nodes(&[left, right].concat(), &mut digest)?;
                Some(digest)
            };
            seam.push(digest);
        }
        Ok(seam)
    }
}
