//! Rows of a `(n, width)` array of bytes, read in place.

use std::borrow::Cow;
use std::ops::Range;

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use tallystick_tree::leaves::Block;

use super::buffer::{Kind, describe};

/// A C-contiguous two-dimensional buffer of bytes; `width` is not zero.
pub(super) struct FixedBuffer {
    buffer: PyUntypedBuffer,
    rows: usize,
    width: usize,
}

impl FixedBuffer {
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn row(&self, index: usize) -> &[u8] {
        &self.bytes()[index * self.width..(index + 1) * self.width]
    }

    pub(super) fn block(&self, range: Range<usize>) -> Block<'_> {
        let data = Cow::Borrowed(&self.bytes()[range.start * self.width..range.end * self.width]);
        Block::Fixed { data, width: self.width }
    }

    fn bytes(&self) -> &[u8] {
        if self.rows == 0 {
            return &[];
        }
        // SAFETY: the buffer is C-contiguous and has `rows * width` bytes (checked on extraction), which its exporter
        // keeps in place while `self.buffer` lives. Nothing writes to them meanwhile: see the head of `rows`.
        unsafe { std::slice::from_raw_parts(self.buffer.buf_ptr().cast::<u8>(), self.rows * self.width) }
    }
}

/// The rows of `buffer`, or why it has none.
pub(super) fn from_buffer(buffer: PyUntypedBuffer, what: &str) -> PyResult<FixedBuffer> {
    let refuse = |remedy: &str| {
        let held = describe(&buffer);
        Err(PyTypeError::new_err(format!(
            "{what} must be a C-contiguous (n, width) array of uint8, not {held}; {remedy}"
        )))
    };
    if Kind::of(&buffer) != Kind::Unsigned || buffer.item_size() != 1 {
        return refuse("convert it to bytes explicitly, nothing is rounded or reinterpreted here");
    }
    let &[rows, width] = buffer.shape() else {
        return refuse("one leaf is given in a list: [data], many of one width by reshape(n, width)");
    };
    if !buffer.is_c_contiguous() {
        return refuse("use numpy.ascontiguousarray");
    }
    if width == 0 {
        return Err(PyValueError::new_err(format!(
            "{what} has shape ({rows}, 0): rows of width 0 cannot be told from a mistake; empty leaves go in a list"
        )));
    }
    if rows.checked_mul(width) != Some(buffer.len_bytes()) {
        return refuse("its length contradicts its shape");
    }
    Ok(FixedBuffer { buffer, rows, width })
}
