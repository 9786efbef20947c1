//! `AssetHead`: what a statement says of one tree.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_proof::liabilities::StatementAsset;

use super::claim::extract_array;
use crate::hash::python_hash;
use crate::head::hex;
use crate::indices::extract_size;
use crate::sum::extract_total;

/// What a statement says of the tree of one asset, or of one group of it.
///
/// ``decimals``: an amount of 10**decimals minor units is 1. ``leaves``: size of the tree. ``holders``: customers among the
/// leaves, ``None`` if not stated. ``total``: what is owed, in minor units. ``root``: 32 bytes. Raises ``ValueError`` for
/// numbers that no tree has: more leaves than minor units, holders than leaves, one of them zero and the other not.
///
/// >>> from tallystick.liabilities import AssetHead
/// >>> AssetHead(8, 3, 2, 150_000_000, bytes(32))
/// <AssetHead 150000000 of 8 decimals: 3 leaves, 2 holders, root 0000…>
/// >>> AssetHead(8, 3, 4, 150_000_000, bytes(32))
/// Traceback (most recent call last):
/// ValueError: no tree has 3 leaves, 4 holders and a total of 150000000
#[pyclass(frozen, module = "tallystick.liabilities", name = "AssetHead")]
pub(crate) struct PyAssetHead(StatementAsset);

impl PyAssetHead {
    /// Of the asset, without its names.
    pub(super) fn of(asset: &StatementAsset) -> Self {
        Self(StatementAsset { code: String::new(), group: String::new(), ..asset.clone() })
    }

    /// The asset of this name.
    pub(super) fn named(&self, code: String, group: String) -> StatementAsset {
        StatementAsset { code, group, ..self.0.clone() }
    }
}

#[pymethods]
impl PyAssetHead {
    #[new]
    #[pyo3(signature = (decimals, leaves, holders, total, root))]
    fn new(
        decimals: &Bound<'_, PyAny>,
        leaves: &Bound<'_, PyAny>,
        holders: Option<&Bound<'_, PyAny>>,
        total: &Bound<'_, PyAny>,
        root: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let decimals = extract_size(decimals, "decimals")?;
        let decimals = u8::try_from(decimals)
            .map_err(|_| PyValueError::new_err(format!("decimals must be at most 255, not {decimals}")))?;
        let leaves = extract_size(leaves, "leaves")?;
        let holders = holders.map(|holders| extract_size(holders, "holders")).transpose()?;
        let total = extract_total(total, "the total")?;
        let root = extract_array(root, "the root")?;
        let (code, group) = (String::new(), String::new());
        let asset = StatementAsset { code, group, decimals, leaves, holders, total, root };
        if asset.counts_fit() {
            return Ok(Self(asset));
        }
        let holders = holders.map_or_else(String::new, |holders| format!(", {holders} holders"));
        Err(PyValueError::new_err(format!("no tree has {leaves} leaves{holders} and a total of {total}")))
    }

    /// An amount of 10**decimals minor units is 1.
    #[getter]
    fn decimals(&self) -> u8 {
        self.0.decimals
    }

    /// Size of the tree.
    #[getter]
    fn leaves(&self) -> u64 {
        self.0.leaves
    }

    /// Customers among the leaves; ``None`` if not stated.
    #[getter]
    fn holders(&self) -> Option<u64> {
        self.0.holders
    }

    /// What is owed, in minor units.
    #[getter]
    fn total(&self) -> u128 {
        self.0.total
    }

    /// Root of the tree.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.root)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> u64 {
        let Self(asset) = self;
        let numbers = [asset.decimals.into(), asset.leaves.into(), asset.holders.map_or(0, u128::from), asset.total];
        python_hash(&[numbers.map(u128::to_le_bytes).as_flattened(), &asset.root].concat())
    }

    fn __repr__(&self) -> String {
        let Self(asset) = self;
        let holders = asset.holders.map_or_else(String::new, |holders| format!(", {holders} holders"));
        let root = hex(asset.root.get(..2).unwrap_or_default());
        let (total, decimals, leaves) = (asset.total, asset.decimals, asset.leaves);
        format!("<AssetHead {total} of {decimals} decimals: {leaves} leaves{holders}, root {root}…>")
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let parts = (self.decimals(), self.leaves(), self.holders(), self.total(), self.root(py));
        Ok((py.get_type::<Self>().into_any(), parts.into_pyobject(py)?))
    }
}
