//! Columns of a table, whatever they came as, and pieces of them. What is in the cells is read elsewhere.

use std::ops::Range;
use std::rc::Rc;

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyList, PyString, PyTuple};
use tallystick_tree::leaves::Leaves as _;

use super::layout::Role;
use crate::encode::arrow_column::{Layout, decimal, type_of, type_text};
use crate::encode::column::Kind;
use crate::rows::arrow_bytes::ByteLayout;
use crate::rows::arrow_c::ArrowSchema;
use crate::rows::arrow_import::{Chunk, import, malformed};
use crate::rows::buffer::{Kind as ItemKind, describe, open, type_name};
use crate::rows::sequence::items_of;
use crate::rows::{RowsInput, extract_rows};

/// Type of an Arrow column that some role takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArrowType {
    Null,
    /// Byte strings, of text or not.
    Bytes {
        layout: ByteLayout,
        text: bool,
    },
    /// Keys of so many bytes, signed or not, of byte strings in a dictionary.
    Dictionary {
        width: usize,
        signed: bool,
        layout: ByteLayout,
        text: bool,
    },
    Integer {
        width: usize,
        signed: bool,
    },
    Decimal {
        width: usize,
        scale: i32,
    },
}

/// Some rows of a column.
#[derive(Clone)]
pub(super) enum Piece<'py> {
    /// With the values of its dictionary, if it has one.
    Arrow(ArrowType, Chunk, Option<Chunk>),
    /// Python values.
    Items(Bound<'py, PyTuple>, Range<usize>),
    /// A one-dimensional array of integers.
    Integers(Rc<PyUntypedBuffer>, Range<usize>),
    /// An array of bytes with rows of one width.
    Rows(Rc<RowsInput>, Range<usize>),
}

impl Piece<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Arrow(_, chunk, _) => chunk.len,
            Self::Items(_, rows) | Self::Integers(_, rows) | Self::Rows(_, rows) => rows.len(),
        }
    }

    /// A chunk of a column; `Err` says how it is malformed.
    pub(super) fn arrow(kind: ArrowType, chunk: Chunk) -> Result<Self, String> {
        let keyed = matches!(kind, ArrowType::Dictionary { .. });
        let dictionary = keyed.then(|| chunk.dictionary()).transpose()?;
        Ok(Self::Arrow(kind, chunk, dictionary))
    }

    /// Some of its rows.
    pub(super) fn slice(&self, rows: Range<usize>) -> Self {
        let of = |whole: &Range<usize>| whole.start + rows.start..whole.start + rows.end;
        match self {
            Self::Arrow(kind, chunk, dictionary) => Self::Arrow(*kind, chunk.slice(rows), dictionary.clone()),
            Self::Items(items, whole) => Self::Items(items.clone(), of(whole)),
            Self::Integers(buffer, whole) => Self::Integers(Rc::clone(buffer), of(whole)),
            Self::Rows(input, whole) => Self::Rows(Rc::clone(input), of(whole)),
        }
    }
}

/// The type of an Arrow column; `TypeError` for one that the role does not take.
pub(super) fn arrow_type(schema: &ArrowSchema, role: Role, name: &str) -> PyResult<ArrowType> {
    let format = schema.format();
    let known = match schema.values() {
        Some(values) => dictionary_type(format, values.format()),
        None => plain_type(format),
    };
    let right = known.filter(|kind| match (role, kind) {
        (_, ArrowType::Null) | (Role::Amount, ArrowType::Integer { .. } | ArrowType::Decimal { .. }) => true,
        (Role::Id, kind) => is_bytes(kind).is_some(),
        (Role::Group | Role::Asset | Role::Amount, kind) => is_bytes(kind) == Some(true),
        (Role::Key, kind) => matches!(kind, ArrowType::Bytes { text: false, .. }),
    });
    right.ok_or_else(|| {
        let integer = matches!(known, Some(ArrowType::Integer { .. }));
        let held = match (known, type_of(format)) {
            _ if schema.values().is_some() => format!("a dictionary (Arrow format {format:?})"),
            (_, Some((kind, _))) => format!("{kind} (Arrow format {format:?})"),
            (Some(_), None) => format!("Arrow format {format:?}"),
            (None, None) => type_text(format),
        };
        let float = format == "e" || matches!(type_of(format), Some((Kind::Float, _)));
        refusal(role, name, &held, integer, float)
    })
}

/// Whether such cells are text; `None` if they are no byte strings.
fn is_bytes(kind: &ArrowType) -> Option<bool> {
    match kind {
        ArrowType::Bytes { text, .. } | ArrowType::Dictionary { text, .. } => Some(*text),
        _ => None,
    }
}

fn plain_type(format: &str) -> Option<ArrowType> {
    if let Some((scale, width)) = decimal(format) {
        return Some(ArrowType::Decimal { width, scale });
    }
    Some(match type_of(format)? {
        (Kind::Null, _) => ArrowType::Null,
        (Kind::Text, Layout::Bytes(layout)) => ArrowType::Bytes { layout, text: true },
        (Kind::Binary, Layout::Bytes(layout)) => ArrowType::Bytes { layout, text: false },
        (Kind::Integer, Layout::Signed(width)) => ArrowType::Integer { width, signed: true },
        (Kind::Integer, Layout::Unsigned(width)) => ArrowType::Integer { width, signed: false },
        _ => return None,
    })
}

fn dictionary_type(keys: &str, values: &str) -> Option<ArrowType> {
    match (plain_type(keys)?, plain_type(values)?) {
        (ArrowType::Integer { width, signed }, ArrowType::Bytes { layout, text }) => {
            Some(ArrowType::Dictionary { width, signed, layout, text })
        }
        _ => None,
    }
}

/// The error for a column of a type that its role does not take.
fn refusal(role: Role, name: &str, held: &str, integer: bool, float: bool) -> PyErr {
    let why = match role {
        Role::Id if integer => "ids are text or bytes, and an integer can be written in many ways: cast it to text",
        Role::Id => "ids are text or bytes: cast it",
        Role::Group => "groups are text: cast it",
        Role::Asset => "codes of assets are text: cast it",
        Role::Key => "keys are 32 bytes: fixed-size binary, binary, or an (n, 32) array of uint8",
        Role::Amount if float => {
            "floats are rounded already: use integers, decimals or text from where the amounts are kept"
        }
        Role::Amount => "amounts are integers, decimals or text: cast it",
    };
    PyTypeError::new_err(format!("column {name:?} is of {held}; {why}"))
}

/// A column of a mapping.
///
/// Raises `TypeError` for a column of a form or type that the role does not take, and what its methods raise.
pub(super) fn pieces_of<'py>(column: &Bound<'py, PyAny>, role: Role, name: &str) -> PyResult<Vec<Piece<'py>>> {
    let what = format!("column {name:?}");
    let listed = |items: Bound<'py, PyTuple>| {
        let rows = 0..items.len();
        vec![Piece::Items(items, rows)]
    };
    if column.is_instance_of::<PyList>() || column.is_instance_of::<PyTuple>() {
        return items_of(column, &what).map(listed);
    }
    let is_cell = column.is_instance_of::<PyString>()
        || column.is_instance_of::<PyBytes>()
        || column.is_instance_of::<PyByteArray>();
    if !is_cell {
        if let Some(buffer) = open(column, &what)? {
            return match array_form(column, &buffer, role, name)? {
                ArrayForm::Items => items_of(&column.call_method0("tolist")?, &what).map(listed),
                ArrayForm::Integers => {
                    let rows = 0..buffer.shape()[0];
                    Ok(vec![Piece::Integers(Rc::new(buffer), rows)])
                }
                ArrayForm::Rows => {
                    let input = extract_rows(column, &what)?;
                    let rows = 0..input.len();
                    Ok(vec![Piece::Rows(Rc::new(input), rows)])
                }
            };
        }
        if let Some(imported) = import(column, &what)? {
            let kind = arrow_type(&imported.schema, role, name)?;
            let pieces = imported.chunks.into_iter().map(|chunk| Piece::arrow(kind, chunk));
            return pieces.collect::<Result<_, _>>().map_err(|why| malformed(&what, &why));
        }
    }
    let held = type_name(column);
    Err(PyTypeError::new_err(format!("{what} must be an Arrow column, a list, a tuple or an array, not {held}")))
}

/// How an array is read.
enum ArrayForm {
    Integers,
    Rows,
    /// As Python values: arrays of objects and of text.
    Items,
}

fn array_form(column: &Bound<'_, PyAny>, buffer: &PyUntypedBuffer, role: Role, name: &str) -> PyResult<ArrayForm> {
    let kind = ItemKind::of(buffer);
    let bytes = kind == ItemKind::Unsigned && buffer.item_size() == 1;
    match (buffer.dimensions(), kind, role) {
        (2, _, Role::Id | Role::Key) if bytes => return Ok(ArrayForm::Rows),
        (1, ItemKind::Unsigned | ItemKind::Signed, Role::Amount) => return Ok(ArrayForm::Integers),
        // Arrays of objects (O), bytes (s) and text (w), whose lengths NumPy puts first.
        (1, ItemKind::Other, _)
            if matches!(buffer.format().to_bytes(), [.., b'O' | b's' | b'w']) && column.hasattr("dtype")? =>
        {
            return Ok(ArrayForm::Items);
        }
        _ => {}
    }
    let integer = matches!(kind, ItemKind::Unsigned | ItemKind::Signed);
    let float = kind == ItemKind::Float && buffer.dimensions() == 1;
    Err(refusal(role, name, &describe(buffer), integer && buffer.dimensions() == 1, float))
}
