//! Verifying much at once: many proofs of one head, or one proof of many leaves.

use tallystick_proof::hash::HashError;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::ProofBatch;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::{self, Bulk, Refusal, Rows};

use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::pool::{Interrupted, Run};

/// Proofs that one task verifies.
const CHUNK: usize = 512;
/// Rows that one task hashes.
const ROWS: usize = 1024;

/// A pool hashes in tasks, and stops when it is told to.
impl Bulk for Run<'_> {
    fn leaves(&self, scheme: &Scheme, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        let tasks = rows.chunks(ROWS).zip(out.chunks_mut(ROWS * scheme.width()));
        self.each(tasks, |(rows, out)| scheme.leaves(rows, out))
    }

    fn nodes(&self, scheme: &Scheme, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        let width = ROWS * scheme.width();
        let tasks = children.chunks(2 * width).zip(out.chunks_mut(width));
        self.each(tasks, |(children, out)| scheme.nodes(children, out))
    }
}

impl From<Interrupted> for HashError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// Tells a verdict from a failure to reach one.
pub fn settled<T>(verdict: Result<T, Refusal>) -> Result<Result<T, Refusal>, TreeError> {
    match verdict {
        Err(Refusal::Hash(HashError::Interrupted)) => Err(Interrupted.into()),
        Err(Refusal::Hash(error)) => Err(error.into()),
        Err(Refusal::Defect(invariant)) => Err(TreeError::Defect(invariant)),
        verdict => Ok(verdict),
    }
}

/// Whether proof j shows that leaf j has index `indices[j]`, for every j.
pub fn check_each(
    head: &TreeHead,
    indices: &[u64],
    leaves: &dyn Leaves,
    proofs: &ProofBatch,
    run: Run<'_>,
) -> Result<Vec<bool>, TreeError> {
    if indices.len() != leaves.len() || indices.len() != proofs.len() {
        return Err(TreeError::Defect("claims have as many indices, leaves and proofs"));
    }
    let mut verdicts = vec![false; indices.len()];
    let tasks = indices.chunks(CHUNK).zip(verdicts.chunks_mut(CHUNK)).enumerate();
    run.each(tasks, |(number, (indices, verdicts))| {
        let first = number * CHUNK;
        let block = leaves.block(first..first + indices.len());
        let gathered;
        let rows = match &block {
            Block::Fixed { data, width } => Rows::Fixed { data, width: *width },
            Block::Ragged(rows) => Rows::Ragged(rows),
            Block::Gathered(rows) => {
                gathered = rows.rows();
                Rows::Ragged(&gathered)
            }
        };
        Ok::<_, TreeError>(verify::check_each(head, indices, rows, proofs, first, verdicts)?)
    })?;
    Ok(verdicts)
}
