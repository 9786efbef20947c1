//! Keys of customers, and ids of keys that sign.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_proof::liabilities::{check_id, check_text, customer_key, ed25519_key_id};

use super::claim::{UserId, extract_array, extract_id, extract_text};
use crate::errors::name_error;

/// A customer's 32-byte key of one snapshot, where keys come from a ``secret`` of exactly 32 bytes.
///
/// From it follow the salts and places of the customer's leaves. Whoever has the secret can make it again, so erasing a
/// customer takes destroying the secret. Raises ``ValueError`` for a secret of another length, a snapshot id that is none and
/// an id that is empty, longer than 65,535 bytes or no text; ``TypeError`` for other types.
///
/// >>> from tallystick import liabilities
/// >>> liabilities.customer_key(bytes(32), "2026-01-01", "alice").hex()[:16]
/// '93a79dc4d4c0cbef'
#[pyfunction]
#[pyo3(signature = (secret, snapshot_id, user_id))]
pub(crate) fn liabilities_customer_key<'py>(
    py: Python<'py>,
    secret: &Bound<'py, PyAny>,
    snapshot_id: &Bound<'py, PyAny>,
    user_id: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let secret = extract_array(secret, "the secret")?;
    let snapshot_id = extract_text(snapshot_id, "the snapshot id")?;
    check_text("snapshot id", &snapshot_id, 1).map_err(name_error)?;
    let id = match extract_id(user_id)? {
        UserId::NoText => UserId::Text(extract_text(user_id, "an id")?),
        id => id,
    };
    check_id(&id).map_err(name_error)?;
    Ok(PyBytes::new(py, &customer_key(&secret, &snapshot_id, &id)))
}

/// The id of an Ed25519 key in signature lines, of 4 bytes. Raises ``ValueError`` for a key of other than 32 bytes.
#[pyfunction]
#[pyo3(signature = (name, public_key, /))]
pub(crate) fn liabilities_key_id<'py>(
    py: Python<'py>,
    name: &Bound<'py, PyAny>,
    public_key: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (name, key) = (extract_text(name, "a key's name")?, extract_array(public_key, "a public key")?);
    Ok(PyBytes::new(py, &ed25519_key_id(&name, &key)))
}
