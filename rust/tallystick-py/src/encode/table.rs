//! The columns of whatever is given as a table.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyString, PyTuple};

use super::arrow_column;
use super::column::{Column, Kind, Source};
use super::list_column;
use super::numbers::widen;
use crate::rows::arrow_import::{Chunk, Imported, import, malformed};
use crate::rows::buffer::{Kind as ItemKind, describe, gather as gather_items, open, type_name};
use crate::rows::sequence::items_of;

/// Columns of one length.
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
}

/// The columns of `table` that `names` gives, in that order; all without it.
pub(super) fn gather(table: &Bound<'_, PyAny>, names: Option<&Bound<'_, PyAny>>) -> PyResult<Table> {
    let names = names.map(names_of).transpose()?;
    if table.is_instance_of::<PyDict>() {
        return from_mapping(table, names);
    }
    if let Some(imported) = import(table, "table")? {
        return from_struct(&imported, names);
    }
    if table.hasattr("keys")? && table.hasattr("__getitem__")? {
        return from_mapping(table, names);
    }
    let name = type_name(table);
    Err(PyTypeError::new_err(format!("table must have the Arrow methods or be a mapping of columns, not {name}")))
}

fn names_of(names: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    items_of(names, "columns")?.iter().map(|name| name_of(&name)).collect()
}

fn name_of(name: &Bound<'_, PyAny>) -> PyResult<String> {
    match name.cast::<PyString>() {
        Ok(name) => name.extract(),
        Err(_) => Err(PyTypeError::new_err(format!("a column name must be str, not {}", type_name(name)))),
    }
}

/// The places of `names` among the columns that there are; all places without it.
fn select(there: &[String], names: Option<Vec<String>>) -> PyResult<Vec<usize>> {
    let places = match &names {
        None => (0..there.len()).collect(),
        Some(names) => names
            .iter()
            .map(|name| there.iter().position(|other| other == name).ok_or(name))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|name| PyValueError::new_err(format!("there is no column {name:?}; there are {there:?}")))?,
    };
    let mut seen = std::collections::HashSet::new();
    if let Some(&twice) = places.iter().find(|&&place| !seen.insert(&there[place])) {
        return Err(PyValueError::new_err(format!("column {:?} is repeated", there[twice])));
    }
    match places.iter().find(|&&place| there.iter().filter(|&name| *name == there[place]).count() > 1) {
        Some(&place) => Err(PyValueError::new_err(format!("there are several columns {:?}", there[place]))),
        None => Ok(places),
    }
}

fn from_struct(table: &Imported, names: Option<Vec<String>>) -> PyResult<Table> {
    let format = table.schema.format();
    if format != "+s" {
        return Err(PyTypeError::new_err(format!(
            "table must yield structs, a field a column, not Arrow format {format:?}; a column alone goes in a mapping"
        )));
    }
    let mut rows = 0;
    for chunk in &table.chunks {
        let valid = chunk.validity().map_err(|why| malformed("table", &why))?;
        if let Some(null) = valid.and_then(|valid| valid.first_unset(chunk.len)) {
            return Err(PyValueError::new_err(format!("row {} of the table is null as a whole", rows + null)));
        }
        rows += chunk.len;
    }
    let fields: Vec<_> = table.schema.fields().collect();
    let there: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
    let mut columns = Vec::new();
    for place in select(&there, names)? {
        let chunks = table.chunks.iter().map(|chunk| chunk.field(place)).collect::<Result<Vec<Chunk>, String>>();
        let chunks = chunks.map_err(|why| malformed("table", &why))?;
        columns.push(arrow(fields[place], &there[place], chunks)?);
    }
    Ok(Table { columns, rows })
}

fn arrow(schema: &crate::rows::arrow_c::ArrowSchema, name: &str, chunks: Vec<Chunk>) -> PyResult<Column> {
    arrow_column::column(schema, name.to_owned(), chunks).map_err(|kind| unsupported(name, &kind))
}

fn unsupported(name: &str, kind: &str) -> PyErr {
    PyTypeError::new_err(format!("column {name:?} has type {kind}, which has no encoding; cast it first"))
}

fn from_mapping(table: &Bound<'_, PyAny>, names: Option<Vec<String>>) -> PyResult<Table> {
    let keys = table.call_method0("keys")?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    let there = keys.iter().map(name_of).collect::<PyResult<Vec<_>>>()?;
    let places = select(&there, names)?;
    let column = |place: usize| from_object(&table.get_item(&keys[place])?, &there[place]);
    let columns = places.into_iter().map(column).collect::<PyResult<Vec<_>>>()?;
    let Some(first) = columns.first() else {
        return Err(PyValueError::new_err("without columns nobody knows how many rows there are"));
    };
    if let Some(other) = columns.iter().find(|column| column.len != first.len) {
        return Err(PyValueError::new_err(format!(
            "columns have different lengths: {:?} has {} rows, {:?} has {}",
            first.name, first.len, other.name, other.len
        )));
    }
    Ok(Table { rows: first.len, columns })
}

/// A column of a mapping.
fn from_object(column: &Bound<'_, PyAny>, name: &str) -> PyResult<Column> {
    if column.is_instance_of::<PyList>() || column.is_instance_of::<PyTuple>() {
        return list_column::from_list(column, name);
    }
    let what = format!("column {name:?}");
    let is_cell = column.is_instance_of::<PyString>()
        || column.is_instance_of::<PyBytes>()
        || column.is_instance_of::<PyByteArray>();
    if !is_cell {
        if let Some(buffer) = open(column, &what)? {
            return from_array(&buffer, name);
        }
        if let Some(imported) = import(column, &what)? {
            return arrow(&imported.schema, name, imported.chunks);
        }
    }
    let held = type_name(column);
    Err(PyTypeError::new_err(format!(
        "{what} must be an Arrow column, a list, a tuple or an array of numbers, not {held}"
    )))
}

/// A one-dimensional array of numbers, copied.
fn from_array(buffer: &PyUntypedBuffer, name: &str) -> PyResult<Column> {
    if buffer.dimensions() != 1 {
        return Err(PyTypeError::new_err(format!("column {name:?} must have one dimension, not {}", describe(buffer))));
    }
    /// Bytes to eight bytes by way of two types; `gather_items` gives exactly the bytes of one item.
    macro_rules! read {
        ($from:ty, $into:expr) => {
            gather_items(buffer, |bytes| {
                $into(bytes.first_chunk().map_or_else(Default::default, |bytes| <$from>::from_ne_bytes(*bytes)))
                    .to_ne_bytes()
            })?
        };
    }
    let (kind, source) = match (ItemKind::of(buffer), buffer.item_size()) {
        (ItemKind::Signed, 1) => (Kind::Integer, Source::Signed(read!(i8, i64::from))),
        (ItemKind::Signed, 2) => (Kind::Integer, Source::Signed(read!(i16, i64::from))),
        (ItemKind::Signed, 4) => (Kind::Integer, Source::Signed(read!(i32, i64::from))),
        (ItemKind::Signed, 8) => (Kind::Integer, Source::Signed(read!(i64, i64::from))),
        (ItemKind::Unsigned, 1) => (Kind::Integer, Source::Unsigned(read!(u8, u64::from))),
        (ItemKind::Unsigned, 2) => (Kind::Integer, Source::Unsigned(read!(u16, u64::from))),
        (ItemKind::Unsigned, 4) => (Kind::Integer, Source::Unsigned(read!(u32, u64::from))),
        (ItemKind::Unsigned, 8) => (Kind::Integer, Source::Unsigned(read!(u64, u64::from))),
        (ItemKind::Float, 4) => (Kind::Float, Source::Floats(read!(f32, widen))),
        (ItemKind::Float, 8) => (Kind::Float, Source::Floats(read!(f64, f64::from))),
        (ItemKind::Bool, 1) => (Kind::Boolean, Source::Bits(bits(&gather_items(buffer, |bytes| bytes != [0])?))),
        _ => return Err(unsupported(name, &describe(buffer))),
    };
    Ok(Column { name: name.to_owned(), kind, len: buffer.shape()[0], source })
}

/// A bitmap.
pub(super) fn bits(values: &[bool]) -> Vec<u8> {
    let byte = |values: &[bool]| values.iter().rev().fold(0, |byte, &value| byte << 1 | u8::from(value));
    values.chunks(8).map(byte).collect()
}
