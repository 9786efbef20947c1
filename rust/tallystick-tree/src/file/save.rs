//! The file of a tree that is there already.

use tallystick_proof::geometry::NodeId;
use tallystick_proof::head::TreeHead;

use super::FileError;
use super::format::{Layout, Region, check_kept};
use super::temporary::Target;
use super::write::{BATCH, Writer};
use crate::build::BLOCK_LEVEL;
use crate::error::TreeError;
use crate::nodes::Nodes;
use crate::pool::Run;

/// Nodes of an upper level that are copied at once.
const CHUNK: u64 = 1 << BLOCK_LEVEL;

/// Writes the file of the tree with this head; its rows are those that `nodes` keep.
pub(crate) fn save(nodes: &Nodes, head: &TreeHead, target: Target, run: Run<'_>) -> Result<(), TreeError> {
    let (scheme, lowest) = (head.scheme(), nodes.lowest());
    check_kept(scheme)?;
    let width = scheme.width();
    let layout = Layout::of(width, 0, head.size(), lowest).ok_or(FileError::TooLarge)?;
    let mut writer = Writer::new(target, scheme, lowest)?;
    let mut blocks = layout.blocks();
    while !blocks.is_empty() {
        let mut room = writer.room(run)?;
        let (mut tasks, mut filled) = (Vec::with_capacity(BATCH), 0);
        while let Some(block) = blocks.clone().next().filter(|_| tasks.len() < BATCH) {
            let region = layout.region(block);
            let Some((own, rest)) = room.split_at_mut_checked(region.slots() as usize * width) else { break };
            filled += own.len();
            tasks.push((region, own));
            (room, blocks.start) = (rest, block + 1);
        }
        run.each(tasks.into_iter(), |(region, out)| copy_block(nodes, &region, width, out))?;
        writer.filled(filled);
    }
    let mut part = vec![0; CHUNK as usize * width];
    for (level, row) in layout.upper() {
        let mut first = row.start;
        while first < row.end {
            let count = (row.end - first).min(CHUNK);
            let part = &mut part[..count as usize * width];
            nodes.copy(NodeId { level, index: first }, part)?;
            writer.write(part, run)?;
            first += count;
        }
        if (run.interrupt)() {
            return Err(crate::pool::Interrupted.into());
        }
    }
    writer.finish(0..head.size(), lowest, Some(head), run)
}

fn copy_block(nodes: &Nodes, region: &Region, width: usize, mut out: &mut [u8]) -> Result<(), TreeError> {
    for level in region.lowest()..BLOCK_LEVEL {
        let row = region.nodes(level);
        let (own, rest) = out.split_at_mut((row.end - row.start) as usize * width);
        nodes.copy(NodeId { level, index: row.start }, own)?;
        out = rest;
    }
    out.fill(0);
    Ok(())
}
