//! `Hash`: a hash function as a value.

mod callable;
mod plugin;
mod registry;

use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_proof::hash::{Hash, HashInfo, Tagging, builtin_names};
use tallystick_tree::digest::digest_many;
use tallystick_tree::foreign::{check_builtin, check_info};

use crate::arrays::bytes_2d;
use crate::errors::{foreign_error, hash_error, probe_error};
use crate::indices::extract_size;
use crate::rows::buffer::type_name;
use crate::rows::{extract_bytes, extract_rows};
use crate::run::run;

use callable::Callable;
pub(crate) use registry::resolve;

/// Data up to this size is hashed without releasing the GIL, as hashlib does.
const SHORT: usize = 2048;

/// A hash function, as an immutable value.
///
/// Schemes are made with one. Get them from :mod:`tallystick.hashes`. Built-in hashes are equal when their names are.
///
/// >>> import tallystick as ts
/// >>> sha256 = ts.hashes.SHA256
/// >>> sha256.name, sha256.digest_size, sha256.block_size, sha256.cryptographic
/// ('sha256', 32, 64, True)
/// >>> sha256.digest(b"abc").hex()[:16]
/// 'ba7816bf8f01cfea'
#[pyclass(frozen, module = "tallystick", name = "Hash")]
pub(crate) struct PyHash(pub(crate) Hash);

/// A small number for `__hash__`, from bytes that are equal when the values are.
pub(crate) fn python_hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[pymethods]
impl PyHash {
    /// Lower-case name, as ``"sha256"``.
    #[getter]
    fn name(&self) -> &str {
        &self.0.info().name
    }

    /// Bytes of a digest.
    #[getter]
    fn digest_size(&self) -> usize {
        self.0.digest_size()
    }

    /// Bytes of an input block; for SHA-3 and Keccak, the rate.
    #[getter]
    fn block_size(&self) -> usize {
        self.0.info().block_size
    }

    /// Whether collisions are infeasible. No scheme takes a hash for which this is ``False``.
    #[getter]
    fn cryptographic(&self) -> bool {
        self.0.info().cryptographic
    }

    /// The digest of one byte string.
    ///
    /// Takes anything with a contiguous buffer; raises ``TypeError`` for anything else.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.hashes.KECCAK256.digest(b"").hex()[:16]
    /// 'c5d2460186f7233c'
    #[pyo3(signature = (data, /))]
    fn digest<'py>(&self, py: Python<'py>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let data = extract_bytes(data, "data")?;
        let digest = if data.len() <= SHORT { self.0.digest(&data) } else { py.detach(|| self.0.digest(&data)) };
        Ok(PyBytes::new(py, &digest.map_err(hash_error)?))
    }

    /// The digests of many byte strings, as an ``(n, digest_size)`` array of uint8.
    ///
    /// Takes any form of rows and reads it in place. Uses all threads; one digest a row, and no Python object a row.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.hashes.SHA256.digest_many([b"a", b"b"]).shape
    /// (2, 32)
    #[pyo3(signature = (rows, /))]
    fn digest_many<'py>(&self, py: Python<'py>, rows: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let rows = extract_rows(rows, "rows")?;
        let digests = run(py, |run| digest_many(&self.0, &rows, run))?;
        bytes_2d(py, digests, self.0.digest_size())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        python_hash(self.name().as_bytes())
    }

    fn __repr__(&self) -> String {
        let size = self.digest_size();
        let warning = if self.cryptographic() { "" } else { ", not cryptographic" };
        format!("<Hash {}: {size} bytes{warning}>", self.name())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        if resolve(self.name()).as_ref() != Some(&self.0) {
            let name = self.name();
            return Err(PyTypeError::new_err(format!(
                "{name} cannot be pickled: register it, where it is made and where it is read"
            )));
        }
        let get = py.import("tallystick.hashes")?.getattr("get")?;
        Ok((get, PyTuple::new(py, [self.name()])?))
    }
}

/// The hash function of this name, built in or registered.
///
/// Raises ``ValueError`` for a name that is not in :func:`names`.
#[pyfunction]
#[pyo3(signature = (name, /))]
pub(crate) fn hash_get(name: &str) -> PyResult<PyHash> {
    resolve(name).map(PyHash).ok_or_else(|| {
        let names = registry::known_names().join(", ");
        PyValueError::new_err(format!("there is no hash {name:?}; there are {names}"))
    })
}

/// The names of all hash functions that are built in or registered.
#[pyfunction]
pub(crate) fn hash_names(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, registry::known_names())
}

/// The names of the built-in hash functions.
#[pyfunction]
pub(crate) fn hash_builtin_names(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, builtin_names().collect::<Vec<_>>())
}

/// A Python callable as a hash function.
#[pyfunction]
#[pyo3(signature = (name, one, *, digest_size, block_size, cryptographic, many))]
pub(crate) fn hash_from_callable(
    name: &str,
    one: Bound<'_, PyAny>,
    digest_size: &Bound<'_, PyAny>,
    block_size: &Bound<'_, PyAny>,
    cryptographic: bool,
    many: Option<Bound<'_, PyAny>>,
) -> PyResult<PyHash> {
    let size = |size: &Bound<'_, PyAny>, what| Ok::<_, PyErr>(usize::try_from(extract_size(size, what)?)?);
    let (digest_size, block_size) = (size(digest_size, "digest_size")?, size(block_size, "block_size")?);
    check_info(name, digest_size, block_size, cryptographic).map_err(|error| foreign_error(error.into()))?;
    for (what, function) in [("fn", Some(&one)), ("many", many.as_ref())] {
        if let Some(function) = function.filter(|function| !function.is_callable()) {
            let found = type_name(function);
            return Err(PyTypeError::new_err(format!("{what} is {found}, which cannot be called")));
        }
    }
    let info = HashInfo {
        name: name.to_owned().into(),
        digest_size,
        block_size,
        cryptographic,
        tagging: Tagging::Block,
        serial: true,
    };
    let callable = Callable::new(info, one.unbind(), many.map(Bound::unbind));
    accepted(Hash::foreign(Arc::new(callable.map_err(|error| probe_error(name, error))?)))
}

/// The hash function of a native plug-in.
#[pyfunction]
#[pyo3(signature = (plugin, /))]
pub(crate) fn hash_from_plugin(plugin: &Bound<'_, PyAny>) -> PyResult<PyHash> {
    accepted(Hash::foreign(Arc::new(plugin::take(plugin)?)))
}

/// Lets the hash's name stand for it in this process.
#[pyfunction]
#[pyo3(signature = (hash, /))]
pub(crate) fn hash_register(hash: &Bound<'_, PyHash>) -> PyResult<()> {
    registry::register(&hash.get().0)
}

/// A hash that has a built-in one's name is that function.
fn accepted(hash: Hash) -> PyResult<PyHash> {
    check_builtin(&hash).map_err(foreign_error)?;
    Ok(PyHash(hash))
}
