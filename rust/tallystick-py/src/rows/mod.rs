//! Rows of leaf data as Python hands them over: arrays, sequences and Arrow columns, read in place.
//!
//! One extractor serves every function that takes rows. What it returns owns all it reads from, is shared by threads
//! and needs no GIL. Nothing here hashes, nothing here knows trees; tables are in [`crate::encode`].
//!
//! The memory of NumPy arrays and Arrow columns is borrowed, not copied. Python code that writes to it while a call
//! runs without the GIL gets a root of some mixture of old and new bytes: the documentation of `Rows` forbids it. Items
//! of a sequence that can change (`bytearray`, `memoryview`) are copied, and `bytes` cannot change.

mod arrow_rows;
mod export;
mod fixed;
mod leaf;

pub(crate) mod arrow_bytes;
pub(crate) mod arrow_c;
pub(crate) mod arrow_import;
pub(crate) mod bitmap;
pub(crate) mod buffer;
pub(crate) mod encoded;
pub(crate) mod sequence;

use std::ops::Range;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyList, PyMemoryView, PyString, PyTuple};
use tallystick_tree::leaves::{Block, Leaves};

pub(crate) use leaf::{LeafBytes, extract_bytes, extract_leaf};

use encoded::{Encoded, EncodedRows};

/// Rows that stay readable, from any thread and without the GIL, for as long as the value lives.
///
/// Dropping it may take the GIL for a moment, so drop it where no lock is held that a Python thread may wait for.
pub(crate) struct RowsInput(Form);

enum Form {
    /// A `(n, width)` array.
    Fixed(fixed::FixedBuffer),
    /// A sequence of bytes-like objects.
    Sequence(sequence::SequenceRows),
    /// A binary column in chunks.
    Arrow(arrow_rows::ArrowRows),
    /// Rows that `encode_rows` made.
    Encoded(Arc<Encoded>),
}

impl RowsInput {
    /// Row `index`, which is less than `len()`.
    pub(crate) fn row(&self, index: usize) -> &[u8] {
        match &self.0 {
            Form::Fixed(rows) => rows.row(index),
            Form::Sequence(rows) => rows.views()[index],
            Form::Arrow(rows) => rows.row(index),
            Form::Encoded(rows) => rows.row(index),
        }
    }
}

impl Leaves for RowsInput {
    fn len(&self) -> usize {
        match &self.0 {
            Form::Fixed(rows) => rows.len(),
            Form::Sequence(rows) => rows.views().len(),
            Form::Arrow(rows) => rows.len(),
            Form::Encoded(rows) => rows.len(),
        }
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        match &self.0 {
            Form::Fixed(rows) => rows.block(range),
            Form::Sequence(rows) => Block::Ragged(rows.views()[range].into()),
            Form::Arrow(rows) => rows.block(range),
            Form::Encoded(rows) => rows.block(range),
        }
    }
}

/// The rows of `obj`, which messages call `what`.
///
/// Takes every form of `Rows`. An object that offers several is read by its buffer, else by Arrow, else as a sequence.
/// Costs nothing a row for arrays, one check a row for Arrow columns, 16 bytes and one check a row for sequences.
///
/// Raises `TypeError` for anything that is not rows, `ValueError` for an array of width 0 or a column with nulls.
pub(crate) fn extract_rows(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<RowsInput> {
    let form = if obj.is_exact_instance_of::<PyList>() || obj.is_exact_instance_of::<PyTuple>() {
        Form::Sequence(sequence::from_sequence(obj, what)?)
    } else if let Ok(rows) = obj.cast::<EncodedRows>() {
        Form::Encoded(rows.get().share())
    } else if is_one_leaf(obj) {
        let name = buffer::type_name(obj);
        return Err(PyTypeError::new_err(format!("{what}: {name} is one leaf, not rows; wrap it in a list: [data]")));
    } else if obj.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!(
            "{what} must be rows of bytes, not str; encode it and wrap it in a list"
        )));
    } else if let Some(buffer) = buffer::open(obj, &what)? {
        Form::Fixed(fixed::from_buffer(buffer, what)?)
    } else if let Some(column) = arrow_import::import(obj, what)? {
        Form::Arrow(arrow_rows::from_column(column, what)?)
    } else {
        Form::Sequence(sequence::from_sequence(obj, what)?)
    };
    Ok(RowsInput(form))
}

/// Whether `obj` is bytes-like itself: the mistake of giving one leaf where rows are wanted.
fn is_one_leaf(obj: &Bound<'_, PyAny>) -> bool {
    obj.is_instance_of::<PyBytes>()
        || obj.is_instance_of::<PyByteArray>()
        || (obj.is_instance_of::<PyMemoryView>()
            && obj.getattr("ndim").is_ok_and(|n| n.extract().is_ok_and(|n: u8| n == 1)))
}
