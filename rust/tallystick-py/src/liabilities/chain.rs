//! Chains of statements.

use pyo3::prelude::*;
use tallystick_proof::liabilities::{Statement, verify_chain};

use super::PyStatement;
use super::receipt_asset::each;
use super::signature::verify_signature;
use crate::errors::chain_error;

/// Checks that each statement is the next after the one before it, and that no snapshot stands twice; returns nothing if so.
///
/// With a ``verifier``, first that each is signed, as :meth:`Statement.verify_signature`. A chain need not begin at sequence 0:
/// begin it with the last statement that you have seen. Proves nothing about what is owed, and nothing about statements
/// that were not shown: :func:`equivocation` is for two that were.
///
/// Raises :class:`ChainError` for statements that are no chain, also for none; :class:`InvalidSignature`; ``TypeError`` for
/// anything but statements. Linear.
///
/// >>> from tallystick import liabilities
/// >>> first = liabilities.Statement(
/// ...     origin="exchange.example", sequence=0, snapshot_id="day 1", time=0, assets={})
/// >>> second = liabilities.Statement(
/// ...     origin="exchange.example", sequence=1, snapshot_id="day 2", time=86_400, assets={}, previous=first.digest)
/// >>> liabilities.verify_chain([first, second])
/// >>> liabilities.verify_chain([second, first])
/// Traceback (most recent call last):
/// tallystick.errors.ChainError: statement 0 is not the next after statement 1
#[pyfunction]
#[pyo3(signature = (statements, *, verifier=None))]
pub(crate) fn liabilities_verify_chain(
    py: Python<'_>,
    statements: &Bound<'_, PyAny>,
    verifier: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let chain: Vec<Bound<'_, PyStatement>> = each(statements, "statements", "Statement")?;
    if let Some(verifier) = verifier {
        for statement in &chain {
            verify_signature(statement.get().signed(), verifier)?;
        }
    }
    let chain: Vec<&Statement> = chain.iter().map(|statement| &statement.get().signed().statement).collect();
    py.detach(|| verify_chain(&chain)).map_err(|error| chain_error(py, error))
}
