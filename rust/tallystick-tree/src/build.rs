//! Building a forest from leaves, in parallel.
//!
//! The leaves are cut at multiples of a block, so that no node up to the block's level spans two blocks. A task hashes
//! its block bottom-up, straight into the forest's levels, while everything it touches is in cache. It stops at sixteen
//! nodes, because fewer do not fill the lanes of a hash; the levels above are hashed one after the other.

use std::cell::Cell;
use std::ops::Range;

use tallystick_proof::geometry::{full_nodes, nodes};
use tallystick_proof::scheme::Scheme;

use crate::error::TreeError;
use crate::forest::Forest;
use crate::leaves::{Block, Leaves};
use crate::memory::{bytes, zeroed};
use crate::pool::Run;

/// Leaves of a block are at most 2 to this power.
pub(crate) const BLOCK_LEVEL: u32 = 12;
/// A task hashes its block up to this level.
const TASK_LEVEL: u32 = BLOCK_LEVEL - 4;
/// Nodes of an upper level that one task makes.
const CHUNK: usize = 1 << BLOCK_LEVEL;

/// How leaf data becomes leaf digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafRule {
    /// By the scheme.
    Hashed,
    /// It is them already. Hazardous: nothing then keeps a node's digest from being taken for a leaf's.
    Digests,
}

/// What a build needs beside leaves.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What is hashed.
    pub scheme: &'a Scheme,
    /// Who hashes, and when to stop.
    pub run: Run<'a>,
}

/// The forest over `leaves`, the first of which has the index `begin`.
pub fn build(work: Work<'_>, begin: u64, leaves: &dyn Leaves, rule: LeafRule) -> Result<Forest, TreeError> {
    let end = begin.checked_add(leaves.len() as u64).ok_or(TreeError::TooManyLeaves)?;
    let width = work.scheme.width();
    let mut forest = Forest::unwritten(begin, end, width)?;
    let blocks = Blocks::new(&mut forest);
    work.run.each(blocks, |mut block: BlockTask<'_>| {
        let range = (block.leaves.start - begin) as usize..(block.leaves.end - begin) as usize;
        hash_block(work.scheme, block.leaves.start, leaves.block(range), rule, &mut block.levels)
    })?;
    for level in TASK_LEVEL..forest.levels.len().saturating_sub(1) as u32 {
        let first = forest.first(level);
        let (below, above) = forest.levels.split_at_mut(level as usize + 1);
        if let (Some(children), Some(parents)) = (below.last(), above.first_mut()) {
            level_above(work, paired(children, first, parents.len(), width), parents)?;
        }
    }
    Ok(forest)
}

/// Hashes a block bottom-up: `rows[l]` becomes its part of level l. `start` is its first leaf.
fn hash_block(
    scheme: &Scheme,
    start: u64,
    leaves: Block<'_>,
    rule: LeafRule,
    rows: &mut [&mut [u8]],
) -> Result<(), TreeError> {
    let width = scheme.width();
    let Some((row, above)) = rows.split_first_mut() else { return Ok(()) };
    if let (LeafRule::Digests, Block::Fixed { data, width: own }, Some(parents)) = (rule, &leaves, above.first_mut())
        && *own == width
        && data.len() == row.len()
    {
        // Hashed where they lie, which brings them into the cache, and copied from there.
        scheme.nodes(paired(data, start, parents.len(), width), parents)?;
        row.copy_from_slice(data);
        return hash_up(scheme, start, 1, above);
    }
    leaf_digests(scheme, leaves, rule, row)?;
    hash_up(scheme, start, 0, rows)
}

/// Hashes a block from level `base` up: `rows[0]` is there and of that level, and each other is made from the one before.
/// `start` is the block's first leaf.
pub(crate) fn hash_up(scheme: &Scheme, start: u64, base: u32, rows: &mut [&mut [u8]]) -> Result<(), TreeError> {
    for (number, level) in (1..rows.len()).zip(base..) {
        let (below, above) = rows.split_at_mut(number);
        let first = nodes(start, level);
        if let (Some(children), Some(parents)) = (below.last(), above.first_mut()) {
            scheme.nodes(paired(children, first, parents.len(), scheme.width()), parents)?;
        }
    }
    Ok(())
}

thread_local! {
    /// Two rows of a block, for builds that keep none.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The digests of level 12 over leaves that fill whole blocks. Keeps sixteen digests a block, and two rows of a block a
/// thread.
pub(crate) fn block_tops(work: Work<'_>, leaves: &dyn Leaves) -> Result<Vec<u8>, TreeError> {
    let (scheme, width) = (work.scheme, work.scheme.width());
    let kept = width << (BLOCK_LEVEL - TASK_LEVEL);
    let mut row = zeroed(bytes(leaves.len() >> BLOCK_LEVEL, kept)?)?;
    work.run.each(row.chunks_mut(kept).enumerate(), |(number, out)| {
        let mut scratch = SCRATCH.take();
        scratch.resize((3 * width) << (BLOCK_LEVEL - 1), 0);
        let (mut from, mut to) = scratch.split_at_mut(width << BLOCK_LEVEL);
        let block = leaves.block(number << BLOCK_LEVEL..(number + 1) << BLOCK_LEVEL);
        leaf_digests(scheme, block, LeafRule::Hashed, from)?;
        for level in 1..TASK_LEVEL {
            let length = width << (BLOCK_LEVEL - level);
            scheme.nodes(&from[..2 * length], &mut to[..length])?;
            std::mem::swap(&mut from, &mut to);
        }
        scheme.nodes(&from[..2 * kept], out)?;
        SCRATCH.set(scratch);
        Ok::<_, TreeError>(())
    })?;
    for _ in TASK_LEVEL..BLOCK_LEVEL {
        let mut parents = zeroed(row.len() / 2)?;
        level_above(work, &row, &mut parents)?;
        row = parents;
    }
    Ok(row)
}

/// Hashes a whole level from its children, in tasks.
pub(crate) fn level_above(work: Work<'_>, children: &[u8], parents: &mut [u8]) -> Result<(), TreeError> {
    let width = work.scheme.width();
    let tasks = children.chunks(2 * width * CHUNK).zip(parents.chunks_mut(width * CHUNK));
    work.run.each(tasks, |(children, parents)| Ok::<_, TreeError>(work.scheme.nodes(children, parents)?))
}

/// The digests of some leaves, one behind the other.
pub(crate) fn leaf_level(work: Work<'_>, leaves: &dyn Leaves, rule: LeafRule) -> Result<Vec<u8>, TreeError> {
    let width = work.scheme.width();
    let mut row = zeroed(bytes(leaves.len(), width)?)?;
    let tasks = row.chunks_mut(width * CHUNK).enumerate();
    work.run.each(tasks, |(number, row)| {
        let begin = number * CHUNK;
        leaf_digests(work.scheme, leaves.block(begin..begin + row.len() / width), rule, row)
    })?;
    Ok(row)
}

/// The digests of a block of leaves, straight into `row`.
pub(crate) fn leaf_digests(scheme: &Scheme, block: Block<'_>, rule: LeafRule, row: &mut [u8]) -> Result<(), TreeError> {
    match (rule, block) {
        (LeafRule::Hashed, Block::Fixed { data, width }) => scheme.leaf_rows(&data, width, row)?,
        (LeafRule::Hashed, Block::Ragged(rows)) => scheme.leaves(&rows, row)?,
        (LeafRule::Hashed, Block::Gathered(rows)) => scheme.leaves(&rows.rows(), row)?,
        (LeafRule::Digests, Block::Fixed { data, width }) if width == scheme.width() && data.len() == row.len() => {
            row.copy_from_slice(&data);
        }
        (LeafRule::Digests, Block::Ragged(rows)) if rows.iter().all(|row| row.len() == scheme.width()) => {
            row.copy_from_slice(&rows.concat());
        }
        (LeafRule::Digests, _) => return Err(TreeError::DigestSize(scheme.width())),
    }
    Ok(())
}

/// The children of `parents` bytes of parents: a first node with an odd index has its parent elsewhere.
pub(crate) fn paired(children: &[u8], first: u64, parents: usize, width: usize) -> &[u8] {
    let skip = if first % 2 == 1 { width } else { 0 };
    &children[skip..skip + 2 * parents]
}

/// Where the block ends that has leaf `begin`, of leaves that end at `end`: at the next multiple of a block, or there.
pub(crate) fn block_end(begin: u64, end: u64) -> u64 {
    (begin >> BLOCK_LEVEL).saturating_add(1).saturating_mul(1 << BLOCK_LEVEL).min(end)
}

struct BlockTask<'a> {
    leaves: Range<u64>,
    /// The block's part of each level, from the leaves up.
    levels: Vec<&'a mut [u8]>,
}

/// Cuts a forest's lower levels into blocks.
struct Blocks<'a> {
    next: u64,
    end: u64,
    width: usize,
    levels: Vec<&'a mut [u8]>,
}

impl<'a> Blocks<'a> {
    fn new(forest: &'a mut Forest) -> Self {
        let (next, end, width) = (forest.begin, forest.end, forest.width);
        let levels = forest.levels.iter_mut().take(TASK_LEVEL as usize + 1).map(Vec::as_mut_slice).collect();
        Self { next, end, width, levels }
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = BlockTask<'a>;

    fn next(&mut self) -> Option<BlockTask<'a>> {
        if self.next == self.end {
            return None;
        }
        let begin = self.next;
        self.next = block_end(begin, self.end);
        let mut levels = Vec::with_capacity(self.levels.len());
        for (level, nodes_left) in self.levels.iter_mut().enumerate() {
            let level = level as u32;
            let count = full_nodes(self.next, level).saturating_sub(nodes(begin, level));
            let (own, rest) = std::mem::take(nodes_left).split_at_mut(count as usize * self.width);
            *nodes_left = rest;
            if own.is_empty() {
                continue; // A level above an empty one is empty too.
            }
            levels.push(own);
        }
        Some(BlockTask { leaves: begin..self.next, levels })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let blocks = |leaves: u64| leaves.div_ceil(1 << BLOCK_LEVEL) as usize;
        let count = if self.next == self.end { 0 } else { blocks(self.end) - (self.next >> BLOCK_LEVEL) as usize };
        (count, Some(count))
    }
}
