//! `commit`: from a table of holdings to a snapshot.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use tallystick_liabilities::build::{Keys, Plan};
use tallystick_liabilities::files::Workplace;
use tallystick_liabilities::ledger::Ledger;
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_liabilities::split::Split;
use tallystick_proof::liabilities::{Draft, HASH, MAX_PARTS, Statement, check_asset};
use zeroize::Zeroizing;

use super::claim::{extract_array, extract_text};
use super::table::{ColumnNames, TableLayout, read_table};
use super::{PySnapshot, PyStatement};
use crate::argument::Argument;
use crate::errors::{chain_error, liability_error, liability_path_error, name_error, statement_error};
use crate::hash::resolve;
use crate::indices::extract_size;
use crate::rows::buffer::type_name;
use crate::run::run_liabilities;
use crate::scheme::{PyScheme, sum_or_native};

/// Commits to what customers are owed: a tree an asset over its holders, and a statement of all totals.
///
/// ``table`` is anything with the Arrow methods (a table, a stream of batches, a data frame) or a mapping of columns. *Wide*, it has a
/// row for each id and a column for each code of ``assets``; *long*, with ``asset`` and ``amount`` naming columns, a row for each
/// holding. ``assets`` maps each code to its decimals: 10**decimals minor units are 1. ``unit`` holds for every amount, whatever
/// its type: ``"minor"`` is whole minor units, ``"major"`` decimals of the whole asset. Say which: with 8 decimals a wrong one is wrong by
/// eight digits. A table without rows is refused where ``previous`` has holders: a stream can be read once. ``id`` names the column of ids: bytes, or text
/// as its UTF-8. ``group`` names a column by which each asset is split into trees of their own, such as a legal entity. An amount
/// that is null is refused, or with ``nulls="zero"`` none. See :doc:`/guides/holdings` for types.
///
/// Keys, from which salts and the order of leaves follow, come from ``customer_key``, a column of 32 bytes that you keep; else from
/// ``secret``, 32 bytes that are not kept: destroy them after the run, or erasing customers erases nothing; else from the system's
/// chance. Each way the snapshot holds the keys: it is as confidential as the table.
///
/// ``origin`` says who owes (text, or its UTF-8), ``snapshot_id`` of when, ``time`` is Unix seconds and now by default. ``previous`` is the
/// statement that this one follows: it lists at least its assets, with the same decimals. ``parts`` above 1 splits balances over up to
/// as many leaves each, at random; ``leaves``, a number or a mapping of codes to numbers, is the least number of leaves of each tree
/// with holders, reached by splitting more. ``state_holders=False`` keeps the numbers of holders out of the statement.
///
/// With ``path`` the snapshot is built there, in memory bounded by the ids and the largest asset, and the table is read batch by batch;
/// else in memory. The folder, which must not exist, is written beside its place and renamed at the end, readable by its owner alone.
///
/// Raises ``TypeError``, ``ValueError`` or ``OverflowError`` for a table that is not as above, naming row, id and column;
/// :class:`ChainError` for a statement that cannot follow ``previous``; ``FileExistsError``. Then nothing is written. Costs, for 10^6
/// customers with a balance each, about 0.3 s and 190 MB on two cores; can be interrupted. A process that is killed meanwhile leaves a
/// folder ``.tallystick-….tmp`` beside ``path``, readable by its owner alone: delete it.
///
/// >>> from tallystick import liabilities
/// >>> table = {"user": ["alice", "bob"], "BTC": ["0.5", "1.25"], "EUR": ["0", "70.10"]}
/// >>> snapshot = liabilities.commit(
/// ...     table, id="user", assets={"BTC": 8, "EUR": 2}, unit="major", origin="exchange.example", snapshot_id="2026-01-01")
/// >>> snapshot.statement.assets["BTC"].total
/// 175000000
/// >>> snapshot.statement.verify(snapshot.receipt("bob"), "bob", {"BTC": 125_000_000, "EUR": 7010})
/// {'BTC': 125000000, 'EUR': 7010}
#[pyfunction]
#[pyo3(
    signature = (table, *, id, assets, unit="minor", asset=None, amount=None, group=None, customer_key=None, secret=None,
        origin, snapshot_id, previous=None, path=None, time=None, scheme=None, nulls="refuse",
        parts=Argument::Default, leaves=None, state_holders=true),
    text_signature = "(table, *, id, assets, unit='minor', asset=None, amount=None, group=None, customer_key=None, secret=None, \
        origin, snapshot_id, previous=None, path=None, time=None, scheme=None, nulls='refuse', parts=1, leaves=None, state_holders=True)"
)]
#[allow(clippy::too_many_arguments)] // All but the first by keyword.
pub(crate) fn liabilities_commit(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    id: String,
    assets: &Bound<'_, PyAny>,
    unit: &str,
    asset: Option<String>,
    amount: Option<String>,
    group: Option<String>,
    customer_key: Option<String>,
    secret: Option<&Bound<'_, PyAny>>,
    origin: &Bound<'_, PyAny>,
    snapshot_id: &Bound<'_, PyAny>,
    previous: Option<&Bound<'_, PyStatement>>,
    path: Option<PathBuf>,
    time: Option<&Bound<'_, PyAny>>,
    scheme: Option<&Bound<'_, PyScheme>>,
    nulls: &str,
    parts: Argument<'_>,
    leaves: Option<&Bound<'_, PyAny>>,
    state_holders: bool,
) -> PyResult<PySnapshot> {
    let keys = match (&customer_key, secret) {
        (Some(_), Some(_)) => {
            return Err(PyValueError::new_err("keys come from customer_key or from secret: give one of them"));
        }
        (Some(_), None) => Keys::Given,
        (None, Some(secret)) => Keys::Secret(Zeroizing::new(extract_array(secret, "the secret")?)),
        (None, None) => Keys::Random,
    };
    let layout = TableLayout::new(ColumnNames { id, asset, amount, group, customer_key }, assets, unit, nulls)?;
    let previous = previous.map(|previous| &previous.get().signed().statement);
    let draft = Draft {
        origin: extract_origin(origin)?,
        sequence: previous
            .map_or(Some(0), |previous| previous.sequence.checked_add(1))
            .ok_or_else(|| PyValueError::new_err("the previous statement has the last sequence that there is"))?,
        snapshot_id: extract_text(snapshot_id, "the snapshot id")?,
        time: time.map_or_else(|| Ok(now()), |time| extract_size(time, "the time"))?,
        previous: previous.map_or([0; HASH], |previous| *previous.digest()),
        scheme: sum_or_native(scheme)?,
        assets: Vec::new(),
    };
    let split = extract_split(parts, leaves, &layout)?;
    check_draft(py, &draft, previous)?;
    // Where the process works may change while the table is read.
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    let path = path.map(absolute);
    let workplace = match &path {
        Some(path) => Some(Workplace::new(path).map_err(|error| liability_path_error(py, error.into(), path))?),
        None => None,
    };
    let mut ledger = Ledger::new(workplace.as_ref().map(Workplace::path));
    read_table(py, table, &layout, &mut ledger)?;
    if ledger.customers() == 0 && previous.is_some_and(|previous| previous.assets.iter().any(|asset| asset.leaves > 0))
    {
        return Err(PyValueError::new_err(
            "the table has no rows, and the previous statement has holders; a stream can be read once",
        ));
    }
    add_previous(&mut ledger, &layout, previous)?;
    let plan = Plan { draft, keys, split, state_holders };
    let Some((workplace, path)) = workplace.zip(path) else {
        return run_liabilities(py, None, |run| Snapshot::build(ledger, plan, run)).map(PySnapshot::of);
    };
    run_liabilities(py, Some(&path), |run| {
        Snapshot::build_files(ledger, plan, workplace.path(), run)?;
        workplace.finish()?;
        Snapshot::open(&path, &resolve)
    })
    .map(PySnapshot::of)
}

/// Who owes: text, or its UTF-8.
fn extract_origin(origin: &Bound<'_, PyAny>) -> PyResult<String> {
    match origin.cast::<PyBytes>() {
        Ok(bytes) => std::str::from_utf8(bytes.as_bytes())
            .map(str::to_owned)
            .map_err(|_| PyValueError::new_err("the origin is no UTF-8: no text")),
        Err(_) => extract_text(origin, "the origin"),
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Refuses what no table can mend, before it is read.
fn check_draft(py: Python<'_>, draft: &Draft, previous: Option<&Statement>) -> PyResult<()> {
    let mut empty = draft.clone();
    // It says nothing of assets yet; those of the previous statement are looked at when the table was read.
    empty.assets = previous.map_or_else(Vec::new, |previous| previous.assets.clone());
    let statement = Statement::new(empty).map_err(statement_error)?;
    match previous {
        Some(previous) => statement.follows(previous).map_err(|error| chain_error(py, error)),
        None => Ok(()),
    }
}

/// Trees that the previous statement lists are listed again.
fn add_previous(ledger: &mut Ledger, layout: &TableLayout, previous: Option<&Statement>) -> PyResult<()> {
    for asset in previous.iter().flat_map(|previous| &previous.assets) {
        let (code, decimals) = (&asset.code, asset.decimals);
        match layout.assets.iter().find(|(other, _)| other == code) {
            None => {
                return Err(PyValueError::new_err(format!(
                    "assets must list {code}, which the previous statement lists; if nobody holds any now, a wide table has a column of zeros for it"
                )));
            }
            Some((_, other)) if *other != decimals => {
                return Err(PyValueError::new_err(format!(
                    "{code} had {decimals} decimals in the previous statement, not {other}; a new unit takes a new code"
                )));
            }
            Some(_) => {}
        }
        check_asset(code, &asset.group).map_err(name_error)?;
        ledger.tree(code, &asset.group, decimals).map_err(liability_error)?;
    }
    Ok(())
}

fn extract_split(parts: Argument<'_>, leaves: Option<&Bound<'_, PyAny>>, layout: &TableLayout) -> PyResult<Split> {
    let parts = match parts {
        Argument::Default => 1,
        Argument::Given(parts) => extract_size(&parts, "parts")?,
    };
    let parts = u16::try_from(parts).ok().filter(|parts| *parts >= 1);
    let parts = parts.ok_or_else(|| PyValueError::new_err(format!("parts must be from 1 to {MAX_PARTS}")))?;
    let mut least = BTreeMap::new();
    let Some(leaves) = leaves else { return Ok(Split { parts, leaves: least }) };
    match leaves.cast::<PyDict>() {
        Ok(leaves) => {
            for (code, number) in leaves {
                let code = extract_text(&code, "a code in leaves")?;
                if !layout.assets.iter().any(|(other, _)| *other == code) {
                    return Err(PyValueError::new_err(format!("leaves has {code:?}, which is not among assets")));
                }
                least.insert(code, extract_size(&number, "leaves")?);
            }
        }
        Err(_) if leaves.hasattr("__index__")? => {
            let number = extract_size(leaves, "leaves")?;
            least.extend(layout.assets.iter().map(|(code, _)| (code.clone(), number)));
        }
        Err(_) => {
            return Err(PyTypeError::new_err(format!(
                "leaves must be an integer or a dict of codes to integers, not {}",
                type_name(leaves)
            )));
        }
    }
    Ok(Split { parts, leaves: least })
}
