//! Reading a table and nothing else, for tests and measurements.

#![allow(clippy::doc_link_with_quotes, reason = "the example has Python lists of strings")]

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use tallystick_liabilities::ledger::Ledger;

use super::{ColumnNames, TableLayout, read_table};

/// What a table of holdings says. Private: for tests and measurements of how tables are read.
///
/// Takes what `liabilities.commit` takes to describe a table. Returns a dict: `customers` is the list of their ids and keys
/// (`None` without `customer_key`), in the order of coming; `trees` maps (code, group) to decimals and a dict of the places of
/// customers to amounts in minor units. With `summary`, `customers` is their number, and the dicts become numbers of
/// holders and totals.
///
/// >>> from tallystick import _core
/// >>> _core.read_holdings({"id": ["a", "b"], "BTC": ["0.5", "0"]}, id="id", assets={"BTC": 8}, unit="major")["trees"]
/// {('BTC', ''): (8, {0: 50000000})}
#[pyfunction]
#[pyo3(signature = (
    table, *, id, assets, unit="minor", asset=None, amount=None, group=None, customer_key=None, nulls="refuse", summary=false
))]
#[expect(clippy::too_many_arguments, reason = "they are those of liabilities.commit")]
pub(crate) fn read_holdings<'py>(
    py: Python<'py>,
    table: &Bound<'py, PyAny>,
    id: String,
    assets: &Bound<'py, PyAny>,
    unit: &str,
    asset: Option<String>,
    amount: Option<String>,
    group: Option<String>,
    customer_key: Option<String>,
    nulls: &str,
    summary: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let layout = TableLayout::new(ColumnNames { id, asset, amount, group, customer_key }, assets, unit, nulls)?;
    let mut ledger = Ledger::new(None);
    read_table(py, table, &layout, &mut ledger)?;
    let (result, trees) = (PyDict::new(py), PyDict::new(py));
    for (place, tree) in ledger.trees().enumerate() {
        let held = ledger.holdings(place).into_iter().flatten();
        let holdings = if summary {
            let (mut holders, mut total) = (0_u64, 0_u128);
            for (_, amount) in held {
                (holders, total) = (holders + 1, total + amount);
            }
            (holders, total).into_pyobject(py)?.into_any()
        } else {
            held.collect::<BTreeMap<u32, u128>>().into_pyobject(py)?.into_any()
        };
        trees.set_item((tree.code, tree.group), (tree.decimals, holdings))?;
    }
    if summary {
        result.set_item("customers", ledger.customers())?;
    } else {
        let customers = PyList::empty(py);
        for customer in 0..ledger.customers() as u32 {
            let bytes = |bytes: Option<&[u8]>| bytes.map(|bytes| PyBytes::new(py, bytes));
            customers.append((bytes(ledger.id(customer)), bytes(ledger.key(customer))))?;
        }
        result.set_item("customers", customers)?;
    }
    result.set_item("trees", trees)?;
    Ok(result)
}
