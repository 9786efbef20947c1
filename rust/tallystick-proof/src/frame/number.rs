//! Numbers in frames: what they count, and how they are written.

use alloc::vec::Vec;

use super::Role;
use super::compiled::Values;
use crate::hash::HashError;

/// A number that a frame may state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The node's level; 0 for leaves.
    Level,
    /// The node's place in its level.
    Index,
    /// The node's place in a mountain range: children come before their parents, and what is left of them before them.
    Position,
    /// How many leaves there are.
    Size,
    /// How many nodes the mountain range of so many leaves has.
    RangeSize,
}

impl Number {
    /// All, in the order of their numbers in encodings.
    pub const ALL: [Self; 5] = [Self::Level, Self::Index, Self::Position, Self::Size, Self::RangeSize];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Index => "index",
            Self::Position => "position",
            Self::Size => "size",
            Self::RangeSize => "range size",
        }
    }

    /// Whether frames of this role may state it. A leaf or node that stated the size would change while leaves are appended.
    pub(super) fn fits(self, role: Role) -> bool {
        let of_size = matches!(self, Self::Size | Self::RangeSize);
        of_size == matches!(role, Role::Bag | Role::Root)
    }

    /// Most leaves of a tree in which it is never above `most`.
    pub(crate) fn most_leaves(self, most: u64) -> u64 {
        match self {
            Self::Level => u64::MAX,
            Self::Index => most.saturating_add(1),
            Self::Size => most,
            // A range of n leaves, and one of as many as its edge has room for, has fewer than 2n positions, or 4n.
            Self::RangeSize => most.saturating_add(1) / 2,
            Self::Position => most.saturating_add(1) / 4,
        }
    }

    pub(super) fn value(self, values: &Values<'_>) -> Result<u64, HashError> {
        let doubled = |count: u64| count.checked_mul(2).map(|twice| twice.saturating_sub(count.count_ones().into()));
        let found = match self {
            Self::Level => Some(values.level.into()),
            Self::Index => Some(values.index),
            Self::Size => Some(values.size),
            Self::RangeSize => doubled(values.size),
            Self::Position => position(values.level, values.index),
        };
        found.ok_or(HashError::Number { value: values.size.max(values.index), bytes: 8 })
    }
}

/// Where a node of a mountain range stands; `None` if it is too far right for 64 bits.
pub fn position(level: u32, index: u64) -> Option<u64> {
    // Of the last leaf below it, 2e - popcount(e), and its level more; e is (index + 1) * 2^level - 1.
    let next = index.checked_add(1)?;
    let doubled = level.checked_add(1)?;
    let leaves = next.checked_shl(doubled).filter(|leaves| leaves >> doubled == next)?;
    leaves.checked_sub(u64::from(index.count_ones()).checked_add(2)?)
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int {
    /// A byte.
    U8,
    /// Two bytes, the low one first.
    U16Le,
    /// Two bytes, the high one first.
    U16Be,
    /// Four bytes, the lowest first.
    U32Le,
    /// Four bytes, the highest first.
    U32Be,
    /// Eight bytes, the lowest first.
    U64Le,
    /// Eight bytes, the highest first.
    U64Be,
    /// Thirty-two bytes, the lowest first.
    U256Le,
    /// Thirty-two bytes, the highest first.
    U256Be,
}

impl Int {
    /// All, in the order of their numbers in encodings.
    pub const ALL: [Self; 9] = [
        Self::U8,
        Self::U16Le,
        Self::U16Be,
        Self::U32Le,
        Self::U32Be,
        Self::U64Le,
        Self::U64Be,
        Self::U256Le,
        Self::U256Be,
    ];

    /// Bytes of a number.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16Le | Self::U16Be => 2,
            Self::U32Le | Self::U32Be => 4,
            Self::U64Le | Self::U64Be => 8,
            Self::U256Le | Self::U256Be => 32,
        }
    }

    /// The largest number that fits, of those below 2^64.
    pub(crate) const fn most(self) -> u64 {
        match self {
            Self::U8 => u8::MAX as u64,
            Self::U16Le | Self::U16Be => u16::MAX as u64,
            Self::U32Le | Self::U32Be => u32::MAX as u64,
            Self::U64Le | Self::U64Be | Self::U256Le | Self::U256Be => u64::MAX,
        }
    }

    /// Writes a number at the front of `out`, if it fits.
    pub(super) fn write(self, value: u64, out: &mut [u8]) -> Result<(), HashError> {
        // The usual ones without detours.
        match self {
            Self::U64Be => put_array(out, value.to_be_bytes()),
            Self::U32Be if let Ok(value) = u32::try_from(value) => put_array(out, value.to_be_bytes()),
            _ => {
                let mut bytes = Vec::with_capacity(self.bytes());
                self.put(value, &mut bytes)?;
                out.iter_mut().zip(bytes).for_each(|(out, byte)| *out = byte);
            }
        }
        Ok(())
    }

    /// Appends a number, if it fits.
    pub(super) fn put(self, value: u64, out: &mut Vec<u8>) -> Result<(), HashError> {
        let bytes = self.bytes();
        let wide = 8_usize.saturating_sub(bytes);
        let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
        let tail = big.get(wide..).unwrap_or_default();
        if big.iter().take(wide).any(|byte| *byte != 0) {
            return Err(HashError::Number { value, bytes });
        }
        let zeros = bytes.saturating_sub(8);
        match self {
            Self::U8 | Self::U16Be | Self::U32Be | Self::U64Be | Self::U256Be => {
                out.resize(out.len().saturating_add(zeros), 0);
                out.extend_from_slice(tail);
            }
            Self::U16Le | Self::U32Le | Self::U64Le | Self::U256Le => {
                out.extend(little.iter().take(bytes));
                out.resize(out.len().saturating_add(zeros), 0);
            }
        }
        Ok(())
    }
}

/// Writes an array at the front of `out`.
fn put_array<const N: usize>(out: &mut [u8], array: [u8; N]) {
    if let Some(out) = out.first_chunk_mut() {
        *out = array;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn numbers_are_written_as_they_are_called() {
        let put = |int: Int, value| {
            let mut out = Vec::new();
            int.put(value, &mut out).map(|()| out)
        };
        assert_eq!(put(Int::U8, 255).ok(), Some(vec![255]));
        assert_eq!(put(Int::U16Le, 258).ok(), Some(vec![2, 1]));
        assert_eq!(put(Int::U32Be, 258).ok(), Some(vec![0, 0, 1, 2]));
        assert_eq!(put(Int::U64Le, u64::MAX).ok(), Some(vec![255; 8]));
        assert_eq!(put(Int::U256Le, 1).ok(), Some([vec![1], vec![0; 31]].concat()));
        assert_eq!(put(Int::U256Be, 1).ok(), Some([vec![0; 31], vec![1]].concat()));
        for (int, value) in [(Int::U8, 256), (Int::U16Be, 1 << 16), (Int::U32Le, 1 << 32)] {
            assert!(put(int, value).is_err());
        }
    }

    #[test]
    fn positions_count_in_post_order() {
        let mut next = 0;
        for leaf in 0..200_u64 {
            for level in 0..=leaf.trailing_ones() {
                assert_eq!(position(level, ((leaf + 1) >> level) - 1), Some(next));
                next += 1;
            }
        }
        assert_eq!((position(0, u64::MAX), position(64, 0), position(1, u64::MAX / 2)), (None, None, None));
    }
}
