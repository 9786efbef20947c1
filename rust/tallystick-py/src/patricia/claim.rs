//! Keys and values as Python hands them over, one by one.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping};
use tallystick_proof::patricia::KeyClaim;
use tallystick_tree::leaves::Leaves;

use crate::rows::buffer::type_name;
use crate::rows::{RowsInput, extract_rows};

/// Keys, and as many values.
pub(super) struct Pairs {
    pub(super) keys: RowsInput,
    pub(super) values: RowsInput,
}

/// The items of a mapping, which messages call `what`; `None` for anything else.
fn of_mapping(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Option<Pairs>> {
    let (keys, values) = if let Ok(dict) = obj.cast_exact::<PyDict>() {
        (dict.keys(), dict.values())
    } else if let Ok(mapping) = obj.cast::<PyMapping>() {
        let (keys, values) = (PyList::empty(obj.py()), PyList::empty(obj.py()));
        for item in mapping.items()? {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            keys.append(key)?;
            values.append(value)?;
        }
        (keys, values)
    } else {
        return Ok(None);
    };
    rows(&keys, &values, what).map(Some)
}

fn rows(keys: &Bound<'_, PyList>, values: &Bound<'_, PyList>, what: &str) -> PyResult<Pairs> {
    let keys = extract_rows(keys.as_any(), &format!("{what}: keys"))?;
    Ok(Pairs { keys, values: extract_rows(values.as_any(), &format!("{what}: values"))? })
}

/// A mapping, or pairs of keys and values.
pub(super) fn extract_items(obj: &Bound<'_, PyAny>) -> PyResult<Pairs> {
    if let Some(pairs) = of_mapping(obj, "items")? {
        return Ok(pairs);
    }
    let wrong = || {
        let name = type_name(obj);
        PyTypeError::new_err(format!("items must be a mapping or pairs of key and value, not {name}"))
    };
    let (keys, values) = (PyList::empty(obj.py()), PyList::empty(obj.py()));
    for (place, item) in obj.try_iter().map_err(|_| wrong())?.enumerate() {
        let pair = item?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>();
        let (key, value) =
            pair.map_err(|_| PyTypeError::new_err(format!("items[{place}] is no pair of key and value")))?;
        keys.append(key)?;
        values.append(value)?;
    }
    rows(&keys, &values, "items")
}

/// Keys and values in rows, as many of the ones as of the others.
pub(super) fn extract_pairs(keys: &Bound<'_, PyAny>, values: &Bound<'_, PyAny>) -> PyResult<Pairs> {
    let pairs = Pairs { keys: extract_rows(keys, "keys")?, values: extract_rows(values, "values")? };
    if pairs.keys.len() == pairs.values.len() {
        return Ok(pairs);
    }
    Err(PyValueError::new_err(format!("{} keys and {} values", pairs.keys.len(), pairs.values.len())))
}

/// What is claimed of many keys.
pub(super) struct Claims {
    present: Pairs,
    absent: RowsInput,
}

impl Claims {
    pub(super) fn extract(present: &Bound<'_, PyAny>, absent: &Bound<'_, PyAny>) -> PyResult<Self> {
        let Some(pairs) = of_mapping(present, "present")? else {
            let name = type_name(present);
            return Err(PyTypeError::new_err(format!("present must be a mapping of keys to values, not {name}")));
        };
        let keys = PyList::empty(absent.py());
        for key in absent.try_iter()? {
            keys.append(key?)?;
        }
        Ok(Self { present: pairs, absent: extract_rows(keys.as_any(), "absent")? })
    }

    pub(super) fn each(&self) -> Vec<KeyClaim<'_>> {
        let Pairs { keys, values } = &self.present;
        let present = (0..keys.len()).map(|at| KeyClaim { key: keys.row(at), value: Some(values.row(at)) });
        let absent = (0..self.absent.len()).map(|at| KeyClaim { key: self.absent.row(at), value: None });
        present.chain(absent).collect()
    }
}
