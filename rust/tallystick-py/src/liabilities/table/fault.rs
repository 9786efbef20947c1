//! What is wrong with a cell, and where it is.

use std::fmt;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use tallystick_liabilities::error::LiabilityError;

use crate::errors::liability_error_at;

/// Characters of an id that messages show.
const SHOWN: usize = 64;

/// What is wrong.
pub(super) enum Fault {
    Type(String),
    Value(String),
    Overflow(String),
    Ledger(LiabilityError),
    /// What Python code raised that was called.
    Raised(PyErr),
}

impl Fault {
    pub(super) fn null() -> Self {
        Self::Value("must not be null; fill it in or drop the row".to_owned())
    }

    /// The exception for a whole column.
    pub(super) fn of_column(self, name: &str) -> PyErr {
        self.after(&format!("column {name:?}"))
    }

    /// The exception, which names the place.
    pub(super) fn at(self, place: &Place<'_>) -> PyErr {
        self.after(place)
    }

    fn after(self, place: &dyn fmt::Display) -> PyErr {
        match self {
            Self::Type(why) => PyTypeError::new_err(format!("{place}: {why}")),
            Self::Value(why) => PyValueError::new_err(format!("{place}: {why}")),
            Self::Overflow(why) => PyOverflowError::new_err(format!("{place}: {why}")),
            Self::Ledger(error) => liability_error_at(place, error),
            Self::Raised(error) => error,
        }
    }
}

/// A cell of a table.
pub(super) struct Place<'a> {
    /// From 0, over all batches.
    pub(super) row: usize,
    pub(super) id: Option<&'a [u8]>,
    pub(super) column: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}, ", self.row)?;
        if let Some(id) = self.id {
            write!(f, "id {}, ", shown(id))?;
        }
        write!(f, "column {:?}", self.column)
    }
}

/// An id or another value for messages: on one line, in quotes, not long.
pub(super) fn shown(bytes: &[u8]) -> String {
    let cut = |text: &str| match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => cut(text),
        Err(_) if bytes.len() > SHOWN => format!("b\"{}\"…", bytes[..SHOWN].escape_ascii()),
        Err(_) => format!("b\"{}\"", bytes.escape_ascii()),
    }
}
