//! Leaves with amounts: for makers, and as claims.

use std::ops::Range;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tallystick_proof::head::TreeHead;
use tallystick_proof::verify::{Claim, check_claim};
use tallystick_tree::leaves::{Block, Leaves, with_amounts};

use super::amounts::{Amounts, extract_amounts};
use crate::claim::{claimed_rows, outside};
use crate::errors::{invalid, refused};
use crate::indices::{Indices, claimed_length, extract_indices};
use crate::rows::{RowsInput, extract_rows};

/// Rows and as many amounts: the leaves of a sum tree, each behind its amount.
pub(crate) struct SumRows {
    rows: RowsInput,
    amounts: Vec<u128>,
}

impl SumRows {
    /// The sum of all amounts; `None` if it is 2^128 or more.
    pub(crate) fn total(&self) -> Option<u128> {
        self.amounts.iter().try_fold(0, |total: u128, amount| total.checked_add(*amount))
    }
}

impl Leaves for SumRows {
    fn len(&self) -> usize {
        self.amounts.len()
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        with_amounts(&self.rows, &self.amounts, range)
    }
}

/// The leaves and amounts that something is made of: `ValueError` where they are not as many. `what` begins messages.
pub(crate) fn extract_sum_rows(leaves: &Bound<'_, PyAny>, amounts: &Bound<'_, PyAny>, what: &str) -> PyResult<SumRows> {
    let rows = extract_rows(leaves, &format!("{what}leaves"))?;
    let unequal = |amounts: &str| PyValueError::new_err(format!("{what}{} leaves and {amounts} amounts", rows.len()));
    let name = format!("{what}amounts");
    if let Some(length) = other_length(amounts, &name, rows.len())? {
        return Err(unequal(&length));
    }
    let amounts = extract_amounts(amounts, &name)?.within(&name)?;
    if amounts.len() != rows.len() {
        return Err(unequal(&amounts.len().to_string()));
    }
    Ok(SumRows { rows, amounts })
}

/// The length of integers that are not so many, where it is known before they are written out.
fn other_length(integers: &Bound<'_, PyAny>, what: &str, wanted: usize) -> PyResult<Option<String>> {
    Ok(claimed_length(integers, what)?.filter(|length| *length != wanted.to_string()))
}

/// What verifiers are given, before it is known whether the parts are as many.
pub(crate) struct SumClaim {
    pub(crate) indices: Indices,
    pub(crate) leaves: SumRows,
    amounts: Amounts,
}

/// The parts of a claim; `Err` inside says how they differ in number. `more` is what else they are as many as.
pub(crate) fn extract_claim_parts(
    indices: &Bound<'_, PyAny>,
    leaves: RowsInput,
    amounts: &Bound<'_, PyAny>,
    more: Option<(usize, &str)>,
) -> PyResult<Result<SumClaim, String>> {
    let count = leaves.len();
    let unequal = |indices: &str, amounts: &str| match more {
        None => format!("{indices} indices, {count} leaves and {amounts} amounts"),
        Some((more, what)) => format!("{indices} indices, {count} leaves, {amounts} amounts and {more} {what}"),
    };
    let lengths = [other_length(indices, "indices", count)?, other_length(amounts, "amounts", count)?];
    if lengths.iter().any(Option::is_some) {
        let [indices, amounts] = lengths.map(|length| length.unwrap_or_else(|| "other".to_owned()));
        return Ok(Err(unequal(&indices, &amounts)));
    }
    let (mut indices, mut amounts) = (extract_indices(indices)?, claimed_amounts(amounts)?);
    let counts = [indices.values.len(), amounts.values.len(), more.map_or(count, |(more, _)| more)];
    if counts.iter().any(|other| *other != count) {
        return Ok(Err(unequal(&counts[0].to_string(), &counts[1].to_string())));
    }
    let values = std::mem::take(&mut amounts.values);
    if more.is_some() {
        // Among others, a claim of what is no amount is one of an index that no tree has: no proof shows either.
        for place in &amounts.outside {
            indices.values[*place] = u64::MAX;
        }
    }
    Ok(Ok(SumClaim { indices, leaves: SumRows { rows: leaves, amounts: values }, amounts }))
}

impl SumClaim {
    /// Why the claim at `place` is false by itself, if it is by its amount.
    pub(crate) fn why(&self, place: usize) -> Option<String> {
        let outside = self.amounts.outside.binary_search(&place).ok()?;
        match (&self.amounts.first, outside) {
            (Some(first), 0) => Some(first.why()),
            _ => Some("its amount is not from 0 to 2**128 - 1".to_owned()),
        }
    }
}

/// Amounts of a claim: what is wrong with their values makes a false claim, not a misuse.
fn claimed_amounts(amounts: &Bound<'_, PyAny>) -> PyResult<Amounts> {
    let py = amounts.py();
    extract_amounts(amounts, "amounts").map_err(|error| {
        if error.is_instance_of::<PyValueError>(py) && error.traceback(py).is_none() {
            invalid(py, "AMOUNT_OUT_OF_RANGE", error.value(py).to_string())
        } else {
            error
        }
    })
}

/// The claim of one proof of many leaves, refused in the order of the specification.
pub(crate) fn extract_sum_claim(
    indices: &Bound<'_, PyAny>,
    leaves: &Bound<'_, PyAny>,
    amounts: &Bound<'_, PyAny>,
    head: &TreeHead,
) -> PyResult<(Vec<u64>, SumRows)> {
    let py = indices.py();
    let claim = extract_claim_parts(indices, claimed_rows(leaves)?, amounts, None)?;
    let SumClaim { indices, leaves, amounts } = claim.map_err(|message| invalid(py, "LENGTH_MISMATCH", message))?;
    if let Some((_, text)) = &indices.outside {
        return Err(outside(py, text, head.size()));
    }
    if let Some(outside) = &amounts.first {
        let rows = vec![&[][..]; leaves.len()];
        let claim = Claim { indices: &indices.values, leaves: &rows };
        check_claim(head, claim).map_err(|refusal| refused(py, refusal))?;
        return Err(outside.refused(py));
    }
    Ok((indices.values, leaves))
}
