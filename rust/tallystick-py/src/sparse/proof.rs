//! The proof classes of sparse trees.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::sparse::{End, KEY_SIZE, SparseMultiProof, SparseProof};
use tallystick_tree::leaves::Leaves;

use crate::arrays::bytes_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::indices::extract_size;
use crate::proof::{joined, stated};
use crate::rows::{extract_bytes, extract_rows};

/// Digests of this size, 32 bytes unless they or `digest_size` say another.
fn extract_digests(digests: &Bound<'_, PyAny>, digest_size: Option<&Bound<'_, PyAny>>) -> PyResult<(usize, Vec<u8>)> {
    joined(&extract_rows(digests, "digests")?, stated(digest_size)?)
}

fn extract_end(end: &Bound<'_, PyString>) -> PyResult<u8> {
    let ends = [End::Present, End::Empty, End::Other, End::Run];
    let found = ends.into_iter().find(|known| end.to_str().is_ok_and(|end| end == known.name()));
    let names = ends.map(|end| format!("{:?}", end.name())).join(", ");
    found
        .map(End::code)
        .ok_or_else(|| PyValueError::new_err(format!("there is no end {:?}; ends are {names}", end.to_string_lossy())))
}

/// A witness as one value: a key and the digest of its value, or a foot's marked path and its digest.
fn extract_witness(witness: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let pair: Result<(Bound<'_, PyAny>, Bound<'_, PyAny>), _> = witness.extract();
    let (key, digest) = pair
        .map_err(|_| PyTypeError::new_err("witness must be a pair, as a key with the digest of its value, or None"))?;
    Ok([&*extract_bytes(&key, "the witness' key")?, &*extract_bytes(&digest, "the witness' digest")?].concat())
}

/// A proof that one key of a sparse tree is present, or that it is absent: where its path ends, and the siblings beside it.
///
/// The path ends at the key's leaf, ``end="present"``, at an empty subtree, ``"empty"``, at the leaf of another key, ``"other"``,
/// or, in a tree of ``nervos_smt``, at the top of a run of nodes with one child that leads elsewhere, ``"run"``. Trees make it:
/// :meth:`SparseTree.prove`; heads verify it: :meth:`SparseHead.verify_present`, :meth:`SparseHead.verify_absent`. The constructor
/// takes the parts from elsewhere. ``depth`` is how many levels below the topmost node the path ends; ``bitmap`` has a bit for each,
/// set where the sibling is not empty; ``digests`` are these siblings, deepest first, rows of one width; ``witness`` is the
/// other key and the digest of its value, or the marked path of the run's foot and that one's digest. ``digest_size`` says the
/// width when there are none (32 if it is left out). Raises ``ValueError`` for parts that do not go together.
///
/// >>> import tallystick as ts
/// >>> proof = ts.SparseProof("empty", 2, b"\x40", [bytes(32)])  # the deeper of two siblings is not empty
/// >>> proof
/// <SparseProof: ends empty at depth 2, 1 digests of 32 bytes>
/// >>> ts.SparseProof("present", 2, b"\xc0", [bytes(32)])
/// Traceback (most recent call last):
/// ValueError: 1 digests; the bitmap tells of 2 siblings
#[pyclass(frozen, module = "tallystick", name = "SparseProof")]
pub(crate) struct PySparseProof(pub(crate) SparseProof);

#[pymethods]
impl PySparseProof {
    #[new]
    #[pyo3(signature = (end, depth, bitmap, digests, witness=None, *, digest_size=None))]
    fn new(
        end: &Bound<'_, PyString>,
        depth: &Bound<'_, PyAny>,
        bitmap: &Bound<'_, PyAny>,
        digests: &Bound<'_, PyAny>,
        witness: Option<&Bound<'_, PyAny>>,
        digest_size: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let depth = u16::try_from(extract_size(depth, "depth")?).unwrap_or(u16::MAX);
        let bitmap = extract_bytes(bitmap, "the bitmap")?.to_vec();
        let (end, (digest_size, digests)) = (extract_end(end)?, extract_digests(digests, digest_size)?);
        let witness = witness.map(extract_witness).transpose()?.unwrap_or_default();
        SparseProof::new(digest_size, end, depth, bitmap, digests, witness).map(Self).map_err(proof_error)
    }

    /// Where the path ends: ``"present"``, ``"empty"``, ``"other"`` or ``"run"``.
    #[getter]
    fn end(&self) -> &'static str {
        self.0.end().name()
    }

    /// How many levels below the topmost node the path ends.
    #[getter]
    fn depth(&self) -> u16 {
        self.0.depth()
    }

    /// A bit for each level from the top down, the highest of a byte first: whether the sibling there is not empty.
    #[getter]
    fn bitmap<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.bitmap())
    }

    /// The siblings that are not empty, deepest first, as a read-only ``(k, digest_size)`` array of uint8: a copy at each access.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bytes_2d(py, self.0.digests().bytes().to_vec(), self.0.digest_size())
    }

    /// With the end ``"other"`` the key whose leaf the path ends at and the digest of its value; with ``"run"`` the marked path of
    /// the run's foot and its digest; else ``None``.
    #[getter]
    fn witness<'py>(&self, py: Python<'py>) -> Option<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        self.0.witness().map(|(key, digest)| (PyBytes::new(py, key), PyBytes::new(py, digest)))
    }

    /// Bytes of a digest.
    #[getter]
    fn digest_size(&self) -> usize {
        self.0.digest_size()
    }

    /// Number of digests.
    fn __len__(&self) -> usize {
        self.0.digests().count()
    }

    fn __repr__(&self) -> String {
        let (end, depth, count, size) = (self.end(), self.depth(), self.__len__(), self.digest_size());
        format!("<SparseProof: ends {end} at depth {depth}, {count} digests of {size} bytes>")
    }
}

impl Encoded for PySparseProof {
    type Inner = SparseProof;

    fn inner(&self) -> &SparseProof {
        &self.0
    }

    fn of(inner: SparseProof) -> Self {
        Self(inner)
    }
}

wire_methods!(PySparseProof, "ts.SparseProof('empty', 1, bytes([128]), [bytes(32)])");

/// One proof of many keys of a sparse tree, some present and some absent: what completes them to the whole tree, each node once.
///
/// Trees make it: :meth:`SparseTree.prove_many`; heads verify it: :meth:`SparseHead.verify_many`. ``shape`` are the bits that tell what nodes are, in the order of the
/// specification, *Sparse trees*; ``witnesses`` the leaves of other keys that absent ones end at, rows of a key and the digest of
/// its value, and the feet of runs that lead elsewhere, rows of a marked path and a digest; ``digests`` the siblings. The constructor takes these from elsewhere, as that of :class:`SparseProof`.
///
/// >>> import tallystick as ts
/// >>> ts.SparseMultiProof(b"\x80", [], [bytes(32)])
/// <SparseMultiProof: 1 bytes of shape, 0 witnesses, 1 digests of 32 bytes>
#[pyclass(frozen, module = "tallystick", name = "SparseMultiProof")]
pub(crate) struct PySparseMultiProof(pub(crate) SparseMultiProof);

#[pymethods]
impl PySparseMultiProof {
    #[new]
    #[pyo3(signature = (shape, witnesses, digests, *, digest_size=None))]
    fn new(
        shape: &Bound<'_, PyAny>,
        witnesses: &Bound<'_, PyAny>,
        digests: &Bound<'_, PyAny>,
        digest_size: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let shape = extract_bytes(shape, "the shape")?.to_vec();
        let (digest_size, digests) = extract_digests(digests, digest_size)?;
        let (rows, width) = (extract_rows(witnesses, "witnesses")?, digest_size + KEY_SIZE);
        let mut witnesses = Vec::new();
        for place in 0..rows.len() {
            let found = rows.row(place).len();
            if found != width {
                return Err(PyValueError::new_err(format!("witnesses[{place}] has {found} bytes, not {width}")));
            }
            witnesses.extend_from_slice(rows.row(place));
        }
        SparseMultiProof::new(digest_size, shape, witnesses, digests).map(Self).map_err(proof_error)
    }

    /// The bits that tell what nodes are, the highest of a byte first.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        crate::codec::bytes(py, self.0.shape())
    }

    /// The leaves of other keys and the feet of runs, as a read-only ``(k, 32 + digest_size)`` array of uint8: each a key and the
    /// digest of its value, or a marked path and a digest. A copy at each access.
    #[getter]
    fn witnesses<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bytes_2d(py, self.0.witnesses().to_vec(), self.0.witness_size())
    }

    /// The siblings in proof order, as a read-only ``(k, digest_size)`` array of uint8: a copy at each access.
    #[getter]
    fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bytes_2d(py, self.0.digests().bytes().to_vec(), self.0.digest_size())
    }

    /// Bytes of a digest.
    #[getter]
    fn digest_size(&self) -> usize {
        self.0.digest_size()
    }

    /// Number of digests.
    fn __len__(&self) -> usize {
        self.0.digests().count()
    }

    fn __repr__(&self) -> String {
        let (shape, witnesses) = (self.0.shape().len(), self.0.witnesses().len() / self.0.witness_size());
        let (count, size) = (self.__len__(), self.digest_size());
        format!("<SparseMultiProof: {shape} bytes of shape, {witnesses} witnesses, {count} digests of {size} bytes>")
    }
}

impl Encoded for PySparseMultiProof {
    type Inner = SparseMultiProof;

    fn inner(&self) -> &SparseMultiProof {
        &self.0
    }

    fn of(inner: SparseMultiProof) -> Self {
        Self(inner)
    }

    fn weight(&self) -> usize {
        self.0.shape().len() + self.0.witnesses().len() + self.0.digests().bytes().len()
    }
}

wire_methods!(PySparseMultiProof, "ts.SparseMultiProof(bytes([128]), [], [bytes(32)])");
