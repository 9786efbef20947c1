//! Byte strings and text of a column: ids, groups, codes, keys.

use std::ops::Range;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString, PyTuple};

use super::fault::{Fault, shown};
use super::layout::Role;
use super::source::{ArrowType, Piece};
use crate::rows::RowsInput;
use crate::rows::arrow_bytes::ByteColumn;
use crate::rows::arrow_import::Chunk;
use crate::rows::bitmap::Bitmap;
use crate::rows::buffer::type_name;

/// The key of a cell that is null.
const NULL: u32 = u32::MAX;

/// The cells of a piece of a column, some rows at a time.
pub(super) struct ByteCells<'a> {
    values: Values<'a>,
    /// The first of the rows that are looked at.
    start: usize,
}

enum Values<'a> {
    /// All of them are.
    Null,
    Bytes(ByteColumn<'a>, Option<Bitmap<'a>>),
    Dictionary {
        values: ByteColumn<'a>,
        /// Number of values.
        count: usize,
        /// Which value each row has, or [`NULL`].
        keys: Vec<u32>,
    },
    Rows(&'a RowsInput),
    Items(&'a Bound<'a, PyTuple>, Role, Copied),
}

/// Copies of Python values: of the rows that are looked at.
#[derive(Default)]
struct Copied {
    bytes: Vec<u8>,
    /// Where each ends, and whether it is null.
    ends: Vec<(usize, bool)>,
}

impl<'a> ByteCells<'a> {
    /// The cells of a piece. A fault is of a row, or, without one, of the column.
    pub(super) fn new(piece: &'a Piece<'_>, role: Role) -> Result<Self, (Option<usize>, Fault)> {
        let malformed = |why: String| (None, Fault::Value(format!("the Arrow array is malformed: {why}")));
        let values = match piece {
            Piece::Arrow(kind, chunk, dictionary) => arrow(*kind, chunk, dictionary.as_ref()).map_err(malformed)?,
            Piece::Items(items, _) => Values::Items(items, role, Copied::default()),
            Piece::Rows(rows, _) => Values::Rows(rows),
            // Refused when the column was taken.
            Piece::Integers(..) => return Err((None, Fault::Type("an array of integers".to_owned()))),
        };
        let cells = Self { values, start: 0 };
        // Other columns are compared with names, or parsed.
        if let Piece::Arrow(ArrowType::Bytes { text: true, .. } | ArrowType::Dictionary { text: true, .. }, chunk, _) =
            piece
            && role == Role::Id
            && let Some(row) = cells.values.not_utf8(chunk.len)
        {
            let id = shown(cells.cell(row).unwrap_or_default());
            return Err((Some(row), Fault::Value(format!("{id} is not valid UTF-8"))));
        }
        Ok(cells)
    }

    /// Looks at some rows of `piece`, of which the cells were made: from now on the first of them is row 0. A fault is at its
    /// place among them.
    pub(super) fn look(&mut self, piece: &Piece<'_>, rows: Range<usize>) -> Result<(), (usize, Fault)> {
        match (&mut self.values, piece) {
            (Values::Items(items, role, copied), Piece::Items(_, whole)) => {
                copied.bytes.clear();
                copied.ends.clear();
                for (place, row) in (whole.start + rows.start..whole.start + rows.end).enumerate() {
                    let null = copied.push(items, row, *role).map_err(|fault| (place, fault))?;
                    copied.ends.push((copied.bytes.len(), null));
                }
            }
            (Values::Rows(_), Piece::Rows(_, whole)) => self.start = whole.start + rows.start,
            _ => self.start = rows.start,
        }
        Ok(())
    }

    /// Cell `row`; `None` if it is null.
    #[inline]
    pub(super) fn cell(&self, row: usize) -> Option<&[u8]> {
        let at = self.start + row;
        match &self.values {
            Values::Null => None,
            Values::Bytes(bytes, valid) => valid.is_none_or(|valid| valid.bit(at)).then(|| bytes.row(at)),
            Values::Dictionary { values, keys, .. } => (keys[at] != NULL).then(|| values.row(keys[at] as usize)),
            Values::Rows(rows) => Some(rows.row(at)),
            Values::Items(_, _, copied) => {
                let (end, null) = copied.ends[row];
                let begin = row.checked_sub(1).map_or(0, |before| copied.ends[before].0);
                (!null).then(|| &copied.bytes[begin..end])
            }
        }
    }

    /// Which value of its dictionary cell `row` is; `None` if it is null or of no dictionary.
    #[inline]
    pub(super) fn key(&self, row: usize) -> Option<usize> {
        let Values::Dictionary { keys, .. } = &self.values else { return None };
        Some(keys[self.start + row]).filter(|key| *key != NULL).map(|key| key as usize)
    }

    /// Number of values in the dictionary; 0 without one.
    pub(super) fn dictionary(&self) -> usize {
        if let Values::Dictionary { count, .. } = &self.values { *count } else { 0 }
    }
}

impl Values<'_> {
    /// The first row that is not UTF-8.
    fn not_utf8(&self, len: usize) -> Option<usize> {
        match self {
            Values::Bytes(bytes, valid) => bytes.not_utf8(valid.as_ref(), len),
            Values::Dictionary { values, count, keys } => {
                values.not_utf8(None, *count)?;
                // A value that is not text may have no row.
                let wrong = |key: &u32| *key != NULL && std::str::from_utf8(values.row(*key as usize)).is_err();
                keys.iter().position(wrong)
            }
            _ => None,
        }
    }
}

impl Copied {
    /// Appends a copy of item `row`; `true` if it is None.
    fn push(&mut self, items: &Bound<'_, PyTuple>, row: usize, role: Role) -> Result<bool, Fault> {
        let item = items.get_borrowed_item(row).map_err(Fault::Raised)?;
        let binary = matches!(role, Role::Id | Role::Key);
        if let Ok(text) = item.cast::<PyString>()
            && role != Role::Key
        {
            let text =
                text.to_str().map_err(|_| Fault::Value("text with a lone surrogate is not valid UTF-8".to_owned()))?;
            self.bytes.extend_from_slice(text.as_bytes());
        } else if let Ok(bytes) = item.cast::<PyBytes>()
            && binary
        {
            self.bytes.extend_from_slice(bytes.as_bytes());
        } else if item.is_none() {
            return Ok(true);
        } else {
            let held = type_name(&item);
            let integer = item.is_instance_of::<PyInt>() && !item.is_instance_of::<PyBool>();
            return Err(Fault::Type(match role {
                Role::Id if integer || held.starts_with("numpy.int") || held.starts_with("numpy.uint") => format!(
                    "an id must be str or bytes, not {held}: an integer can be written in many ways; cast it to text"
                ),
                Role::Id => format!("an id must be str or bytes, not {held}"),
                Role::Key => format!("a key must be bytes, not {held}"),
                _ => format!("must be str, not {held}"),
            }));
        }
        Ok(false)
    }
}

fn arrow<'a>(kind: ArrowType, chunk: &'a Chunk, dictionary: Option<&'a Chunk>) -> Result<Values<'a>, String> {
    match kind {
        ArrowType::Null => Ok(Values::Null),
        ArrowType::Bytes { layout, .. } => Ok(Values::Bytes(ByteColumn::new(chunk, layout)?, chunk.validity()?)),
        ArrowType::Dictionary { width, signed, layout, .. } => {
            let dictionary = dictionary.ok_or("its dictionary is missing")?;
            let keys = keys(chunk, width, signed, dictionary)?;
            Ok(Values::Dictionary { values: ByteColumn::new(dictionary, layout)?, count: dictionary.len, keys })
        }
        // Refused when the column was taken.
        ArrowType::Integer { .. } | ArrowType::Decimal { .. } => Err("numbers where text is expected".to_owned()),
    }
}

/// Which value of the dictionary each row has.
fn keys(chunk: &Chunk, width: usize, signed: bool, dictionary: &Chunk) -> Result<Vec<u32>, String> {
    let (valid, values) = (chunk.validity()?, dictionary.validity()?);
    macro_rules! read {
        ($type:ty) => {
            chunk.fixed()?.iter().map(|bytes| u32::try_from(<$type>::from_ne_bytes(*bytes)).ok()).collect()
        };
    }
    let keys: Vec<Option<u32>> = match (width, signed) {
        (1, true) => read!(i8),
        (2, true) => read!(i16),
        (4, true) => read!(i32),
        (_, true) => read!(i64),
        (1, false) => chunk.fixed::<1>()?.iter().map(|bytes| Some(bytes[0].into())).collect(),
        (2, false) => chunk.fixed()?.iter().map(|bytes| Some(u16::from_ne_bytes(*bytes).into())).collect(),
        (4, false) => chunk.fixed()?.iter().map(|bytes| Some(u32::from_ne_bytes(*bytes))).collect(),
        (_, false) => read!(u64),
    };
    let key = |(row, key): (usize, Option<u32>)| {
        if valid.is_some_and(|valid| !valid.bit(row)) {
            return Ok(NULL);
        }
        match key.filter(|key| (*key as usize) < dictionary.len && *key != NULL) {
            Some(key) if values.is_none_or(|values| values.bit(key as usize)) => Ok(key),
            Some(_) => Ok(NULL),
            None => Err(format!("row {row} of a chunk has a key that its dictionary lacks")),
        }
    };
    keys.into_iter().enumerate().map(key).collect()
}
