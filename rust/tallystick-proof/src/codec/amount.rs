//! Amounts in as few bytes as they take, little-endian: none for zero, at most sixteen.

use crate::record::AMOUNT;

/// The bytes of an amount, and how many of them count.
pub(super) fn bytes(amount: u128) -> ([u8; AMOUNT], usize) {
    let used = (u128::BITS.saturating_sub(amount.leading_zeros())).div_ceil(8);
    (amount.to_le_bytes(), used as usize)
}

/// The amount of these bytes; `None` if they are too many or more than it takes.
pub(super) fn parse(bytes: &[u8]) -> Option<u128> {
    let mut all = [0; AMOUNT];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (bytes.last() != Some(&0)).then(|| u128::from_le_bytes(all))
}
