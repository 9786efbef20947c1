//! Memory that may be too much to ask for.

use crate::error::TreeError;

/// `length` zero bytes; an error where the system does not have them.
///
/// Asked for once as a probe, because zeroed memory that comes untouched from the system cannot be had fallibly.
pub(crate) fn zeroed(length: usize) -> Result<Vec<u8>, TreeError> {
    reserved::<u8>(length)?;
    Ok(vec![0; length])
}

/// An empty vector with room for `length` items.
pub(crate) fn reserved<T>(length: usize) -> Result<Vec<T>, TreeError> {
    let mut room = Vec::new();
    room.try_reserve_exact(length).map_err(|_| TreeError::OutOfMemory(length.saturating_mul(size_of::<T>())))?;
    Ok(room)
}

/// Bytes of `count` records.
pub(crate) fn bytes(count: usize, width: usize) -> Result<usize, TreeError> {
    count.checked_mul(width).ok_or(TreeError::OutOfMemory(usize::MAX))
}
