//! Verifying many proofs of one head.

use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::ProofBatch;
use tallystick_proof::verify::{Refusal, verify_inclusion};

use crate::error::TreeError;
use crate::leaves::{Block, Leaves};
use crate::pool::Run;

/// Proofs that one task verifies.
const CHUNK: usize = 128;

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
    let tasks = verdicts.chunks_mut(CHUNK).enumerate();
    run.each(tasks, |(number, verdicts)| {
        let begin = number * CHUNK;
        let block = leaves.block(begin..begin + verdicts.len());
        for (place, verdict) in verdicts.iter_mut().enumerate() {
            let leaf = match &block {
                Block::Fixed { data, width } => &data[place * width..][..*width],
                Block::Ragged(rows) => rows[place],
            };
            let Some(path) = proofs.path(begin + place) else { continue };
            *verdict = match verify_inclusion(head, indices[begin + place], leaf, path) {
                Ok(()) => true,
                Err(Refusal::Hash(error)) => return Err(TreeError::from(error)),
                Err(_) => false,
            };
        }
        Ok(())
    })?;
    Ok(verdicts)
}
