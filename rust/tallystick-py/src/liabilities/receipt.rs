//! `Receipt`: what one customer is handed.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::Receipt;

use super::claim::extract_array;
use super::receipt_asset::{PyReceiptAsset, each};
use crate::codec::{Encoded, wire_methods};
use crate::head::hex;

/// What one customer is handed: all leaves of the customer, asset by asset, with their proofs.
///
/// Snapshots make receipts; :meth:`Statement.verify` checks them. The id is not inside: the customer states it. The
/// constructor takes parts from elsewhere: the digest of a statement, and assets in their order, whatever they prove. Raises
/// ``ValueError`` for a digest of other than 32 bytes, for codes and groups that are none, and for more than 65,535 assets or
/// parts; ``TypeError`` for other types.
///
/// >>> from tallystick.liabilities import Receipt
/// >>> receipt = Receipt(bytes(32), [])
/// >>> receipt
/// <Receipt for 00000000…: 0 assets, 0 parts>
/// >>> receipt == Receipt.from_bytes(receipt.to_bytes())
/// True
#[pyclass(frozen, module = "tallystick.liabilities", name = "Receipt")]
pub(crate) struct PyReceipt(pub(super) Receipt);

#[pymethods]
impl PyReceipt {
    #[new]
    #[pyo3(signature = (statement, assets))]
    fn new(statement: &Bound<'_, PyAny>, assets: &Bound<'_, PyAny>) -> PyResult<Self> {
        let digest = extract_array(statement, "the statement's digest")?;
        let assets: Vec<Bound<'_, PyReceiptAsset>> = each(assets, "assets", "ReceiptAsset")?;
        let assets = assets.iter().map(|asset| asset.get().0.clone()).collect();
        Receipt::new(digest, assets).map(Self).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// Digest of the statement that it is for.
    #[getter]
    fn statement<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.statement())
    }

    /// A tuple of :class:`ReceiptAsset`, ascending by code and group; a copy at each access.
    #[getter]
    fn assets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.assets().iter().cloned().map(PyReceiptAsset))
    }

    fn __repr__(&self) -> String {
        let digest = hex(self.0.statement().get(..4).unwrap_or_default());
        let parts: usize = self.0.assets().iter().map(|asset| asset.parts.len()).sum();
        format!("<Receipt for {digest}…: {} assets, {parts} parts>", self.0.assets().len())
    }
}

impl Encoded for PyReceipt {
    type Inner = Receipt;

    fn inner(&self) -> &Receipt {
        &self.0
    }

    fn of(inner: Receipt) -> Self {
        Self(inner)
    }

    fn weight(&self) -> usize {
        let parts = self.0.assets().iter().flat_map(|asset| &asset.parts);
        parts.map(|part| part.proof.0.digests().bytes().len().saturating_add(64)).sum()
    }
}

wire_methods!(PyReceipt, "from tallystick.liabilities import Receipt", "Receipt(bytes(32), [])");
