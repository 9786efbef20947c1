//! Audits and differences, as plain values: `tallystick.liabilities` makes reports of them.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use tallystick_liabilities::audit::{Audit, Counted, Finding, Kind, Subject, audit};
use tallystick_liabilities::diff::{AssetDiff, Count, diff};
use tallystick_liabilities::ledger::Ledger;

use super::table::{ColumnNames, TableLayout, read_table};
use super::{PySnapshot, PyStatement};
use crate::rows::buffer::type_name;
use crate::run::run_liabilities;

/// A snapshot, or the folder of one.
enum Audited<'py> {
    Snapshot(Bound<'py, PySnapshot>),
    Folder(PathBuf),
}

fn extract_audited<'py>(obj: &Bound<'py, PyAny>) -> PyResult<Audited<'py>> {
    if let Ok(snapshot) = obj.cast::<PySnapshot>() {
        return Ok(Audited::Snapshot(snapshot.clone()));
    }
    let folder = obj.extract::<PathBuf>();
    folder.map(Audited::Folder).map_err(|_| {
        PyTypeError::new_err(format!("what is audited is a Snapshot or the path of one, not {}", type_name(obj)))
    })
}

/// Audits a snapshot; see `tallystick.liabilities.audit`, which makes a report of what this returns.
#[pyfunction]
#[pyo3(signature = (subject, statement, table, *, id, assets, unit, asset, amount, group, nulls))]
#[allow(clippy::too_many_arguments)] // All but the first three by keyword.
pub(crate) fn liabilities_audit<'py>(
    py: Python<'py>,
    subject: &Bound<'py, PyAny>,
    statement: &Bound<'py, PyStatement>,
    table: Option<&Bound<'py, PyAny>>,
    id: String,
    assets: &Bound<'py, PyAny>,
    unit: &str,
    asset: Option<String>,
    amount: Option<String>,
    group: Option<String>,
    nulls: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let subject = extract_audited(subject)?;
    let ledger = match table {
        None => None,
        Some(table) => {
            let names = ColumnNames { id, asset, amount, group, customer_key: None };
            let layout = TableLayout::new(names, assets, unit, nulls)?;
            let mut ledger = Ledger::new(None);
            read_table(py, table, &layout, &mut ledger)?;
            Some(ledger)
        }
    };
    let statement = &statement.get().signed().statement;
    let found = match &subject {
        Audited::Snapshot(snapshot) => {
            let snapshot = snapshot.get().0.clone();
            run_liabilities(py, None, |run| audit(Subject::Snapshot(&snapshot), statement, ledger, run))?
        }
        Audited::Folder(folder) => {
            run_liabilities(py, Some(folder), |run| audit(Subject::Folder(folder), statement, ledger, run))?
        }
    };
    let folder = match &subject {
        Audited::Snapshot(snapshot) => snapshot.get().0.folder().map(|folder| folder.display().to_string()),
        Audited::Folder(folder) => Some(folder.display().to_string()),
    };
    let values = values(py, found)?;
    values.set_item("folder", folder)?;
    Ok(values)
}

/// Names and meanings of all kinds of findings.
#[pyfunction]
pub(crate) fn liabilities_finding_kinds() -> Vec<(&'static str, &'static str)> {
    Kind::ALL.iter().map(|kind| (kind.name(), kind.meaning())).collect()
}

fn values(py: Python<'_>, found: Audit) -> PyResult<Bound<'_, PyDict>> {
    let Audit { counts, findings, customers, erased, idle, assets, compared } = found;
    let values = PyDict::new(py);
    let counts: Vec<_> = counts.into_iter().map(|(kind, count)| (kind.name(), count)).collect();
    values.set_item("counts", counts)?;
    let findings: Vec<_> = findings.into_iter().map(|finding| finding_values(py, finding)).collect();
    values.set_item("findings", findings)?;
    values.set_item("customers", (customers, erased, idle))?;
    let assets = assets.into_iter().map(|asset| {
        let counted = asset.counted.map(|counted| counted_values(py, &counted));
        (asset.findings, counted, asset.table_total)
    });
    let assets: Vec<_> = assets.collect();
    values.set_item("assets", assets)?;
    values.set_item("compared", compared.map(|found| (found.customers, found.holdings, found.equal)))?;
    Ok(values)
}

type FindingValues<'py> = (
    &'static str,
    String,
    Option<usize>,
    Option<u32>,
    Option<u64>,
    Option<u32>,
    Option<Bound<'py, PyBytes>>,
    Option<String>,
);

fn finding_values(py: Python<'_>, finding: Finding) -> FindingValues<'_> {
    let Finding { kind, place, message } = finding;
    let id = place.id.map(|id| PyBytes::new(py, &id));
    (kind.name(), message, place.tree, place.level, place.index, place.customer, id, place.file)
}

type CountedValues<'py> = (u64, u64, Option<u128>, u64, Option<u128>, u64, Option<Bound<'py, PyBytes>>, Vec<u64>);

fn counted_values<'py>(py: Python<'py>, counted: &Counted) -> CountedValues<'py> {
    let Counted { leaves, holders, total, erased_leaves, erased_total, nodes, root, histogram } = counted;
    let root = root.map(|root| PyBytes::new(py, &root));
    (*leaves, *holders, *total, *erased_leaves, *erased_total, *nodes, root, histogram.to_vec())
}

/// Compares two snapshots; see `tallystick.liabilities.diff`, which makes a report of what this returns.
#[pyfunction]
#[pyo3(signature = (old, new, keep))]
pub(crate) fn liabilities_diff<'py>(
    py: Python<'py>,
    old: &Bound<'py, PySnapshot>,
    new: &Bound<'py, PySnapshot>,
    keep: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let (old, new) = (old.get().0.clone(), new.get().0.clone());
    let found = run_liabilities(py, None, |run| diff(&old, &new, keep, run))?;
    let values = PyDict::new(py);
    values.set_item("customers", found.customers)?;
    values.set_item("erased", found.erased)?;
    values.set_item("common", found.common)?;
    let assets: PyResult<Vec<_>> = found.assets.into_iter().map(|asset| asset_values(py, asset)).collect();
    values.set_item("assets", assets?)?;
    Ok(values)
}

fn asset_values(py: Python<'_>, asset: AssetDiff) -> PyResult<Bound<'_, PyDict>> {
    let values = PyDict::new(py);
    let count = |count: Count| (count.holdings, count.sum);
    values.set_item("code", asset.code)?;
    values.set_item("group", asset.group)?;
    values.set_item("decimals", asset.decimals)?;
    values.set_item("totals", asset.totals)?;
    let counts = [
        ("added", asset.added),
        ("gone", asset.gone),
        ("more", asset.more),
        ("less", asset.less),
        ("same", asset.same),
    ];
    for (name, own) in counts {
        values.set_item(name, count(own))?;
    }
    values.set_item("erased", asset.erased.map(count))?;
    let moved: Vec<_> =
        asset.moved.into_iter().map(|moved| (PyBytes::new(py, &moved.id), moved.old, moved.new)).collect();
    values.set_item("moved", moved)?;
    Ok(values)
}
