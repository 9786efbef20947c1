//! `SumHead`: what a verifier of sum trees trusts, and the verifiers.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::{Summed, Wire};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Kind;

use super::amounts::{Amount, extract_amount, extract_total};
use super::rows::{SumClaim, extract_claim_parts, extract_sum_claim};
use super::{PySumInclusionProof, PySumMultiProof, PySumProofBatch};
use crate::arrays::bool_1d;
use crate::checks::{Each, Many, OF_DATA, claimed_index, verify_one};
use crate::claim::{claimed_rows, outside};
use crate::codec::{Encoded, wire_methods};
use crate::errors::{head_error, invalid};
use crate::head::hex;
use crate::indices::extract_size;
use crate::rows::{extract_bytes, extract_leaf, extract_rows};
use crate::scheme::{PyScheme, of_kind};

/// A commitment to all leaves of a sum tree and to what their amounts add to: scheme, number of leaves, root and total.
///
/// As :class:`TreeHead`, with the total. The root binds it, so a head with another total verifies nothing. Raises
/// ``TypeError`` for a scheme of another kind, ``ValueError`` for a root of another length than the scheme's digests, a
/// negative size or total, ``OverflowError`` for a size of 2**64 or a total of 2**128 and above.
///
/// >>> import tallystick as ts
/// >>> tree = ts.SumTree([b"alice", b"bob"], [5, 7])
/// >>> head = ts.SumHead(tree.scheme, 2, tree.root, 12)
/// >>> head == tree.head == ts.SumHead.from_bytes(head.to_bytes())
/// True
/// >>> head.verify_inclusion(1, b"bob", 7, tree.prove(1))
/// >>> head.verify_inclusion(1, b"bob", 8, tree.prove(1))
/// Traceback (most recent call last):
/// tallystick.errors.InvalidProof: the amounts add to 13, and the head's total is 12
#[pyclass(frozen, module = "tallystick", name = "SumHead")]
pub(crate) struct PySumHead(pub(crate) Summed<TreeHead>);

impl PySumHead {
    /// The head.
    pub(crate) fn head(&self) -> &TreeHead {
        &self.0.0
    }
}

#[pymethods]
impl PySumHead {
    #[new]
    #[pyo3(signature = (scheme, size, root, total))]
    fn new(
        scheme: &Bound<'_, PyScheme>,
        size: &Bound<'_, PyAny>,
        root: &Bound<'_, PyAny>,
        total: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let (size, root) = (extract_size(size, "size")?, extract_bytes(root, "the root")?.to_vec());
        let total = extract_total(total, "the total")?;
        let scheme = of_kind(scheme, Kind::Sum)?;
        TreeHead::with_total(scheme, size, root, total).map(|head| Self(Summed(head))).map_err(head_error)
    }

    /// The scheme.
    #[getter]
    fn scheme(&self) -> PyScheme {
        PyScheme(self.head().scheme().clone())
    }

    /// Number of leaves.
    #[getter]
    fn size(&self) -> u64 {
        self.head().size()
    }

    /// The root.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.head().root())
    }

    /// What all amounts add to.
    #[getter]
    fn total(&self) -> u128 {
        self.head().total()
    }

    /// Checks that the leaf at ``index`` has exactly this data and this amount, and that the amount is counted in the total;
    /// returns nothing if so.
    ///
    /// Every addition on the way is checked. Proves nothing about who made the head, about other leaves, or whether this one
    /// stands there once. Raises :class:`InvalidProof` for any claim that is not proven, whatever its values; ``TypeError``
    /// for arguments of the wrong type. Costs one leaf hash and one node hash a digest.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"alice", b"bob"], [5, 7])
    /// >>> tree.head.verify_inclusion(0, b"alice", 5, tree.prove(0))
    /// >>> tree.head.verify_inclusion(0, b"alice", -5, tree.prove(0))
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: amount -5 is not from 0 to 2**128 - 1
    #[pyo3(signature = (index, leaf, amount, proof))]
    fn verify_inclusion(
        &self,
        py: Python<'_>,
        index: Option<&Bound<'_, PyAny>>,
        leaf: &Bound<'_, PyAny>,
        amount: &Bound<'_, PyAny>,
        proof: &Bound<'_, PySumInclusionProof>,
    ) -> PyResult<()> {
        let (leaf, amount) = (extract_leaf(leaf)?, extract_amount(amount, "an amount")?);
        let index = claimed_index(self.head(), index, py)?;
        let amount = match amount {
            Amount::In(amount) => amount,
            Amount::Outside(_) if index.is_some_and(|index| index >= self.head().size()) => {
                return Err(outside(py, &index.unwrap_or_default().to_string(), self.head().size()));
            }
            Amount::Outside(amount) => return Err(amount.refused(py)),
        };
        let row = [&amount.to_le_bytes(), &*leaf].concat();
        verify_one(py, self.head(), (index, &row), &proof.get().0.0, OF_DATA)
    }

    /// Checks k claims with k proofs: that leaf j has index ``indices[j]`` and the amount ``amounts[j]``, for every j; returns
    /// nothing if so.
    ///
    /// Raises :class:`InvalidProof` if any is refused, its ``failed`` holding their places; if there are none; if the parts
    /// differ in number. ``TypeError`` for wrong types. Uses all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> tree.head.verify_each([0, 2], [b"a", b"c"], [5, 9], tree.prove_each([0, 2]))
    #[pyo3(signature = (indices, leaves, amounts, proofs))]
    fn verify_each(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
        proofs: &Bound<'_, PySumProofBatch>,
    ) -> PyResult<()> {
        let proofs = &proofs.get().0.0;
        let more = Some((proofs.len(), "proofs"));
        let claim = extract_claim_parts(indices, claimed_rows(leaves)?, amounts, more)?;
        let mut claim = claim.map_err(|message| invalid(py, "LENGTH_MISMATCH", message))?;
        let indices = std::mem::take(&mut claim.indices);
        Each { head: self.head(), indices: Some(indices), leaves: &claim.leaves, proofs }
            .verify(py, |place| claim.why(place))
    }

    /// The verdict on each of k claims, as a read-only ``(k,)`` array of bool: the one call that returns verdicts.
    ///
    /// As :meth:`verify_each`, for when single failures are to be sorted out: sums that overflow in one proof refuse that one
    /// only. Raises ``ValueError`` when the parts differ in number, ``TypeError`` for wrong types.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> tree.head.check_each([0, 2], [b"a", b"c"], [5, 8], tree.prove_each([0, 2])).tolist()
    /// [True, False]
    #[pyo3(signature = (indices, leaves, amounts, proofs))]
    fn check_each<'py>(
        &self,
        py: Python<'py>,
        indices: &Bound<'py, PyAny>,
        leaves: &Bound<'py, PyAny>,
        amounts: &Bound<'py, PyAny>,
        proofs: &Bound<'py, PySumProofBatch>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let proofs = &proofs.get().0.0;
        let more = Some((proofs.len(), "proofs"));
        let claim = extract_claim_parts(indices, extract_rows(leaves, "leaves")?, amounts, more)?;
        let SumClaim { indices, leaves, .. } = claim.map_err(PyValueError::new_err)?;
        bool_1d(py, Each { head: self.head(), indices: Some(indices), leaves: &leaves, proofs }.verdicts(py)?)
    }

    /// Checks that leaf ``leaves[j]`` has index ``indices[j]`` and the amount ``amounts[j]``, for every j, with one proof;
    /// returns nothing if so.
    ///
    /// The claim may come in any order. Proves for each leaf what :meth:`verify_inclusion` proves. Raises
    /// :class:`InvalidProof` for any claim that is not proven: also for none, an index claimed twice, or parts that differ in
    /// number; ``TypeError`` for wrong types. Each leaf and each node above is hashed once, by all threads.
    ///
    /// >>> import tallystick as ts
    /// >>> tree = ts.SumTree([b"a", b"b", b"c"], [5, 7, 9])
    /// >>> tree.head.verify_many([2, 0], [b"c", b"a"], [9, 5], tree.prove_many([0, 2]))
    #[pyo3(signature = (indices, leaves, amounts, proof))]
    fn verify_many(
        &self,
        py: Python<'_>,
        indices: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        amounts: &Bound<'_, PyAny>,
        proof: &Bound<'_, PySumMultiProof>,
    ) -> PyResult<()> {
        let (indices, leaves) = extract_sum_claim(indices, leaves, amounts, self.head())?;
        Many { indices: &indices, leaves: &leaves, proof: &proof.get().0.0 }.verify(py, self.head())
    }

    fn __repr__(&self) -> String {
        let head = self.head();
        let (name, size, total, root) = (head.scheme().name(), head.size(), head.total(), hex(head.root()));
        format!("<SumHead {name}: size {size}, total {total}, root {root}>")
    }
}

impl Encoded for PySumHead {
    type Inner = Summed<TreeHead>;

    fn inner(&self) -> &Summed<TreeHead> {
        &self.0
    }

    fn of(inner: Summed<TreeHead>) -> Self {
        Self(inner)
    }
}

wire_methods!(PySumHead, "ts.SumTree([b'a', b'b'], [5, 7]).head");
