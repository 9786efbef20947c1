//! `Fingerprint`: which rows of two tables differ.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_tree::changes::Fingerprint;
use tallystick_tree::kernels::accelerated;

use crate::arrays::{bytes_2d, u64_1d};
use crate::hash::PyHash;
use crate::rows::extract_rows;
use crate::run::run;

/// A tree of digests over the rows of a table, to find what changed. It is no Merkle tree: no proof takes its digests.
///
/// ``rows`` takes any form of rows; they are read in place and not kept. ``hash`` is any hash; the default, XXH3 with 128
/// bits, is the fastest, and tells apart what accidents change, not what somebody changes on purpose. 17 bytes of memory
/// a row; all threads.
///
/// >>> from tallystick import changes
/// >>> yesterday = changes.Fingerprint([b"alice: 5", b"bob: 7", b"carol: 9"])
/// >>> today = changes.Fingerprint([b"alice: 5", b"bob: 8", b"carol: 9", b"dave: 1"])
/// >>> today.differences(yesterday).tolist()
/// [1, 3]
#[pyclass(frozen, module = "tallystick.changes", name = "Fingerprint")]
pub(crate) struct PyFingerprint(Arc<Fingerprint>);

#[pymethods]
impl PyFingerprint {
    #[new]
    #[pyo3(signature = (rows, *, hash=None))]
    fn new(py: Python<'_>, rows: &Bound<'_, PyAny>, hash: Option<&Bound<'_, PyHash>>) -> PyResult<Self> {
        let hash = hash.map_or_else(|| accelerated("xxh3_128"), |hash| Some(hash.get().0.clone()));
        let hash = hash.ok_or_else(|| PyValueError::new_err("xxh3_128 is built in"))?;
        let rows = extract_rows(rows, "rows")?;
        run(py, |run| Fingerprint::new(hash, &rows, run)).map(|made| Self(Arc::new(made)))
    }

    /// The hash of the rows.
    #[getter]
    fn hash(&self) -> PyHash {
        PyHash(self.0.hash().clone())
    }

    /// The digest of all rows in their order; empty for no rows. Equal for equal tables.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.top())
    }

    /// The digests of the rows, as an ``(n, digest_size)`` array of uint8.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bytes_2d(py, self.0.digests().to_vec(), self.0.hash().digest_size())
    }

    /// Number of rows.
    fn __len__(&self) -> usize {
        self.0.size()
    }

    /// The places, ascending, where rows differ or only one of the tables has any: an array of uint64.
    ///
    /// Looks only where something differs. Raises ``ValueError`` for a fingerprint by another hash.
    #[pyo3(signature = (other, /))]
    fn differences<'py>(&self, py: Python<'py>, other: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (this, other) = (self.0.clone(), other.get().0.clone());
        if this.hash() != other.hash() {
            return Err(PyValueError::new_err("the fingerprints are made with different hashes"));
        }
        u64_1d(py, py.detach(|| this.differences(&other)))
    }

    fn __repr__(&self) -> String {
        format!("<Fingerprint of {} rows by {}>", self.0.size(), self.0.hash().info().name)
    }
}
