//! All receipts of a snapshot, one by one and in chunks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use tallystick_liabilities::error::LiabilityError;
use tallystick_liabilities::receipts::{Encoded as Piece, PIECE};
use tallystick_liabilities::snapshot::Snapshot;
use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::Receipt;

use super::PyReceipt;
use crate::arrays::{array_of, u64_1d};
use crate::hash::resolve;
use crate::run::run_liabilities;

/// Customers whose receipts are made at a time, to be handed out one by one.
const AHEAD: u32 = 4096;
/// Chunks that are made at a time.
const PIECES: u32 = 8;

struct Iteration {
    /// The first customer of whom nothing is ready.
    next: u32,
    /// Made and not handed out, the next one last.
    ready: Vec<(u32, Receipt)>,
}

/// The iterator of :meth:`Snapshot.receipts`.
#[pyclass(frozen, module = "tallystick._core", name = "Receipts")]
pub(crate) struct PyReceipts {
    snapshot: Arc<Snapshot>,
    state: Mutex<Iteration>,
}

impl PyReceipts {
    pub(super) fn of(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, state: Mutex::new(Iteration { next: 0, ready: Vec::new() }) }
    }
}

#[pymethods]
impl PyReceipts {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyBytes>, PyReceipt)>> {
        loop {
            {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                while let Some((customer, receipt)) = state.ready.pop() {
                    // One who was erased since is left out.
                    if let Some(id) = self.snapshot.id(customer) {
                        return Ok(Some((PyBytes::new(py, &id), PyReceipt(receipt))));
                    }
                }
            }
            let begin = self.state.lock().unwrap_or_else(PoisonError::into_inner).next;
            if begin >= self.snapshot.customers() {
                return Ok(None);
            }
            let end = begin.saturating_add(AHEAD);
            let mut ready = run_liabilities(py, None, |run| {
                let mut ready = Vec::new();
                for piece in self.snapshot.encoded(begin..end, PIECE, run)? {
                    for (customer, bytes) in each(&piece) {
                        let receipt = Receipt::decode(bytes, &resolve)
                            .map_err(|_| LiabilityError::Defect("what is encoded decodes"))?;
                        ready.push((customer, receipt));
                    }
                }
                Ok(ready)
            })?;
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have been here meanwhile; then this work was for nothing.
            if state.next == begin {
                ready.reverse();
                (state.next, state.ready) = (end, ready);
            }
        }
    }
}

/// Customers and the bytes of their receipts.
fn each(piece: &Piece) -> impl Iterator<Item = (u32, &[u8])> {
    let begins = std::iter::once(0).chain(piece.ends.iter().copied());
    let ranges = begins.zip(&piece.ends).map(|(begin, end)| piece.data.get(begin..*end).unwrap_or_default());
    piece.customers.iter().copied().zip(ranges)
}

/// The iterator of :meth:`Snapshot.encoded_receipts`.
#[pyclass(frozen, module = "tallystick._core", name = "ReceiptChunks")]
pub(crate) struct PyReceiptChunks {
    snapshot: Arc<Snapshot>,
    chunk: u32,
    /// The first customer of whom nothing is made, and what is made and not handed out.
    state: Mutex<(u32, VecDeque<Piece>)>,
}

impl PyReceiptChunks {
    pub(super) fn of(snapshot: Arc<Snapshot>, chunk: u32) -> Self {
        Self { snapshot, chunk, state: Mutex::new((0, VecDeque::new())) }
    }
}

#[pymethods]
impl PyReceiptChunks {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyReceiptChunk>> {
        loop {
            let begin = {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(mut piece) = state.1.pop_front() {
                    piece.forget(&self.snapshot);
                    if piece.customers.is_empty() {
                        continue;
                    }
                    return Ok(Some(PyReceiptChunk::of(&self.snapshot, piece)));
                }
                state.0
            };
            if begin >= self.snapshot.customers() {
                return Ok(None);
            }
            let end = begin.saturating_add(self.chunk.saturating_mul(PIECES));
            let pieces = run_liabilities(py, None, |run| self.snapshot.encoded(begin..end, self.chunk, run))?;
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            // Another thread may have been here meanwhile; then this work was for nothing.
            if state.0 == begin {
                *state = (end, pieces.into());
            }
        }
    }
}

/// Encoded receipts one behind the other, and whose they are: from :meth:`Snapshot.encoded_receipts`.
///
/// >>> from tallystick import liabilities
/// >>> table = {"user": ["alice", "bob", "carol"], "BTC": [5, 0, 7]}
/// >>> snapshot = liabilities.commit(table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
/// >>> for chunk in snapshot.encoded_receipts(chunk=1000):
/// ...     for user, begin, end in zip(chunk.ids, chunk.offsets, chunk.offsets[1:]):
/// ...         print(user, liabilities.Receipt.from_bytes(chunk.data[begin:end]) == snapshot.receipt(user))
/// b'alice' True
/// b'carol' True
#[pyclass(frozen, module = "tallystick.liabilities", name = "ReceiptChunk", sequence)]
pub(crate) struct PyReceiptChunk {
    snapshot: Arc<Snapshot>,
    customers: Vec<u32>,
    data: Arc<Vec<u8>>,
    offsets: Arc<Vec<u64>>,
}

impl PyReceiptChunk {
    fn of(snapshot: &Arc<Snapshot>, piece: Piece) -> Self {
        let Piece { customers, ends, data } = piece;
        let offsets = std::iter::once(0).chain(ends.iter().map(|end| *end as u64)).collect();
        Self { snapshot: snapshot.clone(), customers, data: Arc::new(data), offsets: Arc::new(offsets) }
    }
}

#[pymethods]
impl PyReceiptChunk {
    fn __len__(&self) -> usize {
        self.customers.len()
    }

    /// Ids, as bytes; of one who was erased since, ``b""``. Made at each access.
    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let ids = py.detach(|| self.customers.iter().map(|customer| self.snapshot.id(*customer)).collect::<Vec<_>>());
        PyList::new(py, ids.iter().map(|id| PyBytes::new(py, id.as_deref().unwrap_or_default())))
    }

    /// The receipts one behind the other, a ``(n,)`` array of uint8.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        array_of(py, self.data.clone(), |data| data.as_slice(), None)
    }

    /// Receipt j is ``data[offsets[j]:offsets[j + 1]]``: a ``(k + 1,)`` array of uint64.
    #[getter]
    fn offsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        u64_1d(py, self.offsets.clone())
    }

    /// The bytes of receipt ``place``. Raises ``IndexError``.
    fn __getitem__<'py>(&self, py: Python<'py>, place: isize) -> PyResult<Bound<'py, PyBytes>> {
        let place = if place < 0 { place.checked_add_unsigned(self.customers.len()) } else { Some(place) };
        let place = place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < self.customers.len());
        let bytes = place.and_then(|place| {
            let (begin, end) = (*self.offsets.get(place)?, *self.offsets.get(place + 1)?);
            self.data.get(begin as usize..end as usize)
        });
        bytes.map(|bytes| PyBytes::new(py, bytes)).ok_or_else(|| PyIndexError::new_err("no such receipt"))
    }

    fn __repr__(&self) -> String {
        format!("<ReceiptChunk of {} receipts, {} bytes>", self.customers.len(), self.data.len())
    }
}
