//! The iterator over proofs in chunks, which uses the memory of batches that nobody holds again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use tallystick_proof::proof::ProofBatch;
use tallystick_tree::prove::Selection;
use tallystick_tree::tree::{Anchor, DenseTree};

use crate::head::PyTreeHead;
use crate::proof::PyProofBatch;
use crate::run::run;

/// The iterator of :meth:`MerkleTree.proofs`.
#[pyclass(frozen, module = "tallystick._core", name = "ProofChunks")]
pub(crate) struct PyProofChunks {
    tree: Arc<DenseTree>,
    anchor: Anchor,
    indices: Option<Vec<u64>>,
    end: u64,
    chunk: u64,
    place: Mutex<Place>,
}

/// Where an iterator is.
struct Place {
    next: u64,
    /// The last two batches. A loop still holds one when it asks for the next; one that nobody holds gives its memory.
    handed_out: [Option<Arc<ProofBatch>>; 2],
}

#[pymethods]
impl PyProofChunks {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyProofBatch>> {
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
        let batch = run(py, |run| self.tree.prove_anchored(&selection, &self.anchor, used, run)).inspect_err(|_| {
            // As a generator: after an exception there is nothing more, and no chunk is left out unseen.
            self.place().next = self.end;
        })?;
        let batch = Arc::new(batch);
        let mut place = self.place();
        place.handed_out.rotate_left(1);
        place.handed_out[1] = Some(batch.clone());
        Ok(Some(PyProofBatch(batch)))
    }

    /// The head that all batches belong to.
    #[getter]
    fn head(&self) -> PyTreeHead {
        PyTreeHead(self.anchor.head().clone())
    }
}

impl PyProofChunks {
    /// Iterates over `indices`, or over all leaves of the anchored head, `chunk` at a time.
    pub(crate) fn new(tree: Arc<DenseTree>, anchor: Anchor, indices: Option<Vec<u64>>, chunk: u64) -> Self {
        let end = indices.as_ref().map_or(anchor.head().size(), |indices| indices.len() as u64);
        let place = Mutex::new(Place { next: 0, handed_out: [None, None] });
        Self { tree, anchor, indices, end, chunk, place }
    }

    /// Held for a moment only, and never while work runs.
    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
