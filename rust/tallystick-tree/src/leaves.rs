//! Where leaf data comes from: rows that lie in memory in some layout and are handed out in blocks.
//!
//! Nothing here hashes and nothing knows Python; the binding crate implements [`Leaves`] for arrays, lists and Arrow
//! columns.

use std::borrow::Cow;
use std::ops::Range;

/// Rows of leaf data, readable from any thread for as long as the value lives.
pub trait Leaves: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// The rows of `range`, which lies within `0..len()`. Costs at most one small allocation.
    fn block(&self, range: Range<usize>) -> Block<'_>;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Some consecutive rows.
#[derive(Debug)]
pub enum Block<'a> {
    /// Rows of one width, one behind the other; `data.len()` is a multiple of `width`, and `width` is not zero.
    Fixed {
        /// All rows.
        data: &'a [u8],
        /// Bytes of one row.
        width: usize,
    },
    /// Rows of any length, anywhere.
    Ragged(Cow<'a, [&'a [u8]]>),
}

/// Rows of one width in one slice.
#[derive(Clone, Copy, Debug)]
pub struct FixedRows<'a> {
    data: &'a [u8],
    width: usize,
}

impl<'a> FixedRows<'a> {
    /// `None` when `width` is zero or does not divide the length of `data`.
    pub fn new(data: &'a [u8], width: usize) -> Option<Self> {
        (width != 0 && data.len().is_multiple_of(width)).then_some(Self { data, width })
    }
}

impl Leaves for FixedRows<'_> {
    fn len(&self) -> usize {
        self.data.len() / self.width
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        Block::Fixed { data: &self.data[range.start * self.width..range.end * self.width], width: self.width }
    }
}

/// Rows as a slice of slices.
#[derive(Clone, Copy, Debug)]
pub struct RaggedRows<'a>(pub &'a [&'a [u8]]);

impl Leaves for RaggedRows<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        Block::Ragged(Cow::Borrowed(&self.0[range]))
    }
}

/// Some consecutive rows of others.
pub(crate) struct Part<'a> {
    pub(crate) leaves: &'a dyn Leaves,
    pub(crate) range: Range<usize>,
}

impl Leaves for Part<'_> {
    fn len(&self) -> usize {
        self.range.end - self.range.start
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        self.leaves.block(self.range.start + range.start..self.range.start + range.end)
    }
}
