//! A table, batch by batch: pieces of its columns that have the same rows.

use std::collections::HashMap;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::layout::{Role, TableLayout};
use super::source::{ArrowType, Piece, arrow_type, pieces_of};
use crate::rows::arrow_c::ArrowSchema;
use crate::rows::arrow_import::{Chunk, Chunks, chunks, malformed};
use crate::rows::buffer::type_name;

/// The batches of a table.
pub(super) enum Batches<'py> {
    Stream {
        chunks: Chunks,
        /// Which field each column of the layout is, and its type.
        fields: Vec<(usize, ArrowType)>,
        /// Rows of the batches before.
        rows: usize,
        /// Rows of all batches, or 0.
        expected: usize,
    },
    /// All batches of a mapping of columns, the last one first, and how many rows they have.
    Mapping(Vec<Vec<Piece<'py>>>, usize),
}

impl<'py> Batches<'py> {
    /// The batches of `table`, with the columns of the layout in its order.
    ///
    /// Raises `TypeError` for what is no table and for columns of types that their roles do not take, and `ValueError` for
    /// columns that are missing, not unique by name, or of unequal length.
    pub(super) fn new(table: &Bound<'py, PyAny>, layout: &TableLayout) -> PyResult<Self> {
        let columns = layout.columns();
        if !table.is_instance_of::<PyDict>()
            && let Some(chunks) = chunks(table, "table")?
        {
            return Self::stream(chunks, &columns, length_hint(table));
        }
        if table.hasattr("keys")? && table.hasattr("__getitem__")? {
            return Self::mapping(table, &columns);
        }
        let name = type_name(table);
        Err(PyTypeError::new_err(format!("table must have the Arrow methods or be a mapping of columns, not {name}")))
    }

    fn stream(chunks: Chunks, columns: &[(Role, &str)], expected: usize) -> PyResult<Self> {
        let format = chunks.schema.format();
        if format != "+s" {
            return Err(PyTypeError::new_err(format!(
                "table must yield structs, a field a column, not Arrow format {format:?}; a column alone goes in a mapping"
            )));
        }
        let there: Vec<&str> = chunks.schema.fields().map(ArrowSchema::name).collect();
        let places = places(&there, columns)?;
        let mut fields = Vec::with_capacity(columns.len());
        for (&place, &(role, name)) in places.iter().zip(columns) {
            let Some(field) = chunks.schema.fields().nth(place) else { continue };
            fields.push((place, arrow_type(field, role, name)?));
        }
        Ok(Self::Stream { chunks, fields, rows: 0, expected })
    }

    fn mapping(table: &Bound<'py, PyAny>, columns: &[(Role, &str)]) -> PyResult<Self> {
        let keys = table.call_method0("keys")?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        // Names that are not text are not asked for.
        let there: Vec<String> = keys
            .iter()
            .map(|key| key.cast::<PyString>().map_or_else(|_| Ok(String::new()), |name| name.extract()))
            .collect::<PyResult<_>>()?;
        let names: Vec<&str> = there.iter().map(String::as_str).collect();
        let mut read = Vec::with_capacity(columns.len());
        for (place, &(role, name)) in places(&names, columns)?.into_iter().zip(columns) {
            read.push(pieces_of(&table.get_item(&keys[place])?, role, name)?);
        }
        let length = |pieces: &[Piece<'_>]| pieces.iter().map(Piece::len).sum::<usize>();
        let lengths: Vec<usize> = read.iter().map(|pieces| length(pieces)).collect();
        let rows = lengths.first().copied().unwrap_or(0);
        if let Some(place) = lengths.iter().position(|length| *length != rows) {
            return Err(PyValueError::new_err(format!(
                "columns have different lengths: {:?} has {rows} rows, {:?} has {}",
                columns[0].1, columns[place].1, lengths[place]
            )));
        }
        Ok(Self::Mapping(aligned(read), rows))
    }

    /// Number of rows as far as it is known before they are read; a hint.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Stream { expected, .. } => *expected,
            Self::Mapping(_, rows) => *rows,
        }
    }

    /// The next batch: a piece of each column. The batch before must be gone by now.
    pub(super) fn next(&mut self, py: Python<'_>) -> PyResult<Option<Vec<Piece<'py>>>> {
        match self {
            Self::Mapping(batches, _) => Ok(batches.pop()),
            Self::Stream { chunks, fields, rows, .. } => {
                let Some(chunk) = chunks.next(py, "table")? else { return Ok(None) };
                let fault = |why: String| malformed("table", &why);
                let valid = chunk.validity().map_err(fault)?;
                if let Some(null) = valid.and_then(|valid| valid.first_unset(chunk.len)) {
                    return Err(PyValueError::new_err(format!("row {} of the table is null as a whole", *rows + null)));
                }
                *rows += chunk.len;
                let piece = |chunk: &Chunk, (place, kind): (usize, ArrowType)| Piece::arrow(kind, chunk.field(place)?);
                let pieces = fields.iter().map(|field| piece(&chunk, *field));
                pieces.collect::<Result<_, _>>().map(Some).map_err(fault)
            }
        }
    }
}

/// How many rows an object says it has, where asking costs nothing: the length of a lazy one may be a computation.
fn length_hint(table: &Bound<'_, PyAny>) -> usize {
    let rows = if type_name(table).starts_with("pandas.") {
        table.len().ok()
    } else {
        let number = |name| table.getattr(name).ok()?.extract().ok();
        number("num_rows").or_else(|| number("height"))
    };
    rows.unwrap_or(0)
}

/// Where the columns are among those that there are.
fn places(there: &[&str], columns: &[(Role, &str)]) -> PyResult<Vec<usize>> {
    /// Names that a message lists.
    const LISTED: usize = 100;
    let mut found = HashMap::new();
    for (place, name) in there.iter().enumerate() {
        found.entry(*name).or_insert_with(Vec::new).push(place);
    }
    let missing: Vec<_> = columns.iter().map(|(_, name)| *name).filter(|name| !found.contains_key(name)).collect();
    if !missing.is_empty() {
        let what = if let [one] = missing[..] { format!("column {one:?}") } else { format!("columns {missing:?}") };
        let more = if there.len() > LISTED { " and more" } else { "" };
        let listed = &there[..there.len().min(LISTED)];
        return Err(PyValueError::new_err(format!("the table has no {what}; it has {listed:?}{more}")));
    }
    let mut places = Vec::with_capacity(columns.len());
    for (_, name) in columns {
        match found.get(name).map(Vec::as_slice) {
            Some([place]) => places.push(*place),
            _ => return Err(PyValueError::new_err(format!("the table has several columns {name:?}"))),
        }
    }
    Ok(places)
}

/// Batches of columns of one length that were cut in different places; the last batch first.
fn aligned(columns: Vec<Vec<Piece<'_>>>) -> Vec<Vec<Piece<'_>>> {
    let mut cuts = vec![0];
    for pieces in &columns {
        let mut end = 0;
        cuts.extend(pieces.iter().map(|piece| {
            end += piece.len();
            end
        }));
    }
    cuts.sort_unstable();
    cuts.dedup();
    let mut batches = Vec::with_capacity(cuts.len());
    // Piece and rows of it that are used up, of each column.
    let mut at = vec![(0, 0); columns.len()];
    for cut in cuts.windows(2) {
        let rows = cut[1] - cut[0];
        let mut batch = Vec::with_capacity(columns.len());
        for (pieces, (piece, used)) in columns.iter().zip(&mut at) {
            while pieces.get(*piece).is_some_and(|whole| whole.len() == *used) {
                (*piece, *used) = (*piece + 1, 0);
            }
            if let Some(whole) = pieces.get(*piece) {
                batch.push(whole.slice(*used..*used + rows));
                *used += rows;
            }
        }
        batches.push(batch);
    }
    batches.reverse();
    batches
}
