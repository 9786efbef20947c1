//! Leaves of one asset's tree: their data, their order, and the context that their root binds.

use alloc::vec::Vec;

use super::name::{NameError, check_id};
use crate::codec::put_lp;

/// Bytes of a salt, and of an order key.
pub const SALT: usize = 16;
/// Longest id of a customer, in bytes.
pub const MAX_ID: usize = u16::MAX as usize;
/// Most parts that a balance is split into.
pub const MAX_PARTS: u16 = u16::MAX;

/// The data of a leaf: salt, part, number of parts, id. In a sum tree the amount stands before it, see
/// [`Scheme::leaves`](crate::scheme::Scheme::leaves). Parts count from 0.
pub fn leaf_data(salt: &[u8; SALT], part: u16, parts: u16, id: &[u8]) -> Result<Vec<u8>, NameError> {
    let mut data = Vec::new();
    put_leaf_data(&mut data, salt, part, parts, id)?;
    Ok(data)
}

/// Appends the data of a leaf.
pub(super) fn put_leaf_data(
    out: &mut Vec<u8>,
    salt: &[u8; SALT],
    part: u16,
    parts: u16,
    id: &[u8],
) -> Result<(), NameError> {
    check_id(id)?;
    if part >= parts {
        return Err(NameError::Part { part, parts });
    }
    out.extend(salt);
    out.extend(part.to_le_bytes());
    out.extend(parts.to_le_bytes());
    out.extend_from_slice(id);
    Ok(())
}

/// Where a leaf stands in its tree: leaves ascend by order key, then by digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place<'a> {
    /// The order key.
    pub order: [u8; SALT],
    /// The leaf's digest.
    pub digest: &'a [u8],
}

/// What a tree is about. Its root fits no other operator, snapshot, asset, group or unit.
pub fn context(origin: &str, snapshot_id: &str, code: &str, group: &str, decimals: u8) -> Vec<u8> {
    let mut context = Vec::new();
    for text in [origin, snapshot_id, code, group] {
        put_lp(&mut context, text.as_bytes());
    }
    context.push(decimals);
    context
}
