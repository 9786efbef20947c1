//! Arguments that may be left out but not be `None`.

use pyo3::prelude::*;

/// An argument whose default is not `None`: a query that came back with nothing must not pass for an empty list.
pub(crate) enum Argument<'py> {
    Default,
    Given(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Argument<'py> {
    type Error = PyErr;

    fn extract(obj: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self::Given(obj.to_owned()))
    }
}
