//! Claims about many keys: what has a value of the wrong form is refused as a proof is, not as misuse.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping};

use crate::errors::invalid;
use crate::rows::buffer::type_name;
use crate::rows::{RowsInput, extract_rows};

/// Keys with their values.
pub(super) fn extract_present(present: &Bound<'_, PyAny>) -> PyResult<(RowsInput, RowsInput)> {
    let (keys, values) = match (present.cast::<PyDict>(), present.cast::<PyMapping>()) {
        (Ok(dict), _) => (dict.keys(), dict.values()),
        (_, Ok(mapping)) => {
            let (keys, values) = (PyList::empty(present.py()), PyList::empty(present.py()));
            for item in mapping.items()?.iter() {
                let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
                keys.append(key)?;
                values.append(value)?;
            }
            (keys, values)
        }
        _ => {
            let name = type_name(present);
            return Err(PyTypeError::new_err(format!("present must be a mapping of keys to values, not {name}")));
        }
    };
    Ok((claimed_keys(&keys, "present keys")?, extract_rows(&values, "present values")?))
}

/// Keys without values: rows, or anything to iterate over.
pub(super) fn extract_absent(absent: &Bound<'_, PyAny>) -> PyResult<RowsInput> {
    let has = |name| absent.hasattr(name);
    let in_order = has("__getitem__")? || has("__arrow_c_array__")? || has("__arrow_c_stream__")?;
    if absent.cast::<PyMapping>().is_ok() || !in_order && has("__iter__")? {
        let keys = PyList::empty(absent.py());
        for key in absent.try_iter()? {
            keys.append(key?)?;
        }
        return claimed_keys(&keys, "absent");
    }
    claimed_keys(absent, "absent")
}

/// Rows of other lengths than keys have, and nulls among them, make a false claim. An error that comes out of the caller's own
/// code, which has a traceback, stays what it is.
fn claimed_keys(keys: &Bound<'_, PyAny>, what: &str) -> PyResult<RowsInput> {
    let py = keys.py();
    extract_rows(keys, what).map_err(|error| {
        if error.is_instance_of::<PyValueError>(py) && error.traceback(py).is_none() {
            invalid(py, "KEY_SIZE", error.value(py).to_string())
        } else {
            error
        }
    })
}
