//! Signing by whatever has a key: the protocols `Signer` and `Verifier`, as this crate calls them.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_proof::liabilities::{KEY_ID, MAX_SIGNATURES, NoteError, SignatureLine, SignedStatement};

use super::claim::{extract_array, extract_text};
use crate::errors::{invalid_signature, no_note, signature_error};
use crate::rows::buffer::type_name;
use crate::rows::extract_bytes;

/// Name and id of a key.
struct Key {
    name: String,
    id: [u8; KEY_ID],
}

impl Key {
    /// Of what messages call `what`.
    fn of(holder: &Bound<'_, PyAny>, what: &str, method: &str) -> PyResult<Self> {
        for attribute in ["name", "key_id", method] {
            if !holder.hasattr(attribute)? {
                let found = type_name(holder);
                return Err(PyTypeError::new_err(format!(
                    "{what} has name, key_id and {method}; {found} has no {attribute}"
                )));
            }
        }
        let name = extract_text(&holder.getattr(intern!(holder.py(), "name"))?, "a key's name")?;
        let id = extract_array(&holder.getattr(intern!(holder.py(), "key_id"))?, "a key id")?;
        Ok(Self { name, id })
    }
}

/// The statement with one signature more.
pub(super) fn signed_by(statement: &SignedStatement, signer: &Bound<'_, PyAny>) -> PyResult<SignedStatement> {
    let py = signer.py();
    let key = Key::of(signer, "a signer", "sign")?;
    let body = statement.statement.body().map_err(no_note)?;
    if statement.signatures.len() >= MAX_SIGNATURES {
        return Err(no_note(NoteError::TooManySignatures(statement.signatures.len().saturating_add(1))));
    }
    let signature = signer.call_method1(intern!(py, "sign"), (PyBytes::new(py, body.as_bytes()),))?;
    let signature = extract_bytes(&signature, "what a signer returns")?;
    let line = SignatureLine::new(&key.name, key.id, signature.to_vec()).map_err(signature_error)?;
    let mut made = statement.clone();
    if !made.signatures.contains(&line) {
        made.signatures.push(line);
    }
    // What is signed can be written.
    made.note().map_err(no_note)?;
    Ok(made)
}

/// Refuses where a line of this key is wrong, and where there is none. Other lines are passed over.
pub(super) fn verify_signature(statement: &SignedStatement, verifier: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = verifier.py();
    let key = Key::of(verifier, "a verifier", "verify")?;
    let mut lines = statement.signatures.iter().filter(|line| line.is_of(&key.name, &key.id)).peekable();
    if lines.peek().is_none() {
        let (name, total) = (&key.name, statement.signatures.len());
        let message = format!("none of {total} signatures is of the key {name:?} with this key id");
        return Err(invalid_signature(py, "UNSIGNED", message));
    }
    let body = statement.statement.body().map_err(no_note)?;
    let body = PyBytes::new(py, body.as_bytes());
    for line in lines {
        let said = verifier.call_method1(intern!(py, "verify"), (&body, PyBytes::new(py, line.signature())))?;
        // A verdict would be easy to overlook, also here.
        if !said.is_none() {
            let found = type_name(&said);
            return Err(PyTypeError::new_err(format!(
                "a verifier returns nothing or raises InvalidSignature; this one returned {found}"
            )));
        }
    }
    Ok(())
}

/// The lines as `tallystick.tlog.Signature`, which carries what a line says.
pub(super) fn lines_of<'py>(py: Python<'py>, lines: &[SignatureLine]) -> PyResult<Bound<'py, PyTuple>> {
    if lines.is_empty() {
        return Ok(PyTuple::empty(py));
    }
    let class = py.import(intern!(py, "tallystick.tlog"))?.getattr(intern!(py, "Signature"))?;
    let made: PyResult<Vec<_>> = lines
        .iter()
        .map(|line| class.call1((line.name(), PyBytes::new(py, line.key_id()), PyBytes::new(py, line.signature()))))
        .collect();
    PyTuple::new(py, made?)
}

/// What signatures are over; `ValueError` for a statement that has no note.
pub(super) fn body_of<'py>(py: Python<'py>, statement: &SignedStatement) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, statement.statement.body().map_err(no_note)?.as_bytes()))
}

/// A note as Python hands it over: bytes, or text.
pub(super) fn extract_note(obj: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match extract_text(obj, "a note") {
        Ok(text) => Ok(text.into_bytes()),
        Err(error) if error.is_instance_of::<PyValueError>(obj.py()) => Err(crate::errors::not_text(error)),
        Err(_) => Ok(extract_bytes(obj, "a note")?.to_vec()),
    }
}
