//! Where leaf data comes from: rows that lie in memory in some layout and are handed out in blocks.
//!
//! Nothing here hashes and nothing knows Python; the binding crate implements [`Leaves`] for arrays, lists and Arrow
//! columns.

use std::borrow::Cow;
use std::ops::Range;

use tallystick_proof::record::AMOUNT;

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
        data: Cow<'a, [u8]>,
        /// Bytes of one row.
        width: usize,
    },
    /// Rows of any length, anywhere.
    Ragged(Cow<'a, [&'a [u8]]>),
    /// Rows of any length that were put together for this block.
    Gathered(Gathered),
}

impl Block<'_> {
    /// Every row.
    pub fn rows(&self) -> Vec<&[u8]> {
        match self {
            Self::Fixed { data, width } => data.chunks_exact((*width).max(1)).collect(),
            Self::Ragged(rows) => rows.to_vec(),
            Self::Gathered(rows) => rows.rows(),
        }
    }
}

/// Rows of any length, one behind the other.
#[derive(Debug, Default)]
pub struct Gathered {
    data: Vec<u8>,
    ends: Vec<usize>,
}

impl Gathered {
    /// None yet; room for so many rows of about so many bytes.
    pub fn with_capacity(rows: usize, width: usize) -> Self {
        Self { data: Vec::with_capacity(rows * width), ends: Vec::with_capacity(rows) }
    }

    /// The rows as a block, which is hashed faster where all have one width.
    pub fn into_block<'a>(self) -> Block<'a> {
        let width = self.ends.first().copied().unwrap_or(0);
        if width != 0 && self.ends.iter().zip(1..).all(|(end, count)| *end == count * width) {
            return Block::Fixed { data: Cow::Owned(self.data), width };
        }
        Block::Gathered(self)
    }

    /// Adds a row that is made of these pieces.
    pub fn push<const N: usize>(&mut self, parts: [&[u8]; N]) {
        for part in parts {
            self.data.extend_from_slice(part);
        }
        self.ends.push(self.data.len());
    }

    /// The rows.
    pub fn rows(&self) -> Vec<&[u8]> {
        let begins = std::iter::once(&0).chain(&self.ends);
        begins.zip(&self.ends).map(|(begin, end)| &self.data[*begin..*end]).collect()
    }
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
        let data = Cow::Borrowed(&self.data[range.start * self.width..range.end * self.width]);
        Block::Fixed { data, width: self.width }
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

/// The leaves of a sum tree: each row behind its amount of 16 bytes. They are put together block by block.
pub struct WithAmounts<'a> {
    leaves: &'a dyn Leaves,
    amounts: &'a [u128],
}

impl<'a> WithAmounts<'a> {
    /// `None` unless every row has an amount.
    pub fn new(leaves: &'a dyn Leaves, amounts: &'a [u128]) -> Option<Self> {
        (leaves.len() == amounts.len()).then_some(Self { leaves, amounts })
    }
}

impl Leaves for WithAmounts<'_> {
    fn len(&self) -> usize {
        self.amounts.len()
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        with_amounts(self.leaves, self.amounts, range)
    }
}

/// The rows of `range`, each behind its amount.
pub fn with_amounts<'a>(leaves: &dyn Leaves, amounts: &[u128], range: Range<usize>) -> Block<'a> {
    let amounts = &amounts[range.clone()];
    let block = leaves.block(range);
    if let Block::Fixed { data, width } = &block {
        let mut gathered = Vec::with_capacity(amounts.len() * (width + AMOUNT));
        for (row, amount) in data.chunks_exact(*width).zip(amounts) {
            gathered.extend(amount.to_le_bytes());
            gathered.extend_from_slice(row);
        }
        return Block::Fixed { data: Cow::Owned(gathered), width: width + AMOUNT };
    }
    let mut gathered = Gathered::default();
    for (row, amount) in block.rows().into_iter().zip(amounts) {
        gathered.push([&amount.to_le_bytes(), row]);
    }
    Block::Gathered(gathered)
}

/// The rows of `range`, each behind its namespace: `namespaces` has one of so many bytes a row, one behind the other.
pub fn with_namespaces<'a>(leaves: &dyn Leaves, namespaces: &[u8], size: usize, range: Range<usize>) -> Block<'a> {
    let namespaces = namespaces[range.start * size..range.end * size].chunks_exact(size);
    let block = leaves.block(range);
    let rows = block.rows();
    let mut gathered = Gathered::with_capacity(rows.len(), size + rows.first().map_or(0, |row| row.len()));
    for (row, namespace) in rows.into_iter().zip(namespaces) {
        gathered.push([namespace, row]);
    }
    gathered.into_block()
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
