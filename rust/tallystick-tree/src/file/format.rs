//! Where things lie in a tree file.
//!
//! ```text
//! ┌────────┬─────────┬─────────┬───┬─────────────────────┬───────────┐
//! │ header │ block 0 │ block 1 │ … │ rows of levels ≥ 12 │ page sums │
//! └────────┴─────────┴─────────┴───┴─────────────────────┴───────────┘
//! ```
//!
//! Every place is arithmetic on (digest size, begin, end, lowest level): the header states no offset that could lie.

use std::ops::Range;

use tallystick_proof::geometry::{NodeId, full_nodes, nodes};
use tallystick_proof::scheme::Scheme;

use crate::build::BLOCK_LEVEL;
use crate::error::TreeError;

/// Bytes of data behind one page sum.
pub(super) const PAGE: u64 = 16_384;
/// Bytes of a page sum.
pub(super) const SUM: u64 = 32;
/// Leaves of a whole block.
const BLOCK: u64 = 1 << BLOCK_LEVEL;
/// Digests that a whole block with all its rows takes, two zeros among them; a part of one takes fewer.
pub(super) const SLOTS: u64 = 2 * BLOCK;

/// Refuses a scheme whose trees no file holds: places are arithmetic on nodes of two children.
pub(super) fn check_kept(scheme: &Scheme) -> Result<(), TreeError> {
    let kept = scheme.grid().is_some_and(|grid| grid.arity() == 2);
    if kept { Ok(()) } else { Err(TreeError::NoFile(scheme.name())) }
}

/// A block's leaves within a file, and so which rows its region holds, from the lowest up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) leaves: Range<u64>,
    lowest: u32,
}

impl Region {
    /// The part of a block that lies in `[begin, end)`.
    fn of(block: u64, begin: u64, end: u64, lowest: u32) -> Self {
        let first = block << BLOCK_LEVEL;
        Self { leaves: first.max(begin)..first.saturating_add(BLOCK).min(end), lowest }
    }

    /// The part of a block that begins at `start` and ends at the block's border or at `end`.
    pub(crate) fn at(start: u64, end: u64, lowest: u32) -> Self {
        Self::of(start >> BLOCK_LEVEL, start, end, lowest)
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.leaves.end - self.leaves.start == BLOCK
    }

    /// A part of a block keeps all rows: they are few, and its peaks lie in them.
    pub(crate) fn lowest(&self) -> u32 {
        if self.is_whole() { self.lowest } else { 0 }
    }

    /// The block's full nodes of a level.
    pub(crate) fn nodes(&self, level: u32) -> Range<u64> {
        let first = nodes(self.leaves.start, level);
        first..full_nodes(self.leaves.end, level).max(first)
    }

    /// Digests before a row.
    pub(crate) fn before(&self, level: u32) -> u64 {
        if self.is_whole() {
            // 2^(12-k) + … + 2^(13-l), of which each is twice the next.
            return (SLOTS >> self.lowest) - (SLOTS >> level);
        }
        (0..level).map(|below| self.nodes(below)).map(|row| row.end - row.start).sum()
    }

    /// Digests that fit in; behind those of a whole block come two of zeros.
    pub(crate) fn slots(&self) -> u64 {
        match self.is_whole() {
            true if self.lowest == BLOCK_LEVEL => 0,
            true => SLOTS >> self.lowest,
            false => self.before(BLOCK_LEVEL),
        }
    }
}

/// A row of a level from 12 up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    nodes: Range<u64>,
    before: u64,
}

/// Where everything lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    width: u64,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) lowest: u32,
    /// Digests of the first block, if only a part of it is there.
    partial: u64,
    /// Levels 12, 13, …
    rows: Vec<Row>,
    /// Digests of all blocks.
    blocks: u64,
    /// Bytes of the data.
    pub(super) length: u64,
}

impl Layout {
    /// `None` if no file can be that long, or if there is no such range or level.
    pub(crate) fn of(width: usize, begin: u64, end: u64, lowest: u32) -> Option<Self> {
        if begin > end || lowest > BLOCK_LEVEL {
            return None;
        }
        let first = Region::at(begin, end, lowest);
        let partial = if first.is_whole() { 0 } else { first.slots() };
        let mut layout =
            Self { width: width as u64, begin, end, lowest, partial, rows: Vec::new(), blocks: partial, length: 0 };
        if let Some(last) = layout.blocks().next_back() {
            let slots = layout.region(last).slots();
            let whole = (last - layout.first_block()).checked_sub(u64::from(partial > 0));
            // No whole block comes before the last one where that is the partial first itself.
            layout.blocks = match whole {
                Some(whole) => whole.checked_mul(layout.whole())?.checked_add(partial)?.checked_add(slots)?,
                None => partial,
            };
        }
        let mut slots = layout.blocks;
        for level in BLOCK_LEVEL..u64::BITS {
            let nodes = nodes(begin, level)..full_nodes(end, level);
            if nodes.is_empty() {
                break; // A level above an empty one is empty too.
            }
            let before = slots;
            slots = slots.checked_add(nodes.end - nodes.start)?;
            layout.rows.push(Row { nodes, before });
        }
        layout.length = slots.checked_mul(layout.width)?;
        Some(layout)
    }

    fn first_block(&self) -> u64 {
        self.begin >> BLOCK_LEVEL
    }

    /// Digests of a whole block.
    fn whole(&self) -> u64 {
        if self.lowest == BLOCK_LEVEL { 0 } else { SLOTS >> self.lowest }
    }

    /// The blocks that have leaves here.
    pub(crate) fn blocks(&self) -> Range<u64> {
        match self.end.checked_sub(1) {
            Some(last) if self.begin < self.end => self.first_block()..(last >> BLOCK_LEVEL) + 1,
            _ => 0..0,
        }
    }

    /// A block of [`blocks`](Self::blocks).
    pub(crate) fn region(&self, block: u64) -> Region {
        Region::of(block, self.begin, self.end, self.lowest)
    }

    /// Digests before a block of [`blocks`](Self::blocks).
    fn before(&self, block: u64) -> u64 {
        match (block - self.first_block()).checked_sub(u64::from(self.partial > 0)) {
            Some(whole) => self.partial + whole * self.whole(),
            None => 0,
        }
    }

    /// Levels from 12 up that have nodes, with these.
    pub(crate) fn upper(&self) -> impl Iterator<Item = (u32, Range<u64>)> {
        (BLOCK_LEVEL..).zip(self.rows.iter().map(|row| row.nodes.clone()))
    }

    /// Where a digest lies in the data, in bytes, with the number of nodes of its level that lie one behind the other from
    /// there on. `None` for a node that the file does not keep.
    pub(crate) fn place(&self, node: NodeId) -> Option<(u64, u64)> {
        let NodeId { level, index } = node;
        let (before, nodes) = if level >= BLOCK_LEVEL {
            let row = self.rows.get((level - BLOCK_LEVEL) as usize)?;
            (row.before, row.nodes.clone())
        } else {
            let block = index >> (BLOCK_LEVEL - level);
            if !self.blocks().contains(&block) {
                return None;
            }
            let region = self.region(block);
            if level < region.lowest() {
                return None;
            }
            (self.before(block) + region.before(level), region.nodes(level))
        };
        nodes.contains(&index).then(|| ((before + (index - nodes.start)) * self.width, nodes.end - index))
    }

    /// The bytes of zeros behind a whole block's digests, within the data.
    pub(super) fn zeros(&self, block: u64) -> Option<Range<u64>> {
        let (region, before) = (self.region(block), self.before(block));
        let end = (before + region.slots()) * self.width;
        (region.is_whole() && region.slots() > 0).then(|| end - 2 * self.width..end)
    }

    pub(super) fn pages(&self) -> u64 {
        self.length.div_ceil(PAGE)
    }
}
