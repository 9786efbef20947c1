//! Indices and sizes as Python hands them over: integers of any type but bool, one by one or in arrays.
//!
//! An index that no tree can have (negative, or 2^64 and above) is not an error here: a verifier answers such a claim
//! as it answers any false one, a prover with `IndexError`. It is kept as [`Index::Outside`].

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyIndexError, PyMemoryError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyInt, PyRange, PyRangeMethods as _};

use crate::rows::buffer::{Kind, describe, gather, open, type_name};
use crate::rows::sequence::items_of;

/// One index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    /// An index that a tree may have.
    In(u64),
    /// A negative one or one of 2^64 and above, in decimal (or, from thousands of digits on, described).
    Outside(String),
}

/// Several indices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Indices {
    /// All of them; `u64::MAX` stands in the place of one that is outside, and is no index of any tree either.
    pub(crate) values: Vec<u64>,
    /// Place and text of the first that is outside.
    pub(crate) outside: Option<(usize, String)>,
}

impl Indices {
    /// Appends one that is outside; `text` is asked for the first only, because writing a number out may take long.
    fn push_outside(&mut self, text: impl FnOnce() -> String) {
        if self.outside.is_none() {
            self.outside = Some((self.values.len(), text()));
        }
        self.values.push(u64::MAX);
    }

    fn with_capacity(len: usize) -> PyResult<Self> {
        let mut values = Vec::new();
        values.try_reserve_exact(len).map_err(|_| PyMemoryError::new_err(()))?;
        Ok(Self { values, outside: None })
    }

    /// All of them, if a tree may have them.
    fn within(self) -> PyResult<Vec<u64>> {
        match self.outside {
            Some((place, text)) => Err(PyIndexError::new_err(format!("indices[{place}]: there is no leaf {text}"))),
            None => Ok(self.values),
        }
    }
}

/// The index `obj`: anything with `__index__` but bool, else `TypeError`.
pub(crate) fn extract_index(obj: &Bound<'_, PyAny>) -> PyResult<Index> {
    let integer = index_of(obj)?;
    Ok(match integer.extract::<u64>() {
        Ok(value) => Index::In(value),
        Err(_) => Index::Outside(decimal(&integer)),
    })
}

fn index_of<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyInt>> {
    integer_of(obj).map_err(|error| type_error(obj, "an index", error))
}

/// The size `obj`, which messages call `what`: as an index, but `ValueError` for a negative one and `OverflowError`
/// from 2^64 on.
pub(crate) fn extract_size(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<u64> {
    let integer = integer_of(obj).map_err(|error| type_error(obj, what, error))?;
    integer.extract::<u64>().or_else(|_| {
        let text = decimal(&integer);
        Err(if integer.lt(0)? {
            PyValueError::new_err(format!("{what} must not be negative, not {text}"))
        } else {
            PyOverflowError::new_err(format!("{what} must be less than 2**64, not {text}"))
        })
    })
}

/// The indices `obj` of leaves of a tree of `size`, for provers: `IndexError` where the tree cannot have them all. A range
/// that leads outside is refused before it is written out.
pub(crate) fn extract_leaves_of(obj: &Bound<'_, PyAny>, size: u64) -> PyResult<Vec<u64>> {
    if let Ok(range) = obj.cast_exact::<PyRange>()
        && range.is_truthy()?
    {
        for end in [0, -1] {
            match extract_index(&range.get_item(end)?)? {
                Index::In(index) if index < size => {}
                Index::In(index) => {
                    return Err(PyIndexError::new_err(format!("index {index} is not below the size, {size}")));
                }
                Index::Outside(text) => return Err(PyIndexError::new_err(format!("there is no leaf {text}"))),
            }
        }
    }
    extract_indices(obj)?.within()
}

/// How many integers `obj`, which messages call `what`, holds, where that can be told without reading them: of a range or an array of integers. Such
/// may claim any length at no cost.
pub(crate) fn claimed_length(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Option<String>> {
    if let Ok(range) = obj.cast_exact::<PyRange>() {
        return Ok(Some(range.len().map_or_else(|_| "more than 2^63".to_owned(), |length| length.to_string())));
    }
    if is_text(obj) {
        return Ok(None);
    }
    let Some(buffer) = open(obj, &what)? else { return Ok(None) };
    let integers = matches!(Kind::of(&buffer), Kind::Unsigned | Kind::Signed);
    Ok(match (integers, buffer.shape()) {
        (true, [length]) => Some(length.to_string()),
        _ => None,
    })
}

/// The indices `obj`: a sequence of them, a range, or a one-dimensional integer array of any stride.
///
/// An array costs about a nanosecond an index and makes no Python objects. Raises `TypeError` for anything else: arrays
/// of other dimensions, of floats, bools or swapped byte order, text, sets, mappings.
pub(crate) fn extract_indices(obj: &Bound<'_, PyAny>) -> PyResult<Indices> {
    if let Ok(range) = obj.cast_exact::<PyRange>()
        && let Ok(bounds) = range.start().and_then(|start| Ok((start, range.stop()?, range.step()?)))
    {
        return from_range(bounds);
    }
    if is_text(obj) {
        return Err(PyTypeError::new_err(format!("indices must be integers, not {}", type_name(obj))));
    }
    match open(obj, &"indices")? {
        Some(buffer) => from_array(&buffer),
        None => from_sequence(obj),
    }
}

pub(crate) fn is_text(obj: &Bound<'_, PyAny>) -> bool {
    obj.is_instance_of::<PyBytes>() || obj.is_instance_of::<PyByteArray>()
}

fn from_sequence(obj: &Bound<'_, PyAny>) -> PyResult<Indices> {
    let items = items_of(obj, "indices")?;
    let mut indices = Indices::with_capacity(items.len())?;
    for (place, item) in items.iter_borrowed().enumerate() {
        if let Some(value) = item.cast_exact::<PyInt>().ok().and_then(|integer| integer.extract::<u64>().ok()) {
            indices.values.push(value);
            continue;
        }
        let integer = index_of(&item).map_err(|error| at_place(&item, place, error))?;
        match integer.extract::<u64>() {
            Ok(value) => indices.values.push(value),
            Err(_) => indices.push_outside(|| decimal(&integer)),
        }
    }
    Ok(indices)
}

/// The same refusal, with the place in it.
fn at_place(item: &Bound<'_, PyAny>, place: usize, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyTypeError>(item.py()) {
        return error;
    }
    PyTypeError::new_err(format!("indices[{place}] must be an integer, not {}", type_name(item)))
}

fn from_range((start, stop, step): (isize, isize, isize)) -> PyResult<Indices> {
    // 128 bits, so that no end of a range and no step over it wraps.
    let (start, stop, step) = (start as i128, stop as i128, step as i128);
    let distance = if step > 0 { stop - start } else { start - stop };
    let len = if distance <= 0 { 0 } else { (distance - 1) / step.abs() + 1 };
    let mut indices = Indices::with_capacity(usize::try_from(len).unwrap_or(usize::MAX))?;
    let mut value = start;
    for _ in 0..len {
        match u64::try_from(value) {
            Ok(value) => indices.values.push(value),
            Err(_) => indices.push_outside(|| value.to_string()),
        }
        value += step;
    }
    Ok(indices)
}

fn from_array(buffer: &PyUntypedBuffer) -> PyResult<Indices> {
    if buffer.dimensions() != 1 {
        return Err(PyTypeError::new_err(format!("indices must have one dimension, not {}", describe(buffer))));
    }
    /// Bytes to a value; `gather` gives exactly the bytes of one item.
    macro_rules! read {
        ($type:ty) => {
            |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| <$type>::from_ne_bytes(*bytes))
        };
    }
    match (Kind::of(buffer), buffer.item_size()) {
        (Kind::Unsigned, 1) => gather(buffer, |bytes| u64::from(read!(u8)(bytes))).map(unsigned),
        (Kind::Unsigned, 2) => gather(buffer, |bytes| u64::from(read!(u16)(bytes))).map(unsigned),
        (Kind::Unsigned, 4) => gather(buffer, |bytes| u64::from(read!(u32)(bytes))).map(unsigned),
        (Kind::Unsigned, 8) => gather(buffer, read!(u64)).map(unsigned),
        (Kind::Signed, 1) => gather(buffer, |bytes| i64::from(read!(i8)(bytes)).cast_unsigned()).map(signed),
        (Kind::Signed, 2) => gather(buffer, |bytes| i64::from(read!(i16)(bytes)).cast_unsigned()).map(signed),
        (Kind::Signed, 4) => gather(buffer, |bytes| i64::from(read!(i32)(bytes)).cast_unsigned()).map(signed),
        (Kind::Signed, 8) => gather(buffer, read!(u64)).map(signed),
        _ => Err(PyTypeError::new_err(format!(
            "indices must be integers in native byte order, not {}",
            describe(buffer)
        ))),
    }
}

fn unsigned(values: Vec<u64>) -> Indices {
    Indices { values, outside: None }
}

/// Indices from the bits of signed ones.
fn signed(mut values: Vec<u64>) -> Indices {
    let first = values.iter().position(|value| value.cast_signed() < 0);
    let outside = first.map(|place| (place, values[place].cast_signed().to_string()));
    for value in values.iter_mut().filter(|value| value.cast_signed() < 0) {
        *value = u64::MAX;
    }
    Indices { values, outside }
}

/// `obj` as a Python int: by itself or its `__index__`. Bools, Python's and NumPy's, are refused.
pub(crate) fn integer_of<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyInt>> {
    if obj.is_instance_of::<PyBool>() || is_numpy_bool(obj) {
        return Err(PyTypeError::new_err("a bool is no index"));
    }
    if let Ok(integer) = obj.cast::<PyInt>() {
        return exact(integer);
    }
    // SAFETY: the thread is attached, `obj` is live, and the call returns a new reference or sets an error.
    let integer = unsafe { Bound::from_owned_ptr_or_err(obj.py(), pyo3::ffi::PyNumber_Index(obj.as_ptr())) }?;
    exact(&integer.cast_into::<PyInt>()?)
}

/// The value of an int by itself: a subclass may lie about its text and its arithmetic.
pub(crate) fn exact<'py>(integer: &Bound<'py, PyInt>) -> PyResult<Bound<'py, PyInt>> {
    if integer.is_exact_instance_of::<PyInt>() {
        return Ok(integer.clone());
    }
    let own = integer.py().get_type::<PyInt>().call_method1(intern!(integer.py(), "__pos__"), (integer,))?;
    Ok(own.cast_into::<PyInt>()?)
}

fn is_numpy_bool(obj: &Bound<'_, PyAny>) -> bool {
    !obj.is_instance_of::<PyInt>() && matches!(type_name(obj).as_str(), "numpy.bool" | "numpy.bool_")
}

/// The refusal of `obj`; other errors (of its own `__index__`) pass.
fn type_error(obj: &Bound<'_, PyAny>, what: &str, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyTypeError>(obj.py()) {
        return error;
    }
    PyTypeError::new_err(format!("{what} must be an integer, not {}", type_name(obj)))
}

/// The decimal text of an int; Python refuses to write thousands of digits.
pub(crate) fn decimal(integer: &Bound<'_, PyInt>) -> String {
    match integer.str() {
        Ok(text) => text.to_string(),
        Err(_) => match integer.call_method0("bit_length") {
            Ok(bits) => format!("an integer of {bits} bits"),
            Err(_) => "an integer of very many digits".to_owned(),
        },
    }
}
