//! The proof classes: digests, and nothing that a verifier would have to believe.

mod batch;
mod many;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::{MAX_DIGEST, MIN_DIGEST};
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofError};
use tallystick_tree::leaves::Leaves;

use crate::arrays::bytes_2d;
use crate::codec::{Encoded, wire_methods};
use crate::errors::proof_error;
use crate::indices::extract_size;
use crate::rows::{RowsInput, extract_rows};

pub(crate) use batch::{PyProofBatch, one_of, stated_offsets};

/// A digest size as an argument, or `None` if it is left out.
pub(crate) fn stated(digest_size: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let size = digest_size.map(|size| extract_size(size, "digest_size")).transpose()?;
    Ok(size.map(|size| usize::try_from(size).unwrap_or(usize::MAX)))
}

/// Digests given as rows of one width, joined; and the width, which no digests leave open.
pub(crate) fn joined(rows: &RowsInput, stated: Option<usize>) -> PyResult<(usize, Vec<u8>)> {
    let size = match (stated, rows.is_empty()) {
        (Some(size), _) => size,
        (None, true) => 32,
        (None, false) => rows.row(0).len(),
    };
    if !(MIN_DIGEST..=MAX_DIGEST).contains(&size) {
        return Err(proof_error(ProofError::DigestSize(size)));
    }
    let mut digests: Vec<u8> = Vec::new();
    for place in 0..rows.len() {
        let row = rows.row(place);
        if row.len() != size {
            return Err(PyValueError::new_err(format!("digests[{place}] has {} bytes, not {size}", row.len())));
        }
        digests.extend_from_slice(row);
    }
    Ok((size, digests))
}

/// A class around a proof that is a list of digests: constructor, array, length, encodings.
macro_rules! digest_list {
    ($(#[$doc:meta])* $class:ident($proof:ident), $name:literal, $example:literal) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "tallystick", name = $name)]
        pub(crate) struct $class(pub(crate) $proof);

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (digests, *, digest_size=None))]
            fn new(digests: &Bound<'_, PyAny>, digest_size: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
                let (size, digests) = joined(&extract_rows(digests, "digests")?, stated(digest_size)?)?;
                $proof::new(size, digests).map(Self).map_err(proof_error)
            }

            /// The digests in proof order, as a read-only ``(k, digest_size)`` array of uint8: a copy at each access.
            #[getter]
            fn digests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                bytes_2d(py, self.0.digests().bytes().to_vec(), self.0.digests().digest_size())
            }

            /// Bytes of a digest.
            #[getter]
            fn digest_size(&self) -> usize {
                self.0.digests().digest_size()
            }

            /// Number of digests.
            fn __len__(&self) -> usize {
                self.0.digests().count()
            }

            fn __repr__(&self) -> String {
                format!("<{}: {} digests of {} bytes>", $name, self.__len__(), self.digest_size())
            }
        }

        impl Encoded for $class {
            type Inner = $proof;

            fn inner(&self) -> &$proof {
                &self.0
            }

            fn of(inner: $proof) -> Self {
                Self(inner)
            }

            fn weight(&self) -> usize {
                self.0.digests().bytes().len()
            }
        }

        wire_methods!($class, $example);
    };
}

digest_list! {
    /// A proof that one leaf has its place in a tree: the siblings on its way to the top, from the leaf up.
    ///
    /// Trees make proofs; heads verify them: :meth:`TreeHead.verify_inclusion`. The constructor takes digests from
    /// elsewhere: rows of one width, or none. ``digest_size`` says the width when there are none (32 if it is left out).
    /// Raises ``ValueError`` for other than 32 to 64 bytes, or more than 255 digests.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> proof = tree.prove(0)
    /// >>> proof
    /// <InclusionProof: 2 digests of 32 bytes>
    /// >>> proof == ts.InclusionProof(proof.digests)
    /// True
    PyInclusionProof(InclusionProof), "InclusionProof", "ts.MerkleTree([b'a', b'b']).prove(0)"
}

digest_list! {
    /// One proof of many leaves: the nodes that complete them to the whole tree, each once.
    ///
    /// The smallest proof there is: what leaves share is sent once, what follows from them not at all. Trees make it:
    /// :meth:`MerkleTree.prove_many`; heads verify it: :meth:`TreeHead.verify_many`. The constructor takes digests from
    /// elsewhere, as that of :class:`InclusionProof`, of any number.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c", b"d"])
    /// >>> tree.prove_many([0, 1, 2])
    /// <MultiProof: 1 digests of 32 bytes>
    PyMultiProof(MultiProof), "MultiProof", "ts.MerkleTree([b'a', b'b', b'c']).prove_many([0, 2])"
}

digest_list! {
    /// A proof that a tree begins with all leaves of an earlier one.
    ///
    /// Trees make it: :meth:`MerkleTree.prove_extends`; heads verify it: :meth:`TreeHead.verify_extends`. The constructor
    /// takes digests from elsewhere, as that of :class:`InclusionProof`.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.MerkleTree([b"a", b"b", b"c"])
    /// >>> yesterday = tree.head
    /// >>> tree.extend([b"d", b"e"])
    /// range(3, 5)
    /// >>> tree.head.verify_extends(yesterday, tree.prove_extends(3))
    PyConsistencyProof(ConsistencyProof), "ConsistencyProof", "ts.MerkleTree([b'a', b'b', b'c']).prove_extends(1)"
}
