//! Arrays handed to Python: NumPy views of Rust memory, never copied and never writable.
//!
//! A [`SharedBuffer`] owns the memory and offers it by the buffer protocol as read-only; `numpy.asarray` makes an array
//! on top of it. NumPy cannot make such an array writable, because the object below it is not.

use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::Arc;

use pyo3::exceptions::{PyBufferError, PyValueError};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A type of array items.
pub(crate) trait Item: Copy + Send + Sync + 'static {
    /// Its code in the formats of the buffer protocol.
    const FORMAT: &'static CStr;
}

impl Item for u8 {
    const FORMAT: &'static CStr = c"B";
}

impl Item for u64 {
    const FORMAT: &'static CStr = c"Q";
}

impl Item for bool {
    const FORMAT: &'static CStr = c"?";
}

/// Read-only memory of the library, offered by the buffer protocol.
#[pyclass(frozen, name = "_Buffer", module = "tallystick._core")]
pub(crate) struct SharedBuffer {
    /// Keeps the items.
    _owner: Arc<dyn Any + Send + Sync>,
    data: NonNull<c_void>,
    format: &'static CStr,
    item_size: ffi::Py_ssize_t,
    dimensions: c_int,
    /// Total bytes, and per dimension items and bytes from one to the next.
    bytes: ffi::Py_ssize_t,
    shape: [ffi::Py_ssize_t; 2],
    strides: [ffi::Py_ssize_t; 2],
}

// SAFETY: `data` leads to items that the owner keeps and nobody changes.
unsafe impl Send for SharedBuffer {}
// SAFETY: as above.
unsafe impl Sync for SharedBuffer {}

#[pymethods]
impl SharedBuffer {
    /// The buffer protocol, read-only.
    ///
    /// # Safety
    /// Called by the interpreter with a `view` to fill.
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if flags & ffi::PyBUF_WRITABLE == ffi::PyBUF_WRITABLE {
            return Err(PyBufferError::new_err("arrays of this library are read-only; copy one to change it"));
        }
        let this = slf.get();
        let wants = |flag: c_int| flags & flag == flag;
        // SAFETY: the interpreter passes a struct that may be written to.
        let view = unsafe { &mut *view };
        view.buf = this.data.as_ptr();
        view.len = this.bytes;
        view.readonly = 1;
        view.itemsize = this.item_size;
        view.ndim = this.dimensions;
        // The interpreter only reads through these pointers, and holds the object, which never moves, meanwhile.
        view.format =
            if wants(ffi::PyBUF_FORMAT) { this.format.as_ptr().cast_mut() } else { std::ptr::null_mut::<c_char>() };
        view.shape = if wants(ffi::PyBUF_ND) { this.shape.as_ptr().cast_mut() } else { std::ptr::null_mut() };
        view.strides = if wants(ffi::PyBUF_STRIDES) { this.strides.as_ptr().cast_mut() } else { std::ptr::null_mut() };
        view.suboffsets = std::ptr::null_mut();
        view.internal = std::ptr::null_mut();
        view.obj = slf.into_any().into_ptr();
        Ok(())
    }
}

/// The items that `select` finds in `owner` as a read-only NumPy array: of shape `(n,)` without `width`, else
/// `(n / width, width)`.
///
/// Copies nothing. Raises `ValueError` when `width` does not divide the number of items.
pub(crate) fn array_of<'py, T, E>(
    py: Python<'py>,
    owner: Arc<T>,
    select: impl for<'a> FnOnce(&'a T) -> &'a [E],
    width: Option<usize>,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + Sync + 'static,
    E: Item,
{
    let items = select(&owner);
    let rows = match width {
        None => items.len(),
        Some(width) if width != 0 && items.len().is_multiple_of(width) => items.len() / width,
        Some(width) => return Err(PyValueError::new_err(format!("{} items are no rows of {width}", items.len()))),
    };
    // No slice has more than isize::MAX bytes, so none of these wraps; a width is at most that where there are rows.
    let size = |items: usize| ffi::Py_ssize_t::try_from(items).unwrap_or(ffi::Py_ssize_t::MAX);
    let item_size = size(size_of::<E>());
    let row_size = size(width.unwrap_or(1).saturating_mul(size_of::<E>()));
    let buffer = SharedBuffer {
        data: NonNull::from(items).cast(),
        format: E::FORMAT,
        item_size,
        dimensions: if width.is_some() { 2 } else { 1 },
        bytes: size(size_of_val(items)),
        shape: [size(rows), size(width.unwrap_or(1))],
        strides: [row_size, item_size],
        _owner: owner,
    };
    as_array(py, Bound::new(py, buffer)?.as_any())
}

/// Rows of bytes, such as digests, as a `(k, width)` array of uint8.
pub(crate) fn bytes_2d(py: Python<'_>, data: impl Into<Arc<Vec<u8>>>, width: usize) -> PyResult<Bound<'_, PyAny>> {
    array_of(py, data.into(), |data| data.as_slice(), Some(width))
}

/// Numbers, such as offsets, as a `(k,)` array of uint64.
pub(crate) fn u64_1d(py: Python<'_>, data: impl Into<Arc<Vec<u64>>>) -> PyResult<Bound<'_, PyAny>> {
    array_of(py, data.into(), |data| data.as_slice(), None)
}

/// Rows of numbers, such as nodes, as a `(k, width)` array of uint64.
pub(crate) fn u64_2d(py: Python<'_>, data: impl Into<Arc<Vec<u64>>>, width: usize) -> PyResult<Bound<'_, PyAny>> {
    array_of(py, data.into(), |data| data.as_slice(), Some(width))
}

/// Verdicts as a `(k,)` array of bool.
pub(crate) fn bool_1d(py: Python<'_>, data: impl Into<Arc<Vec<bool>>>) -> PyResult<Bound<'_, PyAny>> {
    array_of(py, data.into(), |data| data.as_slice(), None)
}

/// `numpy.asarray(obj)`; NumPy is imported on the first call.
fn as_array<'py>(py: Python<'py>, obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static AS_ARRAY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let call = AS_ARRAY
        .get_or_try_init(py, || py.import(intern!(py, "numpy"))?.getattr(intern!(py, "asarray")).map(Bound::unbind))?;
    call.bind(py).call1((obj,))
}
