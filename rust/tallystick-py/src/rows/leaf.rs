//! One leaf: anything with a contiguous buffer.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use super::buffer::{open, type_name};

/// Buffers up to this size are copied: writers cannot disturb a copy, and it costs less than holding the buffer.
const COPIED: usize = 64 * 1024;

/// The bytes of one leaf, readable without the GIL for as long as the value lives.
pub(crate) struct LeafBytes(Source);

enum Source {
    /// A `bytes` object, which never changes, and its bytes.
    Bytes(#[expect(dead_code, reason = "keeps the bytes alive")] Py<PyBytes>, &'static [u8]),
    Copied(Box<[u8]>),
    /// A C-contiguous buffer.
    Held(PyUntypedBuffer),
}

impl std::ops::Deref for LeafBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Source::Bytes(_, bytes) => bytes,
            Source::Copied(bytes) => bytes,
            // SAFETY: the buffer was found valid by `bytes_of` when it was stored, and is held.
            Source::Held(buffer) => unsafe { raw_bytes(buffer) },
        }
    }
}

/// The bytes of `obj`, any object with a C-contiguous buffer.
///
/// `bytes` are borrowed, other buffers copied up to 64 KiB and held above: those must not be written to meanwhile.
/// Raises `TypeError` for anything else: text, numbers (also NumPy scalars), strided arrays, arrays of objects.
pub(crate) fn extract_leaf(obj: &Bound<'_, PyAny>) -> PyResult<LeafBytes> {
    extract_bytes(obj, "a leaf")
}

/// The same for bytes that messages call `what`.
pub(crate) fn extract_bytes(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<LeafBytes> {
    if let Ok(bytes) = obj.cast::<PyBytes>() {
        // SAFETY: `bytes` objects never change or move, and the reference that is stored beside the slice keeps this
        // one.
        let slice = unsafe { std::mem::transmute::<&[u8], &'static [u8]>(bytes.as_bytes()) };
        return Ok(LeafBytes(Source::Bytes(bytes.clone().unbind(), slice)));
    }
    let Some(buffer) = open_leaf(obj, &what)? else {
        let name = type_name(obj);
        let remedy = if name == "str" { "; use .encode(), or bytes.fromhex for hex" } else { "" };
        return Err(PyTypeError::new_err(format!("{what} must be bytes-like, not {name}{remedy}")));
    };
    // SAFETY: `open_leaf` returns contiguous buffers only.
    let bytes = unsafe { raw_bytes(&buffer) };
    let source = if bytes.len() <= COPIED { Source::Copied(bytes.into()) } else { Source::Held(buffer) };
    Ok(LeafBytes(source))
}

/// The buffer of `obj` if its bytes can be a leaf: contiguous, of one dimension or more, and not of objects.
///
/// `None` when it has no buffer, or is text or a scalar, whose buffer is an accident of their memory layout.
pub(super) fn open_leaf(obj: &Bound<'_, PyAny>, what: &dyn std::fmt::Display) -> PyResult<Option<PyUntypedBuffer>> {
    if obj.is_instance_of::<PyString>() {
        return Ok(None);
    }
    let Some(buffer) = open(obj, what)? else { return Ok(None) };
    if buffer.dimensions() == 0 || is_numpy_scalar(obj) {
        return Ok(None);
    }
    // Pointers are no data, wherever in a record they are. (A field name with an O in it is a small loss.)
    if buffer.format().to_bytes().contains(&b'O') {
        return Err(PyTypeError::new_err(format!("{what}: an array of Python objects has no bytes of its own")));
    }
    if !buffer.is_c_contiguous() {
        return Err(PyTypeError::new_err(format!("{what}: the buffer is not contiguous; use numpy.ascontiguousarray")));
    }
    Ok(Some(buffer))
}

/// Dates of NumPy have a buffer of one dimension, though they are scalars.
fn is_numpy_scalar(obj: &Bound<'_, PyAny>) -> bool {
    let usual = obj.is_instance_of::<PyByteArray>() || obj.is_instance_of::<PyMemoryView>();
    !usual && matches!(type_name(obj).as_str(), "numpy.datetime64" | "numpy.timedelta64")
}

/// The memory of a buffer.
///
/// # Safety
/// The buffer is C-contiguous, and nothing writes to it while the slice is used (the head of `rows` says who promises).
pub(super) unsafe fn raw_bytes(buffer: &PyUntypedBuffer) -> &[u8] {
    match buffer.len_bytes() {
        0 => &[],
        // SAFETY: a contiguous buffer has `len_bytes` bytes at `buf_ptr`, kept in place while `buffer` lives.
        len => unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), len) },
    }
}
