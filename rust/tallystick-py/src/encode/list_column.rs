//! Columns that are lists of Python values: their payloads are written when the list is read.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::column::{Column, Kind, Source};
use super::python_value::Values;
use super::table::bits;
use crate::rows::buffer::type_name;
use crate::rows::sequence::items_of;

/// The column of a list or tuple: values of one type, None for null.
///
/// Raises `TypeError` for a value of a type without an encoding or another type than the values before it, `ValueError`
/// for one that has none (text that is not UTF-8, a decimal that is not finite), each with column and row.
pub(super) fn from_list(list: &Bound<'_, PyAny>, name: &str) -> PyResult<Column> {
    let items = items_of(list, "a column")?;
    let mut values = Values::new(list.py())?;
    let mut kind: Option<Kind> = None;
    let mut data = Vec::new();
    let mut offsets = Vec::with_capacity(items.len() + 1);
    let mut valid = Vec::with_capacity(items.len());
    offsets.push([0; 8]);
    for (row, item) in items.iter_borrowed().enumerate() {
        let place = || format!("column {name:?}, row {row}");
        valid.push(!item.is_none());
        if !item.is_none() {
            let found = match values.write(&item, &mut data) {
                Ok(found) => found,
                Err(error) => return Err(with_place(&item, error, &place())),
            };
            let Some(found) = found else {
                let held = type_name(&item);
                return Err(PyTypeError::new_err(format!(
                    "{}: a value of type {held} has no encoding; make it a plain Python value or the column an array",
                    place()
                )));
            };
            match &kind {
                None => kind = Some(found),
                Some(kind) if *kind == found => {}
                Some(kind) => return Err(mixed(kind, &found, &place())),
            }
        }
        offsets.push((data.len() as u64).to_ne_bytes());
    }
    let source = Source::Payloads { offsets, data, valid: bits(&valid) };
    Ok(Column { name: name.to_owned(), kind: kind.unwrap_or(Kind::Null), len: items.len(), source })
}

/// Two types in one column, or two scales or time zones of one type.
fn mixed(kind: &Kind, found: &Kind, place: &str) -> PyErr {
    if kind.class() == found.class() {
        PyValueError::new_err(format!(
            "{place}: {found} after {kind}; a column has one scale or time zone, so convert first"
        ))
    } else {
        PyTypeError::new_err(format!("{place}: {found} after {kind}; a column has one type"))
    }
}

/// A refused value with its place; errors of other classes pass as they are.
fn with_place(item: &Bound<'_, PyAny>, error: PyErr, place: &str) -> PyErr {
    let py = item.py();
    let text = format!("{place}: {}", error.value(py));
    if error.is_instance_of::<PyValueError>(py) {
        PyValueError::new_err(text)
    } else if error.is_instance_of::<PyTypeError>(py) {
        PyTypeError::new_err(text)
    } else {
        error
    }
}
