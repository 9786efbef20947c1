//! Encoded rows: one buffer with an offset a row.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyTuple};
use tallystick_tree::leaves::Block;

use super::arrow_bytes::even;
use super::export;
use super::sequence::sequence_iterator;

/// The leaves of the rows of a table.
pub(crate) struct Encoded {
    /// One row behind the other.
    pub(crate) data: Vec<u8>,
    /// Row i is `data[offsets[i]..offsets[i + 1]]`; never empty, ascending, and the last is the length of `data`.
    pub(crate) offsets: Vec<u64>,
}

impl Encoded {
    /// No rows yet, and room for as many of so many cells, none of which has less than 5 bytes; `None` where the system
    /// does not have the memory.
    pub(crate) fn with_room(rows: usize, cells: usize) -> Option<Self> {
        let (mut data, mut offsets) = (Vec::new(), Vec::new());
        data.try_reserve_exact(rows.checked_mul(cells)?.checked_mul(5)?).ok()?;
        offsets.try_reserve_exact(rows.checked_add(1)?).ok()?;
        offsets.push(0);
        Some(Self { data, offsets })
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Some rows, for hashing.
    pub(super) fn block(&self, range: Range<usize>) -> Block<'_> {
        match even(range.clone(), |row| self.offsets[row] as usize) {
            Some((bytes, width)) => Block::Fixed { data: Cow::Borrowed(&self.data[bytes]), width },
            None => Block::Ragged(range.map(|index| self.row(index)).collect::<Vec<_>>().into()),
        }
    }

    /// Row `index`, which is less than `len()`.
    pub(crate) fn row(&self, index: usize) -> &[u8] {
        &self.data[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }
}

/// The leaves that `encode_rows` made of a table: a read-only sequence of `bytes`, and rows for every function that
/// takes `Rows`, which read them in place.
///
/// Indexing makes one `bytes` object; `pyarrow.array(rows)` and other users of the Arrow C data interface share the
/// memory.
///
/// >>> import tallystick as ts
/// >>> rows = ts.encode_rows({"paid": [True, False]})
/// >>> len(rows), rows[-1].hex()
/// (2, '060100000000')
/// >>> ts.head_of(rows) == ts.head_of(list(rows))
/// True
#[pyclass(frozen, sequence, module = "tallystick")]
pub(crate) struct EncodedRows(Arc<Encoded>);

impl EncodedRows {
    pub(crate) fn new(encoded: Encoded) -> Self {
        Self(Arc::new(encoded))
    }

    /// The rows, shared.
    pub(crate) fn share(&self) -> Arc<Encoded> {
        Arc::clone(&self.0)
    }
}

#[pymethods]
impl EncodedRows {
    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// The bytes of one leaf; a negative index counts from the end. Raises `IndexError` outside, `TypeError` for a
    /// slice.
    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = index.py();
        if index.is_instance_of::<PyBool>() {
            return Err(PyTypeError::new_err("an index must be an integer, not bool"));
        }
        // SAFETY: both objects are live and the thread is attached; an error is told by the error indicator.
        let place = unsafe { pyo3::ffi::PyNumber_AsSsize_t(index.as_ptr(), pyo3::ffi::PyExc_IndexError) };
        if place == -1
            && let Some(error) = PyErr::take(py)
        {
            return Err(error);
        }
        let len = self.0.len();
        let place = if place < 0 { len.checked_add_signed(place) } else { usize::try_from(place).ok() };
        match place.filter(|&place| place < len) {
            Some(place) => Ok(PyBytes::new(py, self.0.row(place))),
            None => Err(PyIndexError::new_err(format!("index {index} is outside of {len} rows"))),
        }
    }

    /// The leaves in order.
    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        sequence_iterator(slf.as_any())
    }

    fn __repr__(&self) -> String {
        format!("<tallystick.EncodedRows of {} rows, {} bytes>", self.0.len(), self.0.data.len())
    }

    /// The leaves as an Arrow array of type large binary: the capsules of the Arrow C data interface. No bytes are
    /// copied. A requested schema is not followed, as the interface allows: large binary is the only form.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let _ = requested_schema;
        export::capsules(py, self.share())
    }
}
