//! The head of leaves that nobody wants to keep: one digest a block stays, the rest is scratch.

use tallystick_proof::geometry::{NodeId, full_nodes};
use tallystick_proof::head::TreeHead;

use crate::build::{BLOCK_LEVEL, LeafRule, Work, build, upper_row};
use crate::edge::top;
use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::pool::{Pool, never};

/// The head of a tree over `leaves`. Keeps a digest for every 4,096 leaves, and one block of rows a thread.
pub fn head_of(work: Work<'_>, leaves: &dyn Leaves) -> Result<TreeHead, TreeError> {
    let (size, width) = (leaves.len() as u64, work.scheme.digest_size());
    let blocks = full_nodes(size, BLOCK_LEVEL);
    let mut rows = vec![vec![0; blocks as usize * width]];
    let (scheme, tasks) = (work.scheme, rows[0].chunks_mut(width).enumerate());
    work.pool.each(tasks, work.interrupt, |(number, digest)| {
        let block = Part { leaves, begin: number << BLOCK_LEVEL, end: (number + 1) << BLOCK_LEVEL };
        let alone = Work { scheme, pool: &Pool::serial(), interrupt: &never };
        let forest = build(alone, 0, &block, LeafRule::Hashed)?;
        let node = NodeId { level: BLOCK_LEVEL, index: 0 };
        digest.copy_from_slice(forest.digest(node).ok_or(TreeError::Defect("a full block has a top"))?);
        Ok::<_, TreeError>(())
    })?;
    while let Some(children) = rows.last().filter(|row| row.len() >= 2 * width) {
        let mut parents = vec![0; children.len() / (2 * width) * width];
        upper_row(work, &children[..2 * parents.len()], &mut parents)?;
        rows.push(parents);
    }
    let tail = Part { leaves, begin: (blocks as usize) << BLOCK_LEVEL, end: leaves.len() };
    let tail = build(work, blocks << BLOCK_LEVEL, &tail, LeafRule::Hashed)?;
    let top = top(work.scheme, size, |node| {
        let row = node.level.checked_sub(BLOCK_LEVEL).and_then(|level| rows.get(level as usize));
        let digest = match row {
            Some(row) => row.get(node.index as usize * width..).and_then(|rest| rest.get(..width)),
            None => tail.digest(node),
        };
        digest.ok_or(TreeError::Defect("every peak is known"))
    })?;
    Ok(TreeHead::of_top(work.scheme.clone(), size, top.as_deref())?)
}

/// Some consecutive leaves of others.
struct Part<'a> {
    leaves: &'a dyn Leaves,
    begin: usize,
    end: usize,
}

impl Leaves for Part<'_> {
    fn len(&self) -> usize {
        self.end - self.begin
    }

    fn block(&self, range: std::ops::Range<usize>) -> Block<'_> {
        self.leaves.block(self.begin + range.start..self.begin + range.end)
    }
}
