//! Hashing where records have sums: preimages are gathered from records, digests and sums are put together again.

use alloc::vec;
use alloc::vec::Vec;

use crate::hash::{HashError, Seeded};
use crate::record::Record;

/// Nodes whose preimages are gathered together: they stay in the first cache, and fill the lanes of any hash.
const TOGETHER: usize = 64;

/// The amounts that leaves begin with.
pub(super) fn amounts<'a>(leaves: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u128>, HashError> {
    let amount = |leaf: &[u8]| leaf.first_chunk().map(|amount| u128::from_le_bytes(*amount));
    let amounts: Option<Vec<u128>> = leaves.map(amount).collect();
    amounts.ok_or(HashError::NoAmount)
}

/// Puts sums beside the digests that `hash` makes.
pub(super) fn with_sums(
    record: Record,
    sums: impl IntoIterator<Item = u128>,
    out: &mut [u8],
    hash: impl FnOnce(&mut [u8]) -> Result<(), HashError>,
) -> Result<(), HashError> {
    let width = record.width().max(1);
    let mut digests = vec![0; (out.len() / width).saturating_mul(record.digest_size())];
    hash(&mut digests)?;
    let pairs = digests.chunks_exact(record.digest_size().max(1)).zip(sums);
    for (out, (digest, sum)) in out.chunks_exact_mut(width).zip(pairs) {
        put(record, out, digest, sum);
    }
    Ok(())
}

fn put(record: Record, out: &mut [u8], digest: &[u8], sum: u128) {
    if let Some((own, behind)) = out.split_at_mut_checked(record.digest_size())
        && own.len() == digest.len()
        && let Some(amount) = behind.first_chunk_mut()
    {
        own.copy_from_slice(digest);
        *amount = sum.to_le_bytes();
    }
}

/// Hashes pairs of records, `left ‖ right ‖ sumL ‖ sumR` each. Refuses sums that add to 2^128 or more, before the node is
/// hashed; `out` is then written in part.
pub(super) fn nodes(node: &dyn Seeded, record: Record, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
    let width = record.width().max(1);
    let preimage = width.saturating_mul(2);
    let shape = HashError::Shape { rows: children.len(), width: preimage, out: out.len() };
    if !out.len().is_multiple_of(width) || out.len().checked_mul(2) != Some(children.len()) {
        return Err(shape);
    }
    let mut gathered = Vec::with_capacity(preimage.saturating_mul(TOGETHER));
    let mut sums = Vec::with_capacity(TOGETHER);
    let together = width.saturating_mul(TOGETHER);
    for (pairs, out) in children.chunks(together.saturating_mul(2)).zip(out.chunks_mut(together)) {
        gathered.clear();
        sums.clear();
        for pair in pairs.chunks_exact(preimage) {
            let (left, right) = pair.split_at(width);
            let ((left, left_sum), (right, right_sum)) = (record.split(left), record.split(right));
            sums.push(left_sum.checked_add(right_sum).ok_or(HashError::SumOverflow)?);
            gathered.extend_from_slice(left);
            gathered.extend_from_slice(right);
            gathered.extend_from_slice(&left_sum.to_le_bytes());
            gathered.extend_from_slice(&right_sum.to_le_bytes());
        }
        with_sums(record, sums.iter().copied(), out, |digests| node.rows(&gathered, preimage, digests))?;
    }
    Ok(())
}
