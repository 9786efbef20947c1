//! A column of a table: its name, its type, and where its cells are.

use std::fmt;

use super::cells::Cells;
use crate::rows::arrow_import::Chunk;

/// What the cells of a column are, whatever their width or layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Binary,
    Text,
    Integer,
    /// With this many digits after the point.
    Decimal(usize),
    Float,
    Boolean,
    Date,
    /// With its unit (`s`, `ms`, `us`, `ns`) and time zone.
    Timestamp(&'static str, String),
}

impl Kind {
    /// The class byte of a cell that is not null.
    pub(super) fn class(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Binary => 1,
            Self::Text => 2,
            Self::Integer => 3,
            Self::Decimal(_) => 4,
            Self::Float => 5,
            Self::Boolean => 6,
            Self::Date => 7,
            Self::Timestamp(..) => 8,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Binary => f.write_str("binary"),
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal(scale) => write!(f, "decimal:{scale}"),
            Self::Float => f.write_str("float"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Timestamp(unit, zone) => write!(f, "timestamp:{unit}:{zone}"),
        }
    }
}

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) len: usize,
    pub(super) source: Source,
}

/// The memory of the cells.
pub(super) enum Source {
    Arrow(super::arrow_column::Layout, Vec<Chunk>),
    /// Native-endian `i64`.
    Signed(Vec<[u8; 8]>),
    /// Native-endian `u64`.
    Unsigned(Vec<[u8; 8]>),
    /// Native-endian `f64`.
    Floats(Vec<[u8; 8]>),
    /// One bit a cell.
    Bits(Vec<u8>),
    /// Finished payloads: offsets (native-endian `u64`, one more than cells), bytes, and one bit a cell that is set
    /// where it is not null.
    Payloads {
        offsets: Vec<[u8; 8]>,
        data: Vec<u8>,
        valid: Vec<u8>,
    },
}

impl Column {
    /// The cells by chunks, checked; the rows of the chunks number on.
    pub(super) fn cells(&self) -> Result<Vec<Cells<'_>>, String> {
        match &self.source {
            Source::Arrow(layout, chunks) => {
                let mut start = 0;
                let mut cells = Vec::with_capacity(chunks.len());
                for chunk in chunks {
                    let read = super::arrow_column::cells(&self.kind, *layout, chunk, start);
                    cells.push(read.map_err(|why| format!("column {:?}: {why}", self.name))?);
                    start += chunk.len;
                }
                Ok(cells)
            }
            owned => Ok(vec![Cells::owned(&self.kind, owned, self.len)]),
        }
    }
}
