//! A queue: leaves stand in a row, and each two that come next make a node that is put at the end, until one is left.
//!
//! ```text
//! places   0  1  2  3  4 │ 5  6  7  8          5 leaves: 5 is made of (0, 1), 6 of (2, 3), 7 of (4, 5), 8 of (6, 7)
//! ```
//!
//! It is the complete tree of `OpenZeppelin` in an array, read from its end.

/// Number of nodes over `leaves`, these included; `leaves` is at least 1.
pub const fn nodes(leaves: u64) -> u64 {
    leaves.saturating_mul(2).saturating_sub(1)
}

/// The siblings on the way from a place to the last node, and none if the place is not there.
pub fn siblings(leaves: u64, place: u64) -> impl Iterator<Item = u64> {
    let top = nodes(leaves).saturating_sub(1);
    let mut place = place;
    core::iter::from_fn(move || {
        let sibling = (place < top).then_some(place ^ 1)?;
        place = leaves.saturating_add(place / 2);
        Some(sibling)
    })
}

/// Whether a leaf of so many has a path of this length: leaves are on the lowest two levels of the tree.
pub fn has_path_of(leaves: u64, length: u64) -> bool {
    let depth = |place: u64| u64::from(place.checked_ilog2().unwrap_or(0));
    // In the array read from the front, from 1 on, leaves are `leaves` to `2 * leaves - 1`.
    length == depth(leaves) || length == depth(nodes(leaves))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn paths_are_as_long_as_they_may_be() {
        for leaves in 1..70 {
            let found: BTreeSet<u64> = (0..leaves).map(|place| siblings(leaves, place).count() as u64).collect();
            assert!((0..10).all(|length| has_path_of(leaves, length) == found.contains(&length)));
        }
    }
}
