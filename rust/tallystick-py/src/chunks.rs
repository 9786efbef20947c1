//! The iterators over proofs in chunks, which use the memory of batches that nobody holds again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tallystick_proof::codec::Summed;
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::ProofBatch;
use tallystick_tree::prove::Selection;
use tallystick_tree::tree::{Anchor, DenseTree};

use crate::head::PyTreeHead;
use crate::proof::PyProofBatch;
use crate::run::run;
use crate::sum::{PySumHead, PySumProofBatch};

/// A batch as Python holds it.
pub(crate) trait Batch: Send + Sync + Sized {
    fn of(batch: ProofBatch) -> Self;
    fn into_inner(self) -> ProofBatch;
}

impl Batch for ProofBatch {
    fn of(batch: ProofBatch) -> Self {
        batch
    }

    fn into_inner(self) -> ProofBatch {
        self
    }
}

impl Batch for Summed<ProofBatch> {
    fn of(batch: ProofBatch) -> Self {
        Self(batch)
    }

    fn into_inner(self) -> ProofBatch {
        self.0
    }
}

/// Proofs in chunks, of one head.
pub(crate) struct Chunks<B> {
    tree: Arc<DenseTree>,
    anchor: Anchor,
    indices: Option<Vec<u64>>,
    end: u64,
    chunk: u64,
    place: Mutex<Place<B>>,
}

/// Where an iterator is.
struct Place<B> {
    next: u64,
    /// The last two batches. A loop still holds one when it asks for the next; one that nobody holds gives its memory.
    handed_out: [Option<Arc<B>>; 2],
}

impl<B: Batch> Chunks<B> {
    /// Iterates over `indices`, or over all leaves of the anchored head, `chunk` at a time.
    pub(crate) fn new(tree: Arc<DenseTree>, anchor: Anchor, indices: Option<Vec<u64>>, chunk: u64) -> Self {
        let end = indices.as_ref().map_or(anchor.head().size(), |indices| indices.len() as u64);
        let place = Mutex::new(Place { next: 0, handed_out: [None, None] });
        Self { tree, anchor, indices, end, chunk, place }
    }

    fn next(&self, py: Python<'_>) -> PyResult<Option<Arc<B>>> {
        let (begin, end, used) = {
            let mut place = self.place();
            let begin = place.next;
            place.next = self.end.min(begin.saturating_add(self.chunk));
            let [older, newer] = std::mem::take(&mut place.handed_out);
            place.handed_out[1] = newer;
            (begin, place.next, older.and_then(|batch| Arc::try_unwrap(batch).ok()))
        };
        if begin == end {
            return Ok(None);
        }
        let selection = match &self.indices {
            None => Selection::Range(begin..end),
            Some(indices) => Selection::These(&indices[begin as usize..end as usize]),
        };
        let used = used.map(Batch::into_inner);
        let batch = run(py, |run| self.tree.prove_anchored(&selection, &self.anchor, used, run)).inspect_err(|_| {
            // As a generator: after an exception there is nothing more, and no chunk is left out unseen.
            self.place().next = self.end;
        })?;
        let batch = Arc::new(B::of(batch));
        let mut place = self.place();
        place.handed_out.rotate_left(1);
        place.handed_out[1] = Some(batch.clone());
        Ok(Some(batch))
    }

    fn head(&self) -> TreeHead {
        self.anchor.head().clone()
    }

    /// Held for a moment only, and never while work runs.
    fn place(&self) -> MutexGuard<'_, Place<B>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The iterator of :meth:`MerkleTree.proofs`.
#[pyclass(frozen, module = "tallystick._core", name = "ProofChunks")]
pub(crate) struct PyProofChunks(pub(crate) Chunks<ProofBatch>);

#[pymethods]
impl PyProofChunks {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyProofBatch>> {
        Ok(self.0.next(py)?.map(PyProofBatch))
    }

    /// The head that all batches belong to.
    #[getter]
    fn head(&self) -> PyTreeHead {
        PyTreeHead(self.0.head())
    }
}

/// The iterator of :meth:`SumTree.proofs`.
#[pyclass(frozen, module = "tallystick._core", name = "SumProofChunks")]
pub(crate) struct PySumProofChunks(pub(crate) Chunks<Summed<ProofBatch>>);

#[pymethods]
impl PySumProofChunks {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PySumProofBatch>> {
        Ok(self.0.next(py)?.map(PySumProofBatch))
    }

    /// The head that all batches belong to.
    #[getter]
    fn head(&self) -> PySumHead {
        PySumHead(Summed(self.0.head()))
    }
}
