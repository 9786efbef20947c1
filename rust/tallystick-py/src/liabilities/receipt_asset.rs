//! What a receipt consists of: assets, and the parts of each.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::type_object::PyTypeCheck;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_proof::liabilities::{ReceiptAsset, ReceiptPart};

use super::claim::{extract_array, extract_text};

use crate::indices::extract_size;
use crate::rows::buffer::type_name;
use crate::sum::{PySumInclusionProof, extract_total};

/// One leaf of a customer: its index, amount in minor units, salt of 16 bytes, and proof.
///
/// Raises ``ValueError`` or ``OverflowError`` for numbers that no leaf can have, ``ValueError`` for a salt of another length.
///
/// >>> import tallystick as ts
/// >>> from tallystick.liabilities import ReceiptPart
/// >>> ReceiptPart(0, 5, bytes(16), ts.SumTree([b"a"], [5]).prove(0))
/// <ReceiptPart 5 at index 0>
#[pyclass(frozen, module = "tallystick.liabilities", name = "ReceiptPart")]
pub(crate) struct PyReceiptPart(pub(super) ReceiptPart);

#[pymethods]
impl PyReceiptPart {
    #[new]
    #[pyo3(signature = (index, amount, salt, proof))]
    fn new(
        index: &Bound<'_, PyAny>,
        amount: &Bound<'_, PyAny>,
        salt: &Bound<'_, PyAny>,
        proof: &Bound<'_, PySumInclusionProof>,
    ) -> PyResult<Self> {
        Ok(Self(ReceiptPart {
            index: extract_size(index, "index")?,
            amount: extract_total(amount, "the amount")?,
            salt: extract_array(salt, "the salt")?,
            proof: proof.get().0.clone(),
        }))
    }

    /// Index of the leaf.
    #[getter]
    fn index(&self) -> u64 {
        self.0.index
    }

    /// Its amount, in minor units.
    #[getter]
    fn amount(&self) -> u128 {
        self.0.amount
    }

    /// Its salt.
    #[getter]
    fn salt<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.salt)
    }

    /// Its proof.
    #[getter]
    fn proof(&self) -> PySumInclusionProof {
        PySumInclusionProof(self.0.proof.clone())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.0)
    }

    fn __repr__(&self) -> String {
        format!("<ReceiptPart {} at index {}>", self.0.amount, self.0.index)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let parts = (self.index(), self.amount(), self.salt(py), self.proof());
        Ok((py.get_type::<Self>().into_any(), parts.into_pyobject(py)?))
    }
}

/// All leaves of a customer in the tree of one asset, or of one group of it: code, group, and parts from part 0 on.
///
/// Whether the names are any, :class:`Receipt` checks. Raises ``TypeError`` for other types.
///
/// >>> import tallystick as ts
/// >>> from tallystick.liabilities import ReceiptAsset, ReceiptPart
/// >>> ReceiptAsset("BTC", "", [ReceiptPart(0, 5, bytes(16), ts.SumTree([b"a"], [5]).prove(0))])
/// <ReceiptAsset BTC: 1 parts>
#[pyclass(frozen, module = "tallystick.liabilities", name = "ReceiptAsset")]
pub(crate) struct PyReceiptAsset(pub(super) ReceiptAsset);

#[pymethods]
impl PyReceiptAsset {
    #[new]
    #[pyo3(signature = (code, group, parts))]
    fn new(code: &Bound<'_, PyAny>, group: &Bound<'_, PyAny>, parts: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (code, group) = (extract_text(code, "a code")?, extract_text(group, "a group")?);
        let parts: Vec<Bound<'_, PyReceiptPart>> = each(parts, "parts", "ReceiptPart")?;
        let parts = parts.iter().map(|part| part.get().0.clone()).collect();
        Ok(Self(ReceiptAsset { code, group, parts }))
    }

    /// Code of the asset.
    #[getter]
    fn code(&self) -> &str {
        &self.0.code
    }

    /// Entity or jurisdiction; empty where there are none.
    #[getter]
    fn group(&self) -> &str {
        &self.0.group
    }

    /// All parts, from part 0 on: a tuple of :class:`ReceiptPart`, made at each access.
    #[getter]
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.parts.iter().cloned().map(PyReceiptPart))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.0)
    }

    fn __repr__(&self) -> String {
        let group = if self.0.group.is_empty() { String::new() } else { format!(" of group {:?}", self.0.group) };
        format!("<ReceiptAsset {}{group}: {} parts>", self.0.code, self.0.parts.len())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let parts = (self.code(), self.group(), self.parts(py)?);
        Ok((py.get_type::<Self>().into_any(), parts.into_pyobject(py)?))
    }
}

/// The items of an iterable that messages call `what`; `TypeError` for one of another class.
pub(super) fn each<'py, C: PyTypeCheck>(
    items: &Bound<'py, PyAny>,
    what: &str,
    class: &str,
) -> PyResult<Vec<Bound<'py, C>>> {
    let mut found = Vec::new();
    for item in items.try_iter()? {
        let item = item?;
        let Ok(own) = item.cast::<C>() else {
            let (place, other) = (found.len(), type_name(&item));
            return Err(PyTypeError::new_err(format!("{what}[{place}] must be a {class}, not {other}")));
        };
        found.push(own.clone());
    }
    Ok(found)
}

fn hash_of(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    std::hash::Hasher::finish(&hasher)
}
