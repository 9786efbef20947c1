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

use tallystick_proof::frame::Places;
use tallystick_proof::geometry::{Grid, NodeId};
use tallystick_proof::record::Record;
use tallystick_proof::scheme::Scheme;

use crate::error::TreeError;
use crate::memory::{bytes, give_back, room};

/// Full nodes over the leaves `[begin, end)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forest {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) grid: Grid,
    pub(crate) width: usize,
    /// `levels[l]` holds nodes `first(l)..behind(l)` of level l; none is empty, so none is missing below another.
    pub(crate) levels: Vec<Vec<u8>>,
}

impl Drop for Forest {
    fn drop(&mut self) {
        self.levels.drain(..).for_each(give_back);
    }
}

/// The node that spans the seam between two forests, with its index, for each level that may have one. Each is made from
/// the one below.
#[derive(Debug)]
pub struct Seam(Vec<Option<(u64, Vec<u8>)>>);

impl Seam {
    /// The digest of a node that spans the seam.
    pub(crate) fn digest(&self, node: NodeId) -> Option<&[u8]> {
        let (index, digest) = self.0.get(node.level as usize)?.as_ref()?;
        (*index == node.index).then_some(digest)
    }
}

impl Forest {
    /// No leaves, at `begin`.
    pub fn empty(begin: u64, grid: Grid, width: usize) -> Self {
        Self { begin, end: begin, grid, width, levels: Vec::new() }
    }

    /// A forest whose digests are all to be written yet.
    pub(crate) fn unwritten(begin: u64, end: u64, grid: Grid, width: usize) -> Result<Self, TreeError> {
        let mut forest = Self::empty(begin, grid, width);
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
        self.grid.nodes(self.begin, level)
    }

    /// The node behind the last one of a level; `first` or less if there are none.
    pub fn behind(&self, level: u32) -> u64 {
        self.grid.full(self.end, level)
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
        let sums = self.grid.cover(self.begin, self.end).filter_map(|node| Some(record.split(self.digest(node)?).1));
        sums.into_iter().try_fold(0_u128, u128::checked_add)
    }

    /// Joins the forest over the leaves that follow, with the [`seam`](Self::seam) between them. Nothing is changed on an error.
    pub fn join(&mut self, mut right: Self, seam: Seam) -> Result<(), TreeError> {
        self.adjacent(&right)?;
        if self.begin == self.end {
            *self = right;
            return Ok(());
        }
        let Seam(seam) = seam;
        let count = self.levels.len().max(right.levels.len()).max(seam.len());
        self.levels.resize(count, Vec::new());
        let unable = self.levels.iter_mut().enumerate().find_map(|(number, level)| {
            let own = seam.get(number).and_then(Option::as_ref).map_or(0, |(_, digest)| digest.len());
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
            level.extend(seam.next().flatten().map(|(_, digest)| digest).unwrap_or_default());
            let added = right_levels.next().unwrap_or_default();
            level.extend_from_slice(&added);
            give_back(added);
        }
        self.end = right.end;
        Ok(())
    }

    fn adjacent(&self, right: &Self) -> Result<(), TreeError> {
        let fits = self.end == right.begin && self.width == right.width && self.grid == right.grid;
        if fits { Ok(()) } else { Err(TreeError::Defect("joined forests are adjacent")) }
    }

    /// The nodes that span the seam with `right`, hashed aside.
    pub fn seam(&self, right: &Self, scheme: &Scheme) -> Result<Seam, TreeError> {
        self.adjacent(right)?;
        if self.begin == self.end {
            return Ok(Seam(Vec::new()));
        }
        let (mid, grid) = (self.end, self.grid);
        let mut seam = Seam(vec![None]);
        for level in 1..u64::BITS {
            let index = grid.full(mid, level);
            // Too far to the right or to the left to be full; so is every node above it.
            if index >= right.behind(level) || index < self.first(level) {
                break;
            }
            let digest = if index == grid.nodes(mid, level) {
                None // It begins at the seam and lies in `right`.
            } else {
                let mut children = Vec::with_capacity(grid.arity() as usize * self.width);
                for index in index * grid.arity()..(index + 1) * grid.arity() {
                    let node = NodeId { level: level - 1, index };
                    let child = seam.digest(node).or_else(|| self.digest(node)).or_else(|| right.digest(node));
                    let missing = TreeError::Defect("a node on the seam has all its children");
                    children.extend_from_slice(child.ok_or(missing)?);
                }
                let mut digest = vec![0; self.width];
                scheme.nodes(level, Places::From(index), &children, &mut digest)?;
                Some((index, digest))
            };
            seam.0.push(digest);
        }
        Ok(seam)
    }
}
