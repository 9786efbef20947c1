//! Texts, ids and balances as Python hands them over: a maker answers bad ones with `ValueError`, a verifier with a
//! refusal.

use std::ops::Deref;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};
use tallystick_proof::liabilities::Expected;

use crate::rows::buffer::type_name;
use crate::rows::{LeafBytes, extract_bytes};
use crate::sum::{Amount, extract_amount};

/// Text that messages call `what`: `TypeError` for another type, `ValueError` for lone surrogates.
pub(super) fn extract_text(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<String> {
    let Ok(text) = obj.cast::<PyString>() else {
        return Err(PyTypeError::new_err(format!("{what} must be str, not {}", type_name(obj))));
    };
    let encoded = text.to_str().map_err(|_| PyValueError::new_err(format!("{what} has lone surrogates: no text")))?;
    Ok(encoded.to_owned())
}

/// Exactly `N` bytes that messages call `what`: `TypeError` for another type, `ValueError` for another length.
pub(crate) fn extract_array<const N: usize>(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<[u8; N]> {
    let bytes = extract_bytes(obj, what)?;
    let wrong = |_| PyValueError::new_err(format!("{what} has {N} bytes, not {}", bytes.len()));
    <[u8; N]>::try_from(&*bytes).map_err(wrong)
}

/// A customer's id: bytes, or text that stands for its UTF-8.
pub(super) enum UserId {
    Bytes(LeafBytes),
    Text(String),
    /// Text with lone surrogates, which has no UTF-8. As bytes it is as good as empty: an id that nobody has.
    NoText,
}

impl Deref for UserId {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
            Self::NoText => &[],
        }
    }
}

/// The id `obj`; `TypeError` for what is neither bytes nor text.
pub(super) fn extract_id(obj: &Bound<'_, PyAny>) -> PyResult<UserId> {
    if let Ok(text) = obj.cast::<PyString>() {
        return Ok(text.to_str().map_or(UserId::NoText, |text| UserId::Text(text.to_owned())));
    }
    let wrong = |_| PyTypeError::new_err(format!("a customer's id is bytes or str, not {}", type_name(obj)));
    extract_bytes(obj, "an id").map(UserId::Bytes).map_err(wrong)
}

/// What a customer expects, by code. `TypeError` for what is no mapping of text to integers; whatever integers they are.
pub(super) fn extract_balances(obj: &Bound<'_, PyAny>) -> PyResult<Expected> {
    let mut balances = Expected::new();
    let mut put = |code: &Bound<'_, PyAny>, amount: &Bound<'_, PyAny>| {
        let Ok(code) = code.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!("expected: a code is str, not {}", type_name(code))));
        };
        // Text with lone surrogates is no code, and stays none when they are replaced.
        let code = code.to_string_lossy().into_owned();
        let amount = match extract_amount(amount, "an expected amount")? {
            Amount::In(amount) => Some(amount),
            Amount::Outside(_) => None,
        };
        // Nothing is proven to be zero. So two texts with the same replacement cannot hide an amount.
        if amount != Some(0) {
            balances.insert(code, amount);
        }
        Ok(())
    };
    if let Ok(dict) = obj.cast_exact::<PyDict>() {
        for (code, amount) in dict {
            put(&code, &amount)?;
        }
        return Ok(balances);
    }
    let Ok(mapping) = obj.cast::<PyMapping>() else {
        return Err(PyTypeError::new_err(format!(
            "expected must be a mapping of codes to amounts, not {}",
            type_name(obj)
        )));
    };
    for item in mapping.items()? {
        let (code, amount): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        put(&code, &amount)?;
    }
    Ok(balances)
}
