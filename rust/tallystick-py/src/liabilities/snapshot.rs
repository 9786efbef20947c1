//! `Snapshot`: what receipts are made from.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use tallystick_liabilities::error::LiabilityError;
use tallystick_liabilities::export::SHARD;
use tallystick_liabilities::files::Workplace;
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_proof::liabilities::SignedStatement;

use super::claim::extract_id;
use super::receipts::{PyReceiptChunks, PyReceipts};
use super::{PyReceipt, PyStatement};
use crate::argument::Argument;
use crate::errors::{liability_error, liability_path_error};
use crate::hash::resolve;
use crate::indices::extract_size;
use crate::run::run_liabilities;

/// Most shards of an export.
const MOST_SHARDS: u64 = 99_999;

/// A statement with all that its receipts are made from: the trees, and every customer's id and key.
///
/// From :func:`commit`, or :meth:`open`. It is as confidential as the table it was made from. Many threads may ask it at a time; only
/// :meth:`erase` changes it.
///
/// >>> from tallystick import liabilities
/// >>> snapshot = liabilities.commit(
/// ...     {"user": ["alice", "bob"], "BTC": [5, 7]}, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
/// >>> snapshot
/// <Snapshot day 1 of exchange.example: 2 customers, 1 trees, in memory>
/// >>> snapshot.statement.verify(snapshot.receipt("alice"), "alice")
/// {'BTC': 5}
#[pyclass(frozen, module = "tallystick.liabilities", name = "Snapshot", weakref)]
pub(crate) struct PySnapshot(pub(crate) Arc<Snapshot>);

impl PySnapshot {
    pub(super) fn of(snapshot: Snapshot) -> Self {
        Self(Arc::new(snapshot))
    }
}

#[pymethods]
impl PySnapshot {
    /// The statement, unsigned.
    #[getter]
    fn statement(&self) -> PyStatement {
        PyStatement::signed_as(SignedStatement { statement: self.0.statement().clone(), signatures: Vec::new() })
    }

    /// Number of customers in the table, the erased among them, whether they hold anything or not.
    #[getter]
    fn customers(&self) -> u32 {
        self.0.customers()
    }

    /// Whether there is a customer of this id who is not erased.
    ///
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice"], "BTC": [0]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="1")
    /// >>> "alice" in snapshot, "bob" in snapshot
    /// (True, False)
    fn __contains__(&self, py: Python<'_>, user_id: &Bound<'_, PyAny>) -> PyResult<bool> {
        let id = extract_id(user_id)?;
        let id: &[u8] = &id;
        Ok(py.detach(|| self.0.find(id)).is_some())
    }

    /// The receipt of a customer: all leaves of all assets, with proofs.
    ///
    /// ``user_id`` is bytes, or text as its UTF-8. Raises ``KeyError`` if there is no such customer, if it holds nothing, or was
    /// erased; :class:`DecodeError` for damaged files. The first call on an opened snapshot makes an index of all ids, in a second for
    /// 10^7; after that a call takes microseconds.
    ///
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    /// >>> snapshot.receipt("alice").assets[0].parts[0].amount
    /// 5
    #[pyo3(signature = (user_id))]
    fn receipt(&self, py: Python<'_>, user_id: &Bound<'_, PyAny>) -> PyResult<PyReceipt> {
        let id = extract_id(user_id)?;
        let bytes: &[u8] = &id;
        match py.detach(|| self.0.receipt(bytes)).map_err(liability_error)? {
            Some(receipt) => Ok(PyReceipt(receipt)),
            None => Err(PyKeyError::new_err(format!("{}: no holding", user_id.repr()?))),
        }
    }

    /// All receipts, one after the other: an iterator of pairs of id, as bytes, and :class:`Receipt`, in the order of the table.
    ///
    /// Customers without holdings are left out, and those who were erased before the iterator came to them. For many customers
    /// prefer :meth:`encoded_receipts` or :meth:`export`. Memory is that of some thousand receipts.
    ///
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice", "bob", "carol"], "BTC": [5, 0, 7]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    /// >>> [user for user, receipt in snapshot.receipts()]
    /// [b'alice', b'carol']
    fn receipts(&self) -> PyReceipts {
        PyReceipts::of(self.0.clone())
    }

    /// All receipts, encoded, those of ``chunk`` customers at a time: an iterator of :class:`ReceiptChunk`.
    ///
    /// Some chunks are made ahead, one by each thread. The bytes are those of :meth:`Receipt.to_bytes`. Two threads make about a million a second of three assets each. Raises ``ValueError`` for a chunk
    /// of 0.
    ///
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice", "bob", "carol"], "BTC": [5, 6, 7]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    /// >>> chunk = next(snapshot.encoded_receipts())
    /// >>> chunk.ids, chunk[1] == snapshot.receipt("bob").to_bytes()
    /// ([b'alice', b'bob', b'carol'], True)
    #[pyo3(signature = (*, chunk=Argument::Default), text_signature = "($self, *, chunk=1024)")]
    fn encoded_receipts(&self, chunk: Argument<'_>) -> PyResult<PyReceiptChunks> {
        let chunk = match chunk {
            Argument::Default => 1024,
            Argument::Given(chunk) => extract_size(&chunk, "chunk")?,
        };
        if chunk == 0 {
            return Err(PyValueError::new_err("chunk must be at least 1"));
        }
        let chunk = u32::try_from(chunk).unwrap_or(u32::MAX);
        Ok(PyReceiptChunks::of(self.0.clone(), chunk))
    }

    /// Writes all receipts into files, with an index of ids; read them with :func:`open_receipts`.
    ///
    /// ``directory`` is made if it is not there. Each of ``shards`` files, by default one for every 65,536 customers, is written beside its
    /// place, synced and renamed. So after a kill the same call goes on with the shards that are missing, and ends with the same
    /// bytes. Memory is that of some thousand receipts. ``progress(done, customers)`` is called now and then; what it raises ends the
    /// call. The files are as confidential as the table: their owner alone may read them. Raises ``ValueError`` for a directory of another snapshot, with other files, or of another number of shards.
    ///
    /// >>> import pathlib, tempfile
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    /// >>> folder = pathlib.Path(tempfile.mkdtemp()) / "receipts"
    /// >>> snapshot.export(folder, shards=2, progress=lambda done, of: print(done, "of", of))
    /// 1 of 2
    /// 1 of 2
    /// 2 of 2
    /// 2 of 2
    #[pyo3(signature = (directory, *, shards=None, progress=None))]
    fn export(
        &self,
        py: Python<'_>,
        directory: PathBuf,
        shards: Option<&Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let customers = self.0.customers();
        let shards = match shards {
            Some(shards) => extract_size(shards, "shards")?,
            None => u64::from(customers.div_ceil(SHARD).max(1)),
        };
        if !(1..=MOST_SHARDS).contains(&shards) {
            return Err(PyValueError::new_err(format!("shards must be from 1 to {MOST_SHARDS}, not {shards}")));
        }
        let raised = Mutex::new(None);
        let mut tell = |done: u32, all: u32| {
            let Some(progress) = &progress else { return Ok(()) };
            Python::attach(|py| progress.call1(py, (done, all))).map(drop).map_err(|error| {
                raised.lock().unwrap_or_else(PoisonError::into_inner).replace(error);
                LiabilityError::Defect("progress raised")
            })
        };
        let path = directory.clone();
        let done = run_liabilities(py, Some(&path), |run| self.0.export(&directory, shards as u32, &mut tell, run));
        match raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => done,
        }
    }

    /// Deletes a customer's key and id, and with the key the salts of all leaves: zeros are written over them, also in the files of an
    /// opened snapshot.
    ///
    /// What remains are digests and amounts, that they were one customer's, and the length of the id. All other receipts verify, and an
    /// audit counts the erased leaves apart. Receipts that were exported, the table, a column of keys and the secret that keys came from
    /// are yours to delete: while the secret exists, the salts can be made again from the id. Backups and copies are not reached,
    /// nor what a disk keeps of overwritten blocks.
    ///
    /// Raises ``KeyError`` if there is no such customer, ``PermissionError`` and other ``OSError`` for files that cannot be written to.
    ///
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    /// >>> snapshot.erase("alice")
    /// >>> snapshot.statement.verify(snapshot.receipt("bob"), "bob"), "alice" in snapshot
    /// ({'BTC': 7}, False)
    #[pyo3(signature = (user_id))]
    fn erase(&self, py: Python<'_>, user_id: &Bound<'_, PyAny>) -> PyResult<()> {
        let id = extract_id(user_id)?;
        let bytes: &[u8] = &id;
        let erased = py.detach(|| self.0.erase(bytes));
        let folder = self.0.folder();
        let erased = erased.map_err(|error| match folder {
            Some(folder) => liability_path_error(py, error, folder),
            None => liability_error(error),
        })?;
        if erased { Ok(()) } else { Err(PyKeyError::new_err(format!("{}: no such customer", user_id.repr()?))) }
    }

    /// Writes the snapshot to a folder that must not exist, for :meth:`open`. It holds every customer's id and key, and only its owner
    /// may read it.
    ///
    /// Written beside its place, synced and renamed. Raises ``FileExistsError`` and other ``OSError``.
    ///
    /// >>> import pathlib, tempfile
    /// >>> from tallystick import liabilities
    /// >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
    /// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    /// >>> folder = pathlib.Path(tempfile.mkdtemp()) / "day-1"
    /// >>> snapshot.save(folder)
    /// >>> liabilities.open(folder).statement == snapshot.statement
    /// True
    #[pyo3(signature = (directory))]
    fn save(&self, py: Python<'_>, directory: PathBuf) -> PyResult<()> {
        run_liabilities(py, Some(&directory), |run| {
            let workplace = Workplace::new(&directory)?;
            self.0.save(workplace.path(), run)?;
            Ok(workplace.finish()?)
        })
    }

    /// Opens the folder of a snapshot that :meth:`save` or :func:`commit` wrote. Nothing is read but lengths and heads.
    ///
    /// Also :func:`tallystick.liabilities.open`. Raises ``FileNotFoundError``, and :class:`DecodeError` for files that are missing, of
    /// another statement or damaged as far as was looked: nodes are checked before their first use, and all of it by :func:`audit`.
    ///
    /// >>> import pathlib, tempfile
    /// >>> from tallystick import liabilities
    /// >>> folder = pathlib.Path(tempfile.mkdtemp()) / "day-1"
    /// >>> snapshot = liabilities.commit({"user": ["alice"], "BTC": [5]}, id="user", assets={"BTC": 8},
    /// ...     origin="exchange.example", snapshot_id="day 1", path=folder)
    /// >>> liabilities.open(folder).receipt("alice") == snapshot.receipt("alice")
    /// True
    #[staticmethod]
    #[pyo3(signature = (directory))]
    fn open(py: Python<'_>, directory: PathBuf) -> PyResult<Self> {
        run_liabilities(py, Some(&directory), |_| Snapshot::open(&directory, &resolve)).map(Self::of)
    }

    fn __repr__(&self) -> String {
        let statement = self.0.statement();
        let place = if self.0.folder().is_some() { "in files" } else { "in memory" };
        let (customers, trees) = (self.0.customers(), statement.assets.len());
        format!(
            "<Snapshot {} of {}: {customers} customers, {trees} trees, {place}>",
            statement.snapshot_id, statement.origin
        )
    }
}
