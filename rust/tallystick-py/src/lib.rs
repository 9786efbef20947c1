//! The Python module `tallystick._core`: buffers, GIL, thread pool, errors.

use pyo3::prelude::*;

#[pymodule]
mod _core {}
