//! The one funnel from Rust's errors to Python's exceptions. The exception classes are defined in `errors.py`.

use std::fmt::Display;
use std::io;
use std::path::Path;

use pyo3::exceptions::{
    PyIndexError, PyKeyError, PyKeyboardInterrupt, PyMemoryError, PyOSError, PyOverflowError, PyRuntimeError,
    PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use tallystick_liabilities::error::LiabilityError;
use tallystick_proof::codec::DecodeError as Undecodable;
use tallystick_proof::hash::HashError;
use tallystick_proof::head::HeadError;
use tallystick_proof::liabilities::{ChainError as NoChain, NameError, NoteError, SignatureError, StatementError};
use tallystick_proof::proof::ProofError;
use tallystick_proof::scheme::{Kind, Scheme, SchemeError};
use tallystick_proof::verify::Refusal;
use tallystick_store::StoreError as StoreFailure;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::FileError;
use tallystick_tree::foreign::{ForeignError, PluginError, ProbeError};
use tallystick_tree::published::bitmex::{BitmexError, Wrong};

pyo3::import_exception!(tallystick.errors, InvalidProof);
pyo3::import_exception!(tallystick.errors, RootMismatch);
pyo3::import_exception!(tallystick.errors, ChainError);
pyo3::import_exception!(tallystick.errors, InvalidSignature);
pyo3::import_exception!(tallystick.errors, DecodeError);
pyo3::import_exception!(tallystick.errors, StaleHead);
pyo3::import_exception!(tallystick.errors, NotFound);
pyo3::import_exception!(tallystick.errors, StoreError);
pyo3::import_exception!(tallystick.errors, HashFailure);
pyo3::import_exception!(tallystick.errors, RefusedMessage);

/// `InvalidProof` with the member of `Reason` that is called `reason`.
pub(crate) fn invalid(py: Python<'_>, reason: &str, message: String) -> PyErr {
    invalid_at(py, reason, message, &[])
}

/// The same with the places of refused proofs.
pub(crate) fn invalid_at(py: Python<'_>, reason: &str, message: String, failed: &[usize]) -> PyErr {
    let build = || Ok((message, member(py, reason)?, PyTuple::new(py, failed)?.unbind()));
    build().map_or_else(|error: PyErr| error, InvalidProof::new_err)
}

/// The member of `Reason` of this name.
fn member(py: Python<'_>, reason: &str) -> PyResult<Py<PyAny>> {
    Ok(py.import("tallystick.errors")?.getattr("Reason")?.getattr(reason)?.unbind())
}

/// `InvalidSignature` with this reason.
pub(crate) fn invalid_signature(py: Python<'_>, reason: &str, message: String) -> PyErr {
    member(py, reason).map_or_else(|error| error, |reason| InvalidSignature::new_err((message, reason)))
}

/// Statements that do not follow each other.
pub(crate) fn chain_error(py: Python<'_>, error: NoChain) -> PyErr {
    let message = error.to_string();
    member(py, error.reason()).map_or_else(|error| error, |reason| ChainError::new_err((message, reason)))
}

/// A verifier's refusal.
pub(crate) fn refused(py: Python<'_>, refusal: Refusal) -> PyErr {
    refused_of(py, "", refusal)
}

/// The refusal of one of several proofs; the message begins with `which`.
pub(crate) fn refused_of(py: Python<'_>, which: &str, refusal: Refusal) -> PyErr {
    let message = format!("{which}{refusal}");
    match refusal {
        Refusal::RootMismatch { expected, computed, .. } => {
            let bytes = |bytes: &[u8]| PyBytes::new(py, bytes).unbind();
            RootMismatch::new_err((message, bytes(&expected), bytes(&computed)))
        }
        Refusal::NotClaimed(_) => PyValueError::new_err(message),
        Refusal::Hash(error) => hash_error(error),
        Refusal::Defect(_) => PyRuntimeError::new_err(message),
        refusal => invalid(py, refusal.reason(), message),
    }
}

/// A failure of a hash function.
pub(crate) fn hash_error(error: HashError) -> PyErr {
    let message = error.to_string();
    match error {
        HashError::LeafSize { .. } | HashError::EqualSiblings => PyValueError::new_err(message),
        HashError::Number { .. } => PyOverflowError::new_err(message),
        HashError::Refused(_) => RefusedMessage::new_err(message),
        // What a callable raises comes back as itself.
        HashError::Failed(error) => {
            error.downcast::<PyErr>().map_or_else(|_| HashFailure::new_err(message), |raised| *raised)
        }
        _ => PyRuntimeError::new_err(message),
    }
}

/// A name or a size that no hash has, or a hash that failed when it was asked.
pub(crate) fn foreign_error(error: ForeignError) -> PyErr {
    match error {
        ForeignError::Info(error) => PyValueError::new_err(error.to_string()),
        ForeignError::Hash(error) => hash_error(error),
    }
}

/// A hash that does not do what it says.
pub(crate) fn probe_error(name: &str, error: ProbeError) -> PyErr {
    match error {
        ProbeError::Hash(error) => hash_error(error),
        error => HashFailure::new_err(format!("{name} is refused: {error}")),
    }
}

/// A plug-in that is none.
pub(crate) fn plugin_error(error: PluginError) -> PyErr {
    match error {
        PluginError::Info(error) => PyValueError::new_err(error.to_string()),
        error => HashFailure::new_err(error.to_string()),
    }
}

/// Parts of a scheme that do not go together.
pub(crate) fn scheme_error(error: SchemeError) -> PyErr {
    match error {
        SchemeError::ContextNotBound(_) => PyTypeError::new_err(error.to_string()),
        SchemeError::Hash(error) => hash_error(error),
        _ => PyValueError::new_err(error.to_string()),
    }
}

/// Parts of a head that do not go together.
pub(crate) fn head_error(error: HeadError) -> PyErr {
    match error {
        HeadError::Hash(error) => hash_error(error),
        HeadError::Scheme(error) => scheme_error(error),
        HeadError::RootSize { .. } | HeadError::Range | HeadError::NoSums(_) | HeadError::Size { .. } => {
            PyValueError::new_err(error.to_string())
        }
    }
}

/// Parts of a proof that do not go together.
pub(crate) fn proof_error(error: ProofError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Bytes that are not canonical.
pub(crate) fn decode_error(error: Undecodable) -> PyErr {
    match error {
        Undecodable::Hash(error) => hash_error(error),
        error => DecodeError::new_err(error.to_string()),
    }
}

/// Names, codes or ids of liabilities that nothing has.
pub(crate) fn name_error(error: NameError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Parts of a statement that do not go together.
pub(crate) fn statement_error(error: StatementError) -> PyErr {
    match error {
        StatementError::Hash(error) => hash_error(error),
        error => PyValueError::new_err(error.to_string()),
    }
}

/// Parts of a signature line that do not go together.
pub(crate) fn signature_error(error: SignatureError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// A text that is no note.
pub(crate) fn note_error(error: NoteError) -> PyErr {
    match error {
        NoteError::Hash(error) | NoteError::Statement(StatementError::Hash(error)) => hash_error(error),
        error => DecodeError::new_err(error.to_string()),
    }
}

/// A statement that has no note, or no note with these signatures.
pub(crate) fn no_note(error: NoteError) -> PyErr {
    match error {
        NoteError::Hash(error) => hash_error(error),
        error => PyValueError::new_err(error.to_string()),
    }
}

/// Text that cannot be encoded.
pub(crate) fn not_text(error: PyErr) -> PyErr {
    DecodeError::new_err(error.to_string())
}

/// A call on a tree that failed.
pub(crate) fn tree_error(error: TreeError) -> PyErr {
    let message = error.to_string();
    match error {
        TreeError::Hash(error) => hash_error(error),
        TreeError::Interrupted(_) => PyKeyboardInterrupt::new_err(()),
        TreeError::OutOfMemory(_) => PyMemoryError::new_err(message),
        TreeError::TooManyLeaves | TreeError::SumOverflow => PyOverflowError::new_err(message),
        TreeError::IndexOutOfRange { .. } => PyIndexError::new_err(message),
        TreeError::DigestSize(_)
        | TreeError::NamespaceOrder
        | TreeError::NamespaceSize { .. }
        | TreeError::IgnoredNamespace
        | TreeError::SizeOutOfRange { .. }
        | TreeError::NoIndices
        | TreeError::NothingToExtend
        | TreeError::OtherScheme
        | TreeError::NotAdjacent { .. }
        | TreeError::NotFromZero(_)
        | TreeError::OtherLeaves(_)
        | TreeError::LeafCount { .. }
        | TreeError::LowestLevel(_)
        | TreeError::NoFiles
        | TreeError::OtherFile { .. }
        | TreeError::FileNotAdjacent { .. }
        | TreeError::Size { .. }
        | TreeError::KeySize { .. }
        | TreeError::KeyTwice(_)
        | TreeError::NoKeys
        | TreeError::ValueCount { .. }
        | TreeError::ValueDigest { .. }
        | TreeError::EmptyDigest(_)
        | TreeError::DuplicateKey(_)
        | TreeError::EmptyValue(_)
        | TreeError::TooLong(_)
        | TreeError::DuplicateIndex(_) => PyValueError::new_err(message),
        TreeError::NotAppendable(_)
        | TreeError::NoNamespaces(_)
        | TreeError::InOrder(_)
        | TreeError::NoRows
        | TreeError::NoMultiProofs(_)
        | TreeError::NoGrowth(_)
        | TreeError::NoFile(_) => PyTypeError::new_err(message),
        TreeError::StaleHead { .. } | TreeError::OtherHead { .. } | TreeError::OtherRoot => StaleHead::new_err(message),
        TreeError::AbsentKey(_) | TreeError::KeyNotFound(_) => PyKeyError::new_err(message),
        // What a store raises comes back as itself.
        TreeError::Store(error) => {
            error.downcast::<PyErr>().map_or_else(|_| StoreError::new_err(message), |raised| *raised)
        }
        TreeError::HoldsTree | TreeError::OtherWriter | TreeError::Damaged(_) | TreeError::MissingTile(_) => {
            StoreError::new_err(message)
        }
        TreeError::NoVersion { .. } | TreeError::NoVersionAt(_) | TreeError::NoTree => NotFound::new_err(message),
        TreeError::ReadOnly | TreeError::OldVersion | TreeError::NoLeaves(_) => unsupported(message),
        TreeError::File(error) => file_error(error),
        TreeError::CalledAgain | TreeError::Defect(_) => PyRuntimeError::new_err(message),
    }
}

/// The same for a call on the file at `path`.
pub(crate) fn path_error(py: Python<'_>, error: TreeError, path: &Path) -> PyErr {
    let error = match error {
        TreeError::File(FileError::Io(error)) => error,
        // A page's error names the file by itself.
        TreeError::File(error) if !matches!(error, FileError::Page { .. }) => {
            return DecodeError::new_err(format!("{}: {error}", path.display()));
        }
        error => return tree_error(error),
    };
    if error.kind() == io::ErrorKind::InvalidInput {
        return PyValueError::new_err(format!("no path: {error}"));
    }
    let Some(code) = system_code(&error) else { return error.into() };
    let text = py.import("os").and_then(|os| os.call_method1("strerror", (code,))?.extract::<String>());
    match text {
        Ok(text) => PyOSError::new_err((code, text, path.as_os_str().to_os_string())),
        Err(error) => error,
    }
}

/// The system's number of an error. One that was made or wrapped on the way has only its kind left.
fn system_code(error: &io::Error) -> Option<i32> {
    // As errno.h has them on every system that Python runs on.
    let code = match error.kind() {
        io::ErrorKind::NotFound => 2,
        io::ErrorKind::PermissionDenied => 13,
        io::ErrorKind::AlreadyExists => 17,
        io::ErrorKind::NotADirectory => 20,
        io::ErrorKind::IsADirectory => 21,
        io::ErrorKind::StorageFull => 28,
        io::ErrorKind::ReadOnlyFilesystem => 30,
        _ => return error.raw_os_error(),
    };
    Some(error.raw_os_error().unwrap_or(code))
}

/// A call on holdings or on a snapshot that failed.
pub(crate) fn liability_error(error: LiabilityError) -> PyErr {
    let message = error.to_string();
    liability_exception(error, message)
}

/// The same; messages begin with the place.
pub(crate) fn liability_error_at(place: &dyn Display, error: LiabilityError) -> PyErr {
    let message = format!("{place}: {error}");
    liability_exception(error, message)
}

fn liability_exception(error: LiabilityError, message: String) -> PyErr {
    match error {
        LiabilityError::Tree(error) => tree_error(error),
        LiabilityError::Io(error) => error.into(),
        LiabilityError::Damaged { .. } | LiabilityError::Undecodable { .. } => DecodeError::new_err(message),
        LiabilityError::TooMany(_) | LiabilityError::SumOverflow(_) => PyOverflowError::new_err(message),
        LiabilityError::Name(_)
        | LiabilityError::Statement(_)
        | LiabilityError::Decimals(_)
        | LiabilityError::ZeroKey
        | LiabilityError::OtherKey
        | LiabilityError::OtherExport { .. }
        | LiabilityError::TooFewUnits { .. } => PyValueError::new_err(message),
        LiabilityError::Defect(_) => PyRuntimeError::new_err(message),
    }
}

/// The same for a call on the folder at `path`, which errors of the system name.
pub(crate) fn liability_path_error(py: Python<'_>, error: LiabilityError, path: &Path) -> PyErr {
    match error {
        LiabilityError::Io(error) => path_error(py, FileError::from(error).into(), path),
        LiabilityError::Tree(error) => path_error(py, error, path),
        LiabilityError::Damaged { .. } | LiabilityError::Undecodable { .. } => {
            DecodeError::new_err(format!("{}: {error}", path.display()))
        }
        error => liability_error(error),
    }
}

/// A published file at `path` that cannot be written or is refused.
pub(crate) fn bitmex_error(py: Python<'_>, error: BitmexError, path: &Path) -> PyErr {
    let message = format!("{}: {error}", path.display());
    match error {
        BitmexError::Tree(error) => path_error(py, error, path),
        BitmexError::Lengths { .. } | BitmexError::Duplicate { .. } | BitmexError::Nothing => {
            PyValueError::new_err(error.to_string())
        }
        BitmexError::Overflow | BitmexError::TooMany => PyOverflowError::new_err(error.to_string()),
        BitmexError::Malformed { .. } | BitmexError::Count(_) => DecodeError::new_err(message),
        BitmexError::Root { found, expected } if found.hash == expected.hash => {
            let message = format!("{message}: its total is {}, not {}", found.amount, expected.amount);
            invalid(py, "TOTAL_MISMATCH", message)
        }
        BitmexError::Root { found, expected } => {
            let bytes = |bytes: &[u8]| PyBytes::new(py, bytes).unbind();
            RootMismatch::new_err((message, bytes(&expected.hash), bytes(&found.hash)))
        }
        BitmexError::Node { why: Wrong::Overflow, .. } => invalid(py, "SUM_OVERFLOW", message),
        BitmexError::Node { .. } => invalid(py, "NODE_MISMATCH", message),
    }
}

/// A tree file that cannot be read or written.
fn file_error(error: FileError) -> PyErr {
    match error {
        FileError::Io(error) => error.into(),
        FileError::Header(error) => decode_error(error),
        error => DecodeError::new_err(error.to_string()),
    }
}

/// A call on the store at `path` that failed. Where the system refused something, its error is the cause.
pub(crate) fn store_error(py: Python<'_>, path: &Path, error: StoreFailure) -> PyErr {
    let message = match error {
        StoreFailure::Io { .. } | StoreFailure::Damaged { .. } | StoreFailure::NoStore | StoreFailure::InDoubt => {
            format!("{}: {error}", path.display())
        }
        _ => error.to_string(),
    };
    match error {
        StoreFailure::NotFound(_) => NotFound::new_err(message),
        StoreFailure::Name(_) | StoreFailure::Twice(_) | StoreFailure::LongTile { .. } | StoreFailure::LongHead(_) => {
            PyValueError::new_err(message)
        }
        StoreFailure::Io { error, .. } => {
            let raised = StoreError::new_err(message);
            raised.set_cause(py, Some(error.into()));
            raised
        }
        StoreFailure::ReadOnly => unsupported(message),
        StoreFailure::Damaged { .. }
        | StoreFailure::Locked(_)
        | StoreFailure::NoFile(_)
        | StoreFailure::NoStore
        | StoreFailure::InDoubt
        | StoreFailure::Forked
        | StoreFailure::Closed
        | StoreFailure::Unsupported => StoreError::new_err(message),
    }
}

/// The file of a tree of another kind than is being opened.
pub(crate) fn other_kind_of_file(path: &Path, scheme: &Scheme) -> PyErr {
    let class = match scheme.kind() {
        Kind::Dense => "MerkleTree",
        Kind::Sum => "SumTree",
        Kind::Sparse => "SparseTree",
        Kind::Namespaced => "NamespacedTree",
    };
    let (path, name) = (path.display(), scheme.name());
    DecodeError::new_err(format!("{path} is the file of a tree in {name}: open it by {class}.open"))
}

/// `io.UnsupportedOperation`: what a file, as it was opened, does not offer.
fn unsupported(message: String) -> PyErr {
    Python::attach(|py| match py.import("io").and_then(|io| io.getattr("UnsupportedOperation")?.call1((message,))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    })
}
