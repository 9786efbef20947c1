//! A native plug-in, out of the capsule that an object hands over.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ptr::NonNull;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use tallystick_tree::foreign::Plugin;

use crate::errors::plugin_error;
use crate::rows::buffer::type_name;

/// The name of a capsule that holds a table, and of one whose table was taken.
const NAME: &CStr = c"tallystick_hash";
const TAKEN: &CStr = c"tallystick_hash_taken";

/// The plug-in that `obj` hands over.
pub(super) fn take(obj: &Bound<'_, PyAny>) -> PyResult<Plugin> {
    let py = obj.py();
    let Some(method) = obj.getattr_opt(intern!(py, "__tallystick_hash__"))? else {
        let found = type_name(obj);
        return Err(PyTypeError::new_err(format!("{found} is no plug-in: it has no method __tallystick_hash__")));
    };
    let capsule = method.call0()?;
    let Ok(capsule) = capsule.cast_into::<PyCapsule>() else {
        return Err(PyTypeError::new_err("__tallystick_hash__ gives no capsule"));
    };
    // SAFETY: the object is a live capsule. A null pointer in it, or another name, gives null and an exception.
    let table = unsafe { ffi::PyCapsule_GetPointer(capsule.as_ptr(), NAME.as_ptr()) };
    let Some(table) = NonNull::new(table) else {
        let error = PyErr::fetch(py);
        let refused = PyTypeError::new_err("__tallystick_hash__ gives a capsule of another name than tallystick_hash");
        refused.set_cause(py, Some(error));
        return Err(refused);
    };
    // A table is released once, so nobody may take it a second time.
    // SAFETY: the capsule is live, and the name lasts for ever.
    if unsafe { ffi::PyCapsule_SetName(capsule.as_ptr(), TAKEN.as_ptr()) } != 0 {
        return Err(PyErr::fetch(py));
    }
    let owner = Box::new((obj.clone().unbind(), capsule.unbind()));
    // SAFETY: a capsule of this name holds such a table, by the contract, which lives as long as the capsule and the object.
    let plugin = unsafe { Plugin::new(table.cast(), owner) };
    plugin.map_err(plugin_error)
}
