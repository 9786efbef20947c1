//! Verifying much at once: many proofs of one head, or one proof of many leaves.

use tallystick_proof::frame::Places;
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
    fn leaves(&self, scheme: &Scheme, places: &[u64], rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        let tasks = places.chunks(ROWS).zip(rows.chunks(ROWS)).zip(out.chunks_mut(ROWS * scheme.width()));
        self.for_hash(scheme.hash())
            .each(tasks, |((places, rows), out)| scheme.leaves(Places::These(places), rows, out))
    }

    fn nodes(
        &self,
        scheme: &Scheme,
        level: u32,
        places: &[u64],
        children: &[u8],
        out: &mut [u8],
    ) -> Result<(), HashError> {
        let family = children.len().checked_div(places.len()).unwrap_or(0).max(1);
        let tasks = places.chunks(ROWS).zip(children.chunks(ROWS * family)).zip(out.chunks_mut(ROWS * scheme.width()));
        self.for_hash(scheme.hash())
            .each(tasks, |((places, children), out)| scheme.nodes(level, Places::These(places), children, out))
    }

    fn values(&self, scheme: &Scheme, values: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        let tasks = values.chunks(ROWS).zip(out.chunks_mut(ROWS * scheme.digest_size()));
        self.for_hash(scheme.hash()).each(tasks, |(values, out)| scheme.values(values, out))
    }

    fn keyed_leaves(&self, scheme: &Scheme, leaves: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        let (width, digest) = (scheme.key_size() + scheme.digest_size(), scheme.digest_size());
        let tasks = leaves.chunks(ROWS * width).zip(out.chunks_mut(ROWS * digest));
        self.for_hash(scheme.hash()).each(tasks, |(leaves, out)| scheme.keyed_leaves(leaves, out))
    }

    fn keyed_nodes(&self, scheme: &Scheme, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        let digest = scheme.digest_size();
        let tasks = children.chunks(ROWS * digest * 2).zip(out.chunks_mut(ROWS * digest));
        self.for_hash(scheme.hash()).each(tasks, |(children, out)| scheme.keyed_nodes(children, out))
    }

    fn go_on(&self) -> Result<(), HashError> {
        if (self.interrupt)() { Err(HashError::Interrupted) } else { Ok(()) }
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

/// Whether proof j shows that leaf j has index `indices[j]`, for every j; without indices, that it is some leaf.
pub fn check_each(
    head: &TreeHead,
    indices: Option<&[u64]>,
    leaves: &dyn Leaves,
    proofs: &ProofBatch,
    run: Run<'_>,
) -> Result<Vec<bool>, TreeError> {
    if indices.is_some_and(|indices| indices.len() != leaves.len()) || leaves.len() != proofs.len() {
        return Err(TreeError::Defect("claims have as many indices, leaves and proofs"));
    }
    let mut verdicts = vec![false; leaves.len()];
    let tasks = verdicts.chunks_mut(CHUNK).enumerate();
    run.for_hash(head.scheme().hash()).each(tasks, |(number, verdicts)| {
        let first = number * CHUNK;
        let block = leaves.block(first..first + verdicts.len());
        let gathered;
        let rows = match &block {
            Block::Fixed { data, width } => Rows::Fixed { data, width: *width },
            Block::Ragged(rows) => Rows::Ragged(rows),
            Block::Gathered(rows) => {
                gathered = rows.rows();
                Rows::Ragged(&gathered)
            }
        };
        match indices {
            Some(indices) => {
                let indices = &indices[first..first + verdicts.len()];
                verify::check_each(head, indices, rows, proofs, first, verdicts)?;
            }
            None => verify::check_members(head, rows, proofs, first, verdicts)?,
        }
        Ok::<_, TreeError>(())
    })?;
    Ok(verdicts)
}
