//! The file of `BitMEX` and River.

use std::path::{Path, PathBuf};

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::Target;
use tallystick_tree::leaves::Leaves as _;
use tallystick_tree::pool::Run;
use tallystick_tree::published::bitmex::{self, BitmexError, Claim, Found, HASH, Holdings, Node, Order, Written};

use crate::arrays::{bytes_2d, u64_1d};
use crate::errors::bitmex_error;
use crate::indices::extract_size;
use crate::rows::{RowsInput, extract_bytes, extract_rows};
use crate::run::run;
use crate::sum::extract_amounts;

/// Root, total, number of leaves, nonces, offsets, indices.
type WrittenTuple<'py> = (Bound<'py, PyBytes>, u64, u64, Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Block height, number of leaves, index and amount of an account's leaves.
type FoundTuple = (u64, u64, Vec<(u64, u64)>);

/// Writes the file; see `tallystick.liabilities.published.bitmex.write`.
#[pyfunction]
#[pyo3(signature = (path, accounts, amounts, *, block_height, key, nonces, split, shuffle, overwrite))]
#[allow(clippy::too_many_arguments)] // one call of one caller
pub(crate) fn published_bitmex_write<'py>(
    py: Python<'py>,
    path: PathBuf,
    accounts: &Bound<'py, PyAny>,
    amounts: &Bound<'py, PyAny>,
    block_height: &Bound<'py, PyAny>,
    key: &Bound<'py, PyAny>,
    nonces: Option<&Bound<'py, PyAny>>,
    split: Option<&Bound<'py, PyAny>>,
    shuffle: bool,
    overwrite: bool,
) -> PyResult<WrittenTuple<'py>> {
    let accounts = numbers(accounts, "accounts")?;
    let amounts = numbers(amounts, "amounts")?;
    let height = extract_size(block_height, "block_height")?;
    let key = digest(key, "key")?;
    let nonces = nonces.map(|nonces| extract_rows(nonces, "nonces")).transpose()?;
    let nonces = nonces.map(|nonces| digests(&nonces, "nonces")).transpose()?;
    let split = split.map(|split| extract_size(split, "split")).transpose()?;
    let split = match split {
        Some(0) => return Err(PyValueError::new_err("split must be at least 1, or None")),
        split => split.map(|split| u32::try_from(split).unwrap_or(u32::MAX)),
    };
    let target = Target { path: path.clone(), overwrite };
    let holdings = Holdings { accounts: &accounts, amounts: &amounts, nonces: nonces.as_deref() };
    let order = Order { split, shuffle };
    let written = run_bitmex(py, &path, |run| bitmex::write(target, height, holdings, order, &key, run))?;
    let Written { root, leaves, nonces, offsets, indices } = written;
    Ok((
        PyBytes::new(py, &root.hash),
        root.amount,
        leaves,
        bytes_2d(py, nonces, HASH)?,
        u64_1d(py, offsets)?,
        u64_1d(py, indices)?,
    ))
}

/// Verifies every node; with an account and its nonce, finds its leaves as well. Returns block height, number of leaves,
/// and index and amount of the account's leaves.
#[pyfunction]
#[pyo3(signature = (path, root, total, *, account=None, nonce=None))]
pub(crate) fn published_bitmex_verify(
    py: Python<'_>,
    path: PathBuf,
    root: &Bound<'_, PyAny>,
    total: &Bound<'_, PyAny>,
    account: Option<&Bound<'_, PyAny>>,
    nonce: Option<&Bound<'_, PyAny>>,
) -> PyResult<FoundTuple> {
    let root = Node { hash: digest(root, "root")?, amount: extract_size(total, "total")? };
    let account = account.map(|account| extract_size(account, "account")).transpose()?;
    let nonce = nonce.map(|nonce| digest(nonce, "nonce")).transpose()?;
    let claim = account.zip(nonce.as_ref()).map(|(account, nonce)| Claim { account, nonce });
    let found = run_bitmex(py, &path, |run| bitmex::verify(&path, root, claim, run));
    let Found { height, leaves, own } = found?;
    Ok((height, leaves, own))
}

fn run_bitmex<T: Send>(
    py: Python<'_>,
    path: &Path,
    work: impl FnOnce(Run<'_>) -> Result<T, BitmexError> + Send,
) -> PyResult<T> {
    // An interruption goes through `run` as one, since only it knows what the signal handler raised.
    let done = run(py, |run| match work(run) {
        Err(BitmexError::Tree(error @ TreeError::Interrupted(_))) => Err(error),
        done => Ok(done),
    })?;
    done.map_err(|error| bitmex_error(py, error, path))
}

/// Numbers of 8 bytes.
fn numbers(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<u64>> {
    let numbers = extract_amounts(obj, what)?.within(what)?;
    let one = |(place, number): (usize, &u128)| {
        u64::try_from(*number)
            .map_err(|_| PyOverflowError::new_err(format!("{what}[{place}] must be less than 2**64, not {number}")))
    };
    numbers.iter().enumerate().map(one).collect()
}

/// A hash, a nonce or a key.
fn digest(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<[u8; HASH]> {
    let bytes = extract_bytes(obj, what)?;
    let length = bytes.len();
    bytes
        .first_chunk::<HASH>()
        .copied()
        .filter(|_| length == HASH)
        .ok_or_else(|| PyValueError::new_err(format!("{what} must have {HASH} bytes, not {length}")))
}

/// Rows of 32 bytes.
fn digests(rows: &RowsInput, what: &str) -> PyResult<Vec<[u8; HASH]>> {
    let one = |place| {
        let row = rows.row(place);
        <[u8; HASH]>::try_from(row)
            .map_err(|_| PyValueError::new_err(format!("{what}[{place}] must have {HASH} bytes, not {}", row.len())))
    };
    (0..rows.len()).map(one).collect()
}
