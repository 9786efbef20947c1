//! `Hash`: a hash function as a value.

use std::hash::{DefaultHasher, Hasher};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_proof::hash::{Hash, builtin_names};
use tallystick_tree::digest::digest_many;
use tallystick_tree::kernels::accelerated;

use crate::arrays::bytes_2d;
use crate::errors::hash_error;
use crate::rows::{extract_bytes, extract_rows};
use crate::run::run;

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

/// The hash of this name, for decoders.
pub(crate) fn resolve(name: &str) -> Option<Hash> {
    accelerated(name)
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
        let get = py.import("tallystick.hashes")?.getattr("get")?;
        Ok((get, PyTuple::new(py, [self.name()])?))
    }
}

/// The hash function of this name.
///
/// Raises ``ValueError`` for a name that is not in :func:`names`.
///
/// >>> import tallystick as ts
/// >>> ts.hashes.get("sha3_256") == ts.hashes.SHA3_256
/// True
#[pyfunction]
#[pyo3(signature = (name, /))]
pub(crate) fn hash_get(name: &str) -> PyResult<PyHash> {
    resolve(name).map(PyHash).ok_or_else(|| {
        let names: Vec<_> = builtin_names().collect();
        PyValueError::new_err(format!("there is no hash {name:?}; there are {}", names.join(", ")))
    })
}

/// The names of all hash functions.
///
/// >>> import tallystick as ts
/// >>> ts.hashes.names()[:2]
/// ('blake3', 'sha256')
#[pyfunction]
pub(crate) fn hash_names(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, builtin_names().collect::<Vec<_>>())
}
