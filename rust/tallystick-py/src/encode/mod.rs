//! Rows of a table as leaves: the encoding of `docs/spec/rows.md`.
//!
//! [`table`] finds the columns of whatever is given as a table, [`cells`] reads and writes cells, [`encoder`] walks the
//! rows. The result is in [`crate::rows::encoded`]. Nothing here hashes.

#![allow(clippy::doc_link_with_quotes, reason = "the examples have Python lists of strings")]

pub(crate) mod arrow_column;
mod cells;
pub(crate) mod column;
mod encoder;
mod list_column;
pub(crate) mod numbers;
mod python_value;
mod table;

use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use tallystick_tree::leaves::Leaves as _;

use crate::rows::encoded::{Encoded, EncodedRows};
use crate::rows::{RowsInput, extract_rows};

/// The leaves of the rows of `table`, in the encoding of `docs/spec/rows.md`: injective, nothing is rounded, trimmed or
/// normalised.
///
/// `table` is anything with `__arrow_c_stream__` or `__arrow_c_array__` that yields structs (a pyarrow, Polars, pandas
/// or DuckDB table), or a mapping of names to columns of one length. A column of a mapping is
///
/// - anything with the Arrow methods;
/// - a one-dimensional NumPy array of integers, float32, float64 or bool;
/// - a list or tuple of Python values of one type, and None for null: `bytes`, `str`, `int` of any size, `float`,
///   `bool`, `datetime.date`, `datetime.datetime`, `decimal.Decimal`. Decimals of a column have one number of digits
///   after the point. Datetimes count microseconds, and have no time zone or one for all: `timezone.utc` is written as
///   `UTC`, other fixed offsets as `+02:00`, a `ZoneInfo` by its key.
///
/// `columns` names the columns to take, in their order; None takes all. With `salts`, rows of 16 random bytes each, a
/// leaf is its salt and then its row: a neighbour's digest in a proof then is no test for guesses of that row. Keep the
/// salts.
///
/// Raises `TypeError` for a column of another type (float16, list, struct, dictionary, time, duration: cast it first),
/// and `ValueError` for columns that are missing, repeated or of unequal length, for a mapping without columns, for
/// text that is not UTF-8, for a date in milliseconds that is not a whole day, and for salts of another width or
/// number.
///
/// Costs time in the number of cells, none of which becomes a Python object, and the memory of the result.
///
/// >>> import tallystick as ts
/// >>> rows = ts.encode_rows({"name": ["alice"], "amount": [12], "note": [None]})
/// >>> rows[0].hex(" ", -5)
/// '0205000000 616c696365 0302000000 3132000000 0000'
/// >>> ts.encode_rows({"a": [1], "b": [2]}, ["b"])[0].hex()
/// '030100000032'
#[pyfunction]
#[pyo3(signature = (table, columns=None, *, salts=None))]
pub(crate) fn encode_rows(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    columns: Option<&Bound<'_, PyAny>>,
    salts: Option<&Bound<'_, PyAny>>,
) -> PyResult<EncodedRows> {
    let table = table::gather(table, columns)?;
    let salts = salts.map(|salts| extract_rows(salts, "salts")).transpose()?;
    if let Some(salts) = &salts {
        py.detach(|| check_salts(salts, table.rows)).map_err(PyValueError::new_err)?;
    }
    let room = Encoded::with_room(table.rows, table.columns.len()).ok_or_else(|| PyMemoryError::new_err(()))?;
    let mut encoder =
        py.detach(|| encoder::Encoder::new(&table, salts.as_ref(), room)).map_err(PyValueError::new_err)?;
    while py.detach(|| encoder.block()).map_err(PyValueError::new_err)? {
        py.check_signals()?;
    }
    Ok(EncodedRows::new(encoder.finish()))
}

/// The columns that `encode_rows` takes of `table`, as a list of name and type text, in order.
///
/// The text is `binary`, `text`, `integer`, `decimal:<scale>`, `float`, `boolean`, `date`,
/// `timestamp:<s|ms|us|ns>:<time zone>` or `null`: what the cells of the column are in the encoding, whatever their
/// width. Takes and raises what `encode_rows` does; reads no cell of an Arrow column.
///
/// >>> from tallystick import _core
/// >>> _core.table_schema({"id": ["a"], "paid": [True]})
/// [('id', 'text'), ('paid', 'boolean')]
#[pyfunction]
#[pyo3(signature = (table, columns=None))]
pub(crate) fn table_schema(
    table: &Bound<'_, PyAny>,
    columns: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<(String, String)>> {
    let table = table::gather(table, columns)?;
    Ok(table.columns.into_iter().map(|column| (column.name, column.kind.to_string())).collect())
}

/// The salts of `count` rows: rows of 16 bytes.
fn check_salts(salts: &RowsInput, count: usize) -> Result<(), String> {
    if salts.len() != count {
        return Err(format!("there are {} salts for {count} rows; each row has one", salts.len()));
    }
    match (0..count).find(|&index| salts.row(index).len() != 16) {
        Some(index) => Err(format!("salts[{index}] has {} bytes; a salt has 16", salts.row(index).len())),
        None => Ok(()),
    }
}
