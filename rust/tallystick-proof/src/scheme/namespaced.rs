//! Hashing where records have ranges of namespaces: children are hashed as they lie, and a parent's range follows from theirs.

use alloc::vec;

use crate::frame::{Compiled, Places};
use crate::hash::HashError;
use crate::record::Record;

/// Nodes that are hashed together: what they share stays in the first cache, and they fill the lanes of any hash.
const TOGETHER: usize = 64;

/// Hashes leaves of one width. Each begins with its namespace.
pub(super) fn leaf_rows(
    leaf: &Compiled,
    record: Record,
    data: &[u8],
    width: usize,
    out: &mut [u8],
) -> Result<(), HashError> {
    let rows = data.chunks_exact(width.max(1));
    with_ranges(record, rows, out, |digests| leaf.rows(0, Places::From(0), data, width, digests))
}

/// Hashes leaves of any length. Each begins with its namespace.
pub(super) fn leaves(leaf: &Compiled, record: Record, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
    with_ranges(record, rows.iter().copied(), out, |digests| leaf.ragged(0, Places::From(0), rows, digests))
}

fn with_ranges<'a>(
    record: Record,
    rows: impl Iterator<Item = &'a [u8]>,
    out: &mut [u8],
    hash: impl FnOnce(&mut [u8]) -> Result<(), HashError>,
) -> Result<(), HashError> {
    let width = record.width().max(1);
    let size = record.namespace_size().unwrap_or(0);
    let mut digests = vec![0; (out.len() / width).saturating_mul(record.digest_size())];
    hash(&mut digests)?;
    let digests = digests.chunks_exact(record.digest_size().max(1));
    for ((out, digest), row) in out.chunks_exact_mut(width).zip(digests).zip(rows) {
        let namespace = row.get(..size).ok_or(HashError::NoNamespace(size))?;
        put(out, [namespace, namespace, digest]);
    }
    Ok(())
}

/// Hashes pairs of records. Refuses two that do not ascend, before they are hashed; `out` is then written in part.
pub(super) fn nodes(node: &Compiled, record: Record, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
    let width = record.width().max(1);
    let preimage = width.saturating_mul(2);
    if !out.len().is_multiple_of(width) || out.len().checked_mul(2) != Some(children.len()) {
        return Err(HashError::Shape { rows: children.len(), width: preimage, out: out.len() });
    }
    let mut digests = vec![0; (out.len() / width).min(TOGETHER).saturating_mul(record.digest_size())];
    let together = width.saturating_mul(TOGETHER);
    for (pairs, out) in children.chunks(together.saturating_mul(2)).zip(out.chunks_mut(together)) {
        for pair in pairs.chunks_exact(preimage) {
            let (left, right) = pair.split_at(width);
            if !record.ascends(left, right) {
                return Err(HashError::NamespaceOrder);
            }
        }
        let used = (out.len() / width).saturating_mul(record.digest_size());
        let digests = digests.get_mut(..used).unwrap_or_default();
        node.rows(0, Places::From(0), pairs, preimage, digests)?;
        let digests = digests.chunks_exact(record.digest_size().max(1));
        for ((out, digest), pair) in out.chunks_exact_mut(width).zip(digests).zip(pairs.chunks_exact(preimage)) {
            let (left, right) = pair.split_at(width);
            let ((min, left_max), (right_min, right_max)) = (record.range(left), record.range(right));
            // A range goes up to the highest namespace only where it begins with it.
            let max = if is_highest(right_min) { left_max } else { right_max };
            put(out, [min, max, digest]);
        }
    }
    Ok(())
}

/// Whether ranges leave this namespace out: every byte of it is 255.
pub fn is_highest(namespace: &[u8]) -> bool {
    namespace.iter().all(|byte| *byte == u8::MAX)
}

/// Writes parts one behind the other; they are as long as `out` together.
fn put(out: &mut [u8], parts: [&[u8]; 3]) {
    let mut rest = out;
    for part in parts {
        let Some((own, behind)) = rest.split_at_mut_checked(part.len()) else { return };
        own.copy_from_slice(part);
        rest = behind;
    }
}
