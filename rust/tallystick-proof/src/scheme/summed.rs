//! Hashing where records have sums: preimages are gathered from records, digests and sums are put together again.
//!
//! Nearly all digests have 32 bytes. Then a record is three pieces of 16 bytes, a preimage is six, and moving them takes a few
//! instructions each; records of any other size go the general way.

use alloc::vec;
use alloc::vec::Vec;

use crate::hash::{HashError, Seeded};
use crate::record::{AMOUNT, Record};

/// Nodes whose preimages are gathered together: they stay in the first cache, and fill the lanes of any hash.
const TOGETHER: usize = 64;

/// A digest, a sum, or half of either.
type Piece = [u8; AMOUNT];
/// A record with a digest of 32 bytes.
type Three = [Piece; 3];

/// The amounts that leaves begin with.
fn amounts<'a>(leaves: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u128>, HashError> {
    leaves.map(amount).collect()
}

fn amount(leaf: &[u8]) -> Result<u128, HashError> {
    leaf.first_chunk().map(|amount| u128::from_le_bytes(*amount)).ok_or(HashError::NoAmount)
}

/// Hashes leaves of one width.
pub(super) fn leaf_rows(
    leaf: &dyn Seeded,
    record: Record,
    data: &[u8],
    width: usize,
    out: &mut [u8],
) -> Result<(), HashError> {
    let Some(records) = in_threes(record, out).filter(|records| fit(data, width, records.len())) else {
        let amounts = amounts(data.chunks_exact(width.max(1)))?;
        return with_sums(record, amounts, out, |digests| leaf.rows(data, width, digests));
    };
    let mut digests = [[[0; AMOUNT]; 2]; TOGETHER];
    for (rows, records) in data.chunks(width.saturating_mul(TOGETHER)).zip(records.chunks_mut(TOGETHER)) {
        let Some(digests) = digests.get_mut(..records.len()) else { continue };
        for (row, record) in rows.chunks_exact(width).zip(&mut *records) {
            let [_, _, sum] = record;
            *sum = amount(row)?.to_le_bytes();
        }
        leaf.rows(rows, width, digests.as_flattened_mut().as_flattened_mut())?;
        put_digests(digests, records);
    }
    Ok(())
}

/// Hashes leaves of any length.
pub(super) fn leaves(leaf: &dyn Seeded, record: Record, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
    let amounts = amounts(rows.iter().copied())?;
    with_sums(record, amounts, out, |digests| leaf.ragged(rows, digests))
}

/// Puts sums beside the digests that `hash` makes.
fn with_sums(
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

/// The records with digests of 32 bytes that `out` takes; `None` if it takes others.
fn in_threes(record: Record, out: &mut [u8]) -> Option<&mut [Three]> {
    let threes = record == Record::summed(2 * AMOUNT) && out.len().is_multiple_of(record.width().max(1));
    threes.then_some(out.as_chunks_mut().0.as_chunks_mut().0)
}

/// Whether data is so many rows of this width.
fn fit(data: &[u8], width: usize, count: usize) -> bool {
    width != 0 && count.checked_mul(width) == Some(data.len())
}

fn put_digests(digests: &[[Piece; 2]], records: &mut [Three]) {
    for (&[first, second], record) in digests.iter().zip(records) {
        let [_, _, sum] = *record;
        *record = [first, second, sum];
    }
}

/// Hashes pairs of records, `left ‖ right ‖ sumL ‖ sumR` each. Refuses sums that add to 2^128 or more, before the node is
/// hashed; `out` is then written in part.
pub(super) fn nodes(node: &dyn Seeded, record: Record, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
    let width = record.width().max(1);
    let preimage = width.saturating_mul(2);
    if !out.len().is_multiple_of(width) || out.len().checked_mul(2) != Some(children.len()) {
        return Err(HashError::Shape { rows: children.len(), width: preimage, out: out.len() });
    }
    let Some(parents) = in_threes(record, out) else { return nodes_of_any(node, record, children, out) };
    let pairs = children.as_chunks().0.as_chunks().0;
    // What is on the stack is zeroed first, which is more than hashing a single node takes.
    match pairs.len() {
        0..2 => nodes_by::<1>(node, pairs, parents),
        2..=16 => nodes_by::<16>(node, pairs, parents),
        _ => nodes_by::<TOGETHER>(node, pairs, parents),
    }
}

/// The same for digests of 32 bytes, so many at a time.
fn nodes_by<const MANY: usize>(
    node: &dyn Seeded,
    pairs: &[[Piece; 6]],
    parents: &mut [Three],
) -> Result<(), HashError> {
    let mut preimages = [[[0; AMOUNT]; 6]; MANY];
    let mut digests = [[[0; AMOUNT]; 2]; MANY];
    for (pairs, parents) in pairs.chunks(MANY).zip(parents.chunks_mut(MANY)) {
        let (Some(preimages), Some(digests)) = (preimages.get_mut(..pairs.len()), digests.get_mut(..pairs.len()))
        else {
            continue;
        };
        let mut overflow = false;
        for ((pair, preimage), parent) in pairs.iter().zip(&mut *preimages).zip(&mut *parents) {
            let [left, left_end, left_sum, right, right_end, right_sum] = *pair;
            *preimage = [left, left_end, right, right_end, left_sum, right_sum];
            let (sum, over) = u128::from_le_bytes(left_sum).overflowing_add(u128::from_le_bytes(right_sum));
            let [_, _, own] = parent;
            *own = sum.to_le_bytes();
            overflow |= over;
        }
        if overflow {
            return Err(HashError::SumOverflow);
        }
        let width = AMOUNT.saturating_mul(6);
        node.rows(preimages.as_flattened().as_flattened(), width, digests.as_flattened_mut().as_flattened_mut())?;
        put_digests(digests, parents);
    }
    Ok(())
}

/// The same for digests of any size.
fn nodes_of_any(node: &dyn Seeded, record: Record, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
    let width = record.width().max(1);
    let preimage = width.saturating_mul(2);
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
