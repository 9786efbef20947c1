//! Wrong indices and sizes, and what shape a tree has by the definition alone.

use std::ops::Range;

/// Numbers that forgers put in the place of an index or a size, for a tree of this height.
pub(crate) fn wrong_numbers(value: u64, height: u32) -> Vec<u64> {
    let above = 1_u64.checked_shl(height).unwrap_or(0);
    let mut wrong = vec![
        0,
        value.wrapping_add(1),
        value.wrapping_sub(1),
        value.wrapping_mul(2),
        value.wrapping_mul(2).wrapping_add(1),
        value / 2,
        value ^ 1,
        value ^ 2,
        value.wrapping_mul(value),
        value.wrapping_add(above),
        value.wrapping_add(above.wrapping_mul(2)),
        1 << 32,
        value.wrapping_add(1 << 32),
        1 << 63,
        value.wrapping_add(1 << 63),
        u64::MAX - 1,
        u64::MAX,
        value.wrapping_neg(),
    ];
    wrong.sort_unstable();
    wrong.dedup();
    wrong.retain(|number| *number != value);
    wrong
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// On which side the siblings of a leaf are, from the top down: RFC 6962's PATH. `None` if there is no such leaf.
pub(crate) fn sides(mut index: u64, mut size: u64) -> Option<Vec<bool>> {
    if index >= size {
        return None;
    }
    let mut sides = Vec::new();
    while size > 1 {
        let left = split(size);
        let goes_right = index >= left;
        sides.push(goes_right);
        (index, size) = if goes_right { (index - left, size - left) } else { (index, left) };
    }
    Some(sides)
}

/// The same for a proof that `newer` leaves extend `older`: RFC 6962's SUBPROOF. `None` if there is no such proof.
pub(crate) fn growth_sides(mut older: u64, mut newer: u64) -> Option<Vec<bool>> {
    if older == 0 || older > newer {
        return None;
    }
    let mut sides = Vec::new();
    while older < newer {
        let left = split(newer);
        let goes_right = older > left;
        sides.push(goes_right);
        (older, newer) = if goes_right { (older - left, newer - left) } else { (older, left) };
    }
    Some(sides)
}

/// The leaves under each sibling of a leaf's path, from the leaf up.
pub(crate) fn sibling_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut begin, mut end) = (0, size);
    let mut ranges = Vec::new();
    for goes_right in sides(index, size).unwrap_or_default() {
        let middle = begin + split(end - begin);
        ranges.push(if goes_right { begin..middle } else { middle..end });
        (begin, end) = if goes_right { (middle, end) } else { (begin, middle) };
    }
    ranges.reverse();
    ranges
}
