//! Tables of holdings into a ledger: of Arrow, NumPy and Python values, exactly.
//!
//! [`layout`] is what the caller says of a table, [`batches`] and [`source`] are where its columns come from, [`cells`] and
//! [`amounts`] what is in them, [`number`] how numbers become minor units, [`reader`] walks the rows, and [`fault`] names the
//! cell that is refused. Nothing here hashes.

mod amounts;
mod batches;
mod cells;
mod fault;
mod layout;
mod marks;
mod names;
mod number;
mod reader;
mod source;
mod testing;

use pyo3::prelude::*;
use tallystick_liabilities::ledger::Ledger;

pub(crate) use layout::{ColumnNames, TableLayout};
pub(crate) use testing::read_holdings;

use batches::Batches;
use reader::Reader;

/// Reads customers and holdings of `table` into `ledger`, which is to be dropped if this fails.
///
/// `table` is anything with the Arrow methods that yields structs, or a mapping of columns. A stream is read batch by
/// batch, and each is let go before the next is asked for. Every asset of the layout gets a tree in each group that
/// occurs; without a column of groups that is the group "".
///
/// Raises `TypeError`, `ValueError` and `OverflowError` for cells that are refused, naming row, id and column; for what is
/// no such table; what the stream raises; and `KeyboardInterrupt`, which is looked for every few thousand rows.
///
/// Costs no Python object for cells of Arrow columns and of arrays of integers.
pub(crate) fn read_table(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    layout: &TableLayout,
    ledger: &mut Ledger,
) -> PyResult<()> {
    let mut batches = Batches::new(table, layout)?;
    let mut reader = Reader::new(layout, ledger)?;
    reader.reserve(batches.rows());
    while let Some(batch) = batches.next(py)? {
        reader.batch(py, &batch)?;
    }
    Ok(())
}
