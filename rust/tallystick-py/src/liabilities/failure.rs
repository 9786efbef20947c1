//! From errors of snapshots to Python's exceptions, and work that may raise them.

use std::path::Path;

use pyo3::exceptions::{PyOverflowError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use tallystick_liabilities::error::LiabilityError;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::FileError;
use tallystick_tree::pool::Run;

use crate::errors::{DecodeError, name_error, path_error, statement_error, tree_error};
use crate::run::run;

/// The exception of an error.
pub(crate) fn failure(error: LiabilityError) -> PyErr {
    let message = error.to_string();
    match error {
        LiabilityError::Name(error) => name_error(error),
        LiabilityError::Tree(error) => tree_error(error),
        LiabilityError::Statement(error) => statement_error(error),
        LiabilityError::Damaged { .. } | LiabilityError::Undecodable { .. } => DecodeError::new_err(message),
        LiabilityError::Io(error) => error.into(),
        LiabilityError::TooMany(_) | LiabilityError::SumOverflow(_) => PyOverflowError::new_err(message),
        LiabilityError::Decimals(_)
        | LiabilityError::ZeroKey
        | LiabilityError::OtherKey
        | LiabilityError::OtherExport { .. }
        | LiabilityError::TooFewUnits { .. } => PyValueError::new_err(message),
        LiabilityError::Defect(_) => PyRuntimeError::new_err(message),
    }
}

/// The same for a call on the folder at `path`, which errors of the system name.
pub(crate) fn failure_at(py: Python<'_>, error: LiabilityError, path: &Path) -> PyErr {
    match error {
        LiabilityError::Io(error) => path_error(py, FileError::from(error).into(), path),
        LiabilityError::Tree(error) => path_error(py, error, path),
        LiabilityError::Damaged { .. } | LiabilityError::Undecodable { .. } => {
            DecodeError::new_err(format!("{}: {error}", path.display()))
        }
        error => failure(error),
    }
}

/// Runs `work` without the GIL, polling for Ctrl-C. Errors of the system name `path`, if there is one.
pub(crate) fn run_liabilities<T: Send>(
    py: Python<'_>,
    path: Option<&Path>,
    work: impl FnOnce(Run<'_>) -> Result<T, LiabilityError> + Send,
) -> PyResult<T> {
    // An interruption has to reach `run` as one, since only it knows what the signal handler raised.
    let done = run(py, |run| match work(run) {
        Err(LiabilityError::Tree(TreeError::Interrupted(error))) => Err(error.into()),
        done => Ok(done),
    })?;
    done.map_err(|error| match path {
        Some(path) => failure_at(py, error, path),
        None => failure(error),
    })
}
