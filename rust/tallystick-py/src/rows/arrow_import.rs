//! Arrow columns and tables from Python objects by the capsules of the Arrow C data interface.
//!
//! The producer's word is taken for what cannot be checked (that a buffer is as long as its array needs); lengths,
//! offsets and counts are checked before they are used.

use std::ffi::c_void;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use pyo3::{PyTypeInfo, intern};

use super::arrow_c::{ArrowArray, ArrowArrayStream, ArrowSchema, CStruct, Owned, text};
use super::bitmap::Bitmap;
use super::buffer::type_name;

/// What an object offered: its type, and its rows in chunks.
pub(crate) struct Imported {
    pub(crate) schema: Owned<ArrowSchema>,
    pub(crate) chunks: Vec<Chunk>,
}

/// An array or a child of one: `len` rows from `offset` on. The rows of all chunks number on from chunk to chunk.
#[derive(Clone)]
pub(crate) struct Chunk {
    owner: Arc<Owned<ArrowArray>>,
    /// The owner's struct or one below it.
    array: NonNull<ArrowArray>,
    pub(crate) offset: usize,
    pub(crate) len: usize,
}

// SAFETY: the pointer leads to memory that `owner` keeps and nobody changes.
unsafe impl Send for Chunk {}
// SAFETY: as above.
unsafe impl Sync for Chunk {}

impl Chunk {
    fn root(array: Owned<ArrowArray>) -> Result<Self, String> {
        let owner = Arc::new(array);
        let array = NonNull::from(&**owner);
        Self::checked(owner, array, 0)
    }

    /// The array from its own offset plus `skip` on.
    fn checked(owner: Arc<Owned<ArrowArray>>, array: NonNull<ArrowArray>, skip: usize) -> Result<Self, String> {
        // SAFETY: `array` is the struct of `owner` or a child that the producer keeps as long.
        let (length, before) = unsafe { (array.as_ref().length, array.as_ref().offset) };
        let len = usize::try_from(length).ok().and_then(|length| length.checked_sub(skip));
        let offset = usize::try_from(before).ok().and_then(|before| before.checked_add(skip));
        match (len, offset) {
            // 2^40 rows are more than any memory holds, and leave room to multiply by the size of a value and to add up
            // the chunks of a column.
            (Some(len), Some(offset)) if len < 1 << 40 && offset < 1 << 40 => Ok(Self { owner, array, offset, len }),
            _ => Err(format!("length {length}, offset {before}, in a parent from row {skip} on")),
        }
    }

    fn array(&self) -> &ArrowArray {
        // SAFETY: kept by `owner`.
        unsafe { self.array.as_ref() }
    }

    /// Number of buffers.
    pub(crate) fn buffers(&self) -> usize {
        if self.array().buffers.is_null() {
            0
        } else {
            u32::try_from(self.array().n_buffers).map_or(0, |count| count as usize)
        }
    }

    /// The first `len` bytes of buffer `index`; it may be missing only where no byte is needed.
    pub(crate) fn buffer(&self, index: usize, len: usize) -> Result<&[u8], String> {
        if len == 0 {
            return Ok(&[]);
        }
        let start = self.pointer(index);
        if start.is_null() || isize::try_from(len).is_err() {
            return Err(format!("buffer {index} is missing"));
        }
        // SAFETY: the producer promises the buffer to be as long as its array needs, which is what callers ask for.
        Ok(unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) })
    }

    /// The values, of a fixed number of bytes each.
    pub(crate) fn fixed<const N: usize>(&self) -> Result<&[[u8; N]], String> {
        if self.len == 0 {
            return Ok(&[]);
        }
        Ok(&self.buffer(1, (self.offset + self.len) * N)?.as_chunks::<N>().0[self.offset..])
    }

    fn pointer(&self, index: usize) -> *const c_void {
        if index >= self.buffers() {
            return std::ptr::null();
        }
        // SAFETY: `buffers` is not null and has `n_buffers` entries.
        unsafe { *self.array().buffers.add(index) }
    }

    /// Which rows are not null; `None` when none can be.
    pub(crate) fn validity(&self) -> Result<Option<Bitmap<'_>>, String> {
        if self.pointer(0).is_null() {
            // Without a bitmap nothing is null, whatever the count of a producer that did not count (-1).
            return if self.array().null_count > 0 { Err("it has nulls but no bitmap".to_owned()) } else { Ok(None) };
        }
        let bytes = self.buffer(0, (self.offset + self.len).div_ceil(8))?;
        Ok(Some(Bitmap::new(bytes, self.offset)))
    }

    /// Some of its rows.
    pub(crate) fn slice(&self, rows: Range<usize>) -> Self {
        let start = rows.start.min(self.len);
        Self { offset: self.offset + start, len: rows.len().min(self.len - start), ..self.clone() }
    }

    /// The values that the keys of a dictionary lead to.
    pub(crate) fn dictionary(&self) -> Result<Self, String> {
        let values = NonNull::new(self.array().dictionary).ok_or("its dictionary is missing")?;
        Self::checked(Arc::clone(&self.owner), values, 0)
    }

    /// The rows of this chunk in field `index` of a struct.
    pub(crate) fn field(&self, index: usize) -> Result<Self, String> {
        let array = self.array();
        if array.children.is_null() || !usize::try_from(array.n_children).is_ok_and(|n| index < n) {
            return Err(format!("field {index} is missing"));
        }
        // SAFETY: `children` has `n_children` entries, kept as long as the parent.
        let child = NonNull::new(unsafe { *array.children.add(index) }).ok_or("a field is null")?;
        let mut field = Self::checked(Arc::clone(&self.owner), child, self.offset)?;
        if field.len < self.len {
            return Err(format!("field {index} has {} rows, not {}", field.len, self.len));
        }
        field.len = self.len;
        Ok(field)
    }
}

impl ArrowSchema {
    /// The format string.
    pub(crate) fn format(&self) -> &str {
        // SAFETY: the producer promises a C string that lives as long as the schema.
        unsafe { text(self.format) }.unwrap_or("")
    }

    /// The name of the field.
    pub(crate) fn name(&self) -> &str {
        // SAFETY: as above, or null.
        unsafe { text(self.name) }.unwrap_or("")
    }

    /// The type of the values of a dictionary.
    pub(crate) fn values(&self) -> Option<&ArrowSchema> {
        // SAFETY: null, or a schema that lives as long as this one.
        unsafe { self.dictionary.as_ref() }
    }

    /// The fields of a struct.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &ArrowSchema> {
        let count = if self.children.is_null() { 0 } else { usize::try_from(self.n_children).unwrap_or(0) };
        // SAFETY: `children` has `n_children` entries that live as long as the schema.
        (0..count).filter_map(move |index| unsafe { (*self.children.add(index)).as_ref() })
    }
}

/// What an object offers, chunk by chunk.
pub(crate) struct Chunks {
    pub(crate) schema: Owned<ArrowSchema>,
    /// The only chunk of an object that is no stream.
    array: Option<Chunk>,
    stream: Option<Owned<ArrowArrayStream>>,
}

impl Chunks {
    /// The next chunk that has rows; `None` at the end. What messages call the object is `what`.
    ///
    /// Nothing of the chunks before is held here. Raises `ValueError` for a stream that fails or an array that is malformed.
    pub(crate) fn next(&mut self, py: Python<'_>, what: &str) -> PyResult<Option<Chunk>> {
        if let Some(chunk) = self.array.take() {
            return Ok(Some(chunk));
        }
        let Some(stream) = self.stream.as_mut() else { return Ok(None) };
        // A stream may compute, and on threads that want the GIL.
        let next = py.detach(|| {
            loop {
                match stream.next()?.map(Chunk::root).transpose()? {
                    Some(chunk) if chunk.len == 0 => {}
                    next => return Ok(next),
                }
            }
        });
        next.map_err(|why: String| failed(what, &why))
    }
}

fn failed(what: &str, why: &str) -> PyErr {
    PyValueError::new_err(format!("{what}: the Arrow stream failed: {why}"))
}

/// The Arrow form of `obj`, or `None` when it offers none.
///
/// Raises what the capsule methods raise, and `ValueError` for a stream that fails or an array that is malformed.
pub(crate) fn import(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Option<Imported>> {
    let Some(mut there) = chunks(obj, what)? else { return Ok(None) };
    let mut chunks = Vec::new();
    while let Some(chunk) = there.next(obj.py(), what)? {
        chunks.push(chunk);
    }
    Ok(Some(Imported { schema: there.schema, chunks }))
}

/// The same, to be read chunk by chunk.
pub(crate) fn chunks(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Option<Chunks>> {
    let py = obj.py();
    if let Some(method) = obj.getattr_opt(intern!(py, "__arrow_c_array__"))? {
        let pair = method.call0()?;
        let pair = pair.cast::<PyTuple>()?;
        let schema = take::<ArrowSchema>(&pair.get_item(0)?, what)?;
        let chunk = Chunk::root(take::<ArrowArray>(&pair.get_item(1)?, what)?).map_err(|why| malformed(what, &why))?;
        return Ok(Some(Chunks { schema, array: Some(chunk), stream: None }));
    }
    let Some(method) = obj.getattr_opt(intern!(py, "__arrow_c_stream__"))? else { return Ok(None) };
    let mut stream = take::<ArrowArrayStream>(&method.call0()?, what)?;
    let schema = py.detach(|| stream.schema()).map_err(|why| failed(what, &why))?;
    Ok(Some(Chunks { schema, array: None, stream: Some(stream) }))
}

/// Moves the struct out of a capsule.
fn take<T: CStruct>(capsule: &Bound<'_, PyAny>, what: &str) -> PyResult<Owned<T>> {
    let py = capsule.py();
    let capsule = capsule.cast::<PyCapsule>().map_err(|_| {
        let (wanted, got) = (PyCapsule::type_object(py), type_name(capsule));
        PyTypeError::new_err(format!("{what}: an Arrow method returned {got}, not {wanted}"))
    })?;
    let pointer = capsule.pointer_checked(Some(T::CAPSULE))?.cast::<T>();
    // SAFETY: a capsule of this name holds an initialised struct of this type, and the thread is attached, so that
    // nobody else moves it out meanwhile.
    unsafe { Owned::take(pointer.as_ptr()) }.ok_or_else(|| malformed(what, "it was released before"))
}

/// The error for an array that contradicts itself.
pub(crate) fn malformed(what: &str, why: &str) -> PyErr {
    PyValueError::new_err(format!("{what}: the Arrow array is malformed: {why}"))
}
