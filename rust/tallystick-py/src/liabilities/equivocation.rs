//! `Equivocation`: the record of two statements that clash.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::{Clash, Equivocation, NoteError, recorded_clash};

use super::PyStatement;
use super::signature::verify_signature;
use crate::codec::{Encoded, bytes, unlocked, wire_methods};
use crate::errors::{hash_error, invalid, no_note, note_error};
use crate::hash::resolve;
use crate::rows::extract_bytes;

/// Two signed notes of one operator that cannot both be true: a record that anyone can check who trusts the operator's key.
///
/// :func:`equivocation` makes one of two statements. The constructor takes any bytes for the notes, ``first`` being that of
/// the statement with the lower digest; :meth:`verify` says what they prove.
///
/// >>> from tallystick import liabilities
/// >>> def statement(time):
/// ...     return liabilities.Statement(
/// ...         origin="exchange.example", sequence=0, snapshot_id="day 1", time=time, assets={})
/// >>> signer = liabilities.Ed25519Signer.from_seed("exchange.example", bytes(32))
/// >>> record = liabilities.equivocation(statement(0).sign(signer), statement(1).sign(signer))
/// >>> record.verify(signer.verifier)
/// 'sequence'
#[pyclass(frozen, module = "tallystick.liabilities", name = "Equivocation")]
pub(crate) struct PyEquivocation(Equivocation);

#[pymethods]
impl PyEquivocation {
    #[new]
    #[pyo3(signature = (first, second))]
    fn new(first: &Bound<'_, PyAny>, second: &Bound<'_, PyAny>) -> PyResult<Self> {
        let [first, second] = [(first, "first"), (second, "second")].map(|(note, what)| {
            let note = extract_bytes(note, what)?;
            if u32::try_from(note.len()).is_err() {
                return Err(PyValueError::new_err(format!("{what}: a note is far shorter than 2**32 bytes")));
            }
            Ok(note.to_vec())
        });
        Ok(Self(Equivocation { first: first?, second: second? }))
    }

    /// The note whose statement has the lower digest.
    #[getter]
    fn first<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.0.first)
    }

    /// The other note.
    #[getter]
    fn second<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        bytes(py, &self.0.second)
    }

    /// Both statements with their signatures, read at each access. Raises :class:`DecodeError` for notes that are none.
    #[getter]
    fn statements(&self, py: Python<'_>) -> PyResult<(PyStatement, PyStatement)> {
        let read = unlocked(py, self.weight(), || self.0.statements(&resolve));
        let [first, second] = read.map_err(note_error)?;
        Ok((PyStatement::signed_as(first), PyStatement::signed_as(second)))
    }

    /// Checks that one key signed both notes and that their statements clash; returns in what: ``"sequence"``,
    /// ``"snapshot_id"`` or ``"previous"``.
    ///
    /// Proves that whoever has the key has shown two truths. Raises :class:`InvalidSignature` for a note that the verifier's
    /// key has not signed, and :class:`InvalidProof` with the reason ``NO_EQUIVOCATION`` for notes that are none, stand in the
    /// other order or do not clash. Costs two signatures.
    ///
    /// >>> from tallystick import liabilities
    /// >>> signer = liabilities.Ed25519Signer.from_seed("exchange.example", bytes(32))
    /// >>> liabilities.Equivocation(b"", b"").verify(signer.verifier)
    /// Traceback (most recent call last):
    /// tallystick.errors.InvalidProof: a note ends in a newline: every line does, the last too
    #[pyo3(signature = (verifier))]
    fn verify(&self, py: Python<'_>, verifier: &Bound<'_, PyAny>) -> PyResult<&'static str> {
        let refuse = |message: String| invalid(py, "NO_EQUIVOCATION", message);
        let notes = unlocked(py, self.weight(), || self.0.statements(&resolve)).map_err(|error| match error {
            NoteError::Hash(error) => hash_error(error),
            error => refuse(error.to_string()),
        })?;
        for note in &notes {
            verify_signature(note, verifier)?;
        }
        let clash = recorded_clash(&notes);
        clash
            .map(Clash::name)
            .ok_or_else(|| refuse("the statements do not clash, or the first has not the lower digest".to_owned()))
    }

    fn __repr__(&self) -> String {
        format!("<Equivocation: notes of {} and {} bytes>", self.0.first.len(), self.0.second.len())
    }
}

impl Encoded for PyEquivocation {
    type Inner = Equivocation;

    fn inner(&self) -> &Equivocation {
        &self.0
    }

    fn of(inner: Equivocation) -> Self {
        Self(inner)
    }

    fn weight(&self) -> usize {
        self.0.first.len().saturating_add(self.0.second.len())
    }
}

wire_methods!(PyEquivocation, "from tallystick.liabilities import Equivocation", "Equivocation(b'', b'')");

/// The record of two statements in any order, if they clash: different ones of one origin with the same sequence, snapshot id or
/// predecessor. ``None`` if both can be true.
///
/// It holds their notes as they are signed. Signatures are not checked: :meth:`Equivocation.verify` does that, and without
/// them it proves nothing. Raises ``ValueError`` for a statement too long for a note.
///
/// >>> from tallystick import liabilities
/// >>> first = liabilities.Statement(origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={})
/// >>> other = liabilities.Statement(origin="exchange.example", sequence=0, snapshot_id="day 1", time=1, assets={})
/// >>> liabilities.equivocation(first, other)
/// <Equivocation: notes of 206 and 206 bytes>
/// >>> liabilities.equivocation(first, first) is None
/// True
#[pyfunction]
#[pyo3(signature = (a, b))]
pub(crate) fn liabilities_equivocation(
    a: &Bound<'_, PyStatement>,
    b: &Bound<'_, PyStatement>,
) -> PyResult<Option<PyEquivocation>> {
    let record = Equivocation::new(a.get().signed(), b.get().signed()).map_err(no_note)?;
    Ok(record.map(PyEquivocation))
}
