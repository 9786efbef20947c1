//! A tree file from leaves that come in pieces, in memory that does not grow with the leaves' data.
//!
//! A block is hashed straight into its place in the file's buffer; a block that a piece leaves open is carried over as leaf
//! digests. Level 12 is kept, a digest for every 4,096 leaves, and the rows above it are made at the end.

use std::ops::Range;

use tallystick_proof::geometry::{Grid, NodeId, full_nodes, nodes};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;

use super::format::{Region, check_kept};
use super::temporary::Target;
use super::write::{BATCH, Writer};
use crate::build::{BLOCK_LEVEL, LeafRule, Work, check_size, hash_up, leaf_digests, leaf_level, level_above, paired};
use crate::edge::top;
use crate::error::TreeError;
use crate::leaves::{Leaves, Part};
use crate::memory::{bytes, zeroed};
use crate::pool::Run;

/// A tree file under way. Dropped before [`finish`](Self::finish), or after an error, it leaves nothing behind.
#[derive(Debug)]
pub struct FileBuilder {
    scheme: Scheme,
    begin: u64,
    /// Index of the next leaf.
    next: u64,
    lowest: u32,
    /// Leaf digests of the block that is not complete yet.
    open: Vec<u8>,
    /// Level 12.
    row: Vec<u8>,
    writer: Writer,
}

/// A block to be hashed.
struct Task<'a> {
    region: Region,
    /// The digests of its first leaves.
    carried: &'a [u8],
    /// Its other leaves.
    fresh: Range<usize>,
    out: &'a mut [u8],
    /// Takes the digest of level 12; empty for a part of a block.
    above: &'a mut [u8],
}

impl FileBuilder {
    /// A file of the leaves from `begin` on that keeps the rows from level `lowest` up, at most 12.
    pub fn new(target: Target, scheme: &Scheme, begin: u64, lowest: u32) -> Result<Self, TreeError> {
        if lowest > BLOCK_LEVEL {
            return Err(TreeError::LowestLevel(u64::from(lowest)));
        }
        check_kept(scheme)?;
        if begin > 0 && !scheme.appendable() {
            return Err(TreeError::NotAppendable(scheme.name()));
        }
        let writer = Writer::new(target, scheme, lowest)?;
        let scheme = scheme.clone();
        Ok(Self { scheme, begin, next: begin, lowest, open: Vec::new(), row: Vec::new(), writer })
    }

    /// Adds the leaves that follow. After an error the file cannot be gone on with.
    pub fn push(&mut self, leaves: &dyn Leaves, run: Run<'_>) -> Result<(), TreeError> {
        self.next.checked_add(leaves.len() as u64).ok_or(TreeError::TooManyLeaves)?;
        let mut done = 0;
        while done < leaves.len() {
            let before = done;
            done = self.push_blocks(leaves, done, run)?;
            if done == before {
                let work = Work::new(&self.scheme, run);
                let rest = Part { leaves, range: done..leaves.len() };
                self.open.extend(leaf_level(work, self.next, &rest, LeafRule::Hashed)?);
                self.next += rest.len() as u64;
                break;
            }
        }
        Ok(())
    }

    /// Hashes some of the blocks that the leaves from `done` on complete, and returns how far it came.
    fn push_blocks(&mut self, leaves: &dyn Leaves, mut done: usize, run: Run<'_>) -> Result<usize, TreeError> {
        let width = self.scheme.width();
        let mut room = self.writer.room(run)?;
        let (mut regions, mut filled) = (Vec::with_capacity(BATCH), 0);
        let mut start = self.next - (self.open.len() / width) as u64;
        while regions.len() < BATCH {
            let region = Region::at(start, u64::MAX, self.lowest);
            let missing = region.leaves.end - self.next.max(start);
            let length = region.slots() as usize * width;
            // A block that ends at 2^64 - 1 is never whole and waits for the end.
            let complete = region.leaves.end != u64::MAX && missing <= (leaves.len() - done) as u64;
            if !complete || length > room.len() - filled {
                break;
            }
            start = region.leaves.end;
            filled += length;
            regions.push((region, done..done + missing as usize));
            done += missing as usize;
        }
        let above = self.row.len();
        let whole = regions.iter().filter(|(region, _)| region.is_whole()).count();
        self.row.resize(above + bytes(whole, width)?, 0);
        let (mut row, mut carried) = (&mut self.row[above..], &self.open[..]);
        let mut tasks = Vec::with_capacity(regions.len());
        for (region, fresh) in regions {
            let out;
            (out, room) = room.split_at_mut(region.slots() as usize * width);
            let above;
            (above, row) = row.split_at_mut(if region.is_whole() { width } else { 0 });
            tasks.push(Task { region, carried: std::mem::take(&mut carried), fresh, out, above });
        }
        let any = !tasks.is_empty();
        run.for_hash(self.scheme.hash()).each(tasks.into_iter(), |task| task.hash(&self.scheme, leaves))?;
        if any {
            self.open.clear();
            self.next = start;
            self.writer.filled(filled);
        }
        Ok(done)
    }

    /// Writes the rest and puts the file in its place. The head, if the leaves begin at 0.
    pub fn finish(mut self, run: Run<'_>) -> Result<Option<TreeHead>, TreeError> {
        let width = self.scheme.width();
        let range = self.begin..self.next;
        if range.start == 0 {
            check_size(&self.scheme, range.end)?;
        }
        let last = Region::at(self.next - (self.open.len() / width) as u64, self.next, self.lowest);
        let length = last.slots() as usize * width;
        let out = &mut self.writer.room(run)?[..length];
        let none = crate::leaves::RaggedRows(&[]);
        let task = Task { region: last.clone(), carried: &self.open, fresh: 0..0, out, above: &mut [] };
        task.hash(&self.scheme, &none)?;
        let tail = out.to_vec();
        self.writer.filled(length);
        let rows = upper_rows(Work::new(&self.scheme, run), &range, std::mem::take(&mut self.row))?;
        for row in &rows {
            self.writer.write(row, run)?;
        }
        let peak = |NodeId { level, index }| {
            let (row, place) = match level.checked_sub(BLOCK_LEVEL) {
                Some(place) => (rows.get(place as usize), index),
                None => (Some(&tail), last.before(level) + index - last.nodes(level).start),
            };
            let digest = row.and_then(|row| row.chunks_exact(width).nth(place as usize));
            Ok(digest.ok_or(TreeError::Defect("a peak was made"))?.into())
        };
        let head = match range.start {
            0 => {
                let top = top(&self.scheme, range.end, peak)?;
                Some(TreeHead::of_top(self.scheme.clone(), range.end, top.as_deref())?)
            }
            _ => None,
        };
        self.writer.finish(range, self.lowest, head.as_ref(), run)?;
        Ok(head)
    }
}

/// The rows of levels 12, 13, … of which the first is there.
fn upper_rows(work: Work<'_>, range: &Range<u64>, row: Vec<u8>) -> Result<Vec<Vec<u8>>, TreeError> {
    let width = work.scheme.width();
    let mut rows = vec![row];
    for level in BLOCK_LEVEL..u64::BITS - 1 {
        let count = full_nodes(range.end, level + 1).saturating_sub(nodes(range.start, level + 1));
        let Some(children) = rows.last().filter(|_| count > 0) else { break };
        let mut parents = zeroed(bytes(count as usize, width)?)?;
        let first = nodes(range.start, level + 1);
        let children = paired(Grid::BINARY, children, nodes(range.start, level), parents.len(), width);
        level_above(work, (level + 1, first), children, &mut parents)?;
        rows.push(parents);
    }
    Ok(rows)
}

impl Task<'_> {
    fn hash(self, scheme: &Scheme, leaves: &dyn Leaves) -> Result<(), TreeError> {
        let Self { region, carried, fresh, out, above } = self;
        let width = scheme.width();
        let length = |level| {
            let row = region.nodes(level);
            (row.end - row.start) as usize * width
        };
        let mut below = zeroed((0..region.lowest()).map(length).sum())?;
        let (mut scratch, mut kept) = (&mut below[..], out);
        let mut rows = Vec::with_capacity(BLOCK_LEVEL as usize + 1);
        for level in 0..BLOCK_LEVEL {
            let from = if level < region.lowest() { &mut scratch } else { &mut kept };
            let (own, rest) = std::mem::take(from).split_at_mut(length(level));
            *from = rest;
            if own.is_empty() {
                break; // So is every row above it.
            }
            rows.push(own);
        }
        kept.fill(0);
        if !above.is_empty() {
            rows.push(above);
        }
        let Some(first) = rows.first_mut() else { return Ok(()) };
        let (old, new) = first.split_at_mut(carried.len());
        old.copy_from_slice(carried);
        if !new.is_empty() {
            let start = region.leaves.start + (carried.len() / width) as u64;
            leaf_digests(scheme, start, leaves.block(fresh), LeafRule::Hashed, new)?;
        }
        hash_up(scheme, Grid::BINARY, region.leaves.start, 0, &mut rows)
    }
}
