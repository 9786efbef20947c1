//! Rows of an Arrow binary column, read in place.

use std::borrow::Cow;
use std::ops::Range;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use tallystick_tree::leaves::Block;

use super::arrow_bytes::{ByteColumn, ByteLayout};
use super::arrow_import::{Chunk, Imported, malformed};

/// A binary column without nulls.
pub(super) struct ArrowRows {
    /// Chunks that have rows.
    chunks: Vec<Held>,
    /// The row behind each chunk, so that the last entry is the number of rows.
    ends: Vec<usize>,
}

/// A chunk and its byte strings.
struct Held {
    /// Into the memory of `_chunk`; handed out for the life of `self` only.
    bytes: ByteColumn<'static>,
    _chunk: Box<Chunk>,
}

impl Held {
    fn bytes(&self) -> &ByteColumn<'_> {
        &self.bytes
    }
}

impl ArrowRows {
    pub(super) fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    pub(super) fn row(&self, index: usize) -> &[u8] {
        let chunk = self.ends.partition_point(|&end| end <= index);
        self.chunks[chunk].bytes().row(index - self.start(chunk))
    }

    pub(super) fn block(&self, range: Range<usize>) -> Block<'_> {
        let mut chunk = self.ends.partition_point(|&end| end <= range.start);
        if let Some(held) = self.chunks.get(chunk)
            && range.end <= self.ends[chunk]
            && let start = self.start(chunk)
            && let Some((data, width)) = held.bytes().even(range.start - start..range.end - start)
        {
            return Block::Fixed { data: Cow::Borrowed(data), width };
        }
        let mut rows = Vec::with_capacity(range.len());
        let mut next = range.start;
        while next < range.end {
            let (start, end) = (self.start(chunk), self.ends[chunk].min(range.end));
            let bytes = self.chunks[chunk].bytes();
            rows.extend((next - start..end - start).map(|index| bytes.row(index)));
            (next, chunk) = (end, chunk + 1);
        }
        Block::Ragged(rows.into())
    }

    fn start(&self, chunk: usize) -> usize {
        chunk.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

/// The rows of a column of type binary, large binary, binary view or fixed-size binary.
pub(super) fn from_column(column: Imported, what: &str) -> PyResult<ArrowRows> {
    let layout = layout_of(&column, what)?;
    let mut rows = ArrowRows { chunks: Vec::new(), ends: Vec::new() };
    for chunk in column.chunks.into_iter().filter(|chunk| chunk.len != 0) {
        let start = rows.len();
        let chunk = Box::new(chunk);
        let fault = |why: String| malformed(what, &why);
        if let Some(null) = chunk.validity().map_err(fault)?.and_then(|valid| valid.first_unset(chunk.len)) {
            let row = start + null;
            return Err(PyValueError::new_err(format!(
                "{what}: row {row} is null; a leaf is always bytes, so fill or drop it"
            )));
        }
        let bytes = ByteColumn::new(&chunk, layout).map_err(fault)?;
        // SAFETY: the slices lead into memory that the array keeps until it is released, which its owner in the chunk
        // does when it is dropped, beside the slices. `Held::bytes` gives them out for the life of the pair.
        let bytes = unsafe { std::mem::transmute::<ByteColumn<'_>, ByteColumn<'static>>(bytes) };
        rows.ends.push(start + chunk.len);
        rows.chunks.push(Held { bytes, _chunk: chunk });
    }
    Ok(rows)
}

fn layout_of(column: &Imported, what: &str) -> PyResult<ByteLayout> {
    let format = column.schema.format();
    let refuse = |remedy: &str| {
        Err(PyTypeError::new_err(format!(
            "{what} must be a binary column, not one of Arrow format {format:?}; {remedy}"
        )))
    };
    if !column.schema.dictionary.is_null() {
        return refuse("cast the dictionary to binary first");
    }
    match format {
        "z" => Ok(ByteLayout::Offsets32),
        "Z" => Ok(ByteLayout::Offsets64),
        "vz" => Ok(ByteLayout::Views),
        "u" | "U" | "vu" => refuse("cast the text to binary first"),
        "+s" => refuse("make leaves of the rows of a table by encode_rows"),
        _ => match format.strip_prefix("w:").and_then(|width| width.parse().ok()) {
            Some(0) => Err(PyValueError::new_err(format!("{what}: fixed-size binary of width 0 holds nothing"))),
            Some(width) => Ok(ByteLayout::Fixed(width)),
            None => refuse("cast it to binary first"),
        },
    }
}
