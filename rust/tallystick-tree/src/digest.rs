//! Digests of many rows, without a tree.

use tallystick_proof::hash::Hash;

use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::memory::{bytes, zeroed};
use crate::pool::Run;

/// Rows that one task hashes.
const CHUNK: usize = 4096;

/// The digest of each row, one behind the other.
pub fn digest_many(hash: &Hash, rows: &dyn Leaves, run: Run<'_>) -> Result<Vec<u8>, TreeError> {
    let (width, seeded) = (hash.digest_size(), hash.unseeded()?);
    let mut digests = zeroed(bytes(rows.len(), width)?)?;
    let tasks = digests.chunks_mut(width * CHUNK).enumerate();
    run.for_hash(hash).each(tasks, |(number, out)| {
        let begin = number * CHUNK;
        match rows.block(begin..begin + out.len() / width) {
            Block::Fixed { data, width } => seeded.rows(&data, width, out)?,
            Block::Ragged(rows) => seeded.ragged(&rows, out)?,
            Block::Gathered(rows) => seeded.ragged(&rows.rows(), out)?,
        }
        Ok::<_, TreeError>(())
    })?;
    Ok(digests)
}
