//! The buffer protocol: opening a buffer, and what its items are.

use std::fmt::{Display, Write as _};
use std::ops::Range;

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

/// The kind of the items of a buffer, read from its `struct` format; their size is the buffer's item size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unsigned,
    Signed,
    Float,
    Bool,
    /// Numbers of more than one byte in the other byte order.
    Swapped,
    /// Objects, records, text and whatever else.
    Other,
}

impl Kind {
    /// The kind of the items of `buffer`.
    pub(crate) fn of(buffer: &PyUntypedBuffer) -> Self {
        let (order, code) = match buffer.format().to_bytes() {
            [code] => (b'@', *code),
            [order @ (b'@' | b'=' | b'<' | b'>' | b'!'), code] => (*order, *code),
            _ => return Self::Other,
        };
        let swapped = match order {
            b'<' => cfg!(target_endian = "big"),
            b'>' | b'!' => cfg!(target_endian = "little"),
            _ => false,
        };
        let kind = match code {
            b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' => Self::Unsigned,
            b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => Self::Signed,
            b'e' | b'f' | b'd' | b'g' => Self::Float,
            b'?' => Self::Bool,
            _ => Self::Other,
        };
        if swapped && buffer.item_size() > 1 && kind != Self::Other { Self::Swapped } else { kind }
    }
}

/// The buffer of `obj`, or `None` when it offers none. A buffer that cannot be had is a `TypeError` that begins with
/// `what`.
pub(crate) fn open(obj: &Bound<'_, PyAny>, what: &dyn Display) -> PyResult<Option<PyUntypedBuffer>> {
    // SAFETY: `obj` is a live object and the thread is attached.
    if unsafe { pyo3::ffi::PyObject_CheckBuffer(obj.as_ptr()) } == 0 {
        return Ok(None);
    }
    let py = obj.py();
    if type_name(obj).starts_with("numpy.ma.") {
        return Err(PyTypeError::new_err(format!("{what}: a masked array's mask would be lost; use its filled()")));
    }
    let is_refusal =
        |error: &PyErr| error.is_instance_of::<PyBufferError>(py) || error.is_instance_of::<PyValueError>(py);
    let opened = PyUntypedBuffer::get(obj).or_else(|error| {
        // Exporters may leave strides out where they are plain (ctypes does); a memoryview puts them in.
        let view = if is_refusal(&error) { PyMemoryView::from(obj).ok() } else { None };
        view.and_then(|view| PyUntypedBuffer::get(&view).ok()).ok_or(error)
    });
    opened.map(Some).map_err(|error| {
        if !is_refusal(&error) {
            return error;
        }
        let name = type_name(obj);
        // What the binding says of a buffer without dimensions, such as that of a NumPy scalar.
        let refused = if error.value(py).to_string() == "shape is null" {
            PyTypeError::new_err(format!("{what}: {name} is a scalar, not bytes or an array"))
        } else {
            PyTypeError::new_err(format!("{what}: the buffer of {name} cannot be read: {}", error.value(py)))
        };
        refused.set_cause(py, Some(error));
        refused
    })
}

/// What a buffer holds, for messages: `float64 of shape (3, 4)`.
pub(crate) fn describe(buffer: &PyUntypedBuffer) -> String {
    let bits = buffer.item_size().saturating_mul(8);
    let mut text = match Kind::of(buffer) {
        Kind::Unsigned => format!("uint{bits}"),
        Kind::Signed => format!("int{bits}"),
        Kind::Float => format!("float{bits}"),
        Kind::Bool => "bool".to_owned(),
        Kind::Swapped => format!("swapped byte order (format {:?})", buffer.format().to_string_lossy()),
        Kind::Other => format!("format {:?}", buffer.format().to_string_lossy()),
    };
    let shape: Vec<String> = buffer.shape().iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    // Writing to a String cannot fail.
    let _ = write!(text, " of shape ({}{comma})", shape.join(", "));
    text
}

/// The name of the type of `obj`, for messages. It is read and not formatted by Python, which would look for signals in
/// between and lose what their handlers raise.
pub(crate) fn type_name(obj: &Bound<'_, PyAny>) -> String {
    let kind = obj.get_type();
    let text = |name| kind.getattr(name).ok()?.extract::<String>().ok();
    let name = text(intern!(obj.py(), "__qualname__")).unwrap_or_else(|| "?".to_owned());
    match text(intern!(obj.py(), "__module__")) {
        Some(module) if module != "builtins" && module != "__main__" => format!("{module}.{name}"),
        _ => name,
    }
}

/// A copy of the items of a one-dimensional buffer, whatever its stride.
///
/// `read` turns the bytes of one item into a value; it is given exactly `item_size()` bytes.
pub(crate) fn gather<T>(buffer: &PyUntypedBuffer, read: impl Fn(&[u8]) -> T) -> PyResult<Vec<T>> {
    gather_range(buffer, 0..buffer.shape().first().copied().unwrap_or(0), read)
}

/// The same for some of the items.
pub(crate) fn gather_range<T>(
    buffer: &PyUntypedBuffer,
    range: Range<usize>,
    read: impl Fn(&[u8]) -> T,
) -> PyResult<Vec<T>> {
    let (&[len], &[stride], size) = (buffer.shape(), buffer.strides(), buffer.item_size()) else {
        return Err(PyTypeError::new_err(format!("need one dimension, not {}", describe(buffer))));
    };
    if buffer.suboffsets().is_some() {
        return Err(PyTypeError::new_err("a buffer of pointers cannot be read; copy it first"));
    }
    let (first, last) = (range.start.min(len), range.end.min(len));
    let mut values = Vec::new();
    values.try_reserve_exact(last.saturating_sub(first)).map_err(|_| pyo3::exceptions::PyMemoryError::new_err(()))?;
    let start = buffer.buf_ptr().cast::<u8>().cast_const();
    let whole = isize::try_from(size).is_ok_and(|size| size == stride);
    if first >= last || size == 0 {
        return Ok(values);
    }
    if whole {
        // SAFETY: the exporter promises `len` items of `size` bytes that lie one behind the other, and keeps them there
        // while `buffer` lives.
        let bytes = unsafe { std::slice::from_raw_parts(start, len * size) };
        values.extend(bytes[first * size..last * size].chunks_exact(size).map(read));
        return Ok(values);
    }
    // An index of an item fits, as its bytes have addresses.
    let mut item = start.wrapping_offset(stride.wrapping_mul(first.cast_signed()));
    for _ in first..last {
        // SAFETY: the exporter promises that item `i` is `size` bytes at `start + i * stride`. The step behind the last
        // item is never read from, and wraps instead of leaving the object.
        values.push(read(unsafe { std::slice::from_raw_parts(item, size) }));
        item = item.wrapping_offset(stride);
    }
    Ok(values)
}
