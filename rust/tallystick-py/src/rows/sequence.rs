//! Rows of a Python sequence: `bytes` borrowed, everything else copied.

use std::fmt;

use pyo3::exceptions::{PyIndexError, PyMemoryError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PySequence, PyString, PyTuple};

use super::buffer::type_name;
use super::leaf::{open_leaf, raw_bytes};

/// Bytes of one arena block; larger rows have a block of their own.
const ARENA_BLOCK: usize = 256 * 1024;

/// A view of each row, and what keeps the viewed bytes in place.
pub(super) struct SequenceRows {
    /// Into the `bytes` objects of `_items` or the blocks of `_arena`; handed out for the life of `self` only.
    views: Vec<&'static [u8]>,
    /// Holds each item, whatever happens to the list it came from.
    _items: Py<PyTuple>,
    /// Blocks that are never moved or written to once a view points into them.
    _arena: Vec<Vec<u8>>,
}

impl SequenceRows {
    pub(super) fn views(&self) -> &[&[u8]] {
        &self.views
    }
}

/// A row of what messages call by a name: `leaves[3]`.
struct Place<'a>(&'a str, usize);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.0, self.1)
    }
}

/// The rows of a sequence.
///
/// The items are first gathered in a tuple (a tuple is taken as it is): another thread may change a list while the GIL
/// is released, and its items must not go away.
pub(super) fn from_sequence(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<SequenceRows> {
    let items = items_of(obj, what)?;
    let mut views: Vec<&'static [u8]> = Vec::new();
    views.try_reserve_exact(items.len()).map_err(|_| PyMemoryError::new_err(()))?;
    let mut arena = Vec::new();
    for (index, item) in items.iter_borrowed().enumerate() {
        let view: *const [u8] = if let Ok(bytes) = item.cast::<PyBytes>() {
            bytes.as_bytes()
        } else {
            copied(&item, &Place(what, index), &mut arena)?.ok_or_else(|| refusal(obj, &item, index, what))?
        };
        // SAFETY: the bytes belong to an item of the tuple or to an arena block, both stored beside the views, and
        // neither changes or moves. `views()` gives them out for the life of `self` only.
        views.push(unsafe { &*view });
    }
    Ok(SequenceRows { views, _items: items.unbind(), _arena: arena })
}

/// The items of any sequence as a tuple. A set, a mapping or an iterator has no order to rely on, or only once.
pub(crate) fn items_of<'py>(obj: &Bound<'py, PyAny>, what: &str) -> PyResult<Bound<'py, PyTuple>> {
    if let Ok(tuple) = obj.cast::<PyTuple>() {
        return Ok(tuple.clone());
    }
    // SAFETY: `obj` is a live object and the thread is attached.
    let indexed = unsafe { pyo3::ffi::PySequence_Check(obj.as_ptr()) } == 1;
    if !indexed || obj.is_instance_of::<PyString>() || obj.hasattr("keys")? {
        let name = type_name(obj);
        let remedy = if obj.hasattr("__dlpack__")? {
            "; use numpy.asarray"
        } else if obj.get_type().hasattr("__iter__")? {
            "; make it a list"
        } else {
            "" // There is nothing in it that a list could be made of.
        };
        return Err(PyTypeError::new_err(format!("{what} must be a sequence or an array, not {name}{remedy}")));
    }
    if let Ok(list) = obj.cast_exact::<PyList>() {
        // SAFETY: `list` is a live list and the thread is attached; a new tuple or an error is returned.
        let tuple = unsafe { Bound::from_owned_ptr_or_err(obj.py(), pyo3::ffi::PyList_AsTuple(list.as_ptr())) }?;
        return Ok(tuple.cast_into::<PyTuple>()?);
    }
    // A class of somebody's own: its length is what it says, and no more is read.
    // SAFETY: the object has the sequence protocol, which is all that `get_item` needs; `PySequence` is a plain wrapper.
    let sequence = unsafe { obj.cast_unchecked::<PySequence>() };
    let length = sequence.len()?;
    let mut items = Vec::new();
    for index in 0..length {
        match sequence.get_item(index) {
            Ok(item) => items.push(item),
            Err(error) if error.is_instance_of::<PyIndexError>(obj.py()) => {
                return Err(PyTypeError::new_err(format!(
                    "{what} must be a sequence: {} says that its length is {length}, and has no item {index}",
                    type_name(obj)
                )));
            }
            Err(error) => return Err(error),
        }
    }
    PyTuple::new(obj.py(), items)
}

/// A copy of the bytes of `item` in the arena; `None` when it is not bytes-like.
fn copied<'a>(item: &Bound<'_, PyAny>, place: &Place<'_>, arena: &'a mut Vec<Vec<u8>>) -> PyResult<Option<&'a [u8]>> {
    let Some(buffer) = open_leaf(item, place)? else { return Ok(None) };
    // SAFETY: `open_leaf` returns contiguous buffers only, and the GIL is held while the bytes are copied.
    let bytes = unsafe { raw_bytes(&buffer) };
    let room = arena.last().map_or(0, |block| block.capacity() - block.len());
    if room < bytes.len() || arena.is_empty() {
        let mut block = Vec::new();
        block.try_reserve_exact(bytes.len().max(ARENA_BLOCK)).map_err(|_| PyMemoryError::new_err(()))?;
        arena.push(block);
    }
    let Some(block) = arena.last_mut() else { return Ok(None) };
    let start = block.len();
    // Within the capacity: the block stays where it is.
    block.extend_from_slice(bytes);
    Ok(Some(&block[start..]))
}

fn refusal(obj: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>, index: usize, what: &str) -> PyErr {
    let remedy = if item.is_instance_of::<PyString>() {
        "; encode text first"
    } else if obj.hasattr("__dlpack__").unwrap_or(false) {
        "; use numpy.asarray"
    } else {
        ""
    };
    let place = Place(what, index);
    PyTypeError::new_err(format!("{place} must be bytes-like, not {}{remedy}", type_name(item)))
}

/// An iterator over a sequence class of this library, by its indices.
pub(crate) fn sequence_iterator<'py>(sequence: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the object is a live sequence and the thread is attached; a new reference or an error is returned.
    unsafe { Bound::from_owned_ptr_or_err(sequence.py(), pyo3::ffi::PySeqIter_New(sequence.as_ptr())) }
}
