//! Encoded rows as an Arrow array of another library: memory is shared, and given back by the release callbacks.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::encoded::Encoded;
use crate::rows::arrow_c::{ArrowArray, ArrowSchema, CStruct as _, Owned};

/// What an exported array keeps until it is released.
struct Kept {
    /// No bitmap, the offsets, the bytes.
    buffers: [*const c_void; 3],
    _rows: Arc<Encoded>,
}

/// The capsules of schema and array. A consumer takes the structs out of them; what it leaves, they release.
pub(super) fn capsules(py: Python<'_>, rows: Arc<Encoded>) -> PyResult<Bound<'_, PyTuple>> {
    let schema = PyCapsule::new_with_value(py, schema(), ArrowSchema::CAPSULE)?;
    let array = PyCapsule::new_with_value(py, array(rows), ArrowArray::CAPSULE)?;
    PyTuple::new(py, [schema, array])
}

fn schema() -> Owned<ArrowSchema> {
    let schema = ArrowSchema {
        format: c"Z".as_ptr(),
        name: c"".as_ptr(),
        metadata: null(),
        flags: 0,
        n_children: 0,
        children: null_mut(),
        dictionary: null_mut(),
        release: Some(release_schema),
        private_data: null_mut(),
    };
    // SAFETY: the texts are static, and nothing else has to be kept.
    unsafe { Owned::adopt(schema) }
}

fn array(rows: Arc<Encoded>) -> Owned<ArrowArray> {
    // Offsets are at most isize::MAX, so that their bits are those of the signed ones that Arrow has.
    let buffers = [null(), rows.offsets.as_ptr().cast::<c_void>(), rows.data.as_ptr().cast::<c_void>()];
    let length = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let kept = Box::into_raw(Box::new(Kept { buffers, _rows: rows }));
    let array = ArrowArray {
        length,
        null_count: 0,
        offset: 0,
        n_buffers: 3,
        n_children: 0,
        // SAFETY: `kept` was just made, and is freed by the release callback only.
        buffers: unsafe { (&raw mut (*kept).buffers).cast() },
        children: null_mut(),
        dictionary: null_mut(),
        release: Some(release_array),
        private_data: kept.cast(),
    };
    // SAFETY: the buffers belong to `rows`, whose contents never change or move, and which `kept` holds. The callback
    // frees only Rust memory, so any thread may call it.
    unsafe { Owned::adopt(array) }
}

unsafe extern "C" fn release_schema(schema: *mut ArrowSchema) {
    // SAFETY: the interface passes a struct that this file made.
    unsafe { (*schema).release = None };
}

unsafe extern "C" fn release_array(array: *mut ArrowArray) {
    // SAFETY: the interface passes a struct that this file made, once: whoever moves it clears the source's callback.
    unsafe {
        drop(Box::from_raw((*array).private_data.cast::<Kept>()));
        (*array).private_data = null_mut();
        (*array).release = None;
    }
}
