//! Building a forest from leaves, in parallel.
//!
//! The leaves are cut at multiples of a block, so that no node up to the block's level spans two blocks. A task hashes
//! its block bottom-up, straight into the forest's levels, while everything it touches is in cache. It stops at sixteen
//! nodes, because fewer do not fill the lanes of a hash; the levels above are hashed one after the other.

use std::cell::Cell;
use std::ops::Range;

use tallystick_proof::frame::Places;
use tallystick_proof::geometry::Grid;
use tallystick_proof::hash::Hash;
use tallystick_proof::scheme::Scheme;

use crate::error::TreeError;
use crate::forest::Forest;
use crate::leaves::{Block, Leaves};
use crate::memory::{bytes, room, zeroed};
use crate::pool::Run;

/// Leaves of a block are at most 2 to this power. Where nodes have two children, its level.
pub(crate) const BLOCK_LEVEL: u32 = 12;
/// The same for a hash that one thread calls. Nothing is won by keeping to a cache there, and who hashes whole arrays, by
/// `NumPy` or on another device, needs large ones.
const SERIAL_BLOCK_LEVEL: u32 = 16;

fn block_level(hash: &Hash) -> u32 {
    if hash.info().serial { SERIAL_BLOCK_LEVEL } else { BLOCK_LEVEL }
}

/// The levels at which work is cut into tasks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    grid: Grid,
    /// The level of a node over a block.
    pub(crate) block: u32,
    /// A task hashes its block up to this level: at least eight nodes.
    pub(crate) task: u32,
}

impl Cut {
    pub(crate) fn new(grid: Grid, hash: &Hash) -> Self {
        let level = block_level(hash);
        let highest =
            |most: u64| (0..=u64::BITS).take_while(|level| grid.span(*level).is_some_and(|span| span <= most)).last();
        let block = highest(1 << level).unwrap_or(0);
        // The lowest level at which a block has at most sixteen nodes, so one where it has not much fewer.
        let above = highest(16).unwrap_or(0);
        Self { grid, block, task: block.saturating_sub(above) }
    }

    /// Leaves of a block.
    pub(crate) fn leaves(self) -> u64 {
        self.grid.span(self.block).unwrap_or(1)
    }

    /// Where the block ends that has leaf `begin`, of leaves that end at `end`: at the next multiple of a block, or there.
    fn end(self, begin: u64, end: u64) -> u64 {
        (begin / self.leaves()).saturating_add(1).saturating_mul(self.leaves()).min(end)
    }
}

/// Refuses a number of leaves that trees of this scheme do not have.
pub(crate) fn check_size(scheme: &Scheme, size: u64) -> Result<(), TreeError> {
    let sizes = scheme.sizes();
    if sizes.take(size) { Ok(()) } else { Err(TreeError::Size { scheme: scheme.name(), sizes, size }) }
}

/// How the nodes of this scheme lie in rows; an error where they do not.
pub(crate) fn grid_of(scheme: &Scheme) -> Result<Grid, TreeError> {
    scheme.grid().ok_or(TreeError::NoRows)
}
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
    pub(crate) scheme: &'a Scheme,
    /// Who hashes, and when to stop.
    pub(crate) run: Run<'a>,
}

impl<'a> Work<'a> {
    /// By this scheme, as its hash is best called.
    pub fn new(scheme: &'a Scheme, run: Run<'a>) -> Self {
        Self { scheme, run: run.for_hash(scheme.hash()) }
    }

    /// Rows of one level that one task hashes.
    fn chunk(self) -> usize {
        1 << block_level(self.scheme.hash())
    }
}

/// The forest over `leaves`, the first of which has the index `begin`.
pub fn build(work: Work<'_>, begin: u64, leaves: &dyn Leaves, rule: LeafRule) -> Result<Forest, TreeError> {
    let end = begin.checked_add(leaves.len() as u64).ok_or(TreeError::TooManyLeaves)?;
    let (width, grid) = (work.scheme.width(), grid_of(work.scheme)?);
    let mut forest = Forest::unwritten(begin, end, grid, width)?;
    let cut = Cut::new(grid, work.scheme.hash());
    let blocks = Blocks::new(&mut forest, cut);
    work.run.each(blocks, |mut block: BlockTask<'_>| {
        let range = (block.leaves.start - begin) as usize..(block.leaves.end - begin) as usize;
        hash_block(work.scheme, grid, block.leaves.start, leaves.block(range), rule, &mut block.levels)
    })?;
    for level in cut.task..forest.levels.len().saturating_sub(1) as u32 {
        let (first, above) = (forest.first(level), forest.first(level + 1));
        let (below, upper) = forest.levels.split_at_mut(level as usize + 1);
        if let (Some(children), Some(parents)) = (below.last(), upper.first_mut()) {
            level_above(work, (level + 1, above), paired(grid, children, first, parents.len(), width), parents)?;
        }
    }
    Ok(forest)
}

/// Hashes a block bottom-up: `rows[l]` becomes its part of level l. `start` is its first leaf.
fn hash_block(
    scheme: &Scheme,
    grid: Grid,
    start: u64,
    leaves: Block<'_>,
    rule: LeafRule,
    rows: &mut [&mut [u8]],
) -> Result<(), TreeError> {
    let width = scheme.width();
    let Some((row, above)) = rows.split_first_mut() else { return Ok(()) };
    let bare = rule == LeafRule::Digests || scheme.bare_leaves();
    if let (true, Block::Fixed { data, width: own }, Some(parents)) = (bare, &leaves, above.first_mut())
        && *own == width
        && data.len() == row.len()
    {
        // Hashed where they lie, which brings them into the cache, and copied from there.
        let first = Places::From(grid.nodes(start, 1));
        scheme.nodes(1, first, paired(grid, data, start, parents.len(), width), parents)?;
        row.copy_from_slice(data);
        return hash_up(scheme, grid, start, 1, above);
    }
    leaf_digests(scheme, start, leaves, rule, row)?;
    hash_up(scheme, grid, start, 0, rows)
}

/// Hashes a block from level `base` up: `rows[0]` is there and of that level, and each other is made from the one before.
/// `start` is the block's first leaf.
pub(crate) fn hash_up(
    scheme: &Scheme,
    grid: Grid,
    start: u64,
    base: u32,
    rows: &mut [&mut [u8]],
) -> Result<(), TreeError> {
    for (number, level) in (1..rows.len()).zip(base..) {
        let (below, above) = rows.split_at_mut(number);
        if let (Some(children), Some(parents)) = (below.last(), above.first_mut()) {
            let children = paired(grid, children, grid.nodes(start, level), parents.len(), scheme.width());
            scheme.nodes(level + 1, Places::From(grid.nodes(start, level + 1)), children, parents)?;
        }
    }
    Ok(())
}

thread_local! {
    /// Two rows of a block, for builds that keep none.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The digests of the blocks' level over leaves that fill whole blocks, the first of which begins at leaf `begin`. Keeps at
/// most sixteen digests a block, and two rows of a block a thread.
pub(crate) fn block_tops(work: Work<'_>, begin: u64, leaves: &dyn Leaves) -> Result<Vec<u8>, TreeError> {
    let (scheme, width, grid) = (work.scheme, work.scheme.width(), grid_of(work.scheme)?);
    let (cut, arity) = (Cut::new(grid, scheme.hash()), grid.arity() as usize);
    let block = cut.leaves() as usize;
    let at_task = |leaf: u64| grid.full(leaf, cut.task);
    let kept = width * at_task(cut.leaves()) as usize;
    let mut row = zeroed(bytes(leaves.len() / block, kept)?)?;
    work.run.each(row.chunks_mut(kept).enumerate(), |(number, out)| {
        let mut scratch = SCRATCH.take();
        scratch.resize((block + block / arity) * width, 0);
        let (mut from, mut to) = scratch.split_at_mut(width * block);
        let start = begin + (number * block) as u64;
        let rows = leaves.block(number * block..(number + 1) * block);
        leaf_digests(scheme, start, rows, LeafRule::Hashed, from)?;
        let mut length = width * block;
        for level in 1..cut.task {
            let children = length;
            length /= arity;
            let first = Places::From(grid.full(start, level));
            scheme.nodes(level, first, &from[..children], &mut to[..length])?;
            std::mem::swap(&mut from, &mut to);
        }
        scheme.nodes(cut.task, Places::From(at_task(start)), &from[..length], out)?;
        SCRATCH.set(scratch);
        Ok::<_, TreeError>(())
    })?;
    for level in cut.task..cut.block {
        let mut parents = zeroed(row.len() / arity)?;
        level_above(work, (level + 1, grid.full(begin, level + 1)), &row, &mut parents)?;
        row = parents;
    }
    Ok(row)
}

/// Hashes a whole level from its children, in tasks. `at` is the level of the parents and the place of the first.
pub(crate) fn level_above(
    work: Work<'_>,
    at: (u32, u64),
    children: &[u8],
    parents: &mut [u8],
) -> Result<(), TreeError> {
    let (width, arity, (level, first)) = (work.scheme.width(), grid_of(work.scheme)?.arity() as usize, at);
    let chunk = work.chunk();
    let tasks = children.chunks(arity * width * chunk).zip(parents.chunks_mut(width * chunk)).enumerate();
    work.run.each(tasks, |(number, (children, parents))| {
        let first = Places::From(first + (number * chunk) as u64);
        Ok::<_, TreeError>(work.scheme.nodes(level, first, children, parents)?)
    })
}

/// The digests of some leaves, one behind the other; `first` is the index of the first.
pub(crate) fn leaf_level(
    work: Work<'_>,
    first: u64,
    leaves: &dyn Leaves,
    rule: LeafRule,
) -> Result<Vec<u8>, TreeError> {
    let width = work.scheme.width();
    let mut row = room(bytes(leaves.len(), width)?)?;
    let chunk = work.chunk();
    let tasks = row.chunks_mut(width * chunk).enumerate();
    work.run.each(tasks, |(number, row)| {
        let begin = number * chunk;
        let block = leaves.block(begin..begin + row.len() / width);
        leaf_digests(work.scheme, first + begin as u64, block, rule, row)
    })?;
    Ok(row)
}

/// The digests of a block of leaves, straight into `row`; `start` is the index of the first.
pub(crate) fn leaf_digests(
    scheme: &Scheme,
    start: u64,
    block: Block<'_>,
    rule: LeafRule,
    row: &mut [u8],
) -> Result<(), TreeError> {
    let places = Places::From(start);
    match (rule, block) {
        (LeafRule::Hashed, Block::Fixed { data, width }) => scheme.leaf_rows(places, &data, width, row)?,
        (LeafRule::Hashed, Block::Ragged(rows)) => scheme.leaves(places, &rows, row)?,
        (LeafRule::Hashed, Block::Gathered(rows)) => scheme.leaves(places, &rows.rows(), row)?,
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

/// The children of `parents` bytes of parents: those before the first whole family have their parent elsewhere.
pub(crate) fn paired(grid: Grid, children: &[u8], first: u64, parents: usize, width: usize) -> &[u8] {
    let skip = (first.next_multiple_of(grid.arity()) - first) as usize * width;
    &children[skip..skip + grid.arity() as usize * parents]
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
    cut: Cut,
    width: usize,
    levels: Vec<&'a mut [u8]>,
}

impl<'a> Blocks<'a> {
    fn new(forest: &'a mut Forest, cut: Cut) -> Self {
        let (next, end, width) = (forest.begin, forest.end, forest.width);
        let levels = forest.levels.iter_mut().take(cut.task as usize + 1).map(Vec::as_mut_slice).collect();
        Self { next, end, cut, width, levels }
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = BlockTask<'a>;

    fn next(&mut self) -> Option<BlockTask<'a>> {
        if self.next == self.end {
            return None;
        }
        let (begin, grid) = (self.next, self.cut.grid);
        self.next = self.cut.end(begin, self.end);
        let mut levels = Vec::with_capacity(self.levels.len());
        for (level, nodes_left) in self.levels.iter_mut().enumerate() {
            let level = level as u32;
            let count = grid.full(self.next, level).saturating_sub(grid.nodes(begin, level));
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
        let block = self.cut.leaves();
        let count = if self.next == self.end { 0 } else { (self.end.div_ceil(block) - self.next / block) as usize };
        (count, Some(count))
    }
}
