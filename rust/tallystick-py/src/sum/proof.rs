//! The proof classes of sum trees: digests, each with the sum below it.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::{Summed, Wire};
use tallystick_proof::proof::{InclusionProof, MultiProof, ProofError};
use tallystick_proof::record::Record;

use super::amounts::extract_amounts;
use crate::arrays::bytes_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::proof::{joined, stated};
use crate::rows::extract_rows;

/// Records of digests and sums as arguments.
pub(super) fn records(
    digests: &Bound<'_, PyAny>,
    sums: &Bound<'_, PyAny>,
    digest_size: Option<&Bound<'_, PyAny>>,
) -> PyResult<(Record, Vec<u8>)> {
    let (size, digests) = joined(&extract_rows(digests, "digests")?, stated(digest_size)?)?;
    let sums = extract_amounts(sums, "sums")?.within("sums")?;
    let record = Record::summed(size);
    let unequal = ProofError::Sums { sums: sums.len(), digests: digests.len() / size };
    let records = record.join(&digests, &sums).ok_or_else(|| PyValueError::new_err(unequal.to_string()))?;
    Ok((record, records))
}

/// Sums as a tuple of Python integers.
pub(super) fn sums_of<'py>(py: Python<'py>, record: Record, records: &[u8]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, record.sums(records))
}

/// A class around a proof that is a list of digests with sums: constructor, array and tuple, length, encodings.
macro_rules! record_list {
    ($(#[$doc:meta])* $class:ident($proof:ident), $name:literal, $example:literal) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "tallystick", name = $name)]
        pub(crate) struct $class(pub(crate) Summed<$proof>);

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (digests, sums, *, digest_size=None))]
            fn new(
                digests: &Bound<'_, PyAny>,
                sums: &Bound<'_, PyAny>,
                digest_size: Option<&Bound<'_, PyAny>>,
            ) -> PyResult<Self> {
                let (record, records) = records(digests, sums, digest_size)?;
                $proof::new(record, records).map(|proof| Self(Summed(proof))).map_err(proof_error)
            }

            /// The digests in proof order, as a read-only ``(k, digest_size)`` array of uint8: a copy at each access.
            #[getter]
            fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                let digests = self.0.0.digests();
                bytes_2d(py, digests.record().digests(digests.bytes()), digests.digest_size())
            }

            /// The sums of the same nodes: a tuple of k integers, made at each access.
            #[getter]
            fn sums<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
                let digests = self.0.0.digests();
                sums_of(py, digests.record(), digests.bytes())
            }

            /// Bytes of a digest.
            #[getter]
            fn digest_size(&self) -> usize {
                self.0.0.digests().digest_size()
            }

            /// Number of digests.
            fn __len__(&self) -> usize {
                self.0.0.digests().count()
            }

            fn __repr__(&self) -> String {
                format!("<{}: {} digests of {} bytes, with sums>", $name, self.__len__(), self.digest_size())
            }
        }

        impl Encoded for $class {
            type Inner = Summed<$proof>;

            fn inner(&self) -> &Summed<$proof> {
                &self.0
            }

            fn of(inner: Summed<$proof>) -> Self {
                Self(inner)
            }

            fn weight(&self) -> usize {
                self.0.0.digests().bytes().len()
            }
        }

        wire_methods!($class, $example);
    };
}

record_list! {
    /// A proof that one leaf has its place and its amount in a sum tree: the siblings on its way to the top, from the leaf up,
    /// each with the sum of the amounts below it.
    ///
    /// Trees make proofs; heads verify them: :meth:`SumHead.verify_inclusion`. It shows the amount of the sibling leaf, and
    /// sums of larger and larger parts of the tree. The constructor takes digests from elsewhere, as that of
    /// :class:`InclusionProof`, and as many ``sums``, as amounts of a :class:`SumTree`; else ``ValueError`` or
    /// ``OverflowError``.
    ///
    /// >>> import tallystick as ts
    /// >>> proof = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9]).prove(0)
    /// >>> proof, proof.sums
    /// (<SumInclusionProof: 2 digests of 32 bytes, with sums>, (7, 9))
    /// >>> proof == ts.SumInclusionProof(proof.digests, proof.sums)
    /// True
    PySumInclusionProof(InclusionProof), "SumInclusionProof", "ts.SumTree([b'a', b'b'], [5, 7]).prove(0)"
}

record_list! {
    /// One proof of many leaves of a sum tree: the nodes that complete them to the whole tree, each once, with their sums.
    ///
    /// Trees make it: :meth:`SumTree.prove_many`; heads verify it: :meth:`SumHead.verify_many`. The constructor takes digests
    /// and sums from elsewhere, as that of :class:`SumInclusionProof`, of any number.
    ///
    /// >>> import tallystick as ts
    /// >>> ts.SumTree([b"a", b"b", b"c", b"d"], [5, 7, 9, 1]).prove_many([0, 1, 2])
    /// <SumMultiProof: 1 digests of 32 bytes, with sums>
    PySumMultiProof(MultiProof), "SumMultiProof", "ts.SumTree([b'a', b'b', b'c'], [5, 7, 9]).prove_many([0, 2])"
}
